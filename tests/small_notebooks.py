"""Small notebooks for tests of the runner: each loads one table, says how many rows it has and draws that."""

from pathlib import Path

import nbformat
from childrens_services import paths


def write_notebook(folder: Path, name: str, table: str, before: str = "") -> None:
    """Write a notebook in the shape of ours, with the parameters cell of ours: one table, one chart."""
    ours = nbformat.read(next(paths.NOTEBOOKS.glob("01-*.ipynb")), as_version=4)
    parameters = next(cell for cell in ours.cells if "parameters" in cell.metadata.get("tags", []))
    short = (
        f'{before}rows = tables.load("{table}")\nn = count(rows, "{table}", "rows")\ntell([say("{{n}} rows.", n=n)])'
    )
    drawn = (
        f'fig, axes = style.blank(1.0)\n_ = axes[0].bar(["rows"], [len(rows)])\n'
        f'export.chart(fig, rows, name="rows-of-{name}", finding=say("{{n}} rows", n=n), subtitle=say("Rows"), '
        'alt=say("A bar of {n}", n=n), edition=edition)'
    )
    cells = [
        nbformat.v4.new_markdown_cell(f"# What is in {table}?\n\nFor a test."),
        parameters,
        nbformat.v4.new_code_cell(
            "from childrens_services import tables\nfrom childrens_services.telling import export, style\n"
            "from childrens_services.answers.narrative import count, say, tell"
        ),
        nbformat.v4.new_markdown_cell("## In short"),
        nbformat.v4.new_code_cell(short, metadata={"tags": ["in-short"]}),
        nbformat.v4.new_markdown_cell("## How many rows are there?"),
        nbformat.v4.new_code_cell(drawn),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=ours.metadata)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
