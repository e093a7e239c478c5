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
import os
import pkgutil
import random
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from io import FileIO
from multiprocessing.connection import wait
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from warm_kernels import forks
from warm_kernels.settings import Settings

IDLE_SECONDS = 900
OWNER = 0  # the standard input
Request = Mapping[str, Any]  # `arguments`, `env`, `cwd` and `code`
# What a kernel itself imports late.
OF_THE_KERNEL = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib"),
    *("IPython.core.debugger", "IPython.extensions.storemagic", "psutil", "sqlite3"),
)
INLINE = "module://matplotlib_inline.backend_inline"
# What Python, NumPy and matplotlib read once, at import: a kernel that wants another value cannot be forked from here.
_READ_AT_IMPORT = ("PYTHON", "NPY_", "MPL", "MATPLOTLIB", "LD_", "LC_", "LANG")


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


def serve(listener: socket.socket, refuse: Callable[[Request], str]) -> tuple[Request, list[int], socket.socket] | None:
    """Answer until the code is stale or nobody has asked for long; in a fork, return what it is to become."""
    listener.settimeout(IDLE_SECONDS)
    reason = ""
    while reason != forks.STALE:
        try:
            asking, _ = listener.accept()
        except TimeoutError:
            if _has_kernels():
                continue
            break
        outputs = []
        with suppress(OSError, ValueError):  # whoever asked is gone
            _, outputs, *_ = socket.recv_fds(asking, 1, 2)
            request = json.load(asking.makefile("rb"))
            reason = refuse(request)
            if not reason and os.fork() == 0:
                return request, outputs, asking
            asking.sendall(reason.encode())
        asking.close()
        for descriptor in outputs:
            os.close(descriptor)
    return None


def _has_kernels() -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(-1, os.WNOHANG) == (0, 0)
    return False


def why_not(request: Request, code: str, env: Mapping[str, str], fault: str = "") -> str:
    """Return why a kernel must not be forked for a request; empty where nothing stands against it.

    `code` and `env` are what this process has imported and been started with; `fault` is what it could not import.
    """
    if request["code"] != code:
        return forks.STALE
    if fault:
        return fault
    if (threads := len(list(Path("/proc/self/task").iterdir()))) != 1:  # those of libraries in other languages too
        return f"the parent has {threads} threads"
    wanted = read_at_import(request["env"])
    if other := sorted(name for name in wanted | env if wanted.get(name) != env.get(name)):
        return f"its environment differs: {', '.join(other)}"
    return "" if Path(request["cwd"]).is_dir() else f"there is no folder {request['cwd']}"


def become_kernel(request: Request, outputs: Sequence[int], asking: socket.socket) -> None:
    """Turn this fork into the kernel that was asked for, as if started afresh, and run it to its end."""
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGIO):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal_when_owner_ends(-os.getpid(), signal.SIGKILL)
    for place, descriptor in enumerate((os.open(os.devnull, os.O_RDONLY), *outputs)):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    _run_ipykernel(request["arguments"], asking)


def _run_ipykernel(arguments: list[str], asking: socket.socket) -> None:
    """Do as ipykernel's own launcher does, and tell whoever asked when the kernel listens."""
    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [ipykernel_launcher.__file__, *arguments]
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(arguments)
    # Every manager interrupts a kernel, idle or not, before it ends it.
    app.log.addFilter(lambda record: "KeyboardInterrupt caught in kernel" not in record.getMessage())
    with asking, FileIO(os.pidfd_open(os.getpid())) as ended, suppress(OSError):
        socket.send_fds(asking, [str(os.getpid()).encode()], [ended.fileno()])
    app.start()


def signal_when_owner_ends(receiver: int, number: int) -> None:
    """Let the system signal a process, or a group by its negative number, when the owner ends, however it ends."""
    owner = os.open(f"/proc/self/fd/{OWNER}", os.O_RDONLY)  # anew, because whom to signal is kept with what was opened
    fcntl.fcntl(owner, fcntl.F_SETOWN, receiver)
    fcntl.fcntl(owner, fcntl.F_SETSIG, number)
    fcntl.fcntl(owner, fcntl.F_SETFL, os.O_ASYNC)
    if wait([owner], 0):  # it ended before
        os.kill(receiver, number)


def _clear_away(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def main(descriptor: str, preloaded: str) -> None:
    """Import and answer requests; in a fork, be the kernel."""
    if sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]  # as the kernel's own launcher does; IPython puts it back
    settings = Settings(**json.loads(preloaded))
    with socket.socket(fileno=int(descriptor)) as listener:
        folder = Path(listener.getsockname()).parent
        signal.signal(signal.SIGIO, lambda *_: _clear_away(folder))  # if the owner was killed, nobody else does
        signal_when_owner_ends(os.getpid(), signal.SIGIO)
        env, before = read_at_import(os.environ), forks.code(settings)
        fault = preload(settings.preload)
        # Files edited during the import: which version was read cannot be known, so nobody's code matches.
        code = before if before == forks.code(settings) else ""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # kernels that have ended leave nothing to wait for
        fork = serve(listener, lambda request: why_not(request, code, env, fault))
    if fork:
        return become_kernel(*fork)
    with suppress(ChildProcessError):
        os.waitpid(-1, 0)  # until the last kernel has ended
    os._exit(0)  # what is loaded need not be taken apart


if __name__ == "__main__":
    main(*sys.argv[1:])
