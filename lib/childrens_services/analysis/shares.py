"""How far a count can swing by chance, whether its base is too small to say anything, and where a value stands.

Goes in: tidy `observations` and `indicators`. Comes out: the same rows with intervals, bases and places. A published
count is complete, so an interval here does not say how well it was counted: it says how far chance alone could move the
share in a place of that size.
"""

__all__ = [
    "beside",
    "every_source",
    "join_sources",
    "of",
    "places",
    "sides",
    "small_base",
    "towards",
    "wilson_ends",
]

from collections.abc import Collection, Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

AUTHORITY = r"E(?:06|07|08|09|10)\d{6}"  # the codes of authorities, without regions and England
SERIES = ("indicator", "period", "financial_year", "collection", "line", "measure")  # what ranked values must share
WORST = {"lower_is_better": "highest", "higher_is_better": "lowest"}  # the worse end by direction
LEAST_BASE = 10  # below it one person more or less moves a percentage by more than ten points
FEW_CHILDREN = 1000  # true of the Isles of Scilly and the City of London; all others have about 8,000 or more
# What a rate is of where the publisher names no denominator: these added up.
BASES = {
    "agency_rate_fte": ("social_workers_fte", "agency_workers_fte"),
    "agency_rate_headcount": ("social_workers_headcount", "agency_workers_headcount"),
    "vacancy_rate_fte": ("social_workers_fte", "vacancies_fte"),
    "absence_rate_fte": ("social_workers_fte",),
    "starters_rate": ("social_workers_fte",),
    "lait_work_force_agecy_rate": ("social_workers_fte", "agency_workers_fte"),
    "lait_work_force_vac_rate": ("social_workers_fte", "vacancies_fte"),
    "lait_work_force_to_rate": ("social_workers_fte",),
    "lait_work_force_swabsence": ("social_workers_fte",),
}
_KEY = ["area_code", "indicator", "period"]


def of(observations: pd.DataFrame, indicators: pd.DataFrame, asked: Collection[str]) -> pd.DataFrame:
    """Return published shares and rates with the counts they are made of and their Wilson intervals at 95 per cent.

    One row an observation of the indicators asked for that have a numerator and a denominator, with `count`, `base`
    (what it is of), `per`, `share` (the value unrounded), `low` and `high`, in the indicator's own unit. An interval is
    missing where a count was not published or is no count of people: full-time equivalents have none. In 2025
    Nottingham had 9 plans of two years or more out of 367: `value` 2.5, `low` 1.3, `high` 4.6.
    """
    made = indicators[indicators["numerator"].notna() & indicators["denominator"].notna()].set_index("indicator")
    rows = observations[observations["indicator"].isin(set(asked) & set(made.index))]
    rows = _with_part(rows, observations, made["numerator"], "count")
    rows = _with_part(rows, observations, made["denominator"], "base")
    per = rows["indicator"].map(made["per"]).astype(float)
    low, high = wilson_ends(rows["count"], rows["base"])
    share = (rows["count"] / rows["base"] * per).round(6)
    return rows.assign(per=per, share=share, low=(low * per).round(6), high=(high * per).round(6))


def _with_part(rows: pd.DataFrame, observations: pd.DataFrame, parts: pd.Series, column: str) -> pd.DataFrame:
    """Return rows with the value of another indicator of the area and period: a numerator or a denominator."""
    values = observations[[*_KEY, "value"]].set_axis(["area_code", "part", "period", column], axis=1)
    joined = rows.assign(part=rows["indicator"].map(parts))
    return joined.merge(values, on=["area_code", "part", "period"], how="left", validate="m:1").drop(columns="part")


def wilson_ends(count: pd.Series, of: pd.Series, confidence: float = 0.95) -> tuple[pd.Series, pd.Series]:
    """Return both ends of the Wilson score interval of many shares, as fractions of one.

    It keeps inside 0 and 1 and holds its coverage where counts are small: E. B. Wilson, Journal of the American
    Statistical Association 22 (1927), without continuity correction. Missing where a count is not a whole number from 0
    to what it is of. `wilson_ends(pd.Series([9]), pd.Series([367]))` is 0.013 and 0.046.
    """
    fit = (of >= 1) & (count >= 0) & (count <= of) & (count % 1 == 0) & (of % 1 == 0)
    count, of = count.where(fit).astype(float), of.where(fit).astype(float)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (count + z * z / 2) / (of + z * z)
    half = z / (of + z * z) * np.sqrt(count * (of - count) / of + z * z / 4)
    return (middle - half).clip(0, 1).round(9), (middle + half).clip(0, 1).round(9)


def beside(rows: pd.DataFrame, others: pd.DataFrame, on: Sequence[str], name: str) -> pd.DataFrame:
    """Return shares with another one beside each, and whether a difference may be claimed.

    Adds `{name}` (the other value), `{name}_low`, `{name}_high` and `against_{name}`: `higher`, `lower`, or `about the
    same` where the intervals overlap; missing where one has no interval. Both frames are of `of`; `others` has one row
    for each value of `on`. `beside(rows, rows[rows["area_code"] == ENGLAND], ["indicator", "period"], "england")`.
    """
    new = {"value": name, "low": f"{name}_low", "high": f"{name}_high", "source_id": "source_other"}
    both = rows.merge(others[[*on, *new]].rename(columns=new), on=list(on), how="left", validate="m:1")
    words = pd.Series("about the same", index=both.index, dtype="str")
    words = words.mask(both["low"] > both[f"{name}_high"], "higher").mask(both["high"] < both[f"{name}_low"], "lower")
    known = both[["low", f"{name}_low"]].notna().all(axis=1)
    sources = join_sources(both["source_id"], both.pop("source_other"))
    return both.assign(**{f"against_{name}": words.where(known), "source_id": sources})


