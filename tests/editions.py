"""Editions for the tests of pages, made once for all the workers of a test run.

The default one is made by the command that a scheduler calls. The odd one is made in this process without a kernel, as
in `notebook_cells`, its charts drawn small: what its pages say and link to is the same, in a third of the time.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import filelock
import nbformat
import notebook_cells
import pytest
from childrens_services import paths
from childrens_services.edition import make, pages
from childrens_services.edition.parameters import Parameters
from childrens_services.telling import pictures
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_output

NAME = "nottingham-and-nottinghamshire"
# The command line as it is, but for the folder of reports; `-c` because workers are spawned and import the main file.
COMMAND = (
    "import sys; from pathlib import Path; from childrens_services import cli, paths; "
    "paths.REPORTS = Path(sys.argv.pop(1)); cli.main(prog_name='childrens-services')"
)
ODD = Parameters(authorities=["Bradford", "Sefton", "Nottingham", "Dorset"], as_at="2019-06-30")
EACH = ["default", pytest.param("odd", marks=pytest.mark.sweep)]


def _shared(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all the workers of a session share."""
    base = factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


def edition(factory: pytest.TempPathFactory, name: str) -> Path:
    """Return the folder of the edition `default` or `odd`, made once a session whichever worker asks first."""
    shared = _shared(factory)
    folder = shared / f"edition-{name}"
    with filelock.FileLock(shared / f"edition-{name}.lock"):
        if not folder.exists():
            part = shared / f"edition-{name}.part"
            shutil.rmtree(part, ignore_errors=True)  # of a try that failed: the next must fail in its own words
            part.mkdir()
            make_default(part) if name == "default" else write(part / NAME, ODD)
            part.rename(folder)
    return folder / NAME


def run_command(folder: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run `childrens-services report` in another session, without a terminal, from another folder."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, str(folder), "report"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def make_default(reports: Path) -> None:
    """Make the default edition in a folder of reports by the command that a scheduler calls, and keep what it told."""
    done = run_command(reports)
    assert done.returncode == 0, done.stderr
    words = {"stdout": done.stdout, "stderr": done.stderr}
    (reports.parent / "told.json").write_text(json.dumps(words), encoding="utf-8")


def told(factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what the command printed that made the default edition."""
    return json.loads((_shared(factory) / "told.json").read_text(encoding="utf-8"))


def write(folder: Path, parameters: Parameters) -> None:
    """Write an edition into a folder that is not there yet, its charts drawn small."""
    (folder / "notebooks").mkdir(parents=True)
    values = parameters.values() | {"edition": str(folder)}
    small = pictures.to_png
    with (
        patch.object(pictures, "to_png", lambda svg, record, pixels=0: small(svg, record, 200)),
        patch.object(pictures, "to_pdf", lambda svg, record: b"%PDF-"),
    ):
        files = sorted(paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
        executed = {path.stem: execute(nbformat.read(path, as_version=4), values) for path in files}
    for name, notebook in executed.items():
        nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")
    make.begin_edition(folder, parameters)
    make.write_edition(folder, parameters, [pages.read_page(*one) for one in executed.items()])


def execute(notebook: nbformat.NotebookNode, values: dict[str, Any]) -> nbformat.NotebookNode:
    """Run the cells with these parameters and keep what each shows, as a kernel would."""
    space: dict[str, Any] = {}
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        shown = notebook_cells._run_cell(cell.source, space)
        if "parameters" in cell.metadata.get("tags", []):
            space.update(values)
        cell.outputs = []
        if shown is not None:
            data, metadata = formatter().format(shown)
            cell.outputs = [new_output("execute_result", data=data, metadata=metadata, execution_count=None)]
    return notebook


@cache
def formatter() -> DisplayFormatter:
    return DisplayFormatter()
