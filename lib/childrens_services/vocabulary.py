"""The closed words of the field: frameworks, event kinds, judgements with the dates they are in force, grades, markers.

A word that is not here is an error that names the nearest, never a new category.
Sources: Ofsted's inspection outcomes release of 25 September 2025 (notes sheet: the care leavers judgement starts on
1 January 2023), its announcement of 27 November 2025 (no overall effectiveness from April 2026), its 2013 framework.
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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum


class Framework(StrEnum):
    """A rule book that an inspection follows."""

    PRE_2013 = "pre_2013"
    SIF = "sif"
    ILACS_PILOT = "ilacs_pilot"
    ILACS = "ilacs"
    AREA_SEND_2016 = "area_send_2016"
    AREA_SEND_2023 = "area_send_2023"
    OTHER_INSPECTORATE = "other_inspectorate"


FRAMEWORK_NAMES = {
    Framework.PRE_2013: "arrangements before 2013",
    Framework.SIF: "single inspection framework",
    Framework.ILACS_PILOT: "pilot of the ILACS framework",
    Framework.ILACS: "ILACS framework",
    Framework.AREA_SEND_2016: "area SEND framework of 2016",
    Framework.AREA_SEND_2023: "area SEND framework of 2023",
    Framework.OTHER_INSPECTORATE: "another inspectorate's framework",
}

EVENT_KINDS = {
    "inspection": "inspection",
    "short_inspection": "short inspection",
    "focused_visit": "focused visit",
    "monitoring_visit": "monitoring visit",
    "jtai": "joint targeted area inspection",
    "send_inspection": "area SEND inspection",
    "unannounced_inspection": "unannounced inspection",  # of contact and referral, 2009 to 2012; no grade
    "other_inspection": "another inspectorate's inspection",
    "inquiry": "inquiry report",
    "improvement_notice": "improvement notice",
    "commissioner": "commissioners",
    "best_value": "best value step",  # directions under the Local Government Act 1999, or ministers minded to give them
    "section_114": "section 114 report",
    "grant": "government grant",
    "budget_decision": "budget decision",
    "council_decision": "council decision",
    "committee_meeting": "committee meeting",
    "statement": "public statement",
    "leadership_change": "change of director",
    "expected_inspection": "expected inspection",
    "other": "other event",
}
GRADED_KINDS = ("inspection", "short_inspection")
# What can come of a forecast, plan or promise; `timeline.outcomes` has the rule.
OUTCOMES = {
    "met": "met",
    "met_early": "came before it was expected",
    "met_late": "came late",
    "partly_met": "met in part",
    "not_met": "not met",
    "two_readings": "depends on the day it was said",
    "not_seen": "not seen",
    "open": "still open",
}

# Best first. The two scales share three words and are still two scales: the third word was replaced in 2013 because
# the bar was moved, so its rank on one says nothing about its rank on the other.
SCALES = {
    "four_point_2009": ("outstanding", "good", "adequate", "inadequate"),
    "four_point_2013": ("outstanding", "good", "requires_improvement", "inadequate"),
    "area_send_outcome": ("no_written_statement", "effective_action", "widespread_failings"),
}
NOT_INSPECTED = "not_inspected"  # in counts of authorities by grade: the newest report has none in this judgement
GRADE_NAMES = {
    "outstanding": "outstanding",
    "good": "good",
    "adequate": "adequate",
    "requires_improvement": "requires improvement to be good",
    "inadequate": "inadequate",
    "no_written_statement": "no written statement of action required",
    "effective_action": "effective action",
    "widespread_failings": "widespread and/or systemic failings",
}
# Spellings that reports and releases print for the same grade; anything else is refused.
GRADE_SPELLINGS = {name: grade for grade, name in GRADE_NAMES.items()} | {
    "requires improvement": "requires_improvement"
}

MISSING = {
    "": "value",
    "c": "confidential",
    "z": "not_applicable",
    "x": "not_available",
    "u": "unreliable",
    "low": "rounds_to_zero",
    "-": "not_available",
    "[x]": "not_received",
    "[n]": "no_estimate",
    "[z]": "not_collected",
    "[y]": "not_relevant",
}
STATUSES = {
    "value": "a value was published",
    "confidential": "withheld by the publisher because the number is small",
    "not_applicable": "does not apply",
    "not_available": "not available",
    "unreliable": "held back by the publisher as unreliable",
    "rounds_to_zero": "published as low: above zero but rounds to it",
    "not_received": "the council's return did not arrive in time",
    "no_estimate": "no sound estimate for a total",
    "not_collected": "not collected",
    "not_relevant": "not relevant to this kind of body",
    "implausible": "published, and marked by our rule as implausible",
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

    def in_force(self, start: date) -> bool:
        """Return whether an inspection that starts on `start` is given this judgement."""
        return self.first <= start and (self.last is None or start <= self.last)


# Titles of judgement areas by id, those of today's framework first: the order in which areas are shown.
JUDGEMENT_TITLES = {
    "overall_effectiveness": "Overall effectiveness",
    "impact_of_leaders": "Impact of leaders",
    "help_and_protection": "Help and protection",
    "children_in_care_and_care_leavers": "Children in care and care leavers together",
    "children_in_care": "Children in care",
    "care_leavers": "Care leavers",
    "safeguarding_and_looked_after": "Safeguarding and looked after children together",
    "safeguarding": "Safeguarding",
    "looked_after_children": "Looked after children",
    "residential_care": "Residential care",
    "looked_after_and_permanence": "Looked after children and permanence",
    "adoption": "Adoption",
    "leadership": "Leadership, management and governance",
    "lscb": "Local safeguarding children board",
    "area_send": "Area SEND arrangements",
}
_SCALE_OF = {
    Framework.PRE_2013: "four_point_2009",
    Framework.SIF: "four_point_2013",
    Framework.ILACS: "four_point_2013",
    Framework.AREA_SEND_2016: "area_send_outcome",
    Framework.AREA_SEND_2023: "area_send_outcome",
}
# The framework, the first and last day on which an inspection may start to be given the judgements that follow.
_IN_FORCE = """
pre_2013 2005-01-01 2013-10-31 safeguarding_and_looked_after safeguarding looked_after_children residential_care
sif 2013-11-01 2017-12-31 overall_effectiveness help_and_protection looked_after_and_permanence adoption care_leavers
sif 2013-11-01 2017-12-31 leadership lscb
ilacs 2018-01-01 2026-03-31 overall_effectiveness
ilacs 2018-01-01 until_now impact_of_leaders help_and_protection
ilacs 2018-01-01 2022-12-31 children_in_care_and_care_leavers
ilacs 2023-01-01 until_now children_in_care care_leavers
area_send_2016 2016-05-01 2022-12-31 area_send
area_send_2023 2023-01-01 until_now area_send
"""


def _judgements(framework: str, first: str, last: str, *names: str) -> Iterator[Judgement]:
    days = date.fromisoformat(first), None if last == "until_now" else date.fromisoformat(last)
    for name in names:
        yield Judgement(Framework(framework), name, JUDGEMENT_TITLES[name], _SCALE_OF[framework], *days)


JUDGEMENTS = tuple(one for line in _IN_FORCE.strip().splitlines() for one in _judgements(*line.split()))


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
    return {j.judgement: j for j in JUDGEMENTS if j.framework == framework and j.in_force(start)}
