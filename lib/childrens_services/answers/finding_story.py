"""What inspectors found, by theme: sentences, for any one to four authorities and any day.

Goes in: frames of `findings`. Comes out: cited sentences. Inspections are compared by shares, because reports differ in
length, and every share is said with its counts.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import ordering, vocabulary
from childrens_services.analysis import findings
from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    cell,
    count,
    join,
    number,
    plural,
    say,
    span,
    tell,
)
from childrens_services.periods import english, read_edtf
from childrens_services.rounding import half_up


def when(rows: pd.DataFrame) -> Sentence:
    """Name an event by kind and days: "inspection of 11 to 22 July 2022"."""
    event = rows.head(1)
    return say("{kind} of {days}", kind=vocabulary.EVENT_KINDS[event["kind"].iloc[0]], days=span(event))


def year_of(rows: pd.DataFrame) -> Number:
    """Cite the year in which an event began."""
    year = rows["start_earliest"].iloc[0].year
    return number(year, str(year), "year in which the inspection or visit began", rows.head(1), "events")


def counted(rows: pd.DataFrame, polarity: str, zero: str = "0") -> Number:
    """Cite how many findings were coded with a polarity."""
    mine = rows[rows["polarity"] == polarity]
    return count(mine, "findings", f"findings coded {polarity}", zero=zero)


def share_of(rows: pd.DataFrame, polarity: str) -> Number:
    """Cite which percentage of the findings that are no recommendation was coded with a polarity."""
    judged = rows[rows["polarity"].isin(findings.JUDGED)]
    value = 100 * judged["polarity"].eq(polarity).mean()
    return number(
        value,
        f"{half_up(value)}",
        f"findings coded {polarity} / findings coded strength, mixed or weakness",
        judged,
        "findings",
    )


def all_judged(rows: pd.DataFrame) -> Number:
    """Cite how many findings were coded as a strength, mixed or a weakness."""
    return count(rows[rows["polarity"].isin(findings.JUDGED)], "findings", "findings coded strength, mixed or weakness")


def nothing_coded(names: Mapping[str, str]) -> Paragraphs:
    """Say that no report of the chosen authorities has been coded by theme."""
    return tell(
        say(
            "No inspection report of {who} that was public on this day has been coded by theme.",
            who=join(names.values()),
        )
    )


def present(rows: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """Name the chosen authorities that have findings in the rows, in the order asked for."""
    return [name for name in names.values() if (rows["name"] == name).any()]


def latest_balance(rows: pd.DataFrame, name: str) -> list[Sentence]:
    """Say what share of findings were weaknesses at an authority's latest graded inspection, and at the one before."""
    mine = rows[(rows["name"] == name) & rows["kind"].isin(vocabulary.GRADED_KINDS)]
    events = list(dict.fromkeys(mine["event_id"]))
    if not events:
        return [say("No inspection report of {name} has been coded by theme.", name=name)]
    last = findings.of_event(mine, events[-1])
    weak, strong = (int(last["polarity"].eq(polarity).sum()) for polarity in ("weakness", "strength"))
    said = say(
        "{name}'s {inspection} was coded into {n} findings: {weak} {weaknesses} ({share} per cent), {mixed} mixed "
        "and {strong} {strengths}", name=name, inspection=when(last), n=all_judged(last),
        weak=counted(last, "weakness", "no"), share=share_of(last, "weakness"),
        weaknesses=plural(weak, "weakness", "weaknesses"), mixed=counted(last, "mixed", "none"),
        strong=counted(last, "strength", "no"), strengths=plural(strong, "strength")
    )  # fmt: skip
    if len(events) == 1:
        return [say("{said}.", said=said)]
    before = findings.of_event(mine, events[-2])
    return [
        say(
            "{said}; in the {inspection} before it weaknesses were {share} per cent of {n}.", said=said,
            inspection=when(before), share=share_of(before, "weakness"), n=all_judged(before)
        )
    ]  # fmt: skip


def lasting_weaknesses(again: pd.DataFrame, rows: pd.DataFrame, name: str) -> list[Sentence]:
    """Say how many themes recur as a weakness or recommendation, and which do so in every inspection and visit."""
    mine = again[again["name"] == name]
    events = rows.loc[rows["name"] == name, "event_id"].nunique()
    if events < 2:
        return []
    if mine.empty:
        return [say("No theme was coded as a weakness or recommendation of {name} twice.", name=name)]
    themes = mine.drop_duplicates("theme")
    critical = rows[(rows["name"] == name) & rows["polarity"].isin(["weakness", "recommendation"])]
    critical = critical[critical["theme"].isin(themes["theme"])]
    words = {
        "n": _themes(themes, critical, "themes coded weakness or recommendation in two or more"), "name": name,
        "word": plural(len(themes), "theme"), "was": plural(len(themes), "was", "were"),
    }  # fmt: skip
    if events == 2:
        return [say("{n} {word} of {name} {was} coded as a weakness or recommendation in both {a} and {b}{which}.",
                    a=_bound(critical, "first"), b=_bound(critical, "last"),
                    which=_which(critical), **words)]  # fmt: skip
    coded = number(events, f"{events}", "inspections and visits with a coded report or letter",
                   rows[rows["name"] == name], "findings")  # fmt: skip
    said = [say("{n} {word} of {name} {was} coded as a weakness or recommendation in two or more of its {events} "
                "inspections and visits with a coded report or letter.", events=coded, **words)]  # fmt: skip
    always = themes[themes["times"] == events]
    if len(always):
        kept = critical[critical["theme"].isin(always["theme"])]
        said.append(say("{n} of these came up every time, from {a} to {b}{which}.", a=_bound(kept, "first"),
                        b=_bound(kept, "last"), n=_themes(always, kept, "themes in every report or letter"),
                        which=_which(kept)))  # fmt: skip
    return said


