"""A briefing to print: short, tagged so that it can be read aloud, and nothing asked of any network."""

import itertools
import re
from dataclasses import replace
from importlib.resources import files

import editions
import pypdf
import pytest
import small_edition
from childrens_services.edition import booklet
from childrens_services.sources import register
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import ContentStream

LATIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, blacklist_categories=("Cc",)), max_size=40)
WORDS = {"title": "A", "brand": "B", "disclaimer": "C", "headline": "D"}
NOTHING = {"standfirst": [], "picture": None, "table": None, "asked": [], "questions": [], "unknown": [], "sources": []}
BARE = {**WORDS, **NOTHING, "tallest": 90, "smallest": 0.5}


def write(folder, change=list):
    read = change(small_edition.make(folder))
    booklet.write_booklet(folder, read, small_edition.PARAMETERS, small_edition.HEADING)
    return folder / "report.pdf"


@pytest.fixture(scope="module")
def pdf(tmp_path_factory):
    """A small edition's briefing, to be read and not changed."""
    return write(tmp_path_factory.mktemp("booklet") / "edition")


@pytest.fixture(scope="module")
def reader(pdf):
    return pypdf.PdfReader(pdf)


@pytest.fixture(scope="module")
def text(reader):
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def tagged(reader):
    """Every element of the structure tree in the order in which it is read aloud."""

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            yield from (one for part in node for one in walk(part))
        elif isinstance(node, dict):
            yield from [node] if "/S" in node else []
            yield from walk(node["/K"]) if "/K" in node else ()

    return list(walk(reader.trailer["/Root"]["/StructTreeRoot"]))


def test_it_is_tagged_with_title_language_headings_in_order_tables_with_heads_and_lists(reader):
    root, found = reader.trailer["/Root"], [one["/S"] for one in tagged(reader)]
    levels = [int(kind[2]) for kind in found if re.fullmatch(r"/H\d", kind)]

    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB"
    assert reader.metadata.title == small_edition.HEADING and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data().decode()
    assert levels[0] == 1 and len(levels) > 9
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert found.count("/TH") == 2 * found.count("/Table") > 0
    assert {"/Title", "/TOC", "/L", "/LBody", "/TD", "/Link"} <= set(found)


def test_every_picture_says_in_words_what_is_drawn_and_the_rest_is_tagged_or_left_out_for_those_who_listen(reader):
    said = [one["/Alt"] for one in tagged(reader) if one["/S"] == "/Figure"]
    record = small_edition.CHARTS["rates"][0]

    assert len(said) == 9 and said[0] == f"{record['alt']}. {record['subtitle']}. Source: Ofsted."

    for page in reader.pages:
        depth = 0
        for _, operator in ContentStream(page.get_contents(), reader).operations:
            depth += {b"BDC": 1, b"BMC": 1, b"EMC": -1}.get(operator, 0)
            assert depth or operator not in (b"Tj", b"TJ", b"Do", b"f", b"S")


def test_the_outline_and_the_list_of_contents_lead_to_the_page_of_each_question(reader, text):
    chapters = [one for one in reader.outline if not isinstance(one, list)]
    page = next(number for number, words in enumerate(text, start=1) if "Question 3?" in words and number > 1)

    assert [one.title for one in chapters] == [*(f"Question {i}?" for i in range(1, 9)), "What is not known", "Sources"]
    assert all(one.title in text[reader.get_destination_page_number(one)] for one in chapters)
    assert re.search(rf"Question 3\?[ .]* {page} ", text[0])


def test_every_page_is_a4_numbered_in_the_house_font_alone_and_says_what_it_is_not(reader, text):
    assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in reader.pages} == {(595, 842)}
    for number, words in enumerate(text, start=1):
        assert f"{small_edition.HEADING}. Not official statistics." in words
        assert f"{number} of {len(text)}" in words
    assert booklet.WORDS["disclaimer"] in text[0] and "As known on: 30 June 2019." in text[0]

    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]

    assert fonts and all(re.fullmatch(r"/[A-Z]{6}\+SourceSansPro-(Regular|Bold)", font["/BaseFont"]) for font in fonts)


