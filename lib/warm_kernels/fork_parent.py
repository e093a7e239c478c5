"""The process that kernels are forked from: it imports the heavy libraries once, and forks a kernel at each request.

Run by `forks` as `python -m warm_kernels.fork_parent SOCKET_DESCRIPTOR`, with the owner's lifeline as standard
input: when the owner ends, however it ends, the line closes and parent and kernels end too. It never has a second
thread, because a fork copies locks but not the threads that hold them; where a library has started one it refuses, and
the asker starts an ordinary kernel.
"""

import gc
import importlib
import json
import logging
import os
import pkgutil
import random
import selectors
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from childrens_services import answers

from warm_kernels import fingerprints

IDLE_SECONDS = 900
# What kernels and notebooks import late, and what our own modules stand on.
HEAVY = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib", "psutil", "sqlite3",
    "IPython.core.debugger", "IPython.extensions.storemagic",
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg",
    "PIL.PngImagePlugin", "pyarrow.parquet", "seaborn", "scipy.stats",
)  # fmt: skip
INLINE = "module://matplotlib_inline.backend_inline"
# What Python and matplotlib read once, at import: a kernel that wants another value cannot be forked from here.
_READ_AT_IMPORT = ("PYTHON", "MPL", "MATPLOTLIB", "LD_", "LC_", "LANG")


@dataclass
class Kernel:
    """A forked kernel: its process, and the line to whom asked for it."""

    pid: int
    ended: int  # a descriptor that becomes readable when the process ends
    line: socket.socket


@dataclass
class Office:
    """What the parent waits for, and the kernels it answers for."""

    listener: socket.socket
    code: str
    own: dict[str, str]
    waiting: selectors.BaseSelector = field(default_factory=selectors.PollSelector)  # shares nothing with a fork
    kernels: dict[int, Kernel] = field(default_factory=dict)
    retired: bool = False


def preload() -> None:
    """Import what notebooks need.

    The inline backend is named first, because pyplot keeps the first that it sees; it is not imported, because it ties
    itself to the shell of its process when it is. Otherwise figures would vanish without a word.
    """
    os.environ.setdefault("MPLBACKEND", INLINE)
    for name in HEAVY:
        importlib.import_module(name)
    for module in pkgutil.iter_modules(answers.__path__, f"{answers.__name__}."):
        importlib.import_module(module.name)
    importlib.import_module("childrens_services.tables").contracts()
    gc.collect()
    gc.freeze()  # so that a kernel's own collections do not copy every page


