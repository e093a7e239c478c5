"""Notebooks run on a real dask scheduler with two workers; one is killed half-way, and each is still run."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from small import SETTINGS, eventually, job, run_here
from warm_kernels import runner

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
STARTED = "from pathlib import Path\nimport os, time\n(Path(os.environ['STARTED']) / str(os.getpid())).touch()"


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, each a family of processes of its own on loopback; gives address and workers."""
    started = tmp_path / "started"
    started.mkdir()
    folder = tempfile.mkdtemp()  # short, for sockets
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "STARTED": str(started), "TMPDIR": folder, "PYTHONPATH": path}
    file = tmp_path / "scheduler.json"
    shared = {"env": env, "cwd": tmp_path, "start_new_session": True, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    where = ["--no-dashboard", "--scheduler-file", str(file)]
    scheduler = subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *where], **shared)
    workers = [subprocess.Popen([*dask, "worker", "--nthreads", "1", "--no-nanny", *where], **shared) for _ in range(2)]
    assert eventually(lambda: file.is_file() and file.read_text(), 120)
    yield json.loads(file.read_text())["address"], workers, started
    for process in (*workers, scheduler):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def test_every_notebook_is_run_although_a_worker_is_killed_half_way(cluster, tmp_path):
    address, workers, started = cluster
    settings = replace(SETTINGS, results=tmp_path / "results")
    asked = [job(STARTED, "time.sleep(1)", name=f"n{i}") for i in range(6)]

    def kill_one_once_busy():
        assert eventually(lambda: len(list(started.iterdir())) >= 3, 120)
        os.killpg(workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_one_once_busy)
    with runner.cluster(address) as executor, runner.running(asked, settings, executor, run_here, tell=str) as runs:
        killer.start()
        done = list(runs)
        killer.join()

    assert workers[0].wait(5) == -signal.SIGKILL and workers[1].poll() is None
    assert [(run.name, run.failure) for run in done] == [(one.name, "") for one in asked]


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(runner, "CONNECT_SECONDS", 1)

    with pytest.raises(runner.RunError) as told, runner.cluster("tcp://127.0.0.1:9"):
        pass

    assert str(told.value) == "nobody answers at tcp://127.0.0.1:9; start `dask scheduler` there"
