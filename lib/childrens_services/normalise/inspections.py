"""Inspections, visits and grades: official rows and curated events become one set of tables, nothing counted twice.

Ofsted prints rows from before 2023 under the wording of 2023; they get the joint judgement that they were given.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

import pandas as pd

from childrens_services.normalise.facts import days_of
from childrens_services.normalise.ofsted_outcomes import AREAS, describe, sort_of
from childrens_services.normalise.refusals import refuse
from childrens_services.normalise.releases import credit_places
from childrens_services.ordering import in_order
from childrens_services.periods import read_edtf
from childrens_services.vocabulary import SCALES, Framework, judgements_in_force

_TWICE = "{source_id}, {locator}: {name}, an inspection that stands twice"
_JOINT = {"children_in_care": "children_in_care_and_care_leavers"}
_COMPARED = ["start", "publication_date", "kind", "theme"]
_CURATED_DAYS = ["start_earliest", "start_latest", "end_latest", "publication_date", "stated"]
CONFLICT_KEY = ["table", "row", "column", "other_source_id"]
# Two rows of a release are one inspection if they are of one authority and no further apart than this. The nearest two
# visits of a kind are 77 days apart, the nearest two inspections 910; editions have differed by 1 day and by 61.
_APART = {"start": pd.Timedelta(days=14), "publication_date": pd.Timedelta(days=100)}


class Inspections(NamedTuple):
    """Four frames: events, their grades, cells on which sources disagree, and further sources of events."""

    events: pd.DataFrame
    judgements: pd.DataFrame
    conflicts: pd.DataFrame
    event_sources: pd.DataFrame


def official(editions: Sequence[Sequence[pd.DataFrame]]) -> Inspections:
    """Put the sheets of all editions together, newest edition first; where two disagree, the newest is kept.

    A row is credited to the first edition that said the same; the others that list it are further sources. Raises
    ValueError for an inspection without start or listed twice, and a grade of a judgement that was not in force.
    """
    known, conflicts, told = pd.DataFrame(), [], []
    for sheet in (sheet for edition in editions for sheet in edition):
        rows = sheet.assign(event_id=_match(sheet, known) if len(known) else "")
        again = rows[rows["event_id"] != ""]
        if len(again):
            starts = again["event_id"].map(known.set_index("event_id")["start"])
            grades = _grades(again.assign(start=starts))
            conflicts.append(disagreements(filled_cells(known, _grades(known)), filled_cells(again, grades)))
            told.append((again, grades))
        known = pd.concat([known, _new_events(rows[rows["event_id"] == ""])], ignore_index=True)
    columns = ["event_id", "la_code_ons", "framework", *_COMPARED, "source_id", "locator"]
    events = credit_places(known, [rows for rows, _ in told], ["event_id"], _COMPARED)
    sheets = [rows[["event_id", "source_id"]] for rows in (*(again for again, _ in told), known)]
    listed = _gather(sheets, ["event_id", "source_id"])
    graded = credit_places(_grades(known), [grades for _, grades in told], ["event_id", "judgement"], ["grade"])
    events = events.assign(start=_as_text(events["start"]), framework=Framework.ILACS.value)
    return Inspections(
        events[columns].assign(basis="official"),
        graded.assign(basis="official"),
        _gather(conflicts, CONFLICT_KEY),
        listed.assign(confirms="listed in this edition too"),
    )


def _gather(parts: Sequence[pd.DataFrame], key: list[str]) -> pd.DataFrame:
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=key)
    return whole.drop_duplicates(key, ignore_index=True)


def _match(rows: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """Return for each row the id of the nearest known event of its authority and sort; empty where none is near."""
    day = "start" if rows["start"].notna().all() else "publication_date"
    both = rows.reset_index(names="at"), known
    left, right = (frame.assign(sort=sort_of(frame["kind"])).dropna(subset=day) for frame in both)
    near = pd.merge_asof(
        left[[day, "la_code_ons", "sort", "at"]].pipe(in_order, day),
        right[[day, "la_code_ons", "sort", "event_id"]].pipe(in_order, day),
        on=day,
        by=["la_code_ons", "sort"],
        direction="nearest",
        tolerance=_APART[day],
    )
    found = near.dropna().set_index("at")["event_id"]
    refuse(rows.loc[found.index[found.duplicated()]], _TWICE)
    return found.reindex(rows.index, fill_value="")


def _new_events(rows: pd.DataFrame) -> pd.DataFrame:
    words = "{source_id}, {locator}: {name} has an inspection that no sheet lists with start and kind; register the "
    refuse(rows[rows["start"].isna() | (rows["kind"] == "")], words + "edition that does")
    rows = rows.assign(event_id=rows["la_code_ons"] + "_" + _as_text(rows["start"]) + "_" + rows["kind"])
    refuse(rows[rows["event_id"].duplicated()], _TWICE)
    return rows


def _as_text(days: pd.Series) -> pd.Series:
    return days.dt.strftime("%Y-%m-%d").astype("str") if pd.api.types.is_datetime64_any_dtype(days) else days


@cache
def judgement_id(area: str, start: date) -> str:
    """Return the judgement that a column means for an inspection's start, '' for none in force.

    `judgement_id("children_in_care", date(2022, 7, 11))` is `children_in_care_and_care_leavers`.
    """
    in_force = judgements_in_force(Framework.ILACS, start)
    return next((judgement for judgement in (area, _JOINT.get(area, "")) if judgement in in_force), "")


def _grades(rows: pd.DataFrame) -> pd.DataFrame:
    found = by_judgement(rows[sort_of(rows["kind"]) == "graded"], ["event_id", "source_id", "locator"])
    words = "{source_id}, {locator}: found {grade!r} for {area}, expected {expected}; mend the source"
    refuse(found[found["wrong"]], words)
    return found[found["judgement"] != ""].drop(columns=["area", "start", "wrong", "expected"])


def by_judgement(rows: pd.DataFrame, kept: Sequence[str]) -> pd.DataFrame:
    """Return one row an area of each inspection: `kept`, `start`, `area`, `grade` and the `judgement` that it means.

    `wrong` tells a grade of a judgement that was not in force, and a blank for one that was; `expected` says what was.
    """
    found = rows.melt([*kept, "start"], list(AREAS), "area", "grade")
    starts = pd.to_datetime(found["start"])
    judgement = [judgement_id(area, day.date()) for area, day in zip(found["area"], starts, strict=True)]
    found = found.assign(judgement=pd.Series(judgement, found.index, dtype="str"), scale="four_point_2013")
    known = "a grade for " + found["judgement"]
    no = "no grade, because the judgement was not in force on " + starts.dt.strftime("%Y-%m-%d").astype("str")
    not_in_force = found["judgement"] == ""
    return found.assign(wrong=not_in_force != (found["grade"] == ""), expected=known.mask(not_in_force, no))


def filled_cells(events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the filled cells that two sources may disagree on, one row a cell, as text."""
    wide = events.assign(start=_as_text(events["start"]), publication_date=_as_text(events["publication_date"]))
    cells = wide.melt(["event_id", "source_id"], _COMPARED, "column", "value").assign(table="events")
    grades = judgements.rename(columns={"judgement": "column", "grade": "value"}).assign(table="judgements")
    both = pd.concat([cells, grades[list(cells.columns)]], ignore_index=True)
    return both[both["value"].notna() & (both["value"] != "")]


