"""Notebooks run as content, warm as cold, in any executor; only what changed runs again."""

import os
import platform
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from childrens_services import paths, tables
from childrens_services.edition import runner
from childrens_services.edition.parameters import Parameters
from warm_kernels import fingerprints, results
from warm_kernels.results import Job, Run

COLD = "warm_kernels.kernels.ColdKernelManager"
PARAMETERS = 'edition: str = ""  # folder to export to\nname: str = "one"  # whose'
FIGURES = """
import matplotlib.pyplot as plt, pandas as pd
from childrens_services.telling import style
plt.plot([1, 3, 2], label=name); plt.legend(); plt.show()
pd.DataFrame({"x": [1.5, None]})"""


def job(*cells: str, name: str = "one", values: dict | None = None) -> Job:
    """A notebook of some code cells, as a job."""
    code = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    notebook = nbformat.v4.new_notebook(cells=code + [nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    given = {"edition": runner.EXPORTS, "name": name} | (values or {})
    return Job(name, nbformat.writes(notebook), given, fingerprints.library(), fingerprints.environment())


def outputs(run: Run) -> list[dict]:
    return [output for cell in nbformat.reads(run.notebook, as_version=4).cells for output in cell.get("outputs", [])]


def test_a_warm_run_is_a_cold_run_byte_for_byte_figures_included():
    one = job(FIGURES)

    warm, cold = runner.run_notebook(one), runner.run_notebook(one, COLD)

    assert (warm.failure, cold.failure) == ("", "")
    assert [kind for output in outputs(warm) for kind in output.get("data", ()) if kind == "image/png"]
    assert warm.notebook == cold.notebook


@pytest.mark.sweep
@pytest.mark.parametrize("name", runner.notebook_names())
def test_every_notebook_runs_warm_as_it_runs_cold(name):
    one = next(each for each in runner.jobs(Parameters().values()) if each.name == name)

    warm, cold = runner.run_notebook(one), runner.run_notebook(one, COLD)

    assert (warm.failure, cold.failure) == ("", "")
    assert warm.notebook == cold.notebook
    assert warm.files == cold.files and warm.files
    assert warm.inputs == cold.inputs and warm.inputs


def test_what_a_notebook_exports_and_reads_comes_back_as_content():
    run = runner.run_notebook(
        job("from pathlib import Path\nfrom childrens_services import sources, tables",
            "folder = Path(edition) / 'charts'; folder.mkdir(parents=True)\n_ = (folder / 'a.csv').write_text(name)",
            "_ = tables.load('themes'), sources.register()")
    )  # fmt: skip

    assert (run.failure, run.files) == ("", {"charts/a.csv": b"one"})
    assert run.inputs == {
        name: fingerprints.of_file(paths.ROOT / name) for name in ("data/tidy/themes.csv", "data/curated/sources.csv")
    }
    assert str(Path.home()) not in run.notebook and "/tmp" not in run.notebook
    assert 0 < run.in_cells < run.seconds


def test_a_table_is_noted_in_a_run_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.delenv(fingerprints.NOTES, raising=False)
    tables.load("themes")
    monkeypatch.setenv(fingerprints.NOTES, str(tmp_path / "notes.txt"))
    tables.load("forecasts", as_at="2022-08-01")  # which refers to events, whose rows must be public too

    noted = fingerprints.read_notes(tmp_path / "notes.txt")

    assert set(noted) == {"data/tidy/forecasts.csv", "data/tidy/events.csv"}
    assert fingerprints.changed(noted) == []
    assert fingerprints.read_notes(tmp_path / "nothing.txt") == {}


def test_notebooks_at_the_same_time_do_not_share_a_folder():
    write = "import os\nfrom pathlib import Path\nPath(edition).mkdir()\nPath('here').write_text(name)"
    read = "_ = (Path(edition) / 'told').write_text(Path('here').read_text() + ' ' + os.getcwd())"
    before = Path.cwd()
    with ThreadPoolExecutor(4) as threads:
        runs = list(threads.map(runner.run_notebook, [job(write, read, name=f"n{i}") for i in range(4)]))

    told = [run.files["told"].decode().split() for run in runs]
    assert [name for name, _ in told] == ["n0", "n1", "n2", "n3"] and len({folder for _, folder in told}) == 4
    assert Path.cwd() == before


def test_a_failure_comes_back_with_the_copy_and_the_cell_a_reader_counts():
    failed = runner.run_notebook(job("x = 1", "1 / 0"))
    dead = runner.run_notebook(job("print('so far', flush=True)", "import os; os._exit(1)"))

    assert failed.failure == "cell 3 failed: ZeroDivisionError: division by zero"
    assert any(output["output_type"] == "error" for output in outputs(failed))
    assert dead.failure.startswith("DeadKernelError: ")
    assert [output["text"] for output in outputs(dead)] == ["so far\n"]


def test_a_worker_with_another_library_is_told():
    run = runner.run_notebook(replace(job("x = 1"), library="older"))

    assert run.failure == f"the library on {platform.node()} is not, or no longer, the one that this run began with"


def test_the_import_that_is_set_aside_is_of_no_use_to_notebooks():
    code = (
        "import sys; from childrens_services.edition import runner; runner._engine(); "
        "print(*('lark' in sys.modules, 'papermill' in sys.modules)); import rfc3987_syntax"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    files = Path(nbformat.__file__).parent.rglob("*.schema.json")
    schemas = "".join(path.read_text(encoding="utf-8") for path in files)

    assert done.stdout.split() == ["False", "True"]
    assert '"$schema"' in schemas and not re.search(r'"format":\s*"iri', schemas)


# What is kept.


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A root with one table, and reports of its own."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "reports")
    (tmp_path / "events.csv").write_text("event_id\na\n", encoding="utf-8")
    return tmp_path


def kept(place: Path, one: Job) -> Run:
    run = Run(one.name, 1.0, notebook=one.notebook, files={"charts/a.csv": b"1"}, in_cells=0.5,
              inputs={"events.csv": fingerprints.of_file(place / "events.csv")})  # fmt: skip
    results.keep(one, run)
    return run


def test_what_has_not_changed_is_given_back_as_it_was(place):
    one = job("x = 1")
    run = kept(place, one)

    assert results.find(one) == (replace(run, kept=True), "")
    assert results.seconds_before(one) == 1.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one: job("x = 2"), "its cells changed"),
        (lambda one: replace(one, values={"name": "two"}), "not run before with these parameters"),
        (lambda one: replace(one, library="newer"), "the library changed"),
        (lambda one: replace(one, environment="newer", library="newer"), "the library, the environment changed"),
    ],
)
def test_a_notebook_runs_again_for_a_reason(place, change, reason):
    one = job("x = 1")
    kept(place, one)

    assert results.find(change(one)) == (None, reason)


