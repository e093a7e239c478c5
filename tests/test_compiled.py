"""The compiled sheet: what enters, what is set aside, what is refused, and England on 29 June 2026."""

from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import timeline
from childrens_services.normalise import authorities as authority_tables
from childrens_services.normalise import compiled
from childrens_services.normalise.releases import Release
from python_calamine import CalamineWorkbook
from small_frames import cases, cells
from small_frames import frame as small_frame

WAKEFIELD, BRENT, SOMERSET, CITY = "E08000036", "E09000005", "E06000066", "E06000018"
IN_HAND = date(2026, 6, 29)
SOURCE = "d2i_ilacs_2026"
RELEASE = Release(SOURCE, "", IN_HAND, Path("sheet.xlsx"))
HEADING = "la_code ltla23cd local_authority inspection_framework inspection_start_date inspection_end_date "
HEADING += "publication_date overall_effectiveness_grade impact_of_leaders_grade help_and_protection_grade "
HEADING = [*HEADING.split(), "in_care_grade", "care_leavers_grade", "a_new_column"]
OF_WAKEFIELD = ["384", WAKEFIELD, "wakefield", "short", "24/03/2025", "28/03/2025", "18/07/25", *["good"] * 3]
OF_WAKEFIELD += ["outstanding", "requires improvement", ""]
OF_BRENT = ["304", BRENT, "brent", "short", "27/04/2026", "01/05/2026", "17/06/26", "nan", *["good"] * 4, ""]
AUTHORITIES = f"{WAKEFIELD} 384; {BRENT} 304; {SOMERSET} 933; {CITY} 892; E06000063 942 E10000006"
AUTHORITIES = small_frame("la_code_ons la_code_dfe predecessors", AUTHORITIES)
CHANGES = {"E10000027": SOMERSET}
DAYS = {SOURCE: IN_HAND, "ofsted_ods_2025": "2025-09-25", "ofsted_reports": "2025-01-13"}
DAYS = pd.to_datetime(pd.Series(DAYS))


def read(*rows: list) -> pd.DataFrame:
    return compiled.read_sheet([HEADING, *rows], AUTHORITIES, CHANGES, RELEASE)


def changed(row: list, text: str) -> list:
    """A row with other cells, each under the heading that begins with its name."""
    given = {next(h for h in HEADING if h.startswith(name)): cell for name, cell in cells(text).items()}
    return [given.get(column, cell) for column, cell in zip(HEADING, row, strict=True)]


def frame(name: str, *rows: dict) -> pd.DataFrame:
    return tables.conform(name, pd.DataFrame(list(rows), columns=list(tables.contracts()[name]["columns"])))


def held_by(source: str, start: str = "2025-03-24", published: str = "2025-07-18", **grades: str) -> dict:
    """Wakefield's inspection as another source has it."""
    both = f"event_id=w, la_code_ons={WAKEFIELD}, framework=ilacs, source_id={source}, basis=official, locator=x"
    both = cells(both) | {"published": published or "2026-06-30"}
    days = dict.fromkeys(["start", "start_earliest", "start_latest"], start) | {"publication_date": published}
    graded = [both | {"judgement": one, "grade": grade, "scale": "four_point_2013"} for one, grade in grades.items()]
    empty = {name: frame(name) for name in ("conflicts", "event_sources", "certificates")}
    event = both | days | {"kind": "short_inspection"}
    return {"events": frame("events", event), "judgements": frame("judgements", *graded)} | empty


def nothing_held() -> dict[str, pd.DataFrame]:
    return {name: rows.head(0) for name, rows in held_by("ofsted_ods_2025").items()}


def certificate(field: str, reading: str, certainty: str = "certain") -> dict:
    row = f"file=80577_wakefield/18_july_2025.pdf, la_code_ons={WAKEFIELD}, framework=ilacs, kind=inspection, "
    row = cells(row + f"field={field}, certainty={certainty}, source_id=ofsted_reports, published=2026-06-29")
    return row | {"first_reading": reading, "second_reading": reading}


