"""Sentences and chart frames about inspections and grades, for any one to four authorities and any day.

Goes in: tidy tables as known on a day. Comes out: cited sentences, and the frames that `inspection_charts` draws. Where
a table has nothing for an authority the sentence says so.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import ordering, vocabulary
from childrens_services.analysis import timeline
from childrens_services.answers.narrative import (
    Paragraphs,
    Sentence,
    Table,
    cell,
    count,
    day,
    grade,
    join,
    number,
    plural,
    say,
    show_table,
    span,
    tell,
)
from childrens_services.periods import english, english_day, read_edtf

MAIN_AREAS = ("overall_effectiveness", "help_and_protection", "safeguarding", "safeguarding_and_looked_after")
AREA_TITLES = {j.judgement: j.title for j in vocabulary.JUDGEMENTS}
SHORT_GRADES = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires_improvement": "Requires\nimprovement",
    "adequate": "Adequate",
    "inadequate": "Inadequate",
}


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


def how_often(names: Mapping[str, str], events: pd.DataFrame, first_year: int) -> Sentence:
    """Say how many inspections and visits each authority had since `first_year`, as a title."""
    kinds = [k for k in timeline.INSPECTION_KINDS if k != "send_inspection"]
    mine = events[events["kind"].isin(kinds) & (events["start_latest"].dt.year >= first_year)]
    parts = [
        say(
            "{name} {n}",
            name=name,
            n=count(
                mine[mine["la_code_ons"] == code],
                "events",
                f"children's services inspections and visits since {first_year}",
            ),
        )
        for code, name in names.items()
    ]
    since = number(first_year, str(first_year), "first year drawn, a parameter", mine.head(0), "events")
    return say("Inspections and visits since {year}: {parts}", year=since, parts=join(parts))


def timeline_frame(
    events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str], first_year: int
) -> pd.DataFrame:
    """Give the events of the timeline chart, one row an event, with the word printed at each graded inspection.

    An expected inspection carries the last day of its window, `end_window`.
    """
    rows = timeline.inspections_and_notices(events, list(names), first_year)
    words = []
    for event in rows.itertuples():
        graded = judgements[judgements["event_id"] == event.event_id]
        is_graded = event.kind in vocabulary.GRADED_KINDS and len(graded)
        words.append(SHORT_GRADES[main_grade(graded, event.event_id)["grade"].iloc[0]] if is_graded else "")
    keep = ["event_id", "la_code_ons", "kind", "framework", "start", "start_earliest", "start_latest", "source_id"]
    rows = rows[keep].assign(name=rows["la_code_ons"].map(names), label=words)
    return rows.assign(end_window=rows["start_latest"].where(rows["kind"] == "expected_inspection"))


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


def expectation_sentences(rows: pd.DataFrame, today: pd.Timestamp) -> list[Sentence]:
    """Say of each expectation what came of it: inside the window, so many days late, or still awaited."""
    said = []
    for i in range(len(rows)):
        row = rows.iloc[[i]].reset_index(drop=True)
        words = {
            "who": row["who"].iloc[0],
            "what": row["what_expected"].iloc[0],
            "when": cell(row, "expected_text", "forecasts", "words that give the window"),
        }
        said.append(say("{what} ({who}: “{when}”) {came}.", came=_came(row, today), **words))
    return said


def _came(row: pd.DataFrame, today: pd.Timestamp) -> Sentence:
    if pd.isna(row["actual"].iloc[0]):
        end = number(
            row["window_end"].iloc[0].date(),
            _english(row["window_end"].iloc[0]),
            "last day of the window, by the rule in the row's note",
            row,
            "forecasts",
        )
        return say(
            "is not in the tables; its window {closed} {end}",
            end=end,
            closed="closed on" if row["window_end"].iloc[0] <= today else "is open until",
        )
    stated = row["actual_edtf"].iloc[0]
    began = number(
        stated, english(read_edtf(stated)), "first day of the event, as exactly as it is known", row, "forecasts"
    )
    if pd.isna(row["slip_days"].iloc[0]):
        return say("began on {day}; whether that was inside its window depends on the day it was said", day=began)
    slip = int(row["slip_days"].iloc[0])
    exact = len(stated) == len("2022-07-11")
    on, about = ("on ", "") if exact else ("in ", "at least ")
    if slip == 0:
        return say("began {on}{day}, inside its window", on=on, day=began)
    days = number(abs(slip), f"{abs(slip)}", "days between the window and the event's first day", row, "forecasts")
    side = "after the window closed" if slip > 0 else "before the window opened"
    return say(
        "began {on}{day}, {about}{n} {word} {side}",
        on=on,
        about=about,
        day=began,
        n=days,
        word=plural(abs(slip), "day"),
        side=side,
    )


def _english(when: pd.Timestamp) -> str:
    return english_day(when.date())


def events_table(rows: pd.DataFrame, caption: Sentence) -> Table | Paragraphs:
    """Show events as a table: when, who, what, what was found or done, published."""
    if rows.empty:
        return tell(say("No inspection or visit is in the tables."))
    body = []
    for i in range(len(rows)):
        row = rows.iloc[[i]].reset_index(drop=True)
        published = row["publication_date"].iloc[0]
        body.append(
            (
                span(row),
                row["name"].iloc[0],
                vocabulary.EVENT_KINDS[row["kind"].iloc[0]],
                row["found"].iloc[0],
                day(row, "publication_date", "events", "day of publication") if pd.notna(published) else "not seen",
            )
        )
    return show_table(caption, ["When", "Authority", "What", "Grade or theme", "Published"], body)


def with_findings(rows: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Add `name` and `found` (the main grade, else the theme) to events, for `events_table`."""
    found = []
    for event in rows.itertuples():
        graded = judgements[judgements["event_id"] == event.event_id]
        words = vocabulary.GRADE_NAMES[main_grade(graded, event.event_id)["grade"].iloc[0]] if len(graded) else ""
        found.append(words or (event.theme if isinstance(event.theme, str) else "none seen"))
    return rows.assign(name=rows["la_code_ons"].map(names), found=found)
