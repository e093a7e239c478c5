"""Reading files that nobody vouches for: certificates, limits, damage, and what enters the tidy tables."""

import csv
import io
import json
import random
import re
import zlib
from datetime import date
from pathlib import Path

import pandas as pd
import pypdf
import pytest
from childrens_services import cli, contracts, paths, tables
from childrens_services.normalise import build, reports
from childrens_services.vocabulary import read_grade
from click.testing import CliRunner
from ofsted_reports.certificates import Report, authority_names, certify
from ofsted_reports.files import Limits, Readings, list_files, read_files
from ofsted_reports.frames import (
    as_json,
    as_words,
    certificates,
    events_and_judgements,
    exit_status,
)
from ofsted_reports.judgement_tables import Found

AUTHORITIES = pd.DataFrame(
    [
        ("E06000018", "Nottingham", "", ""),
        ("E10000024", "Nottinghamshire", "", ""),
        ("E06000011", "East Riding of Yorkshire", "", ""),
        ("E06000010", "Kingston upon Hull", "", ""),
        ("E09000021", "Kingston upon Thames", "", ""),
        ("E09000001", "City of London", "", ""),
        ("E06000059", "Dorset", "2019-04-01", ""),
        ("E10000009", "Dorset (to 2019)", "", "2019-03-31"),
        ("E08000013", "St. Helens", "", ""),
    ],
    columns=["la_code_ons", "name", "existed_from", "existed_to"],
)
SPELLINGS = pd.DataFrame({"spelling": ["Nottingham City UA"], "la_code_ons": ["E06000018"], "seen_in": ["x"]})
NAMES = authority_names(AUTHORITIES, SPELLINGS)
ROWS = [
    ("The impact of leaders on social work practice with children and families", "Good"),
    ("The experiences and progress of children who need help and protection", "Requires improvement to be good"),
    ("The experiences and progress of children in care", "Outstanding"),
    ("The experiences and progress of care leavers", "Good"),
    ("Overall effectiveness", "Good"),
]


# A PDF of our own making: enough of the format for both readers, with a table of parts and packed contents.


