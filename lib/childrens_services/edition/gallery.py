"""The gallery of an edition: each chart with all that a newsroom lifts, as files and as words to copy.

Goes in: the pages of the questions and the names of the files that lie in the edition. Comes out: what the templates
print. A file is offered where it is there and nowhere else.
"""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from childrens_services.edition.bundles import cite
from childrens_services.edition.pages import Page

# What can be taken of a chart, in the words of the gallery.
FORMATS = {
    "png": "PNG",
    "square.png": "PNG, square",
    "wide.png": "PNG, wide",
    "svg": "SVG",
    "text.svg": "SVG, letters as text",
    "untitled.svg": "SVG, no title",
    "pdf": "PDF to edit",
    "csv": "data, CSV",
    "json": "caption, columns and licence, JSON",
    "zip": "all in one, ZIP",
}
# What can be taken of the edition as a whole, in the words of the front page.
TAKEN = {
    "charts.html": ("Every chart to lift", "find, see large, download, embed and cite"),
    "charts.zip": ("All charts in one file", "pictures, drawings, data and captions (ZIP)"),
    "tables.xlsx": ("The tables as a workbook", "with cover, contents and notes (Excel)"),
    "tables/datapackage.json": ("The tables for a program", "what lies in the folder tables: CSV and Parquet"),
    "numbers.html": ("Every number", "what it is, and the rows and sources it comes from"),
    "numbers.csv": ("Every number as a file", "the same list (CSV)"),
    "report.pdf": ("A briefing to print", "twelve pages at most, tagged for screen readers (PDF)"),
    "manifest.json": ("What this edition was made of", "inputs and outputs with their checksums (JSON)"),
}
_PIXELS = 96 / 72  # CSS pixels in a point


def files_in(folder: Path) -> frozenset[str]:
    """List the files of an edition by their paths within it, for example `charts/overall-grades.png`."""
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def downloads(chart_id: str, files: Collection[str]) -> list[dict[str, str]]:
    """List what can be downloaded of a chart: `href`, `words` and `kind`, in the order of FORMATS."""
    offered = [(kind, f"charts/{chart_id}.{kind}", words) for kind, words in FORMATS.items()]
    return [{"kind": kind, "href": href, "words": words} for kind, href, words in offered if href in files]


def taken_away(files: Collection[str]) -> list[dict[str, str]]:
    """List what can be taken of the whole edition, of the files that it holds: `href`, `words` and `about`."""
    return [{"href": href, "words": words, "about": about} for href, (words, about) in TAKEN.items() if href in files]


def sizes(folder: Path, charts: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Give width and height of the drawings that pages show, by file, so that a page does not jump when they load."""
    names = [f"charts/{chart['id']}.untitled.svg" for chart in charts]
    return {name: svg_size(folder / name) for name in names if (folder / name).is_file()}


def svg_size(path: Path) -> tuple[int, int]:
    """Give the size of a drawing in CSS pixels; raises ValueError where it does not say its size in points."""
    with path.open(encoding="utf-8") as lines:
        top = lines.read(4096)
    found = [re.search(rf'<svg [^>]*?\b{side}="([\d.]+)pt"', top) for side in ("width", "height")]
    if not all(found):
        raise ValueError(f"{path.name}: no width and height in points in its first lines; draw it again")
    width, height = (round(float(side.group(1)) * _PIXELS) for side in found)
    return width, height


def cards(questions: Sequence[Page], files: Collection[str], folder: Path) -> list[dict[str, Any]]:
    """List the charts of an edition, each once, with its question, its downloads and its words to copy."""
    return [
        {**chart, "slug": page.slug, "question": page.title, "downloads": downloads(chart["id"], files),
         "copies": copies(chart, _png_size(folder / "charts" / f"{chart['id']}.png"))}
        for page in questions for chart in page.charts
    ]  # fmt: skip


def _png_size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def copies(chart: Mapping[str, Any], size: tuple[int, int]) -> list[dict[str, str]]:
    """Give the words that are copied with one press: `kind`, the words of its button, and the text."""
    return [
        {"kind": "embed", "words": "embed code", "text": embed_code(chart, size)},
        {"kind": "alt", "words": "alternative text", "text": chart["alt"]},
        {"kind": "caption", "words": "caption", "text": caption(chart)},
        {"kind": "citation", "words": "citation", "text": cite(chart)},
    ]


def embed_code(chart: Mapping[str, Any], size: tuple[int, int]) -> str:
    """Write a figure that needs nothing but the picture beside the page that it is put into."""
    width, height = size
    return (
        f'<figure>\n<img src="{chart["id"]}.png" width="{width}" height="{height}" '
        f'style="max-width: 100%; height: auto" alt="{html.escape(chart["alt"])}">\n'
        f"<figcaption>{html.escape(caption(chart), quote=False)}</figcaption>\n</figure>"
    )


def caption(chart: Mapping[str, Any]) -> str:
    """Give finding, measure and source in one paragraph."""
    parts = [chart["finding"], chart["subtitle"], chart["source"]]
    return " ".join(part.rstrip(".") + "." for part in parts if part)
