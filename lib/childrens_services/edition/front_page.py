"""The front page of an edition as a piece of writing: headline, standfirst, and a story told beside its charts.

Goes in: the page of the notebook that compares at a glance. Comes out: the same cited sentences and charts in the order
of a newspaper. Nothing is said here that the notebook did not say.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from childrens_services.edition.pages import Page, linked_ids

STANDFIRST = 2
SHORT_ANSWER = 3
# Rows of these tables are about one subject: how inspections went.
INSPECTED = {"events", "judgements"}


@dataclass(frozen=True)
class Part:
    """A chart and the paragraphs that are told beside it."""

    chart: Mapping[str, Any]
    told: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """What the front page tells: cited HTML throughout, a paragraph an item."""

    headline: str
    standfirst: tuple[str, ...]
    parts: tuple[Part, ...]
    rest: tuple[str, ...]


def tell_story(glance: Page, names: Sequence[str], heading: str) -> Story:
    """Give the story of an edition from its page at a glance; every sentence of the short answer is told once.

    The headline is what the first chart found, as the weightiest sentences are about the same rows; `heading` stands
    in where there is no chart, or where it found no number. The first sentences are the standfirst. Each of the others
    goes to the chart drawn from the same measure as its first number, and to the rest where there is none.
    """
    subjects = {row["number_id"]: _subject(row) for row in glance.numbers}
    standfirst, others = glance.in_short[:STANDFIRST], glance.in_short[STANDFIRST:]
    drawn = [_chart_subjects(chart, subjects) for chart in glance.charts]
    placed = [(_place(sentence, drawn, subjects), sentence) for sentence in others]
    parts = tuple(
        Part(chart, paragraphs([s for place, s in placed if place == i], names))
        for i, chart in enumerate(glance.charts)
    )
    rest = paragraphs([s for place, s in placed if place is None], names)
    return Story(_headline(glance, heading), standfirst, parts, rest)


def _headline(glance: Page, heading: str) -> str:
    finding = glance.charts[0]["finding_html"].rstrip(".") if glance.charts else ""
    return finding if linked_ids(finding) else html.escape(heading, quote=False)


def _subject(row: Mapping[str, str]) -> str:
    """Name what a number is about: inspections, one indicator, or else the table that it comes from."""
    if row["table"] in INSPECTED:
        return "inspections"
    return row["rows"].split(" ")[1] if row["table"] == "observations" else row["table"]


def _chart_subjects(chart: Mapping[str, Any], subjects: Mapping[str, str]) -> set[str]:
    words = chart["finding_html"] + chart["description_html"]
    return {subjects[one] for one in linked_ids(words) if one in subjects}


def _place(sentence: str, charts: Sequence[set[str]], subjects: Mapping[str, str]) -> int | None:
    cited = [subjects[one] for one in linked_ids(sentence) if one in subjects]
    return next((i for i, drawn in enumerate(charts) if cited and cited[0] in drawn), None)


def paragraphs(sentences: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Gather sentences into a paragraph a name, each name where it first comes; one without a name follows the last.

    `paragraphs(["A is up.", "B is down.", "It was up.", "A was down."], ["A", "B"])` is
    `("A is up. A was down.", "B is down. It was up.")`.
    """
    gathered: dict[str, list[str]] = {}
    about = ""
    for sentence in sentences:
        about = _first_named(sentence, names) or about
        gathered.setdefault(about, []).append(sentence)
    return tuple(" ".join(told) for told in gathered.values())


def _first_named(sentence: str, names: Sequence[str]) -> str:
    words = html.unescape(re.sub(r"<[^>]*>", "", sentence))
    found = {name: re.search(rf"\b{re.escape(name)}\b", words) for name in names}
    return min((name for name in names if found[name]), key=lambda name: found[name].start(), default="")


def short_answers(questions: Sequence[Page]) -> dict[str, tuple[str, ...]]:
    """Give each question's first sentences that no question before it has told, three at most; the first tells all."""
    told: set[str] = set(questions[0].in_short)
    answers: dict[str, tuple[str, ...]] = {questions[0].slug: ()}
    for page in questions[1:]:
        new = [sentence for sentence in page.in_short if sentence not in told]
        answers[page.slug] = tuple((new or page.in_short)[:SHORT_ANSWER])
        told |= set(answers[page.slug])
    return answers
