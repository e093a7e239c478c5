"""Charts of money: a budget before and after, stated sums, spending per child by line.

Frame in, figure out; the words around the drawing are put on by `charts.dress`. Bars start at zero. A year that our
rule marks as implausible is drawn hollow and the line is broken around it, so that it is neither hidden nor believed.
"""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from childrens_services import ordering
from childrens_services.money import english_money
from childrens_services.rounding import half_up
from childrens_services.telling.style import GREY, INK, blank, fold, key, spread, text_width

NAVY, ORANGE = "#12436D", "#F46A25"
LABEL_INCHES = 2.9
BUDGET_INCHES = 5.5  # the least that is left of the width beside the names and amounts of two bars


def before_after(before: float, after: float, labels: tuple[str, str], rise: str) -> Figure:
    """Draw a budget before and after a decision as two bars from zero, the rise drawn apart and named.

    A rise too small to hold its name has it beside the amount.
    """
    fig, (ax,) = blank(1.55)
    top = max(before, after) * 1.17
    fits = abs(after - before) / top * BUDGET_INCHES > text_width(fig, rise, 10) + 0.1
    ax.barh([0, 1], [after, before], color=NAVY, height=0.62)
    ax.barh(0, after - before, left=before, color=ORANGE, height=0.62, edgecolor="white", linewidth=1.5)
    words = english_money(after, "exact") + ("" if fits else f" ({rise})")
    for y, value, text in ((1, before, english_money(before, "exact")), (0, max(before, after), words)):
        ax.annotate(text, (value, y), xytext=(6, 0), textcoords="offset points", va="center", weight="bold", color=INK)
    if fits:
        ax.text((before + after) / 2, 0, rise, ha="center", va="center", color=INK, size=10)
    ax.set_yticks([1, 0], labels)
    ax.set_xlim(0, top)
    _pounds(ax.xaxis)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return fig


def stated_sums(rows: pd.DataFrame) -> Figure:
    """Draw stated sums as bars from zero, largest at the top, each with its amount as stated.

    `rows` needs `label, amount_gbp, amount_text, colour`.
    """
    rows = rows.sort_values("amount_gbp", ascending=False, kind="stable")
    fig, (ax,), labels = _rows(rows["label"], 0.42)
    at = -np.arange(len(rows))
    ax.barh(at, rows["amount_gbp"], color=rows["colour"], height=0.66)
    for y, row in zip(at, rows.itertuples(), strict=True):
        ax.annotate(row.amount_text, (row.amount_gbp, y), xytext=(5, 0), textcoords="offset points", va="center")
    ax.set_yticks(at, labels)
    # Each bar carries its sum in words, so an axis would only repeat them.
    ax.set_xticks([])
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.spines["left"].set_visible(True)
    return fig


def _rows(labels: pd.Series, height: float) -> tuple[Figure, list[Axes], list[str]]:
    """Start a figure of one row a label, at least so many inches high, with long labels folded."""
    fig, axes = blank(1)
    folded = [fold(fig, label, LABEL_INCHES) for label in labels]
    lines = max(label.count("\n") + 1 for label in folded)
    fig.set_figheight(max(height, 0.17 * lines + 0.08) * len(labels) + 0.35)
    return fig, axes, folded


