"""Charts of what inspectors found: strengths against weaknesses, themes by inspection, weaknesses that come back.

Frame in, figure out; the words around the drawing are put on by `charts.dress`. Every cell and bar prints its counts,
so that no share is read without them.
"""

from collections.abc import Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon, Rectangle

from childrens_services.rounding import half_up
from childrens_services.telling.style import GREY, INK, blank, fold, key

NAVY, ORANGE, PALE = "#12436D", "#F46A25", "#D9D9D9"
POLARITY_FILLS = {"strength": NAVY, "mixed": PALE, "weakness": ORANGE}
POLARITY_LABELS = {"strength": "strength", "mixed": "both", "weakness": "weakness"}
_EDGES = {PALE: GREY}
_BALANCES = {1: (NAVY, "white"), 0: (PALE, INK), -1: (ORANGE, INK)}
LABEL_INCHES = 2.35


def shares(rows: pd.DataFrame) -> Figure:
    """Draw what share of each inspection's findings are strengths, both and weaknesses; the counts stand in the bars.

    `rows` needs `name, label, strength, mixed, weakness, judged, recommendation`, one row an inspection or visit, from
    the top; a white line parts the authorities.
    """
    gaps = (rows["name"] != rows["name"].shift()).cumsum() - 1
    at = -(pd.RangeIndex(len(rows)) + 0.6 * gaps.to_numpy())
    fig, (ax,) = blank(0.44 * len(rows) + 0.3 * gaps.max() + 0.35)
    left = pd.Series(0.0, index=rows.index)
    for polarity, fill in POLARITY_FILLS.items():
        width = rows[polarity] / rows["judged"]
        # The pale one does not stand out from white paper by itself, so an outline does.
        ax.barh(at, width, left=left, height=0.72, color=fill, edgecolor=_EDGES.get(fill, "white"),
                linewidth=0.8 if fill in _EDGES else 1.6, zorder=3 if fill in _EDGES else 2)  # fmt: skip
        for y, x, w, n in zip(at, left, width, rows[polarity], strict=True):
            if w > 0.035:
                ax.text(
                    x + w / 2,
                    y,
                    f"{n}",
                    ha="center",
                    va="center",
                    size=10.5,
                    color="white" if fill == NAVY else INK,
                    zorder=4,
                )
        left = left + width
    for y, n in zip(at, rows["recommendation"], strict=True):
        ax.annotate(
            f"+ {n}" if n else "", (1, y), xytext=(6, 0), textcoords="offset points", va="center", size=10, color=INK
        )
    ax.set_yticks(at, rows["label"])
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda value, _: f"{half_up(value * 100)}%")
    ax.grid(visible=False)
    _polarity_key(fig)
    return fig


def _polarity_key(fig: Figure) -> None:
    handles = [
        Patch(facecolor=fill, edgecolor=_EDGES.get(fill, fill), label=POLARITY_LABELS[polarity])
        for polarity, fill in POLARITY_FILLS.items()
    ]
    handles.append(
        plt.Line2D([], [], marker="$+$", linestyle="none", color=INK, label="recommendations, counted apart")
    )
    key(fig, handles, 4, fontsize=10, columnspacing=1.4, handlelength=1.2, handletextpad=0.5)


def theme_matrix(cells: pd.DataFrame, columns: pd.DataFrame, themes: Sequence[str]) -> Figure:
    """Draw themes down and inspections across; a cell's colour says whether strengths or weaknesses are more.

    `cells` needs `event_id, covers, strength, mixed, weakness, recommendation, judged, balance`; `columns` needs
    `event_id, name, label`, in order. A corner marks a recommendation; an empty cell was not coded.
    """
    fig, (ax,) = blank(0.3 * len(themes) + 0.2)
    rows = {theme: -i for i, theme in enumerate(themes)}
    places = _places(columns)
    for cell in cells.itertuples():
        _cell(ax, places[cell.event_id], rows[cell.covers], cell)
    ax.set_xticks(list(places.values()), columns["label"], size=9.5)
    ax.set_yticks(
        list(rows.values()), [fold(fig, theme, LABEL_INCHES, 9.5) for theme in themes], size=9.5, linespacing=0.9
    )
    ax.set_xlim(-0.55, max(places.values()) + 0.55)
    ax.set_ylim(-len(themes) + 0.45, 0.55)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    _owners(ax, columns, places)
    _matrix_key(fig)
    return fig


def _places(columns: pd.DataFrame) -> dict[str, float]:
    """Give each inspection its place across, with a gap between authorities."""
    gaps = (columns["name"] != columns["name"].shift()).cumsum() - 1
    return {event: i + 0.35 * gap for i, (event, gap) in enumerate(zip(columns["event_id"], gaps, strict=True))}


