"""Does a statement hold: every claim tested live on the tidy tables, by a closed set of tests and one rule.

Goes in: `claims`, `claim_tests` (how each is tested, as data) and the tables the tests name, as known on a day. Comes
out: a row a part of a claim, and a row a claim with its verdict. Pure: what a test finds is read from the tables each
time, and the verdict that the compiler of the claims gave is compared with ours, never used.
"""

__all__ = ["VERDICTS", "between_verdict", "check_parts", "combine", "judge", "number_verdict"]

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from childrens_services.analysis import claim_rows, compare, timeline
from childrens_services.analysis.claim_rows import Cell, NotKnownError, amount, calculate, listed
from childrens_services.periods import english, english_day, read_edtf
from childrens_services.rounding import significant
from childrens_services.tables import ENGLAND
from childrens_services.vocabulary import GRADE_NAMES

SUPPORTED, APPROXIMATE, CONTRADICTED, NOT_TESTABLE = "supported", "approximate", "contradicted", "not_testable"
VERDICTS = (SUPPORTED, APPROXIMATE, CONTRADICTED, NOT_TESTABLE)
NEAR = 0.05
NEEDED = ("claims", "claim_tests", *claim_rows.NEEDED)
NOT_PUBLIC = "figures that were not public on this day"
_COMPILED = {"untestable": NOT_TESTABLE}
_UNTESTED = {"verdict": NOT_TESTABLE, "kind": NOT_TESTABLE, "checked_with": ""}


@dataclass(frozen=True)
class Outcome:
    """What one test found: its verdict, the checked value in words, and the cells it was read from."""

    verdict: str
    checked: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Desk:
    """What a test may look at: the tables indexed by key, the tables as they are, and the day on which one stands."""

    rows: claim_rows.Rows
    tables: Mapping[str, pd.DataFrame]
    today: pd.Timestamp


def number_verdict(stated: float, checked: float, precision: float, hedged: bool = False) -> str:
    """Give the verdict on a stated number: `number_verdict(13, 16, 1)` is contradicted.

    Supported when the checked value rounds to the stated one (differs by no more than half a unit of its precision; of
    its first figure where it is hedged) and is within 5 per cent of it; approximate when only one of the two holds.
    Distances are measured on both sides alike, so that a closer value never gets a worse verdict.
    """
    unit = claim_rows.first_figure(stated) if hedged else precision
    distance = abs(checked - stated)
    holds = (distance <= unit / 2 * (1 + 1e-9)) + (distance <= NEAR * abs(stated) * (1 + 1e-9))
    return (CONTRADICTED, APPROXIMATE, SUPPORTED)[holds]


def between_verdict(stated: float, before: float, after: float, precision: float, hedged: bool = False) -> str:
    """Give the verdict on a number for a day between two collections: supported between them, else by the nearer."""
    low, high = sorted((before, after))
    nearer = min(max(stated, low), high)
    return number_verdict(stated, nearer, precision, hedged)


def combine(parts: list[str]) -> str:
    """Give the verdict on a claim from those on its parts: only part of it holds is approximate.

    Not testable where any part is, because half a test could say the opposite of the whole one.
    """
    if NOT_TESTABLE in parts:
        return NOT_TESTABLE
    return parts[0] if len(set(parts)) == 1 else APPROXIMATE


def _yes_no(holds: bool) -> str:
    return SUPPORTED if holds else CONTRADICTED


def _against(test: Any, checked: float) -> str:
    """Compare a number with the stated one, or with nothing where a sign was stated (`>0`)."""
    if test.expected == ">0":
        return _yes_no(checked > 0)
    return number_verdict(float(test.expected), checked, float(test.precision), test.hedge == "about")


def _arithmetic(test: Any, desk: Desk) -> Outcome:
    cells = desk.rows.cells(test.rows)
    value = calculate(test.rule, {chr(ord("a") + i): cell.number for i, cell in enumerate(cells)})
    return Outcome(_against(test, value), amount(value, test.unit), cells)


def _series(test: Any, desk: Desk) -> Outcome:
    cells = desk.rows.cells(test.rows)
    values = [cell.number for cell in cells]
    said = float(test.expected), min(values), max(values), float(test.precision), test.hedge == "about"
    return Outcome(between_verdict(*said), listed(cells, test.unit), cells)


def _change(test: Any, desk: Desk) -> Outcome:
    cells = desk.rows.cells(test.rows)
    values = [cell.number for cell in cells]
    steps = [after - before for before, after in pairwise(values)]
    holds = {
        "up": values[-1] > values[0], "down": values[-1] < values[0], "down each time": max(steps) < 0,
        "highest": values[-1] == max(values),
    }[test.rule]  # fmt: skip
    shown = cells if len(cells) < 4 else (cells[0], cells[-1])
    return Outcome(_yes_no(holds), listed(shown), cells)


