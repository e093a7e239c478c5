"""Assemble an edition, whole or not at all.

Goes in: checked parameters, the notebooks, the tidy tables. Comes out: `reports/<edition>/`. Everything is made in a
folder beside it and moved in at the end; when anything fails the last edition stays as it is.
"""

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import nbformat
from warm_kernels import Run, fingerprints

from childrens_services import __version__, moving, paths
from childrens_services.edition import (
    booklet,
    bundles,
    edition_pages,
    gallery,
    leftovers,
    package,
    pages,
    unchanged,
    workbook,
)
from childrens_services.edition.faces import FACES, latin_face
from childrens_services.edition.parameters import Parameters
from childrens_services.edition.run import ReportError, running, say, write_run

LIBRARIES = ("pandas", "matplotlib", "seaborn", "papermill", "numpy")


def edition_name(parameters: Parameters) -> str:
    """Return the name of an edition's folder: the authorities joined, and the parameters that are not the defaults."""
    if parameters.edition:
        return parameters.edition
    parts = ["-and-".join(_slug(name) for name in parameters.authorities)]
    default = Parameters()
    for name in ("comparators", "as_at", "first_year", "price_year"):
        value = getattr(parameters, name)
        if value != getattr(default, name):
            parts.append(_slug(f"{name} {value}"))
    return "--".join(parts)


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def make_edition(
    parameters: Parameters,
    executor: Executor | None = None,
    *,
    workers: int = 0,
    force: bool = False,
    asked: Mapping[str, str] | None = None,
    tell: Callable[[str], None] = say,
) -> Path:
    """Make an edition and return the path of its index.html; what else is given is as in `run.running`.

    With the words that it was `asked` with, the edition is remembered, so that `unchanged.whole_edition` finds it.
    Raises ReportError when a notebook fails, and leaves the last edition untouched.
    """
    name = edition_name(parameters)
    made_from = unchanged.made_from()  # before the run: what changes during it is noticed the next time
    paths.REPORTS.mkdir(exist_ok=True)
    with leftovers.place(paths.REPORTS / name) as staging:
        (staging / "notebooks").mkdir(parents=True)
        runs, read = [], []
        with running(parameters.values(), executor, workers, force, tell) as handed_out:
            begin_edition(staging, parameters)
            for run in handed_out:  # read while others still run
                write_run(run, staging)
                runs.append(run)
                if run.notebook and not run.failure:
                    read.append(pages.read_page(run.name, nbformat.reads(run.notebook, as_version=4)))
        if failures := [run for run in runs if run.failure]:
            raise ReportError(_keep_failed(staging / "notebooks", _failed(paths.REPORTS / name), failures))
        write_edition(staging, parameters, read)
        final = _swap_in(staging, paths.REPORTS / name)
        shutil.rmtree(_failed(final), ignore_errors=True)  # of an earlier run
        if asked is not None:
            unchanged.remember(final, asked, made_from)
        return final / "index.html"


def _failed(final: Path) -> Path:
    return final.with_name(f".{final.name}.failed")


def _keep_failed(copies: Path, kept: Path, failures: Sequence[Run]) -> str:
    """Keep the executed copies out of the way of the next run, and say which cell failed and where the copy lies."""
    shutil.rmtree(kept, ignore_errors=True)
    copies.rename(kept)
    found = [kept / f"{run.name}.ipynb" for run in failures]
    where = [f"executed copy: {copy}" if copy.is_file() else "no executed copy" for copy in found]
    lines = [f"{run.name}: {run.failure}; {place}" for run, place in zip(failures, where, strict=True)]
    return "\n".join([*lines, "the last edition is untouched"])


def begin_edition(folder: Path, parameters: Parameters) -> None:
    """Write what no notebook changes into the folder of an edition: script, the two faces of the house font, tables."""
    _text(folder / "edition.js", _template("edition.js"))
    (folder / "fonts").mkdir(exist_ok=True)
    for face in FACES:
        (folder / "fonts" / face.name).write_bytes(latin_face(face))
    package.write_tables(folder, parameters)


def write_edition(folder: Path, parameters: Parameters, read: Sequence[pages.Page]) -> None:
    """Write what comes of the notebooks, read as pages, into a begun edition that holds their charts."""
    numbers = pages.numbers_table(read)
    numbers.to_csv(folder / "numbers.csv", index=False, lineterminator="\n")
    heading = edition_pages.heading_of(parameters)
    with ThreadPoolExecutor() as threads:  # typst works outside Python
        briefing = threads.submit(booklet.write_booklet, folder, read, parameters, heading)
        bundles.finish(folder, parameters.values() | {"edition": edition_name(parameters)})
        workbook.write_workbook(folder, read, numbers, parameters, heading)
        briefing.result()
    _text(folder / "edition.css", _template("edition.css") + gallery.shapes(read))
    # The pages come last of what a reader opens: they link to the files that are there.
    named = replace(parameters, edition=edition_name(parameters))
    for name, text in edition_pages.page_texts(folder, read, numbers, named).items():
        _text(folder / name, text)
    _text(folder / "manifest.json", json.dumps(manifest(folder, parameters), indent=2, ensure_ascii=False) + "\n")


def _template(name: str) -> str:
    return (files("childrens_services.edition") / "templates" / name).read_text(encoding="utf-8")


def manifest(folder: Path, parameters: Parameters) -> dict:
    """Return parameters, versions, inputs and outputs with SHA-256; no time of day, so that bytes repeat."""
    tidy = [*paths.TIDY.glob("*.csv"), *paths.TIDY.glob("*.parquet"), *paths.CHANGES.parent.glob(paths.CHANGES.name)]
    inputs = [*tidy, *paths.NOTEBOOKS.glob("[0-9]*.ipynb")]
    outputs = [path for path in folder.rglob("*") if "notebooks" not in path.relative_to(folder).parts]
    return {
        "parameters": parameters.values() | {"edition": edition_name(parameters)},
        "versions": {"childrens-services": __version__, "python": "{}.{}".format(*sys.version_info)}
        | {library: version(library) for library in LIBRARIES},
        "inputs": fingerprints.of_files(inputs, paths.ROOT),
        "outputs": fingerprints.of_files(outputs, folder),
    }


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _swap_in(staging: Path, final: Path) -> Path:
    """Put the finished edition in the place of the last one, in one step where the system can, else with two renames.

    The last one is then where this one was made, from where it is swept.
    """
    with moving.unstopped():
        if not moving.exchange(staging, final):
            if final.exists():
                final.rename(leftovers.aside(final))
            staging.rename(final)
    return final