def _cell(ax: Axes, x: float, y: float, cell) -> None:
    fill, ink = _BALANCES[cell.balance] if cell.judged else ("white", INK)
    ax.add_patch(
        Rectangle(
            (x - 0.48, y - 0.45), 0.96, 0.9, facecolor=fill, edgecolor=GREY if fill in (PALE, "white") else fill,
            linewidth=0.7
        )
    )  # fmt: skip
    parts = [(cell.strength, "+"), (cell.mixed, "±"), (cell.weakness, "−")]
    ax.text(x, y, "  ".join(f"{sign}{n}" for n, sign in parts if n), ha="center", va="center", size=8.5, color=ink)
    if cell.recommendation:
        ax.add_patch(
            Polygon(
                [(x + 0.48, y + 0.45), (x + 0.32, y + 0.45), (x + 0.48, y + 0.05)], facecolor=INK,
                edgecolor="white", linewidth=0.6
            )
        )  # fmt: skip


def _owners(ax: Axes, columns: pd.DataFrame, places: dict[str, float]) -> None:
    for name, mine in columns.groupby("name", sort=False):
        first = places[mine["event_id"].iloc[0]]
        ax.annotate(
            str(name), (first - 0.48, 1), xytext=(0, 36), xycoords=("data", "axes fraction"),
            textcoords="offset points", weight="bold", size=11, color=INK, va="bottom"
        )  # fmt: skip


def _matrix_key(fig: Figure) -> None:
    words = {1: "more strengths (+)", 0: "even, or both (±)", -1: "more weaknesses (−)"}
    fills = {_BALANCES[balance][0]: label for balance, label in words.items()}
    handles = [Patch(facecolor=fill, edgecolor=_EDGES.get(fill, fill), label=label) for fill, label in fills.items()]
    handles.append(
        plt.Line2D([], [], marker=[(0, 0), (-1, 0), (0, -1)], color=INK, linestyle="none", label="recommendation")
    )
    key(fig, handles, 4, fontsize=10, columnspacing=1.4, handlelength=1.2, handletextpad=0.5)


def recurrence(rows: pd.DataFrame) -> Figure:
    """Draw for each theme that came back the inspections that coded it: filled where as a weakness, hollow where not.

    `rows` as `findings.recurring` gives them, one panel an authority. A theme that an inspection did not code has no
    mark there, so a gap is seen.
    """
    owners = list(dict.fromkeys(rows["name"]))
    counts = [rows.loc[rows["name"] == owner, "theme"].nunique() for owner in owners]
    heights = [0.36 * n + 0.1 for n in counts]
    gap = 0.6  # inches between panels, for the years of one and the name of the next
    fig, axes = blank(
        sum(heights) + gap * (len(owners) - 1), rows=len(owners), sharex=True,
        gridspec_kw={"height_ratios": heights, "hspace": gap * len(owners) / sum(heights)},
    )  # fmt: skip
    first, last = rows["start_earliest"].min(), rows["start_earliest"].max()
    for ax, owner in zip(axes, owners, strict=True):
        _came_back(ax, rows[rows["name"] == owner])
        ax.set_title(owner, loc="left", weight="bold", size=11, pad=6)
        ax.set_xlim(first - pd.Timedelta(days=250), last + pd.Timedelta(days=250))
    key(fig, [plt.Line2D([], [], marker="o", linestyle="none", color=NAVY, label="weakness or recommendation coded"),
              plt.Line2D([], [], marker="o", linestyle="none", markerfacecolor="white", markeredgecolor=NAVY,
                         label="coded, but neither"),
              plt.Line2D([], [], linestyle=(0, (2, 2)), color=GREY, label="neither coded in between")], 3, fontsize=10,
        columnspacing=1.4, handletextpad=0.5)  # fmt: skip
    return fig


def _came_back(ax: Axes, mine: pd.DataFrame) -> None:
    themes = list(dict.fromkeys(mine["covers"]))
    for i, theme in enumerate(themes):
        line = mine[mine["covers"] == theme].reset_index(drop=True)
        _one_line(ax, line, -i)
        years, times = int(line["years"].iloc[0]), int(line["times"].iloc[0])
        ax.annotate(
            f"{years} years, {times} of {len(line)}", (1, -i), xytext=(6, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", size=10, color=INK
        )  # fmt: skip
    ax.set_yticks(
        [-i for i in range(len(themes))],
        [fold(ax.figure, theme, 2.9, 10) for theme in themes],
        size=10,
        linespacing=0.9,
    )
    ax.set_ylim(-len(themes) + 0.4, 0.6)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")


def _one_line(ax: Axes, line: pd.DataFrame, y: float) -> None:
    """Draw one theme: solid between neighbouring inspections that both coded a weakness, dashed across the others."""
    hits = list(line.index[line["critical"] > 0])
    for left, right in pairwise(hits):
        ax.plot(line.loc[[left, right], "start_earliest"], [y, y], color=NAVY if right == left + 1 else GREY,
                linewidth=1.8, linestyle="-" if right == left + 1 else (0, (2, 2)), zorder=2)  # fmt: skip
    for row in line[line["coded"] > 0].itertuples():
        ax.plot(row.start_earliest, y, "o", markersize=8, markeredgecolor=NAVY, markeredgewidth=1.4, zorder=3,
                markerfacecolor=NAVY if row.critical else "white")  # fmt: skip
