"""A forked kernel is like one started afresh, only sooner; where a fork is not safe, an ordinary kernel is started."""

import json
import logging
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel
from small import SETTINGS, eventually, marked
from warm_kernels import Settings, fork_parent, forks, kernels

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


@contextmanager
def kernel(folder, settings=SETTINGS, **options):
    """A kernel as any manager starts it, with a function that runs code in it and returns what it printed."""
    kernels.install(settings, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        manager, client = start_new_kernel(kernel_name=settings.name, cwd=str(folder), **options)

    def run(code: str) -> str:
        said = []
        reply = client.execute_interactive(
            code, timeout=30, output_hook=lambda told: said.append(told["content"].get("text", ""))
        )
        return "".join(said) if reply["content"]["status"] == "ok" else reply["content"]["ename"]

    try:
        yield manager, client, run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """What two forked kernels say of themselves."""
    folder, env, said = tmp_path_factory.mktemp("kernel"), {**os.environ, "SAID": "so"}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRAY", "of the test, after its parent was started")
        for _ in range(2):
            with kernel(folder, env=env) as (manager, _, run):
                assert isinstance(manager.provisioner.process, forks.ForkedKernel)
                said.append(json.loads(run(FACTS)) | {"folder": str(folder)})
    return said


def test_a_kernel_has_the_folder_environment_signals_and_backend_of_one_started_afresh(facts):
    first, second = facts

    assert first["cwd"] == first["folder"]
    assert (first["said"], first["stray"], first["main"]) == ("so", None, "__main__")
    assert first["threads"] == os.environ.get("OMP_NUM_THREADS")
    assert (first["own session"], first["terminate"], first["blocked"], first["stdin"]) == (True, True, 0, "")
    assert {told["backend"].removeprefix("module://matplotlib_inline.backend_") for told in facts} == {"inline"}
    assert first["random"][0] != second["random"][0] and first["random"][1] != second["random"][1]
    assert first["pid"] != second["pid"]


def test_a_parent_that_was_killed_is_replaced_and_its_kernels_end(facts, tmp_path):
    with kernel(tmp_path) as (manager, _, run):
        os.kill(int(run("import os; print(os.getppid())")), signal.SIGKILL)
        assert manager.provisioner.process.wait(20) == 255
    with kernel(tmp_path) as (manager, _, run):
        assert isinstance(manager.provisioner.process, forks.ForkedKernel) and run("print(6 * 7)") == "42\n"


def test_only_this_user_can_ask_for_a_kernel(facts):
    assert stat.S_IMODE(forks.start(SETTINGS).stat().st_mode) == 0o700


def test_an_interrupt_reaches_the_cell_and_a_kernel_that_ends_by_itself_is_noticed_and_leaves_nothing(facts, tmp_path):
    with kernel(tmp_path) as (manager, _, run):
        process = manager.provisioner.process
        threading.Timer(0.3, manager.interrupt_kernel).start()
        assert run("import time; time.sleep(60)") == "KeyboardInterrupt"
        assert run("print(1 + 1)") == "2\n"

        run("import os, threading; threading.Timer(0.1, os._exit, [3]).start()")
        assert (process.wait(20), manager.is_alive()) == (255, False)
        assert eventually(lambda: not Path(f"/proc/{process.pid}").exists(), 5)


def test_a_kernel_that_has_ended_is_not_signalled(monkeypatch):
    monkeypatch.setattr(forks.os, "killpg", None)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    kernel = forks.ForkedKernel(gone.pid, os.pidfd_open(gone.pid))
    gone.wait()

    kernel.kill()

    assert (kernel.poll(), kernel.wait()) == (255, 255)


def why_not(code="code", cwd="/", **environment: str) -> str:
    asked = {"code": code, "cwd": cwd, "env": environment}
    return fork_parent.why_not(asked, "code", fork_parent.read_at_import({}))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"code": "newer"}, "stale"),
        ({"PYTHONPATH": "/elsewhere"}, "its environment differs: PYTHONPATH"),
        ({"MPLBACKEND": "agg"}, "its environment differs: MPLBACKEND"),
        ({"cwd": "/no/such/folder"}, "there is no folder /no/such/folder"),
        ({"MPLBACKEND": fork_parent.INLINE, "OMP_NUM_THREADS": "8"}, ""),
    ],
)
def test_what_a_fork_cannot_change_is_refused(asked, reason, monkeypatch):
    monkeypatch.setattr(fork_parent.Path, "iterdir", lambda _: iter(["one thread"]))

    assert why_not(**asked) == reason


def test_a_parent_with_a_second_thread_does_not_fork():
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(2)]
    for thread in threads:
        thread.start()

    reason = why_not()
    done.set()

    assert reason.startswith("the parent has ") and int(reason.split()[3]) >= 3


