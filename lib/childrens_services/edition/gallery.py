"""What pages show and give of a chart beside its drawing: its shape, its data, the words that find and describe it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from childrens_services.edition.bundles import cite
from childrens_services.edition.headings import WORDS, headings
from childrens_services.edition.pages import Page

ROWS_SHOWN = 60
# Columns that say where a row comes from or how it is drawn, and nothing of what is drawn.
_TECHNICAL = {"source_id", "published", "stretch", "believed", "panel", "is_certified"}
_SHAPE = '[id="{name}"] .drawing img {{ aspect-ratio: {width:g} / {height:g}; }}\n'


def shapes(pages: Sequence[Page]) -> str:
    """Return the style rules that give drawings on pages the shape of what lies below their titles.

    A page prints title and measure itself, as words that are read aloud and cited; of a drawing it shows as much as
    fits this shape, from the foot.
    """
    rules = {"svg": "", "narrow.svg": ""}
    for chart in (chart for page in pages for chart in page.charts):
        for kind, (width, height) in zip(rules, chart["shapes"], strict=True):
            rules[kind] += _SHAPE.format(name=chart["id"], width=width, height=height)
    return f"{rules['svg']}@media (max-width: 560px) {{\n{rules['narrow.svg']}}}\n"


def details(folder: Path, chart: Mapping[str, Any], question: str) -> dict[str, Any]:
    """Return what is shown of a chart on request: `data`, `caption`, `citation` and `words`, by which it is found."""
    said = [chart["finding"], chart["subtitle"], chart["source"]]
    return {
        "data": data_of(folder, chart),
        "caption": " ".join(part.rstrip(".") + "." for part in said if part),
        "citation": cite(chart),
        "words": words_to_find(f"{chart['finding']} {chart['subtitle']} {chart['alt']} {question}"),
    }


def data_of(folder: Path, chart: Mapping[str, Any]) -> dict[str, Any]:
    """Return a chart's data as it stands below it: `columns` in words, `rows` as text, and whether there are `more`."""
    frame = pd.read_csv(folder / "charts" / f"{chart['id']}.csv", dtype=str, keep_default_na=False)
    shown = frame[[column for column in frame if column not in _TECHNICAL]]
    rows = shown.head(ROWS_SHOWN).map(_short_number).to_numpy().tolist()
    return {"columns": headings(list(shown)), "rows": rows, "more": len(shown) > ROWS_SHOWN}


def _short_number(text: str) -> str:
    return f"{float(text):.6g}" if re.fullmatch(r"-?\d+\.\d{3,}", text) else text


def words_to_find(own: str) -> str:
    """Return a chart's own words, and those that newsrooms use for them: a word of a group brings the whole group."""
    said = [group for group in WORDS["newsroom"] if any(re.search(rf"\b{word}", own, re.IGNORECASE) for word in group)]
    return " ".join([own, *(word for group in said for word in group)])
