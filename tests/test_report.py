"""An edition appears whole or not at all, twice the same, and a failure says where it is."""

import json
import re
import shutil
from concurrent.futures import BrokenExecutor, Executor, Future
from hashlib import sha256
from pathlib import Path

import editions
import nbformat
import pandas as pd
import pytest
from childrens_services import cli, paths
from childrens_services.edition import bundles, make, run
from childrens_services.edition.each_authority import InLine
from childrens_services.edition.parameters import Parameters, read_parameters
from childrens_services.telling.export import CHART_MIME
from click.testing import CliRunner
from editions import NAME, run_command
from warm_kernels import Run, fingerprints

FIRST = next(path.stem for path in paths.NOTEBOOKS.glob("00-*.ipynb"))  # the quickest with charts
BREAK = 'raise ValueError("no such thing\\nas this")'


class Killed(Executor):
    """An executor whose workers are killed."""

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        future.set_exception(BrokenExecutor("terminated abruptly"))
        return future


@pytest.fixture(scope="session")
def edition(tmp_path_factory):
    return editions.edition(tmp_path_factory, "default")


@pytest.fixture(scope="session")
def told(tmp_path_factory, edition):
    """What the command printed that made the edition: stdout and stderr."""
    return editions.told(tmp_path_factory)


def content(folder: Path) -> dict[str, str]:
    """Return the digest of every file, executed copies too."""
    return fingerprints.of_files(folder.rglob("*"), folder)


# The default edition.


def test_progress_is_a_line_a_notebook_and_the_last_line_is_the_path_of_the_index(edition, told):
    lines = told["stderr"].splitlines()
    names = run.notebook_names()

    matched = [re.fullmatch(r"(\d+) of (\d+)  ([\w-]+)  done in \d+\.\d s", line) for line in lines]
    assert [m.groups() for m in matched if m] == [(str(i), str(len(names)), n) for i, n in enumerate(names, start=1)]
    assert not [line for line in lines if "Traceback" in line or "Warning" in line or "\x1b" in line]
    assert Path(told["stdout"].splitlines()[-1]) in (edition / "index.html", Path(NAME) / "index.html")


def test_an_edition_holds_what_the_design_says_and_nothing_is_left_beside_it(edition):
    there = set(content(edition))
    outputs = [data for path in (edition / "notebooks").iterdir() for data in shown(path)]
    exported = [data[CHART_MIME]["id"] for data in outputs if CHART_MIME in data]

    html = {f"{name}.html" for name in ("index", "changes", "charts", "numbers", "sources", *run.notebook_names())}
    assert html == {path for path in there if path.endswith(".html")}
    assert {"README.md", "numbers.csv", "report.pdf", "manifest.json", "charts.zip", "tables.xlsx"} <= there
    assert {f"notebooks/{name}.ipynb" for name in run.notebook_names()} <= there
    charts = {f"charts/{chart}.{kind}" for chart in exported for kind in (*bundles.PACKED, "zip")}
    assert charts == {path for path in there if path.startswith("charts/")}
    assert sorted(path.name for path in edition.parent.iterdir()) == [".cache", f".{NAME}.lock", NAME]


def test_the_manifest_lists_what_is_there(edition):
    listed = json.loads((edition / "manifest.json").read_text(encoding="utf-8"))
    there = {name: found for name, found in content(edition).items() if not name.startswith("notebooks/")}
    del there["manifest.json"]

    assert listed["outputs"] == there
    assert listed["inputs"] == {path: sha256((paths.ROOT / path).read_bytes()).hexdigest() for path in listed["inputs"]}
    assert {"data/tidy/events.csv", "data/tidy/spending.parquet"} <= set(listed["inputs"])
    assert {f"notebooks/{name}.ipynb" for name in run.notebook_names()} <= set(listed["inputs"])
    assert listed["parameters"] == {**Parameters().values(), "edition": NAME}
    assert {"childrens-services", "python", "pandas", "matplotlib", "papermill"} <= set(listed["versions"])


