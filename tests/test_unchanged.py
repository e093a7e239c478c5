"""In a checkout of its own: nothing runs that need not, what changed is told, what is damaged is mended."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_checkout import COMMAND, command, write, write_notebook

NAME = "nottingham-and-nottinghamshire"
FIRST, SECOND = "01-what-is-in-prices", "02-what-is-in-themes"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the library and its data, with two small notebooks and an edition made of them."""
    root = tmp_path_factory.mktemp("checkout")
    write(root, {FIRST: "prices", SECOND: "themes"})
    assert states(report(root)) == ["done", "done"]
    return root


def report(root: Path, *given: str) -> subprocess.CompletedProcess:
    """Run it."""
    done = subprocess.run(**command(root, *given), capture_output=True)
    assert done.returncode == 0, done.stderr
    return done


def states(done: subprocess.CompletedProcess) -> list[str]:
    """What was told of each notebook: done, unchanged."""
    return re.findall(r"^\d of \d  \S+  (\w+)", done.stderr, re.MULTILINE)


def test_nothing_changed_is_answered_at_once_without_the_heavy_libraries(checkout):
    done = report(checkout)

    assert done.stdout.splitlines() == [f"reports/{NAME}/index.html", "heavy:"]
    assert done.stderr == ""


def test_a_stopped_command_says_one_line_and_leaves_the_edition(checkout):  # other stops: test_breaking_runs
    index = checkout / "reports" / NAME / "index.html"
    before, begun = index.read_bytes(), checkout / "begun"
    slow = f"open({str(begun)!r}, 'w').close()\nimport time; time.sleep(100)\n"
    write_notebook(checkout / "notebooks", "03-what-is-slow", "themes", slow)
    running = subprocess.Popen(**command(checkout), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not begun.exists() and running.poll() is None:
        time.sleep(0.05)

    running.send_signal(signal.SIGTERM)
    running.send_signal(signal.SIGTERM)
    told, stderr = running.communicate(timeout=30)
    (checkout / "notebooks" / "03-what-is-slow.ipynb").unlink()

    assert (running.returncode, told) == (128 + signal.SIGTERM, "")
    assert stderr.splitlines()[-1] == "stopped; what was there before is untouched" and "Traceback" not in stderr
    assert index.read_bytes() == before


def test_help_imports_none_of_the_heavy_libraries():
    done = subprocess.run([sys.executable, "-c", COMMAND, "--help"], capture_output=True, text=True, check=True)

    assert "report" in done.stdout and done.stdout.splitlines()[-1] == "heavy:"


def test_one_row_changed_runs_only_the_notebooks_that_load_its_table(checkout):
    themes = checkout / "data" / "tidy" / "themes.csv"
    lines = themes.read_text(encoding="utf-8").splitlines(keepends=True)
    themes.write_text("".join(lines[:-1]), encoding="utf-8")

    why = report(checkout, "--why")
    again = report(checkout)

    assert why.stdout.splitlines()[:2] == [f"{FIRST}: unchanged", f"{SECOND}: runs: data/tidy/themes.csv changed"]
    assert states(again) == ["unchanged", "done"]


def test_a_damaged_file_of_an_edition_is_noticed_and_mended(checkout):
    index = checkout / "reports" / NAME / "index.html"
    before, times = index.read_bytes(), index.stat()
    index.write_bytes(bytes([before[0] ^ 1]) + before[1:])
    os.utime(index, ns=(times.st_atime_ns, times.st_mtime_ns))

    mended = report(checkout)

    assert states(mended) == ["unchanged", "unchanged"]
    assert index.read_bytes() == before
