"""Exhibits of indicators: a chart with its finding, measure and alternative text, or a sentence where there is none.

Goes in: frames of `indicator_story`, `workforce_story` and `pay_story`. Comes out: what notebooks 04 and 05 show. The
words are computed from the rows that are drawn.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import ordering
from childrens_services.analysis import compare
from childrens_services.answers import indicator_charts, money_charts, pay_story, workforce_story
from childrens_services.answers import indicator_story as story
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
    rows_of,
    say,
    tell,
)
from childrens_services.money import english_money
from childrens_services.rounding import half_up
from childrens_services.telling.style import colours

Shown = export.Chart | Paragraphs
_KEEP = ["panel", "name", "year", "value", "status", "authorities", "area_code", "indicator", "period", "source_id"]


def _styles(
    rows: pd.DataFrame, names: Mapping[str, str], groups: Mapping[str, compare.Group | None]
) -> dict[str, dict]:
    """Give each line its look: authorities solid, their groups thin and dashed in the same colour, England dotted."""
    own = colours(list(names.values()))
    styles = {name: {"color": own[name], "linewidth": 2.6} for name in names.values()}
    labels = {story.group_label(g, names[code], len(names)): names[code] for code, g in groups.items() if g}
    for label, name in labels.items():
        styles[label] = {**money_charts.GROUP_STYLE, **({"color": own[name]} if len(labels) > 1 else {})}
    return {n: s for n, s in {**styles, "England": money_charts.ENGLAND_STYLE}.items() if (rows["name"] == n).any()}


def draw_rates(
    rows: pd.DataFrame, labels: Mapping[str, str], names: Mapping[str, str],
    groups: Mapping[str, compare.Group | None], indicators: pd.DataFrame, name: str, finding: Sentence, edition: str,
) -> Shown:  # fmt: skip
    """Show indicators over the years, one panel each: the chosen, the median of their groups, England as published."""
    rows = rows[rows["indicator"].isin(list(labels))]
    known = rows[rows["name"].isin(list(names.values())) & (rows["status"] == "value")]
    panels = [label for label in labels.values() if (known["panel"] == label).any()]
    if not panels:
        return tell(say("None of these measures was public for {who} on this day.", who=join(names.values())))
    shares = set(indicators.loc[indicators["unit"].str.startswith("per cent"), "indicator"]) | {"starters_rate"}
    suffixes = {label: "%" for indicator, label in labels.items() if indicator in shares}
    drawn = rows[rows["panel"].isin(panels)]
    fig = money_charts.lines_over_time(
        drawn, panels, _styles(drawn, names, groups), 2 if len(panels) > 1 else 1, "", suffixes
    )
    medians = "Groups: the median of their members. " if any(groups.values()) else ""
    last = ordering.last(drawn[drawn["status"] == "value"], "period", each=["panel", "name"])
    newest = dict(zip(zip(last["panel"], last["name"], strict=True), rows_of(last), strict=True))
    both = [(panel, who) for panel in panels for who in names.values() if (panel, who) in newest]
    parts = [_newest_of(newest[panel, who], panel, who) for panel, who in both]
    return export.chart(
        fig, drawn[_KEEP], name=name, finding=finding, alt=alt_text("Lines over the years, a panel a measure", finding),
        subtitle=say("As published, {who}, {years}. {groups}Gaps: not published", who=join(names.values()),
                     years=_span(drawn), groups=medians),
        description=say("{kind}. Newest values: {parts}.", kind="Lines over the years, a panel a measure",
                        parts=in_a_row(parts, "; ")), edition=edition,
    )  # fmt: skip


def _newest_of(last: pd.DataFrame, panel: str, name: str) -> Sentence:
    return say("{panel}: {name} {v} in {year}", panel=panel, name=name, v=story.cite(last, 1), year=story.year_of(last))


def _span(rows: pd.DataFrame) -> Sentence:
    first, last = ordering.first(rows, "period"), ordering.last(rows, "period")
    if first["period"].iloc[0] == last["period"].iloc[0]:
        return say("{a}", a=story.year_of(last))
    return say("{a} to {b}", a=story.year_of(first), b=story.year_of(last))


def agency_title(rows: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say each one's newest agency rate, as a title."""
    parts = []
    for name in names.values():
        now = story.newest(rows, name, "agency_rate_fte")
        if len(now):
            parts.append(say("{name} {v} per cent ({year})", name=name, v=story.cite(now, 1), year=story.year_of(now)))
    words = "Agency workers as a share of social workers: {parts}" if parts else "The workforce by year"
    return say(words, parts=join(parts))


