"""A finished figure as files: drawn once as SVG by matplotlib, and turned into PDF and PNG from that by typst.

The same figure gives the same bytes on every machine: letters are paths, and no day or version is in the files.
"""

import colorsys
import io
import re
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import typst
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

PIXELS = 1600  # of the width of a picture; a notebook shows it at half of that
_LONG_NUMBERS = re.compile(r"scale\([^)]*\)|-?\d+\.\d{3,}")
_COLOURS = 256
_SHADES = 12  # steps of red, green and blue together that nobody sees side by side
_EXACT = 48  # colours of the drawing that stay exactly what they are; those of edges may move by a shade
_PAGE = """
#set page(width: auto, height: auto, margin: 0pt)
#set document(title: sys.inputs.title)
#image(bytes(sys.inputs.svg), format: "svg", alt: sys.inputs.alt)
"""
# What light drawings become where the reader's screen is dark: paper, ink, greys, and the colours of places and grades.
# Any other colour keeps its hue, and light and dark change places.
_DARK = {
    "#ffffff": "#14181c",
    "#262626": "#ececec",
    "#404040": "#d6d6d6",
    "#6b6b6b": "#b4b4b4",
    "#8a8a8a": "#9a9a9a",
    "#8f8f8f": "#5f5f5f",
    "#d9d9d9": "#55585e",
    "#e3e3e3": "#3a3d43",
    "#12436d": "#7db4e6",
    "#f46a25": "#ff8f56",
    "#28a197": "#4cc3b8",
    "#801650": "#e58bbd",
    "#dcd2ee": "#3d3360",
    "#b39fd6": "#65539a",
    "#7a60b4": "#a992dd",
    "#33206a": "#dccffa",
}


def draw_svg(fig: Figure, record: dict[str, Any]) -> str:
    """Return a figure as SVG that names itself to a screen reader and turns dark with the reader's screen."""
    words = {"Title": record["finding"], "Rights": record["licence"], "Source": record["source"]}
    drawn = io.StringIO()
    with plt.rc_context({"svg.hashsalt": record["id"], "svg.fonttype": "path", "text.parse_math": False}):
        fig.savefig(drawn, format="svg", metadata=words | {"Date": None, "Creator": None})
    svg = drawn.getvalue()
    about = _escaped(f"{record['alt']}")
    svg = svg.replace("<svg ", '<svg role="img" lang="en-GB" ', 1)
    svg = svg.replace("</title>", f"</title>\n <desc>{about}</desc>\n <style>{_dark_rules(svg)}</style>", 1)
    return _LONG_NUMBERS.sub(lambda found: _hundredths(found[0]), svg)


def _hundredths(text: str) -> str:
    """Round a place to a hundredth of a point, which nobody sees; a scale is left as it is, for everybody would."""
    return text if text.startswith("scale") else f"{float(text):.2f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _dark_rules(svg: str) -> str:
    """Return the style that turns the colours of a drawing dark, and light what has none, which would be black."""
    colours = sorted(set(re.findall(r"(fill|stroke): (#[0-9a-f]{6})", svg)))
    rules = "".join(f'[style*="{kind}: {light}"]{{{kind}:{_dark(light)}!important}}' for kind, light in colours)
    return f"@media (prefers-color-scheme:dark){{svg{{fill:#ececec}}{rules}}}"


def _dark(colour: str) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    return _DARK.get(colour) or to_hex(colorsys.hls_to_rgb(hue, 0.95 - 0.85 * lightness, saturation))


def to_pdf(svg: str, record: dict[str, Any]) -> bytes:
    """Return an SVG drawing as a PDF of its size, tagged with its alternative text."""
    return _compile(svg, record, format="pdf", pdf_standards="ua-1", timestamp=0)


def to_png(svg: str, record: dict[str, Any], pixels: int = PIXELS) -> bytes:
    """Return an SVG drawing as a PNG so many pixels wide, of at most 256 colours, with its words in it."""
    inches = float(re.search(r'width="([\d.]+)pt"', svg)[1]) / 72
    painted = Image.open(io.BytesIO(_compile(svg, record, format="png", ppi=pixels / inches))).convert("RGB")
    words = PngInfo()
    for name, key in (("Title", "finding"), ("Description", "alt"), ("Source", "source"), ("Copyright", "licence")):
        words.add_itxt(name, record[key], lang="en-GB")
    packed = io.BytesIO()
    few = painted.quantize(palette=_few_colours(painted), dither=Image.Dither.NONE)
    few.save(packed, "PNG", pnginfo=words, dpi=(200, 200), compress_level=6)
    return packed.getvalue()


def _compile(svg: str, record: dict[str, Any], **how: Any) -> bytes:
    given = {"svg": svg, "title": record["finding"], "alt": record["alt"]}
    return _compiler().compile(_PAGE.encode(), sys_inputs=given, **how)


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(ignore_system_fonts=True)


def _few_colours(picture: Image.Image) -> Image.Image:
    """Return a palette for a picture; the colours that fill most of it stay exact, so that white is white."""
    few = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = np.array(few.getpalette()).reshape(-1, 3)
    commonest = sorted(picture.getcolors(picture.width * picture.height), reverse=True)[:_EXACT]
    for _, colour in reversed(commonest):  # the commonest last, so that it wins a place that two would take
        away = np.abs(palette - colour).sum(axis=1)
        palette[away <= max(_SHADES, away.min())] = colour
    few.putpalette(palette.ravel().tolist())
    return few
