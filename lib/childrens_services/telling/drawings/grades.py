"""Grades as coloured words, a table of them, and how many authorities hold each over time."""

from collections.abc import Sequence

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from childrens_services.telling import style
from childrens_services.telling.style import GRADES, GREY, INK

__all__ = ["EDGES", "LABELS", "bands", "table"]
LABELS = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires_improvement": "Requires improvement",
    "inadequate": "Inadequate",
    "adequate": "Adequate",
    "not_inspected": "No grade",
}
# The light grades do not stand out from white paper by themselves (less than 3:1), so an outline does.
_LIGHT = ("outstanding", "good", "not_inspected")
EDGES = {grade: GREY if grade in _LIGHT else "white" for grade in GRADES}
_BANDS = ["not_inspected", "inadequate", "requires_improvement", "good", "outstanding"]  # from the foot
_CELL, _NAME, _GAP = 0.42, 0.24, 0.95  # inches: a cell, the name of its area above it on a phone, between two owners


def _ink(grade: str) -> str:
    return INK if grade in (*_LIGHT, "adequate") else "white"


def table(cells: pd.DataFrame, breaks: pd.DataFrame, areas: Sequence[str]) -> Figure:
    """Return grades as a table of coloured words: inspections across, judgement areas down, in the order of `areas`.

    `cells` needs `name, column` (0 for the first inspection), `column_label, area, grade`; `breaks` has `name, column`:
    a dashed line stands left of that column, where grades must not be read across. On a phone the name of an area
    stands above its cells.
    """
    parts = [(name, mine, [area for area in areas if (mine["area"] == area).any()]) for name, mine in _each(cells)]
    step = _CELL + (0 if style.is_wide() else _NAME)
    heights = [step * len(rows) for _, _, rows in parts]
    body, gap = sum(heights) + _GAP * (len(parts) - 1), _GAP * len(parts) / sum(heights)
    fig, axes = style.blank(body, len(parts), gridspec_kw={"height_ratios": heights, "hspace": gap})
    across = max(cells.groupby("name")["column"].nunique().max(), 3)
    for ax, (name, mine, rows) in zip(axes, parts, strict=True):
        for cell in mine.itertuples():
            _draw_cell(ax, cell.column, -step * rows.index(cell.area), cell.grade)
        for at in breaks.loc[breaks["name"] == name, "column"]:
            ax.axvline(at - 0.5, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        _name_areas(ax, rows, step)
        _frame(ax, mine.drop_duplicates("column"), name, across, (-step * (len(rows) - 0.5), step / 2))
    return fig


def _each(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(name, rows[rows["name"] == name]) for name in rows["name"].unique()]


def _draw_cell(ax: Axes, x: float, y: float, grade: str) -> None:
    middle = y - (0 if style.is_wide() else _NAME / 2)
    size = {"facecolor": GRADES[grade], "edgecolor": EDGES[grade], "linewidth": 0.8}
    ax.add_patch(Rectangle((x - 0.49, middle - 0.19), 0.98, 0.38, **size))
    word = LABELS[grade].replace("Requires improvement", "Requires\nimprovement")
    ax.text(x, middle, word, ha="center", va="center", size=9, linespacing=0.9, color=_ink(grade))


def _name_areas(ax: Axes, rows: Sequence[str], step: float) -> None:
    """Name the areas left of their cells, or above them on a phone."""
    ax.set_yticks([])
    if style.is_wide():
        fold = [style.fold(ax.figure, row, 2.3) for row in rows]
        ax.set_yticks([-step * i for i in range(len(rows))], fold)
        return
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # over the dashed lines
    for i, row in enumerate(rows):
        ax.annotate(
            row, (0, 0.09 - step * i), xycoords=("axes fraction", "data"), va="bottom", size=10, bbox=paper, color=INK
        )


def _frame(ax: Axes, columns: pd.DataFrame, name: str, across: int, limits: tuple[float, float]) -> None:
    ax.set_xticks(columns["column"].astype(float), columns["column_label"])
    ax.set(xlim=(-0.5, across - 0.5), ylim=limits)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.set_title(name, loc="left", weight="bold", size=12, color=INK)


def bands(shares: pd.DataFrame, own: pd.DataFrame) -> Figure:
    """Return the number of authorities by grade over time, best at the top, with the grade of each of `own` below.

    `shares` as `timeline.grade_shares` gives it; `own` needs `name, day, grade`, one row an authority and day.
    """
    parts = _each(own)
    strip = 0.45 if style.is_wide() else 0.62  # inches; on a phone the name stands above
    heights = {"height_ratios": [3.2, *[strip] * len(parts)], "hspace": 0.18 if style.is_wide() else 0.5}
    fig, (ax, *strips) = style.blank(3.5 + strip * len(parts), 1 + len(parts), sharex=True, gridspec_kw=heights)
    wide = shares.pivot(index="day", columns="grade", values="authorities")[_BANDS]
    tops = wide.cumsum(axis="columns")
    for grade in _BANDS:
        foot = tops[grade] - wide[grade]
        ax.fill_between(wide.index, foot, tops[grade], color=GRADES[grade], step="post", linewidth=0)
        ax.plot(wide.index, tops[grade], color="white", linewidth=1.2, drawstyle="steps-post")
    ax.set(xlim=(wide.index[0], wide.index[-1]), ylim=(0, tops.max(axis=None)))
    ax.spines[:].set(visible=True, color=GREY, linewidth=0.8)
    ax.set_title("Number of councils", loc="left", size=10.5, color=GREY, pad=4)
    _name_bands(ax, wide)
    for strip, (name, mine) in zip(strips, parts, strict=True):
        _draw_strip(strip, mine.sort_values(["day", "grade"]), name)
    for above in strips[:-1]:
        above.tick_params(length=0)
        above.spines["bottom"].set_visible(False)
    locator = mdates.AutoDateLocator(minticks=2, maxticks=9 if style.is_wide() else 4)
    fig.axes[-1].xaxis.set_major_locator(locator)
    fig.axes[-1].xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, show_offset=False))
    return fig


