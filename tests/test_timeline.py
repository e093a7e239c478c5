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
GRADES = ["outstanding", "good", "requires_improvement", "inadequate", "not_inspected"]


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


# Grades on a day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("framework", "judgement", "asked", "day", "event"),
    [
        ("ilacs", OVERALL, OVERALL, "2019-01-06", ""),
        ("ilacs", OVERALL, OVERALL, "2019-01-07", "event_0 good"),
        ("ilacs", OVERALL, OVERALL, "2022-09-04", "event_0 good"),
        ("ilacs", OVERALL, OVERALL, "2022-09-05", "event_1 inadequate"),
        ("ilacs", JOINT, JOINT, "2023-06-01", "event_1 inadequate"),
        ("ilacs", JOINT, "children_in_care", "2023-06-01", ""),
        ("ilacs", JOINT, "care_leavers", "2023-06-01", ""),
        *((older, OVERALL, OVERALL, "2023-06-01", "") for older in ("sif", "pre_2013", "ilacs_pilot")),
    ],
)
def test_a_grade_holds_from_its_report_to_the_next_in_its_own_judgement_and_framework(
    framework, judgement, asked, day, event
):
    judged = GOOD_THEN_INADEQUATE.assign(framework=framework, judgement=judgement)

    rows = timeline.grades_on(judged, ALWAYS, day, asked)
    told = rows[["la_code_ons", "judgement", "grade"]].values.tolist()
    assert told == [[CITY, asked, event.partition(" ")[2] or "not_inspected"], [COUNTY, asked, "not_inspected"]]
    assert rows["event_id"].fillna("").tolist() == [event.partition(" ")[0], ""]
    assert rows[["published", "source_id"]].notna().values.tolist() == [[event != ""] * 2, [False] * 2]


@pytest.mark.parametrize(("judgement", "near"), [("leadership", "impact_of_leaders"), ("leavers", "care_leavers")])
def test_a_judgement_that_ilacs_does_not_have_is_refused_with_the_nearest(judgement, near):
    with pytest.raises(ValueError, match=rf"^'{judgement}' is not one of the ILACS judgements: overall_.*mean '{near}"):
        timeline.grades_on(GOOD_THEN_INADEQUATE, ALWAYS, "2022-01-01", judgement)


def test_days_may_be_text_or_dates_in_any_order_and_each_has_a_row_for_each_authority():
    days = [pd.Timestamp("2023-01-01"), "2018-01-01", date(2020, 1, 1)]
    codes = [f"E06{n:06}" for n in range(20)]

    rows = timeline.grades_over_time(GOOD_THEN_INADEQUATE, ALWAYS, days, OVERALL)
    many = timeline.grades_over_time(grades(""), authorities(" - -; ".join([*codes, ""])), days, OVERALL)

    assert rows["day"].dt.year.tolist() == [2018, 2018, 2020, 2020, 2023, 2023]
    assert rows["grade"].tolist()[::2] == ["not_inspected", "good", "inadequate"]
    assert many["la_code_ons"].tolist() == codes * 3


@pytest.mark.parametrize(
    ("day", "there", "grade", "number"),
    [
        ("2019-03-31", DORSET_OLD, "good", 152),
        ("2019-04-01", DORSET, "not_inspected", 151),
        ("2021-03-31", DORSET, "not_inspected", 151),
        ("2021-04-01", DORSET, "not_inspected", 152),
        ("2023-04-01", DORSET, "not_inspected", 153),
    ],
)
def test_an_authority_is_there_from_its_first_to_its_last_day_and_its_successor_starts_anew(day, there, grade, number):
    places = authorities(f"{DORSET_OLD} - 2019-03-31; {DORSET} 2019-04-01 -")

    rows = timeline.grades_on(grades(f"{DORSET_OLD} good 2018-06-01"), places, day, OVERALL)

    assert rows[["la_code_ons", "grade"]].values.tolist() == [[there, grade]]
    assert len(timeline.existing_on(tables.load("authorities"), day)) == number


def test_shares_have_a_row_for_a_grade_that_nobody_has():
    shares = timeline.grade_shares(timeline.grades_on(GOOD_THEN_INADEQUATE, ALWAYS, "2023-01-01", OVERALL))

    assert shares["grade"].tolist() == GRADES
    assert shares["authorities"].tolist() == [0, 0, 0, 1, 1] and shares["share"].tolist() == [0, 0, 0, 0.5, 0.5]


# Expectations and what came ------------------------------------------------------------------------------------------


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


