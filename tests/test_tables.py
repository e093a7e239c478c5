"""The door of the tidy tables: conform, check, load as known on a day, store all or none; and what describes them."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import frictionless
import pandas as pd
import pyarrow.parquet
import pytest
from childrens_services import contracts, dictionary, paths, sources, tables
from hypothesis import given, settings
from hypothesis import strategies as st
from wrong_cells import wrong_cells

CITY, COUNTY = "E06000018", "E10000024"
TYPES = {"text", "edtf", "day", "whole", "number", "yes_no"}

# One row a table, as small as its contract allows, that hold together; a cell that is not named is empty.
CELLS = """
sources source_id=report, kind=ofsted_report, publisher=Ofsted, title=A report, published_edtf=2022-09-05
sources licence=OGL-3.0, raw_file=ees/agency.csv
authorities la_code_ons=E06000018, la_code_dfe=892, name=Nottingham, region_code=E12000004, region=East Midlands
events event_id=nc_2022_ilacs, la_code_ons=E06000018, kind=inspection, scope=childrens_services, framework=ilacs
events start=2022-07-11, end=2022-07-22, start_earliest=2022-07-11, start_latest=2022-07-11, end_latest=2022-07-22
events summary=Good., publication_date=2022-09-05, basis=official, confidence=high, locator=p.1
judgements event_id=nc_2022_ilacs, la_code_ons=E06000018, framework=ilacs, judgement=overall_effectiveness
judgements scale=four_point_2013, grade=inadequate, basis=hand, locator=p.1
forecasts forecast_id=fc_nc_001, la_code_ons=E06000018, kind=forecast, awaits=nc_inspection, made_on=2021-09
forecasts who=council, what_expected=one, expects=inspection, window_start=2022-01-01, window_end=2022-03-31
forecasts window_by=rule, expected_text=early 2022, outcome_event_id=nc_2022_ilacs, outcome_date=2022-07-11
forecasts outcome=met, outcome_source_id=report, evidence=p.1, locator=line 54, note=early is January to March
indicators indicator=agency_rate, title=Agency rate, topic=Workforce, unit=per cent of posts, dataset=csww
indicators direction=lower_is_better, period_kind=at_30_september, decimals=1, definition=Share
observations area_code=E06000018, indicator=agency_rate, period=2024, value=15.5, status=value
population area_code=E06000018, year=2024, children=67000, status=value
spending area_code=E06000018, financial_year=2023-24, collection=section_251, line=total
spending measure=gross_expenditure, amount_gbp=5.0, status=value
"""
_FROM = {"source_id": "report", "published": "2022-09-05"}
ROWS = {line.split()[0]: {} for line in CELLS.strip().splitlines()}
for table, _, cells in (line.partition(" ") for line in CELLS.strip().splitlines()):
    ROWS[table] |= dict(cell.split("=") for cell in cells.split(", "))
ROWS = {name: dict.fromkeys(tables.contracts()[name]["columns"], "") | _FROM | row for name, row in ROWS.items()}


def frames(table: str = "", **changed) -> dict[str, pd.DataFrame]:
    """One frame a table; the row of `table` with some cells changed."""
    return {name: pd.DataFrame([row | (changed if name == table else {})]) for name, row in ROWS.items()}


def refusal(of: Callable, *given) -> str:
    with pytest.raises(tables.TableError) as caught:
        of(*given)
    return str(caught.value)


def faults(given: dict[str, pd.DataFrame]) -> str:
    return refusal(contracts.check_all, given)


def budgets(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Rows of fact_id, part_of_fact_id, la_code_ons."""
    columns = list(tables.contracts()["budgets"]["columns"])
    words = {"measure": "budget", "paid_by": "council", "state": "agreed", "ledger": "none", "per": "year"}
    filled = dict.fromkeys(columns, "x") | words | _FROM | {"amount_gbp": 5.0, "period": "2022", "forecast_id": ""}
    empty = dict.fromkeys(("rounds_fact_id", "overlaps_fact_id", "note"), "")
    names = ("fact_id", "part_of_fact_id", "la_code_ons")
    return pd.DataFrame([filled | empty | dict(zip(names, row, strict=True)) for row in rows], columns=columns)


