"""At how many measures an authority stands at the better and at the worse end, and what chance alone would give.

Goes in: tidy `observations` and `indicators`. Comes out: tidy frames. Only measures of which one way is better count,
in their newest year. Left out are values of zero that say how a council records and not how it does, and measures of
which more than a tenth of the values are withheld as small, because the low places are then missing.
"""

__all__ = ["at_ends", "zeros_by_practice"]

import math
from collections.abc import Collection

import pandas as pd

from childrens_services.analysis import shares

SHARE = 0.05  # of the authorities compared make an end; at least one: with fewer than forty, strictly the first
ZEROS_IN_A_ROW, FEWEST_ZEROS = 5, 3  # published values that must all be zero, or at least so many where there are fewer
COMMON = 0.1  # of authorities that publish zero, above which a zero sets nobody apart
WITHHELD = 0.1  # of a measure's values, above which a place says little


def at_ends(observations: pd.DataFrame, indicators: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """Return at which end of each measure an authority stands, if at either, among all authorities in the rows.

    One row an area and indicator, of the indicator's newest year: the observation, its place (`shares.places`),
    `at_end` (`better`, `worse`; missing in between), and `chance_better` and `chance_worse`: the shares of the
    authorities that stand at each end, which is how likely any one would stand there by lot: added up, they are what
    chance alone would give on average. Measures go together, so that a number far from it is no proof. An end is the
    first five per cent of places, at least one; a tie stands at an end only if all of it fits. Leave out small bases
    first: `shares.small_base`.
    """
    placed = shares.places(_comparable(observations, indicators))
    worst = placed["indicator"].map(indicators.set_index("indicator")["direction"]).map(shares.WORST)
    first, last = placed["from_highest"], placed["from_lowest"]
    size = (placed["of"].astype(float) * SHARE).map(math.floor, na_action="ignore").clip(lower=1)
    ends = {
        "worse": first.where(worst.eq("highest"), last) + placed["tied"] - 1 <= size,
        "better": last.where(worst.eq("highest"), first) + placed["tied"] - 1 <= size,
    }
    for end, there in ends.items():
        placed[f"chance_{end}"] = (there.groupby(placed["indicator"]).transform("sum") / placed["of"]).round(9)
    at_end = pd.Series("worse", placed.index, dtype="str").where(ends["worse"]).mask(ends["better"], "better")
    placed = placed.assign(at_end=at_end.where(~(ends["worse"] & ends["better"])))  # alone, or all alike: at no end
    return placed[placed["area_code"].isin(list(codes))].sort_values(["area_code", "indicator"], ignore_index=True)


def _comparable(observations: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return the published values of the newest year of each measure by which authorities may be compared."""
    directed = indicators.loc[indicators["direction"].isin(list(shares.WORST)), "indicator"]
    rows = observations[observations["indicator"].isin(directed)]
    rows = rows[rows["area_code"].str.fullmatch(shares.AUTHORITY)]
    practice = zeros_by_practice(rows)
    newest = rows[rows["status"] == "value"].groupby("indicator")["period"].max()
    now = rows["period"].eq(rows["indicator"].map(newest))
    patchy = rows[now].groupby("indicator")["status"].agg(_withheld) > WITHHELD
    return rows[now & rows["status"].eq("value") & ~practice & ~rows["indicator"].isin(patchy.index[patchy])]


def _withheld(statuses: pd.Series) -> float:
    """Return the share of values that were withheld as small among those that were published or withheld."""
    withheld, published = (statuses.eq(word).sum() for word in ("confidential", "value"))
    return withheld / max(withheld + published, 1)


def zeros_by_practice(observations: pd.DataFrame) -> pd.Series:
    """Return whether each row is a zero that says how an authority records, by rule.

    A zero is one where the authority's last five published values of the indicator up to then are all zero (at least
    three), or where more than a tenth of the authorities in the rows publish zero in that year. Nottinghamshire has
    published no referral without further action in any year since 2015, and neither have seventeen others in 2025.
    """
    rows = observations.reset_index(drop=True)
    known = rows[rows["status"] == "value"].sort_values(["area_code", "indicator", "period"])
    by = known["value"].abs().groupby([known["area_code"], known["indicator"]])
    most = by.rolling(ZEROS_IN_A_ROW, min_periods=FEWEST_ZEROS).max().reset_index(level=[0, 1], drop=True)
    zero = known["value"].eq(0)
    common = zero.groupby([known["indicator"], known["period"]]).transform("mean") > COMMON
    marked = (zero & (most.eq(0) | common)).reindex(rows.index, fill_value=False)
    return marked.set_axis(observations.index)
