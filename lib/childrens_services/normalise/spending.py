"""What authorities spend on children's services: revenue outturn (MHCLG, form RO3) and section 251 outturn (DfE).

The two are never spliced: they cut the same money differently. Implausible years are marked, and stay as published.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import pandas as pd

from childrens_services import vocabulary
from childrens_services.normalise.reference import Cells, locate, read_sheets
from childrens_services.normalise.refusals import refuse
from childrens_services.normalise.releases import LAYOUTS, Release
from childrens_services.periods import financial_year
from childrens_services.tables import ENGLAND

_log = logging.getLogger(__name__)

_LAYOUT = LAYOUTS["revenue_outturn"]
MEASURES = _LAYOUT["measures"]
_SHEET = "RO3_LA_Data"  # the name goes on with the year
_CODE_COLUMN, _NAME_COLUMN, _CERTIFIED_COLUMN = 1, 2, 6
_CODE_HEADING = "ONS Code"
_CERTIFIED = {"Y": True, "N": False, "[x]": None, "[Y]": None}
_NOTE = re.compile(r"\[note \d+\]", re.IGNORECASE)

# Section 251: lines that make up the total. Leaving care is a part of children looked after.
PARTS_OF_TOTAL = (
    *("early_years", "children_looked_after", "other_children_and_families", "family_support"),
    *("youth_justice", "safeguarding", "young_people"),
)
# A year is implausible when it is out by a factor of two from the mean of the years beside it, while those two agree
# to within a fifth. Both are the round numbers nearest to what a reader would call "double" and "much the same", and
# neither is fitted: of some 15,700 amounts that can be tested, a factor of 1.5 marks about three times as many and a
# factor of 3 half as many, with no gap between them, and the gross misallocations stay far outside under all of these.
FACTOR, AGREEMENT = 2.0, 0.2
# A total is marked when its implausible lines put it out by more than the 5 per cent that a claim is allowed, and it
# is itself out by at least half as much: otherwise the money only stands on another line, and the total holds.
MATERIAL, CARRIED = 0.05, 0.5
_SERIES = ["area_code", "line", "measure"]


def read_outturn(path: Path) -> Cells:
    """Read the sheet of authorities of an RO3 workbook, a list of cells for each row, hidden rows included."""
    sheets = read_sheets(path, _SHEET)
    if len(sheets) > 1:
        raise ValueError(f"{path.name}: sheets {', '.join(sheets)}; expected one that begins with {_SHEET}")
    return next(iter(sheets.values()))


def revenue_outturn(cells: Cells, layout: pd.DataFrame, known: Mapping[str, str], release: Release) -> pd.DataFrame:
    """Return the `spending` rows of one edition of RO3: children's social care of authorities and England, in pounds.

    `layout` is ro3_layout.csv. Markers such as [x] become a status and leave the amount empty. Raises ValueError
    for a column that is not where its code says, and a cell that is neither amount nor marker.
    """
    file = release.path.name
    columns = _find_columns(cells, layout, _LAYOUT["heading_rows"][release.layout], file)
    rows = find_bodies(cells, file)
    rows = rows[rows["kind"].isin(["authority", "england"])]
    words = "{file}, row {line}: certified is {certified!r}, expected one of {known}; the column may have moved"
    refuse(rows[~rows["certified"].isin(_CERTIFIED)], words, file=file, known=", ".join(_CERTIFIED))
    certified = rows["certified"].map(_CERTIFIED).astype("boolean")
    rows = rows.assign(area_code=locate(rows["code"], known, file), is_certified=certified)
    amounts = _amounts(cells, rows.index, columns, file)
    wide = amounts.merge(rows[["area_code", "is_certified"]], left_on="row", right_index=True, validate="m:1")
    return wide.drop(columns=["row", "code"]).assign(
        financial_year=_financial_year(cells, file),
        collection="revenue_outturn",
        published=pd.Timestamp(release.edition),
        source_id=release.source_id,
    )


def _financial_year(cells: Cells, file: str) -> str:
    title = str(cells[0][0]) if cells and cells[0] else ""
    if not (year := re.search(r"\b20\d\d-\d\d\b", title)):
        raise ValueError(f"{file}, row 1: found {title[:80]!r}, expected a title with a year such as 2024-25")
    return year[0]


def find_bodies(cells: Cells, file: str) -> pd.DataFrame:
    """Return what each row of an RO3 sheet is: `authority`, `other` body, `england` or `class` total.

    The index is the row number in the sheet; columns code, name, certified, kind. Raises ValueError for any other row.
    """
    columns = {"code": _CODE_COLUMN, "name": _NAME_COLUMN, "certified": _CERTIFIED_COLUMN}
    texts = [[str(row[at]).strip() for at in columns.values()] for row in cells]
    rows = pd.DataFrame(texts, columns=list(columns), index=range(1, len(texts) + 1)).query("code != ''")
    is_heading = rows["code"] == _CODE_HEADING  # the table of classes below England has one of its own
    rows = rows[is_heading.cumsum().gt(0) & ~is_heading]
    matches = [rows["code"].str.fullmatch(pattern) for pattern in _LAYOUT["bodies"].values()]
    is_class = (rows["code"] == ENGLAND).cumsum().gt(0) & (rows["code"] != ENGLAND)
    kind = pd.Series(np.select([is_class, *matches], ["class", *_LAYOUT["bodies"]], ""), rows.index)
    words = "{file}, row {line}: {name!r} has code {code!r}, which is neither an authority nor a body without duties "
    refuse(rows[kind == ""], words + "for children; extend the rule in layouts.toml", file=file)
    _log.info("%s: left out %d bodies without children's services duties", file, (kind == "other").sum())
    return rows.assign(kind=kind)


def _find_columns(cells: Cells, layout: pd.DataFrame, heading_rows: int, file: str) -> pd.DataFrame:
    """Return position, code, line and measure of every wanted column, after its heading has been checked."""
    ends = pd.DataFrame([(end, *of) for end, of in MEASURES.items()], columns=["end", "measure", "words"])
    wanted = layout.merge(ends, how="cross").query("line != 'agency_staff' or end == 'run-exp'")
    wanted = wanted.assign(code=wanted["code_stem"] + "-" + wanted["end"])
    # The row of codes is hidden, above the headings or below the last body.
    with_codes = ((n, row) for n, row in enumerate(cells, start=1) if not {*wanted["code"]}.isdisjoint(map(str, row)))
    number, row = next(with_codes, (0, []))
    if not row:
        such = f"{layout['code_stem'].iloc[0]}-run-exp"
        raise ValueError(f"{file}: no row with codes such as {such}; is it a new layout? See ro3_layout.csv")
    wanted["at"] = wanted["code"].map({str(code): column for column, code in enumerate(row) if str(code).strip()})
    printed, found = _headings(cells, heading_rows, file), wanted.dropna(subset="at").astype({"at": "int64"})
    whole = (found["heading"] + " - " + found["words"]).where(found["line"] != "agency_staff", found["heading"])
    here = [printed[column] for column in found["at"]]
    found = found.assign(column=found["at"] + 1, expected=whole.map(_plain), found=here)
    words = "{file}, column {column} ({code}): the heading reads {found!r}, expected {expected!r}; the columns have "
    words += "moved or a line was renamed: look, then mend ro3_layout.csv, or the layout in sources.csv"
    refuse(found[found["found"] != found["expected"]], words, file=file)
    words = "{file}, row {row}: code {code} not found; see ro3_layout.csv"
    refuse(wanted[wanted["at"].isna()], words, file=file, row=number)
    return found[["at", "code", "line", "measure"]]


def _headings(cells: Cells, count: int, file: str) -> list[str]:
    """Return each column's heading in plain text; where it takes two rows, the upper one spans columns to its right."""
    last = next((n for n, row in enumerate(cells) if len(row) > 1 and row[_CODE_COLUMN] == _CODE_HEADING), 0)
    if last < count:
        raise ValueError(f"{file}, column {_CODE_COLUMN + 1}: no heading {_CODE_HEADING!r} in its place; has it moved?")
    *upper, lower = [[str(cell) for cell in row] for row in cells[last - count + 1 : last + 1]]
    spans = [list(accumulate(row, lambda before, here: here.strip() or before)) for row in upper]
    return [_plain(" - ".join(parts)) for parts in zip(*spans, lower, strict=True)]


