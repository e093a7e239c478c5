"""Every kind of chart, drawn with odd data and measured: words inside and apart, marks seen, years in place."""

import itertools

import numpy as np
import pandas as pd
import pytest
from chart_faults import contrast, faint_marks, faults, luminance, seen, words_out_of_their_box
from childrens_services.analysis.timeline import NOT_INSPECTED
from childrens_services.answers import grade_story, inspection_charts, money_charts
from childrens_services.telling import style
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from notebook_cells import NAMES, run

LONG = ["Bournemouth, Christchurch & Poole", "Westmorland and Furness", "Bath and North East Somerset",
        "Kensington and Chelsea"]  # fmt: skip
USUAL = ["default", "long names", "mid 2019"]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def dressed(fig: Figure, finding="Nottingham good in 2024", subtitle="Grades, Nottingham", source="Source: Ofsted."):
    style.dress(fig, finding, subtitle, source)
    return fig


def assert_sound(fig: Figure) -> None:
    assert faults(fig) == []
    assert faint_marks(fig) == []


# The frames below are as the story modules make them.


def grade_cells(owners, columns, areas, grades):
    rows = [(owner, c, f"Mar 20{10 + c}\nILACS, short", area, grades[(c + i) % len(grades)])
            for owner in owners for c in range(columns) for i, area in enumerate(areas)]  # fmt: skip
    return pd.DataFrame(rows, columns=["authority", "column", "column_label", "row", "grade"])


GRADES = ["outstanding", "good", "requires_improvement", "inadequate", "adequate"]


@pytest.mark.parametrize(
    ("owners", "columns", "areas"),
    [(["Leeds"], 1, ["Overall effectiveness"]), (LONG, 6, ["Overall effectiveness", "Help and protection"]),
     (["Leeds", LONG[0]], 5, list(grade_story.AREA_TITLES.values()))],
    ids=["one cell", "six inspections", "every area"],
)  # fmt: skip
def test_a_table_of_grades_is_sound_and_its_words_fit_their_cells(owners, columns, areas):
    cells = grade_cells(owners, columns, list(dict.fromkeys(areas)), GRADES)

    fig = dressed(inspection_charts.grade_table(cells, [(owners[0], 0.5)], list(dict.fromkeys(areas))))

    assert_sound(fig)
    assert words_out_of_their_box(fig) == []


def shares(days, counts):
    order = ["outstanding", "good", "requires_improvement", "inadequate", NOT_INSPECTED]
    rows = [(day, grade, n) for day, now in zip(days, counts, strict=True) for grade, n in zip(order, now, strict=True)]
    return pd.DataFrame(rows, columns=["day", "grade", "authorities"])


def standings(days, names, grades):
    return pd.DataFrame([(n, d, g) for n in names for d, g in zip(days, grades, strict=True)],
                        columns=["name", "day", "grade"])  # fmt: skip


DAYS = list(pd.to_datetime(["2018-03-01", "2021-01-01", "2025-05-14"]))


@pytest.mark.parametrize(
    ("counts", "names"),
    [
        ([(0, 0, 0, 0, 152), (1, 1, 1, 1, 149), (1, 1, 1, 1, 149)], ["Leeds"]),
        ([(0, 0, 0, 0, 152), (20, 50, 40, 20, 22), (36, 67, 31, 19, 0)], LONG),
        ([(36, 67, 31, 19, 0)] * 3, ["Leeds", "Bradford"]),
    ],
    ids=["crowded labels", "four long names", "all inspected"],
)
def test_shares_over_time_are_sound(counts, names):
    own = standings(DAYS, names, [NOT_INSPECTED, "requires_improvement", "inadequate"])

    fig = dressed(inspection_charts.shares_over_time(shares(DAYS, counts), own))

    assert_sound(fig)
    assert words_out_of_their_box(fig) == []


