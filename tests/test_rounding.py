"""Rounding by the decimal digits: the same on every machine, a half away from zero for print."""

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from childrens_services.rounding import half_up, significant
from hypothesis import given
from hypothesis import strategies as st

FLOATS = st.floats(-1e300, 1e300, allow_subnormal=False)
PRINTED = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (8.95, 1, "9.0"),
        (2.5, 0, "3"),
        (0.125, 2, "0.13"),
        (-8.95, 1, "-9.0"),
        (-0.04, 1, "0.0"),
        (7, 1, "7.0"),
        (1.005, 2, "1.01"),
        (1.4999999999999998, 0, "2"),  # a sum that is a half but for the last digit
        (Decimal("1.4999999999999998"), 0, "1"),
        (np.int64(12), np.int64(1), "12.0"),
        (Decimal("0.45"), 1, "0.5"),
    ],
)
def test_decimals_are_rounded_half_up_from_the_decimal(value, decimals, printed):
    assert str(half_up(value, decimals)) == printed


def test_thousands_are_printed_as_in_any_format():
    assert f"{half_up(1234567.85, 1):,}" == "1,234,567.9"
    assert str(half_up(2.5)) == "3"


@given(PRINTED, st.integers(0, 4))
def test_a_float_is_rounded_as_the_decimal_that_it_was_read_from(value, decimals):
    expected = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)

    assert half_up(float(value), decimals) == half_up(value, decimals) == expected


@pytest.mark.parametrize("missing", [float("nan"), np.nan, float("inf"), Decimal("NaN")])
def test_what_is_missing_is_not_printed_as_a_number(missing):
    with pytest.raises(ValueError, match="no number to print"):
        half_up(missing, 1)


@given(FLOATS)
def test_ten_digits_are_kept_and_no_more(value):
    kept = significant(value)

    assert kept == significant(kept)
    assert len(Decimal(repr(kept)).normalize().as_tuple().digits) <= 10
    assert kept == 0 or math.isclose(kept, value, rel_tol=5.1e-10, abs_tol=1e-307)


@given(st.floats(1e-6, 1e12).filter(lambda value: significant(value) == value))
def test_the_last_digit_of_a_float_makes_no_difference(value):
    assert significant(math.nextafter(value, math.inf)) == significant(math.nextafter(value, 0)) == value


def test_columns_keep_their_type_index_and_gaps():
    values = pd.Series([2 / 3, None, 0.0], index=["a", "b", "c"], dtype="Float64", name="share")

    pd.testing.assert_series_equal(
        significant(values, 3), pd.Series([0.667, None, 0.0], index=["a", "b", "c"], dtype="Float64", name="share")
    )
    assert significant(np.array([[1 / 3, np.nan]]), 2)[0, 0] == 0.33
    frame = significant(pd.DataFrame({"name": ["x"], "n": [3], "share": [1 / 3]}))
    assert frame.to_dict("records") == [{"name": "x", "n": 3, "share": 0.3333333333}]
    assert significant(pd.Series([], dtype=float)).empty
