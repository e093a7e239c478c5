"""Draw a figure once, and play the drawing on any canvas: walking through axes, ticks and labels costs most of a draw.

Goes in: a figure that is laid out. Comes out: its steps in points from the lower left corner, each with its own copy of
line, colour and clip. Paths, marks and words are kept, which is all that our charts are made of; a picture inside a
chart is refused.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Bbox, BboxBase, Transform, TransformedPath, TransformNode


class Step(NamedTuple):
    """One call of a canvas: its name, how to draw, what to draw."""

    name: str
    context: GraphicsContextBase | None
    what: tuple


class _Recorder(RendererBase):
    """A canvas that keeps what it is asked to draw."""

    def __init__(self, fig: Figure) -> None:
        super().__init__()
        self.size = tuple(fig.get_size_inches() * 72)
        self.steps: list[Step] = []
        self._clips: dict[TransformNode, TransformNode] = {}

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.size

    def flipy(self) -> bool:
        return False

    def open_group(self, s: str, gid: str | None = None) -> None:
        self.steps.append(Step("open_group", None, (s, gid)))

    def close_group(self, s: str) -> None:
        self.steps.append(Step("close_group", None, (s,)))

    def draw_path(self, gc: GraphicsContextBase, *what: Any) -> None:
        self._keep("draw_path", gc, what)

    def draw_markers(self, gc: GraphicsContextBase, *what: Any) -> None:
        self._keep("draw_markers", gc, what)

    def draw_path_collection(self, gc: GraphicsContextBase, *what: Any, hatchcolors: Sequence | None = None) -> None:
        self._keep("draw_path_collection", gc, what)

    def draw_text(self, gc: GraphicsContextBase, *what: Any, ismath: bool = False, mtext: Any = None) -> None:
        self._keep("draw_text", gc, (*what, ismath, mtext))

    def draw_image(self, *what: Any, **more: Any) -> None:
        raise NotImplementedError("a chart is drawn of lines, marks and words; leave the picture out of it")

    def _keep(self, name: str, gc: GraphicsContextBase, what: Sequence) -> None:
        own = GraphicsContextBase()
        own.copy_properties(gc)
        own._cliprect, own._clippath = self._still(gc._cliprect), self._still(gc._clippath)
        self.steps.append(Step(name, own, tuple(one.frozen() if isinstance(one, Transform) else one for one in what)))

    def _still(self, clip: BboxBase | TransformedPath | None) -> BboxBase | TransformedPath | None:
        """Give a clip that no longer moves with its figure, the same one each time: a PDF tells them apart by that."""
        if clip is not None and clip not in self._clips:
            if isinstance(clip, BboxBase):
                self._clips[clip] = clip.frozen()
            else:
                path, moved = clip.get_transformed_path_and_affine()
                self._clips[clip] = TransformedPath(path, moved.frozen())
        return self._clips.get(clip)


def record_steps(fig: Figure) -> list[Step]:
    """Draw a figure and give the steps; raises NotImplementedError for a picture inside it."""
    canvas, own = _Recorder(fig), fig.dpi
    fig.set_dpi(72)
    fig.draw(canvas)
    fig.set_dpi(own)
    return canvas.steps


@contextmanager
def played(fig: Figure, steps: Sequence[Step]) -> Iterator[None]:
    """Let a figure draw what was recorded of it, on whichever canvas and in whichever number of dots an inch."""
    with patch.object(fig, "draw", lambda canvas: _play(canvas, steps, fig.dpi / 72)):
        yield


def _play(canvas: RendererBase, steps: Sequence[Step], scale: float) -> None:
    grow = Affine2D().scale(scale) if scale != 1 else None
    height = canvas.get_canvas_width_height()[1]
    for name, context, what in steps:
        if context is None:
            getattr(canvas, name)(*what)
        elif name == "draw_text":
            x, y, *words, mtext = what
            y = height - y * scale if canvas.flipy() else y * scale
            canvas.draw_text(_grown(canvas, context, grow), x * scale, y, *words, mtext=mtext)
        else:
            moved = (one + grow if grow and isinstance(one, Transform) else one for one in what)
            getattr(canvas, name)(_grown(canvas, context, grow), *moved)


def _grown(canvas: RendererBase, context: GraphicsContextBase, grow: Affine2D | None) -> GraphicsContextBase:
    """Give the canvas a context of its own kind, its clips as large as the canvas."""
    own = canvas.new_gc()
    own.copy_properties(context)
    if grow and (box := own.get_clip_rectangle()):
        own.set_clip_rectangle(Bbox(grow.transform(box.get_points())))
    if grow and own._clippath:
        path, moved = own.get_clip_path()
        own.set_clip_path(TransformedPath(path, moved + grow))
    return own
