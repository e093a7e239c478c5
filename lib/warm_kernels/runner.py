"""Run notebooks by papermill: each in a kernel of its own, several at a time, and tell how each went.

Goes in: notebooks as text and their parameters. Comes out: executed copies, the files that they exported and the files
that they read, all as content, so that any `concurrent.futures.Executor` will do and no folder need be shared. A
notebook that fails is told, not raised, so that the others go on.
"""

import logging
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from traitlets.config import Config

from warm_kernels import fingerprints, forks, kernels, notes, results
from warm_kernels.results import Job, Run
from warm_kernels.settings import Settings

# jsonschema, under nbformat and papermill, offers to check international addresses, and loads a grammar for it that
# takes longer than all the rest. The schema of notebooks has no such field: import it as if there were no grammar.
_GRAMMAR = "rfc3987_syntax"
_absent = sys.modules.setdefault(_GRAMMAR, None) is None
import nbformat  # noqa: E402
import papermill  # noqa: E402
from papermill.engines import NBClientEngine  # noqa: E402
from papermill.execute import raise_for_execution_errors  # noqa: E402

if _absent:
    del sys.modules[_GRAMMAR]

__all__ = ["RunError", "cluster", "cores", "jobs", "run_notebook", "running"]

CELL_SECONDS = 120
CONNECT_SECONDS = 10
STOP_SECONDS = 2


class RunError(ValueError):
    """Notebooks cannot be run; the message says why."""


def jobs(notebooks: Mapping[str, str], values: Mapping[str, Any] | None, settings: Settings) -> list[Job]:
    """Return a job a notebook, in order, of texts by name; values None for the notebooks' own defaults."""
    code = fingerprints.code(settings)
    return [Job(name, text, values, code) for name, text in notebooks.items()]


@contextmanager
def running(
    asked: Sequence[Job],
    settings: Settings,
    executor: Executor,
    run: Callable[[Job], Run],
    force: bool = False,
    tell: Callable[[str], None] = print,
) -> Iterator[Iterator[Run]]:
    """Hand out the notebooks that must run, and yield the runs of all in order, each waited for when it is asked for.

    An exception within ends the kernels. The executor calls `run`, a module's function that calls `run_notebook` with
    the settings of the machine it is on. `force` runs what has not changed too; `tell` is given a line a notebook.
    """
    kept = {job.name: None if force else results.find(job, settings)[0] for job in asked}
    due = [job for job in asked if kept[job.name] is None]
    # The longest begins first: by the last run, or by how much output the notebook stores.
    due.sort(key=lambda job: (results.seconds_before(job, settings), len(job.notebook)), reverse=True)
    futures = {job.name: executor.submit(run, job) for job in due}

    def finished() -> Iterator[Run]:
        for number, job in enumerate(asked, start=1):
            result = kept[job.name] or _result(job, futures[job.name], settings)
            how = f"{'failed' if result.failure else 'done'} in {result.seconds:.1f} s"
            tell(f"{number} of {len(asked)}  {job.name}  {'unchanged' if result.kept else how}")
            yield result

    try:
        yield finished()
    except BaseException:
        _stop(futures.values())
        raise
    results.clear_away(settings)


def _stop(futures: Sequence[Future]) -> None:
    """Drop what has not begun, and end kernels until those who wait for them have noticed."""
    begun = [future for future in futures if not future.cancel()]
    logging.disable()  # that these kernels have died is no news
    end = time.monotonic() + STOP_SECONDS
    with forks.stopping():
        while wait(begun, 0.05).not_done and time.monotonic() < end:
            kernels.end_runs()
    logging.disable(logging.NOTSET)


