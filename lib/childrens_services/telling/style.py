"""The house style of charts: palette, blank figures, and the words around the drawing.

A drawing is 8 inches wide, or 4.4 when it is drawn for phones (`narrow`). `dress` puts the title above, the measure
below it and the source at the foot, and makes room for them. Navy and orange mean the first two places and nothing
else; a comparison group has its place's colour, dashed; England is dark and dotted. Nothing is written here.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import font_source_sans_pro
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

__all__ = [
    "Look",
    "blank",
    "colours",
    "columns",
    "dress",
    "fold",
    "is_wide",
    "key",
    "look",
    "narrow",
    "spread",
    "text_width",
    "width",
]

WIDTH, NARROW = 8.0, 4.4  # inches
MARGIN = 0.16  # inches
MOST_LABELS = 0.7  # of the width; the rest is for the drawing
INK, GREY, FAINT = "#262626", "#6b6b6b", "#d9d9d9"
# Navy, orange, teal and plum of the Government Analysis Function's categorical palette, in the order of the chosen.
PLACES = ("#12436D", "#F46A25", "#28A197", "#801650")
ENGLAND = "England"
# Darker is worse, so that the order survives grey print; nothing else is violet.
GRADES = {
    "outstanding": "#DCD2EE",
    "good": "#B39FD6",
    "requires_improvement": "#7A60B4",
    "inadequate": "#33206A",
    "adequate": "#8F8F8F",
    "not_inspected": "#FFFFFF",
}
for _name in ("SourceSansPro", "SourceSansProBold", "SourceSansProSemibold"):
    font_manager.fontManager.addfont(font_source_sans_pro.font_files_ttf[_name])
# For the whole process, so that words added to a figure later are in the same face; a person's own matplotlibrc is left
# aside, because it would be published.
plt.rcdefaults()
plt.style.use(["afcharts.afcharts", "childrens_services.telling.house"])

_widths = [WIDTH]


def width() -> float:
    """Return the width of figures in inches: 8, or 4.4 within `narrow`."""
    return _widths[-1]


def is_wide() -> bool:
    """Return whether figures are drawn for screens and paper, and not for phones."""
    return width() == WIDTH


@contextmanager
def narrow() -> Iterator[None]:
    """Draw for phones: figures begun within are 4.4 inches wide."""
    _widths.append(NARROW)
    try:
        yield
    finally:
        _widths.pop()


def columns(most: int) -> int:
    """Return how many panels stand side by side: `most`, or one on a phone."""
    return most if is_wide() else 1


class Look(NamedTuple):
    """How each name is drawn: its colour and its dashes, in drawing order."""

    palette: dict[str, str]
    dashes: dict[str, Any]

    @property
    def order(self) -> list[str]:
        """The names in drawing order."""
        return list(self.palette)

    def of(self, rows: pd.DataFrame) -> "Look":
        """Return the look of the names that rows have, for a key that names nobody who is not drawn."""
        drawn = set(rows["name"])
        return Look(*({name: how for name, how in part.items() if name in drawn} for part in self))

    @property
    def lines(self) -> dict[str, Any]:
        """The arguments for `sns.lineplot` that draw each name in its colour and dashes, and leave a gap a gap.

        The rows need `name` and `stretch`, a number that grows at each gap: see `Asked.beside`.
        """
        look = {"hue": "name", "palette": self.palette, "hue_order": self.order}
        look |= {"style": "name", "dashes": self.dashes, "style_order": self.order}
        return look | {"units": "stretch", "estimator": None, "marker": "o", "ms": 4, "mew": 0, "legend": False}


def look(names: Sequence[str], groups: Mapping[str, str] | None = None) -> Look:
    """Return the look of the chosen, of their comparison groups (label by name) and of England.

    `look(["Leeds", "Bradford"], {"Leeds": "Leeds's neighbours"})` draws Leeds and its neighbours in navy, the second
    dashed, and Bradford in orange.
    """
    own = dict(zip(names, PLACES, strict=False))
    theirs = {label: own[name] for name, label in (groups or {}).items()}
    solid, dashed = dict.fromkeys(own, ""), dict.fromkeys(theirs, (4, 2))
    return Look(own | theirs | {ENGLAND: INK}, solid | dashed | {ENGLAND: (1, 1.5)})


def colours(names: Sequence[str]) -> dict[str, str]:
    """Return the colour of each chosen authority."""
    return dict(zip(names, PLACES, strict=False))


def blank(height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    """Return a figure with a body of `height` inches in the house style, and its axes row by row."""
    fig, axes = plt.subplots(rows, columns, figsize=(width(), height), squeeze=False, **options)
    return fig, list(axes.ravel())


def dress(fig: Figure, title: str, measure: str, source: str) -> float:
    """Put the title above, what and where and when below it, the key under these, the source at the foot.

    The figure grows by what the words need, so that no chart has its words cut or its body squeezed. Returns the inches
    that title and measure take at the top.
    """
    body = fig.get_figheight()
    # Else every tick is laid out to find the place of an axis's label, even of an empty one.
    for axis in [axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis) if not axis.get_label_text()]:
        axis.set_label_coords(0, 0)
    heading, sub, foot = (
        _fill(fig, *words) for words in ((title, 15, "bold"), (measure, 11.5, "normal"), (source, 8.5, "normal"))
    )
    words = 0.26 * len(heading) + 0.20 * len(sub) + 0.22
    tail = 0.155 * len(foot) + 0.16
    _fit(fig, body, words + _key_height(fig), tail)
    height = fig.get_figheight()
    _write(fig, heading, height - 0.12, 0.26, gid="title", size=15, weight="bold", color=INK)
    _write(fig, sub, height - 0.16 - 0.26 * len(heading), 0.20, gid="measure", size=11.5, color="#404040")
    _write(fig, foot, tail - 0.04, 0.155, gid="source", size=8.5, color=GREY)
    left = MARGIN / fig.get_figwidth()
    for legend in fig.legends:
        legend.set_bbox_to_anchor((left, (height - words) / height), transform=fig.transFigure)
    return words


def _key_height(fig: Figure) -> float:
    """Return the inches that the keys need."""
    renderer = fig.canvas.get_renderer()
    return sum(legend.get_window_extent(renderer).height / fig.dpi + 0.08 for legend in fig.legends)


def _fit(fig: Figure, body: float, head: float, tail: float) -> None:
    """Place the axes so that labels lie inside the figure and the body keeps its height; twice, as labels move.

    Labels without end are cut by the edge of the figure rather than leave no room for the drawing.
    """
    wide = fig.get_figwidth()
    for _ in range(2):
        left, right, top, bottom = _overhang(fig)
        excess = max(1, (left + right) / (MOST_LABELS * (wide - 2 * MARGIN)))
        left, right = left / excess, right / excess
        top, bottom = (min(inches, MOST_LABELS * wide) for inches in (top, bottom))
        height = body + head + tail + top + bottom
        fig.set_figheight(height)
        fig.subplots_adjust(
            left=(MARGIN + left) / wide,
            right=1 - (MARGIN + right) / wide,
            bottom=(tail + bottom) / height,
            top=1 - (head + top) / height,
        )


def _overhang(fig: Figure) -> tuple[float, ...]:
    """Return how far labels reach beyond the grid of axes: left, right, top, bottom, in inches."""
    renderer = _renderer(fig.dpi)
    axes = [ax for ax in fig.axes if ax.get_visible()]
    tight = [ax.get_tightbbox(renderer) for ax in axes]
    inner = [ax.get_window_extent(renderer) for ax in axes]
    reach = (
        min(b.x0 for b in inner) - min(b.x0 for b in tight),
        max(b.x1 for b in tight) - max(b.x1 for b in inner),
        max(b.y1 for b in tight) - max(b.y1 for b in inner),
        min(b.y0 for b in inner) - min(b.y0 for b in tight),
    )
    return tuple(max(pixels, 0) / fig.dpi for pixels in reach)


def _write(fig: Figure, lines: Sequence[str], top: float, step: float, gid: str, **font: Any) -> None:
    for i, line in enumerate(lines):
        at = MARGIN / fig.get_figwidth(), (top - i * step) / fig.get_figheight()
        fig.text(*at, line, va="top", ha="left", parse_math=False, gid=f"{gid}-{i}", **font)


def _fill(fig: Figure, text: str, size: float, weight: str) -> list[str]:
    return fold(fig, text, fig.get_figwidth() - 2 * MARGIN, size, weight).split("\n")


def fold(fig: Figure, text: str, inches: float, size: float = 11, weight: str = "normal") -> str:
    """Return words broken into lines no wider than so many inches, measured in the house font."""
    words, lines = text.split(), []
    while words:
        begun = list(accumulate(words, "{} {}".format))
        fits = bisect_right(begun, inches, lo=1, key=lambda line: text_width(fig, line, size, weight))
        lines.append(begun[fits - 1])
        words = words[fits:]
    return "\n".join(lines)


def text_width(fig: Figure, text: str, size: float = 11, weight: str = "normal") -> float:
    """Return the width of a line of text in the house font, in inches."""
    return _text_width(fig.dpi, text, size, weight)


@lru_cache
def _renderer(dpi: float) -> RendererAgg:
    """Return one renderer to measure with: matplotlib remembers the size of a text for each renderer anew."""
    return RendererAgg(1, 1, dpi)


@lru_cache(maxsize=10_000)
def _text_width(dpi: float, text: str, size: float, weight: str) -> float:
    font = font_manager.FontProperties(family="Source Sans Pro", size=size, weight=weight)
    return _renderer(dpi).get_text_width_height_descent(text, font, ismath=False)[0] / dpi


def key(fig: Figure, handles: Sequence[Artist], most: int = 3, **options: Any) -> None:
    """Put a key above the drawing, as the ONS asks of a key, in as many columns as fit the width, at most `most`."""
    room = fig.get_figwidth() - 2 * MARGIN
    options = {"fontsize": 10, "handlelength": 2.4, "columnspacing": 1.4} | options
    for ncols in range(min(most, len(handles)), 0, -1):
        placed = fig.legend(handles=handles, loc="upper left", ncols=ncols, borderaxespad=0, borderpad=0, **options)
        if ncols == 1 or placed.get_window_extent(fig.canvas.get_renderer()).width / fig.dpi <= room:
            return
        placed.remove()


def spread(values: Sequence[float], step: float) -> list[float]:
    """Return sorted values moved apart until neighbours are a step apart, each crowd about its own middle.

    `spread([1, 1, 5], 1)` is `[0.5, 1.5, 5.0]`; it places labels beside the ends of lines.
    """
    crowds: list[list[float]] = []
    for value in values:
        crowds.append([float(value)])
        while len(crowds) > 1 and _placed(crowds[-1], step)[0] - _placed(crowds[-2], step)[-1] < step:
            crowds[-2:] = [crowds[-2] + crowds[-1]]
    return [at for crowd in crowds for at in _placed(crowd, step)]


def _placed(crowd: Sequence[float], step: float) -> list[float]:
    middle = sum(crowd) / len(crowd)
    return [middle + step * (i - (len(crowd) - 1) / 2) for i in range(len(crowd))]
