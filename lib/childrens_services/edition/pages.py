"""Turn executed notebooks into the pages of an edition: strings in, strings out; `report` writes them.

A page keeps the notebook's order: words, charts as figures with their caption and downloads, code folded. A number
links to its row in numbers.html, and opens in a browser with what it is. Nothing on a page comes from another host.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import mistune
import nbformat
import pandas as pd
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from childrens_services.sources import register
from childrens_services.telling.cited import ABSENCE_MIME, NUMBERS_MIME
from childrens_services.telling.export import CHART_MIME

_DATA = re.compile(r'<data class="number" data-number="(\w+)" value="([^"]*)" title="([^"]*)">(.*?)</data>', re.DOTALL)
_SUMMARY = re.compile(r"<summary>.*?</summary>", re.DOTALL)
_LINKED = re.compile(r'href="numbers\.html#(\w+)"')
_ABOUT = '<script type="application/json" id="about-numbers">{}</script>'
_LISTED = 3


@dataclass(frozen=True)
class Page:
    """One executed notebook: its question, its headline and short answer, its blocks in order, its charts and numbers.

    A block is words, or code with the frames that it shows and its outputs: charts, cited words and tables.
    """

    slug: str
    title: str
    blocks: tuple[dict[str, Any], ...]
    headline: str
    in_short: tuple[str, ...]
    in_short_text: tuple[str, ...]
    charts: tuple[dict[str, Any], ...]
    numbers: tuple[dict[str, str], ...]


def link_numbers(text: str) -> str:
    """Turn marked numbers into links to their rows in numbers.html; a value that is not the text sorts tables.

    Words that fold and unfold keep their numbers plain: a link within a control cannot be reached by everybody.
    """
    return _DATA.sub(_as_link, _SUMMARY.sub(lambda words: _DATA.sub(r"\4", words[0]), text))


def _as_link(marked: re.Match) -> str:
    number_id, value, how, words = marked.groups()
    sorts = f' data-value="{value}"' if value != words else ""
    return f'<a class="number" href="numbers.html#{number_id}"{sorts} title="{how}">{words}</a>'


def linked_ids(text: str) -> list[str]:
    """List the ids of the numbers that a piece of a page links to, in order, each as often as it is linked."""
    return _LINKED.findall(text)


def tell_numbers(page: str, numbers: Mapping[str, Mapping[str, str]]) -> str:
    """Put into a page what its numbers say when they are opened: the rows they come from and their sources, once each.

    `numbers` are the rows of `numbers_table` by their id. A page without numbers comes back as it is.
    """
    ids = list(dict.fromkeys(linked_ids(page)))
    if not ids:
        return page
    rows = {one: numbers[one] for one in ids}
    sources = sorted({one for row in rows.values() for one in row["sources"].split()})
    named = register().loc[sources]
    about = {
        "sources": [
            f"{publisher}: {title}" for publisher, title in zip(named["publisher"], named["title"], strict=True)
        ],
        "numbers": {
            one: [row["table"], _some(row["rows"].split("; ")), [sources.index(s) for s in row["sources"].split()]]
            for one, row in rows.items()
        },
    }
    # A page may hold no "<" inside a script, whatever a title says.
    text = json.dumps(about, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return page.replace("</body>", _ABOUT.format(text) + "\n</body>")


def _some(rows: Sequence[str]) -> str:
    more = len(rows) - _LISTED
    return "; ".join(rows[:_LISTED]) + (f"; and {more} more, listed with the number" if more > 0 else "")


def read_page(slug: str, notebook: nbformat.NotebookNode) -> Page:
    """Return an executed notebook as a page; the cells tagged `headline` and `in-short` give its summary.

    A section that only says that there is nothing to show is left out, and what it says stands under what is not known.
    """
    cells = [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    blocks = [_block(cell) for cell in cells]
    raw = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    said = {tag: _said(cells, tag) for tag in ("headline", "in-short")}
    return Page(
        slug=slug,
        title=re.match(r"# (.+)", cells[0].source).group(1),
        blocks=tuple(_joined(_without_empty_sections(blocks))),
        headline=" ".join(html for html, _ in said["headline"]).rstrip("."),
        in_short=tuple(html for html, _ in said["in-short"]),
        in_short_text=tuple(text for _, text in said["in-short"]),
        charts=tuple(_linked(data[CHART_MIME]) for data in raw if CHART_MIME in data),
        numbers=tuple({"notebook": slug, **row} for data in raw for row in data.get(NUMBERS_MIME, [])),
    )


def _said(cells: Sequence[nbformat.NotebookNode], tag: str) -> list[tuple[str, str]]:
    """Return the sentences of the cells with a tag, each as HTML and as text."""
    tagged = [cell for cell in cells if tag in cell.metadata.get("tags", [])]
    found = [_output(output) for cell in tagged for output in cell.get("outputs", [])]
    lines = [(one["html"].splitlines(), one["text"].splitlines()) for one in found if one.get("kind") == "html"]
    return [(_bare(html), text) for marked, plain in lines for html, text in zip(marked, plain, strict=True)]


def _bare(line: str) -> str:
    """Take a sentence out of its paragraph or its place in a list."""
    return re.sub(r"</?(?:p|ul|li)>", "", line)


def _block(cell: nbformat.NotebookNode) -> dict[str, Any]:
    if cell.cell_type == "markdown":
        return {"kind": "words", "html": mistune.html(cell.source), "outputs": []}
    outputs = [found for output in cell.get("outputs", []) if (found := _output(output))]
    return {
        "kind": "code",
        "html": _code(cell.source),
        "tags": cell.metadata.get("tags", []),
        "frames": [output["html"] for output in outputs if output["kind"] == "frame"],
        "outputs": [output for output in outputs if output["kind"] != "frame"],
    }


def _without_empty_sections(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out sections of nothing but absences, and put what these say into the cell tagged `not-known`."""
    sections: list[list[dict[str, Any]]] = []
    for block in blocks:
        if not sections or block["html"].startswith("<h2"):
            sections.append([])
        sections[-1].append(block)
    empty = [section for section in sections if _is_empty(section)]
    kept = [block for section in sections if section not in empty for block in section]
    absent = [output for section in empty for block in section for output in block["outputs"]]
    for block in kept:
        if "not-known" in block.get("tags", []):
            block["outputs"] = block["outputs"] + absent
    return kept