def make_pdf(contents):
    """A PDF with one page for each piece of page content."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(contents)))
    parts = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(contents), kids),
             b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]  # fmt: skip
    for i, content in enumerate(contents):
        packed = zlib.compress(content, 9)
        parts += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
                  b"/Contents %d 0 R>>" % (5 + 2 * i),
                  b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed)]  # fmt: skip
    return put_together(parts)


def put_together(parts):
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(parts) + 1, len(out)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        size, rows, size, start)  # fmt: skip


def show(cells):
    """Page content that shows text, in the order given: (x, y, text) each."""
    quoted = ((x, y, re.sub(rb"([()\\])", rb"\\\1", text.encode("cp1252"))) for x, y, text in cells)
    return b"\n".join(b"BT /F1 9 Tf %d %d Td (%s) Tj ET" % cell for cell in quoted)


def lines(*texts):
    return show([(40, 800 - 13 * n, text) for n, text in enumerate(texts)])


HEAD = ("Inspection of Nottingham City local authority", "children’s services", "Inspection dates: 7 – 18 October 2024",
        "Lead inspector: Jo Bloggs, His Majesty’s Inspector", "Judgement Grade")  # fmt: skip
BODY = ("What needs to improve?", "• Supervision.", "• Plans.", f"{ROWS[1][0]}:", "requires improvement to be good",
        "1. One.", "2. Two.", f"{ROWS[0][0]}: good", "3. Three.", f"{ROWS[2][0]}: outstanding",
        f"{ROWS[3][0]}: good")  # fmt: skip


def report_pdf(rows=ROWS, head=HEAD, body=BODY):
    return make_pdf([lines(*head, *(cell for row in rows for cell in row), "Services have changed."), lines(*body)])


@pytest.fixture
def write(tmp_path):
    def write_file(name, data):
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write_file


def read_one(path, **limits):
    return certify(read_files([path], Limits(**limits))[0], NAMES)


def grades(report):
    return {each.field.split(".")[1]: each.first for each in report.certificates if each.field.startswith("judgement.")}


# What both readers read alike


def test_a_report_that_both_readers_read_alike_is_certain(write):
    report = read_one(write("a.pdf", report_pdf()))

    assert (report.status, report.problem) == ("certain", "")
    assert (report.la_code_ons, report.authority) == ("E06000018", "Nottingham")
    assert [report.value(name) for name in ("framework", "kind", "start", "end", "lead_inspector")] == [
        "ilacs", "inspection", "2024-10-07", "2024-10-18", "Jo Bloggs"]  # fmt: skip
    assert grades(report) == {
        "impact_of_leaders": "good", "help_and_protection": "requires_improvement", "children_in_care": "outstanding",
        "care_leavers": "good", "overall_effectiveness": "good"}  # fmt: skip


def test_a_table_drawn_column_by_column_is_certain_only_where_headings_confirm_it(write):
    labels = [(40, 700 - 26 * n, label) for n, (label, _) in enumerate(ROWS)]
    marks = [(420, 700 - 26 * n, grade) for n, (_, grade) in enumerate(ROWS)]
    front = show([(40, 800 - 13 * n, text) for n, text in enumerate(HEAD)]) + b"\n" + show(labels + marks)
    bare = BODY[:3] + BODY[5:7] + BODY[8:9]

    confirmed = read_one(write("confirmed.pdf", make_pdf([front, lines(*BODY)])))
    alone = read_one(write("alone.pdf", make_pdf([front, lines(*bare)])))

    assert confirmed.status == "certain"
    assert grades(confirmed)["children_in_care"] == "outstanding"
    assert alone.status == "needs_review"
    assert "stands in a column apart from its label" in alone.problem
    assert alone.value("judgement.children_in_care") == ""


def test_letters_and_reports_without_an_overall_grade_are_certain(write):
    letter = ("4 April 2023", "Dear Anne", "Monitoring visit to Nottingham City children’s services",
              "This letter summarises the findings of the monitoring visit to Nottingham City children’s services",
              "on 28 February and 1 March 2023.", "The findings are set out below and are long enough to be read.",
              "Yours sincerely", "Jo Bloggs", "His Majesty’s Inspector")  # fmt: skip
    head = (*HEAD[:2], "Inspection dates: 11 to 22 May 2026", *HEAD[3:])

    visit, later = read_files([write("m.pdf", make_pdf([lines(*letter)])), write("l.pdf", report_pdf(ROWS[:4], head))])

    assert certify(visit, NAMES).status == "certain"
    assert certify(visit, NAMES).value("kind") == "monitoring_visit"
    assert certify(later, NAMES).status == "certain"
    assert "overall_effectiveness" not in grades(certify(later, NAMES))


# Doubts


def found(value, page=1, as_column=False):
    return Found(value, value, page, 0, as_column)


READING = {
    "authority": found("Nottingham City Council"), "framework": found("ilacs"), "kind": found("inspection"),
    "start": found("2022-07-11"), "end": found("2022-07-22"), "lead_inspector": found("Jo Bloggs"),
    "recommendations": found("8", 2), "paragraphs": found("58", 2), "judgement.impact_of_leaders": found("good"),
    "judgement.help_and_protection": found("inadequate"), "judgement.overall_effectiveness": found("good"),
    "judgement.children_in_care_and_care_leavers": found("requires_improvement"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "field", "words"),
    [
        ({"judgement.impact_of_leaders": found("good")}, {"judgement.impact_of_leaders": found("inadequate")},
         "judgement.impact_of_leaders", "is read in two ways (read 'good' and 'inadequate')"),
        ({}, {"start": None}, "start", "is read by one reader only (read '2022-07-11' and '')"),
        ({"judgement.care_leavers": found("inadequate")}, {"judgement.care_leavers": found("inadequate")},
         "judgement.care_leavers", "is not in force on 11 July 2022"),
        ({"judgement.help_and_protection": None}, {"judgement.help_and_protection": None},
         "judgement.help_and_protection", "is not read"),
        ({"judgement.help_and_protection": found("adequate")}, {"judgement.help_and_protection": found("adequate")},
         "judgement.help_and_protection", "is not on the scale"),
        ({"heading.help_and_protection": found("good", 3)}, {}, "judgement.help_and_protection",
         "is contradicted by the heading of its section: good"),
        ({"authority": found("Gotham City Council")}, {"authority": found("Gotham City Council")}, "authority",
         "is not the name of one authority we know"),
        ({"end": found("2022-07-01")}, {"end": found("2022-07-01")}, "end", "is doubtful: -10 days of fieldwork"),
        ({"end": found("2023-07-22")}, {"end": found("2023-07-22")}, "start", "is doubtful: 376 days of fieldwork"),
        ({"published": found("2022-07-15")}, {"published": found("2022-07-15")}, "published",
         "is doubtful: 4 days after"),
        ({"start": found("2012-07-11"), "end": found("2012-07-22")},
         {"start": found("2012-07-11"), "end": found("2012-07-22")}, "framework", "was not in force on 11 July 2012"),
        ({"paragraphs": None}, {"paragraphs": None}, "paragraphs", "is not read"),
    ],
)  # fmt: skip
def test_what_speaks_against_a_field_is_said_of_it(first, second, field, words):
    one, two = ({key: value for key, value in (READING | change).items() if value} for change in (first, second))

    report = certify(Readings("a.pdf", "", "", one, two), NAMES)

    assert report.status == "needs_review"
    assert report.value(field) == ""
    assert f"{field} {words}" in report.problem
    assert "\n" not in report.problem


def test_the_reading_that_a_grade_never_given_would_need_is_refused():
    wrong = READING | {"judgement.care_leavers": found("inadequate")}

    report = certify(Readings("nottingham.pdf", "", "", wrong, wrong), NAMES)

    assert report.value("judgement.care_leavers") == ""
    assert report.value("judgement.children_in_care_and_care_leavers") == "requires_improvement"


def test_a_board_must_be_graded_where_the_title_announces_its_review():
    areas = ("overall_effectiveness", "help_and_protection", "looked_after_and_permanence", "adoption", "care_leavers")
    sif = {key: value for key, value in READING.items() if not key.startswith("judgement.")}
    sif |= {f"judgement.{area}": found("good") for area in (*areas, "leadership")}
    sif |= {"framework": found("sif"), "start": found("2016-07-11"), "end": found("2016-07-22")}

    without, announced = (certify(Readings("a", "", "", reading, reading), NAMES)
                          for reading in (sif, sif | {"board_review": found("yes")}))  # fmt: skip

    assert without.status == "certain"
    assert announced.problem == "judgement.lscb is not read"


@pytest.mark.parametrize(
    ("printed", "day", "expected"),
    [
        ("Nottingham City Council", None, ("E06000018", "Nottingham")),
        ("Nottingham City local authority", None, ("E06000018", "Nottingham")),
        ("Nottinghamshire County Council", None, ("E10000024", "Nottinghamshire")),
        ("East Riding", None, ("E06000011", "East Riding of Yorkshire")),
        ("Hull City Council", None, ("E06000010", "Kingston upon Hull")),
        ("Royal Borough of Kingston-upon-Thames", None, ("E09000021", "Kingston upon Thames")),
        ("Kingston", None, ("", "")),
        ("City of London Corporation", None, ("E09000001", "City of London")),
        ("St Helens Metropolitan Borough Council", None, ("E08000013", "St. Helens")),
        ("Dorset County Council", date(2016, 3, 1), ("E10000009", "Dorset (to 2019)")),
        ("Dorset Council", date(2021, 9, 27), ("E06000059", "Dorset")),
        ("Dorset", None, ("", "")),
        ("Gotham", None, ("", "")),
        ("", None, ("", "")),
    ],
)
def test_printed_names_lead_to_one_authority_or_none(printed, day, expected):
    assert NAMES(printed, day) == expected


# Files that are not what they say


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty (0 bytes); get the file again"),
        (b"\n<!DOCTYPE html>\n<html></html>", "is a web page saved under this name, not a PDF; get the report"),
        (b"PK\x03\x04 a workbook", "is not a PDF: it begins with b'PK\\x03\\x04 a w', expected '%PDF-'"),
        (b"%PDF-1.7\n", "is cut short: its end mark is missing; get the file again"),
        (report_pdf()[:900], "is cut short: its end mark is missing; get the file again"),
        (b"%PDF-1.4\nnothing\nstartxref\n9\n%%EOF", "is broken: no PDF reader can make out its pages"),
        (make_pdf([b"q Q"] * 3), "holds pictures of 3 pages and no text; it needs text recognition first"),
        (make_pdf([lines("Agenda of the council", *["and much more of it"] * 20)]), "names itself no report or letter"),
        (make_pdf([lines("x")] * 301), "has 301 pages; files over 300 pages are not read"),
        (put_together([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>"]), "is broken"),
    ],
)  # fmt: skip
def test_every_file_that_cannot_be_read_has_one_line_that_says_why(write, data, problem):
    report = read_one(write("report.pdf", data))

    assert report.status == "unreadable"
    assert report.problem.startswith(problem)
    assert "\n" not in report.problem


def test_a_locked_file_is_refused_and_one_locked_against_copying_is_read(write):
    locked, readable = (pypdf.PdfWriter(clone_from=io.BytesIO(report_pdf())) for _ in range(2))
    locked.encrypt("secret")
    readable.encrypt("", owner_password="secret")
    files = []
    for name, writer in (("locked.pdf", locked), ("open.pdf", readable)):
        with io.BytesIO() as out:
            writer.write(out)
            files.append(write(name, out.getvalue()))

    reports = [certify(readings, NAMES) for readings in read_files(files)]

    assert reports[0].problem == "is encrypted: it opens with a password only"
    assert reports[1].status == "certain"


def test_a_file_of_a_gigabyte_is_not_opened(tmp_path):
    path = tmp_path / "sparse.pdf"
    path.write_bytes(report_pdf())
    with path.open("r+b") as file:
        file.truncate(2**30)

    assert read_one(path).problem == "has 1,073,741,824 bytes; files over 50,000,000 bytes are not opened"


def test_the_rest_of_a_batch_goes_on(write, tmp_path):
    bomb = make_pdf([lines(*HEAD), b"BT /F1 9 Tf (x) Tj ET " * 3_000_000])
    nested = make_pdf([lines(*HEAD, *(cell for row in ROWS for cell in row)) + b"[" * 300_000])
    good = write("good.pdf", report_pdf())
    files = [
        write("bomb.pdf", bomb),
        good,
        write("nested.pdf", nested),
        good,
        str(tmp_path / "none.pdf"),
        str(tmp_path),
        good,
    ]

    reports = [certify(each, NAMES) for each in read_files(files, Limits(seconds=5, memory=400_000_000))]

    assert [report.status for report in reports] == [
        "unreadable", "certain", "needs_review", "certain", "unreadable", "unreadable", "certain"]  # fmt: skip
    assert reports[0].problem.startswith(("ended its reader", "needs more than 400,000,000", "took longer"))
    assert reports[2].problem.startswith("is read by one of the two readers only (RecursionError")
    assert reports[4].problem == "is not there; check the path"


def test_a_text_copy_has_one_reading_and_nothing_of_it_is_certain(write):
    text = (
        "4 April 2023\nDear Anne\nFocused visit to Nottingham City children’s services\nIt was on 7 and 8 March 2023.\n"
    )
    files = [write("copy.txt", text.encode()), write("odd.txt", b"\xff\xfe"), write("news.txt", b"Council in the news")]

    copy, odd, news = (certify(each, NAMES) for each in read_files(files))

    assert (copy.status, copy.problem) == ("needs_review", "is a text copy, so there is one reading of it only")
    assert {each.field: each.first for each in copy.certificates}["kind"] == "focused_visit"
    assert (odd.problem, news.status) == ("is not text in UTF-8", "unreadable")


def test_a_worker_that_takes_too_long_is_ended(write):
    slow = make_pdf(
        [
            lines(*HEAD, *(cell for row in ROWS for cell in row))
            + b"\nBT /F1 9 Tf 9 9 Td\n"
            + b"[(a) 3 (b)] TJ\n" * 400_000
            + b"ET"
        ]
    )

    report = read_one(write("slow.pdf", slow), seconds=1)

    assert report.status == "unreadable"
    assert "1 s and" in report.problem or "longer than 1 seconds" in report.problem


def test_workers_are_replaced_and_nothing_is_lost(write):
    files = [write(f"{n}.pdf", report_pdf()) for n in range(5)]

    reports = [certify(each, NAMES) for each in read_files(files, Limits(files=2), workers=2)]

    assert [report.file for report in reports] == files
    assert {report.status for report in reports} == {"certain"}


def damage_packed(data):
    at = data.index(b"stream\n") + 40
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (damage_packed, "does not unpack to what was packed"),
        (lambda data: data.replace(b"endobj\n", b"endobj\n%x\n", 1), "is damaged: "),
        (lambda data: data.replace(b"/Contents 7 0 R", b"/Contents 5 0 R"), "its pages do not add up"),
        (lambda data: data.replace(b"/Contents 7 0 R", b"/Contents 2 0 R"), "shows no text on page 2"),
        (lambda data: data.replace(b"/Filter", b"/Filtar", 1), "does not say how it is packed"),
        (lambda data: data.replace(b"/FlateDecode", b"/FlateEecode", 1), "does not say how it is packed"),
        (lambda data: re.sub(rb"/Length 3(\d\d)", rb"/Length 2\1", data, count=1), "is not as long as it says"),
        (lambda data: data.replace(b">>\nstream", b">>\rJstream", 1), "is not put together as a part must be"),
        (lambda data: data.replace(b"/Count 2/", b"/Count 2>/"), "is not put together as a part must be"),
    ],
)
def test_a_damaged_file_gives_nothing_that_is_certain(write, change, words):
    data = report_pdf()
    assert change(data) != data

    report = read_one(write("damaged.pdf", change(data)))

    assert report.status in ("needs_review", "unreadable")
    assert report.status == "unreadable" or words in report.problem
    assert not any(each.certainty == "certain" for each in report.certificates)


# What comes out


def test_json_has_the_ids_of_the_design_and_null_for_what_is_not_certain(write):
    wrong = report_pdf(body=(*BODY[:-1], f"{ROWS[3][0]}: inadequate"))

    shown = as_json(read_one(write("a.pdf", wrong)))

    assert list(shown)[:14] == [
        "file", "status", "problem", "la_code_ons", "authority", "framework", "kind", "start", "end", "published",
        "lead_inspector", "judgements", "recommendations", "paragraphs"]  # fmt: skip
    assert (shown["published"], shown["start"]) == (None, "2024-10-07")
    assert (shown["recommendations"], shown["paragraphs"]) == ({"count": 2, "page": 2}, {"count": 3, "page": 2})
    assert shown["judgements"][0] == {
        "judgement": "impact_of_leaders",
        "grade": "good",
        "wording": f"{ROWS[0][0]}: Good",
        "page": 1,
        "certainty": "certain",
    }
    doubtful = next(each for each in shown["judgements"] if each["judgement"] == "care_leavers")
    assert (doubtful["grade"], doubtful["certainty"], doubtful["readings"]) == (None, "needs_review", ["good", "good"])


def test_the_command_prints_json_csv_or_words_and_its_status_tells(write, monkeypatch):
    monkeypatch.setattr(tables, "load", {"authorities": AUTHORITIES, "spellings": SPELLINGS}.__getitem__)
    good, page = write("good.pdf", report_pdf()), write("page.pdf", b"<html></html>")

    shown = CliRunner().invoke(cli.main, ["read-report", "--json", good, page])
    table = CliRunner().invoke(cli.main, ["read-report", "--csv", good])
    words = CliRunner().invoke(cli.main, ["read-report", page])
    both = CliRunner().invoke(cli.main, ["read-report", "--csv", "--json", good])

    assert [each["status"] for each in json.loads(shown.stdout)] == ["certain", "unreadable"]
    assert (shown.exit_code, table.exit_code, words.exit_code) == (2, 0, 2)
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert [(row["judgement"], row["grade"], row["page"]) for row in rows][2] == (
        "children_in_care",
        "outstanding",
        "1",
    )
    assert words.stdout.startswith(
        f"{page}: unreadable; is a web page saved under this name, not a PDF; get the report"
    )
    assert words.stdout.count("\n") == 1
    assert "give --csv or --json, not both" in both.output


@pytest.mark.parametrize(("statuses", "status"), [([], 0), (["certain"], 0), (["certain", "needs_review"], 1),
                                                  (["unreadable", "needs_review"], 2)])  # fmt: skip
def test_the_exit_status_is_that_of_the_worst_file(statuses, status):
    assert exit_status([Report("a", each) for each in statuses]) == status


def test_a_name_cannot_draw_on_the_terminal():
    report = Report("a\x1b[2J\nb.pdf", "unreadable", "is empty")

    assert as_words([report]) == "a [2J b.pdf: unreadable; is empty\n"


def test_a_folder_stands_for_its_pdf_files(tmp_path, write):
    (tmp_path / "in").mkdir()
    files = [write(name, b"x") for name in ("in/b.pdf", "a.PDF", "in/notes.txt")]

    assert list_files([str(tmp_path), "other.pdf"]) == [files[1], files[0], "other.pdf"]


def test_events_and_judgements_keep_to_their_contracts(write):
    report = read_one(write("a.pdf", report_pdf()))

    events, judgements = events_and_judgements([report, report], "ofsted_reports", "2025-01-31")

    tables.conform("events", events)
    tables.conform("judgements", judgements)
    contracts.schema("events").validate(tables.conform("events", events))
    contracts.schema("judgements").validate(tables.conform("judgements", judgements))
    assert events["event_id"].tolist() == ["E06000018_2024-10-07_inspection"]
    assert judgements["scale"].unique().tolist() == ["four_point_2013"]
    assert len(judgements) == 5


def test_doubtful_reports_give_certificates_and_no_event(write):
    files = [write("cut.pdf", report_pdf()[:900]), write("odd.pdf", damage_packed(report_pdf()))]
    reports = [certify(each, NAMES) for each in read_files(files)]

    table = certificates(reports, "ofsted_reports", "2025-01-31")

    assert [len(frame) for frame in events_and_judgements(reports)] == [0, 0]
    assert table.iloc[0][["field", "certainty"]].tolist() == ["file", "needs_review"]
    assert table.iloc[0]["doubt"].startswith("is cut short")
    assert set(table["certainty"]) == {"needs_review"}
    assert not table.duplicated(["file", "field"]).any()


# What enters the tables


@pytest.fixture
def enter(write, monkeypatch):
    """Run the build's step on a folder of made-up files; give what it makes of the tables it is given."""

    def run(events=(), **files):
        paths_of = [write(f"{name}.pdf", data) for name, data in files.items()]
        monkeypatch.setattr(build, "raw_file", lambda source_id: Path(paths_of[0]).parent)
        monkeypatch.setattr(build, "authority_names", lambda *_: NAMES)
        known = {name: tables.load(name) for name in ("events", "judgements")}
        known["events"] = known["events"][known["events"]["event_id"].isin(events)]
        known["judgements"] = known["judgements"][known["judgements"]["event_id"].isin(events)]
        sources = pd.DataFrame({"source_id": ["ofsted_reports"], "published": pd.to_datetime(["2025-01-13"])})
        return build._reports(known | {"sources": sources, "authorities": AUTHORITIES})

    return run


