"""Pages a person can read and check: every number leads to its row, no link is broken, no other host is asked."""

import copy
import itertools
import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from childrens_services import paths
from childrens_services.edition import edition_pages, front_page, gallery, pages, runner
from childrens_services.edition.parameters import Parameters
from childrens_services.telling.cited import NUMBERS_MIME, count, say, strip_terms, tell
from childrens_services.telling.export import CHART_MIME
from editions import edition as edition_of
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

PAGES = ["index", "charts", "numbers", *runner.notebook_names()]
READ = [name for name in PAGES if name != "numbers"]
# A summary is said again, cited, in the caption below it; source lines are made of the register.
NOT_WORDS = "a.number, pre, code, nav, ul.sources, dl.parameters, summary, script, .unseen, .kicker"
LIMIT = 1_500_000


@pytest.fixture(scope="session")
def edition(tmp_path_factory):
    return edition_of(tmp_path_factory, "default")


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


FILES = {"charts/grades.png", "charts/grades.csv", "charts/grades.untitled.svg", "numbers.csv"}


def rendered(**values):
    page = pages.read_page("00-how-many", notebook())
    shared = {
        "questions": [page], "parameters": {"As known on": "the day of the newest source"}, "files": FILES,
        "heading": "Children's services in A", "downloads": {"grades": gallery.downloads("grades", FILES)},
        "sizes": {"charts/grades.untitled.svg": (768, 246)}, "before": None, "after": None,
    }  # fmt: skip
    return {"page": page, "here": page.slug, **shared, **values}


def test_a_page_shows_the_chart_as_a_figure_with_its_alternative_text():
    page = BeautifulSoup(pages.render("question.html.j2", **rendered()), "html.parser")

    figure = page.find("figure", id="grades")
    assert figure.img["alt"] == 'Two bars, the "higher" last.'
    assert figure.img["src"] == "charts/grades.untitled.svg"
    assert figure.h3.get_text() == "2 good" and figure.h3.a["href"].startswith("numbers.html#n")
    assert [a["href"] for a in figure.select(".lift a")] == [
        "charts/grades.png", "charts/grades.csv", "charts.html#grades"
    ]  # fmt: skip
    assert (figure.img["width"], figure.img["height"]) == ("768", "246")


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
        t
        for t in targets
        if not (edition / t).exists() and not (t.startswith("../") and Path(os.path.normpath(house / t)).exists())
    ] == []
    assert text.startswith("# Children's services in Nottingham and Nottinghamshire\n") and "&#" not in text


def test_the_paper_of_every_picture_is_white(edition):
    pictures = {path.name: Image.open(path).convert("RGB") for path in (edition / "charts").glob("*.png")}
    papers = {name: max(one.getcolors(one.width * one.height))[1] for name, one in pictures.items()}

    assert len(papers) > 100
    assert {name: colour for name, colour in papers.items() if colour != (255, 255, 255)} == {}


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
    regions = soup.select(".scroll:not(.drawing)")
    assert [r for r in regions if r["tabindex"] != "0" or r["role"] != "region" or not r["aria-label"]] == []
    assert all(table.find_parent(class_="scroll") for table in soup.find_all("table"))


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique(edition, name):
    ids = [tag["id"] for tag in soup_of(edition, name).find_all(id=True)]

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", PAGES)
def test_code_is_folded_on_every_page(edition, name):
    soup = soup_of(edition, name)

    assert [pre for pre in soup.select("pre:not(.output)") if not pre.find_parent("details")] == []
    assert not soup.select("details[open]")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_but_one_script_of_ours_and_nothing_is_asked_of_another_host(edition, name):
    soup = soup_of(edition, name)

    scripts = [tag for tag in soup.find_all("script") if tag.get("type") != "application/json"]
    assert [tag.get("src") for tag in scripts] == ["edition.js"] and not scripts[0].get_text()
    assert [tag.name for tag in soup.find_all(["style", "iframe", "object", "embed", "base", "form"])] == []
    assert [tag.name for tag in soup.find_all(True) if any(a.startswith("on") or a == "style" for a in tag.attrs)] == []
    assert [str(tag)[:120] for tag, where in asked(soup) if not is_allowed(tag, where)] == []