def _plain(heading: str) -> str:
    """Lower case without notes, line breaks, curly quotes and the numbers that tell equal headings apart."""
    text = _NOTE.sub("", heading.lower().replace("’", "'"))
    return " ".join(re.sub(r"(?<=\))\d+$", "", text.strip()).split())


def _amounts(cells: Cells, rows: Sequence[int], columns: pd.DataFrame, file: str) -> pd.DataFrame:
    """Return one row for each area and column: row, code, line, measure, amount_gbp, status."""
    long = columns.merge(pd.DataFrame({"row": rows}), how="cross")
    printed = [cells[row - 1][at] for row, at in zip(long["row"], long["at"], strict=True)]
    long["printed"] = pd.Series(printed, dtype="object")
    long["status"] = long["printed"].map(_status)
    words = "{file}, row {row}, column {code}: found {printed!r}, expected an amount or a marker such as [x]"
    refuse(long[long["status"].isna()], words, file=file)
    thousands = long["printed"].where(long["status"] == "value").astype("float64")
    # A thousandfold float is off by less than a hundredth of a penny, so rounding to pence gives the printed amount.
    return long.drop(columns=["at", "printed"]).assign(amount_gbp=(thousands * 1000).round(2))


def _status(cell: object) -> str | None:
    """Return the status of a cell; a note in place of an amount says why the authority could give none."""
    if isinstance(cell, int | float):
        return "value"
    marker = str(cell).lower().strip()
    if _NOTE.fullmatch(marker):
        return "not_available"
    return vocabulary.MISSING.get(marker) if marker.startswith("[") else None


