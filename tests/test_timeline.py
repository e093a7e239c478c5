"""What held when: grades on a day, shares over time, expectations and what came; and two days as they were known."""

from datetime import date

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import timeline
from hypothesis import given, settings
from hypothesis import strategies as st

CITY, COUNTY, DORSET_OLD, DORSET = "E06000018", "E10000024", "E10000009", "E06000059"
OVERALL = "overall_effectiveness"


def authorities(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Code, first and last day of existence (empty for none) of some authorities."""
    frame = pd.DataFrame(rows, columns=["la_code_ons", "existed_from", "existed_to"])
    days = {column: pd.to_datetime(frame[column].replace("", None)) for column in ("existed_from", "existed_to")}
    return frame.assign(name="Name of " + frame["la_code_ons"], region="East Midlands", **days)


def grades(*rows: tuple[str, str, str], judgement: str = OVERALL, framework: str = "ilacs") -> pd.DataFrame:
    """Code, grade and day of publication of some grades."""
    frame = pd.DataFrame(rows, columns=["la_code_ons", "grade", "published"]).astype({"la_code_ons": "str"})
    return frame.assign(
        event_id=[f"event_{n}" for n in range(len(frame))],
        judgement=judgement,
        framework=framework,
        published=pd.to_datetime(frame["published"]),
        source_id="ofsted",
    )


ALWAYS = authorities((CITY, "", ""), (COUNTY, "", ""))
GOOD_THEN_INADEQUATE = grades((CITY, "good", "2019-01-07"), (CITY, "inadequate", "2022-09-05"))


def found_on(judgements: pd.DataFrame, day: str, places: pd.DataFrame = ALWAYS, judgement: str = OVERALL) -> dict:
    return timeline.grades_on(judgements, places, day, judgement).set_index("la_code_ons")["grade"].to_dict()


# Grades on a day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "grade"),
    [("2019-01-06", "not_inspected"), ("2019-01-07", "good"), ("2022-09-04", "good"), ("2022-09-05", "inadequate")],
)
def test_a_grade_holds_from_the_day_of_its_report_to_the_day_before_the_next(day, grade):
    assert found_on(GOOD_THEN_INADEQUATE, day) == {CITY: grade, COUNTY: "not_inspected"}


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


@pytest.mark.parametrize("day", ["2022-01-01", date(2022, 1, 1), pd.Timestamp("2022-01-01")])
def test_a_day_may_be_text_a_date_or_a_timestamp(day):
    assert len(timeline.grades_on(GOOD_THEN_INADEQUATE, ALWAYS, day, OVERALL)) == len(ALWAYS)


def test_days_may_come_in_any_order_and_each_has_a_row_for_each_authority():
    days = ["2023-01-01", "2018-01-01", date(2020, 1, 1)]

    rows = timeline.grades_over_time(GOOD_THEN_INADEQUATE, ALWAYS, days, OVERALL)

    mine = rows[rows["la_code_ons"] == CITY]
    assert mine["day"].dt.year.tolist() == [2018, 2020, 2023]
    assert mine["grade"].tolist() == ["not_inspected", "good", "inadequate"]
    assert len(rows) == 6


def test_the_joint_judgement_on_care_is_not_the_split_one():
    joint = grades((CITY, "requires_improvement", "2022-09-05"), judgement="children_in_care_and_care_leavers")

    for split in ("children_in_care", "care_leavers"):
        assert found_on(joint, "2023-06-01", judgement=split)[CITY] == "not_inspected"
    assert found_on(joint, "2023-06-01", judgement="children_in_care_and_care_leavers")[CITY] == "requires_improvement"


@pytest.mark.parametrize("framework", ["sif", "pre_2013", "ilacs_pilot"])
def test_a_grade_of_an_older_framework_does_not_count(framework):
    older = grades((CITY, "good", "2014-05-14"), framework=framework)

    assert found_on(older, "2020-01-01")[CITY] == "not_inspected"


@pytest.mark.parametrize(
    ("day", "there"),
    [("2019-03-31", {DORSET_OLD}), ("2019-04-01", {DORSET})],
)
def test_an_authority_has_grades_from_its_first_to_its_last_day_and_its_successor_starts_anew(day, there):
    places = authorities((DORSET_OLD, "", "2019-03-31"), (DORSET, "2019-04-01", ""))
    judged = grades((DORSET_OLD, "good", "2018-06-01"))

    found = found_on(judged, day, places)

    assert set(found) == there == set(timeline.existing_on(places, day)["la_code_ons"])
    assert found.get(DORSET, "not_inspected") == "not_inspected"


def test_how_many_authorities_there_were():
    places = tables.load("authorities")

    days = ["2018-06-01", "2019-03-31", "2019-04-01", "2021-03-31", "2021-04-01", "2023-03-31", "2023-04-01"]
    counted = [len(timeline.existing_on(places, day)) for day in days]

    assert counted == [152, 152, 151, 151, 152, 152, 153]


DAYS = st.dates(date(2018, 1, 1), date(2026, 3, 31))
REPORTS = st.lists(
    st.tuples(st.sampled_from([CITY, COUNTY]), st.sampled_from(["good", "inadequate"]), DAYS),
    max_size=6,
    unique_by=lambda report: (report[0], report[2]),
)


@settings(max_examples=25, deadline=None)
@given(REPORTS, st.lists(DAYS, min_size=1, max_size=4, unique=True))
def test_the_grade_on_a_day_is_that_of_the_newest_report_out_by_then(reports, days):
    rows = timeline.grades_over_time(grades(*reports), ALWAYS, days, OVERALL)

    for row in rows.itertuples():
        out = [(day, grade) for code, grade, day in reports if code == row.la_code_ons and day <= row.day.date()]
        assert row.grade == (max(out)[1] if out else "not_inspected")


@settings(max_examples=25, deadline=None)
@given(REPORTS, st.lists(DAYS, min_size=1, max_size=4, unique=True))
def test_shares_count_every_authority_that_existed_once(reports, days):
    places = authorities((CITY, "", "2021-03-31"), (COUNTY, "2020-01-01", ""), (DORSET, "", ""))

    shares = timeline.grade_shares(timeline.grades_over_time(grades(*reports), places, days, OVERALL))

    by_day = shares.groupby("day")
    assert by_day["authorities"].sum().to_dict() == {
        pd.Timestamp(day): len(timeline.existing_on(places, day)) for day in days
    }
    assert by_day["share"].sum().round(9).eq(1).all()
    assert set(shares["grade"]) == {"outstanding", "good", "requires_improvement", "inadequate", "not_inspected"}


def test_shares_have_a_row_for_a_grade_that_nobody_has():
    shares = timeline.grade_shares(timeline.grades_on(GOOD_THEN_INADEQUATE, ALWAYS, "2023-01-01", OVERALL))

    assert shares[["grade", "authorities", "share"]].to_numpy().tolist() == [
        ["outstanding", 0, 0.0],
        ["good", 0, 0.0],
        ["requires_improvement", 0, 0.0],
        ["inadequate", 1, 0.5],
        ["not_inspected", 1, 0.5],
    ]


# One authority's line ------------------------------------------------------------------------------------------------


def events(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Id, kind, first and last possible first day of some of the City's events."""
    frame = pd.DataFrame(rows, columns=["event_id", "kind", "start_earliest", "start_latest"])
    days = {column: pd.to_datetime(frame[column]) for column in ("start_earliest", "start_latest")}
    return frame.assign(la_code_ons=CITY, start=frame["start_earliest"], end="", publication_date=pd.NaT, **days)


@pytest.mark.parametrize(("last_month", "years"), [(3, [2023, 2023]), (9, [2022, 2023])])
def test_an_event_is_marked_at_the_count_that_follows(last_month, years):
    happened = events(
        ("a", "inspection", "2022-07-11", "2022-07-11"),
        ("b", "short_inspection", "2022-07-12", "2022-07-12"),
        ("c", "improvement_notice", "2022-10-24", "2022-10-24"),
        ("d", "improvement_notice", "2024-10-24", "2024-10-24"),
        ("e", "monitoring_visit", "2023-02-01", "2023-02-01"),
    ).assign(name="Nottingham", direction=[pd.NA, pd.NA, "begins", "ends", pd.NA])

    rows = timeline.marked(happened, last_month)

    assert rows["what"].tolist() == ["inspection", "notice"] and rows["year"].tolist() == years


# Expectations and what came ------------------------------------------------------------------------------------------


def forecasts(*rows: tuple[str, str | None, str, str]) -> pd.DataFrame:
    """Kind expected, event that met it, and window of some forecasts."""
    frame = pd.DataFrame(rows, columns=["expects", "outcome_event_id", "window_start", "window_end"])
    days = {column: pd.to_datetime(frame[column]) for column in ("window_start", "window_end")}
    frame = frame.assign(window_by="rule", outcome=pd.Series(None, index=frame.index, dtype="str"))
    return frame.assign(forecast_id=[f"fc_{n}" for n in range(len(frame))], la_code_ons=CITY, **days)


@pytest.mark.parametrize(
    ("first", "last", "slip"),
    [
        pytest.param("2022-02-14", "2022-02-14", 0, id="inside"),
        pytest.param("2022-01-01", "2022-01-01", 0, id="on the first day"),
        pytest.param("2022-03-31", "2022-03-31", 0, id="on the last day"),
        pytest.param("2021-12-30", "2021-12-30", -2, id="early"),
        pytest.param("2022-07-11", "2022-07-11", 102, id="late"),
        pytest.param("2022-04-01", "2022-04-30", 1, id="late, on a day that only a month is known of"),
        pytest.param("2021-12-01", "2021-12-31", -1, id="early, on a day that only a month is known of"),
        pytest.param("2022-03-01", "2022-04-30", 0, id="perhaps inside"),
    ],
)
def test_the_slip_is_counted_from_the_window(first, last, slip):
    rows = timeline.expected_and_actual(
        forecasts(("inspection", "e", "2022-01-01", "2022-03-31")), events(("e", "inspection", first, last)), [CITY]
    )

    assert rows["slip_days"].tolist() == [slip]
    assert rows["actual"].between(first, last).all() and rows["actual_edtf"].tolist() == [first]


def test_an_expectation_that_nothing_is_known_to_have_met_has_no_slip():
    made = forecasts(("inspection", None, "2025-09-01", "2025-10-31"), ("inspection", "e", "2022-01-01", "2022-03-31"))

    rows = timeline.expected_and_actual(made, events(), [CITY])

    assert rows["forecast_id"].tolist() == ["fc_1", "fc_0"]
    assert rows[["actual", "actual_edtf", "slip_days"]].isna().all(axis=None)


def test_only_expectations_of_one_inspection_or_visit_are_compared():
    made = forecasts((None, "e", "2022-01-01", "2022-03-31"), ("inspection", "e", "2022-01-01", "2022-03-31"))
    decided = events(("e", "council_decision", "2022-02-01", "2022-02-01"))

    rows = timeline.expected_and_actual(made, decided, [CITY])

    assert rows["forecast_id"].tolist() == ["fc_1"] and rows["slip_days"].isna().all()
    assert timeline.expected_and_actual(made, decided, [COUNTY]).empty


def test_slips_of_the_expectations_that_are_in_the_tables():
    rows = timeline.expected_and_actual(tables.load("forecasts"), tables.load("events"), [CITY, COUNTY])

    assert rows.set_index("forecast_id")["slip_days"].dropna().to_dict() == {
        "fc_nc_001": 102,
        "fc_nc_010": 0,
        "fc_nc_015": 0,
        "fc_cc_001": 141,
        "fc_cc_002": 227,
    }
    assert sorted(rows.loc[rows["slip_days"].isna(), "forecast_id"]) == [
        "fc_cc_003",
        "fc_nc_002",
        "fc_nc_003",
        "fc_nc_012",
        "fc_nc_013",
        "fc_nc_018",
    ]


# Ofsted's own counts -------------------------------------------------------------------------------------------------

# Inspections begun by 31 March and out by 30 June, as the statistical releases count them. The newer one has no care
# leavers or children in care grade for those inspected before 2023.
COUNTS = {
    ("2025-03-31", OVERALL): (36, 67, 31, 19, 0),
    ("2025-03-31", "help_and_protection"): (22, 71, 45, 15, 0),
    ("2025-03-31", "care_leavers"): (27, 43, 26, 7, 50),
    ("2024-03-31", OVERALL): (30, 61, 43, 17, 2),
}


@pytest.mark.parametrize(("day", "judgement"), COUNTS)
def test_ofsteds_published_counts_of_grades(day, judgement):
    happened = tables.load("events")
    begun = happened.loc[happened["start_latest"] <= day, "event_id"]
    judged = tables.load("judgements")

    shares = timeline.grade_shares(
        timeline.grades_on(
            judged[judged["event_id"].isin(begun)], tables.load("authorities"), day.replace("03-31", "06-30"), judgement
        )
    )

    assert tuple(shares["authorities"]) == COUNTS[day, judgement]
    assert shares["authorities"].sum() == 153


# As it was known on two days -----------------------------------------------------------------------------------------


class Known:
    """The tables as known on a day."""

    def __init__(self, day: str):
        self.day = day

    def __getattr__(self, name: str) -> pd.DataFrame:
        return tables.load(name, self.day)

    def overall(self) -> pd.Series:
        rows = timeline.grades_on(self.judgements, self.authorities, self.day, OVERALL)
        return rows.set_index("name")["grade"]

    def events_of(self, code: str, kind: str) -> list[str]:
        return self.events.query("la_code_ons == @code and kind == @kind")["event_id"].tolist()

    def years(self, table: str, column: str, condition: str) -> list:
        return sorted(getattr(self, table).query(condition)[column].unique().tolist())


APRIL_2024, AUGUST_2022 = Known("2024-04-04"), Known("2022-08-01")


def test_grades_as_known_on_4_april_2024():
    overall = APRIL_2024.overall()

    assert overall.value_counts().to_dict() == {
        "good": 64,
        "requires_improvement": 44,
        "outstanding": 27,
        "inadequate": 16,
        "not_inspected": 2,
    }
    assert sorted(overall.index[overall == "inadequate"]) == [
        "Bournemouth, Christchurch and Poole",
        "Bradford",
        "Bury",
        "Devon",
        "Havering",
        "Herefordshire",
        "Isles of Scilly",
        "Liverpool",
        "North East Lincolnshire",
        "Nottingham",
        "Peterborough",
        "Sefton",
        "Solihull",
        "South Tyneside",
        "Swindon",
        "Tameside",
    ]
    assert overall["Nottinghamshire"] == "good"


def test_nottingham_had_been_inadequate_since_5_september_2022_on_4_april_2024():
    rows = timeline.grades_on(APRIL_2024.judgements, APRIL_2024.authorities, "2024-04-04", OVERALL)
    city = rows.set_index("la_code_ons").loc[CITY]

    assert (city["grade"], city["event_id"]) == ("inadequate", "nc_2022_ilacs")
    assert city["published"] == pd.Timestamp("2022-09-05")


def test_visits_and_notices_as_known_on_4_april_2024():
    assert APRIL_2024.events_of(CITY, "monitoring_visit") == ["nc_2023_mv1", "nc_2023_mv2", "nc_2023_mv3"]
    assert APRIL_2024.events_of(CITY, "improvement_notice") == ["nc_2022_improvement_notice"]
    assert APRIL_2024.events_of(CITY, "expected_inspection") == ["nc_expected_2022", "nc_expected_2025"]
    assert "cc_2024_ilacs" not in set(APRIL_2024.events["event_id"])


def test_spending_as_known_on_4_april_2024():
    section_251 = APRIL_2024.years("spending", "financial_year", "collection == 'section_251'")

    assert section_251[-1] == "2022-23" and "2023-24" not in section_251
    assert APRIL_2024.years("spending", "financial_year", "collection == 'revenue_outturn'") == ["2022-23"]
    assert APRIL_2024.years("prices", "financial_year", "series == 'gdp_deflator'")[-1] == "2022-23"
    # The City's odd year is the one that was not yet public, so no mark could be on it.
    assert APRIL_2024.years("implausible", "financial_year", "area_code == @CITY and line == 'safeguarding'") == []


def test_models_population_and_workforce_as_known_on_4_april_2024():
    assert APRIL_2024.years("neighbours", "model", "rank == 1") == ["2021"]
    assert APRIL_2024.years("population", "year", "area_code == @CITY")[-1] == 2022
    assert APRIL_2024.years("observations", "period", "indicator == 'agency_rate_fte'")[-1] == 2023


def test_expectations_as_known_on_4_april_2024():
    rows = timeline.expected_and_actual(APRIL_2024.forecasts, APRIL_2024.events, [CITY, COUNTY])
    by_id = rows.set_index("forecast_id")

    assert by_id["slip_days"].dropna().to_dict() == {"fc_nc_001": 102, "fc_nc_010": 0, "fc_nc_015": 0}
    assert by_id.loc["fc_cc_001", ["outcome_event_id", "outcome_date", "actual"]].isna().all()
    assert "fc_nc_018" not in by_id.index


def test_grades_as_known_on_1_august_2022():
    overall = AUGUST_2022.overall()

    assert overall.value_counts().to_dict() == {
        "good": 54,
        "requires_improvement": 43,
        "outstanding": 23,
        "inadequate": 17,
        "not_inspected": 15,
    }
    assert (overall["Nottingham"], overall["Nottinghamshire"]) == ("requires_improvement", "good")
    leavers = timeline.grades_on(AUGUST_2022.judgements, AUGUST_2022.authorities, "2022-08-01", "care_leavers")
    assert set(leavers["grade"]) == {"not_inspected"}


def test_events_as_known_on_1_august_2022():
    assert AUGUST_2022.events_of(CITY, "expected_inspection") == ["nc_expected_2022"]
    assert AUGUST_2022.events_of(CITY, "improvement_notice") == []
    assert AUGUST_2022.events_of(CITY, "monitoring_visit") == []
    assert AUGUST_2022.events_of(CITY, "inspection")[-1] == "nc_2018_ilacs"
    window = AUGUST_2022.events.set_index("event_id").loc["nc_expected_2022", ["start_earliest", "start_latest"]]
    assert window.tolist() == [pd.Timestamp("2022-01-01"), pd.Timestamp("2022-03-31")]


def test_the_expected_inspection_was_overdue_and_nothing_known_of_it_on_1_august_2022():
    rows = timeline.expected_and_actual(AUGUST_2022.forecasts, AUGUST_2022.events, [CITY, COUNTY])

    assert rows["forecast_id"].tolist() == ["fc_nc_001"]
    assert (rows["window_end"] < "2022-08-01").all()
    assert rows[["outcome_event_id", "outcome_date", "outcome", "actual", "slip_days"]].isna().all(axis=None)


def test_workforce_and_spending_as_known_on_1_august_2022():
    workforce = AUGUST_2022.years("observations", "period", "indicator == 'agency_rate_fte' and area_code == @CITY")

    assert workforce[-1] == 2021 and 2022 not in workforce
    assert AUGUST_2022.years("spending", "financial_year", "collection == 'section_251'")[-1] == "2020-21"
    assert AUGUST_2022.years("spending", "financial_year", "collection == 'revenue_outturn'") == []
    assert AUGUST_2022.years("claims", "claim_id", "claim_id == 'cl_nc_001'") == []


def test_a_list_of_reports_tells_how_far_an_authority_is_known():
    events = pd.DataFrame(
        {
            "event_id": ["a", "b", "c"],
            "la_code_ons": [CITY, CITY, COUNTY],
            "kind": ["inspection", "expected_inspection", "send_inspection"],
        }
    )
    read = pd.DataFrame(
        {
            "event_id": ["a", "b", "a", "c"],
            "source_id": ["old_list", "new_list", "paper", "new_list"],
            "published": pd.to_datetime(["2025-01-01", "2026-06-29", "2026-08-01", "2026-06-29"]),
        }
    )
    sources = pd.DataFrame(
        {"source_id": ["old_list", "new_list", "paper"], "kind": ["secondary_data", "secondary_data", "news"]}
    )

    found = timeline.last_looked(events, read, sources, ("inspection", "expected_inspection"))

    assert found.values.tolist() == [[CITY, pd.Timestamp("2026-06-29"), "new_list"]]  # an article is no list
    assert timeline.last_looked(events, read.head(0), sources, ("inspection",)).empty


def test_the_reader_stands_on_the_day_asked_for_or_that_of_the_newest_source():
    sources = pd.DataFrame({"published": pd.to_datetime(["2025-01-01", "2026-06-29"])})

    assert timeline.today(sources) == pd.Timestamp("2026-06-29")
    assert timeline.today(sources, "2024-04-04") == pd.Timestamp("2024-04-04")
    with pytest.raises(tables.TableError, match="'soon' is not a day"):
        timeline.today(sources, "soon")


def test_grades_of_all_are_known_to_the_end_of_the_official_history():
    events = tables.load("events")

    assert (
        timeline.last_known_day(events) == timeline.last_known_day(events, "2026-01-01") == pd.Timestamp("2025-05-14")
    )
    assert timeline.last_known_day(events, "2024-04-04") == pd.Timestamp("2024-04-04")


def test_one_judgement_stands_for_the_whole_inspection():
    made = [
        ("a", "impact_of_leaders"),
        ("a", OVERALL),
        ("a", "help_and_protection"),
        ("b", "impact_of_leaders"),
        ("b", "help_and_protection"),
        ("c", "care_leavers"),
        ("c", "area_send"),
    ]
    rows = pd.DataFrame(made, columns=["event_id", "judgement"]).assign(grade="good")

    found = timeline.main_grades(rows)

    assert found[["event_id", "judgement"]].values.tolist() == [
        ["a", OVERALL],
        ["b", "help_and_protection"],
        ["c", "area_send"],
    ]


# The grade that stands, what came before, where to stop reading across ------------------------------------------------


def inspections(*rows):
    """Framework, judgement, grade, first day and day of publication of one authority's inspections."""
    frame = pd.DataFrame(rows, columns=["framework", "judgement", "grade", "start_earliest", "published"])
    days = {column: pd.to_datetime(frame[column]) for column in ("start_earliest", "published")}
    return frame.assign(la_code_ons=CITY, event_id=[f"event_{n}" for n in range(len(frame))], **days)


@pytest.mark.parametrize(
    ("rows", "since", "before"),
    [
        ([("ilacs", OVERALL, "good", "2019-10-07", "2019-12-19")], "2019-12-19", None),
        (
            [
                ("sif", OVERALL, "good", "2015-05-11", "2015-07-20"),
                ("ilacs", OVERALL, "good", "2019-10-07", "2019-12-19"),
                ("ilacs", OVERALL, "good", "2024-05-20", "2024-07-12"),
            ],
            "2019-12-19",
            "good in sif",
        ),
        (
            [
                ("ilacs", OVERALL, "requires_improvement", "2018-11-05", "2019-01-07"),
                ("ilacs", OVERALL, "inadequate", "2022-07-11", "2022-09-05"),
            ],
            "2022-09-05",
            "requires_improvement in ilacs",
        ),
        (
            [
                ("ilacs", OVERALL, "good", "2024-05-20", "2024-07-12"),
                ("ilacs", "help_and_protection", "good", "2026-05-20", "2026-07-12"),
            ],
            "2026-07-12",
            "good in ilacs",
        ),
    ],
    ids=["one", "good three times", "fell", "no overall judgement any more"],
)
def test_a_grade_stands_since_the_first_of_its_equals_in_a_row(rows, since, before):
    (found,) = timeline.standing_grades(inspections(*rows)[::-1]).to_dict("records")

    assert found["event_id"] == f"event_{len(rows) - 1}"
    assert f"{found['since']:%Y-%m-%d}" == since
    was = None if pd.isna(found["grade_before"]) else f"{found['grade_before']} in {found['framework_before']}"
    assert was == before


def test_where_one_may_not_read_across_is_said_with_what_changed():
    joint, apart = "children_in_care_and_care_leavers", "care_leavers"
    given = [("sif", apart, "2015"), ("ilacs", joint, "2019"), ("ilacs", joint, "2021"), ("ilacs", apart, "2024")]
    rows = inspections(*((framework, area, "good", f"{year}-05-11", "") for framework, area, year in given))
    graded = rows.assign(name="Leeds", column=range(4), source_id="ofsted")

    found = timeline.grade_breaks(graded)

    assert found[["column", "what"]].to_numpy().tolist() == [[1, "framework"], [3, "areas"]]
    assert found["start_before"].dt.year.tolist() == [2015, 2021]
    assert timeline.grade_breaks(graded.head(0)).empty


def test_places_among_all_count_those_with_a_grade():
    held = ["good", "good", "inadequate", "outstanding", "not_inspected"]

    found = timeline.places_among_all(pd.DataFrame({"grade": held, "name": list("abcde")})).set_index("name")

    assert found[["rank", "same", "higher", "of"]].T.to_dict("list") == {
        "a": [1, 2, 1, 4],
        "b": [1, 2, 1, 4],
        "c": [3, 1, 3, 4],
        "d": [0, 1, 0, 4],
    }


@given(st.lists(st.sampled_from(["outstanding", "good", "requires_improvement", "inadequate", "not_inspected"])))
def test_higher_same_and_lower_make_all(held):
    found = timeline.places_among_all(pd.DataFrame({"grade": pd.Series(held, dtype="str")}))

    lower = [(found["rank"] > rank).sum() for rank in found["rank"]]
    assert (found["higher"] + found["same"] + lower == found["of"]).all()
