"""First, last and largest rows that are the same on every machine: ties are broken by what the rows hold.

`sort_values` on one column leaves equal rows in an order that depends on the processor.
"""

__all__ = ["first", "in_order", "largest", "last"]

from collections.abc import Sequence

import pandas as pd

Columns = str | Sequence[str]


def in_order(rows: pd.DataFrame, by: Columns, ascending: bool = True) -> pd.DataFrame:
    """Return the rows sorted by one or several columns and then, ascending, by all the others from left to right.

    Only rows that are equal in every column keep the order that they came in. Missing values stand last.
    """
    leading = [by] if isinstance(by, str) else list(by)
    others = [column for column in rows if column not in leading]

    def sortable(column: pd.Series) -> pd.Series:  # lists, or texts and None, have no order of their own
        return column.map(str) if column.name in others and column.dtype == object else column

    directions = [ascending] * len(leading) + [True] * len(others)
    return rows.sort_values([*leading, *others], ascending=directions, key=sortable, kind="stable")


def first(rows: pd.DataFrame, by: Columns, n: int = 1, each: Columns | None = None) -> pd.DataFrame:
    """Return the first `n` rows by one or several columns, in that order; with `each`, the first `n` of each group.

    So also the earliest, and the smallest: `first(waits, "days")` is the shortest wait. Rows without a value in `by`
    are never taken. A frame without rows gives one without rows.
    """
    return _take(rows, by, n, each)


def last(rows: pd.DataFrame, by: Columns, n: int = 1, each: Columns | None = None) -> pd.DataFrame:
    """Return the last `n` rows by one or several columns, in ascending order; with `each`, the last `n` of each group.

    `last(observations, "period", each="area_code")` is the newest value of each area.
    """
    return _take(rows, by, -n, each)


def largest(rows: pd.DataFrame, by: Columns, n: int = 1, each: Columns | None = None) -> pd.DataFrame:
    """Return the `n` rows with the largest values, largest first; with `each`, those of each group.

    `largest(budgets, "amount_gbp", 3)` are the three largest sums.
    """
    return _take(rows, by, n, each, ascending=False)


def _take(rows: pd.DataFrame, by: Columns, n: int, each: Columns | None, ascending: bool = True) -> pd.DataFrame:
    ordered = in_order(rows.dropna(subset=by), by, ascending)
    groups = ordered if each is None else ordered.groupby(each, dropna=False)
    return groups.head(n) if n > 0 else groups.tail(-n)
