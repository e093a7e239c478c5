"""The door of the tidy tables: conform, check, load as known on a day, store all or none; and what describes them."""

import json
import re
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest
from childrens_services import contracts, dictionary, paths, sources, tables
from hypothesis import given
from hypothesis import strategies as st
from small_frames import cells, contents
from wrong_cells import refusal, wrong_cells

CITY, COUNTY = "E06000018", "E10000024"
CONTRACTS = tables.contracts()

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
budgets fact_id=a, la_code_ons=E06000018, what=x, service=x, measure=budget, paid_by=council, state=agreed
budgets ledger=none, amount_gbp=5.0, amount_text=x, per=year, period=2022, locator=p.1
"""


ROWS: dict[str, dict[str, str]] = {}
for table, _, text in (line.partition(" ") for line in CELLS.strip().splitlines()):
    empty = dict.fromkeys(CONTRACTS[table]["columns"], "") | {"source_id": "report", "published": "2022-09-05"}
    ROWS[table] = ROWS.get(table, empty) | cells(text)


def rows(table: str, *changes: str) -> pd.DataFrame:
    """The row of a table as often as there are changes of its cells."""
    return pd.DataFrame([ROWS[table] | cells(each) for each in changes], dtype="object")


def frames(table: str = "population", *changes: str) -> dict[str, pd.DataFrame]:
    """One frame a table, each of one row; of `table` the rows with these changes."""
    return {name: rows(name, *(changes if changes and name == table else [""])) for name in ROWS}


def faults(table: str, *changes: str) -> list[str]:
    """What is said of a table with changed rows, checked beside those to which it refers."""
    known = frames(table, *changes)
    beside = {spec.get("refers", "").partition(".")[0] for spec in CONTRACTS[table]["columns"].values()}
    return refusal(contracts.check_all, {name: known[name] for name in known if name in beside | {table}}).splitlines()


# The contracts themselves --------------------------------------------------------------------------------------------


def test_contracts_are_complete_and_lead_to_what_is_there():
    for name, contract in CONTRACTS.items():
        columns = contract["columns"]
        assert contract["grain"].startswith("Each row is ") and set(contract["key"]) <= set(columns), name
        assert columns["published"]["type"] == "day" and "source_id" in columns, name
        for column, spec in columns.items():
            assert spec["type"] in tables.TYPES and spec["about"].endswith("."), (name, column)
            table, _, target = spec.get("refers", "").partition(".")
            assert not table or CONTRACTS[table]["key"] == [target], (name, column)
            assert set(spec.get("tells", ())) <= set(columns), (name, column)
            assert columns[spec.get("not_before", column)]["type"] == spec["type"], (name, column)


def test_a_list_of_words_is_one_of_the_vocabulary_or_its_own():
    told = [tables.words({"words": each}) for each in (["high", "medium"], {"begins": "it starts", "ends": "it ends"})]

    assert told == [["high", "medium"], ["begins", "ends"]] and tables.words({}) is None
    assert tables.words({"words": "grades"})[:2] == ["outstanding", "good"]


# Conform -------------------------------------------------------------------------------------------------------------


def test_conform_orders_columns_by_contract_rows_by_key_and_gives_types():
    changes = (f"area_code={COUNTY}, year=2023", "children=, status=confidential", "year=2009")
    given = rows("population", *changes)[["status", "children", "year", "area_code", "source_id", "published"]]
    before = given.copy()

    found = tables.conform("population", given)

    pd.testing.assert_frame_equal(given, before)
    assert list(found) == ["area_code", "year", "children", "status", "source_id", "published"]
    assert found[["area_code", "year"]].to_numpy().tolist() == [[CITY, 2009], [CITY, 2024], [COUNTY, 2023]]
    assert found.index.tolist() == [0, 1, 2] and found["children"].isna().tolist() == [False, True, False]
    assert found.dtypes.astype(str).tolist() == ["str", "Int64", "Int64", "str", "str", "datetime64[s]"]


def test_a_wrong_column_is_named_with_the_table_and_what_was_expected():
    assert refusal(tables.conform, "population", rows("population", "").rename(columns={"children": "kids"})) == (
        "population: columns do not conform: lacks ['children'], has unknown ['kids']; expected those of "
        "contracts.toml: mend the heading of the file that the table is made from"
    )


UNFIT = {
    ("population", "a whole number"): "year=twenty children=12.5 children=\u0667",
    ("population", "a day such as 2024-04-04"): "published=2022 published=05/09/2022 published=2022-02-30",
    ("observations", "a number"): "value=36O value=nan value=inf value=1_000 value=\u0661\u0665",
    ("spending", "yes or no"): "is_certified=perhaps",
}


@pytest.mark.parametrize(
    ("table", "expected", "change"), [(*key, each) for key, changes in UNFIT.items() for each in changes.split()]
)
def test_a_cell_of_the_wrong_type_is_named_with_its_row(table, expected, change):
    column, _, cell = change.partition("=")

    assert re.fullmatch(
        rf"{table}\.{column}, row {COUNTY} [^:]*: found '{cell}', expected {expected}; "
        "mend the cell in the file that it comes from",
        refusal(tables.conform, table, rows(table, "", f"area_code={COUNTY}, {change}")),
    )


# Check ---------------------------------------------------------------------------------------------------------------


def test_the_rows_of_these_tests_and_the_committed_tables_hold_together(tidy):
    assert {name: len(frame) for name, frame in contracts.check_all(frames()).items()} == dict.fromkeys(ROWS, 1)
    assert list(contracts.check_all(tidy)) == list(CONTRACTS)


# A cell made wrong, and the message that it must give; a hidden mark is spelled here, where it can be seen.
HIDDEN = """
sources title = A \u202ereport
  sources.title, row report: found 'A \\u202ereport', expected plain text; mend data/curated/sources.csv