def test_an_edition_names_no_place_of_this_machine_and_numbers_have_one_row_each(edition):
    kinds = (".html", ".md", ".csv", ".json", ".svg", ".css")
    texts = {path: path.read_text(encoding="utf-8") for path in edition.rglob("*") if path.suffix in kinds}
    places = [str(paths.ROOT), str(edition.parent), str(Path.home())]

    assert texts and [path for path, text in texts.items() if any(place in text for place in places)] == []

    numbers = pd.read_csv(edition / "numbers.csv", dtype=str, keep_default_na=False)

    assert list(numbers) == ["number_id", "text", "value", "how", "table", "rows", "sources", "notebooks"]
    assert numbers["number_id"].is_unique and numbers["number_id"].str.fullmatch(r"n[0-9a-f]{10}").all()
    assert numbers["number_id"].is_monotonic_increasing
    assert not numbers[["text", "how", "table", "notebooks"]].eq("").any(axis=None)
    assert {name for cell in numbers["notebooks"] for name in cell.split()} <= set(run.notebook_names())


@pytest.mark.sweep
def test_two_runs_in_a_row_give_the_same_bytes(edition, tmp_path):
    done = run_command(tmp_path, PYTHONHASHSEED="7", TZ="Asia/Tokyo", LC_ALL="C.UTF-8", COLUMNS="40")

    assert done.returncode == 0, done.stderr
    assert content(tmp_path / NAME) == content(edition)


