"""Against whom, and in what terms: comparison groups, real terms, amounts per child.

Goes in: tidy tables. Comes out: tidy frames whose `source_id` names every source that went in, separated by spaces.
Collections are never spliced, and an implausible or missing value is never part of a group's figure.
"""

__all__ = [
    "COMPARATORS",
    "ChoiceError",
    "Group",
    "asked",
    "choose",
    "england_per_child",
    "group",
    "group_per_child",
    "in_real_terms",
    "mark_implausible",
    "per_child",
    "price_year",
]

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from childrens_services.analysis.authorities import find
from childrens_services.tables import ENGLAND
from childrens_services.vocabulary import did_you_mean

COMPARATORS = ("statistical neighbours", "region", "England", "none")


class ChoiceError(ValueError):
    """A parameter asks for something that is not there; the message says what is."""


@dataclass(frozen=True)
class Group:
    """The authorities that one authority is compared with, and what the group is called."""

    name: str
    la_codes: tuple[str, ...]
    source_id: str


def choose(authorities: pd.DataFrame, names: Sequence[str], spellings: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the rows of one to four authorities in the order asked for, by name or code as in `authorities.find`.

    Raises ChoiceError for too many or too few, and for a name that nobody knows, with the nearest ones.
    """
    if not 1 <= len(names) <= 4:
        raise ChoiceError(f"authorities: {len(names)} given; give one to four names or ONS codes")
    try:
        codes = [find(str(name), authorities, spellings) for name in names]
    except ValueError as error:
        raise ChoiceError(f"authorities: {error}") from None
    if len(set(codes)) < len(codes):
        raise ChoiceError(f"authorities: {', '.join(map(str, names))}: the same authority stands twice")
    return authorities.set_index("la_code_ons", drop=False).loc[codes].reset_index(drop=True)


def group(la_code_ons: str, comparators: str, authorities: pd.DataFrame, neighbours: pd.DataFrame) -> Group | None:
    """Give the comparison group of one authority, or None where there is none known.

    "statistical neighbours" are the ten of the newest model in `neighbours`; a model that does not hold the authority
    (it began later) gives None. Raises ChoiceError for an unknown word.
    """
    if comparators not in COMPARATORS:
        near = did_you_mean(comparators, COMPARATORS)
        raise ChoiceError(f"comparators: {comparators!r} is not one of {', '.join(COMPARATORS)}{near}")
    mine = authorities[authorities["la_code_ons"] == la_code_ons].iloc[0]
    if comparators == "statistical neighbours":
        rows = neighbours[neighbours["la_code_ons"] == la_code_ons]
        rows = rows[rows["model"] == rows["model"].max()]
        codes, name = rows["neighbour_la_code_ons"], "statistical neighbours"
        source = " ".join(sorted(set(rows["source_id"])))
    elif comparators == "region":
        rows = authorities[(authorities["region_code"] == mine["region_code"])]
        codes, name, source = rows["la_code_ons"], mine["region"], " ".join(sorted(set(rows["source_id"])))
        codes = codes[codes != la_code_ons]
    else:
        return None
    return Group(name, tuple(codes), source) if len(codes) else None


def asked(rows: pd.DataFrame, comparators: str, la_codes: Collection[str]) -> pd.DataFrame:
    """Keep only the rows of the chosen where the reader wants no comparison ("none"); all rows otherwise.

    By `area_code`, or by `la_code_ons` where there is none: `asked(observations, "none", ["E06000018"])` holds neither
    England nor any other authority.
    """
    if comparators != "none":
        return rows
    codes = rows["area_code"] if "area_code" in rows else rows["la_code_ons"]
    return rows[codes.isin(list(la_codes))].reset_index(drop=True)


def price_year(prices: pd.DataFrame, asked: str) -> str:
    """Give the financial year whose prices can be used: the one asked for, or the newest known before it.

    "cash" stays cash. Raises ChoiceError where no index is known so early.
    """
    if asked == "cash":
        return asked
    known = prices.loc[prices["series"] == "gdp_deflator", "financial_year"]
    known = known[known <= asked]
    if known.empty:
        raise ChoiceError(f"price_year: no price index for {asked} or before was public; use a later as_at, or 'cash'")
    return known.max()


def in_real_terms(amounts: pd.DataFrame, prices: pd.DataFrame, year: str, column: str = "amount_gbp") -> pd.DataFrame:
    """Restate cash amounts in the prices of `year` by the GDP deflator, amount x index(year) / index(its own year).

    Adds the deflator's source to `source_id`. Rows of years without an index become empty. "cash" changes nothing.
    """
    if year == "cash":
        return amounts
    deflator = prices[prices["series"] == "gdp_deflator"].set_index("financial_year")
    index = amounts["financial_year"].map(deflator["price_index"]).astype(float)
    restated = amounts[column] * deflator.loc[year, "price_index"] / index
    sources = amounts["source_id"] + " " + deflator.loc[year, "source_id"]
    return amounts.assign(**{column: restated, "source_id": sources})


def per_child(spending: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Divide amounts by children aged 0 to 17 in the middle of the financial year (its first calendar year).

    One row a row of `spending` with a published amount and population; adds `children` and `amount_per_child`, pounds.
    """
    spending = spending.assign(year=spending["financial_year"].str[:4].astype("Int64"))
    people = population[["area_code", "year", "children", "source_id"]].rename(columns={"source_id": "source_people"})
    joined = spending.merge(people, on=["area_code", "year"], how="inner", validate="m:1")
    joined = joined[joined["amount_gbp"].notna() & joined["children"].notna()]
    joined["amount_per_child"] = joined["amount_gbp"] / joined["children"].astype(float)
    joined["source_id"] = joined["source_id"] + " " + joined.pop("source_people")
    return joined.reset_index(drop=True)


def group_per_child(per_child_rows: pd.DataFrame, members: Group) -> pd.DataFrame:
    """Give the group's median amount per child for each year, line and measure, over plausible published returns.

    One row a year, collection, line and measure: `amount_per_child`, `authorities` (how many went in). The median,
    because one wrong return among ten would move a mean.
    """
    rows = per_child_rows[per_child_rows["area_code"].isin(members.la_codes) & (per_child_rows["status"] == "value")]
    keys = ["financial_year", "collection", "line", "measure"]
    found = rows.groupby(keys, as_index=False).agg(
        amount_per_child=("amount_per_child", "median"), authorities=("area_code", "nunique"),
        source_id=("source_id", "first"), published=("published", "max"),
    )  # fmt: skip
    found["source_id"] = found["source_id"] + " " + members.source_id
    return found.assign(area_code=members.name, status="value")


def england_per_child(spending: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Give England's amount per child, like with like: authorities with a plausible published return, their children.

    One row a year, collection, line and measure, with `authorities`. Summed here rather than taken from the published
    total, because the published total of some years leaves authorities out and the children of those must go too.
    """
    parts = per_child(spending[spending["area_code"].str.match(r"E(?:06|08|09|10)")], population)
    parts = parts[parts["status"] == "value"]
    keys = ["financial_year", "collection", "line", "measure"]
    found = parts.groupby(keys, as_index=False).agg(
        amount_gbp=("amount_gbp", "sum"), children=("children", "sum"), authorities=("area_code", "nunique"),
        source_id=("source_id", "first"), published=("published", "max"),
    )  # fmt: skip
    found["amount_per_child"] = found["amount_gbp"] / found["children"].astype(float)
    return found.assign(area_code=ENGLAND, status="value")


def mark_implausible(spending: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Set status `implausible` on the amounts that the table `implausible` holds; the amounts stay as published.

    The marks are a table of their own because each has a day: nobody could find a year out before the next was public.
    """
    key = ["area_code", "financial_year", "line", "measure"]
    marked = pd.MultiIndex.from_frame(spending[key]).isin(pd.MultiIndex.from_frame(marks[key]))
    found = marked & spending["collection"].eq("section_251")
    return spending.assign(status=spending["status"].mask(found, "implausible"))
