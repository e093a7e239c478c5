"""Intervals against published examples and the formula; bases too small; places with ties, ends and missing values."""

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import shares
from hypothesis import given
from hypothesis import strategies as st
from small_frames import frame, observed

CITY, COUNTY, SCILLY, LONDON, REGION = "E06000018", "E10000024", "E06000053", "E09000001", "E12000004"
PLANS, LONG, RATE = "protection_plans", "plans_two_years_or_more", "plans_two_years_or_more_percent"
INDICATORS = frame(
    "indicator numerator denominator per",
    f"{RATE} {LONG} {PLANS} 100; turnover_rate_fte leavers_fte social_workers_fte 100; "
    "children_looked_after_rate children_looked_after children_population 10000; "
    f"{PLANS} - - -; {LONG} - - -; agency_rate_fte - - -; lait_lacdistance - - -",
).astype({"per": "float64"})
COUNTS = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def ends(*counts, confidence=0.95):
    """Both ends of the intervals of shares written as (count, of)."""
    return shares.wilson_ends(*(pd.Series(part, dtype="float64") for part in zip(*counts, strict=True)), confidence)


def test_the_intervals_are_those_of_newcombe_1998_table_one():
    low, high = ends((81, 263), (15, 148), (0, 20), (1, 29))

    assert low.round(4).tolist() == [0.2553, 0.0624, 0.0000, 0.0061]
    assert high.round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]
    assert low.equals(low.round(9)) and high.equals(high.round(9))


@given(COUNTS)
def test_the_interval_is_wilsons_formula_and_holds_the_share(share):
    count, of = share
    z, p = NormalDist().inv_cdf(0.975), count / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))

    low, high = (end.item() for end in ends(share))

    assert (low, high) == pytest.approx((middle - half, middle + half), abs=2e-9)
    assert 0 <= low <= p + 1e-9 and p - 1e-9 <= high <= 1


@given(COUNTS)
def test_more_confidence_is_never_narrower(share):
    (low, high), (lower, higher) = ends(share, confidence=0.9), ends(share, confidence=0.99)

    assert (lower <= low).all() and (high <= higher).all()


@pytest.mark.parametrize("share", [(1, 0), (5, 4), (-1, 4), (1.5, 4), (1, 4.5), (np.nan, 4), (1, np.nan)])
def test_a_count_that_cannot_be_has_no_interval(share):
    low, high = ends(share)

    assert low.isna().all() and high.isna().all()


def test_a_share_stands_with_its_counts_in_its_own_unit_and_full_time_equivalents_have_no_interval():
    fte = "turnover_rate_fte"
    rows = observed(
        f"{CITY} {RATE} 2025 2.5; {CITY} {LONG} 2025 9; {CITY} {PLANS} 2025 367; "
        f"{COUNTY} {RATE} 2025 confidential; {COUNTY} {LONG} 2025 confidential; {COUNTY} {PLANS} 2025 700; "
        f"{CITY} {fte} 2025 12.5; {CITY} leavers_fte 2025 28.8; {CITY} social_workers_fte 2025 230.9"
    )

    found, other = (shares.of(rows, INDICATORS, asked) for asked in ([RATE, "agency_rate_fte"], [fte]))

    assert found[["count", "base", "share"]].iloc[0].tolist() == [9, 367, 2.452316]
    assert found[["low", "high"]].equals(found[["low", "high"]].round(6))
    assert found[["low", "high"]].iloc[0].round(1).tolist() == [1.3, 4.6]
    assert found["base"].iloc[1] == 700 and found[["count", "share", "low"]].iloc[1].isna().all()
    assert other["share"].round(1).tolist() == [12.5] and other["low"].isna().all()


def test_a_difference_is_claimed_only_where_the_intervals_do_not_overlap():
    rows = frame("area_code value low high", "a 5 4 6; b 2 1 3.9; c 7 6.1 9; d 7 6 9; e 2 1 4; f 1 - -", period=2025)
    rows = rows.assign(source_id="dfe_d5")
    england = rows.head(1).assign(value=5.5, source_id="dfe_b1")

    found = shares.beside(rows, england, ["period"], "england")

    same = "about the same"  # so where they touch
    assert found["against_england"].fillna("").tolist() == [same, "lower", "higher", same, same, ""]
    assert found["england"].tolist() == [5.5] * 6 and set(found["source_id"]) == {"dfe_d5 dfe_b1"}
    none = shares.beside(rows, england.assign(period=2024), ["period"], "england")
    assert none["against_england"].isna().all() and set(none["source_id"]) == {"dfe_d5"}