def test_rows_that_refer_to_themselves_at_once_or_in_a_circle_are_refused():
    circle = budgets(("a", "b", CITY), ("b", "c", CITY), ("c", "a", CITY), ("d", "a", CITY), ("e", "e", CITY))

    found = faults({"sources": frames()["sources"], "budgets": circle}).splitlines()

    assert [line.partition(";")[0] for line in found] == [
        f"budgets.part_of_fact_id, row {row}: found '{leads}', expected a row that does not lead back here"
        for row, leads in (("a", "b"), ("b", "c"), ("c", "a"), ("e", "e"))
    ]


def test_a_reference_to_a_row_of_another_authority_is_refused():
    given = frames("judgements", la_code_ons=COUNTY)
    other = ROWS["authorities"] | {"la_code_ons": COUNTY, "la_code_dfe": "891", "name": "Nottinghamshire"}
    given["authorities"] = pd.DataFrame([ROWS["authorities"], other])

    assert faults(given).startswith(
        "judgements.event_id, row nc_2022_ilacs overall_effectiveness: found 'nc_2022_ilacs', expected a row of "
        f"data/curated/events.csv with la_code_ons {COUNTY}, not {CITY}; mend data/curated/judgements.csv"
    )


def test_keys_that_differ_in_capitals_alone_are_refused():
    twins = budgets(("bud_1", "", CITY), ("BUD_1", "", CITY))

    assert "expected a key that differs from others in more than capitals" in faults({"budgets": twins})


# The contracts themselves --------------------------------------------------------------------------------------------


def test_contracts_are_complete_and_lead_to_what_is_there():
    known = tables.contracts()
    for name, contract in known.items():
        assert contract["grain"].startswith("Each row is ") and set(contract["key"]) <= set(contract["columns"]), name
        for column, spec in contract["columns"].items():
            assert spec["type"] in TYPES and spec["about"].endswith("."), (name, column)
            table, _, target = spec.get("refers", "").partition(".")
            assert not table or known[table]["key"] == [target], (name, column)
            assert all(other in contract["columns"] for other in spec.get("tells", ())), (name, column)
            assert contract["columns"][spec.get("not_before", column)]["type"] == spec["type"], (name, column)


def test_every_table_has_a_day_and_a_source():
    for name, contract in tables.contracts().items():
        assert contract["columns"]["published"]["type"] == "day", name
        assert {"source_id", "published"} <= set(contract["columns"]), name


def test_a_list_of_words_is_one_of_the_vocabulary_or_its_own():
    assert tables.words({"words": "grades"})[:2] == ["outstanding", "good"]
    assert tables.words({"words": ["high", "medium"]}) == ["high", "medium"]
    assert tables.words({"words": {"begins": "it starts", "ends": "it ends"}}) == ["begins", "ends"]
    assert tables.words({}) is None


# Conform -------------------------------------------------------------------------------------------------------------


def test_conform_orders_columns_by_contract_rows_by_key_and_gives_types():
    rows = [
        {**_FROM, "status": "value", "children": "3", "year": year, "area_code": code}
        for code, year in ((COUNTY, "2023"), (CITY, "2024"), (CITY, "2009"))
    ]

    found = tables.conform("population", pd.DataFrame(rows))

    assert list(found) == ["area_code", "year", "children", "status", "source_id", "published"]
    assert found[["area_code", "year"]].to_numpy().tolist() == [[CITY, 2009], [CITY, 2024], [COUNTY, 2023]]
    assert found.index.tolist() == [0, 1, 2]
    assert found.dtypes.astype(str).tolist() == ["str", "Int64", "Int64", "str", "str", "datetime64[s]"]


def test_conform_leaves_its_argument_alone_and_empty_cells_are_missing():
    given = pd.DataFrame([{**_FROM, "status": "confidential", "children": "", "year": "2024", "area_code": CITY}])
    before = given.copy()

    found = tables.conform("population", given)

    pd.testing.assert_frame_equal(given, before)
    assert found["children"].isna().all() and found["status"].tolist() == ["confidential"]


def test_conforming_twice_changes_nothing(tidy):
    for name, frame in tidy.items():
        pd.testing.assert_frame_equal(tables.conform(name, frame), frame)


def test_a_wrong_column_is_named_with_the_table_and_what_was_expected():
    wrong = pd.DataFrame([ROWS["population"]]).rename(columns={"children": "kids"})

    assert refusal(tables.conform, "population", wrong) == (
        "population: columns do not conform: lacks ['children'], has unknown ['kids']; expected those of "
        "contracts.toml: mend the heading of the file that the table is made from"
    )


CELL_KEYS = {
    "population": f"{COUNTY} 2024",
    "observations": f"{COUNTY} agency_rate 2024",
    "spending": f"{COUNTY} 2023-24 section_251 total gross_expenditure",
}


