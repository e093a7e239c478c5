"""Read the sheets of Ofsted's inspection outcomes release, wide and long, each edition in its own layout.

A heading, kind, grade or date that is not one we know is refused with its place; nothing is repaired.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from childrens_services import vocabulary
from childrens_services.normalise.authorities import code_changes, current_code, resolve
from childrens_services.normalise.reference import Cells
from childrens_services.normalise.refusals import refuse
from childrens_services.normalise.releases import LAYOUTS
from childrens_services.sources import read_curated
from childrens_services.vocabulary import EVENT_KINDS, GRADED_KINDS, Framework

SHEETS, KINDS = LAYOUTS["ofsted_outcomes"]["sheets"], LAYOUTS["ofsted_outcomes"]["kinds"]
# Every edition prints all its rows under the five judgements of 2023; `inspections` tells which were in force.
AREAS = tuple(vocabulary.judgements_in_force(Framework.ILACS, date(2023, 1, 1)))
NOT_INSPECTED = "Not yet inspected"  # stands in the 2024 edition where a date would
_BLOCK = re.compile(r"((?:first|second|third) ilacs |ilacs framework )?(?:the )?(.*)")
_FIRST_HEADING = "Web link"
_DAYS = ("start", "publication_date")
_NOT_KEPT = ("link", "status", "region")  # read, but the tables have them from elsewhere
_ROW = ["locator", "name", "area_code", "start", "publication_date", "kind", "theme", *AREAS]


def read_edition(
    sheets: Mapping[str, Cells], source_id: str, layout: str, crosswalk: pd.DataFrame, file: str
) -> list[pd.DataFrame]:
    """Return a frame a sheet of one edition (`sheets[name][row][column]`), the fullest sheet first.

    Columns: `source_id, locator, la_code_ons, start, publication_date, kind, theme` and a grade an area, empty
    where the sheet has none. Raises ValueError with the place for a sheet that is missing, an authority that is
    unknown or does not go with the code beside it, and what `read_sheet` refuses.
    """
    lacking = [name for name in SHEETS[layout] if name not in sheets]
    if lacking:
        raise ValueError(
            f"{file}: no sheet {lacking[0]!r} among {', '.join(sheets)}; is it of the layout {layout}, as "
            "sources.csv says?"
        )
    frames = []
    for name in SHEETS[layout]:
        where = f"{file}, sheet {name}"
        rows = _identify(read_sheet(sheets[name], where), crosswalk, where)
        frames.append(rows.assign(source_id=source_id, locator=name + " row " + rows["locator"].astype("str")))
    return frames


def read_sheet(cells: Cells, where: str) -> pd.DataFrame:
    """Return one row an inspection or visit, as printed, of every table of one sheet, read by its headings.

    The locator is the row of the sheet, counted from 1. Raises ValueError with the place for an unknown heading, kind
    or grade, a cell that is no date, a grade of a visit, and a grade without a date.
    """
    tops = [n for n, row in enumerate(cells) if row and row[0] == _FIRST_HEADING]
    if not tops:
        raise ValueError(f"{where}: no row of headings that starts with {_FIRST_HEADING!r}; is it a new layout?")
    records = [record for top in tops for record in _read_table(cells, top, where)]
    frame = pd.DataFrame(records, columns=_ROW)
    text = {column: frame[column].astype("str").fillna("") for column in _ROW if column not in (*_DAYS, "locator")}
    rows = frame.assign(**text, **{day: pd.to_datetime(frame[day]) for day in _DAYS})
    at = "{where}, row {locator}: "
    words = "{name} has a kind or a grade, but no date; expected a date"
    refuse(rows[rows[list(_DAYS)].isna().all(axis="columns")], at + words, where=where)
    grades = rows[list(AREAS)].ne("")
    told = rows.assign(kind=rows["kind"].map(EVENT_KINDS), area=grades.idxmax(axis="columns"))
    words = "a {kind} has a grade for {area}, but visits are not graded"
    refuse(told[sort_of(rows["kind"]).ne("graded") & grades.any(axis="columns")], at + words, where=where)
    return rows


def _read_table(cells: Cells, top: int, where: str) -> Iterator[dict[str, Any]]:
    """Read the rows below one row of headings, once for each block of columns that the headings name."""
    known = read_curated("outcome_headings").set_index("heading")["field"]
    listed = {n: _read_heading(text, known, _at(where, top, n)) for n, text in enumerate(cells[top]) if text}
    fields = {n: (block, field) for n, (block, field) in listed.items() if field}
    found = {field for _, field in fields.values()}
    lacking = [field for field in ("name", *AREAS[1:-1]) if field not in found]  # first and last come and go
    if lacking or found.isdisjoint(_DAYS):
        what = ", ".join(lacking) or "a date"
        raise ValueError(
            f"{where}, row {top + 1}: no column for {what}; if the layout is new, see outcome_headings.csv"
        )
    name = next(n for n, (_, field) in fields.items() if field == "name")
    blocks = list(dict.fromkeys(block for block, _ in fields.values() if block)) or [""]
    for row in range(top + 1, len(cells)):
        if not cells[row][name] or cells[row][0] == _FIRST_HEADING:  # the title of the next table
            return
        for block in blocks:
            mine = {n: field for n, (of, field) in fields.items() if of in ("", block)}
            record = {field: _read_cell(field, cells[row][n], _at(where, row, n)) for n, field in mine.items()}
            if any(record.get(field) for field in (*_DAYS, "kind", *AREAS)):
                yield record | {"locator": row + 1}


def _at(where: str, row: int, column: int) -> str:
    return f"{where}, row {row + 1}, column {chr(ord('A') + column)}"


def _read_heading(heading: str, known: pd.Series, at: str) -> tuple[str, str]:
    """Return the block ("first ilacs ", or empty) and the field of a heading, empty for a column that is not read."""
    block, name = _BLOCK.fullmatch(" ".join(str(heading).casefold().split())).groups()
    if name not in known:
        raise ValueError(
            f"{at}: unknown heading {heading!r}; add a row {name!r} to data/curated/outcome_headings.csv, with the "
            "field that it is, or with none if the column is not to be read"
        )
    if known[name] not in (*_ROW, *_NOT_KEPT, ""):
        raise ValueError(f"data/curated/outcome_headings.csv, row {name}: no such field {known[name]!r}; mend the cell")
    return block or "", known[name]


def _read_cell(field: str, cell: Any, at: str) -> Any:
    """Read one cell as its heading says: a day, a kind, a grade or text; an empty one is None."""
    text = cell.strip() if isinstance(cell, str) else cell
    if text in ("", None) or (field == "start" and text == NOT_INSPECTED):
        return None
    try:
        if field in _DAYS and not isinstance(text, date):
            raise ValueError(f"found {cell!r}, expected a date")
        if field in _DAYS:
            return pd.Timestamp(text).as_unit("us")  # a cell without a time would give another unit
        if field == "kind":
            return KINDS[vocabulary.check_word("kinds of visit", text, KINDS)]
        return vocabulary.read_grade(text) if field in AREAS else str(text)
    except ValueError as why:
        raise ValueError(f"{at}: {why}; see whether the file is damaged or the publisher has a new word") from None


def sort_of(kinds: pd.Series) -> pd.Series:
    """Return `graded` for graded inspections, also those of a sheet without kinds, and the kind for all others."""
    return kinds.mask(kinds.isin(["", *GRADED_KINDS]), "graded")


def _identify(rows: pd.DataFrame, crosswalk: pd.DataFrame, where: str) -> pd.DataFrame:
    """Add the ONS code by the name, and see that the code printed beside the name is the same authority's."""
    names = rows.set_index("locator")["name"]
    codes = resolve(names, crosswalk, f"{where}, local authority name").set_axis(rows.index)
    wrong = (rows["area_code"] != "") & (current_code(rows["area_code"], code_changes()) != codes)
    words = "{where}, row {locator}: {name!r} stands beside {area_code}, expected {expected}; mend the source, or add "
    words += "a recoded authority to data/curated/authority_changes.csv"
    refuse(rows.assign(expected=codes)[wrong], words, where=where)
    return rows.assign(la_code_ons=codes)


_DESCRIBED = ("scope", "direction", "summary")


def describe(events: pd.DataFrame) -> pd.DataFrame:
    """Return events with `scope`, `direction` and `summary` filled where no row read by hand gives them."""
    filled = [name for name in ("kind", "framework", "theme", *_DESCRIBED) if name in events]
    given = events[filled].astype("str").replace("", None)
    kind = given["kind"].map(EVENT_KINDS)
    words = kind.str[0].str.upper() + kind.str[1:] + " under the " + given["framework"].map(vocabulary.FRAMEWORK_NAMES)
    scope = given["kind"].map({"jtai": "area", "send_inspection": "area"}).fillna("childrens_services")
    made = (scope, "", (words + "; theme: " + given["theme"]).fillna(words) + ".")
    cells = zip(_DESCRIBED, made, strict=True)
    return events.assign(**{name: given[name].fillna(cell) if name in given else cell for name, cell in cells})
