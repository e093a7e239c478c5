"""A workbook that anyone can read: one table a sheet, no blank cell, numbers that are numbers."""

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date

import pandas as pd
import pypdf
import pytest
import small_edition
from childrens_services import tables
from childrens_services.edition import headings, pages, workbook
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

UNITS = pd.Series({"agency_rate_fte": "per cent"})


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """A small edition with its workbook written, to be read and not changed; gives the folder."""
    folder = tmp_path_factory.mktemp("workbook") / "edition"
    write(folder)
    return folder


def write(folder, change=None):
    read = small_edition.make(folder)
    if change:
        change(folder / "charts")
    numbers = pages.numbers_table(read)
    workbook.write_workbook(folder, read, numbers, small_edition.PARAMETERS, small_edition.HEADING)


def sheet(edition, label):
    return CalamineWorkbook.from_path(edition / "tables.xlsx").get_sheet_by_name(label).to_python()


def table(edition, label):
    """The table of a sheet: what stands from the row on in which every cell is filled."""
    listed = sheet(edition, label)
    start = next(i for i, row in enumerate(listed) if len(row) > 1 and all(cell != "" for cell in row))
    return listed[start], listed[start + 1 :]


def labels(edition):
    return CalamineWorkbook.from_path(edition / "tables.xlsx").sheet_names


def test_there_is_a_sheet_a_chart_in_the_order_of_the_questions_and_no_cell_is_blank(edition):
    assert labels(edition) == ["Cover", "Contents", "Notes", "Table_1", "Table_2", "Numbers", "Sources"]
    assert sheet(edition, "Table_1")[0][0] == "Rates of Leeds & Kent differ (a < b)"
    assert sheet(edition, "Table_2")[0][0] == "One of two was good"
    for label in labels(edition)[1:]:
        head, listed = table(edition, label)
        assert listed and len(set(head)) == len(head)
        assert [row for row in listed if any(str(cell).strip() == "" for cell in row)] == []


def test_every_row_of_a_chart_is_there_with_each_cell_of_its_kind_and_the_table_reaches_over_all(edition):
    head, listed = table(edition, "Table_1")
    columns = dict(zip(head, zip(*listed, strict=True), strict=True))

    assert columns["Value (per cent of social workers)"] == (15.7, "[c]", "[z]", -0.5)  # all that a workbook keeps
    assert columns["Year"] == (2017.0, 2018.0, 2018.0, 2019.0)
    assert columns[head[6]] == tuple(date(*day) for day in ((2018, 2, 15), (2019, 2, 28), (2019, 2, 28), (2019, 3, 1)))
    assert columns[head[7]] == ("=1+1", "https://example.org", "sign −", "[z]")
    assert columns[head[0]] == ("Leeds", "Leeds", "Kent", "Kent")
    assert columns[head[8]] == (*["dfe_csww"] * 3, "dfe_csww dfe_cla")
    assert "[c] means confidential" in " ".join(str(row[0]) for row in sheet(edition, "Table_1"))

    found = parts(edition, r"xl/tables/table\d+\.xml").values()
    reach = {re.search(r' name="(\w+)"', text)[1]: re.search(r'ref="([A-Z0-9:]+)"', text)[1] for text in found}
    start = next(i for i, row in enumerate(sheet(edition, "Table_1"), start=1) if "Year" in row)

    assert reach["table_1"] == f"A{start}:I{start + 4}"


def parts(edition, pattern):
    with zipfile.ZipFile(edition / "tables.xlsx") as book:
        return {name: book.read(name).decode() for name in book.namelist() if re.fullmatch(pattern, name)}


@pytest.fixture(scope="module")
def xml(edition):
    """Each sheet as it is stored, by its label."""
    found = parts(edition, r"xl/worksheets/sheet\d+\.xml")
    return {label: found[f"xl/worksheets/sheet{i}.xml"] for i, label in enumerate(labels(edition), start=1)}


def test_every_sheet_but_the_cover_has_one_table_whose_headings_stay_in_sight_and_no_merged_cell(edition, xml):
    assert [text.count("<tablePart ") for text in xml.values()] == [0, 1, 1, 1, 1, 1, 1]
    for label, text in xml.items():
        assert "mergeCell" not in text and "<f>" not in text
        assert '<pageSetUpPr fitToPage="1"/>' in text and 'fitToHeight="0" orientation="landscape"' in text
        if label != "Cover":
            first = len(sheet(edition, label)) - len(table(edition, label)[1])
            pane = f'<pane ySplit="{first}" topLeftCell="A{first + 1}" activePane="bottomLeft" state="frozen"/>'
            assert pane in text


