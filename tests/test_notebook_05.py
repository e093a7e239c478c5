"""What happens to children: figures checked by hand, turns, tiny places, no comparison, what was known on a day."""

import re

import pytest
from childrens_services import tables
from notebook_cells import NAMES, as_text, run, run_with

CHILDREN = NAMES[5]
CITY = "E06000018"


def test_the_places_of_the_turns_are_those_of_the_table():
    rows = tables.load("observations").query("status == 'value' and area_code.str.match('E(06|07|08|09|10)')")
    rereferral, plans = (
        rows.query(f"indicator == '{indicator}' and period == {year}").set_index("area_code")["value"]
        for indicator, year in (("rereferral_percent", 2024), ("plans_two_years_or_more_percent", 2022))
    )

    assert (len(rereferral), (rereferral > rereferral[CITY]).sum()) == (149, 1)
    assert (len(plans), (plans > plans[CITY]).sum(), (plans == plans[CITY]).sum()) == (107, 0, 2)


@pytest.mark.parametrize("chosen", ["City of London", "Isles of Scilly"])
@pytest.mark.parametrize("as_at", ["2019-06-30", ""])
def test_a_place_with_few_children_has_counts_and_no_rate(chosen, as_at):
    shown = run_with(CHILDREN, {"authorities": [chosen], "as_at": as_at})

    assert shown.charts == () and shown.tables() == []
    assert f"So few children live in {chosen} that only counts are given" in shown.text()
    assert not re.search(r"per (cent|ten thousand)|highest|lowest", shown.text())


def test_the_tables_give_the_counts_and_only_they_give_intervals():
    shown = run(CHILDREN)
    first = shown.rows("Plans of two years")[0]

    assert first == ["Nottingham", "2025", "9", "367", "2.5", "1.3 to 4.6"]
    assert not re.search(r"interval|\d\.\d to \d", str(shown.said()))


def test_all_measures_are_in_tables_and_no_more_than_ten_rows_stand_open():
    moved = [table for table in run(CHILDREN).tables() if "Direction" in table.columns]
    rows = [[as_text(cell) for cell in row] for table in moved for row in table.rows]

    assert [(len(table.rows) <= 10, table.is_folded) for table in moved] == [(True, False), (False, True)]
    assert len(rows) == 2 * 17
    again = next(row for row in rows if row[0] == "Re-referrals within a year, per cent")
    told = ["Nottingham", "27.2 (2025)", "19.2", "20.9", "22.6", "falling since 2024, for the better"]
    assert again[1:] == told


def test_titles_say_what_happened_once_each_and_list_no_values():
    titles = run(CHILDREN).titles().values()

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


def test_the_turn_and_the_newest_value_are_written_beside_one_line():
    chart = run(CHILDREN).chart("rereferral")

    assert [text.get_text() for text in chart.fig.axes[0].texts] == ["32.2", "27.2"]
