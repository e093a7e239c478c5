"""Write `tables.xlsx`: the data of every chart and every number printed, to the government's guidance on spreadsheets.

Goes in: an edition's folder with its charts, its pages and its numbers. Comes out: one workbook with a cover, contents,
notes and one table a sheet, the same bytes each time. gptables lays out each sheet; the rows below a table's heading
are written here, because gptables takes a format a cell and so seconds for a table of thousands of rows.
"""

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import gptables
import pandas as pd
from pandas.errors import Pandas4Warning
from xlsxwriter.worksheet import Worksheet

from childrens_services import tables, vocabulary
from childrens_services.edition_pages import shown_parameters
from childrens_services.headings import headings
from childrens_services.pages import Page, sources_used
from childrens_services.parameters import Parameters

SHORTHANDS = {
    "[c]": "confidential: the publisher withheld the value because the number is small",
    "[low]": "published as low: above zero but rounds to it",
    "[u]": "held back by the publisher as unreliable",
    "[x]": "not available: not published, not received in time, or not known",
    "[z]": "not applicable: there is nothing to say in this cell",
}
_SHORT = {"confidential": "[c]", "rounds_to_zero": "[low]", "unreliable": "[u]", "not_applicable": "[z]",
          "not_collected": "[z]", "not_relevant": "[z]"}  # fmt: skip
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 32_767  # letters that a cell of a workbook holds
_NOTES = {
    "source_id": "Ids of sources, separated by spaces. The sheet Sources gives publisher, title and licence of each.",
    "status": "Why there is or is no value: " + "; ".join(f"{k} – {v}" for k, v in vocabulary.STATUSES.items()) + ".",
    "name": "A group, such as an authority's statistical neighbours, is the median of its members that have a value.",
    "published": "First day on which the row is known to have been public.",
}
_DIGITS = "Spreadsheets keep fifteen digits of a number. The CSV files beside this workbook keep every digit."


class _Sheet(NamedTuple):
    """One table and the words above it; the cells are text, as in a CSV file, and empty where a value is missing."""

    title: str
    subtitle: str
    source: str
    scope: str
    rows: pd.DataFrame


class _Head(gptables.GPTable):
    """A table as gptables knows it before its rows are written: it reserves their place."""

    further = 0

    def _set_data_range(self) -> None:
        super()._set_data_range()
        self.data_range[2] += self.further


def write_workbook(
    folder: Path, pages: Sequence[Page], numbers: pd.DataFrame, parameters: Parameters, heading: str
) -> None:
    """Write `tables.xlsx` into the folder of an edition that holds `charts/<id>.csv` and `.json`.

    One sheet a chart in the order of the pages, then `Numbers` with a row a number, then `Sources`; `heading` is the
    edition's title. Raises ValueError where a chart's files are missing or a cell is longer than a workbook can hold;
    for example `write_workbook(folder, read, numbers_table(read), Parameters(), "Children's services in Leeds")`.
    """
    sheets = {f"Table_{i}": sheet for i, sheet in enumerate(_charts(folder, pages), start=1)}
    sheets |= {"Numbers": _numbers(numbers), "Sources": _sources(numbers, pages)}
    known = tables.load("indicators").drop_duplicates("indicator").set_index("indicator")["unit"]
    filled = {label: (sheet, _cells(sheet.rows, known)) for label, sheet in sheets.items() if len(sheet.rows)}
    heads = {label: _head(label, sheet, cells) for label, (sheet, cells) in filled.items()}
    book = _lay_out(folder / "tables.xlsx", heads, _cover(heading, shown_parameters(parameters)))
    for label, (_, cells) in filled.items():
        _fill(book.get_worksheet_by_name(label), heads[label], cells)
    for sheet in filter(None, map(book.get_worksheet_by_name, ("Contents", "Notes"))):
        _widen(sheet, (14, 110))
    # The day is that of the zip entries inside: a workbook tells when it was made unless it is told not to.
    book.set_properties({"title": heading, "comments": "Not official statistics.", "created": datetime(1980, 1, 1)})
    book.close()


