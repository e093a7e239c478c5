"""Every notebook for twelve authorities on six days: no error, no broken word, no chart that cannot be read.

Each run stands by itself and is let go, so that two processes can share the work and the memory stays small.
"""

import papermill
import pytest
from chart_faults import faint_marks, faults, nothing_drawn
from childrens_services import paths, tables
from matplotlib import pyplot as plt
from notebook_cells import NAMES, SETS, Paragraphs, run_with
from word_faults import word_faults

TWELVE = {
    "young and small": ["Leeds", "Cumberland", "City of London", "Isles of Scilly"],
    "four": SETS["four"]["authorities"],
    "long names": SETS["long names"]["authorities"],
}
DAYS = ["2015-01-01", "2018-06-30", "2019-06-30", "2022-08-01", "2024-04-04", ""]


def existing(who, day):
    """Those of some authorities that there were on a day; the others are refused before anything starts."""
    known = set(tables.load("authorities", day)["name"])
    return [name for name in TWELVE[who] if name in known]


CROSSED = {
    f"{who}, {day or 'today'}": {"authorities": existing(who, day), "as_at": day} for who in TWELVE for day in DAYS
}
# What the crossing leaves out: one and three authorities, other comparators, prices and first years.
ODD = {
    "alone": SETS["alone"],
    "region, cash, late": SETS["region, cash, late"],
    "tiny": {"authorities": ["Isles of Scilly"], "comparators": "England"},
    "three": {"authorities": ["Bradford", "Sefton", "Nottingham"], "comparators": "region", "as_at": "2023-01-31"},
    "nobody else": {"authorities": ["Leeds", "Dorset"], "comparators": "none", "as_at": "2021-12-31"},
}
# To lay charts out takes as long as all the rest, so only the first day, one between and today are measured.
FEW = ("2015-01-01", "2019-06-30", "")
MEASURED = {*ODD, *(words for words, chosen in CROSSED.items() if chosen["as_at"] in FEW)}
RUNS = [
    pytest.param(name, chosen, words in MEASURED, id=f"{name[:2]} {words}")
    for words, chosen in (CROSSED | ODD).items()
    for name in NAMES
]


def laid_out(chart):
    """What is wrong with a chart once its words are around it."""
    return faults(chart.dressed())


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "chosen", "measured"), RUNS)
def test_a_notebook_can_be_read_whoever_and_whenever_is_asked_for(name, chosen, measured):
    shown = run_with(name, chosen, drawing=True)
    try:
        found = word_faults(shown)
        for chart in shown.charts:
            unsound = [*nothing_drawn(chart.fig), *faint_marks(chart.fig), *(laid_out(chart) if measured else [])]
            found += [f"{chart.name}: {fault}" for fault in unsound]
    finally:
        plt.close("all")

    assert any(isinstance(value, Paragraphs) and value.sentences for value in shown.values)
    assert found == []


@pytest.mark.sweep
@pytest.mark.parametrize("name", [NAMES[0], NAMES[4], NAMES[8]])
def test_papermill_runs_a_notebook_for_an_odd_choice(name):
    chosen = {"authorities": ["Cumberland", "Isles of Scilly"], "comparators": "region", "as_at": "2024-04-04"}

    done = papermill.execute_notebook(
        paths.NOTEBOOKS / f"{name}.ipynb", None, chosen, kernel_name="python3", progress_bar=False
    )

    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output["output_type"] in ("error", "stream")] == []
    assert any("image/png" in output.get("data", {}) for output in outputs)
