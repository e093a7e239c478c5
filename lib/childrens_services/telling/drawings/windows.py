"""Windows in which something was expected, and the day on which it came: a row an occasion.

Goes in: a frame with a row an expectation. Comes out: a figure.
"""

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from childrens_services.telling import style
from childrens_services.telling.style import FAINT, GREY, INK

__all__ = ["windows"]
LINE, BAR = 0.18, 0.16  # inches: a line of words, and a bar with the space to the next
BEFORE = 0.14  # inches above the words of a row


def windows(rows: pd.DataFrame) -> Figure:
    """Return bars from the first to the last day of each window, those of one occasion below each other.

    `rows` needs `label` (of the occasion, which stands above its bars), `window_start`, `window_end`, `came` (the day,
    missing where nothing is known to have come), `until` (the day to which a reader looked) and `note`. A dot stands on
    the day it came, and a broken line runs from the last window to that day, or to `until`; the note stands at its end.
    """
    fig, (ax,) = style.blank(1)
    top = 0.0
    for label, part in rows.groupby("label", sort=False):
        top = _words(ax, str(label), top - BEFORE, "bold")
        if not style.is_wide():  # no room beside the mark
            top = _words(ax, part["note"].iloc[-1], top, "normal")
        top = _row(ax, part.sort_values(["window_end", "window_start"]), top)
    _frame(ax, rows, top)
    fig.set_size_inches(style.width(), 0.1 - top)
    return fig


def _words(ax: Axes, text: str, top: float, weight: str) -> float:
    """Write words below `top`, as wide as the drawing, and return where what follows begins."""
    words = style.fold(ax.figure, text, style.width() - 2 * style.MARGIN - 0.2, 10, weight)
    foot = top - LINE * (words.count("\n") + 1)
    look = {"va": "bottom", "size": 10, "color": INK, "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0}}
    at = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points"}
    ax.annotate(words, (0, foot), (0, 2), weight=weight, **look, **at)
    return foot


def _row(ax: Axes, part: pd.DataFrame, top: float) -> float:
    """Draw the windows of one occasion below `top` and return where the next row begins."""
    for i, row in enumerate(part.itertuples()):
        days = max((row.window_end - row.window_start).days, 6)  # a day alone would be too thin to see
        look = {"height": BAR * 0.75, "color": FAINT, "edgecolor": GREY, "linewidth": 0.8}
        ax.barh(top - BAR * (i + 0.5), days, left=row.window_start, **look)
    last, base = part.iloc[-1], top - BAR * (len(part) - 0.5)
    end = last["came"] if pd.notna(last["came"]) else last["until"]
    if end > last["window_end"]:
        ax.plot([last["window_end"], end], [base, base], color=INK, linewidth=1.2, linestyle=(0, (2, 2)), zorder=2)
    if pd.notna(last["came"]):
        ax.plot(end, base, "o", color=INK, markersize=6, zorder=3)
    if style.is_wide():
        at = max(end, last["window_end"]), base
        ax.annotate(last["note"], at, (8, 0), textcoords="offset points", va="center", size=10, color=INK)
    return top - BAR * len(part)


def _frame(ax: Axes, rows: pd.DataFrame, foot: float) -> None:
    ends = rows[["window_end", "came", "until"]].max().max()
    ax.set(xlim=(rows["window_start"].min() - pd.Timedelta(days=20), ends), ylim=(foot - 0.1, 0), yticks=[])
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x")
    ax.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=8))
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(ax.xaxis.get_major_locator(), show_offset=False))
