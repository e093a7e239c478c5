"""Exhibits of notebook 07: verdicts on claims as a chart with its finding, and when a count of grades was right.

Goes in: what `claims.judge` found. Comes out: what a notebook shows, a chart or, where there is nothing, a sentence.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services.analysis import timeline
from childrens_services.analysis.claims import DOES_NOT_HOLD, VERDICTS
from childrens_services.answers import claim_charts
from childrens_services.answers import claim_story as story
from childrens_services.answers import old_export as export
from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    alt_text,
    cell,
    in_a_row,
    join,
    number,
    rows_of,
    say,
    tell,
)
from childrens_services.periods import english_day

Shown = export.Chart | Paragraphs
KINDS = {
    "arithmetic": "Sums",
    "series": "A figure on a day",
    "change": "A rise, a fall, a comparison",
    "group": "A rise, a fall, a comparison",
    "grade_count": "Counts",
    "count": "Counts",
    "date": "Days and lengths",
    "span": "Days and lengths",
    "forecast": "An expectation",
    "words": "Grades and findings",
    "not_testable": "No data to test with",
}
OTHER_SPEAKERS = "Compilers of lists"
SPEAKERS = {
    "Press": ("reporter", "press", "headline", "charity and press", "press and council", "press and Ofsted"),
    "Inspectors": ("Ofsted", "Ofsted (local data)", "Ofsted and CQC", "Ofsted statistics", "Ofsted and inquiry"),
    "Inspectors, as reported": ("Ofsted, as reported", "reporter, citing inspectors"),
    "Councillors": ("portfolio holder", "executive member", "councillor (question)"),
    "Council officers and papers": (
        "corporate director", "corporate director, as reported", "director", "council officers", "council documents",
        "council minutes", "council news page", "county council", "freedom of information reply",
    ),
}  # fmt: skip


def speaker_group(role: str) -> str:
    """Give the group of a speaker's role: `speaker_group("headline")` is Press."""
    return next((group for group, roles in SPEAKERS.items() if role in roles), OTHER_SPEAKERS)


def verdict_frame(judged: pd.DataFrame) -> pd.DataFrame:
    """Count verdicts by kind of test and by who made the claim: one row a panel, label and verdict, for the chart."""
    panels = {
        "By kind of test": judged["kind"].map(KINDS),
        "By who made the claim": judged["speaker_role"].map(speaker_group),
    }
    judged = judged.assign(source_id=(judged["source_id"] + " " + judged["tested_with"]).str.strip())
    found = [
        judged.assign(panel=panel, label=labels).groupby(["panel", "label", "verdict"], as_index=False)
        .agg(claims=("claim_id", "size"), source_id=("source_id", _every_source))
        for panel, labels in panels.items()
    ]  # fmt: skip
    return pd.concat(found, ignore_index=True)


def _every_source(ids: pd.Series) -> str:
    return " ".join(sorted(set(" ".join(ids).split())))


def draw_verdicts(judged: pd.DataFrame, names: Mapping[str, str], edition: str) -> Shown:
    """Show how many statements hold, by kind of test and by who made them; forecasts are counted apart."""
    judged = judged[~judged["forecast"]]
    if judged.empty:
        return tell(story.no_claims(names))
    rows = verdict_frame(judged)
    fig = claim_charts.verdicts(rows, VERDICTS)
    finding = story.how_many(judged, names)
    return export.chart(
        fig, rows, name="verdicts-on-claims", finding=finding,
        subtitle=say("Statements about {who} by verdict, forecasts apart", who=join(names.values())),
        alt=alt_text("Stacked bars", finding), description=_description(judged, rows), edition=edition,
    )  # fmt: skip


def _description(judged: pd.DataFrame, rows: pd.DataFrame) -> Sentence:
    """Say the main values of the chart: each bar with its segments."""
    bars = [_bar(judged, mine, str(label)) for (_, label), mine in rows.groupby(["panel", "label"], sort=False)]
    return say("Stacked bars of claims by verdict, one bar a kind of test, then one a group of speakers. {bars}.",
               bars=in_a_row(bars, "; "))  # fmt: skip


def _bar(judged: pd.DataFrame, mine: pd.DataFrame, label: str) -> Sentence:
    which = judged["kind"].map(KINDS).eq(label) | judged["speaker_role"].map(speaker_group).eq(label)

    def counted(verdict: str, n: int) -> Sentence:
        claims = judged[which & judged["verdict"].eq(verdict)]
        cited = number(n, str(n), f"{label}: claims whose verdict is {verdict}", claims, "claims")
        return say("{n} {word}", n=cited, word=story.verdict_words(verdict, n))

    segments = [counted(v, int(n)) for v in VERDICTS for n in mine.loc[mine["verdict"] == v, "claims"]]
    return say("{label}: {segments}", label=label, segments=join(segments))


def when_right(parts: pd.DataFrame, judgements: pd.DataFrame, authorities: pd.DataFrame) -> list[Sentence]:
    """Say of each count of grades that does not hold when it last did."""
    wrong = parts[(parts["test"] == "grade_count") & (parts["verdict"] == DOES_NOT_HOLD)]
    return [said for row in rows_of(wrong) for said in _when_right(row, judgements, authorities)]


def _when_right(row: pd.DataFrame, judgements: pd.DataFrame, authorities: pd.DataFrame) -> list[Sentence]:
    until, judgement, grade = row["rule"].iloc[0].split()
    days = sorted({day.date() for day in judgements["published"] if day <= pd.Timestamp(until)})
    every = timeline.grades_over_time(judgements, authorities, days, judgement)
    counts = every["grade"].eq(grade).groupby(every["day"]).sum()
    right = counts.eq(int(row["expected"].iloc[0]))
    if not right.any():
        return [say("The count stated was never right before that day.")]
    last = right[right].index.max()
    runs = right.ne(right.shift()).cumsum()
    begun = right[runs == runs[last]].index.min()
    ended = min([*right.index[right.index > last], pd.Timestamp(until)]) - pd.Timedelta(days=1)
    stated = cell(row, "expected", "claim_tests", "count as stated")
    first, end = _day_found(begun, row, "first day of the span"), _day_found(ended, row, "last day of the span")
    return [say("A count of {n} was last right from {first} to {last}.", n=stated, first=first, last=end)]


def _day_found(day: pd.Timestamp, row: pd.DataFrame, which: str) -> Number:
    how = f"{which} in which so many authorities held the grade, by day of publication"
    return number(day.date(), english_day(day.date()), how, row, "claim_tests")
