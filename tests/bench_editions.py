"""Measure how fast an edition is made, beside other ways to run the same notebooks: `make bench`.

Every way runs the same nine notebooks with the same parameters, charts exported; each round runs every way once, so
that a busy minute of the machine weighs on all. Printed are medians, and ratios with their spread over the rounds. The
other ways live in an environment of their own, `.bench`, which this script makes from the lock.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

import nbformat
from childrens_services import paths, tables
from childrens_services.edition import run as runs
from childrens_services.edition.parameters import Parameters
from editions import COMMAND
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from warm_kernels import Run

BENCH = paths.ROOT / ".bench"
CLI = Path(sys.executable).parent / "childrens-services"
PEERS = ("ploomber-engine==0.0.33",)
LIBRARIES = "import childrens_services.telling.export, childrens_services.analysis.asked, seaborn, papermill, IPython"
WARM = """
import contextlib, io, json, os, sys, time
from pathlib import Path
import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
import childrens_services.telling.export
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
        pip = [str(BENCH / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
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
        notebook = parameterize_notebook(load_notebook_node(str(paths.NOTEBOOKS / name)), values)
        nbformat.write(notebook, folder / "in" / name)
    return names


def run(command: Sequence[object], cwd: Path) -> str:
    """Run a command to its end and give what it printed; its warnings go nowhere, its failure stops the bench."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command[:3]} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def report(reports: Path, *words: str) -> None:
    """Run `childrens-services report` as a command, its editions in a folder of reports that is the bench's own."""
    reports.mkdir(exist_ok=True)
    run([sys.executable, "-c", COMMAND, reports, "report", *words], paths.ROOT)


def ways(tools: Path, folder: Path, names: Sequence[str]) -> dict[str, Callable[[], object]]:
    """Return every way to run the notebooks, by its name in the table."""
    here = [folder / "in" / name for name in names]
    out = folder / "out"
    python = tools / "python"

    def command_line() -> None:
        for path in here:
            run([tools / "papermill", path, out / path.name, "-k", "python3", "--no-progress-bar"], paths.NOTEBOOKS)
            run([tools / "jupyter", "nbconvert", "--to", "html", out / path.name], out)

    convert = [tools / "jupyter", "nbconvert", "--execute", "--to", "notebook", "--output-dir", out, *here]
    return {
        "childrens-services report": lambda: report(folder / "reports", "--force"),
        "(a) papermill command line, nbconvert": command_line,
        "(b) papermill API in one process": lambda: run([python, "-c", API, folder / "in", out, *names], out),
        "(c) jupyter nbconvert --execute": lambda: run(convert, out),
        "(d) ploomber-engine": lambda: run([python, "-c", PLOOMBER, folder / "in", out, *names], out),
    }


def seconds(task: Callable[[], object]) -> float:
    """Return the seconds that a task takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def limit(python: Path, folder: Path, names: Sequence[str]) -> tuple[float, float]:
    """Return the seconds that the cells take in one warm process, and those of one import of the libraries."""
    told = run([python, "-c", WARM, folder, *(folder / "in" / name for name in names)], folder)
    return sum(json.loads(told.splitlines()[-1])), seconds(lambda: run([python, "-c", LIBRARIES], folder))


def overhead() -> dict[str, float]:
    """Return what each notebook costs over its own cells' time, one at a time, the parent of kernels being warm."""
    run_notebooks(workers=1)
    return {run.name: run.seconds - run.in_cells for run in run_notebooks(workers=1)}


def run_notebooks(executor: Executor | None = None, workers: int = 0) -> list[Run]:
    """Run the notebooks with their default parameters, changed or not."""
    with runs.running(Parameters().values(), executor, workers, force=True, tell=str) as running:
        return list(running)


def cost_by_number(numbers: Sequence[int]) -> dict[int, float]:
    """Return the seconds that editions of so many authorities take, each against its neighbours, nothing kept.

    Their workers write to `reports`; what was not there before is taken away again.
    """
    every = sorted(tables.load("authorities").query("existed_to.isna()")["name"])
    before, taken = set(paths.REPORTS.iterdir()), {}
    for n in numbers:
        command = [CLI, "report", "--each-authority", "--force", "-p", "authorities", ";".join(every[:n])]
        taken[n] = seconds(lambda command=command: run(command, paths.ROOT))
        for path in set(paths.REPORTS.iterdir()) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return taken


def two_dask_workers(folder: Path) -> tuple[float, float]:
    """Return the seconds of the nine notebooks here and on two dask workers, kernels warm in both."""
    from distributed import Client, LocalCluster

    run_notebooks(workers=2)
    local = seconds(lambda: run_notebooks(workers=2))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=folder) as cluster,
        Client(cluster) as client,
    ):
        there = client.get_executor(pure=False)
        run_notebooks(there)
        return local, seconds(lambda: run_notebooks(there))


def spread(values: Sequence[float]) -> str:
    """Show the median of some figures, with the least and the most: `6.1 (5.8 to 6.6)`."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main(rounds: int, numbers: Sequence[int]) -> None:
    """Print every measure; the rounds and the numbers of authorities can be given, for example `5 10,40`."""
    tools = make_environment()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = prepare(folder)
        (folder / "out").mkdir()
        taken: dict[str, list[float]] = {}
        for round_ in range(rounds):
            for way, task in ways(tools, folder, names).items():
                taken.setdefault(way, []).append(seconds(task))
                print(f"round {round_ + 1} of {rounds}: {way} {taken[way][-1]:.1f} s", file=sys.stderr, flush=True)
            cells, imports = limit(tools / "python", folder, names)
            taken.setdefault("the limit: cells in one warm process", []).append(cells)
            taken.setdefault("one import of the libraries", []).append(imports)
        ours = taken["childrens-services report"]
        for way, figures in taken.items():
            ratios = [other / mine for other, mine in zip(figures, ours, strict=True)]
            print(f"{way:40} {spread(figures):28} s   {spread(ratios)} times ours")
        again = [seconds(lambda: report(folder / "reports")) for _ in range(rounds)]
        print(f"{'nothing changed':40} {spread(again)} s")
        helps = [seconds(lambda: run([CLI, "--help"], paths.ROOT)) for _ in range(rounds)]
        print(f"{'--help':40} {spread(helps)} s")
        for notebook, over in overhead().items():
            print(f"{notebook:40} {over:.2f} s over its own cells")
        local, dask = two_dask_workers(folder / "dask")
        print(f"{'two dask workers':40} {local / dask:.2f} of the throughput of two at a time here")
        for n, cost in cost_by_number(numbers).items():
            print(f"{n:3} authorities {cost:8.1f} s, {cost / n:.1f} s each")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 5, [int(n) for n in given[1].split(",")] if given[1:] else [10, 40])
