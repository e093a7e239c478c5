"""The register of sources and the curated files: only the registered file is opened, and a damaged one is named."""

import csv
import hashlib
import io
import re
from pathlib import Path

import pytest
from childrens_services import paths, sources, tables, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wrong_cells import refusal

HEADING = "source_id,kind,publisher,title,published_edtf,url,licence,raw_file,sha256,family,layout,release"
CELLS = b"Year,Index\n2024 Q2,99.1\n2024 Q3,99.8\n"
HASH = hashlib.sha256(CELLS).hexdigest()
DEFLATOR = (
    f"ons_deflator,official_statistics,ONS,GDP deflator,2025-06-30,,OGL-3.0,prices/ybgb.csv,{HASH},gdp_deflator,,1"
)
REPORT = "ofsted_nc_2022,ofsted_report,Ofsted,Nottingham City Council,2022-09-05,,OGL-3.0,,,,,"


@pytest.fixture
def copy(own_data) -> Path:
    """One published file, and its row in the register."""
    (own_data / "raw/prices").mkdir()
    (own_data / "raw/prices/ybgb.csv").write_bytes(CELLS)
    register(DEFLATOR, REPORT)
    return own_data


def register(*rows: str) -> None:
    (paths.CURATED / "sources.csv").write_text("\n".join([HEADING, *rows, ""]), encoding="utf-8")
    sources.forget()


# Published files -----------------------------------------------------------------------------------------------------


def test_the_registered_file_is_given_and_a_missing_one_says_which_where_and_from_whom(copy):
    path = (copy / "raw/prices/ybgb.csv").resolve()
    assert sources.raw_file("ons_deflator") == path

    path.unlink()
    sources.forget()
    assert refusal(sources.raw_file, "ons_deflator") == (
        f"prices/ybgb.csv: not found under RAW_DIR ({path.parents[1]}); get “GDP deflator” from ONS and put it there"
    )
    assert re.match("ofsted_nc_2022: not found under .*; get “Nottingham", refusal(sources.raw_file, "ofsted_nc_2022"))


@pytest.mark.parametrize("cells", [CELLS[:-9], CELLS.replace(b"99.1", b"91.9"), CELLS + b"\n", b""])
def test_a_file_that_is_not_the_registered_one_is_refused_with_both_hashes_and_its_size(cells, copy):
    (copy / "raw/prices/ybgb.csv").write_bytes(cells)

    assert refusal(sources.raw_file, "ons_deflator") == (
        f"prices/ybgb.csv: not the registered file (SHA-256 {hashlib.sha256(cells).hexdigest()[:12]}…, expected "
        f"{HASH[:12]}…, {len(cells)} bytes); get it again, or register a new edition in data/curated/sources.csv"
    )


@pytest.fixture
def folder(copy) -> Path:
    """A folder registered by its list: a line a file, sorted, of its name and its hash."""
    listing = ""
    for name, data in {"hull/a.pdf": b"1", "leeds/b.pdf": b"2"}.items():
        (copy / "raw/reports" / name).parent.mkdir(parents=True)
        (copy / "raw/reports" / name).write_bytes(data)
        listing += f"{name} {hashlib.sha256(data).hexdigest()}\n"
    digest = hashlib.sha256(listing.encode()).hexdigest()
    register(f"reports,ofsted_report,Ofsted,Reports,2025,,OGL-3.0,reports,{digest},reports,,1")
    assert sources.raw_file("reports") == (copy / "raw/reports").resolve()
    sources.forget()
    return copy / "raw/reports"