@pytest.mark.parametrize(("before", "after", "rise"), [
    (684_000, 1_050_000, "+ £366,000"), (1_000_000, 1_000_500, "+ £500"), (0, 50_000, "+ £50,000"),
    (1_050_000, 684_000, "- £366,000"),
])  # fmt: skip
def test_a_budget_before_and_after_is_sound(before, after, rise):
    fig = dressed(money_charts.before_after(before, after, ("Before", "After"), rise))

    assert_sound(fig)
    assert words_out_of_their_box(fig) == []
    assert any(rise in text.get_text() for text in fig.axes[0].texts)
    assert fig.axes[0].get_xlim()[0] == 0


def sums(*rows):
    return pd.DataFrame(rows, columns=["label", "amount_gbp", "amount_text"]).assign(colour="#12436D")


@pytest.mark.parametrize("rows", [
    [("Grant", 1.0, "£1")], [("Grant", 0.0, "£0")],
    [("Money that was wrongly used by the general fund of a council with a long name in many years",
      2_000_000 - i, "more than £1.5 million") for i in range(12)],
])  # fmt: skip
def test_stated_sums_are_sound_and_start_at_zero(rows):
    fig = dressed(money_charts.stated_sums(sums(*rows)))

    assert_sound(fig)
    assert {bar.get_x() for bar in fig.axes[0].patches} == {0}


@pytest.mark.parametrize("pairs", [
    [("Grant", 1, 1)], [("Grant", 2, 1), ("Loan", 1, 2)],
    [("A sum with a name that goes on and on and on and on", 57e6, 56.9e6)] * 7,
])  # fmt: skip
def test_headlines_beside_exact_sums_are_sound(pairs):
    rows = pd.DataFrame(pairs, columns=["label", "headline_gbp", "exact_gbp"])

    assert_sound(dressed(money_charts.headline_and_exact(rows)))


YEARS = ["2016-17", "2017-18", "2018-19", "2019-20", "2020-21", "2021-22", "2022-23", "2023-24", "2024-25"]


def series(*lines, panel="Total"):
    rows = [(panel, name, year, value, "value" if value is None or value >= 0 else "implausible")
            for name, line in lines for year, value in zip(YEARS[-len(line) :], line, strict=True)
            if value is not None]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["panel", "name", "year", "value", "status"])
    return frame.assign(value=frame["value"].abs().astype(float))


def styles(names):
    return {name: {"color": colour} for name, colour in style.colours(names).items()}


def draw_lines(frame, panels=("Total",), columns=1):
    names = list(dict.fromkeys(frame["name"]))
    return dressed(money_charts.lines_over_time(frame, panels, styles(names), columns))


def drawn(fig: Figure, line: int = 0) -> dict[str, float]:
    """What a line of the first panel shows: values by the year they stand at."""
    ax = fig.axes[0]
    xs, ys = ax.lines[line].get_data()
    return {YEARS[-len(ax.get_xticks()) :][int(x)]: float(y) for x, y in zip(xs, ys, strict=True) if not np.isnan(y)}


def test_lines_that_end_close_together_are_named_apart():
    fig = draw_lines(series(*[(name, [1000, 1001 + i / 10]) for i, name in enumerate(LONG)]))

    assert_sound(fig)
    assert [t.get_text() for t in fig.axes[0].texts] == LONG


