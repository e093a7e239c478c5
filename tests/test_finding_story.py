"""Findings of inspectors told in sentences and tables."""

import pytest
from childrens_services import tables
from childrens_services.analysis import findings
from childrens_services.answers import finding_story, finding_tables
from childrens_services.answers.narrative import NUMBERS_MIME

NAMES = {"E06000018": "Nottingham", "E10000024": "Nottinghamshire"}


@pytest.fixture(scope="module")
def found():
    loaded = (tables.load(name) for name in ("findings", "events", "sources", "themes"))
    return findings.coded(*loaded, NAMES)


@pytest.fixture(scope="module")
def own(found):
    return findings.own_words(found)


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
