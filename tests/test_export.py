"""A chart leaves with everything it needs, in files of stable bytes, or it does not leave."""

import hashlib
import io
import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import pandas as pd
import pypdf
import pytest
from childrens_services.sources import register
from childrens_services.telling import export, style
from childrens_services.telling.cited import NUMBERS_MIME, count, say
from childrens_services.telling.style import blank
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from PIL import Image

SUFFIXES = ["csv", "json", "pdf", "png", "square.png", "svg", "text.svg", "untitled.svg", "wide.png"]
SVG = "{http://www.w3.org/2000/svg}"


def rows(**columns):
    frame = pd.DataFrame({
        "event_id": ["a", "b"], "day": pd.to_datetime(["2022-07-11", "2024-05-20"]), "n": [1, 2],
        "source_id": ["ofsted_ods_2025", "ofsted_ods_2024 ofsted_ods_2025"],
    })  # fmt: skip
    return frame.assign(**columns)


def send(data=None, edition="", **given):
    """Export a small chart, with parts replaced by those given."""
    data = rows() if data is None else data
    fig, (ax,) = blank(1.5)
    ax.bar([0, 1], [1, 2])
    finding = say("{n} inspections of “children's services” & care.", n=count(rows(), "events", "inspections"))
    parts = {"name": "grades-by-area", "finding": finding, "subtitle": say("Inspections, Nottingham"),
             "alt": say("Two bars, the second higher.")}  # fmt: skip
    return export.chart(fig, data, edition=str(edition), **{**parts, **given})


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((folder / "charts").iterdir())}


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edition")
    send(edition=folder)
    return folder / "charts"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"finding": say(" ")}, "'grades-by-area' cannot be published: it lacks a finding$"),
        ({"alt": say("")}, "'grades-by-area' cannot be published: it lacks alternative text$"),
        ({"data": rows().head(0)}, "it lacks rows that each carry a source_id"),
        ({"data": rows().drop(columns="source_id")}, "it lacks rows that each carry a source_id"),
        ({"data": rows(source_id=["ofsted_ods_2025", None])}, "it lacks rows that each carry a source_id"),
        ({"data": rows(source_id=["ofsted_ods_2025", " "])}, "it lacks rows that each carry a source_id"),
        ({"name": "Grades by area"}, "'Grades by area' cannot be published: it lacks a name of small letters, digits"),
        ({"name": "../grades"}, "it lacks a name of small letters, digits and hyphens$"),
        ({"name": "X", "finding": say(""), "alt": say("")}, "hyphens; a finding; alternative text$"),
        ({"data": rows(source_id="of_no_register")}, r"unknown source ids \['of_no_register'\]; register them in "
                                                     r"data/curated/sources\.csv"),
    ],
)  # fmt: skip
def test_a_chart_that_lacks_a_part_is_refused_and_nothing_is_written(tmp_path, given, words):
    with pytest.raises(export.ExportError, match=words):
        send(edition=tmp_path, **given)

    assert list(tmp_path.iterdir()) == []


def test_a_chart_leaves_with_pictures_drawings_data_and_record(edition):
    assert sorted(path.name for path in edition.iterdir()) == [f"grades-by-area.{suffix}" for suffix in SUFFIXES]


def test_a_chart_that_is_explored_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    shown = send()

    assert list(tmp_path.iterdir()) == []
    assert Image.open(io.BytesIO(shown.png)).width == 800


