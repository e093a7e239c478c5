"""Dates as published: every wording we met, and every wording we refuse."""

import re
from datetime import date, timedelta

import edtf
import pytest
from childrens_services import tables
from childrens_services.periods import (
    MONTHS,
    WEEKDAYS,
    english,
    english_day,
    financial_year,
    financial_year_span,
    read_date,
    read_edtf,
)
from hypothesis import example, given
from hypothesis import strategies as st
from small_frames import cases, rows_of

# One date of each form that the curated tables may hold.
FORMS = """
2008 2010-03 2024-02-29 2010~ 2022-11~ 2025-01-31~ 2010/2011 2013-04/2014-03 2017-01-23/2017-02-03 2022-08-18/2022-11
2022-08-18/2022-11-19 [2022-01..2022-03] [2024-05..2024-09] [2025-09-29..2026-03-31]
"""

# Wording of real reports and articles, the day it was written where it leans on that, and its EDTF or why it has none.
WORDINGS = [
    (text, date.fromisoformat(written) if written else None, edtf_text, refused)
    for text, written, edtf_text, refused in rows_of("dates")
]


def test_dates_of_the_tables_read_and_agree_with_the_edtf_package(tidy) -> None:
    columns = ((name, column, spec) for name, c in tables.contracts().items() for column, spec in c["columns"].items())
    used = set().union(*(tidy[name][column].dropna() for name, column, spec in columns if spec["type"] == "edtf"))
    ours = {text: read_edtf(text) for text in used | set(FORMS.split())}

    theirs = {text: edtf.parse_edtf(text) for text in ours}
    days = {text: [date(*day[:3]) for day in (one.lower_strict(), one.upper_strict())] for text, one in theirs.items()}
    assert len(used) > 200 and {text: one.edtf for text, one in ours.items()} == {text: text for text in ours}
    assert {text: [one.earliest, one.latest] for text, one in ours.items()} == days


def test_edtf_is_read_without_spaces_and_an_interval_of_one_day_is_that_day() -> None:
    assert read_edtf(" 2024-02 ").latest == date(2024, 2, 29)
    assert read_edtf("2019-07-31/2019-07-31").edtf == "2019-07-31"


REFUSED = """
2022-07-22/2022-07-11 | it ends (2022-07-11) before it starts (2022-07-22)
[2022-03..2022-01]    | it ends (2022-01) before it starts (2022-03)
2022-23               | there is no 2022-23 in the calendar
2022/23               | expected 2022-07-11
/2022                 | expected 2022-07-11
2022?                 | expected 2022-07-11
                      | expected 2022-07-11
11 July 2022          | expected 2022-07-11
"""
NEVER = [(day, f"there is no {day} in the calendar") for day in ("2022-02-31", "2022-13", "2022-00", "2022-07-00")]


@pytest.mark.parametrize(("text", "reason"), [*cases(REFUSED), *NEVER, (float("nan"), "")])
def test_edtf_that_is_refused_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"date {text!r} not read: {reason}")):
        read_edtf(text)


@pytest.mark.parametrize(("text", "written", "expected", "_"), [row for row in WORDINGS if row[2]])
def test_wording_is_read(text: str, written: date | None, expected: str, _: str) -> None:
    assert read_date(text, written).edtf == expected
    if written:
        with pytest.raises(ValueError, match=re.escape(f"date {text!r} not read: it leans on the day it was written")):
            read_date(text)


@pytest.mark.parametrize(("text", "written", "_", "reason"), [row for row in WORDINGS if row[3]])
def test_wording_that_is_refused_says_why(text: str, written: date | None, _: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^date {re.escape(repr(text))} not read: .*{re.escape(reason)}"):
        read_date(text, written)


@pytest.mark.parametrize("text", ["2022-24", "2022-2024", "2022-07", "2016-17 (OT)", "2022", "22-23", ""])
def test_no_financial_year(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"financial year {text!r} not read: expected two years in a row")):
        financial_year_span(text)


ENGLISH = """
2022-07-11/2022-07-22 | 11 to 22 July 2022
2023-01-30/2023-02-03 | 30 January to 3 February 2023
2023-12-20/2024-01-05 | 20 December 2023 to 5 January 2024
2022-08-18/2022-11    | 18 August 2022 to November 2022
2011/2015             | 2011 to 2015
2019-07-31            | 31 July 2019
2019-10               | October 2019
2022-11~              | around November 2022
[2025-09..2025-10]    | between September and October 2025
[2023-12..2024-02]    | between December 2023 and February 2024
"""


