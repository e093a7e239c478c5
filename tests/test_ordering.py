"""First, last and largest rows are the same on every machine."""

import pandas as pd
import pytest
from childrens_services import ordering
from hypothesis import given
from hypothesis import strategies as st

ROWS = pd.DataFrame(
    {
        "area": ["b", "a", "a", "b", "c"],
        "year": [2013, 2013, 2025, 2025, None],
        "value": [2.0, 1.0, 4.0, 4.0, 9.0],
        "notes": [["x"], None, [], "y", "z"],
    }
)


@pytest.mark.parametrize(
    ("take", "by", "more", "areas"),
    [
        (ordering.in_order, "value", {}, "ababc"),
        (ordering.first, "year", {}, "a"),
        (ordering.last, "year", {}, "b"),
        (ordering.last, "year", {"n": 3}, "bab"),
        (ordering.largest, "value", {}, "c"),
        (ordering.largest, "value", {"n": 3}, "cab"),
        (ordering.last, ["year", "value"], {"each": "area"}, "ab"),
        (ordering.first, "value", {"each": ["area"]}, "abc"),
        (ordering.first, "value", {"each": "year"}, "aac"),  # of the missing year, too
    ],
)
def test_a_tie_is_broken_by_the_other_columns(take, by, more, areas):
    assert "".join(take(ROWS, by, **more)["area"]) == areas


def test_a_tie_is_broken_by_numbers_as_numbers_and_equal_rows_stay_as_they_came():
    assert ordering.first(pd.DataFrame({"year": 2013, "value": [10, 9]}), "year")["value"].tolist() == [9]
    assert [*ordering.in_order(pd.DataFrame({"year": [2014, 2013] * 25}), "year").index] == [
        *range(1, 50, 2),
        *range(0, 50, 2),
    ]


@pytest.mark.parametrize("take", [ordering.first, ordering.last, ordering.largest])
def test_a_row_without_a_value_is_never_taken_and_no_rows_give_no_rows(take):
    assert take(ROWS[ROWS["area"] == "c"], "year").empty
    assert list(take(ROWS.head(0), ["year", "value"], each="area")) == list(ROWS)


@given(st.permutations(range(len(ROWS))), st.integers(1, 6))
def test_the_order_that_rows_come_in_makes_no_difference(order, n):
    for take in (ordering.first, ordering.last, ordering.largest):
        for each in (None, "area"):
            found, again = (take(rows, "year", n, each=each) for rows in (ROWS, ROWS.iloc[order]))
            pd.testing.assert_frame_equal(found, again)
