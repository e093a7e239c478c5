"""Against whom and in what terms: choice, groups, real terms, amounts per child, England, implausible amounts, rank."""

import re

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import compare
from hypothesis import given
from hypothesis import strategies as st
from small_frames import frame, is_numbered, observed

CITY, COUNTY, DERBY, LEEDS, OLD = "E06000018", "E10000024", "E06000015", "E08000035", "E10000006"
EAST, NORTH = "E12000004", "E12000003"
PLACES = frame(
    "la_code_ons name region_code region",
    f"{CITY} Nottingham {EAST} Midlands; {COUNTY} Nottinghamshire {EAST} Midlands; {DERBY} Derby {EAST} Midlands; "
    f"{LEEDS} Leeds {NORTH} Yorkshire",
    source_id="dfe_b1",
)
NEIGHBOURS = frame(
    "model la_code_ons neighbour_la_code_ons",
    f"2021 {CITY} {COUNTY}; 2025 {CITY} {DERBY}; 2025 {CITY} {LEEDS}; 2021 {DERBY} {CITY}",
).assign(source_id=lambda rows: "neighbours_" + rows["model"])
PRICES = frame(
    "series financial_year price_index",
    "gdp_deflator 2022-23 102; gdp_deflator 2023-24 107.975; gdp_deflator 2024-25 112.375; cpi 2022-23 120; "
    "cpi 2025-26 140",
    source_id="ons_deflator",
)


def spending(rows: str) -> pd.DataFrame:
    """Area, financial year, amount and status (of a value where none is given) of some totals of section 251."""
    alike = {"collection": "section_251", "line": "total", "measure": "gross_expenditure", "source_id": "dfe_lait"}
    made = frame("area_code financial_year amount_gbp status", rows, published=pd.Timestamp("2025-12-31"), **alike)
    return made.fillna({"status": "value"})


def population(rows: str) -> pd.DataFrame:
    return frame("area_code year children", rows, source_id="ons_population")


# Whom ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (["Nottinghamshire", "nottingham"], [COUNTY, CITY]),
        (["Leeds", CITY, "derby", f" {COUNTY}"], [LEEDS, CITY, DERBY, COUNTY]),
    ],
)
def test_the_chosen_come_in_the_order_asked_for_by_name_or_code(names, codes):
    assert compare.choose(PLACES, names)["la_code_ons"].tolist() == codes


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "authorities: 0 given; give one to four names or ONS codes"),
        (["Leeds"] * 5, "authorities: 5 given; give one to four names or ONS codes"),
        (["Notingham"], "authorities: unknown authority 'Notingham' (did you mean 'Nottingham' or 'Nottinghamshire'?)"),
        (["Leeds", "Darby"], "authorities: unknown authority 'Darby' (did you mean 'Derby'?); give a name"),
        (["Leeds", "leeds"], "authorities: Leeds, leeds: the same authority stands twice"),
        (["Leeds", LEEDS], f"authorities: Leeds, {LEEDS}: the same authority stands twice"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_answered_with_the_nearest(names, message):
    with pytest.raises(compare.ChoiceError, match=f"^{re.escape(message)}"):
        compare.choose(PLACES, names)


NEAR = "statistical neighbours"


@pytest.mark.parametrize(
    ("code", "word", "newest", "expected"),
    [
        (CITY, NEAR, "2025", (NEAR, (DERBY, LEEDS), "neighbours_2025")),
        (CITY, NEAR, "2021", (NEAR, (COUNTY,), "neighbours_2021")),
        (CITY, NEAR, "2020", None),
        (COUNTY, NEAR, "2025", None),  # that no model holds
        (CITY, "region", "2025", ("Midlands", (COUNTY, DERBY), "dfe_b1")),
        (LEEDS, "region", "2025", None),
        (CITY, "England", "2025", None),
        (CITY, "none", "2025", None),
    ],
)
def test_a_group_is_that_of_the_newest_model_that_was_public_or_the_region(code, word, newest, expected):
    found = compare.group(code, word, PLACES, NEIGHBOURS[NEIGHBOURS["model"] <= newest])

    assert found == (expected and compare.Group(*expected))
    with pytest.raises(compare.ChoiceError, match=r"^comparators: 'near' is not one of statistical neighbours, region"):
        compare.group(code, "near", PLACES, NEIGHBOURS)


def test_our_two_have_ten_neighbours_each_never_themselves_of_whom_eight_told_of_long_plans_in_2021():
    plans = tables.load("observations").query("indicator == 'plans_two_years_or_more_percent' and period == 2021")
    known = tables.load("authorities"), tables.load("neighbours")
    city, county = (compare.group(code, NEAR, *known) for code in (CITY, COUNTY))

    for members, code in ((city, CITY), (county, COUNTY)):
        assert len(set(members.la_codes)) == 10 and code not in members.la_codes
        assert members.source_id == "dfe_neighbours_2025"
    found = compare.group_median(plans, city, ends=(0, 100))
    assert found[["value", "low", "high", "authorities"]].values.tolist() == [[2.2, 1.95, 2.7, 8]]


# In what terms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "asked", "found"),
    [
        ("2025-26", "2023-24", "2023-24"),
        ("2025-26", "2025-26", "2024-25"),  # known for the other index only
        ("2023-24", "2024-25", "2023-24"),
        ("2025-26", "cash", "cash"),
    ],
)
def test_the_price_year_is_the_one_asked_for_or_the_newest_known_before_it(known, asked, found):
    assert compare.price_year(PRICES[PRICES["financial_year"] <= known], asked) == found
    words = "^price_year: no price index for 2021-22 or before was public; use a later as_at, or 'cash'$"
    with pytest.raises(compare.ChoiceError, match=words):
        compare.price_year(PRICES, "2021-22")


