"""Refuse rows that are wrong, each in words that name its file, what was found, what was expected and what to do."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
Wrong = Iterator[tuple[pd.DataFrame, str]]  # wrong rows, and words for each of them


def refuse(rows: pd.DataFrame | pd.Series, words: str, **more: Any) -> None:
    """Raise ValueError in these words for the first of some rows that are wrong, where there is one.

    `{name}` stands for the cell of that column, `{cell}` for that of a Series, `{line}` for the row's index, `{wrong}`
    for the number of rows: `refuse(rows[rows["day"].isna()], "{file}, line {line}: {name} has no day", file="a.csv")`.
    """
    if len(rows):
        cells = {"cell": rows.iloc[0]} if isinstance(rows, pd.Series) else rows.iloc[0].to_dict()
        raise ValueError(words.format(**{"line": rows.index[0], "wrong": len(rows)} | cells | more))


def in_lines(check: Callable[[Tables], Wrong], tables: Tables) -> list[str]:
    """Return a line a fault that a check finds; `{file}` in its words is the file of the row's source."""
    known = tables["sources"].set_index("source_id")["raw_file"].dropna() if "sources" in tables else {}
    found = [(row, words) for rows, words in check(tables) for row in rows.to_dict("records")]
    sources = [row.get("source_id") for row, _ in found]
    files = [{"file": known.get(source, f"the file of {source}")} for source in sources]
    return [words.format(**file | row) for (row, words), file in zip(found, files, strict=True)]
