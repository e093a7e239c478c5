"""Releases as data: a file that nothing reads is refused, and a row is credited to the release that said it first."""

import re
from datetime import date

import pandas as pd
import pytest
from childrens_services.normalise import build, releases
from childrens_services.normalise.inspections import official
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


# On the published files ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authorities(raw) -> pd.DataFrame:
    return build._authorities({})["authorities"]


@pytest.mark.raw
def test_an_edition_that_says_nothing_new_changes_the_source_of_no_row(raw, authorities):
    crosswalk = build.authority_tables.full_crosswalk(authorities, build.read_curated("authority_spellings"))
    known = build._releases("ofsted_outcomes")
    newest = known[-1]._replace(source_id="ofsted_ods_2026", edition=date(2026, 9, 24))
    sheets = {each.source_id: build._edition_sheets(each, crosswalk) for each in [*known, newest]}

    before, after = (official([sheets[each.source_id] for each in rows][::-1]) for rows in (known, [*known, newest]))

    pd.testing.assert_frame_equal(after.events, before.events)
    pd.testing.assert_frame_equal(after.judgements, before.judgements)
    assert set(after.events["source_id"]) | set(after.judgements["source_id"]) == {"ofsted_ods_2024", "ofsted_ods_2025"}
    assert "ofsted_ods_2026" in set(after.event_sources["source_id"])


@pytest.mark.raw
def test_a_row_and_a_file_are_enough_for_a_new_release(raw, authorities, tmp_path, monkeypatch):
    """A fourth year of revenue outturn, a model of neighbours and a list of authorities are read without new code."""
    changed = {
        "mhclg_ro3_2425": "revenue_outturn",
        "dfe_neighbours_2025": "neighbours",
        "dfe_b1": "b1_children_in_need",
    }
    areas = {"areas": build.authority_tables.areas(authorities)}
    register = build._register()
    new = register[register["source_id"].isin(changed)].assign(
        source_id=lambda rows: rows["source_id"] + "_next",
        release=lambda rows: (rows["release"].astype(int) + 1).astype(str),
        published=pd.Timestamp("2026-12-01"),
    )
    monkeypatch.setattr(build, "_register", lambda: pd.concat([register, new]))
    monkeypatch.setattr(build, "raw_file", lambda source_id: paths_of[source_id.removesuffix("_next")])
    paths_of = {row.source_id: raw / row.raw_file for row in register.itertuples()}

    neighbours = build._reference(areas)["neighbours"]
    listed = build._authorities({})["authorities"]

    assert neighbours.groupby("model").size().to_dict() == {"2021": 1560, "2025": 1530, "2026": 1530}
    assert set(neighbours.query("model == '2026'")["source_id"]) == {"dfe_neighbours_2025_next"}
    pd.testing.assert_frame_equal(listed, authorities)
    assert [each.source_id for each in build._releases("revenue_outturn")][-1] == "mhclg_ro3_2425_next"
