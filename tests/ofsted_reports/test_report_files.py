"""Reading files that nobody vouches for: limits, damage, and Ofsted's own files."""

import csv
import io
import random
import re
import signal
import threading
from pathlib import Path

import pypdf
import pytest
from made_reports import CROSSWALK, HEAD, damage_packed, front, grades, lines, make_pdf, put_together, report_pdf
from ofsted_reports import Limits, files, list_files, read_reports


def read_one(path, **limits):
    return read_reports([path], CROSSWALK, Limits(**limits))[0]


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
)
def test_every_file_that_cannot_be_read_has_one_line_that_says_why(write, data, problem):
    report = read_one(write("report.pdf", data))

    assert report.status == "unreadable"
    assert report.problem.startswith(problem)
    assert "\n" not in report.problem


@pytest.mark.parametrize(("user", "problem"), [("secret", "is encrypted: it opens with a password only"), ("", "")])
def test_a_locked_file_is_refused_and_one_locked_against_copying_is_read(write, user, problem):
    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(report_pdf())), io.BytesIO()
    writer.encrypt(user, owner_password="secret")
    writer.write(out)

    assert read_one(write("a.pdf", out.getvalue())).problem == problem


def test_a_file_of_a_gigabyte_is_not_opened(tmp_path):
    with (tmp_path / "sparse.pdf").open("wb") as file:
        file.write(report_pdf())
        file.truncate(2**30)

    report = read_one(tmp_path / "sparse.pdf")

    assert report.problem == "has 1,073,741,824 bytes; files over 50,000,000 bytes are not opened"


def test_the_rest_of_a_batch_goes_on(write, tmp_path):
    bomb = write("bomb.pdf", make_pdf([lines(*HEAD), b"BT /F1 9 Tf (x) Tj ET " * 3_000_000]))
    nested = write("nested.pdf", make_pdf([front() + b"[" * 300_000]))
    good, empty = write("good.pdf", report_pdf()), tmp_path / "empty"
    empty.mkdir()

    files = [bomb, good, nested, good, tmp_path / "none.pdf", empty]
    reports = read_reports(files, CROSSWALK, Limits(seconds=5, memory=400_000_000))

    assert [report.file for report in reports] == [str(file) for file in files]
    statuses = "unreadable certain needs_review certain unreadable unreadable"
    assert " ".join(report.status for report in reports) == statuses
    assert reports[0].problem.startswith(("ended its reader", "needs more than 400,000,000"))
    assert reports[2].problem.startswith("is read by one of the two readers only (RecursionError")
    assert [report.problem for report in reports[4:]] == ["is not there; check the path", "is no file, nor holds PDFs"]


def test_a_text_copy_has_one_reading_and_nothing_of_it_is_certain(write):
    text = "4 April 2023\nDear Anne\nFocused visit to Nottingham City children’s services\nIt was on 7 March 2023.\n"
    files = [write("copy.txt", text.encode()), write("odd.txt", b"\xff\xfe"), write("news.txt", b"Council in the news")]

    copy, odd, news = read_reports(files, CROSSWALK)

    assert (copy.status, copy.problem) == ("needs_review", "is a text copy, so there is one reading of it only")
    assert {each.field: each.first for each in copy.certificates}["kind"] == "focused_visit"
    assert (odd.problem, news.status) == ("is not text in UTF-8", "unreadable")


def test_a_worker_that_takes_too_long_is_ended(write):
    slow = front() + b"\nBT /F1 9 Tf 9 9 Td\n" + b"[(a) 3 (b)] TJ\n" * 400_000 + b"ET"

    report = read_one(write("slow.pdf", make_pdf([slow])), seconds=1)

    assert report.problem == "ended its reader, which may take 1 s and 1,000,000,000 bytes of memory"


def test_workers_are_replaced_and_nothing_is_lost(write):
    files = [write(f"{n}.pdf", report_pdf()) for n in range(5)]

    reports = read_reports(files, CROSSWALK, Limits(files=2), workers=2)

    assert [(report.file, report.status) for report in reports] == [(file, "certain") for file in files]


def test_a_folder_stands_for_its_pdf_files(tmp_path, write):
    (tmp_path / "in").mkdir()
    files = [write(name, b"x") for name in ("in/b.pdf", "a.PDF", "in/notes.txt")]

    assert list_files([str(tmp_path), "other.pdf"]) == [files[1], files[0], "other.pdf"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (rb"endobj\n", rb"endobj\n%x\n", "is damaged: "),
        (rb"/Contents 7 0 R", rb"/Contents 5 0 R", "its pages do not add up"),
        (rb"/Contents 7 0 R", rb"/Contents 2 0 R", "shows no text on page 2"),
        (rb"/Filter", rb"/Filtar", "does not say how it is packed"),
        (rb"/FlateDecode", rb"/FlateEecode", "does not say how it is packed"),
        (rb"/Length 3(\d\d)", rb"/Length 2\1", "is not as long as it says"),
        (rb">>\nstream", rb">>\rJstream", "is not put together as a part must be"),
        (rb"/Count 2/", rb"/Count 2>/", "is not put together as a part must be"),
        (None, None, "does not unpack to what was packed"),
    ],
)
def test_a_damaged_file_gives_nothing_that_is_certain(write, before, after, words):
    data = report_pdf()
    damaged = re.sub(before, after, data, count=1) if before else damage_packed(data)
    assert damaged != data

    report = read_one(write("damaged.pdf", damaged))

    assert report.status in ("needs_review", "unreadable")
    assert report.status == "unreadable" or words in report.problem
    assert not any(each.certainty == "certain" for each in report.certificates)