"""
WRONG = wrong_cells((Path(__file__).parent / "data" / "wrong_cells.txt").read_text(encoding="utf-8") + HIDDEN)


@pytest.mark.parametrize(("table", "column", "cell", "message"), WRONG)
def test_a_row_that_does_not_hold_is_named_with_what_was_expected_and_what_to_do(table, column, cell, message):
    assert any(message in line for line in faults(table, f"{column}={cell}"))


def test_a_key_or_a_name_that_stands_twice_is_refused_once():
    assert faults("observations", "", "") == [
        f"observations.area_code, indicator, period, row {CITY} agency_rate 2024: found '{CITY} agency_rate 2024', "
        "expected a key that stands once; look in ees/agency.csv, as published"
    ]
    [alike] = faults("budgets", "", "fact_id=A")
    assert "row a: found 'a', expected a key that differs from others in more than capitals" in alike
    named = faults("authorities", "", f"la_code_ons={COUNTY}, la_code_dfe=891")
    assert f"authorities.name, row {COUNTY}: found 'Nottingham', expected a value that stands once" in "".join(named)


def test_rows_that_refer_to_themselves_at_once_or_in_a_circle_are_refused():
    leads = {"a": "b", "b": "c", "c": "a", "d": "a", "e": "e"}

    found = faults("budgets", *(f"fact_id={row}, part_of_fact_id={there}" for row, there in leads.items()))

    assert [line.partition(";")[0] for line in found] == [
        f"budgets.part_of_fact_id, row {row}: found '{leads[row]}', expected a row that does not lead back here"
        for row in "abce"
    ]


def test_every_fault_is_told_of_many_five_and_the_rest_counted():
    lines = faults("population", *(f"year={year}" for year in range(1001, 1010)))

    assert len(lines) == 6 and lines[-1] == "population: and 4 more"
    assert [line.split(",")[0] for line in faults("spending", "status=?, line=?")] == [
        "spending.line",
        "spending.status",
    ]


# Load ----------------------------------------------------------------------------------------------------------------


def test_a_table_that_is_not_known_or_not_built_is_told_with_what_to_do(own_data):
    unknown = refusal(tables.load, "judgments")
    assert unknown.startswith("judgments: no such table (did you mean 'judgements'?); there are areas, ")
    assert refusal(tables.load, "spending") == (
        "spending.parquet: not found in data/tidy; run `make data`, or restore it from git"
    )


def test_a_damaged_table_is_refused_with_its_name(own_data):
    tables.store(frames())
    (own_data / "digests.json").unlink()  # which would tell before the table is opened
    for name in ("spending.parquet", "population.csv"):
        path = own_data / "tidy" / name
        path.write_bytes(path.read_bytes()[:-20] + b'\n"')

        words = rf"{name}: cannot be read \(.*\); run `make data`, or restore it"
        assert re.match(words, refusal(tables.load, path.stem))


def test_a_day_may_come_as_text_or_as_a_day_and_what_is_none_is_refused():
    days = "2024-04-04", date(2024, 4, 4), datetime(2024, 4, 4, 12), pd.Timestamp("2024-04-04")
    assert set(map(tables.read_day, days)) == {pd.Timestamp("2024-04-04")}

    for text in ("yesterday", "2024", "2024-04-31", "04/04/2024", "4 April 2024", "2024-04"):
        assert refusal(tables.load, "prices", text) == f"as_at: {text!r} is not a day; write it as 2024-04-04"


DAYS = st.dates(date(2008, 1, 1), date(2026, 12, 31))


@given(st.lists(DAYS, max_size=8), DAYS)
def test_what_was_published_by_the_day_is_known_and_nothing_later(published, day):
    frame = pd.DataFrame({"row": range(len(published)), "published": pd.to_datetime(pd.Series(published, dtype="str"))})

    for asked in (day, *published):
        known = set(tables.known_on(frame, asked)["row"])
        assert known == {row for row, each in enumerate(published) if each <= asked}
    assert tables.known_on(frame, "") is frame


@pytest.mark.parametrize("day", ["2024-04-04", "2022-08-01"])
def test_of_the_committed_tables_nothing_later_is_loaded_nor_referred_to(day, tidy):
    known = {name: tables.load(name, day) for name in tidy}
    for name, whole in tidy.items():
        assert len(known[name]) == (whole["published"] <= day).sum(), name
        for column, spec in CONTRACTS[name]["columns"].items():
            table, _, target = spec.get("refers", "").partition(".")
            if table and table != "sources":  # a source's own row is of its newest edition
                assert set(known[name][column].dropna()) <= set(known[table][target]), (name, column)


def test_what_an_expectation_came_to_and_the_end_of_an_authority_are_not_told_before_they_were_public(own_data):
    ended = {"authorities": rows("authorities", "existed_to=2023-03-31, published=2012-01-01")}
    tables.store(frames("forecasts", "published=2021-09-30") | ended)

    early, later = (tables.load("forecasts", day).iloc[0] for day in ("2022-08-01", "2022-09-05"))

    told = ["outcome_event_id", "outcome_date", "outcome_source_id", "outcome", "evidence"]
    assert early[told].isna().all() and early["expected_text"] == "early 2022"
    assert later[told].tolist() == ["nc_2022_ilacs", "2022-07-11", "report", "met", "p.1"]
    assert early["note"] == later["note"] == "early is January to March"
    assert pd.isna(tables.load("authorities", "2019-06-30")["existed_to"].iloc[0])
    assert tables.load("authorities", "2023-03-31")["existed_to"].tolist() == [pd.Timestamp("2023-03-31")]


# Store ---------------------------------------------------------------------------------------------------------------


def test_what_is_loaded_and_stored_again_in_any_order_has_the_bytes_of_the_repository(tmp_path, tidy):
    shuffled = {name: frame.sample(frac=1, random_state=1)[list(frame)[::-1]] for name, frame in tidy.items()}
    tables.store(shuffled, tmp_path)

    assert contents(tmp_path) | {"datapackage.json": b""} == contents(paths.TIDY) | {"datapackage.json": b""}


def refused(frame: pd.DataFrame, *_, **__) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (pd.DataFrame({"area_code": [CITY]}), "spending: columns do not conform"),
        (rows("spending", ""), "No space left"),
    ],
    ids=["does not conform", "cannot be written"],
)
def test_where_the_second_table_cannot_be_stored_the_first_is_as_it_was(second, words, own_data, monkeypatch):
    tables.store(frames())
    before = contents(own_data)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", refused)

    with pytest.raises((tables.TableError, OSError), match=words):
        tables.store({"population": rows("population", "children=1"), "spending": second})

    assert contents(own_data) == before


# The data package and the dictionary ----------------------------------------------------------------------------------


def test_the_data_package_in_the_repository_is_the_generated_one():
    text = (paths.TIDY / "datapackage.json").read_text(encoding="utf-8")

    assert text == dictionary.data_package(sources.read_curated("sources"))


PARQUET_TYPES = {
    "string": ("large_string", "string"),
    "date": ("timestamp[ms]",),
    "integer": ("int64",),
    "number": ("double",),
    "boolean": ("bool",),
}


def test_parquet_tables_have_the_columns_and_types_of_the_data_package():
    package = json.loads((paths.TIDY / "datapackage.json").read_text(encoding="utf-8"))
    parquet = [one for one in package["resources"] if one["format"] == "parquet"]

    assert {one["name"] for one in parquet} == {name for name in CONTRACTS if CONTRACTS[name]["format"] == "parquet"}
    for one in parquet:
        written = pyarrow.parquet.read_schema(paths.TIDY / one["path"])
        fields = {field["name"]: field["type"] for field in one["schema"]["fields"]}
        assert written.names == list(fields)
        assert all(str(written.field(name).type) in PARQUET_TYPES[kind] for name, kind in fields.items()), one["name"]


def test_the_dictionary_lists_every_table_and_column_with_grain_unit_and_words():
    text = dictionary.dictionary()
    sections = {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}

    assert list(sections)[: len(CONTRACTS)] == sorted(CONTRACTS)
    for name, contract in CONTRACTS.items():
        assert contract["grain"] in sections[name]
        for column, spec in contract["columns"].items():
            line = next(line for line in sections[name].splitlines() if line.startswith(f"| `{column}` |"))
            assert spec["about"] in line and spec.get("unit", "") in line and spec.get("refers", "") in line
            assert all(f"`{word}`" in line for word in tables.words(spec) or ())
    assert "| `amount_gbp` | number | pounds, cash | " in sections["spending"]


def test_every_unit_is_explained_once(tidy):
    text, units = dictionary.dictionary(), tidy["units"]

    assert [f"| {row.unit} | {row.about} |" for row in units.itertuples() if text.count(f"\n| {row.unit} |") != 1] == []
    assert set(tidy["indicators"]["unit"]) == set(units["unit"])


EXAMPLES = re.findall(r"```python\n(.*?)```", dictionary.dictionary(), re.DOTALL)


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.splitlines()[1].partition(" ")[0])
def test_an_example_of_the_dictionary_runs_and_prints_rows(code, capsys):
    exec(code, {})

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and not any("NaN" in line for line in lines)
