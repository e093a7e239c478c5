"""Inspections that a sheet compiled by others lists and no source of ours has: newer than Ofsted's own table, or a gap.

The sheet has one row an authority, its newest full inspection. What other sources gave is always kept.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import tables
from childrens_services.normalise import reports
from childrens_services.normalise.authorities import current_code
from childrens_services.normalise.inspections import CONFLICT_KEY, by_judgement, disagreements, filled_cells
from childrens_services.normalise.ofsted_outcomes import AREAS, describe
from childrens_services.normalise.reference import Cells
from childrens_services.normalise.refusals import refuse
from childrens_services.normalise.releases import LAYOUTS, Release
from childrens_services.periods import english_day
from childrens_services.sources import need
from childrens_services.vocabulary import GRADE_SPELLINGS, GRADED_KINDS, Framework

FAMILY = "ilacs_overview"  # of the releases of the sheet in the register
TABLES = ("events", "judgements", "conflicts", "event_sources")
SHEET = "ofsted_cs_inspections_overview"
_LAYOUT = LAYOUTS[FAMILY]
_DAYS = _LAYOUT["days"]
_COLUMNS = {**_LAYOUT["place"], **_DAYS, **_LAYOUT["grades"]}
_YEAR = pd.Timedelta(days=365)  # from the first day to publication; the longest of those we hold is 224 days
_REMEDY = (
    "see Ofsted's report, and put it into the folder ofsted_reports, or its days and grades into events.csv and "
    "judgements.csv of data/curated: they are then kept"
)


def read_sheet(cells: Cells, authorities: pd.DataFrame, changes: Mapping[str, str], release: Release) -> pd.DataFrame:
    """Return one row an authority, with its `row` in the sheet, `la_code_ons`, days, `kind` and grades as text.

    A day or kind that it lacks is empty. `changes` as by `authorities.code_changes`. Raises ValueError for a column
    that is not there, an authority that is not known or has the code of another, and a cell that is no day.
    """
    file, (heading, *printed) = release.path.name, cells
    need(_COLUMNS.values(), heading, file, "mend the names in layouts.toml")
    sheet = pd.DataFrame(printed, columns=heading)[list(_COLUMNS.values())]
    rows = sheet.set_axis(list(_COLUMNS), axis="columns").map(lambda cell: str(cell).strip())
    rows = rows.assign(row=range(2, len(rows) + 2), file=file, source_id=release.source_id)
    return rows.assign(
        **{field: _read_days(rows, field, column) for field, column in _DAYS.items()},
        la_code_ons=_located(rows, authorities, changes),
        kind=rows["kind"].map(_LAYOUT["kinds"]).fillna(rows["kind"]),
        **{area: rows[area].mask(rows[area].isin(_LAYOUT["no_grade"]), "") for area in AREAS},
    )


def _read_days(rows: pd.DataFrame, field: str, column: str) -> pd.Series:
    """Read days as the sheet prints them, 27/04/2026, or 17/06/26 for publication; an empty cell is none."""
    forms = [pd.to_datetime(rows[field], format=form, errors="coerce") for form in ("%d/%m/%Y", "%d/%m/%y")]
    days = forms[0].fillna(forms[1])
    words = f"{{file}}, row {{row}}, {column}: found {{{field}!r}}, expected a day such as 27/04/2026; {_REMEDY}"
    refuse(rows[days.isna() & rows[field].ne("")], words)
    return days


def _located(rows: pd.DataFrame, authorities: pd.DataFrame, changes: Mapping[str, str]) -> pd.Series:
    """Give the ONS code by the DfE number; the code printed beside it must be that authority's, now or before."""
    known = authorities.set_index("la_code_dfe")
    codes, former = (rows["la_code_dfe"].map(known[column]) for column in ("la_code_ons", "predecessors"))
    printed = current_code(rows["printed_code"], changes)
    before = [code in codes.split() for code, codes in zip(printed, former.fillna(""), strict=True)]
    words = "{file}, row {row}: {name} has la_code {la_code_dfe!r} and ltla23cd {printed_code!r}, expected two codes "
    wrong = rows[printed.ne(codes) & ~pd.Series(before, rows.index, dtype="bool")]
    refuse(wrong, words + "of one authority; mend data/curated/authority_changes.csv")
    return codes


def add(
    rows: pd.DataFrame, frames: Mapping[str, pd.DataFrame], days: pd.Series, release: Release
) -> dict[str, pd.DataFrame]:
    """Return the tables of `frames` with what the sheet adds; `rows` as from `read_sheet`, `days` of each source."""
    kept = {name: tables.conform(name, frames[name]) for name in TABLES}
    same = held(rows, kept["events"])
    kept = _dated(kept, rows.assign(event_id=same))
    events, graded = enter(rows[same.isna()], release)
    judgements, decided = certified(events, graded, frames["certificates"])
    differing = pd.concat([set_aside(rows, same, kept["events"], kept["judgements"]), decided], ignore_index=True)
    both = [differing[column].map(days) for column in ("source_id", "other_source_id")]
    known = kept["event_sources"].loc[kept["event_sources"]["source_id"] == release.source_id, "event_id"]
    # On its day the sheet listed each of these as an authority's newest inspection.
    seen = pd.DataFrame({"event_id": pd.concat([same.dropna(), events["event_id"]]), "source_id": release.source_id})
    confirms = f"listed as the newest full inspection on {english_day(release.edition)}"
    seen = seen.assign(confirms=confirms, published=pd.Timestamp(release.edition))
    new = {
        "events": events,
        "judgements": judgements,
        "conflicts": differing.assign(published=pd.concat(both, axis="columns").max(axis="columns")),
        "event_sources": seen[~seen["event_id"].isin(known)],
    }
    return {
        name: pd.concat([kept[name], reports.fitted(name, found)], ignore_index=True) for name, found in new.items()
    }


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


