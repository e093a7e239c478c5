"""Sentences and chart frames about money, for any one to four authorities and any day.

Goes in: tidy `budgets`, `statements`, `spending`, `population`, `prices`. Comes out: cited sentences, and the frames
that `money_charts` draws. Every amount says what it is: stated or outturn, cash or real, gross or net.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from childrens_services import ordering, tables
from childrens_services.analysis import compare
from childrens_services.answers import budget_story
from childrens_services.answers.money_charts import ENGLAND_STYLE, GROUP_STYLE
from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    Table,
    cell,
    join,
    number,
    say,
    show_table,
    tell,
)
from childrens_services.rounding import half_up

# The total of section 251 holds early years and youth services too, so it is not called social care as the total of
# revenue outturn is.
LINE_NAMES = {**tables.SPENDING_LINES, "total": "All children's and young people's services"}
PANELS = ("total", "children_looked_after", "safeguarding", "family_support", "young_people", "early_years")


def gross_per_child(
    spending: pd.DataFrame,
    population: pd.DataFrame,
    prices: pd.DataFrame,
    chosen: pd.DataFrame,
    groups: Mapping[str, compare.Group | None],
    year: str,
    first_year: int,
    lines: Sequence[str] = PANELS,
) -> pd.DataFrame:
    """Give section 251 gross expenditure per child by line: the chosen, their comparison groups, England.

    One row a name, line and year: `panel, name, year, value, status, children, authorities, source_id`; pounds per
    child aged 0 to 17 in the prices of `year`. A group's figure is the median of its plausible returns.
    """
    gross = spending[(spending["collection"] == "section_251") & (spending["measure"] == "gross_expenditure")]
    gross = gross[gross["line"].isin(lines) & (gross["financial_year"].str[:4].astype(int) >= first_year)]
    gross = compare.in_real_terms(gross, prices, year)
    every = compare.per_child(gross[gross["area_code"].str.match(r"E(?:06|08|09|10)")], population)
    names = dict(zip(chosen["la_code_ons"], chosen["name"], strict=True))
    parts = [every[every["area_code"].isin(names)].assign(name=lambda d: d["area_code"].map(names))]
    for code, members in groups.items():
        if members:
            label = group_label(members, names[code], len(names))
            parts.append(compare.group_per_child(every, members).assign(name=label))
    parts.append(compare.england_per_child(gross, population).assign(name="England"))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(
        panel=rows["line"].map(LINE_NAMES), year=rows["financial_year"], value=rows["amount_per_child"].round(2)
    )


def group_label(members: compare.Group, name: str, chosen: int) -> str:
    """Name a group on a chart: whose neighbours they are where several are chosen, and who is left out of a region."""
    if members.name != "statistical neighbours":
        return f"{members.name} without {name}"
    return f"{name}'s neighbours" if chosen > 1 else "statistical neighbours"


def line_styles(names: Sequence[str], groups: Sequence[str], colours: Mapping[str, str]) -> dict[str, dict]:
    """Give each line of a spending chart its look: authorities solid, groups in their colour, thin and dashed.

    The third and fourth authority are in long dashes: their colours are the first two's in grey.
    """
    styles = {name: {"color": colours[name], "linewidth": 2.6} for name in names}
    styles |= {name: {**styles[name], "linestyle": (0, (5, 1.5))} for name in names[2:]}
    for name, label in zip(names, groups, strict=False):
        styles[label] = {**GROUP_STYLE, "color": colours[name] if len(set(groups)) > 1 else GROUP_STYLE["color"]}
    return styles | {"England": ENGLAND_STYLE}


def latest_per_child(
    rows: pd.DataFrame,
    name: str,
    groups: Mapping[str, compare.Group | None],
    names: Mapping[str, str],
    line: str = "total",
) -> Sentence:
    """Say what an authority spent per child on a line in the newest year, against its group and England."""
    mine = rows[(rows["name"] == name) & (rows["line"] == line) & (rows["status"] == "value")]
    if mine.empty:
        return say("No plausible section 251 return of {name} is in the tables.", name=name)
    year = mine["year"].max()
    now = rows[(rows["year"] == year) & (rows["line"] == line)]
    own = [group_label(g, name, len(names)) for code, g in groups.items() if g and names[code] == name]
    others = [other for other in [*own, "England"] if (now["name"] == other).any()]
    against = [say("{amount} for {name}", amount=_per_child(now[now["name"] == n]), name=n) for n in others]
    return say(
        "{name} spent {amount} per child aged 0 to 17 on {line} in {year}{others}.",
        name=name,
        amount=_per_child(now[now["name"] == name]),
        line=LINE_NAMES[line].lower(),
        year=cell(now[now["name"] == name], "year", "spending", "newest year with a plausible return"),
        others=say(", against {others}", others=join(against)) if against else "",
    )


def _per_child(rows: pd.DataFrame) -> Number:
    value = float(rows["value"].iloc[0])
    return number(
        value,
        f"£{half_up(value):,}",
        "gross expenditure / children aged 0 to 17, section 251 outturn",
        rows,
        "spending",
    )


def change_since(rows: pd.DataFrame, name: str, price_year: str, line: str = "total") -> list[Sentence]:
    """Say how far spending per child on a line has risen or fallen from the first to the newest plausible year."""
    mine = rows[(rows["name"] == name) & (rows["line"] == line) & (rows["status"] == "value")].sort_values(
        "year", kind="stable"
    )
    if len(mine) < 2:
        return []
    first, last = mine.iloc[[0]], mine.iloc[[-1]]
    change = (last["value"].iloc[0] / first["value"].iloc[0] - 1) * 100
    word = "more" if change > 0 else "less"
    terms = "in cash" if price_year == "cash" else "after price changes"
    return [
        say(
            "In {year} {name} spent {change} per cent {word} per child than in {first}, {terms}.",
            terms=terms,
            year=cell(last, "year", "spending", "newest year"),
            name=name,
            word=word,
            change=number(
                abs(change),
                f"{half_up(abs(change))}",
                "newest year / first year - 1, real terms",
                pd.concat([first, last]),
                "spending",
            ),
            first=cell(first, "year", "spending", "first year"),
        )
    ]


def total_title(rows: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say what each of the chosen spent per child in the newest year that has a plausible return, as a title."""
    total = rows[
        (rows["line"] == "total") & (rows["status"] == "value") & rows["name"].isin([*names.values(), "England"])
    ]
    year = total.loc[total["name"].isin(names.values()), "year"].max()
    now = total[total["year"] == year]
    if now.empty:
        return say("No plausible return for all children's services")
    parts = [
        say("{name} {amount}", name=n, amount=_per_child(now[now["name"] == n]))
        for n in [*names.values(), "England"]
        if (now["name"] == n).any()
    ]
    return say(
        "Spent per child in {year}: {parts}", year=cell(now, "year", "spending", "newest year"), parts=join(parts)
    )