OLD_ROWS = [ROWS[0], ROWS[1], ("The experiences and progress of children in care and care leavers", "Good"), ROWS[4]]
OLD_HEAD = (*HEAD[:2], "Inspection date: 11 – 22 July 2022", *HEAD[3:])


def test_an_inspection_that_no_other_source_has_enters_whole_and_the_others_only_as_certificates(enter):
    doubtful = report_pdf(head=(*HEAD[:2], "Inspection dates: 1 – 12 May 2023", *HEAD[3:]),
                          body=(*BODY[:-1], f"{ROWS[3][0]}: inadequate"))  # fmt: skip
    known = report_pdf(OLD_ROWS, OLD_HEAD, BODY[:7] + BODY[7:9])

    found = enter(["nc_2022_ilacs"], new=report_pdf(), doubtful=doubtful, known=known, page=b"<html></html>")

    assert found["events"]["event_id"].tolist() == ["nc_2022_ilacs", "E06000018_2024-10-07_inspection"]
    entered = found["events"].iloc[1]
    assert (f"{entered['published']:%Y-%m-%d}", entered["source_id"]) == ("2025-01-13", "ofsted_reports")
    assert entered["note"] == "The report does not say whether the inspection was a standard or a short one."
    assert (found["judgements"]["source_id"] == "ofsted_reports").sum() == 5
    days = found["certificates"].groupby(found["certificates"]["file"].str.rpartition("/")[2])["published"].max()
    assert [f"{day:%Y-%m-%d}" for day in days[["known.pdf", "new.pdf", "page.pdf"]]] == [
        "2022-09-05", "2025-01-13", "2025-01-13"]  # fmt: skip