def _is_empty(section: Sequence[Mapping[str, Any]]) -> bool:
    outputs = [output for block in section for output in block["outputs"]]
    gathers = any({"not-known", "in-short"} & set(block.get("tags", [])) for block in section)
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


def _output(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return an output by its kind: a chart, cited words or tables, or a frame, which is shown with the code."""
    data = output.get("data", {})
    if CHART_MIME in data:
        return {"kind": "chart", **_linked(data[CHART_MIME])}
    text = data.get("text/plain") or output.get("text", "")
    if NUMBERS_MIME in data:
        absent = {"absence": True} if ABSENCE_MIME in data else {}
        return {"kind": "html", "html": link_numbers(data["text/html"]), "text": text} | absent if text.strip() else {}
    return {"kind": "frame", "html": data.get("text/html") or f"<pre>{html.escape(text)}</pre>"} if text.strip() else {}


def _linked(chart: Mapping[str, Any]) -> dict[str, Any]:
    words = {key: link_numbers(chart[key]) for key in ("finding_html", "subtitle_html")}
    return {**chart, **words}


def _code(source: str) -> str:
    return highlight(source, PythonLexer(), HtmlFormatter(nowrap=True, classprefix="py-"))


@cache
def _templates() -> jinja2.Environment:
    folder = str(files("childrens_services.edition") / "templates")
    loader = jinja2.FileSystemLoader(folder)
    templates = jinja2.Environment(
        loader=loader,
        autoescape=lambda name: bool(name) and ".html" in name,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters["markdown"] = _as_markdown
    return templates


def _as_markdown(text: str) -> str:
    """Escape what Markdown would read as a mark, so that a title or an alternative text stays as it is."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def make_ready() -> None:
    """Compile the templates, which takes as long as filling them: it can be done while notebooks run."""
    for name in _templates().list_templates(extensions=["j2"]):
        _templates().get_template(name)


def render(name: str, **values: Any) -> str:
    """Fill one template of the edition, for example `render("question.html.j2", page=page, ...)`."""
    return _templates().get_template(name).render(**values)


def numbers_table(pages: Sequence[Page]) -> pd.DataFrame:
    """List every number printed, once: one row a number, with all its sources and the notebooks that print it.

    Columns: `number_id, text, value, how, table, rows, sources, notebooks`; the id is the key.
    """
    keys = ("number_id", "text", "value", "how", "table", "rows")
    printed: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in (row for page in pages for row in page.numbers):
        printed.setdefault(tuple(row[key] for key in keys), []).append(row)
    united = [(*key, _united(rows, "sources"), _united(rows, "notebook")) for key, rows in sorted(printed.items())]
    return pd.DataFrame(united, columns=[*keys, "sources", "notebooks"])


def _united(rows: Sequence[Mapping[str, str]], column: str) -> str:
    return " ".join(sorted({one for row in rows for one in row[column].split()}))


def sources_used(numbers: pd.DataFrame, pages: Sequence[Page]) -> list[dict[str, str]]:
    """List the sources behind the numbers and charts of an edition, by publisher and title."""
    used = {one for cell in numbers["sources"] for one in cell.split()}
    used |= {one for page in pages for chart in page.charts for one in chart["sources"]}
    rows = register().loc[sorted(used)].sort_values(["publisher", "title"])
    return rows.to_dict("records")
