"""Where the money goes: a caveat for whoever needs it, sums that are never added up, what is drawn hollow."""

from childrens_services import tables
from childrens_services.analysis import compare
from notebook_cells import NAMES, as_text, run, run_with

MONEY = next(name for name in NAMES if name.startswith("03"))


def test_every_authority_whose_returns_drift_apart_gets_the_caveat():
    ratio = compare.collections_ratio(
        compare.mark_implausible(tables.load("spending"), tables.load("implausible"))
    ).merge(tables.load("authorities")[["la_code_ons", "name"]], left_on="area_code", right_on="la_code_ons")
    newest = ratio[ratio["financial_year"].eq("2024-25") & ratio["flagged"] & ratio["name"].ne("Nottingham")]

    other = newest.sort_values(["area_code", "name"])["name"].iloc[0]

    assert f"{other}'s figure may be too low" in run_with(MONEY, {"authorities": [other]}).text()


def test_the_ledger_holds_the_sums_that_a_filter_hid_and_is_never_added_up():
    (ledger,) = (table for table in run(MONEY).tables() if "improving children's services" in table.caption.text)
    stated = [as_text(row[2]) for row in ledger.rows]

    assert {"£35 million", "£25 million", "up to £9m"} <= set(stated)
    assert "must not be added up" in ledger.caption.text or "not to be added up" in ledger.caption.text


def test_a_year_without_a_plausible_return_is_drawn_hollow_and_not_believed():
    rows = run(MONEY).chart("spending-per-child-by-line").data
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