def _group(test: Any, desk: Desk) -> Outcome:
    (mine,) = desk.rows.cells(test.rows)
    side, _, whom = test.rule.partition(" ")
    theirs, value, name = _group_value(mine, whom, desk)
    holds = mine.number > value if side == "above" else mine.number < value
    own, other = amount(mine.number, mine.unit, mine.decimals), amount(value, "", mine.decimals)
    shown = f"{own} against {other} {name}{mine.when}"
    return Outcome(_yes_no(holds), shown, (mine, *theirs))


def _group_value(mine: Cell, whom: str, desk: Desk) -> tuple[tuple[Cell, ...], float, str]:
    """Give what one authority's value is compared with: England's or its region's, or the median of its neighbours."""
    area, indicator, period = mine.key
    places = desk.tables["authorities"]
    if whom == "neighbours":
        group = compare.group(area, "statistical neighbours", places, desk.tables["neighbours"])
        if group is None:
            raise NotKnownError("no statistical neighbours")
        cells = desk.rows.present([f"observations {code} {indicator} {period}" for code in group.la_codes])
        middle = significant(pd.Series([cell.number for cell in cells]).median())
        return cells, middle, "in the middle of its neighbours"
    home = places.set_index("la_code_ons").loc[area]
    code, name = (ENGLAND, "in England") if whom == "England" else (home["region_code"], f"in {home['region']}")
    cells = desk.rows.cells(f"observations {code} {indicator} {period}")
    return cells, cells[0].number, name


def _grade_count(test: Any, desk: Desk) -> Outcome:
    day, judgement, grade = test.rule.split()
    every = timeline.grades_on(desk.tables["judgements"], desk.tables["authorities"], day, judgement)
    found = every[every["grade"] == grade]
    cells = tuple(
        Cell("judgements", (row.event_id, row.judgement), row.grade, source=row.source_id) for row in found.itertuples()
    )
    return Outcome(_against(test, len(found)), amount(len(found), test.unit), cells)


def _count(test: Any, desk: Desk) -> Outcome:
    found = desk.rows.matching(test.rule, desk.tables)
    cells = desk.rows.cells(test.rows)
    return Outcome(_against(test, len(found)), amount(len(found), test.unit), (*cells, *found))


def _grade(test: Any, desk: Desk) -> Outcome:
    """Compare a grade; where the inspection gave grades but none of that name, the judgement did not exist."""
    try:
        cells = desk.rows.cells(test.rows)
    except NotKnownError:
        event = test.rows.split()[1]
        others = desk.rows.matching(f"judgements event_id={event}", desk.tables)
        if not others:
            raise
        return Outcome(CONTRADICTED, "no such judgement in that inspection", others)
    verdict = _yes_no(cells[0].value == test.expected)
    return Outcome(verdict, _or_not(GRADE_NAMES[cells[0].value], verdict, GRADE_NAMES[test.expected]), cells)


def _or_not(found: str, verdict: str, expected: str) -> str:
    """Print what was found and, where it is not what was stated, that too: `inadequate, not good`."""
    return f"{found}, not {expected}" if verdict == CONTRADICTED else found


def _date(test: Any, desk: Desk) -> Outcome:
    (cell,) = desk.rows.cells(test.rows)
    found, said = read_edtf(cell.value), read_edtf(test.expected)
    inside = said.earliest <= found.earliest and found.latest <= said.latest
    apart = found.latest < said.earliest or said.latest < found.earliest
    verdict = SUPPORTED if inside else CONTRADICTED if apart else APPROXIMATE
    return Outcome(verdict, _or_not(english(found), verdict, english(said)), (cell,))


def _span(test: Any, desk: Desk) -> Outcome:
    first, last = cells = desk.rows.cells(f"{test.rows} @start; {test.rows} @end")
    length = (read_edtf(last.value).latest - read_edtf(first.value).earliest).days + 1
    return Outcome(_against(test, length / {"days": 1, "weeks": 7}[test.rule]), amount(length, "days"), cells)


def _weekday(test: Any, desk: Desk) -> Outcome:
    (cell,) = desk.rows.cells(test.rows)
    name = f"{read_edtf(cell.value).earliest:%A}"
    return Outcome(_yes_no(name == test.expected), f"{english_day(read_edtf(cell.value).earliest)}, a {name}", (cell,))


def _statement(test: Any, desk: Desk) -> Outcome:
    one, other = desk.rows.cells(test.rows)
    if test.rule == "at most":
        verdict = _yes_no(one.number <= other.number)
    else:
        verdict = number_verdict(one.number, other.number, float(test.precision))
    return Outcome(verdict, f"{amount(one.number, test.unit)} against {amount(other.number, test.unit)}", (one, other))


