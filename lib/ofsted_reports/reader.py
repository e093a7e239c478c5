"""Ofsted's own reports and letters on children's services: what the text of their pages says.

Goes in: the text of a report's pages. Comes out: a reading, one `Found` a field, with the words and the page that say
so. What the pages do not say is not in the reading: nothing is inferred from the length of a visit, a file's name or a
neighbouring report. Nothing here opens a file.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from childrens_services.periods import MONTHS, WEEKDAYS, Period, read_date
from childrens_services.vocabulary import SCALES, Framework

from ofsted_reports.judgement_tables import GRADE, Found, read_headings, read_table, tidy_grade
from ofsted_reports.lists import read_lists

# A field a key: authority, framework, kind, start, end, published, lead_inspector, recommendations, paragraphs, and a
# judgement as `judgement.<id>`; `heading.<id>` is the grade that a section's heading repeats, `board_review` stands for
# a title that announces a review of the safeguarding children board.
Reading = dict[str, Found]

_NAME = r"(?P<name>(?-i:[A-Z(]).{1,90}?)"
_SERVICES = r"children'?s'? (?:social care )?services"
# How each kind of document names itself. The first of these that its first pages print says what it is: a report speaks
# of earlier visits further down, and a letter of earlier inspections.
TITLES = tuple(
    (re.compile(f"(?i){form}"), framework, kind)
    for form, framework, kind in (
        (r"inspection of services for children in need of help and protection,? children looked after and care leavers",
         Framework.SIF, "inspection"),
        (r"(?P<short>short )?inspection of children'?s'? social care services", Framework.ILACS, "inspection"),
        (r"(?P<short>short )?inspection of local authority children'?s'? services(?! ?\()", Framework.ILACS,
         "inspection"),
        (rf"(?P<short>short )?inspection of (?!local authority child)(?:the )?{_NAME} {_SERVICES}", Framework.ILACS,
         "inspection"),
        (r"inspection of (?:local authority )?arrangements for the protection of children", Framework.PRE_2013,
         "inspection"),
        (r"inspection of (?:safeguarding and )?(?:services for )?looked after children(?:'s)?(?: services)?",
         Framework.PRE_2013, "inspection"),
        (rf"focuse?d visit (?:to|of) (?:the )?{_NAME}(?='?s? {_SERVICES}| this letter| on [0-9])",
         Framework.ILACS, "focused_visit"),
        (rf"monitoring visit (?:to|of) (?:the )?{_NAME}(?='?s? {_SERVICES}| this letter| on [0-9])", None,
         "monitoring_visit"),
        (r"joint targeted area inspection of (?:the .{10,200}? in )?"
         rf"{_NAME}(?= this letter| between | from | inspection dates?| dear | headline | the multi-agency )", None,
         "jtai"),
        (rf"joint (?:local )?area send inspection (?:of|in) {_NAME}(?= local| inspection| between| dear)",
         Framework.AREA_SEND_2016, "send_inspection"),
        (rf"area send inspection of {_NAME}(?= local area| inspection| publi)", Framework.AREA_SEND_2023,
         "send_inspection"),
    )
)  # fmt: skip
LETTERS = ("focused_visit", "monitoring_visit", "jtai")
# What stands near the title of Ofsted's own papers and not in what others write about them.
_OWN_REPORT = re.compile(r"(?i)\b(?:inspection|visit) dates?\b|\b(?:lead|reporting) inspector\b")
_OWN_LETTER = re.compile(r"(?i)\bdear\b|\bthis letter\b|\binspection dates?\b")
_NEAR = 700  # characters
_ILACS_NAMED = re.compile(r"(?i)\bILACS\b|inspection of local authority children's services")

_DAY = rf"(?:(?:{'|'.join(WEEKDAYS)}),? )?[0-9]{{1,2}}(?:st|nd|rd|th)?"
_MONTH = rf"(?:{'|'.join(MONTHS)}|{'|'.join(month[:3] for month in MONTHS)}|Sept)\b\.?"
_YEAR = r"(?:20[0-9]{2})\b"
# A stretch of days: from its first number on, whatever joins numbers, months and years, up to its last year.
_DAYS = rf"(?P<days>{_DAY}(?:\s*(?:,|&|-|to\b|and\b|until\b|{_DAY}\b|{_MONTH}|{_YEAR}))*\s*{_MONTH}\s*,?\s*{_YEAR})"
_MORE_DAYS = re.compile(rf"(?i)[^A-Za-z0-9]{{0,3}}[^ A-Za-z0-9]?\S{{0,7}}\s?{_DAY}\s+{_MONTH}")
_LABELLED_DAYS = re.compile(rf"(?i)\b(?:inspection|visit|fieldwork) dates?\s*:?\s*(?:from )?{_DAYS}")
_SPOKEN_DAYS = re.compile(rf"(?i)\b(?:on|from|between)\s+{_DAYS}")
_SPOKEN_NO_YEAR = re.compile(
    rf"(?i)\bvisit\b[^.]{{0,160}}? on\s+(?P<days>{_DAY}(?:\s*(?:-|to|and|&)\s*{_DAY})?\s*{_MONTH})"
)
_PUBLISHED = re.compile(rf"(?im)^\s*(?:report )?(?:published|publication date)(?: on)?\s*:?\s*{_DAYS}")
_DATED = re.compile(rf"(?im)^\s*(?P<days>{_DAY}\s+{_MONTH}\s+{_YEAR})\s*$")

_LEAD = re.compile(r"(?im)^\s*(?:lead|reporting) inspector\s*:?[ \t]*\n?[ \t]*(?P<name>[^\n,(:]{3,60})")
_SIGNED = re.compile(
    r"(?i)yours sincerely,?\s+(?P<name>(?-i:[A-Z])[^\n,]{3,50}?)\s*,?\s+(?:HMI\b|H(?:er|is) Majesty's Inspector)"
)
# A name: capitals, and the small words that stand inside names; "Yo ung" is a name that lost its spacing.
_PERSON = re.compile(r"[A-Z][\w'.-]*(?: (?:[A-Z][\w'.-]*|and|de|der|den|van|von|la|le|du|di|al|el|bin|ap))+")
_TITLES_OF_PEOPLE = re.compile(r"(?i)[\s,]*\b(?:HMI|Ofsted|H(?:er|is) Majesty.*|(?:senior|social care) .*inspector.*)$")

AREAS_2009 = {"safeguarding services": "safeguarding", "services for looked after children": "looked_after_children"}
# "Not yet good" and "no longer inadequate" grade nothing, so no such word may stand before the grade.
_PLAIN = r"(?:(?!\b(?:not|no|yet|less|than|because)\b)[^.])"
_AREA = r"(?:(?:(?-i:[A-Z(])[\w'.&)-]*,?|of|the|and|upon|on|with|&|local|authority|council|area) ){1,14}?"
_OVERALL = (
    re.compile(
        rf"(?i)the overall judgement (?:is|for {_PLAIN}{{3,90}}? is):?(?: that)?(?: {_PLAIN}{{2,110}}?)? ({GRADE})\b"
    ),
    re.compile(rf"(?i)children's services (?:(?:in|for) {_AREA})?(?:(?:is|are) )?({GRADE})\b"),
)
_BOARD = r"(?:the )?(?:[\w'&-]+ ){0,6}safeguarding children(?:'s)? board(?: ?[0-9])?(?: \([\w& ]+\))?"
_BOARD_GRADED = re.compile(
    rf"(?i)(?:the (?:effectiveness|judgement) (?:of|for|on) )?{_BOARD}(?: is)?(?: that)?(?: it)?(?: is)? ({GRADE})\b"
)
_BOARD_HEADING = re.compile(
    rf"(?im)safeguarding\s+children(?:'s)?\s+board(?:\s+\([\w& ]+\))?(?:\s+is)?\s+({GRADE})[. ]*$"
)
_BEFORE_BOARD = re.compile(r"(?i)(?:the effectiveness of )?(?:the )?(?:[\w'&-]+ ){0,6}")
# Before November 2013: a heading with a numbered grade, and the same in the record of findings at the end.
_GRADED_2009 = re.compile(
    rf"(?i)overall effectiveness of (?:the )?(?P<area>{'|'.join(AREAS_2009)})(?: and young people)?"
    rf"(?: in [\w' -]{{3,60}}?)? grade (?P<number>[1-4]) \((?P<grade>{GRADE})\)"
)
_NUMBERS_2009 = {grade: str(number) for number, grade in enumerate(SCALES["four_point_2009"], 1)}
_RECORDED_2009 = re.compile(rf"(?i)\b(?P<area>{'|'.join(AREAS_2009)}) overall effectiveness (?P<grade>{GRADE})\b")


def read_pages(pages: Mapping[int, str]) -> Reading:
    """Read a report or letter from the text of its pages, by page number; some pages may be left out.

    Gives one `Found` a field that the pages state; a field that they do not state, or state in two ways, is left out.
    An empty reading is a text that does not name itself as one of Ofsted's reports or letters on children's services.
    `read_pages({1: text})["kind"].value` is `focused_visit` for a text headed "Focused visit to X children's services".
    """
    texts = {page: tidy_text(text) for page, text in sorted(pages.items())}
    titled = _find_title(texts)
    if titled is None:
        return {}
    page, title, framework, kind = titled
    reading = _read_title(texts, page, title, framework, kind)
    reading |= _read_days(texts, page, kind) | _read_lead(texts, page, kind)
    if framework in (Framework.SIF, Framework.ILACS) and kind not in LETTERS:
        reading |= _read_grades(texts, page, framework)
    if framework == Framework.PRE_2013:
        reading |= _read_grades_2009(texts)
    return reading | read_lists(texts, page)


def pages_to_confirm(reading: Reading) -> list[int]:
    """Give the pages that a second reader must read to confirm a reading: those that bear on its fields.

    Headings repeat the table; their pages are asked for only where the table was read as two columns. The page after
    the last numbered paragraph is one of them: a second reader may find the numbering going on.
    """
    as_column = any(found.as_column for found in reading.values())
    pages: set[int] = set()
    for key, found in reading.items():
        if key == "recommendations":
            pages.update(range(found.page, found.until + 1))
        elif as_column or not key.startswith("heading."):
            pages.update({found.page, found.until or found.page, found.until + 1 if found.until else found.page})
    return sorted(pages)


def opening(pages: Mapping[int, str]) -> str:
    """Give the first words of a text, to show what it is: `Minutes of the scrutiny committee`."""
    return " ".join(tidy_text(" ".join(list(pages.values())[:2])).split())[:60]


def tidy_text(text: str) -> str:
    """Give a page's text with plain spaces, hyphens, apostrophes and letters (no ligatures), a line a line.

    A word that a reader marks as broken at a line's end is put together with its hyphen: `well-established`.
    """
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _PRINTED.sub(lambda sign: _PRINT[sign[0]], text)
    return re.sub(" {2,}", " ", text).replace("\n ", "\n")


_PRINT = (
    dict.fromkeys(map(chr, [*range(9), *range(11, 32), *range(0x200B, 0x2010), *range(0x2028, 0x2065)]), "")
    | dict.fromkeys("\u00ad\ufeff", "")
    | dict.fromkeys("\t\u00a0\u2002\u2003\u2009\u202f\u205f\u3000", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufffe\x02", "-")
    | dict.fromkeys("\u2018\u2019\u02bc`", "'")
)  # of signs that stand twice the last holds: pypdfium2 marks a hyphen at a line's end by U+FFFE or U+0002
_PRINTED = re.compile(f"[{re.escape(''.join(_PRINT))}]")


def _flat(text: str) -> str:
    """Give a text as one line; a word broken after a hyphen is one word."""
    return re.sub(r"(?<=[A-Za-z])- (?=[a-z])", "-", " ".join(text.split()))


def _find_title(texts: Mapping[int, str]) -> tuple[int, re.Match[str], Framework | None, str] | None:
    """Find the first words by which a document names itself, on its first two pages."""
    for page in [page for page in texts if page <= min(texts) + 1]:
        flat = _flat(texts[page])
        found = [(match, framework, kind) for form, framework, kind in TITLES if (match := form.search(flat))]
        if found:
            title, framework, kind = min(found, key=lambda hit: hit[0].start())
            own, near = (_OWN_LETTER, flat) if kind in LETTERS else (_OWN_REPORT, flat[title.end() :][:_NEAR])
            return (page, title, framework, kind) if own.search(near) else None
    return None


def _read_title(
    texts: Mapping[int, str], page: int, title: re.Match[str], framework: Framework | None, kind: str
) -> Reading:
    """Read what the title says: kind, framework, whose services, and whether the safeguarding board is reviewed too."""
    flat, parts = title.string, title.groupdict()
    kind = "short_inspection" if parts.get("short") else kind
    reading = {"kind": Found(kind, title[0], page)}
    if framework is None and (named := _ILACS_NAMED.search(_flat(" ".join(texts.values()))[:6000])):
        framework, title_words = Framework.ILACS, named[0]
    else:
        title_words = title[0]
    if framework:
        reading["framework"] = Found(framework.value, title_words, page)
    name = parts.get("name") or _name_beside(flat, title)
    if name:
        reading["authority"] = Found(" ".join(name.split()), name, page)
    if re.match(r" and review of the effectiveness of the local safeguarding children", flat[title.end() :], re.I):
        reading["board_review"] = Found("yes", "review of the Local Safeguarding Children Board", page)
    return reading


def _name_beside(flat: str, title: re.Match[str]) -> str:
    """Give the name above the title or, where nothing stands there, between the title and the dates."""
    above = re.sub(r"^[\W\d_]+|[\W\d_]*(?:re-|joint )?$", "", flat[: title.start()], flags=re.I)
    if above:
        return above[-90:]
    below = re.match(r"[\W\d]*((?:in |of )?(?-i:[A-Z]).{1,80}?) (?:inspection dates?|age group|published|report)\b",
                     flat[title.end() :], re.I)  # fmt: skip
    return re.sub(r"^(?:in|of) ", "", below[1]) if below else ""


def _read_days(texts: Mapping[int, str], page: int, kind: str) -> Reading:
    """Read the days of fieldwork and of publication; a letter is published on the day it bears."""
    text, flat = texts[page], _flat(texts[page])
    reading: Reading = {}
    published = _PUBLISHED.search(text) or (_DATED.search(text) if kind in LETTERS else None)
    day = _read_period(published, None)
    if published and day and day.earliest == day.latest:
        reading["published"] = Found(day.edtf, _flat(published[0]), page)
    written = day.latest if day else None
    for form in (_LABELLED_DAYS, *((_SPOKEN_DAYS, _SPOKEN_NO_YEAR) if kind in LETTERS else ())):
        match = form.search(flat)
        if match and _MORE_DAYS.match(flat, match.end()):
            return reading  # joined to more days by a sign that we do not know
        if match and (period := _read_period(match, written)) and _is_in_days(period):
            first, last = period.edtf.split("/")[0], period.edtf.split("/")[-1]
            return reading | {"start": Found(first, match[0], page), "end": Found(last, match[0], page)}
    return reading


def _read_period(match: re.Match[str] | None, written: date | None) -> Period | None:
    if match is None:
        return None
    words = re.sub(r"\s*&\s*|(?<=[0-9]),\s*(?=[0-9]{1,2}\b)", " and ", re.sub(r"(?i)\buntil\b", "to", match["days"]))
    try:
        return read_date(_flat(words), written)
    except ValueError:
        return None


def _is_in_days(period: Period) -> bool:
    return all(len(part) == 10 for part in period.edtf.split("/"))


def _read_lead(texts: Mapping[int, str], page: int, kind: str) -> Reading:
    """Read the lead inspector; in a letter, who signs it."""
    forms = (_LEAD, _SIGNED) if kind in LETTERS else (_LEAD,)
    for form in forms:
        for at in [page, *[other for other in reversed(texts) if other != page]]:
            match = form.search(texts[at])
            name = " ".join(_TITLES_OF_PEOPLE.sub("", match["name"].strip(" .-")).split()) if match else ""
            if _PERSON.fullmatch(name):
                return {"lead_inspector": Found(name, _flat(match[0]), at)}
    return {}


def _read_grades(texts: Mapping[int, str], page: int, framework: Framework) -> Reading:
    """Read the table after the title, the grades given in sentences, and those that the sections' headings repeat."""
    front = {at: text for at, text in texts.items() if page <= at <= page + (framework == Framework.ILACS)}
    rest = {at: text for at, text in texts.items() if at > page}
    grades = read_table(front, framework.value)
    if framework == Framework.SIF:
        grades |= _read_sentences(texts, page, grades)
    headings = {f"heading.{area}": found for area, found in read_headings(rest, framework.value).items()}
    return {f"judgement.{area}": found for area, found in grades.items()} | headings


