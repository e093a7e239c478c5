"""A report to print: complete, findable, readable aloud, the same bytes, and no browser needed."""

import io
import re
from dataclasses import replace

import pypdf
import pypdfium2
import pytest
import small_edition
from childrens_services.edition import booklet, booklet_blocks
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Table


def write(folder):
    read = small_edition.make(folder)
    booklet.write_booklet(folder, read, small_edition.PARAMETERS, small_edition.HEADING)
    return folder / "report.pdf"


@pytest.fixture(scope="module")
def pdf(tmp_path_factory):
    """A small edition's report, to be read and not changed."""
    return write(tmp_path_factory.mktemp("booklet") / "edition")


@pytest.fixture(scope="module")
def reader(pdf):
    return pypdf.PdfReader(pdf)


@pytest.fixture(scope="module")
def text(reader):
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_it_says_its_title_and_language_and_shows_them(reader):
    root = reader.trailer["/Root"]

    assert reader.metadata.title == small_edition.HEADING
    assert root["/Lang"] == "en-GB" and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/PageMode"] == "/UseOutlines"


def test_every_page_is_a4_and_numbered_and_says_what_it_is_not(reader, text):
    assert len(reader.pages) > 10
    assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in reader.pages} == {(595, 842)}
    for number, words in enumerate(text, start=1):
        assert f"{small_edition.HEADING}. Not official statistics. {number}" in words


def test_every_question_short_answer_and_finding_is_in_the_text(text):
    words = " ".join(text)

    for number in range(9):
        assert f"Question {number}?" in words
    for record, _ in small_edition.CHARTS.values():
        assert record["finding"] in words and record["description"] in words
    assert "2 visits to “Leeds & <Kent>”." in words
    assert words.count("The same everywhere.") == 0 and "What this is not" in text[0]


def test_the_list_of_contents_gives_the_page_of_each_question(reader, text):
    page = next(number for number, words in enumerate(text, start=1) if words.startswith("Question 3?"))

    assert str(page) in re.findall(r"\d+", text[0][text[0].index("Question 3?") :])[:2]
    leads = [reader.get_page_number(one["/Dest"][0].get_object()) + 1 for one in links(reader.pages[0])]
    assert leads[3] == page and len(leads) == 10


def links(page):
    return [one.get_object() for one in page.get("/Annots", []) if one.get_object()["/Subtype"] == "/Link"]


def test_the_outline_holds_questions_headings_and_findings_at_their_pages(reader, text):
    outline = reader.outline
    chapters = [one for one in outline if not isinstance(one, list)]
    inside = [one.title for part in outline if isinstance(part, list) for one in flat(part)]

    assert [one.title for one in chapters] == [*(f"Question {i}?" for i in range(9)), "Sources and methods"]
    assert all(one.title in text[reader.get_destination_page_number(one)] for one in chapters)
    assert "What of rates?" in inside and small_edition.CHARTS["rates"][0]["finding"] in inside


def flat(part):
    return [one for item in part for one in (flat(item) if isinstance(item, list) else [item])]


def test_links_lead_to_the_sources_and_to_no_other_place(reader):
    found = [one["/A"]["/URI"] for page in reader.pages for one in links(page) if "/A" in one and "/URI" in one["/A"]]

    assert found and all(address.startswith("https://www.bbc.com/") for address in found)


def test_the_house_font_is_embedded_and_there_is_no_other(reader):
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]

    assert fonts and all("SourceSansPro" in font["/BaseFont"] for font in fonts)
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_a_chart_has_its_alternative_text_and_stands_on_one_page_with_its_heading(reader, text):
    drawn = [number for number, page in enumerate(reader.pages) if b"/Alt <feff" in page.get_contents().get_data()]

    assert len(drawn) == 9
    for number in drawn:
        said = re.search(rb"/Span <</Alt <feff([0-9a-f]+)>>> BDC", reader.pages[number].get_contents().get_data())
        assert bytes.fromhex(said[1].decode()).decode("utf-16-be").startswith("Two lines: ")
        assert "What of " in text[number] and "How it is read: Question " in text[number]


def test_a_long_table_repeats_its_head_and_loses_no_row(text):
    words = " ".join(text)

    assert words.count("Place Visits") > 9
    assert words.count("A ward 2") == 9 * 60


def test_a_folded_list_is_named_and_its_rows_are_left_to_the_pages(text):
    words = " ".join(text)

    assert "Early help." in words and "hidden" not in words
    assert "Each of these lists stands in the edition, in 03-question.html." in words


def test_two_runs_give_the_same_bytes(pdf, tmp_path):
    assert write(tmp_path / "again").read_bytes() == pdf.read_bytes()


def test_a_picture_with_a_palette_is_stored_byte_by_byte(tmp_path):
    drawn = Image.new("P", (40, 30))
    drawn.putpalette([255, 255, 255, 18, 67, 109])
    drawn.paste(1, (5, 5, 20, 20))
    drawn.save(tmp_path / "a.png")

    stored = booklet_blocks.StoredPng("a", tmp_path / "a.png")

    assert stored.streamContent in (tmp_path / "a.png").read_bytes()
    assert (stored.width, stored.height) == (40, 30)


