"""Draw one finished figure in every format that a newsroom takes: PNG, SVG with text as paths or as text, PDF.

Goes in: a dressed figure and its record. Comes out: bytes by the ending of a file's name. The figure is laid out once
and painted once; the pictures for posts are made of the one that is painted. The same figure gives the same bytes: no
day, no version and no chance is in them.
"""

import io
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from childrens_services.telling import cards
from childrens_services.telling.recording import played, record_steps
from childrens_services.telling.style import Edges, spread_panels, text_width

# Faces of about the width of Source Sans, so that a desk without it sees text that still fits.
FACES = "'Source Sans 3', 'Source Sans Pro', 'Myriad Pro', Calibri, Carlito, 'Segoe UI', Arial, sans-serif"
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_BOTH = "outlines-and-text"
_COLOURS = 256
_IN_PDF = {"GlyphOrder", "head", "hhea", "hmtx", "maxp", "loca", "glyf"}
_LATIN = [*range(0x20, 0x180), *range(0x2000, 0x2070), *range(0x20A0, 0x20C0), *range(0x2190, 0x2200)]
_SHADES = 12  # steps of red, green and blue together that nobody sees side by side
_SNAPPED = 48  # colours of the drawing that stay exactly what they are; those of edges may move by a shade
for _prefix, _space in (("", _SVG[1:-1]), ("xlink", _HREF[1:-5]), ("dc", "http://purl.org/dc/elements/1.1/"),
                        ("cc", "http://creativecommons.org/ns#"),
                        ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#")):  # fmt: skip
    ElementTree.register_namespace(_prefix, _space)


def draw_files(fig: Figure, record: dict[str, Any], edges: Edges) -> dict[str, bytes]:
    """Draw every format of a figure, by the ending of its file; the figure is used up by it.

    `untitled.svg` is for a page that prints the title itself, `text.svg` and `pdf` for a desk that edits the words.
    """
    with played(fig, record_steps(fig)):
        picture = paint(fig)
        drawn = draw_svgs(fig, record, edges) | {"pdf": draw_pdf(fig, record)}
    pictures = {"png": picture, "half.png": picture.reduce(2), **_cards(fig, picture, record, edges)}
    colours = few_colours(picture)
    return drawn | {name: pack_png(one, record, colours) for name, one in pictures.items()}


def _cards(fig: Figure, picture: Image.Image, record: dict[str, Any], edges: Edges) -> dict[str, Image.Image]:
    """Make the square and the wide picture of the one that is painted; only many panels are laid out anew."""
    words = cards.Words(record["finding"], record["subtitle"], record["source"])
    head, foot = (round(inches * fig.dpi) for inches in edges)
    if spread_panels(fig):
        body = paint(fig)
        return {"square.png": cards.below(body, words), "wide.png": cards.beside(body, words)}
    return {"square.png": cards.square(picture), "wide.png": cards.wide(picture, words, head, foot)}


def paint(fig: Figure, dpi: float | None = None) -> Image.Image:
    """Paint a figure as a picture, at its own resolution or at so many dots an inch."""
    canvas, own = FigureCanvasAgg(fig), fig.dpi
    fig.set_dpi(dpi or own)
    canvas.draw()
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    fig.set_dpi(own)
    return picture.convert("RGB")


def pack_png(picture: Image.Image, record: dict[str, Any], colours: Image.Image | None = None) -> bytes:
    """Pack a picture into a PNG of at most 256 colours, which here nobody can tell from all of them, with its words.

    `colours` are those of a picture that shows the same, see `few_colours`.
    """
    words = PngInfo()
    for name, key in (("Title", "finding"), ("Description", "alt"), ("Source", "source"), ("Copyright", "licence")):
        words.add_itxt(name, record[key], lang="en-GB")
    packed = io.BytesIO()
    few = picture.quantize(palette=colours or few_colours(picture), dither=Image.Dither.NONE)
    few.save(packed, "PNG", pnginfo=words, dpi=(200, 200), compress_level=6)
    return packed.getvalue()


def few_colours(picture: Image.Image) -> Image.Image:
    """Give a palette for a picture; the colours that fill most of it stay exact, so that white is white.

    Shades next to an exact colour give way to it. Every pixel is to be matched anew: else a pixel could keep the place
    of a colour that has moved, and white paper turn pale orange.
    """
    few = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = np.array(few.getpalette()).reshape(-1, 3)
    exact = sorted(picture.getcolors(picture.width * picture.height), reverse=True)[:_SNAPPED]
    for _, colour in reversed(exact):  # the commonest last, so that it wins a place that two would take
        away = np.abs(palette - colour).sum(axis=1)
        palette[away <= max(_SHADES, away.min())] = colour
    few.putpalette(palette.ravel().tolist())
    return few


def draw_svgs(fig: Figure, record: dict[str, Any], edges: Edges) -> dict[str, bytes]:
    """Draw a figure once as SVG: with its letters as paths, with and without the words at the top, and as text."""
    drawn = _svg(fig, record)
    tree, texts = ElementTree.fromstring(drawn), ElementTree.fromstring(drawn)
    for one in (tree, texts):
        _name(one, record)
    _keep(tree, slice(-1))
    _keep(texts, slice(-1, None))
    _make_small(tree)
    _make_small(texts)
    _name_faces(texts, fig)
    whole = _spelled(tree)
    _without_title(tree, round((edges.head - 0.1) * 72, 2), round(fig.get_figheight() * 72, 2))
    return {"svg": whole, "untitled.svg": _spelled(tree), "text.svg": _spelled(texts)}


def _name_faces(tree: ElementTree.Element, fig: Figure) -> None:
    """Give text a row of faces of which one is everywhere.

    The words above and below fill their lines, so these have their length written down: a wider face would run out.
    """
    tree.set("style", f"font-family: {FACES}")  # once, for all text below
    for text in tree.iter(f"{_SVG}text"):
        text.set("style", text.get("style", "").replace("font-family: 'Source Sans Pro'; ", ""))
        if text.get("transform", "").startswith("rotate(-0 "):
            del text.attrib["transform"]
    lengths = {text.get_gid(): text_width(fig, text.get_text(), text.get_size(), text.get_weight()) * 72
               for text in fig.texts if text.get_gid()}  # fmt: skip
    for group in tree.iter(f"{_SVG}g"):
        if group.get("id") in lengths:
            group[0].attrib |= {"textLength": f"{lengths[group.get('id')]:.1f}", "lengthAdjust": "spacingAndGlyphs"}


def draw_pdf(fig: Figure, record: dict[str, Any]) -> bytes:
    """Draw a figure as PDF with text as text, its letters embedded as TrueType."""
    words = {"Title": record["finding"], "Subject": record["alt"], "Author": record["source"],
             "CreationDate": None, "Creator": None, "Producer": None}  # fmt: skip
    drawn = io.BytesIO()
    with plt.rc_context({"pdf.fonttype": 42}), patch.object(subset, "load_font", _load_plain):
        fig.savefig(drawn, format="pdf", metadata=words)
    return drawn.getvalue()


def _load_plain(path: str, options: subset.Options) -> TTFont:
    """Open a face from which the letters of a PDF are taken, without the rules for screens of few dots."""
    options.hinting = False
    face = io.BytesIO(_plain_face(str(path), options.font_number))
    return TTFont(face, recalcTimestamp=False, recalcBBoxes=False, lazy=True)


@lru_cache(maxsize=8)
def _plain_face(path: str, number: int) -> bytes:
    """Give a face without the rules for putting letters together: a PDF has them in place, and these take the time."""
    plain = io.BytesIO()
    with TTFont(path, fontNumber=number, recalcTimestamp=False, lazy=True) as face:
        for table in set(face.keys()) - _IN_PDF:
            del face[table]
        face.save(plain, reorderTables=None)
    return plain.getvalue()


def latin_face(path: Path) -> bytes:
    """Give the part of a face that British pages need: Latin letters, marks of punctuation, money and arrows."""
    options = subset.Options(hinting=False, recalc_timestamp=False)
    with subset.load_font(str(path), options) as face:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=_LATIN)
        cutter.subset(face)
        cut = io.BytesIO()
        face.save(cut, reorderTables=None)
    return cut.getvalue()


