"""Drawings that seaborn does not have, with odd data, at both widths: words inside and apart, marks seen."""

import itertools

import pandas as pd
import pytest
from chart_faults import contrast, faint_marks, faults, luminance, seen, words_out_of_their_box
from childrens_services import tables
from childrens_services.telling import house, pictures, style
from childrens_services.telling.drawings import cartogram, grades, survival
from childrens_services.telling.drawings.recurrence import recurrence
from childrens_services.telling.drawings.timeline import heap, timeline
from childrens_services.telling.drawings.windows import windows
from childrens_services.vocabulary import JUDGEMENT_TITLES
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from notebook_cells import SETS

LONG = SETS["long names"]["authorities"]
ORDER = ["not_inspected", "outstanding", "good", "requires_improvement", "inadequate"]
WORDS = "Nottingham fell from requires improvement to inadequate in 2022", "Grades, England", "Source: Ofsted."
DAYS = pd.to_datetime(["2018-03-01", "2021-01-01", "2025-05-14"])


@pytest.fixture(params=["wide", "narrow"])
def drawn(request):
    """Draw at one of the two widths, put words around it, and give the figure."""

    def draw(make, *rows):
        with style.narrow() if request.param == "narrow" else plt.rc_context():
            fig = make(*rows)
            style.dress(fig, *WORDS)
        assert fig.get_figwidth() == (style.NARROW if request.param == "narrow" else style.WIDTH)
        return fig

    yield draw
    plt.close("all")


def assert_sound(fig):
    assert faults(fig) == []
    assert faint_marks(fig) == []


def cells(owners, columns, areas):
    rows = [
        (owner, c, f"Mar 20{10 + c}\nILACS", area, [*grades.LABELS][(c + i) % 5])
        for owner in owners
        for c in range(columns)
        for i, area in enumerate(areas)
    ]
    return pd.DataFrame(rows, columns=["name", "column", "column_label", "area", "grade"])


@pytest.mark.parametrize(
    ("owners", "columns", "areas"),
    [
        (["Leeds"], 1, ["Overall effectiveness"]),
        (LONG, 5, ["Overall effectiveness", "Help and protection"]),
        (["Leeds", LONG[0]], 5, list(JUDGEMENT_TITLES.values())),
    ],
    ids=["one cell", "five inspections", "every area"],
)
def test_a_table_of_grades_is_sound_and_its_words_fit_their_cells(owners, columns, areas, drawn):
    breaks = pd.DataFrame({"name": [owners[0]], "column": [1]})

    fig = drawn(grades.table, cells(owners, columns, list(dict.fromkeys(areas))), breaks, list(dict.fromkeys(areas)))

    assert_sound(fig)
    assert words_out_of_their_box(fig) == []
    assert [len(ax.lines) for ax in fig.axes] == [1] + [0] * (len(owners) - 1)


def shares(*counts):
    rows = [(day, grade, n) for day, now in zip(DAYS, counts, strict=True) for grade, n in zip(ORDER, now, strict=True)]
    return pd.DataFrame(rows, columns=["day", "grade", "authorities"])


def own(names):
    found = ["not_inspected", "requires_improvement", "inadequate"]
    rows = [(name, day, grade) for name in names for day, grade in zip(DAYS, found, strict=True)]
    return pd.DataFrame(rows, columns=["name", "day", "grade"])


@pytest.mark.parametrize(
    ("counts", "names"),
    [
        ([(152, 0, 0, 0, 0), (149, 1, 1, 1, 1), (149, 1, 1, 1, 1)], ["Leeds"]),
        ([(152, 0, 0, 0, 0), (22, 20, 50, 40, 20), (0, 36, 67, 31, 19)], LONG),
        ([(0, 36, 67, 31, 19)] * 3, ["Leeds", "Bradford"]),
    ],
    ids=["crowded labels", "four long names", "all inspected"],
)
def test_bands_over_time_are_sound(counts, names, drawn):
    fig = drawn(grades.bands, shares(*counts), own(names))

    assert_sound(fig)
    assert words_out_of_their_box(fig) == []


def every(*chosen, grade="good"):
    rows = tables.load("authorities").query("existed_to.isna()")[["la_code_ons", "name"]]
    return rows.assign(grade=grade, is_chosen=rows["name"].isin(chosen))