def held(rows: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Return for each row of the sheet the `event_id` by which another source has the inspection; missing for none.

    It is the graded inspection of the same authority whose first day or publication is within a month. Where the sheet
    has no first day, publication up to a year after the event's first day will do: no authority had two in that time.
    """
    columns = ["event_id", "la_code_ons", "start_earliest", "publication_date"]
    theirs = events.loc[events["kind"].isin(GRADED_KINDS) & events["framework"].eq(Framework.ILACS), columns]
    pairs = rows.reset_index(names="at").merge(theirs, on="la_code_ons", suffixes=("", "_held"))
    by_start = (pairs["start"] - pairs["start_earliest"]).abs()
    by_report = (pairs["publication_date"] - pairs["publication_date_held"]).abs()
    wait = pairs["publication_date"] - pairs["start_earliest"]
    dateless = pairs["start"].isna() & wait.between(pd.Timedelta(0), _YEAR)
    near = pairs[(by_start <= reports.NEAR) | (by_report <= reports.NEAR) | dateless]
    newest = near.sort_values(["at", "start_earliest", "event_id"]).drop_duplicates("at", keep="last")
    return newest.set_index("at")["event_id"].reindex(rows.index)


def set_aside(rows: pd.DataFrame, same: pd.Series, events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `conflicts`: the cells in which the sheet differs from the inspection of another source (`same`).

    A cell that the sheet could not read, or a grade of a judgement that was not in force, says nothing about it.
    """
    mine = rows.assign(event_id=same).merge(events[["event_id", "start_earliest"]], on="event_id", validate="m:1")
    kept_events = events[events["event_id"].isin(mine["event_id"])]
    kept = filled_cells(kept_events, judgements[judgements["event_id"].isin(mine["event_id"])])
    graded = by_judgement(mine.assign(start=mine["start_earliest"]), ["event_id", "source_id"])
    graded = graded[graded["judgement"].ne("") & graded["grade"].ne("data_unreadable")]
    graded = graded.assign(grade=graded["grade"].str.replace(" ", "_"))
    return disagreements(kept, filled_cells(mine.assign(theme=""), graded))


def enter(rows: pd.DataFrame, release: Release) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of `events` and `judgements` for inspections that no other source has, each row checked.

    Brent's, begun on 27 April 2026, has four grades and none for overall effectiveness, which no longer existed. Raises
    ValueError naming file, row and column for a day, kind or grade that is missing, out of order or not in force.
    """
    _check(rows, pd.Timestamp(release.edition))
    texts = {day: rows[day].dt.strftime("%Y-%m-%d").astype("str") for day in ("start", "end")}
    events = rows.assign(
        event_id=rows["la_code_ons"] + "_" + texts["start"] + "_" + rows["kind"],
        framework=Framework.ILACS.value,
        theme="",
        start_earliest=rows["start"],
        start_latest=rows["start"],
        end_latest=rows["end"],
        basis="compiled",
        locator=f"{SHEET} row " + rows["row"].astype("str"),
        published=rows["publication_date"],
        **texts,
    )
    return reports.fitted("events", describe(events)), reports.fitted("judgements", _grades(events))


def _check(rows: pd.DataFrame, in_hand: pd.Timestamp) -> None:
    at = "{file}, row {row}"
    odd = rows[~rows["kind"].isin(GRADED_KINDS)].replace({"kind": {"": "None"}})
    refuse(odd, f"{at}, inspection_framework: found {{kind!r}}, expected short or standard; {_REMEDY}")
    days = [*(rows[day] for day in _DAYS), in_hand]
    for column, day, until in zip(_DAYS.values(), days[:-1], days[1:], strict=True):
        refuse(rows[day.isna()], f"{at}, {column}: found no day of {{name}}, expected one; {_REMEDY}")
        words = f"{at}, {column}: found {{day:%Y-%m-%d}}, expected {{until:%Y-%m-%d}} or earlier; {_REMEDY}"
        refuse(rows.assign(day=day, until=until)[day > until], words)
    late = rows[rows["publication_date"] - rows["start"] > _YEAR]
    refuse(late, f"{at}: published more than a year after its first day {{start:%Y-%m-%d}}; {_REMEDY}")


def _grades(events: pd.DataFrame) -> pd.DataFrame:
    """Return a grade for each judgement in force, and see that the sheet gives none for another."""
    kept = ["event_id", "la_code_ons", "framework", "basis", "locator", "source_id", "published", "file", "row", "name"]
    found = by_judgement(events, kept).assign(column=lambda rows: rows["area"].map(_COLUMNS))
    at = "{file}, row {row}, {column}: "
    refuse(found[found["wrong"]], at + "found {grade!r} for {name}, expected {expected}; " + _REMEDY)
    found = found[found["judgement"] != ""]
    known, grades = ", ".join(sorted(GRADE_SPELLINGS)), found["grade"].str.lower().map(GRADE_SPELLINGS)
    refuse(found[grades.isna()], at + "unknown grade {grade!r}: expected one of {known}; " + _REMEDY, known=known)
    return found.assign(grade=grades)


def certified(
    events: pd.DataFrame, judgements: pd.DataFrame, certificates: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `judgements` with what reports in the folder say with certainty, and the conflicts in which it differs.

    Of a report of which a part needs review, the certain grades are kept, and the sheet's stand where it is doubtful.
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
