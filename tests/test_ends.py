"""Who stands at the better and the worse end, what is left out, and what chance alone would give."""

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import ends
from small_frames import frame, is_numbered, observed

CITY, COUNTY, ENGLAND = "E06000018", "E10000024", "E92000001"
LOW, HIGH, NEITHER = "rereferral_percent", "same_carer", "referrals"
INDICATORS = frame("indicator direction", f"{LOW} lower_is_better; {HIGH} higher_is_better; {NEITHER} neither")
CODES = [f"E060001{i:02}" for i in range(99)]


def published(values, indicator=LOW, period=2025, codes=CODES):
    """One year of an indicator: a value, or a status, for each authority in turn."""
    return observed(
        "; ".join(f"{code} {indicator} {period} {value}" for code, value in zip(codes, values, strict=False))
    )


def standing(observations):
    found = ends.at_ends(observations, INDICATORS, CODES)
    return found.dropna(subset="at_end").groupby("at_end")["area_code"].agg(list).to_dict()


@pytest.mark.parametrize(
    ("values", "indicator", "better", "worse"),
    [
        (range(40, 0, -1), LOW, [38, 39], [0, 1]),
        (range(40, 0, -1), HIGH, [0, 1], [38, 39]),
        (range(40, 0, -1), NEITHER, [], []),
        (range(39), LOW, [0], [38]),  # of fewer than forty only the first and the last
        ([1, 1, *range(2, 40)], LOW, [0, 1], [38, 39]),  # a tie only where all of it fits
        ([1, 1, 1, *range(2, 39)], LOW, [], [38, 39]),
        ([5] * 40, LOW, [], []),
        ([5], LOW, [], []),
        ([*range(1, 41), *["confidential"] * 4], LOW, [0, 1], [38, 39]),
        ([*range(1, 41), *["confidential"] * 5], LOW, [], []),  # withheld by many
        ([], LOW, [], []),
    ],
)
def test_an_end_is_the_first_five_per_cent_by_which_way_is_better_and_ties_fit_whole(values, indicator, better, worse):
    rows = published(values or [1], indicator).head(len(values))

    told = {end: [CODES[i] for i in places] for end, places in (("better", better), ("worse", worse)) if places}
    assert standing(rows) == told
    found = ends.at_ends(rows, INDICATORS, CODES)
    for end in told if len(told) == 2 else []:  # what chance would give is the mean of all
        assert found["at_end"].eq(end).mean() == pytest.approx(found[f"chance_{end}"].mean())


def test_only_the_newest_year_counts_and_england_is_no_authority():
    old, england = published([99, *range(39)], period=2024), published([500], codes=[ENGLAND])

    found = ends.at_ends(pd.concat([old, published(range(40)), england]), INDICATORS, [CODES[0], ENGLAND])

    assert found[["area_code", "period", "at_end", "of"]].values.tolist() == [[CODES[0], 2025, "better", 40]]
    assert is_numbered(ends.at_ends(published(range(40)), INDICATORS, CODES[5:8]))


def test_a_zero_of_every_year_is_a_way_of_recording():
    rows = pd.concat([published([0, 0, 3, 3, 3], period=year) for year in (2021, 2022, 2023, 2024)])
    now = published([0, 0, 0, 3, 3]).assign(value=[0.0, 7.0, 0.0, 3.0, 3.0])
    many = pd.concat([published([3] * 20, period=2025, codes=CODES[10:]), now, rows])

    marked = ends.zeros_by_practice(many)

    assert many[marked & many["period"].eq(2025)]["area_code"].tolist() == [CODES[0]]  # the third's first zero is one


def test_a_zero_after_other_values_counts_and_too_few_years_say_nothing():
    years = ((2023, [0, 4]), (2024, [0, 0]), (2025, [0, 0]))
    rows = pd.concat([published([*values, *[3] * 20], period=year) for year, values in years])

    marked, short = ends.zeros_by_practice(rows), ends.zeros_by_practice(rows[rows["period"] > 2023])

    assert rows[marked & rows["period"].eq(2025)]["area_code"].tolist() == [CODES[0]]  # three zeros, and no four before
    assert not short.any()
    assert ends.zeros_by_practice(published([0, 0, *[1] * 8])).sum() == 2  # a zero that many share
    assert ends.zeros_by_practice(published([0, *[1] * 9])).sum() == 0  # a tenth exactly is not more than a tenth


def test_zeros_by_practice_are_not_ranked_for_anyone():
    years = pd.concat([published([0, *range(1, 41)], period=year) for year in range(2021, 2026)])

    found = ends.at_ends(years, INDICATORS, CODES)

    assert CODES[0] not in set(found["area_code"]) and set(found["of"]) == {40}
    assert standing(years)["better"] == CODES[1:3]


def test_ends_have_the_chance_to_stand_there_by_lot():
    rows = pd.concat([published(range(40)), published(range(40), HIGH), published(range(40), NEITHER)])

    found = ends.at_ends(rows, INDICATORS, [CODES[0], CODES[7]])

    assert found[["indicator", "at_end"]].fillna("").values.tolist() == [
        *([LOW, "better"], [HIGH, "worse"]),
        *([LOW, ""], [HIGH, ""]),
    ]
    assert found[["chance_better", "chance_worse"]].eq(0.05).all(axis=None)


def test_nottinghamshires_zero_is_a_way_of_recording():
    zeros = tables.load("observations").query("indicator == 'referrals_no_further_action_percent'")

    marked = zeros[ends.zeros_by_practice(zeros)]

    assert marked.query("area_code == @COUNTY")["period"].max() == 2025
    assert marked.query("period == 2025")["area_code"].nunique() == 18


# The nine main measures; one is withheld by many.
MAIN = """rereferral_percent repeat_plans_percent plans_two_years_or_more_percent same_carer_two_years_percent
three_placements_year_percent lait_lacdistance lait_careleaveracc lait_continue_assess_comp lait_cp_conf_15days"""


def test_our_two_stand_at_few_ends():
    rows = tables.load("observations").query("indicator in @MAIN.split()")

    found = ends.at_ends(rows, tables.load("indicators"), [CITY, COUNTY])

    counts = found.groupby("area_code")["at_end"].agg(["size", lambda ends: ends.eq("better").sum(), "count"])
    assert counts.values.tolist() == [[8, 0, 0], [8, 2, 2]]
