"""Cross-checks beside the contracts: what no single cell shows, and what nobody would notice in 400,000 values.

A check yields wrong rows and words for them. Limits stand where the published values leave a gap, without exceptions.
"""

import pandas as pd

from childrens_services.normalise import stated
from childrens_services.normalise.refusals import Tables, Wrong, in_lines
from childrens_services.tables import ENGLAND

_SHOWN = 5
FOLD = 300  # times the median of its own series; the farthest published value is 227 times off
RATE = 0.25  # of a published rate; the farthest is off by 0.23 of its own rounded numerator and denominator
_SMALL = 3.0  # rates below this are compared with it: a rate of 0.1 is rounded to a tenth of itself
POUNDS = 1500  # revenue outturn prints whole thousands
SUM = 0.06  # of a section 251 total; the farthest is off by 0.048 of its own lines
PRICES = (-0.05, 0.30)  # from year to year; 1975-76 rose by 0.24
CHILDREN = 0.6  # from year to year; the City of London, with under a thousand, once rose by half
_BELOW_ZERO = "average score"  # the unit of which a value can be negative
_OBSERVATION = "observations {area_code} {indicator} {period}: value {value}"


def check_all(tables: Tables) -> None:
    """Raise ValueError, a line a fault, for tables that do not hold together."""
    published = (_prices, _population, _negative, _far_out, _rates, _areas_and_years, _outturn, _section_251)
    lines = [line for check in (*stated.CHECKS, *published) for line in _first(in_lines(check, tables))]
    if lines:
        raise ValueError("\n".join(lines))