NO_MODULE = "no_such_module cannot be imported (ModuleNotFoundError: No module named 'no_such_module')"


@pytest.mark.parametrize(
    ("platform", "preload", "why"), [("darwin", "seaborn", "no parent here"), ("linux", "no_such_module", NO_MODULE)]
)
def test_where_a_fork_is_not_possible_an_ordinary_kernel_is_started(
    monkeypatch, tmp_path, caplog, platform, preload, why
):
    monkeypatch.setattr(forks.sys, "platform", platform)

    with (
        caplog.at_level(logging.INFO),
        kernel(tmp_path, Settings("other", preload=(preload,))) as (manager, _, run),
    ):
        assert isinstance(manager.provisioner.process, subprocess.Popen) and run("print(6 * 7)") == "42\n"

    assert why in caplog.text


def test_an_installed_kernel_serves_any_manager_encrypted_and_in_silence(facts, tmp_path, capfd):
    with kernel(tmp_path) as (manager, client, run):  # as nbval and JupyterLab have it: nobody asks for encryption
        first = manager.provisioner.process
        manager.restart_kernel()
        client.wait_for_ready(timeout=60)

        last = manager.provisioner.process
        assert run("print(6 * 7)") == "42\n" and manager.curve_secretkey
        assert isinstance(last, forks.ForkedKernel) and last.pid != first.pid
    assert capfd.readouterr().err == ""


def test_a_kernel_is_installed_with_what_it_imports(monkeypatch, tmp_path):
    monkeypatch.setattr(kernels.sys, "prefix", str(tmp_path))
    there = KernelSpecManager(kernel_dirs=[str(tmp_path / "share" / "jupyter" / "kernels")])

    kernels.install(SETTINGS)
    kernels.install(SETTINGS)
    spec = there.get_kernel_spec(SETTINGS.name)

    provisioner = spec.metadata["kernel_provisioner"]
    assert (spec.argv[0], spec.display_name) == ("python", "Python 3 (warm)")
    assert provisioner == {"provisioner_name": "warm-kernels", "config": SETTINGS.preloaded()}


SCRIPT = """
import os, sys, time
from pathlib import Path
from warm_kernels import Settings, forks
settings = Settings(preload=("ours.*",), library=("ours",))
line = "import ours, os, sys; os.write(1, (ours.MARK + str('ours.deep.leaf' in sys.modules)).encode())"
def ask(name):
    out = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    err = os.open("warned.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)  # this connection has no keys
    arguments = ["-f", name, f"--IPKernelApp.exec_lines={line}"]
    return forks.fork_kernel(arguments, os.environ, os.getcwd(), (out, err), settings)
one = ask("1.json")
folders = [forks.start(settings)]
Path("ours/__init__.py").write_text("MARK = 'new'\\n")  # compiled files are told by second and length
two = ask("2.json")
print(one.pid, two.pid, *folders, forks.start(settings), flush=True)
time.sleep(600)
"""


def test_an_edit_replaces_the_parent_and_nothing_outlives_the_owner(tmp_path):
    (tmp_path / "ours" / "deep").mkdir(parents=True)
    for name, text in {"__init__": "MARK = 'old'", "deep/__init__": "", "deep/leaf": "", "__main__": "1 / 0"}.items():
        (tmp_path / "ours" / f"{name}.py").write_text(text, encoding="utf-8")
    mark = f"WARM_KERNELS_TEST={tmp_path}"
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, "WARM_KERNELS_TEST": str(tmp_path)}
    owner = subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=env)

    one, two, *folders = owner.stdout.readline().split()
    family = marked(mark)
    owner.kill()
    owner.wait()
    owner.stdout.close()

    assert (tmp_path / "said.txt").read_text() == "oldTruenewTrue"
    assert {int(one), int(two)} <= set(family) and len(family) >= 4  # owner, two parents, two kernels
    assert eventually(lambda: not marked(mark))
    assert eventually(lambda: not any(Path(folder).exists() for folder in folders))


def test_a_folder_that_nobody_holds_is_swept_and_one_swept_too_early_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "warm-kernels-left").mkdir()
    opened, lost = os.open, []

    def lose_the_first(path, *flags, **how):
        if not lost:
            lost.append(path)
            path.rmdir()
        return opened(path, *flags, **how)

    monkeypatch.setattr(os, "open", lose_the_first)
    folder, lock = forks._new_folder()
    assert lost[0] != folder
    forks.sweep()
    assert list(tmp_path.iterdir()) == [folder]
    os.close(lock)
    forks.sweep()
    assert list(tmp_path.iterdir()) == []