def section_251(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the `spending` rows of section 251 outturn: gross expenditure by line, and weekly unit costs, in pounds.

    Raises ValueError when a measure of section_251_lines.csv has no row.
    """
    if absent := sorted(set(lines["locator"]) - set(rows["measure"])):
        raise ValueError(
            f"section_251_lines.csv: {', '.join(absent)} not found in the data; was a measure renamed or lost in "
            "lait_data_dictionary.csv, or in the file of dfe_lait?"
        )
    ours = rows.rename(columns={"measure": "locator", "value": "amount_gbp"})
    found = ours.merge(lines[["locator", "line", "measure"]], on="locator", validate="m:1")
    return found.drop(columns=["locator", "period", "topic"], errors="ignore").assign(
        financial_year=found["period"].map(financial_year),
        collection="section_251",
        amount_gbp=found["amount_gbp"].round(2),
        is_certified=pd.Series(pd.NA, index=found.index, dtype="boolean"),
    )


def implausible(frame: pd.DataFrame) -> pd.DataFrame:
    """Return implausible amounts of section 251: the rows, with the amounts before and after and the `reason`.

    A line is implausible when it is below half or above double the mean of the years beside it, which differ by
    less than 20 per cent of that, or zero between two that are not; not where two years running would be marked. A
    total is, when such lines carry it off by more than 5 per cent. It is known from the day of the year after.
    """
    tested = _beside(frame)
    lines = tested[_is_outlying(tested) & ~_swings(tested)]
    totals = tested[_carries(tested, lines) & ~tested.index.isin(lines.index)]
    found = pd.concat([lines.assign(reason=_reasons(lines)), totals.assign(reason="includes an implausible line")])
    found = found.assign(published=found["seen"]).drop(columns=["mean", "year", "seen"])
    return found.sort_index(kind="stable")


def _beside(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the amounts of the year before and the year after beside those of section 251; a missing year gives none."""
    rows = frame[frame["collection"] == "section_251"]
    rows = rows.assign(year=rows["financial_year"].str[:4].astype("int64"))
    known = rows.set_index([*_SERIES, "year"])[["amount_gbp", "published"]]
    refuse(known[known.index.duplicated()], "spending: {line} stands twice; give each row once")
    before, after = (
        known.reindex(pd.MultiIndex.from_frame(rows[_SERIES].assign(year=rows["year"] + step))).set_axis(rows.index)
        for step in (-1, 1)
    )
    beside = {"before": before["amount_gbp"], "after": after["amount_gbp"], "seen": after["published"]}
    return rows.assign(**beside, mean=(before["amount_gbp"] + after["amount_gbp"]) / 2)


def _is_outlying(tested: pd.DataFrame) -> pd.Series:
    amount, mean = tested["amount_gbp"], tested["mean"]
    agree = (tested["before"] - tested["after"]).abs() < AGREEMENT * mean
    is_zero = (amount == 0) & (tested["before"] != 0) & (tested["after"] != 0) & mean.notna()
    return is_zero | (agree & ((amount < mean / FACTOR) | (amount > mean * FACTOR)))


def _swings(tested: pd.DataFrame) -> pd.Series:
    """Return which outlying rows have an outlying year directly beside them."""
    out = pd.MultiIndex.from_frame(tested.loc[_is_outlying(tested), [*_SERIES, "year"]])
    sides = [pd.MultiIndex.from_frame(tested[_SERIES].assign(year=tested["year"] + step)).isin(out) for step in (-1, 1)]
    return pd.Series(sides[0] | sides[1], index=tested.index)


def _carries(tested: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """Return which totals of gross expenditure are out because of implausible lines."""
    parts = lines[lines["line"].isin(PARTS_OF_TOTAL) & (lines["measure"] == "gross_expenditure")]
    out = (parts["amount_gbp"] - parts["mean"]).groupby([parts["area_code"], parts["year"]]).sum()
    shift = out.reindex(pd.MultiIndex.from_frame(tested[["area_code", "year"]])).set_axis(tested.index)
    is_total = (tested["line"] == "total") & (tested["measure"] == "gross_expenditure")
    is_material = shift.abs() > MATERIAL * tested["mean"]
    return is_total & is_material & ((tested["amount_gbp"] - tested["mean"]) / shift >= CARRIED)


def _reasons(lines: pd.DataFrame) -> pd.Series:
    by_size = (lines["amount_gbp"] < lines["mean"]).map({True: "below half", False: "above double"})
    by_size += " the mean of the years beside it, which agree"
    return by_size.mask(lines["amount_gbp"] == 0, "zero between two years that are not")