@pytest.mark.parametrize(
    "chosen",
    [
        [],
        ["Nottingham", "Nottinghamshire"],
        LONG,
        ["Isles of Scilly", "City of London", "Camden", "Islington"],
        ["Cornwall", "Kent", "Northumberland", "Norfolk"],
        ["Westminster", "Hackney", "Lambeth", "Tower Hamlets"],
    ],
    ids=["nobody", "two", "long names", "small", "the ends", "crowded"],
)
def test_a_map_is_sound_names_the_chosen_alone_and_a_step_is_as_long_up_as_across(chosen, drawn):
    fig = drawn(cartogram.draw, every(*chosen), tables.load("cartogram"))

    named = [text.get_text().replace("\n", " ") for text in fig.axes[0].texts]
    assert_sound(fig)
    assert sorted(named) == sorted(chosen)
    (ax,) = fig.axes
    room, wide, high = ax.get_window_extent(), *(abs(a - b) for a, b in (ax.get_xlim(), ax.get_ylim()))
    near = 0.01 if chosen in ([], ["Nottingham", "Nottinghamshire"]) else 0.03  # names beside it take room
    assert room.width / wide == pytest.approx(room.height / high, rel=near)
    assert len(ax.patches) == 153
    fewer = tables.load("cartogram").query("area_code != 'E06000018'")
    assert len(cartogram.draw(every(), fewer).axes[0].patches) == 152  # what has no outline is not drawn


def test_grades_grow_darker_as_they_grow_worse_lighter_in_the_dark_and_their_words_can_be_read_in_both():
    light = [luminance(style.GRADES[grade]) for grade in ORDER]
    dark = [luminance(pictures._DARK[style.GRADES[grade].lower()]) for grade in ORDER]

    assert light == sorted(light, reverse=True) and dark == sorted(dark)
    assert all((a + 0.05) / (b + 0.05) > 1.35 for a, b in [*itertools.pairwise(light), *itertools.pairwise(dark[::-1])])
    for grade, face in style.GRADES.items():
        word = grades._ink(grade).replace("white", "#ffffff")
        assert seen(face, grades.EDGES[grade]) >= 3, grade
        assert contrast(word, face) >= 4.5, grade
        assert contrast(pictures._DARK[word.lower()], pictures._DARK[face.lower()]) >= 4.5, grade


@pytest.mark.parametrize("years", [[0.2], [0.1, 0.3, 0.6], [3.9], [0.2, 1.5, 3.9]])
def test_the_name_of_a_spell_stands_clear_of_the_curve(years, drawn):
    curve = pd.DataFrame({"years": [0, 1, 2, 3, 4], "lasting": [100, 98, 70, 40, 10]})
    curve = curve.assign(low=(curve["lasting"] - 15).clip(0), high=(curve["lasting"] + 15).clip(upper=100))
    spells = pd.DataFrame({"name": ["Nottingham", "Leeds", "Bradford"][: len(years)], "years": years})

    def draw(rows):
        ax = survival.band(rows)
        ax.plot(rows["years"], rows["lasting"], drawstyle="steps-post", color=style.INK)
        return survival.finish(ax, spells, style.look(list(spells["name"]), {}))

    fig = drawn(draw, curve)
    (line,) = [line for line in fig.axes[0].lines if len(line.get_xdata()) == 5]
    fig.canvas.draw()
    for words in fig.axes[0].texts:
        room = words.get_window_extent()
        across = [y for x, y in line.get_transform().transform(curve[["years", "lasting"]]) if room.x0 <= x <= room.x1]
        assert not [y for y in across if room.y0 - 1 <= y <= room.y1 + 1]


def test_a_value_at_nothing_is_written_above_the_axis(drawn):
    points = pd.DataFrame({"year": [2017, 2020], "value": [0.0, 4.0], "name": "Leeds", "decimals": 1})

    def draw(rows):
        fig, (ax,) = style.blank(3)
        ax.plot(rows["year"], rows["value"])
        ax.set_ylim(0, 5)
        return house.values(fig, rows, "year", "value", style.look(["Leeds"], {}))

    fig = drawn(draw, points)
    fig.canvas.draw()
    nothing = next(words for words in fig.axes[0].texts if words.get_text() == "0.0")
    assert nothing.get_window_extent().y0 >= fig.axes[0].get_window_extent().y0


