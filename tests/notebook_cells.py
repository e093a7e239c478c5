"""Run the cells of a notebook in this process, without a kernel, and keep what they show and draw.

A sweep over many parameters would take minutes with kernels; here it takes seconds. Figures are kept, without the words
around them, so that a test can `dress` and measure them; nothing is written and no picture is rendered.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat
import pandas as pd
from childrens_services import paths
from childrens_services.telling import export, pictures, style
from childrens_services.telling.cited import Number, Paragraphs, Sentence, Table
from childrens_services.telling.export import Chart
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

NAMES = sorted(path.stem for path in paths.NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
CODE = [*sorted((paths.ROOT / "lib").rglob("*.py")), *sorted(paths.NOTEBOOKS.glob("*.ipynb"))]
# Every set that the sentences, charts and cells are tried with; what is left out keeps its default.
SETS: dict[str, dict[str, Any]] = {
    "default": {},
    "one": {"authorities": ["Leeds"]},
    "began in 2023": {"authorities": ["Cumberland"]},
    "never like others": {"authorities": ["City of London"]},
    "four": {"authorities": ["Bradford", "Sefton", "Nottingham", "Dorset"]},
    "long names": {
        "authorities": [
            "Bournemouth, Christchurch and Poole",
            "Westmorland and Furness",
            "Kensington and Chelsea",
            "Bath and North East Somerset",
        ]
    },
    "before the history": {"as_at": "2015-01-01"},
    "mid 2019": {"as_at": "2019-06-30"},
    "before the 2022 report": {"as_at": "2022-08-01"},
    "before the 2024 report": {"as_at": "2024-04-04"},
    "region, cash, late": {"comparators": "region", "price_year": "cash", "first_year": 2023},
    "alone": {"authorities": ["Nottingham"], "comparators": "none", "first_year": 2008},
}


@dataclass(frozen=True)
class Drawn:
    """One chart as it left: its name, its figure, the rows drawn, the words around it and the source line."""

    name: str
    fig: Figure
    data: pd.DataFrame
    words: Mapping[str, Sentence]
    source: str

    def dressed(self) -> Figure:
        """Put the words around the figure as the export does; once, because the figure grows."""
        FigureCanvasAgg(self.fig)  # a closed figure has lost its canvas
        if any(text.get_gid() for text in self.fig.texts):
            return self.fig
        style.dress(self.fig, self.words["title"].text.rstrip("."), self.words["measure"].text, self.source)
        return self.fig


@dataclass(frozen=True)
class Shown:
    """What a notebook showed: the values of its cells, in order, and the charts that left."""

    values: tuple[Any, ...]
    charts: tuple[Drawn, ...]

    def said(self) -> list[str]:
        """Every sentence of a paragraph or list, without those around charts and in tables."""
        return [s.text for value in self.values if isinstance(value, Paragraphs) for s in value.sentences]

    def tables(self) -> list[Table]:
        """Every table, those that are folded away included."""
        return [value for value in self.values if isinstance(value, Table)]

    def rows(self, caption: str) -> list[list[str]]:
        """The cells of the first table with these words in its caption, as text."""
        table = next(table for table in self.tables() if caption in table.caption.text)
        return [[as_text(cell) for cell in row] for row in table.rows]

    def page(self) -> str:
        """All that a reader can find, a line each: names of charts, sentences, rows of tables, words around charts."""
        lines = [f"charts: {', '.join(chart.name for chart in self.charts)}", *self.said()]
        for table in self.tables():
            lines.append(f"{table.caption.text} ({len(table.rows)} rows{', folded' * table.is_folded})")
            lines += [" | ".join(map(as_text, row)) for row in (table.columns, *table.rows)]
        for chart in self.charts:
            lines += [*(words.text for words in chart.words.values()), chart.source]
        return "\n".join(["", *lines, ""])

    def chart(self, name: str) -> Drawn:
        """The chart of this name."""
        return next(chart for chart in self.charts if chart.name == name)

    def titles(self) -> dict[str, str]:
        """The title of each chart by its name, in order."""
        return {chart.name: chart.words["title"].text for chart in self.charts}

    def sentences(self) -> list[Sentence]:
        """Every sentence shown: in paragraphs, lists, tables and around charts."""
        found = [s for value in self.values if isinstance(value, Paragraphs) for s in value.sentences]
        for table in self.tables():
            found += [table.caption, *(part for row in table.rows for part in row if isinstance(part, Sentence))]
        return found + [words for chart in self.charts for words in chart.words.values()]

    def text(self) -> str:
        """Everything that is said, a line a sentence."""
        return "\n".join(sentence.text for sentence in self.sentences())


def code_of(path: Path) -> str:
    """Return the code of a module, or of all cells of a notebook."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")


def as_text(cell: Any) -> str:
    """Return a cell of a table as text."""
    return cell.text if isinstance(cell, Number | Sentence) else str(cell)


def run(notebook: str, parameters: str = "default") -> Shown:
    """Run one notebook with one of SETS, once for all tests; `run("03-where-does-the-money-go", "four")`.

    Only charts of the default set are drawn, which takes most of the time; of others only the sweep looks at figures.
    """
    return _run_once(notebook, parameters)


@cache  # of a function without defaults, or a notebook is run again for a default that is spelled out
def _run_once(notebook: str, parameters: str) -> Shown:
    return run_with(notebook, SETS[parameters], drawing=parameters == "default")


def run_with(notebook: str, parameters: Mapping[str, Any], drawing: bool = False) -> Shown:
    """Run one notebook with these parameters in place of its own; what is left out keeps its default."""
    cells = nbformat.read(paths.NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    space: dict[str, Any] = {}
    drawn: list[Drawn] = []
    values = []
    with (
        patch.object(export, "chart", _keeping(drawn, drawing)),
        patch.object(pictures, "draw_svg", lambda *_: ""),
        patch.object(pictures, "to_png", lambda *_: b""),
        patch.object(style, "dress", lambda *_: 0.0),
    ):
        for cell in (cell for cell in cells if cell.cell_type == "code"):
            values.append(_run_cell(cell.source, space))
            if "parameters" in cell.metadata.get("tags", []):
                space.update(parameters)
    return Shown(tuple(value for value in values if value is not None), tuple(drawn))


def _run_cell(source: str, space: dict[str, Any]) -> Any:
    """Run a cell as a kernel does: all but the last line, whose value is what the cell shows."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), space)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), space) if last else None


def _keeping(drawn: list[Drawn], drawing: bool):
    """Give `export.chart` with the figure kept, empty or drawn, and the words held to what an edition demands."""
    real = export.chart

    def chart(data: pd.DataFrame, draw: Any, *, edition: str = "", **given: Any) -> Any:
        words = {part: export._as_sentence(given[part], "edition") for part in ("title", "measure", "alt")}
        shown = real(data, draw if drawing else lambda _: Figure(), **given)
        if isinstance(shown, Chart):
            export._demand(given["name"], data, words["title"], words["alt"], "edition")
            drawn.append(Drawn(given["name"], shown.figure, shown.data, words, shown.record["source"]))
        return shown

    return chart