def _which(rows: pd.DataFrame) -> Sentence:
    """List up to eight themes after a colon; more are for the chart to show."""
    if rows["theme"].nunique() > 8:
        return say("")
    return say(": {themes}", themes=listed(rows.sort_values(["covers", "finding_id"])))


def listed(rows: pd.DataFrame) -> Sentence:
    """List the themes of findings in words, with semicolons, because a theme's own words hold commas."""
    parts = [theme_words(rows[rows["theme"] == theme]) for theme in dict.fromkeys(rows["theme"])]
    return Sentence("; ".join(f"{{p{i}}}" for i in range(len(parts))), {f"p{i}": part for i, part in enumerate(parts)})


def _themes(themes: pd.DataFrame, rows: pd.DataFrame, how: str) -> Number:
    return number(len(themes), f"{len(themes)}", how, rows, "findings")


def _bound(rows: pd.DataFrame, which: str) -> Number:
    take = ordering.first if which == "first" else ordering.last
    return year_of(take(rows, "start_earliest"))


def theme_words(rows: pd.DataFrame, first: bool = False) -> str | Number:
    """Give the words of a theme, in a sentence with a small first letter; cited where they hold digits."""
    covers = rows["covers"].iloc[0]
    words = covers if first or covers[1:2].isupper() else covers[0].lower() + covers[1:]
    has_digit = any(letter.isdigit() for letter in words)
    return number(covers, words, "what the theme covers", rows.head(1), "themes") if has_digit else words


def follow_up_sentences(followed: pd.DataFrame, rows: pd.DataFrame, name: str) -> list[Sentence]:
    """Say for each inspection and visit how many themes with a recommendation were then found better or worse."""
    mine = followed[followed["name"] == name]
    if mine.empty:
        known = (rows["name"] == name).any()
        return (
            [say("No recommendation to {name} has yet been followed by a coded inspection.", name=name)]
            if known
            else []
        )
    return [_followed(asked, rows, name) for _, asked in mine.groupby("event_id", sort=False)]


def latest_follow_up(followed: pd.DataFrame, rows: pd.DataFrame, name: str) -> list[Sentence]:
    """Give the last of `follow_up_sentences` that is about a graded inspection."""
    graded = followed[followed["kind"].isin(vocabulary.GRADED_KINDS)]
    return follow_up_sentences(graded, rows, name)[-1:]


def _followed(asked: pd.DataFrame, rows: pd.DataFrame, name: str) -> Sentence:
    base, later = (
        findings.of_event(rows, asked["event_id"].iloc[0]),
        findings.of_event(rows, asked["event_id_next"].iloc[0]),
    )
    parts = [
        say("{n} {change}", change=change, n=number(
            len(part), f"{len(part)}", f"themes with a recommendation that by the rule are: {change}",
            base[base["theme"].isin(part["theme"])], "findings"))
        for change in findings.CHANGES for part in [asked[asked["change"] == change]] if len(part)
    ]  # fmt: skip
    return say(
        "The {before} made recommendations to {name} in {n} {word}; the {after} found {parts}, by our rule.",
        before=when(base), name=name, after=when(later), parts=join(parts), word=plural(len(asked), "theme"),
        n=number(
            len(asked), f"{len(asked)}", "themes with a recommendation", base[base["polarity"] == "recommendation"],
            "findings"
        )
    )  # fmt: skip


def second_hand(rows: pd.DataFrame, name: str) -> list[Sentence]:
    """Say how many findings come from the press or from council papers, and not from inspectors' own words."""
    mine = rows[(rows["name"] == name) & (rows["voice"] != findings.INSPECTORS)]
    if mine.empty:
        return []
    press = mine[mine["voice"] == findings.PRESS]
    return [
        say(
            "{n} more {word} about {name} {is_} known only at second hand, {press} of them from the press; none of "
            "these is counted above.",
            n=count(mine, "findings", "findings from the press, council papers or an inquiry"),
            word=plural(len(mine), "finding"), name=name, is_=plural(len(mine), "is", "are"),
            press=count(press, "findings", "findings from the press", zero="none")
        )
    ]  # fmt: skip


def locator(row: pd.DataFrame) -> Number:
    """Cite where in the source a finding stands."""
    return cell(row, "locator", "findings", "place in the source")


def short_label(rows: pd.DataFrame) -> str:
    """Label an event's column in a chart: month and year over its kind."""
    row = rows.iloc[0]
    kind = {
        "focused_visit": "visit",
        "monitoring_visit": "monitoring",
        "short_inspection": "short",
        "inspection": "full",
    }[row["kind"]]
    stated = english(read_edtf(row["start"].rstrip("~"))).split(" ")
    return f"{' '.join(part[:3] if part.isalpha() else part for part in stated[-2:])}\n{kind}"
