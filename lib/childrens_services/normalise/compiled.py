"""Inspections that a sheet compiled by others lists and no source of ours has: newer than Ofsted's own table, or a gap.

Goes in: cells of the sheet (one row an authority, its newest full inspection) and the inspections that other sources
gave. Comes out: rows of `events`, `judgements`, `conflicts` and `event_sources`. An official row, a certified report or
one read by hand is always kept, and the sheet's is set aside; what enters is marked `compiled`. A row that enters is
held to the vocabulary, to the judgements in force and to the order of its days; nothing is repaired.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import python_calamine

from childrens_services import tables
from childrens_services.normalise import reports
from childrens_services.normalise.inspections import CONFLICT_KEY, disagreements, filled_cells, judgement_id
from childrens_services.normalise.ofsted_outcomes import AREAS, describe
from childrens_services.normalise.releases import Release
from childrens_services.periods import english_day
from childrens_services.vocabulary import GRADED_KINDS, Framework, read_grade

FAMILY = "ilacs_overview"  # of the releases of the sheet in the register
TABLES = ("events", "judgements", "conflicts", "event_sources")
SHEET = "ofsted_cs_inspections_overview"
_GRADES = dict(
    zip(
        AREAS,
        (
            "overall_effectiveness_grade",
            "impact_of_leaders_grade",
            "help_and_protection_grade",
            "in_care_grade",
            "care_leavers_grade",
        ),
        strict=True,
    )
)
_DAYS = {"start": "inspection_start_date", "end": "inspection_end_date", "publication_date": "publication_date"}
_PLACE = {"la_code_dfe": "la_code", "printed_code": "ltla23cd", "name": "local_authority"}
_COLUMNS = {**_PLACE, "kind": "inspection_framework", **_DAYS, **_GRADES}
KINDS = {"standard": "inspection", "short": "short_inspection", "None": ""}
NO_GRADE = ("", "nan", "inspection_pre_dates_judgement")
_YEAR = pd.Timedelta(days=365)  # from the first day to publication; the longest of those we hold is 224 days
_REMEDY = (
    "see Ofsted's report, and put it into the folder ofsted_reports, or its days and grades into events.csv and "
    "judgements.csv of data/curated: they are then kept"
)


def read_cells(path: Path) -> list[list[Any]]:
    """Read the sheet's cells, a list for each row."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    if SHEET not in book.sheet_names:
        raise ValueError(
            f"{path.name}: no sheet {SHEET!r}, only {', '.join(book.sheet_names)}; mend SHEET in compiled.py"
        )
    return book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)


def read_sheet(
    cells: Sequence[Sequence[Any]], authorities: pd.DataFrame, changes: Mapping[str, str], release: Release
) -> pd.DataFrame:
    """Read the sheet: one row an authority, with its `row` there, `la_code_ons`, days, `kind` and grades as text.

    A day or kind that the sheet lacks is empty. `changes` as by `authorities.code_changes`. Raises ValueError for a
    column that is not there, an authority that is not known or has the code of another, and a cell that is no day.
    """
    file, heading = release.path.name, [str(cell) for cell in cells[0]]
    if lacking := [column for column in _COLUMNS.values() if column not in heading]:
        raise ValueError(
            f"{file}, row 1: lacks column {lacking[0]!r}, has {', '.join(heading)}; mend the names in compiled.py"
        )
    at = {field: heading.index(column) for field, column in _COLUMNS.items()}
    texts = [{field: str(row[n]).strip() for field, n in at.items()} | {"row": i} for i, row in enumerate(cells[1:], 2)]
    rows = pd.DataFrame(texts)
    for field in _DAYS:
        days = [
            _read_day(text, f"{file}, row {n}, {_DAYS[field]}")
            for text, n in zip(rows[field], rows["row"], strict=True)
        ]
        rows[field] = pd.to_datetime(pd.Series(days, dtype="object"))
    return rows.assign(
        source_id=release.source_id,
        la_code_ons=_located(rows, authorities, changes, file),
        kind=rows["kind"].map(KINDS).fillna(rows["kind"]),
        **{area: rows[area].mask(rows[area].isin(NO_GRADE), "") for area in AREAS},
    )


def _read_day(text: str, at: str) -> date | None:
    """Read a day as the sheet prints it: 27/04/2026, or 17/06/26 for publication; an empty cell is None."""
    for form in ("%d/%m/%Y", "%d/%m/%y"):
        try:
            return datetime.strptime(text, form).date() if text else None
        except ValueError:
            continue
    raise ValueError(f"{at}: found {text!r}, expected a day such as 27/04/2026; {_REMEDY}")


def _located(rows: pd.DataFrame, authorities: pd.DataFrame, changes: Mapping[str, str], file: str) -> pd.Series:
    """Give the ONS code by the DfE number; the code printed beside it must be that authority's, now or before."""
    known = authorities.set_index("la_code_dfe")
    codes = rows["la_code_dfe"].map(known["la_code_ons"])
    former = rows["la_code_dfe"].map(known["predecessors"]).fillna("").str.split()
    printed = rows["printed_code"].map(lambda code: changes.get(code, code))
    pairs = zip(printed, codes, former, strict=True)
    if lost := [n for n, (code, ours, before) in enumerate(pairs) if code != ours and code not in before]:
        row = rows.iloc[lost[0]]
        raise ValueError(
            f"{file}, row {row['row']}: {row['name']} has la_code {row['la_code_dfe']!r} and ltla23cd "
            f"{row['printed_code']!r}, expected two codes of one authority; mend data/curated/authority_changes.csv"
        )
    return codes


