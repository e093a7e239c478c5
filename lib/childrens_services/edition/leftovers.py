"""Where an edition is made beside its place, by one command at a time, and what a command that was killed left there.

Beside `reports/<edition>/` are `.<edition>.lock`, `.<edition>.part` (being made, or the last one after an exchange)
and, where the system cannot exchange two folders, `.<edition>.old` for the moment between two renames.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock


def aside(final: Path) -> Path:
    """Return where the last edition is between the two renames of a swap."""
    return final.with_name(f".{final.name}.old")


@contextmanager
def place(final: Path) -> Iterator[Path]:
    """Yield the folder to make an edition in, not there yet; hold the edition's lock, and leave nothing at the end."""
    with filelock.FileLock(_lock(final)):
        _recover(final)
        try:
            yield _part(final)
        finally:
            _recover(final)


def sweep(reports: Path) -> None:
    """Put back an edition that a killed command had moved aside, and remove what it left; skip what is being made."""
    hidden = [path for path in reports.glob(".*") if path.suffix in (".part", ".old")]
    for name in sorted({path.stem.removeprefix(".") for path in hidden}):
        try:
            with filelock.FileLock(_lock(reports / name), timeout=0):
                _recover(reports / name)
        except filelock.Timeout:
            continue


def _lock(final: Path) -> Path:
    return final.with_name(f".{final.name}.lock")


def _part(final: Path) -> Path:
    return final.with_name(f".{final.name}.part")


def _recover(final: Path) -> None:
    if aside(final).exists() and not final.exists():
        aside(final).rename(final)
    for left in (aside(final), _part(final)):
        shutil.rmtree(left, ignore_errors=True)