def join_sources(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return the sources of both, each once; a missing one adds nothing."""
    return one + other.where(other.ne(one)).radd(" ").fillna("")


def every_source(ids: pd.Series) -> str:
    """Return the source ids of all rows in one cell, sorted, each once: for `groupby(...).agg`."""
    return " ".join(sorted({one for cell in ids.unique() for one in cell.split()}))


def small_base(rows: pd.DataFrame, observations: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their `base`, what the value is a share of, and `small_base` where it is too small.

    Where it is, no percentage, rate, rank or headline may be made of the value, only its counts said. The base is the
    published denominator, or what `BASES` adds up; of a count that others are made of it is the count itself. It is
    too small below ten, or below a tenth of what the rate is per: a thousand children for a rate per 10,000. Where no
    base is known, authorities with fewer than a thousand children are marked. The agency rate of the Isles of Scilly,
    100 per cent in 2025, is of two people. `observations` must hold the denominators.
    """
    info = indicators.set_index("indicator")
    parts = _bases(info)
    values = observations[[*_KEY, "value"]].set_axis(["area_code", "part", "period", "base"], axis=1)
    asked = rows[_KEY].drop_duplicates().merge(parts, on="indicator")
    summed = asked.merge(values, on=["area_code", "part", "period"], how="left").groupby(_KEY)["base"]
    bases = summed.sum().where(summed.count() == summed.size()).reset_index()
    based = rows.drop(columns="base", errors="ignore").merge(bases, on=_KEY, how="left", validate="m:1")
    least = (based["indicator"].map(info["per"]).astype(float).fillna(100) / 10).clip(lower=LEAST_BASE)
    few = based["base"].isna() & based["area_code"].isin(_few_children(observations))
    return based.assign(small_base=(based["base"] < least) | few)


def _bases(info: pd.DataFrame) -> pd.DataFrame:
    """Return what each indicator is a share of: `indicator, part`, one row a part."""
    denominators = info["denominator"].dropna()
    counts = {*info["numerator"].dropna(), *denominators, *(part for parts in BASES.values() for part in parts)}
    named = {**{i: (i,) for i in sorted(counts)}, **BASES, **{i: (d,) for i, d in denominators.items()}}
    return pd.DataFrame([(i, part) for i, parts in named.items() for part in parts], columns=["indicator", "part"])


def _few_children(observations: pd.DataFrame) -> set[str]:
    """Return the authorities that had fewer than a thousand children when they were last counted."""
    people = observations[observations["indicator"].eq("children_population") & observations["value"].notna()]
    newest = people.sort_values(["area_code", "period"]).drop_duplicates("area_code", keep="last")
    return set(newest.loc[newest["value"] < FEW_CHILDREN, "area_code"])


def places(rows: pd.DataFrame, column: str = "value") -> pd.DataFrame:
    """Return the rows with each value's place among all authorities with a published value of the same kind and period.

    Adds `rank` (from the nearer end; ties share the better place), `end` (`highest` or `lowest`), `of` (how many have
    a value), `tied` (how many have this one, itself included), `from_highest` and `from_lowest`. All are missing for
    regions, England and values that were not published. Needs every authority's rows. In 2022 Nottingham's share of
    plans of two years or more had `rank` 1, `end` highest, `of` 107, `tied` 2.
    """
    ranked = rows[column].where(rows["area_code"].str.fullmatch(AUTHORITY) & rows["status"].eq("value"))
    by = ranked.groupby([rows[key] for key in SERIES if key in rows])
    high, low = (by.rank(method="min", ascending=way).astype("Int64") for way in (False, True))
    known = by.transform("count").astype("Int64").where(ranked.notna())
    return rows.assign(
        rank=high.where(high <= low, low),
        end=pd.Series("highest", rows.index, dtype="str").mask(high > low, "lowest").where(ranked.notna()),
        of=known,
        tied=known + 2 - high - low,
        from_highest=high,
        from_lowest=low,
    )


def sides(placed: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `places` with the `direction` of their indicator and the `side` of their nearer end.

    `side` is `worse` or `better`, and missing for an indicator of which neither way is better and where there is no
    place. The highest share of plans of two years or more is at the worse end.
    """
    direction = placed["indicator"].map(indicators.set_index("indicator")["direction"])
    worst = direction.map(WORST)
    side = pd.Series("better", placed.index, dtype="str").mask(placed["end"].eq(worst), "worse")
    return placed.assign(direction=direction, side=side.where(placed["end"].notna() & worst.notna()))


def towards(change: pd.Series, direction: pd.Series) -> pd.Series:
    """Return whether a change is for the `better` or the `worse`; missing where nothing moved or neither way is."""
    good = direction.map({"higher_is_better": 1.0, "lower_is_better": -1.0}).astype(float) * change
    found = pd.Series("better", change.index, dtype="str").mask(good < 0, "worse")
    return found.where(good.notna() & good.ne(0))
