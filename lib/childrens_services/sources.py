"""The register of sources: open a raw file only if it is the registered one, and turn source ids into a source line.

Goes in: `data/curated/sources.csv`. Comes out: paths of checked files, and text. Nothing here reads a file's content.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd

from childrens_services import paths

_TITLES_SHOWN = 3


class RawFileError(ValueError):
    """A published file is missing, unregistered or not the one that was registered."""


def read_curated(name: str) -> pd.DataFrame:
    """Read one curated CSV as text, empty cells as empty strings; `read_curated("budgets")` has one row a stated amount.

    Raises ValueError naming the file when it is missing or is not a table.
    """
    path = paths.CURATED / f"{name}.csv"
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (FileNotFoundError, pd.errors.ParserError, UnicodeDecodeError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"data/curated/{path.name}: cannot be read ({error}); restore it from git") from error


@cache
def register() -> pd.DataFrame:
    """Give the register as curated, indexed by source_id; one row a source."""
    return read_curated("sources").set_index("source_id", drop=False)


@cache
def raw_file(source_id: str) -> Path:
    """Give the path of a registered file under RAW_DIR after its SHA-256 has been checked.

    Raises RawFileError for a file that is missing, cut short or altered, with what to do;
    for example `raw_file("ofsted_ods_2025")`.
    """
    row = register().loc[source_id]
    path = paths.raw_dir() / row["raw_file"]
    if not row["raw_file"] or not path.is_file():
        raise RawFileError(
            f"{row['raw_file'] or source_id}: not found under RAW_DIR ({paths.raw_dir()}); "
            f"get “{row['title']}” from {row['publisher']} and put it there"
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != row["sha256"]:
        raise RawFileError(
            f"{row['raw_file']}: not the registered file (SHA-256 {found[:12]}…, expected {row['sha256'][:12]}…, "
            f"{path.stat().st_size:,} bytes); get it again, or register a new edition in data/curated/sources.csv"
        )
    return path


def source_line(source_ids: Iterable[str]) -> str:
    """Say where rows come from: `source_line(["ofsted_ods_2025"])` starts with `Ofsted, `.

    Up to three sources with their titles; of more, the publishers, because a line that nobody reads names nobody. The
    full list goes with the chart's data.
    """
    rows = register().loc[sorted(set(source_ids))]
    publishers = rows.groupby("publisher", sort=True)["title"].agg(lambda t: "; ".join(sorted(set(t))))
    if len(rows) <= _TITLES_SHOWN:
        return ". ".join(f"{publisher}, {titles}" for publisher, titles in publishers.items())
    names = list(dict.fromkeys(re.sub(r" \(.*\)|, .*| / .*", "", name) for name in publishers.index))
    return f"{'; '.join(names)} ({len(rows)} sources, listed with the chart's data)"