def forecasts(rows: str, **common) -> pd.DataFrame:
    """Kind expected, event that met it, and window of some forecasts."""
    made = frame("expects outcome_event_id window_start window_end", rows, la_code_ons=CITY, window_by="rule")
    return made.assign(forecast_id=[f"fc_{n}" for n in range(len(made))], **common)


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
    windows = "inspection e 2022-01-01 2022-03-31; inspection - 2021-09-01 2021-10-31"
    made, met = forecasts(windows, outcome=None), events("e inspection 2022-07-11 2022-07-11")
    made["window_by"] = "two_readings"

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


NOT_YET = {"fc_cc_003", *(f"fc_nc_0{n}" for n in ("02", "03", "12", "13", "18"))}
SLIPS = {"fc_nc_001": 102, "fc_nc_010": 0, "fc_nc_015": 0}


@pytest.mark.parametrize(
    ("day", "slips", "unknown"),
    [
        ("2022-08-01", {}, {"fc_nc_001"}),  # overdue, and nothing known of it
        ("2024-04-04", SLIPS, None),
        ("", SLIPS | {"fc_cc_001": 141, "fc_cc_002": 227}, NOT_YET),
    ],
)
def test_slips_of_the_expectations_that_are_in_the_tables(day, slips, unknown):
    rows = timeline.expected_and_actual(tables.load("forecasts", day), tables.load("events", day), [CITY, COUNTY])

    found = rows.set_index("forecast_id")["slip_days"]
    assert found.dropna().to_dict() == slips and unknown in (None, set(found.index[found.isna()]))


# Ofsted's own counts, and two days as they were known ----------------------------------------------------------------


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


INADEQUATE_IN_APRIL_2024 = """Bournemouth, Christchurch and Poole|Bradford|Bury|Devon|Havering|Herefordshire
Isles of Scilly|Liverpool|North East Lincolnshire|Nottingham|Peterborough|Sefton|Solihull|South Tyneside|Swindon
Tameside""".replace("\n", "|").split("|")


@pytest.mark.parametrize(
    ("day", "counts", "city"),
    [
        ("2022-08-01", [23, 54, 43, 17, 15], ["requires_improvement", "nc_2018_ilacs"]),
        ("2024-04-04", [27, 64, 44, 16, 2], ["inadequate", "nc_2022_ilacs"]),
    ],
)
def test_grades_as_known_on_a_day(day, counts, city):
    held = timeline.grades_on(tables.load("judgements", day), tables.load("authorities", day), day, OVERALL)

    by_name = held.set_index("name")
    assert timeline.grade_shares(held)["authorities"].tolist() == counts
    assert by_name.loc["Nottingham", ["grade", "event_id"]].tolist() == city
    assert by_name.at["Nottinghamshire", "grade"] == "good"
    if day == "2024-04-04":
        assert sorted(by_name.index[by_name["grade"] == "inadequate"]) == INADEQUATE_IN_APRIL_2024


def test_a_grade_stands_until_an_inspection_that_no_longer_makes_its_judgement():
    days = ("2026-06-16", "2026-06-17")
    held = timeline.grades_over_time(tables.load("judgements"), tables.load("authorities"), days, OVERALL)
    brent = held[held["name"] == "Brent"]

    assert brent["grade"].tolist() == ["good", "not_inspected"] and brent["event_id"].isna().tolist() == [False, True]


# How far is known ----------------------------------------------------------------------------------------------------


def test_a_list_of_reports_tells_how_far_an_authority_is_known():
    happened = f"a {CITY} inspection; b {CITY} expected_inspection; c {COUNTY} send_inspection"
    lists = "a old_list 2025-01-01; b new_list 2026-06-29; a paper 2026-08-01; c new_list 2026-06-29"
    happened, read = frame("event_id la_code_ons kind", happened), frame("event_id source_id published", lists)
    sources = frame("source_id kind", "old_list secondary_data; new_list secondary_data; paper news")

    found = timeline.last_looked(happened, read, sources, ("inspection", "expected_inspection"))

    assert found.values.tolist() == [[CITY, pd.Timestamp("2026-06-29"), "new_list"]]  # an article is no list
    assert is_numbered(found)
    assert timeline.last_looked(happened, read.head(0), sources, ("inspection",)).empty