def asked(soup: BeautifulSoup) -> list[tuple[Tag, str]]:
    """Give every address on a page with the element that names it."""
    named = ("href", "src", "srcset", "action", "data", "poster", "cite", "background", "formaction", "content")
    return [(tag, tag[name]) for tag in soup.find_all(True) for name in named if tag.has_attr(name)
            and not (tag.name == "meta" and tag.get("name") in ("viewport", "color-scheme"))]  # fmt: skip


def is_allowed(tag: Tag, address: str) -> bool:
    """Relative addresses anywhere; another host only where a reader may choose to go, and that is to a source."""
    parts = urlsplit(address)
    if not parts.scheme and not parts.netloc:
        return not address.startswith("/")
    to_a_source = tag.find_parent("ul", class_="sources") or tag.find_parent("table", class_="numbers")
    return tag.name == "a" and parts.scheme in ("https", "http") and bool(to_a_source)


def test_style_and_script_ask_nothing_of_another_host(edition):
    style, script = ((edition / f"edition.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    fonts = re.findall(r"url\(\"([^\"]*)\"\)", style)

    assert fonts and [font for font in fonts if not (edition / font).is_file()] == []
    assert style.count("url(") == len(fonts) and not re.search(r"@import|//", style)
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import|eval|localStorage|cookie)\b|https?:", script)


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

    assert here == [f"{name}.html"]


def test_the_index_leads_to_every_question_and_gives_its_short_answer(edition):
    soup = soup_of(edition, "index")

    for slug in runner.notebook_names():
        page = nbformat.read(edition / "notebooks" / f"{slug}.ipynb", as_version=4)
        title = page.cells[0].source.splitlines()[0].removeprefix("# ")
        answer = soup.find("h3", id=slug)
        assert answer.a["href"] == f"{slug}.html" and answer.get_text() == title
        assert answer.find_next_sibling("div").p.get_text().strip(), slug


def test_the_index_tells_every_sentence_of_the_glance_once(edition):
    glance = pages.read_page(PAGES[3], nbformat.read(edition / "notebooks" / f"{PAGES[3]}.ipynb", as_version=4))
    soup = soup_of(edition, "index")
    text = "\n".join(part.get_text() for part in soup.select("main .said") if not part.find_parent(class_="answers"))

    assert [said for said in glance.in_short_text if text.count(said) != 1] == []
    assert soup.h1.get_text() == glance.charts[0]["finding"].rstrip(".")
    assert [figure["id"] for figure in soup.find_all("figure")] == [chart["id"] for chart in glance.charts]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_not(edition, name):
    assert "these are not official statistics" in soup_of(edition, name).footer.get_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_small_and_knows_about_each_of_its_numbers(edition, numbers, name):
    soup = soup_of(edition, name)
    block = soup.find("script", id="about-numbers")
    about = json.loads(block.get_text()) if block else {"numbers": {}, "sources": []}
    ids = {a["href"].partition("#")[2] for a in soup.select("a.number")}

    assert (edition / f"{name}.html").stat().st_size < LIMIT
    assert set(about["numbers"]) == ids
    assert [i for i in ids if about["numbers"][i][0] != numbers["table"][i]] == []
    assert [i for i in ids if len(about["numbers"][i][2]) != len(numbers["sources"][i].split())] == []


def test_a_folded_number_is_said_again_where_it_leads_to_its_row(edition):
    for name in READ:
        for fold in soup_of(edition, name).select("details:not(.questions)"):
            assert not fold.summary.find("a")
            if re.search(r"\d", fold.summary.get_text()) and not fold.summary.find(class_="unseen"):
                assert fold.find("caption").get_text() == fold.summary.get_text()


def test_an_edition_is_small_enough_to_send(edition):
    assert sum(path.stat().st_size for path in edition.rglob("*") if path.is_file()) < 40_000_000


def test_the_front_page_leads_to_everything_that_can_be_taken(edition):
    taken = [a["href"] for a in soup_of(edition, "index").select(".taken a")]

    assert taken == list(gallery.TAKEN)


# The gallery: what Our World in Data, Datawrapper and the ONS give with a chart, and where it stands on a card.
GIVEN = {
    "picture (all three)": ".files a[href$='.png']:not([href$='.square.png'], [href$='.wide.png'])",
    "picture for a post (nobody)": ".files a[href$='.square.png']",
    "picture for a slide (nobody)": ".files a[href$='.wide.png']",
    "drawing (Our World in Data, Datawrapper)": ".files a[href$='.svg']",
    "drawing with text as text (nobody)": ".files a[href$='.text.svg']",
    "drawing for print (Datawrapper)": ".files a[href$='.pdf']",
    "data (all three)": ".files a[href$='.csv']",
    "facts for a program, columns described (Our World in Data)": ".files a[href$='.json']",
    "everything in one file (Our World in Data)": ".files a[href$='.zip']",
    "title that says what was found (ONS)": "figcaption h2",
    "what, where and when (all three)": "figcaption .subtitle",
    "text alternative (Datawrapper, ONS)": "img[alt]",
    "values in words (ONS)": "details.described p",
    "embed code (all three)": "button[data-copies$='-embed']",
    "alternative text to copy (nobody)": "button[data-copies$='-alt']",
    "caption with source (Datawrapper)": "button[data-copies$='-caption']",
    "citation (Our World in Data)": "button[data-copies$='-citation']",
    "address of its own (Our World in Data)": "a.large[href^='#']",
    "way to how it was made (ONS)": ".see a[href$='.html#{id}']",
}


@pytest.mark.parametrize("given", GIVEN)
def test_each_chart_gives_what_the_best_give(edition, given):
    cards = soup_of(edition, "charts").select(".card")

    assert [card["id"] for card in cards if not card.select(GIVEN[given].format(id=card["id"]))] == []


def test_the_gallery_holds_every_chart_with_its_words(edition):
    cards = soup_of(edition, "charts").select(".card")
    records = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (edition / "charts").glob("*.json")}

    assert sorted(card["id"] for card in cards) == sorted(records)
    for card in cards:
        record = records[card["id"]]
        copied = {pre["id"].removeprefix(f"{card['id']}-"): pre.get_text() for pre in card.select("pre.copy")}
        assert copied["alt"] == record["alt"] and copied["citation"] == record["citation"]
        assert record["finding"].rstrip(".") in copied["caption"] and record["source"].rstrip(".") in copied["caption"]


