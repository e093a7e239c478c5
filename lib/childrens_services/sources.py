"""The register of sources: open a raw file only if it is the registered one, and turn source ids into a source line."""

import csv
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from childrens_services import paths, tables, texts

_TITLES_SHOWN = 3
# What a licence demands to be said wherever its source is used.
_ATTRIBUTIONS = {"OPL-UK-3.0": "Contains Parliamentary information licensed under the Open Parliament Licence v3.0"}


class RawFileError(ValueError):
    """A published file is missing, unregistered or not the one that was registered."""


def read_curated(name: str) -> pd.DataFrame:
    """Return one curated CSV as text, empty cells as ''; `read_curated("budgets")` has a row a stated amount.

    A column `remark` is for whoever keeps the file, may tell what came later, and is left out. Raises ValueError naming
    file and row for what cannot be read whole: an unquoted comma would shift the other cells in silence.
    """
    path, file = paths.CURATED / f"{name}.csv", f"data/curated/{name}.csv"
    heading, rows = read_table(path, file, "restore it from git")
    if not path.read_bytes().endswith(b"\n"):
        raise ValueError(f"{file}, row {len(rows) + 1}: the file ends within a line; restore it from git, or end it")
    rules = tables.curated_rules(name)
    need(rules["needs"].split(), heading, file, "mend the heading")
    for number, row in enumerate(rows, start=2):
        for column, text in zip(heading, row, strict=True):
            if fault := _fault(text, rules["cells"].get(column)):
                raise ValueError(f"{file}, row {number} ({row[0][:40]!a}), column {column}: {fault}; mend the cell")
    found = pd.DataFrame(rows, columns=heading, dtype="str")
    if rules["key"] and (twice := found.duplicated(rules["key"])).any():
        key = " ".join(found.loc[twice, rules["key"]].iloc[0])
        raise ValueError(f"{file}, row {found.index[twice][0] + 2}: {key} stands twice; take one of the rows out")
    return found.drop(columns="remark", errors="ignore")


def _fault(text: str, pattern: str | None) -> str:
    if fault := texts.fault(text):
        return f"the text {fault}"
    return f"found {text!r}, expected text like {pattern}" if pattern and not re.fullmatch(pattern, text) else ""


def need(columns: Iterable[str], heading: Sequence[str], file: str, mend: str) -> None:
    """Raise ValueError for the first of some columns that a heading lacks."""
    if lacking := [column for column in columns if column not in heading]:
        raise ValueError(f"{file}, row 1: lacks column {lacking[0]!r}, has {', '.join(heading[:20])}; {mend}")


def read_table(path: Path, file: str, mend: str) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the rows of a CSV as text; `file` and `mend` are what a message calls it and advises.

    Raises ValueError for a heading that says a thing twice, no row, and a row with a cell too many or too few.
    """
    heading, *rows = read_rows(path, file, mend) or [[]]
    if not rows:
        found = "it has a heading and no row" if heading else "it is empty"
        raise ValueError(f"{file}: cannot be read ({found}); {mend}")
    if twice := [name for n, name in enumerate(heading) if not name or name in heading[:n]]:
        raise ValueError(f"{file}, row 1: column {twice[0]!r} stands twice or has no name; {mend}")
    for number, row in enumerate(rows, start=2):
        if row == heading:
            raise ValueError(f"{file}, row {number}: found the heading again; {mend}")
        if len(row) != len(heading):
            found = f"found {len(row)} cells, expected {len(heading)}; put a cell that holds a comma in quotes, or "
            raise ValueError(f"{file}, row {number} ({row[0][:40]!a}): {found}{mend}")
    return heading, rows


def read_rows(path: Path, file: str = "", mend: str = "get the file again") -> list[list[str]]:
    """Return the lines of a CSV that are not blank, a list of cells each; raises ValueError for one that is damaged."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return [row for row in csv.reader(lines, strict=True) if row]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error
        raise ValueError(f"{file or path.name}: cannot be read ({reason}); {mend}") from error


