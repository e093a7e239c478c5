"""Write lib/childrens_services/API.md, what the public modules offer, from their docstrings; `make api` runs this."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from childrens_services import paths

PACKAGE = paths.ROOT / "lib" / "childrens_services"
PAGE = PACKAGE / "API.md"
ROOMS = ("tables", "vocabulary", "ordering", "rounding", "analysis", "telling", "telling/drawings")
HEAD = """# What notebooks may import

Made from the docstrings by `make api`; edit those, not this file. A frame is a pandas DataFrame; what is missing is
missing, never zero. Columns of the tidy tables stand in [DICTIONARY.md](../../data/DICTIONARY.md).
"""
LONGEST = 100  # letters of a constant's value; a longer one is cut


def modules() -> list[Path]:
    """List the files of the public modules, in the order of the page."""
    return [path for room in ROOMS for path in sorted([*PACKAGE.glob(f"{room}.py"), *PACKAGE.glob(f"{room}/[!_]*.py")])]


def defined(tree: ast.Module) -> dict[str, ast.stmt]:
    """Map each name that a module defines to its node; a function, a class or a constant."""
    nodes = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    return nodes | {target.id: node for node in assigned for target in node.targets if isinstance(target, ast.Name)}


def public_names(tree: ast.Module) -> list[str]:
    """Read `__all__`; a module without it offers nothing."""
    node = defined(tree).get("__all__")
    return ast.literal_eval(node.value) if node else []


def page() -> str:
    """Return the text of API.md."""
    return "\n".join([HEAD, *(line for path in modules() for line in section(path))])


def section(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes, names = defined(tree), public_names(tree)
    if names:
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield f"## {name}\n\n{ast.get_docstring(tree)}\n"
        yield from (entry(one, nodes[one], name) for one in names)


def entry(name: str, node: ast.stmt, module: str) -> str:
    if isinstance(node, ast.Assign):
        value = ast.unparse(node.value)
        if "_FILE" in value:  # kept as data beside the module
            value = repr(getattr(importlib.import_module(f"childrens_services.{module}"), name))
        return f"### {name}\n\n    {value if len(value) <= LONGEST else value[:LONGEST] + '…'}\n"
    return f"### {name}\n\n    {signature(node)}\n\n{ast.get_docstring(node)}\n"


def signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Return a function with its parameters, or a class with the fields that it declares."""
    if isinstance(node, ast.FunctionDef):
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        return f"{node.name}({ast.unparse(node.args)}){returns}"
    fields = [ast.unparse(field) for field in node.body if isinstance(field, ast.AnnAssign)]
    return f"{node.name}({', '.join(fields)})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
