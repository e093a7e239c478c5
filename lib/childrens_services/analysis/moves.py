"""What moved most and what differs most, on a scale on which measures of any unit can be compared.

Goes in: tidy `observations` of every authority and `indicators`. Comes out: tidy frames, largest first. The scale is
the spread of all authorities: the distance between the upper and the lower quarter of their changes, or values. It is
not pulled by one small place, as a standard deviation would be.
"""

__all__ = ["apart", "changes", "moved_most"]

from collections.abc import Collection

import pandas as pd

from childrens_services.analysis import shares

FEWEST = 50  # authorities, below which their spread is no scale
_SERIES = ["area_code", "indicator"]


def changes(observations: pd.DataFrame, years: int = 1) -> pd.DataFrame:
    """Return the change of each series over so many years; one row an area, indicator and year with both values.

    The columns of `observations` with `since`, `before` and `change`. Nottingham's turnover rate changed by 15.2
    percentage points from 2021 to 2022.
    """
    good = observations[observations["status"] == "value"]
    key = [*_SERIES, "period"]
    before = good[[*_SERIES, "value", "source_id"]].set_axis([*_SERIES, "before", "source_before"], axis="columns")
    before = before.assign(since=good["period"], period=good["period"] + years)
    both = good.merge(before, on=key, validate="1:1").sort_values(key, kind="stable", ignore_index=True)
    sources = shares.join_sources(both["source_id"], both.pop("source_before"))
    return both.assign(change=(both["value"] - both["before"]).round(6), source_id=sources)


def moved_most(
    observations: pd.DataFrame, indicators: pd.DataFrame, codes: Collection[str], years: int = 3
) -> pd.DataFrame:
    """Return the newest change of each series on a scale on which measures can be compared, largest first.

    One row an area and indicator: `changes` over so many years with `spread`, the distance between the quarters of all
    authorities' changes in the same years, `authorities` (how many that is of), `moved`, the change divided by it, and
    `towards` (`better`, `worse` or missing). A change of two spreads is one that few authorities had. Measures with
    fewer than fifty authorities or no spread are left out. Leave out small bases first: `shares.small_base`.
    """
    found = changes(observations, years)
    mine = found[found["area_code"].isin(list(codes))].drop_duplicates(_SERIES, keep="last")
    return _scaled(mine, found.assign(value=found["change"]), indicators, "change", "moved")


def apart(observations: pd.DataFrame, indicators: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Return how far two authorities lie apart on each indicator, on the same scale, furthest first.

    One row an indicator, of the newest year in which both have a published value: the observation of `one` with
    `other_area`, `other_value`, `difference`, `spread` (of all authorities' values in that year), `authorities`,
    `apart`, the difference divided by the spread, and `towards` (`better` where `one` stands at the better side).
    """
    good = observations[observations["status"] == "value"]
    mine, theirs = (good[good["area_code"] == code] for code in (one, other))
    theirs = theirs.rename(columns={"area_code": "other_area", "value": "other_value", "source_id": "source_other"})
    key = ["indicator", "period"]
    both = mine.merge(theirs[[*key, "other_area", "other_value", "source_other"]], on=key, validate="1:1")
    both = both.sort_values(["indicator", "period"]).drop_duplicates("indicator", keep="last")
    both = both.assign(
        difference=(both["value"] - both["other_value"]).round(6),
        source_id=shares.join_sources(both["source_id"], both.pop("source_other")),
    )
    return _scaled(both, good, indicators, "difference", "apart")


def _scaled(rows: pd.DataFrame, every: pd.DataFrame, indicators: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    """Divide a column by the spread of all authorities' values in the same year; drop rows without a scale."""
    of_all = every[every["area_code"].str.fullmatch(shares.AUTHORITY)].groupby(["indicator", "period"])["value"]
    spread = (of_all.quantile(0.75) - of_all.quantile(0.25)).round(6)
    scale = pd.DataFrame({"spread": spread, "authorities": of_all.size()}).reset_index()
    found = rows.merge(scale, on=["indicator", "period"], how="left", validate="m:1")
    found = found[found["authorities"].ge(FEWEST) & found["spread"].gt(0)]
    direction = found["indicator"].map(indicators.set_index("indicator")["direction"])
    found = found.assign(**{name: (found[column] / found["spread"]).round(6)})
    found = found.assign(towards=shares.towards(found[column], direction), size=found[name].abs())
    found = found.sort_values(["size", "area_code", "indicator"], ascending=[False, True, True], ignore_index=True)
    return found.drop(columns="size")
