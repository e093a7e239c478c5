"""Which fields of a report two readers read alike and the rules of the field allow: a certificate a field."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from ofsted_reports.authorities import Names, as_printed
from ofsted_reports.files import Readings
from ofsted_reports.text import Found, Passage
from ofsted_reports.wording import FRAMEWORKS, LETTERS, Framework, english_day

NEEDED = ["authority", "kind", "start", "end"]  # every report and letter states them
NEEDED_OF_REPORTS = ["lead_inspector", "recommendations"]  # and every report since November 2013 these too
FIELDS = ("authority", "framework", "kind", "start", "end", "published", *NEEDED_OF_REPORTS, "paragraphs")
NUMBERED_FROM = date(2014, 2, 1)  # the first single inspections' reports have bullets in place of numbered paragraphs
LONGEST_FIELDWORK = timedelta(days=92)  # visits in two parts took seven weeks; more is a misprinted or misread year
LONGEST_WAIT = timedelta(days=366)  # from the first day of fieldwork to publication
CERTAIN, REVIEW, UNREADABLE = "certain", "needs_review", "unreadable"


@dataclass(frozen=True)
class Certificate:
    """One field of one file: what each reader read, empty for nothing; `doubt` says why it is not certain."""

    field: str
    first: str
    second: str
    doubt: str
    wording: str
    page: int | None

    @property
    def certainty(self) -> str:
        """Return `certain` or `needs_review`."""
        return REVIEW if self.doubt else CERTAIN

    @property
    def judgement(self) -> str:
        """Return the id of the judgement that the field is, else the empty string."""
        return self.field.partition("judgement.")[2]


@dataclass(frozen=True)
class Report:
    """One file with its certificates; `status` is `certain`, `needs_review` or `unreadable`, `problem` a line on why.

    `la_code_ons` and `authority` are empty where the authority is not certain, the code also without a crosswalk.
    `passages` are given where the limits ask for them; they are one reader's, and certified by none.
    """

    file: str
    status: str
    problem: str = ""
    la_code_ons: str = ""
    authority: str = ""
    certificates: tuple[Certificate, ...] = ()
    passages: tuple[Passage, ...] = ()

    def value(self, field: str) -> str:
        """Return the value of a field where it is certain, else the empty string; `report.value("start")` is a day."""
        return next((each.first for each in self.certificates if each.field == field and not each.doubt), "")

    @property
    def judgements(self) -> list[Certificate]:
        """Return the certificates of the judgements."""
        return [each for each in self.certificates if each.judgement]


def certify(readings: Readings, names: Names = as_printed) -> Report:
    """Return a report with a certificate for each field of the two readings of a file.

    A field is certain where both read the same and nothing speaks against it: judgement in force, grade on the
    scale, heading alike, days in order. One that should be there and is not has a certificate with empty readings.
    """
    if readings.problem:
        return Report(readings.file, UNREADABLE, readings.problem)
    read, doubts = readings.read, _doubts(readings, names)
    certificates = tuple(
        _certificate(readings, field, readings.damage or doubts.get(field, ""))
        for field in dict.fromkeys([*(field for field in FIELDS if field in read), *read, *doubts])
        if not field.startswith(("heading.", "board_review"))
    )
    problem = readings.damage or "; ".join(_in_words(each) for each in certificates if each.doubt)
    is_known = not (readings.damage or "authority" in doubts)
    code, name = names(readings.first["authority"].value, _day(readings, "start")) if is_known else ("", "")
    status = REVIEW if problem else CERTAIN
    return Report(readings.file, status, problem, code, name, certificates, readings.passages)


def _certificate(readings: Readings, field: str, doubt: str) -> Certificate:
    found = [reading.get(field) for reading in readings.both]
    shown = found[0] or found[1] or Found("", "", 0)
    return Certificate(field, *(each.value if each else "" for each in found), doubt, shown.wording, shown.page or None)


def _in_words(certificate: Certificate) -> str:
    read = f" (read {certificate.first!r} and {certificate.second!r})"
    return f"{certificate.field} {certificate.doubt}" + read * bool(certificate.first or certificate.second)


def _doubts(readings: Readings, names: Names) -> dict[str, str]:
    """Return what speaks against each field; where several reasons do, the later and stronger one."""
    start, framework = _day(readings, "start"), FRAMEWORKS.get(readings.agreed.get("framework", ""))
    due = [field for field in _due(readings, start, framework) if field not in readings.read]
    doubts = dict.fromkeys(due, "is not read") | _doubt_readers(readings, names, start) | _doubt_days(readings, start)
    if start and framework and not framework.first <= start <= framework.last:
        doubts["framework"] = f"was not in force on {english_day(start)}"
    wrong = _doubt_grades(readings, start, framework)
    return doubts | wrong | _doubt_columns(readings, bool(wrong))


def _day(readings: Readings, field: str) -> date | None:
    return date.fromisoformat(readings.agreed[field]) if field in readings.agreed else None


def _due(readings: Readings, start: date | None, framework: Framework | None) -> list[str]:
    read, kind, due = readings.read, readings.agreed.get("kind"), list(NEEDED)
    if kind not in LETTERS and start and framework and framework.every_judgement and framework.in_force(start):
        areas = [area for area in sorted(framework.in_force(start)) if area != "lscb" or "board_review" in read]
        due += [*NEEDED_OF_REPORTS, *(f"judgement.{area}" for area in areas)]
        due += ["paragraphs"] if start >= NUMBERED_FROM else []
    if kind and kind not in LETTERS and not any(field.startswith("judgement.") for field in [*due, *read]):
        due.append("judgements")
    return due


def _doubt_readers(readings: Readings, names: Names, start: date | None) -> dict[str, str]:
    """Doubt what one reader reads alone, or differently; headings are pages that the second reader is not given."""
    doubts = {}
    for field in (field for field in readings.read if not field.startswith("heading.")):
        values = readings.values(field)
        plain = [re.sub(r"[\s-]+", " ", value).strip().casefold() for value in values]
        alike = {names(value, start) for value in values} if field == "authority" else set(plain)
        if len(values) == 1 or len(alike) == 2:
            doubts[field] = "is read by one reader only" if len(values) == 1 else "is read in two ways"
        elif field == "authority" and not all(name for _, name in alike):
            doubts[field] = "is not the name of one authority we know"
    return doubts


def _doubt_days(readings: Readings, start: date | None) -> dict[str, str]:
    end, published = _day(readings, "end"), _day(readings, "published")
    doubts = {}
    if start and end and not timedelta(0) <= end - start <= LONGEST_FIELDWORK:
        doubts = dict.fromkeys(("start", "end"), f"is doubtful: {(end - start).days} days of fieldwork")
    if published and start and not start <= (end or start) <= published <= start + LONGEST_WAIT:
        doubts["published"] = f"is doubtful: {(published - start).days} days after the first day of fieldwork"
    return doubts


def _doubt_grades(readings: Readings, start: date | None, framework: Framework | None) -> dict[str, str]:
    """Doubt grades of a judgement that is not in force, off the scale, or contradicted by a heading."""
    doubts, headings = {}, _headings(readings)
    for field in (field for field in readings.read if field.startswith("judgement.")):
        area, grades = field.removeprefix("judgement."), set(readings.values(field))
        if start is None:
            doubts[field] = "has no first day to check it by"
        elif framework is None or area not in framework.in_force(start):
            doubts[field] = f"is not in force on {english_day(start)}"
        elif not grades <= set(framework.grades):
            doubts[field] = "is not on the scale"
        elif headings.get(area, grades) != grades:
            doubts[field] = f"is contradicted by the heading of its section: {', '.join(sorted(headings[area]))}"
    return doubts


def _headings(readings: Readings) -> dict[str, set[str]]:
    fields = [field for field in readings.read if field.startswith("heading.")]
    return {field.removeprefix("heading."): set(readings.values(field)) for field in fields}


def _doubt_columns(readings: Readings, doubted: bool) -> dict[str, str]:
    """Doubt grades that both readers paired with labels by order alone, unless all sections' headings confirm them."""
    first, second = ({field for field, found in reading.items() if found.as_column} for reading in readings.both)
    areas = {field.removeprefix("judgement.") for field in first & second} - {"overall_effectiveness"}
    unsure = doubted or not areas <= set(_headings(readings))
    return dict.fromkeys(sorted(first & second), "stands in a column apart from its label") if unsure else {}
