"""A sample of what `make break` does to whole runs: nothing torn, nothing left, nothing alive, no traceback."""

import random
import subprocess
import sys
from pathlib import Path

import break_runs
import pytest


@pytest.mark.sweep
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux alone")
def test_a_few_broken_runs_leave_nothing():
    given = ("--kills", "20", "--stops", "10")

    done = subprocess.run([sys.executable, break_runs.__file__, *given], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) > 10


def test_moments_are_spread_over_the_whole_run_and_the_same_for_a_seed():
    moments, again = (break_runs.spread(random.Random(15), 10) for _ in range(2))

    assert moments == again and [int(moment * 10) for moment in sorted(moments)] == list(range(10))


def test_what_is_left_and_what_stands_are_told(tmp_path):
    for name in ("tmp/room", "reports/.one.part", "reports/.cache", "reports/one", "data"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("reports/.one.lock", "reports/one/index.html", "reports/.cache/a.1.part", "data/.tidy.ready"):
        (Path(tmp_path) / name).touch()

    assert break_runs.left(tmp_path) == [".one.part", ".tidy.ready", "a.1.part", "room"]
    assert list(break_runs.state(tmp_path)) == ["data", "one"]
