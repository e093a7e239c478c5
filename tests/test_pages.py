"""Pages a person can read and check: every number leads to its row, no link is broken, no other host is asked."""

import copy
import itertools
import json
import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest
import small_edition
from bs4 import BeautifulSoup, Tag
from childrens_services import paths
from childrens_services.edition import edition_pages, gallery, pages, run
from childrens_services.edition.parameters import Parameters
from childrens_services.telling.cited import absence, sentence
from childrens_services.telling.sentences import count, tell
from childrens_services.telling.words import strip_terms
from editions import EACH
from editions import edition as edition_of
from nbformat.v4 import new_markdown_cell, new_notebook
from small_edition import ran

PAGES = ["index", "charts", "numbers", "sources", "changes", *run.notebook_names()]
READ = [name for name in PAGES if name not in ("numbers", "sources", "changes")]
# Words that are not an edition's own, or that are said again, cited: data, code, sources, parameters, days of tables.
NOT_WORDS = (
    "a.number, pre, nav, ul.sources, dl.parameters, summary, script, .unseen, .kicker, .known, .described, .code table"
)
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; font-src 'self' file:; img-src 'self' file:; "
    "script-src 'self' file:; style-src 'self' file:"
)


@pytest.fixture(scope="session")
def edition(tmp_path_factory):
    return edition_of(tmp_path_factory, "default")


@pytest.fixture(scope="session")
def numbers(edition):
    return pd.read_csv(edition / "numbers.csv", dtype=str, keep_default_na=False).set_index("number_id")


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


@cache
def soup_of(edition: Path, name: str) -> BeautifulSoup:
    return soup((edition / f"{name}.html").read_text(encoding="utf-8"))


# One notebook.

FRAME = pd.DataFrame({"<name>": ["Leeds"], "rate": [1.5]})


def said(words, **parts):
    return tell(sentence(words, n=count(small_edition.rows(), "events", 'visits that are "focused"'), **parts))


def notebook(headline="Both had {n} visits."):
    """An executed notebook with each kind of cell: words, preparations, a headline, a frame, a section of absences."""
    frame = {"text/html": FRAME._repr_html_(), "text/plain": str(FRAME)}
    chart = {"image/png": "", pages.CHART_MIME: small_edition.CHARTS["rates"][0], pages.NUMBERS_MIME: []}
    return new_notebook(
        cells=[
            new_markdown_cell("# How many?\n\nFor anyone."),
            ran("edition = ''", tags=("parameters",)),
            ran("edition = '/secret/place'", tags=("injected-parameters",)),
            ran("import sys"),
            *([ran("say(it)", said(headline)._repr_mimebundle_(), tags=("headline",))] if headline else []),
            new_markdown_cell("## What is prepared?"),
            ran("rows", frame),
            new_markdown_cell("## In short"),
            ran("tell(said)", said("A & B had {n} visits.")._repr_mimebundle_(), tags=("in-short",)),
            new_markdown_cell("## How <many>?"),
            ran("rows", frame),
            ran("draw()", chart),
            new_markdown_cell("## Which visits?"),
            ran("show(none)", *[absence("No visit is in the tables.")._repr_mimebundle_()] * 2),
            new_markdown_cell("## What is not known"),
            ran("tell()", said("Why.")._repr_mimebundle_(), tags=("not-known",)),
        ]
    )


