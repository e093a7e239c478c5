"""Charts of how long things last: a survival curve, the next grade, waits between inspections, spending by grade.

Frame in, figure out; the words around the drawing are put on by `charts.dress`. A curve carries its confidence band, a
mark for every censored spell, and under each year the number of spells that were still followed then.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from childrens_services.answers.inspection_charts import GRADE_COLOURS, GRADE_EDGES, GRADE_LABELS
from childrens_services.rounding import half_up
from childrens_services.telling.style import FAINT, GREY, INK, blank, colours, fold, key, spread

NAVY, BAND = "#12436D", "#6BACE6"
DAYS_A_YEAR = 365.25
_NAME_INCHES = 1.9  # a name beside another one is folded to this width
GRADE_ORDER = ("outstanding", "good", "requires_improvement", "inadequate")


def survival_curve(curve: pd.DataFrame, marks: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Draw the share of spells that lasts longer than so many years, with its band and the chosen authorities on it.

    `curve` as `spells.survival` gives it; `marks` needs `name, days, lasting, note, state`, one row a spell of a chosen
    authority: filled where the grade still lasts, hollow where the spell was over.
    """
    fig, (ax,) = blank(3.6)
    years = curve["days"] / DAYS_A_YEAR
    ax.fill_between(years, curve["low"], curve["high"], step="post", color=BAND, alpha=0.35, linewidth=0)
    ax.step(years, curve["lasting"], where="post", color=NAVY, linewidth=2)
    cut = curve[curve["censored"] > 0]
    ax.plot(cut["days"] / DAYS_A_YEAR, cut["lasting"], "|", color=NAVY, markersize=9, markeredgewidth=1.2)
    ax.axhline(0.5, color=GREY, linewidth=1, linestyle=(0, (2, 2)))
    ax.set_ylim(0, 1.06)
    last = max(years.max(), 1)
    ax.set_xlim(0, last * 1.02)
    _name_the_band(ax, curve)
    _curve_axes(ax, curve, last)
    _curve_marks(ax, marks, colours(names))
    return fig


def _name_the_band(ax: Axes, curve: pd.DataFrame) -> None:
    """Say beside the lowest part of the curve what line, band and ticks are."""
    ax.annotate("Line: share lasting longer. Band: confidence interval.\nTick: a spell followed no further.", (0, 0),
                xytext=(8, 8), textcoords="offset points", size=10, color=INK, va="bottom")  # fmt: skip


def _curve_axes(ax: Axes, curve: pd.DataFrame, last: float) -> None:
    """Label years, with the number of spells still followed at each below it."""
    ticks = np.arange(0, int(last) + 1)
    followed = [int(curve.loc[curve["days"] >= year * DAYS_A_YEAR, "at_risk"].max()) for year in ticks]
    ax.set_xticks(ticks, [f"{year}\n{n}" for year, n in zip(ticks, followed, strict=True)])
    ax.set_xlabel("Years since the inadequate grade was published; below, spells still followed", size=10.5)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{half_up(value * 100)}%" if value <= 1 else ""))


def _curve_marks(ax: Axes, marks: pd.DataFrame, colour: Mapping[str, str]) -> None:
    """Mark the chosen authorities' spells; a single one is named beside its mark, several in a key."""
    handles = []
    for _, row in marks.sort_values("days", kind="stable").iterrows():
        fill = colour[row["name"]] if row["state"] == "lasting" else "white"
        style = {"marker": "o", "markersize": 9, "markerfacecolor": fill, "markeredgecolor": colour[row["name"]],
                 "markeredgewidth": 1.8, "linestyle": "none", "label": row["note"]}  # fmt: skip
        handles += ax.plot(row["days"] / DAYS_A_YEAR, row["lasting"], zorder=5, clip_on=False, **style)
    if len(marks) == 1 and marks["lasting"].iloc[0] > 0.5:
        row = marks.iloc[0]
        ax.annotate(
            row["note"], (row["days"] / DAYS_A_YEAR, row["lasting"]), xytext=(10, 12), textcoords="offset points",
            va="center", size=10.5, color=INK, zorder=6
        )  # fmt: skip
    elif handles:
        key(ax.figure, handles, 2, fontsize=10, handletextpad=0.3, columnspacing=1.4)


