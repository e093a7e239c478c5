"""The workforce and children: published figures read back, the turn by rule, intervals, gaps."""

import pandas as pd
import pytest
from childrens_services import tables, vocabulary
from childrens_services.analysis import compare
from childrens_services.answers import children_story, indicator_exhibits, indicator_story, pay_story, workforce_story
from childrens_services.tables import ENGLAND

CITY, COUNTY, CUMBERLAND, LONDON = "E06000018", "E10000024", "E06000063", "E09000001"
NAMES = {CITY: "Nottingham", COUNTY: "Nottinghamshire"}


@pytest.fixture(scope="module")
def observations():
    return tables.load("observations")


@pytest.fixture(scope="module")
def indicators():
    return tables.load("indicators")


@pytest.fixture(scope="module")
def groups():
    known, neighbours = tables.load("authorities"), tables.load("neighbours")
    return {code: compare.group(code, "statistical neighbours", known, neighbours) for code in NAMES}


def rows(*values, indicator="agency_rate_fte"):
    """Make observations of one indicator from (area, year, value or status)."""
    made = [(area, indicator, year, None if isinstance(v, str) else v, v if isinstance(v, str) else "value")
            for area, year, v in values]  # fmt: skip
    frame = pd.DataFrame(made, columns=["area_code", "indicator", "period", "value", "status"])
    return frame.assign(value=frame["value"].astype(float), source_id="dfe_csww", published=pd.Timestamp("2026-03-01"))


# Every figure of Nottingham, Nottinghamshire and England that the notebooks restate and that was published.
PUBLISHED = [
    (CITY, "agency_rate_fte", 2017, 15.7), (CITY, "agency_rate_fte", 2021, 8.2), (CITY, "agency_rate_fte", 2022, 19.2),
    (CITY, "agency_rate_fte", 2023, 17.2), (CITY, "agency_rate_fte", 2025, 10.4),
    (COUNTY, "agency_rate_fte", 2025, 7.8), (ENGLAND, "agency_rate_fte", 2025, 13.0),
    (CITY, "vacancy_rate_fte", 2021, 6.8), (CITY, "vacancy_rate_fte", 2022, 19.8),
    (CITY, "turnover_rate_fte", 2021, 11.4), (CITY, "turnover_rate_fte", 2022, 26.6),
    (ENGLAND, "turnover_rate_fte", 2021, 15.4), (ENGLAND, "turnover_rate_fte", 2022, 17.2),
    (CITY, "caseload_fte", 2025, 14.7), (COUNTY, "caseload_fte", 2025, 13.3), (ENGLAND, "caseload_fte", 2025, 15.2),
    (CITY, "social_workers_fte", 2021, 267.5), (CITY, "social_workers_fte", 2022, 224.7),
    (CITY, "agency_workers_fte", 2021, 23.9), (CITY, "agency_workers_fte", 2022, 53.5),
    (CITY, "leavers_fte", 2022, 59.8), (CITY, "starters_fte", 2022, 26.1), (COUNTY, "agency_workers_fte", 2023, 91.0),
    (CITY, "plans_two_years_or_more", 2025, 9), (CITY, "protection_plans", 2025, 367),
    (CITY, "plans_two_years_or_more_percent", 2025, 2.5), (ENGLAND, "plans_two_years_or_more_percent", 2025, 2.3),
    (CITY, "repeat_plans", 2025, 145), (CITY, "plans_started", 2025, 450), (CITY, "repeat_plans_percent", 2025, 32.2),
    (COUNTY, "repeat_plans_percent", 2025, 27.9), (ENGLAND, "repeat_plans_percent", 2025, 24.5),
    (CITY, "children_looked_after", 2025, 639), (CITY, "children_looked_after_rate", 2025, 93),
    (CITY, "children_looked_after_rate", 2021, 102), (COUNTY, "children_looked_after", 2025, 901),
    (COUNTY, "children_looked_after_rate", 2025, 53), (ENGLAND, "children_looked_after_rate", 2025, 67),
    (CITY, "rereferrals", 2025, 1074), (CITY, "referrals", 2025, 3953), (CITY, "rereferral_percent", 2025, 27.2),
    (CITY, "three_placements_year", 2025, 67), (CITY, "three_placements_year_percent", 2025, 10),
]  # fmt: skip