@pytest.mark.parametrize(
    ("table", "column", "cell", "expected"),
    [
        ("population", "year", "twenty", "a whole number"),
        ("population", "children", "12.5", "a whole number"),
        ("population", "published", "2022", "a day such as 2024-04-04"),
        ("population", "published", "05/09/2022", "a day such as 2024-04-04"),
        ("population", "published", "2022-02-30", "a day such as 2024-04-04"),
        ("observations", "value", "36O", "a number"),
        ("observations", "value", "nan", "a number"),
        ("observations", "value", "inf", "a number"),
        ("observations", "value", "1_000", "a number"),
        ("observations", "value", "\u0661\u0665", "a number"),
        ("population", "children", "\u0667", "a whole number"),
        ("spending", "is_certified", "perhaps", "yes or no"),
    ],
)
def test_a_cell_of_the_wrong_type_is_named_with_its_row(table, column, cell, expected):
    frame = pd.DataFrame([ROWS[table], ROWS[table] | {"area_code": COUNTY, column: cell}], dtype="object")
    key = CELL_KEYS[table].replace("2024", cell) if column == "year" else CELL_KEYS[table]

    assert refusal(tables.conform, table, frame) == (
        f"{table}.{column}, row {key}: found {cell!r}, expected {expected}; "
        "mend the cell in the file that it comes from"
    )


# Check ---------------------------------------------------------------------------------------------------------------


def test_the_rows_of_these_tests_hold_together():
    found = contracts.check_all(frames())

    assert {name: len(frame) for name, frame in found.items()} == dict.fromkeys(ROWS, 1)


def test_the_committed_tables_hold_together(tidy):
    found = contracts.check_all(tidy)

    assert list(found) == list(tables.contracts())


# A cell made wrong, and the message that it must give.
WRONG = """
judgements grade = satisfactory
  judgements.grade, row nc_2022_ilacs overall_effectiveness: found 'satisfactory', expected one of outstanding, good,
  adequate, requires_improvement, inadequate, no_written_statement, effective_action, widespread_failings; mend
  data/curated/judgements.csv, or look in ees/agency.csv, as published
observations status = secret
  observations.status, row E06000018 agency_rate 2024: found 'secret', expected one of value, confidential,
spending line = childrens_homes
  spending.line, row E06000018 2023-24 section_251 childrens_homes gross_expenditure: found 'childrens_homes', expected
  one of total,
judgements event_id = nc_2032_ilacs
  judgements.event_id, row nc_2032_ilacs overall_effectiveness: found 'nc_2032_ilacs', expected one of events.event_id;
  mend data/curated/judgements.csv
observations source_id = nobody
  observations.source_id, row E06000018 agency_rate 2024: found 'nobody', expected one of sources.source_id; look in
  the file of source nobody
population children = -1
  population.children, row E06000018 2024: found '-1', expected 0 or more; look in ees/agency.csv, as published
population year = 1066
  population.year, row E06000018 1066: found '1066', expected 2001 or more
observations value = 155.0
  observations.value, row E06000018 agency_rate 2024: found '155.0', expected 0 to 100, in per cent
events end_latest = 2022-07-02
  events.end_latest, row nc_2022_ilacs: found 2022-07-02, expected start_earliest (2022-07-11) or later; mend
  data/curated/events.csv
events publication_date = 2021-09-05
  events.publication_date, row nc_2022_ilacs: found 2021-09-05, expected start_earliest (2022-07-11) or later
forecasts window_end = 2021-12-31
  forecasts.window_end, row fc_nc_001: found 2021-12-31, expected window_start (2022-01-01) or later; mend
  data/curated/forecasts.csv
forecasts made_on = 2021-13
  forecasts.made_on, row fc_nc_001: found '2021-13', expected a date such as 2022-07 or 2022-07-11 (EDTF)
forecasts who =
  forecasts.who, row fc_nc_001: found '', expected a value
sources title = A \u202ereport
  sources.title, row report: found 'A \\u202ereport', expected plain text; mend data/curated/sources.csv
sources url = javascript:alert(1)
  sources.url, row report: found 'javascript:alert(1)', expected text like https?://
sources raw_file = ../../etc/passwd
  sources.raw_file, row report: found '../../etc/passwd', expected text like
authorities la_code_dfe = 89
  authorities.la_code_dfe, row E06000018: found '89', expected text like \\d{3}
"""


