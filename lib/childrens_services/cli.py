"""The command line. Each command imports what it needs when it is called, so that `--help` answers at once."""

import functools
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import click

from childrens_services import __version__, paths
from childrens_services.guards import in_checkout, in_words, reading_tables, stoppable


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Compare children's services of English local authorities, with every number cited."""


def _command(name: str | None = None, reads: bool = False) -> Callable[[Callable], click.Command]:
    """Make a command that needs a checkout, refuses in words and can be stopped; tables that it `reads` hold still."""

    def decorate(function: Callable) -> click.Command:
        for guard in (*[reading_tables] * reads, stoppable, in_words, in_checkout):
            function = guard()(function)
        return main.command(name)(function)

    return decorate


def _sweep() -> None:
    """Remove what runs that were killed left: editions half made, results half kept, folders of kernels."""
    from warm_kernels import forks, results

    from childrens_services.edition import leftovers, unchanged

    leftovers.sweep(paths.REPORTS)
    results.sweep(unchanged.settings())
    forks.sweep()


@_command(reads=True)
@click.option(
    "parameters",
    "-p",
    "--parameter",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="A notebook parameter, for example -p authorities 'Leeds, Bradford' or -p as_at 2024-04-04.",
)
@click.option("--force", is_flag=True, help="Run every notebook, changed or not.")
@click.option("--why", is_flag=True, help="Say which notebooks would run and why, a line each, and stop.")
@click.option("--workers", type=click.IntRange(1, 64), help="Notebooks at a time; one a core where not given.")
@click.option("--scheduler", metavar="ADDRESS", help="Run on a dask cluster, for example tcp://10.0.0.5:8786.")
@click.option(
    "--each-authority",
    is_flag=True,
    help="An edition for each authority of England, or for those of -p authorities 'Leeds, Bradford'; run again, it "
    "goes on where it was stopped.",
)
def report(
    parameters: tuple[tuple[str, str], ...],
    force: bool,
    why: bool,
    workers: int | None,
    scheduler: str | None,
    each_authority: bool,
) -> None:
    """Write an edition to reports/; its last line is the path of index.html.

    A notebook runs again only when its cells, its parameters, a file that it read, the library or the environment has
    changed. When nothing has, and no file of the edition either, the command answers at once.
    """
    from warm_kernels import forks

    from childrens_services.edition import unchanged

    asked = dict(parameters)
    if len(asked) < len(parameters):
        raise ValueError("a parameter is given twice; give each once")
    _sweep()
    if each_authority:
        if why or scheduler:
            raise click.UsageError("--each-authority goes with --force and --workers only")
        return _report_each(asked, workers or 0, force)
    if not force and not why and (folder := unchanged.whole_edition(asked)):
        return _tell_path(folder / "index.html")
    if not why and not scheduler:
        forks.start(unchanged.settings())  # it imports while this process still gets ready
    from warm_kernels import runner  # before whatever reads notebooks: it spares them a slow import

    from childrens_services.edition import make, run
    from childrens_services.edition.parameters import read_parameters

    chosen = read_parameters(asked)
    if why:
        return click.echo("\n".join(run.explain(chosen.values())))
    with runner.cluster(scheduler) if scheduler else nullcontext() as executor:
        _tell_path(make.make_edition(chosen, executor, workers=workers or 0, force=force, asked=asked))


def _report_each(asked: dict[str, str], workers: int, force: bool) -> None:
    from childrens_services.edition import each_authority

    names = each_authority.names_asked_for(asked)
    outcomes = each_authority.make_each(names, asked, lambda line: click.echo(line, err=True), workers, force)
    click.echo(each_authority.summary(outcomes))
    sys.exit(any(outcome.failure for outcome in outcomes))


def _tell_path(index: Path) -> None:
    click.echo(index.relative_to(Path.cwd()) if index.is_relative_to(Path.cwd()) else index)


@_command(reads=True)
def notebooks() -> None:
    """Run the notebooks with their default parameters and store their outputs."""
    from childrens_services.edition import run

    run.store_outputs()
    click.echo("the notebooks hold their outputs")


@main.command()
@click.argument("action", type=click.Choice(["install", "remove"]))
def kernel(action: str) -> None:
    """Install the warm kernel for `make lab` and nbval (`--nbval-kernel-name childrens-services`), or remove it."""
    from warm_kernels import kernels

    from childrens_services.edition import unchanged

    for offered in unchanged.kernels_offered():
        if action == "install":
            click.echo(f"{kernels.install(*offered)} is there")
        else:
            shutil.rmtree(folder := kernels.folder_of(*offered), ignore_errors=True)
            click.echo(f"{folder} is gone")