def test_a_report_that_is_newer_than_its_folder_is_refused(enter):
    later = report_pdf(ROWS[:4], (*HEAD[:2], "Inspection dates: 11 to 22 May 2026", *HEAD[3:]))

    with pytest.raises(ValueError, match=(
        r"^data/curated/sources.csv, row ofsted_reports: published_edtf gives 2025-01-13, but .*/later.pdf prints "
        r"2026-05-\d\d \((start|end)\); write the day the newest report came out$"
    )):  # fmt: skip
        enter(later=later)


# Ofsted's own files


@pytest.fixture(scope="session")
def own_reports(raw):
    folder = raw / "ofsted_reports"
    if not folder.is_dir():
        pytest.skip("there is no folder ofsted_reports in RAW_DIR")
    names = authority_names(
        tables.load("authorities"), pd.read_csv(paths.CURATED / "authority_spellings.csv", dtype=str)
    )
    files = sorted(folder.rglob("*.pdf"))
    return {
        f"{file.parent.name}/{file.name}": certify(each, names)
        for file, each in zip(files, read_files(files), strict=True)
    }


HISTORY = {
    "Inspection date": "start", "Publication date": "publication_date", "Inspection type": "kind",
    "Overall effectiveness": "overall_effectiveness",
    "The impact of leaders on social work practice with children and families": "impact_of_leaders",
    "The experiences and progress of children who need help and protection": "help_and_protection",
    "The experiences and progress of children in care": "children_in_care",
    "The experiences and progress of care leavers": "care_leavers",
}  # fmt: skip


