"""Ask for kernels that are forked from a process which has imported everything already, instead of started afresh.

The parent of kernels is the program `fork_parent`; it ends with the process that started it. Where a fork is not
possible or not safe, `Unavailable` says why, and an ordinary kernel is started.
"""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partialmethod
from multiprocessing.connection import wait
from pathlib import Path
from typing import NamedTuple
from weakref import finalize

from warm_kernels import fingerprints
from warm_kernels.settings import Settings

if sys.platform != "win32":
    import fcntl

START_SECONDS = 60
STALE = "stale"
# Read by numpy's arithmetic and by Arrow's allocator at import: each would start threads of its own, and a process with
# threads must not fork.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
ONE_THREAD["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
# Modules that are not frozen, as the debugger asks, which every kernel holds ready.
COMMAND = (sys.executable, "-X", "frozen_modules=off", "-m", "warm_kernels.fork_parent")


class Unavailable(RuntimeError):
    """A kernel cannot be forked; the message says why."""


class Stopping(RuntimeError):
    """No kernel may be started, forked or not, because the run is being stopped."""


class Parent(NamedTuple):
    """A process to fork from, and the folder of the socket that it listens on, with the descriptor that locks it."""

    process: subprocess.Popen
    folder: Path
    lock: int


_parents: dict[str, Parent] = {}  # by what they import; those that are set aside, by their folders
_one_at_a_time = threading.Lock()
_stopping = threading.Event()
_PREFIX = "warm-kernels-"


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_parents.clear)  # they are those of the process that was forked


def start(settings: Settings) -> Path | None:
    """Start a parent in the background where this process has none with these imports, and return its folder at once.

    Only this user can open the folder, and it goes with this process, even one that is killed. None where this platform
    cannot fork safely, and where the parent has failed. Raises Stopping while this process is stopping.
    """
    if _stopping.is_set():
        raise Stopping("the run is being stopped")
    if not sys.platform.startswith("linux") or not hasattr(os, "pidfd_open"):
        return None
    key = json.dumps(settings.preloaded())
    with _one_at_a_time:
        # Nobody has asked it for long, or it was killed; one that has failed would fail again.
        if key in _parents and _parents[key].process.poll() in (0, -signal.SIGKILL):
            _set_aside(_parents.pop(key))
        if key not in _parents:
            _parents[key] = _start(key)
        return None if _parents[key].process.poll() else _parents[key].folder


def _set_aside(parent: Parent) -> None:
    """Ask a parent no more, and keep it until this process ends: its kernels live on, and runs go on in its folder."""
    _parents[str(parent.folder)] = parent


def _start(preloaded: str) -> Parent:
    """Listen before the parent exists, so that whoever asks early simply waits in the queue."""
    sweep()
    folder, lock = _new_folder()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        listener.listen(64)
        process = subprocess.Popen(
            [*COMMAND, str(listener.fileno()), preloaded],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[listener.fileno(), lock],
            env=os.environ | ONE_THREAD,
        )
    return Parent(process, folder, lock)


def _new_folder() -> tuple[Path, int]:
    """Return a folder and its lock, held by this process, the parent and its kernels until the last has ended."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with suppress(FileNotFoundError):  # another process swept it before it was locked
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_SH)
            if folder.exists():
                return folder, lock
            os.close(lock)


@atexit.register
def _end_all() -> None:
    """Close the input of every parent and wait: no parent and no kernel outlives the process that started them."""
    with _one_at_a_time:
        ending = [*_parents.values()]
        _parents.clear()
    for parent in ending:
        with suppress(OSError):
            parent.process.stdin.close()
    for parent in ending:
        with suppress(subprocess.TimeoutExpired):
            parent.process.wait(timeout=0.3)
        parent.process.kill()  # it may still be importing
        parent.process.wait()
        shutil.rmtree(parent.folder, ignore_errors=True)
        os.close(parent.lock)


@contextmanager
def stopping() -> Iterator[None]:
    """End every parent of this process, and with them their kernels, and start none until this is over."""
    _stopping.set()
    try:
        _end_all()
        yield
    finally:
        _stopping.clear()


def sweep() -> None:
    """Remove the folders of processes that were killed together with the processes that would have removed them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # of another user, or just gone
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


class ForkedKernel:
    """A forked kernel's process with the methods of `subprocess.Popen` that a kernel manager uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, ended: int) -> None:
        """Take over a kernel by its number and a descriptor that can be read when it has ended."""
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended
        finalize(self, os.close, ended)

    def poll(self) -> int | None:
        """Return None while the kernel runs, and then 255: its status is told to its parent alone."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until the kernel has ended, or so many seconds, and return what `poll` does."""
        if self.returncode is None and wait([self._ended], timeout):
            self.returncode = 255
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the kernel and the processes that it has started; one that has ended is not signalled."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    terminate = partialmethod(send_signal, signal.SIGTERM)
    kill = partialmethod(send_signal, getattr(signal, "SIGKILL", None))  # Windows has none, nor forks


def fork_kernel(
    arguments: Sequence[str], env: Mapping[str, str], cwd: str, outputs: Sequence[int], settings: Settings
) -> ForkedKernel:
    """Fork a kernel with ipykernel's arguments (`["-f", connection_file]`) and return its process once it listens.

    `outputs` are the descriptors of its standard output and error. A parent whose code is not the code on disk is
    replaced. Raises Unavailable with the reason where the kernel must be an ordinary one.
    """
    key = json.dumps(settings.preloaded())
    for _ in range(2):  # the parent that is there, and one afresh
        if (folder := start(settings)) is None:
            raise Unavailable("there is no parent here")
        request = {"arguments": list(arguments), "env": dict(env), "cwd": cwd, "code": code(settings)}
        answer, ended = _ask(folder / "socket", json.dumps(request), outputs)
        if ended:
            return ForkedKernel(int(answer), *ended)
        if answer not in ("", STALE):
            raise Unavailable(answer)
        with _one_at_a_time:
            if answer and key in _parents and _parents[key].folder == folder:  # else another thread has replaced it
                _set_aside(_parents.pop(key))
    raise Unavailable("its code is being edited" if answer else "its parent cannot be started, or its fork has ended")


def code(settings: Settings) -> str:
    """Return the digest of all that a forked kernel has imported."""
    return fingerprints.of_values([settings.preload, fingerprints.code(settings)])


def _ask(address: Path, request: str, outputs: Sequence[int]) -> tuple[str, list[int]]:
    """Return the number of a new kernel, with a descriptor of its process, or why there is none; "" for no answer."""
    with socket.socket(socket.AF_UNIX) as asking, suppress(OSError):
        asking.settimeout(START_SECONDS)
        asking.connect(str(address))
        socket.send_fds(asking, [b"-"], outputs)
        asking.sendall(request.encode())
        asking.shutdown(socket.SHUT_WR)
        answer, ended, *_ = socket.recv_fds(asking, 1 << 16, 1)
        return answer.decode(), ended
    return "", []
