"""Pages a person can read and check: every number leads to its row, no link is broken, no other host is asked."""

import copy
import itertools
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from childrens_services import pages, paths, report
from childrens_services.export import CHART_MIME
from childrens_services.narrative import NUMBERS_MIME, count, say, strip_terms, tell
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_report import default_edition

PAGES = ["index", "numbers", *report.notebook_names()]
READ = [name for name in PAGES if name != "numbers"]
NOT_WORDS = "a.number, pre, code, nav, ul.sources, dl.parameters"


@pytest.fixture(scope="session")
def edition(tmp_path_factory):
    return default_edition(tmp_path_factory)


@pytest.fixture(scope="session")
def numbers(edition):
    return pd.read_csv(edition / "numbers.csv", dtype=str, keep_default_na=False).set_index("number_id")


@cache
def soup_of(edition: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((edition / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def rows(n=2):
    return pd.DataFrame({"event_id": [f"e{i}" for i in range(n)], "source_id": ["ofsted_ods_2025"] * n})


SAID = say("{n} visits to “A & B”.", n=count(rows(), "events", 'visits that are "focused"'))
CHART = {
    "id": "grades", "finding": "2 good.", "finding_html": say("{n} good.", n=count(rows(), "events", "grades")).html,
    "subtitle": "Grades", "subtitle_html": "Grades", "alt": 'Two bars, the "higher" last.', "description": "",
    "description_html": "", "source": "Source: Ofsted.", "sources": ["ofsted_ods_2025"], "licence": "OGL",
}  # fmt: skip


def shown(data, kind="display_data"):
    return new_output(kind, data=data)


def notebook():
    """A small executed notebook: words, a preparing cell, the short answer, a chart, printed text."""
    short = new_code_cell(
        "tell(said)", metadata={"tags": ["in-short"]}, outputs=[shown(tell(SAID)._repr_mimebundle_())]
    )
    chart = {"image/png": "", CHART_MIME: CHART, NUMBERS_MIME: [count(rows(), "events", "grades").record()]}
    return new_notebook(cells=[
        new_markdown_cell("# How many?\n\nFor anyone."),
        new_code_cell("edition = ''", metadata={"tags": ["parameters"]}),
        new_code_cell("edition = '/secret/place'", metadata={"tags": ["injected-parameters"]}),
        new_code_cell("import sys"), short, new_markdown_cell("## How <many>?"),
        new_code_cell("draw()", outputs=[shown(chart)]),
        new_code_cell("print('<b>')", outputs=[new_output("stream", text="<b>\n")]),
    ])  # fmt: skip


# Small pages.


def test_a_marked_number_becomes_a_link_to_its_row():
    text = pages.link_numbers(SAID.html)

    number = SAID.cited()[0]
    assert text == (
        f'<a class="number" href="numbers.html#{number.number_id}" '
        'title="visits that are &quot;focused&quot;">2</a> visits to “A &amp; B”.'
    )


def test_every_number_of_a_sentence_is_linked():
    text = pages.link_numbers(SAID.html + "\n" + SAID.html)

    assert text.count('<a class="number"') == 2 and "<data" not in text


def test_a_notebook_is_read_in_order_with_its_code_folded_together():
    page = pages.read_page("00-how-many", notebook())

    assert page.title == "How many?"
    assert [block["kind"] for block in page.blocks] == ["words", "code", "words", "code", "code"]
    assert "import" in page.blocks[1]["html"] and "tell" in page.blocks[1]["html"]
    assert "secret" not in str(page.blocks)
    assert page.in_short_text == ("2 visits to “A & B”.",)
    assert [chart["id"] for chart in page.charts] == ["grades"]
    assert {row["notebook"] for row in page.numbers} == {"00-how-many"}


def rendered(**values):
    page = pages.read_page("00-how-many", notebook())
    shared = {
        "questions": [page],
        "parameters": {"as_at": "everything published"},
        "heading": "Children's services in A",
    }
    return {"page": page, "here": page.slug, **shared, **values}


def test_a_page_shows_the_chart_as_a_figure_with_its_alternative_text():
    page = BeautifulSoup(pages.render("question.html.j2", **rendered()), "html.parser")

    figure = page.find("figure", id="grades")
    assert figure.img["alt"] == 'Two bars, the "higher" last.'
    assert figure.img["src"] == "charts/grades.untitled.svg"
    assert figure.h3.get_text() == "2 good" and figure.h3.a["href"].startswith("numbers.html#n")
    assert [a["href"] for a in figure.select(".lift a")] == [
        f"charts/grades.{k}" for k in ("png", "svg", "csv", "json")
    ]


def test_code_is_folded_and_printed_text_is_escaped():
    page = BeautifulSoup(pages.render("question.html.j2", **rendered()), "html.parser")

    assert all(pre.find_parent("details") for pre in page.select("pre:not(.output)"))
    assert page.select_one("pre.output").get_text().strip() == "<b>"
    assert [d.summary.get_text() for d in page.select("details.code")] == ["Code"] * 3
    assert not page.select_one("details[open]")


def test_a_readme_is_plain_markdown():
    text = pages.render("README.md.j2", **rendered())

    assert text.startswith("# Children's services in A\n")
    assert "2 visits to “A & B”." in text and "### 2 good\n" in text
    assert '![Two bars, the "higher" last.](charts/grades.png)' in text


def test_marks_of_markdown_are_escaped_in_a_readme():
    values = rendered(heading="A [b](c) *d* <e> f_g")

    assert pages.render("README.md.j2", **values).splitlines()[0] == r"# A \[b\](c) \*d\* \<e\> f\_g"


def test_a_number_printed_twice_is_one_row_with_all_its_sources():
    record = count(rows(), "events", "visits").record()
    read = [pages.Page(slug, "", (), (), (), (), ({"notebook": slug, **record, "sources": source},))
            for slug, source in (("01-b", "ofsted_ods_2025"), ("00-a", "ofsted_ods_2024 ofsted_ods_2025"))]  # fmt: skip

    table = pages.numbers_table(read)

    assert len(table) == 1
    assert table.loc[0, "sources"] == "ofsted_ods_2024 ofsted_ods_2025"
    assert table.loc[0, "notebooks"] == "00-a 01-b"


def test_no_numbers_at_all_are_an_empty_list():
    assert list(pages.numbers_table([]).columns) == [
        "number_id", "text", "value", "how", "table", "rows", "sources", "notebooks"
    ]  # fmt: skip


def test_the_sources_of_numbers_and_charts_are_listed_once():
    page = pages.read_page("00-how-many", notebook())

    assert [row["source_id"] for row in pages.sources_used(pages.numbers_table([page]), [page])] == ["ofsted_ods_2025"]


# Every page of the default edition.


def test_every_page_is_there(edition):
    assert sorted(path.stem for path in edition.glob("*.html")) == sorted(PAGES)


@pytest.mark.parametrize("name", READ)
def test_every_digit_in_the_words_of_a_page_stands_in_a_cited_number(edition, name):
    soup = copy.copy(soup_of(edition, name))
    for part in soup.select(NOT_WORDS):
        part.replace_with(" ")

    typed = [words for words in soup.stripped_strings if re.search(r"\d", strip_terms(words))]
    assert typed == []


@pytest.mark.parametrize("name", READ)
def test_every_cited_number_is_in_the_list_with_the_same_text(edition, numbers, name):
    cited = [(a["href"], a.get_text()) for a in soup_of(edition, name).select("a.number")]

    assert cited
    assert [one for one in cited if not one[0].startswith("numbers.html#")] == []
    assert [(href, text) for href, text in cited if numbers["text"].get(href.partition("#")[2]) != text] == []


def test_the_page_of_numbers_is_the_list(edition, numbers):
    table = soup_of(edition, "numbers").select("table.numbers tbody tr")

    assert [row["id"] for row in table] == list(numbers.index)
    assert [row.th.get_text() for row in table] == list(numbers["text"])
    assert [row.td.get_text() for row in table] == list(numbers["how"])


@pytest.mark.parametrize("name", READ)
def test_every_digit_in_an_alternative_text_is_in_the_list(edition, numbers, name):
    left = [without(img["alt"], numbers["text"]) for img in soup_of(edition, name).select("img")]

    assert [text for text in left if re.search(r"\d", text)] == []


def without(text: str, texts: pd.Series) -> str:
    """Take the listed numbers out of a text, the longest first, and the names that hold digits."""
    if not re.search(r"\d", strip_terms(text)):
        return ""
    listed = sorted({t for t in texts if re.search(r"\d", t) and t in text}, key=len, reverse=True)
    found = "|".join(rf"(?<![\w.,]){re.escape(t)}(?!\w|[.,]\d)" for t in listed)
    return strip_terms(re.sub(found, "", text) if listed else text)


def test_every_number_of_the_readme_is_in_the_list(edition, numbers):
    text = (edition / "README.md").read_text(encoding="utf-8").replace("\\", "")
    words = re.sub(r"\]\([^)\s]*\)", "]", text)  # where links lead is not said

    left = [line for line in words.splitlines() if re.search(r"\d", without(line, numbers["text"]))]
    assert left == []


def test_the_links_and_pictures_of_the_readme_are_there(edition):
    text = (edition / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    house = paths.ROOT / "reports" / edition.name  # where the edition stands, for what lies outside it

    assert "charts/overall-grades.png" in targets
    assert [
        t for t in targets if not (edition / t).exists() and not (t.startswith("../") and (house / t).exists())
    ] == []
    assert text.startswith("# Children's services in Nottingham and Nottinghamshire\n") and "&#" not in text


# What makes a page fit for everybody.


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_its_language_and_title_and_can_be_skipped_into(edition, name):
    soup = soup_of(edition, name)

    assert soup.html["lang"] == "en-GB"
    assert soup.title.get_text().endswith(" – Children's services compared")
    first = soup.body.find("a")
    assert first["href"] == "#main" and first["class"] == ["skip"]
    assert [main["id"] for main in soup.find_all("main")] == ["main"]
    assert soup.find("meta", charset="utf-8") and soup.nav["aria-label"]


@pytest.mark.parametrize("name", PAGES)
def test_headings_begin_with_one_h1_and_do_not_skip(edition, name):
    levels = [int(heading.name[1]) for heading in soup_of(edition, name).main.find_all(re.compile(r"^h[1-6]$"))]

    assert levels[0] == 1 and levels.count(1) == 1
    assert [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1] == []
    assert not soup_of(edition, name).header.find(re.compile(r"^h[1-6]$"))


@pytest.mark.parametrize("name", PAGES)
def test_headings_pictures_and_links_have_words(edition, name):
    soup = soup_of(edition, name)

    assert [str(tag) for tag in soup.select("h1, h2, h3, a, summary, caption") if not tag.get_text().strip()] == []
    assert [img["src"] for img in soup.find_all("img") if len(img.get("alt", "").strip()) < 20] == []
    assert all(img.find_parent("figure").figcaption.get_text().strip() for img in soup.find_all("img"))


@pytest.mark.parametrize("name", PAGES)
def test_tables_have_captions_and_their_headers_a_scope(edition, name):
    soup = soup_of(edition, name)

    assert [str(th) for th in soup.find_all("th") if th.get("scope") not in ("col", "row")] == []
    assert [
        t for t in soup.find_all("table") if not t.caption or not t.thead or not t.tbody.find("th", scope="row")
    ] == []
    regions = soup.select(".scroll")
    assert [r for r in regions if r["tabindex"] != "0" or r["role"] != "region" or not r["aria-label"]] == []
    assert all(table.find_parent(class_="scroll") for table in soup.find_all("table"))


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique(edition, name):
    ids = [tag["id"] for tag in soup_of(edition, name).find_all(id=True)]

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", PAGES)
def test_code_is_folded_on_every_page(edition, name):
    soup = soup_of(edition, name)

    assert [pre for pre in soup.select("pre:not(.output)") if not pre.find_parent("details", class_="code")] == []
    assert not soup.select("details[open]")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_and_nothing_is_asked_of_another_host(edition, name):
    soup = soup_of(edition, name)

    assert [tag.name for tag in soup.find_all(["script", "style", "iframe", "object", "embed", "base", "form"])] == []
    assert [tag.name for tag in soup.find_all(True) if any(a.startswith("on") or a == "style" for a in tag.attrs)] == []
    assert [str(tag)[:120] for tag, where in asked(soup) if not is_allowed(tag, where)] == []


def asked(soup: BeautifulSoup) -> list[tuple[Tag, str]]:
    """Give every address on a page with the element that names it."""
    named = ("href", "src", "srcset", "action", "data", "poster", "cite", "background", "formaction", "content")
    return [(tag, tag[name]) for tag in soup.find_all(True) for name in named if tag.has_attr(name)
            and not (tag.name == "meta" and tag.get("name") == "viewport")]  # fmt: skip


def is_allowed(tag: Tag, address: str) -> bool:
    """Relative addresses anywhere; another host only where a reader may choose to go, and that is to a source."""
    parts = urlsplit(address)
    if not parts.scheme and not parts.netloc:
        return not address.startswith("/")
    to_a_source = tag.find_parent("ul", class_="sources") or tag.find_parent("table", class_="numbers")
    return tag.name == "a" and parts.scheme in ("https", "http") and bool(to_a_source)


def test_the_style_asks_nothing_of_another_host(edition):
    text = (edition / "edition.css").read_text(encoding="utf-8")

    assert not re.search(r"url\(|@import|//", text)


def test_drawings_run_nothing_and_ask_nothing_of_another_host(edition):
    for path in (edition / "charts").glob("*.svg"):
        tags = list(ElementTree.parse(path).iter())
        kinds = {tag.tag.rpartition("}")[2] for tag in tags}
        addresses = [
            tag.attrib[name] for tag in tags for name in tag.attrib if name.rpartition("}")[2] in ("href", "src")
        ]

        assert "title" in kinds and not kinds & {"script", "foreignObject", "image"}, path.name
        assert [address for address in addresses if not address.startswith("#")] == [], path.name


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_and_fragment_leads_somewhere(edition, name):
    lost = []
    for _, address in asked(soup_of(edition, name)):
        parts = urlsplit(address)
        if parts.scheme:
            continue
        target = edition / unquote(parts.path) if parts.path else edition / f"{name}.html"
        if not target.is_file() or (parts.fragment and parts.fragment not in ids_of(edition, target.stem)):
            lost.append(address)

    assert lost == []


@cache
def ids_of(edition: Path, name: str) -> set[str]:
    return {tag["id"] for tag in soup_of(edition, name).find_all(id=True)}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_one_is_on_is_marked_in_the_navigation(edition, name):
    here = [a["href"] for a in soup_of(edition, name).nav.select("[aria-current=page]")]

    assert here == ([] if name == "index" else [f"{name}.html"])


def test_the_index_leads_to_every_question_and_gives_its_short_answer(edition):
    soup = soup_of(edition, "index")

    for slug in report.notebook_names():
        page = nbformat.read(edition / "notebooks" / f"{slug}.ipynb", as_version=4)
        title = page.cells[0].source.splitlines()[0].removeprefix("# ")
        assert soup.find("a", href=f"{slug}.html", string=title), slug
    assert "Nottingham was last graded in the inspection of 11 to 22 July 2022" in soup.get_text()
