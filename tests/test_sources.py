"""The register of sources and the curated files: only the registered file is opened, and a damaged one is named."""

import csv
import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from childrens_services import paths, sources, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HEADING = "source_id,kind,publisher,title,published_edtf,url,licence,raw_file,sha256,family,layout,release"
CELLS = b"Year,Index\n2024 Q2,99.1\n2024 Q3,99.8\n"
HASH = hashlib.sha256(CELLS).hexdigest()
DEFLATOR = (
    f"ons_deflator,official_statistics,ONS,GDP deflator,2025-06-30,,OGL-3.0,prices/ybgb.csv,{HASH},gdp_deflator,,1"
)
REPORT = "ofsted_nc_2022,ofsted_report,Ofsted,Nottingham City Council,2022-09-05,,OGL-3.0,,,,,"


def forget() -> None:
    for remembered in (sources.register, sources.raw_file):
        remembered.cache_clear()


@pytest.fixture(autouse=True)
def _fresh():
    """What was read for one test is not remembered for the next."""
    forget()
    yield
    forget()


@pytest.fixture
def copy(tmp_path, monkeypatch) -> Path:
    """A folder of curated files and one of published ones: one file, and its row in the register."""
    for name in ("curated", "raw", "raw/prices"):
        (tmp_path / name).mkdir()
    (tmp_path / "raw/prices/ybgb.csv").write_bytes(CELLS)
    (tmp_path / "curated/sources.csv").write_text("\n".join([HEADING, DEFLATOR, REPORT, ""]), encoding="utf-8")
    monkeypatch.setattr(paths, "CURATED", tmp_path / "curated")
    monkeypatch.setenv("RAW_DIR", str(tmp_path / "raw"))
    return tmp_path


def refusal(of: Callable, name: str, kind: type[ValueError] = sources.RawFileError) -> str:
    with pytest.raises(kind) as caught:
        of(name)
    return str(caught.value)


# Published files -----------------------------------------------------------------------------------------------------


def test_the_registered_file_is_given(copy):
    assert sources.raw_file("ons_deflator") == (copy / "raw/prices/ybgb.csv").resolve()


