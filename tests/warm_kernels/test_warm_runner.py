"""Notebooks run as content, warm as cold, in any executor, without a network, and only what changed runs again."""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import warm_kernels
from small import SETTINGS, eventually, job, marked, notebook, outputs
from warm_kernels import Job, Run, fingerprints, results, runner

FIGURES = """
import matplotlib.pyplot as plt, pandas as pd
plt.plot([1, 3, 2], label=name); plt.legend(); plt.show()
pd.DataFrame({"x": [1.5, None]})"""
HERE = Path(__file__).parent


@pytest.fixture
def root():
    """A root with one table and a folder for what is temporary, of a short name: sockets go there."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "data").mkdir()
        (root / "data" / "events.csv").write_text("event_id\na\n", encoding="utf-8")
        (root / "tmp").mkdir()
        yield root


@pytest.fixture
def settings(root):
    return replace(SETTINGS, root=root, results=root / "results")


def run(*cells: str) -> Run:
    return runner.run_notebook(job(*cells), SETTINGS)


def test_a_warm_run_is_a_cold_run_byte_for_byte_figures_included():
    one = job(FIGURES)

    warm, cold = runner.run_notebook(one, SETTINGS), runner.run_notebook(one, SETTINGS, warm=False)

    assert (warm.failure, cold.failure) == ("", "")
    assert [kind for output in outputs(warm) for kind in output.get("data", ()) if kind == "image/png"]
    assert warm.notebook == cold.notebook


@pytest.mark.parametrize("warm", [True, False])
def test_what_a_notebook_exports_and_reads_comes_back_as_content(settings, warm):
    (settings.root / "elsewhere.csv").touch()
    folder = f"from pathlib import Path\nimport os\ndata = Path({str(settings.root)!r}) / 'data'"
    reads = "import pandas as pd\n_ = pd.read_csv(data / 'events.csv'), os.path.exists(data / 'looked-at.csv')"
    again = "_ = os.open(data / '..' / 'data' / 'events.csv', os.O_RDONLY), open(data / '..' / 'elsewhere.csv')"
    lost = "try: open(os.fsencode(data / 'not-there.csv'))\nexcept OSError: pass"
    writes = "out = Path('exports/charts'); out.mkdir(parents=True)\n_ = (out / 'a.csv').write_text(name)"
    more = "_ = (data / 'written.csv').write_text('')"

    done = runner.run_notebook(job(folder, reads, again, lost, writes, more), settings, warm)

    assert (done.failure, done.files) == ("", {"charts/a.csv": b"one"})
    assert done.inputs == {
        "data/events.csv": fingerprints.of_file(settings.root / "data" / "events.csv"),
        "data/not-there.csv": "",
    }
    assert str(Path.home()) not in done.notebook.replace(str(settings.root), "") and "run-" not in done.notebook
    assert 0 < done.in_cells < done.seconds


def test_a_kernel_that_notes_nothing_and_a_worker_with_another_library_are_told(monkeypatch):
    done = runner.run_notebook(replace(job("x = 1"), code={"the library": "older"}), SETTINGS)
    assert done.failure == f"the library on {platform.node()} is not, or no longer, the one of this run"

    monkeypatch.setattr(runner.notes, "FILE", "another-name.txt")
    assert run("x = 1").failure == "its kernel did not note what it read"


def test_notebooks_at_the_same_time_do_not_share_a_folder():
    write = "import os\nfrom pathlib import Path\nPath('exports').mkdir()\nPath('here').write_text(name)"
    read = "_ = Path('exports/told').write_text(Path('here').read_text() + ' ' + os.getcwd())"
    before = Path.cwd()
    with ThreadPoolExecutor(4) as threads:
        four = [job(write, read, name=f"n{i}") for i in range(4)]
        runs = list(threads.map(lambda one: runner.run_notebook(one, SETTINGS), four))

    told = [each.files["told"].decode().split() for each in runs]
    assert [name for name, _ in told] == ["n0", "n1", "n2", "n3"] and len({folder for _, folder in told}) == 4
    assert Path.cwd() == before and not any(Path(folder).exists() for _, folder in told)


def test_a_failure_comes_back_with_the_copy_and_the_cell_a_reader_counts():
    failed = run("x = 1", "1 / 0")
    dead = run("print('so far', flush=True)", "import os; os._exit(1)")

    assert failed.failure == "cell 3 failed: ZeroDivisionError: division by zero"
    assert any(output["output_type"] == "error" for output in outputs(failed))
    assert dead.failure.startswith("DeadKernelError: ")
    assert [output["text"] for output in outputs(dead)] == ["so far\n"]


def test_the_import_that_is_set_aside_is_of_no_use_to_notebooks():
    code = (
        "import sys; import warm_kernels.runner; "
        "print(*('lark' in sys.modules, 'papermill' in sys.modules)); import rfc3987_syntax"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    files = Path(nbformat.__file__).parent.rglob("*.schema.json")
    schemas = "".join(path.read_text(encoding="utf-8") for path in files)

    assert done.stdout.split() == ["False", "True"]
    assert '"$schema"' in schemas and not re.search(r'"format":\s*"iri', schemas)


# In a process of its own.

# What runs in the background of a script is born deaf to Ctrl-C, and so would be what it starts.
SCRIPT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from concurrent.futures import Future, ThreadPoolExecutor
import small
from warm_kernels import runner
small.SETTINGS.results.mkdir(mode=0o700, exist_ok=True)
cells = ["from pathlib import Path; open(Path(small_root) / 'data' / 'events.csv').read()", sys.argv[1]]
cells[0] = cells[0].replace("small_root", repr(str(small.ROOT)))
asked = [small.job(*cells, name=name) for name in ("one", "two", "three")]
with ThreadPoolExecutor(2) as threads, runner.running(asked, small.SETTINGS, threads, small.run_here) as runs:
    for run in runs:
        print(run.failure or sorted(run.inputs), flush=True)
"""


