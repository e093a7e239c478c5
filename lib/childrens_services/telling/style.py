"""The house style of charts: palette, blank figures, and the words around the drawing.

The kinds of chart stand in `inspection_charts` and `money_charts`: frame in, figure out. `dress` puts the finding
above, the measure below it and the source at the foot. Every chart is 8 inches wide (1,600 pixels) with direct labels
and horizontal text. Two authorities take the duo palette, more take the categorical one, a comparison group is grey,
England is dark and dashed. Nothing is written here.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any, NamedTuple
from unittest.mock import patch

import font_source_sans_pro
import matplotlib.pyplot as plt
from afcharts.af_colours import get_af_colours
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_pdf import RendererPdf
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.gridspec import GridSpec

WIDTH = 8.0
MARGIN = 0.16  # inches
_MANY_ROWS = 5  # of two panels; so many and more would be a strip in a wide picture
_FOUR_WIDE = 11.6  # inches that four panels need side by side
INK, GREY, FAINT = "#262626", "#6b6b6b", "#d9d9d9"
for _name in ("SourceSansPro", "SourceSansProBold", "SourceSansProSemibold"):
    font_manager.fontManager.addfont(font_source_sans_pro.font_files_ttf[_name])
# For the whole process, so that words added to a figure later are in the same face.
plt.style.use(["afcharts.afcharts", "childrens_services.telling.house"])


class Edges(NamedTuple):
    """The inches that the words of a dressed figure take at its top and at its foot; the drawing lies between."""

    head: float
    foot: float


def colours(names: Sequence[str]) -> dict[str, str]:
    """Give each chosen authority its colour: the duo palette for two, the categorical one for more."""
    palette = get_af_colours("duo") if len(names) <= 2 else get_af_colours("categorical")
    return dict(zip(names, palette, strict=False))


def blank(height: float, rows: int = 1, columns: int = 1, **options) -> tuple[Figure, list[Axes]]:
    """Start a figure with a body of `height` inches in the house style; axes row by row."""
    fig, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False, **options)
    return fig, list(axes.ravel())


def dress(fig: Figure, finding: str, subtitle: str, source: str) -> Edges:
    """Put the finding above as title, what and where and when below it, the key under these, the source at the foot.

    The figure grows by what the words need, so that no chart has its words cut or its body squeezed. Gives the inches
    that title and subtitle take at the top, and the source at the foot.
    """
    body = fig.get_figheight()
    title, sub, foot = (_wrap(fig, *words) for words in ((finding, 15, "bold"), (subtitle, 11.5, "normal"),
                                                         (source, 8.5, "normal")))  # fmt: skip
    words = 0.26 * len(title) + 0.20 * len(sub) + 0.22
    head, tail = words + _key_height(fig), 0.155 * len(foot) + 0.16
    _fit(fig, body, head, tail)
    height = fig.get_figheight()
    _lines(fig, title, height - 0.12, 0.26, {"size": 15, "weight": "bold", "color": INK, "gid": "headline"})
    _lines(fig, sub, height - 0.16 - 0.26 * len(title), 0.20, {"size": 11.5, "color": "#404040", "gid": "headline-sub"})
    _lines(fig, foot, tail - 0.04, 0.155, {"size": 8.5, "color": GREY, "gid": "source"})
    for key in fig.legends:
        key.set_bbox_to_anchor((MARGIN / WIDTH, (height - words) / height), transform=fig.transFigure)
    return Edges(words, tail)


def spread_panels(fig: Figure) -> bool:
    """Put the panels of a tall chart of many rows of two into rows of four, without words, for a wide picture.

    The figure is done with after that. Gives False, and leaves the figure as it is, where its panels are not many.
    """
    grid, panels = fig.axes[0].get_gridspec(), [ax for ax in fig.axes if ax.get_visible()]
    if grid is None or grid.ncols != 2 or grid.nrows < _MANY_ROWS:
        return False
    for text in list(fig.texts):
        text.remove()
    rows = -(-len(panels) // 4)
    fig.set_size_inches(_FOUR_WIDE, fig.get_figheight())
    wide = GridSpec(rows, 4, figure=fig, hspace=0.42, wspace=0.24)
    for i, ax in enumerate(panels):
        ax.set_subplotspec(wide[i])
        ax.tick_params(labelbottom=i + 4 >= len(panels))
    _fit(fig, 1.72 * rows + 0.35, _key_height(fig) + 0.1, 0.1)
    for key in fig.legends:
        key.set_bbox_to_anchor((MARGIN / _FOUR_WIDE, 1 - 0.05 / fig.get_figheight()), transform=fig.transFigure)
    return True


def _key_height(fig: Figure) -> float:
    """Give the inches that the keys need."""
    renderer = fig.canvas.get_renderer()
    return sum(key.get_window_extent(renderer).height / fig.dpi + 0.08 for key in fig.legends)


def _fit(fig: Figure, body: float, head: float, tail: float) -> None:
    """Place the axes so that labels lie inside the figure and the body keeps its height; twice, as labels move."""
    width = fig.get_figwidth()
    for _ in range(2):
        left, right, top, bottom = _overhang(fig)
        height = body + head + tail + top + bottom
        fig.set_figheight(height)
        fig.subplots_adjust(
            left=(MARGIN + left) / width, right=1 - (MARGIN + right) / width,
            bottom=(tail + bottom) / height, top=1 - (head + top) / height,
        )  # fmt: skip


def _overhang(fig: Figure) -> tuple[float, float, float, float]:
    """Measure how far labels reach beyond the grid of axes: left, right, top, bottom, in inches."""
    renderer = fig.canvas.get_renderer()
    axes = [ax for ax in fig.axes if ax.get_visible()]
    tight = [ax.get_tightbbox(renderer) for ax in axes]
    inner = [ax.get_window_extent(renderer) for ax in axes]
    reach = (
        min(b.x0 for b in inner) - min(b.x0 for b in tight), max(b.x1 for b in tight) - max(b.x1 for b in inner),
        max(b.y1 for b in tight) - max(b.y1 for b in inner), min(b.y0 for b in inner) - min(b.y0 for b in tight),
    )  # fmt: skip
    return tuple(max(pixels, 0) / fig.dpi for pixels in reach)


def _lines(fig: Figure, lines: Sequence[str], top: float, step: float, style: Mapping) -> None:
    for i, line in enumerate(lines):
        own = {**style, "gid": f"{style['gid']}-{i}"}
        fig.text(MARGIN / WIDTH, (top - i * step) / fig.get_figheight(), line, va="top", ha="left", **own)


def _wrap(fig: Figure, text: str, size: float, weight: str) -> list[str]:
    return fold(fig, text, WIDTH - 2 * MARGIN, size, weight).split("\n")


def fold(fig: Figure, text: str, inches: float, size: float = 11, weight: str = "normal") -> str:
    """Break words into lines no wider than so many inches, measured in the font and not guessed from letters."""
    words, lines = text.split(), []
    while words:
        begun = list(accumulate(words, "{} {}".format))
        fits = bisect_right(begun, inches, lo=1, key=lambda line: text_width(fig, line, size, weight))
        lines.append(begun[fits - 1])
        words = words[fits:]
    return "\n".join(lines)


def text_width(fig: Figure, text: str, size: float = 11, weight: str = "normal") -> float:
    """Measure a line of text in the house font, in inches."""
    return _text_width(fig.dpi, text, size, weight)


@lru_cache(maxsize=10_000)
def _text_width(dpi: float, text: str, size: float, weight: str) -> float:
    font = font_manager.FontProperties(family="Source Sans Pro", size=size, weight=weight)
    return RendererAgg(1, 1, dpi).get_text_width_height_descent(text, font, ismath=False)[0] / dpi


@contextmanager
def measured_once() -> Iterator[None]:
    """Let canvases of one kind share the measures of lines of text: each would measure all of them anew."""
    with ExitStack() as changed:
        for kind in (RendererAgg, RendererPdf, RendererSVG):
            measure = _remembered(kind.get_text_width_height_descent)
            changed.enter_context(patch.object(kind, "get_text_width_height_descent", measure))
        yield


@cache
def _remembered(measure: Callable) -> Callable:
    known: dict[tuple, tuple[float, float, float]] = {}

    def remember(self: Any, text: str, font: FontProperties, ismath: bool) -> tuple[float, float, float]:
        dpi = getattr(self, "dpi", 72)
        if (found := known.get((dpi, text, font, ismath))) is None:
            found = known[dpi, text, font.copy(), ismath] = measure(self, text, font, ismath)
        return found

    return remember


def key(fig: Figure, handles: Sequence[Artist], columns: int, **options) -> None:
    """Put a key above the chart, as the ONS asks of a key, in as many columns as fit the figure's width."""
    for ncols in range(min(columns, len(handles)), 0, -1):
        placed = fig.legend(handles=handles, loc="upper left", ncols=ncols, borderaxespad=0, borderpad=0, **options)
        if ncols == 1 or placed.get_window_extent(fig.canvas.get_renderer()).width / fig.dpi <= WIDTH - 2 * MARGIN:
            return
        placed.remove()


def spread(values: Sequence[float], step: float) -> list[float]:
    """Move sorted values apart until neighbours are a step apart, each crowd about its own middle.

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
