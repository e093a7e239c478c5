"""Run notebooks: each in a kernel of its own, two at a time, and tell how each went.

Goes in: the notebooks and checked parameters. Comes out: executed copies in a folder, and a line a notebook on stderr.
A notebook that fails is told, not raised, so that the others go on.
"""

import tempfile
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import nbformat
from rich.console import Console

from childrens_services import paths

CELL_SECONDS = 120


class ReportError(RuntimeError):
    """The edition could not be made; the message says which cell of which notebook failed and where its copy lies."""


@dataclass(frozen=True)
class Run:
    """How one notebook went: its seconds, and what failed, if anything."""

    name: str
    seconds: float
    failure: str = ""


def notebook_names() -> list[str]:
    """Give the names of the notebooks in order, without their ending."""
    return sorted(path.stem for path in paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))


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