def command(root: Path, cell: str, lib: Path | None = None) -> dict:
    """How to run three notebooks in a process of its own that cannot import our other packages."""
    (root / "childrens_services.py").write_text("raise ImportError('not here')", encoding="utf-8")
    path = os.pathsep.join(map(str, [root, lib or Path(warm_kernels.__file__).parents[1], HERE]))
    env = {**os.environ, "PYTHONPATH": path, "SMALL_ROOT": str(root), "TMPDIR": str(root / "tmp")}
    return {"args": [sys.executable, "-c", SCRIPT, cell], "cwd": root, "env": env, "text": True}


def test_the_package_stands_by_itself_and_runs_only_what_changed(root):
    lib = root / "lib"
    shutil.copytree(Path(warm_kernels.__file__).parent, lib / "warm_kernels")
    how = command(root, "import childrens_services", lib) | {"capture_output": True}

    refused = subprocess.run(**how)
    how["args"][-1] = "print(name)"
    first, again = subprocess.run(**how), subprocess.run(**how)
    (root / "data" / "events.csv").write_text("event_id\nb\n", encoding="utf-8")
    changed = subprocess.run(**how)

    assert "cell 3 failed: ImportError: not here" in refused.stdout
    assert [line.split(maxsplit=4)[4][:4] for line in first.stdout.splitlines()[::2]] == ["done"] * 3, first.stderr
    assert first.stdout.splitlines()[1] == "['data/events.csv']"
    assert [line.split()[-1] for line in again.stdout.splitlines()[::2]] == ["unchanged"] * 3
    assert changed.stdout.count("done in") == 3


