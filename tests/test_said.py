"""Every page says what tests/data/said.toml has of it, word for word, and nothing that must not be said."""

import tomllib
from pathlib import Path

import pytest
from notebook_cells import NAMES, run, run_with

PAGES = tomllib.loads((Path(__file__).parent / "data" / "said.toml").read_text(encoding="utf-8"))["page"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page['notebook']} {page['why']}")
def test_a_page_says_what_it_must_and_nothing_that_it_must_not(page):
    (name,) = (name for name in NAMES if name.startswith(page["notebook"]))
    shown = run_with(name, page["asked"]) if "asked" in page else run(name, page.get("set", "default"))
    said = f"\n{shown.text()}\n"

    assert [words for words in page.get("says", []) if words not in said] == []
    assert [words for words in page.get("lacks", []) if words in said] == []
