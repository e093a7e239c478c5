"""Ask for kernels that are forked from a process which has imported everything already, instead of started afresh.

Goes in: a kernel's arguments, environment and folder. Comes out: its process, as `subprocess.Popen` would show it. The
process that forks is `fork_parent`; this one owns it, and it ends with this one. Where a fork is not possible or not
safe, `Unavailable` says why, and the asker starts an ordinary kernel.
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
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warm_kernels import fingerprints

START_SECONDS = 60
# Read by numpy's arithmetic and by Arrow's memory keeper at import: each would start threads of its own, and a process
# with threads must not fork.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}  # fmt: skip

NO_FROZEN = ("-X", "frozen_modules=off")  # as the debugger asks, which every kernel holds ready


class Unavailable(RuntimeError):
    """A kernel cannot be forked; the message says why."""


@dataclass
class Parent:
    """A process to fork from, where it listens, and the process that owns it."""

    process: subprocess.Popen
    address: str
    owner: int


@dataclass
class _Here:
    """What this process knows: a parent of its own, one that it was lent, or why it asks no more."""

    parent: Parent | None = None
    lent: str = ""
    given_up: str = ""


_here = _Here()
_one_at_a_time = threading.Lock()


def start() -> str:
    """Start a parent in the background where this process owns none, and give its address at once.

    The address can be lent to other processes by `borrow`. Raises Unavailable where this platform cannot fork safely.
    """
    if not sys.platform.startswith("linux") or not hasattr(os, "pidfd_open"):
        raise Unavailable("kernels are forked on Linux only")
    with _one_at_a_time:
        if _here.parent is None or _here.parent.owner != os.getpid():
            try:
                _here.parent = _start()
            except OSError as error:
                raise Unavailable(f"the parent cannot be started ({error})") from error
        return _here.parent.address


def start_early() -> None:
    """Let the parent import while this process still gets ready; where it cannot, kernels will be ordinary ones."""
    with suppress(Unavailable):
        start()


def _start() -> Parent:
    """Listen before the parent exists, so that whoever asks early simply waits in the queue."""
    room = Path(tempfile.mkdtemp(prefix="childrens-services-"))  # mode 0700: nobody else may ask for a kernel
    atexit.register(_clear, room, os.getpid())
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(room / "kernels"))
        listener.listen(64)
        process = subprocess.Popen(
            [sys.executable, *NO_FROZEN, "-m", "warm_kernels.fork_parent", str(listener.fileno())],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True, pass_fds=[listener.fileno()],
            env=os.environ | ONE_THREAD,
        )  # fmt: skip
    atexit.register(_end, process, os.getpid())
    return Parent(process, str(room / "kernels"), os.getpid())


def borrow(address: str) -> None:
    """Ask the parent that another process owns, rather than one of our own."""
    _here.lent = address


def retire() -> None:
    """Let this process's parent end once its last kernel has ended; the next request starts another."""
    with _one_at_a_time:
        if _here.parent is not None:
            with suppress(OSError):
                _here.parent.process.stdin.write(b".")
                _here.parent.process.stdin.flush()
        _here.parent = None


def _end(process: subprocess.Popen, owner: int) -> None:
    """Close the lifeline and wait: no parent and no kernel outlives the process that owns them."""
    if owner != os.getpid():
        return
    with suppress(OSError):
        process.stdin.close()
    for seconds, more in ((0.3, process.terminate), (5, process.kill)):  # it may be in the middle of its imports
        try:
            process.wait(timeout=seconds)
            return
        except subprocess.TimeoutExpired:
            more()
    process.wait()


def _clear(room: Path, owner: int) -> None:
    if owner == os.getpid():
        shutil.rmtree(room, ignore_errors=True)


class ForkedKernel:
    """A forked kernel's process with the methods of `subprocess.Popen` that a kernel manager uses.

    Its number is known to nobody but its parent once it has ended, so signals go through the parent.
    """

    stdin = stdout = stderr = None

    def __init__(self, line: socket.socket, pid: int) -> None:
        """Take over a line on which the parent answers for the kernel."""
        self.pid = pid
        self.returncode: int | None = None
        self._line = line

    def poll(self) -> int | None:
        """Give the exit status, negative for a signal; None while the kernel runs."""
        return self.wait(0) if self.returncode is None else self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until the kernel has ended, or so many seconds, and give its exit status."""
        while self.returncode is None and _can_be_read(self._line, timeout):
            words = _hear(self._line)
            # A silent end of the line: the parent is gone, and its kernels with it.
            ended = words.get("ended") if words else -signal.SIGKILL
            if ended is not None:
                self.returncode = ended
                self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the kernel and the processes that it has started."""
        if self.poll() is None:
            with suppress(OSError):
                self._line.sendall(f"{int(number)} ".encode())

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


def fork_kernel(arguments: Sequence[str], env: Mapping[str, str], cwd: str, outputs: tuple[int, int]) -> ForkedKernel:
    """Fork a kernel with ipykernel's arguments (`["-f", connection_file]`) and give its process once it listens.

    `outputs` are the descriptors of its standard output and error. A parent whose code is not the code on disk is
    replaced. Raises Unavailable with the reason where the kernel must be an ordinary one.
    """
    request = {"arguments": list(arguments), "env": dict(env), "cwd": cwd}
    for _ in range(3):  # one that was lent, one of our own, one afresh
        if _here.given_up:
            raise Unavailable(_here.given_up)
        address = _here.lent or start()
        code = fingerprints.library() + fingerprints.environment()
        line = _ask(address, request | {"code": code}, outputs)
        words = _hear(line) if line else {"refused": "gone"}
        if "pid" in words:
            return _awaited(ForkedKernel(line, words["pid"]), line)
        if words.get("refused") not in ("stale", "gone", None):
            raise Unavailable(words["refused"])
        _drop(address)
    _here.given_up = "its parent could not be started"
    raise Unavailable(_here.given_up)


def _awaited(kernel: ForkedKernel, line: socket.socket) -> ForkedKernel:
    """Wait until the kernel listens, so that no client need knock twice; one that has ended is found so by `poll`."""
    words = _hear(line)
    line.settimeout(None)
    if "ready" not in words:
        kernel.returncode = words.get("ended", -signal.SIGKILL)
        line.close()  # the parent ends one that is still there
    return kernel


def _ask(address: str, request: Mapping[str, Any], outputs: tuple[int, int]) -> socket.socket | None:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(START_SECONDS)
    text = json.dumps(request).encode() + b"\n"
    try:
        line.connect(address)
        sent = socket.send_fds(line, [text], list(outputs))
        line.sendall(text[sent:])
    except OSError:
        return line.close()
    return line


def _can_be_read(line: socket.socket, seconds: float | None) -> bool:
    poll = select.poll()  # unlike `select`, at home with a server's thousands of descriptors
    poll.register(line, select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def _hear(line: socket.socket) -> dict[str, Any]:
    """Read one answer, a line of JSON; nothing where the other end is gone or says nothing in time."""
    text = b""
    while not text.endswith(b"\n"):
        try:
            more = line.recv(1)
        except OSError:
            return {}
        if not more:
            return {}
        text += more
    return json.loads(text)


def _drop(address: str) -> None:
    """Ask this parent no more; another thread may have replaced it already."""
    if _here.lent == address:
        _here.lent = ""
    elif _here.parent is not None and _here.parent.address == address:
        retire()
