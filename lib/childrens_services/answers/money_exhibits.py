"""Exhibits of money: a chart with its finding, measure and alternative text, or a sentence instead.

Goes in: frames of `money_story`. Comes out: what a notebook shows. The words are computed from the rows that are drawn.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import ordering
from childrens_services.analysis import compare
from childrens_services.answers import budget_story, money_charts
from childrens_services.answers import money_story as story
from childrens_services.answers import old_export as export
from childrens_services.answers.narrative import (
    Paragraphs,
    alt_text,
    cell,
    in_a_row,
    join,
    number,
    rows_of,
    say,
    tell,
)
from childrens_services.money import english_money
from childrens_services.periods import english, read_edtf
from childrens_services.rounding import half_up
from childrens_services.telling.style import colours

Shown = export.Chart | Paragraphs


def draw_budget_change(
    budgets: pd.DataFrame, statements: pd.DataFrame, names: Mapping[str, str], service: str, edition: str
) -> Shown:
    """Show a service's budget before and after a decision, for the first of the chosen that has one in the tables."""
    for code, name in names.items():
        change = budget_story.budget_change(budgets, code, service)
        if change is not None:
            return _budget_chart(change, statements, name, service, edition)
    return tell(
        say("No decision on the {service} of {who} is in the tables.", service=service, who=join(names.values()))
    )


def _budget_chart(
    change: pd.DataFrame, statements: pd.DataFrame, name: str, service: str, edition: str
) -> export.Chart:
    before, after, rise = change["amount_gbp"]
    said = budget_story.budget_change_sentences(change, statements, name, service)
    fig = money_charts.before_after(before, after, ("Before", "After"), f"+ {english_money(rise, 'exact')}")
    row = change.iloc[[2]].reset_index(drop=True)
    return export.chart(
        fig,
        change,
        name="front-door-budget",
        finding=said[0],
        subtitle=say(
            "Yearly staffing budget as reported about {when}, pounds of the day",
            when=number(
                row["period"].iloc[0],
                english(read_edtf(row["period"].iloc[0].rstrip("~"))),
                "month of the decision, approximate",
                row,
                "budgets",
            ),
        ),
        alt=alt_text("Two bars", said[0]),
        description=say("Two bars from zero. {said}", said=in_a_row(said)),
        edition=edition,
    )


def draw_headlines(budgets: pd.DataFrame, names: Mapping[str, str], edition: str) -> Shown:
    """Show rounded sums as a part of the exact ones."""
    pairs = budget_story.headline_pairs(budgets, list(names))
    if pairs.empty:
        return tell(say("No rounded sum with its exact figure is in the tables for {who}.", who=join(names.values())))
    said = budget_story.headline_sentences(pairs)
    off = (pairs["headline_gbp"] / pairs["exact_gbp"] - 1).abs() * 100
    worst = ordering.largest(pairs.assign(off=off), "off")
    finding = say(
        "Rounded sums are off by up to {off} per cent",
        off=number(
            off.max(), f"{half_up(off.max(), 1)}", "largest of |stated / exact - 1|, as a percentage", worst, "budgets"
        ),
    )
    return export.chart(
        money_charts.headline_and_exact(pairs),
        pairs,
        name="headline-and-exact",
        finding=finding,
        subtitle=say("Sum as stated as a percentage of the exact sum, {who}", who=join(names.values())),
        alt=alt_text("Dots beside a line", finding),
        description=say("A dot for each rounded sum, beside a line at the exact one. {said}", said=in_a_row(said)),
        edition=edition,
    )


def draw_one_offs(budgets: pd.DataFrame, names: Mapping[str, str], first_year: int, edition: str) -> Shown:
    """Show the one-off sums that were stated."""
    rows = budget_story.one_off_sums(budgets, names, colours(list(names.values())), first_year)
    if rows.empty:
        return tell(say("No one-off sum of {who} is in the tables.", who=join(names.values())))
    largest = ordering.largest(rows, "amount_gbp").reset_index(drop=True)
    parts = [
        say(
            "{amount} in {name} ({what})",
            amount=cell(row, "amount_text", "budgets", "amount as stated"),
            name=row["name"].iloc[0],
            what=cell(row, "what", "budgets", "what the sum was for"),
        )
        for row in rows_of(rows)
    ]
    finding = say(
        "The largest one-off sum stated is {amount}, in {name}",
        name=largest["name"].iloc[0],
        amount=cell(largest, "amount_text", "budgets", "amount as stated"),
    )
    return export.chart(
        money_charts.stated_sums(rows),
        rows,
        name="one-off-sums",
        finding=finding,
        subtitle=say("One-off sums as stated, pounds of the day, {who}", who=join(names.values())),
        alt=alt_text("Bars", finding),
        description=say("Bars from zero: {parts}.", parts=join(parts)),
        edition=edition,
    )


def draw_lines(
    rows: pd.DataFrame, names: Mapping[str, str], groups: Mapping[str, compare.Group | None], year: str, edition: str
) -> Shown:
    """Show spending per child by line over the years, one panel a line."""
    return _spending(rows, story.PANELS, names, groups, year, "spending-per-child-by-line", edition)


def draw_total(
    rows: pd.DataFrame, names: Mapping[str, str], groups: Mapping[str, compare.Group | None], year: str, edition: str
) -> Shown:
    """Show spending per child on all children's services over the years."""
    return _spending(rows, ("total",), names, groups, year, "spending-per-child", edition)


def _spending(
    rows: pd.DataFrame,
    lines: tuple[str, ...],
    names: Mapping[str, str],
    groups: Mapping[str, compare.Group | None],
    year: str,
    name: str,
    edition: str,
) -> Shown:
    rows = rows[rows["line"].isin(lines)]
    if rows.empty or not rows["name"].isin(names.values()).any():
        return tell(say("No section 251 return of {who} is in the tables.", who=join(names.values())))
    if len(names) > 2:  # more than two with their groups would be nine lines, and no eye can hold nine
        groups, rows = {}, rows[rows["name"].isin([*names.values(), "England"])]
    labels = [story.group_label(members, names[code], len(names)) for code, members in groups.items() if members]
    styles = story.line_styles(list(names.values()), labels, colours(list(names.values())))
    panels = [story.LINE_NAMES[line] for line in lines]
    said = [story.latest_per_child(rows, who, groups, names) for who in names.values()]
    fig = money_charts.lines_over_time(rows, panels, styles, columns=2 if len(panels) > 1 else 1)
    finding = story.total_title(rows, names)
    terms = say("cash") if year == "cash" else say("in {year} prices", year=_price_year(year, rows))
    return export.chart(
        fig,
        rows[["panel", "name", "year", "value", "status", "children", "authorities", "area_code", "line", "source_id"]],
        name=name,
        finding=finding,
        subtitle=say(
            "Gross expenditure per child aged 0 to 17, {terms}, section 251 outturn, {years}. Hollow: implausible",
            terms=terms,
            years=story.years_covered(rows),
        ),
        alt=alt_text("Lines over the years", finding),
        description=say("Lines over the years, one panel a line of spending. {said}", said=in_a_row(said)),
        edition=edition,
    )


def _price_year(year: str, rows: pd.DataFrame):
    return number(year, year, "financial year whose prices are used, by the GDP deflator", rows.head(0), "prices")