def _forecast(test: Any, desk: Desk) -> Outcome:
    """Compare an expectation with its event: supported when it came inside the window."""
    first, last = desk.rows.cells(f"{test.rows} @window_start; {test.rows} @window_end")
    window = read_edtf(first.value).earliest, read_edtf(last.value).latest
    try:
        (met,) = desk.rows.cells(f"{test.rows} @outcome_date")
    except NotKnownError:
        if desk.today.date() <= window[1]:
            raise
        shown = f"not seen by {english_day(desk.today.date())}; its window closed on {english_day(window[1])}"
        return Outcome(CONTRADICTED, shown, (last,))
    came = read_edtf(met.value)
    inside = window[0] <= came.latest and came.earliest <= window[1]
    slip = timedelta(0) if inside else min(came.earliest - window[1], window[0] - came.latest, key=lambda s: s.days < 0)
    side = "after its window" if came.earliest > window[1] else "before its window"
    where = "inside its window" if inside else f"{slip.days} {'day' if slip.days == 1 else 'days'} {side}"
    return Outcome(_yes_no(inside), f"{english(came)}, {where}", (met,))


def _words(test: Any, desk: Desk) -> Outcome:
    (cell,) = desk.rows.cells(test.rows)
    verdict = _yes_no(cell.value.lower() == test.expected.lower())
    return Outcome(verdict, _or_not(cell.value, verdict, test.expected).replace("_", " "), (cell,))


def _not_testable(test: Any, desk: Desk) -> Outcome:
    return Outcome(NOT_TESTABLE, "", ())


TESTS: Mapping[str, Callable[[Any, Desk], Outcome]] = {
    "arithmetic": _arithmetic, "series": _series, "change": _change, "group": _group, "grade_count": _grade_count,
    "count": _count, "grade": _grade, "date": _date, "span": _span, "weekday": _weekday, "spending": _series,
    "statement": _statement, "forecast": _forecast, "words": _words, "not_testable": _not_testable,
}  # fmt: skip


def check_parts(claim_tests: pd.DataFrame, tables: Mapping[str, pd.DataFrame], today: pd.Timestamp) -> pd.DataFrame:
    """Run every test; one row a part: its columns and `verdict, checked, why, table, keys, sources`.

    `why` says why a part has no test, or not on that day; `table`, `keys` and `sources` what it was read from. A part
    with a `cap` is at most approximate. `tables` are those of `claim_rows.NEEDED`, as known on the day. Raises
    ValueError for a test or a rule that does not exist.
    """
    tests = claim_tests.fillna(dict.fromkeys(("rows", "rule", "expected", "hedge", "unit", "cap", "note"), ""))
    desk = Desk(claim_rows.Rows.of(tests["rows"], tables), tables, today)
    found = [_run(test, desk) for test in tests.itertuples()]
    return tests.assign(**{column: [row[column] for row in found] for column in _FOUND})


_FOUND = ("verdict", "checked", "why", "table", "keys", "sources")


def _run(test: Any, desk: Desk) -> dict[str, str]:
    if test.test not in TESTS:
        raise ValueError(
            f"claim_tests, row {test.claim_id} {test.part}: no test {test.test!r}; there are {', '.join(TESTS)}"
        )
    why = test.note if test.test == "not_testable" else ""
    try:
        outcome = TESTS[test.test](test, desk)
    except NotKnownError:
        outcome, why = Outcome(NOT_TESTABLE, "", ()), NOT_PUBLIC
    verdict = APPROXIMATE if test.cap and outcome.verdict == SUPPORTED else outcome.verdict
    table = outcome.cells[0].table if outcome.cells else ""
    return {
        "verdict": verdict, "checked": outcome.checked, "why": why, "table": table,
        "keys": "; ".join(dict.fromkeys(cell.name(table) for cell in outcome.cells)),
        "sources": " ".join(sorted({one for cell in outcome.cells for one in cell.source.split()})),
    }  # fmt: skip


def judge(claims: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Give each claim its verdict; one row a claim: its columns and `verdict, why, kind, differs, difference, weight`.

    `kind` is the test of its first part, `checked_with` the sources of what it was tested with. `differs` marks a
    verdict other than the compiled one on a claim that could be tested on the day. A claim without a row of
    `claim_tests` is not testable, and `why` says so.
    """
    grouped = parts.groupby("claim_id", sort=False)
    own = pd.DataFrame({
        "verdict": grouped["verdict"].agg(lambda v: combine(list(v))), "kind": grouped["test"].first(),
        "why": grouped["why"].agg(lambda w: next(filter(None, w), "")),
        "difference": grouped["difference"].first(), "weight": grouped["weight"].first(),
        "checked_with": grouped["sources"].agg(lambda s: " ".join(sorted(set(" ".join(s).split())))),
    })  # fmt: skip
    joined = claims.merge(own, left_on="claim_id", right_index=True, how="left", validate="1:1")
    joined = joined.fillna({**_UNTESTED, "why": "no test is written yet"})
    compiled = joined["compiled_verdict"].replace(_COMPILED)
    return joined.assign(differs=(joined["verdict"] != compiled) & (joined["why"] != NOT_PUBLIC))
