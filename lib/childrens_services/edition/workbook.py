"""Write `tables.xlsx`: the data of every chart and every number printed, to the government's guidance on spreadsheets.

One workbook with a cover, contents, notes and one table a sheet, in the theme of gptables. The sheets are laid out here
and not by gptables, which takes a format a cell and so seconds.
"""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import gptables
import pandas as pd
from xlsxwriter.worksheet import Worksheet

from childrens_services import tables, vocabulary
from childrens_services.edition.edition_pages import shown_parameters
from childrens_services.edition.headings import WORDS, headings
from childrens_services.edition.pages import Page, sources_used
from childrens_services.edition.parameters import Parameters

SHORTHANDS = WORDS["shorthands"]
_SHORT = {"confidential": "[c]", "rounds_to_zero": "[low]", "unreliable": "[u]"}
_SHORT |= dict.fromkeys(("not_applicable", "not_collected", "not_relevant"), "[z]")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 32_767  # letters that a cell of a workbook holds
_STATUSES = "; ".join(f"{word} – {meaning}" for word, meaning in vocabulary.STATUSES.items())
_NOTES = {name: note.format(statuses=_STATUSES) for name, note in WORDS["notes"].items()}
_MARKS = {name: f"\n[note {at}]" for at, name in enumerate(_NOTES, start=1)}
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
_LINE, _HIGHEST = 16, 409  # points of a line of text, and of the highest row that there is
_LONGEST_DAY = 22  # characters that 30 September 2024 needs in any office program
_WIDE, _WIDEST = 40, 110  # characters of a column, and of one of two or three
_COVER_WIDTH = 85


class _Sheet(NamedTuple):
    """One table with its title and the lines above it; its cells are numbers, days and words, and none is empty."""

    title: str
    lines: list[str]
    cells: pd.DataFrame


def write_workbook(
    folder: Path, pages: Sequence[Page], numbers: pd.DataFrame, parameters: Parameters, heading: str
) -> None:
    """Write `tables.xlsx` into the folder of an edition that holds `charts/<id>.csv` and `.json`.

    One sheet a chart in the order of the pages, then `Numbers` with a row a number, then `Sources`; `heading` is the
    edition's title. The same pages give the same bytes. Raises ValueError where a chart's files are missing or a cell
    is longer than a workbook can hold.
    """
    units = tables.load("indicators").set_index("indicator")["unit"]
    asked: dict[str, str] = {}  # the question of each chart, by the page that has it first
    for page in pages:
        asked |= {chart["id"]: page.title for chart in page.charts if chart["id"] not in asked}
    charts = [_chart(folder / "charts", name, question, units) for name, question in asked.items()]
    sheets = {f"Table_{i}": sheet for i, sheet in enumerate(charts, start=1)}
    printed = _Sheet(
        "Every number, day and grade printed in this edition",
        WORDS["workbook"]["printed"],
        _cells(numbers.astype(str), {}),
    )
    sheets |= {"Numbers": printed, "Sources": _sources(numbers, pages)}
    sheets = {label: sheet for label, sheet in sheets.items() if len(sheet.cells)}
    lists = {"Contents": _contents(sheets), "Notes": _notes()} if sheets else {}
    book = gptables.GPWorkbook((folder / "tables.xlsx").as_posix(), _OPTIONS)
    _write_cover(book, heading, shown_parameters(parameters))
    for label, sheet in (lists | sheets).items():
        _write_sheet(book, label, sheet)
    _link_contents(book, list(sheets))
    # The day is that of the zip entries inside: a workbook tells when it was made unless it is told not to.
    book.set_properties({"title": heading, "comments": "Not official statistics.", "created": datetime(1980, 1, 1)})
    book.close()


def _contents(sheets: Mapping[str, _Sheet]) -> _Sheet:
    rows = {"Worksheet": list(sheets), "What it holds": [f"{one.title}. {one.lines[0]}" for one in sheets.values()]}
    return _Sheet("Table of contents", ["Each worksheet holds one table."], pd.DataFrame(rows, dtype=object))


def _link_contents(book: gptables.GPWorkbook, labels: Sequence[str]) -> None:
    link = book.add_format({**book.theme.data_format, "valign": "top", "font_color": "#0563c1", "underline": 1})
    for row, label in enumerate(labels, start=4):  # below a title, a line, how to read it and the headings
        book.get_worksheet_by_name("Contents").write_url(row, 0, f"internal:'{label}'!A1", link, label)


def _notes() -> _Sheet:
    rows = {"Note": [f"note {i}" for i in range(1, len(_NOTES) + 1)], "What it says": list(_NOTES.values())}
    return _Sheet("Notes", ["Headings refer to these notes by number."], pd.DataFrame(rows, dtype=object))


def _chart(folder: Path, name: str, question: str, units: pd.Series) -> _Sheet:
    try:
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        rows = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise ValueError(f"charts/{Path(error.filename).name}: not found; run the edition again") from None
    scope = f"Question: {question} Chart: charts/{name}.png. Licence of the data: {record['licence']}."
    return _Sheet(record["finding"].rstrip("."), [record["subtitle"], record["source"], scope], _cells(rows, units))


def _sources(numbers: pd.DataFrame, pages: Sequence[Page]) -> _Sheet:
    columns = ["source_id", "publisher", "title", "published_edtf", "licence", "url"]
    used = pd.DataFrame(sources_used(numbers, pages), columns=columns).fillna("")
    return _Sheet("Sources of the charts and numbers", WORDS["workbook"]["sources"], _cells(used, {}))


