"""Cross-checks beside the contracts: what no single cell shows, and what nobody would notice in 400,000 values.

Goes in: the tidy tables, checked by `contracts`. Comes out: nothing, or one error with a line a fault: where, what was
found, what was expected, what to do. The limits were set where the published values of 2001 to 2026 leave a gap, so
that none of them needs an exception.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from childrens_services.normalise import stated
from childrens_services.tables import ENGLAND

_SHOWN = 5
FOLD = 300  # times the median of its own series; the farthest published value is 227 times off
RATE = 0.25  # of a published rate; the farthest is off by 0.23 of its own rounded numerator and denominator
_SMALL = 3.0  # rates below this are compared with it: a rate of 0.1 is rounded to a tenth of itself
POUNDS = 1500  # revenue outturn prints whole thousands
SUM = 0.06  # of a section 251 total; the farthest is off by 0.048 of its own lines
PRICES = (-0.05, 0.30)  # from year to year; 1975-76 rose by 0.24
CHILDREN = 0.6  # from year to year; the City of London, with under a thousand, once rose by half
_BELOW_ZERO = ("average score",)  # units of which a value can be negative
Tables = stated.Tables


def check_all(tables: Tables) -> None:
    """Raise ValueError, a line a fault, for tables that do not hold together."""
    checks: tuple[Callable[[Tables], Iterator[str]], ...] = (
        *stated.CHECKS,
        _prices,
        _population,
        _negative,
        _far_out,
        _rates,
        _areas_and_years,
        _outturn,
        _section_251,
    )
    lines = [line for check in checks for line in _first(list(check(tables)))]
    if lines:
        raise ValueError("\n".join(lines))


def _file(tables: Tables, source_id: str) -> str:
    """Name the file that a source was read from."""
    files = tables["sources"].set_index("source_id")["raw_file"].dropna()
    return str(files.get(source_id, f"the file of {source_id}"))


def _first(lines: list[str]) -> list[str]:
    more = f"{lines[_SHOWN].split(',')[0]}: and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return [*lines[:_SHOWN], *filter(None, [more])]


def _prices(tables: Tables) -> Iterator[str]:
    for series, rows in tables["prices"].groupby("series"):
        ordered = rows.sort_values("financial_year", kind="stable")
        years = ordered["financial_year"].str[:4].astype("int64")
        steps = ordered["price_index"].pct_change()
        for row in ordered[(years.diff() > 1) | ~(steps.isna() | steps.between(*PRICES))].itertuples():
            yield (
                f"prices {series}, {row.financial_year}: index {row.price_index} after a gap, or after a step that "
                f"no year had ({PRICES[0]:+.0%} to {PRICES[1]:+.0%}); get {_file(tables, row.source_id)} again"
            )


def _population(tables: Tables) -> Iterator[str]:
    rows = tables["population"].merge(tables["areas"][["area_code", "level"]], on="area_code")
    sums = rows.pivot_table(index="year", columns="level", values="children", aggfunc="sum")
    for year, row in sums[sums["country"] != sums["region"]].iterrows():
        yield (
            f"population {year}: the regions have {row['region']:,} children, England {row['country']:,}, expected the "
            f"same; look in {_file(tables, rows['source_id'].iloc[0])}, or get it again"
        )
    ordered = rows.sort_values(["area_code", "year"])
    steps = ordered["children"].astype("float64").groupby(ordered["area_code"]).pct_change()
    for row in ordered[steps.abs() > CHILDREN].itertuples():
        yield (
            f"population {row.area_code} {row.year}: {row.children:,} children, a step of over {CHILDREN:.0%}; "
            f"look in {_file(tables, row.source_id)}"
        )


def _valued(tables: Tables) -> pd.DataFrame:
    about = tables["indicators"][["indicator", "unit"]]
    return tables["observations"].dropna(subset="value").merge(about, on="indicator", validate="m:1")


def _negative(tables: Tables) -> Iterator[str]:
    rows = _valued(tables)
    for row in rows[(rows["value"] < 0) & ~rows["unit"].isin(_BELOW_ZERO)].itertuples():
        yield f"{_observation(row)}, expected 0 or more of {row.unit}; look in {_file(tables, row.source_id)}"


def _observation(row: Any) -> str:
    return f"observations {row.area_code} {row.indicator} {row.period}: value {row.value}"


def _far_out(tables: Tables) -> Iterator[str]:
    """Find values that are out by a factor of hundreds in their own series: an area's values of one indicator."""
    rows = _valued(tables)
    rows = rows[~rows["unit"].isin(_BELOW_ZERO)]
    series = rows.groupby(["area_code", "indicator"])["value"]
    middle = series.transform("median")
    far = (rows["value"] > FOLD * middle) | (rows["value"] * FOLD < middle)
    far &= (rows["value"] > 0) & (middle > 0) & (series.transform("size") > 2)
    for row in rows.assign(middle=middle)[far].itertuples():
        yield (
            f"{_observation(row)}, out by more than {FOLD} times from the median of its years ({row.middle:.6g}); look "
            f"in {_file(tables, row.source_id)}"
        )


