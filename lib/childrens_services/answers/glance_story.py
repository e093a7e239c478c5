"""The whole comparison in a few sentences: candidates from every subject, weighed by how far they stand out.

Goes in: tidy tables as known on a day. Comes out: at most eighteen cited sentences, the weightiest first, and what
changed in the last year. The weight is a rule and not a taste: a grade weighs by how bad it is, a measure by how far it
lies from England's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from childrens_services import ordering, vocabulary
from childrens_services.analysis import timeline
from childrens_services.answers import grade_story, indicator_story, inspection_story, workforce_story
from childrens_services.answers.narrative import Sentence, join, say

MOST, LEAST = 18, 12
# Where subjects start from; what a rule adds is at most 40, so that a grade of "inadequate" always comes first.
GRADE, PLACE, BEFORE, MEASURE, RECORD = 100, 72, 70, 40, 58
WATCHED = {
    "agency_rate_fte": "agency rate", "caseload_fte": "average caseload", "turnover_rate_fte": "turnover rate",
    "children_looked_after_rate": "rate of children looked after", "repeat_plans_percent": "share of repeat plans",
    "rereferral_percent": "share of re-referrals",
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A sentence and its weight; 0 for one that only says that there is nothing."""

    weight: float
    sentence: Sentence


def weightiest(candidates: Sequence[Candidate]) -> list[Sentence]:
    """Give the weightiest sentences, heaviest first; empty ones only where there is little else to say."""
    told = sorted((c for c in candidates if c.weight > 0), key=lambda c: -c.weight)[:MOST]
    empty = [c for c in candidates if c.weight == 0]
    return [c.sentence for c in [*told, *empty[: max(0, LEAST - len(told))]]]


def grades(
    events: pd.DataFrame, judgements: pd.DataFrame, overall: pd.DataFrame, names: Mapping[str, str], when: pd.Timestamp
) -> list[Candidate]:
    """Weigh what each authority was graded, where it stands among all, what it was before, and the visits since."""
    found = []
    for code, name in names.items():
        severity = 5 * _severity(events, judgements, code)
        args = (name, events, judgements, code)
        found.append(Candidate(GRADE + severity if severity else 0, inspection_story.latest_grade(*args)))
        found += [Candidate(BEFORE + severity, s) for s in inspection_story.grade_before(*args)]
        if not overall["la_code_ons"].isin(list(names)).all():  # the chosen among themselves have no place
            stands = grade_story.place_among_all(overall, code, name, when)
            found.append(Candidate(PLACE + severity if code in set(overall["la_code_ons"]) else 0, stands))
        visits = inspection_story.visits_since(*args)
        found.append(Candidate(RECORD + severity if visits.cited() else 0, visits))
    return found


def _severity(events: pd.DataFrame, judgements: pd.DataFrame, code: str) -> int:
    """Give the place of the latest grade on its scale, from 1 for the best; 0 where there is none."""
    graded = timeline.graded_inspections(events, judgements, code)
    inspections = inspection_story.inspections_of(events, graded)
    if inspections.empty:
        return 0
    row = inspection_story.main_grade(graded, inspections["event_id"].iloc[-1]).iloc[0]
    return vocabulary.SCALES[row["scale"]].index(row["grade"]) + 1


def measure(rows: pd.DataFrame, indicator: str, said: Mapping[str, Sentence]) -> list[Candidate]:
    """Weigh one sentence a name about an indicator by how far the name's newest value lies from England's.

    `rows` are those of `indicator_story.series`; `said` gives the sentence for each name.
    """
    return [Candidate(_distance(rows, name, indicator), sentence) for name, sentence in said.items()]


def _distance(rows: pd.DataFrame, name: str, indicator: str) -> float:
    own = indicator_story.newest(rows, name, indicator)
    if own.empty:
        return 0
    england = rows[(rows["name"] == "England") & (rows["indicator"] == indicator)]
    same = england[(england["period"] == own["period"].iloc[0]) & (england["status"] == "value")]
    return MEASURE + (far_from(own["value"].iloc[0], same["value"].iloc[0]) if len(same) else 0)


def far_from(value: float, benchmark: float) -> float:
    """Give how far a value lies from a benchmark in per cent of it, 40 at most: `far_from(15, 10)` is 40."""
    return min(abs(value / benchmark - 1) * 100, 40) if benchmark else 0


def spent(rows: pd.DataFrame, said: Mapping[str, Sentence]) -> list[Candidate]:
    """Weigh one sentence a name about spending per child by how far it lies from England's in the newest year."""
    total = rows[(rows["line"] == "total") & (rows["status"] == "value")]
    found = []
    for name, sentence in said.items():
        own = ordering.last(total[total["name"] == name], "year")
        england = total[(total["name"] == "England") & total["year"].isin(own["year"])]
        known = len(own) and len(england)
        weight = MEASURE + far_from(own["value"].iloc[0], england["value"].iloc[0]) if known else 0
        found.append(Candidate(weight, sentence))
    return found


def others(sentences: Sequence[Sentence], weight: float) -> list[Candidate]:
    """Give sentences of one weight, nothing where a sentence cites nothing."""
    return [Candidate(weight if sentence.cited() else 0, sentence) for sentence in sentences]


def last_year(observations: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say for each authority which watched measures moved from the year before to the newest, largest change first."""
    said = []
    for code, name in names.items():
        mine = observations[(observations["area_code"] == code) & (observations["status"] == "value")]
        pairs = {label: _last_pair(mine[mine["indicator"] == indicator]) for indicator, label in WATCHED.items()}
        known = {label: pair for label, pair in pairs.items() if len(pair) == 2}
        if not known:
            said.append(say("No measure of {name} was public for two years running.", name=name))
            continue
        order = sorted(known, key=lambda label: -far_from(known[label]["value"].iloc[1], known[label]["value"].iloc[0]))
        parts = [
            say("its {label} {change} ({year})", label=label, change=workforce_story.from_to(known[label]),
                year=indicator_story.year_of(known[label].tail(1)))
            for label in order
        ]  # fmt: skip
        said.append(say("{name}, newest year against the one before: {parts}.", name=name, parts=join(parts)))
    return said


def _last_pair(mine: pd.DataFrame) -> pd.DataFrame:
    rows = ordering.last(mine, "period", 2).reset_index(drop=True)
    return rows if len(rows) == 2 and rows["period"].diff().iloc[1] == 1 else rows.head(0)


def last_events(events: pd.DataFrame, names: Mapping[str, str], today: pd.Timestamp) -> list[Sentence]:
    """Say which inspections, visits and notices of each authority began in the twelve months before a day."""
    since = today - pd.DateOffset(years=1)
    recent = events[events["kind"].isin(timeline.TIMELINE_KINDS) & (events["kind"] != "expected_inspection")]
    recent = recent[(recent["start_latest"] > since) & (recent["start_latest"] <= today)]
    said = []
    for code, name in names.items():
        mine = recent[recent["la_code_ons"] == code].sort_values(["start_earliest", "event_id"])
        parts = [inspection_story.kind_and_days(mine.iloc[[i]]) for i in range(len(mine))]
        words = (
            "In the last twelve months, {name}: {parts}."
            if parts
            else ("No inspection, visit or notice of {name} in the last twelve months is in the tables.")
        )
        said.append(say(words, name=name, parts=join(parts)))
    return said
