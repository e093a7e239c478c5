"""Releases as data: a file that nothing reads is refused, and a row is credited to the release that said it first."""

import re

import pandas as pd
import pytest
from childrens_services.normalise import releases
from small_frames import frame

LAYOUTS = {"prices": ("",), "sheets": ("2024", "2025")}
REGISTER = """ods_2024 ods/24.ods sheets 2024 1 2024-08-30; ods_2025 ods/25.ods sheets 2025 2 2025-09-25
; cpi cpi.csv prices - 1 2026-03-25; article - - - - 2022-11-30"""
REGISTER = frame("source_id raw_file family layout release published", REGISTER).fillna("")


def cell(source_id: str, column: str, text: object) -> pd.DataFrame:
    return REGISTER.assign(**{column: REGISTER[column].mask(REGISTER["source_id"] == source_id, text)})


def test_releases_come_in_their_order_whatever_that_of_the_rows():
    releases.check_releases(REGISTER, LAYOUTS)

    assert releases.in_order(REGISTER[::-1], "sheets")["source_id"].tolist() == ["ods_2024", "ods_2025"]
    releases.check_releases(cell("ods_2025", "published", pd.Timestamp("2024-08-30")), LAYOUTS)  # of one day
    tenth = cell("ods_2025", "release", "10")
    assert releases.in_order(tenth, "sheets")["source_id"].tolist() == ["ods_2024", "ods_2025"]


@pytest.mark.parametrize(
    ("register", "message"),
    [
        (cell("cpi", "family", ""), "row cpi: no reader for cpi.csv: family is '', expected one of prices, sheets"),
        (cell("cpi", "family", "prcies"), "row cpi: no reader for cpi.csv: family is 'prcies', expected one of"),
        (cell("cpi", "layout", "new"), "row cpi: no reader for cpi.csv: layout is 'new', expected none"),
        (cell("ods_2025", "layout", ""), "row ods_2025: no reader for ods/25.ods: layout is '', expected 2024, 2025"),
        (cell("cpi", "release", "²"), "row cpi: release is '²', expected its number in prices, 1 for the first"),
        (cell("article", "family", "prices"), "row article: family 'prices' without a raw_file; name the file, or"),
        (cell("ods_2025", "release", "1"), "row ods_2025: its release number in sheets is taken, or an earlier"),
        (cell("ods_2024", "release", "3"), "row ods_2024: its release number in sheets is taken, or an earlier"),
        (REGISTER.query("family != 'prices'"), "no file of family 'prices', expected at least one; restore its row"),
    ],
)
def test_a_register_that_leaves_a_file_unread_or_unordered_is_refused(register, message):
    with pytest.raises(ValueError, match=rf"^data/curated/sources.csv(, |: ){re.escape(message)}"):
        releases.check_releases(register, LAYOUTS)


FIRST, SECOND, THIRD = (
    frame("area_code value note", rows, source_id=source_id)
    for source_id, rows in {
        "first": "E1 1.5; E2 2; E3 - c",
        "second": "E1 1.5; E2 2.5; E3 - c; E4 4",
        "third": "E1 1.5; E2 2; E4 4",
    }.items()
)


@pytest.mark.parametrize(
    ("said", "credited", "values"),
    [
        ([FIRST], "first first first", [1.5, 2.0]),
        ([FIRST, SECOND], "first second first second", [1.5, 2.5, 4.0]),
        ([FIRST, SECOND, THIRD], "first first first second", [1.5, 2.0, 4.0]),
    ],
)
def test_the_newest_value_is_kept_and_credited_to_the_first_release_that_said_it(said, credited, values):
    found = releases.credit_first(said, ["area_code"]).sort_values("area_code")

    assert found["source_id"].tolist() == credited.split()
    assert found["value"].dropna().tolist() == values


def test_a_place_is_that_of_the_first_release_that_says_all_cells_in_its_fullest_sheet():
    heading = "event_id grade theme source_id locator"
    kept = frame(heading, "a good - new 1; b good - new 2")
    told = ["a good door old 3; b poor - old 4", "a good - old 5; b good - new 6"]  # the sheets of a release, and so on

    found = releases.credit_places(kept, [frame(heading, each) for each in told], ["event_id"], ["grade", "theme"])

    assert found[["source_id", "locator"]].to_numpy().tolist() == [["old", "3"], ["new", "2"]]
