"""Where the money goes: gross beside gross, caveats in the sentence itself, no superlative over a filtered table."""

import pytest
from childrens_services import tables
from childrens_services.analysis import compare
from notebook_cells import NAMES, run, run_with

MONEY = next(name for name in NAMES if name.startswith("03"))


@pytest.mark.parametrize(
    "said",
    [
        "Nottingham spent £1,699 gross per child on children's services in 2024-25, 21 per cent more than in "
        "2016-17 after "
        "price changes, by its section 251 return.",
        "Nottingham's neighbours spent £1,476, the median of 9 of 10.",
        "Nottingham's figure may be too low: its section 251 return holds 84 per cent of what its revenue "
        "outturn shows "
        "gross, against 101 per cent in 2022-23.",
        "In 2024-25 Nottingham's section 251 return added up to £116.72 million and its revenue outturn to "
        "£138.2 million. "
        "The share is the 13th lowest of 148 authorities.",
        "Nottingham's return for 2023-24 puts safeguarding and social work at £5.65 million, between £29.08 "
        "million and "
        "£30.3 million in the years around it. It is drawn hollow and left out of every comparison.",
        "That was 54 per cent more, for eight social workers more: £45,750 a post.",
        "The headline made it £360k.",
    ],
)
def test_the_page_says(said):
    assert said in run(MONEY).text()


def test_every_authority_whose_returns_drift_apart_gets_the_caveat():
    ratio = compare.collections_ratio(
        compare.mark_implausible(tables.load("spending"), tables.load("implausible"))
    ).merge(tables.load("authorities")[["la_code_ons", "name"]], left_on="area_code", right_on="la_code_ons")
    newest = ratio[ratio["financial_year"].eq("2024-25") & ratio["flagged"] & ratio["name"].ne("Nottingham")]

    other = newest.sort_values(["area_code", "name"])["name"].iloc[0]

    assert f"{other}'s figure may be too low" in run_with(MONEY, {"authorities": [other]}).text()


def test_the_ledger_holds_the_sums_that_a_filter_hid_and_is_never_added_up():
    ledger = next(
        value for value in run(MONEY).values if "improving children's services" in str(getattr(value, "caption", ""))
    )
    stated = [str(row[2].text if hasattr(row[2], "text") else row[2]) for row in ledger.rows]

    assert {"£35 million", "£25 million", "up to £9m"} <= set(stated)
    assert "must not be added up" in ledger.caption.text or "not to be added up" in ledger.caption.text
    assert "largest" not in run(MONEY).text().casefold()


def test_a_year_without_a_plausible_return_is_drawn_hollow_and_not_believed():
    rows = next(chart.data for chart in run(MONEY).charts if chart.name == "spending-per-child-by-line")
    city = rows[(rows["name"] == "Nottingham") & (rows["line"] == "safeguarding")].set_index("financial_year")

    assert city.loc["2023-24", "status"] == "implausible"
    assert city["believed"].isna().to_list() == (city.index == "2023-24").tolist()


def test_a_late_first_year_takes_no_newer_return_away_and_absence_says_what_was_looked_through():
    late = run_with(MONEY, {"authorities": ["Leeds", "Bradford"], "first_year": 2024}).text()
    none = run_with(MONEY, {"authorities": ["Leeds", "Bradford"], "as_at": "2019-06-30", "first_year": 2018}).text()

    assert "Leeds spent £" in late and "Bradford spent £" in late and "No plausible" not in late
    assert "No plausible section 251 return of these authorities, of the years drawn, was public on this day." in none
    assert "return of these authorities was public" not in none


def test_every_sum_on_record_is_folded_with_those_that_are_no_cost_of_the_council():
    sums = next(value for value in run(MONEY).values if "Every sum" in str(getattr(value, "caption", "")))
    known = tables.load("budgets")

    assert sums.is_folded and len(sums.rows) == len(known)
    assert "£57 an hour" in {getattr(row[2], "text", row[2]) for row in sums.rows}
