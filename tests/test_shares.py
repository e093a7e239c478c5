"""Intervals against published examples and the formula; bases too small; places with ties, ends and missing values."""

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import shares
from childrens_services.analysis.shares import Interval, rank, wilson
from hypothesis import given
from hypothesis import strategies as st

CITY, COUNTY, SCILLY, LONDON, REGION = "E06000018", "E10000024", "E06000053", "E09000001", "E12000004"
PLANS, LONG, RATE = "protection_plans", "plans_two_years_or_more", "plans_two_years_or_more_percent"
INDICATORS = pd.DataFrame(
    [
        (RATE, LONG, PLANS, 100.0),
        ("turnover_rate_fte", "leavers_fte", "social_workers_fte", 100.0),
        ("children_looked_after_rate", "children_looked_after", "children_population", 10_000.0),
        (PLANS, None, None, None),
        (LONG, None, None, None),
        ("agency_rate_fte", None, None, None),
        ("lait_lacdistance", None, None, None),
    ],
    columns=["indicator", "numerator", "denominator", "per"],
)


def seen(*rows):
    """Observations written as (area, indicator, value or status), of 2025 unless a year follows."""
    made = [
        (
            area,
            indicator,
            (*year, 2025)[0],
            np.nan if isinstance(v, str) else float(v),
            v if isinstance(v, str) else "value",
        )
        for area, indicator, v, *year in rows
    ]
    frame = pd.DataFrame(made, columns=["area_code", "indicator", "period", "value", "status"])
    return frame.assign(source_id="dfe_d5", published=pd.Timestamp("2025-10-31"))


SHARES = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_newcombe_1998_table_one(count, of, low, high):
    found = wilson(count, of)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(SHARES)
def test_the_interval_is_wilsons_formula_and_holds_the_share(share):
    count, of = share
    z, p = NormalDist().inv_cdf(0.975), count / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))

    found = wilson(count, of)

    assert found.low == pytest.approx(middle - half, abs=1e-9)
    assert found.high == pytest.approx(middle + half, abs=1e-9)
    assert -1e-9 <= found.low <= p + 1e-9 and p - 1e-9 <= found.high <= 1 + 1e-9


@given(SHARES)
def test_more_confidence_is_never_narrower(share):
    wide, narrow = wilson(*share, confidence=0.99), wilson(*share, confidence=0.9)

    assert wide.high - wide.low >= narrow.high - narrow.low


@pytest.mark.parametrize(("count", "of"), [(1, 0), (5, 4), (-1, 4), (1.5, 4), (1, 4.5)])
def test_a_count_that_cannot_be_is_refused(count, of):
    with pytest.raises(ValueError, match="give whole numbers, the count from 0 to the number it is of"):
        wilson(count, of)


def test_intervals_that_touch_overlap_and_others_do_not():
    one = Interval(0.1, 0.2)

    assert one.overlaps(Interval(0.2, 0.3)) and Interval(0.2, 0.3).overlaps(one)
    assert one.overlaps(Interval(0.12, 0.13))
    assert not one.overlaps(Interval(0.21, 0.3)) and not Interval(0.21, 0.3).overlaps(one)


def test_ties_share_the_better_place_from_either_end():
    values = pd.Series({"a": 3.0, "b": 1.0, "c": 3.0, "d": None, "e": 2.0})

    tied, last = rank(values, "a"), rank(values, "b")

    assert (tied.from_highest, tied.from_lowest, tied.of, tied.tied) == (1, 3, 4, 2)
    assert (last.from_highest, last.from_lowest, last.of, last.tied) == (4, 1, 4, 1)


def test_the_position_runs_from_the_lowest_to_the_highest_and_ties_stand_in_their_middle():
    values = pd.Series({"a": 1.0, "b": 2.0, "c": 2.0, "d": 3.0})

    assert [rank(values, key).position for key in "abcd"] == [0.0, 0.5, 0.5, 1.0]
    assert rank(pd.Series({"a": 1.0}), "a").position == 0.5