FAR, AGENCY, CARE, PEOPLE = "lait_lacdistance", "agency_rate_fte", "children_looked_after_rate", "children_population"
# The rows, and whether the base of each is too small: below ten for a percentage, below a thousand children for a rate.
BASES = {
    RATE: (f"A {RATE}=50; B {RATE}=50; A {PLANS}=10; B {PLANS}=8", [False, True], [10, 8]),
    f"{RATE} of nothing known": (f"A {RATE}=50", [False], [-1]),
    CARE: (f"A {CARE}=76; A {PEOPLE}=847; B {CARE}=93; B {PEOPLE}=1000", [True, False], [847, 1000]),
    f"{LONG} as its own base": (f"A {LONG}=9; B {LONG}=10", [True, False], [9, 10]),
    f"{FAR} without a base": (f"A {FAR}=1; B {FAR}=8; A {PEOPLE}=999; B {PEOPLE}=1000", [True, False], [-1, -1]),
    AGENCY: (f"A {AGENCY}=20; A social_workers_fte=8; A agency_workers_fte=2", [False], [10]),
    f"{AGENCY} without a part": (f"A {AGENCY}=20; A social_workers_fte=8", [False], [-1]),
}


@pytest.mark.parametrize("case", BASES)
def test_a_base_that_is_too_small_is_marked(case):
    rows, marked, bases = BASES[case]
    every = observed(rows.replace("=", " 2025 "))

    found = shares.small_base(every[every["indicator"] == case.split()[0]], every, INDICATORS)

    assert (found["small_base"].tolist(), found["base"].fillna(-1).tolist()) == (marked, bases)


def test_the_agency_rate_of_the_isles_of_scilly_is_two_people():
    rows, indicators = tables.load("observations"), tables.load("indicators")

    found = shares.small_base(rows.query("indicator == 'agency_rate_fte' and period == 2025"), rows, indicators)

    assert found.loc[found["small_base"], ["area_code", "value", "base"]].values.tolist() == [[SCILLY, 100.0, 2.0]]


def test_places_are_among_authorities_with_a_value_of_one_kind_and_year():
    rows = observed(
        f"{CITY} {RATE} 2025 9.1; {COUNTY} {RATE} 2025 2; {LONDON} {RATE} 2025 9.1; {SCILLY} {RATE} 2025 confidential; "
        f"{REGION} {RATE} 2025 50; {CITY} {RATE} 2024 1; {CITY} {LONG} 2025 3"
    )

    found = shares.places(rows)

    made = found[["rank", "end", "of", "tied", "from_highest", "from_lowest"]]
    assert made.iloc[0].tolist() == [1, "highest", 3, 2, 1, 2]
    assert made.iloc[1].tolist() == [1, "lowest", 3, 1, 3, 1]
    assert made.iloc[[3, 4]].isna().all(axis=None)
    assert found["of"].tolist()[5:] == [1, 1]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_places_count_those_above_below_and_alike(numbers):
    found = shares.places(observed("; ".join(f"E060000{i:02} {RATE} 2025 {n}" for i, n in enumerate(numbers))))

    for row, own in zip(found.itertuples(), numbers, strict=True):
        above, below = sum(n > own for n in numbers), sum(n < own for n in numbers)
        assert (row.from_highest, row.from_lowest, row.rank) == (above + 1, below + 1, min(above, below) + 1)
        assert (row.of, row.tied) == (len(numbers), numbers.count(own))


def test_a_change_is_for_the_better_or_the_worse_by_which_way_is_better():
    rows = frame(
        "value direction", "0.5 higher_is_better; -2 higher_is_better; 0 higher_is_better; 2 lower_is_better; 2 no"
    )

    assert shares.towards(rows["value"], rows["direction"]).fillna("").tolist() == ["better", "worse", "", "worse", ""]
