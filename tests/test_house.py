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
    "cli": {
        "ofsted_reports",
        "warm_kernels",
        "ground",
        "register",
        "normalise",
        "publishers",
        "analysis",
        "changes",
        "edition",
    },
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
def test_a_module_can_be_read_in_five_minutes(module):
    assert len(file_of(module).read_text(encoding="utf-8").splitlines()) <= 320


def test_no_function_is_longer_than_forty_lines_or_has_more_than_six_parameters():
    found = {module: ast.walk(ast.parse(file_of(module).read_text(encoding="utf-8"))) for module in modules()}
    functions = [
        (module, node) for module, nodes in found.items() for node in nodes if isinstance(node, ast.FunctionDef)
    ]
    given = [
        (f"{module}.{f.name}", f.end_lineno - f.lineno + 1, [*f.args.args, *f.args.kwonlyargs])
        for module, f in functions
    ]

    assert [name for name, lines, parameters in given if lines > 40 or len(parameters) > 6] == []


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
def test_notebooks_have_one_set_of_parameters(path):
    """A notebook takes the lines that it uses, spelled as in every other one and in the same order."""
    spelled = {}
    exec(parameters_cell(path), spelled)
    every = {name: value for name, value in Parameters().values().items() if name in spelled}
    whole = parameters_cell(paths.NOTEBOOKS / "03-where-does-the-money-go.ipynb").splitlines()

    assert {name: spelled[name] for name in every} == every
    assert {"authorities", "as_at"} <= set(every)  # one without a chart takes no `edition`
    assert parameters_cell(path).splitlines() == [line for line in whole if line.partition(":")[0] in every]
    for line in whole:
        assert re.fullmatch(r"\w+: (list|str|int) = .+  # .+", line), line


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_uses_each_parameter_that_it_takes(path):
    code = "\n".join(c.source for c in cells(path, "code") if "parameters" not in c.metadata.get("tags", []))
    taken = [line.partition(":")[0] for line in parameters_cell(path).splitlines()]

    assert [name for name in taken if not re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_keep_their_shape(path):
    code = [c.source for c in cells(path, "code")]
    lengths = sorted(len(source.splitlines()) for source in code)
    title = cells(path, "markdown")[0].source.splitlines()[0]

    assert title.startswith("# ") and title.endswith("?")
    assert max(lengths) <= 20 and lengths[len(lengths) // 2] <= 10
    assert not any(re.search(r"^\s*(def|class) ", source, re.MULTILINE) for source in code)
    assert any("in-short" in c.metadata.get("tags", []) for c in cells(path, "code"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_import_only_what_is_meant_for_them(path):
    named = {name for cell in cells(path, "code") for name in imported(ast.parse(cell.source))}
    ours = {name for name in named if name in modules()}

    assert {name.partition(".")[0] for name in named} <= {"childrens_services", "pandas", "seaborn", "matplotlib"}
    assert {room_of(name) if name.count(".") > 1 else name.rpartition(".")[2] for name in ours} <= set(NOTEBOOK_IMPORTS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_number_is_typed_into_the_words_of_a_notebook(path):
    typed = [c.source for c in cells(path, "markdown") if re.search(r"\d", strip_terms(c.source))]

    assert typed == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_run_by_the_name_everyone_has(path):
    notebook = nbformat.read(path, as_version=4)

    assert notebook.metadata.kernelspec.name == "python3"
    assert not any("/home/" in c.source or str(paths.ROOT) in json.dumps(c.get("outputs", [])) for c in notebook.cells)


def specifiers(lines):
    return {line.strip().removeprefix("- ").strip() for line in lines}


def test_environment_yml_keeps_step_with_pyproject():
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = set(project["dependencies"]) | set(project["optional-dependencies"]["test"])
    lines = (paths.ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()

    listed = {s for s in specifiers(lines) if re.match(r"[a-z0-9.-]+[>=<]", s)} - {"python>=3.11"}

    assert listed == wanted


def test_the_lock_holds_names_versions_and_hashes_only():
    lines = (paths.ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()

    strange = [
        x for x in lines if not re.fullmatch(r"[\w.-]+==[\w.+!]+( ;.*)?( \\)?|    --hash=sha256:[0-9a-f]{64}( \\)?", x)
    ]

    assert strange == []


def test_the_api_page_is_made_of_the_docstrings():
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


def test_the_dictionary_is_the_contracts():
    assert (paths.ROOT / "data" / "DICTIONARY.md").read_text(encoding="utf-8") == dictionary.dictionary()


def test_every_dependency_says_why_it_is_here():
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[><=]", d)[0] for d in [*project["dependencies"], *project["optional-dependencies"]["test"]]]
    text = (paths.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert [name for name in names if f"`{name}`" not in text] == []
