"""What came of promises by rule, and which count once."""

import pandas as pd
import pytest
from childrens_services import tables, vocabulary
from childrens_services.analysis import promises, timeline
from small_frames import frame, is_numbered, rows_of

CITY, COUNTY, TODAY = "E06000018", "E10000024", pd.Timestamp("2026-06-29")
OF_LIST = "expects looked la_code_ons looked_source_id"
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


@pytest.mark.parametrize("row", rows_of("promises"), ids=" ".join)
def test_what_came_of_a_promise_is_said_by_rule(row):
    due, outcome, expects, slip, day, evidence, read, result, late, shows = row
    hand = {
        "outcome_date": pd.Series([day or None], dtype="str"),
        "evidence": pd.Series([evidence or None], dtype="str"),
    }

    found = told(f"a {due} {outcome} {expects} {slip}", frame(OF_LIST, f"{read} a_list" if read != "-" else ""), **hand)

    assert found[["result", "shows"]].values.tolist() == [[result, shows]]
    assert found["days_late"].astype("str").fillna("").tolist() == [late]


def test_the_list_or_letter_that_shows_what_came_is_a_source_too():
    rows = told("a 2026-03-31 not_seen inspection; b 2026-03-31 not_seen; c 2023-03-31 met", outcome_source_id="letter")

    found = rows.set_index("awaits")
    assert found["source_id"].to_dict() == {
        "a": "post_2022 letter a_list",
        "b": "post_2022 letter",
        "c": "post_2022 letter",
    }
    assert set(found["looked"]) == {TODAY}


def test_an_occasion_that_was_promised_often_counts_once():
    rows = told(
        "again 2024-03-27 not_seen inspection - 2022-09-27; again 2026-05-03 not_seen inspection - 2022-11; "
        "again 2026-03-31 not_seen inspection - 2025-09-29; posts 2023-03-31 not_seen; "
        "again 2025-10-31 not_seen inspection - [2024-03-28..2024-04-04]"
    )

    found = promises.by_occasion(rows)

    assert is_numbered(rows) and is_numbered(found)
    found = found.set_index("awaits")
    again = found.loc["again"]
    assert again[["times", "due_before", "result", "forecast_id", "days_late"]].tolist() == [4, 4, "missed", "fc_2", 90]
    assert again[["first_due", "last_due"]].tolist() == [pd.Timestamp("2024-03-27"), pd.Timestamp("2026-05-03")]
    assert list(found.index) == ["posts", "again"] and found.loc["posts", "times"] == 1
    # Of promises made on one day, or from it, the last is the newest; and on its last day none is over.
    rows = told("a 2026-06-29 open - - [2024-03-28..2024-04-04]; a 2026-06-29 open - - 2024-03-28")
    assert promises.by_occasion(rows)[["forecast_id", "due_before"]].values.tolist() == [["fc_1", 0]]
    assert told("").empty and promises.by_occasion(told("")).empty


def test_most_reports_are_out_in_twelve_weeks():
    graded = tables.load("judgements").query("framework == 'ilacs'")["event_id"]
    waits = tables.load("events").query("start_earliest >= '2022-01-01' and publication_date <= '2025-05-14'")
    waits = waits[waits["event_id"].isin(graded) & waits["kind"].isin(vocabulary.GRADED_KINDS)]

    days = (waits["publication_date"] - waits["start_earliest"]).dt.days

    assert round((days <= promises.DAYS_TO_REPORT).mean(), 2) == 0.95


def test_lists_were_read_of_inspections_and_of_the_countys_send_and_of_no_visits():
    lists = promises.lists_read(*(tables.load(name) for name in ("events", "event_sources", "sources")))

    days = lists.set_index(["la_code_ons", "expects"])["looked"]
    assert days[CITY, "inspection"] == TODAY and is_numbered(lists)
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
