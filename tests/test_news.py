"""What an edition says is new: the line on the front page, the page of changes and corrections, the feed."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pandas as pd
import pytest
import small_edition
from bs4 import BeautifulSoup
from childrens_services import paths, tables
from childrens_services.changes import compare, told
from childrens_services.changes.rows import CORRECTION, NEW_RELEASE
from childrens_services.edition import edition_pages, pages

ATOM = "{http://www.w3.org/2005/Atom}"
TODAY = replace(small_edition.PARAMETERS, as_at="")
CHANGES = pd.DataFrame(
    [
        ["table", "observations", "Rates", "", "added", "", "", NEW_RELEASE, 350],
        ["table", "events", "Leeds, <visit>", "start", "revised", "2024-01", "2024-02", CORRECTION, 1],
    ],
    columns=compare.COLUMNS,
)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Give a function that returns the pages of a small edition, made with a log of the days given."""
    monkeypatch.setattr(paths, "CHANGES", tmp_path / "changes.csv")
    read = small_edition.make(tmp_path / "edition")[:2]

    def make(*days, parameters=TODAY):
        for day in days:
            told.write_log(CHANGES, day, "3 May 2026", "leeds-and-kent")
            told.write_log(CHANGES[:1].assign(part="number"), day, "3 May 2026", "elsewhere")
        numbers = pages.numbers_table(read)
        return edition_pages.page_texts(tmp_path / "edition", read, numbers, parameters)

    return make


def soup(text):
    return BeautifulSoup(text, "html.parser")


def test_the_front_page_says_what_is_new_and_leads_to_it(made):
    line = soup(made("2026-05-04", "2026-05-05")["index.html"]).select_one("p.new")

    assert line.get_text().startswith("New since 3 May 2026, from publishers: 350 figures.")
    assert line.a["href"] == "changes.html"


def test_without_a_log_nothing_is_new_and_corrections_stand(made):
    written = made()
    page = soup(written["changes.html"])

    assert soup(written["index.html"]).select_one("p.new") is None
    assert "No change has been recorded yet." in page.get_text()
    assert [row["id"] for row in page.select("tbody tr")] == tables.load("corrections")["correction_id"].tolist()
    assert written["changes.csv"] == ",".join(told.LOG_COLUMNS) + "\n"
    assert "(257 days)" in page.select_one("#co_10").get_text() and "(227 days)" in page.select_one("#co_10").get_text()
    assert "(2,000,000 pounds)" in page.select_one("#co_01").get_text() and "(nan" not in page.get_text()


def test_the_page_tells_each_day_old_beside_new_newest_first(made):
    page = soup(made("2026-05-04", "2026-05-05")["changes.html"])
    table = page.select_one("details table")

    assert [h["id"] for h in page.find_all("h2")] == ["change-2", "change-1", "corrections"]
    cells = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.select("tr")]
    assert cells[0] == ["Where", "What it is", "Column", "Change", "Was", "Is", "Why", "Rows"]
    assert cells[2] == ["events", "Leeds, <visit>", "start", "revised", "2024-01", "2024-02", CORRECTION, "1"]
    assert [one.get_text() for one in page.select("main caption")] == [
        *["Rows, old beside new"] * 2,
        "Corrections, with the day since when it is right",
    ]


def test_the_feed_has_what_atom_requires(made):
    feed = ElementTree.fromstring(made("2026-05-04", "2026-05-05")["changes.xml"])
    entries = feed.findall(f"{ATOM}entry")

    assert feed.tag == f"{ATOM}feed" and feed.find(f"{ATOM}author/{ATOM}name").text
    assert feed.find(f"{ATOM}updated").text == max(one.find(f"{ATOM}updated").text for one in entries)
    assert len(entries) == 2 + len(tables.load("corrections"))
    for one in (feed, *entries):
        assert one.find(f"{ATOM}id").text.startswith("urn:uuid:") and one.find(f"{ATOM}title").text
        assert one.find(f"{ATOM}updated").text.endswith("T00:00:00Z")
        assert one.find(f"{ATOM}link[@rel='alternate']").attrib["href"].startswith("changes.html")
    assert len({one.find(f"{ATOM}id").text for one in (feed, *entries)}) == len(entries) + 1


def test_on_an_earlier_day_no_later_change_or_correction_is_told(made):
    written = made("2026-05-04", parameters=small_edition.PARAMETERS)
    text = written["changes.html"] + written["changes.xml"] + written["changes.csv"]

    assert "2026" not in text and "No fault is known that had been found by then." in text
    assert ElementTree.fromstring(written["changes.xml"]).find(f"{ATOM}updated").text == "2019-06-30T00:00:00Z"


def test_corrections_keep_figures_in_columns_and_name_a_notebook():
    rows = tables.load("corrections")
    notebooks = {path.stem for path in paths.NOTEBOOKS.glob("[0-9]*.ipynb")}

    assert set(rows["question"]) <= notebooks and (rows["published"] == rows["right_since"]).all()
    assert not rows[["wrong", "right", "why"]].apply(lambda column: column.str.contains(r"\d")).any(axis=None)
    assert rows.loc[rows["unit"].isna(), ["figure_wrong", "figure_right"]].isna().all(axis=None)
