"""What Ofsted's reports print, read from `wording.toml`: titles, frameworks with their judgements, grades, months."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace

LETTERS = ("focused_visit", "monitoring_visit", "jtai")  # published as a letter, without a grade


@dataclass(frozen=True)
class Judgement:
    """A judgement area: the first days of inspection for which it is given, and its words in print."""

    first: date = date.min
    last: date = date.max
    table: Sequence[str] = ()
    heading: Sequence[str] = ()
    sentence: Sequence[str] = ()


@dataclass(frozen=True)
class Framework:
    """A framework of inspection: when it is in force, its scale (best grade first), its judgements by id.

    A report under a framework with `every_judgement` grades every judgement that is in force.
    """

    first: date
    last: date = date.max
    grades: Sequence[str] = ()
    every_judgement: bool = False
    judgements: Mapping[str, Judgement] = field(default_factory=dict)

    def in_force(self, start: date) -> list[str]:
        """Return the ids of the judgements that an inspection starting on `start` can be given."""
        known = self.judgements if self.first <= start <= self.last else {}
        return [name for name, each in known.items() if each.first <= start <= each.last]


def form(text: str) -> re.Pattern[str]:
    """Compile a regular expression in which <NAME>, <DAYS> and the like stand for the parts in `wording.toml`."""
    while (filled := re.sub("<([A-Z]+)>", lambda part: _PARTS[part[1]], text)) != text:
        text = filled
    return re.compile(text)


_DATA = tomllib.loads(Path(__file__).with_name("wording.toml").read_text(encoding="utf-8"))
MONTHS, WEEKDAYS = _DATA["months"], _DATA["weekdays"]
GRADES: dict[str, str] = _DATA["grades"]  # the printed words of each grade, by id
_AREAS = {
    name: {area: Judgement(**words) for area, words in row.pop("judgements", {}).items()}
    for name, row in _DATA["frameworks"].items()
}
FRAMEWORKS = {name: Framework(judgements=_AREAS[name], **row) for name, row in _DATA["frameworks"].items()}
GRADE_IDS = {words: grade for grade, printed in GRADES.items() for words in (printed, grade.replace("_", " "))}
_PARTS = _DATA["parts"] | {"MONTHS": "|".join(MONTHS), "WEEKDAYS": "|".join(WEEKDAYS)}
FORMS = SimpleNamespace(**{name: form(text) for name, text in _DATA["forms"].items()})
# Forms of titles, with the kind of document and, where the title tells it, the framework.
TITLES = [(form(f"(?i){row['form']}"), row["kind"], row.get("framework", "")) for row in _DATA["titles"]]


def read_grade(text: str) -> str:
    """Return the id of a printed grade: `requires_improvement` for "require improvement"; KeyError for other words."""
    return GRADE_IDS[re.sub(r"^require\b", "requires", " ".join(text.lower().split()))]


@cache
def wordings(framework: str, place: str) -> dict[str, str]:
    """Return judgement ids by the words for them in a `table`, `heading` or `sentence`, longest words first."""
    pairs = [(words, name) for name, each in FRAMEWORKS[framework].judgements.items() for words in getattr(each, place)]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


def english_day(day: date) -> str:
    """Return a day in words: `5 September 2022`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