@pytest.mark.parametrize(("table", "column", "cell", "message"), wrong_cells(WRONG))
def test_a_row_that_does_not_hold_is_named_with_what_was_expected_and_what_to_do(table, column, cell, message):
    assert message in faults(frames(table, **{column: cell})).splitlines()[0]


def test_a_duplicate_key_is_named_once():
    given = frames()
    given["observations"] = pd.concat([given["observations"]] * 2)

    found = faults(given)

    assert found == (
        f"observations.area_code, indicator, period, row {CITY} agency_rate 2024: found '{CITY} agency_rate 2024', "
        "expected a key that stands once; look in ees/agency.csv, as published"
    )


def test_a_name_of_two_authorities_is_refused():
    given = frames()
    place = ROWS["authorities"]
    given["authorities"] = pd.DataFrame([place, place | {"la_code_ons": COUNTY, "la_code_dfe": "891"}])

    assert "authorities.name, row E10000024: found 'Nottingham', expected a value that stands once" in faults(given)


def test_many_faults_are_counted_and_five_are_shown():
    given = frames()
    given["population"] = pd.DataFrame([ROWS["population"] | {"year": year} for year in range(1001, 1010)])

    lines = faults(given).splitlines()

    assert len(lines) == 6 and lines[-1] == "population: and 4 more"


def test_every_fault_is_told_not_only_the_first():
    lines = faults(frames("spending", status="?", line="?")).splitlines()

    assert [line.split(",")[0] for line in lines] == ["spending.line", "spending.status"]


# Load ----------------------------------------------------------------------------------------------------------------


def stored(folder: Path, monkeypatch, **changed) -> Path:
    """Store small tables in a folder that takes the place of data/tidy."""
    monkeypatch.setattr(paths, "TIDY", folder / "tidy")
    tables.store(frames(**changed))
    return folder / "tidy"


def test_a_table_that_nobody_knows_is_answered_with_those_there_are():
    found = refusal(tables.load, "judgments")

    assert found.startswith("judgments: no such table (did you mean 'judgements'?); there are areas, ")


def test_a_table_that_is_not_built_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "TIDY", tmp_path)

    found = refusal(tables.load, "spending")

    assert found == "spending.parquet: not found in data/tidy; run `make data`, or restore it from git"


@pytest.mark.parametrize("name", ["spending.parquet", "population.csv"])
def test_a_damaged_table_is_refused_with_its_name(name, tmp_path, monkeypatch):
    path = stored(tmp_path, monkeypatch) / name
    path.write_bytes(path.read_bytes()[:-20] + b'\n"')
    (tmp_path / "digests.json").unlink()  # which would tell before the table is opened

    with pytest.raises(tables.TableError, match=rf"^{name}: cannot be read \(.*\); run `make data`, or restore it"):
        tables.load(path.stem)


@pytest.mark.parametrize("text", ["yesterday", "2024", "2024-04-31", "04/04/2024", "4 April 2024", "2024-04"])
def test_an_as_at_that_is_no_day_is_refused(text):
    assert refusal(tables.load, "prices", text) == f"as_at: {text!r} is not a day; write it as 2024-04-04"


@pytest.mark.parametrize("day", ["2024-04-04", date(2024, 4, 4), datetime(2024, 4, 4, 12), pd.Timestamp("2024-04-04")])
def test_a_day_may_come_as_text_or_as_a_day(day):
    assert tables.read_day(day) == pd.Timestamp("2024-04-04")


def test_the_day_of_publication_is_itself_included():
    frame = pd.DataFrame({"published": pd.to_datetime(["2022-09-05", "2022-09-06"])})

    assert len(tables.known_on(frame, "2022-09-04")) == 0
    assert len(tables.known_on(frame, "2022-09-05")) == 1
    assert tables.known_on(frame, "") is frame


DAYS = st.dates(date(2008, 1, 1), date(2026, 12, 31))


@settings(deadline=None)
@given(st.lists(DAYS, max_size=8), DAYS, DAYS)
def test_nothing_that_was_known_is_forgotten_later(published, one, other):
    frame = pd.DataFrame({"row": range(len(published)), "published": pd.to_datetime(pd.Series(published, dtype="str"))})
    early, late = sorted([one, other])

    before, after = (set(tables.known_on(frame, day)["row"]) for day in (early, late))

    assert before <= after
    assert after == {row for row, day in enumerate(published) if day <= late}


