"""The rows that a test of a claim names: selectors such as `observations E06000018 caseload_fte 2022`, read as cells.

A selector is a table and the key of one row, with `@column` where another column than the table's own value is meant;
several are separated by semicolons. The tables are the tidy ones, as known on a day.
"""

import ast
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import reduce
from operator import add, mul, sub, truediv
from typing import Any, NamedTuple

import pandas as pd

from childrens_services.money import english_money
from childrens_services.rounding import half_up, significant
from childrens_services.tables import contracts

VALUES = {
    "observations": "value",
    "statements": "value",
    "budgets": "amount_gbp",
    "spending": "amount_gbp",
    "events": "start",
    "event_sources": "confirms",
    "judgements": "grade",
    "findings": "theme",
    "forecasts": "window_end",
    "sources": "published_edtf",
}
Rows = Mapping[tuple[str, ...], Mapping[str, Any]]


class NotKnownError(LookupError):
    """A row or value that a test needs is not in the tables as known on the day."""


class Cell(NamedTuple):
    """One value, with the table, the key and the cells of its row."""

    table: str
    key: tuple[str, ...]
    value: Any
    row: Mapping[str, Any]


def index_rows(selectors: Iterable[str], tables: Mapping[str, pd.DataFrame]) -> Rows:
    """Return the rows that selectors can name by table and key, `index_rows(...)["events", "nc_2022_ilacs"]`.

    Observations are kept for every area, because a test may compare an authority with others, and get the unit and the
    decimals of their indicator. A row that has a reason in place of a value is left out.
    """
    named = [selector.partition("@")[0].split() for cell in selectors for selector in cell.split(";")]
    rows = {}
    for name in VALUES:
        skip = name == "observations"
        frame, key = tables[name], contracts()[name]["key"]
        wanted = [words[1 + skip :] for words in named if words[:1] == [name]]
        for at, column in enumerate(key[skip:]):
            frame = frame[frame[column].astype(str).isin({words[at] for words in wanted if words[at:]})]
        labels = reduce(add, (" " + frame[column].astype(str) for column in key[skip:]))
        frame = frame[labels.isin({"".join(f" {word}" for word in words) for words in wanted})]
        if skip:
            frame = frame.merge(tables["indicators"][["indicator", "unit", "decimals"]], on="indicator", how="left")
        frame = frame[frame["status"] == "value"] if "status" in frame else frame
        rows |= {(name, *(str(row[one]) for one in key)): row for row in frame.to_dict("records")}
    return rows


def read_cells(selectors: str, rows: Rows) -> tuple[Cell, ...]:
    """Return the cells that selectors name, in order; raises NotKnownError for one that is not there or is empty."""
    return tuple(_cell(selector.split(), rows) for selector in selectors.split(";"))


def _cell(words: list[str], rows: Rows) -> Cell:
    if not words or words[0] not in VALUES:
        raise ValueError(f"rows {' '.join(words)!r} names no table; begin with one of {', '.join(VALUES)}")
    table, *key = words
    column = key.pop()[1:] if key and key[-1].startswith("@") else VALUES[table]
    row = rows.get((table, *key))
    if row is None or pd.isna(row[column]):
        raise NotKnownError(" ".join(words))
    value = row[column]
    return Cell(table, tuple(key), f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value, row)


def read_areas(codes: Iterable[str], selectors: str, rows: Rows) -> list[tuple[Cell, ...]]:
    """Return the cells of selectors, or of each area in place of `every` that has them; NotKnownError if none has."""
    if " every " not in selectors:
        return [read_cells(selectors, rows)]
    found = []
    for code in codes:
        with suppress(NotKnownError):
            found.append(read_cells(selectors.replace(" every ", f" {code} "), rows))
    if not found:
        raise NotKnownError(selectors)
    return found


def matching(rule: str, tables: Mapping[str, pd.DataFrame]) -> tuple[Cell, ...]:
    """Return the rows of a table that meet every condition of `events kind=monitoring_visit from=2022-09-05`.

    `from` and `to` bound the first day of an event, or the day a judgement was public; `!=` excludes.
    """
    table, *conditions = rule.split()
    frame = tables[table]
    days = frame["start_earliest" if table == "events" else "published"]
    for condition in conditions:
        column, _, value = condition.partition("=")
        if column in ("from", "to"):
            keep = days >= pd.Timestamp(value) if column == "from" else days <= pd.Timestamp(value)
        else:
            keep = frame[column.rstrip("!")].eq(value) ^ column.endswith("!")
        frame, days = frame[keep], days[keep]
    keys = contracts()[table]["key"]
    return tuple(
        Cell(table, tuple(str(row[key]) for key in keys), row[VALUES[table]], row) for row in frame.to_dict("records")
    )


def amount(value: float, unit: str = "", decimals: int | None = None) -> str:
    """Print a value with its unit: `amount(16, "authorities")` is `16 authorities`, pounds as money."""
    if unit == "pounds":
        return english_money(value, "short")
    places = decimals if decimals is not None else 0 if float(value).is_integer() else 1
    return f"{half_up(value, places):,} {unit}".strip() if value else f"none {unit}".strip()


def listed(cells: tuple[Cell, ...], unit: str = "") -> str:
    """Print values in a row with their years, the unit once: `15.3 per cent in 2021, 18.3 in 2022`."""
    printed = []
    for cell in cells:
        seen = cell.table == "observations"
        one = unit or (cell.row["unit"] if seen else "")
        text = amount(cell.value, one if one == "pounds" or not printed else "", cell.row["decimals"] if seen else None)
        printed.append(f"{text} in {cell.key[-1]}" if seen else text)
    return ", ".join(printed)


_OPERATORS = {ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: truediv}


def calculate(rule: str, values: Mapping[str, float]) -> float:
    """Work out a sum of named values and constants: `calculate("a / b", {"a": 1.0, "b": 2.0})` is 0.5.

    Raises ValueError for anything but names, numbers, brackets and the four operations.
    """

    def walk(node: ast.expr) -> float:
        match node:
            case ast.BinOp() if type(node.op) in _OPERATORS:
                return _OPERATORS[type(node.op)](walk(node.left), walk(node.right))
            case ast.Name() if node.id in values:
                return values[node.id]
            case ast.Constant(value=int() | float() as number):
                return float(number)
        raise ValueError(f"rule {rule!r} cannot be worked out; use {', '.join(values)}, numbers and + - * /")

    return significant(walk(ast.parse(rule, mode="eval").body))