def _cells(rows: pd.DataFrame, known: Mapping[str, str]) -> pd.DataFrame:
    """Return text as numbers, days and words under headings in words, each empty cell as the reason why it is empty.

    `known` gives the unit of each indicator: of all values in their heading, or in a column where they have several.
    """
    units = [known.get(one, "[x]") for one in rows.get("indicator", ())]
    one_unit = {"value": units[0]} if len(set(units)) == 1 else {}
    found = pd.DataFrame({at: _column(rows, name) for at, name in enumerate(rows)}, dtype=object)
    heads = zip(rows, headings(list(rows), one_unit), strict=True)
    found.columns = [head + _MARKS.get(name, "") for name, head in heads]
    return found.assign(**{"Unit of the value": units}) if len(set(units)) > 1 and "value" in rows else found


def _column(rows: pd.DataFrame, column: str) -> list[Any]:
    texts = [text.strip() for text in rows[column]]
    present = [text for text in texts if text]
    read = _words if column == "text" else _reader(present)  # a number as printed keeps its commas and its noughts
    mixed = column == "value" and read is _words  # the list of numbers holds figures, days and words in one column
    missing = "[z]" if read is _words else "[x]"
    gaps = [_SHORT.get(status, missing) for status in rows.get("status", [""] * len(rows))]
    return [(_reader([text]) if mixed else read)(text) if text else gap for text, gap in zip(texts, gaps, strict=True)]


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
    said = text if re.search(r"\w", text) else f"sign {text}"
    return {"True": "yes", "False": "no"}.get(said, said)


def _write_cover(book: gptables.GPWorkbook, heading: str, shown: Mapping[str, str]) -> None:
    short = " ".join(f"{sign} means {meaning}." for sign, meaning in SHORTHANDS.items())
    cover = gptables.Cover(
        f"{heading}: the tables behind the charts",
        intro=[*WORDS["workbook"]["intro"], *(f"{name}: {value}." for name, value in shown.items())],
        about=[line.format(shorthands=short) for line in WORDS["workbook"]["about"]],
        width=_COVER_WIDTH,
    )
    page = book.add_worksheet("Cover")
    page.write_cover(cover)
    # gptables writes a heading of its own above the introduction and above the rest.
    for row, text in enumerate([cover.title, "", *cover.intro, "", *cover.about]):
        lines = textwrap.wrap(text, _COVER_WIDTH if row else 0.7 * _COVER_WIDTH)
        page.set_row(row, (_LINE if row else 22) * max(len(lines), 1) + 6)
    _fit_to_paper(page)


def _write_sheet(book: gptables.GPWorkbook, label: str, sheet: _Sheet) -> None:
    """Write a table below its title and lines, with headings that stay in sight and are printed on every page."""
    page, theme = book.add_worksheet(label, gridlines="show_all"), book.theme
    above = _above(sheet)
    for row, words in enumerate(above):
        style = (theme.title_format, theme.subtitle_format, theme.instructions_format)[min(row, 2)]
        page.write_string(row, 0, words, book.add_format(style))
        page.set_row(row, (24, 20, _LINE)[min(row, 2)])
    top = len(above)
    style = book.add_format({**theme.column_heading_format, "align": "left"})
    columns = [{"header": head, "header_format": style} for head in sheet.cells]
    table = {"columns": columns, "name": label.lower(), "style": None, "autofilter": False}
    page.add_table(top, 0, top + len(sheet.cells), len(columns) - 1, table)
    _lay_out(page, top, sheet.cells)
    _write_cells(book, page, top + 1, sheet.cells)
    page.freeze_panes(top + 1, 0)
    page.repeat_rows(top)
    _fit_to_paper(page)


def _above(sheet: _Sheet) -> list[str]:
    """Return the lines above a table: title, subtitle, how to read it, and the rest."""
    used = {cell for cell in sheet.cells.to_numpy().ravel() if isinstance(cell, str) and cell in SHORTHANDS}
    first, *others = sheet.lines
    return [
        sheet.title,
        first,
        WORDS["workbook"]["how"],
        *(f"{short} means {SHORTHANDS[short]}." for short in sorted(used)),
        *others,
    ]


def _write_cells(book: gptables.GPWorkbook, page: Worksheet, start: int, cells: pd.DataFrame) -> None:
    """Write the rows from the row `start` on, a format a kind of cell."""
    left = {"align": "left", "indent": 1}
    kinds = {str: left, float: {"align": "right"}, date: {**left, "num_format": "d mmmm yyyy"}}
    style = {k: book.add_format({**book.theme.data_format, "valign": "top", **more}) for k, more in kinds.items()}
    for at, column in enumerate(cells):
        for row, cell in enumerate(cells[column].tolist(), start=start):
            page.write(row, at, cell, style[type(cell)])


def _lay_out(page: Worksheet, top: int, cells: pd.DataFrame) -> None:
    """Make columns as wide as their cells and the words of their heading, within reason, and rows as high as they wrap.

    Not every office program finds the height of a row whose text is wrapped.
    """
    widest = _WIDE if len(cells.columns) > 3 else _WIDEST
    high, folded = [1] * len(cells), 1
    for at, head in enumerate(cells):
        lengths = [_LONGEST_DAY if isinstance(one, date) else len(str(one)) for one in cells[head].tolist()]
        width = min(max(12, max(lengths) + 3, *(len(word) + 3 for word in head.split())), widest)
        page.set_column(at, at, width)
        if max(lengths) > width:
            high = [max(lines, -(-length // width)) for lines, length in zip(high, lengths, strict=True)]
        folded = max(folded, len(textwrap.wrap(head, width - 2)) + head.count("\n"))
    page.set_row(top, _LINE * folded)
    for row, lines in enumerate(high, start=top + 1):
        if lines > 1:
            page.set_row(row, min(_LINE * lines, _HIGHEST))


def _fit_to_paper(page: Worksheet) -> None:
    """Print on A4 across, no wider than a page."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&R&P of &N")