def test_a_notebook_is_read_in_order_with_its_code_folded_together():
    page = pages.read_page("00-how-many", notebook())

    assert page.title == "How many?" and "secret" not in str(page.blocks)
    assert [b["html"] for b in page.blocks if b["kind"] == "words"][1].strip() == "<h2>In short</h2>"
    assert [block["kind"] for block in page.blocks] == ["words", "code"] * 5
    assert "import" in page.blocks[1]["html"] and "say" in page.blocks[1]["html"]
    assert page.headline_text == "Both had two visits" and 'href="numbers.html#n' in page.headline
    assert page.in_short_text == ("A & B had two visits.",)
    assert [chart["id"] for chart in page.charts] == ["rates"]
    assert {row["notebook"] for row in page.numbers} == {"00-how-many"}
    # A section of nothing but absences is told once, under what is not known.
    assert "Which visits?" not in str(page.blocks)
    told = [soup(output["html"]).get_text() for output in page.blocks[-1]["outputs"]]
    assert told == ["Why.", *["No visit is in the tables."] * 2]
    # A frame is folded with the code, and brings no style of its own.
    (frame,), outputs = page.blocks[7]["frames"], page.blocks[7]["outputs"]
    table = soup(frame)
    assert [output["kind"] for output in outputs] == ["chart"] and "&lt;name&gt;" in frame
    assert not re.search(r"style|class|border", frame) and table.caption.get_text() == "Rows worked with"
    assert [th["scope"] for th in table.find_all("th")] == ["col", "col", "row"]
    assert [cell.get_text() for cell in table.tbody.find_all("td")] == ["Leeds", "1.5"]


def test_what_is_not_known_is_no_heading_where_nothing_is_said():
    silent = notebook()
    silent.cells = [cell for cell in silent.cells if "EMPTY" not in cell.source and "none" not in cell.source]
    silent.cells[-1].outputs = []

    assert "What is not known" not in str(pages.read_page("00-how-many", silent).blocks)


def test_a_marked_number_becomes_a_link_to_its_row():
    (marked,) = said("{n} visits.").sentences

    number = marked.cited()[0]

    assert pages.link_numbers(marked.html) == (
        f'<a class="number" href="numbers.html#{number.number_id}" data-value="2" '
        f'title="visits that are &quot;focused&quot;">{number.text}</a> visits.'
    )
    assert pages.link_numbers(f"<summary>{marked.html}</summary>") == f"<summary>{marked.text}</summary>"


