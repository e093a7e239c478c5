"""Wording of published dates to EDTF and the days it can mean, back to English, and financial years.

It will not guess: a phrase with two readings is refused. The edtf package is slow to import and refuses less.
"""

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from childrens_services.vocabulary import WORDS_OF_DATES

MONTHS, WEEKDAYS = WORDS_OF_DATES["months"], WORDS_OF_DATES["weekdays"]
VAGUE_IN_YEAR, VAGUE_IN_MONTH = WORDS_OF_DATES["vague_in_year"], WORDS_OF_DATES["vague_in_month"]
VAGUE_SPELLINGS = WORDS_OF_DATES["vague_spellings"]


@dataclass(frozen=True)
class Period:
    """A stretch of days as published: canonical EDTF, with the first and the last day it can touch.

    `2022-07-11/2022-07-22` lasts from one to the other; `[2022-01..2022-03]` is one day in that span; `2022-11~` is
    about then, and its days are not widened.
    """

    edtf: str
    earliest: date
    latest: date


def read_edtf(text: str) -> Period:
    """Return the period of a curated date: a day, month or year, each also with `~`, an interval `a/b`, or `[a..b]`.

    Raises ValueError with the text for any other form, a day that does not exist, or an end before its start.
    `read_edtf("2022-04/2023-03")` is 1 April 2022 to 31 March 2023.
    """
    single, interval, one_of = (form.fullmatch(str(text).strip()) for form in _EDTF)
    try:
        if single:
            return Period(single[0], *_days(single[1]))
        if interval or one_of:
            return _span(*(interval or one_of).groups(), one_of=bool(one_of))
    except ValueError as why:
        raise ValueError(f"date {text!r} not read: {why}") from None
    raise ValueError(f"date {text!r} not read: expected 2022-07-11, 2022-07, 2022, any of them with ~, a/b or [a..b]")


def read_date(text: str, written: date | None = None) -> Period:
    """Return the period that a published wording means; `written` is its day, needed where no year is printed.

    A range, or a visit in two parts, is the interval from its first to its last day; "or", "between" and vague words
    are one day in a span. A date without a year is the latest such not after `written`, or the first after it where the
    wording says "next", "expected" or "due". Raises ValueError with the text for wording without a reading or with two
    ("2010-11"). `read_date("26 to 27 April 2022").edtf` is `2022-04-26/2022-04-27`.
    """
    # A pandas Timestamp cannot be compared to a date, and a blank one is not even equal to itself.
    day = date(written.year, written.month, written.day) if written is not None and written == written else None
    try:
        return _read_words(_put_relative(_tidy(str(text)), day), day)
    except (ValueError, OverflowError) as why:
        raise ValueError(f"date {text!r} not read: {why}") from None


def financial_year(end: int) -> str:
    """Return the financial year, April to March, that ends in a year; 2023 ends `2022-23`."""
    return f"{end - 1}-{end % 100:02d}"


def financial_year_span(text: str) -> Period:
    """Return April to March of a financial year: "2022-23", "2022/23" or "2022-2023".

    Raises ValueError with the text for anything else, two years that do not follow each other included.
    """
    match = re.fullmatch(r"([12][0-9]{3})[-/]([0-9]{4}|[0-9]{2})", _tidy(str(text)))
    following = str(int(match[1]) + 1) if match else ""
    if not match or match[2] not in (following, following[2:]):
        raise ValueError(f"financial year {text!r} not read: expected two years in a row such as 2022-23 or 2022/23")
    return _span(f"{match[1]}-04", f"{following}-03")