def next_grade_bars(counts: pd.DataFrame) -> Figure:
    """Draw how many inadequate grades were followed by which grade: `counts` needs `label, number, grade`, in order."""
    fig, (ax,) = blank(0.42 * len(counts) + 0.3)
    at = -np.arange(len(counts))
    fills = [GRADE_COLOURS.get(grade, "white") for grade in counts["grade"]]
    edges = [
        GREY if GRADE_EDGES.get(grade, GREY) != "white" else fill
        for grade, fill in zip(counts["grade"], fills, strict=True)
    ]
    ax.barh(at, counts["number"], color=fills, edgecolor=edges, linewidth=0.8, height=0.66)
    for y, value in zip(at, counts["number"], strict=True):
        ax.annotate(
            f"{value}", (value, y), xytext=(5, 0), textcoords="offset points", va="center", weight="bold", color=INK
        )
    ax.set_yticks(at, counts["label"])
    ax.set_xlim(0, max(counts["number"].max() * 1.1, 1))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return fig


def waits(rows: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Draw how long reports took and how far apart inspections were: all inspections as bars, the chosen's own as dots.

    `rows` as `spells.waits` gives them. A panel without a value is left out.
    """
    panels = [
        ("days_to_report", 1, 7, "Days from the first day of the inspection to publication"),
        ("days_since_last", DAYS_A_YEAR, DAYS_A_YEAR / 4, "Years from the inspection before, first day to first day"),
    ]  # fmt: skip
    panels = [panel for panel in panels if rows[panel[0]].notna().any()]
    fig, axes = blank(
        (1.55 + 0.3 * len(names)) * len(panels) + 0.35 * (len(panels) - 1),
        rows=len(panels),
        gridspec_kw={"hspace": 0.45},
    )
    for ax, (column, unit, width, title) in zip(axes, panels, strict=True):
        _histogram(ax, rows[column].dropna(), unit, width)
        _own_dots(ax, rows, column, unit, names)
        ax.set_title(title, loc="left", weight="bold", size=11, pad=6)
    return fig


def _histogram(ax: Axes, values: pd.Series, unit: float, width: float) -> None:
    edges = np.arange(np.floor(values.min() / width), np.ceil(values.max() / width) + 2) * width
    heights, _ = np.histogram(values, edges)
    ax.bar(edges[:-1] / unit, heights, width / unit, align="edge", color=FAINT, edgecolor=GREY, linewidth=0.8)
    middle = values.median() / unit
    ax.plot([middle, middle], [0, heights.max()], color=INK, linewidth=1.4, linestyle=(0, (4, 2)))
    ax.annotate(
        "median", (middle, heights.max()), xytext=(0, 3), textcoords="offset points", ha="center", size=10, color=INK
    )
    ax.set_ylim(0, heights.max() * 1.18)
    ax.set_xlim(0, edges[-1] / unit)


def _own_dots(ax: Axes, rows: pd.DataFrame, column: str, unit: float, names: Mapping[str, str]) -> None:
    """Draw one row of dots below the bars for each chosen authority."""
    step = ax.get_ylim()[1] * 0.3 / 1.25
    for i, (code, name) in enumerate(names.items(), start=1):
        mine = rows.loc[rows["la_code_ons"] == code, column].dropna() / unit
        if len(mine):
            own = colours(list(names.values()))[name]
            ax.plot(mine, [-i * step] * len(mine), "o", color=own, markersize=8, clip_on=False)
    ticks = [
        tick for tick in MaxNLocator(3, integer=True).tick_values(0, ax.get_ylim()[1]) if 0 <= tick <= ax.get_ylim()[1]
    ]
    own = [-i * step for i in range(1, len(names) + 1)]
    ax.set_yticks([*ticks, *own], [*(f"{half_up(tick)}" for tick in ticks), *names.values()])
    ax.set_ylim(-(len(names) + 0.6) * step, ax.get_ylim()[1])
    ax.axhline(0, color=GREY, linewidth=0.8)


def spending_strip(rows: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Draw each authority's spending per child as a dot in the row of its grade, with the median; the chosen named.

    `rows` as `spells.spending_by_grade` gives them. Dots are moved up and down so that they do not hide each other. One
    that stands far off is named at the edge with its amount, so that it does not squeeze the others.
    """
    grades = [grade for grade in GRADE_ORDER if (rows["grade"] == grade).any()]
    fig, (ax,) = blank(1.35 * len(grades) + 0.3)
    far = _far_off(rows, names)
    widest = rows["amount_per_child"].drop(far.index).max() * 1.06
    ax.set_xlim(0, widest)
    for i, grade in enumerate(grades):
        mine = rows[rows["grade"] == grade].sort_values("amount_per_child", kind="stable")
        up = _swarm(mine["amount_per_child"].to_numpy(dtype=float), widest)
        ax.plot(
            mine["amount_per_child"],
            -i + up,
            "o",
            color="#BFBFBF",
            markeredgecolor=GREY,
            markeredgewidth=0.7,
            markersize=6.5,
        )
        middle = mine["amount_per_child"].median()
        ax.plot([middle, middle], [-i - 0.31, -i + 0.31], color=INK, linewidth=2.4, zorder=3)
        _named_dots(ax, mine.assign(y=-i + up, row=-i), names, colours(list(names.values())))
        for row in far[far["grade"] == grade].itertuples():
            ax.annotate(
                f"{row.name}, £{half_up(row.amount_per_child):,} →", (1, -i + 0.3), xycoords=("axes fraction", "data"),
                ha="right", va="center", size=10, color=INK
            )  # fmt: skip
    ax.set_yticks(
        [-i for i in range(len(grades))], [f"{GRADE_LABELS[g]}\n({(rows['grade'] == g).sum()})" for g in grades]
    )
    ax.set_ylim(-len(grades) + 0.36, 0.64)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"£{half_up(value):,}"))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return fig


