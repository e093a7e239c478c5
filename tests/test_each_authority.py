"""An edition for each authority: who is asked for, what is told, and that one failure does not stop the rest."""

from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor

import pytest
from childrens_services import cli
from childrens_services.edition import each_authority, make, unchanged
from childrens_services.edition.each_authority import InLine, Outcome, make_each, names_asked_for, summary
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


def test_every_authority_that_is_there_is_asked_for():
    names = names_asked_for({})

    assert len(names) == 153 and names == sorted(names)
    assert {"Cumberland", "City of London"} <= set(names) and "Cumbria" not in names


def test_an_earlier_day_has_the_authorities_of_that_day():
    names = names_asked_for({"as_at": "2019-06-30"})

    assert "Cumbria" in names and "Cumberland" not in names


def test_some_authorities_are_parted_by_semicolons():
    asked = {"authorities": "leeds; Bournemouth, Christchurch and Poole"}

    assert names_asked_for(asked) == ["Leeds", "Bournemouth, Christchurch and Poole"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"authorities": "Leeds; Atlantis"}, "Atlantis"),
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

    assert [(each.authority, bool(each.failure), each.kept) for each in outcomes] == [
        ("Leeds", True, False),
        ("Dorset", False, True),
        ("Kent", False, False),
    ]
    assert {"as_at": "2024-04-04", "authorities": "Kent"} in stand_in
    assert len(lines) == 3 and any("Leeds  failed: 02-how: cell 3 failed; the last edition" in line for line in lines)


def test_the_command_sums_up_and_its_status_tells(stand_in):
    good = CliRunner().invoke(cli.main, ["report", "--each-authority", "-p", "authorities", "Kent; Dorset"])
    bad = CliRunner().invoke(cli.main, ["report", "--each-authority", "-p", "authorities", "Kent; Leeds"])

    assert (good.exit_code, good.stdout) == (0, "1 made, 1 unchanged, 0 failed\n")
    assert bad.exit_code == 1
    assert bad.stdout.splitlines() == [
        "1 made, 0 unchanged, 1 failed",
        "Leeds: 02-how: cell 3 failed; the last edition is untouched",
    ]


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
    outcomes = [Outcome("Kent", 40.0), Outcome("Dorset", 0.0, kept=True), Outcome("Leeds", 20.0, "failed")]

    assert each_authority._seconds_left(outcomes, left=10, workers=2) == 150
    assert each_authority._seconds_left([Outcome("Dorset", 0.0, kept=True)], left=10, workers=2) == 0


def test_a_summary_counts_and_names():
    assert summary([Outcome("Kent", 1.0)]) == "1 made, 0 unchanged, 0 failed"


def test_a_parameter_given_twice_is_refused():
    done = CliRunner().invoke(cli.main, ["report", "-p", "as_at", "2019-06-30", "-p", "as_at", "2024-04-04"])

    assert done.exit_code == 1 and "error: a parameter is given twice; give each once" in done.output
