"""Measure how fast an edition is made, beside other ways to run the same notebooks: `make bench`.

Every way runs the same nine notebooks with the same parameters, charts exported; each round runs every way once, so
that a busy minute of the machine weighs on all. Printed are medians, and ratios with their spread over the rounds. The
other ways live in an environment of their own, `.bench`, which this script makes from the lock.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from childrens_services import paths
from childrens_services.parameters import Parameters
from papermill.parameterize import parameterize_notebook

BENCH = paths.ROOT / ".bench"
PEERS = ("ploomber-engine==0.0.33",)
LIBRARIES = "import childrens_services.answers.glance_story, childrens_services.export, papermill, IPython"
WARM = """
import contextlib, io, json, os, sys, time
from pathlib import Path
import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
import childrens_services.export
os.chdir(sys.argv[1])
shell = InteractiveShell.instance(history_load_length=0)
shell.history_manager.enabled = False
books = [nbformat.read(path, as_version=4) for path in sys.argv[2:]]
taken = []
for book in books:
    shell.reset(new_session=False)
    start = time.perf_counter()
    with capture_output():
        for cell in book.cells:
            if cell.cell_type == "code":
                shell.run_cell(cell.source).raise_error()
    taken.append(time.perf_counter() - start)
print(json.dumps(taken))
"""
API = """
import sys, papermill
for name in sys.argv[3:]:
    given, out = f"{sys.argv[1]}/{name}", f"{sys.argv[2]}/{name}"
    papermill.execute_notebook(given, out, kernel_name="python3", progress_bar=False)
"""
PLOOMBER = """
import sys
from ploomber_engine import execute_notebook
for name in sys.argv[3:]:
    execute_notebook(f"{sys.argv[1]}/{name}", output_path=f"{sys.argv[2]}/{name}", progress_bar=False, verbose=False)
"""


def make_environment() -> Path:
    """Make the environment of the other ways, once a lock: everything that we run on, and the peers."""
    ready = BENCH / "ready"
    lock = paths.ROOT / "requirements.lock"
    if not ready.is_file() or ready.read_bytes() != lock.read_bytes():
        print("making the environment of the other ways, once", file=sys.stderr)
        shutil.rmtree(BENCH, ignore_errors=True)
        pip = [str(BENCH / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([sys.executable, "-m", "venv", BENCH], check=True)
        subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)
        subprocess.run([*pip, *PEERS], check=True)
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", paths.ROOT], check=True)
        ready.write_bytes(lock.read_bytes())
    return BENCH / "bin"


def prepare(folder: Path) -> list[str]:
    """Write the notebooks with their parameters put in, charts to be exported below `folder`; give their names."""
    (folder / "in").mkdir(parents=True)
    names = sorted(path.name for path in paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
    values = Parameters().values() | {"edition": str(folder / "edition")}
    for name in names:
        notebook = parameterize_notebook(nbformat.read(paths.NOTEBOOKS / name, as_version=4), values)
        nbformat.write(notebook, folder / "in" / name)
    return names


def run(command: Sequence[object], cwd: Path) -> str:
    """Run a command to its end and give what it printed; its warnings go nowhere, its failure stops the bench."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command[:3]} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def ways(tools: Path, folder: Path, names: Sequence[str]) -> dict[str, Callable[[], object]]:
    """Give every way to run the notebooks, by its name in the table."""
    here = [folder / "in" / name for name in names]
    out = folder / "out"
    python = tools / "python"

    def command_line() -> None:
        for path in here:
            run([tools / "papermill", path, out / path.name, "-k", "python3", "--no-progress-bar"], paths.NOTEBOOKS)
            run([tools / "jupyter", "nbconvert", "--to", "html", out / path.name], out)

    convert = [tools / "jupyter", "nbconvert", "--execute", "--to", "notebook", "--output-dir", out, *here]
    ours = [Path(sys.executable).parent / "childrens-services", "report", "--force", "-p", "edition", "bench"]
    return {
        "childrens-services report": lambda: run(ours, paths.ROOT),
        "(a) papermill command line, nbconvert": command_line,
        "(b) papermill API in one process": lambda: run([python, "-c", API, folder / "in", out, *names], out),
        "(c) jupyter nbconvert --execute": lambda: run(convert, out),
        "(d) ploomber-engine": lambda: run([python, "-c", PLOOMBER, folder / "in", out, *names], out),
    }


def seconds(task: Callable[[], object]) -> float:
    """Give the seconds that a task takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start
