"""Exhibits of notebook 06: a chart with its finding, measure and alternative text, or a sentence where there is none.

Goes in: frames of `findings`. Comes out: what a notebook shows. The words are computed from the rows that are drawn.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import vocabulary
from childrens_services.analysis import findings
from childrens_services.answers import finding_charts
from childrens_services.answers import finding_story as story
from childrens_services.answers import old_export as export
from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    alt_text,
    in_a_row,
    join,
    number,
    plural,
    say,
    tell,
)

Shown = export.Chart | Paragraphs
_COUNTS = ["strength", "mixed", "weakness", "recommendation", "judged"]


def draw_balance(rows: pd.DataFrame, names: Mapping[str, str], edition: str) -> Shown:
    """Show what share of each inspection's coded findings are strengths and weaknesses."""
    if rows.empty:
        return story.nothing_coded(names)
    bars = _by_event(rows)
    finding = _balance_title(rows, names)
    parts = [_balance(findings.of_event(rows, event)) for event in bars["event_id"]]
    return export.chart(
        finding_charts.shares(bars), bars, name="strengths-and-weaknesses", finding=finding,
        subtitle=say(
            "Share of coded findings by inspection or visit with a report or letter, {who}; numbers: findings",
            who=join(story.present(rows, names))
        ), alt=alt_text("Bars of shares", finding),
        description=say("Bars that add up to the whole. {parts}.", parts=in_a_row(parts, "; ")), edition=edition
    )  # fmt: skip


