"""What each tidy table is, by `contracts.toml`: check it, load it as known on a day, store it, describe it.

In a wheel the tables are in the package.
"""

__all__ = ["ENGLAND", "SPENDING_LINES", "TableError", "contracts", "known_on", "load", "read_day", "words"]

import shutil
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyarrow.parquet import ParquetFile

from childrens_services import digests, moving, paths, vocabulary

ENGLAND = "E92000001"
_FILE = tomllib.loads((Path(__file__).parent / "contracts.toml").read_text(encoding="utf-8"))
TYPES = _FILE["types"]
_ENDED = r" \(to \d{4}\)$"  # what the name of an authority that has ended says of it
_PLAIN_NUMBER = r"-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?"
SPENDING_LINES = _FILE["spending_lines"]
_WORDS = {**vocabulary.WORDS, "spending_lines": SPENDING_LINES}


class TableError(ValueError):
    """A table, or a day asked of it, does not conform; the message names the table, the row and the column."""


@cache
def contracts() -> dict[str, dict[str, Any]]:
    """Return every table's contract by name: `grain`, `key`, `format` and `columns` in order."""
    contracts = {}
    for name, table in _FILE["tables"].items():
        common = {column: spec for column, spec in _FILE["common"].items() if column not in table["columns"]}
        contracts[name] = {"format": "csv", **table, "columns": {**table["columns"], **common}}
    return contracts


def curated_rules(name: str) -> dict[str, Any]:
    """Return what a curated file must have: the columns it `needs`, its `key`, and patterns of `cells` by column."""
    return {"needs": "", "key": [], "cells": {}} | _FILE["curated"].get(name, {})


def made() -> dict[str, dict[str, str]]:
    """Return the columns that charts make, by name: `about`, and `unit` where there is one."""
    return _FILE["made"]


def freshness() -> dict[str, dict[str, Any]]:
    """Return after how many days without a newer row what is known is stale, and why: `grades`, `events`, `figures`."""
    return _FILE["freshness"]


def about(column: str, names: Sequence[str] = ()) -> Mapping[str, Any]:
    """Return what is known of a column, above all its `about` and `unit`; empty for a column that is not known.

    The tables in `names` come first, then what charts make, then all tables where most say the same of it:
    `about("amount_gbp", ["budgets"])["unit"]` is `pounds`.
    """
    known = {table: contract["columns"] for table, contract in contracts().items() if column in contract["columns"]}
    own = [known[name][column] for name in names if name in known]
    if own or column in made():
        return own[0] if own else made()[column]
    said = [columns[column]["about"] for columns in known.values()]
    return next((one[column] for one in known.values() if 2 * said.count(one[column]["about"]) > len(said)), {})


def nearest(columns: Sequence[str]) -> str:
    """Return the name of the table that shares most columns with these: what a chart was most likely drawn from."""
    return max(contracts(), key=lambda name: len(set(columns) & set(contracts()[name]["columns"])))


