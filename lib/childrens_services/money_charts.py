"""Charts of money: a budget before and after, stated sums, spending per child by line.

Frame in, figure out; the words around the drawing are put on by `charts.dress`. Bars start at zero. A year that our rule
marks as implausible is drawn hollow and the line is broken around it, so that it is neither hidden nor believed.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from childrens_services.charts import GREY, INK, blank
from childrens_services.money import english_money

NAVY, ORANGE = "#12436D", "#F46A25"


def before_after(before: float, after: float, labels: tuple[str, str], rise: str) -> Figure:
    """Draw a budget before and after a decision as two bars from zero, the rise drawn apart and named."""
    fig, (ax,) = blank(1.55)
    ax.barh([0, 1], [after, before], color=NAVY, height=0.62)
    ax.barh(0, after - before, left=before, color=ORANGE, height=0.62, edgecolor="white", linewidth=1.5)
    for y, value in ((1, before), (0, after)):
        ax.annotate(english_money(value, "exact"), (value, y), xytext=(6, 0), textcoords="offset points", va="center",
                    weight="bold", color=INK)  # fmt: skip
    ax.text((before + after) / 2, 0, rise, ha="center", va="center", color=INK, size=10)
    ax.set_yticks([1, 0], labels)
    ax.set_xlim(0, after * 1.17)
    _pounds(ax.xaxis)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return fig


def stated_sums(rows: pd.DataFrame) -> Figure:
    """Draw stated sums as bars from zero, largest at the top, each with its amount as stated.

    `rows` needs `label, amount_gbp, amount_text, colour`.
    """
    rows = rows.sort_values("amount_gbp", ascending=False)
    fig, (ax,) = blank(0.36 * len(rows) + 0.35)
    at = -np.arange(len(rows))
    ax.barh(at, rows["amount_gbp"], color=rows["colour"], height=0.66)
    for y, row in zip(at, rows.itertuples(), strict=True):
        ax.annotate(row.amount_text, (row.amount_gbp, y), xytext=(5, 0), textcoords="offset points", va="center")
    ax.set_yticks(at, rows["label"])
    ax.set_xlim(0, rows["amount_gbp"].max() * 1.2)
    _pounds(ax.xaxis)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return fig


def headline_and_exact(rows: pd.DataFrame) -> Figure:
    """Draw what each headline said as a fraction of the exact figure: `rows` needs `label, headline_gbp, exact_gbp`."""
    fig, (ax,) = blank(0.5 * len(rows) + 0.35)
    share = rows["headline_gbp"] / rows["exact_gbp"] * 100
    at = -np.arange(len(rows))
    ax.axvline(100, color=INK, linewidth=1.2)
    ax.hlines(at, share, 100, color=GREY, linewidth=1.4)
    ax.plot(share, at, "o", color=NAVY, markersize=9)
    for y, value, row in zip(at, share, rows.itertuples(), strict=True):
        words = f"{english_money(row.headline_gbp, 'short')} said, {english_money(row.exact_gbp, 'exact')} exactly"
        ax.annotate(words, (max(value, 100), y), xytext=(10, 0), textcoords="offset points", va="center", size=10)
    ax.set_yticks(at, rows["label"])
    ax.set_xlim(min(share.min() - 0.5, 99), max(share.max() + 0.3, 100.5))
    ax.set_ylim(-len(rows) + 0.4, 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}%"))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return fig


def lines_over_time(
    series: pd.DataFrame, panels: Sequence[str], styles: Mapping[str, Mapping], columns: int = 2, unit: str = "£"
) -> Figure:
    """Draw small multiples of a value over years, one panel a line of spending, one line an authority or group.

    `series` needs `panel, name, year, value, status`. Rows of status `implausible` are drawn hollow with a broken line.
    `styles` gives each name its colour and dash, in drawing order. Panels share the years but not the scale: each
    starts at zero.
    """
    rows = -(-len(panels) // columns)
    fig, axes = blank((1.72 if columns > 1 else 2.9) * rows + 0.35, rows=rows, columns=columns, sharex=True,
                      gridspec_kw={"hspace": 0.42, "wspace": 0.2})  # fmt: skip
    for ax, panel in zip(axes, panels, strict=False):
        _panel(ax, series[series["panel"] == panel], styles, unit)
        ax.set_title(panel, loc="left", weight="bold", size=11, pad=6)
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    if columns > 1:
        _key(fig, styles, set(series["name"]))
    else:
        _end_labels(axes[0], series, styles)
    return fig


def _panel(ax: Axes, mine: pd.DataFrame, styles: Mapping[str, Mapping], unit: str) -> None:
    for name, style in styles.items():
        line = mine[mine["name"] == name].sort_values("year")
        good = line["value"].where(line["status"] == "value")
        ax.plot(line["year"], good, **style)
        alone = good.notna() & ~(good.shift().notna() | good.shift(-1).notna())  # a lone year has no line to be seen by
        ax.plot(line.loc[alone, "year"], good[alone], "o", color=style["color"], markersize=5.5, zorder=4)
        hollow = line[line["status"] == "implausible"]
        ax.plot(hollow["year"], hollow["value"], "o", markerfacecolor="white", markeredgecolor=style["color"],
                markeredgewidth=1.6, markersize=7, zorder=4)  # fmt: skip
    years = sorted(mine["year"].unique())
    ax.set_xticks(range(len(years)), [y if i % 2 == 0 else "" for i, y in enumerate(years)])
    ax.set_ylim(0, mine["value"].max() * 1.12)
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{unit}{value:,.0f}"))
    ax.set_xlim(-0.3, len(years) - 0.7)


def _end_labels(ax: Axes, series: pd.DataFrame, styles: Mapping[str, Mapping]) -> None:
    """Name each line at its end, names pushed apart where lines end close together."""
    last = series[series["status"] == "value"].sort_values("year").groupby("name").tail(1).set_index("name")
    order = last.loc[[name for name in styles if name in last.index]].sort_values("value")
    step = ax.get_ylim()[1] * 0.075
    at = -np.inf
    for name, row in order.iterrows():
        at = max(row["value"], at + step)
        ax.annotate(str(name), (row["year"], row["value"]), xytext=(1.02, at), textcoords=("axes fraction", "data"),
                    va="center", size=10.5, color=INK, annotation_clip=False,
                    arrowprops={"arrowstyle": "-", "color": styles[str(name)]["color"], "linewidth": 0.8})  # fmt: skip


def _key(fig: Figure, styles: Mapping[str, Mapping], names: set[str]) -> None:
    handles = [plt.Line2D([], [], label=name, **style) for name, style in styles.items() if name in names]
    fig.legend(handles=handles, loc="upper left", ncols=3, fontsize=10, borderaxespad=0, borderpad=0, handlelength=2.4,
               columnspacing=1.4)  # fmt: skip


def _pounds(axis) -> None:
    axis.set_major_locator(MaxNLocator(4))
    axis.set_major_formatter(FuncFormatter(lambda value, _: english_money(value, "short") if value else "£0"))


GROUP_STYLE = {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1.8}
ENGLAND_STYLE = {"color": INK, "linestyle": (0, (1, 1.5)), "linewidth": 1.8}
