"""Charts of the workforce and of children: who is in post, who came and went, shares with intervals, places among all.

Frame in, figure out; the words around the drawing are put on by `charts.dress`. A value that was not published is a gap
with a word in it. Bars start at zero.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from childrens_services.answers.money_charts import ENGLAND_STYLE
from childrens_services.rounding import half_up
from childrens_services.telling.style import GREY, INK, blank, key

NAVY, ORANGE, TEAL = "#12436D", "#F46A25", "#28A197"
MARKERS = ("o", "s", "D", "^")
_MARK = 0.03  # width of a mark as a part of the line from lowest to highest
SHORT_STATUS = {
    "confidential": "with-\nheld", "not_applicable": "does\nnot\napply", "not_available": "not\navail-\nable",
    "unreliable": "not\nreliable", "rounds_to_zero": "below\nhalf",
}  # fmt: skip


def _panels(names: Sequence[str], height: float) -> tuple[Figure, list[Axes]]:
    """Start a figure of one panel an authority, its name above it."""
    fig, axes = blank(height * len(names), rows=len(names), gridspec_kw={"hspace": 0.48})
    for ax, name in zip(axes, names, strict=True):
        ax.set_title(name, loc="left", weight="bold", size=11, pad=6)
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    return fig, axes


def _missing(ax: Axes, at: float, status: str) -> None:
    ax.annotate(SHORT_STATUS.get(status, "no\nvalue"), (at, 0), xycoords=("data", "axes fraction"), xytext=(0, 4),
                textcoords="offset points", ha="center", va="bottom", size=8.5, color=GREY,
                linespacing=0.9, zorder=5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip


def in_post(rows: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Draw social workers in post with agency workers on top, in full-time equivalents; one panel an authority.

    `rows` needs `name, year, posts, agency, status`; panels do not share a scale.
    """
    fig, axes = _panels(names, 1.75)
    years = sorted(rows["year"].unique())
    for ax, name in zip(axes, names, strict=True):
        mine = rows[rows["name"] == name].set_index("year").reindex(years)
        ax.bar(range(len(years)), mine["posts"], color=NAVY, width=0.66)
        ax.bar(range(len(years)), mine["agency"], bottom=mine["posts"], color=ORANGE, width=0.66, edgecolor="white",
               linewidth=1)  # fmt: skip
        for i, row in enumerate(mine.itertuples()):
            if pd.notna(row.posts) and pd.notna(row.agency):
                ax.annotate(f"{half_up(row.agency, 1)}", (i, row.posts + row.agency), xytext=(0, 2), ha="center",
                            va="bottom", textcoords="offset points", size=9.5, color=INK)  # fmt: skip
            else:
                _missing(ax, i, row.status if isinstance(row.status, str) else "")
        ax.set_ylim(0, (mine["posts"] + mine["agency"].fillna(0)).max() * 1.16)
        _years(ax, years)
    key(fig, [_patch(NAVY, "in post"), _patch(ORANGE, "agency, with their number above")], 2, fontsize=10)
    return fig


def _patch(colour: str, label: str) -> plt.Rectangle:
    return plt.Rectangle((0, 0), 1, 1, color=colour, label=label)


def _years(ax: Axes, years: Sequence[str]) -> None:
    ax.set_xticks(range(len(years)), years)
    ax.set_xlim(-0.6, len(years) - 0.4)


