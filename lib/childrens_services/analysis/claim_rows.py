"""The rows that a test of a claim names: selectors such as `observations E06000018 caseload_fte 2022` to cells.

Goes in: tidy tables as known on a day. Comes out: cells with their key and source. A selector is a table and the key of
one row, with `@column` where another than the table's own value is meant; several are separated by semicolons.
"""

import ast
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from childrens_services.money import english_money
from childrens_services.rounding import half_up, significant
from childrens_services.tables import contracts

VALUES = {
    "observations": "value", "statements": "value", "budgets": "amount_gbp", "spending": "amount_gbp",
    "events": "start", "judgements": "grade", "findings": "theme", "forecasts": "window_end",
}  # fmt: skip
NEEDED = (*VALUES, "indicators", "authorities", "neighbours")


class NotKnownError(LookupError):
    """A row or value that a test needs is not in the tables as known on the day."""


@dataclass(frozen=True)
class Cell:
    """One value of one row, with how it is printed and where it comes from."""

    table: str
    key: tuple
    value: str
    unit: str = ""
    decimals: int | None = None
    when: str = ""
    source: str = ""

    @property
    def number(self) -> float:
        """The value as a number."""
        return float(self.value)

    def name(self, table: str) -> str:
        """The key of its row, with the table before it where that is not `table`."""
        key = " ".join(map(str, self.key))
        return key if self.table == table else f"{self.table} {key}"


@dataclass(frozen=True)
class Rows:
    """The rows that some selectors can name, by table, and the place of each by its key."""

    frames: Mapping[str, pd.DataFrame]
    places: Mapping[str, Mapping[tuple, int]]
    indicators: Mapping[str, tuple[str, int]]

    @classmethod
    def of(cls, selectors: Iterable[str], tables: Mapping[str, pd.DataFrame]) -> "Rows":
        """Index what the selectors can name: the rows whose keys stand in one of them."""
        named = {part for selector in selectors for part in selector.replace(";", " ").split()}
        frames = {name: _named(name, tables[name], named) for name in VALUES}
        described = tables["indicators"]
        units = {row.indicator: (row.unit, int(row.decimals)) for row in described.itertuples()}
        return cls(frames, {name: _places(name, frame) for name, frame in frames.items()}, units)

    def cells(self, selectors: str) -> tuple[Cell, ...]:
        """Give the cells that selectors name, in order; raises NotKnownError for one that is not there or empty."""
        return tuple(self._cell(selector) for selector in selectors.split(";"))

    def present(self, selectors: Iterable[str]) -> tuple[Cell, ...]:
        """Give the cells of those selectors that hold a value; raises NotKnownError when none does."""
        found = []
        for selector in selectors:
            try:
                found.append(self._cell(selector))
            except NotKnownError:
                continue
        if not found:
            raise NotKnownError("no value in the group")
        return tuple(found)

    def _cell(self, selector: str) -> Cell:
        table, *key = selector.split()
        column = key.pop()[1:] if key[-1].startswith("@") else VALUES[table]
        place = self.places[table].get(tuple(key))
        row = None if place is None else self.frames[table].iloc[place]
        if row is None or pd.isna(row[column]) or row.get("status", "value") != "value":
            raise NotKnownError(selector.strip())
        value = row[column]
        text = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
        unit, decimals = self.indicators.get(key[1], ("", None)) if table == "observations" else ("", None)
        when = f" in {key[2]}" if table == "observations" else ""
        return Cell(table, tuple(key), text, unit, decimals, when, row["source_id"])

    def matching(self, rule: str, tables: Mapping[str, pd.DataFrame]) -> tuple[Cell, ...]:
        """Give the rows of a table that meet every condition of `events kind=monitoring_visit from=2022-09-05`.

        `from` and `to` bound the first day of an event, or the day a judgement was public; `!=` excludes.
        """
        table, *conditions = rule.split()
        frame = tables[table]
        days = frame["start_earliest" if table == "events" else "published"]
        for condition in conditions:
            column, _, value = condition.partition("=")
            if column in ("from", "to"):
                day = pd.Timestamp(value)
                keep = days >= day if column == "from" else days <= day
            else:
                keep = frame[column.rstrip("!")].eq(value) ^ column.endswith("!")
            frame, days = frame[keep], days[keep]
        keys = contracts()[table]["key"]
        return tuple(
            Cell(table, tuple(row[k] for k in keys), str(row[VALUES[table]]), source=row["source_id"])
            for row in frame.to_dict("records")
        )


def _named(name: str, frame: pd.DataFrame, named: set[str]) -> pd.DataFrame:
    """Keep the rows whose keys are named; of the observations in any area, because a group is made of others."""
    for key in contracts()[name]["key"]:
        if (name, key) != ("observations", "area_code"):
            frame = frame[frame[key].astype(str).isin(named)]
    return frame


def _places(name: str, frame: pd.DataFrame) -> dict[tuple, int]:
    """Give where each row stands by its key; only the few rows that are asked for are ever taken out."""
    keys = [frame[key].astype(str).to_numpy() for key in contracts()[name]["key"]]
    return {key: place for place, key in enumerate(zip(*keys, strict=True))}


def first_figure(value: float) -> float:
    """Give the unit of a number's first figure: `first_figure(93600)` is 10000."""
    return float(Decimal(1).scaleb(Decimal(str(value)).adjusted()))


def amount(value: float, unit: str, decimals: int | None = None) -> str:
    """Print a checked value with its unit: `amount(16, "authorities")` is `16 authorities`, pounds as money."""
    if unit == "pounds":
        return english_money(value, "short")
    places = decimals if decimals is not None else 0 if float(value).is_integer() else 1
    number = f"{half_up(value, places):,}" if value else "none"
    return f"{number} {unit}".strip()


def listed(cells: tuple[Cell, ...], unit: str = "") -> str:
    """Print values in a row with their years, the unit once: `15.3 per cent in 2021, 18.3 in 2022`."""
    unit = unit or cells[0].unit
    units = [unit if i == 0 or unit == "pounds" else "" for i in range(len(cells))]
    return ", ".join(
        amount(cell.number, each, cell.decimals) + cell.when for cell, each in zip(cells, units, strict=True)
    )


_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def calculate(rule: str, values: Mapping[str, float]) -> float:
    """Work out a sum of named values and constants, `calculate("a / b", {"a": 1.0, "b": 2.0})` is 0.5.

    Raises ValueError for anything but names, numbers, brackets and the four operations.
    """

    def walk(node: ast.expr) -> float:
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](walk(node.left), walk(node.right))
        if isinstance(node, ast.Name) and node.id in values:
            return values[node.id]
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        raise ValueError(
            f"claim_tests: rule {rule!r} cannot be worked out; use {', '.join(values)}, numbers and + - * /"
        )

    return significant(walk(ast.parse(rule, mode="eval").body))
