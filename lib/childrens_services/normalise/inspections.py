"""Inspections, visits and grades: official rows and curated events become one set of tables, nothing counted twice.

Goes in: the rows of Ofsted's release, edition by edition (`ofsted_outcomes`), and the curated frames. Comes out:
events, judgements, cells on which sources disagree, further sources. Rows from before 2023, which Ofsted prints under
the wording of 2023, get the joint judgement they were given. A date or grade that no source states is never guessed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from childrens_services.normalise.ofsted_outcomes import AREAS, describe, sort_of
from childrens_services.normalise.releases import credit_places
from childrens_services.ordering import in_order
from childrens_services.periods import Period, read_edtf
from childrens_services.vocabulary import SCALES, Framework, judgements_in_force

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

    A row is credited to the first edition that said the same; the others that list it are further sources. An id is
    `<la_code_ons>_<start>_<kind>`. Raises ValueError for an inspection that only a sheet without start dates
    lists, for one that stands twice, and for a grade of a judgement that was not in force.
    """
    known, conflicts, seen, told = pd.DataFrame(), [], [], []
    for sheet in (sheet for edition in editions for sheet in edition):
        rows = sheet.assign(event_id=_match(sheet, known) if len(known) else "")
        again = rows[rows["event_id"] != ""]
        if len(again):
            starts = again["event_id"].map(known.set_index("event_id")["start"])
            grades = _grades(again.assign(start=starts))
            conflicts.append(disagreements(filled_cells(known, _grades(known)), filled_cells(again, grades)))
            told.append((again, grades))
            seen.append(again[["event_id", "source_id"]])
        known = pd.concat([known, _new_events(rows[rows["event_id"] == ""])], ignore_index=True)
    columns = ["event_id", "la_code_ons", "framework", *_COMPARED, "source_id", "locator"]
    events = credit_places(known, [rows for rows, _ in told], ["event_id"], _COMPARED)
    listed = _gather([*seen, known[["event_id", "source_id"]]], ["event_id", "source_id"])
    graded = credit_places(_grades(known), [grades for _, grades in told], ["event_id", "judgement"], ["grade"])
    return Inspections(
        events.assign(start=_as_text(events["start"]), framework=Framework.ILACS.value)[columns].assign(
            basis="official"
        ),
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
    left, right = (
        frame.assign(sort=sort_of(frame["kind"])).dropna(subset=day) for frame in (rows.reset_index(names="at"), known)
    )
    near = pd.merge_asof(
        left[[day, "la_code_ons", "sort", "at"]].pipe(in_order, day),
        right[[day, "la_code_ons", "sort", "event_id"]].pipe(in_order, day),
        on=day,
        by=["la_code_ons", "sort"],
        direction="nearest",
        tolerance=_APART[day],
    )
    found = near.dropna().set_index("at")["event_id"]
    _refuse_twice(rows.loc[found.index[found.duplicated()]])
    return found.reindex(rows.index, fill_value="")


def _refuse_twice(rows: pd.DataFrame) -> None:
    if len(rows):
        row = rows.iloc[0]
        raise ValueError(f"{row['source_id']}, {row['locator']}: {row['name']}, an inspection that stands twice")


def _new_events(rows: pd.DataFrame) -> pd.DataFrame:
    lost = rows[rows["start"].isna() | (rows["kind"] == "")]
    if len(lost):
        row = lost.iloc[0]
        raise ValueError(
            f"{row['source_id']}, {row['locator']}: {row['name']} has an inspection that no sheet lists with start and "
            "kind; register the edition that does"
        )
    ids = rows["la_code_ons"] + "_" + _as_text(rows["start"]) + "_" + rows["kind"]
    _refuse_twice(rows[ids.duplicated()])
    return rows.assign(event_id=ids)


def _as_text(days: pd.Series) -> pd.Series:
    return days.dt.strftime("%Y-%m-%d").astype("str") if pd.api.types.is_datetime64_any_dtype(days) else days


@cache
def judgement_id(area: str, start: date) -> str:
    """Return the ILACS judgement that a column of the release means for an inspection's start; empty for none in force.

    `judgement_id("children_in_care", date(2022, 7, 11))` is `children_in_care_and_care_leavers`.
    """
    in_force = judgements_in_force(Framework.ILACS, start)
    return next((judgement for judgement in (area, _JOINT.get(area, "")) if judgement in in_force), "")


def _grades(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a grade; refuse a grade for a judgement that was not in force, and a blank for one that was."""
    graded = rows[sort_of(rows["kind"]) == "graded"]
    found = graded.melt(["event_id", "source_id", "locator", "start"], list(AREAS), "area", "grade")
    days = found["start"].dt.date if len(found) else found["start"]
    found["judgement"] = [judgement_id(area, day) for area, day in zip(found["area"], days, strict=True)]
    if len(odd := found[(found["judgement"] == "") != (found["grade"] == "")]):
        row = odd.iloc[0]
        lacks = f"no grade for {row['judgement']}" if row["judgement"] else ""
        what = lacks or f"a grade for {row['area']}, which was not in force"
        raise ValueError(f"{row['source_id']}, {row['locator']}: {what} on {row['start']:%Y-%m-%d}; mend the source")
    return found[found["judgement"] != ""].drop(columns=["area", "start"]).assign(scale="four_point_2013")


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
    """Read the curated frames: dates to days, judgements checked against their framework and scale.

    Raises ValueError naming file, row and column for a date that cannot be read, a publication before the start, a
    judgement of no event, one that was not in force, a grade that is not on its scale, and an id that stands twice.
    """
    dated = pd.DataFrame([_read_event(row) for row in events.to_dict("records")])
    dated = dated.assign(**{day: pd.to_datetime(dated[day]) for day in _CURATED_DAYS})
    if dated["event_id"].duplicated().any():
        twice = dated.loc[dated["event_id"].duplicated(), "event_id"].iloc[0]
        raise ValueError(f"data/curated/events.csv, {twice}: this id stands twice; give one of the rows another")
    known = dated.set_index("event_id")
    graded = [_read_judgement(row, known) for row in judgements.to_dict("records")]
    grades = pd.DataFrame(graded, columns=[*judgements.columns, "scale"])
    by_hand = (rows.assign(basis="hand") for rows in (dated, grades))
    return Inspections(*by_hand, pd.DataFrame(columns=CONFLICT_KEY), event_sources)


def _read_event(row: Mapping[str, str]) -> dict[str, Any]:
    start, end, stated = (_read_period(row, column) for column in ("start", "end", "published_edtf"))
    if start is None or (stated and stated.latest < start.earliest):
        found = f"published {stated.edtf}, before its start" if start else "no start"
        raise ValueError(f"data/curated/events.csv, {row['event_id']}: {found}; mend the row")
    return dict(row) | {
        "start": start.edtf,
        "start_earliest": start.earliest,
        "start_latest": start.latest,
        "end": end.edtf if end else "",
        "end_latest": end.latest if end else None,
        "publication_date": stated.latest if stated and len(stated.edtf) == len("2022-09-05") else None,
        "stated": stated.latest if stated else None,
    }


def _read_period(row: Mapping[str, str], column: str) -> Period | None:
    try:
        return read_edtf(row[column]) if row[column] else None
    except ValueError as why:
        raise ValueError(f"data/curated/events.csv, {row['event_id']}, {column}: {why}") from None


def _read_judgement(row: Mapping[str, str], events: pd.DataFrame) -> dict[str, Any]:
    at = f"data/curated/judgements.csv, {row['event_id']} {row['judgement']}"
    if row["event_id"] not in events.index:
        raise ValueError(f"{at}: no such event; add it to data/curated/events.csv")
    event = events.loc[row["event_id"]]
    in_force = judgements_in_force(event["framework"], event["start_earliest"].date())
    if row["judgement"] not in in_force:
        raise ValueError(
            f"{at}: not in force then; expected one of {', '.join(in_force) or 'none'}; mend it, or framework and "
            "start in events.csv"
        )
    scale = in_force[row["judgement"]].scale
    if row["grade"] not in SCALES[scale]:
        raise ValueError(
            f"{at}: grade {row['grade']!r} is not on its scale; expected one of {', '.join(SCALES[scale])}"
        )
    return dict(row) | {"scale": scale}


def combine(release: Inspections, ours: Inspections, days: pd.Series) -> Inspections:
    """Return one set of `official` and `curated`, every row with `published`; `days` gives the day of each source.

    An official row and a curated one of the same authority, first day and sort are one event under the curated id. What
    the curated row states is kept, because it was read from the report itself; the release fills the rest (a
    publication day) and is one more source; cells on which they differ are listed. Raises ValueError for a source
    that `days` lacks.
    """
    twins = _twins(release.events, ours.events)
    theirs = Inspections(*(_renamed(frame, twins) for frame in release))
    both = theirs.events[theirs.events["event_id"].isin(twins.values())]
    further = both[["event_id", "source_id"]].assign(
        confirms="listed in the release, with the start and what else it gives"
    )
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
    """Return the curated id for each official id that is the same event."""
    key = ["la_code_ons", "start", "sort"]
    left, right = (frame.assign(sort=sort_of(frame["kind"]))[[*key, "event_id"]] for frame in (theirs, ours))
    pairs = left.merge(right, on=key, suffixes=("", "_ours"))
    if pairs["event_id"].duplicated().any():
        rows = pairs.loc[pairs["event_id"].duplicated(keep=False), "event_id_ours"]
        raise ValueError(
            f"data/curated/events.csv: {' and '.join(rows)} are one event in the release; make them one row"
        )
    return dict(zip(pairs["event_id"], pairs["event_id_ours"], strict=True))


def _renamed(frame: pd.DataFrame, ids: Mapping[str, str]) -> pd.DataFrame:
    return frame.assign(**{c: frame[c].map(lambda i: ids.get(i, i)) for c in ("event_id", "row") if c in frame})


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
    judgements = found.judgements.assign(
        la_code_ons=judged(of["la_code_ons"]), published=judged(of["published"]).where(stated.notna(), own_day)
    )
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
    lost = source_ids[~source_ids.isin(days.index)]
    if len(lost):
        raise ValueError(
            f"source {lost.iloc[0]!r} of an event is not in data/curated/sources.csv; register it, or "
            "mend events.csv, judgements.csv or event_sources.csv"
        )
    return pd.to_datetime(source_ids.map(days))


def _published(events: pd.DataFrame, further: pd.DataFrame, days: pd.Series) -> pd.Series:
    """Return the first day an event is known to have been public; METHODS has the rule.

    The stated day; else the last day of the stated month or year; else the first day, not before the event began, on
    which one of its sources was out. An expectation is known from its own source.
    """
    begun = events.set_index("event_id")["start_earliest"]
    sources = pd.concat([events[["event_id", "source_id"]], further[["event_id", "source_id"]]], ignore_index=True)
    sources = sources.assign(day=_day_of(sources["source_id"], days))
    after = sources[sources["day"] >= sources["event_id"].map(begun)].groupby("event_id")["day"].min()
    seen = events["event_id"].map(after).fillna(events["start_earliest"])
    expected = events["kind"] == "expected_inspection"
    first = seen.where(~expected, _day_of(events["source_id"], days))
    return events["publication_date"].fillna(events["stated"]).fillna(first)
