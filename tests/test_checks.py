"""Cross-checks beside the contracts: each finds the one thing that is wrong, and names its file and row."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.normalise import checks, stated
from childrens_services.normalise.refusals import in_lines
from small_frames import frame

CITY, COUNTY, REGION = "E06000018", "E10000024", "E12000004"
LEVELS = {CITY: "authority", COUNTY: "authority", REGION: "region", tables.ENGLAND: "country"}
YEARS = (2021, 2022, 2023, 2024)
OUTTURN = "employees 5; running_expenses 3; total_expenditure 8; sales_fees_charges 1; other_income 1; total_income 2"
SECTION_251 = "children_looked_after 60e6; leaving_care 5e6; safeguarding 40e6; total 100e6"


def observed() -> pd.DataFrame:
    figures = {"cases": 200.0, "workers": 10.0, "caseload": 20.0, "progress": -1.5}
    rows = [(area, name, year, value) for area in LEVELS for name, value in figures.items() for year in YEARS]
    return pd.DataFrame(rows, columns=["area_code", "indicator", "period", "value"])


def spent() -> pd.DataFrame:
    outturn = frame("measure amount_gbp", f"{OUTTURN}; net_current_expenditure 6", line="total")
    outturn = outturn.assign(amount_gbp=outturn["amount_gbp"] * 1e6, collection="revenue_outturn")
    outturns = [outturn.assign(area_code=area) for area in (CITY, COUNTY, tables.ENGLAND)]
    finance = frame("line amount_gbp", SECTION_251, collection="section_251", measure="gross_expenditure")
    return pd.concat([*outturns, finance.assign(area_code=CITY)], ignore_index=True).assign(financial_year="2023-24")


def tidy(**changed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Small tables that hold together, but for those that are given."""
    children = dict(zip(LEVELS, (60, 160, 1000, 1000), strict=True))
    people = [(area, year, count) for area, count in children.items() for year in YEARS]
    prices = [("cpi", f"{year}-{year - 1999}", 100.0 + year - 2021) for year in YEARS]
    areas = pd.DataFrame({"area_code": LEVELS.keys(), "level": LEVELS.values()})
    source = {"source_id": ["file"], "raw_file": ["ees/file.csv"], "published": pd.to_datetime(["2025-10-31"])}
    indicators = "cases cases; workers workers; caseload cases cases workers; progress average_score"
    described = frame("indicator unit numerator denominator", indicators, per=1.0).replace(
        "average_score", "average score"
    )
    return {
        "areas": areas.assign(existed_from=pd.NaT, existed_to=pd.NaT),
        "sources": pd.DataFrame(source),
        "indicators": described.assign(source_id="file"),
        "observations": observed().assign(source_id="file"),
        "population": pd.DataFrame(people, columns=["area_code", "year", "children"]).assign(source_id="file"),
        "prices": pd.DataFrame(prices, columns=["series", "financial_year", "price_index"]).assign(source_id="file"),
        "spending": spent().assign(source_id="file"),
    } | changed


