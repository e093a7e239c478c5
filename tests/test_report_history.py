"""Ofsted's reports in the tables: what enters, which inspection a report is of, whether other sources say the same."""

from pathlib import Path

import pandas as pd
import pytest
from childrens_services import cli, contracts, tables
from childrens_services.normalise import build, ofsted_outcomes, reports
from childrens_services.vocabulary import GRADE_NAMES, JUDGEMENTS, SCALES, Framework
from click.testing import CliRunner
from ofsted_reports import Certificate, Report, wording

CITY, COUNTY = "E06000018", "E10000024"
FIELDS = {"start": "2022-07-11", "end": "2022-07-22", "kind": "inspection", "framework": "ilacs"}
FIELDS |= {"judgement.overall_effectiveness": "good"}


def report(file="a.pdf", code=CITY, doubtful=(), **fields):
    """A report with the fields of FIELDS, changed; those in `doubtful` need review."""
    read = FIELDS | {key.replace("__", "."): value for key, value in fields.items()}
    certificates = tuple(
        Certificate(field, value, value, "odd" * (field in doubtful), field, 1) for field, value in read.items()
    )
    return Report(file, "needs_review" if doubtful else "certain", "", code, "", certificates)


def certificates(*read, **fields):
    return reports.certificates(read or [report(**fields)], "2025-01-13")


