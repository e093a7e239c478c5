"""A chart's files: complete, described, cited, packed in stable bytes; and the columns of its data in words."""

import hashlib
import json
import zipfile

import pandas as pd
import pytest
import small_edition
from childrens_services.edition import bundles
from childrens_services.telling.records import describe_columns

PARAMETERS = {"authorities": ["Nottingham"], "as_at": "", "edition": "nottingham"}
FILES = sorted(f"{chart}.{kind}" for chart in ("grades", "rates") for kind in bundles.PACKED)


def make(folder):
    """Write two charts into a folder as `export` leaves them, and finish them."""
    (folder / "charts").mkdir()
    for name in FILES:
        chart, _, kind = name.partition(".")
        record = small_edition.CHARTS[chart][0]
        (folder / "charts" / name).write_text(json.dumps(record) if kind == "json" else f"{name}\n" * 99)
    bundles.finish(folder, PARAMETERS)
    return folder


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    return make(tmp_path_factory.mktemp("edition"))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_record_says_with_what_it_was_made_how_to_cite_it_and_what_lies_beside_it(edition):
    record = json.loads((edition / "charts" / "grades.json").read_text(encoding="utf-8"))
    beside = [edition / "charts" / f"grades.{kind}" for kind in bundles.KEPT]
    many = ["ofsted_nc_2019", "ofsted_nc_2022", "ofsted_ods_2024", "ofsted_ods_2025"]

    assert record["parameters"] == PARAMETERS
    assert record["files"] == {p.name: {"bytes": p.stat().st_size, "sha256": digest(p)} for p in beside}
    assert record["citation"] == (
        "Children's Services Compared, version 1. “One of two was good” (chart grades). Data: Ofsted, Local authority "
        "inspection outcomes as at 31 March 2025, 2025-09-25. Newest source published 25 September 2025. "
        "Licence: OGL-3.0."
    )
    assert "Data: Ofsted. Newest source published" in bundles.cite({**record, "sources": many})  # publishers alone


def test_a_zip_holds_the_files_as_they_lie_beside_it_without_a_time_and_for_all_to_read(edition):
    for path, names in (("charts.zip", FILES), ("charts/grades.zip", [name for name in FILES if "grades" in name])):
        with zipfile.ZipFile(edition / path) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == {
                name: (edition / "charts" / name).read_bytes() for name in names
            }
            entries = archive.infolist()
        assert {(one.date_time, one.external_attr >> 16) for one in entries} == {((1980, 1, 1, 0, 0, 0), 0o644)}


def test_finished_again_and_made_again_the_bytes_are_the_same(tmp_path, edition):
    def digests(folder):
        return {path.name: digest(path) for path in sorted(folder.rglob("*.*"))}

    first = digests(edition)
    bundles.finish(edition, PARAMETERS)

    assert digests(edition) == first == digests(make(tmp_path))


def test_an_edition_without_charts_has_an_empty_zip_and_a_chart_that_lost_a_file_is_told_by_name(tmp_path):
    bundles.finish(tmp_path, PARAMETERS)

    assert zipfile.ZipFile(tmp_path / "charts.zip").namelist() == []

    (make(tmp_path) / "charts" / "grades.pdf").unlink()

    with pytest.raises(bundles.BundleError, match=r"charts/grades\.pdf: not there, though its record is; make the"):
        bundles.finish(tmp_path, PARAMETERS)


@pytest.mark.parametrize(
    ("column", "tables", "description", "unit"),
    [
        ("amount_gbp", ["budgets"], "The amount.", "pounds"),
        ("value", ["observations"], "The value, in the indicator's unit.", ""),
        ("value", [], "Value drawn.", ""),
        ("posts", [], "Social workers in post.", "full-time equivalents"),
        ("of_nowhere", ["budgets"], "", ""),
    ],
)
def test_a_column_is_described_by_what_is_known_of_it(column, tables, description, unit):
    (found,) = describe_columns(pd.DataFrame({column: [1.5]}), tables)

    assert found == {"name": column, "description": description, "unit": unit}
    spending = ["area_code", "financial_year", "collection", "line", "measure", "amount_gbp"]
    # One that tables describe in several ways is that of the table most like the data.
    assert describe_columns(pd.DataFrame(columns=spending))[-1]["unit"] == "pounds, cash"
