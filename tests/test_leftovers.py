"""An edition is swapped in whole, what a killed command left is put back or swept, and a disk's refusal is a line."""

import errno
import os
from pathlib import Path

import filelock
import pytest
from childrens_services import cli, moving, paths
from childrens_services.edition import leftovers, make, run, unchanged
from click.testing import CliRunner
from warm_kernels import forks


def folder(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "index.html").write_text(text, encoding="utf-8")
    return path


def texts(reports: Path) -> dict[str, str]:
    return {path.relative_to(reports).as_posix(): path.read_text("utf-8") for path in reports.rglob("index.html")}


def swap_in(final: Path, text: str) -> None:
    with leftovers.place(final) as part:
        make._swap_in(folder(part, text), final)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_finished_edition_takes_the_place_of_the_last_one(tmp_path, can_exchange, monkeypatch):
    if not can_exchange:
        monkeypatch.setattr(moving, "exchange", lambda one, other: False)
    for text in ("first", "second"):
        swap_in(tmp_path / "leeds", text)

        assert texts(tmp_path) == {"leeds/index.html": text}
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["leeds"]


def test_where_the_second_rename_fails_the_last_edition_is_put_back(tmp_path, monkeypatch):
    folder(tmp_path / "leeds", "last")
    monkeypatch.setattr(moving, "exchange", lambda one, other: False)
    rename = Path.rename

    def full(path, target):
        if path.name.endswith(".part"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space left"):
        swap_in(tmp_path / "leeds", "new")

    assert texts(tmp_path) == {"leeds/index.html": "last"}


def test_what_a_killed_command_left_is_put_back_or_swept_but_not_what_is_being_made(tmp_path):
    for name in (".leeds.old", ".leeds.part", "kent", ".kent.old", ".dorset.part", ".cache"):
        folder(tmp_path / name, name)

    with filelock.FileLock(tmp_path / ".dorset.lock"):
        leftovers.sweep(tmp_path)

    left = {"leeds": ".leeds.old", "kent": "kent", ".dorset.part": ".dorset.part", ".cache": ".cache"}
    assert texts(tmp_path) == {f"{name}/index.html": text for name, text in left.items()}


@pytest.mark.parametrize(
    ("number", "name", "line"),
    [
        (errno.ENOSPC, "x/a.csv", "x/a.csv: No space left on device: make room on the disk and run it again"),
        (errno.EROFS, "reports", "reports: Read-only file system: it is on a disk that cannot be written to"),
        (errno.EIO, None, "Input/output error"),
    ],
)
def test_what_the_disk_refuses_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, number, name, line):
    def refused(staging, parameters):
        raise OSError(number, os.strerror(number), name)

    monkeypatch.setattr(paths, "REPORTS", tmp_path)
    monkeypatch.setattr(make, "begin_edition", refused)
    monkeypatch.setattr(run, "run_notebook", lambda job: run.Run(job.name, 0.0))
    monkeypatch.setattr(unchanged, "whole_edition", lambda asked: None)
    monkeypatch.setattr(forks, "start", lambda settings: None)

    done = CliRunner().invoke(cli.main, ["report"])

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"error: {line}; what was there before is untouched\n"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []
    with filelock.FileLock(tmp_path / ".nottingham-and-nottinghamshire.lock", timeout=0):
        pass


def test_a_checkout_without_notebooks_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path)

    done = CliRunner().invoke(cli.main, ["notebooks"])

    words = "notebooks: none found, expected names such as 01-what-happened.ipynb; restore them from git"
    assert (done.exit_code, done.stderr) == (1, f"error: {words}\n")
