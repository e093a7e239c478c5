"""Measure a chart as a reader sees it: words that overlap or leave the picture, marks too faint on white paper."""

import itertools
from dataclasses import dataclass

import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

TOUCH = 1.5  # pixels that two boxes may share


@dataclass(frozen=True)
class Box:
    """The room that a piece of text or the key takes, in pixels."""

    kind: str
    text: str
    room: Bbox


def boxes(fig: Figure) -> list[Box]:
    """Measure every piece of text that is drawn, and the keys as one box each."""
    FigureCanvasAgg(fig)  # a closed figure has lost its canvas
    fig.draw_without_rendering()
    found = [Box("words", text.get_text(), extent(text)) for text in fig.texts]
    found += [Box("key", "key", key.get_window_extent(fig.canvas.get_renderer())) for key in fig.legends]
    for ax in (ax for ax in fig.axes if ax.get_visible()):
        ticks = [*tick_labels(ax.xaxis), *tick_labels(ax.yaxis)]
        around = [ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label]
        found += [Box("tick", text.get_text(), extent(text)) for text in ticks if shown(text)]
        found += [Box("axes", text.get_text(), extent(text)) for text in [*ax.texts, *around] if shown(text)]
    return found


def tick_labels(axis: Axis) -> list[Text]:
    """Give the labels of the ticks that are drawn: those inside the limits of the axis."""
    low, high = sorted(axis.get_view_interval())
    margin = (high - low) * 1e-9
    drawn = [tick for tick in axis.get_major_ticks() if low - margin <= tick.get_loc() <= high + margin]
    return [label for tick in drawn for label in (tick.label1, tick.label2)]


def shown(text: Text) -> bool:
    return text.get_visible() and bool(text.get_text().strip())


def extent(text: Text) -> Bbox:
    """Measure a text alone: an annotation without its leader line."""
    renderer = text.figure.canvas.get_renderer()
    if isinstance(text, Annotation):
        text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)


def overlap(one: Bbox, other: Bbox) -> bool:
    wide, high = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide > TOUCH and high > TOUCH


def faults(fig: Figure) -> list[str]:
    """List what is wrong with the lay-out: text outside the figure, boxes that overlap, words on the drawing."""
    found, (wide, high) = boxes(fig), fig.bbox.max + 0.5
    outside = [b for b in found if min(b.room.x0, b.room.y0) < -0.5 or b.room.x1 > wide or b.room.y1 > high]
    drawn = [ax.get_window_extent() for ax in fig.axes if ax.get_visible()]
    on_axes = [b for b in found if b.kind in ("words", "key") and any(overlap(b.room, ax) for ax in drawn)]
    pairs = [(a, b) for a, b in itertools.combinations(found, 2) if overlap(a.room, b.room)]
    return (
        [f"outside: {b.text!r}" for b in outside]
        + [f"on the drawing: {b.text!r}" for b in on_axes]
        + [f"overlap: {a.text!r} and {b.text!r}" for a, b in pairs]
    )


def nothing_drawn(fig: Figure) -> list[str]:
    """List panels without a mark: an empty frame is no chart."""
    panels = [ax for ax in fig.axes if ax.get_visible()]
    marked = [ax.patches or ax.collections or any(len(line.get_xdata()) for line in ax.lines) for ax in panels]
    empty = [ax.get_title(loc="left") for ax, is_marked in zip(panels, marked, strict=True) if not is_marked]
    return ["no panel"] * (not panels) + [f"nothing drawn: {title!r}" for title in empty]


def luminance(colour) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))


def contrast(one, other="white") -> float:
    """Contrast ratio by WCAG 2.2: `contrast("black")` is 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen(*parts) -> float:
    """The best contrast with white paper among the parts of a mark: its face and its edge."""
    return max(contrast(part) for part in parts if to_rgba(part)[3] == 1)


def faint_marks(fig: Figure) -> list[str]:
    """List lines, points, bars and cells that do not stand out from white paper by 3:1, neither by face nor edge."""
    lines = [line for ax in fig.axes for line in ax.lines if line.get_color() != "white" and len(line.get_xdata())]
    patches = [patch for ax in fig.axes for patch in ax.patches]
    looks = [(line.get_label(), (line.get_color(), line.get_markeredgecolor())) for line in lines]
    looks += [("patch", (patch.get_facecolor(), patch.get_edgecolor())) for patch in patches]
    return [f"{label}: {parts}" for label, parts in looks if seen(*parts) < 3]


def words_out_of_their_box(fig: Figure) -> list[str]:
    """List words written on a patch that are wider or higher than it; labels beside a drawing are annotations."""
    boxes(fig)
    out = []
    for ax in fig.axes:
        patches = [patch.get_window_extent() for patch in ax.patches]
        for text in (t for t in ax.texts if not isinstance(t, Annotation)):
            room, middle = extent(text), (extent(text).x0 + extent(text).x1) / 2
            own = [p for p in patches if p.x0 <= middle <= p.x1 and p.y0 <= (room.y0 + room.y1) / 2 <= p.y1]
            if not any(p.x0 <= room.x0 and room.x1 <= p.x1 and p.y0 <= room.y0 and room.y1 <= p.y1 for p in own):
                out.append(text.get_text())
    return out