def _svg(fig: Figure, record: dict[str, Any]) -> bytes:
    """Draw a figure as SVG with each line of its words twice."""
    words = {"Title": record["finding"], "Rights": record["licence"], "Source": record["source"],
             "Date": None, "Creator": None}  # fmt: skip
    drawn = io.BytesIO()
    with (
        plt.rc_context({"svg.hashsalt": record["id"], "svg.fonttype": "path"}),
        patch.object(RendererSVG, "draw_text", _twice(RendererSVG.draw_text)),
    ):
        fig.savefig(drawn, format="svg", metadata=words)
    return drawn.getvalue()


def _twice(draw: Callable) -> Callable:
    """Draw a line of words as outlines and once more as text: one drawing does for both."""

    def draw_text(self: RendererSVG, *line: Any, **more: Any) -> None:
        self.writer.start("g", {"class": _BOTH})
        draw(self, *line, **more)
        plt.rcParams["svg.fonttype"] = "none"
        draw(self, *line, **more)
        plt.rcParams["svg.fonttype"] = "path"
        self.writer.end("g")

    return draw_text


def _keep(tree: ElementTree.Element, which: slice) -> None:
    """Keep one of the two of each line of words: the last is the text."""
    for group in list(tree.iter()):
        for words in group.findall(f"{_SVG}g[@class='{_BOTH}']"):
            at = list(group).index(words)
            group[at : at + 1] = list(words)[which]