def _named_dots(ax: Axes, mine: pd.DataFrame, names: Mapping[str, str], colour: Mapping[str, str]) -> None:
    """Mark the chosen authorities of one row and name them in turn below and above it, so that no dot is hidden."""
    own = mine[mine["area_code"].isin(names)]
    for side, words in ((-0.33, own.iloc[::2]), (0.33, own.iloc[1::2])):
        labels = [fold(ax.figure, names[code], _NAME_INCHES, 10.5, "bold") for code in words["area_code"]]
        places = spread(words["amount_per_child"], ax.get_xlim()[1] * 0.36)
        for (_, row), at, label in zip(words.iterrows(), places, labels, strict=True):
            name = names[row["area_code"]]
            ax.plot(row["amount_per_child"], row["y"], "o", color=colour[name], markersize=10, zorder=4)
            ax.annotate(
                label, (row["amount_per_child"], row["y"]), xytext=(at, row["row"] + side), ha="center",
                va="top" if side < 0 else "bottom", linespacing=0.95, size=10.5, weight="bold", color=INK, zorder=5,
                arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.8, "shrinkB": 4}
            )  # fmt: skip


def _far_off(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Find an authority, not one of the chosen, whose spending is so far above all others that it squeezes the axis."""
    first, second = rows["amount_per_child"].nlargest(2)
    far = rows[rows["amount_per_child"] == first]
    return far[~far["area_code"].isin(names)] if first > second * 1.5 else rows.head(0)


def _swarm(values: np.ndarray, widest: float) -> np.ndarray:
    """Give each sorted value a height such that dots that stand close together do not overlap."""
    apart, placed = widest * 0.016, []
    for i, value in enumerate(values):
        taken = {placed[k] for k in range(i) if value - values[k] < apart}
        heights = [0.0, *(sign * step * 0.075 for step in range(1, 5) for sign in (1, -1))]
        placed.append(next((height for height in heights if height not in taken), 0.0))
    return np.array(placed)
