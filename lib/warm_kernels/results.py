"""What a run of a notebook gives back, kept so that it is not run again while nothing that it read has changed.

Goes in: jobs and runs. Comes out: files in `reports/.cache`, which git ignores: a notebook runs again only when its
cells, its parameters, the library, the environment or a file that it read has changed, and `find` says which. Whole
editions are remembered too. Nothing heavy is imported; nothing kept is trusted that is damaged.
"""

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from childrens_services import paths

from warm_kernels import fingerprints

LIMIT_BYTES = 500_000_000


@dataclass(frozen=True)
class Job:
    """A notebook to run, as content: its text, its parameters, and the code that it must be run with."""

    name: str
    notebook: str
    values: Mapping[str, Any] | None
    library: str
    environment: str

    def made_from(self) -> dict[str, str]:
        """Fingerprint what is known before the run, by the words that `find` tells a change with."""
        return {
            "its cells": fingerprints.notebook(self.notebook),
            "the library": self.library,
            "the environment": self.environment,
        }


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


def _folder() -> Path:
    return paths.REPORTS / ".cache"


def _place(job: Job) -> Path:
    return _folder() / f"{job.name}-{fingerprints.of_values(job.values)[:16]}.zip"


def find(job: Job) -> tuple[Run | None, str]:
    """Give the kept run of a job, or None and why it must run: `(None, "data/tidy/events.csv changed")`."""
    try:
        with zipfile.ZipFile(_place(job)) as kept:
            told = json.loads(kept.read("run.json"))
            before = told["made_from"]
            odd = [name for name, now in job.made_from().items() if before.get(name) != now]
            if odd := odd or fingerprints.changed(told["inputs"]):
                return None, f"{', '.join(odd)} changed"
            files = {name.removeprefix("files/"): kept.read(name) for name in kept.namelist() if "/" in name}
            run = Run(notebook=kept.read("executed.ipynb").decode(), files=files, kept=True, **told["run"])
    except FileNotFoundError:
        return None, "not run before with these parameters"
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None, "its kept result is damaged"
    os.utime(_place(job))
    return replace(run, inputs=told["inputs"]), ""


def seconds_before(job: Job) -> float:
    """Give the seconds that the last run of a job took, kept or not any more; 0 where it has never run."""
    try:
        with zipfile.ZipFile(_place(job)) as kept:
            return float(json.loads(kept.read("run.json"))["run"]["seconds"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return 0.0


def keep(job: Job, run: Run) -> None:
    """Keep a run that went well, in the place of the last one of the same notebook and parameters."""
    _folder().mkdir(parents=True, exist_ok=True)
    told = {
        "made_from": job.made_from(), "inputs": dict(run.inputs),
        "run": {"name": run.name, "seconds": round(run.seconds, 3), "in_cells": round(run.in_cells, 3)},
    }  # fmt: skip
    part = _place(job).with_suffix(f".{os.getpid()}.part")
    with zipfile.ZipFile(part, "w") as kept:
        kept.writestr("run.json", json.dumps(told))
        kept.writestr("executed.ipynb", run.notebook)
        for name, content in run.files.items():
            kept.writestr(f"files/{name}", content)
    part.replace(_place(job))


def clear_away(limit: int = LIMIT_BYTES) -> None:
    """Drop what was longest not used, until what is kept is no larger than so many bytes."""
    files = sorted(_folder().glob("*.*"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > limit:
            path.unlink(missing_ok=True)  # another run may clear away at the same time


def _note_of(asked: Mapping[str, str]) -> Path:
    return _folder() / f"edition-{fingerprints.of_values(dict(asked))[:16]}.json"


def remember_edition(asked: Mapping[str, str], folder: Path, made_from: Mapping[str, str]) -> None:
    """Note what an edition was asked with and made from, and the digest of every file in it."""
    _folder().mkdir(parents=True, exist_ok=True)
    files = {path.relative_to(folder).as_posix(): fingerprints.of_file(path) for path in _files(folder)}
    note = {"folder": folder.name, "made_from": dict(made_from), "files": files}
    _note_of(asked).write_text(json.dumps(note), encoding="utf-8")


def whole_edition(asked: Mapping[str, str]) -> Path | None:
    """Give the folder of the edition that was asked for in these words, if nothing has changed and nothing is damaged.

    Every file is read, so that a changed, cut or lost one is noticed; the edition is then made anew.
    """
    try:
        note = json.loads(_note_of(asked).read_text(encoding="utf-8"))
        folder = paths.REPORTS / note["folder"]
        same = note["made_from"] == fingerprints.inputs()
        intact = same and all(fingerprints.of_file(folder / name) == found for name, found in note["files"].items())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return folder if intact else None


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