def test_an_embed_code_is_a_figure_with_its_alternative_text_and_nothing_else():
    record = CHART | {"finding": "2 < 3 & “more”.", "alt": 'Bars of "A" & <b>'}

    figure = BeautifulSoup(gallery.embed_code(record, (1600, 900)), "html.parser").figure

    assert figure.img["src"] == "grades.png" and figure.img["alt"] == 'Bars of "A" & <b>'
    assert (figure.img["width"], figure.img["height"]) == ("1600", "900")
    assert figure.figcaption.get_text() == "2 < 3 & “more”. Grades. Source: Ofsted."


def test_only_files_that_are_there_are_offered():
    assert [file["href"] for file in gallery.downloads("grades", FILES)] == [
        "charts/grades.png", "charts/grades.untitled.svg", "charts/grades.csv"
    ]  # fmt: skip
    assert [file["href"] for file in gallery.taken_away(FILES)] == ["numbers.csv"]


@pytest.mark.parametrize(
    "top", ['<svg width="576pt" height="184.26pt">', '<svg a="1"\nheight="184.26pt" width="576pt">']
)
def test_the_size_of_a_drawing_is_read_from_its_first_lines(tmp_path, top):
    (tmp_path / "a.svg").write_text(f"<?xml?>\n{top}</svg>", encoding="utf-8")

    assert gallery.svg_size(tmp_path / "a.svg") == (768, 246)


