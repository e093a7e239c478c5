"""Charts of inspections: grades as a table, shares of grades over time.

Frame in, figure out; the words around the drawing are put on by `charts.dress`.
"""

from collections.abc import Sequence

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from childrens_services.analysis.timeline import NOT_INSPECTED
from childrens_services.telling.style import GREY, INK, blank, fold, spread, text_width

# Darker is worse, so that the order survives grey print; white gaps and the printed words carry the difference besides.
GRADE_COLOURS = {
    "outstanding": "#ADD1F1", "good": "#6BACE6", "requires_improvement": "#2073BC", "inadequate": "#12436D",
    "adequate": "#A285D1", NOT_INSPECTED: "#F2F2F2",
}  # fmt: skip
_DARK_TEXT = {"outstanding", "good", "adequate", NOT_INSPECTED}
# The light grades do not stand out from white paper by themselves (less than 3:1), so an outline does.
GRADE_EDGES = dict.fromkeys(GRADE_COLOURS, "white") | {"outstanding": GREY, "good": GREY, NOT_INSPECTED: GREY}
GRADE_LABELS = {
    "outstanding": "Outstanding", "good": "Good", "requires_improvement": "Requires improvement",
    "inadequate": "Inadequate", "adequate": "Adequate", NOT_INSPECTED: "Not yet inspected",
}  # fmt: skip
STRIP_INCHES = 3.8  # the least that is left of the width beside folded names and the labels of bands


