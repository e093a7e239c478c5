"""Sentences and tables about how long an inadequate grade lasts, for any one to four authorities and any day.

Goes in: frames of `spells`. Comes out: cited sentences and tables. An estimate is given with its interval and with the
number of spells behind it; fewer than ten spells are counted and not estimated from.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import vocabulary
from childrens_services.analysis import spells
from childrens_services.answers.narrative import (
    Number,
    Sentence,
    count,
    join,
    number,
    plural,
    rows_of,
    say,
)
from childrens_services.periods import english_day
from childrens_services.rounding import half_up

DAYS_A_YEAR = 365.25
AREAS = (
    "overall_effectiveness", "help_and_protection", "impact_of_leaders", "children_in_care_and_care_leavers",
    "children_in_care", "care_leavers",
)  # fmt: skip
TITLES = {j.judgement: j.title for j in vocabulary.JUDGEMENTS if j.framework == vocabulary.Framework.ILACS}
NEXT_WORDS = {**vocabulary.GRADE_NAMES, "inadequate": "inadequate again"}


def in_area(judgement: str) -> str:
    """Give the words that follow "inadequate": overall, or for an area."""
    return "overall" if judgement == "overall_effectiveness" else f"for {TITLES[judgement].lower()}"


def grades_in(judgement: str, n: float = 2) -> str:
    """Give the words for inadequate grades in an area: "inadequate overall grades", "inadequate grades for ..."."""
    word = plural(n, "grade")
    return (
        f"inadequate overall {word}"
        if judgement == "overall_effectiveness"
        else f"inadequate {word} {in_area(judgement)}"
    )


def on_day(
    when: pd.Timestamp, rows: pd.DataFrame, how: str = "last day to which grades of all authorities are known"
) -> Number:
    """Cite a day that comes of no single row."""
    return number(when.date(), english_day(when.date()), how, rows.head(0), "judgements")


def days_of(value: float, how: str, rows: pd.DataFrame, table: str = "judgements") -> Number:
    """Cite a length in days: 1,348."""
    return number(float(value), f"{half_up(value):,}", how, rows, table)


def years_of(value: float, how: str, rows: pd.DataFrame, table: str = "judgements") -> Number:
    """Cite a length in days as years of 365.25 days: 3.7."""
    return number(float(value) / DAYS_A_YEAR, f"{half_up(value / DAYS_A_YEAR, 1)}", how, rows, table)


def per_cent(share: float, how: str, rows: pd.DataFrame) -> Number:
    """Cite a share from 0 to 1 as a whole percentage."""
    return number(float(share) * 100, f"{half_up(share * 100)}", how, rows, "judgements")


def too_few(found: pd.DataFrame, judgement: str, when: pd.Timestamp) -> Sentence:
    """Say how many spells there are where there are too few for a curve."""
    if pd.isna(when) or found.empty:
        return say("No {grades} under the ILACS framework was public on this day.", grades=grades_in(judgement, 1))
    ended = found[found["state"] == "ended"]
    return say(
        "By {day}, {n} {word} had been graded inadequate {area} under the ILACS framework, and {ended} of these "
        "grades had ended: too few for a curve.", day=on_day(when, found), area=in_area(judgement),
        n=count(found, "judgements", "spells of an inadequate grade"),
        word=plural(len(found), "authority", "authorities"),
        ended=count(ended, "judgements", "spells ended by a better grade", zero="none")
    )  # fmt: skip


def median_sentence(found: pd.DataFrame, judgement: str, when: pd.Timestamp) -> Sentence:
    """Say how long an inadequate grade lasts: the estimated median with its interval, or why there is none."""
    if not spells.enough(found):
        return too_few(found, judgement, when)
    curve = spells.survival(found)
    middle = spells.median_days(curve)
    numbers = {
        "grades": grades_in(judgement),
        "ended": count(found[found["state"] == "ended"], "judgements", "spells ended by a better grade"),
        "n": count(found, "judgements", "spells of an inadequate grade, ended and censored"),
        "day": on_day(when, found)
    }  # fmt: skip
    if pd.isna(middle):
        return say("Of {n} {grades} known by {day}, {ended} had ended: not enough to say within what time half of them "
                   "end.", **numbers)  # fmt: skip
    return say(
        "Half of {grades} had given way to a better one within {median} days, or {years} years ({interval}): an "
        "estimate from {n} spells known by {day}, of which {ended} had ended.", interval=interval(curve, found),
        median=days_of(middle, "Kaplan-Meier median", found),
        years=years_of(middle, "Kaplan-Meier median / 365.25", found), **numbers
    )  # fmt: skip


def interval(curve: pd.DataFrame, found: pd.DataFrame) -> Sentence:
    """Give the median's interval, for example 1,268 to 1,476 days; open where the band stays above a half."""
    low, high = (spells.median_days(curve, end) for end in ("low", "high"))
    if pd.isna(low):  # with few ended spells the band has not come down to a half
        return say("no interval yet")
    level = number(95, "95", "level of confidence", found.head(0), "judgements")
    least = days_of(low, "first day on which the lower confidence limit is a half or less", found)
    if pd.isna(high):
        return say("{level} per cent interval from {low} days up, no upper end yet", level=level, low=least)
    most = days_of(high, "first day on which the upper confidence limit is a half or less", found)
    return say("{level} per cent interval {low} to {high} days", level=level, low=least, high=most)


