"""A timeline in lanes: what happened to each authority and when, with words beside the marks.

Goes in: a frame with a row an event. Comes out: a figure. There are three marks: a square in the colour of a grade, a
dot for what concerns children's services, and a hollow dot for what concerns the whole council or area.
"""

from collections.abc import Sequence

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from childrens_services.telling import style
from childrens_services.telling.style import FAINT, GRADES, GREY, INK
from childrens_services.telling.words import counted

__all__ = ["heap", "timeline"]
LINE, MARK, CAPTION = 0.155, 0.24, 0.27  # inches: a line of a label, the room of a mark, the name of a lane
APART = 0.08  # inches between labels side by side
BETWEEN = 0.4  # inches between panels
SIZE = 9
WIDEST = 1.25  # inches; a longer label is broken into lines
OWN = "childrens_services"
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}  # behind words, so that no line runs through them


def timeline(rows: pd.DataFrame, lanes: Sequence[str], last_day: pd.Timestamp) -> Figure:
    """Return a panel for each authority, with a lane for each of `lanes` in which something happened.

    `rows` needs `name, lane, day, label, scope`; `grade`, missing where there is none; `noun`, by which marks of one
    kind in a row are counted under one label, missing where they are not; `is_main`, since on phones few others are
    named; and `known`, the day to which the lane was looked through, where its line ends. The axis runs from the year
    of the first event to `last_day`.
    """
    days = pd.Timestamp(rows["day"].min().year, 1, 1), last_day
    names = list(dict.fromkeys(rows["name"]))
    parts = {
        (name, lane): _placed(_labelled(mine), *days)
        for name in names
        for lane in lanes
        if len(mine := rows[(rows["name"] == name) & (rows["lane"] == lane)])
    }
    depths = {key: CAPTION + mine["top"].max() + MARK for key, mine in parts.items()}
    heights = [sum(depth for key, depth in depths.items() if key[0] == name) for name in names]
    ratios = {"height_ratios": heights, "hspace": BETWEEN * len(names) / sum(heights)}
    fig, axes = style.blank(sum(heights) + BETWEEN * (len(names) - 1), len(names), sharex=True, gridspec_kw=ratios)
    for ax, name, height in zip(axes, names, heights, strict=True):
        _panel(ax, name, height, *days)
        for key in [key for key in parts if key[0] == name]:
            _lane(ax, parts[key], height, style.colours(names)[name])
            height -= depths[key]
    return fig


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """Add `words` to the marks of a lane: the first of several of one kind in a row speaks for all of them."""
    ordered = rows.sort_values(["day", "label"], ignore_index=True)
    again = ordered["noun"].notna() & ordered["noun"].eq(ordered["noun"].shift())
    size = again.groupby((~again).cumsum()).transform("size")
    several = [counted(n, noun).capitalize() if n > 1 else "" for n, noun in zip(size, ordered["noun"], strict=True)]
    silent = again if style.is_wide() else again | ~(ordered["is_main"] | size.gt(2))
    return ordered.assign(words=ordered["label"].mask(size > 1, pd.Series(several)).mask(silent, ""))


def _placed(rows: pd.DataFrame, first_day: pd.Timestamp, last_day: pd.Timestamp) -> pd.DataFrame:
    """Add where the label of each mark stands: `left`, a day, and `bottom` and `top`, inches above the mark.

    The first labels run to the left of their marks and the others to the right, so that the heap is low.
    """
    fig = style.blank(1)[0]
    fonts = [(SIZE, "bold" if graded else "normal") for graded in rows["grade"].notna()]
    words = [style.fold(fig, text, WIDEST, *font) for text, font in zip(rows["words"], fonts, strict=True)]
    lines = [text.split("\n") if text else [] for text in words]
    widths = ([style.text_width(fig, line, *font) for line in own] for own, font in zip(lines, fonts, strict=True))
    wide = [max(own, default=0) for own in widths]
    plt.close(fig)
    length = style.width() - 2 * style.MARGIN - 0.2
    a_day = length / (last_day - first_day).days
    at = [days * a_day for days in (rows["day"] - first_day).dt.days]
    high = [LINE * len(own) for own in lines]
    heaps = [heap(at, wide, high, length, turn) for turn in range(len(at) + 1)]
    left, bottom, _ = min(heaps, key=lambda one: (round(max(np.add(one[1], high)), 6), one[2]))
    days = first_day + pd.to_timedelta(pd.Series(left) / a_day, unit="D")
    return rows.assign(words=words, left=days, bottom=bottom, top=np.add(bottom, high))


def heap(
    at: Sequence[float], wide: Sequence[float], high: Sequence[float], length: float, turn: int
) -> tuple[list[float], list[float], float]:
    """Return the left ends and feet of labels at sorted places: the first `turn` reach to the left, the others right.

    A label stands on those that it reaches over, so that no leader crosses another label; one that would leave the axis
    is moved, and the third value is by how much all were moved. Inches, as `at`, `wide`, `high` and `length` are.
    """
    reach = [x - w if i < turn else x for i, (x, w) in enumerate(zip(at, wide, strict=True))]
    left = [max(0.0, min(x, length - w)) for x, w in zip(reach, wide, strict=True)]
    foot = [0.0] * len(left)
    done: list[int] = []
    for i in [*range(turn), *reversed(range(turn, len(left)))]:
        met = [j for j in done if left[j] < left[i] + wide[i] + APART and left[i] < left[j] + wide[j] + APART]
        foot[i] = max((foot[j] + high[j] for j in met), default=0.0)
        done += [i] if high[i] else []
    return left, foot, round(sum(abs(a - b) for a, b in zip(left, reach, strict=True)), 6)


def _panel(ax: Axes, name: str, height: float, first_day: pd.Timestamp, last_day: pd.Timestamp) -> None:
    ax.set_title(name, loc="left", weight="bold", size=12)
    ax.set(xlim=(first_day, last_day), ylim=(0, height), yticks=[])
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x")
    years = (last_day - first_day).days / 365
    ax.xaxis.set_major_locator(mdates.YearLocator(max(1, round(years / (style.width() * 0.9)))))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))


def _lane(ax: Axes, rows: pd.DataFrame, top: float, colour: str) -> None:
    """Draw one lane below `top`: its name, a line as far as it is known, marks, and words above them."""
    words = {"textcoords": "offset points", "size": SIZE, "color": INK, "annotation_clip": False}
    first_day, last_day = (mdates.num2date(x).replace(tzinfo=None) for x in ax.get_xlim())
    base = top - CAPTION - rows["top"].max() - MARK / 2
    ax.annotate(rows["lane"].iloc[0], (first_day, top), (0, -3), va="top", **words | {"color": GREY})
    known = min(max(rows["known"].max(), rows["day"].max()), last_day)
    ax.hlines(base, first_day, known, color=FAINT, lw=1.4, zorder=1)
    for row in rows.itertuples():
        graded = row.grade in GRADES
        face = GRADES[row.grade] if graded else colour if row.scope == OWN else "white"
        look = {"mec": INK, "ms": 9, "zorder": 4} if graded else {"mec": colour, "ms": 7, "zorder": 3}
        ax.plot(row.day, base, "s" if graded else "o", color=colour, mfc=face, mew=1.2, clip_on=False, **look)
        if row.words:
            foot = base + MARK / 2 + row.bottom
            ax.vlines(row.day, base, foot, color=GREY, lw=0.6, zorder=2)
            look = {"weight": "bold" if graded else "normal", "bbox": PAPER, "linespacing": 1.05, "zorder": 5}
            ax.annotate(row.words, (row.left, foot), (0, 1), va="bottom", **words | look)
