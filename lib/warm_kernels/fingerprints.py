"""SHA-256 digests of what a run depends on: files, packages, the environment, the cells of a notebook.

Nothing heavy is imported, so that a command can tell at once that nothing has changed.
"""

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from warm_kernels.settings import Settings


def of_file(path: Path) -> str:
    """Return the digest of a file; empty where there is none, which is a state like any other."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def of_files(files: Iterable[Path], root: Path) -> dict[str, str]:
    """Return the digests of files by their names from the root, `{"data/rates.csv": "9f86…"}`, in order."""
    return {Path(os.path.relpath(path, root)).as_posix(): of_file(path) for path in sorted(files) if path.is_file()}


def of_values(values: Any) -> str:
    """Return the digest of plain values: numbers, text, lists and mappings of these."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def library(settings: Settings) -> str:
    """Return the digest of the files of the packages that notebooks depend on; nothing of them is imported."""
    files = {}
    for name in settings.library:
        for folder in map(Path, spec.submodule_search_locations if (spec := find_spec(name)) else ()):
            found = (path for pattern in settings.library_files for path in folder.rglob(pattern))
            files[name] = of_files(found, folder)
    return of_values(files)


def code(settings: Settings) -> dict[str, str]:
    """Return the digests of the code that a notebook runs with, by the words that a change of it is told with.

    The environment is the version of Python and of all that is installed.
    """
    installed = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    return {"the library": library(settings), "the environment": of_values([installed, list(sys.version_info)])}


def notebook(text: str) -> str:
    """Return the digest of a notebook's cells: kind, source and tags, so that stored outputs do not count."""
    cells = json.loads(text)["cells"]
    return of_values([[cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in cells])


def changed(before: Mapping[str, str], root: Path) -> list[str]:
    """Return the names of the files that no longer hold what they held, in order."""
    return sorted(name for name, found in before.items() if of_file(root / name) != found)