def add(
    rows: pd.DataFrame, frames: Mapping[str, pd.DataFrame], days: pd.Series, release: Release
) -> dict[str, pd.DataFrame]:
    """Return the tables of `frames` to which the sheet adds: events, judgements, conflicts, event_sources.

    `rows` as from `read_sheet`; `days` gives the day of each source.
    """
    kept = {name: tables.conform(name, frames[name]) for name in TABLES}
    same = held(rows, kept["events"])
    kept = _dated(kept, rows.assign(event_id=same))
    events, graded = enter(rows[same.isna()], release)
    judgements, decided = certified(events, graded, frames["certificates"])
    differing = pd.concat([set_aside(rows, same, kept["events"], kept["judgements"]), decided], ignore_index=True)
    both = [differing[column].map(days) for column in ("source_id", "other_source_id")]
    known = kept["event_sources"].loc[kept["event_sources"]["source_id"] == release.source_id, "event_id"]
    seen = listed(pd.concat([same.dropna(), events["event_id"]]), release)
    new = {
        "events": events,
        "judgements": judgements,
        "conflicts": differing.assign(published=pd.concat(both, axis="columns").max(axis="columns")),
        "event_sources": seen[~seen["event_id"].isin(known)],
    }
    return {name: pd.concat([kept[name], _conform(name, found)], ignore_index=True) for name, found in new.items()}