def test_a_lone_year_is_a_point_and_zero_is_a_value():
    fig = draw_lines(series(("Leeds", [5]), ("Bradford", [0])))

    points = [line for line in fig.axes[0].lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert_sound(fig)
    assert [line.get_ydata().tolist() for line in points] == [[5], [0]]


def test_nothing_but_zeros_can_be_drawn():
    assert_sound(draw_lines(series(("Leeds", [0, 0, 0]))))


def test_a_line_that_begins_late_stands_at_its_own_years():
    fig = draw_lines(series(("Cumberland", [7, 8]), ("Leeds", [1, 2, 3, 4])))

    assert drawn(fig) == {"2023-24": 7, "2024-25": 8}
    assert [t.get_text() for t in fig.axes[0].get_xticklabels()] == ["", "2022-23", "", "2024-25"]


def test_a_line_is_broken_where_a_year_is_missing_or_implausible():
    fig = draw_lines(series(("Leeds", [1, None, 3, -9, 5]), ("England", [2] * 5)))

    line = fig.axes[0].lines[0]
    hollow = [one for one in fig.axes[0].lines if one.get_markerfacecolor() == "white" and len(one.get_xdata())]
    assert np.isnan(line.get_ydata()).tolist() == [False, True, False, True, False]
    assert [one.get_ydata().tolist() for one in hollow] == [[9]]


def test_two_values_for_one_year_are_refused():
    twice = pd.concat([series(("East Midlands", [1])), series(("East Midlands", [2]))])

    with pytest.raises(ValueError, match=r"two values for East Midlands in 2024-25 \(Total\)"):
        money_charts.lines_over_time(twice, ["Total"], styles(["East Midlands"]))


def test_panels_of_four_long_names_and_their_groups_are_sound():
    names = [*LONG, *[f"{name}'s neighbours" for name in LONG]]
    look = {name: {"color": style.colours(LONG)[LONG[i % 4]]} for i, name in enumerate(names)}
    panels = ["All children's and young people's services", "Safeguarding and social work", "Early years"]
    frame = pd.concat([series(*[(n, [10_000, 20_000]) for n in names], panel=panel) for panel in panels])

    fig = dressed(money_charts.lines_over_time(frame, panels, look))

    assert_sound(fig)
    assert [ax.get_visible() for ax in fig.axes] == [True, True, True, False]
    assert {ax.get_ylim()[0] for ax in fig.axes[:3]} == {0}


def test_long_words_are_folded_and_the_body_keeps_its_height():
    fig = draw_lines(series(("Leeds", [1, 2])))
    short = fig.axes[0].get_window_extent().height

    fig = money_charts.lines_over_time(series(("Leeds", [1, 2])), ["Total"], styles(["Leeds"]), 1)
    long = dressed(fig, "A finding that goes on " * 12, "A subtitle that goes on " * 9, "Source: a publisher " * 40)

    assert faults(long) == []
    assert long.axes[0].get_window_extent().height == pytest.approx(short, rel=0.02)
    assert long.get_figwidth() == style.WIDTH


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), max_size=9), st.floats(0.1, 1e5))
def test_names_are_spread_at_least_a_step_apart_in_order(values, step):
    placed = style.spread(sorted(values), step)

    gaps = np.diff(placed)
    assert len(placed) == len(values)
    assert all(gap >= step * 0.999 - 1e-6 for gap in gaps)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_colours_of_authorities_are_their_own_and_stand_out_from_paper(number):
    given = style.colours(LONG[:number])

    assert list(given) == LONG[:number] and len(set(given.values())) == number
    assert all(contrast(colour) >= 3 for colour in [*given.values(), style.GREY, style.INK])


def test_grades_grow_darker_as_they_grow_worse():
    order = [NOT_INSPECTED, "outstanding", "good", "requires_improvement", "inadequate"]

    light = [luminance(inspection_charts.GRADE_COLOURS[grade]) for grade in order]

    assert light == sorted(light, reverse=True)
    assert all((a + 0.05) / (b + 0.05) > 1.4 for a, b in itertools.pairwise(light))


@pytest.mark.parametrize("grade", inspection_charts.GRADE_COLOURS)
def test_every_grade_stands_out_and_its_word_can_be_read_on_it(grade):
    face, edge = inspection_charts.GRADE_COLOURS[grade], inspection_charts.GRADE_EDGES[grade]
    word = style.INK if grade in inspection_charts._DARK_TEXT else "white"

    assert seen(face, edge) >= 3
    assert contrast(word, face) >= 4.5


@pytest.mark.parametrize(
    ("name", "parameters"),
    [pytest.param(name, chosen, id=f"{name[:2]} {chosen}") for chosen in USUAL for name in NAMES[:4]]
    + [pytest.param(name, "default", id=f"{name[:2]} default") for name in NAMES[4:]],
)  # fmt: skip
def test_the_charts_of_the_notebooks_are_sound(name, parameters):
    found = {chart.name: faint_marks(chart.fig) + faults(chart.dressed()) for chart in run(name, parameters).charts}

    assert {chart: wrong for chart, wrong in found.items() if wrong} == {}
