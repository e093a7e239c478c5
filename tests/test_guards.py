"""What every command is guarded by: what is foreseen ends it in a line, a fault of ours keeps its traceback."""

import click
import pytest
from childrens_services.edition.run import ReportError
from childrens_services.guards import in_words
from click.testing import CliRunner
from warm_kernels import results, runner


def ended_by(error):
    @click.command()
    @in_words()
    def command():
        raise error

    return CliRunner().invoke(command)


@pytest.mark.parametrize("kind", [ValueError, ReportError, runner.RunError, results.StoreError, OSError])
def test_what_is_foreseen_ends_a_command_in_one_line(kind):
    ended = ended_by(kind("budgets.csv, row 3: no amount"))

    assert ended.exit_code == 1 and ended.output.startswith("error: budgets.csv, row 3: no amount")
    assert len(ended.output.splitlines()) == 1


@pytest.mark.parametrize("kind", [RuntimeError, RecursionError, KeyError, AttributeError])
def test_a_fault_of_ours_keeps_its_traceback(kind):
    assert isinstance(ended_by(kind("changed size during iteration")).exception, kind)