def grade_table(cells: pd.DataFrame, breaks: Sequence[tuple[str, float]], rows: Sequence[str]) -> Figure:
    """Draw grades as a table of coloured words: inspections across, judgement areas down, a line where areas changed.

    `cells` needs `authority, column, column_label, row, grade`; `breaks` are (authority, column) pairs after which a
    new framework or a changed area begins, so that nobody reads across unawares.
    """
    owners = list(dict.fromkeys(cells["authority"]))
    mine = {owner: cells[cells["authority"] == owner] for owner in owners}
    areas = {owner: [row for row in rows if row in set(mine[owner]["row"])] for owner in owners}
    heights = [0.42 * len(areas[owner]) for owner in owners]
    gap = 0.95 / (sum(heights) / len(heights))
    fig, axes = blank(sum(heights) + 0.95 * (len(owners) - 1), rows=len(owners),
                      gridspec_kw={"height_ratios": heights, "hspace": gap})  # fmt: skip
    widest = max(cells.groupby("authority")["column"].nunique().max(), 3)
    for ax, owner in zip(axes, owners, strict=True):
        for cell in mine[owner].itertuples():
            _grade_cell(ax, cell.column, -areas[owner].index(cell.row), cell.grade)
        for who, at in breaks:
            if who == owner:
                ax.axvline(at, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        _grade_frame(ax, mine[owner].drop_duplicates("column"), areas[owner], widest, owner)
    return fig


def _grade_frame(ax: Axes, columns: pd.DataFrame, areas: Sequence[str], widest: int, owner: str) -> None:
    ax.set_xticks(columns["column"].astype(float), columns["column_label"])
    ax.set_yticks([-i for i in range(len(areas))], areas)
    ax.set_xlim(-0.5, widest - 0.5)
    ax.set_ylim(-len(areas) + 0.5, 0.5)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.annotate(owner, (0, 1), xytext=(-8, 12), xycoords="axes fraction", textcoords="offset points", ha="right",
                va="bottom", weight="bold", size=12, color=INK)  # fmt: skip


def _grade_cell(ax: Axes, x: float, y: float, grade: str) -> None:
    ax.add_patch(plt.Rectangle((x - 0.49, y - 0.46), 0.98, 0.92, facecolor=GRADE_COLOURS[grade],
                               edgecolor=GRADE_EDGES[grade], linewidth=0.8))  # fmt: skip
    word = GRADE_LABELS[grade].replace("Requires improvement", "Requires\nimprovement")
    ax.text(x, y, word, ha="center", va="center", size=9, linespacing=0.9,
            color=INK if grade in _DARK_TEXT else "white")  # fmt: skip


def shares_over_time(shares: pd.DataFrame, standings: pd.DataFrame) -> Figure:
    """Draw the number of authorities by grade over time, best at the top, with each chosen authority's own grade below.

    `shares` as `timeline.grade_shares` gives it; `standings` needs `name, day, grade`, one row an authority and day.
    """
    names = list(dict.fromkeys(standings["name"]))
    ratios = [4, *[0.42] * len(names)]
    fig, axes = blank(
        3.5 + 0.45 * len(names), rows=1 + len(names), sharex=True, gridspec_kw={"height_ratios": ratios, "hspace": 0.18}
    )
    wide = shares.pivot(index="day", columns="grade", values="authorities")
    order = [NOT_INSPECTED, "inadequate", "requires_improvement", "good", "outstanding"]
    base = pd.Series(0, index=wide.index)
    for grade in order:
        axes[0].fill_between(wide.index, base, base + wide[grade], color=GRADE_COLOURS[grade], step="post", linewidth=0)
        axes[0].plot(wide.index, base + wide[grade], color="white", linewidth=1.2, drawstyle="steps-post")
        base = base + wide[grade]
    axes[0].set_ylim(0, base.max())
    axes[0].spines[:].set(visible=True, color=GREY, linewidth=0.8)
    _share_labels(axes[0], wide[order])
    axes[0].set_title("Number of authorities", loc="left", size=10.5, color=GREY, pad=4)
    axes[0].set_xlim(wide.index[0], wide.index[-1])
    for ax, name in zip(axes[1:], names, strict=True):
        _standing_strip(ax, standings[standings["name"] == name], name)
    axes[-1].xaxis.set_major_formatter(
        mdates.ConciseDateFormatter(axes[-1].xaxis.get_major_locator(), show_offset=False)
    )
    for ax in axes[1:-1]:
        ax.tick_params(length=0)
        ax.spines["bottom"].set_visible(False)
    return fig


def _share_labels(ax: Axes, wide: pd.DataFrame) -> None:
    """Name each band at its end; those not yet inspected have mostly gone by then, so they are named at the start."""
    words = {"va": "center", "size": 10.5, "color": INK, "annotation_clip": False, "textcoords": "offset points"}
    if wide[NOT_INSPECTED].iloc[0] > 25:
        ax.annotate("Not yet\ninspected", (wide.index[0], wide[NOT_INSPECTED].iloc[0] / 2), xytext=(8, 0), **words)
    last = wide.iloc[-1]
    middle = (last.cumsum() - last / 2)[(last > 0) & (last.index != NOT_INSPECTED)]
    for (grade, _), at in zip(middle.items(), spread(middle, ax.get_ylim()[1] * 0.06), strict=True):
        ax.annotate(f"{GRADE_LABELS[grade]}: {last[grade]}", (wide.index[-1], at), xytext=(6, 0), **words)


def _standing_strip(ax: Axes, mine: pd.DataFrame, name: str) -> None:
    mine = mine.sort_values("day", kind="stable")
    first, last = (mdates.num2date(x, tz=None).replace(tzinfo=None) for x in ax.get_xlim())
    runs = (mine["grade"] != mine["grade"].shift()).cumsum()
    for _, run in mine.groupby(runs):
        after = mine.loc[mine["day"] > run["day"].max(), "day"]
        end = after.min() if len(after) else run["day"].max()
        grade = run["grade"].iloc[0]
        ax.axvspan(run["day"].min(), end, facecolor=GRADE_COLOURS[grade], edgecolor=GRADE_EDGES[grade], linewidth=0.8)
        length = (end - run["day"].min()) / (last - first) * STRIP_INCHES
        if length > text_width(ax.figure, GRADE_LABELS[grade], 9.5) + 0.1:
            ax.text(run["day"].min() + (end - run["day"].min()) / 2, 0.5, GRADE_LABELS[grade], ha="center", size=9.5,
                    va="center", color=INK if grade in _DARK_TEXT else "white",
                    transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.set_ylabel(fold(ax.figure, name, 1.7), rotation=0, ha="right", va="center", labelpad=6)