def test_real_terms_by_hand():
    cash = spending(f"{CITY} 2022-23 1020000; {CITY} 2024-25 2000000; {CITY} 2012-13 5; {COUNTY} 2022-23 - new")
    before = cash.copy()

    real = compare.in_real_terms(cash, PRICES, "2024-25")

    # 1,020,000 pounds at an index of 102 are 10,000 for each point; at 112.375 they buy what 1,123,750 do.
    assert real["amount_gbp"].fillna(-1).round(6).tolist() == [1_123_750.0, 2_000_000.0, -1, -1]
    assert set(real["source_id"].head(2)) == {"dfe_lait ons_deflator"}
    assert compare.in_real_terms(cash, PRICES, "cash") is cash and cash.equals(before)


def test_an_amount_per_child_is_over_the_children_of_the_years_first_calendar_year_and_missing_is_not_zero():
    spent = f"{CITY} 2023-24 1309000; {COUNTY} 2023-24 0; {OLD} 2023-24 - late; {DERBY} 2023-24 9; {LEEDS} 2023-24 9"
    people = f"{CITY} 2023 1000; {CITY} 2024 2000; {COUNTY} 2023 10; {OLD} 2023 10; {DERBY} 2023 -"

    rows = compare.per_child(spending(spent), population(people))

    told = [[CITY, 1000, 1309.0], [COUNTY, 10, 0.0]]
    assert rows[["area_code", "children", "amount_per_child"]].values.tolist() == told
    assert set(rows["source_id"]) == {"dfe_lait ons_population"} and is_numbered(rows)
    with pytest.raises(ValueError, match="not a many-to-one merge"):
        compare.per_child(spending(spent), population(f"{CITY} 2023 1; {CITY} 2023 2"))


# Groups --------------------------------------------------------------------------------------------------------------

TEN = compare.Group("statistical neighbours", tuple(f"E060000{i}" for i in range(10, 20)), "neighbours_2025")
WITHHELD = "confidential"


def measured(*values):
    """Observations of one measure of the group's members: a number, or the reason why there is none."""
    return observed("; ".join(f"{code} plans 2025 {value}" for code, value in zip(TEN.la_codes, values, strict=False)))


@pytest.mark.parametrize(
    ("values", "value", "low", "high"),
    [
        ([1 / 3] * 10, 0.333333, 0.333333, 0.333333),
        ([*range(1, 9), WITHHELD, WITHHELD], 4.5, 3.5, 5.5),  # two more at zero, or two more above all
        (range(1, 9), 4.5, 3.5, 5.5),  # members without a row are as unknown as those withheld
        ([*range(1, 8), *[WITHHELD] * 3], None, 2.5, 5.5),  # seven of ten are too few to speak for ten
        ([*range(11, 16), *[WITHHELD] * 5], None, 5.5, 57.5),
        ([WITHHELD] * 10, None, 0, 100),
    ],
)
def test_a_groups_median_of_too_few_is_a_gap_with_bounds(values, value, low, high):
    found = compare.group_median(measured(*values), TEN, ends=(0, 100)).iloc[0]
    endless = compare.group_median(measured(*values), TEN).iloc[0]

    assert (found["value"] if value else None) == value and pd.isna(found["value"]) == (value is None)
    assert (found["low"], found["high"]) == (low, high)
    assert endless["low"] == low and pd.isna(endless["high"]) == (high > 50)  # nothing bounds what five may be
    assert (found["authorities"], found["of"]) == (sum(v != WITHHELD for v in values), 10)
    assert found["status"] == ("value" if value else "not_available")
    assert (found["area_code"], found["source_id"]) == ("statistical neighbours", "dfe_d5 neighbours_2025")


