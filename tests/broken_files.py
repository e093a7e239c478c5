"""The ways in which one input is broken: families of changes times files, the cells of
`data/broken_cells.csv` and the patterns of `data/broken_sheets.csv`.

Comes out: cases, each with the file, and a function from its bytes to other bytes (None: the file is gone).
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from childrens_services import paths
from childrens_services.sources import read_curated

CELLS = Path(__file__).parent / "data" / "broken_cells.csv"
SHEETS = Path(__file__).parent / "data" / "broken_sheets.csv"
Rows = list[list[str]]


class Case(NamedTuple):
    """One breakage: `place` is curated or raw, `also` are other names by which a refusal may tell the file."""

    family: str
    name: str
    place: str
    file: str
    change: Callable[[bytes], bytes | None]
    is_registered: bool = True
    also: tuple[str, ...] = ()


def cases() -> Iterator[Case]:
    """Give every case, curated files first."""
    yield from _curated()
    yield from _cells()
    yield from _published()


def on_rows(change: Callable[[Rows], Rows]) -> Callable[[bytes], bytes]:
    """Make a change of rows one of bytes; row 0 is the heading."""

    def apply(cells: bytes) -> bytes:
        rows = list(csv.reader(io.StringIO(cells.decode("utf-8-sig"), newline="")))
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(change(rows))
        return out.getvalue().encode()

    return apply


# Curated files -------------------------------------------------------------------------------------------------------

_TEXTS = ("what", "summary", "statement", "claim", "about", "title", "covers", "confirms", "reading", "evidence")
_TEXTS += ("measure", "what_expected", "wording", "heading", "locator", "note", "name", "spelling", "notes", "rows")


def _text_at(heading: list[str]) -> int:
    return next((heading.index(name) for name in _TEXTS if name in heading), len(heading) - 1)


def _in_text(make: Callable[[str], str]) -> Callable[[Rows], Rows]:
    """Change the first row whose free text is not empty."""

    def apply(rows: Rows) -> Rows:
        at = _text_at(rows[0])
        line = next((n for n, row in enumerate(rows) if n and row[at]), 1)
        return [[*row[:at], make(row[at]), *row[at + 1 :]] if n == line else row for n, row in enumerate(rows)]

    return apply


def _exchange(rows: Rows) -> Rows:
    first, *others = rows
    return [[first[1], first[0], *first[2:]], *others]


def _rename(rows: Rows) -> Rows:
    return [[rows[0][0], f"{rows[0][1]}_renamed", *rows[0][2:]], *rows[1:]]


_CURATED_FAMILIES: dict[str, Callable[[Rows], Rows]] = {
    "heading alone": lambda rows: rows[:1],
    "last row lost": lambda rows: rows[:-1],
    "heading twice": lambda rows: [rows[0], rows[0], *rows[1:]],
    "column twice": lambda rows: [[row[0], *row] for row in rows],
    "column renamed": _rename,
    "headings exchanged": _exchange,
    "first row twice": lambda rows: [*rows, rows[1]],
    "mark of direction": _in_text(lambda text: f"a\u202e{text}"),
    "control character": _in_text(lambda text: f"{text}\x07"),
    "line break in a cell": _in_text(lambda text: f"{text}\nand more"),
    "no-break space alone": _in_text(lambda text: "\u00a0"),
    "formula": _in_text(lambda text: f"=cmd|' /C calc'!A0 {text}"),
    "5,000 letters": _in_text(lambda text: "x" * 5000),
}


def _curated() -> Iterator[Case]:
    for family, change in _CURATED_FAMILIES.items():
        for path in sorted(paths.CURATED.glob("*.csv")):
            yield Case(family, path.stem, "curated", path.name, on_rows(change), also=_also(path.stem))
    for path in sorted(paths.CURATED.glob("*.csv")):
        cut = Case("cut within a row", path.stem, "curated", path.name, lambda cells: cells.rstrip()[:-25])
        yield cut._replace(also=_also(path.stem))
        yield Case("file gone", path.stem, "curated", path.name, lambda cells: None)


def _also(name: str) -> tuple[str, ...]:
    """Name the tables that are made of a curated file alone: a refusal that names the table names the file as well."""
    return (f"{name}.",) if (paths.CURATED / f"{name}.csv").is_file() else ()


def _cells() -> Iterator[Case]:
    """Give a case a row of `broken_cells.csv`: family, file, key (first column; `#3` for a row), column, text."""
    with CELLS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = f"{row['file']} {row['key']} {row['column']} {ascii(row['text'])[1:-1]}"
            text = row["text"].encode("ascii", "backslashreplace").decode("unicode_escape")
            change = on_rows(_put(row["key"], row["column"], text))
            yield Case(row["family"], name, "curated", f"{row['file']}.csv", change, also=_also(row["file"]))


def _put(key: str, column: str, text: str) -> Callable[[Rows], Rows]:
    def apply(rows: Rows) -> Rows:
        at = rows[0].index(column)
        line = int(key[1:]) if key.startswith("#") else next(n for n, row in enumerate(rows) if row[0] == key)
        return [[*row[:at], text, *row[at + 1 :]] if n == line else row for n, row in enumerate(rows)]

    return apply


# Published files -----------------------------------------------------------------------------------------------------


def _without(column: str, wanted: Callable[[list[str]], str]) -> Callable[[Rows], Rows]:
    def apply(rows: Rows) -> Rows:
        at = rows[0].index(column)
        lost = wanted([row[at] for row in rows[1:]])
        return [rows[0], *(row for row in rows[1:] if row[at] != lost)]

    return apply


def _value(column: str, change: Callable[[float], float]) -> Callable[[Rows], Rows]:
    """Change the value of Leeds in the middle of its years that is not zero."""

    def apply(rows: Rows) -> Rows:
        at, code = rows[0].index(column), rows[0].index("new_la_code")
        mine = [n for n, row in enumerate(rows) if row[code] == "E08000035" and re.fullmatch(r"\d+(\.\d+)?", row[at])]
        mine = [n for n in mine if float(rows[n][at])] or mine
        line = mine[len(mine) // 2]
        text = f"{change(float(rows[line][at])):.10g}"
        return [[*row[:at], text, *row[at + 1 :]] if n == line else row for n, row in enumerate(rows)]

    return apply


def _swap(one: str, other: str) -> Callable[[Rows], Rows]:
    names = {one: other, other: one}
    return lambda rows: [[names.get(name, name) for name in rows[0]], *rows[1:]]


def _renamed(column: str) -> Callable[[Rows], Rows]:
    return lambda rows: [[f"{name}_new" if name == column else name for name in rows[0]], *rows[1:]]


_TABLE_FAMILIES: dict[str, Callable[[Rows], Rows]] = {
    "published: cut at a line end": lambda rows: rows[: len(rows) * 3 // 5],
    "published: heading alone": lambda rows: rows[:1],
    "published: heading twice": lambda rows: [rows[0], *rows],
    "published: column twice": lambda rows: [[row[0], *row] for row in rows],
    "published: last line lost": lambda rows: rows[:-1],
    "published: first row twice": lambda rows: [*rows, rows[1]],
}


def _published() -> Iterator[Case]:
    register = read_curated("sources").query("raw_file != '' and family != 'ofsted_reports'")
    described = read_curated("indicators")
    for row in register.itertuples():
        yield from _any_file(row.raw_file, row.source_id)
        if row.raw_file.endswith(".csv"):
            for family, change in _TABLE_FAMILIES.items():
                yield Case(family, row.source_id, "raw", row.raw_file, on_rows(change), also=(row.source_id,))
        if row.raw_file.startswith("ees/"):
            columns = list(dict.fromkeys(described.loc[described["dataset"] == row.family, "column"]))
            yield from _statistics(row.raw_file, row.source_id, columns or ["population_estimate"])
    yield from _others(register.set_index("source_id")["raw_file"].to_dict())


def _any_file(file: str, source_id: str) -> Iterator[Case]:
    also = (source_id,)
    yield Case("published: not registered", source_id, "raw", file, lambda cells: cells[:-9] + b"x" * 9, False, also)
    yield Case("published: gone", source_id, "raw", file, lambda cells: None, False, also)
    yield Case(
        "published: cut in the middle", source_id, "raw", file, lambda cells: cells[: len(cells) // 2 + 7], True, also
    )


def _statistics(file: str, source_id: str, columns: list[str]) -> Iterator[Case]:
    first, last = columns[0], columns[-1]
    families = {
        "published: newest year lost": _without("time_period", max),
        "published: a year between lost": _without(
            "time_period", lambda years: sorted(set(years))[len(set(years)) // 2]
        ),
        "published: an authority lost": _without("new_la_code", lambda codes: "E08000035"),
        "published: value thousandfold": _value(first, lambda value: value * 1000),
        "published: value a thousandth": _value(first, lambda value: value / 1000),
        "published: value negative": _value(last, lambda value: -value - 1),
        "published: column renamed": _renamed(first),
    }
    if first != last:
        families["published: headings exchanged"] = _swap(first, last)
    for family, change in families.items():
        yield Case(family, f"{source_id} {first}", "raw", file, on_rows(change), also=(source_id,))


def _in_sheets(old: str, new: str) -> Callable[[bytes], bytes]:
    """Change the text of a CSV, or of an ODS file's sheets, where a pattern is found first."""

    def change(cells: bytes) -> bytes:
        return re.sub(old, new, cells.decode(), count=1, flags=re.DOTALL).encode()

    def apply(cells: bytes) -> bytes:
        if not zipfile.is_zipfile(io.BytesIO(cells)):
            return change(cells)
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(cells)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new_book:
            for name in book.namelist():
                part = book.read(name)
                new_book.writestr(name, change(part) if name == "content.xml" else part)
        return out.getvalue()

    return apply