@pytest.mark.parametrize(("area", "indicator", "year", "value"), PUBLISHED)
def test_a_published_figure_reads_back(observations, area, indicator, year, value):
    mine = observations[(observations["area_code"] == area) & (observations["indicator"] == indicator)]
    row = mine[mine["period"] == year]

    assert (row["value"].item(), row["status"].item()) == (value, "value")


def test_the_sharpest_turn_is_the_citys_of_2022_and_is_told_in_numbers(observations):
    turn = workforce_story.sharpest_turn(observations, NAMES, 2013)

    said = " ".join(s.text for s in workforce_story.turn_sentences(turn, observations, NAMES))

    assert (turn.name, turn.indicator, turn.years) == ("Nottingham", "turnover_rate_fte", (2021, 2022))
    assert "rose from 11.4 to 26.6 per cent, by 15.2 percentage points; England's rose from 15.4 to 17.2" in said
    assert "agency rate rose from 8.2 to 19.2 per cent and its vacancy rate rose from 6.8 to 19.8 per cent" in said
    assert "fell from 267.5 to 224.7 and agency workers rose from 23.9 to 53.5" in said
    assert "59.8 left and 26.1 started" in said


def test_a_turn_is_never_read_across_a_year_without_a_value():
    made = rows((CITY, 2017, 5), (CITY, 2018, "confidential"), (CITY, 2019, 50))

    found = workforce_story.sharpest_turn(made, NAMES, 2013)

    assert found is None
    said = workforce_story.turn_sentences(found, made, NAMES)
    assert said[0].text.startswith("No agency, vacancy or turnover rate of two years running was public")


def test_a_fall_can_be_the_sharpest_turn():
    made = rows((CITY, 2017, 30), (CITY, 2018, 10), (CITY, 2019, 15), (ENGLAND, 2017, 15), (ENGLAND, 2018, 15))

    said = workforce_story.turn_sentences(workforce_story.sharpest_turn(made, NAMES, 2013), made, NAMES)[0].text

    assert "fell from 30.0 to 10.0 per cent, by 20.0 percentage points; England's stayed at 15.0" in said


def test_the_rate_of_starters_needs_both_parts():
    made = pd.concat([rows((CITY, 2024, 20), (COUNTY, 2024, "confidential"), indicator="starters_fte"),
                      rows((CITY, 2024, 200), (COUNTY, 2024, 100), indicator="social_workers_fte")])  # fmt: skip

    found = workforce_story.with_starters_rate(made)
    found = found[found["indicator"] == "starters_rate"].set_index("area_code")

    assert found.loc[CITY, "value"] == 10 and found.loc[CITY, "status"] == "value"
    assert pd.isna(found.loc[COUNTY, "value"]) and found.loc[COUNTY, "status"] == "confidential"


def test_a_groups_line_is_the_median_of_its_published_values_and_englands_the_published_one():
    made = rows((CITY, 2024, 1), ("E06000001", 2024, 10), ("E06000002", 2024, 20), ("E06000003", 2024, "confidential"),
                ("E06000004", 2024, 60), (ENGLAND, 2024, 17))  # fmt: skip
    codes = ("E06000001", "E06000002", "E06000003", "E06000004")
    near = compare.Group("statistical neighbours", codes, "dfe_neighbours_2025")

    found = indicator_story.series(made, {"agency_rate_fte": "Agency"}, {CITY: "Nottingham"}, {CITY: near}, 2013)
    found = found.set_index("name")

    middle = found.loc["statistical neighbours"]
    assert (middle["value"], middle["authorities"]) == (20, 3)
    assert middle["source_id"] == "dfe_csww dfe_neighbours_2025"
    assert found.loc["England", "value"] == 17


