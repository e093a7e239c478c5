"""Run the notebooks and assemble an edition, whole or not at all.

Goes in: checked parameters, the notebooks, the tidy tables. Comes out: `reports/<edition>/`. Everything is made in a
folder beside it and moved in at the end; when anything fails the last edition stays as it is.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

import filelock
import nbformat
from rich.console import Console

from childrens_services import __version__, pages, paths
from childrens_services.narrative import join
from childrens_services.parameters import Parameters
from childrens_services.sources import register

LIBRARIES = ("pandas", "matplotlib", "seaborn", "papermill", "numpy")
CELL_SECONDS = 120


class ReportError(RuntimeError):
    """The edition could not be made; the message says which cell of which notebook failed and where its copy lies."""


@dataclass(frozen=True)
class Run:
    """How one notebook went: its seconds, and what failed, if anything."""

    name: str
    seconds: float
    failure: str = ""


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


def notebook_names() -> list[str]:
    """Give the names of the notebooks in order, without their ending."""
    return sorted(path.stem for path in paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))


def _run_all(staging: Path, parameters: Parameters, executor: Executor | None) -> None:
    values = replace(parameters, edition=str(staging)).values()
    failures = [run for run in run_notebooks(staging / "notebooks", values, executor) if run.failure]
    if failures:
        raise ReportError(_keep_failed(staging, failures))


def run_notebooks(folder: Path, values: dict | None, executor: Executor | None = None) -> list[Run]:
    """Execute all notebooks into a folder, two at a time unless an executor is given; one line a notebook on stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    names, runs = notebook_names(), []
    pool = executor or ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn"))
    try:
        jobs = [pool.submit(run_notebook, name, folder / f"{name}.ipynb", values) for name in names]
        for done, (name, job) in enumerate(zip(names, jobs, strict=True), start=1):
            runs.append(run := _result(name, job))
            state = "failed" if run.failure else "done"
            console.print(f"{done} of {len(names)}  {run.name}  {state} in {run.seconds:.1f} s")
    finally:
        if executor is None:
            pool.shutdown()
    return runs


def _result(name: str, job: Future) -> Run:
    """Wait for a notebook; a worker that was killed is a failure like any other."""
    try:
        return job.result()
    except BrokenExecutor:
        return Run(name, 0.0, "its process was ended from outside, or ran out of memory")


def store_outputs() -> None:
    """Run the notebooks with their default parameters and store their outputs in them, without times or paths."""
    with tempfile.TemporaryDirectory() as folder:
        failures = [run for run in run_notebooks(Path(folder), None) if run.failure]
        if failures:
            raise ReportError("\n".join(f"{run.name}: {run.failure}" for run in failures))
        for name in notebook_names():
            executed = nbformat.read(Path(folder) / f"{name}.ipynb", as_version=4)
            nbformat.write(_without_traces(executed), paths.NOTEBOOKS / f"{name}.ipynb")


def _without_traces(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out what differs from run to run or from machine to machine, so that a diff shows what changed."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    return notebook


def _keep_failed(staging: Path, failures: Sequence[Run]) -> str:
    """Move the executed copies out of the way of the next run, and say which cell failed and where the copy lies."""
    kept = staging.with_name(staging.name.removesuffix(".part") + ".failed")
    shutil.rmtree(kept, ignore_errors=True)
    staging.rename(kept)
    copies = [kept / "notebooks" / f"{run.name}.ipynb" for run in failures]
    where = [f"executed copy: {copy}" if copy.is_file() else "no executed copy" for copy in copies]
    lines = [f"{run.name}: {run.failure}; {place}" for run, place in zip(failures, where, strict=True)]
    return "\n".join([*lines, "the last edition is untouched"])


def run_notebook(name: str, target: Path, values: dict | None) -> Run:
    """Execute one notebook with papermill in this process and tell how it went; a failure is told, not raised."""
    import papermill  # here because workers are spawned: the parent needs none of it
    from papermill.exceptions import PapermillExecutionError

    started = time.perf_counter()
    failure = ""
    try:
        papermill.execute_notebook(
            paths.NOTEBOOKS / f"{name}.ipynb",
            target,
            parameters=values,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=str(paths.NOTEBOOKS),
            execution_timeout=CELL_SECONDS,
            start_timeout=60,
            kernel_manager_class="childrens_services.kernels.EncryptedKernelManager",
        )
    except PapermillExecutionError as error:
        number = _cell_number(name, error.cell_index, error.source)
        failure = f"cell {number} failed: {error.ename}: {error.evalue}".replace("\n", " ")
    except Exception as error:  # a dead kernel or a time-out must not take the other notebooks with it
        failure = f"{type(error).__name__}: {error}".replace("\n", " ")
    return Run(name, time.perf_counter() - started, failure)


def _cell_number(name: str, index: int, source: str) -> int:
    """Number a cell as a reader counts them in the stored notebook, which lacks the parameters put in for the run."""
    cells = [cell.source for cell in nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4).cells]
    return index if cells[index : index + 1] != [source] and cells[index - 1 : index] == [source] else index + 1


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