@pytest.mark.parametrize("day", ["2024-04-04", "2022-08-01"])
def test_no_row_published_after_the_day_is_loaded_and_none_before_is_lost(day, tidy):
    for name, whole in tidy.items():
        found = tables.load(name, day)

        assert not (found["published"] > day).any(), name
        assert len(found) == (whole["published"] <= day).sum(), name


@pytest.mark.parametrize("day", ["2024-04-04", "2022-08-01"])
def test_no_reference_leads_to_a_row_that_was_not_yet_public(day):
    known = {name: tables.load(name, day) for name in tables.contracts()}
    for name, contract in tables.contracts().items():
        for column, spec in contract["columns"].items():
            table, _, target = spec.get("refers", "").partition(".")
            if table and table != "sources":  # a source's own row is of its newest edition
                assert set(known[name][column].dropna()) <= set(known[table][target]), (day, name, column)


def test_what_an_expectation_came_to_is_not_told_before_it_was_public(tmp_path, monkeypatch):
    stored(tmp_path, monkeypatch, table="forecasts", published="2021-09-30")

    early = tables.load("forecasts", "2022-08-01").iloc[0]
    later = tables.load("forecasts", "2022-09-05").iloc[0]

    told = ["outcome_event_id", "outcome_date", "outcome_source_id", "outcome", "evidence"]
    assert early[told].isna().all() and early["expected_text"] == "early 2022"
    assert later[told].tolist() == ["nc_2022_ilacs", "2022-07-11", "report", "met", "p.1"]
    assert early["note"] == later["note"] == "early is January to March"


def test_the_end_of_an_authority_is_not_told_before_that_day(tmp_path, monkeypatch):
    stored(tmp_path, monkeypatch, table="authorities", existed_to="2023-03-31", published="2012-01-01")

    assert pd.isna(tables.load("authorities", "2019-06-30")["existed_to"].iloc[0])
    assert tables.load("authorities", "2023-03-31")["existed_to"].tolist() == [pd.Timestamp("2023-03-31")]


# Store ---------------------------------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_stored_table_is_loaded_as_it_was(tmp_path, monkeypatch):
    stored(tmp_path, monkeypatch)

    for name, frame in frames().items():
        pd.testing.assert_frame_equal(tables.load(name), tables.conform(name, frame))


def test_what_is_loaded_and_stored_again_has_the_same_bytes(tmp_path, tidy):
    tables.store(tidy, tmp_path / "one")
    shuffled = {name: frame.sample(frac=1, random_state=1)[list(frame)[::-1]] for name, frame in tidy.items()}
    tables.store(shuffled, tmp_path / "other")

    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    assert len(contents(tmp_path / "one")) == len(tables.contracts())
    committed = contents(paths.TIDY)
    assert [name for name, cells in contents(tmp_path / "one").items() if cells != committed[name]] == []


def test_a_frame_that_does_not_conform_is_not_stored(tmp_path, monkeypatch):
    folder = stored(tmp_path, monkeypatch)
    before = contents(tmp_path)

    themes = pd.DataFrame(columns=["theme", "covers", "source_id", "published"])
    with pytest.raises(tables.TableError, match="population: columns do not conform"):
        tables.store({"themes": themes, "population": pd.DataFrame({"area_code": [CITY]})})

    assert contents(tmp_path) == before and not (folder / "themes.csv").exists()


def test_when_the_second_table_cannot_be_written_the_first_is_as_it_was(tmp_path, monkeypatch):
    stored(tmp_path, monkeypatch)
    before = contents(tmp_path)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OSError, match="No space left"):
        tables.store({name: frames("population", children=1)[name] for name in ("population", "spending")})

    assert contents(tmp_path) == before


