"""Coded findings: who speaks, what recurs, and what became of a recommendation by the stated rule."""

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import findings
from childrens_services.answers import finding_story, finding_tables
from childrens_services.answers.narrative import NUMBERS_MIME

NAMES = {"E06000018": "Nottingham", "E10000024": "Nottinghamshire"}


def coded(*rows):
    """Coded findings written as (year, theme, polarity), all of one council's graded inspections unless said."""
    frame = pd.DataFrame([(*row, "inspection")[:4] for row in rows], columns=["year", "theme", "polarity", "kind"])
    start = frame["year"].astype(str) + "-03-01"
    return frame.assign(
        finding_id=[f"f{i}" for i in range(len(frame))], la_code_ons="E06000018", name="Nottingham",
        event_id="e" + frame["year"].astype(str), start=start, end=None, start_earliest=pd.to_datetime(start),
        covers=frame["theme"].str.capitalize(), voice="inspectors", statement="Words", locator="para 1",
        source_id="ofsted_nc_2022",
    )  # fmt: skip


@pytest.fixture(scope="module")
def found():
    loaded = (tables.load(name) for name in ("findings", "events", "sources", "themes"))
    return findings.coded(*loaded, NAMES)


@pytest.fixture(scope="module")
def own(found):
    return findings.own_words(found)


def test_every_finding_has_a_speaker_and_a_theme(found):
    assert len(found) == 622
    assert found["voice"].value_counts().to_dict() == {"inspectors": 505, "press": 90, "council or inquiry": 27}
    assert found["covers"].notna().all()


def test_press_and_send_are_not_in_inspectors_own_words(own):
    assert len(own) == 486
    assert set(own["voice"]) == {"inspectors"} and "send_inspection" not in set(own["kind"])


def test_a_tally_counts_recommendations_apart():
    counts = findings.tally(coded((2014, "leaders", "weakness"), (2014, "leaders", "strength"),
                                          (2014, "leaders", "recommendation")))  # fmt: skip

    assert counts[["judged", "recommendation", "balance"]].values.tolist() == [[2, 1, 0]]


def test_a_weakness_recurs_when_two_inspections_have_it():
    rows = coded((2014, "plans", "weakness"), (2018, "plans", "strength"), (2022, "plans", "recommendation"),
                    (2014, "leaders", "weakness"), (2018, "leaders", "mixed"))  # fmt: skip

    again = findings.recurring(rows)

    assert again[["theme", "times", "first_year", "last_year", "years"]].drop_duplicates().values.tolist() == [
        ["plans", 2, 2014, 2022, 8]
    ]
    assert again[["critical", "coded"]].values.tolist() == [[1, 1], [0, 1], [1, 1]]


def test_nothing_recurs_in_a_single_report():
    assert findings.recurring(coded((2014, "plans", "weakness"), (2014, "plans", "weakness"))).empty


@pytest.mark.parametrize(("then", "later", "change"), [
    (["weakness"], ["mixed"], "better"),
    (["weakness", "strength"], ["strength"], "better"),
    (["weakness"], ["weakness", "weakness", "strength"], "the same"),
    (["strength"], ["mixed"], "worse"),
    (["weakness"], ["recommendation"], "not coded again"),
    (["weakness"], [], "not coded again"),
    ([], ["strength"], "without comparison"),
])  # fmt: skip
def test_the_rule_for_better_and_worse(then, later, change):
    rows = coded((2014, "plans", "recommendation"), *[(2014, "plans", p) for p in then],
                    (2018, "other", "strength"), *[(2018, "plans", p) for p in later])  # fmt: skip

    assert findings.followed_up(rows)["change"].tolist() == [change]


def test_a_visit_does_not_answer_a_recommendation():
    rows = coded((2014, "plans", "recommendation"), (2014, "plans", "weakness"),
                    (2016, "plans", "strength", "focused_visit"), (2018, "plans", "weakness"))  # fmt: skip

    assert findings.followed_up(rows)[["event_id_next", "change"]].values.tolist() == [["e2018", "the same"]]


def test_the_last_recommendations_wait_for_an_answer():
    assert findings.followed_up(coded((2022, "plans", "recommendation"))).empty


def test_what_recurs_in_the_coded_reports(own):
    themes = findings.recurring(own).drop_duplicates(["name", "theme"])

    assert themes.groupby("name").size().to_dict() == {"Nottingham": 15, "Nottinghamshire": 6}
    assert themes.loc[themes["times"] == 3, "name"].eq("Nottingham").sum() == 7


def test_what_became_of_recommendations_in_the_coded_reports(own):
    changes = findings.followed_up(own).groupby(["event_id", "change"]).size()

    assert changes["nc_2018_ilacs"].to_dict() == {"better": 5, "the same": 2, "worse": 1}
    assert changes["cc_2019_ilacs"].to_dict() == {"better": 4}


def test_in_short_counts_what_is_there(own):
    said = finding_story.latest_balance(own, "Nottingham")[0].text

    assert said.startswith(
        "Nottingham's inspection of 11 to 22 July 2022 was coded into 68 findings: 24 weaknesses (35 per cent)"
    )


def test_a_council_without_a_coded_report_is_told_so(own):
    assert (
        finding_story.latest_balance(own, "Leeds")[0].text == "No inspection report of Leeds has been coded by theme."
    )
    assert finding_story.lasting_weaknesses(findings.recurring(own), own, "Leeds") == []


def test_every_finding_can_be_opened_with_its_place_in_the_source(found):
    shown = finding_tables.opened(found, NAMES)._repr_mimebundle_()

    assert shown["text/html"].count("<details>") == found["theme"].nunique()
    assert shown["text/html"].count('<th scope="row">') == len(found)
    cited = {row["rows"] for row in shown[NUMBERS_MIME] if row["how"] == "place in the source"}
    assert cited == set(found["finding_id"])
