"""Exhibits of notebook 08: a chart with its finding, measure and alternative text, or a sentence where there is none.

Goes in: frames of `spells` and tidy tables. Comes out: what a notebook shows. The words are computed from the rows that
are drawn.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from childrens_services import vocabulary
from childrens_services.analysis import compare, spells, timeline
from childrens_services.answers import old_export as export
from childrens_services.answers import spell_charts, wait_story
from childrens_services.answers import spell_story as story
from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    Table,
    alt_text,
    count,
    in_a_row,
    join,
    number,
    say,
    show_table,
    tell,
)
from childrens_services.rounding import half_up

Shown = export.Chart | Paragraphs
FEWEST_GRADED = 10  # authorities with a grade, without which a spread by grade says nothing


def draw_survival(
    found: pd.DataFrame, names: Mapping[str, str], judgement: str, when: pd.Timestamp, edition: str
) -> Shown:
    """Show how long an inadequate grade lasts in one judgement area, with the chosen authorities on the curve."""
    if not spells.enough(found):
        return tell(story.too_few(found, judgement, when))
    curve = spells.survival(found)
    marks = _marks(found, curve, names)
    finding = story.median_title(found, judgement)
    sources = " ".join(sorted({one for row in found["source_id"] for one in row.split()}))
    return export.chart(
        spell_charts.survival_curve(curve, marks, list(names.values())), curve.assign(source_id=sources),
        name=f"survival-{judgement.replace('_', '-')}", finding=finding,
        subtitle=say("Share of {grades} that last longer (Kaplan-Meier), England, ILACS, {day}",
                     grades=story.grades_in(judgement), day=story.on_day(when, found)),
        alt=alt_text("Falling steps with a band", finding),
        description=say("A curve that falls in steps from all to few, with a confidence band. {median} {own}",
                        median=story.median_sentence(found, judgement, when),
                        own=in_a_row(standings(found, names, judgement, when))), edition=edition,
    )  # fmt: skip


def standings(found: pd.DataFrame, names: Mapping[str, str], judgement: str, when: pd.Timestamp) -> list[Sentence]:
    """Say where each of the chosen authorities' spells stands, one or more sentences an authority."""
    return [said for code, name in names.items() for said in story.standing(found, code, name, judgement, when)]


def _marks(found: pd.DataFrame, curve: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Give the chosen authorities' spells with their place on the curve and the words beside it."""
    mine = found[found["la_code_ons"].isin(names)].copy()
    words = {"lasting": "so far", "ended": "in all"}
    mine["note"] = [
        f"{names[row.la_code_ons]}: {row.days:,} days {words.get(row.state, 'followed')}" for row in mine.itertuples()
    ]
    mine["lasting"] = [spells.lasting_at(curve, days) for days in mine["days"]]
    return mine.assign(name=mine["la_code_ons"].map(names))


def by_judgement(every: Mapping[str, pd.DataFrame], when: pd.Timestamp) -> Table | Paragraphs:
    """Show spells, how many ended, and the median with its interval for each judgement area."""
    shown = {judgement: found for judgement, found in every.items() if len(found)}
    if not shown:
        return tell(say("No inadequate grade under the ILACS framework was public on this day."))
    body = [(story.TITLES[judgement], *_judgement_row(found)) for judgement, found in shown.items()]
    caption = say(
        "Spells of an inadequate grade by judgement area, known by {day}",
        day=story.on_day(when, next(iter(shown.values()))),
    )
    columns = [
        "Judgement area",
        "Spells",
        "Ended by a better grade",
        "Cut off by other ends",
        "Median, days",
        "Interval of the median",
    ]
    return show_table(caption, columns, body)


def _judgement_row(found: pd.DataFrame) -> Sequence[Number | Sentence | str]:
    ended, other = (
        found[found["state"].isin(states)] for states in (["ended"], ["authority_ended", "judgement_ended"])
    )
    row = [
        count(found, "judgements", "spells of an inadequate grade"),
        count(ended, "judgements", "spells ended by a better grade"),
        count(other, "judgements", "spells cut off because the authority or the judgement ended")
    ]  # fmt: skip
    if not spells.enough(found):
        return [*row, "too few spells", "too few spells"]
    curve = spells.survival(found)
    middle = spells.median_days(curve)
    if pd.isna(middle):
        return [*row, "not reached", "not reached"]
    return [*row, story.days_of(middle, "Kaplan-Meier median", found), story.interval(curve, found)]


def draw_next_grades(judgements: pd.DataFrame, judgement: str, when: pd.Timestamp, edition: str) -> Shown:
    """Show what the next grade was after an inadequate one."""
    later = spells.next_grades(judgements, judgement, when)
    finding = story.next_title(later, judgement)
    if later["next_grade"].notna().sum() == 0:
        return tell(story.next_sentence(later, judgement))
    order = [*spell_charts.GRADE_ORDER, "none"]
    tally = later["next_grade"].fillna("none").value_counts()
    words = {**story.NEXT_WORDS, "none": "no later grade known"}
    counts = pd.DataFrame({"grade": [g for g in order if g in tally]})
    counts = counts.assign(
        label=counts["grade"].map(words).str.capitalize(), number=counts["grade"].map(tally),
        source_id=" ".join(sorted({one for row in later["source_id"] for one in row.split()}))
    )  # fmt: skip
    return export.chart(
        spell_charts.next_grade_bars(counts), counts, name=f"next-grade-{judgement.replace('_', '-')}",
        finding=finding,
        subtitle=say(
            "{grades} by the grade of the next inspection, England, ILACS, {day}",
            grades=story.grades_in(judgement).capitalize(), day=story.on_day(when, later)
        ), alt=alt_text("Bars", finding),
        description=say("Bars from zero. {said}", said=story.next_sentence(later, judgement)), edition=edition
    )  # fmt: skip


def draw_waits(
    events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str], when: pd.Timestamp, edition: str
) -> Shown:
    """Show how long reports took and how far apart inspections were."""
    rows = spells.waits(events, judgements, when)
    said = wait_story.waits_sentences(rows, names)
    if len(rows) < FEWEST_GRADED:
        return tell(said)
    middle = rows["days_to_report"].median()
    finding = say(
        "Half of reports come out within {days} days of the inspection's start",
        days=story.days_of(middle, "median of days from first day to publication", rows, "events")
    )  # fmt: skip
    return export.chart(
        spell_charts.waits(rows, names), rows, name="waits", finding=finding,
        subtitle=say(
            "Graded ILACS inspections, England, published by {day}; dots: {who}", day=story.on_day(when, rows),
            who=join(names.values())
        ), alt=alt_text("Two histograms with dots", finding),
        description=say(
            "Histograms of the wait for a report and of the time between inspections. {said}", said=in_a_row(said)
        ), edition=edition
    )  # fmt: skip