@pytest.mark.parametrize(
    ("leads", "addresses"),
    [
        (True, ("https://example.org/a?b=1&c", "HTTP://example.org")),
        (
            False,
            ("javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//example.org", "example.org", ""),
        ),
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(leads, addresses):
    for address in addresses:
        made = soup(pages.link("<b>A</b> & B", address))
        assert made.get_text() == "<b>A</b> & B"
        assert [a["href"] for a in made.find_all("a")] == [address] * leads


def test_a_number_printed_twice_is_one_row_with_all_its_sources():
    record = said("{n}.").sentences[0].cited()[0].record()
    empty = pages.read_page("00-a", notebook())
    read = [
        replace(empty, numbers=({"notebook": slug, **record, "sources": source},))
        for slug, source in (("01-b", "ofsted_ods_2025"), ("00-a", "ofsted_ods_2024 ofsted_ods_2025"))
    ]

    (row,) = pages.numbers_table(read).to_dict("records")

    assert (row["sources"], row["notebooks"]) == ("ofsted_ods_2024 ofsted_ods_2025", "00-a 01-b")
    assert " ".join(row) == "number_id text value how table rows sources notebooks"
    assert list(pages.numbers_table([])) == list(row)


def test_what_a_page_tells_about_its_numbers_cannot_end_its_script():
    record = {"table": "</script>", "rows": "; ".join(f"e{i}" for i in range(13)), "sources": "ofsted_ods_2025"}

    page = pages.tell_numbers('<body><a href="numbers.html#n1">13</a></body>', {"n1": record})

    about = json.loads(soup(page).script.get_text())
    assert about["numbers"]["n1"] == ["</script>", "e0; e1; e2; and 10 more, listed with the number", [0]]
    assert page.count("</script>") == 1
    assert pages.tell_numbers("<body></body>", {}) == "<body></body>"


# A small edition.


@pytest.fixture
def small(tmp_path):
    """A function that writes a small edition of `given` and two questions, and returns its texts by file name."""

    def write(given=None):
        read = [pages.read_page("00-how-many", given or notebook()), *small_edition.make(tmp_path)[1:3]]
        return edition_pages.page_texts(tmp_path, read, pages.numbers_table(read), small_edition.PARAMETERS)

    return write


def test_the_front_page_tells_the_story_of_the_first_notebook(small):
    front = soup(small()["index.html"]).main

    assert front.h1.get_text() == "Both had two visits" and front.h1.a
    assert [p.get_text() for p in front.select(".standfirst p")] == ["A & B had two visits."]
    headings = ["How <many>?", "What is not known", "Ask further", "Data to take away"]
    assert [h.get_text() for h in front.find_all("h2")] == headings
    assert [a["href"] for a in front.select(".answer h3 a")] == ["01-question.html", "02-question.html"]
    assert all(len(answer.find_all("p")) == 2 for answer in front.select(".answer"))
    offered = "changes.html changes.html#corrections charts.html manifest.json numbers.html sources.html"
    assert sorted({a["href"] for a in front.select(".offered a")}) == offered.split()


def test_without_a_headline_the_front_page_is_headed_by_who_it_is_about(small):
    assert soup(small(notebook(headline=""))["index.html"]).h1.get_text() == "Children's services in Leeds and Kent"


def test_a_chart_stands_as_a_figure_with_its_words_its_data_and_the_files_that_are_there(small):
    figure = soup(small()["00-how-many.html"]).find("figure", id="rates")
    record = small_edition.CHARTS["rates"][0]

    assert figure.h3.get_text() == record["finding"] and figure.img["alt"] == record["alt"]
    assert (figure.img["src"], figure.source["srcset"]) == ("charts/rates.svg", "charts/rates.narrow.svg")
    assert [a["href"] for a in figure.select(".files a")] == [
        *(f"charts/rates.{kind}" for kind in ("svg", "narrow.svg", "csv", "json")),
        "charts.html#rates",
    ]
    data = figure.select_one("details.described table")
    assert [th.get_text() for th in data.thead.find_all("th")][-1] == "Note"
    assert data.tbody.tr.get_text(" ", strip=True).startswith("Leeds E08000035 agency_rate_fte 2017 15.7")


def test_of_many_rows_only_some_stand_below_a_chart_without_columns_for_programs(tmp_path):
    (tmp_path / "charts").mkdir()
    frame = pd.DataFrame({"year": range(70), "value": 1 / 3, "source_id": "x", "believed": 1})
    frame.to_csv(tmp_path / "charts" / "a.csv", index=False)

    data = gallery.data_of(tmp_path, {"id": "a"})

    assert data["rows"][:1] == [["0", "0.333333"]] and data["more"] and len(data["rows"]) == gallery.ROWS_SHOWN


def test_a_readme_is_short_and_plain_markdown(small):
    text = small()["README.md"]

    answer = "**Both had two visits**\n\nA & B had two visits."
    assert text.startswith(f"# Children's services in Leeds and Kent\n\n{answer}\n")
    assert "### Rates of Leeds & Kent differ (a \\< b)\n\n![Two lines: Rates of" in text
    assert "(charts/rates.png)" in text and "\n## Question 1?\n" in text and "&lt;" not in text


def test_a_source_with_a_hostile_address_is_named_and_not_linked(small, monkeypatch):
    known = edition_pages.register()
    hostile = known.assign(url="javascript:alert(1)", title="<script>")
    monkeypatch.setattr(edition_pages, "register", lambda: hostile)
    monkeypatch.setattr(pages, "register", lambda: hostile)

    found = {name: soup(text) for name, text in small().items()}

    links = [a["href"].lower() for page in found.values() for a in page.find_all("a", href=True)]
    assert links and not [address for address in links if "javascript" in address]
    assert "<script>" in found["sources.html"].main.get_text() and "<script>" in found["numbers.html"].main.get_text()


def test_a_drawing_has_the_shape_of_what_lies_below_its_title():
    chart = {"id": "a", "shapes": [[576.0, 134.26], [316.8, 107.0]]}

    rules = gallery.shapes([replace(pages.read_page("00-how-many", notebook()), charts=(chart,))])

    assert re.findall(r"aspect-ratio: ([\d.]+) / ([\d.]+)", rules) == [("576", "134.26"), ("316.8", "107")]
    assert rules.index("@media (max-width: 560px)") > rules.index("134.26")


def test_a_chart_is_found_by_the_words_that_a_newsroom_uses():
    asked = {
        "Spent per child": "money budget cost",
        "Agency share of social workers": "staff vacancies",
        "Last graded inadequate": "failing ofsted rating",
        "Help for children with SEND": "special needs",
    }
    found = {own: gallery.words_to_find(own).lower() for own in asked}

    assert [(own, word) for own, words in asked.items() for word in words.split() if word not in found[own]] == []
    assert gallery.words_to_find("Nothing") == "Nothing"


def test_a_page_says_of_what_it_is_and_to_which_day_it_knows_grades_events_and_figures(small):
    shown = edition_pages.shown_parameters(Parameters(["Leeds"], "none", "2019-06-30", 2008, "cash"))
    default = edition_pages.shown_parameters(Parameters())
    known = edition_pages.known_to("2019-06-30")

    assert list(shown.values()) == ["Leeds", "none", "30 June 2019", "2008", "cash"]
    assert list(default.values())[2:] == ["the day of the newest source", "2013", "prices of 2024-25"]
    assert list(known) == ["grades", "events", "figures"]
    assert all(day.endswith(("2019", "2018")) for day in known.values())
    assert edition_pages.known_to("1990-01-01") == dict.fromkeys(known, "no day yet")
    assert soup(small()["charts.html"]).select_one(".known").get_text() == (
        f"Known: grades to {known['grades']}, events to {known['events']}, figures to {known['figures']}."
    )


# Every page of the default edition.


@pytest.mark.parametrize("name", READ)
def test_every_digit_of_a_page_is_a_cited_number_that_the_list_has_and_its_page_knows_of(edition, numbers, name):
    page, words = soup_of(edition, name), copy.copy(soup_of(edition, name))
    alts = [without(img["alt"], numbers["text"]) for img in words.select("img")]
    for part in words.select(NOT_WORDS):
        part.replace_with(" ")
    cited = [(a["href"].partition("#"), a.get_text()) for a in page.select("a.number")]
    about = json.loads(page.find("script", id="about-numbers").get_text())["numbers"]

    assert [alt for alt in alts if re.search(r"\d", alt)] == []
    assert [said for said in words.stripped_strings if re.search(r"\d", strip_terms(said))] == []
    assert {where[0] for where, _ in cited} == {"numbers.html"}
    assert [(where, text) for where, text in cited if numbers["text"].get(where[2]) != text] == []
    assert set(about) == {where[2] for where, _ in cited}
    assert [i for i in about if about[i][0] != numbers["table"][i]] == []
    assert [i for i in about if len(about[i][2]) != len(numbers["sources"][i].split())] == []


def without(text: str, texts: pd.Series) -> str:
    """Take the listed numbers out of a text, the longest first, and the names that hold digits."""
    if not re.search(r"\d", strip_terms(text)):
        return ""
    listed = sorted({t for t in texts if re.search(r"\d", t) and t in text}, key=len, reverse=True)
    found = "|".join(rf"(?<![\w.,]){re.escape(t)}(?!\w|[.,]\d)" for t in listed)
    return strip_terms(re.sub(found, "", text) if listed else text)


def test_the_page_of_numbers_is_the_list_and_the_readme_has_its_numbers_links_and_pictures(edition, numbers):
    table = soup_of(edition, "numbers").select("table.numbers tbody tr")
    text = (edition / "README.md").read_text(encoding="utf-8").replace("\\", "")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    house = paths.ROOT / "reports" / edition.name  # where the edition stands, for what lies outside it

    listed = [(row["id"], row.th.get_text(), row.td.get_text()) for row in table]
    assert listed == list(numbers[["text", "how"]].itertuples(name=None))
    words = re.sub(r"\]\([^)\s]*\)", "]", text)  # where links lead is not said
    assert [line for line in words.splitlines() if re.search(r"\d", without(line, numbers["text"]))] == []
    assert len([target for target in targets if target.endswith(".png")]) > 10
    assert [t for t in targets if not (edition / t).exists() and not Path(os.path.normpath(house / t)).exists()] == []


# What makes a page fit for everybody.

ALWAYS = (
    "html[lang=en-GB] > head > meta[charset=utf-8]",
    f'meta[http-equiv=Content-Security-Policy][content="{POLICY}"]',
    'title:-soup-contains("– Children\'s services compared")',
    "body > a.skip[href='#main']:first-child",
    "header nav[aria-label]",
    "main#main > .known",
    "footer:-soup-contains('these are not official statistics')",
)
NEVER = (
    "h1 ~ h1, header :is(h1, h2), details[open], summary a, pre:not(details pre)",
    "img:not([alt]), a:not([href])",
    "th:not([scope=col], [scope=row]), table:not(:has(> caption)), table:not(:has(> thead))",
    "table:not(:has([scope=row])), table:not(.scroll > table), .scroll:not([tabindex='0'][role][aria-label])",
    "script:not([src='edition.js']:empty, [type='application/json']), [style], [onclick], [onload], [onerror]",
    "style, iframe, object, embed, base, form",
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_fit_for_everybody_and_safe(edition, name):
    page = soup_of(edition, name)
    levels = [int(heading.name[1]) for heading in page.main.find_all(re.compile(r"^h[1-6]$"))]
    ids = [tag["id"] for tag in page.find_all(id=True)]

    assert [where for where in ALWAYS if not page.select(where)] == []
    assert {where: str(found[0])[:200] for where in NEVER if (found := page.select(where))} == {}
    assert levels[0] == 1 and [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1] == []
    assert [img["src"] for img in page.find_all("img") if len(img["alt"].strip()) < 20] == []
    assert [tag for tag in page.select("h1, h2, h3, a, summary, caption") if not tag.get_text().strip()] == []
    assert sorted(ids) == sorted(set(ids))
    assert [str(tag)[:120] for tag, where in asked(page) if not is_allowed(tag, where)] == []
    assert (edition / f"{name}.html").stat().st_size < 1_500_000


def asked(page: BeautifulSoup) -> list[tuple[Tag, str]]:
    """Return every address on a page with the element that names it."""
    named = ("href", "src", "srcset", "action", "data", "poster", "cite", "background", "formaction")
    return [(tag, tag[name]) for tag in page.find_all(True) for name in named if tag.has_attr(name)]


def is_allowed(tag: Tag, address: str) -> bool:
    """Relative addresses anywhere; another host only where a reader may choose to go, and that is to a source."""
    parts = urlsplit(address)
    if not parts.scheme and not parts.netloc:
        return not address.startswith("/")
    to_a_source = tag.find_parent("ul", class_="sources") or tag.find_parent("table", class_="numbers")
    return tag.name == "a" and parts.scheme in ("https", "http") and bool(to_a_source)


@pytest.mark.parametrize("made", EACH)
def test_every_relative_link_and_fragment_leads_somewhere(tmp_path_factory, made):
    folder = edition_of(tmp_path_factory, made)
    ids = {name: {tag["id"] for tag in soup_of(folder, name).find_all(id=True)} for name in PAGES}
    lost = []
    for name in PAGES:
        for _, address in asked(soup_of(folder, name)):
            parts = urlsplit(address)
            target = folder / (unquote(parts.path) or f"{name}.html")
            found = target.is_file() and (not parts.fragment or parts.fragment in ids[target.stem])
            lost += [] if parts.scheme or found else [f"{name}: {address}"]
        here = [a["href"] for a in soup_of(folder, name).nav.select("[aria-current=page]")]
        assert here == ([] if name in ("sources", "changes") else [f"{name}.html"])

    assert lost == []


def test_style_script_and_drawings_ask_nothing_of_another_host_and_all_is_small_enough_to_send(edition):
    style, script = ((edition / f"edition.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    fonts = re.findall(r"url\(\"([^\"]*)\"\)", style)
    drawings = {path.name: path.read_text(encoding="utf-8") for path in (edition / "charts").glob("*.svg")}
    never = re.compile(r"<(?:\w+:)?(?:script|foreignObject|image)\b|\b(?:href|src)\s*=\s*[\"'](?!#)|@import|url\((?!#)")

    assert fonts and [font for font in fonts if not (edition / font).is_file()] == []
    assert style.count("url(") == len(fonts) and not re.search(r"@import|//", style)
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import|eval|localStorage|cookie)\b|https?:", script)
    assert drawings and [name for name, text in drawings.items() if never.search(text)] == []
    assert sum(path.stat().st_size for path in edition.rglob("*") if path.is_file()) < 50_000_000


# What Our World in Data, Datawrapper and the ONS give with a chart, and where it stands in the figure.
GIVEN = {
    "picture (all three)": ".files a[href$='.png']",
    "drawing (Our World in Data, Datawrapper)": ".files a[href$='/{id}.svg']",
    "drawing for phones (nobody)": ".files a[href$='.narrow.svg']",
    "drawing for print (Datawrapper)": ".files a[href$='.pdf']",
    "data (all three)": ".files a[href$='.csv']",
    "facts for a program, columns described (Our World in Data)": ".files a[href$='.json']",
    "everything in one file (Our World in Data)": ".files a[href$='.zip']",
    "title that says what was found (ONS)": "figcaption h2",
    "what, where and when (all three)": "figcaption .subtitle",
    "text alternative (Datawrapper, ONS)": "img[alt]",
    "values as a table (ONS)": "details.described table",
    "embed code (all three)": "button[data-copies$='-embed']",
    "alternative text to copy (nobody)": "button[data-copies$='-alt']",
    "caption with source (Datawrapper)": "button[data-copies$='-caption']",
    "citation (Our World in Data)": "button[data-copies$='-citation']",
    "address of its own (Our World in Data)": "a.large[href^='#']",
    "way to how it was made (ONS)": ".see a[href$='.html#{id}']",
}


def test_each_chart_gives_what_the_best_give_and_its_words_are_those_of_its_record(edition):
    figures = soup_of(edition, "charts").select(".charts > figure")
    records = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (edition / "charts").glob("*.json")}

    assert sorted(figure["id"] for figure in figures) == sorted(records)
    for figure in figures:
        record = records[figure["id"]]
        assert [what for what, where in GIVEN.items() if not figure.select(where.format(id=record["id"]))] == []
        copied = {pre["id"].removeprefix(f"{record['id']}-"): pre.get_text() for pre in figure.select("pre.copy")}
        assert copied["alt"] == record["alt"] and copied["citation"] == record["citation"]
        assert record["finding"] in copied["caption"] and record["source"].rstrip(".") in copied["caption"]


@pytest.mark.parametrize("name", ["index", *run.notebook_names()])
def test_the_reading_age_of_a_page_is_printed_and_that_of_the_front_page_is_twelve_at_most(edition, name):
    """Flesch and Kincaid's years of schooling, and five; `pytest -s -k reading_age` prints them."""
    import textstat  # it takes seconds

    page = soup_of(edition, name)
    told = [p for p in page.select(".said p, .said li") if not p.find_parent(["details", "table"])]
    text = " ".join(p.get_text().rstrip(".;:") + "." for p in told)
    age = textstat.flesch_kincaid_grade(re.sub(r"(?<=\d)[.,](?=\d)", "", text)) + 5

    print(f"\nreading age {age:4.1f}  {len(text.split()):5,} words  {name}")
    tells = page.h1.get_text() != page.select_one(".kicker").get_text()  # a front page with a headline of its own
    assert age <= 12 or name != "index" or not tells
