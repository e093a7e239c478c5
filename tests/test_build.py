"""The build: every table from published and curated files, and nothing at all from bad input."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from childrens_services import cli, dictionary, paths, sources, tables
from childrens_services.analysis import claims
from childrens_services.normalise import build, checks
from childrens_services.normalise.releases import Release
from click.testing import CliRunner
from small_frames import cases, contents

CITY, COUNTY = "E06000018", "E10000024"
# The steps of the build that read published files, with the tables that each gives.
STEPS = {
    "_authorities": ("authorities", "areas", "spellings"),
    "_reference": ("population", "prices", "neighbours"),
    "_cartogram": ("cartogram",),
    "_inspections": ("events", "judgements", "conflicts", "event_sources"),
    "_reports": ("certificates",),
    "_compiled": (),
    "_spending": ("spending", "implausible"),
    "_indicators": ("indicators", "observations", "units"),
}
AUTHORITIES = build._authorities


def curated(name: str) -> pd.DataFrame:
    """A curated file by its first column, with the remarks that the build leaves out."""
    return pd.read_csv(paths.CURATED / f"{name}.csv", dtype=str, keep_default_na=False, index_col=0)


# The command, on a copy of our own so that no file of the project is touched ------------------------------------------


@pytest.fixture
def copy(own_data, monkeypatch, tidy) -> Path:
    """Copies of the curated and tidy files; in place of what published files would give, the committed tables."""
    for name in ("curated", "tidy"):
        shutil.copytree(paths.ROOT / "data" / name, own_data / name, dirs_exist_ok=True)
    (own_data / "DICTIONARY.md").write_text("old", encoding="utf-8")
    for step, names in STEPS.items():
        frames = {name: tidy[name].head(2000) for name in names}
        monkeypatch.setattr(build, step, lambda _, given=frames: given)
    for module, check in ((claims, "check_tests"), (checks, "check_all")):  # the rows that they need are left out
        monkeypatch.setattr(module, check, lambda tables: None)
    return own_data


def refusal(copy: Path) -> str:
    """Run `childrens-services data`; give its error after seeing that it wrote nothing."""
    before = contents(copy)
    result = CliRunner().invoke(cli.main, ["data"])

    assert (result.exit_code, type(result.exception)) == (1, SystemExit), result.output
    assert contents(copy) == before and "up to date" not in result.output
    return result.output.partition("error: ")[2].strip()


def test_where_nothing_is_wrong_every_table_is_written_with_its_package_and_the_dictionary(copy):
    for path in (copy / "tidy").iterdir():
        path.unlink()

    result = CliRunner().invoke(cli.main, ["data"])

    assert result.exit_code == 0 and result.output.endswith("data/tidy is up to date\n")
    written = {f"{name}.{contract['format']}" for name, contract in tables.contracts().items()}
    assert set(contents(copy / "tidy")) == written | {"datapackage.json"}
    assert [path.name for path in copy.iterdir() if path.name.startswith(".")] == []
    assert (copy / "DICTIONARY.md").read_text(encoding="utf-8") == dictionary.dictionary()
    package = dictionary.data_package(sources.read_curated("sources"))
    assert (copy / "tidy" / "datapackage.json").read_text(encoding="utf-8") == package


def test_a_wrong_cell_of_a_curated_file_stops_the_build(copy):
    rows = curated("budgets")
    rows.loc["bud_nc_001", "amount_gbp"] = "36O000"
    rows.to_csv(copy / "curated" / "budgets.csv")

    assert refusal(copy) == (
        "budgets.amount_gbp, row bud_nc_001: found '36O000', expected a number; mend the cell in "
        "data/curated/budgets.csv"
    )


def test_a_published_file_that_is_missing_stops_the_build(copy, monkeypatch):
    monkeypatch.setattr(build, "_authorities", AUTHORITIES)

    name = Path(curated("sources").at["dfe_b1", "raw_file"]).name
    assert refusal(copy).startswith(f"ees/{name}: not found under RAW_DIR (")


@pytest.mark.parametrize("column", ["geographic_level", "population_estimate"])
def test_a_new_edition_without_a_column_is_refused(column, tmp_path):
    release = Release("ons", "", None, tmp_path / "ons.csv")
    heading = ",".join(each for each in (*build._PLACE, "population_estimate") if each != column)
    release.path.write_text(f"{heading}\n2024,,,,\n", encoding="utf-8")

    with pytest.raises(
        ValueError, match=f"^ons.csv, row 1: lacks column '{column}', has time_period, .* mend the code$"
    ):
        build._read_cells(release, "population_estimate")


# The whole build, once for all tests of it ----------------------------------------------------------------------------


@pytest.mark.raw
def test_the_build_reads_every_registered_file_and_gives_the_committed_tables(raw, tidy, monkeypatch):
    opened, steps, open_raw = set(), [], sources.raw_file
    monkeypatch.setattr(build, "raw_file", lambda source_id: opened.add(source_id) or open_raw(source_id))

    frames = build.build_all(steps.append)

    assert set(frames) == set(tables.contracts())
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, tidy[name], obj=name)
    assert opened == set(sources.register().query("raw_file != ''").index)
    names = "cartogram, inspections, reports, compiled sheet, spending, indicators, curated facts, checks"
    assert steps == ["sources", "authorities", "prices, population, neighbours", *names.split(", ")]


# Days that the build gives --------------------------------------------------------------------------------------------


def test_figures_of_an_authority_are_not_known_before_its_first_day(tidy):
    first = tidy["areas"].set_index("area_code")["published"]

    for name in ("population", "spending", "observations", "implausible"):
        assert (tidy[name]["published"] >= tidy[name]["area_code"].map(first)).all(), name


def test_a_theme_is_known_from_the_first_finding_that_it_codes(tidy):
    first = tidy["findings"].groupby("theme")["published"].min()

    assert tidy["themes"].set_index("theme")["published"].to_dict() == first.to_dict()


def test_a_source_that_tests_a_claim_is_not_known_before_the_claim(tidy):
    pairs = tidy["claim_sources"].merge(tidy["claims"], on="claim_id", suffixes=("", "_claim"), validate="m:1")

    days = tidy["sources"].set_index("source_id")["published"]
    assert len(pairs) == len(tidy["claim_sources"]) > 0
    assert (pairs["published"] == pairs[["published_claim"]].assign(own=pairs["source_id"].map(days)).max(axis=1)).all()


# Two routes to one fact: what was compiled by hand against what the published files give ------------------------------


@pytest.fixture(scope="module")
def observed(tidy) -> pd.Series:
    """The published values by area, indicator and year."""
    return tidy["observations"].query("status == 'value'").set_index(["area_code", "indicator", "period"])["value"]


def test_official_workforce_figures_compiled_by_hand_are_those_of_the_file(tidy, observed):
    by_column = sources.read_curated("indicators").query("dataset == 'csww_indicators' and where == ''")
    indicator = by_column.set_index("column")["indicator"]
    mine = tidy["statements"].query("source_id == 'dfe_csww'")
    parts = mine["locator"].str.extract(r"la_name (?P<place>\w+), time_period (?P<year>\d{4}), column (?P<column>\w+)")
    places = {"Nottingham": CITY, "Nottinghamshire": COUNTY}

    cells = parts.itertuples(index=False)
    found = [observed.at[places[place], indicator[column], int(year)] for place, year, column in cells]

    assert len(mine) == 126 and parts.groupby("place").size().to_dict() == {"Nottingham": 63, "Nottinghamshire": 63}
    assert found == mine["value"].tolist()
    assert (parts["place"].map(places) == mine["la_code_ons"]).all() and (parts["year"] == mine["as_of"].str[:4]).all()


def test_official_spending_compiled_by_hand_is_that_of_the_workbooks(tidy):
    mine = tidy["budgets"][tidy["budgets"]["source_id"].str.startswith("mhclg_ro3_")]
    lines = {"children's social care": "total", "children looked after": "children_looked_after"}
    key = ["area_code", "financial_year", "line", "source_id"]
    stated = mine.assign(
        area_code=mine["la_code_ons"],
        line=mine["service"].map(lines),
        financial_year=mine["period"].str.replace(r"(\d{4})-04/\d\d(\d\d)-03", r"\1-\2", regex=True),
    )
    outturn = tidy["spending"].query("measure == 'net_current_expenditure'")

    both = stated.merge(outturn, on=key, suffixes=("", "_outturn"), validate="1:1")

    assert len(mine) == len(both) == 12
    assert both["amount_gbp"].tolist() == both["amount_gbp_outturn"].tolist()


QUOTED = f"""
statements | wf_nc_025 | 17.2 per cent in September 2023                 | {CITY} agency_rate_fte 2023
statements | wf_nc_025 | 15.5 in September 2024                          | {CITY} agency_rate_fte 2024
statements | wf_cc_040 | 65.4 a year before                              | {COUNTY} agency_workers_fte 2022
forecasts  | fc_cc_008 | 993 in 2021                                     | {COUNTY} children_looked_after 2021
forecasts  | fc_cc_008 | 901 in 2025                                     | {COUNTY} children_looked_after 2025
claims     | cl_nc_019 | 15.3 in 2021                                    | {CITY} caseload_fte 2021
claims     | cl_nc_019 | (England 16.3)                                  | {tables.ENGLAND} caseload_fte 2021
claims     | cl_nc_042 | 8.1 and England 13.4 per cent at September 2017 | {CITY} turnover_rate_fte 2017
claims     | cl_nc_042 | 13.4 per cent at September 2017                 | {tables.ENGLAND} turnover_rate_fte 2017
claims     | cl_nc_042 | 15.0 against 15.1 at September 2018             | {CITY} turnover_rate_fte 2018
budgets    | bud_nc_034 | revenue outturn 2022-23 gives 4.096m           | {CITY} agency_staff 2022-23
"""


@pytest.mark.parametrize(("table", "key", "quoted", "of"), cases(QUOTED))
def test_official_figures_quoted_in_notes_are_those_of_the_files(table, key, quoted, of, observed, tidy):
    row, (area, name, period) = curated(table).loc[key], of.split()
    assert quoted in " ".join(row[row.index.intersection(["note", "remark", "evidence", "compiled_check"])])

    if table == "budgets":
        outturn = tidy["spending"].query("area_code == @area and line == @name and financial_year == @period")
        assert outturn["amount_gbp"].tolist() == [4_096_000]
    else:
        assert observed.at[area, name, int(period)] == float(re.search(r"\d+(\.\d+)?", quoted)[0])


def test_parts_do_not_exceed_their_whole(tidy):
    facts = tidy["budgets"].set_index("fact_id")
    parts = facts.groupby("part_of_fact_id")["amount_gbp"].sum()

    assert len(parts) == 5  # the parts are rounded to thousands, their whole is not
    assert (parts <= facts.loc[parts.index, "amount_gbp"] + 500).all()


def test_the_days_that_notes_count_are_those_between_window_and_event(tidy):
    begins = tidy["events"].set_index("event_id")["start_latest"]
    forecasts = curated("forecasts")
    counted = forecasts[forecasts["remark"].str.contains("days after the window")]

    days = (counted["outcome_event_id"].map(begins) - pd.to_datetime(counted["window_end"])).dt.days

    assert days.to_dict() == {"fc_nc_001": 102, "fc_cc_001": 141}
    assert counted["remark"].str.extract(r"happened (\d+) days after")[0].astype(int).tolist() == days.tolist()


def test_an_expected_inspection_has_the_window_of_its_forecast(tidy):
    expected = tidy["events"].query("kind == 'expected_inspection'")
    windows = set(tidy["forecasts"][["la_code_ons", "window_start", "window_end"]].itertuples(index=False, name=None))

    assert len(expected) == 4
    for row in expected.itertuples():
        assert (row.la_code_ons, row.start_earliest, row.start_latest) in windows, row.event_id
