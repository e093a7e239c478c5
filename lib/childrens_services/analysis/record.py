"""The record of an authority: how it is rated, what happened, who did it and where it stands on a timeline.

Goes in: tidy `events`, `judgements`, `sources`. Comes out: tidy frames, one row an event or an authority. What an area
SEND inspection found is of a whole area and on another scale, and is never an authority's rating.
"""

import pandas as pd

from childrens_services import vocabulary
from childrens_services.analysis import timeline

__all__ = ["LANES", "WHO", "dossier", "in_lanes", "ratings"]

# Meetings, statements and what is only expected are in the dossier and not on the timeline: they would bury the rest.
LANES = {
    "Inspections and visits": (*timeline.INSPECTION_KINDS, "unannounced_inspection", "other_inspection", "inquiry"),
    "Notices and interventions": timeline.INTERVENTION_KINDS,
    "Money and decisions": (*timeline.MONEY_KINDS, "council_decision", "leadership_change"),
}
_DECISIONS = ("budget_decision", "council_decision")
_LANE_OF = {kind: lane for lane, kinds in LANES.items() for kind in kinds}
WHO = {
    **dict.fromkeys(("inspection", "short_inspection", "focused_visit", "monitoring_visit"), "Ofsted"),
    "unannounced_inspection": "Ofsted",
    "expected_inspection": "as reported",
    "send_inspection": "Ofsted and the Care Quality Commission",
    "jtai": "Ofsted and other inspectorates",
    "other_inspection": "another inspectorate",
    "inquiry": "national inquiry",
    **dict.fromkeys((*timeline.INTERVENTION_KINDS, "grant"), "the government"),
    "section_114": "the council's finance officer",
    **dict.fromkeys((*_DECISIONS, "leadership_change"), "the council"),
    "committee_meeting": "councillors and officers",
    "statement": "a councillor",
    "other": "not stated",
}
_SCOPES = {"council": "the whole council", "childrens_services": "children's services", "area": "the area's services"}
_STEPS = {"changes": ": change", "ends": ": ending"}


def ratings(events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return how each authority was rated by its newest graded inspection: one row an authority with one.

    `la_code_ons, event_id, kind, framework, judgement, grade, area, start, end, start_earliest, published, since,
    source_id`, as `timeline.standing_grades` gives them; `area` is the judgement in words. Nottinghamshire has been
    good overall since 19 December 2019, though its newest report is of 12 July 2024.
    """
    graded = events.loc[events["kind"].isin(vocabulary.GRADED_KINDS), [*_OF_EVENT, "publication_date"]]
    main = timeline.main_grades(judgements).merge(graded, on="event_id", how="inner", validate="1:1")
    rows = timeline.standing_grades(main.assign(published=main["publication_date"].fillna(main["published"])))
    titles = {judgement.judgement: f"for {judgement.title.lower()}" for judgement in vocabulary.JUDGEMENTS}
    area = rows["judgement"].map(titles | {"overall_effectiveness": "overall"})
    return rows.assign(area=area)[["la_code_ons", *_OF_EVENT, *_OF_GRADE]]


_OF_EVENT = ["event_id", "kind", "start", "end", "start_earliest"]
_OF_GRADE = ["framework", "judgement", "grade", "area", "published", "since", "source_id"]


def in_lanes(events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the events that a timeline shows, oldest first: one row an event of a kind in `LANES`.

    Their columns, and `lane`; `day`, the middle of the days on which it may have begun; `grade` of an inspection of
    children's services; `label`, the words beside its mark ("Requires improvement", "Commissioners: change", "SEND:
    effective action", of a decision its subject); and `noun`, by which several visits, reports or grants are counted.
    """
    rows = _with_grades(events[events["kind"].isin(_LANE_OF)], judgements)
    send, decided = rows["kind"].eq("send_inspection"), rows["kind"].isin(_DECISIONS)
    kinds = _kinds(rows) + rows["kind"].isin(vocabulary.GRADED_KINDS).map({True: ", no grade", False: ""})
    known = ("SEND: " + rows["grade"].map(vocabulary.GRADE_NAMES)).where(send, rows["grade"].str.replace("_", " "))
    label = known.fillna(rows["theme"].where(decided)).fillna(kinds)
    rows = rows.assign(
        lane=rows["kind"].map(_LANE_OF),
        day=_middle(rows),
        grade=rows["grade"].mask(send),
        label=label.str[:1].str.upper() + label.str[1:],
        noun=kinds.where(label.eq(kinds) & ~rows["kind"].isin(timeline.INTERVENTION_KINDS)),
    )
    return rows.sort_values(["start_earliest", "event_id"], ignore_index=True)


def dossier(events: pd.DataFrame, judgements: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return every event in the words of a reader, newest first: one row an event.

    Their columns, and `when` (its days, EDTF), `what` (kind and main grade), `who` (the body, and the lead inspector
    where one is known), `about` (whom it concerns) and `publisher` of the source. An event known by its year stands in
    the middle of it.
    """
    rows = _with_grades(events, judgements)
    rows = rows.merge(sources[["source_id", "publisher"]], on="source_id", how="left", validate="m:1")
    body = rows["kind"].map(WHO)
    until = rows["end"].where(rows["end"] != rows["start"])
    rows = rows.assign(
        when=(rows["start"] + "/" + until).fillna(rows["start"]),
        what=_kinds(rows) + (": " + rows["grade"].map(vocabulary.GRADE_NAMES)).fillna(""),
        who=(body + ", " + rows["lead_inspector"]).fillna(body),
        about=rows["scope"].map(_SCOPES),
    )
    order = rows.assign(day=_middle(rows)).sort_values(["day", "event_id"], ascending=[False, True]).index
    return rows.loc[order].reset_index(drop=True)


def _middle(rows: pd.DataFrame) -> pd.Series:
    """Return the middle of the days on which each event may have begun."""
    return (rows["start_earliest"] + (rows["start_latest"] - rows["start_earliest"]) / 2).dt.floor("D")


def _with_grades(events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return events with the `grade` that stands for each, missing where it gave none."""
    main = timeline.main_grades(judgements)[["event_id", "grade"]]
    return events.merge(main, on="event_id", how="left", validate="1:1")


def _kinds(rows: pd.DataFrame) -> pd.Series:
    """Return the kind of each event in words and, of an intervention, whether it changes or ends one."""
    step = rows["direction"].map(_STEPS).where(rows["kind"].isin(timeline.INTERVENTION_KINDS))
    return rows["kind"].map(vocabulary.EVENT_KINDS) + step.fillna("")
