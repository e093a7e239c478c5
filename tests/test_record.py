"""How each authority is rated and since when, and what happened in the words of a reader."""

import pandas as pd
import pytest
from childrens_services import tables, vocabulary
from childrens_services.analysis import record
from small_frames import frame, is_numbered

CITY = "E06000018"


def happened(rows):
    """Events written as id, kind, first day, then optionally direction and theme."""
    made = frame("event_id kind start direction theme", rows, la_code_ons=CITY, source_id="a_report")
    day, none = pd.to_datetime(made["start"]), pd.Series(None, made.index, dtype="str")
    return made.assign(
        scope="childrens_services",
        end=none,
        lead_inspector=none,
        start_earliest=day,
        start_latest=day,
        publication_date=day + pd.Timedelta(days=60),
    )


def judged(rows):
    """Judgements written as event, judgement, grade, then optionally the framework."""
    made = frame("event_id judgement grade framework", rows, la_code_ons=CITY, source_id="a_report")
    return made.fillna({"framework": "ilacs"}).assign(published=pd.Timestamp("2024-01-01"))


FOUR = happened(
    "a inspection 2014-03-11; b inspection 2018-11-05; c short_inspection 2021-02-01; d focused_visit 2022-01-01"
)


@pytest.mark.parametrize(
    ("last", "area", "since"),
    [
        ("c overall_effectiveness good; c help_and_protection good", "overall", "2019-01-04"),
        ("c overall_effectiveness inadequate", "overall", "2021-04-02"),
        ("c help_and_protection good", "for help and protection", "2021-04-02"),
    ],
    ids=["the same grade", "another grade", "no overall judgement any more"],
)
def test_a_rating_holds_since_the_first_report_in_a_row_with_its_grade_and_judgement(last, area, since):
    (found,) = record.ratings(FOUR, judged(f"b overall_effectiveness good; {last}")).to_dict("records")

    assert (found["event_id"], found["area"]) == ("c", area)
    assert (f"{found['since']:%Y-%m-%d}", f"{found['published']:%Y-%m-%d}") == (since, "2021-04-02")


def test_nobody_is_rated_by_a_send_inspection_or_without_a_judgement():
    events = happened("s send_inspection 2023-01-30; v inspection 2017-01-23")

    assert record.ratings(events, judged("s area_send widespread_failings")).empty
    assert record.ratings(events.head(0), judged("")).empty


def test_the_two_councils_are_rated_as_their_reports_say():
    rows = record.ratings(tables.load("events"), tables.load("judgements")).set_index("la_code_ons")

    assert rows.loc[CITY, ["grade", "area"]].tolist() == ["inadequate", "overall"]
    assert str(rows.loc[CITY, "since"].date()) == "2022-09-05"
    assert rows.loc["E10000024", ["grade", "area"]].tolist() == ["good", "overall"]
    assert [str(rows.loc["E10000024", day].date()) for day in ("since", "published")] == ["2019-12-19", "2024-07-12"]


LANED = happened(
    "a inspection 2022-07-11; b inspection 2017-01-23; c send_inspection 2023-01-30; f monitoring_visit 2023-02-28; "
    "d commissioner 2025-11-21 changes; e budget_decision 2022-11-15 - Staffing; g committee_meeting 2023-03-01; "
    "h expected_inspection 2026-03-31; i leadership_change 2025-01-31 changes"
)
GRADES = judged("a overall_effectiveness requires_improvement; c area_send effective_action")


def test_a_timeline_has_lanes_and_a_word_for_each_mark_and_no_meetings():
    late = LANED["start_latest"] + pd.to_timedelta((LANED["event_id"] == "e") * 4, unit="D")
    rows = record.in_lanes(LANED.assign(start_latest=late), GRADES)

    assert is_numbered(rows) and (rows["day"] - rows["start_earliest"]).dt.days.tolist() == [0, 0, 2, 0, 0, 0, 0]
    rows = rows.set_index("event_id")
    assert rows["label"].to_dict() == {
        "b": "Inspection, no grade",
        "a": "Requires improvement",
        "e": "Staffing",
        "c": "SEND: effective action",
        "f": "Monitoring visit",
        "i": "Change of director",
        "d": "Commissioners: change",
    }
    assert rows["grade"].dropna().to_dict() == {"a": "requires_improvement"}
    assert rows["lane"][["a", "d", "e"]].tolist() == list(record.LANES)
    assert rows["noun"].notna()[["f", "d", "e", "a"]].tolist() == [True, False, False, False]


def test_a_dossier_has_every_event_newest_first_with_who_was_behind_it():
    events = LANED.assign(end=LANED["end"].mask(LANED["event_id"] == "f", "2023-03-01"))
    events["lead_inspector"] = events["lead_inspector"].mask(events["event_id"] == "a", "A. Name")
    sources = pd.DataFrame({"source_id": ["a_report"], "publisher": ["Ofsted"]})

    rows = record.dossier(events, GRADES, sources)

    assert is_numbered(rows)
    rows = rows.set_index("event_id")
    assert list(rows.index) == ["h", "d", "i", "g", "f", "c", "e", "a", "b"]
    assert rows.loc["a", "what"] == "inspection: requires improvement to be good"
    assert rows.loc["a", ["who", "publisher"]].tolist() == ["Ofsted, A. Name", "Ofsted"]
    assert rows.loc["d", ["what", "who"]].tolist() == ["commissioners: change", "the government"]
    assert rows.loc["f", "when"] == "2023-02-28/2023-03-01" and rows.loc["b", "when"] == "2017-01-23"


def test_every_kind_of_event_has_somebody_behind_it():
    assert set(record.WHO) == set(vocabulary.EVENT_KINDS)
    assert {kind for kinds in record.LANES.values() for kind in kinds} <= set(vocabulary.EVENT_KINDS)


def test_nothing_happened_is_nothing_told():
    assert record.in_lanes(LANED.head(0), GRADES).empty
    assert record.dossier(LANED.head(0), GRADES, pd.DataFrame({"source_id": ["a"], "publisher": ["b"]})).empty
