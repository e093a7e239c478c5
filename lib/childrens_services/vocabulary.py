"""The closed words of the field: frameworks, event kinds, judgements with the dates they are in force, grades, markers.

They stand in `vocabulary.toml`. A word that is not there is an error that names the nearest, never a new category.
"""

__all__ = [
    "EVENT_KINDS",
    "FRAMEWORK_NAMES",
    "GRADED_KINDS",
    "GRADE_NAMES",
    "JUDGEMENT_TITLES",
    "SCALES",
    "STATUSES",
    "WORDS",
    "Framework",
    "Judgement",
    "check_word",
    "did_you_mean",
    "grade_rank",
    "judgements_in_force",
]

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path

_FILE = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text(encoding="utf-8"))
FRAMEWORK_NAMES = _FILE["frameworks"]
EVENT_KINDS = _FILE["event_kinds"]
OUTCOMES = _FILE["outcomes"]
GRADE_NAMES = _FILE["grades"]
STATUSES = _FILE["statuses"]
MISSING = _FILE["missing"]
JUDGEMENT_TITLES = _FILE["judgements"]
WORDS_OF_DATES = _FILE["dates"]
SCALES = {scale: tuple(grades) for scale, grades in _FILE["scales"].items()}
Framework = StrEnum("Framework", {name.upper(): name for name in FRAMEWORK_NAMES})
GRADED_KINDS = ("inspection", "short_inspection")
NOT_INSPECTED = "not_inspected"  # in counts of authorities by grade: the newest report has none in this judgement
# Spellings that reports and releases print for the same grade; anything else is refused.
GRADE_SPELLINGS = {name: grade for grade, name in GRADE_NAMES.items()} | {
    "requires improvement": "requires_improvement"
}


@dataclass(frozen=True)
class Judgement:
    """One judgement area of a framework, with the first and last inspection start for which it is in force."""

    framework: Framework
    judgement: str
    title: str
    scale: str
    first: date
    last: date | None = None


JUDGEMENTS = tuple(
    Judgement(Framework(row["framework"]), name, JUDGEMENT_TITLES[name], row["scale"], row["first"], row.get("last"))
    for row in _FILE["in_force"]
    for name in row["judgements"]
)


def read_grade(text: str) -> str:
    """Return the grade of a printed one; `read_grade("Requires improvement to be good")` is `requires_improvement`.

    Raises ValueError with the text when the spelling is not one that Ofsted prints.
    """
    try:
        return GRADE_SPELLINGS[" ".join(str(text).lower().split())]
    except KeyError:
        raise ValueError(f"unknown grade {text!r}: expected one of {', '.join(sorted(GRADE_SPELLINGS))}") from None


MOST_LISTED = 20  # words in a message; of more, only the nearest
# The closed words by name, as the contracts of the tables name them too.
ILACS_JUDGEMENTS = tuple(j.judgement for j in JUDGEMENTS if j.framework == Framework.ILACS)
WORDS = {
    "outcomes": OUTCOMES,
    "statuses": tuple(STATUSES),
    "event_kinds": tuple(EVENT_KINDS),
    "frameworks": tuple(f.value for f in Framework),
    "judgements": tuple(sorted({j.judgement for j in JUDGEMENTS})),
    "ILACS judgements": ILACS_JUDGEMENTS,
    "scales": tuple(SCALES),
    "grades": tuple(GRADE_NAMES),
}


def check_word(kind: str, word: str, words: Iterable[str] = ()) -> str:
    """Return the word if it is one of its kind: a key of `WORDS`, or any other name beside the words themselves.

    Raises ValueError with all the words and the nearest: `check_word("ILACS judgements", "leadership")` asks whether
    `impact_of_leaders` is meant.
    """
    known = list(words) or WORDS[kind]
    if word not in known:
        listed = f": {', '.join(known)}" if len(known) <= MOST_LISTED else ""
        raise ValueError(f"{word!r} is not one of the {kind}{listed}{did_you_mean(word, known)}")
    return word


def did_you_mean(word: str, words: Iterable[str], most: int = 1) -> str:
    """Return ` (did you mean 'as_at'?)` with up to `most` words that are near, nearest first; empty where none is.

    A part of several words counts as much as the whole: "Hull" is near to "Kingston upon Hull".
    """
    known = {one.casefold(): one for one in reversed(list(words))}
    scored = {one: _likeness(str(word).casefold(), one) for one in reversed(known)}
    near = [repr(known[one]) for one in sorted(scored, key=scored.get, reverse=True) if scored[one][0] >= 0.6][:most]
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def _likeness(word: str, known: str) -> tuple[float, float]:
    whole, *parts = (SequenceMatcher(None, word, part).ratio() for part in (known, *re.split("[ _]", known)))
    return max(whole, *parts), whole


def grade_rank(grades: Iterable[str], scale: str = "four_point_2013") -> list[int]:
    """Return the place of each grade on its scale, 0 for the best; what is missing or not inspected comes last.

    A sort key: `frame.sort_values("grade", key=vocabulary.grade_rank)`. Raises ValueError for a grade of another scale,
    because grades of two scales have no common order.
    """
    order = (*SCALES[check_word("scales", scale)], NOT_INSPECTED)
    kind = f"grades of {scale}"
    return [order.index(check_word(kind, grade, order)) if isinstance(grade, str) else len(order) for grade in grades]


def judgements_in_force(framework: str, start: date) -> dict[str, Judgement]:
    """Return the judgements that an inspection under `framework` starting on `start` can carry, by id."""
    known = (j for j in JUDGEMENTS if j.framework == framework and j.first <= start <= (j.last or date.max))
    return {j.judgement: j for j in known}
