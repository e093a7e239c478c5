"""Days of fieldwork and of publication, as reports and letters print them."""

import re
from datetime import date

from ofsted_reports.text import Found, Reading, one_line
from ofsted_reports.wording import FORMS, MONTHS, WEEKDAYS


def find_days(text: str, page: int, is_letter: bool) -> Reading:
    """Return `start`, `end` and `published` as the title's page states them; a letter is published on its own date."""
    reading: Reading = {}
    published = FORMS.published.search(text) or (FORMS.dated.search(text) if is_letter else None)
    first, written = read_days(published["days"]) if published else (None, None)
    if written and first == written:
        reading["published"] = Found(written.isoformat(), one_line(published[0]), page)
    flat = one_line(text)
    spoken = [FORMS.spoken_days, FORMS.spoken_without_year] if is_letter else []
    for form in [FORMS.labelled_days, *spoken]:
        stated = form.search(flat)
        if stated and FORMS.more_days.match(flat, stated.end()):
            return reading
        start, end = read_days(stated["days"], written) if stated else (None, None)
        if start and end:
            days = {"start": start, "end": end}
            return reading | {name: Found(day.isoformat(), stated[0], page) for name, day in days.items()}
    return reading


def read_days(text: str, written: date | None = None) -> tuple[date, date] | tuple[None, None]:
    """Return the first and the last of the printed days, for example of "7 to 18 October 2024"; else two times None.

    A day without month or year takes those of the next. Where no year is printed, it is the latest that does not come
    after `written`. A weekday must be the date's.
    """
    parts = [FORMS.one_day.fullmatch(part.replace(",", "")) for part in FORMS.joint_of_days.split(one_line(text))]
    if not all(parts):
        return None, None
    years = [written.year, written.year - 1] if written else []
    if parts[-1]["year"]:
        years, written = [int(parts[-1]["year"])], date.max
    dated = (_date(parts, year) for year in years)
    days = next((days for days in dated if days and days[0] <= written), [])
    in_order = days == sorted(days) and all(map(_falls_on, parts, days))
    return (days[0], days[-1]) if days and in_order else (None, None)


def _date(parts: list[re.Match[str]], year: int) -> list[date]:
    """Return the day of each part, the last of which lies in `year`; none where there is no such day."""
    days: list[date] = []
    month = ""
    for part in reversed(parts):
        month, year = part["month"] or month, int(part["year"] or year)
        try:
            days.insert(0, date(year, 1 + [name[:3] for name in MONTHS].index(month[:3].title()), int(part["day"])))
        except ValueError:
            return []
    return days


def _falls_on(part: re.Match[str], day: date) -> bool:
    return part["weekday"] is None or part["weekday"].title() == WEEKDAYS[day.weekday()]


def english_day(day: date) -> str:
    """Return a day in words: `5 September 2022`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
