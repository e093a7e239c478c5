"""What the pages say for many authorities and days: true, cited, in good English, never empty, and each thing once."""

import re

import pandas as pd
import pytest
from notebook_cells import NAMES, SETS, Chart, Sentence, run
from word_faults import word_faults

# Every page is read as it stands, the first and those on money and grades for some odd choices too; `test_sweep` reads
# all of them for many more.
ODD = ["one", "never like others", "four", "before the history", "mid 2019", "alone"]
SWEPT = [name for name in NAMES if name[:2] in ("00", "02", "03")]
RUNS = [pytest.param(name, "default", id=f"{name[:2]} default") for name in NAMES] + [
    pytest.param(name, chosen, id=f"{name[:2]} {chosen}") for chosen in ODD for name in SWEPT
]
# What an editor struck out must not come back.
STRUCK_OUT = re.compile(
    r"last but one|by our rule|by our coding|coded as|as published|no value of .* is missing|95 per cent interval|"
    r"stood higher|weakness or recommendation in two or more|which is (?:lower|higher)\.",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("name", "parameters"), RUNS)
def test_every_page_says_something_and_every_word_is_sound(name, parameters):
    shown = run(name, parameters)

    assert shown.said()
    assert all(len(chart.data) for chart in shown.charts)
    assert word_faults(shown) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_an_editor_struck_out_has_not_come_back(name):
    said = [*run(name).said(), *run(name).titles().values()]

    assert [text for text in said if STRUCK_OUT.search(text)] == []


@pytest.mark.parametrize("parameters", ["default", "one", "four", "mid 2019"])
def test_no_title_stands_twice_or_is_a_list_of_values(parameters):
    titles = [title for name in NAMES for title in run(name, parameters).titles().values()]

    assert sorted(titles) == sorted(set(titles))
    assert [title for title in titles if re.search(r": [^:]* \d[^:]*, [^:]* \d", title)] == []
    assert [title for title in titles if len(title) > 130] == []


@pytest.mark.parametrize(("name", "parameters"), RUNS)
def test_a_line_has_one_value_a_year(name, parameters):
    lines = [chart.data for chart in run(name, parameters).charts if {"panel", "name", "year"} <= set(chart.data)]

    assert [frame for frame in lines if frame.duplicated(["panel", "name", "year"]).any()] == []


@pytest.mark.parametrize("parameters", ["before the history", "mid 2019"])
@pytest.mark.parametrize("name", SWEPT)
def test_nothing_said_or_drawn_is_later_than_the_day(name, parameters):
    day = pd.Timestamp(SETS[parameters]["as_at"])
    shown = run(name, parameters)
    drawn = [chart.data["published"].max() for chart in shown.charts if "published" in chart.data]

    assert [youngest for youngest in drawn if youngest > day] == []
    assert max(map(int, re.findall(r"\b20\d\d\b", shown.text())), default=0) <= day.year


@pytest.mark.parametrize("name", NAMES)
def test_who_asks_for_no_comparison_is_told_of_nobody_else(name):
    shown = run(name, "alone")
    drawn = {who for chart in shown.charts if "name" in chart.data for who in chart.data["name"]}

    assert not re.search(r"\bEngland\b(?!'s)", "\n".join(shown.said()))
    assert drawn <= {"Nottingham"}


@pytest.mark.parametrize("name", NAMES)
def test_ours_are_not_named_where_another_authority_is_asked_about(name):
    said = run(name, "one").said()  # tables of the whole country may list them

    assert [text for text in said if "Nottingham" in text] == []


def test_a_chart_explored_has_its_figure_and_its_data():
    charts = [value for name in NAMES for value in run(name).values if isinstance(value, Chart)]

    assert all(chart.figure.axes and len(chart.data) for chart in charts) and len(charts) > 10


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_ends_in_a_sentence_that_only_a_program_can_read(name):
    assert [value for value in run(name).values if isinstance(value, Sentence)] == []
