"""Files are put in their place whole, whenever they are killed, and locks keep writers from readers."""

import os
import signal
from pathlib import Path

import pytest
from childrens_services import moving

fcntl = pytest.importorskip("fcntl", reason="this system has no locks on folders")
NAMES = ("DICTIONARY.md", "tidy/events.csv", "tidy/prices.csv")
OLD, NEW = (dict.fromkeys(NAMES, text) for text in ("old", "new"))


class Killed(BaseException):
    """Stands for a kill: nothing after it is done, and nothing catches it."""


def write(folder: Path, text: str) -> Path:
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path, "old")


@pytest.fixture
def put_in(folder, monkeypatch):
    """Give a function that puts in the new files, and meets an error at one of the moves, the first being 0."""

    def put(at: int | None = None, error: BaseException | None = None) -> None:
        replace, done = Path.replace, []

        def move(path: Path, target: Path) -> None:
            done.append(path)
            if len(done) - 1 == at:
                raise error
            replace(path, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", move)
            moving.put_in(write(moving.new_room(folder, "tidy"), "new"), folder)

    return put


@pytest.mark.parametrize("at", range(len(NAMES)))
def test_a_kill_between_two_moves_is_finished_at_the_next_start(at, folder, put_in):
    with pytest.raises(Killed):
        put_in(at, Killed())
    moving.finish(folder, "tidy")

    assert contents(folder) == NEW


@pytest.mark.parametrize("at", range(len(NAMES)))
def test_where_a_file_cannot_be_put_in_its_place_those_before_it_are_put_back(at, folder, put_in):
    (folder / NAMES[0]).unlink()  # which is new this time, and must not stay

    with pytest.raises(PermissionError):
        put_in(at, PermissionError(13, "Permission denied"))

    assert contents(folder) == dict.fromkeys(NAMES[1:], "old")
    put_in()
    assert contents(folder) == NEW


def test_what_was_made_is_put_in_and_a_kill_before_all_is_made_changes_nothing(folder, put_in):
    write(moving.new_room(folder, "tidy"), "half")

    moving.finish(folder, "tidy")

    assert contents(folder) == OLD

    put_in()

    assert contents(folder) == NEW


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
