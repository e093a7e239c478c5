"""Certificates: which fields of a report two readers read alike and the rules of the field allow.

Goes in: the two readings of a file, and the authorities with their spellings. Comes out: a `Report`, one certificate a
field; a value is given out only where it is certain. Nothing here opens a file or reads a page.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from childrens_services.periods import english_day
from childrens_services.vocabulary import GRADED_KINDS, SCALES, Framework, Judgement, judgements_in_force

from ofsted_reports.files import Readings
from ofsted_reports.judgement_tables import Found
from ofsted_reports.reader import LETTERS, Reading

FIELDS = ("authority", "framework", "kind", "start", "end", "published", "lead_inspector", "recommendations",
          "paragraphs")  # fmt: skip
NEEDED = ("authority", "kind", "start", "end")  # every report and letter states them
NEEDED_OF_REPORTS = ("lead_inspector", "recommendations")  # and every report since November 2013 these too
NUMBERED_FROM = date(2014, 2, 1)  # the first single inspections' reports have bullets in place of numbered paragraphs
LONGEST_FIELDWORK = timedelta(days=92)  # visits in two parts took seven weeks; more is a misprinted or misread year
LONGEST_WAIT = timedelta(days=366)  # from the first day of fieldwork to publication
CERTAIN, REVIEW, UNREADABLE = "certain", "needs_review", "unreadable"
# Words of councils' styles that make no difference to which authority is meant.
_CIVIC = re.compile(
    r"\b(?:council|county|city|borough|metropolitan|district|london|royal|unitary|local|authority|corporation|"
    r"children's|services|of|the|and|upon|on|in)\b"
)


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
        """Give `certain` or `needs_review`."""
        return REVIEW if self.doubt else CERTAIN


@dataclass(frozen=True)
class Report:
    """One file with its certificates; `status` is `certain`, `needs_review` or `unreadable`, `problem` a line on why.

    `la_code_ons` and `authority` are empty where the authority is not certain.
    """

    file: str
    status: str
    problem: str = ""
    la_code_ons: str = ""
    authority: str = ""
    certificates: tuple[Certificate, ...] = ()

    def value(self, name: str) -> str:
        """Give the value of a field where it is certain, else the empty string; `report.value("start")` is a day."""
        return next((each.first for each in self.certificates if each.field == name and not each.doubt), "")


# From a printed name and the first day of fieldwork to the code and the name of an authority; empty for none.
Names = Callable[[str, date | None], tuple[str, str]]


def authority_names(authorities: pd.DataFrame, spellings: pd.DataFrame) -> Names:
    """Give a look-up of printed names: civic words such as "London Borough of" or "Council" make no difference.

    A name that begins or ends only one authority's name is that authority's ("East Riding", "Hull"). Among authorities
    of one name the one that existed on the day is meant. The look-up of "Nottingham City Council" is
    `("E06000018", "Nottingham")`.
    """
    listed = authorities.set_index("la_code_ons")
    keys: dict[str, set[str]] = {}
    spelt = spellings[["la_code_ons", "spelling"]].rename(columns={"spelling": "name"})
    pairs = pd.concat([listed["name"].reset_index(), spelt])
    for code, name in pairs.itertuples(index=False):
        keys.setdefault(_name_key(name), set()).add(code)
    existed = {row.Index: (row.existed_from, row.existed_to) for row in listed.itertuples()}

    def look_up(printed: str, day: date | None) -> tuple[str, str]:
        key = _name_key(printed)
        longer = {name for name in keys if name.startswith(f"{key} ") or name.endswith(f" {key}")} if key else set()
        codes = keys.get(key) or set().union(*(keys[name] for name in longer))
        there = [code for code in codes if _is_there(*existed[code], day)]
        return (there[0], listed["name"][there[0]]) if len(there) == 1 else ("", "")

    return look_up


def _name_key(name: str) -> str:
    plain = re.sub(r"\(.*?\)|&|[^a-z' ]", " ", name.lower().replace("_", " "))
    return " ".join(_CIVIC.sub(" ", plain).split()) or ("london" if "london" in plain else "")  # the City of London


def _is_there(first: object, last: object, day: date | None) -> bool:
    begun, ended = (pd.NaT if value == "" else pd.Timestamp(value) for value in (first, last))
    return day is None or not (pd.Timestamp(day) < begun or pd.Timestamp(day) > ended)


def certify(readings: Readings, names: Names) -> Report:
    """Compare two readings of a file field by field and give a report with a certificate for each.

    A field is certain where both readers read the same and nothing speaks against it: the judgement is in force under
    the framework on the first day, its grade is on the scale, the section's heading prints no other, the days are in
    order. A field that should be there and is not has a certificate with empty readings.
    """
    if readings.problem:
        return Report(readings.file, UNREADABLE, readings.problem)
    first, second = readings.first, readings.second
    start = _day(_agreed(first, second, "start"))
    codes = [names(reading["authority"].value, start) for reading in (first, second) if "authority" in reading]
    doubts = _doubts(first, second, start) | _doubt_authority(codes)
    fields = [key for key in dict.fromkeys([*FIELDS, *first, *second]) if key in first or key in second]
    certificates = tuple(
        _certificate(key, first.get(key), second.get(key), readings.damage or doubts.get(key, ""))
        for key in dict.fromkeys([*fields, *doubts])
        if not key.startswith(("heading.", "board_review"))
    )
    problem = readings.damage or "; ".join(_in_words(each) for each in certificates if each.doubt)
    code, name = codes[0] if codes and not (readings.damage or "authority" in doubts) else ("", "")
    return Report(readings.file, REVIEW if problem else CERTAIN, problem, code, name, certificates)


def _agreed(first: Reading, second: Reading, key: str) -> str:
    """Give a value that both readers read, else the empty string."""
    return first[key].value if key in first and key in second and first[key].value == second[key].value else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _certificate(key: str, first: Found | None, second: Found | None, doubt: str) -> Certificate:
    either = first or second
    values = [found.value if found else "" for found in (first, second)]
    return Certificate(key, *values, doubt, either.wording if either else "", either.page if either else None)


def _in_words(certificate: Certificate) -> str:
    if not (certificate.first or certificate.second):
        return f"{certificate.field} {certificate.doubt}"
    return f"{certificate.field} {certificate.doubt} (read {certificate.first!r} and {certificate.second!r})"


def _doubts(first: Reading, second: Reading, start: date | None) -> dict[str, str]:
    """Give what speaks against each field, by field: the last and strongest reason first."""
    return (
        dict.fromkeys(_asked(first, second, start), "is not read")
        | _doubt_readers(first, second)
        | _doubt_days(first, second, start)
        | _doubt_framework(first, second, start)
        | _doubt_grades(first, second, start)
    )


def _asked(first: Reading, second: Reading, start: date | None) -> list[str]:
    """Give the fields that should be there and that no reader read."""
    areas = set(_in_force(first, second, start))
    if "board_review" not in first and "board_review" not in second:
        areas.discard("lscb")
    asked = [*NEEDED, *(NEEDED_OF_REPORTS if areas else ()), *sorted(f"judgement.{area}" for area in areas)]
    if areas and start and start >= NUMBERED_FROM:
        asked.append("paragraphs")
    graded = _agreed(first, second, "kind") in (*GRADED_KINDS, "send_inspection")
    if graded and not any(key.startswith("judgement.") for key in [*asked, *first, *second]):
        asked.append("judgements")
    return [key for key in asked if key not in first and key not in second]


def _in_force(first: Reading, second: Reading, start: date | None) -> Mapping[str, Judgement]:
    """Give the judgements that a report must have; those before 2013 came in many sets, so none of them must."""
    framework = _agreed(first, second, "framework")
    if start is None or framework not in (Framework.SIF, Framework.ILACS) or _agreed(first, second, "kind") in LETTERS:
        return {}
    return judgements_in_force(framework, start)


def _doubt_readers(first: Reading, second: Reading) -> dict[str, str]:
    """Doubt what one reader reads alone, or differently; headings are pages that the second reader is not given."""
    compared = [key for key in {**first, **second} if key != "authority" and not key.startswith("heading.")]
    alone = [key for key in compared if key not in first or key not in second]
    differ = [key for key in compared if key not in alone and _plain(first[key].value) != _plain(second[key].value)]
    return dict.fromkeys(alone, "is read by one reader only") | dict.fromkeys(differ, "is read in two ways")


def _plain(value: str) -> str:
    return re.sub(r"[\s-]+", " ", value).strip().casefold()


def _doubt_authority(codes: list[tuple[str, str]]) -> dict[str, str]:
    """Doubt a name that the readers do not both read as one and the same authority."""
    if len(codes) < 2:
        return {"authority": "is read by one reader only" if codes else "is not read"}
    return {} if codes[0] == codes[1] and codes[0][0] else {"authority": "is not the name of one authority we know"}


def _doubt_days(first: Reading, second: Reading, start: date | None) -> dict[str, str]:
    """Doubt days that are out of order or too far apart."""
    end, published = (_day(_agreed(first, second, key)) for key in ("end", "published"))
    doubts = {}
    if start and end and not timedelta(0) <= end - start <= LONGEST_FIELDWORK:
        doubts = dict.fromkeys(("start", "end"), f"is doubtful: {(end - start).days} days of fieldwork")
    if published and start and not start <= (end or start) <= published <= start + LONGEST_WAIT:
        doubts["published"] = f"is doubtful: {(published - start).days} days after the first day of fieldwork"
    return doubts


def _doubt_framework(first: Reading, second: Reading, start: date | None) -> dict[str, str]:
    framework = _agreed(first, second, "framework")
    if start and framework and not judgements_in_force(framework, start):
        return {"framework": f"was not in force on {english_day(start)}"}
    return {}


def _doubt_grades(first: Reading, second: Reading, start: date | None) -> dict[str, str]:
    framework, doubts = _agreed(first, second, "framework"), {}
    in_force = judgements_in_force(framework, start) if framework and start else {}
    headings = _headings(first, second)
    for key in (key for key in {**first, **second} if key.startswith("judgement.")):
        area = key.removeprefix("judgement.")
        grades = {reading[key].value for reading in (first, second) if key in reading}
        if area not in in_force:
            doubts[key] = f"is not in force on {english_day(start)}" if start else "has no first day to check it by"
        elif not grades <= set(SCALES[in_force[area].scale]):
            doubts[key] = "is not on the scale"
        elif area in headings and headings[area] != grades:
            doubts[key] = f"is contradicted by the heading of its section: {', '.join(sorted(headings[area]))}"
    return doubts | _doubt_columns(first, second, set(headings), doubts)


def _headings(first: Reading, second: Reading) -> dict[str, set[str]]:
    """Give the grades that the headings of either reading print, by judgement."""
    grades: dict[str, set[str]] = {}
    for key, found in [*first.items(), *second.items()]:
        if key.startswith("heading."):
            grades.setdefault(key.removeprefix("heading."), set()).add(found.value)
    return grades


def _doubt_columns(first: Reading, second: Reading, confirmed: set[str], doubts: Mapping[str, str]) -> dict[str, str]:
    """Doubt grades that both readers paired with labels by order alone, unless all sections' headings confirm them."""
    both = [key for key in first.keys() & second.keys() if first[key].as_column and second[key].as_column]
    areas = {key.removeprefix("judgement.") for key in both} - {"overall_effectiveness"}
    if areas <= confirmed and not doubts:
        return {}
    return dict.fromkeys(both, "stands in a column apart from its label")
