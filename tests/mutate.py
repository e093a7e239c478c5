"""Change the code of rules, sums, rounding and sorts in one small way at a time, and see whether its tests notice.

Run by `make mutate`. The tests are collected once; each change is put into the imported module in a process of its own,
and no file is written. What no test notices must stand in `data/survivors.csv` with a reason. Prints what neither is
noticed nor listed, and a line a module.
"""

import argparse
import ast
import copy
import csv
import gc
import importlib
import json
import os
import random
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import pytest
from childrens_services import paths, tables

TESTS = Path(__file__).parent
LIB = paths.ROOT / "lib" / "childrens_services"
SURVIVORS = TESTS / "data" / "survivors.csv"
SECONDS = 120  # a change can make a loop without end
CONSTANTS = (bool, int, float, str, tuple, list, dict, set, frozenset, re.Pattern)
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
    """One change: its line as it stands, what that becomes, and where in the module it is made."""

    line: str
    becomes: str
    place: int
    variant: int


def changes(source: str) -> Iterator[Change]:
    """Yield every change of a module's code: operators, conditions, whole numbers, switches, stable sorts."""
    lines = source.splitlines()
    for place, node in enumerate(ast.walk(ast.parse(source))):
        for variant, (field, new) in enumerate(_ways(node)):
            changed = copy.copy(node)
            setattr(changed, field, new)
            line = lines[getattr(node, "iter", node).lineno - 1].strip()
            yield Change(line, f"{ast.unparse(node)[:60]} → {ast.unparse(changed)[:60]}", place, variant)


def _ways(node: ast.AST) -> list[tuple[str, Any]]:
    """Return the ways in which a node can be changed: a field of it, and what that becomes."""
    match node:
        case ast.Compare():
            others = [(i, _OPERATORS[type(one)]()) for i, one in enumerate(node.ops) if type(one) in _OPERATORS]
            return [("ops", [*node.ops[:i], other, *node.ops[i + 1 :]]) for i, other in others]
        case ast.BinOp() | ast.BoolOp() if type(node.op) in _OPERATORS:
            return [("op", _OPERATORS[type(node.op)]())]
        case ast.IfExp() | ast.If():
            return [("test", ast.UnaryOp(ast.Not(), node.test))]
        case ast.comprehension():
            others = [(i, ast.UnaryOp(ast.Not(), one)) for i, one in enumerate(node.ifs)]
            return [("ifs", [*node.ifs[:i], other, *node.ifs[i + 1 :]]) for i, other in others]
        case ast.keyword(arg="kind", value=ast.Constant(value="stable")):
            return [("value", ast.Constant("heapsort"))]
        case ast.Constant(value=bool() | int()):
            return [("value", not node.value if isinstance(node.value, bool) else node.value + 1)]
    return []


class Trials:
    """Collect the tests once, and run them for each change in a process of its own, the quickest test first."""

    def __init__(self, modules: Sequence[str], most: int, seed: int, is_trusted: bool) -> None:
        self.modules, self.most, self.seed, self.is_trusted = modules, most, seed, is_trusted
        self.failed, self.seconds, self.sums = False, {}, (0, 0, 0, 0)

    def pytest_runtestloop(self, session: Any) -> bool | None:
        if session.testsfailed:
            return None
        read = cache(tables._read)
        tables._read = lambda name: read(name).copy()  # read once for all that are forked from here
        for name in tables.contracts():
            read(name)
        sources = {module: Source.of(module) for module in self.modules}
        gc.freeze()  # so that a fork copies no page of what is there
        print(_row("module", "changes", "noticed", "listed", "not", "per cent"))
        for module, source in sources.items():
            items = [item for item in session.items if item.path.stem == NOTICED_BY[module]]
            self._try_module(module, source, items)
        print(_row("all", *self.sums, _per_cent(self.sums)))
        return True

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.failed |= report.failed
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def _try_module(self, module: str, source: "Source", items: list[Any]) -> None:
        """Print the changes of a module that are neither noticed nor listed, then how many there are of each."""
        excused = listed()
        if not self.is_trusted and self._is_noticed(items, source, None):
            sys.exit(f"{module}: {NOTICED_BY[module]} fails as it is; mend it first")
        items.sort(key=lambda item: (self.seconds.get(item.nodeid, 0.0), hasattr(item.obj, "hypothesis")))
        found = list(changes(source.text))
        found = random.Random(f"{self.seed} {module}").sample(found, min(self.most or len(found), len(found)))
        asked = [each for each in found if (module, each.line, each.becomes) not in excused]
        new = 0
        for each in asked:
            if not self._is_noticed(items, source, each):
                new += 1
                print(f"  {each.line}\n    {each.becomes}", flush=True)
        counts = (len(found), len(asked) - new, len(found) - len(asked), new)
        self.sums = tuple(map(sum, zip(self.sums, counts, strict=True)))
        print(_row(module, *counts, _per_cent(counts)), flush=True)

    def _is_noticed(self, items: list[Any], source: "Source", change: Change | None) -> bool:
        """Return whether a test fails with the change; without one, see how long each test takes."""
        ours, theirs = os.pipe()
        if pid := os.fork():
            os.close(theirs)
            with os.fdopen(ours, encoding="utf-8") as told:
                taken = told.read()
            self.seconds |= json.loads(taken) if taken and not change else {}
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0
        try:
            signal.alarm(SECONDS)
            if change:
                source.put(change)
            for item, following in zip_longest(items, items[1:]):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self.failed:
                    break
            os.write(theirs, json.dumps(self.seconds).encode())
        except BaseException:  # a change that cannot even be put in place
            self.failed = True
        finally:
            os._exit(self.failed)