def _dated(kept: Mapping[str, pd.DataFrame], rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give inspections whose report prints no day of publication the sheet's, and their rows where that is earlier."""
    events = kept["events"]
    bare = events.loc[events["source_id"].eq(reports.SOURCE) & events["publication_date"].isna(), "event_id"]
    days = rows[rows["event_id"].isin(bare)].set_index("event_id")["publication_date"].to_dict()
    dated = {}
    for name in ("events", "judgements"):
        day, known = pd.to_datetime(kept[name]["event_id"].map(days)), kept[name]["published"]
        dated[name] = kept[name].assign(published=known.mask(day < known, day))
    day = pd.to_datetime(events["event_id"].map(days))
    dated["events"] = dated["events"].assign(publication_date=events["publication_date"].fillna(day))
    return dict(kept) | dated


def _conform(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    return tables.conform(name, rows.reindex(columns=list(tables.contracts()[name]["columns"])))


def held(rows: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Return for each row of the sheet the `event_id` by which another source has the inspection; missing for none.

    It is the graded inspection of the same authority whose first day or publication is within a month. Where the sheet
    has no first day, publication up to a year after the event's first day will do: no authority had two in that time.
    """
    theirs = events.loc[
        events["kind"].isin(GRADED_KINDS) & events["framework"].eq(Framework.ILACS),
        ["event_id", "la_code_ons", "start_earliest", "publication_date"],
    ]
    pairs = rows.reset_index(names="at").merge(theirs, on="la_code_ons", suffixes=("", "_held"))
    by_start = (pairs["start"] - pairs["start_earliest"]).abs()
    by_report = (pairs["publication_date"] - pairs["publication_date_held"]).abs()
    wait = pairs["publication_date"] - pairs["start_earliest"]
    dateless = pairs["start"].isna() & wait.between(pd.Timedelta(0), _YEAR)
    near = pairs[(by_start <= reports.NEAR) | (by_report <= reports.NEAR) | dateless]
    newest = near.sort_values(["at", "start_earliest", "event_id"]).drop_duplicates("at", keep="last")
    return newest.set_index("at")["event_id"].reindex(rows.index)


def set_aside(rows: pd.DataFrame, same: pd.Series, events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `conflicts`: the cells in which the sheet differs from the inspection that another source has.

    `same` as from `held`. The other source's cell is kept. A cell that the sheet could not read, or a grade of a
    judgement that was not in force, is no statement about that judgement and is left out.
    """
    mine = rows.assign(event_id=same).merge(events[["event_id", "start_earliest"]], on="event_id", validate="m:1")
    kept_events = events[events["event_id"].isin(mine["event_id"])]
    kept = filled_cells(kept_events, judgements[judgements["event_id"].isin(mine["event_id"])])
    told = mine.assign(theme="")
    return disagreements(kept, filled_cells(told, _readable(told)))


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    found = [
        (row["event_id"], judgement, row[area].replace(" ", "_"), row["source_id"])
        for row in rows.to_dict("records")
        for area in AREAS
        if (judgement := judgement_id(area, row["start_earliest"].date())) and row[area] != "data_unreadable"
    ]
    return pd.DataFrame(found, columns=["event_id", "judgement", "grade", "source_id"])


def enter(rows: pd.DataFrame, release: Release) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of `events` and `judgements` for inspections that no other source has, each row checked.

    Brent's, begun on 27 April 2026, has four grades and none for overall effectiveness, which no longer existed. Raises
    ValueError naming file, row and column for a day or kind that is missing, days out of order, a grade that is not
    one, and a judgement without a grade or not in force.
    """
    events, judgements = [], []
    for row in rows.to_dict("records"):
        at = f"{release.path.name}, row {row['row']}"
        _check_days(row, release.edition, at)
        event = _event(row)
        events.append(event)
        judgements += [event | graded for graded in _grades(row, at)]
    found = pd.DataFrame(events, columns=list(tables.contracts()["events"]["columns"]))
    graded = pd.DataFrame(judgements, columns=[*found, "judgement", "scale", "grade"])
    return _conform("events", describe(found)), _conform("judgements", graded)


def _check_days(row: Mapping[str, Any], in_hand: date, at: str) -> None:
    if row["kind"] not in GRADED_KINDS:
        raise ValueError(
            f"{at}, inspection_framework: found {row['kind'] or 'None'!r}, expected short or standard; {_REMEDY}"
        )
    order = [row["start"], row["end"], row["publication_date"], pd.Timestamp(in_hand)]
    for column, day, until in zip(_DAYS.values(), order[:-1], order[1:], strict=True):
        if pd.isna(day):
            raise ValueError(f"{at}, {column}: found no day of {row['name']}, expected one; {_REMEDY}")
        if day > until:
            raise ValueError(f"{at}, {column}: found {day:%Y-%m-%d}, expected {until:%Y-%m-%d} or earlier; {_REMEDY}")
    if row["publication_date"] - row["start"] > _YEAR:
        raise ValueError(f"{at}: published more than a year after its first day {row['start']:%Y-%m-%d}; {_REMEDY}")


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    start, end = (f"{row[day]:%Y-%m-%d}" for day in ("start", "end"))
    return {
        "event_id": f"{row['la_code_ons']}_{start}_{row['kind']}",
        "la_code_ons": row["la_code_ons"],
        "kind": row["kind"],
        "framework": Framework.ILACS.value,
        "start": start,
        "end": end,
        "start_earliest": row["start"],
        "start_latest": row["start"],
        "end_latest": row["end"],
        "publication_date": row["publication_date"],
        "basis": "compiled",
        "locator": f"{SHEET} row {row['row']}",
        "source_id": row["source_id"],
        "published": row["publication_date"],
    }


def _grades(row: Mapping[str, Any], at: str) -> list[dict[str, str]]:
    """Give a grade for each judgement in force, and see that the sheet gives none for another."""
    found = []
    for area, column in _GRADES.items():
        judgement, text = judgement_id(area, row["start"].date()), row[area]
        if bool(judgement) != bool(text):
            expected = f"a grade for {judgement}" if judgement else "no grade, because the judgement was not in force"
            raise ValueError(f"{at}, {column}: found {text!r} for {row['name']}, expected {expected}; {_REMEDY}")
        try:
            grade = read_grade(text) if judgement else ""
        except ValueError as why:
            raise ValueError(f"{at}, {column}: {why}; {_REMEDY}") from None
        found += [{"judgement": judgement, "scale": "four_point_2013", "grade": grade}] if judgement else []
    return found


def certified(
    events: pd.DataFrame, judgements: pd.DataFrame, certificates: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `judgements` with what reports in the folder say with certainty, and the conflicts in which it differs.

    A report of which every field is certain is an event of its own and the sheet's row never enters; this is for one of
    which a part needs review: its certain grades are kept, and the sheet's only stand where it is doubtful.
    """
    cells = reports.compare(certificates, events, judgements)
    sure = cells[cells["report"].notna() & cells["field"].str.startswith("judgement.")]
    sure = sure.assign(judgement=sure["field"].str.removeprefix("judgement."))
    both = judgements.merge(sure[["event_id", "judgement", "report", "file"]], how="left", validate="1:1")
    told = both["report"].notna()
    kept = both.assign(
        grade=both["report"].where(told, both["grade"]),
        basis=both["basis"].mask(told, "report"),
        source_id=both["source_id"].mask(told, reports.SOURCE),
        locator=both["file"].where(told, both["locator"]),
    )
    swapped = {"kept": "other", "other": "kept", "source_id": "other_source_id", "other_source_id": "source_id"}
    differing = reports.conflicts(cells[cells["outcome"].eq(reports.DIFFERS)]).rename(columns=swapped)
    differing = differing[differing["table"] == "judgements"]
    return kept.drop(columns=["report", "file"]), differing[[*CONFLICT_KEY, "kept", "other", "source_id"]]


def listed(event_ids: pd.Series, release: Release) -> pd.DataFrame:
    """Return rows of `event_sources`: on its day the sheet listed each of these as an authority's newest inspection."""
    confirms, day = f"listed as the newest full inspection on {english_day(release.edition)}", release.edition
    return pd.DataFrame({"event_id": event_ids, "source_id": release.source_id, "confirms": confirms}).assign(
        published=pd.Timestamp(day)
    )
