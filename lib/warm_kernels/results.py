"""What a run of a notebook gives back, kept so that it is not run again while nothing that it read has changed.

Goes in: jobs and runs. Comes out: files in `settings.results`. A notebook runs again only when its cells, its
parameters, the library, the environment or a file that it read has changed, and `find` says which. Nothing heavy is
imported; nothing kept is trusted that is damaged.
"""

import json
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from warm_kernels import fingerprints
from warm_kernels.settings import Settings

__all__ = ["Job", "Run", "clear_away", "find", "keep", "seconds_before"]

_DAMAGED = (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile)


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
    """Return the kept run of a job, or None and why it must run: `(None, "data/rates.csv changed")`."""
    place = _place(job, settings)
    try:
        with zipfile.ZipFile(place) as kept:
            told = json.loads(kept.read("run.json"))
            odd = [name for name, now in job.made_from().items() if told["made_from"].get(name) != now]
            if odd := odd or fingerprints.changed(told["inputs"], settings.root):
                return None, f"{', '.join(odd)} changed"
            files = {name.removeprefix("files/"): kept.read(name) for name in kept.namelist() if "/" in name}
            if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
                raise ValueError("a file that leads out of the folder it will be written to")
            run = Run(notebook=kept.read("executed.ipynb").decode(), files=files, kept=True, **told["run"])
    except FileNotFoundError:
        return None, "not run before with these parameters"
    except _DAMAGED:
        return None, "its kept result is damaged"
    os.utime(place)
    return replace(run, inputs=told["inputs"]), ""


def seconds_before(job: Job, settings: Settings) -> float:
    """Return the seconds that the last run of a job took, kept or not any more; 0 where it has never run."""
    with suppress(*_DAMAGED), zipfile.ZipFile(_place(job, settings)) as kept:
        return float(json.loads(kept.read("run.json"))["run"]["seconds"])
    return 0.0


def keep(job: Job, run: Run, settings: Settings) -> None:
    """Keep a run that went well, in the place of the last one of the same notebook and parameters."""
    settings.results.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = _place(job, settings)
    told = {
        "made_from": job.made_from(),
        "inputs": dict(run.inputs),
        "run": {"name": run.name, "seconds": round(run.seconds, 3), "in_cells": round(run.in_cells, 3)},
    }
    part = place.with_suffix(f".{os.getpid()}.part")
    with zipfile.ZipFile(part, "w") as kept:
        kept.writestr("run.json", json.dumps(told))
        kept.writestr("executed.ipynb", run.notebook)
        for name, content in run.files.items():
            kept.writestr(f"files/{name}", content)
    part.replace(place)


def clear_away(settings: Settings, limit: int = 500_000_000) -> None:
    """Drop what was longest not used, until what is kept is no larger than so many bytes."""
    files = sorted(settings.results.glob("*.*"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > limit:
            path.unlink(missing_ok=True)  # another run may clear away at the same time
