"""The gallery of an edition: each chart with all that a newsroom lifts, as files and as words to copy.

Goes in: the pages of the questions and the names of the files that lie in the edition. Comes out: what the templates
print. A file is offered where it is there and nowhere else.
"""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from childrens_services.edition.bundles import cite
from childrens_services.edition.headings import headings
from childrens_services.edition.pages import Page

# What can be taken of a chart, in the words of the gallery.
FORMATS = {
    "png": "PNG",
    "svg": "SVG",
    "narrow.svg": "SVG for phones",
    "pdf": "PDF",
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
ROWS_SHOWN = 60
# Columns that say where a row comes from or how it is drawn, and nothing of what is drawn.
_TECHNICAL = {"source_id", "published", "stretch", "believed", "panel", "is_certified"}
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


def drawings(folder: Path, charts: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the drawings that pages show of each chart, for screens and for phones: `src`, `width` and `height`.

    The page prints the title itself, so only the part of a drawing below its title is shown.
    """
    return {
        chart["id"]: {
            kind: _below_title(folder, f"{chart['id']}.{kind}", head)
            for kind, head in zip(("svg", "narrow.svg"), chart["heads"], strict=True)
        }
        for chart in charts
        if (folder / "charts" / f"{chart['id']}.svg").is_file()
    }


def data_of(folder: Path, chart: Mapping[str, Any]) -> dict[str, Any]:
    """Return a chart's data as it stands below it: `columns` in words, `rows` as text, and whether there are `more`."""
    frame = pd.read_csv(folder / "charts" / f"{chart['id']}.csv", dtype=str, keep_default_na=False)
    shown = frame[[column for column in frame if column not in _TECHNICAL]]
    rows = shown.head(ROWS_SHOWN).map(_short_number).to_numpy().tolist()
    return {"columns": headings(list(shown)), "rows": rows, "more": len(shown) > ROWS_SHOWN}


def _short_number(text: str) -> str:
    return f"{float(text):.6g}" if re.fullmatch(r"-?\d+\.\d{3,}", text) else text


def _below_title(folder: Path, name: str, head: float) -> dict[str, Any]:
    width, height = svg_size(folder / "charts" / name)
    cut = max(0.0, round(head - 7, 2))  # points; a little paper above the key
    view = f"svgView(viewBox(0,{cut:g},{width:g},{height - cut:g}))"
    pixels = {"width": round(width * _PIXELS), "height": round((height - cut) * _PIXELS)}
    return {"src": f"charts/{name}#{view}", **pixels}


def svg_size(path: Path) -> tuple[float, float]:
    """Return the size of a drawing in points; raises ValueError where it does not say its size in points."""
    with path.open(encoding="utf-8") as lines:
        top = lines.read(4096)
    found = [re.search(rf'<svg [^>]*?\b{side}="([\d.]+)pt"', top) for side in ("width", "height")]
    if not all(found):
        raise ValueError(f"{path.name}: no width and height in points in its first lines; draw it again")
    width, height = (float(side.group(1)) for side in found)
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
