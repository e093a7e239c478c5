"""Drawings that seaborn does not have, with odd data, at both widths: words inside and apart, marks seen."""

import itertools

import pandas as pd
import pytest
from chart_faults import contrast, faint_marks, faults, luminance, seen, words_out_of_their_box
from childrens_services import tables
from childrens_services.telling import house, pictures, style
from childrens_services.telling.drawings import cartogram, grades, survival
from childrens_services.vocabulary import JUDGEMENT_TITLES
from matplotlib import pyplot as plt

LONG = [
    "Bournemouth, Christchurch and Poole",
    "Westmorland and Furness",
    "Bath and North East Somerset",
    "Kensington and Chelsea",
]
ORDER = ["not_inspected", "outstanding", "good", "requires_improvement", "inadequate"]
WORDS = "Nottingham fell from requires improvement to inadequate in 2022", "Grades, England", "Source: Ofsted."
DAYS = pd.to_datetime(["2018-03-01", "2021-01-01", "2025-05-14"])


@pytest.fixture(params=["wide", "narrow"])
def drawn(request):
    """Draw at one of the two widths, put words around it, and give the figure."""

    def draw(make, *rows):
        with style.narrow() if request.param == "narrow" else style.plt.rc_context():
            fig = make(*rows)
            style.dress(fig, *WORDS)
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
def test_a_map_is_sound_and_names_the_chosen_alone(chosen, drawn):
    fig = drawn(cartogram.draw, every(*chosen), tables.load("cartogram"))

    named = [text.get_text().replace("\n", " ") for text in fig.axes[0].texts]
    assert_sound(fig)
    assert sorted(named) == sorted(chosen)
    assert len(fig.axes[0].patches) == 153


def test_a_step_on_the_map_is_as_long_up_as_across(drawn):
    fig = drawn(cartogram.draw, every("Leeds"), tables.load("cartogram"))

    (ax,) = fig.axes
    room = ax.get_window_extent()
    wide, high = (abs(a - b) for a, b in (ax.get_xlim(), ax.get_ylim()))
    assert room.width / wide == pytest.approx(room.height / high, rel=0.01)


def test_an_authority_without_an_outline_is_not_drawn():
    outlines = tables.load("cartogram").query("area_code != 'E06000018'")

    fig = cartogram.draw(every(), outlines)

    assert len(fig.axes[0].patches) == 152


def test_grades_grow_darker_as_they_grow_worse_and_lighter_in_the_dark():
    light = [luminance(style.GRADES[grade]) for grade in ORDER]
    dark = [luminance(pictures._DARK[style.GRADES[grade].lower()]) for grade in ORDER]

    assert light == sorted(light, reverse=True) and dark == sorted(dark)
    assert all((a + 0.05) / (b + 0.05) > 1.35 for a, b in itertools.pairwise(light))
    assert all((b + 0.05) / (a + 0.05) > 1.35 for a, b in itertools.pairwise(dark))


@pytest.mark.parametrize("grade", style.GRADES)
def test_every_grade_stands_out_and_its_word_can_be_read_on_it_in_light_and_dark(grade):
    face, edge, word = style.GRADES[grade], grades.EDGES[grade], grades._ink(grade).replace("white", "#ffffff")

    assert seen(face, edge) >= 3
    assert contrast(word, face) >= 4.5
    assert contrast(pictures._DARK[word.lower()], pictures._DARK[face.lower()]) >= 4.5


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