def rate_title(rows: pd.DataFrame, names: Mapping[str, str], indicator: str, labels: Mapping[str, str]) -> Sentence:
    """Say each one's newest value of an indicator, as a title; without any, name what else is drawn."""
    known = [(name, story.newest(rows, name, indicator)) for name in names.values()]
    parts = [say("{name} {v} ({year})", name=name, v=story.cite(now, 0), year=story.year_of(now))
             for name, now in known if len(now)]  # fmt: skip
    if parts:
        return say("{what}: {parts}", what=labels[indicator], parts=join(parts))
    drawn = [label for code, label in labels.items() if any(len(story.newest(rows, n, code)) for n in names.values())]
    return say("{what}, by year", what=join(drawn or [labels[indicator]]))


def _side_by_side(
    observations: pd.DataFrame, names: Mapping[str, str], first_year: int, columns: Mapping[str, str]
) -> pd.DataFrame:
    """Give indicators of the chosen as columns: one row a name and year, with the `status` of one not published."""
    mine = observations[observations["area_code"].isin(list(names)) & (observations["period"] >= first_year)]
    mine = mine[mine["indicator"].isin(list(columns))]
    if not (mine["status"] == "value").any():
        return pd.DataFrame()
    keys = ["area_code", "period"]
    wide = mine.pivot(index=keys, columns="indicator", values="value").reindex(columns=list(columns))
    wide = wide.rename(columns=columns)
    mine = mine.assign(told=mine["status"].eq("value"), at=mine["indicator"].map(list(columns).index))
    worst = ordering.first(mine, ["told", "at"], each=keys).set_index(keys)
    found = wide.join(worst[["status", "source_id", "indicator"]]).reset_index()
    return found.assign(name=found["area_code"].map(names), year=found["period"].astype(str))


def _with_values(rows: pd.DataFrame, names: Mapping[str, str], *columns: str) -> list[str]:
    """Give the chosen, in order, that have all these columns in some year."""
    whole = rows.dropna(subset=list(columns)) if len(rows) else rows
    return [name for name in names.values() if len(whole) and (whole["name"] == name).any()]


def draw_in_post(observations: pd.DataFrame, names: Mapping[str, str], first_year: int, edition: str) -> Shown:
    """Show how many social workers were in post and how many agency workers worked beside them, by year."""
    rows = _side_by_side(
        observations, names, first_year, {"social_workers_fte": "posts", "agency_workers_fte": "agency"}
    )
    shown = _with_values(rows, names, "posts", "agency")
    if not shown:
        return tell(say("No count of social workers of {who} was public on this day.", who=join(names.values())))
    rows = rows[rows["name"].isin(shown)]
    parts = [say("{agency} beside {posts} in post in {name}", name=name, posts=_last(rows, name, "posts"),
                 agency=_last(rows, name, "agency")) for name in shown]  # fmt: skip
    finding = say("Agency social workers in {year}: {parts}", parts=join(parts), year=_newest_year(rows))
    listed = in_a_row(_year_by_year(rows, "posts", "agency"), "; ")
    return export.chart(
        indicator_charts.in_post(rows, shown), rows, name="social-workers-in-post", finding=finding,
        subtitle=say("Full-time equivalents on 30 September, {who}, {years}", who=join(shown), years=_span(rows)),
        alt=alt_text("Stacked bars", finding), edition=edition,
        description=say("Stacked bars from zero, a bar a year. {parts}.", parts=listed),
    )  # fmt: skip


def draw_came_and_went(observations: pd.DataFrame, names: Mapping[str, str], first_year: int, edition: str) -> Shown:
    """Show how many social workers started and left in each year."""
    rows = _side_by_side(observations, names, first_year, {"starters_fte": "starters", "leavers_fte": "leavers"})
    shown = _with_values(rows, names, "starters", "leavers")
    if not shown:
        return tell(say("No count of starters and leavers of {who} was public on this day.", who=join(names.values())))
    rows = rows[rows["name"].isin(shown)]
    parts = []
    for name in shown:
        mine = rows[rows["name"] == name].dropna(subset=["starters", "leavers"])
        lost = _tally(mine[mine["leavers"] > mine["starters"]], "years in which more left than started")
        every = _tally(mine, "years with both published")
        word = plural(len(mine), "year")
        parts.append(say("in {n} of {all} {word} in {name}", name=name, n=lost, all=every, word=word))
    finding = say("More social workers left than started {parts}", parts=join(parts))
    listed = in_a_row(_year_by_year(rows, "starters", "leavers"), "; ")
    return export.chart(
        indicator_charts.came_and_went(rows, shown), rows, name="social-workers-started-and-left", finding=finding,
        subtitle=say("Full-time equivalents in the year to 30 September, {who}, {years}", who=join(shown),
                     years=_span(rows)),
        alt=alt_text("Bars above and below zero", finding), edition=edition,
        description=say("Starters above zero and leavers below. {parts}.", parts=listed),
    )  # fmt: skip


def _tally(rows: pd.DataFrame, how: str) -> Number:
    return number(len(rows), f"{len(rows)}" if len(rows) else "none", how, rows, "observations")


