"""Write `report.pdf`: a briefing of at most twelve pages, typeset by typst and tagged for screen readers (PDF/UA-1).

This module gathers what is printed from the pages of an edition; `booklet.typ` lays it out. What a briefing leaves out
stands in the pages that it names.
"""

import html
import io
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdf
import typst

from childrens_services.edition.edition_pages import shown_parameters
from childrens_services.edition.faces import FACES
from childrens_services.edition.headings import WORDS
from childrens_services.edition.pages import Page, linked_ids, numbers_table, sources_used
from childrens_services.edition.parameters import Parameters

BRAND = "Children's services compared"
MOST_PAGES = 12
# What a question may take up, most generous first: sentences of its short answer; millimetres to which its chart is
# shrunk; the share of its size below which a chart is not shrunk, because its smallest letters could not be read.
ROOM = ((6, 150, 0.6), (6, 110, 0.55), (4, 90, 0.5), (3, 80, 0.4), (2, 60, 0))
_LARGEST_TABLE = 12  # rows; a larger one is no small table of a front page


def write_booklet(folder: Path, pages: Sequence[Page], parameters: Parameters, heading: str) -> None:
    """Write `report.pdf` into the folder of an edition that holds `charts/<id>.svg`.

    Each question gets as much room as lets the whole stay within `MOST_PAGES`. The same pages give the same bytes.
    Raises FileNotFoundError where a chart's drawing is missing.
    """
    for sentences, tallest, smallest in ROOM:
        content = gather(pages, parameters, heading, sentences)
        written = typeset(folder, content | {"tallest": tallest, "smallest": smallest})
        if len(pypdf.PdfReader(io.BytesIO(written)).pages) <= MOST_PAGES:
            break
    (folder / "report.pdf").write_bytes(written)


def gather(pages: Sequence[Page], parameters: Parameters, heading: str, sentences: int) -> dict[str, Any]:
    """Return what a briefing prints, as `booklet.typ` reads it: words, rows and names of files, no markup.

    The first page gives the front, each other one a question: at most so many `sentences` that were not printed before.
    """
    front, *questions = pages
    answers = _answers(pages, sentences)
    return {
        "title": heading,
        "brand": BRAND,
        "disclaimer": WORDS["disclaimer"],
        "headline": front.headline_text or front.title,
        "standfirst": answers[0],
        "picture": _picture(front),
        "table": _small_table(front),
        "asked": [f"{name}: {value}." for name, value in shown_parameters(parameters).items()],
        "questions": [
            {"title": page.title, "said": said, "picture": _picture(page), "page": f"{page.slug}.html"}
            for page, said in zip(questions, answers[1:], strict=True)
        ],
        "unknown": list(dict.fromkeys(line for page in pages for line in _unknown(page))),
        "sources": _sources(pages),
    }


def _answers(pages: Sequence[Page], sentences: int) -> list[list[str]]:
    """Return for each page the first sentences of its short answer that no page before it has printed."""
    answers: list[list[str]] = []
    for page in pages:
        printed = {line for said in answers for line in said}
        new = [line for line in page.in_short_text if line not in printed]
        answers.append((new or list(page.in_short_text))[:sentences])
    return answers


def _picture(page: Page) -> dict[str, str] | None:
    """Return the first chart of a page: its drawing, and in words what is written or drawn in it."""
    if not page.charts:
        return None
    chart = page.charts[0]
    words = (chart["alt"], chart["subtitle"], chart["source"])
    return {"file": f"/charts/{chart['id']}.svg", "alt": " ".join(word.rstrip(".") + "." for word in words if word)}


def _small_table(page: Page) -> dict[str, Any] | None:
    """Return the first table of a page that has a caption, where it is small, as text: caption, headings and rows."""
    shown = "".join(output["html"] for block in page.blocks for output in block.get("outputs", ()) if "html" in output)
    table = re.search(r"<table[^>]*>\s*<caption>(.*?)</caption>(.*?)</table>", shown, re.DOTALL)
    if not table:
        return None
    printed = re.findall(r"<tr.*?</tr>", table[2], re.DOTALL)
    head, *rows = [[_plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in printed]
    small = rows and len(rows) <= _LARGEST_TABLE and all(len(row) == len(head) for row in rows)
    return {"caption": _plain(table[1]), "head": head, "rows": rows} if small else None


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", text)).strip()


def _unknown(page: Page) -> list[str]:
    """Return the sentences of the cells tagged `not-known`."""
    outputs = [one for block in page.blocks if "not-known" in block.get("tags", ()) for one in block["outputs"]]
    return [line for one in outputs for line in one.get("text", "").splitlines()]


def _sources(pages: Sequence[Page]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the sources of what the briefing says and shows, by licence: a row a publisher, with titles and links."""
    shown = [replace(page, charts=page.charts[:1], numbers=_said(page)) for page in pages]
    used = sorted(sources_used(numbers_table(shown), shown), key=itemgetter("licence", "publisher", "title"))
    rows = [
        (licence, {"publisher": publisher, "titles": [{"title": one["title"], "url": one["url"]} for one in group]})
        for (licence, publisher), group in groupby(used, key=itemgetter("licence", "publisher"))
    ]
    return [(licence, [row for _, row in group]) for licence, group in groupby(rows, key=itemgetter(0))]


def _said(page: Page) -> tuple[dict[str, str], ...]:
    """Return the numbers in a page's short answer."""
    ids = set(linked_ids(" ".join(page.in_short)))
    return tuple(row for row in page.numbers if row["number_id"] in ids)


def typeset(folder: Path, content: Mapping[str, Any]) -> bytes:
    """Return the briefing as PDF/UA-1 with the house font and no other and without a day; drawings are in `folder`."""
    for drawing in [one["picture"]["file"] for one in (content, *content["questions"]) if one["picture"]]:
        (folder / drawing.lstrip("/")).stat()  # raises FileNotFoundError that names the file
    # The package's own folder holds each face twice, in the order of the disk. Beside the pages, the copies are swept.
    with TemporaryDirectory(dir=folder) as fonts:
        for face in FACES:
            shutil.copy(face, fonts)
        return typst.compile(
            (files("childrens_services.edition") / "booklet.typ").read_bytes(),
            root=folder,
            font_paths=[fonts],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(content)},
            pdf_standards="ua-1",
            timestamp=0,
        )
