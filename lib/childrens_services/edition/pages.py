"""Turn executed notebooks into the pages of an edition: strings in, strings out; `make` writes them.

A page keeps the notebook's order, but that the short answer comes first: words, charts as figures with their data and
downloads, code folded. A number links to its row in numbers.html, and opens in a browser with what it is. Nothing on a
page comes from another host.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import jinja2
import markupsafe
import mistune
import nbformat
import pandas as pd
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from childrens_services.sources import register
from childrens_services.telling.cited import ABSENCE_MIME, NUMBERS_MIME
from childrens_services.telling.records import CHART_MIME

_DATA = re.compile(r'<data class="number" data-number="(\w+)" value="([^"]*)" title="([^"]*)">(.*?)</data>', re.DOTALL)
_SUMMARY = re.compile(r"<summary>.*?</summary>", re.DOTALL)
_LINKED = re.compile(r'href="numbers\.html#(\w+)"')
_ABOUT = '<script type="application/json" id="about-numbers">{}</script>\n</body>'
_MARKDOWN = mistune.create_markdown(plugins=["table"])  # which shows HTML as words
_LISTED = 3
_KEYS = ["number_id", "text", "value", "how", "table", "rows"]


@dataclass(frozen=True)
class Page:
    """One executed notebook: its question, its headline and short answer, its blocks in order, its charts and numbers.

    A block is words, or code with the frames that it shows and its outputs: charts, cited words and tables.
    """

    slug: str
    title: str
    blocks: tuple[dict[str, Any], ...]
    headline: str
    headline_text: str
    in_short: tuple[str, ...]
    in_short_text: tuple[str, ...]
    charts: tuple[dict[str, Any], ...]
    numbers: tuple[dict[str, str], ...]


def link_numbers(text: str) -> str:
    """Return text with its marked numbers as links to numbers.html; a value that is not the text sorts tables."""
    # A link within words that fold and unfold, a control, cannot be reached by everybody.
    return _DATA.sub(_as_link, _SUMMARY.sub(lambda words: _DATA.sub(r"\4", words[0]), text))


def _as_link(marked: re.Match) -> str:
    number_id, value, how, words = marked.groups()
    sorts = f' data-value="{value}"' if value != words else ""
    return f'<a class="number" href="numbers.html#{number_id}"{sorts} title="{how}">{words}</a>'


def linked_ids(text: str) -> list[str]:
    """Return the ids of the numbers that a piece of a page links to, in order, each as often as it is linked."""
    return _LINKED.findall(text)


def tell_numbers(page: str, numbers: Mapping[str, Mapping[str, str]]) -> str:
    """Return a page with what its numbers say when they are opened: the rows they come from and their sources, once.

    `numbers` are the rows of `numbers_table` by their id. A page without numbers comes back as it is.
    """
    linked = {number_id: numbers[number_id] for number_id in linked_ids(page)}
    if not linked:
        return page
    named = register().loc[sorted({source for row in linked.values() for source in row["sources"].split()})]
    place = {source: at for at, source in enumerate(named.index)}
    about = {
        "sources": (named["publisher"] + ": " + named["title"]).tolist(),
        "numbers": {
            number_id: [row["table"], _some(row["rows"].split("; ")), [place[one] for one in row["sources"].split()]]
            for number_id, row in linked.items()
        },
    }
    # A page may hold no "<" inside a script, whatever a title says.
    text = json.dumps(about, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return page.replace("</body>", _ABOUT.format(text))


def _some(rows: Sequence[str]) -> str:
    more = len(rows) - _LISTED
    return "; ".join(rows[:_LISTED]) + (f"; and {more} more, listed with the number" if more > 0 else "")


def read_page(slug: str, notebook: nbformat.NotebookNode) -> Page:
    """Return an executed notebook as a page; the cells tagged `headline` and `in-short` give its summary.

    The short answer comes before what led to it. A section that only says that there is nothing to show is left out,
    and what it says stands under what is not known.
    """
    cells = [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    raw = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    headline, in_short = (_said(cells, tag) for tag in ("headline", "in-short"))
    return Page(
        slug=slug,
        title=(re.findall(r"\A# (.+)", cells[0].source) or [slug])[0],
        blocks=tuple(_joined(_in_page_order(_without_empty_sections([_block(cell) for cell in cells])))),
        headline=" ".join(words for words, _ in headline).rstrip("."),
        headline_text=" ".join(text for _, text in headline).rstrip("."),
        in_short=tuple(words for words, _ in in_short),
        in_short_text=tuple(text for _, text in in_short),
        charts=tuple(_linked(data[CHART_MIME]) for data in raw if CHART_MIME in data),
        numbers=tuple({"notebook": slug, **row} for data in raw for row in data.get(NUMBERS_MIME, [])),
    )


def _said(cells: Sequence[nbformat.NotebookNode], tag: str) -> list[tuple[str, str]]:
    """Return the sentences of the cells with a tag, each as HTML without its paragraph or list, and as text."""
    tagged = [cell for cell in cells if tag in cell.metadata.get("tags", [])]
    found = [_output(output) for cell in tagged for output in cell.get("outputs", [])]
    lines = [(one["html"].splitlines(), one["text"].splitlines()) for one in found if one.get("kind") == "html"]
    return [
        (re.sub(r"</?(?:p|ul|li)>", "", marked), text)
        for one, plain in lines
        for marked, text in zip(one, plain, strict=True)
    ]


def _block(cell: nbformat.NotebookNode) -> dict[str, Any]:
    if cell.cell_type == "markdown":
        return {"kind": "words", "html": _MARKDOWN(cell.source), "outputs": []}
    outputs = [found for output in cell.get("outputs", []) if (found := _output(output))]
    return {
        "kind": "code",
        "html": highlight(cell.source, PythonLexer(), HtmlFormatter(nowrap=True, classprefix="py-")),
        "tags": cell.metadata.get("tags", []),
        "frames": [output["html"] for output in outputs if output["kind"] == "frame"],
        "outputs": [output for output in outputs if output["kind"] != "frame"],
    }


def _output(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return an output by its kind: a chart, cited words or tables, or a frame, which is shown with the code."""
    data = output.get("data", {})
    if CHART_MIME in data:
        return {"kind": "chart", **_linked(data[CHART_MIME])}
    text = data.get("text/plain") or output.get("text", "")
    if not text.strip():
        return {}
    if NUMBERS_MIME in data:
        cited = {"kind": "html", "html": link_numbers(data["text/html"]), "text": text}
        return cited | {"absence": ABSENCE_MIME in data}
    return {"kind": "frame", "html": _frame(data.get("text/html", "")) or f"<pre>{html.escape(text)}</pre>"}