class Source(NamedTuple):
    """A module that is imported: its path, its text, and its functions by name and line."""

    path: Path
    text: str
    module: ModuleType
    functions: dict[tuple[str, int], FunctionType]

    @classmethod
    def of(cls, name: str) -> "Source":
        path, module = LIB / f"{name}.py", importlib.import_module(f"childrens_services.{name}".replace("/", "."))
        every = [
            one for one in gc.get_objects() if isinstance(one, FunctionType) and one.__code__.co_filename == str(path)
        ]
        functions = {(one.__code__.co_qualname, one.__code__.co_firstlineno): one for one in every}
        return cls(path, path.read_text(encoding="utf-8"), module, functions)

    def put(self, change: Change) -> None:
        """Put a change in place: code and defaults into the functions, constants wherever they were imported."""
        tree = ast.parse(self.text)
        node = list(ast.walk(tree))[change.place]
        setattr(node, *_ways(node)[change.variant])
        code = compile(ast.fix_missing_locations(tree), self.path, "exec")
        fresh = ModuleType(self.module.__name__)
        exec(code, vars(fresh))
        for one in _codes(code):
            if function := self.functions.get((one.co_qualname, one.co_firstlineno)):
                function.__code__ = one
        for name, new in vars(fresh).items():
            old = vars(self.module).get(name)
            if isinstance(new, FunctionType):
                old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
            elif isinstance(new, CONSTANTS) and new != old:
                for module in [one for one in sys.modules.values() if vars(one).get(name) is old]:
                    setattr(module, name, new)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


def listed() -> set[tuple[str, str, str]]:
    """Return the changes that no test need notice: module, line and what it becomes."""
    with SURVIVORS.open(encoding="utf-8", newline="") as file:
        return {(row["module"], row["line"], row["becomes"]) for row in csv.DictReader(file)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the changes asked for; return 1 where one that is not listed goes unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="such as analysis/spells; all of them where none is named")
    parser.add_argument("--most", type=int, default=0, help="so many changes of each module, drawn by the seed")
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--trust", action="store_true", help="do not first see whether the tests pass as they are")
    asked = parser.parse_args(arguments)
    trials = Trials(asked.modules or list(NOTICED_BY), asked.most, asked.seed, asked.trust)
    quiet = ["--capture=no", "-oaddopts=", *(f"-p no:{name}" for name in ("terminal", "cacheprovider", "xdist"))]
    files = dict.fromkeys(str(TESTS / f"{NOTICED_BY[module]}.py") for module in trials.modules)
    failed = pytest.main([*quiet, "-m not sweep and not raw", "--hypothesis-profile=changes", *files], plugins=[trials])
    return int(failed or trials.sums[-1] > 0)


def _row(name: str, *cells: object) -> str:
    return f"{name:28}" + "".join(f"{cell:>9}" for cell in cells)


def _per_cent(counts: Sequence[int]) -> str:
    """Return the share that was noticed of the changes that have an effect."""
    return f"{100 * counts[1] / max(1, counts[0] - counts[2]):.1f}"


if __name__ == "__main__":
    sys.exit(main())