def test_a_day_has_room_and_a_row_is_as_high_as_its_longest_cell(xml):
    columns = re.findall(r'<col min="(\d+)" max="\d+" width="([\d.]+)"', xml["Table_1"])

    assert float(dict(columns)["7"]) > len("30 September 2024") * 1.2  # a day too wide for its column shows as ###
    assert max(float(high) for high in re.findall(r'<row r="\d+" .*?ht="(\d+)"', xml["Notes"])) > 4 * 16


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice (apt-get install libreoffice-calc)")
def test_libreoffice_shows_every_cell(edition, tmp_path):
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/user", "--headless", "--convert-to", "pdf"]

    subprocess.run([*command, "--outdir", str(tmp_path), str(edition / "tables.xlsx")], check=True, capture_output=True)

    shown = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "tables.pdf").pages]
    assert "15 February 2018" in " ".join(shown) and not any("##" in text for text in shown)


def test_the_cover_says_what_it_is_not_and_every_number_printed_is_there_with_its_sources_by_name(edition):
    text = " ".join(str(row[0]) for row in sheet(edition, "Cover"))

    assert text.startswith(small_edition.HEADING)
    said = ("not official statistics", "As known on: 30 June 2019.", "Open Government Licence")
    assert [words for words in said if words not in text] == []

    head, listed = table(edition, "Numbers")
    _, named = table(edition, "Sources")

    assert head[:4] == ["Id of the number", "As printed", "Value", "How it was computed"]
    assert [row[1:4] for row in listed] == [["2", 2.0, "visits in the tables"]]
    assert {row[0] for row in named} == {"ofsted_ods_2025", "bbc_2023_signs"}


def test_a_chart_without_its_rows_or_a_cell_that_a_workbook_cannot_hold_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"^charts/rates\.csv: not found; run the edition again$"):
        write(tmp_path / "edition", lambda charts: (charts / "rates.csv").unlink())

    with pytest.raises(ValueError, match=r"^tables\.xlsx: a cell of 36,000 letters \('longlong.*holds 32,767$"):
        write(tmp_path / "other", rewrite("=1+1", "long" * 9000))


def rewrite(old, new):
    """A change of the folder of charts: other words in the data of one."""
    return lambda charts: (charts / "rates.csv").write_text(small_edition.RATES.replace(old, new), encoding="utf-8")


def test_a_table_with_several_units_has_a_unit_in_each_row(tmp_path):
    write(tmp_path / "edition", rewrite("agency_rate_fte,2019", "leavers_fte,2019"))
    head, listed = table(tmp_path / "edition", "Table_1")

    assert head[-1] == "Unit of the value" and "Value" in head
    assert [row[-1] for row in listed] == ["per cent of social workers"] * 3 + ["full-time equivalents"]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5), st.sampled_from(["value", "confidential", "new"]))
def test_whatever_stands_in_a_csv_no_cell_comes_out_blank(texts, status):
    cells = workbook._cells(pd.DataFrame({"value": texts, "status": status}), UNITS)

    assert all(not isinstance(cell, str) or cell.strip() for column in cells for cell in cells[column])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_a_number_written_to_a_csv_comes_out_as_the_same_number(numbers):
    cells = workbook._cells(pd.DataFrame({"number": [repr(number) for number in numbers]}), UNITS)

    assert cells.iloc[:, 0].tolist() == numbers


@pytest.mark.parametrize("name", sorted(tables.contracts()))
def test_the_headings_of_every_tidy_table_differ_and_are_not_names_of_columns(name):
    found = headings.headings(list(tables.contracts()[name]["columns"]))

    assert len(set(found)) == len(found)
    assert [heading for heading in found if re.search(r"\b[a-z]+_[a-z]", heading.partition(" (")[0])] == []
    assert [heading for heading in found if not heading[:1].isupper()] == []


def test_an_edition_without_charts_and_numbers_has_a_workbook_that_says_so_much(tmp_path):
    read = [replace(page, charts=(), numbers=()) for page in small_edition.make(tmp_path / "edition")]

    workbook.write_workbook(tmp_path / "edition", read, pages.numbers_table(read), small_edition.PARAMETERS, "Leeds")

    assert labels(tmp_path / "edition") == ["Cover"]