# Ofsted's own files


@pytest.mark.raw
def test_single_inspections_are_read_as_the_answer_key_has_them(own_reports):
    with (Path(__file__).parent / "data" / "sif_answer_key.csv").open(encoding="utf-8") as rows:
        key = {row.pop("file"): row for row in csv.DictReader(rows)}
    days = ("start", "end", "published")

    read = {
        file: {name: own_reports[file].value(name if name in days else f"judgement.{name}") for name in row}
        for file, row in key.items()
    }

    assert len(key) == 30
    assert read == key


@pytest.mark.raw
def test_what_is_no_report_or_not_of_ours_is_said(own_reports):
    page = own_reports["80490_bromley/17_august_2012.pdf"]
    older = own_reports["80418_norfolk/children's_services_inspection,__pdf_-_16_august_2013.pdf"]

    assert page.problem.startswith("is a web page saved under this name")
    assert (older.value("framework"), grades(older)) == ("pre_2013", {"looked_after_children": "inadequate"})
    assert [report for report in own_reports.values() if report.status != "certain"] == [page]


def mutate(data, other, rnd):
    """One change to a file's bytes: bits, a cut, a lost end, or a piece of this or another file put in or over."""
    kind = rnd.choice(["bit", "bits", "plain", "cut", "end", "in", "over"])
    at, size = rnd.randrange(len(data)), rnd.choice([1, 40, 9000])
    piece = (rnd.choice([data, other]))[at // 2 : at // 2 + size]
    if kind == "plain":  # in the parts that are not packed, which no checksum guards
        at = rnd.choice([match.start() for match in re.finditer(rb"<<[^<>]{4,200}>>", data)]) + rnd.randrange(4, 20)
    if kind in ("bit", "plain", "bits"):
        changed = bytearray(data)
        for spot in [at] + [rnd.randrange(len(data)) for _ in range(12 * (kind == "bits"))]:
            changed[spot] ^= 1 << rnd.randrange(8)
        return bytes(changed)
    start, end = {"cut": (at, at + size), "end": (at, len(data)), "in": (at, at), "over": (at, at + size)}[kind]
    return data[:start] + (piece if kind in ("in", "over") else b"") + data[end:]


@pytest.mark.raw
@pytest.mark.parametrize(
    ("seed", "count"), [(1, 60), *(pytest.param(seed, 200, marks=pytest.mark.sweep) for seed in range(2, 12))]
)
def test_no_mutation_crashes_hangs_or_changes_what_is_certain(own_reports, published, tmp_path, seed, count):
    rnd = random.Random(seed)
    sound = [name for name, report in own_reports.items() if report.status == "certain"]
    changed = {}
    for n, name in enumerate(rnd.choice(sound) for _ in range(count)):
        data, other = ((published / each).read_bytes() for each in (name, rnd.choice(sound)))
        (tmp_path / f"{n}.pdf").write_bytes(mutate(data, other, rnd))
        changed[str(tmp_path / f"{n}.pdf")] = own_reports[name]

    for report in read_reports(changed, Path(__file__).parents[2] / "data" / "tidy" / "authorities.csv"):
        own = changed[report.file]
        fields = {each.field for each in report.certificates}
        certain = [each for each in report.certificates if each.certainty == "certain"]
        assert [(report.file, own.file, each) for each in certain if each.first != own.value(each.field)] == []
        assert report.status != "certain" or fields == {each.field for each in own.certificates}, report.file
        assert "\n" not in report.problem


def test_an_interrupt_ends_the_workers_and_no_further_file_is_read(monkeypatch):
    begun, start = [], files._start

    def read_for_long(worker, name, limits):
        begun.append(name)
        if name == begun[0]:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        worker.wait(60)  # until it is ended

    workers = []
    monkeypatch.setattr(files, "_start", lambda limits: workers.append(start(limits)) or workers[-1])
    monkeypatch.setattr(files, "_ask", read_for_long)
    with pytest.raises(KeyboardInterrupt):
        files.read_files([f"{n}.pdf" for n in range(9)], workers=2)

    assert len(begun) <= 2 and {worker.wait(60) for worker in workers} == {-9}
