"""Whether statements hold: each claim is tested on the tidy tables, part by part, and judged by the rule of METHODS.md.

`run_tests` executes `claim_tests` and returns a row a part; `judge` gives each claim one of six verdicts. Values are
read from the tables each time, as known on a day.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pandas as pd

from childrens_services import tables as tidy
from childrens_services.analysis import claim_rows
from childrens_services.analysis.claim_rows import NotKnownError, Rows
from childrens_services.analysis.claim_tests import DOES_NOT_HOLD, HOLDS, HOLDS_ROUGHLY, TESTS, Outcome, Tables, one_of
from childrens_services.periods import english_day, read_edtf

__all__ = ["FORECASTS", "NOT_A_SAMPLE", "VERDICTS", "check_tests", "checked", "combine", "judge", "run_tests"]
DIFFERS_IN_SCOPE, AGREES_WITH_ITSELF_ONLY = "differs_in_scope", "agrees_with_itself_only"
CANNOT_BE_TESTED = "cannot_be_tested"
_CLOSED = (HOLDS, HOLDS_ROUGHLY, DOES_NOT_HOLD, DIFFERS_IN_SCOPE, AGREES_WITH_ITSELF_ONLY, CANNOT_BE_TESTED)
VERDICTS = {verdict: verdict.replace("_", " ") for verdict in _CLOSED}
# A forecast that was missed was not false when it was made: it has words of its own, and is counted apart.
FORECASTS = {**VERDICTS, HOLDS: "came true", HOLDS_ROUGHLY: "came true in part", DOES_NOT_HOLD: "did not come true"}
NOT_A_SAMPLE = (
    "The claims are those that somebody could check, picked from documents at hand. They are not a sample, so no share "
    "of them says how reliable a speaker or a paper is."
)
NOT_PUBLIC = "figures that were not public on this day"
NOT_DUE = "what was expected was not due yet on this day"
NEEDED = ("claims", "claim_tests", *claim_rows.VALUES, "indicators", "authorities", "neighbours", "themes")


def combine(verdicts: Iterable[str]) -> str:
    """Return the verdict that several share; where they differ the whole holds roughly.

    It cannot be tested where one of them cannot, because half a test could say the opposite of the whole one.
    """
    different = set(verdicts)
    if not different or CANNOT_BE_TESTED in different:
        return CANNOT_BE_TESTED
    return different.pop() if len(different) == 1 else HOLDS_ROUGHLY


_TEXTS = ("rows", "rule", "expected", "hedge", "unit", "scope", "scope_note", "note")
# Named, so that they are there without a claim too.
_FOUND = ["verdict", "depends_on_day", "found", "table", "keys", "sources"]
_JUDGED = ["verdict", "in_words", "found", "why", "depends_on_day", "forecast", "own_source", "tested_with", "weight"]


def run_tests(tables: Tables) -> pd.DataFrame:
    """Return what every test of `claim_tests` finds; one row a part of a claim.

    To its columns come `verdict`, `found` in words, `depends_on_day` (the verdicts on the first and the last day of the
    claim's `said_on`, where they differ), and `table, keys, sources` of the rows it was read from. A part of another
    scope than its claim differs in scope, whatever it finds. `tables` are those of `NEEDED`, as known on a day. Raises
    ValueError that names the row for a test that cannot be executed.
    """
    tests = tables["claim_tests"].fillna(dict.fromkeys(_TEXTS, "")).astype({"precision": "float64"})
    said_on = tests["claim_id"].map(tables["claims"].set_index("claim_id")["said_on"]).fillna("")
    rows = claim_rows.index_rows(tests["rows"], tables)
    found = [_run(test, rows, tables) for test in tests.assign(said_on=said_on).itertuples()]
    return tests.assign(**pd.DataFrame(found, tests.index, _FOUND))


def _run(test: Any, rows: Rows, tables: Tables) -> dict[str, str]:
    days = _days(test.said_on)
    outcomes = [_outcome(test._replace(said_on=day), rows, tables) for day in days]
    verdicts, found, (cells, *_) = zip(*outcomes, strict=True)
    table = cells[0].table if cells else ""
    keys = [" ".join(cell.key if cell.table == table else (cell.table, *cell.key)) for cell in cells]
    return {
        "verdict": combine(verdicts),
        "depends_on_day": _by_day(days, [VERDICTS[verdict] for verdict in verdicts]) if len(set(verdicts)) > 1 else "",
        "found": _by_day(days, found) if len(set(found)) > 1 else found[0],
        "table": table,
        "keys": "; ".join(dict.fromkeys(keys)),
        "sources": " ".join(sorted({one for cell in cells for one in cell.row["source_id"].split()})),
    }


def _by_day(days: list[date | None], words: Iterable[str]) -> str:
    return "; ".join(f"said on {english_day(day)}: {each}" for day, each in zip(days, words, strict=True))


def _days(said_on: str) -> list[date | None]:
    """Return the first and the last day on which a claim can have been made; one where they are the same."""
    span = read_edtf(said_on) if said_on else None
    return sorted({span.earliest, span.latest}) if span else [None]


def _outcome(test: Any, rows: Rows, tables: Tables) -> Outcome:
    try:
        verdict, *found = one_of(test.test, TESTS)(test, rows, tables)
    except NotKnownError:
        return CANNOT_BE_TESTED, "", ()
    except (ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError) as error:
        row = f"data/curated/claim_tests.csv, row {test.claim_id} {test.part}"
        raise ValueError(f"{row}: {error}; mend the row") from error
    return (verdict if test.scope == "same" else DIFFERS_IN_SCOPE, *found)


def check_tests(tables: Tables) -> None:
    """Execute every test on all that is published; raises ValueError for what `run_tests` refuses, by its row.

    A test without a scope, a test that leads to no value and a claim without a test are refused as well.
    """
    tested = run_tests(tables)
    lost = tested[tested["test"].ne("not_testable") & (tested["verdict"].eq(CANNOT_BE_TESTED) | tested["scope"].eq(""))]
    faults = [f"{row.claim_id} {row.part}: scope {row.scope!r}, rows {row.rows!r}" for row in lost.itertuples()]
    faults += [f"{claim}: none" for claim in sorted(set(tables["claims"]["claim_id"]) - set(tested["claim_id"]))]
    if faults:
        raise ValueError(f"data/curated/claim_tests.csv, row {faults[0]}; write a scope, and rows that lead to a value")


def judge(claims: pd.DataFrame, tested: pd.DataFrame) -> pd.DataFrame:
    """Return the claims with their verdicts; one row a claim.

    To their columns come `verdict` and `in_words`; `found`, what each part found; `why`, what a reader should know of
    it, or what it would take to test it; `depends_on_day`; `forecast`; `own_source`, tested on rows of its own source
    alone; `tested_with`, source ids; and `weight`. Parts of the claim's own scope decide; only where there is none does
    it differ in scope.
    """
    parts = {claim: [] for claim in claims["claim_id"]}
    for part in tested[tested["claim_id"].isin(list(parts))].itertuples(index=False):
        parts[part.claim_id].append(part)
    rows = [_judge(parts[claim]) for claim in claims["claim_id"]]
    judged = pd.DataFrame(rows, claims.index, _JUDGED).astype({"forecast": bool, "own_source": bool, "weight": "Int64"})
    return claims.assign(**judged)


def checked(load: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    """Return every claim with its verdict and what it was tested on, newest first; one row a claim.

    `load` gives a table as known on a day, as `Asked.load` does. To the columns of `judge` comes `subjects`: the tables
    that its tests read, and the topics of the indicators ("Children's services workforce"); empty without a test.
    """
    known = {name: load(name) for name in NEEDED}
    tested = run_tests(known)
    names = dict(zip(known["indicators"]["indicator"], known["indicators"]["topic"], strict=True))
    names |= {name: name for name in tidy.contracts()}
    words = (tested["table"] + " " + tested["keys"]).str.replace(";", "").str.split().explode().map(names).dropna()
    subjects = words.groupby(tested["claim_id"].loc[words.index]).agg(lambda found: "; ".join(dict.fromkeys(found)))
    judged = judge(known["claims"], tested)
    judged["subjects"] = judged["claim_id"].map(subjects).fillna("")
    return judged.sort_values(["published", "claim_id"], ascending=[False, True], ignore_index=True)


def _judge(parts: list[Any]) -> dict[str, Any]:
    deciding = [part for part in parts if part.scope == "same"] or parts
    verdict, forecast = combine(part.verdict for part in deciding), any(part.test == "forecast" for part in parts)
    own_source = _each(part.sources for part in deciding) == {part.source_id for part in deciding}
    if own_source and verdict == HOLDS:
        verdict = AGREES_WITH_ITSELF_ONLY
    return {
        "verdict": verdict,
        "in_words": (FORECASTS if forecast else VERDICTS)[verdict],
        "found": ". ".join(f"{part.what[:1].upper()}{part.what[1:]}: {part.found}" for part in parts if part.found),
        "why": _why(verdict, deciding, parts),
        "depends_on_day": "; ".join(part.depends_on_day for part in parts if part.depends_on_day),
        "forecast": forecast,
        "own_source": own_source,
        "tested_with": " ".join(sorted(_each(part.sources for part in parts))),
        "weight": max((part.weight for part in parts if pd.notna(part.weight)), default=None),
    }


def _each(cells: Iterable[str]) -> set[str]:
    return {one for cell in cells for one in cell.split()}


def _why(verdict: str, deciding: list[Any], parts: list[Any]) -> str:
    tests = {part.test for part in parts}
    if verdict == CANNOT_BE_TESTED and tests - {"not_testable"}:
        return NOT_DUE if "forecast" in tests else NOT_PUBLIC
    verdicts = [part.verdict for part in deciding]
    share = f"{verdicts.count(HOLDS)} of {len(verdicts)} parts hold" if len(set(verdicts)) > 1 else ""
    notes = [*(part.scope_note for part in parts), *(part.note for part in parts)]
    return "; ".join(dict.fromkeys(filter(None, [share, *notes])))