@pytest.mark.parametrize(
    ("change", "files"),
    [
        (lambda folder: (folder / "hull/a.pdf").write_bytes(b"changed"), 2),
        (lambda folder: (folder / "hull/new.pdf").write_bytes(b"new"), 3),
        (lambda folder: (folder / "leeds/b.pdf").unlink(), 1),
        (lambda folder: (folder / "leeds/b.pdf").rename(folder / "leeds/z.pdf"), 2),
    ],
    ids=["altered", "put in", "taken out", "renamed"],
)
def test_a_folder_that_is_another_is_refused_with_what_to_register_and_then_given(change, files, folder):
    change(folder)

    found = re.fullmatch(
        rf"reports: not the registered folder: a file was put in, taken out or altered \({files} files, SHA-256 of "
        r"their list ([0-9a-f]{64}), expected [0-9a-f]{12}…\); restore it, or put that SHA-256 and the newest file's "
        r"day of publication in data/curated/sources\.csv, row reports",
        refusal(sources.raw_file, "reports"),
    )
    register(f"reports,ofsted_report,Ofsted,Reports,2025,,OGL-3.0,reports,{found[1]},reports,,1")
    assert sources.raw_file("reports").name == "reports"


def test_a_source_that_is_not_registered_or_stands_twice_is_refused(copy):
    lost = "source 'ons_rpi' is not in data/curated/sources.csv; register it there, or mend the id"
    assert [refusal(of, "ons_rpi") for of in (sources.raw_file, lambda one: sources.source_line([one]))] == [lost] * 2

    register(REPORT, DEFLATOR, REPORT)
    assert refusal(sources.raw_file, "ons_deflator") == (
        "data/curated/sources.csv, row 4: ofsted_nc_2022 stands twice; take one of the rows out"
    )


# Curated files -------------------------------------------------------------------------------------------------------

DAMAGED = {
    "missing": (None, ": cannot be read (no such file); restore it from git"),
    "empty": (b"", ": cannot be read (it is empty); restore it from git"),
    "heading alone": (b"theme,covers\n", ": cannot be read (it has a heading and no row); restore it from git"),
    "not text": (b"theme,covers\nsend,\xff\xfe\n", ": cannot be read ('utf-8' codec can't decode byte 0xff"),
    "cut inside quotes": (b'theme,covers\nsend,"cut', ": cannot be read (unexpected end of data); restore it from git"),
    "cut short": (b"theme,covers\nsend,plans\nlea,how", ", row 3: the file ends within a line; restore it from git"),
    "wrong column": (
        b"topic,covers\nsend,all\n",
        ", row 1: lacks column 'theme', has topic, covers; mend the heading",
    ),
    "column twice": (
        b"theme,theme\nsend,plans\n",
        ", row 1: column 'theme' stands twice or has no name; restore it from git",
    ),
    "heading twice": (b"theme,covers\ntheme,covers\n", ", row 2: found the heading again; restore it from git"),
    "comma without quotes": (
        b"theme,covers\nsend,plans, tribunals\n",
        ", row 2 ('send'): found 3 cells, expected 2; put a cell that holds a comma in quotes, or restore it from git",
    ),
    "a cell lost": (b"theme,covers\nsend,a\nleaders\n", ", row 3 ('leaders'): found 1 cells, expected 2; put a cell"),
    "hidden mark": (
        "theme,covers\nsend,a\u202eb\n".encode(),
        ", row 2 ('send'), column covers: the text holds U+202E (right-to-left override); mend the cell",
    ),
}


