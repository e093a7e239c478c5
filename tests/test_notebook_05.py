"""What happens to children: figures checked by hand, turns, tiny places, no comparison, what was known on a day."""

import re

import pytest
from childrens_services import tables
from notebook_cells import NAMES, Paragraphs, run, run_with
from word_faults import listed

CHILDREN = NAMES[5]
CITY = "E06000018"


def test_in_short_answers_what_is_asked_first():
    """Checked by hand in the published files: 145 of 450 and 203 of 727 plans, 24.5 per cent in England."""
    said = run(CHILDREN).text()

    for sentence in (
        "Of new protection plans in 2025, about a third in Nottingham and 28 per cent in Nottinghamshire were not the "
        "child's first; in England, about a quarter.",
        "Re-referrals within a year in Nottingham rose from 16.9 per cent in 2021 to 32.2 in 2024, the second highest "
        "of 149 authorities, and were 27.2 in 2025.",
        "Plans of two years or more in Nottingham rose from 2.1 per cent in 2013 to 9.1 in 2022, the joint highest of "
        "107 authorities, and were 2.5 in 2025.",
        "Of every ten thousand children, 93 in Nottingham and 53 in Nottinghamshire were looked after on 31 March 2025"
        "; in England, 67.",
    ):
        assert sentence in said


def test_the_places_of_the_turns_are_those_of_the_table():
    rows = tables.load("observations").query("status == 'value' and area_code.str.match('E(06|07|08|09|10)')")
    rereferral, plans = (
        rows.query(f"indicator == '{indicator}' and period == {year}").set_index("area_code")["value"]
        for indicator, year in (("rereferral_percent", 2024), ("plans_two_years_or_more_percent", 2022))
    )

    assert (len(rereferral), (rereferral > rereferral[CITY]).sum()) == (149, 1)
    assert (len(plans), (plans > plans[CITY]).sum(), (plans == plans[CITY]).sum()) == (107, 0, 2)


def test_no_difference_is_claimed_where_chance_alone_could_make_it():
    said = run(CHILDREN).text()

    assert "In 2025 Nottingham was at 32.2 per cent, above England's 24.5." in said
    assert "In 2025 Nottinghamshire was at 27.9 per cent, about the same as England's 24.5." in said


def test_better_and_worse_ends_are_apart_and_say_what_chance_would_give():
    """The 0.0 per cent without further action is how Nottinghamshire records, and at no end."""
    assert (
        "Nottinghamshire is among the best on two measures and among the worst on no measures, of eight; chance alone "
        "would give about 0.3 and 0.4." in run(CHILDREN).text()
    )


@pytest.mark.parametrize("chosen", ["City of London", "Isles of Scilly"])
@pytest.mark.parametrize("as_at", ["2019-06-30", ""])
def test_a_place_with_few_children_has_counts_and_no_rate(chosen, as_at):
    shown = run_with(CHILDREN, {"authorities": [chosen], "as_at": as_at})

    assert shown.charts == () and listed(shown) == []
    assert f"So few children live in {chosen} that only counts are given" in shown.text()
    assert not re.search(r"per (cent|ten thousand)|highest|lowest", shown.text())


def test_the_tables_give_the_counts_and_only_they_give_intervals():
    shown = run(CHILDREN)
    counts = next(table for table in listed(shown) if table.caption.text.startswith("Plans of two years"))
    first = [getattr(cell, "text", cell) for cell in counts.rows[0]]

    assert first == ["Nottingham", "2025", "9", "367", "2.5", "1.3 to 4.6"]
    told = "\n".join(s.text for value in shown.values if isinstance(value, Paragraphs) for s in value.sentences)
    assert not re.search(r"interval|\d\.\d to \d", told)


def test_all_measures_are_in_tables_and_no_more_than_ten_rows_stand_open():
    moved = [table for table in listed(run(CHILDREN)) if "Direction" in table.columns]
    rows = [[getattr(cell, "text", cell) for cell in row] for table in moved for row in table.rows]

    assert [(len(table.rows) <= 10, table.is_folded) for table in moved] == [(True, False), (False, True)]
    assert len(rows) == 2 * 17
    assert next(row for row in rows if row[0].startswith("Re-referrals")) == [
        "Re-referrals within a year, per cent",
        "Nottingham",
        "27.2 (2025)",
        "19.2",
        "20.9",
        "22.6",
        "falling since 2024, for the better",
    ]


def test_titles_say_what_happened_once_each_and_list_no_values():
    titles = [chart.words["title"].text for chart in run(CHILDREN).charts]

    assert len(titles) == len(set(titles)) == 5
    assert [title for title in titles if ":" in title or len(title) > 115] == []
    assert max(chart.data["panel"].nunique() for chart in run(CHILDREN).charts) == 6


def test_without_comparison_nobody_else_is_named_or_drawn():
    shown = run(CHILDREN, "alone")

    assert not re.search(r"England|neighbours|\d authorities|highest|lowest", shown.text())
    assert {name for chart in shown.charts for name in chart.data["name"]} == {"Nottingham"}


@pytest.mark.parametrize("parameters", ["mid 2019", "before the 2022 report", "before the 2024 report"])
def test_nothing_later_than_the_day_is_told(parameters):
    year = {"mid 2019": 2019, "before the 2022 report": 2022, "before the 2024 report": 2024}[parameters]

    assert max(map(int, re.findall(r"\b20\d\d\b", run(CHILDREN, parameters).text()))) <= year


def test_an_authority_that_began_late_has_its_own_years_and_a_title_for_one_value():
    text = run(CHILDREN, "began in 2023").text()

    assert "Re-referrals within a year in Cumberland rose from 10.7 per cent in 2024 to 22.7 in 2025." in text
    assert "Plans of two years or more in Cumberland came to 0.0 per cent in 2024" in text


def test_the_turn_and_the_newest_value_are_written_beside_one_line():
    chart = next(chart for chart in run(CHILDREN).charts if chart.name == "rereferral")

    assert [text.get_text() for text in chart.fig.axes[0].texts] == ["32.2", "27.2"]
