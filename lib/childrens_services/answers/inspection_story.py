"""Sentences and chart frames about inspections and grades, for any one to four authorities and any day.

Goes in: tidy tables as known on a day. Comes out: cited sentences, and the frames that `inspection_charts` draws. Where
a table has nothing for an authority the sentence says so.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import ordering, vocabulary
from childrens_services.analysis import timeline
from childrens_services.answers.narrative import (
    Sentence,
    count,
    day,
    grade,
    join,
    plural,
    say,
    span,
)

MAIN_AREAS = ("overall_effectiveness", "help_and_protection", "safeguarding", "safeguarding_and_looked_after")
AREA_TITLES = {j.judgement: j.title for j in vocabulary.JUDGEMENTS}


def today(sources: pd.DataFrame, as_at: str) -> pd.Timestamp:
    """Give the day on which the reader stands: `as_at`, or the day of the newest source."""
    return pd.Timestamp(as_at) if as_at else sources["published"].max()


def last_known_day(events: pd.DataFrame, as_at: str) -> pd.Timestamp:
    """Give the day up to which grades of all authorities are known: `as_at`, or where the official history ends.

    `events` are all events, whatever the day asked for: the history ends where the newest national release does.
    Curated events of two councils run on and are not proof that nothing else happened.
    """
    official = events.loc[events["source_id"].str.startswith("ofsted_ods"), "publication_date"].max()
    return min(pd.Timestamp(as_at), official) if as_at else official


def main_grade(graded: pd.DataFrame, event_id: str) -> pd.DataFrame:
    """Give the judgement row that stands for an inspection: overall, else help and protection, else safeguarding."""
    mine = graded[graded["event_id"] == event_id].set_index("judgement", drop=False)
    for judgement in MAIN_AREAS:
        if judgement in mine.index:
            return mine.loc[[judgement]].reset_index(drop=True)
    return mine.head(1).reset_index(drop=True)


def inspections_of(events: pd.DataFrame, graded: pd.DataFrame) -> pd.DataFrame:
    """Give the graded inspections of children's services behind `graded`, oldest first; one row an event."""
    mine = events[events["event_id"].isin(graded["event_id"]) & events["kind"].isin(vocabulary.GRADED_KINDS)]
    return mine.sort_values(["start_earliest", "event_id"], ignore_index=True)


def latest_grade(name: str, events: pd.DataFrame, judgements: pd.DataFrame, code: str) -> Sentence:
    """Say when an authority was last graded and what it was found to be."""
    graded = timeline.graded_inspections(events, judgements, code)
    inspections = inspections_of(events, graded)
    if inspections.empty:
        return say("No graded inspection of {name} is in the tables.", name=name)
    last = inspections.tail(1)
    row = main_grade(graded, last["event_id"].iloc[0])
    return say(
        "{name} was last graded in the {kind} of {days}{published}: {grade} {area}.",
        name=name,
        kind=vocabulary.EVENT_KINDS[last["kind"].iloc[0]],
        days=span(last),
        published=_published(last),
        grade=grade(row),
        area=_area(row),
    )


def _published(event: pd.DataFrame) -> Sentence:
    if event["publication_date"].isna().all():
        return say("")
    return say(", published on {day}", day=day(event, "publication_date", "events", "day the report was published"))


def _area(row: pd.DataFrame) -> str:
    judgement, framework = row["judgement"].iloc[0], row["framework"].iloc[0]
    area = "overall" if judgement == "overall_effectiveness" else f"for {AREA_TITLES[judgement].lower()}"
    older = framework == vocabulary.Framework.SIF  # the scale is that of today, the framework is not
    return area + f" under the {vocabulary.FRAMEWORK_NAMES[framework]}" * older


def grade_before(name: str, events: pd.DataFrame, judgements: pd.DataFrame, code: str) -> list[Sentence]:
    """Say what the inspection before the latest had found, and whether the two words are on one scale."""
    graded = timeline.graded_inspections(events, judgements, code)
    inspections = inspections_of(events, graded)
    if len(inspections) < 2:
        return []
    before, last = inspections.iloc[[-2]], inspections.iloc[[-1]]
    row, now = (main_grade(graded, event["event_id"].iloc[0]) for event in (before, last))
    text = "The inspection of {days}, the last but one, had graded {name} {grade} {area}"
    same = row["scale"].iloc[0] == now["scale"].iloc[0]
    text += "." if same else ", on an older scale that cannot be set against today's."
    return [say(text, days=span(before), name=name, grade=grade(row), area=_area(row))]


def kind_and_days(event: pd.DataFrame) -> Sentence:
    """Name a single event by its kind and days: "focused visit of 26 to 27 April 2022"."""
    return say("{kind} of {days}", kind=vocabulary.EVENT_KINDS[event["kind"].iloc[0]], days=span(event))


def visits_since(name: str, events: pd.DataFrame, judgements: pd.DataFrame, code: str) -> Sentence:
    """Say how many visits without a grade followed the latest graded inspection, and when the last one was."""
    graded = timeline.graded_inspections(events, judgements, code)
    inspections = inspections_of(events, graded)
    mine = events[(events["la_code_ons"] == code) & events["kind"].isin(["focused_visit", "monitoring_visit"])]
    if len(inspections):
        mine = mine[mine["start_earliest"] > inspections["start_earliest"].iloc[-1]]
    if mine.empty:
        return say("No visit to {name} since its last graded inspection is in the tables.", name=name)
    kinds = [_counted(mine[mine["kind"] == kind], kind) for kind in ("monitoring_visit", "focused_visit")]
    latest = ordering.last(mine, "start_earliest")
    return say(
        "Since its last graded inspection {name} has had {visits}, the latest of {days}.",
        name=name,
        visits=join([k for k in kinds if k]),
        days=span(latest),
    )


def _counted(rows: pd.DataFrame, kind: str) -> Sentence | None:
    if rows.empty:
        return None
    word = vocabulary.EVENT_KINDS[kind]
    return say("{n} {word}", n=count(rows, "events", f"{word}s in the tables"), word=plural(len(rows), word))


def expectations_in_short(expected: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say how many of the expected inspections and visits began inside their window."""
    if expected.empty:
        return say("No expectation of an inspection of {who} is in the tables.", who=join(names.values()))
    full = expected[expected["actual"].notna()]
    kept = full[full["slip_days"] == 0]
    return say(
        "Of {n} expected {what}, {kept} began in the window expected and {open} had not been seen.",
        n=count(expected, "forecasts", "expectations of an inspection or visit in the tables"),
        what=plural(len(expected), "inspection or visit", "inspections and visits"),
        kept=count(kept, "forecasts", "expectations met inside their window", zero="none"),
        open=count(expected[expected["actual"].isna()], "forecasts", "expectations without a known event", zero="none"),
    )
