"""What comes back: a row for each theme, with a dot for each report in which it came up.

Goes in: a frame with a row a theme and report. Comes out: a figure. Every row prints how often, so that no gap is read
as a count.
"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from childrens_services.telling import style
from childrens_services.telling.style import GREY

__all__ = ["recurrence"]
ROW, BETWEEN = 0.31, 0.6  # inches: a theme, and the room between panels
SIDE = pd.Timedelta(days=250)
KEY = {"fault": "fault found", "none": "mentioned, no fault found"}


def recurrence(rows: pd.DataFrame, palette: Mapping[str, str]) -> Figure:
    """Return a panel for each authority and in it a row for each theme, with a dot at each report that has it.

    `rows` needs `name, heading, start_earliest, critical, coded`: a dot is filled where `critical` is above zero and
    hollow where only `coded` is; a line joins reports in a row that both found fault. Themes stand in the order of the
    rows, and beside each in how many reports of how many. `palette` has the colour of each name.
    """
    names = list(dict.fromkeys(rows["name"]))
    heights = [ROW * rows.loc[rows["name"] == name, "heading"].nunique() + 0.1 for name in names]
    gaps = {"height_ratios": heights, "hspace": BETWEEN * len(names) / sum(heights)}
    fig, axes = style.blank(sum(heights) + BETWEEN * (len(names) - 1), len(names), sharex=True, gridspec_kw=gaps)
    for ax, name in zip(axes, names, strict=True):
        _panel(ax, rows[rows["name"] == name], palette[name])
        ax.set_title(name, loc="left", weight="bold", size=11, pad=6)
    axes[0].set_xlim(rows["start_earliest"].min() - SIDE, rows["start_earliest"].max() + SIDE)
    dot = {"marker": "o", "ls": "", "ms": 8, "mec": GREY}
    style.key(fig, [plt.Line2D([], [], mfc=GREY if k == "fault" else "white", label=v, **dot) for k, v in KEY.items()])
    return fig


def _panel(ax: Axes, rows: pd.DataFrame, colour: str) -> None:
    themes = list(dict.fromkeys(rows["heading"]))
    for place, theme in enumerate(themes):
        line = rows[rows["heading"] == theme].sort_values("start_earliest", kind="stable")
        days, found = line["start_earliest"], line["critical"] > 0
        ax.plot(days, pd.Series(place, line.index).where(found), color=colour, lw=1.8, zorder=2)
        for fill, shown in ((colour, found), ("white", ~found & (line["coded"] > 0))):
            ax.scatter(days[shown], [place] * shown.sum(), s=62, facecolor=fill, edgecolor=colour, lw=1.4, zorder=3)
        words = f"{found.sum()} of {len(line)}"
        at = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
        ax.annotate(words, (1, place), xytext=(6, 0), size=10, **at)
    room = style.width() * 0.4
    ax.set_yticks(range(len(themes)), [style.fold(ax.figure, theme, room, 10) for theme in themes], size=10)
    ax.set_ylim(len(themes) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
