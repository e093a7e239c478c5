"""Hostile words that a cell may hold leave every output of an edition as words: nothing runs, nothing is computed."""

import json

import mistune
import pytest
from break_words import FAMILIES, OUTPUTS, look_at, make
from bs4 import BeautifulSoup


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The folder of a small edition of all hostile words together."""
    return make(tmp_path_factory.mktemp("hostile") / "edition", list(FAMILIES.values()))


@pytest.mark.parametrize("output", OUTPUTS)
def test_nothing_of_an_output_runs_or_is_computed(edition, output):
    assert look_at(edition, output) == ([], [])


def test_pages_say_the_words(edition):
    assert len(list(edition.glob("*.html"))) >= 5
    shown = " ".join(BeautifulSoup((edition / "00-how-many.html").read_text("utf-8"), "html.parser").get_text().split())
    assert [family for family, words in FAMILIES.items() if " ".join(words.split()) not in shown] == []


def test_the_readme_and_the_record_of_a_chart_say_the_words(edition):
    readme = BeautifulSoup(mistune.html((edition / "README.md").read_text("utf-8")), "html.parser").get_text()
    record = json.loads((edition / "charts" / "rates.json").read_text("utf-8"))

    assert "press" in readme and FAMILIES["script"] in record["finding"]


@pytest.mark.parametrize(
    ("output", "name", "hostile"),
    [
        ("pages", "index.html", "<a href='javascript:x'>press</a>"),
        ("pages", "index.html", "<p onclick='x()'>press</p><script>x()</script>"),
        ("README.md", "README.md", "[press](https://example.org)"),
        ("drawings", "charts/rates.svg", "<svg><script/></svg>"),
        ("CSV files of charts", "charts/rates.csv", "who,n\n=1+1,2\n"),
    ],
)
def test_what_runs_is_seen(tmp_path, output, name, hostile):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(hostile, encoding="utf-8")

    assert any(look_at(tmp_path, output))