def test_what_was_said_is_not_said_again_and_sources_stand_by_licence_and_lead_to_where_they_can_be_read(text, reader):
    words = " ".join(text)

    assert words.count("The other 2.") == 1 + 8  # the front, and each question that would else say nothing
    assert "The same everywhere." not in words and "hidden" not in words
    assert "where it comes from: 03-question.html." in words
    assert "What is not known • 2 days of publication." in words

    notes = [one.get_object() for page in reader.pages for one in page.get("/Annots", [])]
    found = {one["/A"]["/URI"].partition("//")[0] for one in notes if "/A" in one}

    first = "Licence: OGL-3.0 Publisher Source Ofsted Local authority inspection outcomes as at 31 March 2025"
    assert first in " ".join(text)
    assert found == {"https:", "index.html", "numbers.csv", *(f"0{i}-question.html" for i in range(1, 9))}


def test_an_answer_gives_what_no_page_before_it_printed():
    page = small_edition.pages_of(1)[0]
    read = [replace(page, in_short_text=tuple(said)) for said in ("abc", "bcd", "da")]

    assert booklet._answers(read, 2) == [["a", "b"], ["c", "d"], ["d", "a"]]


def test_a_small_table_with_a_caption_stands_on_the_front_page():
    shown = {
        "kind": "html",
        "html": "<table><tr><td>A frame that was shown on the way</td></tr></table>"
        "<table><caption>Now &amp; then</caption><thead><tr><th>Measure</th><th>Now</th></tr></thead>"
        '<tr><th>Pay</th><td><a href="#n1">1,200</a></td></tr></table>',
    }
    page = small_edition.pages_of(1)[0]

    found = booklet._small_table(replace(page, blocks=({"kind": "code", "html": "", "outputs": [shown]},)))

    assert found == {"caption": "Now & then", "head": ["Measure", "Now"], "rows": [["Pay", "1,200"]]}
    assert booklet._small_table(page) is None  # sixty rows are no small table


def test_the_layout_asks_for_no_package_and_knows_no_day():
    layout = (files("childrens_services.edition") / "booklet.typ").read_text(encoding="utf-8")

    assert "@preview" not in layout and "import" not in layout and "datetime" not in layout


def test_a_chart_without_a_drawing_is_told_by_its_file(tmp_path):
    def lose(read):
        (tmp_path / "edition" / "charts" / "rates.svg").unlink()
        return read

    with pytest.raises(FileNotFoundError, match=r"rates\.svg"):
        write(tmp_path / "edition", lose)


LONG = "Bournemouth, Christchurch and Poole, Cheshire West and Chester, and Bath and North East Somerset differ. " * 4


@pytest.mark.parametrize("tall", [90, 2000])
def test_however_much_there_is_to_say_it_takes_twelve_pages_at_most(tmp_path, tall):
    def lengthen(read):
        for name in small_edition.CHARTS:
            path = tmp_path / "edition" / "charts" / f"{name}.svg"
            path.write_text(small_edition.drawing(tall), encoding="utf-8")
        chart = {**read[0].charts[0], "sources": list(register().index)}
        said = [tuple(f"{number}, {i}: {LONG}" for i in range(20)) for number in range(11)]
        pages = [*read, *read[1:3]]
        return [replace(page, charts=(chart,), in_short_text=one) for page, one in zip(pages, said, strict=True)]

    found = pypdf.PdfReader(write(tmp_path / "edition", lengthen))

    assert 5 < len(found.pages) <= booklet.MOST_PAGES


def test_an_edition_without_charts_and_sentences_has_a_briefing(tmp_path):
    def empty(read):
        return [replace(page, charts=(), numbers=(), in_short=(), in_short_text=(), blocks=()) for page in read]

    found = pypdf.PdfReader(write(tmp_path / "edition", empty))

    assert "/Figure" not in [one["/S"] for one in tagged(found)] and "Question 0?" in found.pages[0].extract_text()


@settings(max_examples=30)
@given(LATIN, LATIN)
def test_whatever_the_words_are_they_are_set_as_words(sentence, heading):
    question = {"title": f"{heading}?", "said": [sentence], "picture": None, "page": "a.html"}
    content = BARE | {"standfirst": [sentence], "questions": [question]}

    assert booklet.typeset(files("childrens_services.edition"), content).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("name", editions.EACH)
def test_the_briefing_of_a_whole_edition_is_short_and_every_picture_in_it_is_described(tmp_path_factory, name):
    found = pypdf.PdfReader(editions.edition(tmp_path_factory, name) / "report.pdf")
    figures = [one for one in tagged(found) if one["/S"] == "/Figure"]

    assert 5 < len(found.pages) <= booklet.MOST_PAGES
    assert len(figures) > 5 and all(len(one["/Alt"]) > 40 for one in figures)
