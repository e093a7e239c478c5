"""As known on eight days: no table holds a day, a year or a word from later."""

import re
from datetime import date

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.periods import MONTHS
from small_frames import rows_of

DAYS = ("2014-06-01", "2019-03-01", "2022-08-01", "2023-03-01", "2024-04-04", "2025-01-01", "2025-06-01", "2026-01-01")
# What looks ahead on purpose: what somebody expected, planned or promised, and the rows by which a claim is tested.
LOOKS_AHEAD = {
    "budgets": {"period", "what", "locator"},
    "claim_tests": {"rows", "rule", "what", "expected"},
    "claims": {"claim", "stated_value", "as_of"},
    "events": {"start", "end", "start_earliest", "start_latest", "end_latest", "summary"},
    "forecasts": {"window_start", "window_end", "expected_text", "what_expected", "note"},
    "sources": {"title", "url"},
    "statements": {"measure", "as_of"},
}
_DAY = re.compile(rf"(?:(\d\d?) )?({'|'.join(MONTHS)}) (20\d\d)|\b(20\d\d)(?:-(\d\d))?(?:-(\d\d))?\b")


def days_in(text: str) -> list[tuple[str, date]]:
    """The days, months, years and financial years in a text, each by its first day."""
    found = []
    for match in _DAY.finditer(text):
        day, month, year, begins, second, third = match.groups()
        month = MONTHS.index(month) + 1 if month else int(second) if second and 1 <= int(second) <= 12 else 1
        found.append((match[0], date(int(year or begins), month, int(day or third or 1))))
    return found


def test_days_in_a_text_are_found():
    assert days_in("on 4 April 2024, by March 2026, in 2019-20, 2013-14 and 2022-07-11; not ods_2025 or 12019") == [
        ("4 April 2024", date(2024, 4, 4)),
        ("March 2026", date(2026, 3, 1)),
        ("2019-20", date(2019, 1, 1)),
        ("2013-14", date(2013, 1, 1)),
        ("2022-07-11", date(2022, 7, 11)),
    ]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", tables.contracts())
def test_no_table_tells_what_came_later(name, day):
    frame, until = tables.load(name, day), date.fromisoformat(day)
    late = []
    for column, spec in tables.contracts()[name]["columns"].items():
        cells = frame[column].dropna().drop_duplicates()
        if column in LOOKS_AHEAD.get(name, {"locator"}):
            continue
        if spec["type"] == "day":
            late += [(column, cell) for cell in cells[cells > pd.Timestamp(day)]]
        elif spec["type"] in ("text", "edtf"):
            late += [(column, cell) for cell in cells for _, told in days_in(cell) if told > until]
        elif column in ("period", "year"):
            late += [(column, cell) for cell in cells[cells > until.year]]

    assert late == []


@pytest.mark.parametrize(("day", "table", "rows", "column", "newest", "number"), rows_of("known"))
def test_what_was_known_on_a_day(day, table, rows, column, newest, number):
    found = sorted(map(str, tables.load(table, day).query(rows)[column].unique()))

    assert found[-1:] == [newest] * bool(newest)
    assert number in ("", str(len(found)))
