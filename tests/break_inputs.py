"""Break every input in hundreds of ways, one at a time, and see what `make data` says: `make break`.

With words, only cases that hold one: `python tests/break_inputs.py budgets`.

Only the steps that read the broken file are run, with the other tables as they are. A file that is published is
registered as a new edition would be, so that its hash does not save us. Needs RAW_DIR.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from inspect import isfunction, isgenerator, isgeneratorfunction, signature
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
from breaking import BADLY, BELIEVED, NO_CHANGE, TRACEBACK, WELL, Result, report
from broken_files import Case, cases
from childrens_services import contracts, paths, sources, tables
from childrens_services.analysis import claims
from childrens_services.normalise import build, checks, facts, indicators, reference, spending
from childrens_services.publishers import findings

_EVENTS = ("_inspections", "_reports", "_compiled")  # each adds to what the one before has made
# The steps that read a curated file; those that come after and build on them are run too.
_CURATED_STEPS = {
    "sources": ("_sources", *_EVENTS, "_curated"),
    **dict.fromkeys(("events", "judgements", "event_sources", "outcome_headings"), _EVENTS),
    **dict.fromkeys(("authority_changes", "authority_codes"), ("_authorities", "_reference", *_EVENTS)),
    "authority_spellings": ("_authorities", *_EVENTS),
    **dict.fromkeys(("indicators", "units"), ("_sources", "_indicators")),
    "publication_rules": ("_reference", "_indicators"),
    **dict.fromkeys(("ro3_layout", "section_251_lines"), ("_spending",)),
}
_RAW_STEPS = {
    **dict.fromkeys(("population", "prices", "neighbours"), ("_reference",)),
    "ofsted_outcomes": _EVENTS,
    "revenue_outturn": ("_spending",),
    "lait": ("_spending", "_indicators"),
    "map": ("_cartogram",),
    "d2i": _EVENTS,
    "ees": ("_indicators",),
}
_ALL = "_sources _authorities _reference _cartogram _inspections _reports _compiled _spending _indicators _curated"
_STEPS = {name: getattr(build, name) for name in _ALL.split()}
_TIDY: dict[str, pd.DataFrame] = {}  # the tables as they are


def steps_for(case: Case) -> tuple[str, ...]:
    """Return the steps of the build that read the file of a case."""
    if case.file == "sources.csv":
        read = {" mhclg_": "_spending", " ons_": "_reference", " dfe_": "_indicators"}
        return (*_CURATED_STEPS["sources"], *(step for name, step in read.items() if name in case.name))
    if case.place == "curated":
        return _CURATED_STEPS.get(Path(case.file).stem, ("_curated",))
    if "ons_mid-year" in case.file:
        return ("_reference",)
    if "b1_children" in case.file:
        return ("_authorities", "_indicators")
    return _RAW_STEPS[case.file.split("/")[0]]


_MEMORY: dict = {}  # what was made, by what it was made of, and digests of frames, held with them, by their id


def remember(function: Callable, known: Callable = lambda *arguments: arguments) -> Callable:
    """Return a function that runs once for arguments that hold the same (`known` of them), headings of outcomes too."""

    def run(*arguments: Any) -> Any:
        key = (function.__qualname__, *map(_known, (paths.CURATED / "outcome_headings.csv", *known(*arguments))))
        if key not in _MEMORY:
            found = function(*arguments)
            _MEMORY[key] = list(found) if isgenerator(found) else found
        return _MEMORY[key]

    return run


def _known(argument: Any) -> Any:
    if isinstance(argument, pd.Series | pd.DataFrame):
        if id(argument) not in _MEMORY:
            _MEMORY[id(argument)] = _digest(argument), argument
        return _MEMORY[id(argument)][0]
    if isinstance(argument, Path):
        return hashlib.sha256(argument.read_bytes()).hexdigest() if argument.is_file() else argument.name
    if isinstance(argument, tuple) and hasattr(argument, "path"):
        return (*argument[:3], _known(argument.path))
    if isinstance(argument, dict):
        return tuple(sorted((name, _known(one)) for name, one in argument.items()))
    return tuple(map(_known, argument)) if isinstance(argument, list | tuple) else argument


def _digest(frame: pd.Series | pd.DataFrame) -> str:
    try:
        rows = pd.util.hash_pandas_object(frame).to_numpy().tobytes()
    except TypeError:  # a cell that is a list
        rows = frame.to_csv().encode()
    return hashlib.sha256(rows + str(frame.dtypes).encode()).hexdigest()


def quicken() -> None:
    """Let each slow reader, and each check of a table, do the same work once."""
    for module, names in {
        build: ("_edition_sheets", "read_reports"),
        facts: ("not_before",),
        reference: ("read_cells",),
        indicators: ("read_lait", "statistics", "lait_rows", "lait_observations", "describe"),
        spending: ("read_outturn", "revenue_outturn", "section_251", "implausible"),
        build.releases: ("credit_first",),
        contracts: ("conform",),
    }.items():
        for name in names:
            setattr(module, name, remember(getattr(module, name)))
    for name, check in [*vars(contracts).items()]:
        if isfunction(check) and [*signature(check).parameters] == ["name", "tidy"]:
            setattr(contracts, name, remember(check, _referred))
    for name, check in [*vars(checks).items()]:
        if isgeneratorfunction(check):
            setattr(checks, name, remember(check, lambda found: [found[each] for each in _CHECKED]))


_CHECKED = ("areas", "observations", "indicators", "population", "prices", "spending", "sources")


def _referred(name: str, tidy: dict[str, pd.DataFrame]) -> list[Any]:
    """Return a table with those that its columns refer to."""
    referred = {spec.get("refers", "").partition(".")[0] for spec in tables.contracts()[name]["columns"].values()}
    return [name, tidy[name], *(tidy[each] for each in sorted({"indicators", *referred} & set(tidy)))]


@contextmanager
def copy(case: Case | None) -> Iterator[Path]:
    """Give a folder with copies of the curated files and links to the published ones, and let the build read those."""
    was = paths.CURATED, os.environ.get("RAW_DIR"), paths.raw_dir()
    with tempfile.TemporaryDirectory(prefix="break-") as name:
        room = Path(name)
        shutil.copytree(paths.CURATED, room / "curated")
        (room / "raw").mkdir()
        (room / "raw" / "ofsted_reports").symlink_to(was[2] / "ofsted_reports")
        for path in (each for each in was[2].iterdir() if each.is_dir() and each.name != "ofsted_reports"):
            (room / "raw" / path.name).mkdir()
            for file in path.iterdir():
                (room / "raw" / path.name / file.name).symlink_to(file)
        try:
            if case:
                _break(case, room)
            paths.CURATED, os.environ["RAW_DIR"] = room / "curated", str(room / "raw")
            forget()
            yield room
        finally:
            paths.CURATED = was[0]
            os.environ["RAW_DIR"] = was[1] or str(was[2])
            forget()


def _break(case: Case, room: Path) -> None:
    path = room / case.place / case.file
    before = path.read_bytes()
    after = case.change(before)
    assert after != before, f"{case.family}, {case.name}: changes nothing"
    path.unlink()
    if after is not None:
        path.write_bytes(after)
    if case.place == "raw" and case.is_registered:
        register = room / "curated" / "sources.csv"
        old, new = (hashlib.sha256(each).hexdigest() for each in (before, after))
        register.write_text(register.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def forget() -> None:
    for remembered in (sources.register, sources.raw_file):
        remembered.cache_clear()


def make(steps: Collection[str]) -> list[str]:
    """Do what `make data` does, with some steps alone, and return which tables change; other tables are as they are."""
    for name, step in _STEPS.items():
        setattr(build, name, step if name in steps else lambda frames: {})
    begin = build._sources
    build._sources = lambda frames: _TIDY | begin(frames)
    findings.listed()
    build.refuse_lost_rows()
    made = build.build_all()
    build.refuse_lost_rows(made)
    claims.check_tests(made)
    return [name for name, frame in made.items() if not frame.equals(_TIDY[name])]


def attempt(case: Case) -> Result:
    """Break one input, build what reads it, and say what came of it."""
    with copy(case):
        try:
            changed = make(steps_for(case))
        except ValueError as error:
            return _refused(case, str(error), error)
        except Exception:
            return Result(case.family, case.name, TRACEBACK, traceback.format_exc().strip().splitlines()[-1])
    return Result(case.family, case.name, BELIEVED if changed else NO_CHANGE, f"changed {', '.join(changed)}")


def _refused(case: Case, words: str, error: Exception) -> Result:
    """Tell a line that names the file, or the table that is made of it alone, from one that does not."""
    first = words.splitlines()[0] if words else ""
    known = {Path(case.file).name, case.file} | set(case.also)
    outcome = WELL if any(name in words for name in known) and len(first) > 40 else BADLY
    return Result(case.family, case.name, outcome, f"{type(error).__name__}: {first}")


def cut_tables() -> Iterator[Result]:
    """Cut each tidy table at the end of a line, or at half of its bytes, and load it."""
    with tempfile.TemporaryDirectory(prefix="break-") as name:
        folder = Path(name) / "tidy"
        shutil.copytree(paths.TIDY, folder)
        shutil.copy(paths.TIDY.parent / "digests.json", folder.parent)
        was, paths.TIDY = paths.TIDY, folder
        for path in sorted(folder.glob("*.csv")) + sorted(folder.glob("*.parquet")):
            whole = path.read_bytes()
            path.write_bytes(
                whole[: whole[:-1].rfind(b"\n") + 1] if path.suffix == ".csv" else whole[: len(whole) // 2]
            )
            try:
                tables.load(path.stem)
                yield Result("a tidy table cut", path.name, BELIEVED, "loaded")
            except tables.TableError as error:
                outcome = WELL if path.name in str(error) else BADLY
                yield Result("a tidy table cut", path.name, outcome, str(error))
            path.write_bytes(whole)
        paths.TIDY = was


_CASES: list[Case] = []  # workers are forked and find them here: a change of bytes cannot be sent


def _attempt(number: int) -> Result:
    kept = dict(_MEMORY)
    try:
        return attempt(_CASES[number])
    finally:  # what was made of a broken file is not kept
        _MEMORY.clear()
        _MEMORY.update(kept)


def run(words: list[str], every: int = 1) -> Iterator[Result]:
    """Try the cases whose family or name holds one of `words` (all, for none), or every so-manieth, by families."""
    found = [case for case in cases() if not words or any(word in f"{case.family} {case.name}" for word in words)]
    order = list(dict.fromkeys(case.family for case in found))
    _CASES[:] = sorted(found, key=lambda case: order.index(case.family))[::every]
    _TIDY.update({name: tables.load(name) for name in tables.contracts()})
    quicken()
    with copy(None):  # and so that workers remember
        if changed := make({step for case in _CASES for step in steps_for(case)}):
            sys.exit(f"whole files give other tables than data/tidy has: {', '.join(changed)}; run `make data` first")
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        yield from pool.map(_attempt, range(len(_CASES)), chunksize=4)
    if not words:
        yield from cut_tables()


if __name__ == "__main__":
    sys.exit(report(run(sys.argv[1:])))