def test_a_changed_row_and_a_lost_table_are_reasons(place):
    one = job("x = 1")
    kept(place, one)

    (place / "events.csv").write_text("event_id\nb\n", encoding="utf-8")
    changed = results.find(one)
    (place / "events.csv").unlink()

    assert changed == results.find(one) == (None, "events.csv changed")


def test_stored_outputs_are_no_change_of_cells():
    one = nbformat.reads(job("1 + 1").notebook, as_version=4)
    before = fingerprints.notebook(nbformat.writes(one))

    one.cells[1].outputs = [nbformat.v4.new_output("stream", text="2")]
    one.cells[1].execution_count = 7

    assert fingerprints.notebook(nbformat.writes(one)) == before
    one.cells[1].metadata["tags"] = ["in-short"]
    assert fingerprints.notebook(nbformat.writes(one)) != before


def test_a_damaged_result_is_run_again(place):
    one = job("x = 1")
    kept(place, one)
    path = next((place / "reports" / ".cache").glob("*.zip"))
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)

    assert results.find(one) == (None, "its kept result is damaged")
    path.write_bytes(b"")
    assert results.find(one) == (None, "its kept result is damaged")


def test_what_was_longest_not_used_is_dropped(place):
    names = [f"n{i}" for i in range(4)]
    for age, name in enumerate(names):
        kept(place, job("x = 1", name=name))
        os.utime(results._place(job("x = 1", name=name)), (age, age))
    size = results._place(job("x = 1", name="n0")).stat().st_size

    results.find(job("x = 1", name="n0"))  # used again
    results.clear_away(limit=2 * size)

    assert [name for name in names if results.find(job("x = 1", name=name))[0]] == ["n0", "n3"]
