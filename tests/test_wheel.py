"""The wheel: it carries the tidy tables, and says plainly what needs a checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from childrens_services import cli, paths, tables
from click.testing import CliRunner

BUILD = "import setuptools.build_meta as backend; backend.build_wheel('.')"


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with what the wheel holds, built from a copy so that nothing is left behind in the checkout."""
    room = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(paths.ROOT / name, room)
    for name in ("lib", "data/tidy"):
        shutil.copytree(paths.ROOT / name, room / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    subprocess.run([sys.executable, "-c", BUILD], cwd=room, check=True, capture_output=True)
    (wheel,) = room.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(room / "site")
    return room / "site"


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run Python in another folder, where only what the wheel holds can be imported as ours."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=installed.parent, env=environment, capture_output=True, text=True
    )


def test_the_tables_are_loaded_from_the_wheel(installed):
    code = (
        "import childrens_services; from childrens_services import sources, tables;"
        "print(childrens_services.__file__); print(len(tables.load('judgements', '2022-08-01')));"
        "print(sources.source_line(['dfe_b1']))"
    )

    done = run(installed, "-c", code)

    place, rows, line = done.stdout.splitlines() or pytest.fail(done.stderr)
    assert Path(place).is_relative_to(installed)
    assert int(rows) == len(tables.load("judgements", "2022-08-01")) > 0
    assert line.startswith("Department for Education, ")


def test_the_module_runs_as_the_command_and_knows_that_it_is_no_checkout(installed):
    told, refused = (run(installed, "-m", "childrens_services", word) for word in ("--version", "data"))

    assert told.returncode == 0 and told.stdout.startswith("childrens-services, version ")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("error: data needs a checkout of the project")


@pytest.mark.parametrize("command", ["report", "data", "notebooks", "refresh", "changes"])
def test_a_command_that_needs_a_checkout_says_so_in_one_line(command, monkeypatch):
    monkeypatch.setattr(paths, "IS_CHECKOUT", False)

    done = CliRunner().invoke(cli.main, [command])

    words = f"error: {command} needs a checkout of the project: clone it, then `pip install -e .` in it\n"
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", words)
