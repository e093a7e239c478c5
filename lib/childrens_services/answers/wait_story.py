"""Sentences about waits: for a report, for the next inspection, and for one that was expected.

Goes in: frames of `spells.waits` and `timeline.expected_and_actual`. Comes out: cited sentences.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import ordering
from childrens_services.answers import spell_story as story
from childrens_services.answers.narrative import Number, Sentence, cell, count, join, plural, rows_of, say


def waits_sentences(rows: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say how long reports take to come out and how far apart inspections are, for all and for the chosen."""
    if rows.empty:
        return [say("No report of an ILACS inspection was public on this day.")]
    said = [
        say(
            "A report came out a median of {middle} days after the inspection began (middle half: {low} to {high} "
            "days; {n} {word}).", **_spread(rows, "days_to_report", story.days_of),
            word=plural(len(rows), "inspection")
        )
    ]  # fmt: skip
    again = rows[rows["days_since_last"].notna()]
    if len(again):
        said.append(
            say(
                "From one inspection of an authority to its next, {middle} years went by at the median (middle "
                "half: {low} to {high} years; {n} {word}).", **_spread(again, "days_since_last", story.years_of),
                word=plural(len(again), "pair")
            )
        )  # fmt: skip
    return said + [_own_waits(rows[rows["la_code_ons"] == code], name) for code, name in names.items()]


def _spread(rows: pd.DataFrame, column: str, cite) -> dict[str, Number]:
    low, middle, high = rows[column].quantile([0.25, 0.5, 0.75])
    return {
        "low": cite(low, "lower quartile", rows, "events"), "middle": cite(middle, "median", rows, "events"),
        "high": cite(high, "upper quartile", rows, "events"), "n": count(rows, "events", "graded ILACS inspections")
    }  # fmt: skip


def _own_waits(mine: pd.DataFrame, name: str) -> Sentence:
    if mine.empty:
        return say("No report of an ILACS inspection of {name} is in this history.", name=name)
    rows = rows_of(mine)
    took = join(
        [story.days_of(row["days_to_report"].iloc[0], "publication - first day", row, "events") for row in rows]
    )
    gaps = [story.years_of(row["days_since_last"].iloc[0], "years since the inspection before", row, "events")
            for row in rows if pd.notna(row["days_since_last"].iloc[0])]  # fmt: skip
    said = say("{name}'s took {took} days", name=name, took=took)
    return (
        say("{said}; they began {gaps} years apart.", said=said, gaps=join(gaps)) if gaps else say("{said}.", said=said)
    )


def slips(expected: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say how far inspections and visits came from when they were expected, in days."""
    who = join(names.values())
    met = expected[expected["actual"].notna()]
    if expected.empty:
        return [say("No expectation of an inspection of {who} is in the tables.", who=who)]
    if met.empty:
        return [say("Of {n} expected {what} of {who} none has been seen.", who=who, what=_inspections(expected),
                    n=count(expected, "forecasts", "expectations of an inspection or visit"))]  # fmt: skip
    late, early = met[met["slip_days"] > 0], met[met["slip_days"] < 0]
    said = [
        say(
            "Of {n} expected {what} of {who} that {word} seen, {late} began after the window closed and {early} "
            "before it opened.", n=count(met, "forecasts", "expectations with a known event"),
            what=_inspections(met), who=who, word=plural(len(met), "was", "were"),
            late=count(late, "forecasts", "expectations met late", zero="none"),
            early=count(early, "forecasts", "expectations met early", zero="none")
        )
    ]  # fmt: skip
    if late.empty:
        return said
    worst = ordering.last(late, "slip_days").reset_index(drop=True)
    return [
        *said,
        say(
            "The longest slip was {days} days: {what} ({source}: “{when}”).",
            what=_lower(worst["what_expected"].iloc[0]),
            days=story.days_of(
                int(worst["slip_days"].iloc[0]), "days from the end of the window to the event", worst, "forecasts"
            ), source=worst["who"].iloc[0],
            when=cell(worst, "expected_text", "forecasts", "words that give the window")
        )
    ]  # fmt: skip


def _inspections(rows: pd.DataFrame) -> str:
    return plural(len(rows), "inspection or visit", "inspections and visits")


def _lower(words: str) -> str:
    return words if words[1:2].isupper() else words[0].lower() + words[1:]