@pytest.mark.parametrize("key", ["d", "unknown"])
def test_a_missing_value_has_no_place(key):
    with pytest.raises(ValueError, match=f"rank of {key}: it has no value; say so instead of ranking it"):
        rank(pd.Series({"a": 1.0, "d": None}), key)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_places_from_both_ends_and_ties_add_up(numbers):
    values = pd.Series([float(n) for n in numbers], index=[f"a{i}" for i in range(len(numbers))])

    found = rank(values, "a0")

    assert found.from_highest + found.from_lowest + found.tied == found.of + 2
    assert 0 <= found.position <= 1


# Steps from frame to frame ------------------------------------------------------------------------------------------


@given(st.lists(SHARES, min_size=1, max_size=20))
def test_many_intervals_are_the_single_ones(pairs):
    low, high = shares.wilson_ends(pd.Series([c for c, _ in pairs]), pd.Series([n for _, n in pairs]))

    alone = [wilson(*pair) for pair in pairs]
    assert low.to_numpy() == pytest.approx([one.low for one in alone], abs=1e-8)
    assert high.to_numpy() == pytest.approx([one.high for one in alone], abs=1e-8)


@pytest.mark.parametrize(("count", "of"), [(1, 0), (5, 4), (-1, 4), (1.5, 4), (1, 4.5), (np.nan, 4), (1, np.nan)])
def test_a_count_that_cannot_be_has_no_interval(count, of):
    low, high = shares.wilson_ends(pd.Series([float(count)]), pd.Series([float(of)]))

    assert low.isna().all() and high.isna().all()


def test_a_share_stands_with_its_counts_in_its_own_unit():
    rows = seen(
        (CITY, RATE, 2.5),
        (CITY, LONG, 9),
        (CITY, PLANS, 367),
        (COUNTY, RATE, "confidential"),
        (COUNTY, LONG, "confidential"),
        (COUNTY, PLANS, 700),
    )

    found = shares.of(rows, INDICATORS, [RATE, "agency_rate_fte"])

    assert found[["count", "base", "share"]].iloc[0].tolist() == [9, 367, pytest.approx(2.452316)]
    assert found[["low", "high"]].iloc[0].round(1).tolist() == [1.3, 4.6]
    assert found["base"].iloc[1] == 700 and found[["count", "share", "low"]].iloc[1].isna().all()


def test_full_time_equivalents_have_no_interval():
    found = shares.of(
        seen((CITY, "turnover_rate_fte", 12.5), (CITY, "leavers_fte", 28.8), (CITY, "social_workers_fte", 230.9)),
        INDICATORS,
        ["turnover_rate_fte"],
    )

    assert found["share"].round(1).tolist() == [12.5] and found["low"].isna().all()


def test_a_difference_is_claimed_only_where_the_intervals_do_not_overlap():
    ends = [(CITY, 5.0, 4.0, 6.0), (COUNTY, 2.0, 1.0, 3.9), (LONDON, 7.0, 6.1, 9.0), (SCILLY, 1.0, np.nan, np.nan)]
    rows = pd.DataFrame(ends, columns=["area_code", "value", "low", "high"]).assign(period=2025, source_id="dfe_d5")
    england = rows.head(1).assign(value=5.5, source_id="dfe_b1")

    found = shares.beside(rows, england, ["period"], "england")

    assert found["against_england"].fillna("").tolist() == ["about the same", "lower", "higher", ""]
    assert found["england"].tolist() == [5.5] * 4 and set(found["source_id"]) == {"dfe_d5 dfe_b1"}
    none = shares.beside(rows, england.assign(period=2024), ["period"], "england")
    assert none["against_england"].isna().all() and set(none["source_id"]) == {"dfe_d5"}


def test_a_base_below_ten_is_too_small_for_a_percentage():
    rows = seen((CITY, RATE, 50), (CITY, PLANS, 10), (COUNTY, RATE, 50), (COUNTY, PLANS, 8), (LONDON, RATE, 50))

    found = shares.small_base(rows[rows["indicator"] == RATE], rows, INDICATORS)

    assert found["base"].tolist()[:2] == [10, 8] and np.isnan(found["base"].iloc[2])
    assert found["small_base"].tolist() == [False, True, False]  # nothing known of the third, and nothing said of it