@pytest.mark.parametrize(("known", "enough"), [(4, True), (3, False)])
def test_four_fifths_of_a_group_of_any_size_are_enough(known, enough):
    four = compare.Group("East Midlands", TEN.la_codes[:4], "dfe_b1")

    assert compare.group_median(measured(*range(known)), four)["value"].notna().item() is enough


@given(st.lists(st.one_of(st.just(WITHHELD), st.integers(0, 100)), min_size=1, max_size=10))
def test_what_was_withheld_can_be_nothing_that_the_bounds_do_not_hold(values):
    found = compare.group_median(measured(*values), TEN, ends=(0, 100)).iloc[0]

    known = [value for value in values if value != WITHHELD]
    for guess in (0, 37, 100):
        assert found["low"] <= pd.Series([*known, *[guess] * (10 - len(known))]).median() <= found["high"]


def test_amounts_per_child_have_a_median_by_the_same_rule():
    spent = spending("; ".join(f"{code} 2023-24 {1000 + i}" for i, code in enumerate(TEN.la_codes[:8])))
    each = compare.per_child(spent, population("; ".join(f"{code} 2023 1" for code in TEN.la_codes)))

    found = compare.group_median(each, TEN, "amount_per_child")

    made = ["financial_year", "line", "amount_per_child", "low", "high", "authorities", "of"]
    assert found[made].values.tolist() == [["2023-24", "total", 1003.5, 1002.5, 1004.5, 8, 10]]


def both(rows):
    """Both collections' totals: area, financial year, section 251, gross RO3, and the status of section 251 if odd."""
    cells = [(*row.split(), "value")[:5] for row in rows.split(";")]
    gross = spending("; ".join(f"{area} {year} {amount} {status}" for area, year, amount, _, status in cells))
    outturn = spending("; ".join(f"{area} {year} {amount}" for area, year, _, amount, _ in cells))
    outturn = outturn.assign(collection="revenue_outturn", measure="total_expenditure", source_id="mhclg_ro3")
    return pd.concat([gross, outturn, outturn.assign(measure="net_current_expenditure", amount_gbp=1.0)])


def test_a_ratio_of_the_collections_that_moves_by_more_than_ten_points_is_flagged():
    rows = f"{CITY} 2022-23 101 100; {CITY} 2023-24 85 100; {COUNTY} 2022-23 100 100; {COUNTY} 2023-24 110 100"
    found = compare.collections_ratio(both(f"{rows}; {DERBY} 2022-23 1 3; {DERBY} 2023-24 90 -"))

    assert found["ratio"].tolist() == [0.333333, 1.01, 0.85, 1.0, 1.1]  # Derby's second return did not arrive
    newest = found.loc[2, ["area_code", "moved", "since", "rank", "end", "of"]]
    assert newest.tolist() == [CITY, -0.16, "2022-23", 1, "lowest", 2]
    assert found["flagged"].tolist() == [False, False, True, False, False]  # by ten points exactly is not by more
    assert found["source_id"].unique().tolist() == ["dfe_lait mhclg_ro3"]
    assert compare.collections_ratio(spending(f"{CITY} 2020-21 101")).empty  # before there was a second collection


def test_an_implausible_return_is_passed_over_by_the_ratio():
    rows = f"{CITY} 2022-23 101 100; {CITY} 2023-24 66 100 implausible; {CITY} 2024-25 84 100"
    found = compare.collections_ratio(both(rows))

    assert found["rank"].isna().tolist() == [False, True, False]
    assert found["since"].tolist()[2] == "2022-23" and found["flagged"].tolist() == [False, False, True]


def test_nottinghams_two_collections_came_apart():
    spent = compare.mark_implausible(tables.load("spending"), tables.load("implausible"))

    found = compare.collections_ratio(spent)

    city = found[found["area_code"] == CITY].set_index("financial_year")
    assert (spent["status"] == "implausible").sum() == len(tables.load("implausible")) == 94
    assert city["ratio"].round(3).tolist() == [1.008, 0.662, 0.845]
    newest = city.loc["2024-25", ["gross_251", "gross_ro3", "rank", "end", "of", "since", "flagged"]]
    assert newest.tolist() == [116_724_111.0, 138_202_000.0, 13, "lowest", 148, "2022-23", True]
    assert not found.loc[found["area_code"] == COUNTY, "flagged"].any() and found["flagged"].sum() == 29


