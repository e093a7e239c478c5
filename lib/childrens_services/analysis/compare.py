"""Who is compared with whom, and in what terms: comparison groups, real terms, amounts per child, two collections.

Goes in: tidy tables. Comes out: tidy frames whose `source_id` names every source that went in, separated by spaces.
Collections are never spliced, and an implausible or missing value is never part of a group's figure.
"""

__all__ = [
    "COMPARATORS",
    "ChoiceError",
    "Group",
    "choose",
    "collections_ratio",
    "england_per_child",
    "find",
    "group",
    "group_median",
    "in_real_terms",
    "mark_implausible",
    "per_child",
    "price_year",
]

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from childrens_services.analysis import shares
from childrens_services.rounding import significant
from childrens_services.tables import ENGLAND
from childrens_services.vocabulary import did_you_mean

ENOUGH = 0.8  # of a group's members must have a published value before a median speaks for the group
MOST_MOVED = 0.1  # by which one collection may move against the other between two years; more is flagged
COMPARATORS = ("statistical neighbours", "region", "England", "none")
# Words of councils' styles that stand before or after the name and do not say which authority is meant.
_AFTER = re.compile(
    r"( (county|city|borough|metropolitan|unitary|district|royal|london|council|corporation|authority))+$"
)
_BEFORE = re.compile(r"^(the )?((london|royal|metropolitan)( \w+)? borough|city|county|council) of ")


class ChoiceError(ValueError):
    """A parameter asks for something that is not there; the message says what is."""


@dataclass(frozen=True)
class Group:
    """The authorities that one authority is compared with, and what the group is called."""

    name: str
    la_codes: tuple[str, ...]
    source_id: str


