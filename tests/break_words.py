"""Put hostile words into every place of an edition that takes words, and look at each output for what runs or is
computed: `make break`. Words that begin with a sign that spreadsheets compute, and hidden marks, are refused where
tables are made (`break_inputs`).
"""

import csv
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

import mistune
import nbformat
import pandas as pd
import pypdf
import seaborn as sns
import small_edition
from breaking import ACTIVE, COMPUTED, SHOWN, WORDS, Result, report
from bs4 import BeautifulSoup
from childrens_services.edition import booklet, edition_pages, pages, workbook
from childrens_services.telling import export, house
from childrens_services.telling.cited import Table, number, sentence
from childrens_services.telling.export import CHART_MIME
from childrens_services.telling.sentences import tell
from nbformat.v4 import new_markdown_cell, new_notebook

FAMILIES = {
    "script": "x <script>window.ran = true</script>",
    "image": 'x <img src="x" onerror="window.ran = true">',
    "attribute": "x \" onmouseover='window.ran = true' \"",
    "address": "javascript:window.ran",
    "template": "{{ self.ran }} {% include x %} ${ran}",
    "end of data": "]]> --> </svg></title></script>",
    "markdown": "[press](javascript:window.ran) ![x](javascript:x) <https://example.org>",
    "typesetting": '#link("javascript:x")[press] #panic("x") @ran',
    "mathematics": "$x_{y$ \\frac{ \\input{x}",
    "entities": "&lt;script&gt; &amp;#x;",
    "length": "x" * 900,
}
_COMPUTED = re.compile(r"[=+\-@](?![\d.]+$)")


def _counted(words: str):
    rows = pd.DataFrame({"event_id": ["e"], "source_id": ["ofsted_ods_2025"]})
    return sentence("{n} visits to {who}.", n=number(1, "1", "visits", rows, "events"), who=words)


def _drawn(folder: Path, words: Sequence[str]) -> dict:
    """Export a chart whose labels, title, measure and alternative text are hostile, and return its record."""
    data = pd.DataFrame({"who": words, "n": range(len(words)), "source_id": "ofsted_ods_2025"})
    title, short = _counted(" ".join(word[:200] for word in words)), [word[:60] for word in words]

    def draw(rows):
        return house.bars(sns.barplot(rows.assign(who=short), x="n", y="who"))

    return export.chart(data, draw, name="rates", title=title, measure=title, alt=title, edition=str(folder)).record


def make(folder: Path, words: Sequence[str]) -> Path:
    """Make a small edition of hostile words, a chart, a table and sentences, and return its folder."""
    small_edition.make(folder)
    short = tell(*(_counted(word) for word in words))._repr_mimebundle_()
    listed = Table(_counted("all"), ("Who", "Visits"), tuple((word, _counted(word)) for word in words))
    cells = [
        new_markdown_cell("# How many?\n\nFor anyone."),
        small_edition.ran("x = 0", tags=("parameters",)),
        new_markdown_cell("## In short"),
        small_edition.ran("tell()", short, tags=("in-short",)),
        new_markdown_cell("## What of them?"),
        small_edition.ran("draw()", {CHART_MIME: _drawn(folder, words), "image/png": ""}),
        small_edition.ran("show()", listed._repr_mimebundle_()),
        new_markdown_cell("## Sources and methods\n\nThe same everywhere."),
    ]
    notebook = new_notebook(cells=cells)
    nbformat.write(notebook, folder / "00-how-many.ipynb")
    read = [pages.read_page("00-how-many", notebook)]
    numbers = pages.numbers_table(read)
    numbers.to_csv(folder / "numbers.csv", index=False)
    workbook.write_workbook(folder, read, numbers, small_edition.PARAMETERS, small_edition.HEADING)
    booklet.write_booklet(folder, read, small_edition.PARAMETERS, small_edition.HEADING)
    for name, text in edition_pages.page_texts(folder, read, numbers, small_edition.PARAMETERS).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _active(html: str) -> list[str]:
    """Return what of a page could run: scripts that are not its own, handlers, addresses that are not of the web."""
    page = BeautifulSoup(html, "html.parser")
    found = [str(one) for one in page.find_all("script") if one.get("src") != "edition.js" and not _is_data(one)]
    found += [str(one)[:80] for one in page.find_all(True) for name in one.attrs if name.startswith("on")]
    places = [one[name] for name in ("href", "src", "action") for one in page.find_all(attrs={name: True})]
    return found + [place for place in places if re.match(r"\s*(?!https?:|data:image/)[a-z][a-z0-9+.-]*:", place, re.I)]