def _lay_out(path: Path, heads: Mapping[str, _Head], cover: gptables.Cover) -> gptables.GPWorkbook:
    """Let gptables lay out every sheet; an edition in which no heading needs a note has no notes."""
    notes = _notes(heads)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=Pandas4Warning, module=r"gptables\.")
        warnings.filterwarnings("ignore", message="No note text provided")
        return gptables.produce_workbook(
            path, heads, cover=cover, notes_table=None if notes.empty else notes,
            contentsheet_options={"additional_elements": ["subtitles"], "column_names": ["Worksheet", "What it holds"]},
            contentsheet_label="Contents" if heads else None, auto_width=False, gridlines="show_all",
            workbook_options={"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True},
        )  # fmt: skip


def _charts(folder: Path, pages: Sequence[Page]) -> list[_Sheet]:
    """Read each chart's rows and record once, in the order of the questions."""
    asked = {chart["id"]: page.title for page in reversed(pages) for chart in page.charts}
    order = dict.fromkeys(chart["id"] for page in pages for chart in page.charts)
    return [_chart(folder / "charts", name, asked[name]) for name in order]


def _chart(folder: Path, name: str, question: str) -> _Sheet:
    try:
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        rows = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise ValueError(f"charts/{Path(error.filename).name}: not found; run the edition again") from None
    scope = f"Question: {question} Chart: charts/{name}.png. Licence of the data: {record['licence']}."
    return _Sheet(record["finding"].rstrip("."), record["subtitle"], record["source"], scope, rows)


def _numbers(numbers: pd.DataFrame) -> _Sheet:
    return _Sheet(
        "Every number, day and grade printed in this edition",
        "As printed, with how each was computed and the rows of the tables that it comes from",
        "Source: the tables and sources named in each row",
        "The same list as a file: numbers.csv. The tables stand in the folder tables.",
        numbers.astype(str),
    )


def _sources(numbers: pd.DataFrame, pages: Sequence[Page]) -> _Sheet:
    columns = ["source_id", "publisher", "title", "published_edtf", "licence", "url"]
    return _Sheet(
        "Sources of the charts and numbers",
        "Publisher, title, date, licence and address of each",
        "Source: the register of this project",
        "Facts taken from works under copyright are in our own words.",
        pd.DataFrame(sources_used(numbers, pages), columns=columns).fillna(""),
    )


def _cells(rows: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """Turn text into numbers, days and words, and each empty cell into the shorthand for why it is empty."""
    units = _units(rows, known)
    several = isinstance(units, pd.Series)
    filled = {column: _column(rows, column) for column in rows}
    found = pd.DataFrame(filled, dtype=object)
    found.columns = headings(list(rows), {} if several or not units else {"value": units})
    return found.assign(**{"Unit of the value": units}) if several else found


def _units(rows: pd.DataFrame, known: pd.Series) -> pd.Series | str:
    """Give the one unit of the column `value`, or a unit a row where indicators with several stand in one table."""
    if not {"indicator", "value"} <= set(rows):
        return ""
    units = rows["indicator"].map(known).fillna("[x]")
    return units if units.nunique() > 1 else units.iloc[0]


def _column(rows: pd.DataFrame, column: str) -> list[Any]:
    texts = [text.strip() for text in rows[column]]
    present = [text for text in texts if text]
    read = _words if column == "text" else _reader(present)  # a number as printed keeps its commas and its noughts
    mixed = column == "value" and read is _words  # the list of numbers holds figures, days and words in one column
    missing = _missing(rows, text=read is _words)
    return [
        (_reader([text]) if mixed else read)(text) if text else gap for text, gap in zip(texts, missing, strict=True)
    ]


def _reader(texts: Sequence[str]) -> Any:
    for pattern, read in ((_NUMBER, float), (_DAY, date.fromisoformat)):
        if texts and all(pattern.fullmatch(text) for text in texts):
            return read
    return _words


def _words(text: str) -> str:
    """Keep words as they are; a sign alone cannot be read aloud, so it is put in words."""
    if len(text) > _LONGEST:
        raise ValueError(
            f"tables.xlsx: a cell of {len(text):,} letters ({text[:40]!r}…); a workbook holds {_LONGEST:,}"
        )
    if text in ("True", "False"):
        return {"True": "yes", "False": "no"}[text]
    return text if re.search(r"\w", text) else f"sign {text}"


def _missing(rows: pd.DataFrame, text: bool) -> list[str]:
    """Give the shorthand for each row's empty cells, from its status where there is one."""
    if "status" not in rows:
        return ["[z]" if text else "[x]"] * len(rows)
    return [_SHORT.get(status, "[z]" if text else "[x]") for status in rows["status"]]


def _head(label: str, sheet: _Sheet, cells: pd.DataFrame) -> _Head:
    """Make the sheet as gptables lays it out, with a row in the place of all."""
    used = {cell for cell in cells.to_numpy().ravel() if isinstance(cell, str) and cell in SHORTHANDS}
    kept = {name: heading for name, heading in zip(sheet.rows, cells, strict=False) if name in _NOTES}
    head = _Head(
        pd.DataFrame([["row"] * cells.shape[1]], columns=cells.columns), table_name=label.lower(),
        title=_plain(sheet.title), subtitles=[_plain(sheet.subtitle)], source=_plain(sheet.source),
        scope=_plain(sheet.scope), index_columns={}, instructions="This worksheet contains one table."
        + (" Some headings refer to notes, which stand on the worksheet Notes." if kept else ""),
        legend=[f"{short} means {SHORTHANDS[short]}." for short in sorted(used)],
        table_notes={heading: f"$${name}$$" for name, heading in kept.items()},
    )  # fmt: skip
    head.further = len(cells) - 1
    return head


def _plain(text: str) -> str:
    """Part what gptables would read as a link or a note."""
    return text.replace("](", "] (").replace("$$", "$ $")


def _notes(heads: Mapping[str, _Head]) -> pd.DataFrame:
    """List the notes that the headings refer to; gptables numbers them in the order of the sheets."""
    used = {token.strip("$") for head in heads.values() for token in (head.table_notes or {}).values()}
    return pd.DataFrame({"ref": [n for n in _NOTES if n in used], "Note": [t for n, t in _NOTES.items() if n in used]})


def _cover(heading: str, shown: Mapping[str, str]) -> gptables.Cover:
    asked = [f"{name}: {value}." for name, value in shown.items()]
    return gptables.Cover(
        _plain(f"{heading}: the tables behind the charts"),
        intro=[
            "This workbook holds the data of every chart, and every number printed, in one edition of Children's "
            "services compared. Each worksheet holds one table.",
            "These are not official statistics. They are made from published sources, each of which is named.",
            *map(_plain, asked),
        ],
        about=[
            "Missing values are never left blank. " + " ".join(f"{k} means {v}." for k, v in SHORTHANDS.items()),
            _DIGITS,
            "Licence: each table names the licence of its data. Where it is OGL-3.0, use it under the Open Government "
            "Licence, version 3.0, and name the source.",
            "Everything as files: charts holds each chart with its data, tables the tidy tables as CSV and Parquet.",
        ],
    )


def _fill(sheet: Worksheet, head: _Head, cells: pd.DataFrame) -> None:
    """Write the rows under a heading that gptables has written, a format a kind of cell."""
    start = head.data_range[0] + 1
    make = sheet._workbook.add_format
    words, number, day = (make({**sheet.theme.data_format, "valign": "top", **more}) for more in (
        {"align": "left"}, {"align": "right"}, {"align": "left", "num_format": "d mmmm yyyy"}))  # fmt: skip
    write = {str: (sheet.write_string, words), float: (sheet.write_number, number), date: (sheet.write_datetime, day)}
    for at, column in enumerate(cells):
        for row, cell in enumerate(listed := cells[column].tolist(), start=start):
            put, style = write[type(cell)]
            put(row, at, cell, style)
        sheet.set_column(at, at, _width(column, listed))


def _width(heading: str, cells: Sequence[Any]) -> int:
    """Give a column room for its cells and for each word of its heading, within reason."""
    return min(max(12, *(len(str(cell)) + 2 for cell in cells), *(len(word) + 2 for word in heading.split())), 48)


def _widen(sheet: Worksheet, widths: Sequence[int]) -> None:
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