def headline_and_exact(rows: pd.DataFrame) -> Figure:
    """Draw what each headline said as a fraction of the exact figure: `rows` needs `label, headline_gbp, exact_gbp`."""
    fig, (ax,), labels = _rows(rows["label"], 0.5)
    share = rows["headline_gbp"] / rows["exact_gbp"] * 100
    at = -np.arange(len(rows))
    ax.axvline(100, color=INK, linewidth=1.2)
    ax.hlines(at, share, 100, color=GREY, linewidth=1.4)
    ax.plot(share, at, "o", color=NAVY, markersize=9)
    for y, value, row in zip(at, share, rows.itertuples(), strict=True):
        words = f"{english_money(row.headline_gbp, 'short')} said, {english_money(row.exact_gbp, 'exact')} exactly"
        ax.annotate(words, (max(value, 100), y), xytext=(10, 0), textcoords="offset points", va="center", size=10)
    ax.set_yticks(at, labels)
    ax.set_xlim(min(share.min() - 0.5, 99), max(share.max() + 0.3, 100.5))
    ax.set_ylim(-len(rows) + 0.4, 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{half_up(value)}%"))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return fig


def lines_over_time(
    series: pd.DataFrame, panels: Sequence[str], styles: Mapping[str, Mapping], columns: int = 2, unit: str = "£",
    suffixes: Mapping[str, str] | None = None,
) -> Figure:  # fmt: skip
    """Draw small multiples of a value over years, one panel a measure, one line an authority or group.

    `series` needs `panel, name, year, value, status`. Rows of status `implausible` are drawn hollow with a broken line.
    `styles` gives each name its colour and dash, in drawing order. `unit` stands before a value of any panel, a panel's
    own suffix, such as "%", after it. Panels share the years but not the scale: each starts at zero. Raises ValueError
    where a name has two values for a panel and year.
    """
    twice = series[series.duplicated(["panel", "name", "year"])]
    if len(twice):
        panel, name, year = twice[["panel", "name", "year"]].iloc[0]
        raise ValueError(f"two values for {name} in {year} ({panel}); a line needs one value a name, panel and year")
    rows = -(-len(panels) // columns)
    fig, axes = blank((1.72 if columns > 1 else 2.9) * rows + 0.35, rows=rows, columns=columns, sharex=True,
                      gridspec_kw={"hspace": 0.42, "wspace": 0.2})  # fmt: skip
    years = sorted(series["year"].unique())
    tops = series.groupby("panel")["value"].max()
    values, statuses = _every_year(series, panels, styles, years)
    for ax, panel, *told in zip(axes, panels, values, statuses, strict=False):
        for value, status, style in zip(*told, styles.values(), strict=True):
            _line(ax, value, status, style)
        _scale(ax, tops.get(panel, 0), unit, (suffixes or {}).get(panel, ""))
        ax.set_title(panel, loc="left", weight="bold", size=11, pad=6)
    _shared_years(axes[0], years)
    for above, ax in zip(axes[len(panels) - columns :], axes[len(panels) :], strict=False):
        ax.set_visible(False)
        above.tick_params(labelbottom=True)
    if columns > 1:
        _key(fig, styles, set(series["name"]))
    else:
        _end_labels(axes[0], series, styles, years)
    return fig


def _every_year(series: pd.DataFrame, *places: Collection[str]) -> list[np.ndarray]:
    """Give values and statuses by panel, name and year, in this order, with nothing where there is no row."""
    told = series.set_index(["panel", "name", "year"])[["value", "status"]].reindex(pd.MultiIndex.from_product(places))
    shape = [len(place) for place in places]
    return [told[column].to_numpy(kind).reshape(shape) for column, kind in (("value", float), ("status", object))]


def _scale(ax: Axes, top: float, unit: str, suffix: str) -> None:
    ax.set_ylim(0, top * 1.12 if top > 0 else 1)
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{unit}{value:,.10g}{suffix}"))


def _shared_years(ax: Axes, years: Sequence[str]) -> None:
    """Set the ticks of all panels at once: they share one axis of years."""
    shown = years[::-1][::2] if len(years) > 3 else years  # the newest year always has its label
    ax.set_xticks(range(len(years)), [year if year in shown else "" for year in years])
    ax.set_xlim(-0.3, len(years) - 0.7)


def _line(ax: Axes, values: np.ndarray, statuses: np.ndarray, style: Mapping) -> None:
    """Draw one name over all years, each in its place: broken where a year is not there, hollow where implausible."""
    at = np.arange(len(values))
    good = np.where(statuses == "value", values, np.nan)
    ax.plot(at, good, **style)
    known = np.pad(~np.isnan(good), 1)
    alone = known[1:-1] & ~known[:-2] & ~known[2:]  # a lone year has no line to be seen by
    if alone.any():
        ax.plot(at[alone], good[alone], "o", color=style["color"], markersize=5.5, zorder=4, clip_on=False)
    hollow = statuses == "implausible"
    if hollow.any():
        ax.plot(at[hollow], values[hollow], "o", markerfacecolor="white", markeredgecolor=style["color"],
                markeredgewidth=1.6, markersize=7, zorder=4)  # fmt: skip


def _end_labels(ax: Axes, series: pd.DataFrame, styles: Mapping[str, Mapping], years: Sequence[str]) -> None:
    """Name each line at its end, names pushed apart where lines end close together."""
    last = ordering.last(series[series["status"] == "value"], "year", each="name").set_index("name")
    order = last.loc[[name for name in styles if name in last.index]].sort_values("value", kind="stable")
    places = spread(order["value"], ax.get_ylim()[1] * 0.075)
    for (name, row), at in zip(order.iterrows(), places, strict=True):
        ax.annotate(str(name), (years.index(row["year"]), row["value"]), xytext=(1.02, at),
                    textcoords=("axes fraction", "data"), va="center", size=10.5, color=INK, annotation_clip=False,
                    arrowprops={"arrowstyle": "-", "color": styles[str(name)]["color"], "linewidth": 0.8,
                                "relpos": (0, 0.5)})  # fmt: skip


def _key(fig: Figure, styles: Mapping[str, Mapping], names: set[str]) -> None:
    handles = [plt.Line2D([], [], label=name, **style) for name, style in styles.items() if name in names]
    key(fig, handles, 3, fontsize=10, handlelength=2.4, columnspacing=1.4)


def _pounds(axis) -> None:
    axis.set_major_locator(MaxNLocator(3))
    axis.set_major_formatter(FuncFormatter(lambda value, _: english_money(value, "short") if value else "£0"))


GROUP_STYLE = {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1.8}
ENGLAND_STYLE = {"color": INK, "linestyle": (0, (1, 1.5)), "linewidth": 1.8}
