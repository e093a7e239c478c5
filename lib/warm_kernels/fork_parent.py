"""The process that kernels are forked from: it imports the heavy libraries once, and forks a kernel at each request.

Run by `forks` as `python -m warm_kernels.fork_parent SOCKET_DESCRIPTOR SETTINGS`. Its standard input is held open by
the process that started it: when that ends, however it ends, the input closes, and parent and kernels end too. It never
has a second thread, because a fork copies locks but not the threads that hold them; where a library has started one it
refuses, and an ordinary kernel is started.
"""

import builtins
import fcntl
import gc
import importlib
import json
import logging
import os
import pkgutil
import random
import select
import selectors
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from warm_kernels import forks
from warm_kernels.settings import Settings

IDLE_SECONDS = 900
STALE = "stale"
# What a kernel itself imports late.
OF_THE_KERNEL = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib"),
    *("IPython.core.debugger", "IPython.extensions.storemagic", "psutil", "sqlite3"),
)
INLINE = "module://matplotlib_inline.backend_inline"
# What Python, NumPy and matplotlib read once, at import: a kernel that wants another value cannot be forked from here.
_READ_AT_IMPORT = ("PYTHON", "NPY_", "MPL", "MATPLOTLIB", "LD_", "LC_", "LANG")


@dataclass
class Kernel:
    """A forked kernel: its process, and the connection to whom asked for it."""

    pid: int
    ended: int  # a descriptor that becomes readable when the process ends
    connection: socket.socket


@dataclass
class Service:
    """What the parent waits for, and the kernels it answers for."""

    listener: socket.socket
    code: str
    env: dict[str, str]
    fault: str = ""  # why no kernel can be forked
    waiting: selectors.BaseSelector = field(default_factory=selectors.PollSelector)  # shares nothing with a fork
    kernels: dict[int, Kernel] = field(default_factory=dict)
    stale: bool = False


def preload(names: Iterable[str]) -> str:
    """Import modules, `package.*` with all below it; return what failed, or nothing."""
    # pyplot keeps the first backend that it sees. The inline one is not imported: it would tie itself to this shell.
    os.environ.setdefault("MPLBACKEND", INLINE)
    # pandas asks for the shell once, when it is imported; without one it would show frames as in a terminal.
    builtins.get_ipython = lambda: SimpleNamespace(kernel=True)
    try:
        return next(filter(None, map(_import, (*OF_THE_KERNEL, *names))), "")
    finally:
        del builtins.get_ipython
        gc.collect()
        gc.freeze()  # so that a kernel's own collections do not copy every page


def _import(name: str) -> str:
    try:
        module = importlib.import_module(name.removesuffix(".*"))
        for below in pkgutil.walk_packages(module.__path__, f"{module.__name__}.") if name.endswith(".*") else ():
            if not below.name.endswith(".__main__"):
                importlib.import_module(below.name)
    except Exception as error:
        return f"{name} cannot be imported ({type(error).__name__}: {error})"
    return ""


