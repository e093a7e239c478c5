"""A new report beside the last of its authority, and drafts that nobody enters unread."""

import io
import re
from dataclasses import replace

import pandas as pd
import pytest
from childrens_services import cli, paths, tables
from childrens_services.normalise import letters
from childrens_services.normalise.letters import Pair
from click.testing import CliRunner
from ofsted_reports import Certificate, Passage, Report
from small_frames import frame

CITY = "E06000018"
CERTAIN = {"kind": "inspection", "framework": "ilacs", "start": "2022-07-11", "end": "2022-07-22"}
GRADES = {"judgement.overall_effectiveness": "inadequate", "judgement.adoption": ""}


def certificate(field, value):
    return Certificate(field, value, value, "" if value else "is not read", "As printed", 1)


def report(*passages, **fields):
    read = tuple(certificate(field, value) for field, value in (CERTAIN | GRADES | fields).items())
    return Report("a.pdf", "certain", "", CITY, "Nottingham", read, tuple(passages))


def paragraph(number, text):
    return Passage("paragraph", number, 3, text)


TO_IMPROVE = Passage("improve", "", 2, "Management oversight of front-line work.")
OLD = paragraph("1", "Foster carers receive training every month and value support from their social workers.")
SAME = paragraph("1", "Foster carers still receive monthly training and value the support of social workers.")
FRESH = paragraph("2", "Homeless teenagers wait too long before anybody offers suitable accommodation.")
EVENTS = f"""old {CITY} inspection 2014-03-11; last {CITY} inspection 2018-11-05; visit {CITY} focused_visit 2021-06-30
; itself {CITY} inspection 2022-07-11; elsewhere E10000024 inspection 2019-10-07"""
EVENTS = frame("event_id la_code_ons kind start_latest", EVENTS)
JUDGEMENTS = """old overall_effectiveness good; last overall_effectiveness requires_improvement
; last help_and_protection good; itself overall_effectiveness inadequate"""
JUDGEMENTS = frame("event_id judgement grade", JUDGEMENTS)


def test_grades_stand_beside_those_of_the_last_graded_inspection_or_alone():
    found = letters.grades(report(), EVENTS, JUDGEMENTS)

    assert found.values.tolist() == [
        ["overall_effectiveness", "requires_improvement", "inadequate", "last"],
        ["help_and_protection", "good", "", "last"],
        ["adoption", "", "needs review", "last"],
    ]
    alone = letters.grades(report(start="2013-01-01"), EVENTS, JUDGEMENTS)
    assert alone[["then", "event_id"]].to_numpy().tolist() == [["", ""]] * 2


def test_a_paragraph_is_new_where_no_earlier_one_has_its_words():
    assert letters.new_passages([SAME, FRESH], [OLD]) == [FRESH]
    assert letters.new_passages([SAME], []) == [SAME] and letters.new_passages([], [OLD]) == []


def in_words(pair):
    return letters.as_words(pair, letters.grades(pair.letter, EVENTS, JUDGEMENTS)).splitlines()


def test_the_comparison_in_words():
    lines = in_words(Pair(report(TO_IMPROVE, SAME, FRESH), report(OLD)))

    assert lines[0] == "Grades, beside the last inspection (last):"
    assert "  Overall effectiveness: requires improvement to be good → inadequate" in lines
    assert lines[lines.index("To improve then:") + 1] == "  nothing is listed"
    assert lines[lines.index("To improve now:") + 1] == f"  page 2: {TO_IMPROVE.text}"
    assert lines[lines.index("Paragraphs found new:") + 1 :] == [f"  para 2: {FRESH.text}"]
    absent = "  the last report is not at hand: put it into the folder of reports under RAW_DIR"
    assert absent in in_words(Pair(report(SAME), None))


def test_drafts_have_the_columns_of_the_curated_files_and_no_text_of_the_report():
    drafted = letters.drafts(Pair(report(TO_IMPROVE, SAME, FRESH), report(OLD)))

    for name, rows in drafted.items():
        heading = (paths.CURATED / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        assert rows.columns.tolist() == heading, name
        assert not (set(rows.to_numpy().ravel()) & {TO_IMPROVE.text, SAME.text, FRESH.text}), name
    assert drafted["events"][["event_id", "start", "source_id", "summary"]].values.tolist() == [
        [f"{CITY}_2022-07-11_inspection", "2022-07-11", "", ""]
    ]
    assert drafted["judgements"]["judgement"].tolist() == ["overall_effectiveness"]  # what needs review is no draft
    assert drafted["findings"][["locator", "polarity", "statement"]].values.tolist() == [
        ["page 2", "recommendation", ""],
        ["para 2", "", ""],
    ]


def read(*arguments):
    return CliRunner().invoke(cli.main, ["read-report", *map(str, arguments)])


def test_what_cannot_be_compared_is_named_and_the_help_says_what_can(tmp_path, monkeypatch):
    assert "FILE --compare sets one report or letter" in " ".join(read("--help").output.split())
    (tmp_path / "a.pdf").write_text("no report")

    assert "a.pdf: is not a PDF: it begins with" in read(tmp_path / "a.pdf", "--compare").output
    assert read(tmp_path / "a.pdf", "--compare").exit_code == 1
    assert read(tmp_path, tmp_path, "--compare").exit_code == 2
    unknown = replace(report(), la_code_ons="", problem="authority is not read")
    monkeypatch.setattr(letters, "read_reports", lambda *_: [unknown])
    with pytest.raises(
        ValueError, match=r"a.pdf: authority is not certain \(authority is not read\), so that nothing can"
    ):
        letters.read_pair("a.pdf")


@pytest.mark.parametrize(
    ("file", "improve", "grade", "drafted"),
    [
        ("80533_nottingham/05_september_2022.pdf", (8, 8), "requires improvement to be good → inadequate", 4),
        ("80534_nottinghamshire/12_july_2024.pdf", (4, 3), "good → good", 5),
    ],
)
def test_two_published_reports_beside_the_ones_before(raw, file, improve, grade, drafted):
    done = read(raw / "ofsted_reports" / file, "--compare")
    told, *tables_of = re.split(r"\ndata/curated/(\w+)\.csv\n", done.output)
    lines, rows = told.splitlines(), dict(zip(tables_of[::2], tables_of[1::2], strict=True))
    titles = ("To improve then:", "To improve now:", "Paragraphs found new:")
    then, now, new = map(lines.index, titles)

    assert done.exit_code == 0, done.output
    assert f"  Overall effectiveness: {grade}" in lines
    assert (now - then - 2, new - now - 2) == improve
    judgements = pd.read_csv(io.StringIO(rows["judgements"]))["judgement"]
    assert len(judgements) == drafted and pd.read_csv(io.StringIO(rows["findings"]))["statement"].isna().all()
    assert set(judgements) <= set(tables.words(tables.contracts()["judgements"]["columns"]["judgement"]))