def test_england_is_its_plausible_authorities_over_their_own_children():
    rows = spending(
        f"{CITY} 2023-24 300; {COUNTY} 2023-24 500; {LEEDS} 2023-24 1 implausible; {DERBY} 2023-24 - not_received; "
        f"{EAST} 2023-24 801; {tables.ENGLAND} 2023-24 9000"
    )
    children = {CITY: 1, COUNTY: 3, LEEDS: 100, DERBY: 100, EAST: 104, tables.ENGLAND: 204}

    found = compare.england_per_child(rows, population("; ".join(f"{code} 2023 {n}" for code, n in children.items())))

    made = ["area_code", "amount_gbp", "children", "amount_per_child", "authorities"]
    assert found[made].to_numpy().tolist() == [[tables.ENGLAND, 800.0, 4, 200.0, 2]]


def test_england_is_the_published_total_which_leaves_out_the_children_of_those_that_we_leave_out():
    rows = tables.load("spending").query("measure == 'gross_expenditure' and line == 'total'")
    rows, people = compare.mark_implausible(rows, tables.load("implausible")), tables.load("population")
    published = compare.per_child(rows[rows["area_code"] == tables.ENGLAND], people)

    ours, theirs = (each.set_index("financial_year") for each in (compare.england_per_child(rows, people), published))

    # 2020-21 is the only year with a plausible return of all 151 authorities of its time: two pounds are rounding.
    assert ours.loc["2020-21", ["authorities", "children"]].tolist() == [151, 11_787_794]
    assert ours.at["2020-21", "amount_per_child"] == pytest.approx(theirs.at["2020-21", "amount_per_child"], rel=1e-9)
    apart = (theirs["children"] - ours["children"]).to_dict()
    assert (apart["2022-23"], apart["2024-25"]) == (59_436, 94_347)
    assert [year for year, children in apart.items() if children == 0] == ["2020-21"]
    off = (ours["amount_gbp"] - theirs["amount_gbp"]).abs()
    assert off["2020-21"] == 2.0 and off[["2022-23", "2024-25"]].max() <= 4


# Implausible amounts -------------------------------------------------------------------------------------------------


def test_marking_sets_the_status_of_that_row_alone_and_keeps_the_amount():
    rows = spending(f"{CITY} 2022-23 29; {CITY} 2023-24 5; {COUNTY} 2023-24 7")
    rows = pd.concat([rows, rows.assign(collection="revenue_outturn")], ignore_index=True)
    marks = rows.iloc[[1]][["area_code", "financial_year", "line", "measure"]]
    before = rows.copy()

    marked = compare.mark_implausible(rows, marks)

    assert marked["status"].tolist() == ["value", "implausible", "value", "value", "value", "value"]
    pd.testing.assert_frame_equal(marked.drop(columns="status"), rows.drop(columns="status"))
    pd.testing.assert_frame_equal(rows, before)
    pd.testing.assert_frame_equal(compare.mark_implausible(marked, marks), marked)
    pd.testing.assert_frame_equal(compare.mark_implausible(rows, marks.iloc[:0]), rows)


# Published rates -----------------------------------------------------------------------------------------------------


def test_the_rate_of_children_looked_after_follows_from_count_and_population():
    """The publisher divides the count of March by the children of the middle of the year before."""
    named = ["children_looked_after", "children_looked_after_rate"]
    values = tables.load("observations").query("status == 'value' and indicator in @named")
    wide = values.pivot(index=["area_code", "period"], columns="indicator", values="value").dropna()
    people = tables.load("population").assign(period=lambda rows: rows["year"] + 1)
    both = wide.join(people.set_index(["area_code", "period"])["children"].astype("float64"), how="inner").reset_index()

    apart = (both[named[0]] / both["children"] * 10_000 - both[named[1]]).abs()
    is_own = both["area_code"].str.match(r"E(?:06|08|09|10)")

    assert set(both["period"]) == {2021, 2022, 2023, 2024, 2025}
    assert (is_own.sum(), (~is_own).sum()) == (755, 60)
    assert apart[is_own].max() <= 0.5
    assert (apart <= 0.5 + 5 / both["children"] * 10_000)[~is_own].all()  # counts of regions are rounded to ten
