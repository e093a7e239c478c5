"""How a series is told: anchors and their places, turning points, the way it goes, what it lacks, what moved most."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import shares, turns
from hypothesis import given
from hypothesis import strategies as st
from small_frames import frame, is_numbered, observed

CITY, COUNTY, ENGLAND = "E06000018", "E10000024", "E92000001"
PLANS, AGAIN = "plans_two_years_or_more_percent", "rereferral_percent"
INDICATORS = frame("indicator direction", f"{PLANS} lower_is_better; same_carer higher_is_better; referrals neither")
TENTHS = st.lists(st.integers(0, 500).map(lambda n: n / 10), min_size=1, max_size=14)


def series(*values, area=CITY, indicator=PLANS, first=2013):
    """Observations of one area and indicator, a year each; None for one withheld."""
    told = ("confidential" if value is None else value for value in values)
    return observed("; ".join(f"{area} {indicator} {year} {value}" for year, value in enumerate(told, first)))


def others(*values, indicator=PLANS, first=2013):
    """The same series for so many authorities as there are lists."""
    each = (series(*v, area=f"E060001{i:02}", indicator=indicator, first=first) for i, v in enumerate(values))
    return pd.concat(each)


# Turning points -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ([2.1, 9.1, 2.5], [1]),
        ([33.0, 31.4, 33.4, 22.7, 26.7, 16.9, 32.2, 27.2], [5, 6]),  # 33.4 began the first movement and ended none
        ([1, 2, 3, 4], []),
        ([4, 4, 4], []),
        ([5], []),
        ([1, 9, 8, 9.5, 1], [3]),  # the dip of one between is less than a quarter of the range
        ([1, 5, 5, 1], [2]),  # of equal values the latest
        ([1.0, 5.0, 4.0, 4.5], [1]),  # a quarter of the range exactly is enough, and half a quarter not
        ([20, 21, 20, 21], []),  # whole numbers that differ by one may differ by rounding alone
        ([20, 22, 20, 22], [1, 2]),
    ],
)
def test_a_series_turns_between_two_movements_in_opposite_directions(values, at):
    assert turns.turning(values) == at


@given(TENTHS, st.integers(1, 50))
def test_turning_points_alternate_between_the_highest_and_the_lowest(values, more):
    at = turns.turning(values)

    assert turns.turning([-v for v in values]) == turns.turning([round(v + more, 1) for v in values]) == at
    assert at == sorted(set(at)) and all(0 < place < len(values) - 1 for place in at)
    steps = np.diff([values[place] for place in at])
    assert all(a * b < 0 for a, b in pairwise(steps))
    assert all(abs(step) >= 0.25 * (max(values) - min(values)) - 1e-9 for step in steps)
    ends = [0, *at, len(values) - 1]
    for before, place, after in zip(ends, ends[1:], ends[2:], strict=False):
        around = values[before : after + 1]
        assert values[place] in (max(around), min(around))


# Paths --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ((2.0, 4.0, 3.0, 9.0, 5.0), [2013, 2.0, 2016, 9.0, "peak", 2017, 5.0]),
        ((9.0, 9.0, 2.0, 6.0), [2014, 9.0, 2015, 2.0, "trough", 2016, 6.0]),
        ((1.0, 2.0, 3.0, 4.0), [2013, 1.0, 2016, 4.0, None, 2016, 4.0]),
    ],
)
def test_a_path_goes_by_way_of_the_latest_turn_from_the_value_farthest_from_it(values, path):
    found = turns.paths(series(*values), INDICATORS, [CITY]).astype(object)

    columns = found[["since", "before", "period", "value", "shape", "until", "now"]]
    assert columns.where(columns.notna(), None).values.tolist() == [path]


# Anchors ------------------------------------------------------------------------------------------------------------


def anchored(observations, *codes):
    return turns.anchors(observations, INDICATORS, codes or [CITY]).set_index("anchor")


def test_a_series_is_told_by_its_anchors():
    found = anchored(series(2.1, 2.0, 9.1, 9.1, 3.0, 4.5, 2.5))

    assert list(found.index) == ["first", "peak", "trough", "turn", "three_years_ago", "newest"]
    assert found["period"].tolist() == [2013, 2016, 2014, 2016, 2016, 2019]
    assert found["value"].tolist() == [2.1, 9.1, 2.0, 9.1, 9.1, 2.5]
    both = pd.concat([series(1, 2), series(2, 1, area=COUNTY)])
    for step in (turns.anchors, turns.paths, turns.direction):
        assert is_numbered(step(both, INDICATORS, [CITY, COUNTY]))


def test_an_anchor_that_is_not_there_is_left_out_and_a_gap_is_passed_over():
    always = ["first", "peak", "trough", "newest"]

    assert list(anchored(series(1, 2, None, 4, None)).index) == [*always[:3], "three_years_ago", "newest"]
    assert list(anchored(series(1, 3, None, 4, None, 8)).index) == always
    assert anchored(series(None, 7, None))["period"].to_dict() == dict.fromkeys(always, 2014)


@pytest.mark.parametrize(("indicator", "side"), [(PLANS, "worse"), ("same_carer", "better"), ("referrals", None)])
def test_each_anchor_has_its_place_in_its_own_year_on_the_side_that_is_better_or_worse(indicator, side):
    rows = pd.concat([series(5, 9), others((1, 9), (9, 1), (None, 2)), series(100, 100, area=ENGLAND)])
    rows["indicator"] = indicator

    found = anchored(rows).astype(object)

    made = found[["rank", "end", "of", "tied", "side"]].where(found.notna(), None)
    assert made.loc["first"].tolist() == [2, "highest", 3, 1, side]  # the middle counts as from the top
    assert made.loc["newest"].tolist() == [1, "highest", 4, 2, side]
    assert found.loc["newest", "source_id"] == "dfe_d5"


# The way it goes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "since", "way", "towards"),
    [
        ([2, 9, 3], 2014, "falling", "better"),  # since its turn
        ([9, 2, 7], 2014, "rising", "worse"),
        ([1, 9, 9, 9.5, 9, 9.2], 2015, "flat", None),  # it rose long ago, and since three years not
        ([1, 2, 3, 4, 5, 6], 2015, "rising", "worse"),
        ([5, 5, 5], 2013, "flat", None),
        ([1, None, 9], 2013, "rising", "worse"),
    ],
)
def test_the_way_is_judged_since_the_turn_or_three_years(values, since, way, towards):
    found = turns.direction(series(*values), INDICATORS, [CITY]).iloc[0]

    assert (found["since"], found["way"]) == (since, way)
    assert found["towards"] == towards if towards else pd.isna(found["towards"])


def test_gaps_are_told_by_reason_in_runs_of_years():
    rows = series(1, None, None, None, 5, None, None, 8).assign(
        status=["value", *["confidential"] * 3, "value", "confidential", "unreliable", "value"]
    )

    found = turns.gaps(pd.concat([rows, series(None, area=COUNTY)]), [CITY])

    assert found[["status", "years", "first_year", "last_year"]].values.tolist() == [
        ["confidential", "2014 to 2016, 2018", 2014, 2018],
        ["unreliable", "2019", 2019, 2019],
    ]


def test_nothing_asked_for_is_nothing_told():
    rows = series(1, 2)

    for step in (turns.anchors, turns.paths, turns.direction, turns.moved_most):
        assert step(rows, INDICATORS, ["E08000035"]).empty and step(rows.head(0), INDICATORS, [CITY]).empty
        assert step is turns.anchors or step(series(5, None), INDICATORS, [CITY]).empty  # one value goes no way
    assert turns.gaps(rows, [CITY]).empty


# What moved most ----------------------------------------------------------------------------------------------------


def test_changes_are_between_years_that_are_both_published():
    found = turns.changes(pd.concat([series(1.0, 4.0, None, 3.0), series(5, 2, area=COUNTY)]))

    assert found[["area_code", "period", "since", "before", "change"]].values.tolist() == [
        [CITY, 2014, 2013, 1.0, 3.0],
        [COUNTY, 2014, 2013, 5.0, -3.0],
    ]
    assert turns.changes(series(1, 2, 3, 8), 3)["change"].tolist() == [7.0]


def country(indicator, changes, first=10):
    """Sixty authorities that all begin at one value and change by what is given, over and over."""
    return others(*((first, first + changes[i % len(changes)]) for i in range(60)), indicator=indicator, first=2022)


def test_a_change_is_weighed_by_the_spread_of_all_changes():
    plans = [country(PLANS, [-1, 0, 1]), series(10, 14, first=2022)]
    carers = [country("same_carer", [-10, 0, 10]), series(10, 30, indicator="same_carer", first=2022)]

    found = turns.moved_most(pd.concat(plans + carers), INDICATORS, [CITY], years=1)

    assert found[["indicator", "change", "spread", "moved", "towards"]].values.tolist() == [
        [PLANS, 4.0, 2.0, 2.0, "worse"],
        ["same_carer", 20.0, 20.0, 1.0, "better"],
    ]
    assert set(found["authorities"]) == {61}


def test_without_a_scale_nothing_is_weighed():
    alike = pd.concat([country(PLANS, [1]), series(10, 14, first=2022)])
    few = pd.concat([others((1, 2), (1, 5)), series(1, 9)])

    assert turns.moved_most(alike, INDICATORS, [CITY], years=1).empty
    assert turns.moved_most(few, INDICATORS, [CITY], years=1).empty


def test_two_authorities_lie_apart_by_the_spread_of_all_values():
    mine = [series(12, 10, first=2023), series(4, None, area=COUNTY, first=2023)]

    found = turns.apart(pd.concat([country(PLANS, [-4, 0, 4]), *mine]), INDICATORS, CITY, COUNTY)

    made = ["other_area", "period", "value", "other_value", "difference", "spread", "apart", "towards"]
    assert found[made].values.tolist() == [[COUNTY, 2023, 12.0, 4.0, 8.0, 8.0, 1.0, "worse"]]
    assert turns.apart(pd.concat([country(PLANS, [0]), *mine]), INDICATORS, CITY, COUNTY).empty  # all others are alike


# Back tests on the tidy tables --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told():
    observations, indicators = tables.load("observations"), tables.load("indicators")
    mine = observations[observations["indicator"].isin([PLANS, AGAIN, "turnover_rate_fte"])]
    return mine, indicators, turns.anchors(mine, indicators, [CITY]).set_index(["indicator", "anchor"])


@pytest.mark.parametrize(
    ("indicator", "anchor", "expected"),
    [
        (PLANS, "first", "2013 2.1"),
        (PLANS, "turn", "2022 9.1 1 highest 107 2 worse"),  # up, and down again
        (PLANS, "newest", "2025 2.5"),
        (AGAIN, "trough", "2021 16.9"),
        (AGAIN, "turn", "2024 32.2 2 highest 149"),  # the second highest of all
        (AGAIN, "newest", "2025 27.2"),
    ],
)
def test_nottinghams_long_plans_and_re_referrals_are_told_by_their_anchors(told, indicator, anchor, expected):
    found = told[2].loc[(indicator, anchor), ["period", "value", "rank", "end", "of", "tied", "side"]]

    assert " ".join(map(str, found)).startswith(expected)


def test_nottinghams_re_referrals_are_falling_turnover_jumped_and_since_2022_it_recovered_and_relapsed(told):
    way = turns.direction(told[0], told[1], [CITY]).set_index("indicator").loc[AGAIN]
    largest = turns.changes(told[0][told[0]["area_code"] == CITY]).nlargest(1, "change").iloc[0]
    moved = turns.moved_most(told[0], told[1], [CITY])

    assert way[["since", "change", "way", "towards"]].tolist() == [2024, -5.0, "falling", "better"]
    assert largest[["indicator", "since", "period", "change"]].tolist() == ["turnover_rate_fte", 2021, 2022, 15.2]
    assert moved["indicator"].tolist() == [PLANS, AGAIN, "turnover_rate_fte"]
    assert moved["towards"].tolist() == ["better", "worse", "better"]
    assert shares.small_base(moved, tables.load("observations"), told[1])["small_base"].tolist() == [False] * 3
