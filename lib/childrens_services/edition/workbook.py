"""Write `tables.xlsx`: the data of every chart and every number printed, to the government's guidance on spreadsheets.

Goes in: an edition's folder with its charts, its pages and its numbers. Comes out: one workbook with a cover, contents,
notes and one table a sheet, the same bytes each time. gptables gives the theme, the cover, the contents and the notes;
the sheets of tables are laid out here as it does, because it takes frames and a format a cell and so seconds.
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
from childrens_services.edition.edition_pages import shown_parameters
from childrens_services.edition.headings import headings
from childrens_services.edition.pages import Page, sources_used
from childrens_services.edition.parameters import Parameters

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
_ONE_TABLE = "This worksheet contains one table."
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
_DIGITS = "Spreadsheets keep fifteen digits of a number. The CSV files beside this workbook keep every digit."


class _Sheet(NamedTuple):
    """One table and the words above it; the cells are text, as in a CSV file, and empty where a value is missing."""

    title: str
    subtitles: list[str]
    source: str
    scope: str
    rows: pd.DataFrame


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
    book = gptables.GPWorkbook((folder / "tables.xlsx").as_posix(), _OPTIONS)
    book.add_worksheet("Cover").write_cover(_cover(heading, shown_parameters(parameters)))
    notes = list(dict.fromkeys(name for sheet, _ in filled.values() for name in sheet.rows if name in _NOTES))
    _add_lists(book, {label: sheet for label, (sheet, _) in filled.items()}, notes)
    starts = {label: _head(book, label, sheet, cells, notes) for label, (sheet, cells) in filled.items()}
    for label, (_, cells) in filled.items():
        _fill(book.get_worksheet_by_name(label), starts[label], cells)
    # The day is that of the zip entries inside: a workbook tells when it was made unless it is told not to.
    book.set_properties({"title": heading, "comments": "Not official statistics.", "created": datetime(1980, 1, 1)})
    book.close()


def _add_lists(book: gptables.GPWorkbook, sheets: Mapping[str, _Sheet], notes: Sequence[str]) -> None:
    """Add the contents and the notes; an edition in which no heading needs a note has no notes."""
    names = {"additional_elements": ["subtitles"], "column_names": ["Worksheet", "What it holds"]}
    listed = {"Contents": book.make_table_of_contents(sheets, **names)} if sheets else {}
    if notes:
        table = pd.DataFrame({"Note number": range(1, len(notes) + 1), "Note": [_NOTES[name] for name in notes]})
        listed["Notes"] = gptables.GPTable(
            table, table_name="notes_table", title="Notes", instructions=_ONE_TABLE, index_columns={}
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=Pandas4Warning, module=r"gptables\.")
        for label, one in listed.items():
            sheet = book.add_worksheet(label, gridlines="show_all")
            sheet.write_gptable(one, auto_width=False)
            _widen(sheet, (14, 110))


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
    title, subtitle, source = (_plain(record[key]) for key in ("finding", "subtitle", "source"))
    return _Sheet(title.rstrip("."), [subtitle], source, _plain(scope), rows)


def _numbers(numbers: pd.DataFrame) -> _Sheet:
    return _Sheet(
        "Every number, day and grade printed in this edition",
        ["As printed, with how each was computed and the rows of the tables that it comes from"],
        "Source: the tables and sources named in each row",
        "The same list as a file: numbers.csv. The tables stand in the folder tables.",
        numbers.astype(str),
    )


def _sources(numbers: pd.DataFrame, pages: Sequence[Page]) -> _Sheet:
    columns = ["source_id", "publisher", "title", "published_edtf", "licence", "url"]
    return _Sheet(
        "Sources of the charts and numbers",
        ["Publisher, title, date, licence and address of each"],
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


def _head(book: gptables.GPWorkbook, label: str, sheet: _Sheet, cells: pd.DataFrame, notes: Sequence[str]) -> int:
    """Write the words above a table and its headings as gptables lays them out; give the first row of its cells."""
    page, theme = book.add_worksheet(label, gridlines="show_all"), book.theme
    noted = {at: f"\n[note {notes.index(name) + 1}]" for at, name in enumerate(sheet.rows) if name in notes}
    above = _above(theme, sheet, cells, bool(noted))
    for row, (words, style) in enumerate(above):
        page.write_string(row, 0, words, book.add_format(style))
    style = book.add_format({**theme.column_heading_format, "align": "left"})
    columns = [{"header": name + noted.get(at, ""), "header_format": style} for at, name in enumerate(cells)]
    table = {"columns": columns, "name": label.lower(), "style": None, "autofilter": False}
    page.add_table(len(above), 0, len(above) + len(cells), cells.shape[1] - 1, table)
    return len(above) + 1


def _above(theme: gptables.Theme, sheet: _Sheet, cells: pd.DataFrame, noted: bool) -> list[tuple[str, dict[str, Any]]]:
    """Give the words above a table, a row each, with the format of each."""
    used = {cell for cell in cells.to_numpy().ravel() if isinstance(cell, str) and cell in SHORTHANDS}
    told = _ONE_TABLE + (" Some headings refer to notes, which stand on the worksheet Notes." if noted else "")
    return [
        (sheet.title, theme.title_format), *((words, theme.subtitle_format) for words in sheet.subtitles),
        (told, theme.instructions_format),
        *((f"{short} means {SHORTHANDS[short]}.", theme.legend_format) for short in sorted(used)),
        (sheet.source, theme.source_format), (sheet.scope, theme.scope_format),
    ]  # fmt: skip


def _plain(text: str) -> str:
    """Part what gptables would read as a link or a note."""
    return text.replace("](", "] (").replace("$$", "$ $")


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


def _fill(sheet: Worksheet, start: int, cells: pd.DataFrame) -> None:
    """Write the rows from the row `start` on, a format a kind of cell."""
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
