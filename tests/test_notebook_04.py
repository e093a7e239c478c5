"""Who does the work: peaks and falls, events on the lines, and no percentage of two people."""

import pytest
from notebook_cells import NAMES, Table, run, run_with

WORK = next(name for name in NAMES if name.startswith("04"))


@pytest.mark.parametrize(
    "said",
    [
        "Agency workers were 10.4 per cent of Nottingham's social workers in 2025, down from a peak of 19.2 in 2022.",
        "Agency workers were 7.8 per cent of Nottinghamshire's social workers in 2025, down from a peak of "
        "17.8 in 2023.",
        "In England they were 13.0 per cent in 2025.",
        "From September 2021 to September 2022 the share of social workers who left in Nottingham rose from "
        "11.4 to 26.6 "
        "per cent.",
        "Of 143 other authorities with both figures, 16 changed by more.",
    ],
)
def test_the_page_says(said):
    assert said in run(WORK).text()


def test_two_people_are_no_percentage():
    text = run_with(WORK, {"authorities": ["Isles of Scilly"]}).text()

    assert "100.0 per cent" not in text


def test_inspections_and_the_notice_stand_on_the_lines_with_their_names_in_the_key():
    fig = next(chart.fig for chart in run(WORK).charts if chart.name == "workforce-rates")
    named = {text.get_text() for legend in fig.legends for text in legend.get_texts()}

    assert {"inspection, Nottingham", "inspection, Nottinghamshire", "notice, Nottingham"} <= named
    assert all(any(line.get_gid() == "rule" for line in ax.lines) for ax in fig.axes if ax.get_visible())


def test_a_title_names_no_council_that_had_ended_where_others_live():
    shown = run_with(WORK, {"authorities": ["Cumbria", "Bristol"]})
    title = next(chart.words["title"].text for chart in shown.charts if chart.name == "social-workers-in-post")

    assert "Bristol" in title and "Cumbria" not in title


def test_the_wait_for_a_social_worker_and_what_was_said_of_agency_work_are_folded_on_the_page():
    tables = {t.caption.text: t for t in run(WORK).values if isinstance(t, Table) and t.is_folded}
    stated, said = (next(t for words, t in tables.items() if part in words) for part in ("as stated", "was said"))

    assert "longest wait to see a social worker" in {row[2].text for row in stated.rows}
    assert ["Reduced reliance on agency staff", "holds"] in [[cell.text for cell in row[3:]] for row in said.rows]
