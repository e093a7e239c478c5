"""Change the code of rules, sums, rounding and sorts in one small way at a time, and see whether its tests notice.

Run by `make mutate`. Each change is compiled in a process of its own, forked from one that has imported the libraries;
no file is written. What no test notices must stand in `data/survivors.csv` with a reason. Prints a line a module.
"""

import argparse
import ast
import copy
import csv
import importlib
import os
import random
import signal
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import NamedTuple

from childrens_services import paths

TESTS = Path(__file__).parent
LIB = paths.ROOT / "lib" / "childrens_services"
SURVIVORS = TESTS / "data" / "survivors.csv"
SECONDS = 120  # a change can make a loop without end
LIBRARIES = ("pytest", "hypothesis", "pandas", "pandera.pandas", "scipy.stats", "pyarrow.parquet", "seaborn")
# Which tests must notice a change of a module.
NOTICED_BY = {
    "rounding": "test_rounding",
    "ordering": "test_ordering",
    "money": "test_money",
    "periods": "test_dates",
    "analysis/claim_tests": "test_claims",
    "analysis/spells": "test_spells",
    "analysis/compare": "test_compare",
    "analysis/shares": "test_shares",
    "analysis/ends": "test_ends",
    "analysis/turns": "test_turns",
    "analysis/timeline": "test_timeline",
    "analysis/findings": "test_findings",
    "analysis/promises": "test_promises",
    "analysis/record": "test_record",
    "normalise/facts": "test_facts",
    "normalise/releases": "test_releases",
    "normalise/inspections": "test_inspections",
    "normalise/spending": "test_spending",
    "normalise/indicators": "test_indicators",
    "normalise/reference": "test_reference",
    "normalise/authorities": "test_authorities",
}
_OPERATORS = {
    **{ast.LtE: ast.Lt, ast.Lt: ast.LtE, ast.GtE: ast.Gt, ast.Gt: ast.GtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
}


class Change(NamedTuple):
    """One change: its line as it stands, what that becomes, and the changed module."""

    line: str
    becomes: str
    tree: ast.Module


def changes(source: str) -> Iterator[Change]:
    """Yield every change of a module's code: operators, conditions, whole numbers, switches, stable sorts."""
    lines = source.splitlines()
    number = len(list(ast.walk(ast.parse(source))))
    for index in range(number):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[index]
        for variant in range(_variants(node)):
            changed = copy.deepcopy(tree)
            there = list(ast.walk(changed))[index]
            before, _ = ast.unparse(there), _change(there, variant)
            line = lines[getattr(node, "lineno", 1) - 1].strip()
            yield Change(line, f"{before[:60]} → {ast.unparse(there)[:60]}", ast.fix_missing_locations(changed))


def _variants(node: ast.AST) -> int:
    """Return in how many ways a node can be changed."""
    match node:
        case ast.Compare():
            return sum(type(operator) in _OPERATORS for operator in node.ops)
        case ast.BinOp() | ast.BoolOp():
            return int(type(node.op) in _OPERATORS)
        case ast.IfExp() | ast.If():
            return 1
        case ast.comprehension():
            return len(node.ifs)
        case ast.keyword(arg="kind", value=ast.Constant(value="stable")):
            return 1
        case ast.Constant(value=bool() | int()):
            return 1
    return 0


def _change(node: ast.AST, variant: int) -> None:
    match node:
        case ast.Compare():
            places = [i for i, operator in enumerate(node.ops) if type(operator) in _OPERATORS]
            node.ops[places[variant]] = _OPERATORS[type(node.ops[places[variant]])]()
        case ast.BinOp() | ast.BoolOp():
            node.op = _OPERATORS[type(node.op)]()
        case ast.IfExp() | ast.If():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.comprehension():
            node.ifs[variant] = ast.UnaryOp(ast.Not(), node.ifs[variant])
        case ast.keyword():
            node.value.value = "heapsort"
        case ast.Constant():
            node.value = not node.value if isinstance(node.value, bool) else node.value + 1


def is_noticed(path: Path, change: Change, tests: str) -> bool:
    """Run the tests on the changed module in a process of its own, and return whether one fails."""
    sys.stdout.flush()
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0
    signal.alarm(SECONDS)
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    whole = SourceFileLoader.get_code
    SourceFileLoader.get_code = lambda loader, name: (
        compile(change.tree, path, "exec") if Path(loader.path) == path else whole(loader, name)
    )
    for name in [name for name in sys.modules if name.startswith("childrens_services")]:
        del sys.modules[name]
    import pytest

    asked = ["-x", "-q", "-m", "not sweep", "-p", "no:cacheprovider", "-p", "no:xdist", str(TESTS / f"{tests}.py")]
    os._exit(int(pytest.main(asked)))


def listed() -> set[tuple[str, str, str]]:
    """Return the changes that no test need notice: module, line and what it becomes."""
    with SURVIVORS.open(encoding="utf-8", newline="") as file:
        return {(row["module"], row["line"], row["becomes"]) for row in csv.DictReader(file)}


def main() -> int:
    """Try the changes asked for; return 1 where one that is not listed goes unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="such as analysis/spells; all of them where none is named")
    parser.add_argument("--most", type=int, default=0, help="so many changes of each module, drawn by the seed")
    parser.add_argument("--seed", type=int, default=15)
    asked = parser.parse_args()
    for name in LIBRARIES:
        importlib.import_module(name)
    chance, excused, wrong = random.Random(asked.seed), listed(), 0
    print(f"{'module':28}{'changes':>9}{'noticed':>9}{'listed':>9}{'not':>9}")
    for module in asked.modules or NOTICED_BY:
        path = LIB / f"{module}.py"
        source = path.read_text(encoding="utf-8")
        if is_noticed(path, Change("", "", ast.parse(source)), NOTICED_BY[module]):
            sys.exit(f"{module}: {NOTICED_BY[module]} fails as it is; mend it first")
        found = list(changes(source))
        found = chance.sample(found, min(asked.most or len(found), len(found)))
        lived = [each for each in found if not is_noticed(path, each, NOTICED_BY[module])]
        new = [each for each in lived if (module, each.line, each.becomes) not in excused]
        counts = (len(found), len(found) - len(lived), len(lived) - len(new), len(new))
        print(f"{module:28}" + "".join(f"{count:>9}" for count in counts), flush=True)
        for each in new:
            print(f"  {each.line}\n    {each.becomes}", flush=True)
        wrong += len(new)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