def read_at_import(env: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that cannot be changed after the imports, with the inline backend for none named."""
    return {"MPLBACKEND": INLINE} | {name: text for name, text in env.items() if name.startswith(_READ_AT_IMPORT)}


def serve(office: Office) -> dict[str, Any] | None:
    """Answer until the owner ends, has no more to ask or has asked nothing for long; in a kernel, give its request."""
    office.waiting.register(office.listener, selectors.EVENT_READ)
    office.waiting.register(sys.stdin.fileno(), selectors.EVENT_READ)
    while not office.retired or office.kernels:
        events = office.waiting.select(None if office.kernels else IDLE_SECONDS)
        if not events:
            return None
        for key, _ in events:
            if key.fileobj is office.listener:
                if request := _answer(office):
                    return request
            elif key.data is not None:
                _attend(office, key.data, key.fileobj)
            elif not _heed_owner(office):
                return None
    return None


def _heed_owner(office: Office) -> bool:
    """Read the lifeline: a byte means that no more will be asked, its end that the owner is gone."""
    if os.read(sys.stdin.fileno(), 1):
        office.retired = True
        office.waiting.unregister(office.listener)
        office.listener.close()
        return True
    for kernel in office.kernels.values():
        _signal(kernel, signal.SIGKILL)
        os.waitpid(kernel.pid, 0)
    return False


def _answer(office: Office) -> dict[str, Any] | None:
    """Fork for one request, or say why not; gives the request in the child and nothing in the parent."""
    line, _ = office.listener.accept()
    line.settimeout(10)
    try:
        request, outputs = _read(line)
    except (OSError, ValueError):
        return line.close()
    reason = why_not(office, request)
    if not reason and (pid := os.fork()) == 0:
        return request | {"line": line, "outputs": outputs}
    for descriptor in outputs:
        os.close(descriptor)
    if reason:
        _tell(line, {"refused": reason})
        return line.close()
    kernel = Kernel(pid, os.pidfd_open(pid), line)
    office.kernels[pid] = kernel
    office.waiting.register(kernel.ended, selectors.EVENT_READ, kernel)
    office.waiting.register(line, selectors.EVENT_READ, kernel)
    return None


def _read(line: socket.socket) -> tuple[dict[str, Any], list[int]]:
    text, outputs, _, _ = socket.recv_fds(line, 1 << 20, 2)
    while not text.endswith(b"\n"):
        more = line.recv(1 << 20)
        if not more:
            raise ValueError("half a request")
        text += more
    return json.loads(text), outputs


def why_not(office: Office, request: Mapping[str, Any]) -> str:
    """Say why a kernel must not be forked for a request; empty where nothing stands against it."""
    if request["code"] != office.code:
        return "stale"
    if (threads := thread_count()) != 1:
        return f"the parent has {threads} threads"
    wanted = read_at_import(request["env"])
    if other := sorted(name for name in wanted | office.own if wanted.get(name) != office.own.get(name)):
        return f"its environment differs: {', '.join(other)}"
    return "" if Path(request["cwd"]).is_dir() else f"there is no folder {request['cwd']}"


def thread_count() -> int:
    """Count the threads of this process, those of libraries in other languages too."""
    tasks = Path("/proc/self/task")
    return max(threading.active_count(), len(list(tasks.iterdir())) if tasks.is_dir() else 1)


def _attend(office: Office, kernel: Kernel, source: Any) -> None:
    """Reap a kernel that has ended, pass a signal on to one that has not, and end one that nobody asks for any more."""
    if kernel.pid not in office.kernels:
        return
    if source == kernel.ended:
        _, status = os.waitpid(kernel.pid, 0)
        _tell(kernel.line, {"ended": os.waitstatus_to_exitcode(status)})
        _forget(office, kernel)
        return
    try:
        asked = kernel.line.recv(1 << 10)
    except OSError:
        asked = b""
    for number in asked.split() or [signal.SIGKILL]:
        _signal(kernel, int(number))
    if not asked:
        office.waiting.unregister(kernel.line)


def _signal(kernel: Kernel, number: int) -> None:
    """Signal the kernel's group. Its number cannot have passed to another: only we reap it, and have not yet."""
    try:
        os.killpg(kernel.pid, number)
    except ProcessLookupError:  # it has not made its group yet
        os.kill(kernel.pid, number)


def _forget(office: Office, kernel: Kernel) -> None:
    for source in (kernel.ended, kernel.line):
        if source in office.waiting.get_map():
            office.waiting.unregister(source)
    os.close(kernel.ended)
    kernel.line.close()
    del office.kernels[kernel.pid]


def _tell(line: socket.socket, words: Mapping[str, Any]) -> None:
    with suppress(OSError):  # whoever asked is gone; the end of the line is heeded at the next turn
        line.sendall(json.dumps(words).encode() + b"\n")


def become_kernel(office: Office, request: Mapping[str, Any]) -> None:
    """Turn this fork into the kernel that was asked for, as if started afresh, and run it to its end."""
    os.setsid()
    _tell(request["line"], {"pid": os.getpid()})
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for kernel in office.kernels.values():
        os.close(kernel.ended)
        kernel.line.close()
    office.listener.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), *zip(request["outputs"], (1, 2), strict=True)):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    random.seed()
    sys.modules["numpy"].random.seed()
    run_kernel(request["arguments"], request["line"])


def run_kernel(arguments: list[str], line: socket.socket) -> None:
    """Run ipykernel as its own launcher does, and tell whoever asked when it listens."""
    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [ipykernel_launcher.__file__, *arguments]
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(arguments)
    app.log.addFilter(worth_telling)
    _tell(line, {"ready": True})
    line.close()
    app.start()


def worth_telling(record: logging.LogRecord) -> bool:
    """Leave out that an interrupt was noticed: every manager interrupts a kernel, idle or not, before it ends it."""
    return "KeyboardInterrupt caught in kernel" not in record.getMessage()


def main() -> None:
    """Import, answer requests, and clear away; in a fork, be the kernel."""
    if sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]  # as the kernel's own launcher does; IPython puts it back
    own = read_at_import(os.environ)
    before = fingerprints.library() + fingerprints.environment()
    preload()
    after = fingerprints.library() + fingerprints.environment()
    # Files edited during the import: which version was read cannot be known, so nobody's code matches.
    listener = socket.socket(fileno=int(sys.argv[1]))
    office = Office(listener, before if before == after else "", own)
    socket_file = Path(listener.getsockname())
    if request := serve(office):
        return become_kernel(office, request)
    # The owner clears these away too; this is for one that was killed.
    with suppress(OSError):
        socket_file.unlink()
        socket_file.parent.rmdir()
    os._exit(0)  # what is loaded need not be taken apart


if __name__ == "__main__":
    main()
