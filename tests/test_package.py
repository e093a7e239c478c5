"""Tables beside an edition: an extract that says so, that checks, and that no reference leads out of."""

import hashlib
import json

import frictionless
import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.edition import package
from childrens_services.edition.parameters import Parameters

EARLY = Parameters(authorities=["Leeds"], comparators="none", as_at="2019-06-30")


@pytest.fixture(scope="module")
def early(tmp_path_factory):
    """The small extract of an early day, to be read and not changed; gives the folder of the tables."""
    folder = tmp_path_factory.mktemp("package")
    package.write_tables(folder, EARLY)
    return folder / "tables"


@pytest.fixture(scope="module")
def frames():
    return package.extract(Parameters())


def problems(folder):
    """Each fault that frictionless finds, as the table and the kind of fault."""
    report = frictionless.Package(str(folder / "datapackage.json")).validate()
    return [("", error.type) for error in report.errors] + [
        (task.name, error.type) for task in report.tasks for error in task.errors
    ]


def test_the_data_package_is_accepted(early):
    package = json.loads((early / "datapackage.json").read_text(encoding="utf-8"))

    assert frictionless.Package.validate_descriptor(package).valid
    assert problems(early) == []
    assert [one["name"] for one in package["resources"]] == sorted(tables.contracts())


def test_a_lost_reference_and_an_altered_file_are_found(early, tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    for path in early.glob("*"):
        (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / "judgements.csv").read_text(encoding="utf-8")
    (folder / "judgements.csv").write_text(text.replace("E08000035", "E99999999", 1), encoding="utf-8")

    assert sorted(problems(folder)) == [("judgements", "foreign-key"), ("judgements", "hash-count")]


def test_the_package_says_that_it_is_an_extract_of_whom_and_when(early):
    package = json.loads((early / "datapackage.json").read_text(encoding="utf-8"))

    assert package["name"] == "childrens-services-compared-extract"
    assert package["description"].startswith("An extract and not the whole: the rows of Leeds, ")
    assert "as known on 2019-06-30" in package["description"] and "Not official statistics" in package["description"]
    assert "sources" in package and "licenses" in package


def test_each_file_has_its_digest_and_a_copy_as_parquet_with_the_same_rows(early):
    for one in json.loads((early / "datapackage.json").read_text(encoding="utf-8"))["resources"]:
        content = (early / one["path"]).read_bytes()
        rows = pd.read_csv(early / one["path"], dtype=str, keep_default_na=False)
        copy = pd.read_parquet(early / one["parquet"])

        assert one["hash"] == "sha256:" + hashlib.sha256(content).hexdigest() and one["bytes"] == len(content)
        assert list(copy) == list(rows) and len(copy) == len(rows) == one["rows"]
        pd.testing.assert_frame_equal(tables.conform(one["name"], rows), tables.conform(one["name"], copy))


def test_a_reader_of_r_excel_or_duckdb_needs_one_line(early):
    by_csv, by_parquet = pd.read_csv(early / "observations.csv"), pd.read_parquet(early / "observations.parquet")

    assert by_csv["value"].sum() == by_parquet["value"].sum() != 0
    assert not (early / "observations.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_two_runs_give_the_same_bytes(early, tmp_path):
    package.write_tables(tmp_path, EARLY)

    assert {path.name: path.read_bytes() for path in (tmp_path / "tables").glob("*")} == {
        path.name: path.read_bytes() for path in early.glob("*")
    }


def test_nothing_that_came_later_is_in_an_extract_of_an_early_day(early):
    days = {path.stem: pd.read_parquet(path)["published"] for path in early.glob("*.parquet") if path.stem != "sources"}

    assert all((published <= pd.Timestamp("2019-06-30")).all() for published in days.values())
    assert sum(map(len, days.values())) > 1000


def test_the_extract_holds_the_chosen_those_they_are_compared_with_their_regions_and_england(frames):
    places = package.areas(Parameters(), frames["authorities"], tables.load("neighbours"))

    assert places[:2] == ["E06000018", "E10000024"] and places[-1] == tables.ENGLAND
    assert len([one for one in places if one.startswith("E12")]) > 1 and len(places) == len(set(places)) < 40
    assert set(frames["observations"]["area_code"]) <= set(places)
    assert set(frames["events"]["la_code_ons"]) <= set(places)
    assert {"E06000018", "E10000024"} <= set(frames["spending"]["area_code"])


def test_without_comparators_there_are_the_chosen_their_region_and_england():
    places = package.areas(EARLY, tables.load("authorities"), tables.load("neighbours"))

    assert places == ["E08000035", "E12000003", tables.ENGLAND]


def test_tables_without_a_place_and_the_names_of_all_authorities_are_whole(frames):
    for name in ("authorities", "indicators", "prices", "themes"):
        assert len(frames[name]) == len(tables.load(name)) > 0


def test_no_reference_leads_out_of_the_extract(frames):
    lost = [
        (name, column)
        for name, frame in frames.items()
        for column, spec in tables.contracts()[name]["columns"].items()
        for table, _, target in [spec.get("refers", "").partition(".")]
        if table and not frame[column].dropna().isin(frames[table][target]).all()
    ]

    assert lost == []


def test_a_row_that_refers_to_a_row_outside_goes_with_all_that_refers_to_it(frames):
    none = {name: frame.iloc[:0] for name, frame in frames.items()}
    whole = {
        name: tables.load(name)
        for name in tables.contracts()
        if name in ("areas", "sources", "authorities", "events", "judgements", "event_sources")
    }
    one = whole["judgements"]["event_id"].iloc[0]
    known = whole | {"events": whole["events"][whole["events"]["event_id"] == one]}

    kept = package._without_lost_rows(none | known)

    assert set(kept["judgements"]["event_id"]) == {one}
    assert set(kept["event_sources"]["event_id"]) <= {one}


def test_sources_are_those_that_a_row_names(frames):
    named = {one for name, frame in frames.items() if name != "sources" for one in frame["source_id"]}

    assert named <= set(frames["sources"]["source_id"])
    assert len(frames["sources"]) <= len(tables.load("sources"))
