"""Notebook 02: what it says of grades, against figures counted by hand, and how it reads for others."""

import re

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.telling.cited import Paragraphs
from notebook_cells import Table, run, run_with

NAME = "02-how-are-services-graded"
CHARTS = ["grades-by-area", "grades-of-all-overall-effectiveness", "map-of-grades", "grades-of-all-help-and-protection"]


def said(shown) -> str:
    return "\n".join(one.text for value in shown.values if isinstance(value, Paragraphs) for one in value.sentences)


def titles(shown) -> dict[str, str]:
    return {chart.name: chart.words["title"].text for chart in shown.charts}


def test_the_default_says_what_stands_since_when_what_was_before_and_where_it_stands():
    text = said(run(NAME))

    for words in (
        "Nottingham has been inadequate overall since September 2022. In 2018 it required improvement.",
        "found that it was inadequate for help and protection, and required improvement for the impact of leaders",
        "for children in care and care leavers together. It was one of 19 English councils in the lowest grade.",
        "Nottinghamshire has been good overall since December 2019. In 2015, under an earlier framework, it was good",
        "outstanding for the impact of leaders. It was one of 67 English councils graded good; 36 had a better grade.",
        "Councils are counted on 14 May 2025, the last day to which the grades of all are known; 153 had one",
        "A list of all reports read on 29 June 2026 had no newer inspection of Nottingham.",
        "Whether Nottinghamshire was graded again after 14 May 2025 is not known.",
    ):
        assert words in text
    assert not re.search(r"last but one|134|authorities graded", text)


def test_the_counts_are_those_of_the_release():
    shares = next(chart.data for chart in run(NAME).charts if chart.name == "grades-of-all-overall-effectiveness")
    newest = shares[shares["day"] == shares["day"].max()].set_index("grade")["authorities"].to_dict()

    assert newest == {"outstanding": 36, "good": 67, "requires_improvement": 31, "inadequate": 19, "not_inspected": 0}


def test_areas_are_those_that_were_judged_and_dashed_lines_stand_where_they_changed():
    chart = next(chart for chart in run(NAME).charts if chart.name == "grades-by-area")
    newest = chart.data[(chart.data["name"] == "Nottingham") & (chart.data["column"] == 2)]

    assert set(newest["judgement"]) == {
        "overall_effectiveness",
        "impact_of_leaders",
        "help_and_protection",
        "children_in_care_and_care_leavers",
    }
    assert [[line.get_xdata()[0] for line in ax.lines] for ax in chart.fig.axes] == [[0.5], [0.5, 1.5]]


def test_titles_are_told_by_what_moved_and_never_twice():
    assert list(titles(run(NAME))) == CHARTS
    assert list(titles(run(NAME)).values()) == [
        "Nottingham fell from requires improvement to inadequate in 2022",
        "In May 2025 about two thirds of English councils were good or outstanding, up from 54 per cent in 2022",
        "Of the 19 councils in the lowest grade, seven are in the North West",
        "For help and protection 61 per cent of councils were good or outstanding, up from 45 per cent in 2022",
    ]


def test_the_map_shows_all_and_carries_the_attribution_that_its_licence_demands():
    (chart,) = (chart for chart in run(NAME).charts if chart.name == "map-of-grades")

    assert len(chart.data) == 153 and chart.data.query("is_chosen")["name"].tolist() == [
        "Nottingham",
        "Nottinghamshire",
    ]
    assert "Contains Parliamentary information licensed under the Open Parliament Licence v3.0" in chart.source


def test_neighbours_are_counted_and_not_ranked():
    (table,) = (value for value in run(NAME).values if isinstance(value, Table))

    assert [[getattr(cell, "text", cell) for cell in row] for row in table.rows] == [
        ["All English councils", "36", "67", "31", "19", "0"],
        ["Nottingham's neighbours", "0", "7", "2", "1", "0"],
        ["Nottinghamshire's neighbours", "2", "5", "3", "0", "0"],
    ]


def test_without_a_comparison_nobody_else_is_named_or_counted():
    shown = run(NAME, "alone")
    others = tables.load("authorities")["name"].drop_duplicates()
    words = f"{said(shown)} {titles(shown)}".replace("Nottingham", "")

    assert list(titles(shown)) == ["grades-by-area"]
    assert [name for name in others if re.search(rf"\b{re.escape(name)}\b", words)] == []
    assert "How other councils stand is not shown: no comparison was asked for." in words
    assert "English councils" not in words


@pytest.mark.parametrize(("day", "last"), [("2019-06-30", "2019"), ("2022-08-01", "2022"), ("2024-04-04", "2024")])
def test_nothing_is_told_that_came_later(day, last):
    shown = run_with(NAME, {"as_at": day})
    frames = [chart.data for chart in shown.charts]

    assert all((frame["published"] <= day).all() for frame in frames if "published" in frame)
    assert max(re.findall(r"\b20\d\d\b", said(shown))) <= last
    assert ("map-of-grades" in titles(shown)) == (day > "2023-03-31")


def test_a_trend_is_told_only_where_most_were_inspected():
    assert titles(run(NAME, "mid 2019"))["grades-of-all-overall-effectiveness"] == (
        "52 councils had a grade under the ILACS framework on 30 June 2019"
    )


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (
            "Cumbria",
            "Cumbria ended on 31 March 2023; Cumberland and Westmorland and Furness came in its place.\n"
            "Cumbria required improvement overall from November 2022 to its end.",
        ),
        ("Cumberland", "Cumberland began on 1 April 2023; grades of the councils before it are not its own."),
        (
            "Bradford",
            "Bradford has been inadequate overall since October 2018. The inspection of 2022 found that it "
            "was inadequate in every area.",
        ),
        ("Sefton", "Sefton's grades of 2016 come from Ofsted's report alone."),
    ],
)
def test_odd_authorities_read_well(who, words):
    shown = run_with(NAME, {"authorities": [who]})

    assert words in said(shown)
    assert list(titles(shown)) == CHARTS


def test_one_never_inspected_by_the_day_is_said_to_be_so():
    shown = run_with(NAME, {"authorities": ["Isles of Scilly"], "as_at": "2018-06-30"})

    assert "No graded inspection of Isles of Scilly was public on this day." in said(shown)
    assert "grades-by-area" not in titles(shown)


def test_bands_count_every_council_on_every_day():
    shares = next(chart.data for chart in run(NAME).charts if chart.name == "grades-of-all-overall-effectiveness")
    totals = shares.groupby("day")["authorities"].sum()

    assert set(totals) <= {151, 152, 153} and totals.index.max() == pd.Timestamp("2025-05-14")