@pytest.mark.parametrize("blocked", ["population.csv", "spending.parquet", "themes.csv"])
def test_when_a_file_cannot_be_put_in_its_place_those_before_it_are_put_back(blocked, tmp_path, monkeypatch):
    folder = stored(tmp_path, monkeypatch)
    before, replace = contents(tmp_path), Path.replace
    new = frames("population", children=1) | frames("spending", amount_gbp=6.0)
    new["themes"] = pd.DataFrame([{"theme": "a", "covers": "b", **_FROM}])

    def refuse(path, target):
        if path.name == blocked:
            raise PermissionError(13, "Permission denied", str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        tables.store(new)

    assert contents(tmp_path) == before
    monkeypatch.setattr(Path, "replace", replace)
    tables.store(new)
    assert contents(tmp_path) != before and (folder / "themes.csv").is_file()


# The data package and the dictionary ----------------------------------------------------------------------------------


def package_of(folder: Path, *names: str) -> Path:
    """Copy the package with its CSV tables, or some; frictionless reads Parquet only with a further reader."""
    package = json.loads(dictionary.data_package(sources.read_curated("sources")))
    wanted = names or [name for name, contract in tables.contracts().items() if contract["format"] == "csv"]
    package["resources"] = [one for one in package["resources"] if one["name"] in wanted]
    for one in package["resources"]:
        shutil.copy(paths.TIDY / one["path"], folder / one["path"])
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return folder / "datapackage.json"


def problems(descriptor: Path) -> list[tuple[str, str]]:
    """Each fault that frictionless finds, as the table and the kind of fault."""
    report = frictionless.Package(str(descriptor)).validate()
    found = [(task.name, error.type) for task in report.tasks for error in task.errors]
    return [("", error.type) for error in report.errors] + found


def test_the_data_package_in_the_repository_is_the_generated_one():
    text = (paths.TIDY / "datapackage.json").read_text(encoding="utf-8")

    assert text == dictionary.data_package(sources.read_curated("sources"))
    assert frictionless.Package.validate_descriptor(json.loads(text)).valid


def test_the_tables_are_what_the_data_package_says(tmp_path):
    assert problems(package_of(tmp_path)) == []


def test_the_data_package_finds_a_wrong_word_a_lost_reference_and_a_key_that_stands_twice(tmp_path):
    descriptor = package_of(tmp_path, "judgements", "events", "areas", "authorities", "sources")
    judgements = pd.read_csv(tmp_path / "judgements.csv", dtype=str, keep_default_na=False)
    judgements.loc[0, "grade"] = "satisfactory"
    judgements.loc[1, "event_id"] = "no_such_event"
    pd.concat([judgements, judgements.tail(1)]).to_csv(tmp_path / "judgements.csv", index=False)

    assert sorted(problems(descriptor)) == [
        ("judgements", "constraint-error"),
        ("judgements", "foreign-key"),
        ("judgements", "primary-key"),
    ]


PARQUET_TYPES = {
    "string": ("large_string", "string"),
    "date": ("timestamp[ms]",),
    "integer": ("int64",),
    "number": ("double",),
    "boolean": ("bool",),
}


@pytest.mark.parametrize("name", [n for n, c in tables.contracts().items() if c["format"] == "parquet"])
def test_parquet_tables_are_what_the_data_package_says(name, tidy):
    package = json.loads((paths.TIDY / "datapackage.json").read_text(encoding="utf-8"))
    resource = next(one for one in package["resources"] if one["name"] == name)
    schema = pyarrow.parquet.read_schema(paths.TIDY / resource["path"])
    fields = {field["name"]: field for field in resource["schema"]["fields"]}

    assert schema.names == list(fields)
    for column, field in fields.items():
        limits = field.get("constraints", {})
        assert str(schema.field(column).type) in PARQUET_TYPES[field["type"]], column
        assert not (limits.get("required") and tidy[name][column].isna().any()), column
        assert "enum" not in limits or set(tidy[name][column].dropna()) <= set(limits["enum"]), column
    assert not tidy[name].duplicated(resource["schema"]["primaryKey"]).any()


def test_the_dictionary_lists_every_table_and_column_with_grain_unit_and_words():
    text = dictionary.dictionary()
    sections = {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}

    assert list(sections)[: len(tables.contracts())] == sorted(tables.contracts())
    for name, contract in tables.contracts().items():
        assert contract["grain"] in sections[name]
        for column, spec in contract["columns"].items():
            line = next(line for line in sections[name].splitlines() if line.startswith(f"| `{column}` |"))
            assert spec["about"] in line and spec.get("unit", "") in line and spec.get("refers", "") in line
            assert all(f"`{word}`" in line for word in tables.words(spec) or ())
    assert "| `amount_gbp` | number | pounds, cash | " in sections["spending"]


def test_every_unit_is_explained_once():
    text = dictionary.dictionary()
    rows = tables.load("units")

    assert [f"| {row.unit} | {row.about} |" for row in rows.itertuples() if text.count(f"\n| {row.unit} |") != 1] == []
    assert set(tables.load("indicators")["unit"]) == set(rows["unit"])


EXAMPLES = re.findall(r"```python\n(.*?)```", dictionary.dictionary(), re.DOTALL)


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.splitlines()[1].partition(" ")[0])
def test_an_example_of_the_dictionary_runs_and_prints_rows(code, capsys):
    exec(code, {})

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and not any("NaN" in line for line in lines)