def came_and_went(rows: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Draw starters above the line and leavers below it, with a mark at what remains; one panel an authority.

    `rows` needs `name, year, starters, leavers, status`, full-time equivalents.
    """
    fig, axes = _panels(names, 1.75)
    years = sorted(rows["year"].unique())
    for ax, name in zip(axes, names, strict=True):
        mine = rows[rows["name"] == name].set_index("year").reindex(years)
        ax.bar(range(len(years)), mine["starters"], color=TEAL, width=0.62)
        ax.bar(range(len(years)), -mine["leavers"], color=NAVY, width=0.62)
        ax.axhline(0, color=INK, linewidth=0.9)
        ax.plot(range(len(years)), mine["starters"] - mine["leavers"], "D", color="white", markeredgecolor=INK,
                markeredgewidth=1.3, markersize=6, zorder=4)  # fmt: skip
        for i, row in enumerate(mine.itertuples()):
            if pd.isna(row.starters) or pd.isna(row.leavers):
                _missing(ax, i, row.status if isinstance(row.status, str) else "")
        top = max(mine["starters"].max(), mine["leavers"].max(), 0.5) * 1.1
        ax.set_ylim(-top, top)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{half_up(abs(value)):,}"))
        _years(ax, years)
    mark = plt.Line2D(
        [], [], marker="D", linestyle="none", color="white", markeredgecolor=INK, label="started less left"
    )
    key(fig, [_patch(TEAL, "started"), _patch(NAVY, "left"), mark], 3, fontsize=10)
    return fig


def before_and_after(rows: pd.DataFrame, looks: Mapping[str, str]) -> Figure:
    """Draw each rate before (hollow) and after (filled) a turn as two dots joined by a line; one row a rate and name.

    `rows` needs `label, name, before, after`, per cent; `looks` gives each name its colour.
    """
    fig, (ax,) = blank(0.36 * len(rows) + 0.4)
    top = rows[["before", "after"]].max().max()
    for i, row in enumerate(rows.itertuples()):
        colour = looks[row.name]
        ax.plot([row.before, row.after], [-i, -i], color=colour, linewidth=2)
        ax.plot(row.before, -i, "o", markerfacecolor="white", markeredgecolor=colour, markeredgewidth=1.6, markersize=8)
        ax.plot(row.after, -i, "o", color=colour, markersize=8)
        for value, other in ((row.before, row.after), (row.after, row.before)):
            left = value < other or (value == other and value == row.before)
            ax.annotate(f"{half_up(value, 1)}", (value, -i), xytext=(-9 if left else 9, 0), textcoords="offset points",
                        ha="right" if left else "left", va="center", size=10)  # fmt: skip
        if i and rows["label"].iloc[i - 1] != row.label:
            ax.axhline(-i + 0.5, color=GREY, linewidth=0.7)
    ax.set_yticks([-i for i in range(len(rows))], [f"{r.label}: {r.name}" for r in rows.itertuples()])
    ax.set_ylim(-len(rows) + 0.4, 0.6)
    ax.set_xlim(-top * 0.08, top * 1.12)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{half_up(value)}%" if value >= 0 else ""))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return fig


def pay_by_weeks(rate: float, quoted: float, week: float, weeks: float, labels: Sequence[str]) -> Figure:
    """Draw pay at an hourly rate by the weeks paid, a dot where it is the sum quoted and one for the whole year."""
    fig, (ax,) = blank(2.5)
    agree = quoted / rate / week
    ax.plot([0, weeks], [0, rate * week * weeks], color=NAVY)
    ax.axhline(quoted, color=GREY, linewidth=1.2, linestyle=(0, (4, 3)))
    ax.plot([agree, weeks], [quoted, rate * week * weeks], "o", color=NAVY, markersize=9, zorder=4, clip_on=False)
    for x, y, words in zip((agree, weeks), (quoted, rate * week * weeks), labels, strict=True):
        ax.annotate(words, (x, y), xytext=(-12, 8), textcoords="offset points", ha="right", va="bottom", size=10.5)
    ax.set_xlim(0, weeks)
    ax.set_ylim(0, rate * week * weeks * 1.16)
    ax.set_xticks([0, 13, 26, 39, weeks])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{half_up(value)} weeks" if value else "0"))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"£{half_up(value):,}"))
    return fig


def shares_with_counts(rows: pd.DataFrame, names: Sequence[str], look: Mapping[str, str], unit: str) -> Figure:
    """Draw a share over the years as dots with intervals, the counts printed below each year; one panel an authority.

    `rows` needs `name, year, value, share, status, count, of, low, high`. England is a dotted line, a share whose
    counts are withheld a hollow dot. Panels share one scale, so that they can be read against each other.
    """
    fig, axes = _panels(names, 2.15)
    years = sorted(rows["year"].unique())
    top = rows[["value", "high"]].max().max()
    national = rows[rows["name"] == "England"].set_index("year").reindex(years)
    for ax, name in zip(axes, names, strict=True):
        mine = rows[rows["name"] == name].set_index("year").reindex(years)
        ax.plot(range(len(years)), national["value"], **ENGLAND_STYLE)
        ax.vlines(range(len(years)), mine["low"], mine["high"], color=look[name], linewidth=2.2)
        ax.plot(range(len(years)), mine["share"], "o", color=look[name], markersize=7, zorder=4, clip_on=False)
        for i, row in enumerate(mine.itertuples()):
            if pd.notna(row.value) and pd.isna(row.share):  # a share whose counts are withheld
                ax.plot(i, row.value, "o", markerfacecolor="white", markeredgecolor=look[name], markersize=7, zorder=4,
                        clip_on=False)  # fmt: skip
            elif pd.isna(row.share):
                _missing(ax, i, row.status if isinstance(row.status, str) else "")
        ax.set_xticks(
            range(len(years)), [_counts(y, r) for y, r in zip(years, mine.itertuples(), strict=True)], size=8.5
        )
        ax.set_xlim(-0.6, len(years) - 0.4)
        ax.set_ylim(0, top * 1.08 if top > 0 else 1)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}{unit}"))
        _name_england(ax, national, years)
    return fig


def _counts(year: str, row) -> str:
    return (
        f"{year}\n{half_up(row.count):,}\nof {half_up(row.of):,}"
        if pd.notna(row.count) and pd.notna(row.of)
        else f"{year}\n\n"
    )


def _name_england(ax: Axes, national: pd.DataFrame, years: Sequence[str]) -> None:
    known = national["value"].dropna()
    if len(known):
        ax.annotate(f"England\n{known.iloc[-1]:,.10g}", (1, known.iloc[-1]), xycoords=("axes fraction", "data"),
                    xytext=(4, 0), textcoords="offset points", va="center", size=9.5, annotation_clip=False,
                    linespacing=0.95)  # fmt: skip


def places(placed: pd.DataFrame, looks: Mapping[str, str]) -> Figure:
    """Draw where each of the chosen stands among all authorities, from the lowest value to the highest.

    A row a measure. `placed` needs `panel, name, direction, among_all`, a place in every row; a word marks the better
    end where there is one.
    """
    panels = list(dict.fromkeys(placed["panel"]))
    fig, (ax,) = blank(0.38 * len(panels) + 0.45)
    for i, panel in enumerate(panels):
        mine = placed[placed["panel"] == panel]
        ax.plot([0, 1], [-i, -i], "|-", color=GREY, linewidth=1, markersize=7, zorder=1)
        better = {"lower_is_better": (0, "better", "right", -8), "higher_is_better": (1, "better", "left", 8)}
        if mine["direction"].iloc[0] in better:
            x, word, side, off = better[mine["direction"].iloc[0]]
            ax.annotate(
                word, (x, -i), xytext=(off, 0), textcoords="offset points", ha=side, va="center", size=9, color=GREY
            )
        crowd = _lifts([place.position for place in mine["among_all"]])
        for row, lift in zip(mine.itertuples(), crowd, strict=True):
            ax.plot(row.among_all.position, lift - i, MARKERS[list(looks).index(row.name)], color=looks[row.name],
                    markersize=9, markeredgecolor="white", zorder=3)  # fmt: skip
    ax.set_yticks([-i for i in range(len(panels))], panels)
    ax.set_ylim(-len(panels) + 0.4, 0.6)
    ax.set_xlim(-0.17, 1.17)
    ax.set_xticks([0, 0.5, 1], ["lowest value", "middle", "highest value"])
    ax.xaxis.tick_top()
    ax.grid(visible=False)
    ax.axvline(0.5, color=GREY, linewidth=1, linestyle=(0, (2, 3)), zorder=0)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    handles = [plt.Line2D([], [], marker=m, linestyle="none", color=c, markeredgecolor="white", markersize=9, label=n)
               for (n, c), m in zip(looks.items(), MARKERS, strict=False)]  # fmt: skip
    key(fig, handles, 4, fontsize=10, handletextpad=0.3)
    return fig


def _lifts(positions: Sequence[float]) -> list[float]:
    """Lift marks that would hide each other: one up, the next down, where they stand closer than a mark is wide."""
    lifts = []
    for i, at in enumerate(positions):
        near = [j for j, other in enumerate(positions) if abs(other - at) < _MARK]
        lifts.append(0.3 * (near.index(i) / (len(near) - 1) - 0.5) if len(near) > 1 else 0.0)
    return lifts