def read_history(raw):
    """The official history as events and judgements, from its sheet: rows before 2023 carry the joint judgement."""
    path = raw / "ofsted_outcomes" / "LA_Inspection_Outcomes_as_at_31_March_2025.ods"
    sheet = pd.read_excel(path, sheet_name="ILACS_inspection_history", header=2, engine="calamine")
    sheet = sheet.rename(columns=HISTORY | {"Local authority area code": "la_code_ons"})
    sheet["la_code_ons"] = sheet["la_code_ons"].replace("E10000002", "E06000060")
    sheet["kind"] = sheet["kind"].map(
        {"ILACS Standard Inspection": "inspection", "ILACS Short Inspection": "short_inspection"}
    )
    sheet["event_id"] = sheet.index.astype(str)
    sheet = sheet.assign(start_earliest=sheet["start"], start_latest=sheet["start"], source_id="ofsted_ods_2025")
    long = sheet.melt(["event_id", "start"], list(HISTORY.values())[3:], "judgement", "grade").dropna(subset="grade")
    joint = (long["judgement"] == "children_in_care") & (long["start"] < "2023-01-01")
    long.loc[joint, "judgement"] = "children_in_care_and_care_leavers"
    events = sheet.assign(start=sheet["start"].dt.strftime("%Y-%m-%d"))
    return events, long.assign(grade=long["grade"].map(read_grade))


