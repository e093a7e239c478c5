"""A small edition made by hand for tests: nine questions, two charts, no kernel."""

import html
import json
from pathlib import Path

import pandas as pd
from childrens_services.edition import pages
from childrens_services.edition.pages import Page
from childrens_services.edition.parameters import Parameters
from childrens_services.telling.cited import NUMBERS_MIME, Sentence, Table, number, sentence
from childrens_services.telling.export import CHART_MIME
from childrens_services.telling.sentences import tell
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

HEADING = "Children's services in Leeds & Kent"
PARAMETERS = Parameters(authorities=["Leeds", "Kent"], as_at="2019-06-30")
RATES = """name,area_code,indicator,year,value,status,published,note,source_id
Leeds,E08000035,agency_rate_fte,2017,15.699999999999999,value,2018-02-15,=1+1,dfe_csww
Leeds,E08000035,agency_rate_fte,2018,,confidential,2019-02-28,https://example.org,dfe_csww
Kent,E10000016,agency_rate_fte,2018,,not_collected,2019-02-28,−,dfe_csww
Kent,E10000016,agency_rate_fte,2019,-0.5,value,2019-03-01,,dfe_csww dfe_cla
"""
GRADES = """event_id,grade,covers,source_id
e1,good,True,ofsted_ods_2025
e2,,False,ofsted_ods_2025
"""


def chart(name: str, finding: str) -> dict:
    """The record of a chart as a notebook carries it and `charts/<id>.json` holds it."""
    words = {"finding": finding, "subtitle": "Rates [a](b) $$c$$, 2017 to 2019"}
    return {
        "id": name,
        **words,
        **{f"{key}_html": html.escape(text) for key, text in words.items()},
        "alt": f"Two lines: {finding}",
        "source": "Source: Ofsted.",
        "sources": ["ofsted_ods_2025"],
        "licence": "OGL-3.0",
        "version": "1",
        "shapes": [[576.0, 200.0], [316.8, 200.0]],
    }


CHARTS = {
    "rates": (chart("rates", "Rates of Leeds & Kent differ (a < b)"), RATES),
    "grades": (chart("grades", "One of two was good"), GRADES),
}


def rows() -> pd.DataFrame:
    """Two rows that a number can be counted from."""
    return pd.DataFrame({"event_id": ["e1", "e2"], "source_id": ["ofsted_ods_2025", "bbc_2023_signs"]})


def said(words: str) -> Sentence:
    return sentence(words, n=number(2, "2", "visits in the tables", rows(), "events"))


def ran(source: str, *shown: dict, tags: tuple[str, ...] = ()) -> NotebookNode:
    """A code cell that was run and showed these bundles of data."""
    outputs = [new_output("display_data", data=data) for data in shown]
    return new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)})


def notebook(title: str, name: str) -> NotebookNode:
    """An executed notebook with a short answer, a chart, a table and a folded list; the first has more."""
    short = tell(said("{n} visits to “Leeds & <Kent>”."), said("The other {n}."))._repr_mimebundle_()
    listed = Table(said("{n} visits"), ("Place", "Visits"), (("A ward", said("{n}")),) * 60)
    hidden = "<details><summary>Early help</summary><table><tr><td>hidden</td></tr></table></details>"
    folded = {"text/html": hidden, "text/plain": "hidden", NUMBERS_MIME: []}
    lost = tell(said("{n} days of publication."))._repr_mimebundle_()
    unknown = (
        [new_markdown_cell("## What is not known"), ran("tell()", lost, tags=("not-known",))]
        if title.startswith("Question 0")
        else []
    )
    return new_notebook(
        cells=[
            new_markdown_cell(f"# {title}\n\nFor anyone."),
            ran("x = 0", tags=("parameters",)),
            new_markdown_cell("## In short"),
            ran("tell()", short, tags=("in-short",)),
            new_markdown_cell(f"## What of {name}?\n\nRead it so."),
            ran("draw()", {CHART_MIME: CHARTS[name][0], "image/png": "", NUMBERS_MIME: []}),
            new_markdown_cell(f"How it is read: {title}"),
            ran("show()", listed._repr_mimebundle_(), folded),
            *unknown,
            new_markdown_cell("## Sources and methods\n\nThe same everywhere."),
        ]
    )


def make(folder: Path) -> list[Page]:
    """Write the charts into a folder and give the pages."""
    (folder / "charts").mkdir(parents=True)
    for name, (record, data) in CHARTS.items():
        (folder / "charts" / f"{name}.csv").write_text(data, encoding="utf-8")
        (folder / "charts" / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
        for kind in ("svg", "narrow.svg"):
            (folder / "charts" / f"{name}.{kind}").write_text(drawing(90), encoding="utf-8")
    return pages_of(9)


def drawing(height: int) -> str:
    """A picture 160 points wide."""
    size = f'width="160pt" height="{height}pt" viewBox="0 0 160 {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect width="160" height="{height}" fill="#12436d"/></svg>'


def pages_of(number: int) -> list[Page]:
    """So many pages, one a question; the second is about grades."""
    asked = [(f"Question {i}?", "grades" if i == 1 else "rates") for i in range(number)]
    return [pages.read_page(f"0{i}-question", notebook(*one)) for i, one in enumerate(asked)]