LANES = ["Inspections and visits", "Notices and interventions", "Money and decisions"]
GRADED, GRANT = ("Requires improvement", None, "requires_improvement"), ("Grant", "grant", None)


def events(rows):
    made = pd.DataFrame(rows, columns=["name", "lane", "day", "label", "noun", "grade"])
    day = pd.to_datetime(made["day"])
    return made.assign(day=day, scope="council", is_main=made["grade"].notna(), known=day.max())


CROWD = events(
    [
        (name, lane, f"20{20 + i // 12}-{i % 12 + 1:02}-03", *(GRADED if i % 3 else GRANT))
        for name in LONG
        for lane in LANES
        for i in range(16)
    ]
)


@pytest.mark.parametrize("rows", [CROWD, CROWD.head(1)], ids=["crowded", "one event"])
def test_no_label_of_a_timeline_lies_on_another(rows, drawn):
    assert_sound(drawn(timeline, rows, LANES, pd.Timestamp("2021-06-30")))


def test_visits_in_a_row_are_counted_in_one_label(drawn):
    days = ("2023-01-02", "2023-06-02", "2024-01-02")
    rows = events([("Leeds", LANES[0], day, "Monitoring visit", "monitoring visit", None) for day in days])

    fig = drawn(timeline, rows, LANES, pd.Timestamp("2024-06-30"))

    assert [text.get_text() for text in fig.axes[0].texts][1:] == ["Three monitoring visits"]


@given(st.lists(st.tuples(st.floats(0, 7), st.floats(0.1, 1.3), st.sampled_from([0.15, 0.3])), max_size=8), st.data())
def test_labels_stand_apart_or_above_each_other_within_the_axis(labels, data):
    at, wide, high = ([label[i] for label in sorted(labels)] for i in range(3))
    left, foot, _ = heap(at, wide, high, 7, data.draw(st.integers(0, len(at))))

    boxes = list(zip(left, foot, wide, high, strict=True))
    assert all(x >= 0 and x + w <= 7 + 1e-9 for x, _, w, _ in boxes)
    assert not any(
        x < u + w - 1e-9 and u < x + v - 1e-9 and y < z + g - 1e-9 and z < y + h - 1e-9
        for (x, y, v, h), (u, z, w, g) in itertools.combinations(boxes, 2)
    )


def expected(*rows):
    frame = pd.DataFrame(rows, columns=["label", "window_start", "window_end", "came", "note"])
    days = {column: pd.to_datetime(frame[column]) for column in ("window_start", "window_end", "came")}
    return frame.assign(**days, until=pd.Timestamp("2026-04-01"))


@pytest.mark.parametrize(
    "rows",
    [
        [("Leeds: inspection", "2024-04-04", "2024-04-05", None, "had not come by 1 April 2026")],
        [("Leeds: inspection", "2024-04-04", "2024-04-05", "2024-04-04", "on time")],
        [
            (f"{name}: area SEND, expected 2 times", start, "2029-12-31", "2031-01-01", "at least 366 days late")
            for name in LONG
            for start in ("2008-01-01", "2020-01-01")
        ],
    ],
    ids=["unmet", "one day", "long"],
)
def test_windows_can_be_read(rows, drawn):
    assert_sound(drawn(windows, expected(*rows)))


@pytest.mark.parametrize(("came", "end"), [(None, "2026-04-01"), ("2024-03-01", "2024-03-01")])
def test_a_broken_line_runs_to_the_day_it_came_or_the_day_last_looked(came, end, drawn):
    fig = drawn(windows, expected(("Leeds", "2024-01-01", "2024-02-01", came, "")))

    assert pd.Timestamp(fig.axes[0].lines[0].get_xdata()[1]) == pd.Timestamp(end)


def test_a_line_joins_only_reports_in_a_row(drawn):
    rows = pd.DataFrame({"critical": [1, 0, 2, 1], "coded": [1, 3, 2, 1]}).assign(
        name="Leeds", heading="Care leavers", start_earliest=pd.to_datetime(["2014", "2016", "2018", "2020"])
    )

    (ax,) = drawn(recurrence, rows, {"Leeds": "#12436D"}).axes

    assert pd.isna(ax.lines[0].get_ydata()).tolist() == [False, True, False, False]
    assert [len(dots.get_offsets()) for dots in ax.collections] == [3, 1]
    assert [text.get_text() for text in ax.texts] == ["3 of 4"]
