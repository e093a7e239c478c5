"""Notebooks run on a real dask scheduler with two workers; one is killed half-way and the edition is still whole."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from childrens_services import cli, paths
from childrens_services.edition import make, runner
from childrens_services.edition.parameters import Parameters
from click.testing import CliRunner
from small_notebooks import write_notebook

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
NAMES = [f"0{i}-what-is-in-themes" for i in range(1, 7)]
STARTED = "from pathlib import Path\nimport os, time\n(Path(os.environ['STARTED']) / str(os.getpid())).touch()\n"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A root with six small notebooks that each take a moment, the real tables, and reports of its own."""
    (tmp_path / "data").mkdir()
    for name, real in {"tidy": paths.TIDY, "curated": paths.CURATED}.items():
        (tmp_path / "data" / name).symlink_to(real)
    for name in NAMES:
        write_notebook(tmp_path / "notebooks", name, "themes", f"{STARTED}time.sleep(1)\n")
    for name, folder in {"ROOT": "", "TIDY": "data/tidy", "NOTEBOOKS": "notebooks", "REPORTS": "reports"}.items():
        monkeypatch.setattr(paths, name, tmp_path / folder)
    return tmp_path


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, each a family of processes of its own on loopback; gives address and workers."""
    started = tmp_path / "started"
    started.mkdir()
    rooms = tempfile.mkdtemp()  # short, for sockets; a worker that is killed cannot clear away what it leaves here
    env = {**os.environ, "STARTED": str(started), "TMPDIR": rooms}
    file = tmp_path / "scheduler.json"
    shared = {"env": env, "cwd": tmp_path, "start_new_session": True, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    where = ["--scheduler-file", str(file)]
    scheduler = subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *where],
                                 **shared)  # fmt: skip
    workers = [
        subprocess.Popen([*dask, "worker", "--nthreads", "1", "--no-dashboard", "--no-nanny", *where], **shared)
        for _ in range(2)
    ]
    yield file, workers, started
    for process in (*workers, scheduler):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    shutil.rmtree(rooms, ignore_errors=True)


def test_an_edition_is_whole_although_a_worker_is_killed_half_way(house, cluster, monkeypatch):
    file, workers, started = cluster

    def kill_one_once_busy():
        assert wait_for(lambda: len(list(started.iterdir())) >= 3)
        os.killpg(workers[0].pid, signal.SIGKILL)

    monkeypatch.setattr(make, "write_edition", lambda *_: None)  # pages have tests of their own
    with runner.cluster(address_in(file)) as executor:
        killer = threading.Thread(target=kill_one_once_busy)
        killer.start()
        index = make.make_edition(Parameters(), executor)
        killer.join()

    assert workers[0].wait(5) == -signal.SIGKILL and workers[1].poll() is None
    assert sorted(path.stem for path in (index.parent / "notebooks").iterdir()) == NAMES
    assert {path.name for path in (index.parent / "charts").iterdir()} >= {f"rows-of-{name}.svg" for name in NAMES}


def wait_for(holds: Callable[[], object], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(holds())


def address_in(file: Path) -> str:
    assert wait_for(lambda: file.is_file() and file.read_text())
    return json.loads(file.read_text())["address"]


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(runner, "CONNECT_SECONDS", 1)

    done = CliRunner().invoke(cli.main, ["report", "--force", "--scheduler", "tcp://127.0.0.1:9"])

    assert done.exit_code == 1
    assert done.stderr == ("error: --scheduler: nobody answers at tcp://127.0.0.1:9; start `dask scheduler` there\n")