def _read_sentences(texts: Mapping[int, str], page: int, grades: Mapping[str, Found]) -> dict[str, Found]:
    """Read the two grades that single inspections give in a sentence: overall, and the safeguarding board's."""
    flat, found = _flat(texts[page]), {}
    overall = [match for form in _OVERALL if (match := form.search(flat))]
    if overall and "overall_effectiveness" not in grades and len({tidy_grade(match[1]) for match in overall}) == 1:
        found["overall_effectiveness"] = Found(tidy_grade(overall[0][1]), overall[0][0], page)
    if front := _BOARD_GRADED.search(flat):
        return found | {"lscb": Found(tidy_grade(front[1]), front[0], page)}
    for at, text in texts.items():
        for match in _BOARD_HEADING.finditer(text if at > page else ""):
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.end()]
            if _BEFORE_BOARD.fullmatch(line[: len(line) - len(match[0])]):
                return found | {"lscb": Found(tidy_grade(match[1]), _flat(line), at)}
    return found


def _read_grades_2009(texts: Mapping[int, str]) -> Reading:
    """Read the overall grades of the inspections before November 2013: safeguarding, and looked after children."""
    reading: Reading = {}
    for page, text in texts.items():
        flat = _flat(text) if "verall effectiveness" in text else ""
        for match in [*_GRADED_2009.finditer(flat), *_RECORDED_2009.finditer(flat)]:
            if match.groupdict().get("number") not in (None, _NUMBERS_2009[tidy_grade(match["grade"])]):
                continue
            key = AREAS_2009[match["area"].lower()]
            place = "heading" if f"judgement.{key}" in reading else "judgement"
            reading.setdefault(f"{place}.{key}", Found(tidy_grade(match["grade"]), match[0], page))
    return reading
