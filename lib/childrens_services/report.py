"""Assemble an edition, whole or not at all.

Goes in: checked parameters, the notebooks, the tidy tables. Comes out: `reports/<edition>/`. Everything is made in a
folder beside it and moved in at the end; when anything fails the last edition stays as it is.
"""

import json
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import filelock
import nbformat

from childrens_services import __version__, pages, paths
from childrens_services.narrative import join
from childrens_services.parameters import Parameters
from childrens_services.runner import ReportError, Run, notebook_names, run_notebooks
from childrens_services.sources import register

LIBRARIES = ("pandas", "matplotlib", "seaborn", "papermill", "numpy")


def edition_name(parameters: Parameters) -> str:
    """Name the folder of an edition: the authorities joined, and the parameters that differ from the defaults."""
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


def make_edition(parameters: Parameters, executor: Executor | None = None) -> Path:
    """Make an edition and give the path of its index.html.

    One line a notebook goes to stderr. Raises ReportError when a notebook fails, and leaves the last edition untouched.
    """
    name = edition_name(parameters)
    paths.REPORTS.mkdir(exist_ok=True)
    with filelock.FileLock(paths.REPORTS / ".lock"):
        staging = paths.REPORTS / f".{name}.part"
        shutil.rmtree(staging, ignore_errors=True)
        (staging / "notebooks").mkdir(parents=True)
        _run_all(staging, parameters, executor)
        write_edition(staging, parameters)
        return _swap_in(staging, paths.REPORTS / name) / "index.html"


def _run_all(staging: Path, parameters: Parameters, executor: Executor | None) -> None:
    values = replace(parameters, edition=str(staging)).values()
    failures = [run for run in run_notebooks(staging / "notebooks", values, executor) if run.failure]
    if failures:
        raise ReportError(_keep_failed(staging, failures))


def _keep_failed(staging: Path, failures: Sequence[Run]) -> str:
    """Move the executed copies out of the way of the next run, and say which cell failed and where the copy lies."""
    kept = staging.with_name(staging.name.removesuffix(".part") + ".failed")
    shutil.rmtree(kept, ignore_errors=True)
    staging.rename(kept)
    copies = [kept / "notebooks" / f"{run.name}.ipynb" for run in failures]
    where = [f"executed copy: {copy}" if copy.is_file() else "no executed copy" for copy in copies]
    lines = [f"{run.name}: {run.failure}; {place}" for run, place in zip(failures, where, strict=True)]
    return "\n".join([*lines, "the last edition is untouched"])


def write_edition(folder: Path, parameters: Parameters) -> None:
    """Write the pages, the list of numbers and the manifest into a folder that holds executed notebooks and charts."""
    read = [
        pages.read_page(name, nbformat.read(folder / "notebooks" / f"{name}.ipynb", as_version=4))
        for name in notebook_names()
    ]
    numbers = pages.numbers_table(read)
    heading = f"Children's services in {join(parameters.authorities).text}"
    shared = {"questions": read, "parameters": _shown(parameters), "heading": heading}
    _text(
        folder / "index.html",
        pages.render("index.html.j2", here="index", sources=pages.sources_used(numbers, read), **shared),
    )
    for page in read:
        _text(folder / f"{page.slug}.html", pages.render("question.html.j2", here=page.slug, page=page, **shared))
    rows = numbers.to_dict("records")
    _text(
        folder / "numbers.html",
        pages.render("numbers.html.j2", here="numbers", numbers=rows, register=register(), **shared),
    )
    _text(folder / "README.md", pages.render("README.md.j2", **shared))
    _text(folder / "edition.css", (files("childrens_services") / "templates" / "edition.css").read_text())
    numbers.to_csv(folder / "numbers.csv", index=False, lineterminator="\n")
    _text(folder / "manifest.json", json.dumps(manifest(folder, parameters), indent=2, ensure_ascii=False) + "\n")


def _shown(parameters: Parameters) -> dict[str, str]:
    """Give the parameters as a page prints them."""
    values = parameters.values() | {"authorities": ", ".join(parameters.authorities)}
    values.pop("edition")
    return {name: str(value) or "everything published" for name, value in values.items()}


def manifest(folder: Path, parameters: Parameters) -> dict:
    """Describe an edition: parameters, versions, inputs and outputs with SHA-256; no time of day, so bytes repeat."""
    inputs = sorted([*paths.TIDY.glob("*.csv"), *paths.TIDY.glob("*.parquet"), *paths.NOTEBOOKS.glob("[0-9]*.ipynb")])
    outputs = sorted(path for path in folder.rglob("*") if path.is_file() and "notebooks" not in path.parts)
    return {
        "parameters": parameters.values() | {"edition": edition_name(parameters)},
        "versions": {"childrens-services": __version__, "python": "{}.{}".format(*sys.version_info)}
        | {library: version(library) for library in LIBRARIES},
        "inputs": {path.relative_to(paths.ROOT).as_posix(): _sha(path) for path in inputs},
        "outputs": {path.relative_to(folder).as_posix(): _sha(path) for path in outputs},
    }


def _sha(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _swap_in(staging: Path, final: Path) -> Path:
    """Put the finished edition in the place of the last one with two renames."""
    old = final.with_name(f".{final.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    staging.rename(final)
    shutil.rmtree(old, ignore_errors=True)
    return final
