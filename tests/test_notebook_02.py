"""Notebook 02: what it says of grades, against figures counted by hand, and how it reads for others."""

import re

import pandas as pd
import pytest
from childrens_services import tables
from notebook_cells import as_text, run, run_with

NAME = "02-how-are-services-graded"
CHARTS = ["grades-by-area", "grades-of-all-overall-effectiveness", "map-of-grades", "grades-of-all-help-and-protection"]


def test_the_counts_are_those_of_the_compiled_sheet():
    shares = run(NAME).chart("grades-of-all-overall-effectiveness").data
    newest = shares[shares["day"] == shares["day"].max()].set_index("grade")["authorities"].to_dict()

    assert newest == {"outstanding": 46, "good": 63, "requires_improvement": 29, "inadequate": 13, "not_inspected": 2}


def test_areas_are_those_that_were_judged_and_dashed_lines_stand_where_they_changed():
    chart = run(NAME).chart("grades-by-area")
    newest = chart.data[(chart.data["name"] == "Nottingham") & (chart.data["column"] == 2)]

    assert set(newest["judgement"]) == {
        "overall_effectiveness",
        "impact_of_leaders",
        "help_and_protection",
        "children_in_care_and_care_leavers",
    }
    assert [[line.get_xdata()[0] for line in ax.lines] for ax in chart.fig.axes] == [[0.5], [0.5, 1.5]]


def test_titles_are_told_by_what_moved_and_never_twice():
    assert list(run(NAME).titles()) == CHARTS
    assert list(run(NAME).titles().values()) == [
        "Nottingham fell from requires improvement to inadequate in 2022",
        "In June 2026 72 per cent of English councils were good or outstanding, up from 60 per cent in 2023",
        "Of the 13 councils in the lowest grade, five are in the North West",
        "For help and protection about two thirds of councils were good or outstanding, up from 52 per cent in 2023",
    ]


def test_the_map_shows_all_and_carries_the_attribution_that_its_licence_demands():
    chart = run(NAME).chart("map-of-grades")

    chosen = chart.data.query("is_chosen")["name"].tolist()
    assert len(chart.data) == 153 and chosen == ["Nottingham", "Nottinghamshire"]
    assert "Contains Parliamentary information licensed under the Open Parliament Licence v3.0" in chart.source


def test_neighbours_are_counted_and_not_ranked():
    (table,) = (table for table in run(NAME).tables() if not table.is_folded)

    assert [[as_text(cell) for cell in row] for row in table.rows] == [
        ["All English councils", "46", "63", "29", "13", "2"],
        ["Nottingham's neighbours", "1", "7", "2", "0", "0"],
        ["Nottinghamshire's neighbours", "2", "3", "4", "0", "1"],
    ]


def test_without_a_comparison_nobody_else_is_named_or_counted():
    shown = run(NAME, "alone")
    others = tables.load("authorities")["name"].drop_duplicates()
    words = f"{shown.said()} {shown.titles()}".replace("Nottingham", "")

    assert list(shown.titles()) == ["grades-by-area"]
    assert [name for name in others if re.search(rf"\b{re.escape(name)}\b", words)] == []
    assert "How other councils stand is not shown: no comparison was asked for." in words
    assert "English councils" not in words


@pytest.mark.parametrize(("day", "last"), [("2019-06-30", "2019"), ("2022-08-01", "2022"), ("2024-04-04", "2024")])
def test_nothing_is_told_that_came_later(day, last):
    shown = run_with(NAME, {"as_at": day})
    frames = [chart.data for chart in shown.charts]

    assert all((frame["published"].dropna() <= day).all() for frame in frames if "published" in frame)
    assert max(re.findall(r"\b20\d\d\b", str(shown.said()))) <= last
    assert ("map-of-grades" in shown.titles()) == (day > "2023-03-31")


def test_a_trend_is_told_only_where_most_were_inspected():
    title = run(NAME, "mid 2019").titles()["grades-of-all-overall-effectiveness"]

    assert title == "52 councils had a grade under the ILACS framework on 30 June 2019"


@pytest.mark.parametrize("who", ["Cumbria", "Cumberland", "Bradford", "Sefton"])
def test_odd_authorities_have_every_chart(who):
    assert list(run_with(NAME, {"authorities": [who]}).titles()) == CHARTS


def test_one_never_inspected_by_the_day_has_no_chart_of_its_grades():
    shown = run_with(NAME, {"authorities": ["Isles of Scilly"], "as_at": "2018-06-30"})

    assert "grades-by-area" not in shown.titles()


def test_bands_count_every_council_on_every_day():
    shares = run(NAME).chart("grades-of-all-overall-effectiveness").data
    totals = shares.groupby("day")["authorities"].sum()

    assert set(totals) <= {151, 152, 153} and totals.index.max() == pd.Timestamp("2026-06-29")