def test_the_example_of_the_readme_runs(root):
    readme = (Path(warm_kernels.__file__).parent / "README.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[1]
    cell = f"assert year == 2024; open({str(root / 'data' / 'events.csv')!r}).close()"
    (root / "rates.ipynb").write_text(notebook(cell), encoding="utf-8")

    done = subprocess.run([sys.executable, "-c", example], cwd=root, capture_output=True, text=True)

    assert done.stdout.splitlines()[1].startswith("rates {'data/events.csv': '"), done.stderr


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_notebooks_run_without_a_network(root):
    how = command(root, "print(name)")
    how["args"] = ["unshare", "--user", "--net", *how["args"]]
    if subprocess.run(["unshare", "--user", "--net", "true"]).returncode:
        pytest.skip("this machine does not let us take the network away")

    done = subprocess.run(**how, capture_output=True)

    assert done.stdout.count("done in") == 3, done.stderr


def busy(root: Path, **options: object) -> subprocess.Popen:
    """A process whose notebooks have begun and will take long."""
    begun = root / "begun"
    how = command(root, f"open({str(begun)!r}, 'w').close(); import time; time.sleep(100)")
    running = subprocess.Popen(**how, **options)
    assert eventually(begun.exists)
    return running


@pytest.mark.parametrize("to_all", [True, False], ids=["from the keyboard", "to the runner alone"])
def test_an_interrupt_ends_all_at_once_and_leaves_nothing(root, to_all):
    running = busy(root, stderr=subprocess.PIPE, start_new_session=True)

    (os.killpg if to_all else os.kill)(running.pid, signal.SIGINT)
    told = running.communicate(timeout=20)[1]

    assert told.count("Traceback") == 1 and told.splitlines()[-1] == "KeyboardInterrupt"
    assert eventually(lambda: not marked(f"SMALL_ROOT={root}"))
    assert list((root / "tmp").iterdir()) == []


def test_nothing_outlives_a_runner_that_is_killed(root):
    running = busy(root)

    running.kill()
    running.wait()

    assert eventually(lambda: not marked(f"SMALL_ROOT={root}"))
    assert eventually(lambda: not list((root / "tmp").iterdir()))


# What is kept.


def kept(settings, one) -> Run:
    inputs = fingerprints.of_files([settings.root / "data" / "events.csv"], settings.root)
    done = Run(one.name, 1.0, "", one.notebook, {"charts/a.csv": b"1"}, inputs, in_cells=0.5)
    results.keep(one, done, settings)
    return done


def test_what_has_not_changed_is_given_back_as_it_was_and_stored_outputs_are_no_change(settings):
    one = job("1 + 1")
    done, cells = kept(settings, one), nbformat.reads(one.notebook, as_version=4)
    cells.cells[1].outputs, cells.cells[1].execution_count = [nbformat.v4.new_output("stream", text="2")], 7

    assert results.find(one, settings) == (replace(done, kept=True), "")
    assert results.seconds_before(one, settings) == 1.0
    assert fingerprints.notebook(nbformat.writes(cells)) == fingerprints.notebook(one.notebook)
    cells.cells[1].metadata["tags"] = ["in-short"]
    assert fingerprints.notebook(nbformat.writes(cells)) != fingerprints.notebook(one.notebook)


def spoil(settings, name: str = "", content: bytes = b"2") -> None:
    """Alter a file in the kept result, as a careless or hostile hand would."""
    path = next(settings.results.glob("*.zip"))
    with zipfile.ZipFile(path) as kept:
        held = {each: kept.read(each) for each in kept.namelist()} | {name: content}
    with zipfile.ZipFile(path, "w") as kept:
        for each in held:
            kept.writestr(each, held[each])


def flip_a_bit(settings, at: int = 300) -> None:
    path = next(settings.results.glob("*.zip"))
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


DAMAGED = "its kept result is damaged"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one, at: job("x = 2"), "its cells changed"),
        (lambda one, at: replace(one, values={"name": "two"}), "not run before with these parameters"),
        (lambda one, at: replace(one, code=one.code | {"the library": "newer"}), "the library changed"),
        (lambda one, at: replace(one, code=dict.fromkeys(one.code, "newer")), "the library, the environment changed"),
        (lambda one, at: (at.root / "data" / "events.csv").write_text("b\n"), "data/events.csv changed"),
        (lambda one, at: (at.root / "data" / "events.csv").unlink(), "data/events.csv changed"),
        (lambda one, at: flip_a_bit(at), DAMAGED),
        (lambda one, at: next(at.results.glob("*.zip")).write_bytes(b""), DAMAGED),
        (lambda one, at: spoil(at, "executed.ipynb"), DAMAGED),
        (lambda one, at: spoil(at, "files/charts/a.csv"), DAMAGED),
        (lambda one, at: spoil(at, "files/more.csv"), DAMAGED),
        (lambda one, at: results.keep(one, Run("one", 1.0, files={"../../elsewhere.csv": b"1"}), at), DAMAGED),
    ],
)
def test_a_notebook_runs_again_for_a_reason(settings, change, reason):
    one = job("x = 1")
    kept(settings, one)

    changed = change(one, settings)

    assert results.find(changed if isinstance(changed, Job) else one, settings) == (None, reason)


def test_a_table_that_changes_during_a_run_is_told(settings):
    one = job("x = 1")
    done = Run("one", 1.0, notebook=one.notebook, inputs={"data/events.csv": "as it was"})

    with ThreadPoolExecutor(1) as threads, runner.running([one], settings, threads, lambda _: done, tell=str) as runs:
        told = next(runs).failure

    assert told == "data/events.csv: changed while it ran, or its worker has others; run it again"
    assert results.find(one, settings)[0] is None


def test_a_file_that_leads_out_of_its_folder_is_a_failure(settings):
    for name in ("/etc/passwd", "a/../../b", "..", "a//b", "C:b", "a\\b", ""):
        future: Future = Future()
        future.set_result(Run("one", 1.0, files={name: b"1"}))
        assert "leads out of the folder" in runner._result(job("x = 1"), future, settings).failure
    assert results.plain("charts/a.csv") == "charts/a.csv"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no modes")
def test_a_store_that_others_can_write_to_is_refused(settings):
    one = job("x = 1")
    kept(settings, one)
    settings.results.chmod(0o770)

    with pytest.raises(results.StoreError, match=r"results: found mode 770 and you as its owner, expected 700 and you"):
        results.find(one, settings)


def test_what_a_killed_process_had_begun_to_keep_is_swept(settings):
    settings.results.mkdir(mode=0o700)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid in (gone.pid, os.getpid()):
        (settings.results / f"one-0123.{pid}.part").touch()

    results.sweep(settings)

    assert [path.name for path in settings.results.iterdir()] == [f"one-0123.{os.getpid()}.part"]


def test_what_was_longest_not_used_is_dropped(settings):
    names = [f"n{i}" for i in range(4)]
    for age, name in enumerate(names):
        kept(settings, job("x = 1", name=name))
        os.utime(results._place(job("x = 1", name=name), settings), (age, age))
    size = results._place(job("x = 1", name="n0"), settings).stat().st_size

    results.find(job("x = 1", name="n0"), settings)  # used again
    results.clear_away(settings, limit=2 * size)

    assert [name for name in names if results.find(job("x = 1", name=name), settings)[0]] == ["n0", "n3"]
