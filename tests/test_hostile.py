"""Hostile words that a cell may hold leave every output of an edition as words: nothing runs, nothing is computed."""

import csv
import json
import re
import zipfile
from xml.etree import ElementTree

import mistune
import nbformat
import pandas as pd
import pypdf
import pytest
import seaborn as sns
import small_edition
from bs4 import BeautifulSoup
from childrens_services.edition import booklet, edition_pages, pages, workbook
from childrens_services.telling import export, house
from childrens_services.telling.cited import Table, number, sentence
from childrens_services.telling.export import CHART_MIME
from childrens_services.telling.sentences import tell
from nbformat.v4 import new_markdown_cell, new_notebook

# Those that begin with a sign that spreadsheets compute, and hidden marks, are refused where tables are made.
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
WORDS = list(FAMILIES.values())
COMPUTED = re.compile(r"[=+\-@](?![\d.]+$)")


def counted(words: str):
    rows = pd.DataFrame({"event_id": ["e"], "source_id": ["ofsted_ods_2025"]})
    return sentence("{n} visits to {who}.", n=number(1, "1", "visits", rows, "events"), who=words)


def drawn(folder):
    """Export a chart whose labels, title, measure and alternative text are hostile, and return its record."""
    data = pd.DataFrame({"who": WORDS, "n": range(len(WORDS)), "source_id": "ofsted_ods_2025"})
    title, short = counted(" ".join(WORDS[:-1])), [word[:60] for word in WORDS]

    def draw(rows):
        return house.bars(sns.barplot(rows.assign(who=short), x="n", y="who"))

    return export.chart(data, draw, name="rates", title=title, measure=title, alt=title, edition=str(folder)).record


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The folder of a small edition of hostile words: a chart, a table, sentences."""
    folder = tmp_path_factory.mktemp("hostile") / "edition"
    small_edition.make(folder)
    short = tell(*map(counted, WORDS[:-1]))._repr_mimebundle_()
    listed = Table(counted("all"), ("Who", "Visits"), tuple((word, counted(word)) for word in WORDS))
    cells = [
        new_markdown_cell("# How many?\n\nFor anyone."),
        small_edition.ran("x = 0", tags=("parameters",)),
        new_markdown_cell("## In short"),
        small_edition.ran("tell()", short, tags=("in-short",)),
        new_markdown_cell("## What of them?"),
        small_edition.ran("draw()", {CHART_MIME: drawn(folder), "image/png": ""}),
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


def active(page: BeautifulSoup) -> list[str]:
    """Return what of a page could run: scripts that are not its own, handlers, addresses that are not of the web."""
    found = [str(one) for one in page.find_all("script") if one.get("src") != "edition.js" and not _is_data(one)]
    found += [str(one)[:80] for one in page.find_all(True) for name in one.attrs if name.startswith("on")]
    places = [one[name] for name in ("href", "src", "action") for one in page.find_all(attrs={name: True})]
    return found + [place for place in places if re.match(r"\s*(?!https?:|data:image/)[a-z][a-z0-9+.-]*:", place, re.I)]


def _is_data(script) -> bool:
    return script.get("type") == "application/json" and bool(json.loads(script.string))


def test_pages_run_nothing_and_say_the_words(edition):
    found = {path.name: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in edition.glob("*.html")}

    assert len(found) >= 5 and {name: active(page) for name, page in found.items() if active(page)} == {}
    shown = " ".join(found["00-how-many.html"].get_text().split())
    assert [family for family, words in FAMILIES.items() if " ".join(words.split()) not in shown] == []


def test_the_readme_makes_no_tag_and_no_link_of_words(edition):
    page = BeautifulSoup(mistune.html((edition / "README.md").read_text("utf-8")), "html.parser")

    assert active(page) == [] and page.find_all("script") == []
    assert "press" in page.get_text() and "press" not in [a.get_text() for a in page.find_all("a")]


def test_what_a_notebook_shows_runs_nothing(edition):
    cells = nbformat.read(edition / "00-how-many.ipynb", as_version=4).cells
    shown = [o["data"].get("text/html", "") for cell in cells for o in cell.get("outputs", [])]

    assert len("".join(shown)) > 1000
    assert [found for html in shown if (found := active(BeautifulSoup(html, "html.parser")))] == []


@pytest.mark.parametrize("name", ["charts/rates.svg", "charts/rates.narrow.svg"])
def test_a_drawing_is_well_formed_and_has_nothing_that_runs(edition, name):
    svg = ElementTree.parse(edition / name)

    kinds = {one.tag.rpartition("}")[2] for one in svg.iter() if isinstance(one.tag, str)}
    assert not kinds & {"script", "foreignObject", "a", "image", "animate"}
    assert [name for one in svg.iter() for name in one.attrib if name.startswith("on")] == []


@pytest.mark.parametrize("name", ["numbers.csv", "charts/rates.csv"])
def test_no_cell_of_a_csv_is_computed(edition, name):
    with (edition / name).open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]

    assert len(cells) >= 16 and [cell for cell in cells if COMPUTED.match(cell)] == []


def test_the_record_of_a_chart_says_the_words(edition):
    record = json.loads((edition / "charts" / "rates.json").read_text("utf-8"))

    assert FAMILIES["script"] in record["finding"] and not active(BeautifulSoup(record["finding_html"], "html.parser"))


def test_the_workbook_computes_nothing_and_links_to_the_web_alone(edition):
    with zipfile.ZipFile(edition / "tables.xlsx") as book:
        texts = {name: book.read(name).decode() for name in book.namelist() if name.endswith((".xml", ".rels"))}

    assert [name for name, text in texts.items() if re.search(r"<f[ >]", text)] == []
    targets = [t for n, text in texts.items() if "sheets/_rels" in n for t in re.findall(r'Target="([^"]*)"', text)]
    assert [target for target in targets if not re.match(r"https?:|#|\.\./|internal:", target)] == []


@pytest.mark.parametrize("name", ["report.pdf", "charts/rates.pdf"])
def test_a_pdf_links_to_the_web_alone_and_runs_nothing(edition, name):
    reader = pypdf.PdfReader(edition / name)
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots") or []]
    acts = [note["/A"] for note in notes if "/A" in note]

    assert [act for act in acts if act["/S"] not in ("/URI", "/GoTo")] == []
    addresses = [act["/URI"] for act in acts if "/URI" in act]
    assert [one for one in addresses if not re.match(r"https://|[a-z]+\.(html|csv)$", one)] == []
    assert not {"/OpenAction", "/AA", "/JavaScript"} & set(reader.trailer["/Root"])
