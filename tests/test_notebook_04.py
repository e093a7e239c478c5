"""Who does the work: events on the lines."""

from notebook_cells import NAMES, as_text, run, run_with

WORK = next(name for name in NAMES if name.startswith("04"))


def test_inspections_and_the_notice_stand_on_the_lines_with_their_names_in_the_key():
    fig = run(WORK).chart("workforce-rates").fig
    named = {text.get_text() for legend in fig.legends for text in legend.get_texts()}

    assert {"inspection, Nottingham", "inspection, Nottinghamshire", "notice, Nottingham"} <= named
    assert all(any(line.get_gid() == "rule" for line in ax.lines) for ax in fig.axes if ax.get_visible())


def test_a_title_names_no_council_that_had_ended_where_others_live():
    title = run_with(WORK, {"authorities": ["Cumbria", "Bristol"]}).titles()["social-workers-in-post"]

    assert "Bristol" in title and "Cumbria" not in title


def test_the_wait_for_a_social_worker_and_what_was_said_of_agency_work_are_folded_on_the_page():
    tables = {table.caption.text: table for table in run(WORK).tables() if table.is_folded}
    stated, said = (next(t for words, t in tables.items() if part in words) for part in ("as stated", "was said"))

    assert "longest wait to see a social worker" in {as_text(row[2]) for row in stated.rows}
    assert ["Reduced reliance on agency staff", "holds"] in [[as_text(cell) for cell in row[3:]] for row in said.rows]
