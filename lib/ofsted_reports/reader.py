"""What the text of a report's pages says, a field at a time, with the words and the page; nothing is inferred."""

import re
from collections.abc import Mapping
from datetime import date

from ofsted_reports.lists import read_lists
from ofsted_reports.tables import read_headings, read_table
from ofsted_reports.text import Found, Reading, one_line, plain_text
from ofsted_reports.wording import FORMS, FRAMEWORKS, LETTERS, MONTHS, TITLES, WEEKDAYS, read_grade, wordings

_NEAR = 700  # characters
_AREAS_2009 = wordings("pre_2013", "sentence")


def read_pages(pages: Mapping[int, str]) -> Reading:
    """Return what a report or letter states, one `Found` a field, from the text of its pages by number.

    A field that the pages do not state, or state in two ways, is left out. An empty reading is a text that does not
    name itself as one of Ofsted's reports or letters on children's services.
    """
    texts = {page: plain_text(text) for page, text in sorted(pages.items())}
    titled = _find_title(texts)
    if titled is None:
        return {}
    page, title, kind, framework = titled
    is_letter = kind in LETTERS
    reading = _read_title(title, kind, page)
    # Letters of monitoring visits name their framework further down, if at all.
    if named := title if framework else FORMS.ilacs_named.search(one_line(" ".join(texts.values()))[:6000]):
        reading["framework"] = Found(framework or "ilacs", named[0], page)
    reading |= _find_days(texts[page], page, is_letter) | _read_lead(texts, page, is_letter)
    if framework == "pre_2013":
        reading |= _read_grades_2009(texts)
    elif framework in ("sif", "ilacs") and not is_letter:
        reading |= _read_grades(texts, page, framework)
    return reading | read_lists(texts, page)


def pages_to_confirm(reading: Reading) -> list[int]:
    """Return the pages that a second reader must read to confirm a reading: those that bear on its fields.

    Headings repeat the table; their pages are asked for only where the table was read as two columns. The page after
    the last numbered paragraph is one of them: a second reader may find the numbering going on.
    """
    as_column = any(found.as_column for found in reading.values())
    pages: set[int] = set()
    for key, found in reading.items():
        if key == "recommendations":
            pages.update(range(found.page, found.until + 1))
        elif as_column or not key.startswith("heading."):
            pages.update([found.page, found.until, found.until + 1] if found.until else [found.page])
    return sorted(pages)


def _find_title(texts: Mapping[int, str]) -> tuple[int, re.Match[str], str, str] | None:
    """Return the page and the first words by which a document names itself there, with the kind and framework."""
    for page in [page for page in texts if page <= min(texts) + 1]:
        flat = one_line(texts[page])
        found = [(title, *of) for form, *of in TITLES if (title := form.search(flat))]
        if found:
            title, kind, framework = min(found, key=lambda each: each[0].start())
            own, near = (FORMS.own_letter, flat) if kind in LETTERS else (FORMS.own_report, flat[title.end() :][:_NEAR])
            return (page, title, kind, framework) if own.search(near) else None
    return None


def _read_title(title: re.Match[str], kind: str, page: int) -> Reading:
    parts = title.groupdict()
    reading = {"kind": Found("short_inspection" if parts.get("short") else kind, title[0], page)}
    if name := parts.get("name") or _name_beside(title):
        reading["authority"] = Found(" ".join(name.split()), name, page)
    if review := FORMS.board_review.match(title.string, title.end()):
        reading["board_review"] = Found("yes", review[0].strip(), page)
    return reading


def _name_beside(title: re.Match[str]) -> str:
    """Return the name above the title or, where nothing stands there, between the title and the dates."""
    above = FORMS.after_name.sub("", FORMS.before_name.sub("", title.string[: title.start()]))
    below = FORMS.name_below.match(title.string, title.end())
    return above[-90:] or (below[1] if below else "")


def _read_lead(texts: Mapping[int, str], page: int, is_letter: bool) -> Reading:
    """Read the lead inspector; in a letter, who signs it."""
    for form in (FORMS.lead, FORMS.signed) if is_letter else (FORMS.lead,):
        for at in [page, *[other for other in reversed(texts) if other != page]]:
            match = form.search(texts[at])
            name = " ".join(FORMS.rank.sub("", match["name"].strip(" .-")).split()) if match else ""
            if FORMS.person.fullmatch(name):
                return {"lead_inspector": Found(name, one_line(match[0]), at)}
    return {}


def _read_grades(texts: Mapping[int, str], page: int, framework: str) -> Reading:
    """Read the table after the title, the grades given in sentences, and those that the sections' headings repeat."""
    front = {at: text for at, text in texts.items() if page <= at <= page + (framework == "ilacs")}
    rest = {at: text for at, text in texts.items() if at > page}
    grades = read_table(front, framework)
    if framework == "sif":
        grades |= _read_overall(texts[page], page, grades) | _read_board(texts, page)
    headings = {f"heading.{area}": found for area, found in read_headings(rest, framework).items()}
    return {f"judgement.{area}": found for area, found in grades.items()} | headings


def _read_overall(text: str, page: int, grades: Mapping[str, Found]) -> dict[str, Found]:
    forms = (FORMS.overall_judgement, FORMS.overall_services)
    stated = [match for form in forms if (match := form.search(one_line(text)))]
    if "overall_effectiveness" in grades or len({read_grade(match[1]) for match in stated}) != 1:
        return {}
    return {"overall_effectiveness": Found(read_grade(stated[0][1]), stated[0][0], page)}


def _read_board(texts: Mapping[int, str], page: int) -> dict[str, Found]:
    """Read the safeguarding children board's grade, from a sentence beside the table or a heading further down."""
    if front := FORMS.board_graded.search(one_line(texts[page])):
        return {"lscb": Found(read_grade(front[1]), front[0], page)}
    for at, text in texts.items():
        for match in FORMS.board_heading.finditer(text if at > page else ""):
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.end()]
            if FORMS.before_board.fullmatch(line[: len(line) - len(match[0])]):
                return {"lscb": Found(read_grade(match[1]), one_line(line), at)}
    return {}


def _read_grades_2009(texts: Mapping[int, str]) -> Reading:
    """Read the overall grades of the inspections before November 2013: safeguarding, and looked after children."""
    scale = FRAMEWORKS["pre_2013"].grades
    reading: Reading = {}
    for page, text in texts.items():
        flat = one_line(text) if "verall effectiveness" in text else ""
        for match in [*FORMS.numbered_grade.finditer(flat), *FORMS.recorded_grade.finditer(flat)]:
            grade, number = read_grade(match["grade"]), match.groupdict().get("number")
            if number is None or scale[int(number) - 1] == grade:
                area = _AREAS_2009[match["area"].lower()]
                place = "heading" if f"judgement.{area}" in reading else "judgement"
                reading.setdefault(f"{place}.{area}", Found(grade, match[0], page))
    return reading


def _find_days(text: str, page: int, is_letter: bool) -> Reading:
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
    weekdays = [WEEKDAYS[day.weekday()] for day in days]
    as_dated = all(part["weekday"] in (None, day) for part, day in zip(parts, weekdays, strict=False))
    return (days[0], days[-1]) if days and days == sorted(days) and as_dated else (None, None)


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
