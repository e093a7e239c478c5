"""Small notebooks and settings that know nothing of this project's subject, for the tests of the package.

A module of its own, so that workers elsewhere can import `run_here`.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from warm_kernels import Job, Run, Settings, runner

ROOT = Path(os.environ.get("SMALL_ROOT", "."))
SETTINGS = Settings(preload=("seaborn",), library=("warm_kernels",), root=ROOT, inputs=("data",))
PARAMETERS = 'name: str = "one"  # whose'


def notebook(*cells: str) -> str:
    """A notebook of some code cells, as text."""
    code = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    made = nbformat.v4.new_notebook(cells=code + [nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    return nbformat.writes(made)


def job(*cells: str, name: str = "one", settings: Settings = SETTINGS) -> Job:
    """A job to run such a notebook."""
    return runner.jobs({name: notebook(*cells)}, {"name": name}, settings)[0]


def run_here(one: Job) -> Run:
    """Run a job with the settings of this machine."""
    return runner.run_notebook(one, SETTINGS)


def outputs(run: Run) -> list[dict]:
    return [output for cell in nbformat.reads(run.notebook, as_version=4).cells for output in cell.get("outputs", [])]


def marked(mark: str) -> list[int]:
    """The processes that have a mark in their environment and have not ended."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and _has(path, mark)]


def _has(process: Path, mark: str) -> bool:
    try:
        found = mark.encode() in (process / "environ").read_bytes()
        return found and ") Z " not in (process / "stat").read_text()
    except OSError:
        return False


def eventually(holds: Callable[[], object], seconds: float = 60) -> bool:
    """Whether something holds now or soon."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(holds())