def _in_parquet(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[bytes], bytes]:
    def apply(cells: bytes) -> bytes:
        out = io.BytesIO()
        change(pd.read_parquet(io.BytesIO(cells))).to_parquet(out, index=False)
        return out.getvalue()

    return apply


def _in_leeds(frame: pd.DataFrame) -> pd.Series:
    return pd.to_numeric(frame["LA Number"], errors="coerce").eq(383)


def _scaled(factor: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def apply(frame: pd.DataFrame) -> pd.DataFrame:
        mine = frame[(frame["Short Desc"] == "TotalLACFinance") & _in_leeds(frame) & (frame["Values"] != "-")]
        at = mine.index[len(mine) // 2]
        return frame.assign(
            Values=frame["Values"].where(frame.index != at, str(float(frame.at[at, "Values"]) * factor))
        )

    return apply


_LAIT = {
    "published: newest year lost": lambda f: f[~f["Years"].str.startswith("2025")],
    "published: an authority lost": lambda f: f[~_in_leeds(f)],
    "published: value thousandfold": _scaled(1000),
    "published: value negative": _scaled(-1),
    "published: column renamed": lambda f: f.rename(columns={"Values": "Value"}),
    "published: cut at a line end": lambda f: f.head(len(f) * 3 // 5),
    "published: heading alone": lambda f: f.head(0),
    "published: a row twice": lambda f: pd.concat([f, f[f["Short Desc"] == "TotalLACFinance"].head(1)]),
}


def _others(files: dict[str, str]) -> Iterator[Case]:
    for family, change in _LAIT.items():
        yield _of("dfe_lait", files, family, _in_parquet(change))
    lost = on_rows(lambda rows: [row[:3] + row[4:] for row in rows])
    yield _of("dfe_lait_dictionary", files, "published: a column lost", lost)
    every_fourth = on_rows(lambda rows: [row for n, row in enumerate(rows) if len(row[0]) != 7 or n % 4])
    for source_id in ("ons_deflator", "ons_cpi"):
        yield _of(source_id, files, "published: a quarter of prices missing", every_fourth)
    with SHEETS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for source_id in row["sources"].split():
                change = _in_sheets(row["old"], row["new"])
                yield _of(source_id, files, f"published: {row['family']}", change)


def _of(source_id: str, files: dict[str, str], family: str, change: Callable[[bytes], bytes | None]) -> Case:
    return Case(family, source_id, "raw", files[source_id], change, also=(source_id,))
