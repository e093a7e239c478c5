"""Put files and folders in place so that a kill tears nothing: what was begun is finished at the next start."""

import ctypes
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # a system without it: two commands at a time are then for the person to avoid
    fcntl = None

_NEW, _BEFORE = "new", "before"
_AT_CWD, _EXCHANGE = -100, 2  # of Linux, <fcntl.h> and <linux/fs.h>


@contextmanager
def locked(folder: Path, shared: bool = False) -> Iterator[None]:
    """Hold a lock on a folder: one process that writes, or several that read (`shared`); wait for it.

    The system lets go of it when the process ends, however it ends, and no file is left.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if fcntl:
            fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def unstopped() -> Iterator[None]:
    """Ignore interrupts for the moment in which files are moved: the work is done by then, there is nothing to stop."""
    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two files or folders in one step (renameat2); return False where the system or its disk cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return rename(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE) == 0


def new_room(folder: Path, name: str) -> Path:
    """Return an empty folder for the files that are to go into `folder`; the caller holds the lock on it."""
    room = folder / f".{name}.part"
    shutil.rmtree(room, ignore_errors=True)
    (room / _NEW).mkdir(parents=True)
    return room / _NEW


def put_in(made: Path, folder: Path) -> None:
    """Move every file below `made`, a `new_room`, to the same place below `folder`; where one cannot be, none is.

    The room gets another name first, in one step: from then on `finish` completes what a kill has cut short.
    """
    names = _files(made)
    for name in (name for name in names if (folder / name).exists()):
        (copy := made.parent / _BEFORE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, copy)
    with unstopped():
        ready = made.parent.rename(made.parent.with_suffix(".ready"))
        try:
            _move(ready, folder)
        except OSError:
            _put_back(ready, folder, [name for name in names if not (ready / _NEW / name).exists()])
            raise


def finish(folder: Path, name: str) -> None:
    """Move in what a killed `put_in` had still to move, and remove a room that was never ready."""
    part, ready = folder / f".{name}.part", folder / f".{name}.ready"
    if part.exists() or ready.exists():
        with locked(folder):  # whoever makes a room holds it, so that these are nobody's
            shutil.rmtree(part, ignore_errors=True)
            if ready.exists():
                _move(ready, folder)


def _files(room: Path) -> list[Path]:
    return sorted(path.relative_to(room) for path in room.rglob("*") if path.is_file())


def _move(ready: Path, folder: Path) -> None:
    for name in _files(ready / _NEW):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (ready / _NEW / name).replace(folder / name)
    shutil.rmtree(ready)


def _put_back(ready: Path, folder: Path, moved: list[Path]) -> None:
    for name in moved:
        copy = ready / _BEFORE / name
        copy.replace(folder / name) if copy.exists() else (folder / name).unlink()
    shutil.rmtree(ready, ignore_errors=True)
