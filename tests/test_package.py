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
def described(early):
    return json.loads((early / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def frames():
    return package.extract(Parameters())


def problems(folder):
    """Each fault that frictionless finds, as the table and the kind of fault."""
    report = frictionless.Package(str(folder / "datapackage.json")).validate()
    return sorted((task.name, error.type) for task in report.tasks for error in [*task.errors, *report.errors])


def test_the_data_package_is_accepted_and_says_that_it_is_an_extract_of_whom_and_when(early, described):
    assert frictionless.Package.validate_descriptor(described).valid
    assert problems(early) == []
    assert [one["name"] for one in described["resources"]] == sorted(tables.contracts())
    assert described["name"] == "childrens-services-compared-extract"
    assert described["description"].startswith("An extract and not the whole: the rows of Leeds, ")
    assert "as known on 2019-06-30" in described["description"] and "Not official st" in described["description"]
    assert "sources" in described and "licenses" in described


def test_a_wrong_word_a_lost_reference_a_key_that_stands_twice_and_an_altered_file_are_found(
    early, described, tmp_path
):
    folder = shutil.copytree(early, tmp_path / "tables")
    rows = pd.read_csv(folder / "judgements.csv", dtype=str, keep_default_na=False)
    rows.loc[0, "grade"], rows.loc[1, "event_id"] = "satisfactory", "no_such_event"
    pd.concat([rows, rows.tail(1)]).to_csv(folder / "judgements.csv", index=False)
    needed = ("judgements", "events", "areas", "authorities", "sources")
    resources = [one for one in described["resources"] if one["name"] in needed]
    (folder / "datapackage.json").write_text(json.dumps(described | {"resources": resources}), encoding="utf-8")

    kinds = ("byte-count", "constraint-error", "foreign-key", "hash-count", "primary-key", "row-count")
    assert problems(folder) == [("judgements", kind) for kind in kinds]


def test_each_file_has_its_digest_and_a_copy_as_parquet_and_nothing_that_came_later(early, described):
    for one in described["resources"]:
        content = (early / one["path"]).read_bytes()
        rows = pd.read_csv(early / one["path"], dtype=str, keep_default_na=False)
        copy = pd.read_parquet(early / one["parquet"])

        assert one["hash"] == "sha256:" + hashlib.sha256(content).hexdigest() and one["bytes"] == len(content)
        assert list(copy) == list(rows) and len(copy) == len(rows) == one["rows"]
        assert not content.startswith(b"\xef\xbb\xbf")  # so that R, Excel and DuckDB read it in one line
        pd.testing.assert_frame_equal(tables.conform(one["name"], rows), tables.conform(one["name"], copy))

    days = {path.stem: pd.read_parquet(path)["published"] for path in early.glob("*.parquet") if path.stem != "sources"}

    assert all((published <= pd.Timestamp("2019-06-30")).all() for published in days.values())
    assert sum(map(len, days.values())) > 1000


def test_the_extract_holds_the_chosen_those_they_are_compared_with_england_and_the_sources_of_their_rows(frames, tidy):
    places, alone = (package.areas(asked, tidy["authorities"], tidy["neighbours"]) for asked in (Parameters(), EARLY))

    assert alone == ["E08000035", "E12000003", tables.ENGLAND]  # without comparators
    assert places[:2] == ["E06000018", "E10000024"] and places[-1] == tables.ENGLAND
    assert len([one for one in places if one.startswith("E12")]) > 1 and len(places) == len(set(places)) < 40
    assert set(frames["observations"]["area_code"]) | set(frames["events"]["la_code_ons"]) <= set(places)
    assert set(places[:2]) <= set(frames["spending"]["area_code"])
    for whole in ("authorities", "indicators", "prices", "themes"):
        assert len(frames[whole]) == len(tidy[whole]) > 0

    named = {one for name, frame in frames.items() if name != "sources" for one in frame["source_id"]}

    assert named <= set(frames["sources"]["source_id"]) <= set(tidy["sources"]["source_id"])


def test_a_row_that_refers_to_a_row_outside_goes_with_all_that_refers_to_it(tidy):
    names = ("areas", "sources", "authorities", "events", "judgements", "event_sources")
    one = tidy["judgements"]["event_id"].iloc[0]
    known = {name: tidy[name] if name in names else tidy[name].iloc[:0] for name in tidy}

    kept = package._without_lost_rows(known | {"events": tidy["events"].query("event_id == @one")})

    assert set(kept["judgements"]["event_id"]) == {one}
    assert set(kept["event_sources"]["event_id"]) <= {one}
