"""What held when: grades on a day, shares over time, expectations and what came; and two days as they were known."""

from datetime import date

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import timeline
from hypothesis import given
from hypothesis import strategies as st
from small_frames import frame, is_numbered

CITY, COUNTY, DORSET_OLD, DORSET = "E06000018", "E10000024", "E10000009", "E06000059"
OVERALL, JOINT = "overall_effectiveness", "children_in_care_and_care_leavers"


def authorities(rows: str) -> pd.DataFrame:
    """Code, first and last day of existence (- for none) of some authorities."""
    made = frame("la_code_ons existed_from existed_to", rows, region="East Midlands")
    return made.assign(name="Name of " + made["la_code_ons"])


def grades(rows: str) -> pd.DataFrame:
    """Code, grade and day of publication of some overall grades."""
    made = frame("la_code_ons grade published", rows, judgement=OVERALL, framework="ilacs", source_id="ofsted")
    return made.assign(event_id=[f"event_{n}" for n in range(len(made))])


ALWAYS = authorities(f"{CITY} - -; {COUNTY} - -")
GOOD_THEN_INADEQUATE = grades(f"{CITY} good 2019-01-07; {CITY} inadequate 2022-09-05")


def found_on(judgements: pd.DataFrame, day: str, places: pd.DataFrame = ALWAYS, judgement: str = OVERALL) -> dict:
    return timeline.grades_on(judgements, places, day, judgement).set_index("la_code_ons")["grade"].to_dict()


# Grades on a day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("framework", "judgement", "asked", "day", "grade"),
    [
        ("ilacs", OVERALL, OVERALL, "2019-01-06", "not_inspected"),
        ("ilacs", OVERALL, OVERALL, "2019-01-07", "good"),
        ("ilacs", OVERALL, OVERALL, "2022-09-04", "good"),
        ("ilacs", OVERALL, OVERALL, "2022-09-05", "inadequate"),
        ("ilacs", JOINT, JOINT, "2023-06-01", "inadequate"),
        ("ilacs", JOINT, "children_in_care", "2023-06-01", "not_inspected"),
        ("ilacs", JOINT, "care_leavers", "2023-06-01", "not_inspected"),
        *((older, OVERALL, OVERALL, "2023-06-01", "not_inspected") for older in ("sif", "pre_2013", "ilacs_pilot")),
    ],
)
def test_a_grade_holds_from_its_report_to_the_next_in_its_own_judgement_and_framework(
    framework, judgement, asked, day, grade
):
    judged = GOOD_THEN_INADEQUATE.assign(framework=framework, judgement=judgement)

    assert found_on(judged, day, judgement=asked) == {CITY: grade, COUNTY: "not_inspected"}


def test_a_row_says_which_report_the_grade_is_from_and_is_empty_without_one():
    rows = timeline.grades_on(GOOD_THEN_INADEQUATE, ALWAYS, "2022-01-01", OVERALL).set_index("la_code_ons")

    assert rows.loc[CITY, ["event_id", "source_id", "judgement"]].tolist() == ["event_0", "ofsted", OVERALL]
    assert rows.loc[CITY, "published"] == pd.Timestamp("2019-01-07")
    assert rows.loc[COUNTY, ["event_id", "published", "source_id"]].isna().all()
    assert rows.loc[COUNTY, "judgement"] == OVERALL


@pytest.mark.parametrize(("judgement", "near"), [("leadership", "impact_of_leaders"), ("leavers", "care_leavers")])
def test_a_judgement_that_ilacs_does_not_have_is_refused_with_the_nearest(judgement, near):
    with pytest.raises(ValueError, match=rf"^'{judgement}' is not one of the ILACS judgements: overall_.*mean '{near}"):
        timeline.grades_on(GOOD_THEN_INADEQUATE, ALWAYS, "2022-01-01", judgement)