def english_day(day: date) -> str:
    """Write a day in GOV.UK style: `5 September 2022`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def english(period: Period) -> str:
    """Write a period in GOV.UK style, for sentences; `read_date` reads it back.

    `11 to 22 July 2022`, `October 2019`, `around November 2022`, `between September and October 2025`.
    """
    text = period.edtf
    if text.startswith("["):
        return f"between {_english_pair(*text[1:-1].split('..'), ' and ')}"
    if "/" in text:
        return _english_pair(*text.split("/"), " to ")
    return f"around {_english_part(text[:-1])}" if text.endswith("~") else _english_part(text)


def _english_part(part: str) -> str:
    year, *rest = (int(number) for number in part.split("-"))
    return " ".join([*(str(day) for day in rest[1:]), *(MONTHS[month - 1] for month in rest[:1]), str(year)])


def _english_pair(first: str, last: str, joint: str) -> str:
    """Join two dates, leaving out of the first the month and year that the last says again."""
    words = _english_part(first).split()
    if len(first) == len(last):
        words = words[: len(words) - (first[:4] == last[:4]) - (first[:7] == last[:7])]
    return " ".join(words) + joint + _english_part(last)


_PART = r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)"
_EDTF = tuple(re.compile(form) for form in (rf"{_PART}~?", rf"{_PART}/{_PART}", rf"\[{_PART}\.\.{_PART}\]"))


def _days(part: str) -> tuple[date, date]:
    year, month, day = (*(int(number) for number in part.split("-")), None, None)[:3]
    try:
        first = date(year, 1 if month is None else month, 1 if day is None else day)
        return first, date(year, month or 12, day or monthrange(year, month or 12)[1])
    except ValueError:
        raise ValueError(f"there is no {part} in the calendar") from None


def _span(first: str, last: str, one_of: bool = False) -> Period:
    """Return the interval between two EDTF parts, or one day between them; the same part twice is that part."""
    earliest, latest = _days(first)[0], _days(last)[1]
    if earliest > latest:
        raise ValueError(f"it ends ({last}) before it starts ({first})")
    if first == last:
        return Period(first, earliest, latest)
    if one_of and len(first) != len(last):  # "between now and March": a span that has a day in it is counted in days
        first, last = earliest.isoformat(), latest.isoformat()
    return Period(f"[{first}..{last}]" if one_of else f"{first}/{last}", earliest, latest)


class _Point(NamedTuple):
    """A day, month or year as printed: what is missing is None."""

    year: int | None
    month: int | None
    day: int | None
    weekday: int | None

    def edtf(self) -> str:
        widths = ((self.year, 4), (self.month, 2), (self.day, 2))
        return "-".join(f"{number:0{width}d}" for number, width in widths if number is not None)


_MONTH_NUMBERS = {name: n for n, full in enumerate(MONTHS, 1) for name in (full.lower(), full[:3].lower())}
_MONTH_NUMBERS["sept"] = 9
_WEEKDAY_NUMBERS = {name: n for n, full in enumerate(WEEKDAYS) for name in (full.lower(), full[:3].lower())}
_M, _W = f"(?P<month>{'|'.join(_MONTH_NUMBERS)})", f"(?:(?P<weekday>{'|'.join(_WEEKDAY_NUMBERS)}) )?"
_D, _Y = "(?:the )?(?P<day>[0-9]{1,2})", "(?:of )?(?P<year>(?:19|20)[0-9]{2})"
_LAYOUTS = (f"{_W}{_D}(?:(?: of)? {_M}(?: {_Y})?)?", f"{_W}{_M} {_D}(?: {_Y})?", f"{_M}(?: {_Y})?", _Y)
_POINTS = tuple(re.compile(layout) for layout in _LAYOUTS)
_JOINT = re.compile(r"-| (to|and|or) ")
_LEAD = re.compile(r"(?:(?:next|expected|due) )?(?:(?:in|on) )?(?:(?:around|about|circa|between|from) )?")
_VAGUE = re.compile(rf"(?:towards )?(?:the )?({'|'.join([*VAGUE_IN_YEAR, *VAGUE_SPELLINGS])})[ -]")
_LEANS = "it leans on the day it was written, which was not given"
_EXPECTED = "expected wording such as 11 to 22 July 2022, October 2019, early 2022 or 2022-23"


def _tidy(text: str) -> str:
    """Return lower-case words without label, commas, brackets, ordinals, and print's many kinds of space and dash."""
    words = re.sub(r"[‐‑‒–—―−]", "-", text.lower())
    words = re.sub(r"[\s,()]+", " ", words).strip()
    words = re.sub(r"^(?:inspection|visit) dates? ?: ?", "", words)
    words = re.sub(r"(?<=[0-9])(?:st|nd|rd|th)\b|(?<=[a-z])\.|\.$", "", words)
    return re.sub(r" ?- ?", "-", words)


def _put_relative(words: str, written: date | None) -> str:
    """Replace "next year", "last month", "this week" and "now" by the dates they mean."""

    def stated(match: re.Match[str]) -> str:
        if written is None:
            raise ValueError(_LEANS)
        step = {"last": -1, "this": 0, "next": 1, None: 0}[match[1]]
        monday = written + timedelta(days=7 * step - written.weekday())
        year, month = divmod(written.year * 12 + written.month - 1 + step, 12)
        dates = {
            "year": f"{written.year + step}",
            "month": f"{MONTHS[month]} {year}",
            "week": f"between {english_day(monday)} and {english_day(monday + timedelta(days=6))}",
        }
        return dates.get(match[2], english_day(written)).lower()

    return re.sub(r"\b(?:(last|this|next) (year|month|week)|now|today)\b", stated, words)


