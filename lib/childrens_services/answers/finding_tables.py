"""Tables of findings: recommendations and what followed, every finding by theme, what is known at second hand.

Goes in: frames of `findings`. Comes out: what a notebook shows. Behind every count stand the findings themselves, in
our words, with their place in the source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from childrens_services import vocabulary
from childrens_services.analysis import findings
from childrens_services.answers import finding_story as story
from childrens_services.answers.narrative import (
    NUMBERS_MIME,
    Paragraphs,
    Sentence,
    Table,
    cell,
    count,
    in_a_row,
    join,
    plural,
    rows_of,
    say,
    show_table,
    span,
    tell,
)

POLARITY_WORDS = {"strength": "strength", "mixed": "both", "weakness": "weakness", "recommendation": "recommendation"}


@dataclass(frozen=True)
class Folded:
    """Tables that a reader opens one by one, each under its own words."""

    parts: tuple[tuple[Sentence, Table], ...]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = [(words, table._repr_mimebundle_()) for words, table in self.parts]
        return {
            "text/plain": "\n".join(f"{words.text}\n{bundle['text/plain']}\n" for words, bundle in shown),
            "text/html": "\n".join(
                f"<details><summary>{words.html}</summary>{bundle['text/html']}</details>" for words, bundle in shown
            ),
            NUMBERS_MIME: [row for _, bundle in shown for row in bundle[NUMBERS_MIME]],
        }


def follow_up_table(rows: pd.DataFrame, names: Mapping[str, str]) -> Table | Paragraphs:
    """Show each theme with a recommendation, what was coded in it then and at the next inspection, and the change."""
    if rows.empty:
        return story.nothing_coded(names)
    followed = findings.followed_up(rows)
    if followed.empty:
        return tell(
            say(
                "No recommendation to {who} has yet been followed by a coded inspection.",
                who=join(story.present(rows, names)),
            )
        )
    events, themes = (dict(list(rows.groupby(keys))) for keys in ("event_id", ["event_id", "theme"]))
    none, body = rows.head(0), []
    for row in followed.itertuples():
        then, later = themes[row.event_id, row.theme], events[row.event_id_next]
        found = themes.get((row.event_id_next, row.theme), none)
        body.append(
            (
                say("{name}, {year}", name=row.name, year=story.year_of(then)), story.theme_words(then, first=True),
                story.counted(then, "recommendation"), _signed(then), say("{year}", year=story.year_of(later)),
                _signed(found), row.change
            )
        )  # fmt: skip
    return show_table(
        say(
            "Themes with a recommendation, and the same theme at the next inspection (+ strengths, ± both, − "
            "weaknesses)"
        ),
        ["Recommended", "Theme", "Recommendations", "Coded then", "Next inspection", "Coded next", "By our rule"],
        body
    )  # fmt: skip


def _signed(rows: pd.DataFrame) -> Sentence | str:
    signs = {"strength": "+", "mixed": "±", "weakness": "−"}
    parts = [
        say(sign + "{n}", n=story.counted(rows, polarity))
        for polarity, sign in signs.items()
        if polarity in set(rows["polarity"])
    ]
    if not parts:
        return "none"
    return in_a_row(parts)


def opened(rows: pd.DataFrame, names: Mapping[str, str]) -> Folded | Paragraphs:
    """Show every finding behind the counts, folded by theme: when, how coded, in our words, and where in the source."""
    if rows.empty:
        return tell(
            say("No finding about {who} that was public on this day is in the tables.", who=join(names.values()))
        )
    parts = []
    for _, mine in sorted(rows.groupby("covers"), key=lambda part: part[0]):
        caption = say(
            "{theme}: {n} {word}", theme=story.theme_words(mine, first=True), word=plural(len(mine), "finding"),
            n=count(mine, "findings", "findings coded with this theme")
        )  # fmt: skip
        body = [_finding(row, first) for row, first in zip(rows_of(mine), mine.itertuples(), strict=True)]
        parts.append(
            (
                caption,
                show_table(caption, ["Authority", "When", "Occasion", "Coded as", "Finding", "Where", "Said by"], body),
            )
        )
    return Folded(tuple(parts))


def _finding(row: pd.DataFrame, first: Any) -> tuple[Any, ...]:
    has_digit = any(letter.isdigit() for letter in first.statement)
    statement = cell(row, "statement", "findings", "finding in our words") if has_digit else first.statement
    return (
        first.name, span(row), vocabulary.EVENT_KINDS[first.kind], POLARITY_WORDS[first.polarity],
        statement, story.locator(row), first.voice
    )  # fmt: skip


def second_hand_table(rows: pd.DataFrame, names: Mapping[str, str]) -> Table | Paragraphs:
    """Show what is known of inspections and visits at second hand only: counts by occasion and by who said it."""
    told = rows[rows["voice"] != findings.INSPECTORS]
    if told.empty:
        return tell(say("Nothing about {who} at second hand is in the tables.", who=join(names.values())))
    body = []
    for (_, voice), mine in told.groupby(["event_id", "voice"], sort=False):
        counts = [story.counted(mine, polarity) for polarity in ("strength", "mixed", "weakness", "recommendation")]
        body.append((mine["name"].iloc[0], span(mine), vocabulary.EVENT_KINDS[mine["kind"].iloc[0]], voice, *counts))
    return show_table(
        say("Findings reported at second hand, by occasion"),
        ["Authority", "When", "Occasion", "Said by", "Strengths", "Both", "Weaknesses", "Recommendations"], body
    )  # fmt: skip
