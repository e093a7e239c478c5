"""What a run of a notebook gives back, kept so that it is not run again while nothing that it read has changed.

Goes in: jobs and runs. Comes out: files in `settings.results`. A notebook runs again only when its cells, its
parameters, the library, the environment or a file that it read has changed, and `find` says which. Nothing heavy is
imported; nothing kept is trusted that is damaged.
"""

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from warm_kernels import fingerprints
from warm_kernels.settings import Settings

__all__ = ["Job", "Run", "StoreError", "check_owner", "clear_away", "find", "keep", "plain", "seconds_before", "sweep"]

_DAMAGED = (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile)


class StoreError(ValueError):
    """What is kept cannot be trusted, because others can write to it."""


@dataclass(frozen=True)
class Job:
    """A notebook to run, as content: its text, its parameters, and the code that it must be run with."""

    name: str
    notebook: str
    values: Mapping[str, Any] | None  # None for the notebook's own defaults; such a run is not kept
    code: Mapping[str, str]  # `fingerprints.code`

    def made_from(self) -> dict[str, str]:
        """Return the digests of what is known before the run, by the words that `find` tells a change with."""
        return {"its cells": fingerprints.notebook(self.notebook), **self.code}


@dataclass(frozen=True)
class Run:
    """How a notebook went, as content: seconds, what failed if anything, the executed copy, the files, what it read."""

    name: str
    seconds: float
    failure: str = ""
    notebook: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    in_cells: float = 0.0
    kept: bool = False


def _place(job: Job, settings: Settings) -> Path:
    return settings.results / f"{job.name}-{fingerprints.of_values(job.values)[:16]}.zip"


def find(job: Job, settings: Settings) -> tuple[Run | None, str]:
    """Return the kept run of a job, or None and why it must run: `(None, "data/rates.csv changed")`.

    Raises StoreError where others than its owner can write to what is kept.
    """
    check_owner(settings)
    place = _place(job, settings)
    try:
        with zipfile.ZipFile(place) as kept:
            told = json.loads(kept.read("run.json"))
            odd = [name for name, now in job.made_from().items() if told["made_from"].get(name) != now]
            if odd := odd or fingerprints.changed(told["inputs"], settings.root):
                return None, f"{', '.join(odd)} changed"
            held = {name: kept.read(name) for name in kept.namelist() if name != "run.json"}
            if {name: _digest(content) for name, content in held.items()} != told["content"]:
                raise ValueError("content that is not what was kept")
            files = {plain(name.removeprefix("files/")): held[name] for name in held if "/" in name}
            run = Run(notebook=held["executed.ipynb"].decode(), files=files, kept=True, **told["run"])
    except FileNotFoundError:
        return None, "not run before with these parameters"
    except _DAMAGED:
        return None, "its kept result is damaged"
    os.utime(place)
    return replace(run, inputs=told["inputs"]), ""


def check_owner(settings: Settings) -> None:
    """Raise StoreError for a folder of results that is not this user's alone: what is kept there is published."""
    folder = settings.results
    if not hasattr(os, "getuid") or not folder.exists():
        return
    found = folder.stat()
    if found.st_uid == os.getuid() and not found.st_mode & 0o022:
        return folder.chmod(0o700)  # nobody else could have written to it
    mode, owner = stat.S_IMODE(found.st_mode), "you" if found.st_uid == os.getuid() else f"user {found.st_uid}"
    raise StoreError(
        f"{folder}: found mode {mode:o} and {owner} as its owner, expected 700 and you, because what is kept in it "
        f"is published; remove the folder, or if you trust what is in it, `chmod 700 {folder}`"
    )


def plain(name: str) -> str:
    """Return the name of a file below the folder that it will be written to; ValueError for one that leads out."""
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name or {"", ".", ".."} & set(parts):
        raise ValueError(f"{name!r} leads out of the folder that it will be written to")
    return name


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def seconds_before(job: Job, settings: Settings) -> float:
    """Return the seconds that the last run of a job took, kept or not any more; 0 where it has never run."""
    with suppress(*_DAMAGED), zipfile.ZipFile(_place(job, settings)) as kept:
        return float(json.loads(kept.read("run.json"))["run"]["seconds"])
    return 0.0


def keep(job: Job, run: Run, settings: Settings) -> None:
    """Keep a run that went well, in the place of the last one of the same notebook and parameters."""
    settings.results.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_owner(settings)
    place = _place(job, settings)
    held = {"executed.ipynb": run.notebook.encode()}
    held |= {f"files/{name}": content for name, content in run.files.items()}
    told = {
        "made_from": job.made_from(),
        "content": {name: _digest(content) for name, content in held.items()},
        "inputs": dict(run.inputs),
        "run": {"name": run.name, "seconds": round(run.seconds, 3), "in_cells": round(run.in_cells, 3)},
    }
    part = place.with_suffix(f".{os.getpid()}.part")
    try:
        with zipfile.ZipFile(part, "w") as kept:
            for name, content in {"run.json": json.dumps(told).encode(), **held}.items():
                kept.writestr(name, content)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def sweep(settings: Settings) -> None:
    """Remove what processes that were killed had begun to keep."""
    for path in settings.results.glob("*.part"):
        try:
            os.kill(int(path.suffixes[-2].removeprefix(".")), 0)
        except (OSError, ValueError, IndexError):  # nobody's number, or by now another user's
            path.unlink(missing_ok=True)


def clear_away(settings: Settings, limit: int = 500_000_000) -> None:
    """Drop what was longest not used, until what is kept is no larger than so many bytes."""
    files = sorted(settings.results.glob("*.*"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > limit:
            path.unlink(missing_ok=True)  # another run may clear away at the same time