def test_days_may_be_text_or_dates_in_any_order_and_each_has_a_row_for_each_authority():
    days = [pd.Timestamp("2023-01-01"), "2018-01-01", date(2020, 1, 1)]

    rows = timeline.grades_over_time(GOOD_THEN_INADEQUATE, ALWAYS, days, OVERALL)

    mine, codes = rows[rows["la_code_ons"] == CITY], [f"E06{n:06}" for n in range(20)]
    assert mine["day"].dt.year.tolist() == [2018, 2020, 2023]
    assert mine["grade"].tolist() == ["not_inspected", "good", "inadequate"]
    many = timeline.grades_over_time(grades(""), authorities(" - -; ".join([*codes, ""])), days, OVERALL)
    assert len(rows) == 6 and many["la_code_ons"].tolist() == codes * 3


@pytest.mark.parametrize(
    ("day", "there"), [("2019-03-31", {DORSET_OLD: "good"}), ("2019-04-01", {DORSET: "not_inspected"})]
)
def test_an_authority_has_grades_from_its_first_to_its_last_day_and_its_successor_starts_anew(day, there):
    places = authorities(f"{DORSET_OLD} - 2019-03-31; {DORSET} 2019-04-01 -")

    assert found_on(grades(f"{DORSET_OLD} good 2018-06-01"), day, places) == there
    assert set(timeline.existing_on(places, day)["la_code_ons"]) == set(there)


@pytest.mark.parametrize(
    ("day", "number"),
    [("2019-03-31", 152), ("2019-04-01", 151), ("2021-03-31", 151), ("2021-04-01", 152), ("2023-04-01", 153)],
)
def test_how_many_authorities_there_were(day, number):
    assert len(timeline.existing_on(tables.load("authorities"), day)) == number


def test_shares_have_a_row_for_a_grade_that_nobody_has():
    shares = timeline.grade_shares(timeline.grades_on(GOOD_THEN_INADEQUATE, ALWAYS, "2023-01-01", OVERALL))

    assert shares["grade"].tolist() == ["outstanding", "good", "requires_improvement", "inadequate", "not_inspected"]
    assert shares["authorities"].tolist() == [0, 0, 0, 1, 1] and shares["share"].tolist() == [0, 0, 0, 0.5, 0.5]


# One authority's line ------------------------------------------------------------------------------------------------


def events(rows: str) -> pd.DataFrame:
    """Id, kind, first and last possible first day of some of the City's events."""
    made = frame("event_id kind start_earliest start_latest", rows, la_code_ons=CITY)
    return made.assign(start=made["start_earliest"].astype("str"))


@pytest.mark.parametrize(("last_month", "years"), [(3, [2023, 2023]), (9, [2022, 2023])])
def test_an_event_is_marked_at_the_count_that_follows(last_month, years):
    happened = events(
        "a inspection 2022-07-11 2022-07-11; b short_inspection 2022-07-12 2022-07-12; "
        "c improvement_notice 2022-10-24 2022-10-24; d improvement_notice 2024-10-24 2024-10-24; "
        "e monitoring_visit 2023-02-01 2023-02-01"
    ).assign(name="Nottingham", direction=[pd.NA, pd.NA, "begins", "ends", pd.NA])

    rows = timeline.marked(happened, last_month)

    assert rows["what"].tolist() == ["inspection", "notice"] and rows["year"].tolist() == years


# Expectations and what came ------------------------------------------------------------------------------------------


def forecasts(rows: str) -> pd.DataFrame:
    """Kind expected, event that met it, and window of some forecasts."""
    made = frame("expects outcome_event_id window_start window_end", rows, la_code_ons=CITY, window_by="rule")
    return made.assign(forecast_id=[f"fc_{n}" for n in range(len(made))])


# The first and the last day on which it may have come, what was read by hand, the day of the reader, slip and outcome.
CAME = """
2022-02-14 2022-02-14 -          2023-01-01 0   met
2022-01-01 2022-01-01 -          2023-01-01 0   met
2022-03-31 2022-03-31 -          2023-01-01 0   met
2022-03-01 2022-04-30 -          2023-01-01 0   met
2021-12-30 2021-12-30 -          2023-01-01 -2  met_early
2021-12-01 2021-12-31 -          2023-01-01 -1  met_early
2022-07-11 2022-07-11 -          2023-01-01 102 met_late
2022-04-01 2022-04-30 -          2023-01-01 1   met_late
2022-07-11 2022-07-11 partly_met 2023-01-01 102 met_late
-          -          partly_met 2023-01-01 -   partly_met
-          -          -          2022-03-31 -   open
-          -          -          2022-04-01 -   not_seen
"""


