"""How a series went: its highest and lowest, when it turned, which way it goes now, what it lacks, what moved most.

Goes in: tidy `observations` of every authority (places need them all) and `indicators`. Comes out: tidy frames in which
each row is an observation with its key and sources. Only published values count; a gap between them is passed over.

One rule for what is a movement and what is not: a change counts when it is at least a quarter of the distance between
the highest and the lowest value of the series (`SWING`), and at least two units of the last published decimal, one of
which rounding alone can make. It says nothing about chance: see `shares.of` for that. What moved or differs most is
measured by the distance between the upper and the lower quarter of all authorities, so that measures of any unit can be
compared; one small place does not pull it, as it would a standard deviation.
"""

__all__ = ["anchors", "apart", "changes", "direction", "gaps", "moved_most", "paths", "turning"]

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pandas as pd

from childrens_services.analysis import shares

SWING = 0.25
FEWEST = 50  # authorities, below which their spread is no scale
RECENT = 3  # years back to which the newest value is set, unless the series turned since
_SERIES = ["area_code", "indicator"]


def anchors(observations: pd.DataFrame, indicators: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """Return the points by which a series can be told, with each one's place among all authorities in that year.

    One row an area, indicator and `anchor`: the `first` published value, the highest (`peak`) and the lowest (`trough`;
    of equal ones the latest), the latest turning point (`turn`) and the value `three_years_ago`, each left out where
    there is none, and the `newest`. Each is an observation with the columns of `shares.places` and `shares.sides`; one
    year can stand as several anchors. Plans of two years or more in Nottingham: 2.1 per cent in 2013 (`first`), 9.1 in
    2022 (`peak`, `turn`, `three_years_ago`; joint highest of 107), 2.5 in 2025 (`newest`).
    """
    return _told(_anchored, 1, observations, indicators, codes, anchor="")


def _told(
    tell: Callable[[pd.DataFrame], pd.DataFrame],
    least: int,
    observations: pd.DataFrame,
    indicators: pd.DataFrame,
    codes: Collection[str],
    **none: Any,
) -> pd.DataFrame:
    """Return what `tell` makes of each series with so many published values or more, its rows oldest first.

    `none` has the columns that `tell` adds, as they are where there is no series.
    """
    asked = observations["area_code"].isin(list(codes))
    needed = observations[observations["indicator"].isin(observations.loc[asked, "indicator"].unique())]
    placed = shares.sides(shares.places(needed), indicators)
    mine = placed[placed["area_code"].isin(list(codes)) & placed["status"].eq("value")]
    every = mine.sort_values([*_SERIES, "period"]).groupby(_SERIES)
    parts = [tell(series) for _, series in every if len(series) >= least]
    return pd.concat(parts, ignore_index=True) if parts else placed.head(0).assign(**none)


def _anchored(series: pd.DataFrame) -> pd.DataFrame:
    values, years, last = list(series["value"]), list(series["period"]), len(series) - 1
    turned, ago = turning(values), years[last] - RECENT
    at = {
        "first": 0,
        "peak": last - values[::-1].index(max(values)),
        "trough": last - values[::-1].index(min(values)),
        "turn": turned[-1] if turned else None,
        "three_years_ago": years.index(ago) if ago in years else None,
        "newest": last,
    }
    known = {anchor: place for anchor, place in at.items() if place is not None}
    return series.iloc[list(known.values())].assign(anchor=list(known))


def turning(values: Sequence[float]) -> list[int]:
    """Return the places at which values turn: peaks and troughs, one after the other.

    A turning point is the highest or lowest value between two movements in opposite directions (of equal values the
    latest). The ends are none. `turning([2, 9, 3, 4, 2])` is [1].
    """
    least = _least(values)
    begun, way, high, low = [], 0, 0, 0  # where each movement begins, the first one's no turn
    for place, value in enumerate(values):
        high = place if value >= values[high] else high
        low = place if value <= values[low] else low
        if way >= 0 and _reaches(values[high] - value, least):
            begun.append(high)
            way, low = -1, place
        elif way <= 0 and _reaches(value - values[low], least):
            begun.append(low)
            way, high = 1, place
    return begun[1:]


def _least(values: Sequence[float]) -> float:
    """Return how large a change must be to count as a movement."""
    decimals = next((n for n in range(4) if all(round(value, n) == value for value in values)), 4)
    return max(SWING * (max(values) - min(values)), 2 * 10.0**-decimals)


def _reaches(change: float, least: float) -> bool:
    return change > 0 and round(change - least, 9) >= 0


def direction(observations: pd.DataFrame, indicators: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """Return which way each series goes now: the newest value against the one from which it is judged.

    One row a series of two values or more: the newest observation with its place, `since` and `before` (year and value
    of the latest turning point, or of the earliest of the three years before the newest, whichever is later), `change`,
    `way` (`rising`, `falling`, or `flat` where the change is too small to count) and `towards` (`better` or `worse`;
    missing where it is flat or neither way is better). Re-referrals in Nottingham are falling: 27.2 per cent in 2025,
    32.2 in 2024.
    """
    found = _told(_directed, 2, observations, indicators, codes, since=0, before=0.0, change=0.0, way="")
    return found.assign(towards=shares.towards(found["change"].mask(found["way"].eq("flat"), 0), found["direction"]))


def _directed(series: pd.DataFrame) -> pd.DataFrame:
    values, years = list(series["value"]), list(series["period"])
    recent = next(place for place, year in enumerate(years) if year >= years[-1] - RECENT)
    start = min(max([*turning(values)[-1:], recent]), len(values) - 2)
    change = round(values[-1] - values[start], 6)
    moved = _reaches(abs(change), _least(values))
    way = "flat" if not moved else "rising" if change > 0 else "falling"
    return series.tail(1).assign(since=years[start], before=values[start], change=change, way=way)


def paths(observations: pd.DataFrame, indicators: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """Return how each series came to where it is: from where, by way of its latest turning point, to its newest value.

    One row a series of two values or more: the observation at the latest turning point with its place and `shape`
    (`peak` or `trough`), `since` and `before` (year and value of the lowest value before a peak, the highest before a
    trough; of equal ones the latest), `change`, `way`, and `until` and `now`, the newest year and value. Of a series
    that never turned it is the row of `direction`, without a shape. Plans of two years or more in Nottingham: 2.1 per
    cent in 2013, a peak of 9.1 in 2022, 2.5 in 2025.
    """
    none = {"since": 0, "before": 0.0, "change": 0.0, "way": "", "until": 0, "now": 0.0, "shape": ""}
    return _told(_path, 2, observations, indicators, codes, **none)


def _path(series: pd.DataFrame) -> pd.DataFrame:
    values, years = list(series["value"]), list(series["period"])
    turned, newest = turning(values), {"until": years[-1], "now": values[-1]}
    if not turned:
        return _directed(series).assign(**newest, shape=None)
    at = turned[-1]
    shape, way, farthest = ("peak", "rising", min) if values[at] > values[-1] else ("trough", "falling", max)
    before = farthest(values[:at])
    start = at - 1 - values[:at][::-1].index(before)
    change = round(values[at] - before, 6)
    came = {"since": years[start], "before": before, "change": change, "way": way}
    return series.iloc[[at]].assign(**came, **newest, shape=shape)


def gaps(observations: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """Return which years of which series were not published, and why.

    One row an area, indicator and status: `first_year`, `last_year`, `years` in words ("2017 to 2019, 2022") and
    `source_id`. A year without a row is no gap: the publisher did not ask for it then.
    """
    lacking = observations[observations["area_code"].isin(list(codes)) & observations["status"].ne("value")]
    by = lacking.sort_values([*_SERIES, "status", "period"]).groupby([*_SERIES, "status"], as_index=False)
    return by.agg(
        first_year=("period", "min"),
        last_year=("period", "max"),
        years=("period", _runs),
        source_id=("source_id", shares.every_source),
    )


def _runs(years: pd.Series) -> str:
    """Write years, oldest first, as runs: 2017 to 2019, 2022."""
    years = years.astype(int)
    runs = [list(run) for _, run in years.groupby((years.diff() != 1).cumsum())]
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


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