@pytest.mark.parametrize(
    ("basis", "day", "known", "today"),
    [
        ("compiled", "", "2026-06-29", "2026-06-29"),
        ("compiled", "2026-12-31", "2026-06-29", "2026-12-31"),
        ("compiled", "2024-04-04", "2024-04-04", "2024-04-04"),
        ("none", "", "2025-05-14", "2026-06-29"),
    ],
)
def test_grades_of_all_are_known_to_the_compiled_sheet_or_ofsteds_table_and_the_reader_stands_on_the_day_asked_for(
    basis, day, known, today
):
    happened, sources = tables.load("events"), tables.load("sources")
    happened = happened[happened["basis"].isin(["official", basis])]

    assert timeline.last_known_day(happened, sources, day) == pd.Timestamp(known)
    assert timeline.today(sources, day) == pd.Timestamp(today)
    with pytest.raises(tables.TableError, match="'soon' is not a day"):
        timeline.today(sources, "soon")


# The grade that stands, what came before, where to stop reading across ------------------------------------------------


def test_one_judgement_stands_for_the_whole_inspection():
    made = f"a impact_of_leaders; a {OVERALL}; a help_and_protection; b impact_of_leaders; b help_and_protection"

    found = timeline.main_grades(frame("event_id judgement", f"{made}; c care_leavers; c area_send"))

    assert is_numbered(found)
    assert found.values.tolist() == [["a", OVERALL], ["b", "help_and_protection"], ["c", "area_send"]]


def inspections(rows):
    """Framework, judgement, grade, first day and day of publication of one authority's inspections."""
    made = frame("framework judgement grade start_earliest published", rows, la_code_ons=CITY)
    return made.assign(event_id=[f"event_{n}" for n in range(len(made))])


SIF, ILACS = "sif overall good 2015-05-11 2015-07-20", "ilacs overall good 2019-10-07 2019-12-19"
FELL = "ilacs overall adequate 2018-11-05 2019-01-07; ilacs overall inadequate 2022-07-11 2022-09-05"
AGAIN = "ilacs overall good 2024-05-20 2024-07-12"
NO_OVERALL = f"{AGAIN}; ilacs help_and_protection good 2026-05-20 2026-07-12"


@pytest.mark.parametrize(
    ("rows", "since", "before"),
    [
        pytest.param(ILACS, "2019-12-19", None, id="one"),
        pytest.param(f"{SIF}; {ILACS}; {AGAIN}", "2019-12-19", "good in sif", id="good three times"),
        pytest.param(FELL, "2022-09-05", "adequate in ilacs", id="fell"),
        pytest.param(NO_OVERALL, "2026-07-12", "good in ilacs", id="no overall judgement any more"),
    ],
)
def test_a_grade_stands_since_the_first_of_its_equals_in_a_row(rows, since, before):
    (found,) = timeline.standing_grades(inspections(rows)[::-1]).to_dict("records")

    was = None if pd.isna(found["grade_before"]) else f"{found['grade_before']} in {found['framework_before']}"
    assert (found["event_id"], f"{found['since']:%Y-%m-%d}", was) == (f"event_{rows.count(';')}", since, before)


def test_where_one_may_not_read_across_is_said_with_what_changed():
    joint = f"ilacs {JOINT} good 2019-05-11 -; ilacs {JOINT} good 2021-05-11 -"
    graded = inspections(f"sif care_leavers good 2015-05-11 -; {joint}; ilacs care_leavers good 2024-05-11 -")
    graded = graded.assign(name="Leeds", column=range(4), source_id="ofsted")

    found = timeline.grade_breaks(pd.concat([graded, graded.head(2).assign(name="Derby")]))

    told = [["Leeds", 1, "framework"], ["Leeds", 3, "areas"], ["Derby", 1, "framework"]]
    assert found[["name", "column", "what"]].to_numpy().tolist() == told
    assert found["start_before"].dt.year.tolist() == [2015, 2021, 2015] and is_numbered(found)
    assert timeline.grade_breaks(graded.head(0)).empty


@given(st.lists(st.sampled_from(GRADES)))
def test_places_among_all_count_those_with_a_grade_above_and_alike(held):
    found = timeline.places_among_all(pd.DataFrame({"grade": pd.Series(held, dtype="str")}))

    ranked = [GRADES.index(grade) for grade in held if grade != "not_inspected"]
    told = {(GRADES[one], one, ranked.count(one), sum(o < one for o in ranked), len(ranked)) for one in ranked}
    assert set(found[["grade", "rank", "same", "higher", "of"]].itertuples(index=False, name=None)) == told
    assert is_numbered(found) and len(found) == len(ranked)