def test_a_drawing_without_a_size_is_refused(tmp_path):
    (tmp_path / "a.svg").write_text('<svg width="50%"></svg>', encoding="utf-8")

    with pytest.raises(ValueError, match=r"a\.svg: no width and height in points in its first lines; draw it again"):
        gallery.svg_size(tmp_path / "a.svg")


# The front page.


def numbered(number_id: str, words: str) -> str:
    return f'<a class="number" href="numbers.html#{number_id}" title="">{words}</a>'


def glance(charts=(), short=()) -> pages.Page:
    rows = {"n1": ("events", "e1"), "n2": ("observations", "E06000018 agency_rate_fte 2025"), "n3": ("findings", "f1")}
    cited = tuple({"number_id": i, "table": table, "rows": keys} for i, (table, keys) in rows.items())
    return pages.Page("00-glance", "", (), tuple(short), (), tuple(charts), cited)


def drawn(finding: str, name: str = "c") -> dict:
    return {"id": name, "finding_html": finding, "description_html": ""}


def test_a_sentence_stands_by_the_chart_of_its_first_number():
    inspected = drawn(f"Graded in {numbered('n1', '2022')}.", "grades")
    agency = drawn(f"Agency {numbered('n2', '10')}.", "agency")
    short = [
        f"A {numbered('n1', 'x')}.",
        f"B {numbered('n1', 'x')}.",
        f"B had {numbered('n2', 'y')}, {numbered('n1', 'x')}.",
        f"Themes {numbered('n3', 'z')}.",
        "Nothing cited.",
    ]

    story = front_page.tell_story(glance([inspected, agency], short), ["A", "B"], "Services in A & B")

    assert story.headline == f"Graded in {numbered('n1', '2022')}"
    assert story.standfirst == tuple(short[:2])
    assert [part.told for part in story.parts] == [(), (short[2],)]
    assert story.rest == (f"{short[3]} {short[4]}",)


@pytest.mark.parametrize("charts", [[], [drawn("No grade of A is in the tables")]])
def test_without_a_finding_that_counts_the_headline_is_plain(charts):
    assert front_page.tell_story(glance(charts), ["A"], "Services in A & B").headline == "Services in A &amp; B"


def test_paragraphs_gather_what_is_said_of_one_name():
    names = ["Nottingham", "Nottinghamshire"]
    said = ["Nottinghamshire is <b>good</b>.", "Nottingham is not.", "It was.", "On a day Nottinghamshire rose."]

    assert front_page.paragraphs(said, names) == (f"{said[0]} {said[3]}", f"{said[1]} {said[2]}")


def test_a_short_answer_tells_what_no_question_before_it_has_told():
    def question(slug, *short):
        return pages.Page(slug, "", (), short, (), (), ())

    answers = front_page.short_answers(
        [
            question("00", "a", "b"),
            question("01", "a", "c", "d", "e", "f"),
            question("02", "c", "g"),
            question("03", "a"),
        ]
    )
    assert answers == {"00": (), "01": ("c", "d", "e"), "02": ("g",), "03": ("a",)}


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        (Parameters(), ["Nottingham, Nottinghamshire", "statistical neighbours", "the day of the newest source", "2013",
                        "prices of 2024-25"]),
        (Parameters(["Leeds"], "none", "2019-06-30", 2008, "cash"), ["Leeds", "none", "30 June 2019", "2008", "cash"]),
    ],
)  # fmt: skip
def test_parameters_are_shown_in_words(parameters, shown):
    assert list(edition_pages.shown_parameters(parameters).values()) == shown


def test_what_a_page_tells_about_its_numbers_cannot_end_its_script():
    record = count(rows(13), "events", "visits").record() | {"table": "</script>"}
    numbers = {record["number_id"]: record}

    page = pages.tell_numbers(f"<body>{numbered(record['number_id'], '13')}</body>", numbers)

    about = json.loads(BeautifulSoup(page, "html.parser").script.get_text())
    assert about["numbers"][record["number_id"]][1] == "e0; e1; e10; and 9 more, listed with the number"
    assert page.count("</script>") == 1
    assert pages.tell_numbers("<body></body>", numbers) == "<body></body>"