def _result(job: Job, future: Future, settings: Settings) -> Run:
    """Wait for a notebook and keep what it gave; a worker that was killed is a failure like any other."""
    try:
        run = future.result()
        list(map(results.plain, run.files))
    except BrokenExecutor:
        return Run(job.name, 0.0, "its process was ended from outside, or ran out of memory")
    except Exception as error:  # of an executor that we do not know
        return Run(job.name, 0.0, f"{type(error).__name__}: {error}")
    if run.failure:
        return run
    if other := fingerprints.changed(run.inputs, settings.root):
        failure = f"{', '.join(other)}: changed while it ran, or its worker has others; run it again"
        return Run(run.name, run.seconds, failure, run.notebook)
    if job.values is not None:
        results.keep(job, run, settings)
    return run


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Yield the executor of a dask scheduler such as `tcp://10.0.0.5:8786`, whose workers need the library and files.

    Raises RunError where dask.distributed is not installed or nobody answers.
    """
    try:
        from distributed import Client

        client = Client(address, timeout=CONNECT_SECONDS)
    except ImportError as error:
        raise RunError("dask.distributed is not installed: pip install distributed") from error
    except (OSError, ValueError) as error:
        raise RunError(f"nobody answers at {address}; start `dask scheduler` there") from error
    with client:
        # Not pure: dask would otherwise take two runs of the same notebook for one.
        yield client.get_executor(pure=False)


def run_notebook(job: Job, settings: Settings, warm: bool = True) -> Run:
    """Run one notebook in a folder of its own and return all that came of it; a failure is told, not raised."""
    started = time.perf_counter()
    if job.code["the library"] != fingerprints.library(settings):
        return Run(job.name, 0.0, f"the library on {platform.node()} is not, or no longer, the one of this run")
    with TemporaryDirectory(prefix="run-", dir=forks.start(settings)) as name:
        folder = Path(name)
        notebook, failure = _execute(job, folder, kernels.run_config(settings, folder, warm))
        run = Run(job.name, time.perf_counter() - started, failure.replace("\n", " "))
        return _with_contents(run, notebook, folder, settings) if notebook else run


def _execute(job: Job, folder: Path, config: Config) -> tuple[nbformat.NotebookNode | None, str]:
    """Return the notebook, executed as far as it went and None where it cannot be read, and what failed, or nothing."""
    notebook = None
    try:
        (folder / "notebook.ipynb").write_text(job.notebook, encoding="utf-8")
        given = {"parameters": job.values, "kernel_name": "python3"}
        notebook = papermill.execute_notebook(folder / "notebook.ipynb", None, **given, prepare_only=True)
        # papermill would write the notebook twice on the way: it is written once, without traces, as content.
        NBClientEngine.execute_notebook(
            notebook,
            "python3",
            progress_bar=False,
            log_output=False,
            resources={"metadata": {"path": str(folder)}},  # the kernel's folder; `cwd` would be the whole process's
            execution_timeout=CELL_SECONDS,
            start_timeout=60,
            shutdown_kernel="immediate",  # all its output has come, and its files are written
            kernel_manager_class=kernels.RunManager,
            config=config,
        )
        raise_for_execution_errors(notebook, None)
    except papermill.PapermillExecutionError as error:
        # Counted as a reader does in the stored notebook, which lacks the parameters that are put in for the run.
        cells = [cell.source for cell in nbformat.reads(job.notebook, as_version=4).cells]
        at = error.cell_index
        number = at if cells[at : at + 1] != [error.source] and cells[at - 1 : at] == [error.source] else at + 1
        return notebook, f"cell {number} failed: {error.ename}: {error.evalue}"
    except Exception as error:  # a dead kernel or a time-out must not take the other notebooks with it
        return notebook, f"{type(error).__name__}: {error}"
    return notebook, ""


def _with_contents(run: Run, notebook: nbformat.NotebookNode, folder: Path, settings: Settings) -> Run:
    """Add to a run its executed notebook and what lies in its folder: exported files, and notes of what was read."""
    in_cells = sum(cell.metadata.get("papermill", {}).get("duration") or 0 for cell in notebook.cells)
    _take_out_traces(notebook)
    exports = folder / settings.exports
    paths = sorted(path for path in exports.rglob("*") if path.is_file())
    files = {path.relative_to(exports).as_posix(): path.read_bytes() for path in paths}
    inputs = notes.read(folder)
    failure = run.failure or ("its kernel did not note what it read" if inputs is None else "")
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    return Run(run.name, run.seconds, failure, text, files, inputs or {}, in_cells)


def _take_out_traces(notebook: nbformat.NotebookNode) -> None:
    """Take out what differs from run to run or from machine to machine, so that a diff shows what changed."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