def disagreements(kept: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that two sets of cells both fill, and fill differently, as rows of `conflicts`."""
    pairs = kept.merge(other, on=["event_id", "table", "column"], suffixes=("", "_other"), validate="1:m")
    apart = pairs[pairs["value"] != pairs["value_other"]]
    names = {"event_id": "row", "value": "kept", "value_other": "other", "source_id_other": "other_source_id"}
    return apart.rename(columns=names)[[*CONFLICT_KEY, "kept", "other", "source_id"]]


def curated(events: pd.DataFrame, judgements: pd.DataFrame, event_sources: pd.DataFrame) -> Inspections:
    """Return the curated frames, dates read to days, judgements checked against their framework and scale.

    Raises ValueError naming file, row and column for a date that cannot be read, a publication before the start, a
    judgement of no event or not in force, and a grade that is not on its scale.
    """
    file = "data/curated/events.csv, {event_id}: "
    refuse(events[events["start"] == ""], file + "no start; mend the row")
    stated = days_of("events", events, "published_edtf", "latest")
    dated = events.assign(
        start_earliest=days_of("events", events, "start", "earliest"),
        start_latest=days_of("events", events, "start", "latest"),
        start=events["start"].map(lambda text: read_edtf(text).edtf),
        end=events["end"].map(lambda text: read_edtf(text).edtf if text else ""),
        end_latest=days_of("events", events, "end", "latest"),
        publication_date=stated.where(events["published_edtf"].str.len() == len("2022-09-05")),
        stated=stated,
    )
    early = dated[dated["stated"] < dated["start_earliest"]]
    refuse(early, file + "published {published_edtf}, before its start; mend the row")
    by_hand = (rows.assign(basis="hand") for rows in (dated, _on_scales(judgements, dated.set_index("event_id"))))
    return Inspections(*by_hand, pd.DataFrame(columns=CONFLICT_KEY), event_sources)


def _on_scales(judgements: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return curated judgements with the scale of each, all of them in force and every grade on its scale."""
    file = "data/curated/judgements.csv, {event_id} {judgement}: "
    lost = judgements[~judgements["event_id"].isin(events.index)]
    refuse(lost, file + "no such event; add it to data/curated/events.csv")
    of = events.loc[judgements["event_id"], ["framework", "start_earliest"]]
    known = [judgements_in_force(*pair) for pair in zip(of["framework"], of["start_earliest"].dt.date, strict=True)]
    named = zip(known, judgements["judgement"], strict=True)
    scales = [each[name].scale if name in each else "" for each, name in named]
    rows = judgements.assign(scale=scales, known=[", ".join(each) or "none" for each in known])
    words = "not in force then; expected one of {known}; mend it, or framework and start in events.csv"
    refuse(rows[rows["scale"] == ""], file + words)
    off = [grade not in SCALES[scale] for grade, scale in zip(rows["grade"], scales, strict=True)]
    rows = rows.assign(known=[", ".join(SCALES[scale]) for scale in scales])
    refuse(rows[off], file + "grade {grade!r} is not on its scale; expected one of {known}")
    return rows.drop(columns="known")


def combine(release: Inspections, ours: Inspections, days: pd.Series) -> Inspections:
    """Return one set of `official` and `curated`, every row with `published`; `days` gives the day of each source.

    Rows of one authority, first day and sort are one event under the curated id: what the curated row states, read
    from the report, is kept, and the release fills the rest.
    """
    unknown = "data/curated/{file}.csv, row {event_id}: unknown source_id {source_id!r}; register it in sources.csv"
    for name in ("events", "judgements", "event_sources"):
        refuse(getattr(ours, name).query("source_id not in @days.index"), unknown, file=name)
    twins = _twins(release.events, ours.events)
    ids = [{c: frame[c].replace(twins) for c in ("event_id", "row") if c in frame} for frame in release]
    theirs = Inspections(*(frame.assign(**columns) for frame, columns in zip(release, ids, strict=True)))
    both = theirs.events[theirs.events["event_id"].isin(twins.values())]
    confirms = "listed in the release, with the start and what else it gives"
    further = both[["event_id", "source_id"]].assign(confirms=confirms)
    differing = disagreements(filled_cells(ours.events, ours.judgements), filled_cells(both, theirs.judgements))
    judgements = _gather([ours.judgements, theirs.judgements], ["event_id", "judgement"])
    whole = Inspections(
        describe(_fill(ours.events, theirs.events)),
        judgements,
        _gather([theirs.conflicts, differing], CONFLICT_KEY),
        _gather([ours.event_sources, theirs.event_sources, further], ["event_id", "source_id"]),
    )
    return _publish(whole, days)


def _twins(theirs: pd.DataFrame, ours: pd.DataFrame) -> dict[str, str]:
    key = ["la_code_ons", "start", "sort"]
    left, right = (frame.assign(sort=sort_of(frame["kind"]))[[*key, "event_id"]] for frame in (theirs, ours))
    pairs = left.merge(right, on=key, suffixes=("", "_ours"))
    twice = pairs.loc[pairs["event_id"].duplicated(keep=False), "event_id_ours"]
    words = "data/curated/events.csv: {both} are one event in the release; make them one row"
    refuse(twice, words, both=" and ".join(twice))
    return dict(zip(pairs["event_id"], pairs["event_id_ours"], strict=True))


def _fill(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Put official events under the curated ones and fill what the curated row leaves empty."""
    begins = pd.to_datetime(theirs["start"])
    dated = theirs.assign(start_earliest=begins, start_latest=begins)
    left, right = (frame.astype("object").replace("", None).set_index("event_id") for frame in (ours, dated))
    filled = left.combine_first(right).reset_index()
    return filled.assign(**{day: pd.to_datetime(filled[day]) for day in _CURATED_DAYS})


def _publish(found: Inspections, days: pd.Series) -> Inspections:
    """Add `published` to the four frames, give judgements their authority and drop a source that is the row's own."""
    events = found.events.assign(published=_published(found.events, found.event_sources, days))
    of = events.set_index("event_id")
    judged = found.judgements["event_id"].map
    # A grade is known with its report; without a day for the report, not before its own source was public.
    own_day = judged(of["published"]).clip(lower=_day_of(found.judgements["source_id"], days))
    stated = judged(of["publication_date"].fillna(of["stated"]))
    published = judged(of["published"]).where(stated.notna(), own_day)
    judgements = found.judgements.assign(la_code_ons=judged(of["la_code_ons"]), published=published)
    own = found.event_sources["event_id"].map(of["source_id"])
    further = found.event_sources[found.event_sources["source_id"] != own]
    known = further["event_id"].map(of["published"]).clip(lower=_day_of(further["source_id"], days))
    both = _day_of(found.conflicts["source_id"], days).clip(lower=_day_of(found.conflicts["other_source_id"], days))
    return Inspections(
        events.drop(columns=["stated", "published_edtf", "date_text"], errors="ignore"),
        judgements,
        found.conflicts.assign(published=both),
        further.assign(published=known),
    )


def _day_of(source_ids: pd.Series, days: pd.Series) -> pd.Series:
    return pd.to_datetime(source_ids.map(days))


def _published(events: pd.DataFrame, further: pd.DataFrame, days: pd.Series) -> pd.Series:
    """Return the first day an event is known to have been public: stated, or by its sources; METHODS has the rule."""
    begun = events.set_index("event_id")["start_earliest"]
    sources = pd.concat([events[["event_id", "source_id"]], further[["event_id", "source_id"]]], ignore_index=True)
    sources = sources.assign(day=_day_of(sources["source_id"], days))
    after = sources[sources["day"] >= sources["event_id"].map(begun)].groupby("event_id")["day"].min()
    seen = events["event_id"].map(after).fillna(events["start_earliest"])
    expected = events["kind"] == "expected_inspection"
    first = seen.where(~expected, _day_of(events["source_id"], days))
    return events["publication_date"].fillna(events["stated"]).fillna(first)