# What enters


def test_an_inspection_that_nobody_else_has_enters_with_its_publication_day_and_is_marked():
    found = compiled.add(read(OF_WAKEFIELD), nothing_held(), DAYS, RELEASE)

    event = found["events"].iloc[0]
    assert (event["event_id"], event["kind"]) == (f"{WAKEFIELD}_2025-03-24_short_inspection", "short_inspection")
    assert (event["published"], event["basis"]) == (pd.Timestamp("2025-07-18"), "compiled")
    assert event["locator"] == "ofsted_cs_inspections_overview row 2"
    grades = found["judgements"].set_index("judgement")
    assert grades.loc[list(compiled.AREAS), "grade"].tolist() == [*["good"] * 3, "outstanding", "requires_improvement"]
    assert set(grades["basis"]) == {"compiled"} and set(grades["published"]) == {pd.Timestamp("2025-07-18")}
    assert found["event_sources"]["confirms"].tolist() == ["listed as the newest full inspection on 29 June 2026"]


def test_no_overall_grade_enters_from_april_2026_and_a_joint_one_before_2023():
    late = compiled.enter(read(OF_BRENT), RELEASE)[1]
    early = "inspection_start=11/07/2022, inspection_end=22/07/2022, publication=05/09/22"
    early = changed(OF_WAKEFIELD, f"{early}, care_leavers=inspection_pre_dates_judgement")

    assert set(late["judgement"]) == {"impact_of_leaders", "help_and_protection", "children_in_care", "care_leavers"}
    assert "children_in_care_and_care_leavers" in compiled.enter(read(early), RELEASE)[1]["judgement"].tolist()


def test_a_former_code_and_a_predecessors_are_the_authoritys():
    somerset = changed(OF_BRENT, "la_code=933, ltla=E10000027, local=somerset")
    cumberland = changed(OF_BRENT, "la_code=942, ltla=E10000006, local=cumberland")

    assert read(somerset, cumberland)["la_code_ons"].tolist() == [SOMERSET, "E06000063"]


# What gives way


@pytest.mark.parametrize(
    ("start", "published", "events"),
    [
        ("2025-03-24", "2025-07-18", 1),
        ("2025-04-20", "2025-07-18", 1),  # its first day is a month off
        ("2024-11-01", "2025-07-20", 1),  # published near, its first day misprinted
        ("2025-03-25", "", 1),  # a report without a day of publication
        ("2021-11-08", "2022-01-05", 2),  # another inspection
    ],
)
def test_what_another_source_has_does_not_enter(start, published, events):
    found = compiled.add(read(OF_WAKEFIELD), held_by("ofsted_ods_2025", start, published), DAYS, RELEASE)

    assert len(found["events"]) == events


def test_a_row_without_days_is_that_of_the_report_published_within_a_year():
    dateless = changed(OF_WAKEFIELD, "inspection_framework=None, inspection_start=, inspection_end=")

    assert compiled.held(read(dateless), held_by("ofsted_reports", published="")["events"]).tolist() == ["w"]
    with pytest.raises(ValueError, match=r"^sheet.xlsx, row 2, inspection_framework: found 'None', expected short or"):
        compiled.add(read(dateless), held_by("ofsted_ods_2025", "2021-11-08", "2022-01-05"), DAYS, RELEASE)


def test_cells_that_differ_from_the_kept_ones_are_conflicts_of_the_later_day():
    kept = held_by("ofsted_ods_2025", help_and_protection="requires_improvement", care_leavers="requires_improvement")

    found = compiled.add(read(OF_WAKEFIELD), kept, DAYS, RELEASE)["conflicts"]

    assert found[["table", "row", "column", "kept", "other", "other_source_id", "source_id"]].values.tolist() == [
        ["judgements", "w", "help_and_protection", "requires_improvement", "good", SOURCE, "ofsted_ods_2025"]
    ]
    assert found["published"].tolist() == [pd.Timestamp(IN_HAND)]