@cache
def register() -> pd.DataFrame:
    """Return the register as curated, or outside a checkout the table `sources`; all of it text, by source_id."""
    rows = read_curated("sources") if paths.CURATED.is_dir() else tables.load("sources").astype("str").fillna("")
    return rows.set_index("source_id", drop=False)


@cache
def raw_file(source_id: str) -> Path:
    """Return the path of a registered file or folder under RAW_DIR, its SHA-256 checked: `raw_file("ofsted_ods_2025")`.

    Raises RawFileError, with what to do, for one that is not registered, missing, cut short or altered.
    """
    row = _rows([source_id]).iloc[0]
    path = paths.raw_dir() / row["raw_file"]
    if ".." in path.parts:
        raise RawFileError(
            f"data/curated/sources.csv, row {source_id}: raw_file {row['raw_file']!r} leads out of RAW_DIR; mend it"
        )
    if not row["raw_file"] or not path.exists():
        raise RawFileError(
            f"{row['raw_file'] or source_id}: not found under RAW_DIR ({paths.raw_dir()}); "
            f"get “{row['title']}” from {row['publisher']} and put it there"
        )
    if (found := hash_of(path)) != row["sha256"]:
        raise RawFileError(f"{row['raw_file']}: not the registered {_altered(path, row, found)}")
    return path


def _altered(path: Path, row: pd.Series, found: str) -> str:
    expected = f"expected {row['sha256'][:12]}…"
    if path.is_file():
        return (
            f"file (SHA-256 {found[:12]}…, {expected}, {path.stat().st_size:,} bytes); get it again, or register a new "
            "edition in data/curated/sources.csv"
        )
    files = sum(file.is_file() for file in path.rglob("*"))
    return (
        f"folder: a file was put in, taken out or altered ({files} files, SHA-256 of their list {found}, {expected}); "
        "restore it, or put that SHA-256 and the newest file's day of publication in data/curated/sources.csv, row "
        f"{row['source_id']}"
    )


def forget() -> None:
    """Read the register and the files anew from now on, after one of them was changed."""
    for read in (register, raw_file, _lists):
        read.cache_clear()


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder: that of a line a file, its name in the folder and its own hash."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    files = sorted((file.relative_to(path).as_posix(), file) for file in path.rglob("*") if file.is_file())
    return hashlib.sha256("".join(f"{name} {hash_of(file)}\n" for name, file in files).encode()).hexdigest()


def compiled(source_ids: Iterable[str]) -> bool:
    """Return whether one of the sources is a list that others compiled, such as `d2i_ilacs_2026`."""
    return not _lists().isdisjoint(source_ids)


@cache
def _lists() -> frozenset[str]:
    return frozenset(register().query("kind == 'secondary_data'").index)


def source_line(source_ids: Iterable[str]) -> str:
    """Say where rows come from: `source_line(["ofsted_ods_2025"])` starts with `Ofsted, `.

    Up to three sources with their titles; of more, the publishers, because a line that nobody reads names nobody. What
    a licence demands to be said is always said.
    """
    rows = _rows(source_ids)
    demanded = [_ATTRIBUTIONS[licence] for licence in sorted(set(rows["licence"]) & set(_ATTRIBUTIONS))]
    return ". ".join([_named(rows), *demanded])


def _named(rows: pd.DataFrame) -> str:
    publishers = rows.groupby("publisher", sort=True)["title"].agg(lambda t: "; ".join(sorted(set(t))))
    if len(rows) <= _TITLES_SHOWN:
        return ". ".join(f"{publisher}, {titles}" for publisher, titles in publishers.items())
    names = list(dict.fromkeys(re.sub(r" \(.*\)|, .*| / .*", "", name) for name in publishers.index))
    return f"{'; '.join(names)} ({len(rows)} sources, listed with the chart's data)"


def _rows(source_ids: Iterable[str]) -> pd.DataFrame:
    wanted = sorted(set(source_ids))
    if lost := [source_id for source_id in wanted if source_id not in register().index]:
        raise RawFileError(f"source {lost[0]!r} is not in data/curated/sources.csv; register it there, or mend the id")
    return register().loc[wanted]
