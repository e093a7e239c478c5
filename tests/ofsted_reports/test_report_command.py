"""The command, its three shapes, and the package by itself."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import ofsted_reports
import pytest
from made_reports import BODY, CROSSWALK, ROWS, report_pdf
from ofsted_reports import Report, read_reports
from ofsted_reports.__main__ import main
from ofsted_reports.output import as_csv, as_json, as_words

CARE_LEAVERS = ROWS[3][0]
CONTRADICTED = report_pdf(body=[*BODY[:-1], f"{CARE_LEAVERS}: inadequate"])


def test_json_has_null_for_what_is_not_certain(write):
    [shown] = json.loads(as_json(read_reports([write("a.pdf", CONTRADICTED)], CROSSWALK)))

    assert " ".join(shown) == (
        "file status problem la_code_ons authority framework kind start end published lead_inspector judgements "
        "recommendations paragraphs pages uncertain"
    )
    assert (shown["published"], shown["start"], shown["uncertain"]) == (None, "2024-10-07", {})
    assert (shown["recommendations"], shown["paragraphs"]) == ({"count": 2, "page": 2}, {"count": 3, "page": 2})
    wording, *rest = f"{ROWS[0][0]}: Good", 1, "certain"
    assert list(shown["judgements"][0].values()) == ["impact_of_leaders", "good", wording, *rest]
    doubtful = shown["judgements"][3]
    assert list(doubtful) == ["judgement", "grade", "wording", "page", "certainty", "readings"]
    assert [doubtful[key] for key in ("judgement", "grade", "certainty")] == ["care_leavers", None, "needs_review"]
    assert doubtful["readings"] == ["good", "good"]


def test_the_command_prints_json_csv_or_words_and_its_status_tells(write, capsys):
    good, page, doubtful = (
        write(name, data)
        for name, data in (("a.pdf", report_pdf()), ("b.pdf", b"<html></html>"), ("c.pdf", CONTRADICTED))
    )

    statuses = [main([*call]) for call in ([page, doubtful], [good, doubtful])]
    capsys.readouterr()
    statuses += [main([*call]) for call in (["--json", good, page], ["--csv", good], [doubtful])]
    words = capsys.readouterr().out

    assert statuses == [2, 1, 2, 0, 1]  # that of the worst file
    listed, end = json.JSONDecoder().raw_decode(words)
    assert [each["status"] for each in listed] == ["certain", "unreadable"]
    rows = list(csv.DictReader(io.StringIO(words[end:].lstrip())))
    assert (rows[2]["judgement"], rows[2]["grade"], rows[2]["page"]) == ("children_in_care", "outstanding", "1")
    assert (rows[2]["authority"], rows[2]["la_code_ons"]) == ("Nottingham City local authority", "")
    assert words.splitlines()[-7:-5] == [
        f"{doubtful}: needs_review; judgement.care_leavers is contradicted by the heading of its section: inadequate "
        "(read 'good' and 'good')",
        "  authority Nottingham City local authority, framework ilacs, kind inspection, start 2024-10-07, end "
        "2024-10-18, lead_inspector Jo Bloggs, recommendations 2, paragraphs 3",
    ]
    assert "  children_in_care: outstanding (page 1)" in words
    assert "  judgement.care_leavers: needs review, read 'good' and 'good'" in words


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--csv", "--json", "a.pdf"], "argument --json: not allowed with argument --csv"),
        (["--authorities", "none.csv", "a.pdf"], "error: none.csv: cannot be read ([Errno 2] No such file"),
        ([], "the following arguments are required: FILE"),
    ],
)
def test_a_wrong_call_is_refused_in_words(arguments, message, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)

    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_a_name_cannot_draw_on_the_terminal_nor_be_a_formula():
    assert as_words([Report("a\x1b[2J\nb.pdf", "unreadable", "is empty")]) == "a [2J b.pdf: unreadable; is empty\n"
    assert as_csv([Report("=cmd()", "unreadable")]).splitlines()[1].startswith("./=cmd(),unreadable")


def test_the_package_stands_by_itself(tmp_path, write):
    """Nothing of the project is on the path, and nothing of it may be imported, where only this package is copied."""
    shutil.copytree(Path(ofsted_reports.__file__).parent, tmp_path / "lib" / "ofsted_reports")
    (tmp_path / "lib" / "childrens_services.py").write_text("raise ImportError('not here')")
    odd = os.fsdecode(b"=odd\xff.pdf")
    write(odd, report_pdf())
    write("authorities.csv", b"la_code_ons,name\nE06000018,Nottingham\n")
    options = ["--csv", "--authorities", "authorities.csv", odd]

    run = subprocess.run(
        [sys.executable, "-m", "ofsted_reports", *options],
        env={"PYTHONPATH": str(tmp_path / "lib"), "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        capture_output=True,
    )

    rows = list(csv.DictReader(io.StringIO(run.stdout.decode("utf-8"))))
    assert (run.returncode, run.stderr) == (0, b"")
    assert {(row["file"], row["authority"], row["status"]) for row in rows} == {
        ("./=odd\\udcff.pdf", "Nottingham", "certain")
    }
    assert len(rows) == len(ROWS)


def test_the_readme_names_what_is_public():
    text = (Path(ofsted_reports.__file__).parent / "README.md").read_text(encoding="utf-8")

    assert [name for name in ofsted_reports.__all__ if f"`{name}" not in text] == []
    assert len(text.splitlines()) <= 70