def _first(lines: list[str]) -> list[str]:
    more = [f"{lines[_SHOWN].split(',')[0]}: and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return lines[:_SHOWN] + more


def _prices(tables: Tables) -> Wrong:
    ordered = tables["prices"].sort_values(["series", "financial_year"])
    years, series = ordered["financial_year"].str[:4].astype("int64"), ordered["series"]
    steps = ordered.groupby("series")["price_index"].pct_change()
    words = "prices {series}, {financial_year}: index {price_index} after a gap, or after a step that no year had "
    words += f"({PRICES[0]:+.0%} to {PRICES[1]:+.0%}); get {{file}} again"
    yield ordered[(years.groupby(series).diff() > 1) | ~(steps.isna() | steps.between(*PRICES))], words


def _population(tables: Tables) -> Wrong:
    rows = tables["population"].merge(tables["areas"][["area_code", "level"]], on="area_code")
    sums = rows.pivot_table(index="year", columns="level", values="children", aggfunc="sum").reset_index()
    words = "population {year}: the regions have {region:,} children, England {country:,}, expected the same; "
    apart = sums[sums["country"] != sums["region"]].assign(source_id=rows["source_id"].iloc[0])
    yield apart, words + "look in {file}, or get it again"
    ordered = rows.sort_values(["area_code", "year"])
    steps = ordered["children"].astype("float64").groupby(ordered["area_code"]).pct_change()
    words = f"population {{area_code}} {{year}}: {{children:,}} children, a step of over {CHILDREN:.0%}; "
    yield ordered[steps.abs() > CHILDREN], words + "look in {file}"


def _valued(tables: Tables) -> pd.DataFrame:
    about = tables["indicators"][["indicator", "unit"]]
    return tables["observations"].dropna(subset="value").merge(about, on="indicator", validate="m:1")


def _negative(tables: Tables) -> Wrong:
    """Find values that cannot be: below zero, or a column of counts in the place of a column of shares."""
    rows = _valued(tables)
    below = (rows["value"] < 0) & rows["unit"].ne(_BELOW_ZERO)
    yield rows[below], _OBSERVATION + ", expected 0 or more of {unit}; look in {file}"
    above = rows["unit"].str.startswith("per cent") & (rows["value"] > 100)
    yield rows[above], _OBSERVATION + ", expected 0 to 100, in {unit}; look in {file}"


def _far_out(tables: Tables) -> Wrong:
    """Find values that are out by a factor of hundreds in their own series: an area's values of one indicator."""
    rows = _valued(tables).query("unit != @_BELOW_ZERO")
    series = rows.groupby(["area_code", "indicator"])["value"]
    middle = series.transform("median")
    far = (rows["value"] > FOLD * middle) | (rows["value"] * FOLD < middle)
    far &= (rows["value"] > 0) & (middle > 0) & (series.transform("size") > 2)
    words = f", out by more than {FOLD} times from the median of its years ({{middle:.6g}}); look in {{file}}"
    yield rows.assign(middle=middle)[far], _OBSERVATION + words


def _rates(tables: Tables) -> Wrong:
    """Set published rates beside their numerator and denominator, where both are published."""
    described = tables["indicators"].dropna(subset=["numerator", "denominator", "per"])
    values = tables["observations"].dropna(subset="value")[["area_code", "period", "indicator", "value"]]
    rows = values.merge(described[["indicator", "numerator", "denominator", "per", "source_id"]], on="indicator")
    for part in ("numerator", "denominator"):
        theirs = values.rename(columns={"indicator": part, "value": f"{part}_value"})
        rows = rows.merge(theirs, on=["area_code", "period", part], how="left")
    rows["made"] = rows["numerator_value"] / rows["denominator_value"] * rows["per"]
    off = (rows["value"] - rows["made"]).abs() > RATE * rows["value"].clip(lower=_SMALL)
    words = ", but {numerator} by {denominator} gives {made:.4g}; look in {file}: have columns been exchanged?"
    yield rows[off & rows["denominator_value"].ne(0)], _OBSERVATION + words


def _areas_and_years(tables: Tables) -> Wrong:
    """Find indicators and populations without a row for an area that was there all year, and years left out."""
    areas = tables["areas"].query("level != 'part_of_region'")
    population = tables["population"].assign(indicator="population").rename(columns={"year": "period"})
    rows = pd.concat([tables["observations"], population])[["area_code", "indicator", "period", "source_id"]]
    rows = rows[rows["area_code"].isin(areas["area_code"])]
    files = rows.groupby(["indicator", "period", "source_id"], as_index=False).agg(found=("area_code", "size"))
    for period, mine in files.groupby("period"):
        there = set(_all_year(areas, period))
        for short in mine[mine["found"] < len(there)].to_dict("records"):
            had = rows[(rows["indicator"] == short["indicator"]) & (rows["period"] == period)]["area_code"]
            if lost := sorted(there - set(had)):
                row = short | {"areas": ", ".join(lost[:3]), "lost": len(lost), "there": len(there)}
                words = "{indicator} {period}: no row for {areas} ({lost} of {there} areas); get {file} again"
                yield pd.DataFrame([row]), words
    years = rows.groupby("indicator", as_index=False).agg(
        first=("period", "min"), last=("period", "max"), found=("period", "nunique"), source_id=("source_id", "first")
    )
    gaps = years[years["last"] - years["first"] + 1 != years["found"]]
    yield gaps, "{indicator}: {found} years from {first} to {last}, expected each; get {file} again"


def _all_year(areas: pd.DataFrame, year: int) -> pd.Series:
    begun = areas["existed_from"].isna() | (areas["existed_from"] <= pd.Timestamp(year, 1, 1))
    lasts = areas["existed_to"].isna() | (areas["existed_to"] >= pd.Timestamp(year, 12, 31))
    return areas.loc[begun & lasts, "area_code"]


def _outturn(tables: Tables) -> Wrong:
    """Add up the columns of revenue outturn, and find authorities without a row."""
    rows = tables["spending"].query("collection == 'revenue_outturn' and line != 'agency_staff'")
    wide = rows.pivot(index=["area_code", "financial_year", "line"], columns="measure", values="amount_gbp")
    sums = {
        "total_expenditure": wide["employees"] + wide["running_expenses"],
        "total_income": wide["sales_fees_charges"] + wide["other_income"],
        "net_current_expenditure": wide["total_expenditure"] - wide["total_income"],
    }
    files = rows.groupby("financial_year")["source_id"].first()
    words = "spending {area_code} {financial_year} {line} {measure}: {printed:,.0f}, but its parts give {made:,.0f}; "
    for measure, made in sums.items():
        both = pd.DataFrame({"printed": wide[measure], "made": made}).reset_index()
        wrong = both[(both["printed"] - both["made"]).abs() > POUNDS]
        wrong = wrong.assign(measure=measure, source_id=wrong["financial_year"].map(files))
        yield wrong, words + "get {file} again"
    areas = tables["areas"][tables["areas"]["level"].eq("authority") | tables["areas"]["area_code"].eq(ENGLAND)]
    for year, mine in rows.groupby("financial_year"):
        if lost := sorted(set(_all_year(areas, int(year[:4]) + 1)) - set(mine["area_code"])):
            row = {"year": year, "areas": ", ".join(lost[:3]), "lost": len(lost), "source_id": files[year]}
            yield pd.DataFrame([row]), "spending {year}: no row for {areas} ({lost} areas); get {file} again"


def _section_251(tables: Tables) -> Wrong:
    """Set each total of section 251 beside the sum of its lines; leaving care is a part of children looked after."""
    rows = tables["spending"].query("collection == 'section_251'").dropna(subset="amount_gbp")
    at = "spending {area_code} {financial_year} "
    words = "{line} {measure}: {amount_gbp:,.0f}, expected 0 or more; look in {file}"
    yield rows[rows["amount_gbp"] < 0], at + words
    gross = rows[rows["measure"].eq("gross_expenditure") & rows["line"].ne("leaving_care")]
    wide = gross.pivot(index=["area_code", "financial_year"], columns="line", values="amount_gbp")
    made = wide.drop(columns="total").sum(axis="columns")
    off = (wide["total"] - made).abs() > SUM * wide["total"]
    wrong = wide.assign(made=made, source_id=gross["source_id"].iloc[0])[off].reset_index()
    yield wrong, at + "total: {total:,.0f}, but its lines give {made:,.0f}; look in {file}"
