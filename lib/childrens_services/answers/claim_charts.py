"""Charts of claims: verdicts by kind of test and by who made the claim.

Frame in, figure out; the words around the drawing are put on by `charts.dress`.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from childrens_services.rounding import half_up
from childrens_services.telling.style import GREY, INK, blank, fold, key, text_width

# The light ones do not stand out from white paper by themselves, so an outline does; each segment prints its number.
VERDICT_COLOURS = {
    "holds": "#12436D",
    "holds_roughly": "#ADD1F1",
    "agrees_with_itself_only": "#6BACE6",
    "differs_in_scope": "#BFBFBF",
    "does_not_hold": "#F46A25",
    "cannot_be_tested": "#F2F2F2",
}
_EDGES = {"holds_roughly": GREY, "agrees_with_itself_only": GREY, "differs_in_scope": GREY, "cannot_be_tested": GREY}
_BAR_INCHES = 5.0


def verdicts(rows: pd.DataFrame, words: Mapping[str, str]) -> Figure:
    """Draw claims as stacked bars, one panel a grouping, the longest bar at the top, each segment with its number.

    `rows` needs `panel, label, verdict, claims`; `words` gives each verdict its words for the key.
    """
    panels = list(dict.fromkeys(rows["panel"]))
    sizes = [rows[rows["panel"] == panel]["label"].nunique() for panel in panels]
    fig, axes = blank(0.4 * sum(sizes) + 0.55 * len(panels), rows=len(panels),
                      gridspec_kw={"height_ratios": sizes, "hspace": 1.1 / (sum(sizes) / len(sizes))})  # fmt: skip
    widest = rows.groupby(["panel", "label"])["claims"].sum().max()
    for ax, panel in zip(axes, panels, strict=True):
        _panel(ax, rows[rows["panel"] == panel], widest)
        ax.set_title(panel, loc="left", weight="bold", size=11, pad=5)
    seen = [verdict for verdict in VERDICT_COLOURS if verdict in set(rows["verdict"])]
    handles = [Patch(facecolor=VERDICT_COLOURS[v], edgecolor=_EDGES.get(v, "white"), label=words[v]) for v in seen]
    key(fig, handles, 3, fontsize=10, handlelength=1.2, columnspacing=1.4)
    return fig


def _panel(ax: Axes, mine: pd.DataFrame, widest: int) -> None:
    wide = mine.pivot(index="label", columns="verdict", values="claims").fillna(0)
    wide = wide.loc[wide.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    for y, (_, row) in enumerate(wide.iterrows()):
        _bar(ax, -y, row, widest)
    ax.set_yticks([-y for y in range(len(wide))], [fold(ax.figure, str(label), 1.9) for label in wide.index])
    ax.set_xlim(0, widest * 1.005)  # room for the outline of the longest
    ax.set_ylim(-len(wide) + 0.5, 0.5)
    # Each segment carries its number, so an axis would only repeat them.
    ax.set_xticks([])
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0)


def _bar(ax: Axes, y: float, row: pd.Series, widest: int) -> None:
    left = 0.0
    for verdict, colour in VERDICT_COLOURS.items():
        n = row.get(verdict, 0)
        if not n:
            continue
        ax.barh(y, n, left=left, height=0.68, color=colour, edgecolor=_EDGES.get(verdict, "white"), linewidth=0.8)
        if n / widest * _BAR_INCHES > text_width(ax.figure, f"{half_up(n)}", 10) + 0.03:
            ax.text(left + n / 2, y, f"{half_up(n)}", ha="center", va="center", size=10,
                    color="white" if verdict == "holds" else INK)  # fmt: skip
        left += n
