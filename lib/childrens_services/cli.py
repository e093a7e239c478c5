"""A thin door to the library: `childrens-services report`, `data`, `read-report`.

Each command imports what it needs when it is called, so that `--help` answers at once. Nothing is decided here.
"""

import functools
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from childrens_services import __version__, paths


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Compare children's services of English local authorities, with every number cited."""


def _fail(error: Exception) -> None:
    """End with the error's own words and status 1."""
    click.echo(f"error: {error}", err=True)
    sys.exit(1)


def _in_checkout(command: Callable) -> Callable:
    """Let a command run in a checkout only, because it reads notebooks or curated files; elsewhere the status is 2."""

    @functools.wraps(command)
    def run(*args: object, **options: object) -> None:
        if not paths.IS_CHECKOUT:
            name = click.get_current_context().info_name
            click.echo(
                f"error: {name} needs a checkout of the project: clone it, then `pip install -e .` in it", err=True
            )
            sys.exit(2)
        command(*args, **options)

    return run


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let an interrupt, or a scheduler's request to end, end the command in one line with status 130 or 143."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is _stop:  # while the command is stopped, no other signal counts
                signal.signal(number, handler)


def _stop(number: int, _: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # once is enough
    click.echo("stopped; the last edition is untouched", err=True)
    sys.exit(128 + number)


@main.command()
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
    help="An edition for each authority of England, or for those of -p authorities 'Leeds; Bradford'; run again, it "
    "goes on where it was stopped.",
)
@_in_checkout
@_stoppable()
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
        return _fail(ValueError("a parameter is given twice; give each once"))
    if each_authority:
        if why or scheduler:
            raise click.UsageError("--each-authority goes with --force and --workers only")
        return _report_each(asked, workers or 0, force)
    if not force and not why and (folder := unchanged.whole_edition(asked)):
        return _tell_path(folder / "index.html")
    if not why and not scheduler:
        forks.start(unchanged.settings())  # it imports while this process still gets ready
    from warm_kernels import runner  # before whatever reads notebooks: it spares them a slow import

    from childrens_services.edition import make as reports
    from childrens_services.edition import run
    from childrens_services.edition.parameters import read_parameters

    try:
        chosen = read_parameters(asked)
        if why:
            return click.echo("\n".join(run.explain(chosen.values())))
        with runner.cluster(scheduler) if scheduler else nullcontext() as executor:
            index = reports.make_edition(chosen, executor, workers=workers or 0, force=force, asked=asked)
    except (ValueError, run.ReportError, runner.RunError) as error:
        return _fail(error)
    _tell_path(index)


def _report_each(asked: dict[str, str], workers: int, force: bool) -> None:
    """Make the editions of many authorities; the last lines sum up, the status is 1 where one failed."""
    from childrens_services.edition import each_authority

    try:
        names = each_authority.names_asked_for(asked)
    except ValueError as error:
        return _fail(error)
    outcomes = each_authority.make_each(names, asked, lambda line: click.echo(line, err=True), workers, force)
    click.echo(each_authority.summary(outcomes))
    sys.exit(any(outcome.failure for outcome in outcomes))


def _tell_path(index: Path) -> None:
    click.echo(index.relative_to(Path.cwd()) if index.is_relative_to(Path.cwd()) else index)


@main.command()
@_in_checkout
def notebooks() -> None:
    """Run the notebooks with their default parameters and store their outputs."""
    from childrens_services.edition import run

    try:
        run.store_outputs()
    except run.ReportError as error:
        return _fail(error)
    click.echo("the notebooks hold their outputs")


@main.group()
def kernel() -> None:
    """Offer the warm kernel: to nbval by the name childrens-services, to `make lab` for every Python notebook."""


@kernel.command("install")
def install_kernel() -> None:
    """Write the kernel's descriptions into this environment."""
    from warm_kernels import kernels

    from childrens_services.edition import unchanged

    folders = [kernels.install(*each) for each in unchanged.kernels_offered()]
    click.echo(f"{folders[0]} is there: choose it in JupyterLab, or --nbval-kernel-name {unchanged.NAME}")


@kernel.command("remove")
def remove_kernel() -> None:
    """Take the kernel's descriptions out of this environment."""
    from warm_kernels import kernels

    from childrens_services.edition import unchanged

    folders = [kernels.folder_of(*each) for each in unchanged.kernels_offered()]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    click.echo(f"{folders[0]} is gone")


@main.command()
@_in_checkout
def data() -> None:
    """Rebuild the tidy tables from the published files (RAW_DIR) and data/curated; every test of a claim is run."""
    from childrens_services.analysis import claims
    from childrens_services.normalise import build

    try:
        tables = build.build_all(lambda step: click.echo(step, err=True))
        claims.check_tests(tables)
        build.write_all(tables)
    except ValueError as error:
        return _fail(error)
    click.echo("data/tidy is up to date")


@main.command("read-report", context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def read_report(arguments: tuple[str, ...]) -> None:
    """Read Ofsted's reports, as read-ofsted-reports does, by our names of authorities."""
    from ofsted_reports.__main__ import main as read

    from childrens_services import tables
    from childrens_services.normalise.reports import crosswalk

    try:
        spellings = tables.load("spellings").query("kind == 'publisher_spelling'")
        authorities = crosswalk(tables.load("authorities"), spellings)
    except ValueError as error:
        return _fail(error)
    sys.exit(read(arguments, authorities, "childrens-services read-report"))