@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_a_picture_comes_out_as_it_went_in(tmp_path, mode):
    picture = Image.new("RGB", (1600, 900), "white")
    picture.paste("#12436d", (100, 100, 700, 800))
    picture = picture.quantize(8) if mode == "P" else picture.convert(mode)
    folder = tmp_path / "edition"
    read = small_edition.make(folder)
    picture.save(folder / "charts" / "rates.png")

    booklet.write_booklet(folder, read, small_edition.PARAMETERS, small_edition.HEADING)

    with pypdfium2.PdfDocument(folder / "report.pdf") as document:
        shown = document[1].render(scale=1).to_pil().convert("RGB")
    colours = {colour for _, colour in shown.getcolors(100_000)}
    blue = next(one for one in shown.getcolors(100_000) if one[1] == (18, 67, 109))
    assert {(255, 255, 255), (18, 67, 109)} <= colours
    assert blue[0] == pytest.approx(600 * 700 * (booklet_blocks.WIDTH / 1600) ** 2, rel=0.02)


def test_a_chart_without_a_picture_is_told_by_its_file(tmp_path):
    read = small_edition.make(tmp_path / "edition")
    (tmp_path / "edition" / "charts" / "rates.png").unlink()

    with pytest.raises(FileNotFoundError, match=r"rates\.png"):
        booklet.write_booklet(tmp_path / "edition", read, small_edition.PARAMETERS, small_edition.HEADING)


@pytest.mark.parametrize(("html", "expected"), [
    ("<p>a &lt; <strong>b</strong> &amp; <em>c</em></p>", "a &lt; <b>b</b> &amp; <i>c</i>"),
    ('<a class="number" href="numbers.html#n1" title="x">2</a> of', "2 of"),
    ('<a href="https://a.uk/?a=1&amp;b=2">A</a>', '<a href="https://a.uk/?a=1&amp;b=2" color="#12436d">A</a>'),
    ('<a href="javascript:alert(1)">A</a>', "A"),
    ("<p>left <b>open", "left <b>open</b>"),
])  # fmt: skip
def test_words_become_markup_and_nothing_else_does(html, expected):
    tree = booklet_blocks.read_html(html)

    assert booklet_blocks.markup(tree[0] if html.startswith("<p>") else tree) == expected


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=40))
def test_any_words_can_be_set_and_any_html_can_be_read(text):
    tree = booklet_blocks.read_html(text)

    booklet_blocks.register_fonts()
    Paragraph(booklet_blocks.markup(tree), booklet_blocks.STYLES["p"]).wrap(300, 300)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.text("ab c", min_size=1, max_size=60), min_size=3, max_size=3), min_size=1, max_size=6))
def test_columns_share_the_width_of_the_page_and_none_vanishes(rows):
    booklet_blocks.register_fonts()

    widths = booklet_blocks._widths(rows, 3)

    assert sum(widths) <= booklet_blocks.WIDTH + 0.01 and min(widths) >= 7


def test_a_chart_without_a_heading_above_it_is_found_under_its_question(tmp_path):
    read = small_edition.make(tmp_path / "edition")
    bare = [replace(page, blocks=tuple(b for b in page.blocks if b["kind"] != "words")) for page in read]

    booklet.write_booklet(tmp_path / "edition", bare, small_edition.PARAMETERS, small_edition.HEADING)

    outline = pypdf.PdfReader(tmp_path / "edition" / "report.pdf").outline
    assert next(entry["/Title"] for entry in outline if not isinstance(entry, list)) == bare[0].title
    assert outline[1][0]["/Title"] == "Rates of Leeds & Kent differ (a < b)"


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=3, max_size=9), st.integers(200, 300))
def test_a_paragraph_that_remembers_its_lines_is_set_as_one_that_does_not(paragraphs, height):
    texts = ["some <b>bold</b> words " * many if bold else "plain words " * many for many, bold in paragraphs]

    assert set_in_pages(booklet_blocks.Paragraph, texts, height) == set_in_pages(Paragraph, texts, height)


def set_in_pages(kind, texts, height):
    """Set paragraphs in low pages, by themselves, bound together and in a table: they break over the pages."""
    booklet_blocks.register_fonts()
    style, cell = booklet_blocks.STYLES["p"], booklet_blocks.STYLES["cell"]
    made = io.BytesIO()
    rows = Table([[kind(text[:88], cell), kind("a", cell)] for text in texts], colWidths=[150, 60], repeatRows=1)
    free = [kind(text, style) for text in texts]
    bound = [KeepTogether([kind(text, style) for text in texts[:2]])]
    document = SimpleDocTemplate(made, pagesize=(400, height + 144), invariant=1)
    document.build([*free, *bound, rows])
    return made.getvalue()
