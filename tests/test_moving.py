"""Files are put in their place whole, whenever they are killed, and locks keep writers from readers."""

import os
import signal
from pathlib import Path

import pytest
from childrens_services import moving

fcntl = pytest.importorskip("fcntl", reason="this system has no locks on folders")
NAMES = ("DICTIONARY.md", "tidy/events.csv", "tidy/prices.csv")


class Killed(BaseException):
    """Stands for a kill: nothing after it is done, and nothing catches it."""


def write(folder: Path, text: str) -> None:
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def contents(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "old")
    return tmp_path


def put_in(folder: Path) -> None:
    write(room := moving.new_room(folder, "tidy"), "new")
    moving.put_in(room, folder)


def test_what_was_made_is_put_in_and_nothing_is_left(folder):
    put_in(folder)

    assert contents(folder) == dict.fromkeys(NAMES, "new")


@pytest.mark.parametrize("moved", range(len(NAMES)))
def test_a_kill_between_two_moves_is_finished_at_the_next_start(folder, moved, monkeypatch):
    replace, done = Path.replace, []

    def kill(path, target):
        if len(done) == moved:
            raise Killed
        done.append(replace(path, target))

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Path, "replace", kill)
        put_in(folder)
    moving.finish(folder, "tidy")

    assert contents(folder) == dict.fromkeys(NAMES, "new")


def test_a_kill_before_all_is_made_changes_nothing(folder):
    write(moving.new_room(folder, "tidy"), "half")

    moving.finish(folder, "tidy")

    assert contents(folder) == dict.fromkeys(NAMES, "old")


def test_two_folders_are_exchanged_in_one_step_or_not_at_all(folder):
    (folder / "other").mkdir()
    if not moving.exchange(folder / "tidy", folder / "other"):
        pytest.skip("this system or its disk cannot exchange folders")

    assert sorted(contents(folder)) == ["DICTIONARY.md", "other/events.csv", "other/prices.csv"]
    assert not moving.exchange(folder / "tidy", folder / "is not there")


def test_readers_share_a_lock_and_a_writer_waits_for_them(folder):
    def taken(kind: int) -> bool:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    with moving.locked(folder, shared=True):
        readers_wait, writers_wait = taken(fcntl.LOCK_SH), taken(fcntl.LOCK_EX)

    assert (readers_wait, writers_wait, taken(fcntl.LOCK_EX)) == (False, True, False)


def test_an_interrupt_does_not_come_between_two_moves(folder):
    before = signal.getsignal(signal.SIGTERM)

    with moving.unstopped():
        signal.raise_signal(signal.SIGTERM)

    assert signal.getsignal(signal.SIGTERM) == before
