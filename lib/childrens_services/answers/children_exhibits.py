"""Exhibits of notebook 05: shares with counts and intervals, and places among all authorities, each with its words.

Goes in: frames of `children_story`. Comes out: what a notebook shows. The words are computed from the rows drawn.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import ordering
from childrens_services.analysis import compare
from childrens_services.answers import children_story as story
from childrens_services.answers import indicator_charts
from childrens_services.answers import old_export as export
from childrens_services.answers.indicator_story import COUNTED, year_of
from childrens_services.answers.narrative import (
    Paragraphs,
    Sentence,
    Table,
    alt_text,
    in_a_row,
    join,
    plural,
    rows_of,
    say,
    show_table,
    tell,
)
from childrens_services.telling.style import colours

Shown = export.Chart | Paragraphs


def draw_counted(
    rows: pd.DataFrame, indicators: pd.DataFrame, indicator: str, names: Mapping[str, str], edition: str
) -> Shown:
    """Show a share over the years with its counts and Wilson intervals, a panel an authority, England as a line."""
    shown = [name for name in names.values() if len(story.whole(rows, name))]
    if not shown:
        return tell(say("For {who} no count was public on this day of how many {what}.", who=join(names.values()),
                        what=COUNTED[indicator]))  # fmt: skip
    rows = rows[rows["name"].isin([*shown, "England"])]
    rows = rows[rows["period"] >= rows.loc[(rows["name"] != "England") & (rows["status"] == "value"), "period"].min()]
    said = [story.share_now(rows, indicator, name) for name in shown]
    finding = _title(rows, shown, indicators, indicator)
    unit = "%" if rows["per"].iloc[0] == 100 else ""
    return export.chart(
        indicator_charts.shares_with_counts(rows, shown, colours(list(names.values())), unit),
        rows[[*story.MADE, "value", "status", "area_code", "indicator", "period", "source_id"]],
        name=f"counted-{indicator.removesuffix('_percent').replace('_', '-')}", finding=finding,
        subtitle=_measure(rows, shown, indicator), edition=edition,
        alt=alt_text("Dots with intervals over the years", finding),
        description=say("Dots with intervals over the years, the counts below. {said}", said=in_a_row(said)),
    )  # fmt: skip


def _measure(rows: pd.DataFrame, shown: list[str], indicator: str) -> Sentence:
    unit = "per cent" if rows["per"].iloc[0] == 100 else "per ten thousand"
    years = ordering.in_order(rows, "period")
    return say(
        "How many {what}, {unit}, {who}, {a} to {b}. Upright lines: how far chance alone could move the share{hollow}",
        hollow="; hollow: counts withheld" if _hollow(rows, shown) else "",
        what=COUNTED[indicator], unit=unit, who=join(shown), a=year_of(years.head(1)), b=year_of(years.tail(1)),
    )  # fmt: skip


def _hollow(rows: pd.DataFrame, shown: list[str]) -> bool:
    """Say whether a share without its counts is drawn."""
    return bool((rows["name"].isin(shown) & rows["value"].notna() & rows["share"].isna()).any())


def _title(rows: pd.DataFrame, shown: list[str], indicators: pd.DataFrame, indicator: str) -> Sentence:
    """Say who lies above England, who below, and whose interval overlaps England's, each with the newest count."""
    sides: dict[str, list[Sentence]] = {"higher": [], "lower": [], story.OVERLAP: []}
    for name in shown:
        now = story.whole(rows, name)
        national = story.whole(rows, "England", int(now["period"].iloc[0]))
        if len(national):
            older = now["period"].iloc[0] < rows["period"].max()
            words = "{name} ({n}, {year})" if older else "{name} ({n})"
            cited = say(words, name=name, n=story.count_words(now), year=year_of(now))
            sides[story.side(now, national)].append(cited)
    many = max(len(sides[story.OVERLAP]), 1)
    ends = {"higher": "above England", "lower": "below England",
            story.OVERLAP: f"{plural(many, 'overlaps', 'overlap')} with England"}  # fmt: skip
    parts = [say("{who} {end}", who=join(who), end=ends[found]) for found, who in sides.items() if who]
    title = indicators.loc[indicators["indicator"] == indicator, "title"].iloc[0].partition(",")[0]
    return say("{title}: {parts}", title=title, parts=join(parts)) if parts else say("{title}", title=title)


def draw_places(
    placed: pd.DataFrame, names: Mapping[str, str], groups: Mapping[str, compare.Group | None], edition: str
) -> Shown:
    """Show where each of the chosen stands among all authorities on each main measure."""
    drawn = placed[placed["among_all"].notna()]
    if drawn.empty and (placed["status"] == "value").any():
        return tell(say("No place among all authorities is given for {who}.", who=join(names.values())))
    if drawn.empty:
        return tell(say("No value of {who} was public on this day.", who=join(names.values())))
    many = drawn["panel"].mask(story.patchy(drawn), drawn["panel"] + " (many withheld)")
    drawn = drawn.assign(panel=many)
    looks = {n: c for n, c in colours(list(names.values())).items() if (drawn["name"] == n).any()}
    finding = story.worse_half(drawn, names)
    parts = [
        say("{panel}, {name} {place}", panel=row["panel"].iloc[0], name=row["name"].iloc[0],
            place=story.rank_words(row, "among_all"))
        for row in rows_of(drawn)
    ]  # fmt: skip
    withheld = in_a_row(story.withheld_sentences(drawn))
    data = drawn.assign(
        rank_from_highest=[p.from_highest for p in drawn["among_all"]], of=[p.of for p in drawn["among_all"]],
        tied=[p.tied for p in drawn["among_all"]],
    ).drop(columns=["among_all", "among_group"])  # fmt: skip
    return export.chart(
        indicator_charts.places(drawn, looks), data, name="places-among-all", finding=finding,
        subtitle=say("Place among all English authorities with a value, newest year of each measure, {who}",
                     who=join(looks)),
        alt=alt_text("Marks on lines from lowest to highest", finding), edition=edition,
        description=say("A line a measure, a mark an authority. {parts}. {more}", parts=in_a_row(parts, "; "),
                        more=withheld),
    )  # fmt: skip


def places_table(
    placed: pd.DataFrame, indicators: pd.DataFrame, names: Mapping[str, str], caption: Sentence
) -> Table | Paragraphs:
    """Show value, place among all and place in the own group for every main measure and each of the chosen."""
    if placed.empty:
        return tell(say("No value of {who} was public on this day.", who=join(names.values())))
    decimals = indicators.set_index("indicator")["decimals"].astype(int)
    head = ["Measure", "Authority", "Year", "Value", "Among all", "In its group", "Which way"]
    return show_table(caption, head, story.rank_lines(placed, decimals))
