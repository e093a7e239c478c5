"""Small notebooks for tests of the runner: each loads one table, says how many rows it has and draws that."""

from pathlib import Path

import nbformat
from childrens_services import paths


def write_notebook(folder: Path, name: str, table: str, before: str = "") -> None:
    """Write a notebook in the shape of ours, with the parameters cell of ours: one table, one chart."""
    ours = nbformat.read(next(paths.NOTEBOOKS.glob("01-*.ipynb")), as_version=4)
    parameters = next(cell for cell in ours.cells if "parameters" in cell.metadata.get("tags", []))
    short = (
        f'{before}rows = tables.load("{table}")\nn = count(rows, "{table}", "rows", "row")\n'
        'tell(sentence("{n}.", n=n))'
    )
    drawn = (
        'export.chart(rows.head(5), lambda rows: house.bars(sns.barplot(x=[len(rows)], y=["rows"])), '
        f'name="rows-of-{name}", '
        'title=sentence("{n} in all", n=n), measure="Rows", alt="A bar", edition=edition)'
    )
    cells = [
        nbformat.v4.new_markdown_cell(f"# What is in {table}?\n\nFor a test."),
        parameters,
        nbformat.v4.new_code_cell(
            "import seaborn as sns\nfrom childrens_services import tables\n"
            "from childrens_services.telling import export, house\n"
            "from childrens_services.telling.cited import sentence\n"
            "from childrens_services.telling.sentences import count, tell"
        ),
        nbformat.v4.new_markdown_cell("## In short"),
        nbformat.v4.new_code_cell(short, metadata={"tags": ["in-short"]}),
        nbformat.v4.new_markdown_cell("## How many rows are there?"),
        nbformat.v4.new_code_cell(drawn),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=ours.metadata)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
