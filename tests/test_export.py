"""A chart leaves with everything it needs, in files of stable bytes, or it does not leave."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pandas as pd
import pypdf
import pytest
import seaborn as sns
from chart_faults import contrast
from childrens_services.sources import register
from childrens_services.telling import export, house, pictures, style
from childrens_services.telling.cited import NUMBERS_MIME, Paragraphs, sentence
from childrens_services.telling.sentences import count, say
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "12 inspections of “children's services” & $care$"


def rows(**columns):
    frame = pd.DataFrame(
        {
            "event_id": list("abcdefghijkl"),
            "day": pd.Timestamp("2022-07-11"),
            "n": range(12),
            "source_id": ["ofsted_ods_2025"] * 11 + ["ofsted_ods_2024 ofsted_ods_2025"],
        }
    )
    return frame.assign(**columns)


def draw(data):
    return house.bars(sns.barplot(data, x="n", y="event_id"))


def send(data=None, edition="", **given):
    """Export a small chart, with parts replaced by those given."""
    title = sentence("{n} inspections of “children's services” & $care$.", n=count(rows(), "events", "inspections"))
    parts = {"name": "grades-by-area", "title": title, "measure": "Inspections, Nottingham", "alt": "Bars that grow"}
    return export.chart(rows() if data is None else data, draw, edition=str(edition), **{**parts, **given})


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
        ({"title": sentence(" ")}, "'grades-by-area' cannot be published: it lacks a title$"),
        ({"alt": ""}, "'grades-by-area' cannot be published: it lacks alternative text$"),
        ({"data": rows().drop(columns="source_id")}, "it lacks rows that each carry a source_id"),
        ({"data": rows(source_id=None)}, "it lacks rows that each carry a source_id"),
        ({"data": rows(source_id=" ")}, "it lacks rows that each carry a source_id"),
        ({"name": "Grades by area"}, "'Grades by area' cannot be published: it lacks a name of small letters, digits"),
        ({"name": "../grades"}, "it lacks a name of small letters, digits and hyphens$"),
        ({"name": "X", "title": sentence(""), "alt": ""}, "hyphens; a title; alternative text$"),
        ({"data": rows(source_id="of_no_register")}, r"unknown source ids \['of_no_register'\]; register them in "),
    ],
)
def test_a_chart_that_lacks_a_part_is_refused_and_nothing_is_written(tmp_path, given, words):
    with pytest.raises(export.ExportError, match=words):
        send(edition=tmp_path, **given)

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_drawn_of_nothing(tmp_path):
    shown = send(rows().head(0), tmp_path, otherwise="Nothing was public on this day.")

    assert isinstance(shown, Paragraphs) and shown.sentences[0].text == "Nothing was public on this day."
    assert list(tmp_path.iterdir()) == []


def test_who_explores_may_title_a_chart_by_a_string_and_an_edition_takes_no_number_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    shown = send(title="12 of them", alt="")

    assert shown.record["finding"] == "12 of them"
    assert shown.figure.axes[0].patches and shown.data.equals(rows())
    assert Image.open(io.BytesIO(shown.png)).width == 800
    assert list(tmp_path.iterdir()) == []

    with pytest.raises(ValueError, match="a number was typed into a sentence: '12 of them'"):
        send(title="12 of them", edition=tmp_path)


def test_a_chart_leaves_as_six_files_the_csv_as_it_was_drawn_and_a_record_of_what_it_is(edition):
    assert sorted(path.name for path in edition.iterdir()) == [
        f"grades-by-area.{kind}" for kind in ("csv", "json", "narrow.svg", "pdf", "png", "svg")
    ]

    lines = (edition / "grades-by-area.csv").read_text(encoding="utf-8").splitlines()

    assert lines[:2] == ["event_id,day,n,source_id", "a,2022-07-11,0,ofsted_ods_2025"]

    record = json.loads((edition / "grades-by-area.json").read_text(encoding="utf-8"))

    assert record["id"] == "grades-by-area"
    assert record["finding"] == TITLE
    assert 'class="number"' in record["finding_html"] and "&amp; $care$" in record["finding_html"]
    assert record["sources"] == ["ofsted_ods_2024", "ofsted_ods_2025"]
    assert record["licence"] == register().loc["ofsted_ods_2025", "licence"]
    assert record["source"].startswith("Source: Ofsted, ") and record["source"].endswith(export.CREDIT)
    assert [column["name"] for column in record["columns"]] == list(rows())
    assert record["columns"][0]["description"] == "Id of the event."


def test_the_picture_is_wide_says_what_it_is_and_keeps_the_colours_of_the_drawing(edition):
    picture = Image.open(edition / "grades-by-area.png")

    assert picture.width == 1600
    assert picture.text["Title"] == TITLE
    assert picture.text["Description"] == f"Bars that grow. {TITLE}."
    assert picture.text["Source"].endswith(export.CREDIT)

    colours = dict(map(reversed, Image.open(edition / "grades-by-area.png").convert("RGB").getcolors(1 << 24)))

    assert max(colours, key=colours.get) == (255, 255, 255)
    assert max(count for colour, count in colours.items() if colour != (255, 255, 255)) > 10_000


@pytest.mark.parametrize("suffix", ["svg", "narrow.svg"])
def test_the_drawing_names_itself_and_turns_dark_with_the_screen(edition, suffix):
    text = (edition / f"grades-by-area.{suffix}").read_text(encoding="utf-8")
    tree = ElementTree.fromstring(text)

    assert [node.tag for node in tree[:3]] == [f"{SVG}title", f"{SVG}desc", f"{SVG}style"]
    assert tree[0].text == TITLE and tree[1].text == f"Bars that grow. {TITLE}."
    assert (tree.get("role"), tree.get("lang")) == ("img", "en-GB")
    assert "prefers-color-scheme:dark" in tree[2].text
    assert "<dc:date>" not in text and not list(tree.iter(f"{SVG}text"))


def test_every_colour_of_a_drawing_has_one_for_the_dark_and_that_for_phones_is_narrow(edition):
    wide, phone = (ElementTree.parse(edition / f"grades-by-area.{s}").getroot() for s in ("svg", "narrow.svg"))

    assert [tree.get("width") for tree in (wide, phone)] == ["576pt", "316.8pt"]

    drawn = (edition / "grades-by-area.svg").read_text(encoding="utf-8")
    colours = set(re.findall(r"(?:fill|stroke): #[0-9a-f]{6}", drawn))

    assert colours and [one for one in colours if f'[style*="{one}"]' not in drawn] == []
    assert "@media (prefers-color-scheme:dark){svg{fill:#ececec}" in drawn
    assert contrast(pictures._dark("#204060"), pictures._dark("#ffffff")) > 3  # a colour that nobody named


def test_the_pdf_is_tagged_and_has_no_day(edition):
    reader = pypdf.PdfReader(edition / "grades-by-area.pdf")

    assert reader.metadata["/Title"] == TITLE
    assert reader.trailer["/Root"]["/StructTreeRoot"] and reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata.get("/CreationDate", "D:1970").startswith("D:1970")


def test_the_same_inputs_give_the_same_bytes_in_other_processes_with_another_matplotlibrc(tmp_path, edition):
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_export; test_export.send(edition=sys.argv[2])"
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: red\nfont.size: 30\n", encoding="utf-8")
    places = {"1": "UTC", "2": "Asia/Tokyo"}
    send(edition=tmp_path / "here")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, os.fspath(__file__).rpartition("/")[0], str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            cwd=tmp_path,
        )
        for seed, zone in places.items()
    ]

    assert [process.wait() for process in running] == [0, 0]
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(tmp_path / "here") == digests(edition.parent)


def test_a_notebook_shows_the_picture_with_its_alternative_text_numbers_and_title_of_several_sentences():
    data, around = send()._repr_mimebundle_()

    assert around["image/png"]["alt"] == f"Bars that grow. {TITLE}."
    assert data[export.CHART_MIME]["finding"] == TITLE
    assert [row["text"] for row in data[NUMBERS_MIME]] == ["12"]

    shown = send(title=say(pd.DataFrame({"name": ["Leeds", "Kent"]}), "{name} rose", "authorities"))

    assert shown.record["finding"] == "Leeds rose; Kent rose"


@given(st.lists(st.text("ilmW –", min_size=1, max_size=9), max_size=30), st.floats(0.3, 6))
def test_words_are_broken_where_the_next_would_run_out(words, inches):
    fig, _ = style.blank(1)
    text = " ".join(words)

    lines = style.fold(fig, text, inches).split("\n")
    plt.close(fig)

    firsts = [line.split(" ")[0] for line in lines[1:]]
    assert " ".join(lines) == " ".join(text.split())
    assert all(" " not in line or style.text_width(fig, line) <= inches for line in lines)
    assert all(style.text_width(fig, f"{line} {word}") > inches for line, word in zip(lines, firsts, strict=False))
