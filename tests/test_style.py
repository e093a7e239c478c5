"""The house style, held against every chart of the default edition: legible, in place, in grey, for all eyes."""

import itertools
from functools import cache

import numpy as np
import pytest
from childrens_services.telling import style
from childrens_services.telling.cited import MARKED
from childrens_services.telling.export import CREDIT
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from notebook_cells import NAMES, run

SHOWN = 640  # CSS pixels: the width at which a chart must still be read
SMALLEST = 9  # CSS pixels
APART = 10  # distance in CIE Lab that a glance tells apart; about 2.3 can just be seen side by side
LIGHTER = 8  # steps of lightness, of 100, that are told apart in grey
# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
NAMED = ["Nottingham", "Leeds", "Dorset", "Sefton"]


def lab(colour, eyes="usual"):
    """A colour as these eyes see it, in CIE Lab (D65): lightness 0 to 100, then the two hues."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(EYES[eyes]) @ linear, 0, 1)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = np.array(to_xyz) @ seen / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one, other, eyes="usual"):
    return float(np.linalg.norm(lab(one, eyes) - lab(other, eyes)))


def lighter(one, other):
    return abs(float(lab(one)[0] - lab(other)[0]))


def test_lab_is_right_at_its_corners_and_red_and_green_are_one_to_who_lacks_a_cone():
    assert lab("white") == pytest.approx([100, 0, 0], abs=0.01)
    assert lab("black") == pytest.approx([0, 0, 0], abs=0.01)
    assert lab("red") == pytest.approx([53.24, 80.09, 67.2], abs=0.1)
    assert distance("#d00000", "#708000", "protanopia") < distance("#d00000", "#708000") / 2


@cache
def figures(notebook: str) -> dict[str, Figure]:
    """The charts of a notebook with their words around them, once for all tests of a process."""
    found = {chart.name: chart.dressed() for chart in run(notebook).charts}
    for fig in found.values():
        fig.draw_without_rendering()
    return found


def words_at(fig: Figure, place: str) -> list[Text]:
    return [text for text in fig.texts if (text.get_gid() or "").startswith(place)]


def texts(fig: Figure) -> list[Text]:
    return [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]


def told(notebook, faults):
    """What is wrong by chart of a notebook with its default parameters; nothing where nothing is."""
    found = {name: faults(fig) for name, fig in figures(notebook).items()}
    return {name: wrong for name, wrong in found.items() if wrong}


def too_small(fig):
    """Words that cannot be read at 640 pixels."""
    pixels = SHOWN / style.WIDTH / 72  # CSS pixels a point
    return sorted({(text.get_size(), text.get_text()) for text in texts(fig) if text.get_size() * pixels < SMALLEST})


def turned(fig):
    """Words that are not horizontal."""
    return [text.get_text() for text in texts(fig) if text.get_rotation() % 360]


def ill_placed(fig):
    """Where the title does not stand at the top over a measure, and source and credit not at the foot."""
    lines, wide, high = words_at(fig, "source"), fig.get_figwidth(), fig.get_figheight()
    said = " ".join(line.get_text() for line in lines)
    (x, top), (left, foot) = words_at(fig, "title-0")[0].get_position(), lines[-1].get_position()
    inches = [round(one, 3) for one in (x * wide, (1 - top) * high, left * wide, foot * high)]
    right = said.startswith("Source: ") and said.endswith((CREDIT, f"{MARKED[1:]}.")) and bool(words_at(fig, "measure"))
    return [] if right and inches == [style.MARGIN, 0.12, style.MARGIN, 0.275] else [said, inches]


@cache
def side_by_side(fig: Figure) -> list[tuple[str, str]]:
    """Pairs of colours in one axes that nothing else tells apart: no dash, marker, edge or words of their own."""
    pairs = [
        pair for ax in fig.axes if ax.get_visible() for pair in itertools.combinations(dict.fromkeys(marks(ax)), 2)
    ]
    return sorted({tuple(sorted((a, b))) for (a, cue), (b, other) in pairs if a != b and cue == other})


def marks(ax: Axes) -> list[tuple[str, str]]:
    """What is drawn in an axes: the colour of each mark, and its second cue."""
    found = []
    for line in (line for line in ax.lines if len(line.get_xdata())):
        face, edge = line.get_markerfacecolor(), line.get_markeredgecolor()
        bare = line.get_linestyle() == "None"  # its colour is then that of the marker, or of a hollow one's rim
        colour = (edge if to_hex(face) == "#ffffff" else face) if bare else line.get_color()
        cue = f"{line._dash_pattern} {line.get_marker()} {to_hex(face) == '#ffffff'}"
        found.append((to_hex(colour), f"dots {cue}" if bare else f"line {cue}"))
    renderer = ax.figure.canvas.get_renderer()
    words = [(text.get_text(), text.get_window_extent(renderer)) for text in ax.texts]
    for patch in (patch for patch in ax.patches if patch.get_facecolor()[3] == 1):
        edge = to_hex(patch.get_edgecolor()) if patch.get_edgecolor()[3] and patch.get_linewidth() else "none"
        found.append((to_hex(patch.get_facecolor()), f"patch {edge} {own_words(patch, words)}"))
    for dots in (c for c in ax.collections if isinstance(c, PathCollection)):
        found += [(to_hex(face), f"dots {len(dots.get_paths()[0].vertices)}") for face in dots.get_facecolors()]
    return found


def own_words(patch, words) -> str:
    """The words that stand on a bar or cell: a cue that needs no colour."""
    room = patch.get_window_extent()
    return " ".join(t for t, box in words if room.contains((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2))


def alike_in_grey(fig):
    """Colours side by side that do not differ in grey and have no second cue."""
    return [pair for pair in side_by_side(fig) if lighter(*pair) < LIGHTER]


def alike_to_the_colour_blind(fig):
    """The same for eyes that lack a cone."""
    blind = [eyes for eyes in EYES if eyes != "usual"]
    return [(eyes, *pair) for eyes in blind for pair in side_by_side(fig) if distance(*pair, eyes) < APART]


@pytest.mark.parametrize("notebook", NAMES)
@pytest.mark.parametrize("fault", [too_small, turned, ill_placed, alike_in_grey, alike_to_the_colour_blind])
def test_no_chart_has_a_fault(notebook, fault):
    assert told(notebook, fault) == {}


def test_two_colours_of_one_lightness_and_one_cue_are_found():
    fig, (ax,) = style.blank(1)
    ax.plot([0, 1], [0, 1], color="#12436D")
    ax.plot([0, 1], [1, 0], color="#801650")
    ax.plot([0, 1], [2, 0], color="#3D3D3D", linestyle="--")
    FigureCanvasAgg(fig)

    (pair,) = side_by_side(fig)

    assert pair == ("#12436d", "#801650")
    assert lighter(*pair) < LIGHTER


@pytest.mark.parametrize("eyes", EYES)
def test_the_colours_of_authorities_and_of_grades_in_force_differ_for_all_eyes(eyes):
    sets = [style.colours(NAMED[:number]).values() for number in (2, 3, 4)]
    sets.append([colour for grade, colour in style.GRADES.items() if grade != "adequate"])

    for given in sets:
        assert min(distance(a, b, eyes) for a, b in itertools.combinations(given, 2)) > APART


def test_two_authorities_and_the_grades_differ_in_grey():
    grades = [style.GRADES[grade] for grade in ("outstanding", "good", "requires_improvement", "inadequate")]

    assert lighter(*style.colours(NAMED[:2]).values()) > 3 * LIGHTER
    assert min(lighter(a, b) for a, b in itertools.combinations(grades, 2)) > LIGHTER


@pytest.mark.parametrize("set_label", ["set_ylabel", "set_xlabel"])
def test_a_label_without_end_leaves_room_for_the_drawing(set_label):
    fig, (ax,) = style.blank(2)
    getattr(ax, set_label)("x" * 5000, rotation=0 if set_label == "set_ylabel" else 90)

    style.dress(fig, "Title", "Measure", "Source")

    inside = ax.get_position()
    assert inside.width >= 0.2 and inside.height * fig.get_figheight() > 1 and fig.get_figheight() < 20