def choose(authorities: pd.DataFrame, names: Sequence[str], spellings: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the rows of one to four authorities in the order asked for, by name or code as `find` reads them.

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


def find(text: str, authorities: pd.DataFrame, spellings: pd.DataFrame | None = None) -> str:
    """Return the ONS code of the one authority that a name, code or spelling means, in any case of letters.

    Without `spellings` only names and codes in use are known. With it, `find("St Helens", ...)`,
    `find("nottingham city council", ...)`, a DfE code such as "383" and a former ONS code are found too. Raises
    ValueError with the nearest names.
    """
    codes = _codes_by_spelling(authorities, spellings)
    wanted = " ".join(str(text).split()).casefold()
    without_style = _AFTER.sub("", wanted)
    bare = _BEFORE.sub("", without_style)
    for spelling in (wanted, without_style, bare):
        if spelling in codes:
            return codes[spelling]
    raise ValueError(
        f"unknown authority {text!r}{did_you_mean(bare, authorities['name'], 3)}; give a name as in the table "
        "`authorities`, a spelling as in `spellings`, or an ONS or DfE code"
    )


def _codes_by_spelling(authorities: pd.DataFrame, spellings: pd.DataFrame | None) -> dict[str, str]:
    own = [
        authorities[["la_code_ons"]].assign(spelling=authorities[column])
        for column in ("la_code_ons", "la_code_dfe", "name")
        if column in authorities
    ]
    known = pd.concat([*own, spellings])
    known = known[known["la_code_ons"].isin(authorities["la_code_ons"])]  # those of the day that is asked about
    return dict(zip(known["spelling"].str.casefold(), known["la_code_ons"], strict=True))


def group(la_code_ons: str, comparators: str, authorities: pd.DataFrame, neighbours: pd.DataFrame) -> Group | None:
    """Return the comparison group of one authority, or None where there is none known.

    "statistical neighbours" are the ten of the newest model in `neighbours`; a model that does not hold the authority
    (it began later) gives None. Raises ChoiceError for an unknown word.
    """
    if comparators not in COMPARATORS:
        near = did_you_mean(comparators, COMPARATORS)
        raise ChoiceError(f"comparators: {comparators!r} is not one of {', '.join(COMPARATORS)}{near}")
    if comparators == "statistical neighbours":
        rows = neighbours[neighbours["la_code_ons"] == la_code_ons]
        rows = rows[rows["model"] == rows["model"].max()]
        name, codes = comparators, rows["neighbour_la_code_ons"]
    elif comparators == "region":
        mine = authorities[authorities["la_code_ons"] == la_code_ons].iloc[0]
        rows = authorities[
            (authorities["region_code"] == mine["region_code"]) & (authorities["la_code_ons"] != la_code_ons)
        ]
        name, codes = mine["region"], rows["la_code_ons"]
    else:
        return None
    return Group(name, tuple(codes), shares.every_source(rows["source_id"])) if len(codes) else None


def price_year(prices: pd.DataFrame, asked: str) -> str:
    """Return the financial year whose prices can be used: the one asked for, or the newest known before it.

    "cash" stays cash. Raises ChoiceError where no index is known so early.
    """
    if asked == "cash":
        return asked
    known = prices.loc[prices["series"] == "gdp_deflator", "financial_year"]
    known = known[known <= asked]
    if known.empty:
        raise ChoiceError(f"price_year: no price index for {asked} or before was public; use a later as_at, or 'cash'")
    return known.max()


def in_real_terms(amounts: pd.DataFrame, prices: pd.DataFrame, year: str) -> pd.DataFrame:
    """Return cash amounts in the prices of `year` by the GDP deflator: amount x index(year) / index(its own year).

    Adds the deflator's source to `source_id`. Rows of years without an index become empty. "cash" changes nothing.
    """
    if year == "cash":
        return amounts
    deflator = prices[prices["series"] == "gdp_deflator"].set_index("financial_year")
    index = amounts["financial_year"].map(deflator["price_index"]).astype(float)
    restated = significant(amounts["amount_gbp"] * deflator.loc[year, "price_index"] / index)
    sources = amounts["source_id"] + " " + deflator.loc[year, "source_id"]
    return amounts.assign(amount_gbp=restated, source_id=sources)


def per_child(spending: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Return amounts by children aged 0 to 17 in the middle of the financial year (its first calendar year).

    One row a row of `spending` with a published amount and population; adds `children` and `amount_per_child`, pounds.
    """
    spending = spending.assign(year=spending["financial_year"].str[:4].astype("Int64"))
    people = population[["area_code", "year", "children", "source_id"]].rename(columns={"source_id": "source_people"})
    joined = spending.merge(people, on=["area_code", "year"], how="inner", validate="m:1")
    joined = joined[joined["amount_gbp"].notna() & joined["children"].notna()]
    joined["amount_per_child"] = significant(joined["amount_gbp"] / joined["children"].astype(float))
    joined["source_id"] = joined["source_id"] + " " + joined.pop("source_people")
    return joined.reset_index(drop=True)


def group_median(
    rows: pd.DataFrame, members: Group, column: str = "value", ends: tuple[float, float] = (0, math.inf)
) -> pd.DataFrame:
    """Return the median of a group, for observations and amounts per child alike, or bounds where too few are known.

    One row an indicator and period (or year, collection, line and measure) that a member has a row of: `value` (named
    as `column`; missing where fewer than four fifths of the members have one), `low`, `high`, `authorities` (members
    with a published value), `of` (all members), and `area_code`, the group's name. `low` and `high` are the medians
    with every missing member at the lower and the upper of `ends`, between which a value must lie: (0, 100) for a
    percentage. Of Nottingham's ten neighbours eight have a share of plans of two years or more in 2021: 2.2 per cent,
    between 1.95 and 2.7 whatever the other two have.
    """
    keys = [key for key in shares.SERIES if key in rows]
    mine = rows[rows["area_code"].isin(members.la_codes)]
    known = mine[column].where(mine["status"].eq("value"))
    by = mine.assign(known=known).groupby(keys)
    found = by.agg(
        authorities=("known", "count"), source_id=("source_id", shares.every_source), published=("published", "max")
    )
    for name, missing in (("low", ends[0]), ("high", ends[1])):
        found[name] = by["known"].agg(_median_with, missing, len(members.la_codes)).round(6)
    enough = found["authorities"] >= math.ceil(ENOUGH * len(members.la_codes))
    found[column] = by["known"].median().round(6).where(enough)
    return found.reset_index().assign(
        of=len(members.la_codes),
        area_code=members.name,
        status=np.where(enough, "value", "not_available"),
        source_id=found["source_id"].to_numpy() + " " + members.source_id,
    )


def _median_with(known: pd.Series, missing: float, of: int) -> float:
    """Return the median of so many members, those without a value standing at one end; missing where it is endless."""
    middle = float(np.median([*known.dropna(), *[missing] * (of - known.count())]))
    return middle if math.isfinite(middle) else math.nan


def england_per_child(spending: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Return England's amount per child: of authorities with a plausible published return, and of their children.

    One row a year, collection, line and measure, with `authorities`. Summed here rather than taken from the published
    total, because the published total of some years leaves authorities out and the children of those must go too.
    """
    parts = per_child(spending[spending["area_code"].str.fullmatch(shares.AUTHORITY)], population)
    parts = parts[parts["status"] == "value"]
    keys = ["financial_year", "collection", "line", "measure"]
    found = parts.groupby(keys, as_index=False).agg(
        amount_gbp=("amount_gbp", "sum"),
        children=("children", "sum"),
        authorities=("area_code", "nunique"),
        source_id=("source_id", "first"),
        published=("published", "max"),
    )
    found["amount_gbp"] = found["amount_gbp"].round(2)  # to pence, whatever order the sum was made in
    found["amount_per_child"] = significant(found["amount_gbp"] / found["children"].astype(float))
    return found.assign(area_code=ENGLAND, status="value")


def collections_ratio(spending: pd.DataFrame) -> pd.DataFrame:
    """Return gross spending by section 251 over gross spending by revenue outturn RO3, for every authority and year.

    One row an authority and financial year with both totals: `gross_251`, `gross_ro3` (total expenditure before
    income, employees and running expenses; the headline of RO3 is net of income and not comparable), `ratio`, its place
    as `shares.places` gives it, `moved` (the ratio less that of the newest earlier year with two plausible returns,
    `since`) and `flagged`, where it moved by more than ten points. A return marked as implausible has a ratio, and
    neither a place nor a part in `moved`. Nottingham's ratio is 1.008 in 2022-23 and 0.845 in 2024-25, the 13th lowest
    of 148, and is flagged.
    """
    total = spending[spending["line"].eq("total") & spending["area_code"].str.fullmatch(shares.AUTHORITY)]
    key, kept = ["area_code", "financial_year"], ["amount_gbp", "status", "source_id", "published"]
    gross, outturn = (
        total.loc[total["collection"].eq(collection) & total["measure"].eq(measure), [*key, *kept]]
        for collection, measure in (("section_251", "gross_expenditure"), ("revenue_outturn", "total_expenditure"))
    )
    both = gross.merge(outturn, on=key, suffixes=("_251", "_ro3"), validate="1:1").sort_values(key, kind="stable")
    both = both[both["amount_gbp_251"].notna() & both["amount_gbp_ro3"].gt(0)].reset_index(drop=True)
    found = both[key].assign(
        gross_251=both["amount_gbp_251"],
        gross_ro3=both["amount_gbp_ro3"],
        line="total",
        ratio=(both["amount_gbp_251"] / both["amount_gbp_ro3"]).round(6),
        status=both["status_251"].where(both["status_251"].ne("value"), both["status_ro3"]),
        source_id=shares.join_sources(both["source_id_251"], both["source_id_ro3"]),
        published=both[["published_251", "published_ro3"]].max(axis="columns"),
    )
    before = found[found["status"] == "value"].groupby("area_code")[["ratio", "financial_year"]].shift(1)
    found = found.assign(moved=(found["ratio"] - before["ratio"]).round(6), since=before["financial_year"])
    return shares.places(found.assign(flagged=found["moved"].abs() > MOST_MOVED), "ratio")


def mark_implausible(spending: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Return the amounts with status `implausible` on those that the table `implausible` holds, as published.

    The marks are a table of their own because each has a day: nobody could find a year out before the next was public.
    """
    key = ["area_code", "financial_year", "line", "measure"]
    marked = pd.MultiIndex.from_frame(spending[key]).isin(pd.MultiIndex.from_frame(marks[key]))
    found = marked & spending["collection"].eq("section_251")
    return spending.assign(status=spending["status"].mask(found, "implausible"))