# A small house, with one notebook and its own folder of reports.


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A root with the real tidy tables, a copy of one notebook, and no reports yet; folders are patched to it."""
    root = tmp_path_factory.mktemp("house")
    (root / "data").symlink_to(paths.ROOT / "data")
    (root / "notebooks").mkdir()
    shutil.copy(paths.NOTEBOOKS / f"{FIRST}.ipynb", root / "notebooks")
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in {"ROOT": "", "TIDY": "data/tidy", "NOTEBOOKS": "notebooks", "REPORTS": "reports"}.items():
            patch.setattr(paths, name, root / folder)
        yield root


@pytest.fixture(scope="module")
def last(house):
    """The last good edition of the small house, as bytes."""
    make.make_edition(Parameters(), InLine())
    return content(house / "reports" / NAME)


@pytest.fixture
def notebooks(house):
    """The notebooks of the small house, put back after the test."""
    folder = house / "notebooks"
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    yield folder
    for path in folder.iterdir():
        path.unlink()
    for name, text in kept.items():
        (folder / name).write_bytes(text)
    shutil.rmtree(house / "reports" / f".{NAME}.failed", ignore_errors=True)


def break_cell(path: Path, source: str = BREAK, code_cell: int = 1) -> int:
    """Put a faulty line before a code cell; return the number of the cell as a reader counts them."""
    notebook = nbformat.read(path, as_version=4)
    index = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"][code_cell]
    notebook.cells[index].source = f"{source}\n{notebook.cells[index].source}"
    nbformat.write(notebook, path)
    return index + 1


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def shown(path: Path) -> list[dict]:
    """Return what the cells of an executed notebook show, as data."""
    return [output.get("data", {}) for cell in code_cells(path) for output in cell.outputs]


def test_the_same_edition_again_is_the_same_bytes_and_shares_its_charts_with_the_whole(house, last, edition):
    index = make.make_edition(Parameters(), InLine(), force=True)

    assert index == house / "reports" / NAME / "index.html"
    assert content(index.parent) == last

    whole = content(edition)
    charts = [name for name in last if name.startswith("charts/")]

    assert charts and {name: last[name] for name in charts} == {name: whole[name] for name in charts}


def fails(house, executor) -> str:
    """Make an edition, which must fail and leave the last as it is; return what is said first."""
    before = content(house / "reports" / NAME)
    with pytest.raises(make.ReportError) as caught:
        make.make_edition(Parameters(), executor)
    first, final = str(caught.value).splitlines()
    assert final == "the last edition is untouched" and content(house / "reports" / NAME) == before
    return first


@pytest.mark.parametrize(
    ("source", "executor", "words"),
    [
        (BREAK, InLine(), r"cell {} failed: ValueError: no such thing as this; executed copy: .*"),
        ("", Killed(), "its process was ended from outside, or ran out of memory; no executed copy"),
    ],
)
def test_a_failure_is_told_and_leaves_the_last_edition_untouched(house, last, notebooks, source, executor, words):
    number = break_cell(notebooks / f"{FIRST}.ipynb", source, code_cell=2)

    said = fails(house, executor)

    assert re.fullmatch(f"{FIRST}: {words.format(number)}", said)
    copy = said.partition("executed copy: ")[2]
    assert not copy or any(source in cell.source for cell in code_cells(Path(copy)))


def test_the_command_fails_with_a_line_a_failure(house, last, notebooks, monkeypatch):
    shutil.copy(notebooks / f"{FIRST}.ipynb", notebooks / "02-the-same-again.ipynb")
    for path in notebooks.iterdir():
        break_cell(path, code_cell=1)
    whole = make.make_edition
    monkeypatch.setattr(make, "make_edition", lambda parameters, *_, **__: whole(parameters, InLine()))

    done = CliRunner().invoke(cli.main, ["report"])

    lines = done.stderr.splitlines()
    assert done.exit_code == 1 and done.stdout == ""
    told = [line for line in lines if " failed in " in line]
    assert [line.split()[3] for line in told] == [FIRST, "02-the-same-again"]
    assert len([line for line in lines if "ValueError: no such thing as this; executed copy: " in line]) == 2
    assert lines[-1] == "the last edition is untouched"
    assert content(house / "reports" / NAME) == last


def test_a_page_that_cannot_be_written_leaves_the_last_edition_untouched(house, last, notebooks, monkeypatch):
    def broken(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(run, "run_notebook", lambda job: Run(job.name, 0.0))
    monkeypatch.setattr(make, "write_edition", broken)

    with pytest.raises(OSError, match="no space left"):
        make.make_edition(Parameters(), InLine())

    assert content(house / "reports" / NAME) == last


# Before any kernel starts.


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["-p", "as_to", "2024-04-04"], "error: unknown parameter 'as_to' (did you mean 'as_at'?)"),
        (["-p", "as_at", "2019-06-30"] * 2, "error: a parameter is given twice; give each once"),
    ],
)
def test_a_bad_parameter_is_refused_before_a_notebook_runs(monkeypatch, given, words):
    started = []
    monkeypatch.setattr(make, "make_edition", lambda *_: started.append("edition"))

    done = CliRunner().invoke(cli.main, ["report", *given])

    assert (done.exit_code, done.stdout, started) == (1, "", [])
    assert done.stderr.startswith(words) and len(done.stderr.splitlines()) == 1


def test_good_parameters_reach_the_notebooks(house, monkeypatch, tmp_path):
    given = []
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(run, "run_notebook", lambda job: given.append(job.values) or Run(job.name, 0.0))
    monkeypatch.setattr(make, "write_edition", lambda *_: None)

    make.make_edition(read_parameters({"authorities": "leeds", "first_year": "2018"}), InLine())

    assert given[0]["authorities"] == ["Leeds"] and given[0]["first_year"] == 2018
    assert given[0]["edition"] == "edition"
    folders = sorted(path.name for path in (tmp_path / "reports").iterdir() if path.is_dir())
    assert folders == [".cache", "leeds--first-year-2018"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, NAME),
        ({"authorities": "E08000035"}, "leeds"),
        ({"as_at": "2024-04-04"}, f"{NAME}--as-at-2024-04-04"),
        ({"price_year": "cash", "comparators": "region"}, f"{NAME}--comparators-region--price-year-cash"),
        ({"authorities": "Bournemouth, Christchurch and Poole"}, "bournemouth-christchurch-and-poole"),
        ({"edition": "for-the-post"}, "for-the-post"),
    ],
)
def test_an_edition_is_named_for_what_differs(given, name):
    assert make.edition_name(read_parameters(given)) == name
