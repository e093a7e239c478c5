"""Run notebooks: each in a kernel of its own, several at a time, and tell how each went.

Goes in: notebooks as text and checked parameters. Comes out: executed copies, the files that they exported and the
files that they read, all as content, so that any `concurrent.futures.Executor` will do and no folder need be shared; a
line a notebook on stderr. A notebook that fails is told, not raised, so that the others go on.
"""

import os
import platform
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from warm_kernels import fingerprints, forks, results
from warm_kernels.kernels import NOTES_FILE
from warm_kernels.results import Job, Run
from warm_kernels.slow_imports import grammar_set_aside

from childrens_services import paths

with grammar_set_aside():  # half the start of a worker
    import nbformat

CELL_SECONDS = 120
CONNECT_SECONDS = 10
WARM = "warm_kernels.kernels.WarmKernelManager"
# The folder that a headless notebook exports to: beside it, in a room of its own.
EXPORTS = "edition"


class ReportError(RuntimeError):
    """The edition could not be made; the message says which cell of which notebook failed and where its copy lies."""


def notebook_names() -> list[str]:
    """Give the names of the notebooks in order, without their ending."""
    return sorted(path.stem for path in paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))


def jobs(values: Mapping[str, Any] | None) -> list[Job]:
    """Give a job a notebook, in order; None for the notebooks' own defaults, without exports."""
    library, environment = fingerprints.library(), fingerprints.environment()
    given = None if values is None else {**values, "edition": EXPORTS}
    texts = {name: (paths.NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8") for name in notebook_names()}
    return [Job(name, text, given, library, environment) for name, text in texts.items()]


def explain(values: Mapping[str, Any]) -> list[str]:
    """Say of every notebook whether it would run, and why: `01-…: runs: data/tidy/events.csv changed`."""
    reasons = {job.name: results.find(job)[1] for job in jobs(values)}
    return [f"{name}: {f'runs: {reason}' if reason else 'unchanged'}" for name, reason in reasons.items()]


def run_notebooks(
    values: Mapping[str, Any] | None,
    executor: Executor | None = None,
    workers: int = 0,
    force: bool = False,
    quiet: bool = False,
) -> list[Run]:
    """Run the notebooks that must run, and give all of them in order; one line a notebook on stderr, unless `quiet`.

    Without an executor, `workers` processes here, one a core where it is 0. `force` runs what has not changed too.
    """
    with running(values, executor, workers, force, quiet) as runs:
        return list(runs)


@contextmanager
def running(
    values: Mapping[str, Any] | None,
    executor: Executor | None = None,
    workers: int = 0,
    force: bool = False,
    quiet: bool = False,
) -> Iterator[Iterator[Run]]:
    """Hand out the notebooks as `run_notebooks` does, and give their runs in order, each waited for when it is asked.

    What does not need them can be done within, while they run, before the first is asked for.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)
    every = jobs(values)
    kept = {job.name: None if force else results.find(job)[0] for job in every}
    due = sorted((job for job in every if kept[job.name] is None), key=_how_long, reverse=True)
    with pool(executor, min(workers or cores(), len(due))) as workshop:
        futures = {job.name: workshop.submit(run_notebook, job) for job in due}
        runs = (kept[job.name] or _result(job, futures[job.name]) for job in every)
        yield (_tell(console, f"{done} of {len(every)}", run) for done, run in enumerate(runs, start=1))
    results.clear_away()


def _tell(console: Console, count: str, run: Run) -> Run:
    state = "failed" if run.failure else "done"
    told = "unchanged" if run.kept else f"{state} in {run.seconds:.1f} s"
    console.print(f"{count}  {run.name}  {told}")
    return run


def _how_long(job: Job) -> tuple[float, int]:
    """Order jobs so that the longest begins first: by the last run, or by how much output the notebook stores."""
    return results.seconds_before(job), len(job.notebook)


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def pool(executor: Executor | None, workers: int) -> Iterator[Executor | None]:
    """Give the executor, or processes of our own that share one parent of warm kernels; none for no work."""
    if executor is not None or not workers:
        yield executor
        return
    spawn, parent = get_context("spawn"), parent_of_kernels()
    own = ProcessPoolExecutor(workers, mp_context=spawn, initializer=begin, initargs=(parent,))
    try:
        yield own
    finally:
        own.shutdown(wait=False)  # its processes end while the edition is written; Python waits for them at its end


def parent_of_kernels() -> str:
    """Give the address of the process that kernels are forked from; empty where there can be none."""
    try:
        return forks.start()
    except forks.Unavailable:
        return ""


def begin(address: str) -> None:
    """Make a worker ready: it borrows the parent of kernels, and imports papermill once."""
    if address:
        forks.borrow(address)
    _engine()


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Give the executor of a dask scheduler such as `tcp://10.0.0.5:8786`; its workers need the same checkout.

    Raises ReportError where dask.distributed is not installed or nobody answers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ReportError("--scheduler needs dask.distributed: pip install '.[cluster]'") from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise ReportError(f"--scheduler: nobody answers at {address}; start `dask scheduler` there") from error
    with client:
        # Not pure: dask would otherwise take two runs of the same notebook for one.
        yield client.get_executor(pure=False)


def _result(job: Job, future: Future) -> Run:
    """Wait for a notebook and keep what it gave; a worker that was killed is a failure like any other."""
    try:
        run = future.result()
    except BrokenExecutor:
        return Run(job.name, 0.0, "its process was ended from outside, or ran out of memory")
    except Exception as error:  # of an executor that we do not know
        return Run(job.name, 0.0, f"{type(error).__name__}: {error}".replace("\n", " "))
    if not run.failure and (other := fingerprints.changed(run.inputs)):
        files = ", ".join(other)
        return _failed(run, f"{files}: changed while it ran, or its worker has others; run it again")
    if not run.failure and job.values is not None:
        results.keep(job, run)
    return run


def _failed(run: Run, failure: str) -> Run:
    return Run(run.name, run.seconds, failure, run.notebook)


def run_notebook(job: Job, manager: str = WARM) -> Run:
    """Run one notebook with papermill, in a room of its own, and give all that came of it; a failure is told.

    The kernel's folder is the room: it is the kernel's own, so that notebooks run in threads or processes alike.
    """
    started = time.perf_counter()
    if job.library != fingerprints.library():
        where = platform.node()
        return Run(job.name, 0.0, f"the library on {where} is not, or no longer, the one that this run began with")
    with tempfile.TemporaryDirectory(prefix="childrens-services-run-") as name:
        room = Path(name)
        failure = _execute(job, room, manager)
        seconds = time.perf_counter() - started
        executed = room / "executed.ipynb"
        if not executed.is_file():
            return Run(job.name, seconds, failure)
        notebook = nbformat.read(executed, as_version=4)
        in_cells = sum(cell.metadata.get("papermill", {}).get("duration") or 0 for cell in notebook.cells)
        text = nbformat.writes(without_traces(notebook)).rstrip("\n") + "\n"
        files = _contents(room / EXPORTS)
        return Run(job.name, seconds, failure, text, files, fingerprints.read_notes(room / NOTES_FILE), in_cells)


def _execute(job: Job, room: Path, manager: str) -> str:
    """Run a notebook into `executed.ipynb`; give what failed, or nothing."""
    import papermill  # here because the process that hands out the work needs none of it

    (room / "notebook.ipynb").write_text(job.notebook, encoding="utf-8")
    try:
        papermill.execute_notebook(
            room / "notebook.ipynb",
            room / "executed.ipynb",
            parameters=job.values,
            engine_name=_engine(),
            kernel_name="python3",
            request_save_on_cell_execute=False,
            progress_bar=False,
            log_output=False,
            resources={"metadata": {"path": str(room)}},  # the kernel's folder; `cwd` would be the whole process's
            execution_timeout=CELL_SECONDS,
            start_timeout=60,
            shutdown_kernel="immediate",  # all its output has come, and its files are written
            kernel_manager_class=manager,
        )
    except papermill.PapermillExecutionError as error:
        number = _cell_number(job, error.cell_index, error.source)
        return f"cell {number} failed: {error.ename}: {error.evalue}".replace("\n", " ")
    except Exception as error:  # a dead kernel or a time-out must not take the other notebooks with it
        return f"{type(error).__name__}: {error}".replace("\n", " ")
    return ""


def _contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@cache
def _engine() -> str:
    """Register papermill's own engine, but that it leaves a copy where a kernel has died or a cell has run too long."""
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.iorw import write_ipynb

    class Keeping(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            try:
                return super().execute_managed_notebook(nb_man, kernel_name, **options)
            except Exception:
                write_ipynb(nb_man.nb, nb_man.nb.metadata.papermill["output_path"])
                raise

    papermill_engines.register("childrens-services", Keeping)
    return "childrens-services"


def _cell_number(job: Job, index: int, source: str) -> int:
    """Number a cell as a reader counts them in the stored notebook, which lacks the parameters put in for the run."""
    cells = [cell.source for cell in nbformat.reads(job.notebook, as_version=4).cells]
    return index if cells[index : index + 1] != [source] and cells[index - 1 : index] == [source] else index + 1


def write_runs(runs: Sequence[Run], folder: Path) -> None:
    """Write executed copies to `notebooks/`, and the files that were exported, into a folder."""
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    for run in (run for run in runs if run.notebook):
        (folder / "notebooks" / f"{run.name}.ipynb").write_text(run.notebook, encoding="utf-8", newline="\n")
        for name, content in run.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def store_outputs() -> None:
    """Run the notebooks with their default parameters and store their outputs in them, without times or paths."""
    runs = run_notebooks(None, force=True)
    if failures := [run for run in runs if run.failure]:
        raise ReportError("\n".join(f"{run.name}: {run.failure}" for run in failures))
    for run in runs:
        (paths.NOTEBOOKS / f"{run.name}.ipynb").write_text(run.notebook, encoding="utf-8", newline="\n")


def without_traces(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out what differs from run to run or from machine to machine, so that a diff shows what changed."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
    return notebook