def test_gaps_name_years_and_reason_and_a_late_start():
    withheld = [(CITY, year, "confidential") for year in (2017, 2018, 2020)]
    made = rows((CITY, 2016, 1), *withheld, (COUNTY, 2018, 4))
    drawn = indicator_story.series(made, {"agency_rate_fte": "Agency"}, NAMES, {}, 2013)

    said = [s.text for s in indicator_story.gaps(drawn, NAMES)]

    assert said == [
        "Nothing of Nottinghamshire before 2018 is in these tables.",
        f"Not published for Nottingham: agency, 2017, 2018, 2020 ({vocabulary.STATUSES['confidential']}).",
    ]


def test_what_57_pounds_an_hour_comes_to():
    said = " ".join(s.text for s in pay_story.pay_sentences(tables.load("budgets"), NAMES))

    for words in ("£57 an hour, or about £93,600 a year", "1,642.1 paid hours: 44.4 weeks of 37 hours", "7.6 weeks",
                  "31.6 hours a week all year", "£109,668, 17 per cent more", "our assumption"):  # fmt: skip
        assert words in said


def test_the_hours_of_a_week_are_cited_as_an_assumption():
    week = pay_story.week_of(pay_story.pay_pair(tables.load("budgets"), NAMES))

    assert week.text == "37" and week.how.startswith("assumption:") and week.rows == ()


def test_no_pay_is_told_of_an_authority_without_such_rows():
    assert pay_story.pay_sentences(tables.load("budgets"), {CITY: "Nottingham"}) == []


def counted(observations, indicators, indicator, names=NAMES, first_year=2013):
    return children_story.counted(observations, indicators, indicator, names, first_year)


TOLD = {
    "plans_two_years_or_more_percent": (
        "9 of 367 protection plans had lasted two years or more: 2.5 per cent (1.3 to 4.6)"
    ),
    "repeat_plans_percent": (
        "145 of 450 protection plans begun in the year were not the child's first: 32.2 per cent (28.1 to 36.7)"
    ),
    "children_looked_after_rate": (
        "639 of 68,714 children under eighteen were looked after: 93 per ten thousand (86 to 100)"
    ),
}


@pytest.mark.parametrize(("indicator", "words"), TOLD.items())
def test_a_share_is_told_with_its_count_and_interval(observations, indicators, indicator, words):
    assert words in children_story.share_now(counted(observations, indicators, indicator), indicator, "Nottingham").text


@pytest.mark.parametrize("indicator", list(indicator_story.COUNTED))
def test_every_share_drawn_lies_in_its_interval_and_rounds_to_the_published_value(observations, indicators, indicator):
    found = counted(observations, indicators, indicator)
    found = found[found["low"].notna() & (found["status"] == "value") & (found["name"] != "England")]

    assert len(found) > 8
    assert ((found["low"] <= found["share"]) & (found["share"] <= found["high"])).all()
    assert ((found["share"] - found["value"]).abs() <= 0.5 * 10.0 ** -found["decimals"].astype(float) + 1e-9).all()


@pytest.mark.parametrize("indicator", list(indicator_story.COUNTED))
def test_no_difference_is_claimed_where_intervals_overlap(observations, indicators, indicator):
    found = counted(observations, indicators, indicator)
    one, other = (children_story.whole(found, name, 2025) for name in NAMES.values())
    apart = one["low"].item() > other["high"].item() or other["low"].item() > one["high"].item()

    said = " ".join(s.text for s in children_story.pairs_apart(found, NAMES))

    assert ("The intervals overlap for Nottingham and Nottinghamshire (2025)." in said) is not apart
    assert ("was higher than" in said or "was lower than" in said) is apart


