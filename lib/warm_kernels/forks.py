"""Ask for kernels that are forked from a process which has imported everything already, instead of started afresh.

Goes in: a kernel's arguments, environment and folder. Comes out: its process, as `subprocess.Popen` would show it. The
parent of kernels is the program `fork_parent`; it ends with the process that started it. Where a fork is not possible
or not safe, `Unavailable` says why, and an ordinary kernel is started.
"""

import atexit
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warm_kernels import fingerprints
from warm_kernels.settings import Settings

if sys.platform != "win32":
    import fcntl

START_SECONDS = 60
# Read by numpy's arithmetic and by Arrow's allocator at import: each would start threads of its own, and a process with
# threads must not fork.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
ONE_THREAD["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
# Modules that are not frozen, as the debugger asks, which every kernel holds ready.
COMMAND = (sys.executable, "-X", "frozen_modules=off", "-m", "warm_kernels.fork_parent")


class Unavailable(RuntimeError):
    """A kernel cannot be forked; the message says why."""


@dataclass
class Parent:
    """A process to fork from, the folder with the socket that it listens on, and the process that started it."""

    process: subprocess.Popen
    folder: Path
    owner: int
    lock: int  # the descriptor by which the folder is known to be in use


_parents: dict[str, Parent] = {}  # by what they import
_given_up: set[str] = set()  # what no parent could be started with
_one_at_a_time = threading.Lock()
_stopping = threading.Event()
_PREFIX = "warm-kernels-"


def start(settings: Settings) -> Path | None:
    """Start a parent in the background where this process has none with these imports, and return its folder at once.

    Only this user can open the folder, and it goes with this process, even one that is killed. None where this platform
    cannot fork safely. Raises Unavailable while this process is stopping.
    """
    if _stopping.is_set():
        raise Unavailable("the run is being stopped")
    if not sys.platform.startswith("linux") or not hasattr(os, "pidfd_open"):
        return None
    key = json.dumps(settings.preloaded())
    with _one_at_a_time:
        if key not in _parents or _parents[key].owner != os.getpid():
            _parents[key] = _start(key)
        return _parents[key].folder


def _start(preloaded: str) -> Parent:
    """Listen before the parent exists, so that whoever asks early simply waits in the queue."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_SH)  # held by this process, the parent and its kernels, until the last has ended
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
    parent = Parent(process, folder, os.getpid(), lock)
    atexit.register(_end, parent)
    return parent


def _end(parent: Parent) -> None:
    """Close the parent's input and wait: no parent and no kernel outlives the process that started them."""
    if parent.owner != os.getpid() or parent.process.stdin.closed:
        return
    with suppress(OSError):
        parent.process.stdin.close()
    for seconds, more in ((0.3, parent.process.terminate), (5, parent.process.kill)):  # it may still be importing
        try:
            parent.process.wait(timeout=seconds)
            break
        except subprocess.TimeoutExpired:
            more()
    shutil.rmtree(parent.folder, ignore_errors=True)
    os.close(parent.lock)


@contextmanager
def stopping() -> Iterator[None]:
    """End every parent of this process, and with them their kernels, and start none until this is over."""
    _stopping.set()
    try:
        with _one_at_a_time:
            mine = [_parents.pop(key) for key in [*_parents] if _parents[key].owner == os.getpid()]
        for parent in mine:
            _end(parent)
        yield
    finally:
        _stopping.clear()


def is_stopping() -> bool:
    """Tell whether kernels end because the run is being stopped."""
    return _stopping.is_set()


def sweep() -> None:
    """Remove the folders of processes that were killed together with the processes that would have removed them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # of another user, or just gone
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if (folder / "socket").exists():  # else it is so new that its owner has not locked it yet
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


class ForkedKernel:
    """A forked kernel's process with the methods of `subprocess.Popen` that a kernel manager uses.

    Once it has ended its number may pass to another process, which only its parent can tell: signals go through it.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        """Take over a connection on which the parent answers for the kernel."""
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while the kernel runs."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until the kernel has ended, or so many seconds, and return its exit status."""
        if self.returncode is not None:
            return self.returncode
        poll = select.poll()  # `select` cannot watch the high descriptors of a server
        poll.register(self._connection, select.POLLIN)
        while self.returncode is None and poll.poll(None if timeout is None else timeout * 1000):
            answer = _read_answer(self._connection)
            # Without an answer the parent is gone, and its kernels with it.
            self.returncode = answer.get("ended") if answer else -signal.SIGKILL
        if self.returncode is not None:
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the kernel and the processes that it has started; one that has ended is not signalled."""
        with suppress(OSError):
            self._connection.sendall(f"{int(number)} ".encode())

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


def fork_kernel(
    arguments: Sequence[str], env: Mapping[str, str], cwd: str, outputs: tuple[int, int], settings: Settings
) -> ForkedKernel:
    """Fork a kernel with ipykernel's arguments (`["-f", connection_file]`) and return its process once it listens.

    `outputs` are the descriptors of its standard output and error. A parent whose code is not the code on disk is
    replaced. Raises Unavailable with the reason where the kernel must be an ordinary one.
    """
    key = json.dumps(settings.preloaded())
    for _ in range(2):  # the parent that is there, and one afresh
        if key in _given_up or (folder := start(settings)) is None:
            raise Unavailable("there is no parent here")
        request = {"arguments": list(arguments), "env": dict(env), "cwd": cwd, "code": code(settings)}
        connection = _ask(folder / "socket", request, outputs)
        answer = _read_answer(connection) if connection else {}
        if "pid" in answer:
            connection.settimeout(None)
            return ForkedKernel(connection, answer["pid"])
        if "ended" in answer:
            raise Unavailable(f"a fork ended with status {answer['ended']} before it listened")
        if answer.get("refused", "stale") != "stale":
            raise Unavailable(answer["refused"])
        with _one_at_a_time:
            if key in _parents and _parents[key].folder == folder:  # another thread may have replaced it already
                del _parents[key]
    if not answer:
        _given_up.add(key)
    raise Unavailable("its code is being edited" if answer else "its parent cannot be started")


def code(settings: Settings) -> str:
    """Return the digest of all that a forked kernel has imported."""
    return fingerprints.of_values([settings.preload, fingerprints.code(settings)])


def _ask(address: Path, request: Mapping[str, Any], outputs: tuple[int, int]) -> socket.socket | None:
    """Send a request and return the connection that the answers come by; None where nobody takes it."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(START_SECONDS)
    text = json.dumps(request).encode() + b"\n"
    try:
        connection.connect(str(address))
        sent = socket.send_fds(connection, [text], list(outputs))
        connection.sendall(text[sent:])
    except OSError:
        return connection.close()
    return connection


def _read_answer(connection: socket.socket) -> dict[str, Any]:
    """Read one answer, a line of JSON; empty where the other end is gone or says nothing in time."""
    text = b""
    with suppress(OSError):
        while not text.endswith(b"\n") and (more := connection.recv(1)):
            text += more
    return json.loads(text) if text.endswith(b"\n") else {}
