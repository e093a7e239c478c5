"""Around a survival curve that seaborn draws: its confidence band below it, and where single spells stand on it."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from childrens_services.telling import style
from childrens_services.telling.style import FAINT, GREY, INK, Look

__all__ = ["band", "finish"]


def band(rows: pd.DataFrame) -> Axes:
    """Return the axes of a new figure with the confidence band of a curve drawn in steps: `years, low, high`."""
    _, (ax,) = style.blank(3.1 if style.is_wide() else 2.8)
    ax.fill_between(rows["years"], rows["low"], rows["high"], step="post", color=FAINT, lw=0, zorder=1)
    return ax


def finish(ax: Axes, spells: pd.DataFrame, look: Look) -> Figure:
    """Finish a curve: per cent from none to all, years below, a named mark at each spell that lasts (`name, years`)."""
    ax.set(xlabel="", ylabel="", ylim=(0, 105), xlim=(0, None))
    ax.axhline(50, color=GREY, lw=0.8, ls=(0, (2, 2)), zorder=1)
    ax.yaxis.set_major_locator(MultipleLocator(25))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g} year{'s' if value != 1 else ''}")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for place, spell in enumerate(spells.sort_values(["years", "name"]).itertuples()):
        ax.axvline(spell.years, color=look.palette[spell.name], lw=1.6, zorder=2)
        late = spell.years > sum(ax.get_xlim()) / 2
        side = {"ha": "right", "xytext": (-5, 0)} if late else {"ha": "left", "xytext": (5, 0)}
        at = (spell.years, 102 - 9 * place if late else 4 + 9 * place)  # the curve is high early and low late
        up = "top" if late else "bottom"
        ax.annotate(f"{spell.name}, so far", at, textcoords="offset points", va=up, size=10, color=INK, **side)
    return ax.figure