@pytest.mark.parametrize(
    ("first", "last", "by_hand", "day", "slip", "outcome"), [line.split() for line in CAME.strip().splitlines()]
)
def test_the_slip_is_counted_from_the_window_and_says_what_came(first, last, by_hand, day, slip, outcome):
    made = forecasts("inspection e 2022-01-01 2022-03-31")
    made["outcome"] = pd.Series([by_hand], dtype="str").replace("-", None)
    met = events(f"e inspection {first} {last}" if first != "-" else "")

    rows, told = timeline.expected_and_actual(made, met, [CITY]), timeline.outcomes(made, met, [CITY], day)

    assert rows["slip_days"].astype("str").fillna("-").tolist() == [slip] and told["outcome"].tolist() == [outcome]
    assert rows["actual"].isna().all() if first == "-" else rows["actual"].between(first, last).all()
    assert rows["actual_edtf"].fillna("-").tolist() == [first]


def test_a_window_that_depends_on_the_day_it_was_said_has_no_slip_and_two_readings():
    made = forecasts("inspection e 2022-01-01 2022-03-31; inspection - 2021-09-01 2021-10-31")
    made, met = made.assign(window_by="two_readings", outcome=None), events("e inspection 2022-07-11 2022-07-11")

    rows, told = timeline.expected_and_actual(made, met, [CITY]), timeline.outcomes(made, met, [CITY], "2023-01-01")

    assert rows["forecast_id"].tolist() == told["forecast_id"].tolist() == ["fc_1", "fc_0"]
    assert rows["slip_days"].isna().all() and told["outcome"].tolist() == ["not_seen", "two_readings"]
    assert is_numbered(rows) and is_numbered(told)


def test_only_expectations_of_one_inspection_or_visit_are_compared():
    made = forecasts("- e 2022-01-01 2022-03-31; inspection e 2022-01-01 2022-03-31")
    decided = events("e council_decision 2022-02-01 2022-02-01")

    rows = timeline.expected_and_actual(made, decided, [CITY])

    assert rows["forecast_id"].tolist() == ["fc_1"] and rows["slip_days"].isna().all()
    assert timeline.expected_and_actual(made, decided, [COUNTY]).empty


@pytest.mark.parametrize(
    ("day", "slips", "unknown"),
    [
        ("2022-08-01", {}, {"fc_nc_001"}),  # overdue, and nothing known of it
        ("2024-04-04", {"fc_nc_001": 102, "fc_nc_010": 0, "fc_nc_015": 0}, None),
        (
            "",
            {"fc_nc_001": 102, "fc_nc_010": 0, "fc_nc_015": 0, "fc_cc_001": 141, "fc_cc_002": 227},
            {"fc_cc_003", *(f"fc_nc_0{n}" for n in ("02", "03", "12", "13", "18"))},
        ),
    ],
)
def test_slips_of_the_expectations_that_are_in_the_tables(day, slips, unknown):
    rows = timeline.expected_and_actual(tables.load("forecasts", day), tables.load("events", day), [CITY, COUNTY])

    found = rows.set_index("forecast_id")
    assert found["slip_days"].dropna().to_dict() == slips
    assert unknown in (None, set(found.index[found["slip_days"].isna()]))


# Ofsted's own counts -------------------------------------------------------------------------------------------------


# Inspections begun by 31 March and out by 30 June, as the statistical releases count them. The newer one has no care
# leavers or children in care grade for those inspected before 2023.
@pytest.mark.parametrize(
    ("year", "judgement", "counts"),
    [
        (2025, OVERALL, [36, 67, 31, 19, 0]),
        (2025, "help_and_protection", [22, 71, 45, 15, 0]),
        (2025, "care_leavers", [27, 43, 26, 7, 50]),
        (2024, OVERALL, [30, 61, 43, 17, 2]),
    ],
)
def test_ofsteds_published_counts_of_grades(year, judgement, counts):
    happened, judged = tables.load("events"), tables.load("judgements")
    begun = happened.loc[happened["start_latest"] <= f"{year}-03-31", "event_id"]
    judged = judged[judged["event_id"].isin(begun)]

    held = timeline.grades_on(judged, tables.load("authorities"), f"{year}-06-30", judgement)

    assert timeline.grade_shares(held)["authorities"].tolist() == counts and sum(counts) == 153