def events(*rows):
    """Events of (id, authority, kind, start, day of publication, source)."""
    columns = ["event_id", "la_code_ons", "kind", "start", "publication_date", "source_id"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    year, out = frame["start"].str.len() == 4, frame["publication_date"]
    first, last = (frame["start"].where(~year, frame["start"] + end) for end in ("-01-01", "-12-31"))
    days = {"start_earliest": first, "start_latest": last, "publication_date": out, "published": out}
    return frame.assign(**{name: pd.to_datetime(day) for name, day in days.items()})


def judgements(*rows):
    return pd.DataFrame(rows, columns=["event_id", "judgement", "grade"], dtype="str")


OFFICIAL = ("x", CITY, "inspection", "2022-07-11", "2022-09-05", "ofsted_ods_2025")


# One field of words


def test_what_reports_print_is_in_our_words():
    """The package keeps its own: judgements, their days, scales and grades must be those of the tables."""
    ours = {(each.framework.value, each.judgement): each for each in JUDGEMENTS}
    theirs = {
        (name, area): framework for name, framework in wording.FRAMEWORKS.items() for area in framework.judgements
    }
    spans = {key: (f, f.judgements[key[1]]) for key, f in theirs.items()}
    days = {key: [max(each.first for each in span), min(each.last for each in span)] for key, span in spans.items()}

    assert set(wording.FRAMEWORKS) <= set(Framework)
    assert {key for key in ours if key[0] in ("sif", "ilacs")} == {key for key in theirs if key[0] != "pre_2013"}
    assert days == {key: [ours[key].first, ours[key].last or days[key][1]] for key in theirs}
    assert {key: tuple(f.grades) for key, f in theirs.items()} == {key: SCALES[ours[key].scale] for key in theirs}
    assert wording.GRADES.items() <= GRADE_NAMES.items()
    for name in ("area_send_2016", "area_send_2023"):
        assert wording.FRAMEWORKS[name].first == ours[name, "area_send"].first
        assert wording.FRAMEWORKS[name].last in (ours[name, "area_send"].last, wording.date.max)


def test_the_command_hands_our_names_on_and_gives_the_status_back(tmp_path):
    page, letter = tmp_path / "page.pdf", tmp_path / "letter.txt"
    page.write_text("<html></html>")
    letter.write_text("Dear Anne\nFocused visit to Nottingham City children’s services\n7 March 2023")

    calls = [str(page)], ["--json", str(letter)], ["--csv", "--json", "a.pdf"]
    first, second, third = (CliRunner().invoke(cli.main, ["read-report", *call]) for call in calls)

    assert (first.exit_code, second.exit_code, third.exit_code) == (2, 1, 2)
    assert first.stdout.startswith(f"{page}: unreadable; is a web page saved under this name")
    assert "usage: childrens-services read-report" in third.stderr


def test_the_crosswalk_has_every_name_with_its_days_and_every_spelling():
    known = [(CITY, "Nottingham", "", ""), ("E06000059", "Dorset", "2019-04-01", "")]
    listed = pd.DataFrame(known, columns=["la_code_ons", "name", "existed_from", "existed_to"])
    listed = listed.assign(**{name: pd.to_datetime(listed[name]) for name in ("existed_from", "existed_to")})
    spelt = pd.DataFrame({"spelling": ["Nottingham UA"], "la_code_ons": [CITY], "seen_in": ["x"]})

    rows = [tuple(row.values()) for row in reports.crosswalk(listed, spelt)]

    assert rows == [*known, (CITY, "Nottingham UA", "", "")]


# Reports as rows


def test_events_and_judgements_keep_to_their_contracts_and_two_copies_are_one():
    events, judgements = reports.events_and_judgements([report(), report("b.pdf")], "2025-01-31")
    found = tables.conform("events", ofsted_outcomes.describe(events)), judgements

    for name, frame in zip(("events", "judgements"), found, strict=True):
        contracts.schema(name).validate(frame)
    event, judgement = (frame.iloc[0] for frame in found)
    assert [len(frame) for frame in found] == [1, 1]
    assert event["event_id"] == judgement["event_id"] == "E06000018_2022-07-11_inspection"
    assert event["note"] == "The report does not say whether the inspection was a standard or a short one."
    assert (judgement["scale"], judgement["locator"]) == ("four_point_2013", "a.pdf, page 1")


def test_doubtful_reports_give_certificates_and_no_event():
    read = [Report("cut.pdf", "unreadable", "is cut short"), report("odd.pdf", doubtful=FIELDS, code="")]

    table = certificates(*read)

    assert [len(frame) for frame in reports.events_and_judgements(read, "2025-01-13")] == [0, 0]
    assert table.iloc[0][["field", "certainty", "doubt"]].tolist() == ["file", "needs_review", "is cut short"]
    assert set(table["certainty"]) == {"needs_review"}
    contracts.schema("certificates").validate(table)


@pytest.fixture
def enter(monkeypatch):
    """Run the build's step on made-up reports; give what it makes of the tables it is given."""

    def run(*read, known=()):
        monkeypatch.setattr(build, "raw_file", lambda source_id: Path(source_id))
        monkeypatch.setattr(build, "read_reports", lambda files, crosswalk: read)
        frames = {name: tables.load(name) for name in ("events", "judgements", "conflicts", "authorities")}
        for name in ("events", "judgements"):
            frames[name] = frames[name][frames[name]["event_id"].isin(known)]
        sources = pd.DataFrame({"source_id": ["ofsted_reports"], "published": pd.to_datetime(["2025-01-13"])})
        return build._reports(frames | {"sources": sources})

    return run


def test_an_inspection_that_no_other_source_has_enters_whole_and_the_others_only_as_certificates(enter):
    new = report("new.pdf", start="2024-10-07", end="2024-10-18", judgement__overall_effectiveness="inadequate")
    unsure = report("unsure.pdf", start="2023-05-01", end="2023-05-12", doubtful=["judgement.overall_effectiveness"])

    found = enter(new, unsure, report("known.pdf"), Report("page.pdf", "unreadable"), known=["nc_2022_ilacs"])

    assert found["events"]["event_id"].tolist() == ["nc_2022_ilacs", "E06000018_2024-10-07_inspection"]
    entered = found["events"].iloc[1]
    assert (f"{entered['published']:%Y-%m-%d}", entered["source_id"]) == ("2025-01-13", "ofsted_reports")
    assert (found["judgements"]["source_id"] == "ofsted_reports").sum() == 1
    days = found["certificates"].groupby("file")["published"].max().dt.strftime("%Y-%m-%d")
    assert days[["known.pdf", "new.pdf", "page.pdf"]].tolist() == ["2022-09-05", "2025-01-13", "2025-01-13"]


def test_a_report_that_is_newer_than_its_folder_is_refused(enter):
    row = "^data/curated/sources.csv, row ofsted_reports: published_edtf gives 2025-01-13, but later.pdf prints "

    with pytest.raises(ValueError, match=rf"{row}2026-05-\d\d \((start|end)\); write the day the newest report came"):
        enter(report("later.pdf", start="2026-05-11", end="2026-05-22"))


# Which inspection a report is of


@pytest.mark.parametrize(
    ("code", "kind", "start", "source", "matched"),
    [
        (CITY, "inspection", "2022-07-11", "ofsted_ods_2025", True),
        (CITY, "short_inspection", "2022-07-12", "ofsted_ods_2025", True),
        (CITY, "inspection", "2022-08-11", "ofsted_ods_2025", True),
        (CITY, "inspection", "2022-08-12", "ofsted_ods_2025", False),
        (CITY, "inspection", "2022", "ofsted_nc_2022", True),
        (CITY, "focused_visit", "2022-07-11", "ofsted_ods_2025", False),
        (COUNTY, "inspection", "2022-07-11", "ofsted_ods_2025", False),
        (CITY, "inspection", "2022-07-11", "ofsted_reports", False),
    ],
)
def test_a_report_is_of_the_inspection_of_its_authority_and_sort_within_a_month(code, kind, start, source, matched):
    found = reports.match(certificates(), events(("x", code, kind, start, "", source)))

    assert found.to_dict("records") == [{"file": "a.pdf", "event_id": "x"}] * matched


def test_of_two_inspections_the_nearer_is_meant():
    near = ("y", CITY, "inspection", "2022-07-01", "", "ofsted_ods_2025")
    far = ("x", CITY, "inspection", "2022-08-01", "", "ofsted_ods_2025")

    assert reports.match(certificates(), events(far, near))["event_id"].tolist() == ["y"]


def test_a_differing_cell_becomes_a_conflict_in_which_the_other_source_is_kept():
    read = certificates(judgement__impact_of_leaders="good", published="2022-09-05", start="2022-07-12")
    grades = judgements(("x", "overall_effectiveness", "good"), ("x", "impact_of_leaders", "inadequate"))

    differing, agreeing = (
        tables.conform("conflicts", reports.conflicts(reports.compare(rows, events(OFFICIAL), grades[:known])))
        for rows, known in ((read, 2), (certificates(), 1))
    )

    columns = ["table", "row", "column", "kept", "other", "other_source_id", "source_id"]
    assert differing[columns].to_numpy().tolist() == [
        ["events", "x", "start", "2022-07-11", "2022-07-12", "ofsted_reports", "ofsted_ods_2025"],
        ["judgements", "x", "impact_of_leaders", "inadequate", "good", "ofsted_reports", "ofsted_ods_2025"],
    ]
    assert agreeing.empty


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
    assert reports.new_inspections(certificates(**changes), events(OFFICIAL)).tolist() == ["a.pdf"] * new


def test_certificates_without_a_printed_day_are_known_with_their_inspection():
    read = [report("unprinted.pdf"), report("printed.pdf", published="2022-09-01"), report("other.pdf", COUNTY)]

    days = reports.date_by_inspections(certificates(*read), events(OFFICIAL))[["file", "published"]].drop_duplicates()

    known = dict(zip(days["file"], days["published"].dt.strftime("%Y-%m-%d"), strict=True))
    assert known == {"other.pdf": "2025-01-13", "printed.pdf": "2022-09-01", "unprinted.pdf": "2022-09-05"}
    assert len(days) == 3


# Whether both say the same


def test_cells_agree_differ_need_review_or_are_not_printed():
    areas = {"judgement__impact_of_leaders": "good", "judgement__care_leavers": "good"}
    read = certificates(doubtful=["judgement.care_leavers"], **areas)
    event = ("x", CITY, "short_inspection", "2022-07-12", "2022-09-05", "ofsted_ods_2025")
    grades = [("x", "impact_of_leaders", "inadequate"), ("x", "care_leavers", "good")]  # none overall

    cells = reports.compare(read, events(event), judgements(*grades)).set_index("field")
    agreed = reports.compare(certificates(), events(OFFICIAL), judgements(("x", "overall_effectiveness", "good")))

    assert cells["outcome"].to_dict() == {
        "judgement.care_leavers": "needs_review",
        "judgement.impact_of_leaders": "differs",
        "judgement.overall_effectiveness": "differs",  # only the report has it
        "kind": "not_printed",
        "published": "not_printed",
        "start": "differs",
    }
    assert agreed.set_index("field")["outcome"]["judgement.overall_effectiveness"] == "same"
    assert cells.loc["judgement.impact_of_leaders", ["report", "other"]].tolist() == ["good", "inadequate"]
    assert cells["report"].isna().to_dict()["judgement.care_leavers"]
    assert set(cells["source_id"]) == {"ofsted_reports ofsted_ods_2025"}


@pytest.mark.parametrize(
    ("code", "start", "compared"),
    [(CITY, "2022", ["judgement.overall_effectiveness", "kind"]), (COUNTY, "2022-07-11", [])],
)
def test_a_vague_first_day_a_day_not_stated_and_another_inspection_are_not_compared(code, start, compared):
    event = events(("x", code, "inspection", start, "", "ofsted_nc_2022"))

    cells = reports.compare(certificates(), event, judgements(("x", "overall_effectiveness", "good")))

    assert cells["field"].tolist() == compared


# Ofsted's own files, as read


def test_no_cell_differs_from_what_other_sources_state():
    """The tables hold Ofsted’s history; that they hold it cell by cell is tested with the inspections."""
    cells = reports.compare(*map(tables.load, ("certificates", "events", "judgements")))

    compared = cells[cells["outcome"] != "not_printed"]
    assert cells["file"].nunique() >= 50
    assert {"start", "kind", "judgement.overall_effectiveness"} <= set(compared["field"])
    assert compared[compared["outcome"] == "differs"].to_dict("records") == []
    assert (compared["outcome"] == "needs_review").mean() <= 0.02
    assert set(cells[cells["outcome"] == "not_printed"]["field"]) <= {"published", "kind"}


def test_only_inspections_before_the_release_begins_come_from_reports_alone():
    alone, graded = (tables.load(name).query("source_id == 'ofsted_reports'") for name in ("events", "judgements"))

    assert len(alone) == 28
    assert set(alone["framework"]) == {"sif"}
    assert graded.groupby("event_id").size().between(6, 7).all()
    assert not alone.duplicated(["la_code_ons", "start"]).any()
