"""Refuse rows that are wrong, each in words that name its file, what was found, what was expected and what to do."""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

import pandas as pd

Tables = Mapping[str, pd.DataFrame]


def refuse(rows: pd.DataFrame | pd.Series, words: str, **more: Any) -> None:
    """Raise ValueError in these words for the first of some rows that are wrong, where there is one.

    `{name}` stands for the cell of that column, `{cell}` for that of a Series, `{line}` for the row's index, `{wrong}`
    for the number of rows: `refuse(rows[rows["day"].isna()], "{file}, line {line}: {name} has no day", file="a.csv")`.
    """
    if len(rows):
        cells = {"cell": rows.iloc[0]} if isinstance(rows, pd.Series) else rows.iloc[0].to_dict()
        raise ValueError(words.format(**{"line": rows.index[0], "wrong": len(rows)} | cells | more))


def in_lines(check: Callable[[Tables], Iterator[tuple[pd.DataFrame, str]]]) -> Callable[[Tables], Iterator[str]]:
    """Return a check that yields a line a fault, of one that yields wrong rows and words; `{file}` is their file."""

    @wraps(check)
    def lines(tables: Tables) -> Iterator[str]:
        known = tables["sources"].set_index("source_id")["raw_file"].dropna() if "sources" in tables else {}
        for rows, words in check(tables):
            for row in rows.to_dict("records"):
                file = known.get(row.get("source_id"), f"the file of {row.get('source_id')}")
                yield words.format(**{"file": file} | row)

    return lines
