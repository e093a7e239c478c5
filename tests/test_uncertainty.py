"""Intervals against published examples and the formula; ranks with ties, at the ends and without a value."""

import math
from statistics import NormalDist

import pandas as pd
import pytest
from childrens_services.analysis.shares import Interval, rank, wilson
from hypothesis import given
from hypothesis import strategies as st

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
