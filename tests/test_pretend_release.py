"""A pretend release of Ofsted's outcomes goes from publisher to tables with no hand but the rows that it asks for."""

import io
import shutil
from datetime import datetime

import pytest
import python_calamine
import xlsxwriter
from childrens_services import cli, paths, sources, tables
from click.testing import CliRunner
from pretend_publishers import in_place_of_publishers

PAGE = "https://www.gov.uk/api/content/government/statistics/local-authority-inspection-outcomes-as-at-31-march-{}"
CHANGED = {"Barking and Dagenham": "2023-07-10", "Barnet": "2024-06-10", "Barnsley": "2023-09-11"}


def as_workbook(sheets):
    """An XLSX file with just these sheets, row by row."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, cells in sheets:
            sheet = book.add_worksheet(name)
            for n, row in enumerate(cells):
                sheet.write_row(n, 0, row)
    return file.getvalue()


def next_year(path):
    """The sheets of a release with three grades changed, an authority under another name and a column more."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        top = next((n for n, row in enumerate(cells) if row[0] == "Web link"), len(cells))
        for row in cells[top + 1 :]:
            days = [f"{each:%Y-%m-%d}" for each in row if isinstance(each, datetime)]
            if CHANGED.get(row[2]) in days:
                row[cells[top].index("Overall effectiveness")] = "Outstanding"
            row[2] = row[2].replace("Barnsley", "Barnsley Council")
        if name == "ILACS_inspection_history":
            cells = [[*row, "Next visit" if n == top else ""] for n, row in enumerate(cells)]
        yield name, cells


@pytest.fixture
def publishers(raw, own_data, monkeypatch):
    """Publishers, with copies of all data and published files of our own."""
    ours = paths.ROOT / "data"
    for folder, place in {ours / "curated": "curated", ours / "tidy": "tidy", raw: "raw"}.items():
        shutil.copytree(folder, own_data / place, copy_function=shutil.copyfile, dirs_exist_ok=True)
    for folder in (each for each in own_data.rglob("*") if each.is_dir()):
        folder.chmod(0o755)
    shutil.copy(ours / "DICTIONARY.md", own_data)
    listed = own_data / "curated" / "publishers.csv"
    listed.write_text(listed.read_text(encoding="utf-8").replace(r"\.ods", r"\.(ods|xlsx)"), encoding="utf-8")
    with in_place_of_publishers(monkeypatch) as found:
        yield found


def publish(publishers, year, day, name, content):
    address = f"https://assets.publishing.service.gov.uk/media/{name}"
    told = {"title": f"Inspection outcomes as at 31 March {year}", "public_updated_at": f"{day}T09:30:00Z"}
    publishers.put(PAGE.format(year), told | {"details": {"attachments": [{"filename": name, "url": address}]}})
    publishers.put(address, content)


def refresh():
    found = CliRunner().invoke(cli.main, ["refresh", "ofsted_outcomes"])
    assert found.stdout, (found.output, found.exception)
    return found.exit_code, found.stdout.splitlines()[-1]


def add_row(name, *cells):
    with (paths.CURATED / f"{name}.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(cells) + "\n")


@pytest.mark.raw
@pytest.mark.sweep
def test_a_pretend_release_needs_no_hand_but_the_rows_that_it_asks_for(publishers):
    register = sources.register()
    for year, day in {2024: "2024-08-30", 2025: "2025-09-25"}.items():
        held = sources.raw_file(f"ofsted_ods_{year}")
        publish(publishers, year, day, held.name, held.read_bytes())
    name, content = "LA_Inspection_Outcomes_2026.xlsx", as_workbook(next_year(held))
    publish(publishers, 2026, "2026-09-24", name, content)
    before, files = tables.load("judgements"), {path: path.read_bytes() for path in paths.TIDY.iterdir()}

    status, words = refresh()
    assert status == 20 and words == (
        "ofsted_outcomes: LA_Inspection_Outcomes_2026.xlsx, sheet ILACS_inspection_history, row 3, column N: unknown "
        "heading 'Next visit'; add a row 'next visit' to data/curated/outcome_headings.csv, with the field that it is, "
        "or with none if the column is not to be read"
    )
    add_row("outcome_headings", "next visit", "")

    status, words = refresh()
    assert status == 20 and "'Barnsley Council'" in words and "authority_spellings.csv" in words
    assert {path: path.read_bytes() for path in paths.TIDY.iterdir()} == files
    assert list(sources.register().index) == list(register.index)
    add_row("authority_spellings", "Barnsley Council", "E08000038", "ofsted_outcomes")

    status, words = refresh()
    assert status == 10, words
    after, key = tables.load("judgements"), ["event_id", "judgement"]
    both = before.merge(after, on=key, how="outer", suffixes=("_old", "_new"), validate="1:1")
    moved = both[both["grade_old"] != both["grade_new"]]
    assert set(moved["grade_new"]) == {"outstanding"} and set(moved["judgement"]) == {"overall_effectiveness"}
    assert len(moved) == len(CHANGED) and set(moved["source_id_new"]) == {"ofsted_outcomes_3"}
    assert (both["source_id_old"] == both["source_id_new"])[~both.index.isin(moved.index)].all()
    assert refresh()[0] == 0
