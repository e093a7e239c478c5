"""Run our notebooks: which they are, with which parameters, and where what they give is put.

Goes in: checked parameters. Comes out: how each notebook went, a line a notebook on stderr; executed copies and
exported files in a folder. How a notebook is run is told in `warm_kernels.runner`.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from warm_kernels import Job, Run, results, runner

from childrens_services import paths
from childrens_services.edition.unchanged import settings


class ReportError(ValueError):
    """The edition could not be made; the message says which cell of which notebook failed and where its copy lies."""


def notebook_names() -> list[str]:
    """Return the names of the notebooks in order, without their ending."""
    return sorted(path.stem for path in paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))


def jobs(values: Mapping[str, Any] | None) -> list[Job]:
    """Return a job a notebook, in order; None for the notebooks' own defaults, without exports.

    Raises ReportError where there is no notebook.
    """
    if not notebook_names():
        raise ReportError("notebooks: none found, expected names such as 01-what-happened.ipynb; restore them from git")
    texts = {name: (paths.NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8") for name in notebook_names()}
    given = None if values is None else {**values, "edition": settings().exports}
    return [job for name, text in texts.items() for job in runner.jobs({name: text}, _taken(text, given), settings())]


def _taken(notebook: str, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the parameters that a notebook takes: papermill would warn of any other."""
    cells = json.loads(notebook)["cells"]
    sources = ["".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    names = {line.partition(":")[0] for source in sources for line in source.splitlines()}
    return given if given is None else {name: value for name, value in given.items() if name in names}


def explain(values: Mapping[str, Any]) -> list[str]:
    """Return for every notebook whether it would run, and why: `01-…: runs: data/tidy/events.csv changed`."""
    reasons = {job.name: results.find(job, settings())[1] for job in jobs(values)}
    return [f"{name}: {f'runs: {reason}' if reason else 'unchanged'}" for name, reason in reasons.items()]


def say(line: str) -> None:
    """Print a line on stderr."""
    print(line, file=sys.stderr, flush=True)


def run_notebook(job: Job) -> Run:
    """Run one notebook with the settings of the machine that this is called on."""
    return runner.run_notebook(job, settings())


@contextmanager
def running(
    values: Mapping[str, Any] | None,
    executor: Executor | None = None,
    workers: int = 0,
    force: bool = False,
    tell: Callable[[str], None] = say,
) -> Iterator[Iterator[Run]]:
    """Hand out the notebooks that must run, and yield the runs of all in order, as `warm_kernels.runner.running` does.

    Without an executor, `workers` run at a time, one a core where it is 0.
    """
    threads = ThreadPoolExecutor(workers or runner.cores()) if executor is None else nullcontext(executor)
    with threads as chosen, runner.running(jobs(values), settings(), chosen, run_notebook, force, tell) as runs:
        yield runs


def write_run(run: Run, folder: Path) -> None:
    """Write the executed copy, if there is one, to `notebooks/`, and the files that were exported, into a folder."""
    executed = {f"notebooks/{run.name}.ipynb": run.notebook.encode()} if run.notebook else {}
    for name, content in {**run.files, **executed}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def store_outputs() -> None:
    """Run the notebooks with their default parameters and store their outputs in them, without times or paths."""
    with running(None, force=True) as runs:
        done = list(runs)
    if failures := [run for run in done if run.failure]:
        raise ReportError("\n".join(f"{run.name}: {run.failure}" for run in failures))
    for run in done:
        (paths.NOTEBOOKS / f"{run.name}.ipynb").write_text(run.notebook, encoding="utf-8", newline="\n")