def implausible_sentences(spending: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say which amounts of the chosen authorities our rule marks as implausible, with the years around them."""
    gross = spending[(spending["collection"] == "section_251") & (spending["measure"] == "gross_expenditure")]
    said = []
    for row in gross[gross["area_code"].isin(names) & (gross["status"] == "implausible")].itertuples():
        line = gross[(gross["area_code"] == row.area_code) & (gross["line"] == row.line)].sort_values(
            "financial_year", kind="stable"
        )
        at = list(line["financial_year"]).index(row.financial_year)
        before, own, after = (line.iloc[[i]] for i in (at - 1, at, at + 1))
        said.append(
            say(
                "{name}'s section 251 return for {year} puts {line} at {amount}, between {before} and {after} in the "
                "years around it: marked as implausible by rule, drawn hollow and left out of every comparison.",
                name=names[row.area_code],
                year=cell(own, "financial_year", "spending", "year of the return"),
                line=LINE_NAMES[row.line].lower(),
                amount=budget_story.pounds(own, "cash, as published", table="spending"),
                before=budget_story.pounds(before, "cash, as published", table="spending"),
                after=budget_story.pounds(after, "cash, as published", table="spending"),
            )
        )
    return said or [say("No return of {who} is marked as implausible.", who=join(names.values()))]


def outturn_table(
    spending: pd.DataFrame, population: pd.DataFrame, names: Mapping[str, str], caption: Sentence
) -> Table | Paragraphs:
    """Show net current expenditure on children's social care from revenue outturn, in total and per child, cash."""
    net = spending[(spending["collection"] == "revenue_outturn") & (spending["measure"] == "net_current_expenditure")]
    net = net[(net["line"] == "total") & net["area_code"].isin(names)]
    if net.empty:
        return tell(say("No revenue outturn of {who} is in the tables.", who=join(names.values())))
    each = compare.per_child(net, population).set_index(["area_code", "financial_year"], drop=False)
    body = []
    for row in net.sort_values(["area_code", "financial_year"]).itertuples():
        own = net[(net["area_code"] == row.area_code) & (net["financial_year"] == row.financial_year)]
        known = (row.area_code, row.financial_year) in each.index
        one = each.loc[[(row.area_code, row.financial_year)]].reset_index(drop=True) if known else None
        missing = row.status.replace("_", " ")
        body.append(
            (
                names[row.area_code],
                cell(own, "financial_year", "spending", "financial year"),
                budget_story.pounds(own, "C7, net current expenditure, cash", table="spending")
                if pd.notna(row.amount_gbp)
                else missing,
                number(
                    one["amount_per_child"].iloc[0],
                    f"£{half_up(one['amount_per_child'].iloc[0]):,}",
                    "net current expenditure / children aged 0 to 17",
                    one,
                    "spending",
                )
                if known
                else missing,
                {True: "yes", False: "no"}.get(row.is_certified, "not stated"),
            )
        )
    return show_table(caption, ["Authority", "Year", "Net current expenditure", "Per child", "Return certified"], body)


def collections_differ(spending: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say by how much the two collections differ for each of the chosen in the newest year that both have plausibly."""
    said = []
    for code, name in names.items():
        mine = spending[
            (spending["area_code"] == code) & (spending["line"] == "total") & (spending["status"] == "value")
        ]
        gross = mine[(mine["collection"] == "section_251") & (mine["measure"] == "gross_expenditure")]
        net = mine[(mine["collection"] == "revenue_outturn") & (mine["measure"] == "net_current_expenditure")]
        years = set(gross["financial_year"]) & set(net["financial_year"])
        if years:
            one, other = (f[f["financial_year"] == max(years)] for f in (gross, net))
            said.append(
                say(
                    "For {year}, {name}'s section 251 return adds up to {gross} gross, its revenue outturn to {net} "
                    "net of income: the two draw the line around children's services in different places.",
                    name=name,
                    year=cell(one, "financial_year", "spending", "newest year that both collections have"),
                    gross=budget_story.pounds(one, "gross expenditure, section 251 outturn, cash", table="spending"),
                    net=budget_story.pounds(other, "net current expenditure, revenue outturn, cash", table="spending"),
                )
            )
    return said


def years_covered(rows: pd.DataFrame, table: str = "spending") -> Sentence:
    """Say which years a frame covers: "2016-17 to 2024-25"."""
    first, last = ordering.first(rows, "year"), ordering.last(rows, "year")
    return say(
        "{a} to {b}", a=cell(first, "year", table, "first year drawn"), b=cell(last, "year", table, "last year drawn")
    )
