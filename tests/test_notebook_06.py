"""Notebook 06: what inspectors find, in sentences checked by hand against the coded findings."""

import pandas as pd
import pytest
from childrens_services.telling.drawings.recurrence import recurrence
from matplotlib import pyplot as plt
from notebook_cells import as_text, run

NOTEBOOK = "06-what-do-inspectors-find"


def test_the_short_answer_is_five_plain_sentences():
    assert run(NOTEBOOK).said()[:5] == [
        "Inspectors raised seven problems in each of the three reports read on Nottingham, among them care leavers, "
        "leadership and homes for children in care.",
        "Only one weakness recurred in each of the four reports read on Nottinghamshire: strategy meetings.",
        "The inspection of Nottingham in July 2022 criticised first contact most (five weaknesses) and praised "
        "adoption and permanence most (three strengths).",
        "The short inspection of Nottinghamshire in May 2024 criticised homes for children in care most (one weakness) "
        "and praised care leavers most (10 strengths).",
        "Of the themes with recommendations, the next inspection found five of eight in Nottingham and four of four in "
        "Nottinghamshire better.",
    ]


def test_titles_say_what_is_drawn_and_differ():
    assert list(run(NOTEBOOK).titles().values()) == [
        "From 2015 to 2024 weaknesses fell from about a quarter of the findings on Nottinghamshire to 2 per cent",
        "Inspectors raised seven problems in each of the three reports read on Nottingham",
    ]


def test_what_was_said_last_is_the_newest_report_of_each_and_ten_themes():
    (last,) = (table for table in run(NOTEBOOK).tables() if not table.is_folded)
    rows = [[as_text(cell) for cell in row] for row in last.rows]

    assert len({row[0] for row in rows}) == 10 and len(rows) <= 20
    assert [rows[0][1:3], rows[-1][1:3]] == [["Nottinghamshire", "May 2024"], ["Nottinghamshire", "October 2019"]]


def test_the_matrix_and_all_findings_are_folded():
    rows = {table.caption.text: len(table.rows) for table in run(NOTEBOOK).tables() if table.is_folded}

    assert rows["Every finding in the reports that were read, by theme"] == 485
    assert rows["The ten themes that most reports found fault with, report by report"] == 64


@pytest.mark.parametrize("who", ["one", "long names"])
def test_where_nothing_was_read_one_sentence_says_so(who):
    words = [sentence.text for sentence in run(NOTEBOOK, who).sentences()]

    assert words == [
        "No report or letter on these authorities that was public on this day has been read for this page."
    ]


def test_a_line_joins_only_reports_in_a_row():
    rows = pd.DataFrame({"critical": [1, 0, 2, 1], "coded": [1, 3, 2, 1]}).assign(
        name="Leeds", heading="Care leavers", start_earliest=pd.to_datetime(["2014", "2016", "2018", "2020"])
    )

    (ax,) = recurrence(rows, {"Leeds": "#12436D"}).axes
    plt.close("all")

    assert pd.isna(ax.lines[0].get_ydata()).tolist() == [False, True, False, False]
    assert [len(dots.get_offsets()) for dots in ax.collections] == [3, 1]
    assert [text.get_text() for text in ax.texts] == ["3 of 4"]