def _is_data(script) -> bool:
    return script.get("type") == "application/json" and bool(json.loads(script.string))


def _in_page(path: Path) -> list[str]:
    return _active(path.read_text("utf-8"))


def _in_record(path: Path) -> list[str]:
    return _active(json.loads(path.read_text("utf-8"))["finding_html"])


def _in_readme(path: Path) -> list[str]:
    html = mistune.html(path.read_text("utf-8"))
    return [*_active(html), *re.findall(r"<script|<a [^>]*>press", html)]


def _in_notebook(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    return [*_active("".join(o["data"].get("text/html", "") for cell in cells for o in cell.get("outputs", [])))]


def _in_drawing(path: Path) -> list[str]:
    every = [one for one in ElementTree.parse(path).iter() if isinstance(one.tag, str)]
    kinds = {one.tag.rpartition("}")[2] for one in every} & {"script", "foreignObject", "a", "image", "animate"}
    return [*kinds, *(name for one in every for name in one.attrib if name.startswith("on"))]


def _in_workbook(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as book:
        links = "".join(book.read(name).decode() for name in book.namelist() if "sheets/_rels" in name)
    return [one for one in re.findall(r'Target="([^"]*)"', links) if not re.match(r"https?:|#|\.\./|internal:", one)]


def _in_pdf(path: Path) -> list[str]:
    reader = pypdf.PdfReader(path)
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots") or []]
    acts = [note["/A"] for note in notes if "/A" in note]
    found = [str(act["/S"]) for act in acts if act["/S"] not in ("/URI", "/GoTo")]
    addresses = [act["/URI"] for act in acts if "/URI" in act]
    found += [one for one in addresses if not re.match(r"https://|[a-z]+\.(html|csv)$", one)]
    return [*found, *({"/OpenAction", "/AA", "/JavaScript"} & set(reader.trailer["/Root"]))]


def _cells_computed(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [cell for row in csv.reader(file) for cell in row if _COMPUTED.match(cell)]


def _formulas(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as book:
        texts = {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}
    return [name for name, text in texts.items() if re.search(r"<f[ >]", text)]


Look = Callable[[Path], list[str]] | None
# What is looked at: the files of an output, what in one of them could run, and what would be computed.
OUTPUTS: dict[str, tuple[str, Look, Look]] = {
    "pages": ("*.html", _in_page, None),
    "README.md": ("README.md", _in_readme, None),
    "executed notebooks": ("*.ipynb", _in_notebook, None),
    "drawings": ("charts/*.svg", _in_drawing, None),
    "records of charts": ("charts/*.json", _in_record, None),
    "CSV files of charts": ("charts/*.csv", None, _cells_computed),
    "numbers.csv": ("numbers.csv", None, _cells_computed),
    "tables.xlsx": ("tables.xlsx", _in_workbook, _formulas),
    "PDF files": ("**/*.pdf", _in_pdf, None),
}


def look_at(folder: Path, output: str) -> tuple[list[str], list[str]]:
    """Return what could run and what would be computed in an output of an edition; it must be there."""
    pattern, *looks = OUTPUTS[output]
    files = sorted(folder.glob(pattern))
    assert files, f"{output}: no {pattern} in the edition"
    active, computed = ([one for path in files for one in look(path)] if look else [] for look in looks)
    return active, computed


def run() -> Iterator[Result]:
    """Make an edition of each family of words, and look at every output of each."""
    with tempfile.TemporaryDirectory(prefix="break-") as name:
        editions = {family: make(Path(name) / str(n), [words]) for n, (family, words) in enumerate(FAMILIES.items())}
        for output in OUTPUTS:
            for family, folder in editions.items():
                active, computed = look_at(folder, output)
                outcome = ACTIVE if active else COMPUTED if computed else SHOWN
                yield Result(f"hostile words in {output}", family, outcome, " ".join([*active, *computed]))


if __name__ == "__main__":
    sys.exit(report(run(), WORDS))