@_command()
@click.option("--fewer", is_flag=True, help="Accept files and tables with fewer rows than last time.")
def data(fewer: bool) -> None:
    """Rebuild the tidy tables from the published files (RAW_DIR) and data/curated; every test of a claim is run."""
    _rebuild(fewer=fewer)
    click.echo("data/tidy is up to date")


def _rebuild(test: str | None = None, fewer: bool = False) -> None:
    """Build the tables again; with `test`, raise ValueError where that command does not succeed on them."""
    from childrens_services.analysis import claims
    from childrens_services.normalise import build

    if not fewer:
        build.refuse_lost_rows()
    tables = build.build_all(lambda step: click.echo(step, err=True))
    if not fewer:
        build.refuse_lost_rows(tables)
    claims.check_tests(tables)
    build.write_all(tables)
    if test and subprocess.run(test, shell=True, stdout=2).returncode:
        raise ValueError(f"`{test}` does not succeed on the new tables; read what it said")


@_command()
@click.option("--check", is_flag=True, help="Only say what is new; take nothing.")
@click.option("--json", "as_json", is_flag=True, help="A list for machines in place of the table for people.")
@click.option("--test", metavar="COMMAND", help="What must succeed on the new tables, or else all is as it was.")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
def refresh(check: bool, as_json: bool, test: str | None, names: tuple[str, ...]) -> None:
    """Ask publishers what they have now, and take what is newer or revised: file, register and tables, or nothing.

    SOURCE is a family of data/curated/publishers.csv; all of them where none is given. The exit status is 0 where
    nothing is new, 10 where something new was taken (with --check: could be), 20 where a source needs a person.
    """
    import filelock

    from childrens_services.publishers import findings, web
    from childrens_services.publishers.take import take

    rows = findings.listed(names)
    try:
        with filelock.FileLock(f"{paths.FETCHED}.lock", timeout=0):
            with web.open_web(findings.hosts(rows), paths.FETCHED) as opened:
                found = findings.look(opened, rows)
            found = found if check else take(found, functools.partial(_rebuild, test), date.today())
    except OSError as error:  # also of a lock that another holds
        raise ValueError(error) from error
    click.echo(json.dumps(findings.as_records(found), indent=2) if as_json else findings.as_text(found))
    sys.exit(findings.exit_status(found))


@_command("changes")
@click.option("--since", default="", metavar="EDITION|DAY|COMMIT", help="What to compare with; else the last commit.")
@click.option("--edition", default="nottingham-and-nottinghamshire", show_default=True, help="The folder in reports/.")
@click.option("--sentence", is_flag=True, help="Say it in one sentence, as for the message of a commit.")
@click.option("--write", is_flag=True, help="Also write what differs from HEAD, or --since, into data/changes.csv.")
def what_changed(since: str, edition: str, sentence: bool, write: bool) -> None:
    """Say which rows, numbers, sentences and charts changed, old beside new, and why, as Markdown."""
    from childrens_services.changes import compare, sides, told

    with sides.sides(since or "HEAD" * write, edition) as (old, new):
        changes = compare.compare(old, new)
    if write and len(changes):
        told.write_log(changes, date.today().isoformat(), old.name, edition)
    title = old.name + f" (commit {old.commit})" * bool(old.commit)
    words = told.one_sentence(changes, old.name) + "\n" if sentence else told.markdown(changes, title)
    click.echo(words, nl=False)


@main.command("read-report", context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--compare", is_flag=True)
@in_words()
def read_report(arguments: tuple[str, ...], compare: bool) -> None:
    """Read Ofsted's reports, as read-ofsted-reports does, by our names of authorities.

    With --compare one report or letter is set against the last report of its authority, and rows are drafted.
    """
    from ofsted_reports.__main__ import main as read

    from childrens_services.normalise.reports import names_known

    if compare:
        return _compare_letter(arguments)
    sys.exit(read(arguments, names_known(), "childrens-services read-report", _COMPARE_HELP))


_COMPARE_HELP = """FILE --compare sets one report or letter against the last report of the same authority, and prints
draft rows for a person to check."""


def _compare_letter(arguments: tuple[str, ...]) -> None:
    from ofsted_reports import output

    from childrens_services import tables
    from childrens_services.normalise import letters

    if len(arguments) != 1:
        raise click.UsageError("--compare takes one file and no other option")
    pair = letters.read_pair(arguments[0])
    compared = letters.grades(pair.letter, tables.load("events"), tables.load("judgements"))
    click.echo(output.as_words([pair.letter]) + "\n" + letters.as_words(pair, compared))
    click.echo("Drafts, to be checked by a person before a row is entered:")
    for name, frame in letters.drafts(pair).items():
        click.echo(f"\ndata/curated/{name}.csv\n{frame.to_csv(index=False, lineterminator=chr(10))}", nl=False)
    sys.exit(pair.letter.status != "certain")