# As it was known on two days, each grade counted from the best ------------------------------------------------------

INADEQUATE_IN_APRIL_2024 = """Bournemouth, Christchurch and Poole|Bradford|Bury|Devon|Havering|Herefordshire
Isles of Scilly|Liverpool|North East Lincolnshire|Nottingham|Peterborough|Sefton|Solihull|South Tyneside|Swindon
Tameside""".replace("\n", "|").split("|")


@pytest.mark.parametrize(
    ("day", "counts", "city"),
    [
        ("2022-08-01", (23, 54, 43, 17, 15), ["requires_improvement", "nc_2018_ilacs"]),
        ("2024-04-04", (27, 64, 44, 16, 2), ["inadequate", "nc_2022_ilacs"]),
    ],
)
def test_grades_as_known_on_a_day(day, counts, city):
    held = timeline.grades_on(tables.load("judgements", day), tables.load("authorities", day), day, OVERALL)

    by_name = held.set_index("name")
    assert tuple(timeline.grade_shares(held)["authorities"]) == counts
    assert by_name.loc["Nottingham", ["grade", "event_id"]].tolist() == city
    assert by_name.at["Nottinghamshire", "grade"] == "good"
    if day == "2024-04-04":
        assert sorted(by_name.index[by_name["grade"] == "inadequate"]) == INADEQUATE_IN_APRIL_2024


def test_a_list_of_reports_tells_how_far_an_authority_is_known():
    events = frame(
        "event_id la_code_ons kind",
        f"a {CITY} inspection; b {CITY} expected_inspection; c {COUNTY} send_inspection",
    )
    read = frame(
        "event_id source_id published",
        "a old_list 2025-01-01; b new_list 2026-06-29; a paper 2026-08-01; c new_list 2026-06-29",
    )
    sources = frame("source_id kind", "old_list secondary_data; new_list secondary_data; paper news")

    found = timeline.last_looked(events, read, sources, ("inspection", "expected_inspection"))

    assert found.values.tolist() == [[CITY, pd.Timestamp("2026-06-29"), "new_list"]]  # an article is no list
    assert is_numbered(found)
    assert timeline.last_looked(events, read.head(0), sources, ("inspection",)).empty


def test_the_reader_stands_on_the_day_asked_for_or_that_of_the_newest_source():
    sources = pd.DataFrame({"published": pd.to_datetime(["2025-01-01", "2026-06-29"])})

    assert timeline.today(sources) == pd.Timestamp("2026-06-29")
    assert timeline.today(sources, "2024-04-04") == pd.Timestamp("2024-04-04")
    with pytest.raises(tables.TableError, match="'soon' is not a day"):
        timeline.today(sources, "soon")


@pytest.mark.parametrize(
    ("basis", "day", "known"),
    [
        ("compiled", "", "2026-06-29"),
        ("compiled", "2026-12-31", "2026-06-29"),
        ("compiled", "2024-04-04", "2024-04-04"),
        ("none", "", "2025-05-14"),
    ],
)
def test_grades_of_all_are_known_to_the_day_of_the_compiled_sheet_or_of_ofsteds_table(basis, day, known):
    happened, sources = tables.load("events"), tables.load("sources")
    happened = happened[happened["basis"].isin(["official", basis])]

    assert timeline.last_known_day(happened, sources, day) == pd.Timestamp(known)


def test_a_grade_stands_until_an_inspection_that_no_longer_makes_its_judgement():
    days = ("2026-06-16", "2026-06-17")
    grades = timeline.grades_over_time(tables.load("judgements"), tables.load("authorities"), days, OVERALL)
    brent = grades[grades["name"] == "Brent"]

    assert brent["grade"].tolist() == ["good", "not_inspected"] and brent["event_id"].isna().tolist() == [False, True]


