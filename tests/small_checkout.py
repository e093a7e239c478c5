"""A checkout for tests of whole commands: the library and its data, small notebooks, an edition of one page."""

import os
import shutil
import sys
from pathlib import Path

import nbformat
from childrens_services import paths

# Small notebooks draw nothing: their kernels import beforehand no more than the tables.
SMALL_KERNELS = '\nPRELOAD = ("childrens_services.tables",)\n'
# Pages and extracts have tests of their own; here they are a file and a copy, so that these tests stand on the runner.
ONE_PAGE = """

def begin_edition(folder: Path, parameters: Parameters) -> None:
    shutil.copytree(paths.TIDY, folder / "tables")


def write_edition(folder: Path, parameters: Parameters, *_) -> None:
    there = sorted(path.name for path in folder.rglob("*.*"))
    (folder / "index.html").write_text(" ".join([str(parameters.first_year), *there]))
"""
COMMAND = (
    "import sys; from childrens_services import cli; cli.main(standalone_mode=False); "
    "print('heavy:', *(m for m in ('pandas', 'matplotlib', 'nbformat', 'papermill') if m in sys.modules))"
)


def write_notebook(folder: Path, name: str, table: str, before: str = "") -> None:
    """Write a notebook that loads one table."""
    loads = f"from childrens_services import tables\n{before}len(tables.load({table!r}))"
    cells = [("authorities: list = []  # whose", ["parameters"]), (loads, ["in-short"])]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, tags in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def write(root: Path, notebooks: dict[str, str]) -> None:
    """Write the checkout into an empty folder, with notebooks that load a table each: names and tables.

    What was noted of the tables when they were written is left out, so that a test may change them.
    """
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("lib", "data/tidy", "data/curated"):
        shutil.copytree(paths.ROOT / name, root / name, ignore=ignored)
    shutil.copy(paths.ROOT / "requirements.lock", root)
    for name, more in {"make": ONE_PAGE, "unchanged": SMALL_KERNELS}.items():
        with (root / "lib" / "childrens_services" / "edition" / f"{name}.py").open("a", encoding="utf-8") as module:
            module.write(more)
    for name, table in notebooks.items():
        write_notebook(root / "notebooks", name, table)
    (root / "reports").mkdir()


def command(root: Path, *given: str, code: str = COMMAND, **environment: str) -> dict:
    """Return how to run `childrens-services report` of the checkout."""
    env = {**os.environ, "PYTHONPATH": str(root / "lib"), **environment}
    return {"args": [sys.executable, "-c", code, "report", *given], "cwd": root, "env": env, "text": True}
