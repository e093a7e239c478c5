"""Cross-checks beside the contracts: each finds the one thing that is wrong, and names its file and row."""

import re

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.normalise import checks, stated

CITY, COUNTY, REGION = "E06000018", "E10000024", "E12000004"
LEVELS = {CITY: "authority", COUNTY: "authority", REGION: "region", tables.ENGLAND: "country"}
AREAS = pd.DataFrame(
    {"area_code": LEVELS.keys(), "level": LEVELS.values(), "existed_from": pd.NaT, "existed_to": pd.NaT}
)
SOURCES = pd.DataFrame({"source_id": ["file"], "raw_file": ["ees/file.csv"], "published": [pd.Timestamp("2025-10-31")]})
INDICATORS = pd.DataFrame(
    [
        ("cases", "cases", None, None, None),
        ("workers", "workers", None, None, None),
        ("caseload", "cases", "cases", "workers", 1.0),
        ("progress", "average score", None, None, None),
    ],
    columns=["indicator", "unit", "numerator", "denominator", "per"],
).assign(source_id="file")
YEARS = (2021, 2022, 2023, 2024)


def values() -> pd.DataFrame:
    figures = {"cases": 200.0, "workers": 10.0, "caseload": 20.0, "progress": -1.5}
    rows = [(area, name, year, value) for area in LEVELS for name, value in figures.items() for year in YEARS]
    return pd.DataFrame(rows, columns=["area_code", "indicator", "period", "value"]).assign(source_id="file")


def spending(**lines: float) -> pd.DataFrame:
    amounts = {"employees": 5.0, "running_expenses": 3.0, "total_expenditure": 8.0}
    amounts |= {"sales_fees_charges": 1.0, "other_income": 1.0, "total_income": 2.0, "net_current_expenditure": 6.0}
    rows = [(area, name, value * 1e6) for area in (CITY, COUNTY, tables.ENGLAND) for name, value in amounts.items()]
    frame = pd.DataFrame(rows, columns=["area_code", "measure", "amount_gbp"])
    outturn = frame.assign(financial_year="2023-24", collection="revenue_outturn", line="total", source_id="file")
    return pd.concat([outturn, section_251(**lines)], ignore_index=True)


def section_251(safeguarding: float = 40e6, total: float = 100e6) -> pd.DataFrame:
    lines = {"children_looked_after": 60e6, "leaving_care": 5e6, "safeguarding": safeguarding, "total": total}
    frame = pd.DataFrame(lines.items(), columns=["line", "amount_gbp"]).assign(area_code=CITY, financial_year="2023-24")
    return frame.assign(collection="section_251", measure="gross_expenditure", source_id="file")


def tidy(**changed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    children = dict(zip(LEVELS, (60, 160, 1000, 1000), strict=True))
    people = [(area, year, count) for area, count in children.items() for year in YEARS]
    prices = pd.DataFrame([("cpi", f"{year}-{year - 1999}", 100.0 + year - 2021) for year in YEARS])
    return {
        "areas": AREAS,
        "sources": SOURCES,
        "indicators": INDICATORS,
        "observations": values(),
        "population": pd.DataFrame(people, columns=["area_code", "year", "children"]).assign(source_id="file"),
        "prices": prices.set_axis(["series", "financial_year", "price_index"], axis=1).assign(source_id="file"),
        "spending": spending(),
    } | changed


PUBLISHED = [
    checks._prices,
    checks._population,
    checks._negative,
    checks._far_out,
    checks._rates,
    checks._areas_and_years,
    checks._outturn,
    checks._section_251,
]


def found(given: dict[str, pd.DataFrame]) -> list[str]:
    return [line for check in PUBLISHED for line in check(given)]


def one_value(indicator: str, change: float) -> pd.DataFrame:
    rows = values()
    mine = (rows["area_code"] == CITY) & (rows["indicator"] == indicator) & (rows["period"] == 2022)
    return rows.assign(value=rows["value"].mask(mine, rows["value"] * change))


def test_tables_that_hold_together_pass():
    assert found(tidy()) == []


PRICES, PEOPLE, VALUES, MONEY = (tidy()[name] for name in ("prices", "population", "observations", "spending"))


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [
        ("prices", PRICES.drop(1), r"prices cpi, 2023-24: index 102.0 after a gap, or .*; get ees/file.csv again"),
        ("prices", PRICES.assign(price_index=[100, 1010, 102, 103]), "prices cpi, 2022-23: index 1010 after a gap, or"),
        (
            "population",
            PEOPLE.assign(children=PEOPLE["children"].mask(PEOPLE.index == 8, 900)),
            "population 2021: the regions have 900 children, England 1,000, expected the same",
        ),
        (
            "population",
            PEOPLE.drop(1),
            r"population 2022: no row for E06000018 \(1 of 4 areas\); get ees/file.csv again",
        ),
        (
            "population",
            PEOPLE.assign(children=PEOPLE["children"].mask(PEOPLE.index == 1, 600)),
            "population E06000018 2022: 600 children, a step of over 60%; look in ees/file.csv",
        ),
        (
            "observations",
            one_value("cases", -1),
            "observations E06000018 cases 2022: value -200.0, expected 0 or more of",
        ),
        (
            "observations",
            one_value("workers", 1000),
            r"observations E06000018 workers 2022: value 10000.0, out by more than 300 times from the median of its "
            r"years \(10\); look in ees/file.csv",
        ),
        (
            "observations",
            one_value("cases", 2),
            "observations E06000018 caseload 2022: value 20.0, but cases by workers gives 40; look in ees/file.csv: ",
        ),
        (
            "observations",
            VALUES.query("period != 2022"),
            "caseload: 3 years from 2021 to 2024, expected each; get ees/",
        ),
        ("observations", VALUES.drop(0), r"cases 2021: no row for E06000018 \(1 of 4 areas\); get ees/file.csv again"),
        (
            "spending",
            MONEY.assign(amount_gbp=MONEY["amount_gbp"].mask(MONEY.index == 0, 5e9)),
            "spending E06000018 2023-24 total total_expenditure: 8,000,000, but its parts give 5,003,000,000; get ees/",
        ),
        (
            "spending",
            spending(safeguarding=-1.0),
            "spending E06000018 2023-24 safeguarding gross_expenditure: -1, expected 0 or more; look in ees/file.csv",
        ),
        (
            "spending",
            spending(safeguarding=40e9),
            "spending E06000018 2023-24 total: 100,000,000, but its lines give 40,060,000,000; look in ees/file.csv",
        ),
        ("spending", spending(total=107e6), "spending E06000018 2023-24 total: 107,000,000, but its lines give"),
        ("spending", MONEY.iloc[7:], r"spending 2023-24: no row for E06000018 \(1 areas\); get ees/file.csv again"),
    ],
)
def test_what_is_wrong_in_a_published_file_is_found_and_named(table, rows, message):
    assert any(re.match(message, line) for line in found(tidy(**{table: rows})))


