"""What came of promises by rule, which count once, and the figures stated with them."""

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import promises, spells, timeline
from small_frames import frame, is_numbered

CITY, COUNTY, TODAY = "E06000018", "E10000024", pd.Timestamp("2026-06-29")
OF_LIST = "expects looked la_code_ons looked_source_id"
NO_LIST = frame(OF_LIST, "")
LIST = frame(OF_LIST, f"inspection 2026-06-29 {CITY} a_list")


def came(rows, **common):
    """Forecasts: what they await, when it is due and what came; then what they expect, slip in days, when made."""
    made = frame("awaits window_end outcome expects slip_days made_on", rows, la_code_ons=CITY, source_id="post_2022")
    none = pd.Series(None, made.index, dtype="str")
    return made.fillna({"made_on": "2022-09"}).assign(
        forecast_id=[f"fc_{i}" for i in range(len(made))],
        kind="forecast",
        who="council officers",
        what_expected=made["awaits"],
        **{"outcome_source_id": none, "outcome_date": none, "evidence": none} | common,
    )


def told(rows, lists=LIST, **common):
    return promises.promises(came(rows, **common), lists, TODAY)


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        ("met", "met on time"),
        ("met_early", "met on time"),
        ("met_late", "met late"),
        ("partly_met", "met in part"),
        ("not_met", "missed"),
        ("not_seen", "not seen"),
        ("open", "due later"),
        ("two_readings", "depends on the day it was said"),
    ],
)
def test_every_outcome_has_a_result(outcome, result):
    found = told(f"posts 2023-03-31 {outcome}", NO_LIST)

    assert found[["result", "looked"]].values.tolist() == [[result, TODAY]]


def test_an_inspection_is_missed_only_if_somebody_looked_when_its_report_would_be_out():
    rows = "visit 2026-03-31 not_seen inspection"

    enough, soon, other, elsewhere = (
        told(rows, frame(OF_LIST, f"{read} a_list")).iloc[0]
        for read in (
            f"inspection 2026-06-23 {CITY}",
            f"inspection 2026-06-22 {CITY}",
            f"send_inspection 2026-06-29 {CITY}",
            f"inspection 2026-06-29 {COUNTY}",
        )
    )

    assert enough[["result", "days_late", "source_id"]].tolist() == ["missed", 84, "post_2022 a_list"]
    assert soon[["result", "source_id"]].tolist() == ["not seen", "post_2022"] and pd.isna(soon["days_late"])
    assert other["result"] == elsewhere["result"] == "not seen"


def test_a_list_does_not_speak_of_what_is_no_inspection():
    found = told("posts 2023-03-31 not_seen")

    assert found[["result", "looked"]].values.tolist() == [["not seen", TODAY]]


def test_days_late_are_those_of_the_event_and_none_for_one_in_time():
    due = "2022-03-31"

    found = told(f"a {due} met_late inspection 102; b {due} met inspection 0; c {due} met_early inspection -5")

    assert found["days_late"].fillna(-1).tolist() == [102, -1, -1]


def test_what_shows_the_outcome_is_a_source_too():
    found = told("posts 2023-03-31 met", outcome_source_id="letter_2024")

    assert found["source_id"].tolist() == ["post_2022 letter_2024"]


def test_an_occasion_that_was_promised_often_counts_once():
    rows = told(
        "again 2024-03-27 not_seen inspection - 2022-09-27; again 2026-05-03 not_seen inspection - 2022-11; "
        "again 2026-03-31 not_seen inspection - 2025-09-29; posts 2023-03-31 not_seen; "
        "again 2025-10-31 not_seen inspection - [2024-03-28..2024-04-04]"
    )

    found = promises.by_occasion(rows).set_index("awaits")

    assert is_numbered(rows) and is_numbered(found.reset_index())
    again = found.loc["again"]
    assert again[["times", "due_before", "result", "forecast_id", "days_late"]].tolist() == [4, 4, "missed", "fc_2", 90]
    assert again[["first_due", "last_due"]].tolist() == [pd.Timestamp("2024-03-27"), pd.Timestamp("2026-05-03")]
    assert list(found.index) == ["posts", "again"] and found.loc["posts", "times"] == 1


def test_figures_stand_with_the_promise_that_they_are_of():
    rows = told("posts 2023-03-31 not_seen", NO_LIST)
    statements = frame(
        "fact_id kind value forecast_id",
        "wf_2 commitment 10 fc_0; wf_1 commitment 8 fc_0; wf_3 plan 5 -; wf_4 count 8 fc_0",
        la_code_ons=CITY,
    )

    found = promises.figures(rows, statements)

    assert found[["fact_id", "value", "awaits", "result"]].values.tolist() == [
        ["wf_1", 8.0, "posts", "not seen"],
        ["wf_2", 10.0, "posts", "not seen"],
    ]
    assert is_numbered(found)


