"""Every page of an edition as text: the front page, the gallery, the list of numbers, a page a question, README.md.

Goes in: the pages read from executed notebooks, and a look at the files that lie in the edition. Comes out: texts by
file name; `report` writes them.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from childrens_services.edition import gallery, pages
from childrens_services.edition.parameters import Parameters
from childrens_services.periods import english_day
from childrens_services.sources import register
from childrens_services.telling.cited import join

# Files that are written after the pages, or with them, and that the front page links to.
MADE_LAST = ("charts.html", "numbers.html", "sources.html", "manifest.json")


def page_texts(
    folder: Path, read: Sequence[pages.Page], numbers: pd.DataFrame, parameters: Parameters
) -> dict[str, str]:
    """Give the text of every page and of README.md by file name, for example `page_texts(...)["index.html"]`.

    `numbers` is that of `pages.numbers_table`. The folder is looked at for the files that can be linked to and for the
    sizes of drawings, so that whatever is offered must lie there before.
    """
    shared = _shared(folder, read, parameters)
    listed = {"numbers": numbers.to_dict("records"), "register": register().to_dict("index")}
    written = {
        "index.html": _index(read, shared),
        "charts.html": _charts(read, folder, shared),
        "numbers.html": pages.render("numbers.html.j2", here="numbers", **listed, **shared),
        "sources.html": pages.render(
            "sources.html.j2", here="sources", sources=pages.sources_used(numbers, read), **shared
        ),
    }
    for before, page, after in zip([None, *read], read, [*read[1:], None], strict=False):
        values = {"here": page.slug, "page": page, "before": before, "after": after}
        written[f"{page.slug}.html"] = pages.render("question.html.j2", **values, **shared)
    rows = {row["number_id"]: row for row in listed["numbers"]}
    told = {name: pages.tell_numbers(text, rows) for name, text in written.items()}
    return told | {"README.md": pages.render("README.md.j2", **shared)}


def _shared(folder: Path, read: Sequence[pages.Page], parameters: Parameters) -> dict[str, Any]:
    there = gallery.files_in(folder)
    charts = [chart for page in read for chart in page.charts]
    return {
        "questions": read,
        "parameters": shown_parameters(parameters),
        "heading": heading_of(parameters),
        "files": there,
        "drawings": gallery.drawings(folder, charts),
        "data_of": {chart["id"]: gallery.data_of(folder, chart) for chart in charts},
        "downloads": {chart["id"]: gallery.downloads(chart["id"], there) for chart in charts},
    }


def _index(read: Sequence[pages.Page], shared: Mapping[str, Any]) -> str:
    """Return the front page: the first notebook as a story, without its own title, short answer and preparations."""
    glance = read[0]
    told = {"headline", "in-short"}
    blocks = [b for b in glance.blocks[1:] if not told & set(b.get("tags", [])) and not _is_short_heading(b)]
    taken = gallery.taken_away({*shared["files"], *MADE_LAST})
    return pages.render("index.html.j2", here="index", page=glance, blocks=blocks, taken=taken, **shared)


def _is_short_heading(block: Mapping[str, Any]) -> bool:
    return block["kind"] == "words" and block["html"].strip() == "<h2>In short</h2>"


def _charts(read: Sequence[pages.Page], folder: Path, shared: Mapping[str, Any]) -> str:
    cards = gallery.cards(read, shared["files"], folder)
    return pages.render("charts.html.j2", here="charts", cards=cards, **shared)


def heading_of(parameters: Parameters) -> str:
    """Give the title of an edition, for example "Children's services in Leeds and Bradford"."""
    return f"Children's services in {join(parameters.authorities).text}"


def shown_parameters(parameters: Parameters) -> dict[str, str]:
    """Give the parameters as a page prints them, in words: `{"As known on": "30 June 2019", ...}`."""
    known = english_day(date.fromisoformat(parameters.as_at)) if parameters.as_at else "the day of the newest source"
    return {
        "Authorities": ", ".join(parameters.authorities),
        "Compared with": parameters.comparators,
        "As known on": known,
        "First year drawn": str(parameters.first_year),
        "Money in": "cash" if parameters.price_year == "cash" else f"prices of {parameters.price_year}",
    }
