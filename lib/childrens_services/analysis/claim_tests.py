"""Each kind of test of a claim: what it reads, what it finds in words, and whether the statement holds by it.

A test takes a row of `claim_tests`, the rows that its selectors name, and the tables as known on a day, and returns
its verdict, what was found in words, and the cells it was read from. It raises NotKnownError where the tables do not
hold what it needs.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pandas as pd

from childrens_services.analysis import compare, timeline
from childrens_services.analysis.claim_rows import (
    Cell,
    NotKnownError,
    Rows,
    amount,
    calculate,
    listed,
    matching,
    read_areas,
    read_cells,
)
from childrens_services.periods import english, english_day, read_date, read_edtf
from childrens_services.rounding import significant
from childrens_services.tables import ENGLAND
from childrens_services.vocabulary import GRADE_NAMES

HOLDS, HOLDS_ROUGHLY, DOES_NOT_HOLD = "holds", "holds_roughly", "does_not_hold"
_NEAR = 0.05

Tables = Mapping[str, pd.DataFrame]
Outcome = tuple[str, str, tuple[Cell, ...]]


def number_verdict(stated: float, found: float, precision: float, hedged: bool = False) -> str:
    """Return the verdict on a stated number: `number_verdict(13, 16, 1)` is `does_not_hold`.

    It holds when what is found differs by no more than half a unit of its precision (of its first figure where hedged)
    and by no more than 5 per cent, and holds roughly when only one of the two is so: a closer value never gets a worse
    verdict. Raises ValueError for a precision that is not above zero and a value that is not finite.
    """
    if not (precision > 0 and math.isfinite(found)):
        raise ValueError(f"found {found} and precision {precision}, expected a number and a unit above zero")
    unit = float(Decimal(1).scaleb(Decimal(str(stated)).adjusted())) if hedged else precision
    distance = abs(found - stated)
    near = (distance <= unit / 2 * (1 + 1e-9)) + (distance <= _NEAR * abs(stated) * (1 + 1e-9))
    return (DOES_NOT_HOLD, HOLDS_ROUGHLY, HOLDS)[near]


def _yes_no(holds: bool) -> str:
    return HOLDS if holds else DOES_NOT_HOLD


def one_of(word: str, options: Mapping[str, Any]) -> Any:
    """Return what a word stands for; raises ValueError for one that is not among the options."""
    if word not in options:
        raise ValueError(f"found {word!r}, expected one of {', '.join(options)}")
    return options[word]


def _or_not(found: str, verdict: str, expected: str) -> str:
    """Print what was found and, where it is not what was stated, that too: `inadequate, not good`."""
    return f"{found}, not {expected}" if verdict == DOES_NOT_HOLD else found


def _against(test: Any, value: float) -> str:
    return number_verdict(float(test.expected), value, test.precision, test.hedge == "about")


def _arithmetic(test: Any, rows: Rows, tables: Tables) -> Outcome:
    """Compare a sum of rows a, b, c with a stated number, with one of the rows, or with nothing (`>0`)."""
    cells = read_cells(test.rows, rows)
    values = {chr(ord("a") + i): float(cell.value) for i, cell in enumerate(cells)}
    value = calculate(test.rule, values)
    if test.expected == ">0":
        return _yes_no(value > 0), amount(value, test.unit), cells
    stated = calculate(test.expected, values)
    verdict = number_verdict(stated, value, test.precision, test.hedge == "about")
    beside = f"{amount(stated, test.unit)} against " if test.expected in values else ""
    return verdict, beside + amount(value, test.unit), cells


def _series(test: Any, rows: Rows, tables: Tables) -> Outcome:
    """Compare a figure; one for a day between two collections holds between them, else by the nearer."""
    cells = read_cells(test.rows, rows)
    values = [cell.value for cell in cells]
    nearest = min(max(float(test.expected), min(values)), max(values))
    return _against(test, nearest), listed(cells, test.unit), cells


_DIRECTIONS = {
    "up": lambda values: values[-1] > values[0],
    "down": lambda values: values[-1] < values[0],
    "down each time": lambda values: all(after < before for before, after in pairwise(values)),
    "highest": lambda values: values[-1] == max(values),
}


def _change(test: Any, rows: Rows, tables: Tables) -> Outcome:
    """Test a direction; of `every` authority on each, where one that differs is enough for it not to hold."""
    found = read_areas(tables["authorities"]["la_code_ons"], test.rows, rows)
    so = [one_of(test.rule, _DIRECTIONS)([cell.value for cell in cells]) for cells in found]
    first, *_, last = cells = found[0]
    shown = listed(cells if len(cells) < 4 else (first, last))
    if len(found) > 1:
        shown = f"{test.rule} in {sum(so)} of {len(so)} authorities in {last.key[-1]}"
    return _yes_no(all(so)), shown, tuple(cell for cells in found for cell in cells)


def _group(test: Any, rows: Rows, tables: Tables) -> Outcome:
    """Compare an authority with England or its region, or with the median of its statistical neighbours."""
    (mine,) = read_cells(test.rows, rows)
    area, *rest = mine.key
    side, _, whom = test.rule.partition(" ")
    home = tables["authorities"].set_index("la_code_ons").loc[area]
    near = compare.group(area, "statistical neighbours", tables["authorities"], tables["neighbours"])
    groups = {"England": ([ENGLAND], "England"), "region": ([home["region_code"]], home["region"])}
    groups["neighbours"] = (near.la_codes if near else (), "the middle of its neighbours")
    codes, name = one_of(whom, groups)
    theirs = [cell for (cell,) in read_areas(codes, f"observations every {' '.join(rest)}", rows)]
    middle = significant(pd.Series([cell.value for cell in theirs]).median())
    holds = one_of(side, {"above": mine.value > middle, "below": mine.value < middle})
    own, other = amount(mine.value, mine.row["unit"], mine.row["decimals"]), amount(middle, "", mine.row["decimals"])
    return _yes_no(holds), f"{own} against {other} in {name} in {rest[-1]}", (mine, *theirs)


def _grade_count(test: Any, rows: Rows, tables: Tables) -> Outcome:
    day, judgement, grade = test.rule.split()
    when = test.said_on if day == "said_on" else day
    every = timeline.grades_on(tables["judgements"], tables["authorities"], when, judgement)
    found = every[every["grade"] == grade].to_dict("records")
    cells = tuple(Cell("judgements", (row["event_id"], row["judgement"]), row["grade"], row) for row in found)
    return _against(test, len(cells)), amount(len(cells), test.unit), cells


def _count(test: Any, rows: Rows, tables: Tables) -> Outcome:
    cells, found = read_cells(test.rows, rows), matching(test.rule, tables)
    return _against(test, len(found)), amount(len(found), test.unit), (*cells, *found)


def _date(test: Any, rows: Rows, tables: Tables) -> Outcome:
    (cell,) = read_cells(test.rows, rows)
    # A further source of an event gives its day in words.
    found = (read_date if cell.table == "event_sources" else read_edtf)(cell.value)
    said = read_edtf(test.expected)
    verdict = HOLDS if said.earliest <= found.earliest and found.latest <= said.latest else HOLDS_ROUGHLY
    if found.latest < said.earliest or said.latest < found.earliest:
        verdict = DOES_NOT_HOLD
    return verdict, _or_not(english(found), verdict, english(said)), (cell,)


def _span(test: Any, rows: Rows, tables: Tables) -> Outcome:
    first, last = cells = read_cells(f"{test.rows} @start; {test.rows} @end", rows)
    days = (read_edtf(last.value).latest - read_edtf(first.value).earliest).days + 1
    return _against(test, days / one_of(test.rule, {"days": 1, "weeks": 7})), amount(days, "days"), cells


def _forecast(test: Any, rows: Rows, tables: Tables) -> Outcome:
    """Test whether an event came inside its window; the window of `next week` depends on the day it was said."""
    cells, forecasts = read_cells(test.rows, rows), tables["forecasts"]
    mine = forecasts[forecasts["forecast_id"] == cells[0].key[0]]
    if test.rule:
        window = read_date(test.rule, test.said_on)
        ends = {"window_start": pd.Timestamp(window.earliest), "window_end": pd.Timestamp(window.latest)}
        mine = mine.assign(**ends, window_by="stated")
    (row,) = timeline.expected_and_actual(mine, tables["events"], mine["la_code_ons"]).itertuples()
    if pd.isna(row.actual):
        return _not_seen(row, cells, tables)
    slip = int(row.slip_days)
    days = f"{abs(slip)} {'day' if abs(slip) == 1 else 'days'} {'after' if slip > 0 else 'before'}"
    shown = f"{english(read_edtf(row.actual_edtf))}, {days if slip else 'inside'} its window"
    return _yes_no(slip == 0), shown, (*cells, *matching(f"events event_id={row.outcome_event_id}", tables))


def _not_seen(row: Any, cells: tuple[Cell, ...], tables: Tables) -> Outcome:
    """Judge an event that is not in the tables by the newest source; the events looked through are its cells."""
    looked, closed = tables["sources"]["published"].max(), row.window_end
    if looked <= closed:
        raise NotKnownError("its window is still open")
    events = matching(f"events la_code_ons={row.la_code_ons} kind={row.expects}", tables)
    shown = f"not seen by {english_day(looked)}; its window closed on {english_day(closed)}"
    return DOES_NOT_HOLD, shown, (*cells, *events)


def _words(test: Any, rows: Rows, tables: Tables) -> Outcome:
    """Compare a word or a grade, or look for words in a finding as we put it (`contains`)."""
    (cell,) = read_cells(test.rows, rows)
    value, expected = cell.value.lower(), test.expected.lower()
    verdict = _yes_no(expected in value if one_of(test.rule, {"": False, "contains": True}) else expected == value)
    covers = tables["themes"].set_index("theme")["covers"]
    names = GRADE_NAMES | dict(covers.str[:1].str.lower() + covers.str[1:])
    found, said = (names.get(word, word.replace("_", " ")) for word in (cell.value, test.expected))
    return verdict, _or_not(found, verdict, said), (cell,)


def _not_testable(test: Any, rows: Rows, tables: Tables) -> Outcome:
    raise NotKnownError(test.note)


_ON_NUMBERS = (_arithmetic, _series, _change, _group, _grade_count, _count, _span)
TESTS = {test.__name__[1:]: test for test in (*_ON_NUMBERS, _date, _forecast, _words, _not_testable)}