def test_a_year_whose_counts_are_withheld_is_not_told_as_the_newest(observations, indicators):
    found = counted(observations, indicators, "repeat_plans_percent", {LONDON: "City of London"})

    said = children_story.share_now(found, "repeat_plans_percent", "City of London").text

    assert "in 2016, the newest year with both counts, 0 of 6" in said


def test_an_authority_without_any_count_gets_a_sentence(indicators):
    repeat = "repeat_plans_percent"
    made = counted(rows((CITY, 2024, "confidential"), indicator=repeat), indicators, repeat)

    said = children_story.share_now(made, repeat, "Nottingham").text

    assert said.startswith("For Nottingham no count was public on this day of how many protection plans")


def test_places_among_all_and_among_neighbours(observations, indicators, groups):
    placed = children_story.ranks(observations, indicators, NAMES, groups).set_index(["indicator", "name"])
    repeat = placed.loc[("repeat_plans_percent", "Nottingham")]
    values = observations[observations["indicator"].eq("repeat_plans_percent") & observations["period"].eq(2025)]
    values = values[values["area_code"].str.match("E0[6789]|E10") & values["status"].eq("value")]["value"]

    assert repeat["among_all"].from_highest == (values > 32.2).sum() + 1 and repeat["among_all"].of == len(values)
    assert (repeat["among_group"].from_highest, repeat["among_group"].of) == (1, 11)
    assert len(placed) == len(NAMES) * len(indicator_story.MAIN)


def test_ranks_say_from_which_end_they_count_and_name_ties(indicators):
    others = [("E06000001", 2024, 3), ("E06000002", 2024, 4), ("E06000003", 2024, "confidential")]
    made, names = rows((CITY, 2024, 1), (COUNTY, 2024, 1), *others), NAMES | {"E06000001": "Hartlepool"}
    placed = children_story.ranks(made, indicators, names, {}, {"agency_rate_fte": "Agency"})

    words = [children_story.rank_words(placed.iloc[[i]], "among_all").text for i in range(3)]

    assert words == ["joint lowest of 4", "joint lowest of 4", "2nd highest of 4"]
    assert placed["withheld"].tolist() == [1, 1, 1] and placed["published_values"].tolist() == [4, 4, 4]


@pytest.mark.parametrize(("n", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"),
                                          (13, "13th"), (21, "21st"), (102, "102nd"), (111, "111th")])  # fmt: skip
def test_ordinals_are_english(n, words):
    assert children_story._ordinal(n) == words


def test_a_measure_whose_small_values_are_withheld_says_so_and_counts_towards_no_half(observations, indicators, groups):
    placed = children_story.ranks(observations, indicators, NAMES, groups)

    said = [s.text for s in children_story.withheld_sentences(placed)]

    assert len(said) == 1
    assert said[0].startswith("Plans of two years or more: the values of 59 authorities are withheld for 2025")
    judged = placed[placed["direction"] != "neither"]["indicator"].nunique()
    assert f"of {judged - 1} " in children_story.worse_half(placed, NAMES).text


def test_every_main_measure_is_known_and_its_title_types_no_number(indicators):
    assert set(indicator_story.MAIN) <= set(indicators["indicator"])
    assert 12 <= len(indicator_story.MAIN) <= 16
    assert set(indicator_story.COUNTED) <= set(indicators.loc[indicators["numerator"].notna(), "indicator"])


def test_a_title_without_values_names_what_else_is_drawn():
    labels = {"cla_rate": "Looked after per ten thousand", "repeat": "Plans that were not the first"}
    rows = pd.DataFrame({"name": ["Leeds"], "indicator": ["repeat"], "period": [2018], "value": [27.1],
                         "status": ["value"], "source_id": ["dfe_d3"], "area_code": ["E08000035"]})  # fmt: skip

    title = indicator_exhibits.rate_title(rows, {"E08000035": "Leeds"}, "cla_rate", labels)

    assert title.text == "Plans that were not the first, by year"
