"""Reports as read beside other sources: which inspection a report is of, whether both say the same, what is new."""

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.normalise import reports

CITY, COUNTY = "E06000018", "E10000024"
FIELDS = {"start": "2022-07-11", "end": "2022-07-22", "kind": "inspection", "judgement.overall_effectiveness": "good"}


def certificates(file="a.pdf", code=CITY, framework="ilacs", published="2025-01-13", doubtful=(), **fields):
    """The certificates of one file: the fields of FIELDS, changed; those in `doubtful` need review."""
    read = {key.replace("__", "."): value for key, value in fields.items()}
    rows = [
        {"file": file, "la_code_ons": code, "framework": framework, "kind": (FIELDS | read)["kind"], "field": field,
         "first_reading": value, "second_reading": value, "page": 1, "source_id": "ofsted_reports",
         "certainty": "needs_review" if field in doubtful else "certain", "doubt": "odd" if field in doubtful else "",
         "published": published}
        for field, value in (FIELDS | read).items()
    ]  # fmt: skip
    return tables.conform("certificates", pd.DataFrame(rows))


def events(*rows):
    """Events of (id, authority, kind, start, day of publication, source)."""
    columns = ["event_id", "la_code_ons", "kind", "start", "publication_date", "source_id"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    year = frame["start"].str.len() == 4
    days = {"start_earliest": frame["start"].where(~year, frame["start"] + "-01-01"),
            "start_latest": frame["start"].where(~year, frame["start"] + "-12-31"),
            "publication_date": frame["publication_date"], "published": frame["publication_date"]}  # fmt: skip
    return frame.assign(**{name: pd.to_datetime(day) for name, day in days.items()})


def judgements(*rows):
    return pd.DataFrame(rows, columns=["event_id", "judgement", "grade"], dtype="str")


OFFICIAL = ("x", CITY, "inspection", "2022-07-11", "2022-09-05", "ofsted_ods_2025")
GOOD = judgements(("x", "overall_effectiveness", "good"))


@pytest.mark.parametrize(
    ("event", "matched"),
    [
        (OFFICIAL, True),
        (("x", CITY, "short_inspection", "2022-07-12", "", "ofsted_ods_2025"), True),
        (("x", CITY, "inspection", "2022-08-11", "", "ofsted_ods_2025"), True),
        (("x", CITY, "inspection", "2022-08-12", "", "ofsted_ods_2025"), False),
        (("x", CITY, "inspection", "2022", "", "ofsted_nc_2022"), True),
        (("x", CITY, "focused_visit", "2022-07-11", "", "ofsted_ods_2025"), False),
        (("x", COUNTY, "inspection", "2022-07-11", "", "ofsted_ods_2025"), False),
        (("x", CITY, "inspection", "2022-07-11", "", "ofsted_reports"), False),
    ],
)
def test_a_report_is_of_the_inspection_of_its_authority_and_sort_within_a_month(event, matched):
    found = reports.match(certificates(), events(event))

    assert found.to_dict("records") == [{"file": "a.pdf", "event_id": "x"}] * matched


def test_of_two_inspections_the_nearer_is_meant():
    near = ("y", CITY, "inspection", "2022-07-01", "", "ofsted_ods_2025")
    far = ("x", CITY, "inspection", "2022-08-01", "", "ofsted_ods_2025")

    assert reports.match(certificates(), events(far, near))["event_id"].tolist() == ["y"]


def test_cells_agree_differ_need_review_or_are_not_printed():
    read = certificates(judgement__impact_of_leaders="good", judgement__care_leavers="good",
                        doubtful=["judgement.care_leavers"])  # fmt: skip
    event = ("x", CITY, "short_inspection", "2022-07-12", "2022-09-05", "ofsted_ods_2025")
    grades = judgements(("x", "overall_effectiveness", "good"), ("x", "impact_of_leaders", "inadequate"),
                        ("x", "care_leavers", "good"))  # fmt: skip

    cells = reports.compare(read, events(event), grades).set_index("field")

    assert cells["outcome"].to_dict() == {
        "judgement.care_leavers": "needs_review", "judgement.impact_of_leaders": "differs",
        "judgement.overall_effectiveness": "same", "kind": "not_printed", "published": "not_printed",
        "start": "differs",
    }  # fmt: skip
    assert cells.loc["judgement.impact_of_leaders", ["report", "other"]].tolist() == ["good", "inadequate"]
    assert cells["report"].isna().to_dict()["judgement.care_leavers"]
    assert set(cells["source_id"]) == {"ofsted_reports ofsted_ods_2025"}


def test_a_grade_that_only_the_report_has_differs():
    cells = reports.compare(certificates(), events(OFFICIAL), judgements()).set_index("field")["outcome"]

    assert cells["judgement.overall_effectiveness"] == "differs"


def test_a_vague_first_day_and_a_day_not_stated_are_not_compared():
    event = ("x", CITY, "inspection", "2022", "", "ofsted_nc_2022")

    cells = reports.compare(certificates(published="2022-09-05"), events(event), GOOD)

    assert cells["field"].tolist() == ["judgement.overall_effectiveness", "kind"]


def test_without_an_inspection_that_both_have_nothing_is_compared():
    other = ("x", COUNTY, "inspection", "2022-07-11", "", "ofsted_ods_2025")

    assert reports.compare(certificates(), events(other), GOOD).empty


@pytest.mark.parametrize(
    ("changes", "new"),
    [
        ({"start": "2016-04-11", "framework": "sif"}, True),
        ({"start": "2026-05-11"}, True),
        ({"kind": "focused_visit"}, True),
        ({}, False),  # the release has it
        ({"start": "2013-07-08", "framework": "pre_2013"}, False),
        ({"start": "2016-04-11", "doubtful": ["judgement.overall_effectiveness"]}, False),
        ({"start": "2016-04-11", "doubtful": ["start"]}, False),
        ({"start": "2016-04-11", "doubtful": ["end"]}, False),
        ({"start": "2016-04-11", "code": ""}, False),
        ({"start": "2016-04-11", "paragraphs": "58", "doubtful": ["paragraphs"]}, True),
    ],
)
def test_an_inspection_is_new_where_no_other_source_has_it_and_it_is_read_with_certainty(changes, new):
    found = reports.new_inspections(certificates(**changes), events(OFFICIAL))

    assert found.tolist() == ["a.pdf"] * new


def test_certificates_without_a_printed_day_are_known_with_their_inspection():
    rows = pd.concat([
        certificates("unprinted.pdf"), certificates("printed.pdf", published="2022-09-01", **{"published_": ""}),
        certificates("unmatched.pdf", COUNTY),
    ]).replace({"field": {"published_": "published"}})  # fmt: skip

    days = reports.date_by_inspections(rows, events(OFFICIAL)).groupby("file")["published"].unique()

    assert {file: [f"{day:%Y-%m-%d}" for day in found] for file, found in days.items()} == {
        "printed.pdf": ["2022-09-01"], "unmatched.pdf": ["2025-01-13"], "unprinted.pdf": ["2022-09-05"]}  # fmt: skip
