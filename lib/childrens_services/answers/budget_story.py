"""Sentences and chart frames about sums that were stated: a budget before and after, headlines, one-off sums.

Goes in: tidy `budgets` and `statements`. Comes out: cited sentences, and the frames that `money_charts` draws. A sum is
as stated, in pounds of the day, and is never added to another.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from childrens_services.answers.narrative import Number, Sentence, cell, number, say
from childrens_services.money import english_money
from childrens_services.periods import read_edtf
from childrens_services.rounding import half_up

ONE_OFF = "one_off"


def pounds(
    rows: pd.DataFrame, how: str, value: float | None = None, table: str = "budgets", exact: bool = False
) -> Number:
    """Cite an amount in pounds: of a single row, or computed from several when `value` is given."""
    amount = float(rows["amount_gbp"].iloc[0]) if value is None else value
    return number(amount, english_money(amount, "exact" if exact else "short"), how, rows, table)


def budget_change(budgets: pd.DataFrame, code: str, service: str) -> pd.DataFrame | None:
    """Find a budget stated before and after a decision, with the exact rise; None where a part is not there."""
    mine = budgets[
        (budgets["la_code_ons"] == code) & (budgets["service"] == service) & budgets["rounds_fact_id"].isna()
    ]
    parts = [mine[mine["measure"] == m].head(1) for m in ("budget_before", "budget_after", "increase")]
    return pd.concat(parts, ignore_index=True) if all(len(part) for part in parts) else None


def budget_change_sentences(change: pd.DataFrame, statements: pd.DataFrame, name: str, service: str) -> list[Sentence]:
    """Say what the budget was, became, and what the rise comes to for each new post."""
    before, after, rise = (change.iloc[[i]].reset_index(drop=True) for i in range(3))
    share = (after["amount_gbp"].iloc[0] / before["amount_gbp"].iloc[0] - 1) * 100
    said = [
        say(
            "{name} raised the staffing budget of its {service} from {before} to {after}, "
            "by {rise} or {share} per cent.",
            name=name,
            service=service,
            before=pounds(before, "amount as stated", exact=True),
            after=pounds(after, "amount as stated", exact=True),
            rise=pounds(rise, "amount as stated", exact=True),
            share=number(
                share, f"{half_up(share, 1)}", "budget after / budget before - 1, as a percentage", change, "budgets"
            ),
        )
    ]
    posts = statements[statements["measure"] == f"new {service} social worker posts"]
    if len(posts) == 1:
        each = rise["amount_gbp"].iloc[0] / posts["value"].iloc[0]
        people = number(
            posts["value"].iloc[0], f"{half_up(posts['value'].iloc[0])}", "posts as stated", posts, "statements"
        )
        said.append(
            say(
                "It was to pay for {n} more social workers: {each} for each post.",
                n=people,
                each=pounds(rise, "rise in the budget / new posts", each, exact=True),
            )
        )
    return said


def headline_pairs(budgets: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Pair each rounded amount with the exact one in our tables; one row a pair of `label, headline_gbp, exact_gbp`."""
    mine = budgets[budgets["la_code_ons"].isin(list(codes))]
    pairs = mine[mine["rounds_fact_id"].notna()].merge(
        mine, left_on="rounds_fact_id", right_on="fact_id", suffixes=("", "_exact"), validate="m:1"
    )
    pairs = pairs.drop_duplicates(["amount_gbp", "rounds_fact_id"])
    return pairs.assign(
        label=pairs["what_exact"], headline_gbp=pairs["amount_gbp"], exact_gbp=pairs["amount_gbp_exact"]
    )


def headline_sentences(pairs: pd.DataFrame) -> list[Sentence]:
    """Say for each pair what the headline said, what the exact figure is, and how far apart they are."""
    said = []
    for i in range(len(pairs)):
        row = pairs.iloc[[i]].reset_index(drop=True)
        headline, exact = row["headline_gbp"].iloc[0], row["exact_gbp"].iloc[0]
        off = abs(headline / exact - 1) * 100
        said.append(
            say(
                "{label}: {headline} stated, {exact} exactly, {off} per cent {side}.",
                label=cell(row, "what_exact", "budgets", "what the sum is"),
                headline=cell(row, "amount_text", "budgets", "amount as stated"),
                exact=number(exact, english_money(exact, "exact"), "exact amount in our tables", row, "budgets"),
                off=number(off, f"{half_up(off, 1)}", "stated / exact - 1, as a percentage", row, "budgets"),
                side="below it" if headline < exact else "above it",
            )
        )
    return said


def one_off_sums(
    budgets: pd.DataFrame, names: Mapping[str, str], colours: Mapping[str, str], first_year: int
) -> pd.DataFrame:
    """Give the one-off sums stated for years from `first_year` on, no rounded doubles, no parts; one row a sum."""
    mine = budgets[budgets["la_code_ons"].isin(names) & (budgets["measure"] == ONE_OFF)]
    mine = mine[mine["rounds_fact_id"].isna() & mine["part_of_fact_id"].isna()]
    mine = mine[mine["period"].map(lambda period: read_edtf(period).earliest.year >= first_year).astype(bool)]
    place = mine["la_code_ons"].map(names)
    return mine.assign(name=place, label=mine["what"], colour=place.map(colours)).reset_index(drop=True)


def mash_in_short(budgets: pd.DataFrame, statements: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say what a decision on the front door cost, for each of the chosen that has one in the tables."""
    changes = [(name, budget_change(budgets, code, "MASH")) for code, name in names.items()]
    return [
        sentence
        for name, change in changes
        if change is not None
        for sentence in budget_change_sentences(change, statements, name, "MASH")
    ]