@pytest.mark.parametrize(("suffix", "size"), [("square.png", (1080, 1080)), ("wide.png", (1600, 900))])
def test_pictures_for_posts_have_their_size_and_white_edges(edition, suffix, size):
    picture = Image.open(edition / f"grades-by-area.{suffix}").convert("RGB")

    edge = [picture.getpixel((x, y)) for x in (0, size[0] - 1) for y in (0, size[1] // 2, size[1] - 1)]
    assert picture.size == size
    assert set(edge) == {(255, 255, 255)}


def test_the_picture_is_1600_pixels_wide_and_says_what_it_is(edition):
    picture = Image.open(edition / "grades-by-area.png")

    assert picture.width == 1600
    assert picture.text["Title"] == "2 inspections of “children's services” & care."
    assert picture.text["Description"] == "Two bars, the second higher."
    assert picture.text["Source"].endswith(export.CREDIT)


def test_the_colours_of_the_drawing_stay_exact_in_the_picture(edition):
    colours = dict(map(reversed, Image.open(edition / "grades-by-area.png").convert("RGB").getcolors(1 << 24)))

    assert max(colours, key=colours.get) == (255, 255, 255)
    assert colours[(0x12, 0x43, 0x6D)] > 10_000  # the bars, in the first colour of the palette


def test_the_csv_is_what_was_drawn(edition):
    text = (edition / "grades-by-area.csv").read_text(encoding="utf-8")

    assert text == (
        "event_id,day,n,source_id\na,2022-07-11,1,ofsted_ods_2025\nb,2024-05-20,2,ofsted_ods_2024 ofsted_ods_2025\n"
    )


def test_the_record_says_what_the_chart_is(edition):
    record = json.loads((edition / "grades-by-area.json").read_text(encoding="utf-8"))

    assert record["id"] == "grades-by-area"
    assert record["finding"] == "2 inspections of “children's services” & care."
    assert record["alt"] == "Two bars, the second higher."
    assert record["sources"] == ["ofsted_ods_2024", "ofsted_ods_2025"]
    assert record["licence"] == register().loc["ofsted_ods_2025", "licence"]
    assert record["source"].startswith("Source: Ofsted, ") and record["source"].endswith(export.CREDIT)


@pytest.mark.parametrize("suffix", ["svg", "untitled.svg", "text.svg"])
def test_the_drawing_begins_with_its_title_and_description(edition, suffix):
    text = (edition / f"grades-by-area.{suffix}").read_text(encoding="utf-8")
    tree = ElementTree.fromstring(text)

    assert [node.tag for node in tree[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert [node.text for node in tree[:2]] == [
        "2 inspections of “children's services” & care.", "Two bars, the second higher.",
    ]  # fmt: skip
    assert tree.get("role") == "img"
    assert tree.get("aria-labelledby").split() == [node.get("id") for node in tree[:2]]
    assert "<dc:date>" not in text


def words_of(tree):
    return [" ".join("".join(node.itertext()).split()) for node in tree.iter(f"{SVG}text")]


def test_text_is_text_where_a_desk_edits_it_and_paths_where_it_is_shown(edition):
    edited, shown = (ElementTree.parse(edition / f"grades-by-area.{s}").getroot() for s in ("text.svg", "svg"))

    assert "2 inspections of “children's services” & care" in words_of(edited)
    assert edited.get("style").startswith("font-family: ") and edited.get("style").endswith("sans-serif")
    assert not any("font-family" in node.get("style") for node in edited.iter(f"{SVG}text"))
    assert words_of(shown) == []


def test_every_letter_that_a_drawing_uses_is_in_it(edition):
    for suffix in ("svg", "untitled.svg"):
        tree = ElementTree.parse(edition / f"grades-by-area.{suffix}").getroot()
        ids = [node.get("id") for node in tree.iter() if node.get("id")]
        used = {node.get("{http://www.w3.org/1999/xlink}href")[1:] for node in tree.iter(f"{SVG}use")}

        assert len(ids) == len(set(ids))
        assert used and used <= set(ids)


def test_the_words_at_the_top_are_gone_from_the_untitled_drawing(edition):
    whole, body = (ElementTree.parse(edition / f"grades-by-area.{s}").getroot() for s in ("svg", "untitled.svg"))

    def groups(tree):
        return {node.get("id", "") for node in tree.iter(f"{SVG}g")}

    assert {"headline-0", "headline-sub-0", "source-0"} <= groups(whole)
    assert groups(whole) - groups(body) == {"headline-0", "headline-sub-0"}


def test_the_pdf_has_its_words_as_text_and_no_day(edition):
    reader = pypdf.PdfReader(edition / "grades-by-area.pdf")
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]

    assert "2 inspections of “children's services” & care" in reader.pages[0].extract_text()
    assert reader.metadata["/Title"] == "2 inspections of “children's services” & care."
    assert "/CreationDate" not in reader.metadata and "/Producer" not in reader.metadata
    assert {f["/DescendantFonts"][0].get_object()["/Subtype"] for f in fonts if f["/Subtype"] == "/Type0"} == {
        "/CIDFontType2"
    }


def test_the_untitled_drawing_is_the_same_without_the_words_at_the_top(edition):
    whole, body = (ElementTree.parse(edition / f"grades-by-area.{s}").getroot() for s in ("svg", "untitled.svg"))
    height = [float(tree.get("height").removesuffix("pt")) for tree in (whole, body)]

    assert whole.get("width") == body.get("width")
    assert 20 < height[0] - height[1] < height[0] / 2


def test_the_same_inputs_give_the_same_bytes_in_one_process(tmp_path, edition):
    send(edition=tmp_path)

    assert digests(tmp_path) == digests(edition.parent)


def test_the_same_inputs_give_the_same_bytes_in_other_processes(tmp_path, edition):
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_export; test_export.send(edition=sys.argv[2])"
    places = {"1": "UTC", "2": "Asia/Tokyo"}
    running = [
        subprocess.Popen([sys.executable, "-c", code, os.fspath(__file__).rpartition("/")[0], str(tmp_path / seed)],
                         env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}, cwd=tmp_path)
        for seed, zone in places.items()
    ]  # fmt: skip

    assert [process.wait() for process in running] == [0, 0]
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(edition.parent)


def test_a_notebook_shows_the_picture_with_its_alternative_text_and_numbers():
    data, around = send()._repr_mimebundle_()

    assert around["image/png"]["alt"] == "Two bars, the second higher."
    assert data["text/plain"].endswith("Two bars, the second higher.")
    assert data[export.CHART_MIME]["finding"].startswith("2 inspections")
    assert [row["text"] for row in data[NUMBERS_MIME]] == ["2"]


def test_the_words_in_html_are_marked_and_escaped():
    record = send().record

    assert 'class="number"' in record["finding_html"] and "&amp; care" in record["finding_html"]


def test_a_description_goes_with_the_chart_and_its_numbers_are_listed():
    said = say("Two bars: {n} and one more.", n=count(rows().head(1), "events", "the first bar"))
    chart = send(description=said)

    assert chart.record["description"] == "Two bars: 1 and one more."
    assert [row["text"] for row in chart.numbers] == ["2", "1"]


def test_measures_of_words_are_shared_between_canvases_and_stay_what_they_are():
    def extent(size):
        fig, _ = blank(size)
        return fig.text(0, 0, "Looked-after children", size=11.5).get_window_extent().size.tolist()

    alone = extent(1.5)
    with style.measured_once(), style.measured_once():
        shared = [extent(1.5), extent(3)]

    assert shared == [alone, alone]
    assert extent(2) == alone


@given(st.lists(st.text("ilmW –", min_size=1, max_size=9), max_size=30), st.floats(0.3, 6))
def test_words_are_broken_where_the_next_would_run_out(words, inches):
    fig, _ = blank(1)
    text = " ".join(words)

    lines = style.fold(fig, text, inches).split("\n")
    plt.close(fig)

    firsts = [line.split(" ")[0] for line in lines[1:]]
    assert " ".join(lines) == " ".join(text.split())
    assert all(" " not in line or style.text_width(fig, line) <= inches for line in lines)
    assert all(style.text_width(fig, f"{line} {word}") > inches for line, word in zip(lines, firsts, strict=False))
