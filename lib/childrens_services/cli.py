"""A thin door to the library: `childrens-services report`, `data`, `read-report`.

Each command imports what it needs when it is called, so that `--help` answers at once. Nothing is decided here.
"""

import sys
from pathlib import Path

import click

from childrens_services import __version__


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Compare children's services of English local authorities, with every number cited."""


def _fail(error: Exception) -> None:
    """End with the error's own words and status 1."""
    click.echo(f"error: {error}", err=True)
    sys.exit(1)


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
def report(parameters: tuple[tuple[str, str], ...]) -> None:
    """Write an edition to reports/; its last line is the path of index.html."""
    from childrens_services import report as reports
    from childrens_services.parameters import read_parameters

    try:
        index = reports.make_edition(read_parameters(dict(parameters)))
    except (ValueError, reports.ReportError) as error:
        return _fail(error)
    click.echo(index.relative_to(Path.cwd()) if index.is_relative_to(Path.cwd()) else index)


@main.command()
def notebooks() -> None:
    """Run the notebooks with their default parameters and store their outputs."""
    from childrens_services import runner

    try:
        runner.store_outputs()
    except runner.ReportError as error:
        return _fail(error)
    click.echo("the notebooks hold their outputs")


@main.command()
def data() -> None:
    """Rebuild the tidy tables from the published files (RAW_DIR) and data/curated."""
    from childrens_services import build

    try:
        build.write_all(build.build_all(lambda step: click.echo(step, err=True)))
    except ValueError as error:
        return _fail(error)
    click.echo("data/tidy is up to date")


@main.command("read-report")
@click.argument("files", nargs=-1, required=True)
@click.option("as_csv", "--csv", is_flag=True, help="Print a table: one row a judgement, or a file that has none.")
@click.option("as_json", "--json", is_flag=True, help="Print an array: one object a file.")
def read_report(files: tuple[str, ...], as_csv: bool, as_json: bool) -> None:
    """Read Ofsted's reports and letters: PDF files, or folders of them.

    A field is given only where two readers agree on it; for the others the two readings are shown. The exit status is 0
    where all files are certain, 1 where some need review, 2 where some cannot be read.
    """
    from childrens_services import sources, tables
    from childrens_services.ofsted_reports import certificates, frames
    from childrens_services.ofsted_reports.files import list_files, read_files

    if as_csv and as_json:
        raise click.UsageError("give --csv or --json, not both")
    try:
        spellings = sources.read_curated("authority_spellings")
        names = certificates.authority_names(tables.load("authorities"), spellings)
    except ValueError as error:
        return _fail(error)
    readings = read_files(list_files(files))
    reports = [certificates.certify(each, names) for each in readings]
    show = frames.as_csv_text if as_csv else frames.as_json_text if as_json else frames.as_words
    click.echo(show(reports), nl=False)
    sys.exit(frames.exit_status(reports))