def median_title(found: pd.DataFrame, judgement: str) -> Sentence:
    """Say the median, or how many spells have ended, as a title."""
    middle = spells.median_days(spells.survival(found))
    if pd.isna(middle):
        return say(
            "{ended} of {n} {grades} had ended", grades=grades_in(judgement),
            ended=count(
                found[found["state"] == "ended"], "judgements", "spells ended by a better grade", zero="None"
            ), n=count(found, "judgements", "spells of an inadequate grade")
        )  # fmt: skip
    return say("Half of {grades} end within {years} years", grades=grades_in(judgement),
               years=years_of(middle, "Kaplan-Meier median / 365.25", found))  # fmt: skip


def standing(found: pd.DataFrame, code: str, name: str, judgement: str, when: pd.Timestamp) -> list[Sentence]:
    """Say of each spell of one authority how long it lasted, or has lasted so far and how that compares."""
    mine = found[found["la_code_ons"] == code]
    if mine.empty:
        return [say("{name} has no {grades} in this history.", name=name, grades=grades_in(judgement, 1))]
    said = [_stood(row, name, judgement, when) for row in rows_of(mine)]
    last = mine.tail(1)
    if last["state"].iloc[0] != "lasting" or not spells.enough(found):
        return said
    return [*said, _share_at(found, last, name)]


def _stood(spell: pd.DataFrame, name: str, judgement: str, when: pd.Timestamp) -> Sentence:
    row = spell.iloc[0]
    words = {
        "name": name, "area": in_area(judgement),
        "begun": on_day(row["begun"], spell, "day the inadequate grade was published"),
        "days": days_of(row["days"], "days from the publication of the inadequate grade", spell),
        "word": plural(row["days"], "day"), "until": on_day(row["until"], spell, "last day of the spell"),
        "again": _again(spell)
    }  # fmt: skip
    if row["state"] == "lasting":
        return say("{name} has been inadequate {area} since {begun}: {days} {word} on {until}{again}.", **words)
    if row["state"] == "ended":
        return say(
            "{name} was inadequate {area} from {begun} until {until}, {days} {word}{again}; its next grade was "
            "{grade}.", grade=vocabulary.GRADE_NAMES[row["next_grade"]], **words
        )  # fmt: skip
    why = {
        "authority_ended": "when the authority ended",
        "judgement_ended": "when the next inspection no longer made this judgement",
    }
    return say("{name} was inadequate {area} from {begun} and still on {until}, {days} {word} later{again}, {why}.",
               why=why[row["state"]], **words)  # fmt: skip


def _again(spell: pd.DataFrame) -> Sentence:
    times = int(spell["inspections"].iloc[0])
    if times == 1:
        return say("")
    return say(
        ", found so by {n} inspections in a row",
        n=number(times, f"{times}", "inadequate grades in a row", spell, "judgements"),
    )


