"""What is certain: two readings side by side, the rules of the field, and whose services a report is about."""

import csv
from datetime import date

import pytest
from made_reports import BODY, CROSSWALK, HEAD, IMPROVE, ROWS, TEXTS, grades, lines, make_pdf, report_pdf, show
from ofsted_reports import authority_names, certify, read_reports
from ofsted_reports.files import Readings
from ofsted_reports.text import Found

NAMES = authority_names(csv.DictReader(CROSSWALK.read_text(encoding="utf-8").splitlines()))
HELP = "judgement.help_and_protection"


def read_one(path):
    return read_reports([path], CROSSWALK)[0]


# What both readers read alike


def test_a_report_that_both_readers_read_alike_is_certain(write):
    report = read_one(write("a.pdf", report_pdf()))

    assert (report.status, report.problem) == ("certain", "")
    assert (report.la_code_ons, report.authority) == ("E06000018", "Nottingham")
    names = ("framework", "kind", "lead_inspector", "start", "end", "published")
    event = ["ilacs", "inspection", "Jo Bloggs", "2024-10-07", "2024-10-18", ""]
    assert [report.value(name) for name in names] == event
    assert grades(report) == {
        "impact_of_leaders": "good",
        "help_and_protection": "requires_improvement",
        "children_in_care": "outstanding",
        "care_leavers": "good",
        "overall_effectiveness": "good",
    }


def test_a_table_drawn_column_by_column_is_certain_only_where_headings_confirm_it(write):
    labels = [(40, 700 - 26 * n, label) for n, (label, _) in enumerate(ROWS)]
    marks = [(420, 700 - 26 * n, grade) for n, (_, grade) in enumerate(ROWS)]
    page = lines(*HEAD) + b"\n" + show(labels + marks)
    bare = [*IMPROVE, "1. One.", "2. Two.", "3. Three."]

    confirmed = read_one(write("confirmed.pdf", make_pdf([page, lines(*BODY)])))
    alone = read_one(write("alone.pdf", make_pdf([page, lines(*bare)])))

    assert (confirmed.status, grades(confirmed)["children_in_care"]) == ("certain", "outstanding")
    assert (alone.status, alone.value("judgement.children_in_care")) == ("needs_review", "")
    assert "stands in a column apart from its label" in alone.problem


# Doubts


READING = """
authority Nottingham City Council
framework ilacs
kind inspection
start 2022-07-11
end 2022-07-22
lead_inspector Jo Bloggs
recommendations 8
paragraphs 58
judgement.impact_of_leaders good
judgement.help_and_protection inadequate
judgement.overall_effectiveness good
judgement.children_in_care_and_care_leavers requires_improvement
"""


def reading(changes=""):
    """READING with some fields changed ("end 2022-07-23") or taken out ("end"), a line each."""
    fields = (line.partition(" ")[::2] for line in (READING + changes).strip().splitlines())
    return {field: Found(value, value, 1) for field, value in dict(fields).items() if value}


@pytest.mark.parametrize(("first", "second", "field", "words"), TEXTS["doubts"])
def test_what_speaks_against_a_field_is_said_of_it(first, second, field, words):
    second = first if second == "same" else second

    report = certify(Readings("a.pdf", "", "", reading(first), reading(second)), NAMES)

    assert (report.status, report.value(field)) == ("needs_review", "")
    assert report.value("recommendations") == "8"  # the others stay
    assert f"{field} {words}" in report.problem
    assert "\n" not in report.problem


LETTER = "framework\nlead_inspector\nrecommendations\nparagraphs"
AREAS_2016 = "overall_effectiveness help_and_protection looked_after_and_permanence adoption care_leavers leadership"
AREAS_2026 = "impact_of_leaders help_and_protection children_in_care care_leavers"


@pytest.mark.parametrize(
    ("changes", "areas", "problem"),
    [
        (f"kind monitoring_visit\n{LETTER}", "", ""),
        ("start 2026-05-11\nend 2026-05-22", AREAS_2026, ""),  # no overall grade since April 2026
        ("framework sif\nstart 2016-07-11\nend 2016-07-22", AREAS_2016, ""),
        ("framework sif\nstart 2016-07-11\nend 2016-07-22\nboard_review yes", AREAS_2016, "judgement.lscb is not read"),
        (f"kind send_inspection\n{LETTER}", "", "judgements is not read"),
    ],
)
def test_what_must_be_read_depends_on_the_document(changes, areas, problem):
    event = {field: each for field, each in reading(changes).items() if not field.startswith("judgement.")}
    read = event | {f"judgement.{area}": Found("good", "", 1) for area in areas.split()}

    assert certify(Readings("a.pdf", "", "", read, read), NAMES).problem == problem


# Authorities


@pytest.mark.parametrize(("printed", "day", "code", "name"), TEXTS["names"])
def test_printed_names_lead_to_one_authority_or_none(printed, day, code, name):
    assert NAMES(printed, date.fromisoformat(day) if day else None) == (code, name)


def test_without_a_crosswalk_the_authority_is_the_name_as_printed():
    report = certify(Readings("a.pdf", "", "", reading(), reading()))

    assert (report.status, report.la_code_ons, report.authority) == ("certain", "", "Nottingham City Council")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,name\nE06000018,Nottingham\n", "row 2: expected la_code_ons and name, found {'code': 'E06000018'"),
        ("la_code_ons,name\nE06000018,\n", "row 2: expected la_code_ons and name, found"),
        ("la_code_ons,name,existed_to\nE06000018,X,2019\n", "row 2: Invalid isoformat string: '2019'; expected a day"),
        ("la_code_ons,name\n\udcff,X", "cannot be read ('utf-8' codec can't decode"),
        (None, "cannot be read ([Errno 2] No such file"),
    ],
)
def test_a_crosswalk_that_is_not_as_it_should_be_is_refused_in_words(write, tmp_path, text, message):
    path = tmp_path / "none.csv" if text is None else write("a.csv", text.encode("utf-8", "surrogateescape"))

    with pytest.raises(ValueError) as error:
        authority_names(path)

    assert str(error.value).startswith(str(path)) and message in str(error.value)