def found(given: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the checks of published figures say, all of them together as the build asks them."""
    monkeypatch.setattr(stated, "CHECKS", ())
    try:
        checks.check_all(given)
    except ValueError as error:
        return str(error).splitlines()
    return []


def test_tables_that_hold_together_pass(monkeypatch):
    assert found(tidy(), monkeypatch) == []


with (Path(__file__).parent / "data" / "broken_tables.csv").open(encoding="utf-8", newline="") as file:
    BROKEN = list(csv.DictReader(file))


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["message"][:40])
def test_what_is_wrong_in_a_published_file_is_found_and_named(case, monkeypatch):
    """A cell is changed in the rows that are asked for, or the rows are lost where no column is named."""
    rows = tidy()[case["table"]]
    asked = rows.index.isin(rows.query(case["rows"]).index)
    column = case["column"]
    broken = rows.assign(**{column: rows[column].mask(asked, float(case["value"]))}) if column else rows[~asked]

    assert any(line.startswith(case["message"]) for line in found(tidy(**{case["table"]: broken}), monkeypatch))


def test_a_share_of_more_than_a_hundred_per_cent_is_found(monkeypatch):
    shares = tidy()["indicators"].replace({"unit": {"cases": "per cent of cases"}})

    assert found(tidy(indicators=shares), monkeypatch)[0] == (
        "observations E06000018 cases 2021: value 200.0, expected 0 to 100, in per cent of cases; look in ees/file.csv"
    )


def test_five_faults_of_a_kind_are_shown_and_the_others_counted(monkeypatch):
    lines = found(tidy(observations=observed().assign(source_id="file", value=-1.0)), monkeypatch)

    assert lines[5] == "observations E06000018 workers 2022: value -1.0: and 43 more"


def test_an_area_is_expected_only_in_years_that_it_was_there_all_year(monkeypatch):
    whole = tidy()
    ended = whole["areas"]["existed_to"].mask(whole["areas"]["area_code"] == CITY, pd.Timestamp("2022-03-31"))
    kept = {
        name: whole[name].query(f"area_code != @CITY or {year} < 2022")
        for name, year in {"observations": "period", "population": "year"}.items()
    }
    outturn = whole["spending"].query("area_code != @CITY or collection == 'section_251'")

    changed = {"areas": whole["areas"].assign(existed_to=ended), "spending": outturn}
    assert found(tidy(**kept, **changed), monkeypatch) == []


def test_every_amount_is_read_against_the_words_beside_it():
    budgets = tables.load("budgets")
    wrong = budgets.assign(amount_gbp=budgets["amount_gbp"].mask(budgets["fact_id"] == "bud_nc_001", 3_600_000.0))

    assert in_lines(stated._stated_amounts, {"budgets": budgets}) == []
    assert in_lines(stated._stated_amounts, {"budgets": wrong}) == [
        "data/curated/budgets.csv, row bud_nc_001: amount_gbp is 3600000, but amount_text '£360k' says 360000; "
        "mend the wrong one"
    ]


VALUES = "GBP: 1050000; inspections: none; quarter: 2022 Q1; dates: 2022-07-04/2022-07-22; grade: Requires improvement"
NO_VALUES = "GBP: a million; GBP: 1_000; posts: -5; posts: ٨; month: 2022-13; grade: excellent; : 5"


@pytest.mark.parametrize("case", [*VALUES.split("; "), *NO_VALUES.split("; ")])
def test_a_stated_value_is_what_its_unit_says(case):
    unit, value = case.split(": ")
    claims = pd.DataFrame([{"claim_id": "cl_1", "stated_value": value, "unit": unit or None}])

    lines = "".join(in_lines(stated._stated_values, {"claims": claims}))

    refusal = f"data/curated/claims.csv, row cl_1: stated_value is {value!r}, expected a"
    assert lines.startswith(refusal) if case in NO_VALUES.split("; ") else lines == ""


def test_an_outcome_before_its_forecast_and_a_source_before_what_it_reports_are_found():
    names = ("events", "forecasts", "sources", "findings", "judgements", "statements", "claims")
    committed = {name: tables.load(name) for name in names}
    forecasts, sources = committed["forecasts"], committed["sources"]
    early = forecasts["outcome_date"].mask(forecasts["forecast_id"] == "fc_nc_001", "2019")
    old = sources["published"].mask(sources["source_id"] == "ofsted_nc_2014", pd.Timestamp(2010, 1, 1))
    wrong = {"forecasts": forecasts.assign(outcome_date=early), "sources": sources.assign(published=old)}

    lines = in_lines(stated._order_of_time, committed | wrong)

    assert in_lines(stated._order_of_time, committed) == []
    assert lines[0] == (
        "data/curated/forecasts.csv, row fc_nc_001: outcome_date 2019 is before it was made (2021-09); mend one of them"
    )
    assert lines[1].startswith(
        "data/curated/events.csv, row nc_2010_slac: source ofsted_nc_2014 is of 2010-01-01, before what it reports"
    )


SAID = "2022-07-11, 2022-07-22, 11 - 22 July 2022; 2021-06-30, , June 2021; 2023-10-26, , October 26; "
SAID += "2025-09-29~, , (undated)"
UNSAID = "2022-07-12, 2022-07-22, 11 - 22 July 2022; 2022-07-10, 2022-07-22, 11 - 22 July 2022; "
UNSAID += "2022-07-11, 2022-07-21, 11 - 22 July 2022; 2024-07-13, , 31 July 2024; 2023-10-26, , September 26"


@pytest.mark.parametrize("case", [*SAID.split("; "), *UNSAID.split("; ")])
def test_the_words_of_a_date_are_read_against_it(case):
    start, end, text = case.split(", ")
    events = pd.DataFrame([{"event_id": "e1", "start": start, "end": end, "date_text": text}])

    if case in SAID.split("; "):
        stated.check_date_texts(events)
    else:
        with pytest.raises(ValueError, match=rf"row e1: start {start}, .* but date_text '{text}'"):
            stated.check_date_texts(events)
