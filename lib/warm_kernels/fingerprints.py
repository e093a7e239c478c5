"""Fingerprints of what an edition is made from: the library's files, the environment, notebooks, tables and registers.

Goes in: files. Comes out: SHA-256 digests. Imports nothing heavy, so that a command can tell at once that nothing has
changed. A notebook's own inputs are not guessed: whatever reads a table or a curated file for it calls `note`.
"""

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from childrens_services import paths

# Names the file that `note` adds to; set for the kernels of a run and for nothing else.
NOTES = "CHILDRENS_SERVICES_NOTES"
_PACKAGE = Path(__file__).parent.parent  # all three packages
_READ = ("*.py", "*.toml", "*.mplstyle")


def digest(content: bytes) -> str:
    """Give the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def of_file(path: Path) -> str:
    """Give the SHA-256 of a file; empty where there is none, which is a state like any other."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _of_files(files: Iterable[Path], root: Path) -> str:
    lines = [f"{path.relative_to(root).as_posix()} {of_file(path)}" for path in sorted(files) if path.is_file()]
    return digest("\n".join(lines).encode())


def library() -> str:
    """Fingerprint what a notebook runs: the package's source, its contracts and its styles, templates aside."""
    return _of_files((path for pattern in _READ for path in _PACKAGE.rglob(pattern)), _PACKAGE)


def environment() -> str:
    """Fingerprint what the library stands on: the lock, what is installed, by version, and the version of Python."""
    installed = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    return of_values([of_file(paths.ROOT / "requirements.lock"), installed, list(sys.version_info)])


def notebook(text: str) -> str:
    """Fingerprint a notebook's cells: kind, source and tags, so that stored outputs do not count."""
    cells = json.loads(text)["cells"]
    told = [[cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in cells]
    return of_values(told)


def of_values(values: Any) -> str:
    """Fingerprint plain values: numbers, text, lists and mappings of these."""
    return digest(json.dumps(values, sort_keys=True, default=str).encode())


def inputs() -> dict[str, str]:
    """Fingerprint, file by file, everything that an edition is made from; the path from the root is the key."""
    folders = {
        paths.TIDY: "*", paths.CURATED: "*", paths.NOTEBOOKS: "[0-9][0-9]-*.ipynb", paths.ROOT: "*.md",
        _PACKAGE / "childrens_services" / "edition" / "templates": "**/*",
    }  # fmt: skip
    files = {path for folder, pattern in folders.items() for path in folder.glob(pattern) if path.is_file()}
    return {os.path.relpath(path, paths.ROOT): of_file(path) for path in sorted(files)} | {
        "library": library(), "environment": environment()
    }  # fmt: skip


def note(path: Path) -> None:
    """Note that a file was read and what it held, where a run asks for it: one line a file.

    `tables.load("events")` notes `data/tidy/events.csv`. Does nothing outside a run.
    """
    if target := os.environ.get(NOTES):
        with Path(target).open("a", encoding="utf-8") as notes:
            notes.write(f"{of_file(path)} {os.path.relpath(path, paths.ROOT)}\n")


def read_notes(path: Path) -> dict[str, str]:
    """Give what `note` wrote, digests by path; nothing where no file was read."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {name: found for found, name in (line.split(" ", 1) for line in lines)}


def changed(before: Mapping[str, str]) -> list[str]:
    """Name the noted files that no longer hold what they held, in order."""
    return sorted(name for name, found in before.items() if of_file(paths.ROOT / name) != found)
