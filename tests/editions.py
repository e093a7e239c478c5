"""Editions for the tests of pages, made once for all the workers of a test run.

The default one is made by the command that a scheduler calls. The odd one is made in this process without a kernel, as
in `notebook_cells`, its charts drawn small: what its pages say and link to is the same, in a third of the time.
"""

from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import filelock
import nbformat
import notebook_cells
import pytest
from childrens_services import formats, paths, report, tables
from childrens_services.parameters import Parameters
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from nbformat.v4 import new_output
from test_report import NAME, run_command

ODD = Parameters(authorities=["Bradford", "Sefton", "Nottingham", "Dorset"], as_at="2019-06-30")


def edition(factory: pytest.TempPathFactory, name: str) -> Path:
    """Give the folder of the edition `default` or `odd`, made once a session whichever worker asks first."""
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / f"edition-{name}"
    with filelock.FileLock(shared / f"edition-{name}.lock"):
        if not folder.exists():
            part = shared / f"edition-{name}.part"
            part.mkdir()
            make_default(part) if name == "default" else write(part / NAME, ODD)
            part.rename(folder)
    return folder / NAME


def make_default(reports: Path) -> None:
    """Make the default edition in a folder of reports by the command, in another session without a terminal."""
    done = run_command(reports)
    assert done.returncode == 0, done.stderr


def write(folder: Path, parameters: Parameters) -> None:
    """Write an edition into a folder that is not there yet, its charts drawn small."""
    (folder / "notebooks").mkdir(parents=True)
    values = parameters.values() | {"edition": str(folder)}
    with patch.object(tables, "_read", notebook_cells._whole), patch.object(formats, "draw_files", draw_small):
        for path in sorted(paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb")):
            nbformat.write(execute(nbformat.read(path, as_version=4), values), folder / "notebooks" / path.name)
    report.write_edition(folder, parameters)


def draw_small(fig: Figure, record: dict[str, Any], edges: Any) -> dict[str, bytes]:
    """Give a picture of a quarter of the size and the drawings that pages show in the place of every format."""
    png = formats.pack_png(formats.paint(fig, dpi=50), record)
    drawings = formats.draw_svgs(fig, record, edges)
    return {"png": png, "square.png": png, "wide.png": png, **drawings, "text.svg": drawings["svg"], "pdf": b"%PDF-"}


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