def test_a_missing_file_says_which_where_and_from_whom(copy):
    (copy / "raw/prices/ybgb.csv").unlink()

    assert refusal(sources.raw_file, "ons_deflator") == (
        f"prices/ybgb.csv: not found under RAW_DIR ({(copy / 'raw').resolve()}); "
        "get “GDP deflator” from ONS and put it there"
    )


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(CELLS[:-9], id="cut short"),
        pytest.param(CELLS.replace(b"99.1", b"91.9"), id="altered"),
        pytest.param(CELLS + b"\n", id="a line more"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_file_that_is_not_the_registered_one_is_refused_with_both_hashes_and_its_size(cells, copy):
    (copy / "raw/prices/ybgb.csv").write_bytes(cells)

    assert refusal(sources.raw_file, "ons_deflator") == (
        f"prices/ybgb.csv: not the registered file (SHA-256 {hashlib.sha256(cells).hexdigest()[:12]}…, expected "
        f"{HASH[:12]}…, {len(cells)} bytes); get it again, or register a new edition in data/curated/sources.csv"
    )


def register_folder(copy: Path, files: dict[str, bytes]) -> None:
    """Register `reports` by its list: a line a file, sorted, of its name and its hash."""
    for name, data in files.items():
        (copy / "raw/reports" / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / "raw/reports" / name).write_bytes(data)
    listing = "".join(f"{name} {hashlib.sha256(data).hexdigest()}\n" for name, data in sorted(files.items()))
    digest = hashlib.sha256(listing.encode()).hexdigest()
    row = f"reports,ofsted_report,Ofsted,Reports,2025,,OGL-3.0,reports,{digest},reports,,1"
    (copy / "curated/sources.csv").write_text("\n".join([HEADING, row, ""]), encoding="utf-8")


def test_a_registered_folder_is_given(copy):
    register_folder(copy, {"leeds/b.pdf": b"2", "hull/a.pdf": b"1", "c.pdf": b"3"})

    assert sources.raw_file("reports") == (copy / "raw/reports").resolve()


@pytest.mark.parametrize(
    ("name", "data", "files"),
    [("hull/a.pdf", b"changed", 2), ("hull/new.pdf", b"new", 3), ("leeds/b.pdf", None, 1), ("leeds/b.pdf", "moved", 2)],
    ids=["altered", "put in", "taken out", "renamed"],
)
def test_a_folder_with_a_file_put_in_taken_out_or_altered_is_refused_with_what_to_register(name, data, files, copy):
    register_folder(copy, {"leeds/b.pdf": b"2", "hull/a.pdf": b"1"})
    path = copy / "raw/reports" / name
    if data == "moved":
        path.rename(path.with_name("z.pdf"))
    else:
        path.write_bytes(data) if data else path.unlink()

    assert re.fullmatch(
        rf"reports: not the registered folder: a file was put in, taken out or altered \({files} files, SHA-256 of "
        r"their list [0-9a-f]{64}, expected [0-9a-f]{12}…\); restore it, or put that SHA-256 and the newest file's day "
        r"of publication in data/curated/sources\.csv, row reports",
        refusal(sources.raw_file, "reports"),
    )


def test_a_folder_that_was_taken_on_as_the_error_says_is_given(copy):
    register_folder(copy, {"hull/a.pdf": b"1"})
    (copy / "raw/reports/hull/new.pdf").write_bytes(b"new")
    register = copy / "curated/sources.csv"
    listed = re.search("list ([0-9a-f]{64})", refusal(sources.raw_file, "reports"))[1]
    register.write_text(re.sub("[0-9a-f]{64}", listed, register.read_text(encoding="utf-8")), encoding="utf-8")
    sources.register.cache_clear()

    assert sources.raw_file("reports").name == "reports"


def test_a_source_that_is_not_registered_or_has_no_file_is_refused(copy):
    assert refusal(sources.raw_file, "ons_rpi") == (
        "source 'ons_rpi' is not in data/curated/sources.csv; register it there, or mend the id"
    )
    found = refusal(sources.raw_file, "ofsted_nc_2022")
    assert re.match("ofsted_nc_2022: not found under RAW_DIR .*; get “Nottingham", found)


def test_a_source_that_is_registered_twice_is_refused(copy):
    (copy / "curated/sources.csv").write_text("\n".join([HEADING, REPORT, DEFLATOR, REPORT, ""]), encoding="utf-8")

    assert refusal(sources.raw_file, "ons_deflator", ValueError) == (
        "data/curated/sources.csv: source_id 'ofsted_nc_2022' stands twice; take one of the rows out"
    )


# Curated files -------------------------------------------------------------------------------------------------------


def test_a_curated_file_is_read_as_text_and_empty_cells_as_empty(copy):
    (copy / "curated/themes.csv").write_text('theme,covers\nsend,\nnone,"NA, 007"\n\n', encoding="utf-8-sig")

    found = sources.read_curated("themes")

    assert found.to_dict("list") == {"theme": ["send", "none"], "covers": ["", "NA, 007"]}
    assert found.dtypes.astype(str).tolist() == ["str", "str"]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (None, "cannot be read (no such file); restore it from git"),
        (b"", "cannot be read (it is empty); restore it from git"),
        (b"theme,covers\nsend,\xff\xfe\n", "cannot be read ('utf-8' codec can't decode byte 0xff"),
        (b'theme,covers\nsend,"cut off', "cannot be read (unexpected end of data); restore it from git"),
        (b"topic,covers\nsend,all\n", "row 1: lacks column 'theme', has topic, covers; mend the heading"),
        (
            b"theme,covers\nsend,plans, tribunals\n",
            "row 2 (send): found 3 cells, expected 2; put a cell that holds a "
            "comma in quotes, or restore the row from git",
        ),
        (b"theme,covers\nsend,plans\nleadership\n", "row 3 (leadership): found 1 cells, expected 2; put a cell"),
        (b"theme,covers\nsend,plans\nleadership,how it is", "row 3: the file ends within a line; restore it from git"),
        (b"theme,covers\n", "cannot be read (it has a heading and no row); restore it from git"),
        (b"theme,theme\nsend,plans\n", "row 1: column 'theme' stands twice or has no name; mend the heading"),
        (b"theme,covers\ntheme,covers\n", "row 2: the heading stands twice; take the row out"),
        (
            "theme,covers\nsend,a\u202eb\n".encode(),
            "row 2 ('send'), column covers: the text holds U+202E (right-to-left override); mend the cell",
        ),
    ],
    ids=[
        *("missing", "empty", "not text", "cut inside quotes", "wrong column", "comma without quotes", "a cell lost"),
        *("cut short", "heading alone", "column twice", "heading twice", "hidden mark"),
    ],
)
def test_a_damaged_curated_file_is_named_with_row_and_what_to_do(cells, message, copy):
    if cells is not None:
        (copy / "curated/themes.csv").write_bytes(cells)

    expected = f"data/curated/themes.csv: {message}".replace(": row", ", row")
    assert refusal(sources.read_curated, "themes", ValueError).startswith(expected)