@pytest.mark.raw
def test_no_cell_differs_from_ofsteds_official_history(own_reports, raw):
    read = tables.conform("certificates", certificates(own_reports.values(), "ofsted_reports", "2025-01-13"))

    cells = reports.compare(read, *read_history(raw))

    compared = cells[cells["outcome"] != "not_printed"]
    assert cells["file"].nunique() >= 46
    assert {"start", "kind", "judgement.overall_effectiveness"} <= set(compared["field"])
    assert compared[compared["outcome"] == "differs"].to_dict("records") == []
    assert (compared["outcome"] == "needs_review").mean() <= 0.02
    assert set(cells[cells["outcome"] == "not_printed"]["field"]) <= {"published", "kind"}


def test_only_inspections_before_the_release_begins_come_from_reports_alone():
    events, judgements = tables.load("events"), tables.load("judgements")
    alone = events[events["source_id"] == "ofsted_reports"]

    assert len(alone) == 28
    assert set(alone["framework"]) == {"sif"}
    assert judgements[judgements["source_id"] == "ofsted_reports"].groupby("event_id").size().between(6, 7).all()
    assert not alone.duplicated(["la_code_ons", "start"]).any()


@pytest.mark.raw
def test_single_inspections_are_read_as_the_answer_key_has_them(own_reports):
    key = pd.read_csv(
        Path(__file__).parent / "data" / "sif_answer_key.csv", dtype=str, keep_default_na=False
    ).set_index("file")
    fields = {
        column: column if column in ("start", "end", "published") else f"judgement.{column}" for column in key.columns
    }

    read = {file: {column: own_reports[file].value(field) for column, field in fields.items()} for file in key.index}

    assert len(key) == 30
    assert read == key.to_dict("index")


