"""A sample of what `make break` tries: nothing is believed without a reason, nothing ends in a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from breaking import BELIEVED, TRACEBACK, WELL, Result, failures, report

TESTS = Path(__file__).parent


def test_a_failure_is_what_is_neither_refused_well_nor_listed(capsys, monkeypatch):
    results = [
        Result("sum", "a", WELL, "a line"),
        Result("sum", "b", BELIEVED, "changed budgets"),
        Result("cut", "c", BELIEVED, "changed claims"),
        Result("cut", "d", TRACEBACK, "KeyError"),
    ]
    monkeypatch.setattr("breaking.listed", lambda: [("sum", "*"), ("cut", "d")])

    assert [each.name for each in failures(results)] == ["c", "d"]
    assert report(results) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["sum", "2", "1", "0", "0", "1", "0"]
    assert lines[3].split() == ["all", "4", "1", "0", "0", "2", "1"]
    assert lines[5].split() == ["believed:", "cut,", "c:", "changed", "claims"]
    assert lines[4].startswith("1 let pass for a reason")


@pytest.mark.sweep
@pytest.mark.raw
def test_every_ninth_breakage_is_refused_well_or_listed(raw):
    code = "import sys; import breaking, break_inputs; sys.exit(breaking.report(break_inputs.run([], every=9)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TESTS, env={**os.environ, "RAW_DIR": str(raw)}, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