def test_a_key_that_stands_twice_in_a_file_of_our_own_is_refused(copy):
    rows = "line,measure,locator,source_id\ntotal,gross,A,x\nfostering,gross,B,x\nadoption,gross,A,x\n"
    (copy / "curated/section_251_lines.csv").write_text(rows, encoding="utf-8")

    assert refusal(sources.read_curated, "section_251_lines", ValueError) == (
        "data/curated/section_251_lines.csv, row 4: A stands twice; take one of the rows out"
    )


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cf", "Co", "Cs", "Zl", "Zp"]), max_size=12).filter(
    lambda text: not texts.fault(text)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6))
def test_any_text_comes_back_as_it_was_written(copy, rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([("theme", "covers"), *rows])
    (copy / "curated/themes.csv").write_bytes(text.getvalue().encode())

    found = sources.read_curated("themes")

    assert list(found.itertuples(index=False, name=None)) == rows


NAMES = sorted(path.stem for path in paths.CURATED.glob("*.csv"))


def test_every_curated_file_of_the_repository_can_be_read_and_has_rows():
    assert [name for name in NAMES if sources.read_curated(name).empty] == []
    assert set(sources._NEEDED) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_source_of_a_curated_row_is_registered(name):
    rows = sources.read_curated(name)
    named = set(rows.get("source_id", pd.Series(dtype="str"))) - {""}

    assert named - set(sources.register().index) == set()


def test_rows_without_a_source_are_those_of_councils_that_changed_before_the_data():
    bare = {}
    for name in NAMES:
        rows = sources.read_curated(name)
        bare[name] = set(rows.iloc[:, 0][rows.get("source_id", pd.Series("-", rows.index)) == ""])

    changed = {"E06000049", "E06000050", "E06000055", "E06000056", "E06000057", "E08000037"}
    assert {name: keys for name, keys in bare.items() if keys} == {"authority_changes": changed}


# Source lines --------------------------------------------------------------------------------------------------------


def test_up_to_three_sources_are_named_with_their_titles():
    assert sources.source_line(["ons_deflator", "ofsted_ods_2025", "ons_deflator"]) == (
        "Office for National Statistics, "
        f"{sources.register().at['ons_deflator', 'title']}. Ofsted, {sources.register().at['ofsted_ods_2025', 'title']}"
    )


def test_of_many_sources_the_publishers_are_named_and_the_rest_counted():
    line = sources.source_line(["ons_deflator", "ons_cpi", "ofsted_ods_2025", "ofsted_ods_2024"])

    assert line == "Office for National Statistics; Ofsted (4 sources, listed with the chart's data)"


@pytest.mark.parametrize("others", [[], ["ons_deflator", "ons_cpi", "ofsted_ods_2025"]])
def test_what_a_licence_demands_is_said_however_many_sources_there_are(others):
    line = sources.source_line(["commons_cartogram_2023", *others])

    assert line.startswith("House of Commons Library")
    assert line.endswith(". Contains Parliamentary information licensed under the Open Parliament Licence v3.0")


def test_a_source_line_of_nobody_is_refused():
    with pytest.raises(ValueError, match=r"^source 'nobody' is not in data/curated/sources.csv; register it there"):
        sources.source_line(["ons_deflator", "nobody"])


# On the real files ---------------------------------------------------------------------------------------------------

# Files that lie in RAW_DIR and that nothing is made of yet, each with the reason.
UNUSED: dict[str, str] = {}


@pytest.mark.raw
def test_every_registered_file_is_there_and_is_the_registered_one(raw):
    registered = sources.register().query("raw_file != ''")

    found = {source_id: sources.raw_file(source_id) for source_id in registered.index}

    assert len(found) == 23
    assert [source_id for source_id, path in found.items() if path.is_dir()] == ["ofsted_reports"]
    assert all(path.exists() and path.is_relative_to(raw) for path in found.values())


@pytest.mark.raw
def test_every_file_in_the_folder_is_registered_or_listed_as_unused(raw):
    there = {str(path.relative_to(raw)) for path in raw.rglob("*") if path.is_file()}
    there = {name for name in there if not name.startswith("ofsted_reports/")}  # registered as a folder

    assert there - set(sources.register()["raw_file"]) == set(UNUSED)


def test_every_registered_file_has_a_hash_a_licence_and_a_date():
    files = sources.register().query("raw_file != ''")

    assert files["sha256"].str.fullmatch(r"[0-9a-f]{64}").all()
    assert (files[["title", "publisher", "published_edtf", "licence"]] != "").all(axis=None)
    assert files["raw_file"].is_unique
