"""A map of England on which each authority is as large as its population, coloured by grade, the chosen named."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from childrens_services.telling import house, style
from childrens_services.telling.drawings.grades import EDGES, LABELS
from childrens_services.telling.style import GRADES, INK

__all__ = ["draw"]
ACROSS = 3**0.5  # a step across the grid of the table `cartogram` is as long as so many steps up
HIGHEST = 6.4  # inches
_PAD = 6  # steps up, from the map to a name
_CASING = [withStroke(linewidth=4, foreground="white")]
_CHOSEN = {"edgecolor": INK, "linewidth": 1.8, "zorder": 3, "path_effects": _CASING}
Shapes = Mapping[str, list[np.ndarray]]


def draw(rows: pd.DataFrame, outlines: pd.DataFrame) -> Figure:
    """Return the map of `rows`: one row an authority with `la_code_ons, name, grade` and `is_chosen`.

    `outlines` is the table `cartogram`; an authority without an outline is not drawn. The chosen have a heavy outline,
    and their name beside the map.
    """
    fig, (ax,) = style.blank(HIGHEST)
    rows = rows.merge(outlines[["area_code", "outline"]], left_on="la_code_ons", right_on="area_code", validate="1:1")
    shapes = {row.name: _rings(row.outline) for row in rows.itertuples()}
    for row in rows.itertuples():
        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in shapes[row.name]))
        look = _CHOSEN if row.is_chosen else {"edgecolor": EDGES[row.grade], "linewidth": 0.5}
        ax.add_artist(PathPatch(path, facecolor=GRADES[row.grade], **look))
    names = _beside(rows.loc[rows["is_chosen"], "name"], shapes, fig)
    for row in names.itertuples():
        line = {"arrowstyle": "-", "color": INK, "lw": 0.9, "shrinkA": 1, "shrinkB": 0, "relpos": (row.is_west, 0.5)}
        words = {"ha": "right" if row.is_west else "left", "va": "center", "color": INK, "linespacing": 1}
        ax.annotate(row.text, row.corner, (row.x, row.y), arrowprops=line, **words, **_font())
    _fit(ax, names, _corners(shapes))
    return house.patch_key(fig, {LABELS[grade]: GRADES[grade] for grade in GRADES if (rows["grade"] == grade).any()})


def _font() -> dict[str, Any]:
    return {"size": 10.5 if style.is_wide() else 9.5, "weight": "bold"}


def _rings(outline: str) -> list[np.ndarray]:
    """Return the corners of well-known text, ring by ring, in steps up."""
    rings = re.findall(r"\(([^()]+)\)", outline)
    return [np.array(ring.replace(",", " ").split(), dtype=float).reshape(-1, 2) * (ACROSS, 1) for ring in rings]


def _corners(shapes: Shapes) -> np.ndarray:
    return np.concatenate([rings[0] for rings in shapes.values()])


def _beside(names: pd.Series, shapes: Shapes, fig: Figure) -> pd.DataFrame:
    """Return where names stand: beside the map at the height of their shapes, on the nearer side.

    One row a name: `text, is_west, x, y, inches` (its width) and `corner`, where the line from it ends.
    """
    if names.empty:
        return pd.DataFrame({"is_west": pd.Series(dtype=bool), "x": [], "inches": []})
    every = _corners(shapes)
    middles = [(shapes[name][0].min(axis=0) + shapes[name][0].max(axis=0)) / 2 for name in names]
    found = pd.DataFrame({"name": names.array, "is_west": [x < every[:, 0].mean() for x, _ in middles]})
    found["text"] = [style.fold(fig, name, 1.5 if style.is_wide() else 0.9, **_font()) for name in names]
    found["y"] = [y for _, y in middles]
    found = found.sort_values(["is_west", "y", "name"], ignore_index=True)
    high = (20 if style.is_wide() else 30) * (found["text"].str.count("\n").max() + 1)  # steps up that a name needs
    found["y"] = found.groupby("is_west")["y"].transform(lambda ys: style.spread(ys.tolist(), high))
    near = [every[np.abs(every[:, 1] - y) <= high, 0] for y in found["y"]]
    found["x"] = [xs.min() - _PAD if west else xs.max() + _PAD for xs, west in zip(near, found["is_west"], strict=True)]
    widths = [[style.text_width(fig, line, **_font()) for line in text.split("\n")] for text in found["text"]]
    found["inches"] = [max(lines) for lines in widths]
    found["corner"] = [_nearest(shapes[row.name][0], (row.x, row.y)) for row in found.itertuples(index=False)]
    return found


def _nearest(corners: np.ndarray, place: tuple[float, float]) -> tuple[float, float]:
    return tuple(corners[np.hypot(*(corners - place).T).argmin()])


def _fit(ax: Axes, names: pd.DataFrame, corners: np.ndarray) -> None:
    """Make the map as large as it can be with the names beside it, and the figure as high as the map."""
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    wide = ax.figure.get_figwidth() - 2 * style.MARGIN
    left = [(west, 0.0), *names.loc[names["is_west"], ["x", "inches"]].itertuples(index=False, name=None)]
    right = [(east, 0.0), *names.loc[~names["is_west"], ["x", "inches"]].itertuples(index=False, name=None)]
    scales = [(wide - a - b) / (x1 - x0) for x0, a in left for x1, b in right]  # inches a step
    scale = min(*scales, HIGHEST / (north - south + 2 * _PAD))
    first, last = min(x - inches / scale for x, inches in left), max(x + inches / scale for x, inches in right)
    aside = (wide / scale - (last - first)) / 2
    ax.set(xlim=(first - aside, last + aside), ylim=(south - _PAD, north + _PAD))
    ax.figure.set_figheight((north - south + 2 * _PAD) * scale)
    ax.set_axis_off()