def _read_words(words: str, written: date | None) -> Period:
    if re.fullmatch("[0-9]{4}(?:-(?:0[1-9]|1[0-2])|[-/][0-9]{4})", words):
        raise ValueError("it has two readings; financial_year_span reads financial years, read_edtf months and years")
    if re.fullmatch("[0-9]{4}[-/][0-9]{2}", words):
        return financial_year_span(words)
    lead = _LEAD.match(words)
    vague = _VAGUE.match(words, lead.end())
    rest, leads = words[(vague or lead).end() :], set(lead[0].split())
    points = _complete([_read_point(part) for part in _JOINT.sub("|", rest).split("|")], leads, written)
    if len(points) == 1 and leads & {"between", "from"}:
        raise ValueError("it names one end of a span only")
    if vague:
        return _read_vague(VAGUE_SPELLINGS.get(vague[1], vague[1]), points)
    return _join([point.edtf() for point in points], leads.union(_JOINT.findall(rest)))


def _read_point(words: str) -> _Point:
    """Read one day, month or year; the parts that are not printed are None."""
    found = next((match.groupdict() for form in _POINTS if (match := form.fullmatch(words))), None)
    if found is None:
        raise ValueError(_EXPECTED)
    year, day = (int(found[part]) if found.get(part) else None for part in ("year", "day"))
    return _Point(year, _MONTH_NUMBERS.get(found.get("month")), day, _WEEKDAY_NUMBERS.get(found.get("weekday")))


def _complete(points: list[_Point], leads: set[str], written: date | None) -> list[_Point]:
    """Return every point a month and a year: its neighbour's, as in 11 to 22 July 2022, or by the day of writing."""
    full = _inherit(_inherit(points[::-1])[::-1])
    if any(point.day and not point.month for point in full):
        raise ValueError(f"it names no month; {_EXPECTED}")
    if len({len(point.edtf()) for point in full}) > 1 and None in (point.year for point in points):
        raise ValueError("its two ends are not of one kind; print the year of both")
    if full[0].year is None:
        year = _year_by(full[0], leads, written)
        full = [point._replace(year=year) for point in full]
    for point, day in ((point, _days(point.edtf())[0]) for point in full):
        if point.weekday not in (None, day.weekday()):
            raise ValueError(f"it says {WEEKDAYS[point.weekday]}; {english_day(day)} is a {WEEKDAYS[day.weekday()]}")
    return full


def _inherit(points: list[_Point]) -> list[_Point]:
    """Fill a missing year, and the missing month of a day, from the points before."""
    year, month, full = None, None, []
    for point in points:
        year, month = point.year or year, point.month or month
        full.append(point._replace(year=year, month=month if point.day else point.month))
    return full


def _year_by(point: _Point, leads: set[str], written: date | None) -> int:
    """Return the year of the latest such date not after `written`, or of the first after it where that is expected."""
    if written is None:
        raise ValueError(_LEANS)
    ahead = bool(leads & {"next", "expected", "due"})
    for step in range(9):  # nine years hold a 29 February, even around 1900
        year = written.year + (step if ahead else -step)
        with suppress(ValueError):
            first, last = _days(point._replace(year=year).edtf())
            # "Expected in May", written in May, is this May; "next May" is not.
            if (first if "next" in leads else last) > written if ahead else first <= written:
                return year
    raise ValueError("there is no such day in any year")


def _read_vague(word: str, points: list[_Point]) -> Period:
    point, *more = points
    limits = (VAGUE_IN_MONTH if point.month else VAGUE_IN_YEAR).get(word)
    if point.day or more or limits is None:
        raise ValueError(_EXPECTED)
    if point.month:
        length = monthrange(point.year, point.month)[1]
        ends = [point._replace(day=min(day, length)) for day in limits]
    else:
        ends = [point._replace(year=point.year + (n > 12), month=(n - 1) % 12 + 1) for n in limits]
    return _span(*(end.edtf() for end in ends), one_of=True)


def _join(parts: list[str], words: set[str]) -> Period:
    """Make one period of EDTF parts and the words before and between them."""
    rough, one_of = (bool(words & some) for some in ({"around", "about", "circa"}, {"between", "or"}))
    if len(parts) == 1:
        return read_edtf(parts[0] + "~" * rough)
    for before, after in pairwise(parts):
        _span(before, after)
    if (one_of and len(parts) > 2) or (rough and not one_of):
        raise ValueError(_EXPECTED)
    if "or" in words and _days(parts[0])[1] + timedelta(days=1) != _days(parts[1])[0]:
        raise ValueError("its alternatives are not neighbours, so they are no one span")
    return _span(parts[0], parts[-1], one_of)
