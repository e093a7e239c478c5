"""Tables beside an edition: an extract that says so, that checks, and that no reference leads out of."""

import hashlib
import json
import shutil

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
    found = [(task.name, error.type) for task in report.tasks for error in task.errors]
    return found + [("", error.type) for error in report.errors]


@pytest.fixture(scope="module")
def described(early):
    return json.loads((early / "datapackage.json").read_text(encoding="utf-8"))


def test_the_data_package_is_accepted_and_says_that_it_is_an_extract_of_whom_and_when(early, described):
    assert frictionless.Package.validate_descriptor(described).valid
    assert problems(early) == []
    assert [one["name"] for one in described["resources"]] == sorted(tables.contracts())
    assert described["name"] == "childrens-services-compared-extract"
    assert described["description"].startswith("An extract and not the whole: the rows of Leeds, ")
    assert "as known on 2019-06-30" in described["description"] and "Not official st" in described["description"]
    assert "sources" in described and "licenses" in described


def test_a_lost_reference_and_an_altered_file_are_found(early, tmp_path):
    folder = shutil.copytree(early, tmp_path / "tables")
    text = (folder / "judgements.csv").read_text(encoding="utf-8")
    (folder / "judgements.csv").write_text(text.replace("E08000035", "E99999999", 1), encoding="utf-8")

    assert sorted(problems(folder)) == [("judgements", "foreign-key"), ("judgements", "hash-count")]


def test_each_file_has_its_digest_and_a_copy_as_parquet_with_the_same_rows(early, described):
    for one in described["resources"]:
        content = (early / one["path"]).read_bytes()
        rows = pd.read_csv(early / one["path"], dtype=str, keep_default_na=False)
        copy = pd.read_parquet(early / one["parquet"])

        assert one["hash"] == "sha256:" + hashlib.sha256(content).hexdigest() and one["bytes"] == len(content)
        assert list(copy) == list(rows) and len(copy) == len(rows) == one["rows"]
        assert not content.startswith(b"\xef\xbb\xbf")  # so that R, Excel and DuckDB read it in one line
        pd.testing.assert_frame_equal(tables.conform(one["name"], rows), tables.conform(one["name"], copy))


def test_two_runs_give_the_same_bytes(early, tmp_path):
    package.write_tables(tmp_path, EARLY)

    one, other = ({p.name: p.read_bytes() for p in folder.glob("*")} for folder in (early, tmp_path / "tables"))
    assert one == other


def test_nothing_that_came_later_is_in_an_extract_of_an_early_day(early):
    days = {path.stem: pd.read_parquet(path)["published"] for path in early.glob("*.parquet") if path.stem != "sources"}

    assert all((published <= pd.Timestamp("2019-06-30")).all() for published in days.values())
    assert sum(map(len, days.values())) > 1000


def test_the_extract_holds_the_chosen_those_they_are_compared_with_their_regions_and_england(frames):
    places, alone = (
        package.areas(asked, frames["authorities"], tables.load("neighbours")) for asked in (Parameters(), EARLY)
    )

    assert alone == ["E08000035", "E12000003", tables.ENGLAND]  # without comparators
    assert places[:2] == ["E06000018", "E10000024"] and places[-1] == tables.ENGLAND
    assert len([one for one in places if one.startswith("E12")]) > 1 and len(places) == len(set(places)) < 40
    assert set(frames["observations"]["area_code"]) <= set(places)
    assert set(frames["events"]["la_code_ons"]) <= set(places)
    assert {"E06000018", "E10000024"} <= set(frames["spending"]["area_code"])


def test_tables_without_a_place_and_the_names_of_all_authorities_are_whole(frames):
    for name in ("authorities", "indicators", "prices", "themes"):
        assert len(frames[name]) == len(tables.load(name)) > 0


def test_a_row_that_refers_to_a_row_outside_goes_with_all_that_refers_to_it(frames):
    none = {name: frame.iloc[:0] for name, frame in frames.items()}
    names = ("areas", "sources", "authorities", "events", "judgements", "event_sources")
    whole = {name: tables.load(name) for name in names}
    one = whole["judgements"]["event_id"].iloc[0]
    known = whole | {"events": whole["events"][whole["events"]["event_id"] == one]}

    kept = package._without_lost_rows(none | known)

    assert set(kept["judgements"]["event_id"]) == {one}
    assert set(kept["event_sources"]["event_id"]) <= {one}


def test_sources_are_those_that_a_row_names(frames):
    named = {one for name, frame in frames.items() if name != "sources" for one in frame["source_id"]}

    assert named <= set(frames["sources"]["source_id"])
    assert len(frames["sources"]) <= len(tables.load("sources"))