def test_a_rate_per_ten_thousand_needs_a_thousand_children_and_a_count_is_its_own_base():
    looked_after = "children_looked_after_rate"
    rows = seen(
        (LONDON, looked_after, 76),
        (LONDON, "children_population", 847),
        (CITY, looked_after, 93),
        (CITY, "children_population", 68_000),
        (CITY, LONG, 9),
        (CITY, PLANS, 367),
    )

    found = shares.small_base(rows, rows, INDICATORS).set_index(["area_code", "indicator"])["small_base"]

    assert found[LONDON, looked_after] and not found[CITY, looked_after]
    assert found[CITY, LONG] and not found[CITY, PLANS]


def test_without_a_base_the_places_with_few_children_are_marked():
    rows = seen(
        (SCILLY, "lait_lacdistance", 100),
        (CITY, "lait_lacdistance", 8),
        (SCILLY, "children_population", 319),
        (CITY, "children_population", 68_000),
    )

    found = shares.small_base(rows.head(2), rows, INDICATORS)

    assert found["small_base"].tolist() == [True, False]


def test_an_agency_rate_is_of_those_in_post_and_the_agency_workers_together():
    rows = seen(
        (SCILLY, "agency_rate_fte", 20),
        (SCILLY, "social_workers_fte", 8),
        (SCILLY, "agency_workers_fte", 2),
        (CITY, "agency_rate_fte", 20),
        (CITY, "social_workers_fte", 8),
    )

    found = shares.small_base(rows[rows["indicator"] == "agency_rate_fte"], rows, INDICATORS)

    assert found["base"].iloc[0] == 10 and found["base"].isna().iloc[1]  # a part that is missing makes no sum
    assert found["small_base"].tolist() == [False, False]


def test_the_agency_rate_of_the_isles_of_scilly_is_two_people():
    observations, indicators = tables.load("observations"), tables.load("indicators")
    rates = observations[observations["indicator"].eq("agency_rate_fte") & observations["period"].eq(2025)]

    found = shares.small_base(rates, observations, indicators)

    assert found.loc[found["small_base"], ["area_code", "value", "base"]].values.tolist() == [[SCILLY, 100.0, 2.0]]


def test_places_are_among_authorities_with_a_value_of_one_kind_and_year():
    rows = seen(
        (CITY, RATE, 9.1),
        (COUNTY, RATE, 2),
        (LONDON, RATE, 9.1),
        (SCILLY, RATE, "confidential"),
        (REGION, RATE, 50),
        (CITY, RATE, 1, 2024),
        (CITY, LONG, 3),
    )

    found = shares.places(rows)

    made = ["rank", "end", "of", "tied", "from_highest", "from_lowest"]
    assert found[made].iloc[0].tolist() == [1, "highest", 3, 2, 1, 2]
    assert found[made].iloc[1].tolist() == [1, "lowest", 3, 1, 3, 1]
    assert found[made].iloc[[3, 4]].isna().all(axis=None)
    assert found["of"].tolist()[5:] == [1, 1]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_places_of_many_are_the_single_ones(numbers):
    rows = seen(*((f"E060000{i:02}", RATE, n) for i, n in enumerate(numbers)))

    found = shares.places(rows)

    one = rank(rows.set_index("area_code")["value"], "E06000000")
    made = found[["from_highest", "from_lowest", "of", "tied"]].iloc[0].tolist()
    assert made == [one.from_highest, one.from_lowest, one.of, one.tied]
    assert (found["rank"] == found[["from_highest", "from_lowest"]].min(axis=1)).all()


def test_starters_are_set_against_those_in_post():
    rows = seen(
        (CITY, "starters_fte", 26.1),
        (CITY, "social_workers_fte", 224.7),
        (COUNTY, "starters_fte", 3),
        (COUNTY, "social_workers_fte", "not_available"),
    )

    made = shares.with_starters_rate(rows).query("indicator == 'starters_rate'")

    assert made["value"].round(1).tolist()[:1] == [11.6]
    assert made["value"].isna().tolist() == [False, True] and made["status"].tolist() == ["value", "not_available"]