def draw_money_and_grades(
    spending: pd.DataFrame, population: pd.DataFrame, judgements: pd.DataFrame, authorities: pd.DataFrame,
    names: Mapping[str, str], edition: str,
) -> Shown:  # fmt: skip
    """Show spending per child in the newest year of section 251 by the overall grade held at the end of that year."""
    gross = spending[(spending["collection"] == "section_251") & (spending["measure"] == "gross_expenditure")]
    gross = gross[gross["line"] == "total"]
    if gross.empty:
        return tell(say("No section 251 return that was public on this day is in the tables."))
    year = gross["financial_year"].max()
    end = spells.year_end(year)
    grades = timeline.grades_on(judgements, authorities, end.date(), "overall_effectiveness")
    rows = spells.spending_by_grade(compare.per_child(gross[gross["financial_year"] == year], population), grades)
    if len(rows) < FEWEST_GRADED:
        return tell(
            say(
                "Too few authorities held an ILACS grade at the end of {year}, the newest year of section 251, to "
                "set money beside grades: {n}.",
                n=count(rows, "judgements", "authorities with a grade and a plausible return", zero="none"),
                year=_year(year, rows)
            )
        )  # fmt: skip
    rows = rows.assign(name=rows["area_code"].map(names).fillna(rows["name"]))
    finding = _spending_title(rows)
    own = [_own_spending(rows[rows["area_code"] == code], name) for code, name in names.items()]
    return export.chart(
        spell_charts.spending_strip(rows, names),
        rows[
            [
                "name", "area_code", "financial_year", "grade", "amount_gbp", "children", "amount_per_child",
                "source_id"
            ]
        ], name="money-and-grades", finding=finding,
        subtitle=say(
            "Gross spending per child aged 0 to 17, all children's services, section 251, {year}, by overall grade "
            "on {day}. Bar: median", year=_year(year, rows),
            day=story.on_day(end, rows, "last day of the financial year")
        ), alt=alt_text("Dots in a row for each grade", finding),
        description=say(
            "A dot for each authority, in rows by grade. {parts}. {own}.",
            parts=join([_by_grade(rows, g) for g in _held(rows)]), own=join(own)
        ), edition=edition
    )  # fmt: skip


def _held(rows: pd.DataFrame) -> list[str]:
    return [grade for grade in spell_charts.GRADE_ORDER if (rows["grade"] == grade).any()]


def _year(year: str, rows: pd.DataFrame) -> Number:
    return number(year, year, "newest financial year of section 251 public on the day", rows.head(0), "spending")


def _pounds(value: float, how: str, rows: pd.DataFrame) -> Number:
    return number(float(value), f"£{half_up(value):,}", how, rows, "spending")


def _by_grade(rows: pd.DataFrame, grade: str) -> Sentence:
    mine = rows[rows["grade"] == grade]
    low, middle, high = mine["amount_per_child"].quantile([0.25, 0.5, 0.75])
    words = {
        "n": count(mine, "judgements", f"authorities graded {grade} with a plausible return"),
        "grade": vocabulary.GRADE_NAMES[grade],
        "middle": _pounds(middle, "median gross expenditure per child", mine)
    }  # fmt: skip
    if len(mine) < 4:
        return say("{n} {grade}, median {middle}", **words)
    return say("{n} {grade}, median {middle}, middle half {low} to {high}", low=_pounds(low, "lower quartile", mine),
               high=_pounds(high, "upper quartile", mine), **words)  # fmt: skip


def _spending_title(rows: pd.DataFrame) -> Sentence:
    """Say the medians of the worst and the best grade that at least four authorities hold."""
    held = [grade for grade in _held(rows) if (rows["grade"] == grade).sum() >= 4]
    parts = [say("{grade} {middle}", grade=vocabulary.GRADE_NAMES[grade],
                 middle=_pounds(mine["amount_per_child"].median(), f"median of authorities graded {grade}", mine))
             for grade in reversed(held) for mine in [rows[rows["grade"] == grade]]]  # fmt: skip
    return say("Median spending per child by overall grade: {parts}", parts=join(parts))


def _own_spending(mine: pd.DataFrame, name: str) -> Sentence:
    if mine.empty:
        return say("{name} has no grade or no plausible return for that year", name=name)
    return say(
        "{name}, {grade}, spent {amount}", name=name, grade=vocabulary.GRADE_NAMES[mine["grade"].iloc[0]],
        amount=_pounds(mine["amount_per_child"].iloc[0], "gross expenditure / children aged 0 to 17", mine)
    )  # fmt: skip