def _by_event(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the counts of each event's themes up; one row an event, oldest first, with its label."""
    counts = findings.tally(rows)
    keys = ["la_code_ons", "name", "event_id", "kind", "start_earliest"]
    bars = counts.groupby(keys, sort=False, as_index=False).agg({**dict.fromkeys(_COUNTS, "sum"), "source_id": "first"})
    bars = bars[bars["judged"] > 0]
    label = [story.short_label(findings.of_event(rows, event)).replace("\n", ", ") for event in bars["event_id"]]
    return bars.assign(label=[f"{name}, {words}" for name, words in zip(bars["name"], label, strict=True)]).reset_index(
        drop=True
    )


def _balance_title(rows: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say the share of weaknesses in each authority's newest graded inspection, as a title."""
    parts = []
    for name in story.present(rows, names):
        mine = rows[(rows["name"] == name) & rows["kind"].isin(vocabulary.GRADED_KINDS)]
        last = findings.of_event(mine, mine["event_id"].iloc[-1]) if len(mine) else mine
        if len(last):
            parts.append(say("{name} {share} per cent in {year}", name=name, share=story.share_of(last, "weakness"),
                             year=story.year_of(last)))  # fmt: skip
    return (
        say("Weaknesses among coded findings: {parts}", parts=join(parts))
        if parts
        else say("Strengths and weaknesses coded from visits")
    )


def _balance(rows: pd.DataFrame) -> Sentence:
    return say("{name}, {event}: {weak} of {n} weaknesses, {mixed} both, {strong} strengths", name=rows["name"].iloc[0],
               event=story.when(rows), weak=story.counted(rows, "weakness"), mixed=story.counted(rows, "mixed"),
               strong=story.counted(rows, "strength"), n=story.all_judged(rows))  # fmt: skip


def draw_themes(rows: pd.DataFrame, names: Mapping[str, str], edition: str) -> Shown:
    """Show every theme by inspection and visit: whether strengths or weaknesses were coded, and how many."""
    if rows.empty:
        return story.nothing_coded(names)
    cells = findings.tally(rows)
    columns = cells.drop_duplicates("event_id")[["event_id", "name"]]
    columns = columns.assign(label=[story.short_label(findings.of_event(rows, event)) for event in columns["event_id"]])
    weak = cells.assign(weak=cells["weakness"] + cells["recommendation"]).groupby("covers")[["weak", "judged"]].sum()
    themes = list(weak.sort_values(["weak", "judged"], ascending=[False, True], kind="stable").index)
    finding = _themes_title(rows, names)
    return export.chart(
        finding_charts.theme_matrix(cells, columns, themes), cells, name="themes-by-inspection", finding=finding,
        subtitle=say(
            "Coded findings by theme, inspection and visit, {who}; most weaknesses and recommendations first. "
            "Empty: not coded", who=join(story.present(rows, names))
        ), alt=alt_text("Table of coloured counts", finding),
        description=say(
            "A table of counts, inspections across and themes down. {parts}.",
            parts=in_a_row([_worst_themes(rows, cells, event) for event in columns["event_id"]], "; ")
        ), edition=edition
    )  # fmt: skip


def _themes_title(rows: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say in how many themes weaknesses outnumber strengths at each newest inspection or visit, as a title."""
    parts = []
    for name in story.present(rows, names):
        mine = rows[rows["name"] == name]
        last = findings.of_event(mine, mine["event_id"].iloc[-1])
        counts = findings.tally(last)
        weak = counts.loc[counts["balance"] == findings.WORSE, "theme"]
        parts.append(
            say(
                "{name} {n} of {all} in {year}", name=name,
                n=_theme_count(last[last["theme"].isin(weak)], "themes with more weaknesses than strengths"),
                all=_theme_count(last, "themes coded"), year=story.year_of(last)
            )
        )  # fmt: skip
    return say("Themes in which weaknesses outnumber strengths: {parts}", parts=join(parts))


def _theme_count(rows: pd.DataFrame, how: str) -> Number:
    return number(rows["theme"].nunique(), f"{rows['theme'].nunique()}", how, rows, "findings")


def _worst_themes(rows: pd.DataFrame, cells: pd.DataFrame, event: str) -> Sentence:
    mine = findings.of_event(rows, event)
    worse = (cells["event_id"] == event) & (cells["balance"] == findings.WORSE)
    weak = mine[mine["theme"].isin(cells.loc[worse, "theme"])]
    words = {"name": mine["name"].iloc[0], "event": story.when(mine)}
    if weak.empty:
        return say("{name}, {event}: no theme with more weaknesses than strengths", **words)
    return say(
        "{name}, {event}: more weaknesses than strengths in {n} {word}",
        n=_theme_count(weak, "themes with more weaknesses"), word=plural(weak["theme"].nunique(), "theme"), **words
    )  # fmt: skip


def draw_recurring(rows: pd.DataFrame, names: Mapping[str, str], edition: str) -> Shown:
    """Show the themes that were a weakness or recommendation in more than one inspection or visit, and for how long."""
    if rows.empty:
        return story.nothing_coded(names)
    again = findings.recurring(rows)
    if again.empty:
        return tell(
            say(
                "No theme of {who} was coded as a weakness or recommendation in two inspections or visits.",
                who=join(story.present(rows, names)),
            )
        )
    drawn = again.assign(
        source_id=again["source_id"].fillna(again.groupby("la_code_ons")["source_id"].transform("first"))
    )
    said = [sentence for name in story.present(rows, names) for sentence in story.lasting_weaknesses(again, rows, name)]
    finding = say(
        "Themes that came back as a weakness: {parts}",
        parts=join(
            [
                say(
                    "{name} {n}", name=name,
                    n=_theme_count(
                        rows[
                            (rows["name"] == name) & rows["theme"].isin(again.loc[again["name"] == name, "theme"])
                        ], "themes coded weakness or recommendation in two or more inspections or visits"
                    )
                ) for name in dict.fromkeys(again["name"])
            ]
        )
    )  # fmt: skip
    return export.chart(
        finding_charts.recurrence(again), drawn, name="weaknesses-that-recur", finding=finding,
        subtitle=say(
            "Themes with a weakness or recommendation in two or more inspections or visits, {who}; years from "
            "first to last", who=join(dict.fromkeys(again["name"]))
        ), alt=alt_text("Dots joined by lines over the years", finding),
        description=say(
            "A line for each theme from its first to its last weakness or recommendation. {said}",
            said=in_a_row(said)
        ), edition=edition
    )  # fmt: skip