def test_a_cell_that_the_sheet_could_not_read_or_that_was_not_in_force_is_no_conflict():
    kept = held_by("ofsted_ods_2025", "2022-07-11", "2022-09-05", help_and_protection="inadequate")
    days = "inspection_start=, inspection_end=, publication=05/09/22"
    nottingham = changed(OF_WAKEFIELD, f"{days}, help=data_unreadable, care_leavers=inadequate")

    assert compiled.add(read(nottingham), kept, DAYS, RELEASE)["conflicts"].empty


def test_a_report_that_prints_no_publication_day_takes_the_sheets():
    known = held_by("ofsted_reports", published="", care_leavers="good")

    found = compiled.add(read(OF_WAKEFIELD), known, DAYS, RELEASE)

    days = [*found["events"][["publication_date", "published"]].iloc[0], *found["judgements"]["published"]]
    assert days == [pd.Timestamp("2025-07-18")] * 3
    assert found["conflicts"][["column", "kept", "other"]].values.tolist() == [
        ["care_leavers", "good", "requires_improvement"]
    ]


def test_certain_cells_of_a_report_that_needs_review_are_kept_and_the_sheets_fill_the_rest():
    help_in_doubt = certificate("judgement.help_and_protection", "inadequate", "needs_review")
    certain = certificate("start", "2025-03-24"), certificate("judgement.care_leavers", "good")
    known = nothing_held() | {"certificates": frame("certificates", *certain, help_in_doubt)}

    found = compiled.add(read(OF_WAKEFIELD), known, DAYS, RELEASE)

    grades = found["judgements"].set_index("judgement")
    assert grades.loc["care_leavers", ["grade", "basis", "source_id"]].tolist() == ["good", "report", "ofsted_reports"]
    assert grades.loc["help_and_protection", ["grade", "basis"]].tolist() == ["good", "compiled"]
    assert found["conflicts"][["column", "kept", "other", "other_source_id"]].values.tolist() == [
        ["care_leavers", "good", "requires_improvement", SOURCE]
    ]


# What is refused


REFUSED = """
ltla=E09000005              | row 2: wakefield has la_code '384' and ltla23cd 'E09000005', expected two codes of one
la_code=999                 | row 2: wakefield has la_code '999' and ltla23cd
publication=July 2025       | row 2, publication_date: found 'July 2025', expected a day such as 27/04
inspection_framework=full   | row 2, inspection_framework: found 'full', expected short or standard
inspection_start=           | row 2, inspection_start_date: found no day of wakefield, expected one
publication=                | row 2, publication_date: found no day of wakefield, expected one
inspection_end=23/03/2025   | row 2, inspection_start_date: found 2025-03-24, expected 2025-03-23
publication=27/03/25        | row 2, inspection_end_date: found 2025-03-28, expected 2025-03-27 or
publication=30/06/26        | row 2, publication_date: found 2026-06-30, expected 2026-06-29 or earlier
publication=25/03/26        | row 2: published more than a year after its first day 2025-03-24
in_care=fair                | row 2, in_care_grade: unknown grade 'fair': expected one of
in_care=data_unreadable     | row 2, in_care_grade: unknown grade 'data_unreadable'
overall=nan                 | row 2, overall_effectiveness_grade: found '' for wakefield, expected
"""


@pytest.mark.parametrize(("change", "message"), cases(REFUSED))
def test_a_row_that_would_enter_and_is_not_right_is_refused_with_file_row_and_remedy(change, message):
    with pytest.raises(ValueError) as refused:
        compiled.add(read(changed(OF_WAKEFIELD, change)), nothing_held(), DAYS, RELEASE)

    assert str(refused.value).startswith(f"sheet.xlsx, {message}") and "\n" not in str(refused.value)
    assert "data/curated" in str(refused.value)