def _linked(chart: Mapping[str, Any]) -> dict[str, Any]:
    return {**chart, **{key: link_numbers(chart[key]) for key in ("finding_html", "subtitle_html")}}


def _frame(found: str) -> str:
    """Return a frame's table without a style of its own, with a caption, and a scope for each heading."""
    table = re.search(r"<table.*</table>", found, re.DOTALL)
    if not table:
        return ""
    bare = re.sub(r' (?:border|class|style|halign|valign)="[^"]*"', "", table[0]).replace("<th></th>", "<td></td>")
    head, body = (
        re.sub(r"<th(?=[ >])", f'<th scope="{scope}"', part)
        for part, scope in zip(bare.split("<tbody>"), ("col", "row"), strict=True)
    )
    return head.replace("<table>", "<table><caption>Rows worked with</caption>") + "<tbody>" + body


def sections(blocks: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return blocks by section; what stands before the first heading of the second level is a section of its own."""
    found: list[list[dict[str, Any]]] = []
    for block in blocks:
        if not found or block["html"].startswith("<h2"):
            found.append([])
        found[-1].append(block)
    return found


def _in_page_order(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the section of the short answer after the first, and leave out one of what is not known that says nothing."""
    first, *others = sections(blocks)
    said = [one for one in others if any(block["outputs"] for block in one) or not _has(one, "not-known")]
    said.sort(key=lambda section: not _has(section, "in-short"))
    return [block for section in (first, *said) for block in section]


def _has(section: Sequence[Mapping[str, Any]], tag: str) -> bool:
    return any(tag in block.get("tags", ()) for block in section)


def _without_empty_sections(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out sections of nothing but absences, and put what these say into the cell tagged `not-known`."""
    empty = [section for section in sections(blocks) if _is_empty(section)]
    absent = [output for section in empty for block in section for output in block["outputs"]]
    return [
        block | {"outputs": block["outputs"] + absent} if "not-known" in block.get("tags", []) else block
        for section in sections(blocks)
        if section not in empty
        for block in section
    ]


def _is_empty(section: Sequence[Mapping[str, Any]]) -> bool:
    outputs = [output for block in section for output in block["outputs"]]
    gathers = _has(section, "not-known") or _has(section, "in-short")
    return bool(outputs) and not gathers and all(output.get("absence") for output in outputs)


def _joined(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fold code that only prepares together with the cell that follows it."""
    found: list[dict[str, Any]] = []
    for block in blocks:
        last = found[-1] if found else {"kind": "words"}
        if block["kind"] == last["kind"] == "code" and not last["outputs"]:
            code, frames = f"{last['html']}\n{block['html']}", [*last["frames"], *block["frames"]]
            found[-1] = {**block, "html": code, "frames": frames}
        else:
            found.append(block)
    return found


def link(words: str, address: str) -> markupsafe.Markup:
    """Return words as a link where the address is one of the web, else as words: `javascript:` leads nowhere."""
    if urlsplit(address).scheme in ("http", "https"):
        return markupsafe.Markup('<a href="{}">{}</a>').format(address, words)
    return markupsafe.escape(words)


def _as_markdown(text: str) -> str:
    """Escape what Markdown would read as a mark, so that a title or an alternative text stays as it is."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(files("childrens_services.edition") / "templates")),
        autoescape=lambda name: bool(name) and ".html" in name,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters |= {"markdown": _as_markdown, "link": link}
    return templates


def render(name: str, **values: Any) -> str:
    """Return one template of the edition, filled: `render("question.html.j2", page=page, ...)`."""
    return _templates().get_template(name).render(**values)


def numbers_table(pages: Sequence[Page]) -> pd.DataFrame:
    """Return every number printed, once: one row a number, with all its sources and the notebooks that print it.

    Columns: `number_id, text, value, how, table, rows, sources, notebooks`; the id is the key.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in (row for page in pages for row in page.numbers):
        known = {**{key: row[key] for key in _KEYS}, "sources": set(), "notebooks": set()}
        one = found.setdefault(row["number_id"], known)
        one["sources"].update(row["sources"].split())
        one["notebooks"].add(row["notebook"])
    table = pd.DataFrame([found[one] for one in sorted(found)], columns=[*_KEYS, "sources", "notebooks"], dtype=object)
    table[["sources", "notebooks"]] = table[["sources", "notebooks"]].map(lambda names: " ".join(sorted(names)))
    return table.astype("str")


def sources_used(numbers: pd.DataFrame, pages: Sequence[Page]) -> list[dict[str, str]]:
    """Return the sources behind the numbers and charts of an edition, by publisher and title."""
    used = {one for cell in numbers["sources"] for one in cell.split()}
    used |= {one for page in pages for chart in page.charts for one in chart["sources"]}
    return register().loc[sorted(used)].sort_values(["publisher", "title"]).to_dict("records")