@pytest.mark.parametrize(("cells", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_curated_file_is_named_with_row_and_what_to_do(cells, message, copy):
    if cells is not None:
        (copy / "curated/themes.csv").write_bytes(cells)

    assert refusal(sources.read_curated, "themes").startswith(f"data/curated/themes.csv{message}")


@pytest.mark.parametrize("wrong", ["years_after -20", "years_after 9", "month 13", "day 31st", "day 32"])
def test_a_cell_that_is_not_like_its_pattern_is_refused(wrong, copy):
    column, text = wrong.split()
    cells = {"applies_to": "cpi", "period_kind": "year", "month": "6", "day": "30", "years_after": "0"} | {column: text}
    lines = [",".join(cells), ",".join(cells.values()), ""]
    (copy / "curated/publication_rules.csv").write_text("\n".join(lines), encoding="utf-8")

    assert refusal(sources.read_curated, "publication_rules").startswith(
        f"data/curated/publication_rules.csv, row 2 ('cpi'), column {column}: found {text!r}, expected text like "
    )


def test_a_key_that_stands_twice_in_a_file_of_our_own_is_refused(copy):
    rows = "line,measure,locator,source_id\ntotal,gross,A,x\nfostering,gross,B,x\nadoption,gross,A,x\n"
    (copy / "curated/section_251_lines.csv").write_text(rows, encoding="utf-8")

    assert refusal(sources.read_curated, "section_251_lines") == (
        "data/curated/section_251_lines.csv, row 4: A stands twice; take one of the rows out"
    )


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cf", "Co", "Cs", "Zl", "Zp"]), max_size=12).filter(
    lambda text: not texts.fault(text)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_any_text_comes_back_as_it_was_written_without_remarks_and_blank_lines(copy, rows, encoding):
    text = io.StringIO(newline="")
    written = [("theme", "covers", "remark"), *((*row, "NA, 007") for row in rows)]
    csv.writer(text, lineterminator="\n").writerows(written)
    (copy / "curated/themes.csv").write_bytes((text.getvalue() + "\n").encode(encoding))

    found = sources.read_curated("themes")

    assert list(found.itertuples(index=False, name=None)) == rows
    assert found.dtypes.astype(str).to_dict() == {"theme": "str", "covers": "str"}


# Source lines --------------------------------------------------------------------------------------------------------


def test_up_to_three_sources_are_named_with_their_titles_and_of_more_the_publishers():
    titles = sources.register()["title"]

    assert sources.source_line(["ons_deflator", "ofsted_ods_2025", "ons_deflator"]) == (
        f"Office for National Statistics, {titles['ons_deflator']}. Ofsted, {titles['ofsted_ods_2025']}"
    )
    assert sources.source_line(["ons_deflator", "ons_cpi", "ofsted_ods_2025", "ofsted_ods_2024"]) == (
        "Office for National Statistics; Ofsted (4 sources, listed with the chart's data)"
    )


@pytest.mark.parametrize("others", [[], ["ons_deflator", "ons_cpi", "ofsted_ods_2025"]])
def test_what_a_licence_demands_is_said_however_many_sources_there_are(others):
    line = sources.source_line(["commons_cartogram_2023", *others])

    assert line.startswith("House of Commons Library")
    assert line.endswith(". Contains Parliamentary information licensed under the Open Parliament Licence v3.0")


# On the real files ---------------------------------------------------------------------------------------------------


def test_every_curated_file_has_rows_of_registered_sources():
    curated = {path.stem: sources.read_curated(path.stem) for path in paths.CURATED.glob("*.csv")}
    named = {name: set(rows["source_id"]) - {""} for name, rows in curated.items() if "source_id" in rows}
    bare = {name: rows.iloc[:, 0][rows["source_id"] == ""] for name, rows in curated.items() if name in named}

    assert set(tables._FILE["curated"]) <= set(curated)
    assert [name for name, ids in named.items() if ids - set(sources.register().index)] == []
    # Councils that changed before the data begin.
    changed = {"E06000049", "E06000050", "E06000055", "E06000056", "E06000057", "E08000037"}
    assert {name: set(keys) for name, keys in bare.items() if len(keys)} == {"authority_changes": changed}


@pytest.mark.raw
def test_every_registered_file_is_there_and_every_file_is_registered(raw):
    registered = sources.register().query("raw_file != ''")
    there = {path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file()}

    found = {source_id: sources.raw_file(source_id) for source_id in registered.index}

    assert len(found) == 23 and all(path.is_relative_to(raw) for path in found.values())
    assert [source_id for source_id, path in found.items() if path.is_dir()] == ["ofsted_reports"]
    assert {name for name in there if not name.startswith("ofsted_reports/")} <= set(registered["raw_file"])


def test_every_registered_file_has_a_hash_a_licence_and_a_date():
    files = sources.register().query("raw_file != ''")

    assert files["sha256"].str.fullmatch(r"[0-9a-f]{64}").all()
    assert (files[["title", "publisher", "published_edtf", "licence"]] != "").all(axis=None)
    assert files["raw_file"].is_unique