def test_nothing_promised_is_nothing_told():
    none = told("")

    assert none.empty and promises.by_occasion(none).empty


def test_most_reports_are_out_in_twelve_weeks():
    waits = spells.waits(tables.load("events"), tables.load("judgements"), pd.Timestamp("2025-05-14"))

    days = waits.loc[waits["start_earliest"] >= "2022-01-01", "days_to_report"]

    assert round((days <= promises.DAYS_TO_REPORT).mean(), 2) == 0.95


def test_lists_were_read_of_inspections_and_of_the_countys_send_and_of_no_visits():
    lists = promises.lists_read(*(tables.load(name) for name in ("events", "event_sources", "sources")))

    days = lists.set_index(["la_code_ons", "expects"])["looked"]
    assert days[CITY, "inspection"] == TODAY
    assert (CITY, "monitoring_visit") not in days  # no list holds visits
    assert days[COUNTY, "send_inspection"] == pd.Timestamp("2025-11-10")
    assert days[COUNTY, "inspection"] == TODAY  # the compiled sheet lists every authority's newest


def test_nottinghams_re_inspection_was_expected_four_times_and_not_seen():
    loaded = {name: tables.load(name) for name in ("forecasts", "events", "event_sources", "sources")}
    outcomes = timeline.outcomes(loaded["forecasts"], loaded["events"], [CITY, COUNTY], TODAY)
    lists = promises.lists_read(loaded["events"], loaded["event_sources"], loaded["sources"])

    rows = promises.promises(outcomes, lists, timeline.today(loaded["sources"]))

    found = promises.by_occasion(rows).set_index("awaits")
    again = found.loc["nc_reinspection_after_2022"]
    assert again[["times", "due_before", "result", "days_late"]].tolist() == [4, 4, "missed", 90]
    assert found.loc["cc_next_send_inspection", "result"] == "not seen"  # its list was read before it was due
    assert found.loc["cc_send_monitoring", ["result", "days_late"]].tolist() == ["met late", 227]


def expected(rows, lists=LIST, **common):
    """Promises as `told`, with the first day of their windows and the day on which each thing came."""
    made = told(rows, lists, **common)
    actual = made["window_end"] + pd.to_timedelta(made["slip_days"].astype("float64"), unit="D")
    return made.assign(window_start=made["window_end"] - pd.Timedelta(days=30), actual=actual)


def test_windows_of_an_occasion_share_what_came_of_it():
    rows = expected(
        "again 2024-03-27 not_seen inspection - 2022-09-27; again 2026-03-31 not_seen inspection - 2025-09-29; "
        "posts 2023-03-31 not_seen"
    )

    found = promises.windows(rows)

    assert found["occasion"].tolist() == ["again, expected 2 times"] * 2
    assert found["note"].tolist() == ["had not come by 29 June 2026"] * 2 and found["came"].isna().all()
    assert promises.windows(rows.head(0)).empty


@pytest.mark.parametrize(
    ("outcome", "slip", "day", "note"),
    [
        ("met_late", 102, "2022-07-11", "102 days late"),
        ("met_late", 227, "2025-07", "at least 227 days late"),
        ("met", 0, "2022-03-01", "on time"),
        ("open", "-", None, "due later"),
        ("two_readings", "-", "2022-03-01", "depends on the day it was said"),
    ],
)
def test_a_note_says_what_came_of_an_expectation(outcome, slip, day, note):
    rows = expected(f"a 2022-03-31 {outcome} inspection {slip}", outcome_date=pd.Series([day], dtype="str"))

    assert promises.windows(rows)["note"].tolist() == [note]


def test_a_window_after_the_list_was_read_was_not_looked_for():
    rows = expected("a 2026-05-16 not_seen inspection", frame(OF_LIST, f"inspection 2025-11-10 {CITY} a_list"))

    found = promises.windows(rows)

    assert found["note"].tolist() == ["not looked for since 10 November 2025"]
    assert rows["shows"].tolist() == ["reports last looked through on 10 November 2025"]


def test_it_is_said_what_shows_an_outcome():
    found = told(
        "a 2022-03-31 met_late inspection 102; b 2024-03-27 not_seen inspection; c 2024-03-31 partly_met; "
        "d 2024-04-01 not_seen; e 2027-03-31 open",
        outcome_date=pd.Series(["2022-07-11", *[None] * 4], dtype="str"),
        evidence=pd.Series([None, None, "two houses bought", None, None], dtype="str"),
    )

    assert found["shows"].tolist() == [
        "began 11 July 2022",
        "not in the list of reports read on 29 June 2026",
        "two houses bought",
        "nothing seen",
        "not due yet",
    ]