def _rates(tables: Tables) -> Iterator[str]:
    """Set published rates beside their numerator and denominator, where both are published."""
    described = tables["indicators"].dropna(subset=["numerator", "denominator", "per"]).set_index("indicator")
    wanted = {*described.index, *described["numerator"], *described["denominator"]}
    values = tables["observations"][tables["observations"]["indicator"].isin(wanted)]
    wide = values.pivot_table(index=["area_code", "period"], columns="indicator", values="value")
    for rate, row in described.iterrows():
        if {rate, row["numerator"], row["denominator"]} <= set(wide):
            made = wide[row["numerator"]] / wide[row["denominator"]] * row["per"]
            off = (wide[rate] - made).abs() > RATE * wide[rate].clip(lower=_SMALL)
            for area, period in wide.index[off & wide[row["denominator"]].ne(0)]:
                yield (
                    f"observations {area} {rate} {period}: value {wide.at[(area, period), rate]}, but "
                    f"{row['numerator']} by {row['denominator']} gives {made[area, period]:.4g}; look in "
                    f"{_file(tables, row['source_id'])}: have columns been exchanged?"
                )


def _areas_and_years(tables: Tables) -> Iterator[str]:
    """Find indicators and populations without a row for an area that was there all year, and years left out."""
    areas = tables["areas"].set_index("area_code")
    population = tables["population"].assign(indicator="population").rename(columns={"year": "period"})
    rows = pd.concat([tables["observations"], population])[["area_code", "indicator", "period", "source_id"]]
    rows = rows[~rows["area_code"].isin(areas.index[areas["level"].eq("part_of_region")])]
    counts = rows.groupby(["source_id", "indicator", "period"]).size().rename("found").reset_index()
    for period, mine in counts.groupby("period"):
        there = set(areas.index[_all_year(areas, period)])
        short = mine[mine["found"] < len(there)]
        for row in short.itertuples():
            had = rows[(rows["indicator"] == row.indicator) & (rows["period"] == period)]["area_code"]
            if lost := sorted(there - set(had)):
                yield (
                    f"{row.indicator} {period}: no row for {', '.join(lost[:3])} ({len(lost)} of {len(there)} areas); "
                    f"get {_file(tables, row.source_id)} again"
                )
    years = rows.groupby("indicator").agg(
        first=("period", "min"), last=("period", "max"), found=("period", "nunique"), source_id=("source_id", "first")
    )
    for row in years[years["last"] - years["first"] + 1 != years["found"]].itertuples():
        yield (
            f"{row.Index}: {row.found} years from {row.first} to {row.last}, expected each; get "
            f"{_file(tables, row.source_id)} again"
        )


def _all_year(areas: pd.DataFrame, year: int) -> pd.Series:
    first, last = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    begun = areas["existed_from"].isna() | (areas["existed_from"] <= first)
    return begun & (areas["existed_to"].isna() | (areas["existed_to"] >= last)) & areas["level"].ne("part_of_region")


def _outturn(tables: Tables) -> Iterator[str]:
    """Add up the columns of revenue outturn, and find authorities without a row."""
    rows = tables["spending"].query("collection == 'revenue_outturn' and line != 'agency_staff'")
    wide = rows.pivot(index=["area_code", "financial_year", "line"], columns="measure", values="amount_gbp")
    sums = {
        "total_expenditure": wide["employees"] + wide["running_expenses"],
        "total_income": wide["sales_fees_charges"] + wide["other_income"],
        "net_current_expenditure": wide["total_expenditure"] - wide["total_income"],
    }
    files = rows.groupby("financial_year")["source_id"].first().map(lambda source_id: _file(tables, source_id))
    for measure, made in sums.items():
        for key in wide.index[(wide[measure] - made).abs() > POUNDS]:
            yield (
                f"spending {' '.join(key)} {measure}: {wide.at[key, measure]:,.0f}, but its parts give "
                f"{made[key]:,.0f}; get {files[key[1]]} again"
            )
    areas = tables["areas"][tables["areas"]["level"].eq("authority") | tables["areas"]["area_code"].eq(ENGLAND)]
    for year, mine in rows.groupby("financial_year"):
        there = areas.loc[_all_year(areas, int(year[:4]) + 1), "area_code"]
        if lost := sorted(set(there) - set(mine["area_code"])):
            yield f"spending {year}: no row for {', '.join(lost[:3])} ({len(lost)} areas); get {files[year]} again"


def _section_251(tables: Tables) -> Iterator[str]:
    """Set each total of section 251 beside the sum of its lines; leaving care is a part of children looked after."""
    rows = tables["spending"].query("collection == 'section_251'").dropna(subset="amount_gbp")
    for row in rows[rows["amount_gbp"] < 0].itertuples():
        yield (
            f"spending {row.area_code} {row.financial_year} {row.line} {row.measure}: {row.amount_gbp:,.0f}, expected "
            f"0 or more; look in {_file(tables, row.source_id)}"
        )
    gross = rows[rows["measure"].eq("gross_expenditure") & rows["line"].ne("leaving_care")]
    wide = gross.pivot(index=["area_code", "financial_year"], columns="line", values="amount_gbp").dropna(
        subset="total"
    )
    made = wide.drop(columns="total").sum(axis="columns")
    for key in wide.index[(wide["total"] - made).abs() > SUM * wide["total"]]:
        yield (
            f"spending {' '.join(key)} total: {wide.at[key, 'total']:,.0f}, but its lines give {made[key]:,.0f}; look "
            f"in {_file(tables, gross['source_id'].iloc[0])}"
        )
