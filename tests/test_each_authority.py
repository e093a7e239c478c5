"""An edition for each authority: who is asked for, what is told, and that one failure does not stop the rest."""

from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor

import pytest
from childrens_services import cli
from childrens_services.edition import each_authority, make, unchanged
from childrens_services.edition.each_authority import InLine, Outcome, make_each, names_asked_for
from click.testing import CliRunner


@pytest.fixture
def stand_in(monkeypatch):
    """Editions made in threads by a stand-in that fails for Leeds and notes what it was asked; nothing is written."""
    asked = []

    def made(parameters, executor, **options):
        asked.append(options["asked"])
        if parameters.authorities == ["Leeds"]:
            raise make.ReportError("02-how: cell 3 failed\nthe last edition is untouched")

    monkeypatch.setattr(make, "make_edition", made)
    monkeypatch.setattr(each_authority, "_pool", ThreadPoolExecutor)
    monkeypatch.setattr(unchanged, "whole_edition", lambda asked: asked["authorities"] == "Dorset")
    return asked


def test_every_authority_of_the_day_is_asked_for_or_some_parted_by_commas_or_semicolons():
    now, before = names_asked_for({}), each_authority._all_names("2019-06-30")
    some = names_asked_for({"authorities": "leeds; Bournemouth, Christchurch and Poole"})
    commas = names_asked_for({"authorities": "Leeds, bradford"})

    assert len(now) == 153 and now == sorted(now)
    assert {"Cumberland", "City of London"} <= set(now) and "Cumbria" not in now
    assert "Cumbria" in before and "Cumberland" not in before
    assert some == ["Leeds", "Bournemouth, Christchurch and Poole"] and commas == ["Leeds", "Bradford"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"authorities": "Leeds; Atlantis"}, "Atlantis"),
        ({"authorities": "Leeds, leeds"}, "authorities: Leeds is named twice; name each once"),
        ({"authorities": " ; "}, "authorities: none is named; name one, or leave it out"),
        ({"as_at": "yesterday"}, "as_at: 'yesterday' is not a day"),
        ({"edition": "mine"}, "edition: each authority has a folder of its own"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_starts(asked, words):
    with pytest.raises(ValueError, match=words):
        names_asked_for(asked)


def test_a_failure_is_told_and_the_rest_is_made(stand_in):
    lines = []

    outcomes = make_each(["Leeds", "Dorset", "Kent"], {"as_at": "2024-04-04"}, lines.append, workers=2)

    assert [each.authority for each in outcomes] == ["Leeds", "Dorset", "Kent"]
    assert [(bool(each.failure), each.kept) for each in outcomes] == [(True, False), (False, True), (False, False)]
    assert {"as_at": "2024-04-04", "authorities": "Kent"} in stand_in
    assert len(lines) == 3 and any("Leeds  failed: 02-how: cell 3 failed; the last edition" in line for line in lines)


def test_the_command_sums_up_and_its_status_tells(stand_in):
    told = {
        "Kent; Dorset": (0, "1 made, 1 unchanged, 0 failed\n"),
        "Kent; Leeds": (
            1,
            "1 made, 0 unchanged, 1 failed\nLeeds: 02-how: cell 3 failed; the last edition is untouched\n",
        ),
    }
    for names, words in told.items():
        done = CliRunner().invoke(cli.main, ["report", "--each-authority", "-p", "authorities", names])
        assert (done.exit_code, done.stdout) == words


def test_what_a_killed_worker_took_with_it_is_made_again(stand_in, monkeypatch):
    pools = []

    class Killed(InLine):
        """A pool that is broken for the first who asks of it."""

        def submit(self, task, /, *arguments, **named):
            if pools.index(self):
                return super().submit(task, *arguments, **named)
            future = Future()
            future.set_exception(BrokenExecutor())
            return future

    monkeypatch.setattr(each_authority, "_pool", lambda workers: pools.append(Killed()) or pools[-1])

    outcomes = make_each(["Kent", "Hampshire"], {}, lambda line: None)

    assert [each.failure for each in outcomes] == ["", ""] and len(pools) == 3


def test_the_time_left_is_of_those_that_were_made():
    made = [Outcome("Kent", 40.0), kept := Outcome("Dorset", 0.0, kept=True), Outcome("Leeds", 20.0, "failed")]

    left = [each_authority.time_left(*each, workers=2) for each in ((made, 10), (made, 2), ([kept], 10))]

    assert left == [", about 2 min left", ", about 30 s left", ""]
