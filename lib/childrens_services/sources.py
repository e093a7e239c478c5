"""The register of sources: open a raw file only if it is the registered one, and turn source ids into a source line.

Goes in: `data/curated`, with the register `sources.csv`. Comes out: curated frames as text, paths of checked files, and
source lines. Nothing here reads the content of a published file.
"""

import csv
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd

from childrens_services import paths, tables, texts

_TITLES_SHOWN = 3
# What a licence demands to be said wherever its source is used.
_ATTRIBUTIONS = {"OPL-UK-3.0": "Contains Parliamentary information licensed under the Open Parliament Licence v3.0"}
# The columns without which the build cannot go on. A curated file may have more; one renamed is missed here.
_NEEDED = {
    "authority_changes": "la_code_ons change day codes",
    "authority_codes": "la_code_ons name urn_ofsted",
    "authority_spellings": "spelling la_code_ons seen_in",
    "budgets": "fact_id source_id period",
    "claim_sources": "claim_id source_id",
    "claims": "claim_id source_id as_of how_to_check compiled_check compiled_verdict",
    "event_sources": "event_id source_id confirms",
    "corrections": "correction_id source_id right_since",
    "events": "event_id la_code_ons kind scope framework start end published_edtf source_id",
    "findings": "finding_id source_id",
    "forecasts": "forecast_id source_id made_on window_start window_end outcome_date",
    "indicators": "indicator dataset column where period_kind decimals numerator denominator per",
    "judgements": "event_id judgement grade source_id",
    "outcome_headings": "heading field",
    "publishers": "family api address within item first_year hosts",
    "publication_days": "applies_to period_kind period published source_id",
    "publication_rules": "applies_to period_kind month day years_after",
    "ro3_layout": "code_stem line heading",
    "section_251_lines": "source_id locator line measure",
    "sources": "source_id publisher title published_edtf licence raw_file sha256 family layout release",
    "statements": "fact_id source_id as_of",
    "themes": "theme",
    "units": "unit about printed",
}

# What stands once in a file that is not a table of its own, whose contract would say so.
_KEYS = {
    "authority_changes": ["la_code_ons", "change", "codes"],
    "authority_codes": ["la_code_ons"],
    "event_sources": ["event_id", "source_id"],
    "indicators": ["indicator"],
    "judgements": ["event_id", "judgement"],
    "ro3_layout": ["line"],
    "section_251_lines": ["locator"],
}


class RawFileError(ValueError):
    """A published file is missing, unregistered or not the one that was registered."""


def read_curated(name: str) -> pd.DataFrame:
    """Read one curated CSV as text, empty cells as empty strings; `read_curated("budgets")` has a row a stated amount.

    A column `remark` is for whoever keeps the file, may tell what came later, and is left out.
    Raises ValueError naming the file when it is missing, is not a table or lacks a column, and the row where one has
    a cell too many or too few: an unquoted comma would shift the others in silence.
    """
    file = f"data/curated/{name}.csv"
    heading, rows = _read_lines(paths.CURATED / f"{name}.csv", file)
    if twice := sorted({column for column in heading if heading.count(column) > 1 or not column}):
        raise ValueError(f"{file}, row 1: column {twice[0]!r} stands twice or has no name; mend the heading")
    if lacking := [column for column in _NEEDED.get(name, "").split() if column not in heading]:
        raise ValueError(f"{file}, row 1: lacks column {lacking[0]!r}, has {', '.join(heading)}; mend the heading")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(heading):
            raise ValueError(
                f"{file}, row {number} ({row[0]}): found {len(row)} cells, expected {len(heading)}; put a cell that "
                "holds a comma in quotes, or restore the row from git"
            )
        _check_texts(file, number, heading, row)
    found = pd.DataFrame(rows, columns=heading, dtype="str")
    if name in _KEYS and (twice := found.duplicated(_KEYS[name])).any():
        key = " ".join(found.loc[twice, _KEYS[name]].iloc[0])
        raise ValueError(f"{file}, row {found.index[twice][0] + 2}: {key} stands twice; take one of the rows out")
    return found.drop(columns="remark", errors="ignore")


def _check_texts(file: str, number: int, heading: list[str], row: list[str]) -> None:
    if row == heading:
        raise ValueError(f"{file}, row {number}: the heading stands twice; take the row out")
    for column, text in zip(heading, row, strict=True):
        if fault := texts.fault(text):
            raise ValueError(
                f"{file}, row {number} ({row[0][:40]!a}), column {column}: the text {fault}; mend the cell"
            )