def _newest_year(rows: pd.DataFrame) -> Number:
    return story.year_of(ordering.last(rows, "period"))


def _last(rows: pd.DataFrame, name: str, column: str) -> Number:
    mine = ordering.last(rows[(rows["name"] == name) & rows[column].notna()], "period")
    return story.cite(mine, 1, "full-time equivalents as published", column)


def _year_by_year(rows: pd.DataFrame, one: str, other: str) -> list[Sentence]:
    """List both columns year by year for the long description of a chart."""
    found = []
    for (name, _), row in rows.dropna(subset=[one, other]).groupby(["name", "period"]):
        cited = {"a": story.cite(row, 1, column=one), "b": story.cite(row, 1, column=other), "year": story.year_of(row)}
        found.append(say("{name} {year}, {one} {a} and {other} {b}", name=name, one=one, other=other, **cited))
    return found


def draw_turn(
    turn: workforce_story.Turn | None, rows: pd.DataFrame, observations: pd.DataFrame, names: Mapping[str, str],
    groups: Mapping[str, compare.Group | None], edition: str,
) -> Shown:  # fmt: skip
    """Show the three rates before and after the sharpest turn: the authority, the median of its group, England."""
    said = workforce_story.turn_sentences(turn, observations, names)
    if turn is None:
        return tell(said)
    members = groups.get(turn.code)
    label = [story.group_label(members, turn.name, len(names))] if members else []
    who = [turn.name, *label, "England"]
    drawn = _before_and_after(rows, turn.years, who)
    finding = say("{name}'s {what} {went} in a year", name=turn.name, what=workforce_story.TURN_WORDS[turn.indicator],
                  went=workforce_story.from_to(turn.rows, " per cent"))  # fmt: skip
    shown = [name for name in who if (drawn["name"] == name).any()]
    looks = {name: colours(list(names.values())).get(name, money_charts.GREY) for name in who}
    a, b = (story.year_of(end) for end in (turn.rows.head(1), turn.rows.tail(1)))
    return export.chart(
        indicator_charts.before_and_after(drawn, looks), drawn, name="sharpest-turn", finding=finding,
        subtitle=say("Rates on 30 September {a} (hollow) and {b} (filled), {who}", a=a, b=b, who=join(shown)),
        alt=alt_text("Pairs of dots joined by lines", finding), edition=edition,
        description=say("Pairs of dots. {said}", said=in_a_row(said)),
    )  # fmt: skip


def _before_and_after(rows: pd.DataFrame, years: tuple[int, int], who: list[str]) -> pd.DataFrame:
    """Give the rates of two years side by side: one row a rate and name, in the order in which they are drawn."""
    mine = rows[rows["indicator"].isin(workforce_story.TURNS) & rows["name"].isin(who) & rows["period"].isin(years)]
    mine = mine[mine["status"] == "value"]
    wide = mine.pivot(index=["indicator", "name"], columns="period", values="value").dropna()
    order = [(indicator, name) for indicator in workforce_story.TURNS for name in who]
    wide = wide.loc[[key for key in order if key in wide.index]].set_axis(["before", "after"], axis=1).reset_index()
    sources = " ".join(sorted({one for cell in mine["source_id"] for one in cell.split()}))
    return wide.assign(label=wide["indicator"].map(workforce_story.TURN_WORDS).str.capitalize(), source_id=sources)


def draw_pay(budgets: pd.DataFrame, names: Mapping[str, str], edition: str) -> Shown:
    """Show for how many paid weeks an hourly agency rate and the yearly sum quoted beside it agree."""
    pair = pay_story.pay_pair(budgets, names)
    if pair is None:
        return tell(say("No hourly rate of agency work with a yearly sum beside it was public for {who}.",
                        who=join(names.values())))  # fmt: skip
    rate, quoted = pair["amount_gbp"]
    week, weeks = pay_story.FULL_WEEK, pay_story.WEEKS
    finding = pay_story.agreement(pair)
    labels = [f"{half_up(n, 1).normalize():f} weeks ({half_up(n * week):,} hours):\n"
              f"{english_money(half_up(n * week * rate), 'exact')}" for n in (quoted / rate / week, weeks)]  # fmt: skip
    return export.chart(
        indicator_charts.pay_by_weeks(rate, quoted, week, weeks, labels), pair, name="agency-pay", finding=finding,
        subtitle=say("Pay by full-time weeks of {h} hours paid, at the rate stated for {when}. Dashed: the sum stated",
                     h=pay_story.week_of(pair), when=pay_story.month_of(pair)),
        alt=alt_text("A line with two dots", finding), edition=edition,
        description=say("A line of pay by weeks paid. {said}", said=in_a_row(pay_story.pay_sentences(budgets, names))),
    )  # fmt: skip
