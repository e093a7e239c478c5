"""What the house style does to a seaborn drawing: small multiples, zero at the foot, units on the axis, a key above."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from childrens_services.rounding import half_up
from childrens_services.telling import style
from childrens_services.telling.style import FAINT, GREY, Look

__all__ = [
    "bars",
    "columns",
    "dots",
    "hollow",
    "line_key",
    "named",
    "panels",
    "patch_key",
    "rules",
    "shares",
    "stacks",
    "values",
    "years",
]
PANEL_INCHES = 1.72
RULES = [(0, (1, 1.2)), (0, (5, 1.5))]  # dashes of the rules that mark events, by kind
Drawing = Callable[[pd.DataFrame, Axes], Any]


def panels(rows: pd.DataFrame, draw: Drawing, by: str, order: Sequence[str] | None = None, most: int = 2) -> Figure:
    """Return small multiples: a panel for each word in the column `by`, drawn by `draw(rows of the panel, axes)`.

    `most` panels stand side by side, one on a phone. A word of `order` without a row has no panel.
    """
    names = [name for name in (order or rows[by].unique()) if (rows[by] == name).any()]
    across = min(style.columns(most), len(names))
    down = -(-len(names) // across)
    height = (PANEL_INCHES if most > 1 else 2.3) * down + 0.3
    gaps = {"hspace": 0.42, "wspace": 0.2}
    fig, axes = style.blank(height, down, across, sharex=True, gridspec_kw=gaps)
    for ax, name in zip(axes, names, strict=False):
        ax.set(xlabel=" ", ylabel=" ")  # else seaborn lays out every tick to learn whether its own label can be seen
        draw(rows[rows[by] == name], ax)
        ax.set(xlabel="", ylabel="", label=name)
        ax.set_title(
            style.fold(fig, name, style.width() / across - 0.7, 11, "bold"), loc="left", weight="bold", size=11, y=1
        )
    for above, ax in zip(axes[len(names) - across :], axes[len(names) :], strict=False):
        ax.set_visible(False)
        above.tick_params(labelbottom=True)
    return fig


def years(fig: Figure, look: Look | None = None, unit: str = "0", financial: bool = False) -> Figure:
    """Finish lines over years: each panel from zero, whole years below, the unit on the axis, a key above.

    `unit` shows how a value is written: "£0", "0%" or "0". A financial year is drawn at its first calendar year.
    """
    for ax in (ax for ax in fig.axes if ax.get_visible()):
        drawn = (line for line in ax.lines if line.get_gid() != "rule")
        top = max((value for line in drawn for value in line.get_ydata() if value == value), default=1)
        ax.set(ylim=(0, top * 1.12 or 1), xlabel="", ylabel="")
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.yaxis.set_major_formatter(_written(unit))
        ax.xaxis.set_major_locator(MaxNLocator(4 if style.is_wide() else 3, integer=True))
        ax.xaxis.set_major_formatter(_financial if financial else _whole)
    if look:
        line_key(fig, look)
    return fig


def _written(unit: str) -> Callable[..., str]:
    """Return how an axis or a bar writes a value: in the place of the nought of a unit such as "£0"."""
    return lambda value, _=None: unit.replace("0", f"{value:,.10g}")


def _whole(value: float, _: int) -> str:
    return f"{half_up(value)}"


def _financial(value: float, _: int) -> str:
    return f"{half_up(value)}-{int(value + 1) % 100:02d}"


def line_key(fig: Figure, look: Look) -> None:
    """Put a key above the drawing: a line for each name of the look, and the rules that mark events."""
    dashes = {name: (0, dash) if dash else "-" for name, dash in look.dashes.items()}
    handles = [plt.Line2D([], [], color=c, label=name, linestyle=dashes[name]) for name, c in look.palette.items()]
    rules = {line.get_label(): line for line in fig.axes[0].lines if line.get_gid() == "rule"}
    style.key(fig, [*handles, *rules.values()])


def patch_key(fig: Figure, colours: Mapping[str, str]) -> Figure:
    """Put a key of filled areas above the drawing: colours by word."""
    handles = [Patch(facecolor=colour, edgecolor=GREY, linewidth=0.6, label=word) for word, colour in colours.items()]
    style.key(fig, handles, 5, handlelength=1.2)
    return fig


def hollow(rows: pd.DataFrame, ax: Axes, x: str, y: str, look: Look) -> None:
    """Mark what is shown and not believed: a hollow dot in the colour of its name."""
    ax.scatter(rows[x], rows[y], s=44, facecolor="white", edgecolor=rows["name"].map(look.palette), lw=1.6, zorder=4)


def rules(fig: Figure, events: pd.DataFrame, x: str, look: Look) -> Figure:
    """Mark events on every panel as thin upright rules, before `years` names them in the key; one row an event.

    `events` has `name`, whose colour a rule has, and `what`, the words of the key; each `what` has dashes of its own.
    Events outside the years drawn are left out; those with a `panel` stand on that panel alone.
    """
    events = events[events[x].between(*fig.axes[0].get_xlim())]
    dashes = dict(zip(sorted(events["what"].unique()), RULES * len(events), strict=False))
    ordered = events.sort_values([x, "name", "what"])
    for ax in (ax for ax in fig.axes if ax.get_visible()):
        here = ordered[ordered["panel"] == ax.get_label()] if "panel" in ordered else ordered
        for event in here.itertuples():
            label = f"{event.what}, {event.name}" if ax is fig.axes[0] else "_"
            ax.axvline(
                getattr(event, x), color=look.palette[event.name], lw=1, ls=dashes[event.what], label=label, gid="rule"
            )
    return fig


def values(fig: Figure, points: pd.DataFrame, x: str, y: str, look: Look) -> Figure:
    """Write a few values beside their points in the first panel, after `years`: the last to the right, others above.

    `points` are those of one line, with `name` and `decimals`. A low point has its value below, but for one so near the
    axis that it would stand on the years.
    """
    ax, ordered = fig.axes[0], points.sort_values(x, kind="stable")
    low, high = ax.get_ylim()
    for i, (at, value, name, decimals) in enumerate(ordered[[x, y, "name", "decimals"]].itertuples(index=False)):
        is_last, is_low = i == len(ordered) - 1, low + (high - low) / 10 < value < ordered[y].iloc[-1]
        shift, across = ((7, 0), "left") if is_last else ((0, -7 if is_low else 7), "center")
        up = "center" if is_last else "top" if is_low else "bottom"
        words = f"{half_up(value, int(decimals))}"
        font = {"size": 10.5, "weight": "bold", "color": look.palette[name]}
        font["bbox"] = {"facecolor": "white", "linewidth": 0, "pad": 0.6, "alpha": 0.8}
        ax.annotate(words, (at, value), xytext=shift, textcoords="offset points", ha=across, va=up, **font)
    return fig


def columns(fig: Figure) -> Figure:
    """Finish upright bars over years: whole years below, few figures on the axis."""
    for ax in (ax for ax in fig.axes if ax.get_visible()):
        ax.set(xlabel="", ylabel="")
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.xaxis.set_major_locator(MaxNLocator(10 if style.is_wide() else 5, integer=True))
        ax.xaxis.set_major_formatter(_whole)
        ax.tick_params(labelbottom=True)
    return fig


def bars(ax: Axes, unit: str = "0") -> Figure:
    """Finish horizontal bars: the value at each end, and no axis that would repeat it."""
    fig = ax.figure
    for group in ax.containers:
        ax.bar_label(group, fmt=_written(unit), padding=5)
    room = 1.18 if style.is_wide() else 1.35
    ax.set(xlabel="", ylabel="", xticks=[], xlim=(0, ax.get_xlim()[1] * room))
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    _fold_labels(ax)
    return fig


def shares(fig: Figure) -> Figure:
    """Finish horizontal bars that are cut into shares of one: per cent below, in each panel its own words beside."""
    for ax in (ax for ax in fig.axes if ax.get_visible()):
        ax.set(xlabel="", ylabel="", xlim=(0, 1))
        ax.grid(visible=False)
        ax.xaxis.set_major_formatter(lambda value, _: f"{half_up(value * 100)}%")
    return fig


def stacks(ax: Axes, colours: Mapping[str, str], top: float, unit: str = "0%") -> Figure:
    """Finish stacked bars over years: from zero to `top`, every year below, the unit on the axis, a key above.

    `colours` are those of the key, by word, in the order of the stack from its top.
    """
    fig = ax.figure
    fig.set_size_inches(style.width(), 3.0)
    ax.set(xlabel="", ylabel="", ylim=(0, top))
    ax.grid(visible=False, axis="x")
    ax.yaxis.set_major_formatter(_written(unit))
    ax.xaxis.set_major_locator(MaxNLocator(12 if style.is_wide() else 5, integer=True))
    return patch_key(fig, colours)


def dots(ax: Axes, unit: str = "0") -> Figure:
    """Finish dots beside words: light rules across, the unit on the axis."""
    ax.set(xlabel="", ylabel="")
    ax.grid(visible=True, axis="y", color=FAINT)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_formatter(_written(unit))
    _fold_labels(ax)
    return ax.figure


def named(ax: Axes, rows: pd.DataFrame, x: str, y: str, look: Look) -> Axes:
    """Draw the chosen among dots again, large and in their colours, with a key; `y` holds the words beside the rows."""
    places = {label.get_text(): place for label, place in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)}
    ax.scatter(rows[x], rows[y].map(places), s=90, color=rows["name"].map(look.palette), zorder=5, ec="white", lw=1)
    dots = [plt.Line2D([], [], marker="o", ls="", ms=9, color=look.palette[name], label=name) for name in rows["name"]]
    if dots:
        style.key(ax.figure, dots, handlelength=1.2)
    return ax


def _fold_labels(ax: Axes) -> None:
    """Fold the words beside rows to a third of the width, and give each row the height of its lines."""
    fig, room = ax.figure, style.width() * (0.36 if style.is_wide() else 0.42)
    labels = [style.fold(fig, label.get_text(), room) for label in ax.get_yticklabels()]
    ax.set_yticks(ax.get_yticks(), labels)
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    fig.set_size_inches(style.width(), max(0.42, 0.19 * lines + 0.1) * len(labels) + 0.3)
