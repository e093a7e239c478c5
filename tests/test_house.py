"""House rules: imports go down only, notebooks keep their shape, documents keep in step with the code."""

import ast
import graphlib
import json
import re
import subprocess
import sys
import tomllib

import api_page
import nbformat
import pytest
from childrens_services import dictionary, paths
from childrens_services.edition.parameters import Parameters
from childrens_services.telling.words import strip_terms

LIB = paths.ROOT / "lib"
PACKAGES = ("childrens_services", "ofsted_reports", "warm_kernels")
# What each room may import: rooms of a lower floor, as in CONTRIBUTING; `cli` is above all others.
GROUND = {"paths", "vocabulary", "periods", "money", "texts", "digests", "moving", "guards", "ordering", "rounding"}
REGISTER = {"sources", "tables", "contracts", "dictionary"}
MAY_IMPORT = {
    "ground": set(),
    "register": {"ground"},
    "ofsted_reports": set(),
    "warm_kernels": set(),
    "normalise": {"ground", "register", "ofsted_reports"},
    "publishers": {"ground", "register", "ofsted_reports", "normalise"},
    "analysis": {"ground", "register"},
    "telling": {"ground", "register"},
    "changes": {"ground", "register"},
    "edition": {"ground", "register", "analysis", "telling", "changes", "warm_kernels"},
    "cli": {"ground", "register", "normalise", "publishers", "analysis", "changes", "edition"}
    | {"ofsted_reports", "warm_kernels"},
    "__main__": {"cli"},
}
NOTEBOOK_IMPORTS = ("tables", "vocabulary", "ordering", "rounding", "analysis", "telling")
NOT_PUBLIC = {"claim_rows", "claim_tests"}  # modules of analysis that only others of it use
NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))


def name_of(path):
    """The full name of a module: `childrens_services.telling.export`."""
    return ".".join(path.relative_to(LIB).with_suffix("").parts)


def modules():
    files = [path for package in PACKAGES for path in (LIB / package).rglob("*.py")]
    return sorted(name_of(path) for path in files if path.stem != "__init__" or path.parent.name == "ofsted_reports")


def file_of(module):
    return LIB.joinpath(*module.split(".")).with_suffix(".py")


def room_of(module):
    """The room that a module is in: a package beside ours, a folder of ours, or the floor of a single module."""
    package, _, rest = module.partition(".")
    name = rest.split(".")[0] if package == "childrens_services" else package
    return "ground" if name in GROUND else "register" if name in REGISTER else name