@pytest.mark.parametrize(("edtf_text", "expected"), cases(ENGLISH))
def test_english(edtf_text: str, expected: str) -> None:
    assert english(read_edtf(edtf_text)) == expected


DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
SPACES = st.sampled_from([" ", "  ", "\u00a0", "\u2009", "\u202f", " \n"])
DASHES = st.sampled_from(["-", "–", "—", " - ", " – ", " — ", "\u00a0–\u00a0", "\u2009–\u2009", " to ", " and "])


@st.composite
def edtf_texts(draw: st.DrawFn) -> str:
    first, last = sorted(draw(st.tuples(DAYS, DAYS)))
    length = draw(st.sampled_from([4, 7, 10]))
    ends = first.isoformat()[:length], last.isoformat()[:length]
    form = draw(st.sampled_from(["{0}", "{0}~", "{0}/{1}", "[{0}..{1}]"]))
    return form.format(*ends) if ends[0] != ends[1] else ends[0]


@given(edtf_texts())
def test_edtf_survives_reading_and_english(text: str) -> None:
    period = read_edtf(text)
    assert period.edtf == text
    assert period.earliest <= period.latest
    assert read_edtf(period.edtf) == period == read_date(english(period))


@given(DAYS, st.integers(1, 60), DASHES, SPACES, st.data())
def test_a_range_reads_back_in_every_layout(first: date, days: int, dash: str, space: str, data: st.DataObject) -> None:
    last = min(first + timedelta(days=days), date(2099, 12, 31))
    end = f"{WEEKDAYS[last.weekday()]} " * data.draw(st.booleans()) + english_day(last)
    starts = [english_day(first), f"{WEEKDAYS[first.weekday()]} {english_day(first)}"]
    if first.year == last.year:
        starts += [f"{first.day} {MONTHS[first.month - 1]}", f"{MONTHS[first.month - 1][:3]} {first.day}"]
    if first.year == last.year and first.month == last.month:
        starts += [f"{first.day}", f"{first.day:02d}", f"{first.day}th"]
    label = data.draw(st.sampled_from(["", "Inspection dates: ", "Inspection date:"]))

    period = read_date((label + data.draw(st.sampled_from(starts)) + dash + end).replace(" ", space))

    assert (period.earliest, period.latest) == (first, last)


@given(DAYS, DAYS)
def test_a_day_without_a_year_is_the_latest_not_after_the_writing(day: date, written: date) -> None:
    words = f"{day.day} {MONTHS[day.month - 1]}"
    found = read_date(words, written).earliest
    ahead = read_date(f"next {words}", written).earliest
    assert (found.day, found.month) == (ahead.day, ahead.month) == (day.day, day.month)
    assert found <= written < ahead
    assert not any(
        (between.day, between.month) == (day.day, day.month)
        for between in (found + timedelta(days=n) for n in range(1, (ahead - found).days))
        if between != written
    )


@given(st.integers(1900, 2099))
@example(2000)
def test_a_financial_year_reads_back_as_april_to_march(end: int) -> None:
    short, long = financial_year(end), f"{end - 1}-{end}"
    assert short == f"{end - 1}-{str(end)[2:]}"
    for text in (short, short.replace("-", "/"), short.replace("-", "–"), long):
        assert financial_year_span(text) == read_edtf(f"{end - 1}-04/{end}-03")


SMALL_WORDS = """
early mid late winter next last this week year month now between and or to from end of the around expected
- – / ~ .. [ ] , ( ) 0 00 1 11 22 30 31 29 2022 2023 2010-11 st th 9999 1900
"""
PIECES = st.lists(st.sampled_from([*MONTHS, *WEEKDAYS, *SMALL_WORDS.split()]), max_size=8)
TEXTS = st.text() | PIECES.map(" ".join) | PIECES.map("".join)
WRITTEN = st.none() | st.dates()


@given(TEXTS, WRITTEN)
@example("next week", date.max)
@example("last year", date.min)
@example("29 February", date.max)
@example("early January", date(3000, 1, 1))
@example("May", date(999, 6, 1))
def test_any_text_is_read_or_refused_with_the_text(text: str, written: date | None) -> None:
    for read in (read_edtf, financial_year_span, lambda words: read_date(words, written)):
        try:
            period = read(text)
        except ValueError as refusal:
            assert repr(text) in str(refusal)
        else:
            assert period.earliest <= period.latest
            assert read_edtf(period.edtf) == period
