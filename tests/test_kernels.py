"""A forked kernel is like one started afresh, only sooner; where a fork is not safe, an ordinary kernel is started."""

import asyncio
import json
import logging
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from childrens_services import cli, paths
from click.testing import CliRunner
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from warm_kernels import fork_parent, forks, kernels

FACTS = """
import json, os, random, signal, numpy, matplotlib, warnings
print(json.dumps({
    "own session": os.getsid(0) == os.getpid(), "cwd": os.getcwd(), "said": os.environ.get("SAID"),
    "stray": os.environ.get("STRAY"), "threads": os.environ.get("OMP_NUM_THREADS"),
    "terminate": signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, "blocked": len(signal.pthread_sigmask(0, [])),
    "stdin": os.read(0, 1).decode(), "random": [random.random(), numpy.random.rand()], "pid": os.getpid(),
    "backend": matplotlib.get_backend(), "main": __name__,
}))
"""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only")


class Talk:
    """A kernel of a test, with what it printed."""

    def __init__(self, manager, client):
        self.manager, self.client = manager, client
        self.process = manager.provisioner.process

    async def run(self, code: str, wait: float = 30) -> str:
        said = []
        reply = await self.client.execute_interactive(
            code, timeout=wait, output_hook=lambda m: said.append(m["content"].get("text", ""))
        )
        return "".join(said) if reply["content"]["status"] == "ok" else reply["content"]["ename"]


def talk(work, cls=kernels.WarmKernelManager, **options):
    """Start a kernel, let `work(talk)` use it, end it, and give what `work` gave."""

    async def run():
        manager = cls(kernel_name="python3")
        await manager.start_kernel(**options)
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            return await work(Talk(manager, client))
        finally:
            await manager.shutdown_kernel(now=True)
            client.stop_channels()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """What two forked kernels say of themselves."""
    folder = tmp_path_factory.mktemp("kernel")
    env = {**os.environ, "SAID": "so"}
    os.environ["STRAY"] = "of the test, after its parent was started"

    async def tell(one: Talk):
        assert isinstance(one.process, forks.ForkedKernel)
        return json.loads(await one.run(FACTS))

    told = [talk(tell, cwd=str(folder), env=env) for _ in range(2)]
    del os.environ["STRAY"]
    return folder, told


def test_a_kernel_has_the_folder_and_environment_that_were_asked_for(facts):
    folder, (first, _) = facts

    assert Path(first["cwd"]) == folder
    assert (first["said"], first["stray"], first["main"]) == ("so", None, "__main__")
    assert first["threads"] == os.environ.get("OMP_NUM_THREADS")


def test_a_kernel_is_a_session_of_its_own_with_fresh_signals_and_no_input(facts):
    _, (first, _) = facts

    assert (first["own session"], first["terminate"], first["blocked"], first["stdin"]) == (True, True, 0, "")


def test_kernels_draw_different_random_numbers(facts):
    _, (first, second) = facts

    assert first["random"][0] != second["random"][0] and first["random"][1] != second["random"][1]
    assert first["pid"] != second["pid"]


def test_figures_go_inline_although_pyplot_was_imported_before(facts):
    assert {told["backend"].removeprefix("module://matplotlib_inline.backend_") for told in facts[1]} == {"inline"}


def test_only_this_user_can_ask_for_a_kernel(facts):
    room = Path(forks.start()).parent

    assert stat.S_IMODE(room.stat().st_mode) == 0o700


def test_an_interrupt_reaches_the_cell_and_the_kernel_lives_on(facts):
    async def work(one: Talk):
        busy = asyncio.ensure_future(one.run("print('begun', flush=True)\nimport time; time.sleep(60)"))
        await asyncio.sleep(0.3)
        await one.manager.interrupt_kernel()
        return await busy, await one.run("print(1 + 1)")

    assert talk(work) == ("KeyboardInterrupt", "2\n")


def test_a_kernel_that_ends_by_itself_is_reaped_with_its_status(facts):
    async def work(one: Talk):
        one.client.execute("import os; os._exit(3)")
        status = await asyncio.to_thread(one.process.wait, 20)
        return status, Path(f"/proc/{one.process.pid}").exists(), await one.manager.is_alive()

    assert talk(work) == (3, False, False)


def test_a_number_that_may_belong_to_another_process_is_never_signalled():
    here, there = socket.socketpair()
    there.sendall(b'{"ended": 0}\n')
    kernel = forks.ForkedKernel(here, pid=os.getpid())

    kernel.kill()

    assert kernel.poll() == 0
    there.setblocking(False)
    assert there.recv(100) == b""


def test_a_kernel_whose_parent_is_gone_is_told_as_killed():
    here, there = socket.socketpair()
    there.close()

    assert forks.ForkedKernel(here, pid=1).poll() == -signal.SIGKILL


def office(**environment: str) -> fork_parent.Office:
    return fork_parent.Office(None, "code", fork_parent.read_at_import(environment))