def imported(tree):
    """Every name that code imports, spelled from its top: both `a.b` and `a.b.c` for `from a.b import c`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def imports(path):
    """Every module of the three packages that a file imports, lazy imports counted."""
    named = set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    return (named | {f"{name}.__init__" for name in named if name in PACKAGES}) & set(modules())


@pytest.mark.parametrize("module", modules())
def test_imports_go_down_only(module):
    room = room_of(module)
    wrong = [other for other in imports(file_of(module)) if room_of(other) not in MAY_IMPORT[room] | {room}]

    assert wrong == []


def test_imports_make_no_circle():
    order = graphlib.TopologicalSorter({module: imports(file_of(module)) - {module} for module in modules()})

    assert len(list(order.static_order())) == len(modules())  # raises CycleError where there is one


@pytest.mark.parametrize("module", modules())
def test_a_module_can_be_read_in_five_minutes_and_no_function_is_long_or_has_many_parameters(module):
    text = file_of(module).read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]

    assert len(text.splitlines()) <= 320
    assert [each.name for each in functions if each.end_lineno - each.lineno >= 40] == []
    assert [each.name for each in functions if len([*each.args.args, *each.args.kwonlyargs]) > 6] == []


def test_importing_the_package_imports_no_drawing_and_no_papermill():
    code = (
        "import childrens_services, sys; print([m for m in ('matplotlib', 'papermill', 'pandas') if m in sys.modules])"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def parameters_cell(path):
    return next(c.source for c in cells(path, "code") if "parameters" in c.metadata.get("tags", []))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_have_one_set_of_parameters_and_use_each_that_they_take(path):
    spelled = {}
    exec(parameters_cell(path), spelled)
    every = {name: value for name, value in Parameters().values().items() if name in spelled}
    whole = parameters_cell(paths.NOTEBOOKS / "03-where-does-the-money-go.ipynb").splitlines()

    assert {name: spelled[name] for name in every} == every
    assert {"authorities", "as_at"} <= set(every)  # one without a chart takes no `edition`
    assert parameters_cell(path).splitlines() == [line for line in whole if line.partition(":")[0] in every]
    for line in whole:
        assert re.fullmatch(r"\w+: (list|str|int) = .+  # .+", line), line

    code = "\n".join(c.source for c in cells(path, "code") if "parameters" not in c.metadata.get("tags", []))
    taken = [line.partition(":")[0] for line in parameters_cell(path).splitlines()]

    assert [name for name in taken if not re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_keep_their_shape_and_no_number_is_typed_into_their_words(path):
    code = [c.source for c in cells(path, "code")]
    lengths = sorted(len(source.splitlines()) for source in code)
    title = cells(path, "markdown")[0].source.splitlines()[0]

    assert title.startswith("# ") and title.endswith("?")
    assert max(lengths) <= 20 and lengths[len(lengths) // 2] <= 10
    assert not any(re.search(r"^\s*(def|class) ", source, re.MULTILINE) for source in code)
    assert any("in-short" in c.metadata.get("tags", []) for c in cells(path, "code"))

    typed = [c.source for c in cells(path, "markdown") if re.search(r"\d", strip_terms(c.source))]

    assert typed == []

    notebook = nbformat.read(path, as_version=4)

    assert notebook.metadata.kernelspec.name == "python3"
    assert not any("/home/" in c.source or str(paths.ROOT) in json.dumps(c.get("outputs", [])) for c in notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_import_only_what_is_meant_for_them(path):
    named = {name for cell in cells(path, "code") for name in imported(ast.parse(cell.source))}
    ours = {name for name in named if name in modules()}

    assert {name.partition(".")[0] for name in named} <= {"childrens_services", "pandas", "seaborn", "matplotlib"}
    assert {room_of(name) if name.count(".") > 1 else name.rpartition(".")[2] for name in ours} <= set(NOTEBOOK_IMPORTS)


def test_environment_yml_keeps_step_with_pyproject_and_every_dependency_says_why_it_is_here():
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {*project["dependencies"], *project["optional-dependencies"]["test"]}
    texts = [(paths.ROOT / name).read_text(encoding="utf-8") for name in ("environment.yml", "CONTRIBUTING.md")]
    listed = {line.strip().removeprefix("- ").strip() for line in texts[0].splitlines()}

    assert {one for one in listed if re.match(r"[a-z0-9.-]+[>=<]", one)} - {"python>=3.11"} == wanted
    assert [one for one in wanted if f"`{re.split(r'[><=]', one)[0]}`" not in texts[1]] == []


def test_the_lock_holds_names_versions_and_hashes_only():
    lines = (paths.ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()

    strange = [
        x for x in lines if not re.fullmatch(r"[\w.-]+==[\w.+!]+( ;.*)?( \\)?|    --hash=sha256:[0-9a-f]{64}( \\)?", x)
    ]

    assert strange == []


def test_the_dictionary_is_made_of_the_contracts_and_the_api_page_of_the_docstrings():
    assert (paths.ROOT / "data" / "DICTIONARY.md").read_text(encoding="utf-8") == dictionary.dictionary()
    assert api_page.PAGE.read_text(encoding="utf-8") == api_page.page()  # `make api` writes it


@pytest.mark.parametrize("path", api_page.modules(), ids=lambda path: path.stem)
def test_what_a_module_offers_is_there_and_described(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes, names = api_page.defined(tree), api_page.public_names(tree)

    assert names or path.parent.name != "analysis" or path.stem in NOT_PUBLIC
    assert [name for name in names if name not in nodes] == []
    assert [
        name for name in names if not isinstance(nodes[name], ast.Assign) and not ast.get_docstring(nodes[name])
    ] == []
