"""Small frames for tests, written as text, and the rows of `tests/data`."""

import csv
from pathlib import Path

import pandas as pd

NUMBERS = ("value", "amount_gbp", "low", "high", "price_index")
WHOLE = ("period", "year", "decimals", "rank", "days", "children", "slip_days")
DAYS = (
    *("published", "publication_date", "start_earliest", "start_latest", "window_start", "window_end"),
    *("existed_from", "existed_to", "looked"),
)
TYPES = dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(WHOLE, "Int64") | dict.fromkeys(DAYS, "datetime64[s]")


def frame(heading: str, rows: str, **common) -> pd.DataFrame:
    """Return rows parted by semicolons under a heading: `frame("name value", "Leeds 1; York -", unit="days")`.

    A hyphen is missing, and so is what a row leaves out at its end. A column is of numbers or days where its name is
    one of `TYPES`, and of words otherwise; `common` are columns that are alike in every row.
    """
    names = heading.split()
    cells = [(row.split() + [None] * len(names))[: len(names)] for row in rows.split(";") if row.strip()]
    found = pd.DataFrame(cells, columns=names).replace("-", None)
    return found.astype({name: TYPES.get(name, "str") for name in names}).assign(**common)


def observed(rows: str, **common) -> pd.DataFrame:
    """Return observations written as `area indicator period value`, a value that is no number being the reason why."""
    found = frame("area_code indicator period status", rows)
    value = pd.to_numeric(found["status"], errors="coerce")
    found = found.astype({"period": "int64"}).assign(value=value, status=found["status"].where(value.isna(), "value"))
    return found.assign(source_id="dfe_d5", published=pd.Timestamp("2025-10-31"), **common)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def days(series: pd.Series) -> list[str]:
    """Return days as they are written."""
    return series.dt.strftime("%Y-%m-%d").tolist()


def cells(text: str) -> dict[str, str]:
    """Return cells written as `year=2024, children=5`."""
    return dict(cell.split("=", 1) for cell in text.split(", ") if cell)


def cases(text: str) -> list[tuple[str, ...]]:
    """Return the rows of a parametrised test, written a row a line with its parts between bars: `text | message`."""
    return [tuple(part.strip() for part in line.split("|")) for line in text.strip().splitlines()]


def rows_of(name: str) -> list[tuple[str, ...]]:
    """Return the rows of a file of `tests/data` as tuples of texts, for a parametrised test."""
    with (Path(__file__).parent / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def is_numbered(rows: pd.DataFrame) -> bool:
    """Return whether rows are numbered from nought, as every function that sorts or picks leaves them."""
    return list(rows.index) == list(range(len(rows))) and "index" not in rows