def _name(tree: ElementTree.Element, record: dict[str, Any]) -> None:
    """Give the drawing a title and a description as its first elements, and tell a screen reader that they are its."""
    title, about = tree.find(f"{_SVG}title"), ElementTree.Element(f"{_SVG}desc")
    about.text = f"{record['alt']}. {record['description']}".replace("..", ".").strip()
    title.set("id", f"{record['id']}-title")
    about.set("id", f"{record['id']}-desc")
    tree.insert(1, about)
    tree.set("role", "img")
    tree.set("lang", "en-GB")
    tree.set("aria-labelledby", f"{record['id']}-title {record['id']}-desc")


def _make_small(tree: ElementTree.Element) -> None:
    """Gather the letters in one place under short names, and take out blanks and digits that nobody can see."""
    letters = ElementTree.Element(f"{_SVG}defs")
    _gather(tree, letters)
    names = {glyph.get("id"): f"g{i:x}" for i, glyph in enumerate(letters)}
    for node in tree.iter():
        if node.get(_HREF, "#")[1:] in names:
            node.set(_HREF, "#" + names[node.get(_HREF)[1:]])
        if "d" in node.attrib:
            node.set("d", _short_path(node.get("d")))
        if "transform" in node.attrib:
            _short_transform(node)
    for glyph in letters:
        shape = _in_font_units(glyph.get("d", ""))
        glyph.attrib |= {"id": names[glyph.get("id")], "d": shape, "transform": "scale(0.1)"}
    tree.insert(2, letters)


def _short_transform(node: ElementTree.Element) -> None:
    """Round where a shape is moved to; a letter is moved by its own two attributes, which are shorter."""
    moved = re.sub(r"translate\([^)]*\)", lambda place: _short(place[0]), node.get("transform"))
    node.set("transform", moved)
    if node.tag == f"{_SVG}use" and (place := re.fullmatch(r"translate\((\S+) (\S+)\)", moved)):
        del node.attrib["transform"]
        node.attrib |= {name: value for name, value in zip("xy", place.groups(), strict=True) if value != "0"}


def _gather(node: ElementTree.Element, letters: ElementTree.Element) -> None:
    """Move the shapes of letters out of the places where they are first used; drop what is left empty, and blanks."""
    for child in list(node):
        _gather(child, letters)
        glyphs = [c for c in child if c.get("transform") == "scale(0.015625)"] if child.tag == f"{_SVG}defs" else []
        for glyph in glyphs:
            child.remove(glyph)
            letters.append(glyph)
        child.tail = None
        if child.tag in (f"{_SVG}defs", f"{_SVG}g") and not len(child):
            node.remove(child)
    if len(node):
        node.text = None


@lru_cache(maxsize=2_000)
def _in_font_units(path: str) -> str:
    """Give the shape of a letter in the thousandths of its face, in which it was drawn, each place from the one before.

    Exact, and shorter: `_in_font_units("M640 0L640 64z")` is `M100 0l0 10z`.
    """
    parts, here = [], (0, 0)
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        places = [round(int(number) / 6.4) for number in numbers.split()]
        moves = places if command == "M" else [place - here[i % 2] for i, place in enumerate(places)]
        parts.append((command if command == "M" else command.lower()) + " ".join(map(str, moves)).replace(" -", "-"))
        here = places[-2:] or here
    return "".join(parts)


def _short_path(path: str) -> str:
    joined = re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(path.split()))
    return _short(joined) if "." in joined else joined


def _short(text: str) -> str:
    """Round to a hundredth of a point: `_short("L 56.648125 9.5")` is `L 56.65 9.5`."""
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), text)


def _without_title(tree: ElementTree.Element, cut: float, height: float) -> None:
    """Take the words at the top out of a drawing, and the room that they took."""
    figure = tree.find(f"{_SVG}g")
    for group in [one for one in figure if one.get("id", "").startswith("headline")]:
        figure.remove(group)
    width = tree.get("viewBox").split()[2]
    tree.set("height", f"{height - cut:g}pt")
    tree.set("viewBox", f"0 {cut:g} {width} {height - cut:g}")


def _spelled(tree: ElementTree.Element) -> bytes:
    text = ElementTree.tostring(tree, encoding="unicode").replace(" />", "/>")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
