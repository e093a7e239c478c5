"""What `make data` wrote, and from how many rows: so that a table that was torn, cut or altered is not read as whole.

`data/digests.json` is written after all tables. It lies beside their folder, not in it: a notebook that reads one table
does not depend on the others.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FILE = "digests.json"
Rows = Mapping[str, Mapping[str, int]]


class DigestError(ValueError):
    """A table is not the one that was written, or has fewer rows than before."""


def read(folder: Path) -> dict[str, Any]:
    """Return what was noted of the tables in a folder and of the curated files; empty where nothing was."""
    path = folder.parent / _FILE
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else {"tidy": {}, "curated": {}}


@cache
def _read(path: Path, _changed: int) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"tidy": dict(found["tidy"]), "curated": dict(found["curated"])}
    except (ValueError, KeyError, TypeError) as error:
        raise DigestError(
            f"data/{_FILE}: cannot be read ({error!r}); run `make data`, or restore it from git"
        ) from error


def write(room: Path, folder: Path, rows: Rows, curated: Mapping[str, int]) -> Path:
    """Write the digests of the tables in `room`, which will stand in `folder`, and return the file.

    `rows` gives by file name the number of rows of each source. What is noted of other tables and files stays.
    """
    known = read(folder)
    new = {name: {"rows": dict(counts), **_digest(room / name)} for name, counts in rows.items()}
    noted = {"tidy": known["tidy"] | new, "curated": known["curated"] | dict(curated)}
    path = room / _FILE
    path.write_text(json.dumps(noted, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    return path


def _digest(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def refuse_torn(path: Path) -> None:
    """Raise DigestError for a table that is not the one that `make data` wrote; each file is read once a process."""
    told, at, what = read(path.parent)["tidy"].get(path.name), path.stat(), ""
    if told and told["bytes"] != at.st_size:
        what = f"{at.st_size:,} bytes, {told['bytes']:,} were written"
    elif told and told["sha256"] != _hash(path, at.st_mtime_ns):
        what = "its SHA-256 is another"
    if what:
        raise DigestError(
            f"{path.name}: not the table that was written ({what}): it was altered, or `make data` was stopped "
            "halfway; run `make data`, or restore data from git"
        )


@cache
def _hash(path: Path, _changed: int) -> str:
    return _digest(path)["sha256"]


def refuse_fewer(folder: Path, rows: Rows, curated: Mapping[str, int]) -> None:
    """Raise DigestError where a curated file or a table has fewer rows than at the last `make data`."""
    known = read(folder)
    counts = {f"curated/{name}.csv": (now, known["curated"].get(name, 0), "") for name, now in curated.items()}
    for name, now in rows.items():
        before = known["tidy"].get(name, {}).get("rows", {})
        less = ", ".join(source_id for source_id, count in before.items() if now.get(source_id, 0) < count)
        counts[f"tidy/{name}"] = sum(now.values()), sum(before.values()), f" of {less}"
    lines = [
        f"data/{name}: found {now:,} rows, expected {before:,} or more, as at the last `make data`; restore what is "
        f"lost{what}, or run `childrens-services data --fewer` where the rows are meant to go"
        for name, (now, before, what) in counts.items()
        if now < before
    ]
    if lines:
        raise DigestError("\n".join(lines))
