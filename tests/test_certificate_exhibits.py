"""What is said of reports as read: certain or not, the same elsewhere or not, none in hand."""

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.answers.certificate_exhibits import compared_table, tell_reading
from childrens_services.answers.narrative import Paragraphs

NAMES = {"E06000018": "Nottingham", "E10000024": "Nottinghamshire"}


@pytest.fixture(scope="module")
def tidy() -> dict[str, pd.DataFrame]:
    return {name: tables.load(name) for name in ("certificates", "events", "judgements")}


def known_on(tidy, day):
    return [tables.known_on(frame, day) for frame in tidy.values()]


def doubt(certificates, file, field, reading=None):
    """The certificates with one field of one file in doubt, or read otherwise."""
    at = certificates["file"].eq(file) & certificates["field"].eq(field)
    assert at.sum() == 1
    column, text = ("first_reading", reading) if reading else ("certainty", "needs_review")
    return certificates.assign(**{column: certificates[column].mask(at, text)})


def test_everything_in_hand_is_counted_and_compared(tidy):
    said = [sentence.text for sentence in tell_reading(*tidy.values(), NAMES).sentences]

    assert said == [
        "Of 80 files in hand, 79 were read with certainty in every field, none has a field that needs review and 1 "
        "cannot be read.",
        "50 of their inspections are in another source too: of 307 cells that both state, 307 agree, none need review "
        "and none differ.",
        "The grades of 28 inspections are in the tables from the report alone.",
    ]


def test_a_doubtful_cell_and_a_different_one_are_counted(tidy):
    file = "80533_nottingham/05_september_2022.pdf"
    certificates = doubt(tidy["certificates"], file, "judgement.impact_of_leaders")
    certificates = doubt(certificates, file, "judgement.help_and_protection", "good")
    frames = (certificates, tidy["events"], tidy["judgements"])

    said = tell_reading(*frames, NAMES).sentences
    table = compared_table(*frames, {"E06000018": "Nottingham"})

    assert "78 were read with certainty in every field, 1 has a field that needs review" in said[0].text
    assert said[1].text.endswith("of 307 cells that both state, 305 agree, 1 needs review and 1 differs.")
    assert [[part.text for part in row[1:]] for row in table.rows] == [
        ["11 March to 2 April 2014", "10", "0", "0", "0"],
        ["5 to 16 November 2018", "6", "0", "0", "1"],
        ["11 to 22 July 2022", "4", "1", "1", "1"],
    ]


def test_every_cell_counted_is_cited_with_both_sources(tidy):
    row = compared_table(*tidy.values(), NAMES).rows[2]

    assert row[2].sources == ("ofsted_nc_2022", "ofsted_reports")
    assert row[2].rows[0] == "80533_nottingham/05_september_2022.pdf judgement.children_in_care_and_care_leavers"


@pytest.mark.parametrize(
    ("day", "names", "expected"),
    [
        ("2012-01-01", NAMES, ["No report that is in hand was public on this day."]),
        ("2013-09-01", NAMES, [
            "Of 1 file in hand, 1 was read with certainty in every field, none has a field that needs review and none "
            "cannot be read.", "No other source has an inspection that they report.",
            "No report in hand of Nottingham and Nottinghamshire is known to have been public on the day."]),
        ("2014-05-23", {"E06000030": "Swindon"}, [
            "Of 3 files in hand, 3 were read with certainty in every field, none has a field that needs review and "
            "none cannot be read.",
            "1 of their inspections is in another source too: of 10 cells that both state, 10 agree, none need review "
            "and none differ.",
            "The grades of 1 inspection are in the tables from the report alone, 1 of Swindon among them."]),
    ],
)  # fmt: skip
def test_only_what_was_public_on_the_day_is_counted(day, names, expected, tidy):
    assert [sentence.text for sentence in tell_reading(*known_on(tidy, day), names).sentences] == expected


@pytest.mark.parametrize("day", ["2012-01-01", "2014-05-23", "2026-06-29"])
def test_an_authority_without_a_report_gets_a_sentence_in_place_of_a_table(day, tidy):
    shown = compared_table(*known_on(tidy, day), {"E08000035": "Leeds"})

    assert isinstance(shown, Paragraphs)
    assert shown.sentences[0].text == "There is no report of Leeds to compare with another source."