def words(column: Mapping[str, Any]) -> list[str] | None:
    """Return the closed vocabulary of a column, or None where it is open."""
    listed = column.get("words")
    return list(_WORDS[listed]) if isinstance(listed, str) else listed and list(listed)


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the contract's columns in order, its types, sorted by its key, for example `events`.

    Raises TableError for a column too many or too few, or a cell that does not fit its column's type.
    """
    columns = contracts()[name]["columns"]
    extra, lacking = set(frame.columns) - set(columns), set(columns) - set(frame.columns)
    if extra or lacking:
        raise TableError(
            f"{name}: columns do not conform: lacks {sorted(lacking)}, has unknown {sorted(extra)}; expected those of "
            f"contracts.toml: mend the heading of {curated_file(name) or 'the file that the table is made from'}"
        )
    typed = {column: _typed(name, column, spec["type"], frame) for column, spec in columns.items()}
    return pd.DataFrame(typed).sort_values(contracts()[name]["key"], kind="stable", ignore_index=True)


def _typed(name: str, column: str, kind: str, frame: pd.DataFrame) -> pd.Series:
    try:
        return _as_type(frame[column], kind)
    except (ValueError, TypeError) as error:
        for at, cell in enumerate(frame[column]):
            with suppress(ValueError, TypeError):
                _as_type(pd.Series([cell]), kind)
                continue
            where = f"{name}.{column}, row {row_key(name, frame.iloc[at])}: found {cell!r}"
            mend = f"mend the cell in {curated_file(name) or 'the file that it comes from'}"
            raise TableError(f"{where}, expected {TYPES[kind]['cell']}; {mend}") from None
        raise TableError(f"{name}.{column}: the cells are not of one type {kind} ({error}); mend them") from error


def _as_type(values: pd.Series, kind: str) -> pd.Series:
    """Convert cells, empty ones to missing; raises ValueError or TypeError for a text that only seems to be missing."""
    if kind in ("text", "edtf"):
        return (values if values.dtype == "str" else values.astype("str")).replace("", None)
    filled = values.replace("", None)
    if kind in ("number", "whole") and filled.dtype in ("str", object):  # 1_000 and other alphabets are read by pandas
        written = filled[filled.map(lambda cell: isinstance(cell, str)).astype("bool")].astype("str")
        if not written.str.fullmatch(_PLAIN_NUMBER).all():
            raise ValueError("a number that is not written in the digits 0 to 9, as 1050000 or 17.2")
    typed = (pd.to_datetime(filled, format="%Y-%m-%d") if kind == "day" else filled).astype(TYPES[kind]["pandas"])
    if not typed.isna().equals(filled.isna()) or (kind == "number" and np.isinf(typed).any()):
        raise ValueError("a text that is read as missing, such as 'nan', or an endless number")
    return typed


def curated_file(name: str) -> str:
    """Name the curated file from which a table, or a part of it, is made; empty where there is none."""
    return f"data/curated/{name}.csv" if (paths.CURATED / f"{name}.csv").is_file() else ""


def row_key(name: str, row: pd.Series) -> str:
    """Name a row by its key, as messages do: `E06000018 social_workers_fte 2025`."""
    return " ".join(str(row[column]) for column in contracts()[name]["key"])


def load(name: str, as_at: str | date = "") -> pd.DataFrame:
    """Return one tidy table as it could have been known on the day `as_at`; empty for everything published.

    `load("judgements", as_at="2022-08-01")` holds no grade published after 1 August 2022, and `load("forecasts", ...)`
    does not say which later inspection met an expectation. Raises TableError for a table that is not known, not built
    or damaged, and for a day that is not a day.
    """
    frame = known_on(_read(name), as_at)
    return _forget(name, frame, as_at) if as_at else frame


def _read(name: str) -> pd.DataFrame:
    if name not in contracts():
        known = sorted(contracts())
        raise TableError(f"{name}: no such table{vocabulary.did_you_mean(name, known)}; there are {', '.join(known)}")
    path = paths.TIDY / f"{name}.{contracts()[name]['format']}"
    if not path.is_file():
        raise TableError(f"{path.name}: not found in data/tidy; run `make data`, or restore it from git")
    try:
        digests.refuse_torn(path)
    except digests.DigestError as error:
        raise TableError(str(error)) from error
    return _conformed(name, path, path.stat().st_mtime_ns).copy(deep=False)


@cache
def _conformed(name: str, path: Path, _changed: int) -> pd.DataFrame:
    return conform(name, _open(path))


def _open(path: Path) -> pd.DataFrame:
    try:
        if path.suffix != ".parquet":
            return pd.read_csv(path, dtype=str, keep_default_na=False)
        with path.open("rb") as file:  # by Python, not by Arrow, so that a run can note which tables its notebook reads
            return ParquetFile(file).read().to_pandas()  # pandas would first import what reads many files at once
    except ValueError as error:  # of pandas and pyarrow alike
        raise TableError(f"{path.name}: cannot be read ({error}); run `make data`, or restore it from git") from error


def _forget(name: str, frame: pd.DataFrame, as_at: str | date) -> pd.DataFrame:
    """Empty references to rows that were not yet public, with the columns that tell the same, and days to come."""
    for column, spec in contracts()[name]["columns"].items():
        if "known_from" in spec:
            frame = frame.assign(**{column: frame[column].mask(frame[spec["known_from"]] > read_day(as_at))})
        if "ended_from" in spec:
            still = frame[spec["ended_from"]] > read_day(as_at)
            bare = frame[column].str.replace(_ENDED, "", regex=True)
            frame = frame.assign(**{column: frame[column].mask(still, bare)})
        if spec.get("optional") and "refers" in spec:
            table, _, target = spec["refers"].partition(".")
            unknown = frame[column].notna() & ~frame[column].isin(known_on(_read(table), as_at)[target])
            frame = frame.assign(**{told: frame[told].mask(unknown) for told in (column, *spec.get("tells", ()))})
    return frame


def known_on(frame: pd.DataFrame, as_at: str | date = "") -> pd.DataFrame:
    """Return the rows that were public on the day `as_at`, for example `known_on(events, "2024-04-04")`."""
    if not as_at:
        return frame
    return frame[frame["published"] <= read_day(as_at, "as_at: ")].reset_index(drop=True)


def read_day(text: str | date, where: str = "") -> pd.Timestamp:
    """Return a day given as text (2024-04-04), a date or a Timestamp.

    Raises TableError for anything else; `where` stands before its words.
    """
    try:
        return pd.Timestamp(date.fromisoformat(str(text.date() if isinstance(text, datetime) else text)))
    except ValueError:
        raise TableError(f"{where}{text!r} is not a day; write it as 2024-04-04") from None


def store(
    frames: Mapping[str, pd.DataFrame],
    folder: Path | None = None,
    curated: Mapping[str, int] | None = None,
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write tables to `data/tidy`, all or none, with `data/digests.json`, which has the rows of `curated` files too.

    `texts` are other files, by their paths from the folder above. What a kill cuts short is finished by the next
    command. They must have passed `contracts.check_all`. Raises TableError for columns or cells that do not
    conform.
    """
    folder = folder or paths.TIDY
    folder.mkdir(parents=True, exist_ok=True)
    moving.finish(folder.parent, folder.name)
    with moving.locked(folder.parent):
        room = moving.new_room(folder.parent, folder.name)
        try:
            (room / folder.name).mkdir()
            for name, frame in frames.items():
                _write(name, frame, room / folder.name)
            for name, text in (texts or {}).items():
                (room / name).write_text(text, encoding="utf-8", newline="\n")
            noted = digests.write(room / folder.name, folder, count_rows(frames), curated or {})
            noted.replace(room / noted.name)
            moving.put_in(room, folder.parent)
        finally:
            shutil.rmtree(room.parent, ignore_errors=True)


def count_rows(frames: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, int]]:
    """Return the number of rows of each source by the name of the table's file, for example of `budgets.csv`."""
    counts = {name: frame["source_id"].value_counts(sort=False).to_dict() for name, frame in frames.items()}
    return {f"{name}.{contracts()[name]['format']}": each for name, each in counts.items()}


def _write(name: str, frame: pd.DataFrame, room: Path) -> Path:
    path = room / f"{name}.{contracts()[name]['format']}"
    rows = conform(name, frame)
    if path.suffix == ".parquet":
        rows.to_parquet(path, index=False, compression="zstd")
    else:
        rows.to_csv(path, index=False, date_format="%Y-%m-%d", lineterminator="\n")
    return path