def test_an_area_is_expected_only_in_years_that_it_was_there_all_year():
    ended = AREAS.assign(existed_to=AREAS["existed_to"].mask(AREAS["area_code"] == CITY, pd.Timestamp("2022-03-31")))

    rows = values().query("area_code != @CITY or period < 2022")

    assert list(checks._areas_and_years(tidy(areas=ended, observations=rows, population=PEOPLE.iloc[:0]))) == []


def test_every_amount_is_read_against_the_words_beside_it():
    budgets = tables.load("budgets")
    wrong = budgets.assign(amount_gbp=budgets["amount_gbp"].mask(budgets["fact_id"] == "bud_nc_001", 3_600_000.0))

    assert list(stated._stated_amounts({"budgets": budgets})) == []
    assert list(stated._stated_amounts({"budgets": wrong})) == [
        "data/curated/budgets.csv, row bud_nc_001: amount_gbp is 3600000, but amount_text '\u00a3360k' says 360000; "
        "mend the wrong one"
    ]


@pytest.mark.parametrize(
    ("value", "unit", "holds"),
    [
        ("1050000", "GBP", True),
        ("none", "inspections", True),
        ("2022 Q1", "quarter", True),
        ("2022-07-04/2022-07-22", "dates", True),
        ("Requires improvement to be good", "grade", True),
        ("a million", "GBP", False),
        ("1_000", "GBP", False),
        ("-5", "posts", False),
        ("\u0668", "posts", False),
        ("2022-13", "month", False),
        ("excellent", "grade", False),
        ("5", None, False),
    ],
)
def test_a_stated_value_is_what_its_unit_says(value, unit, holds):
    claims = pd.DataFrame([{"claim_id": "cl_1", "stated_value": value, "unit": unit}])

    lines = list(stated._stated_values({"claims": claims}))

    assert (lines == []) == holds
    assert holds or lines[0].startswith(f"data/curated/claims.csv, row cl_1: stated_value is {value!r}, expected a")


def committed(**changed) -> dict[str, pd.DataFrame]:
    names = ("events", "forecasts", "sources", "findings", "judgements", "statements", "claims")
    return {name: tables.load(name) for name in names} | changed


def test_what_is_committed_stands_in_the_order_of_time():
    assert list(stated._order_of_time(committed())) == []


def test_an_outcome_before_its_forecast_and_a_source_before_what_it_reports_are_found():
    forecasts, sources = tables.load("forecasts"), tables.load("sources")
    early = forecasts.assign(
        outcome_date=forecasts["outcome_date"].mask(forecasts["forecast_id"] == "fc_nc_001", "2019")
    )
    old = sources.assign(
        published=sources["published"].mask(sources["source_id"] == "ofsted_nc_2014", pd.Timestamp(2010, 1, 1))
    )

    lines = list(stated._order_of_time(committed(forecasts=early, sources=old)))

    assert lines[0].startswith(
        "data/curated/forecasts.csv, row fc_nc_001: outcome_date 2019 is before it was made (2021-09); mend one of them"
    )
    assert lines[1].startswith(
        "data/curated/events.csv, row nc_2010_slac: source ofsted_nc_2014 is of 2010-01-01, before what it reports"
    )


@pytest.mark.parametrize(
    ("start", "end", "text", "holds"),
    [
        ("2022-07-11", "2022-07-22", "11 - 22 July 2022", True),
        ("2021-06-30", "", "June 2021", True),
        ("2023-10-26", "", "October 26", True),
        ("2025-09-29~", "", "(undated)", True),
        ("2022-07-12", "2022-07-22", "11 - 22 July 2022", False),
        ("2022-07-10", "2022-07-22", "11 - 22 July 2022", False),
        ("2022-07-11", "2022-07-21", "11 - 22 July 2022", False),
        ("2024-07-13", "", "31 July 2024", False),
        ("2023-10-26", "", "September 26", False),
    ],
)
def test_the_words_of_a_date_are_read_against_it(start, end, text, holds):
    events = pd.DataFrame([{"event_id": "e1", "start": start, "end": end, "date_text": text}])

    if holds:
        stated.check_date_texts(events)
    else:
        with pytest.raises(ValueError, match=rf"row e1: start {start}, .* but date_text '{text}'"):
            stated.check_date_texts(events)