def test_one_judgement_stands_for_the_whole_inspection():
    rows = frame(
        "event_id judgement",
        f"a impact_of_leaders; a {OVERALL}; a help_and_protection; b impact_of_leaders; b help_and_protection; "
        "c care_leavers; c area_send",
    )

    found = timeline.main_grades(rows)

    assert is_numbered(found)
    assert dict(zip(found["event_id"], found["judgement"], strict=True)) == {
        "a": OVERALL,
        "b": "help_and_protection",
        "c": "area_send",
    }


# The grade that stands, what came before, where to stop reading across ------------------------------------------------


def inspections(rows):
    """Framework, judgement, grade, first day and day of publication of one authority's inspections."""
    made = frame("framework judgement grade start_earliest published", rows, la_code_ons=CITY)
    return made.assign(event_id=[f"event_{n}" for n in range(len(made))])


SIF, ILACS = "sif overall good 2015-05-11 2015-07-20", "ilacs overall good 2019-10-07 2019-12-19"
FELL = "ilacs overall adequate 2018-11-05 2019-01-07; ilacs overall inadequate 2022-07-11 2022-09-05"
AGAIN = "ilacs overall good 2024-05-20 2024-07-12"


@pytest.mark.parametrize(
    ("rows", "since", "before"),
    [
        pytest.param(ILACS, "2019-12-19", None, id="one"),
        pytest.param(f"{SIF}; {ILACS}; {AGAIN}", "2019-12-19", "good in sif", id="good three times"),
        pytest.param(FELL, "2022-09-05", "adequate in ilacs", id="fell"),
        pytest.param(
            f"{AGAIN}; ilacs help_and_protection good 2026-05-20 2026-07-12",
            "2026-07-12",
            "good in ilacs",
            id="no overall judgement any more",
        ),
    ],
)
def test_a_grade_stands_since_the_first_of_its_equals_in_a_row(rows, since, before):
    (found,) = timeline.standing_grades(inspections(rows)[::-1]).to_dict("records")

    was = None if pd.isna(found["grade_before"]) else f"{found['grade_before']} in {found['framework_before']}"
    assert (found["event_id"], f"{found['since']:%Y-%m-%d}", was) == (f"event_{rows.count(';')}", since, before)


def test_where_one_may_not_read_across_is_said_with_what_changed():
    joint = f"ilacs {JOINT} good 2019-05-11 -; ilacs {JOINT} good 2021-05-11 -"
    graded = inspections(f"sif care_leavers good 2015-05-11 -; {joint}; ilacs care_leavers good 2024-05-11 -").assign(
        name="Leeds", column=range(4), source_id="ofsted"
    )

    found = timeline.grade_breaks(pd.concat([graded, graded.head(2).assign(name="Derby")]))

    assert found[["name", "column", "what"]].to_numpy().tolist() == [
        ["Leeds", 1, "framework"],
        ["Leeds", 3, "areas"],
        ["Derby", 1, "framework"],
    ]
    assert found["start_before"].dt.year.tolist() == [2015, 2021, 2015] and is_numbered(found)
    assert timeline.grade_breaks(graded.head(0)).empty


def test_places_among_all_count_those_with_a_grade():
    held = ["good", "good", "inadequate", "outstanding", "not_inspected"]

    found = timeline.places_among_all(pd.DataFrame({"grade": ["not_inspected", *held], "name": list("fabcde")}))

    assert is_numbered(found)
    good, worst, best = [1, 2, 1, 4], [3, 1, 3, 4], [0, 1, 0, 4]
    placed = found.set_index("name")[["rank", "same", "higher", "of"]].T.to_dict("list")
    assert placed == {"a": good, "b": good, "c": worst, "d": best}


@given(st.lists(st.sampled_from(["outstanding", "good", "requires_improvement", "inadequate", "not_inspected"])))
def test_higher_same_and_lower_make_all(held):
    found = timeline.places_among_all(pd.DataFrame({"grade": pd.Series(held, dtype="str")}))

    lower = [(found["rank"] > rank).sum() for rank in found["rank"]]
    assert (found["higher"] + found["same"] + lower == found["of"]).all()