def request(code="code", cwd="/", **environment: str) -> dict:
    return {"code": code, "cwd": cwd, "env": environment}


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (request(code="newer"), "stale"),
        (request(PYTHONPATH="/elsewhere"), "its environment differs: PYTHONPATH"),
        (request(MPLBACKEND="agg"), "its environment differs: MPLBACKEND"),
        (request(cwd="/no/such/folder"), "there is no folder /no/such/folder"),
        (request(MPLBACKEND=fork_parent.INLINE, OMP_NUM_THREADS="8"), ""),
    ],
)
def test_what_a_fork_cannot_change_is_refused(asked, reason, monkeypatch):
    monkeypatch.setattr(fork_parent, "thread_count", lambda: 1)

    assert fork_parent.why_not(office(), asked) == reason


def test_a_parent_with_a_second_thread_does_not_fork():
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(2)]
    for thread in threads:
        thread.start()

    reason = fork_parent.why_not(office(), request())
    done.set()

    assert fork_parent.thread_count() >= 1
    assert reason.startswith("the parent has ") and int(reason.split()[3]) >= 3


def test_where_a_fork_is_not_possible_an_ordinary_kernel_is_started(monkeypatch):
    monkeypatch.setattr(forks.sys, "platform", "darwin")
    monkeypatch.setattr(forks, "_here", forks._Here())

    async def work(one: Talk):
        return isinstance(one.process, subprocess.Popen), await one.run("print(6 * 7)")

    with pytest.raises(forks.Unavailable, match="kernels are forked on Linux only"):
        forks.start()
    assert talk(work) == (True, "42\n")


def test_an_installed_kernel_serves_any_manager_encrypted_and_in_silence(facts, monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(kernels.sys, "prefix", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    done = CliRunner().invoke(cli.main, ["kernel", "install"])
    manager = KernelManager(kernel_name=kernels.NAME)  # as nbval and JupyterLab have it: nobody asks for encryption

    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    first = manager.provisioner.process.pid
    manager.restart_kernel()
    client.wait_for_ready(timeout=60)
    told = client.execute_interactive("print(6 * 7)", output_hook=lambda _: None, timeout=30)
    last, secret = manager.provisioner.process, manager.curve_secretkey
    manager.shutdown_kernel()
    client.stop_channels()

    assert done.exit_code == 0 and secret
    assert isinstance(last, forks.ForkedKernel) and last.pid != first
    assert told["content"]["status"] == "ok"
    assert capfd.readouterr().err == ""


def test_a_kernel_is_installed_once_and_removed_whole(monkeypatch, tmp_path):
    monkeypatch.setattr(kernels.sys, "prefix", str(tmp_path))
    there = KernelSpecManager(kernel_dirs=[str(tmp_path / "share" / "jupyter" / "kernels")])

    for _ in range(2):
        assert CliRunner().invoke(cli.main, ["kernel", "install"]).exit_code == 0
    spec = there.get_kernel_spec(kernels.NAME)
    removed = CliRunner().invoke(cli.main, ["kernel", "remove"])

    assert spec.argv[0] == "python" and spec.metadata["kernel_provisioner"]["provisioner_name"] == kernels.NAME
    assert removed.exit_code == 0 and kernels.NAME not in there.find_kernel_specs()


def test_only_the_interrupt_of_every_shutdown_goes_untold():
    def record(words):
        return logging.LogRecord("kernel", logging.ERROR, "", 0, words, (), None)

    assert not fork_parent.worth_telling(record("KeyboardInterrupt caught in kernel."))
    assert fork_parent.worth_telling(record("Kernel is running over TCP without encryption."))


SCRIPT = """
import os, sys, time
from childrens_services import paths
from warm_kernels import forks
def ask(name):
    out = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    err = os.open("warned.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)  # this connection has no keys
    kernel = forks.fork_kernel(["-f", name, "--IPKernelApp.exec_lines=import childrens_services as c, os; "
        "os.write(1, c.MARK.encode())"], os.environ, os.getcwd(), (out, err))
    os.close(out)
    return kernel
one = ask("1.json")
init = paths.ROOT / "lib" / "childrens_services" / "__init__.py"
init.write_text(init.read_text().replace("MARK = 'old'", "MARK = 'new'"))
two = ask("2.json")
print(forks.start(), one.pid, two.pid, flush=True)
time.sleep(600)
"""


def test_an_edit_replaces_the_parent_and_nothing_outlives_the_owner(tmp_path):
    shutil.copytree(paths.ROOT / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    init = tmp_path / "lib" / "childrens_services" / "__init__.py"
    init.write_text(init.read_text(encoding="utf-8") + "\nMARK = 'old'\n", encoding="utf-8")
    owner = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "lib"), "CHILDRENS_SERVICES_TEST": str(tmp_path)},
    )  # fmt: skip

    address, *pids = owner.stdout.readline().split()
    families = [pid for pid in _pids() if f"CHILDRENS_SERVICES_TEST={tmp_path}" in _environment(pid)]
    owner.kill()
    owner.wait()
    owner.stdout.close()

    assert (tmp_path / "said.txt").read_text() == "oldnew"
    assert {int(pid) for pid in pids} <= set(families) and len(families) >= 4  # owner, two parents, two kernels
    assert _eventually(lambda: not any(_runs(pid) for pid in families))
    assert _eventually(lambda: not Path(address).parent.exists())


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _environment(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _eventually(holds, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()