def _name_bands(ax: Axes, wide: pd.DataFrame) -> None:
    """Name each band at its end; those not yet inspected have mostly gone by then, so they are named at the start."""
    words = {"va": "center", "size": 10.5, "color": INK, "annotation_clip": False, "textcoords": "offset points"}
    if wide["not_inspected"].iloc[0] > 25:
        ax.annotate("No grade\nyet", (wide.index[0], wide["not_inspected"].iloc[0] / 6), xytext=(8, 0), **words)
    last, room = wide.iloc[-1], 2.0 if style.is_wide() else 1.1
    middle = (last.cumsum() - last / 2)[(last > 0) & (last.index != "not_inspected")]
    apart = ax.get_ylim()[1] * (0.06 if style.is_wide() else 0.12)
    for (grade, _), at in zip(middle.items(), style.spread(middle, apart), strict=True):
        label = style.fold(ax.figure, f"{LABELS[grade]}: {last[grade]}", room, 10.5)
        ax.annotate(label, (wide.index[-1], at), xytext=(6, 0), **words)


def _draw_strip(ax: Axes, mine: pd.DataFrame, name: str) -> None:
    """Draw one authority's grade over time as a strip, named where the word fits."""
    runs = mine.groupby((mine["grade"] != mine["grade"].shift()).cumsum())
    found = pd.DataFrame({"begun": runs["day"].first(), "grade": runs["grade"].first()})
    found["until"] = found["begun"].shift(-1).fillna(mine["day"].max())
    ax.set_yticks([])
    if style.is_wide():
        ax.set_ylabel(style.fold(ax.figure, name, 1.7), rotation=0, ha="right", va="center", labelpad=6)
    else:
        ax.set_title(name, loc="left", size=10.5, pad=3, color=INK)
    ax.grid(visible=False)
    first, last = ax.get_xlim()
    for run in found.itertuples():
        ax.axvspan(run.begun, run.until, facecolor=GRADES[run.grade], edgecolor=EDGES[run.grade], linewidth=0.8)
        inches = (
            (mdates.date2num(run.until) - mdates.date2num(run.begun))
            / (last - first)
            * (3.8 if style.is_wide() else 2.5)
        )
        if inches > style.text_width(ax.figure, LABELS[run.grade], 9.5) + 0.1:
            words = {"ha": "center", "va": "center", "size": 9.5, "color": _ink(run.grade)}
            middle = run.begun + (run.until - run.begun) / 2
            ax.text(middle, 0.5, LABELS[run.grade], transform=ax.get_xaxis_transform(), **words)