def test_a_grade_of_a_judgement_that_was_not_in_force_and_a_sheet_that_lacks_a_column_are_refused():
    with pytest.raises(ValueError, match="'good' for brent, expected no grade, because the judgement was not in force"):
        compiled.enter(read(changed(OF_BRENT, "overall=good")), RELEASE)
    with pytest.raises(ValueError, match=r"^sheet.xlsx, row 1: lacks column 'care_leavers_grade', has la_code, .*mend"):
        compiled.read_sheet([HEADING[:-2]], AUTHORITIES, CHANGES, RELEASE)


# England on 29 June 2026

# Cells in which what we hold and the sheet differ, and why ours are kept.
EXCEPTIONS = {
    (CITY, "care_leavers"): "not in force when the report was written: the sheet's inadequate is a misread row",
    ("E08000013", "help_and_protection"): "Ofsted's table; the sheet's three grades are shifted by a row (St Helens)",
    ("E08000013", "children_in_care"): "the same",
    ("E08000013", "care_leavers"): "the same",
}


@pytest.mark.raw
def test_grades_of_all_153_on_29_june_2026_are_the_sheets_but_for_the_exceptions(raw):
    book = CalamineWorkbook.from_path(raw / "d2i" / "ofsted_csc_ilacs_overview_2026-06-29.xlsx")
    sheet = book.get_sheet_by_name(compiled.SHEET).to_python(skip_empty_area=False)
    every, judgements = tables.load("authorities"), tables.load("judgements", IN_HAND)
    rows = compiled.read_sheet(sheet, every, authority_tables.code_changes(), RELEASE).set_index("la_code_ons")
    newest = tables.load("events").query("framework == 'ilacs' and event_id in @judgements.event_id")
    newest = newest.sort_values(["start_earliest", "event_id"]).drop_duplicates("la_code_ons", keep="last")
    held = judgements.merge(newest[["event_id", "start_earliest"]], on="event_id")
    ours = {(row.la_code_ons, row.judgement.replace("_and_care_leavers", "")): row.grade for row in held.itertuples()}
    theirs = {
        (code, area): row[area].replace(" ", "_")
        for code, row in rows.iterrows()
        for area in compiled.AREAS
        if row[area]
    }
    existing = timeline.existing_on(every, IN_HAND)["la_code_ons"]

    assert set(rows.index) == {code for code, _ in ours} & set(existing) == set(existing) and len(existing) == 153
    current = {key: grade for key, grade in ours.items() if key[0] in set(existing)}
    assert {key for key in current | theirs if current.get(key) != theirs.get(key)} == set(EXCEPTIONS)


def test_overall_grades_of_england_on_29_june_2026_and_what_rests_on_the_sheet():
    every, judgements = tables.load("authorities"), tables.load("judgements", IN_HAND)
    codes = timeline.existing_on(every, IN_HAND)["la_code_ons"]
    events = tables.load("events").set_index("event_id")
    mains = timeline.main_grades(judgements[judgements["framework"] == "ilacs"])
    newest = mains.assign(start=mains["event_id"].map(events["start_earliest"])).sort_values(["start", "event_id"])
    newest = newest.drop_duplicates("la_code_ons", keep="last")
    newest = newest[newest["la_code_ons"].isin(codes)]
    overall = newest[newest["judgement"] == "overall_effectiveness"]
    ours = events[events["basis"] == "compiled"]

    assert Counter(overall["grade"]) == {"inadequate": 13, "requires_improvement": 29, "good": 63, "outstanding": 46}
    assert set(newest["la_code_ons"]) - set(overall["la_code_ons"]) == {SOMERSET, BRENT}
    assert (newest["basis"] == "compiled").sum() == len(ours) == 44 and set(ours["source_id"]) == {SOURCE}
    assert ours.at[f"{WAKEFIELD}_2025-03-24_short_inspection", "published"] == pd.Timestamp("2025-07-18")
    assert ours.loc[ours["start_earliest"] <= pd.Timestamp("2025-03-31"), "la_code_ons"].tolist() == [WAKEFIELD]