def read_at_import(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that cannot be changed after the imports, with the inline backend for none named."""
    return {"MPLBACKEND": INLINE} | {name: text for name, text in env.items() if name.startswith(_READ_AT_IMPORT)}


def serve(service: Service) -> dict[str, Any] | None:
    """Answer until the owner is gone, the code is stale or nobody has asked for long; in a fork, return its request."""
    service.waiting.register(service.listener, selectors.EVENT_READ)
    service.waiting.register(sys.stdin.fileno(), selectors.EVENT_READ)
    while not service.stale or service.kernels:
        events = service.waiting.select(None if service.kernels else IDLE_SECONDS)
        if not events:
            return None
        for key, _ in events:
            if key.fileobj is service.listener:
                if request := _answer(service):
                    return request
            elif key.data is not None:
                _look_after(service, key.data, key.fileobj)
            else:  # the owner is gone; if it was killed, nobody else ends the kernels and takes the folder away
                for kernel in service.kernels.values():
                    _signal(kernel, signal.SIGKILL)
                    os.waitpid(kernel.pid, 0)
                _clear_away(service.listener)
    return None


def _answer(service: Service) -> dict[str, Any] | None:
    """Fork for one request, or say why not; return the request in the child and nothing in the parent."""
    connection, _ = service.listener.accept()
    connection.settimeout(10)
    try:
        text, outputs, _, _ = socket.recv_fds(connection, 1 << 20, 2)
        with connection.makefile("rb") as rest:
            request = json.loads(text if text.endswith(b"\n") else text + rest.readline())
    except (OSError, ValueError):
        return connection.close()
    reason = why_not(service, request)
    if not reason and (pid := os.fork()) == 0:
        return request | {"connection": connection, "outputs": outputs}
    for descriptor in outputs:
        os.close(descriptor)
    if reason:
        service.stale |= reason == STALE  # nobody asks again, so this process ends with its last kernel
        _tell(connection, {"refused": reason})
        return connection.close()
    kernel = Kernel(pid, os.pidfd_open(pid), connection)
    service.kernels[pid] = kernel
    service.waiting.register(kernel.ended, selectors.EVENT_READ, kernel)
    service.waiting.register(connection, selectors.EVENT_READ, kernel)
    return None


def why_not(service: Service, request: Mapping[str, Any]) -> str:
    """Return why a kernel must not be forked for a request; empty where nothing stands against it."""
    if request["code"] != service.code:
        return STALE
    if service.fault:
        return service.fault
    if (threads := len(list(Path("/proc/self/task").iterdir()))) != 1:  # those of libraries in other languages too
        return f"the parent has {threads} threads"
    wanted = read_at_import(request["env"])
    if other := sorted(name for name in wanted | service.env if wanted.get(name) != service.env.get(name)):
        return f"its environment differs: {', '.join(other)}"
    return "" if Path(request["cwd"]).is_dir() else f"there is no folder {request['cwd']}"


def _look_after(service: Service, kernel: Kernel, source: Any) -> None:
    """Reap a kernel that has ended, pass a signal on to one that has not, and end one that nobody asks for any more."""
    if kernel.pid not in service.kernels:
        return
    if source == kernel.ended:
        _, status = os.waitpid(kernel.pid, 0)
        _tell(kernel.connection, {"ended": os.waitstatus_to_exitcode(status)})
        for watched in (kernel.ended, kernel.connection):
            with suppress(KeyError):  # nobody may have asked for it any more
                service.waiting.unregister(watched)
        os.close(kernel.ended)
        kernel.connection.close()
        del service.kernels[kernel.pid]
        return
    try:
        asked = kernel.connection.recv(1 << 10)
    except OSError:
        asked = b""
    for number in asked.split() or [signal.SIGKILL]:
        _signal(kernel, int(number))
    if not asked:
        service.waiting.unregister(kernel.connection)


def _signal(kernel: Kernel, number: int) -> None:
    """Signal the kernel's group. Its number cannot have passed to another: only we reap it, and have not yet."""
    try:
        os.killpg(kernel.pid, number)
    except ProcessLookupError:  # it has not made its group yet
        os.kill(kernel.pid, number)


def _tell(connection: socket.socket, answer: Mapping[str, Any]) -> None:
    with suppress(OSError):  # whoever asked is gone; that its end is closed is noticed at the next turn
        connection.sendall(json.dumps(answer).encode() + b"\n")


def become_kernel(service: Service, request: Mapping[str, Any]) -> None:
    """Turn this fork into the kernel that was asked for, as if started afresh, and run it to its end."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for kernel in service.kernels.values():
        os.close(kernel.ended)
        kernel.connection.close()
    service.listener.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in zip((nothing, *request["outputs"]), (0, 1, 2), strict=True):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    _run_ipykernel(request["arguments"], request["connection"])


def _run_ipykernel(arguments: list[str], connection: socket.socket) -> None:
    """Do as ipykernel's own launcher does, and tell whoever asked when the kernel listens."""
    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [ipykernel_launcher.__file__, *arguments]
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(arguments)
    app.log.addFilter(worth_telling)
    _tell(connection, {"pid": os.getpid()})
    connection.close()
    app.start()


def worth_telling(record: logging.LogRecord) -> bool:
    """Leave out that an interrupt was noticed: every manager interrupts a kernel, idle or not, before it ends it."""
    return "KeyboardInterrupt caught in kernel" not in record.getMessage()


def end_with_owner(listener: socket.socket) -> None:
    """Let the system signal this process when its input closes, so that it ends during the imports too."""
    signal.signal(signal.SIGIO, lambda *_: _clear_away(listener))
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, os.O_ASYNC)
    if select.select([0], [], [], 0)[0]:  # it closed before
        _clear_away(listener)


def _clear_away(listener: socket.socket) -> None:
    shutil.rmtree(Path(listener.getsockname()).parent, ignore_errors=True)
    os._exit(0)


def main(descriptor: str, preloaded: str) -> None:
    """Import and answer requests; in a fork, be the kernel."""
    if sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]  # as the kernel's own launcher does; IPython puts it back
    listener = socket.socket(fileno=int(descriptor))
    settings = Settings(**json.loads(preloaded))
    end_with_owner(listener)
    env, before = read_at_import(os.environ), forks.code(settings)
    fault = preload(settings.preload)
    # Files edited during the import: which version was read cannot be known, so nobody's code matches.
    code = before if before == forks.code(settings) else ""
    service = Service(listener, code, env, fault)
    fcntl.fcntl(0, fcntl.F_SETFL, 0)  # from here on `serve` watches the owner
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    if request := serve(service):
        return become_kernel(service, request)
    os._exit(0)  # what is loaded need not be taken apart


if __name__ == "__main__":
    main(*sys.argv[1:])