def _share_at(found: pd.DataFrame, spell: pd.DataFrame, name: str) -> Sentence:
    """Say which share of spells lasts longer than this one has so far."""
    curve, length = spells.survival(found), spell["days"].iloc[0]
    longer = found[found["days"] > length]
    low, high = (spells.lasting_at(curve, length, end) for end in ("low", "high"))
    share = spells.lasting_at(curve, length)
    known = count(longer, "judgements", "spells followed for longer, ended since or not", zero="none")
    if share == 1:
        return say(
            "No inadequate grade had ended so soon; {n} of the {all} spells had been followed for longer.", n=known,
            all=count(found, "judgements", "spells of an inadequate grade")
        )  # fmt: skip
    if pd.isna(low):
        return say("Every other spell that was followed so long had ended.")
    how = "Kaplan-Meier estimate at the length of this spell"
    return say(
        "An estimated {share} per cent of such grades last longer than {name}'s had by then ({level} per cent "
        "interval {low} to {high}); {n} of the {all} spells had been followed for longer.", name=name,
        share=per_cent(share, how, found),
        level=number(95, "95", "level of confidence", found.head(0), "judgements"),
        low=per_cent(low, f"{how}, lower limit", found), high=per_cent(high, f"{how}, upper limit", found), n=known,
        all=count(found, "judgements", "spells of an inadequate grade")
    )  # fmt: skip


def since_then(
    found: pd.DataFrame, events: pd.DataFrame, names: Mapping[str, str], when: pd.Timestamp, today: pd.Timestamp
) -> list[Sentence]:
    """Say how long a spell has lasted by `today` where the tables hold later events of an authority but no grade."""
    said = []
    for code, name in names.items():
        last = found[(found["la_code_ons"] == code) & (found["state"] == "lasting")].tail(1)
        later = events[(events["la_code_ons"] == code) & (events["start_earliest"] > when)]
        if len(last) and len(later) and today > when:
            so_far = (today - last["begun"].iloc[0]).days
            said.append(
                say(
                    "Sources about {name} were read up to {today} and show no later grade: if none came, its "
                    "inadequate grade had then lasted {days} days{share}.", name=name,
                    share=_share_then(found, so_far), today=on_day(today, last, "day on which the reader stands"),
                    days=days_of(so_far, "days from the publication of the inadequate grade", last)
                )
            )  # fmt: skip
    return said


def _share_then(found: pd.DataFrame, days: int) -> Sentence:
    """Say which share of spells lasts longer than so many days, where the curve reaches so far."""
    if not spells.enough(found) or pd.isna(share := spells.lasting_at(spells.survival(found), days)):
        return say("")
    return say(", and an estimated {share} per cent of such grades last longer still",
               share=per_cent(share, "Kaplan-Meier estimate at this length", found))  # fmt: skip


def shortest_and_longest(found: pd.DataFrame) -> list[Sentence]:
    """Say how short the shortest ended spell was and how long the longest of all; nothing before one has ended."""
    ended = found[found["state"] == "ended"]
    if ended.empty:
        return []
    short, long = ended.nsmallest(1, "days"), found.nlargest(1, "days")
    state = "and had not ended" if long["state"].iloc[0] != "ended" else "before it ended"
    return [
        say(
            "The shortest that ended, of {a}, had lasted {short} days; the longest of all, of {b}, had lasted "
            "{long} days {state}.", a=short["name"].iloc[0], b=long["name"].iloc[0], state=state,
            short=days_of(short["days"].iloc[0], "shortest ended spell", short),
            long=days_of(long["days"].iloc[0], "longest spell", long)
        )
    ]  # fmt: skip


def next_title(later: pd.DataFrame, judgement: str) -> Sentence:
    """Say what came after an inadequate grade, as a title or sentence."""
    known = later[later["next_grade"].notna()]
    parts = [
        say(
            "{n} {grade}", n=count(rows, "judgements", "inadequate grades followed by this grade"),
            grade=NEXT_WORDS[grade]
        ) for grade in ("outstanding", "good", "requires_improvement", "inadequate")
        for rows in [known[known["next_grade"] == grade]] if len(rows)
    ]  # fmt: skip
    return say("After {n} {grades}: {parts}", grades=grades_in(judgement, len(known)), parts=join(parts),
               n=count(known, "judgements", "inadequate grades with a later grade"))  # fmt: skip


def next_sentence(later: pd.DataFrame, judgement: str) -> Sentence:
    """Say what came after an inadequate grade, and for how many no later grade is known."""
    if later.empty:
        return say("No {grades} under the ILACS framework was public on this day.", grades=grades_in(judgement, 1))
    waiting = later[later["next_grade"].isna()]
    if len(waiting) == len(later):
        return say("No later grade was known for any of {n} {grades}.", grades=grades_in(judgement, len(later)),
                   n=count(later, "judgements", "inadequate grades without a later grade"))  # fmt: skip
    return say("{title}. For {n} more no later grade is known.", title=next_title(later, judgement),
               n=count(waiting, "judgements", "inadequate grades without a later grade", zero="none"))  # fmt: skip