@pytest.mark.raw
def test_what_is_no_report_or_not_of_ours_is_said(own_reports):
    page = own_reports["80490_bromley/17_august_2012.pdf"]
    older = own_reports["80418_norfolk/children's_services_inspection,__pdf_-_16_august_2013.pdf"]

    assert page.problem.startswith("is a web page saved under this name")
    assert (older.value("framework"), grades(older)) == ("pre_2013", {"looked_after_children": "inadequate"})
    assert [name for name, report in own_reports.items() if report.status != "certain"] == [
        "80490_bromley/17_august_2012.pdf"
    ]


def mutate(data, other, rnd):
    """One change to a file's bytes: bits, a cut, a lost end, or a piece of this or another file put in or over."""
    kind, at, size = (
        rnd.choice(["bit", "bits", "plain", "cut", "end", "in", "over"]),
        rnd.randrange(len(data)),
        rnd.choice([1, 40, 9000]),
    )
    piece = (rnd.choice([data, other]))[at // 2 : at // 2 + size]
    if kind == "plain":  # in the parts that are not packed, which no checksum guards
        places = [match.start() for match in re.finditer(rb"<<[^<>]{4,200}>>", data)]
        at = rnd.choice(places) + rnd.randrange(4, 20)
    if kind in ("bit", "plain", "bits"):
        changed = bytearray(data)
        for spot in [at] + [rnd.randrange(len(data)) for _ in range(12 * (kind == "bits"))]:
            changed[spot] ^= 1 << rnd.randrange(8)
        return bytes(changed)
    return {"cut": data[:at] + data[at + size :], "end": data[:at], "in": data[:at] + piece + data[at:],
            "over": data[:at] + piece + data[at + size :]}[kind]  # fmt: skip


def check_mutations(folder, own_reports, raw, seed, count):
    rnd = random.Random(seed)
    sound = [name for name, report in own_reports.items() if report.status == "certain"]
    names = [rnd.choice(sound) for _ in range(count)]
    files = []
    for n, name in enumerate(names):
        data, other = ((raw / "ofsted_reports" / each).read_bytes() for each in (name, rnd.choice(sound)))
        files.append(folder / f"{n}.pdf")
        files[-1].write_bytes(mutate(data, other, rnd))
    spellings = pd.read_csv(paths.CURATED / "authority_spellings.csv", dtype=str)
    lookup = authority_names(tables.load("authorities"), spellings)
    reports = [certify(each, lookup) for each in read_files(files)]
    wrong = [
        (seed, n, name, each.field, each.first)
        for n, (name, report) in enumerate(zip(names, reports, strict=True))
        for each in report.certificates
        if each.certainty == "certain" and each.first != own_reports[name].value(each.field)
    ]
    lost = [
        (seed, n, name)
        for n, (name, report) in enumerate(zip(names, reports, strict=True))
        if report.status == "certain"
        and {c.field for c in report.certificates} != {c.field for c in own_reports[name].certificates}
    ]
    assert (wrong, lost) == ([], [])
    assert all(report.problem.count("\n") == 0 for report in reports)


@pytest.mark.raw
def test_no_mutation_crashes_hangs_or_changes_what_is_certain(own_reports, raw, tmp_path):
    check_mutations(tmp_path, own_reports, raw, seed=1, count=60)


@pytest.mark.raw
@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(2, 12))
def test_no_mutation_of_many_does(own_reports, raw, tmp_path, seed):
    check_mutations(tmp_path, own_reports, raw, seed, count=200)