def _read_lines(path: Path, file: str) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the rows that are not blank; row 1 is the heading."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.reader(lines, strict=True) if row]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error
        raise ValueError(f"{file}: cannot be read ({reason}); restore it from git") from error
    if rows and not path.read_bytes().endswith(b"\n"):
        raise ValueError(f"{file}, row {len(rows)}: the file ends within a line; restore it from git, or end the line")
    if len(rows) < 2:
        found = "it has a heading and no row" if rows else "it is empty"
        raise ValueError(f"{file}: cannot be read ({found}); restore it from git")
    return rows[0], rows[1:]


@cache
def register() -> pd.DataFrame:
    """Return the register as curated, or outside a checkout the table `sources`, indexed by source_id; all of it text.

    Raises ValueError for an id that stands twice.
    """
    rows = read_curated("sources") if paths.CURATED.is_dir() else tables.load("sources").astype("str").fillna("")
    rows = rows.set_index("source_id", drop=False)
    if (twice := rows.index.duplicated()).any():
        raise ValueError(
            f"data/curated/sources.csv: source_id {rows.index[twice][0]!r} stands twice; take one of the rows out"
        )
    return rows


@cache
def raw_file(source_id: str) -> Path:
    """Return the path of a registered file or folder under RAW_DIR after its SHA-256 has been checked.

    Raises RawFileError for a source that is not registered, a file that is missing, cut short or altered, and a folder
    with a file too many, too few or altered, with what to do; for example `raw_file("ofsted_ods_2025")`.
    """
    row = _rows([source_id]).iloc[0]
    path = paths.raw_dir() / row["raw_file"]
    if not row["raw_file"] or not path.exists():
        raise RawFileError(
            f"{row['raw_file'] or source_id}: not found under RAW_DIR ({paths.raw_dir()}); "
            f"get “{row['title']}” from {row['publisher']} and put it there"
        )
    (_check_folder if path.is_dir() else _check_file)(path, row)
    return path


def forget() -> None:
    """Read the register and the files anew from now on, after one of them was changed."""
    register.cache_clear()
    raw_file.cache_clear()


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder: that of a line a file, its name in the folder and its own hash."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    files = sorted((file.relative_to(path).as_posix(), file) for file in path.rglob("*") if file.is_file())
    return hashlib.sha256("".join(f"{name} {hash_of(file)}\n" for name, file in files).encode()).hexdigest()


def _check_file(path: Path, row: pd.Series) -> None:
    found = hash_of(path)
    if found != row["sha256"]:
        raise RawFileError(
            f"{row['raw_file']}: not the registered file (SHA-256 {found[:12]}…, expected {row['sha256'][:12]}…, "
            f"{path.stat().st_size:,} bytes); get it again, or register a new edition in data/curated/sources.csv"
        )


def _check_folder(folder: Path, row: pd.Series) -> None:
    found = hash_of(folder)
    if found != row["sha256"]:
        files = sum(path.is_file() for path in folder.rglob("*"))
        raise RawFileError(
            f"{row['raw_file']}: not the registered folder: a file was put in, taken out or altered ({files} "
            f"files, SHA-256 of their list {found}, expected {row['sha256'][:12]}…); restore it, or put that SHA-256 "
            f"and the newest file's day of publication in data/curated/sources.csv, row {row['source_id']}"
        )


def compiled(source_ids: Iterable[str]) -> bool:
    """Return whether one of the sources is a list that others compiled, such as `d2i_ilacs_2026`."""
    kinds = register()["kind"]
    return any(kinds.get(one) == "secondary_data" for one in source_ids)


def source_line(source_ids: Iterable[str]) -> str:
    """Say where rows come from: `source_line(["ofsted_ods_2025"])` starts with `Ofsted, `.

    Up to three sources with their titles; of more, the publishers, because a line that nobody reads names nobody. The
    full list goes with the chart's data. What a licence demands to be said is always said.
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
    """Return the rows of the register for some ids, each once and in order."""
    wanted = sorted(set(source_ids))
    if lost := [source_id for source_id in wanted if source_id not in register().index]:
        raise RawFileError(f"source {lost[0]!r} is not in data/curated/sources.csv; register it there, or mend the id")
    return register().loc[wanted]
