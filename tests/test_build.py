"""The build: every table from published and curated files, the same bytes twice, and nothing at all from bad input."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from childrens_services import cli, dictionary, paths, sources, tables
from childrens_services.analysis import claims
from childrens_services.normalise import authorities, build, checks
from childrens_services.periods import financial_year
from click.testing import CliRunner
from wrong_cells import wrong_cells

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
POPULATION = "ons_mid-year_population_estimates_2012_to_2024.csv"
ODS = "LA_Inspection_Outcomes_as_at_31_March_2025.ods"


def curated(name: str) -> pd.DataFrame:
    """A curated file by its first column, with the remarks that the build leaves out."""
    return pd.read_csv(paths.CURATED / f"{name}.csv", dtype=str, keep_default_na=False, index_col=0)


def forget() -> None:
    for remembered in (sources.register, sources.raw_file):
        remembered.cache_clear()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# Bad input: a copy of our own, so that the project's files are never touched ------------------------------------------


class Copy:
    """Copies of the curated and tidy files, on which one thing is made wrong before `childrens-services data` runs."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, known: dict[str, pd.DataFrame]):
        self.folder, self.patch, self.known = folder, patch, known

    def skip(self, *steps: str) -> "Copy":
        """Take the committed tables (of the large ones some rows) in place of what these steps would read."""
        for step in steps:
            frames = {name: self.known[name].head(2000) for name in STEPS[step]}
            self.patch.setattr(build, step, lambda _, given=frames: given)
        for module, check in ((claims, "check_tests"), (checks, "check_all")):  # the rows that they need are left out
            self.patch.setattr(module, check, lambda tables: None)
        return self

    def only(self, step: str) -> "Copy":
        """Run but one of the steps that read published files."""
        return self.skip(*(one for one in STEPS if one != step))

    def rewrite(self, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> "Copy":
        path = self.folder / "data" / "curated" / f"{name}.csv"
        change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)
        return self

    def cell(self, name: str, key: str, column: str, text: str) -> "Copy":
        """Put another text into one cell of a curated file."""

        def change(rows: pd.DataFrame) -> pd.DataFrame:
            mine = rows.iloc[:, 0] == key
            assert mine.any() and not (rows.loc[mine, column] == text).all()
            return rows.assign(**{column: rows[column].mask(mine, text)})

        return self.rewrite(name, change)

    def raw_file(self, source_id: str) -> Path:
        return self.folder / "raw" / sources.read_curated("sources").set_index("source_id").at[source_id, "raw_file"]

    def new_edition(self, source_id: str, change: Callable[[bytes], bytes]) -> "Copy":
        """Register a file that somebody changed, as a new edition would be."""
        path = self.raw_file(source_id)
        path.write_bytes(change(path.read_bytes()))
        return self.cell("sources", source_id, "sha256", hashlib.sha256(path.read_bytes()).hexdigest())

    def refusal(self) -> str:
        """Run `childrens-services data`; give its error after seeing that it wrote nothing."""
        before = contents(self.folder)
        forget()
        result = CliRunner().invoke(cli.main, ["data"])

        assert (result.exit_code, type(result.exception)) == (1, SystemExit), result.output
        assert contents(self.folder) == before
        assert "up to date" not in result.output
        return result.output.partition("error: ")[2].strip()


@pytest.fixture
def copy(tmp_path, monkeypatch, tidy) -> Copy:
    shutil.copytree(paths.CURATED, tmp_path / "data" / "curated")
    shutil.copytree(paths.TIDY, tmp_path / "data" / "tidy")
    shutil.copy(paths.TIDY.parent / "DICTIONARY.md", tmp_path / "data")
    monkeypatch.setattr(paths, "CURATED", tmp_path / "data" / "curated")
    monkeypatch.setattr(paths, "TIDY", tmp_path / "data" / "tidy")
    forget()
    yield Copy(tmp_path, monkeypatch, tidy)
    forget()


@pytest.fixture
def full_copy(copy, raw, monkeypatch) -> Copy:
    """A copy that holds copies of the published files."""
    for family in (one for one in raw.iterdir() if one.is_dir() and one.name != "ofsted_reports"):
        shutil.copytree(family, copy.folder / "raw" / family.name)
    for path in (copy.folder / "raw").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    monkeypatch.setenv("RAW_DIR", str(copy.folder / "raw"))
    return copy


@pytest.fixture(scope="module")
def editions(raw, tidy) -> dict[str, list[pd.DataFrame]]:
    """The sheets of Ofsted's releases, read once for all tests of the curated events."""
    crosswalk = authorities.full_crosswalk(tidy["authorities"], sources.read_curated("authority_spellings"))
    return {each.source_id: build._edition_sheets(each, crosswalk) for each in build._releases("ofsted_outcomes")}


def test_a_copy_in_which_nothing_is_wrong_writes_every_table(copy):
    for path in (copy.folder / "data" / "tidy").iterdir():
        path.unlink()
    copy.skip(*STEPS)

    result = CliRunner().invoke(cli.main, ["data"])

    assert result.exit_code == 0 and result.output.endswith("data/tidy is up to date\n")
    written = {f"{name}.{contract['format']}" for name, contract in tables.contracts().items()}
    assert set(contents(copy.folder / "data" / "tidy")) == written | {"datapackage.json"}
    assert [path.name for path in (copy.folder / "data").iterdir() if path.name.startswith(".")] == []


CELLS = """
budgets bud_nc_001 amount_gbp = 36O000
  budgets.amount_gbp, row bud_nc_001: found '36O000', expected a number; mend the cell in data/curated/budgets.csv
budgets bud_nc_001 period = November 2022
  data/curated/budgets.csv, row bud_nc_001, column period: date 'November 2022' not read: expected 2022-
budgets bud_nc_001 period = 2023-03/2022-04
  data/curated/budgets.csv, row bud_nc_001, column period: date '2023-03/2022-04' not read: it ends (2022-04) before
  it starts (2023-03); mend the cell
findings f_nc_2014_sif_001 theme = early_helps
  findings.theme, row f_nc_2014_sif_001: found 'early_helps', expected one of themes.theme; mend
  data/curated/findings.csv
statements wf_nc_001 source_id = nottstv
  data/curated/statements.csv, row wf_nc_001: unknown source_id 'nottstv'; register it in sources.csv, or mend
sources ofsted_nc_2022 published_edtf = 5 September 2022
  data/curated/sources.csv, row ofsted_nc_2022, column published_edtf: date '5 September 2022' not read
"""


@pytest.mark.parametrize(("name", "key", "column", "text", "message"), wrong_cells(CELLS))
def test_a_wrong_cell_of_a_curated_file_stops_the_build(name, key, column, text, message, copy):
    copy.skip(*STEPS).cell(name, key, column, text)

    assert copy.refusal().startswith(message)


@pytest.mark.parametrize("name", ["budgets", "claims"])
def test_a_fact_that_stands_twice_stops_the_build(name, copy):
    copy.skip(*STEPS).rewrite(name, lambda rows: pd.concat([rows, rows.head(1)]))
    key = sources.read_curated(name).iloc[0, 0]
    column = tables.contracts()[name]["key"][0]

    assert copy.refusal() == (
        f"{name}.{column}, row {key}: found '{key}', expected a key that stands once; mend data/curated/{name}.csv"
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("budgets", "period", "year", "data/curated/budgets.csv, row 1: lacks column 'period', has fact_id, "),
        (
            "claims",
            "speaker_role",
            "speaker",
            "claims: columns do not conform: lacks ['speaker_role'], has unknown ['speaker']; expected those of "
            "contracts.toml: mend the heading of data/curated/claims.csv",
        ),
    ],
    ids=["that the build needs", "that the table has"],
)
def test_a_renamed_column_of_a_curated_file_stops_the_build(name, old, new, message, copy):
    copy.skip(*STEPS).rewrite(name, lambda rows: rows.rename(columns={old: new}))

    assert copy.refusal().startswith(message)


INSPECTIONS = """
judgements nc_2022_ilacs grade = requires improvment
  data/curated/judgements.csv, nc_2022_ilacs overall_effectiveness: grade 'requires improvment' is not on its scale;
  expected one of outstanding, good, requires_improvement, inadequate
events nc_2022_ilacs end = 2022-07-02
  data/curated/events.csv, row nc_2022_ilacs: start 2022-07-11, end 2022-07-02, but date_text '11 - 22 July 2022'
  says 2022-07-11/2022-07-22; mend the one that is wrong
"""


@pytest.mark.raw
@pytest.mark.parametrize(("name", "key", "column", "text", "message"), wrong_cells(INSPECTIONS))
def test_a_wrong_cell_about_inspections_stops_the_build(name, key, column, text, message, full_copy, editions):
    full_copy.only("_inspections").cell(name, key, column, text)
    full_copy.patch.setattr(build, "_edition_sheets", lambda release, crosswalk: editions[release.source_id])

    assert full_copy.refusal().startswith(message)


@pytest.mark.raw
def test_a_spelling_that_nobody_knows_stops_the_build(full_copy):
    full_copy.only("_inspections")
    full_copy.cell("authority_spellings", "Kingston Upon Hull", "spelling", "Hull, Kingston upon")

    assert re.fullmatch(
        r"LA_Inspection_Outcomes_as_at_\w+\.ods, sheet \w+, local authority name, row \d+: unknown authority 'Kingston "
        r"Upon Hull'.* \(did you mean .*Kingston.*\?\); mend the cell, or add the spelling to "
        r"data/curated/authority_spellings\.csv",
        full_copy.refusal(),
    )


@pytest.mark.raw
@pytest.mark.parametrize(
    ("source_id", "damage"),
    [
        *(("dfe_b1", "missing"), ("ofsted_ods_2025", "truncated"), ("mhclg_ro3_2425", "altered")),
        *(("dfe_lait", "truncated"), ("ons_cpi", "altered")),
    ],
)
def test_a_published_file_that_is_not_the_registered_one_stops_the_build(source_id, damage, full_copy):
    reader = {"dfe_b1": "_authorities", "ofsted_ods_2025": "_inspections", "ons_cpi": "_reference"}
    full_copy.only(reader.get(source_id, "_spending"))
    path = full_copy.raw_file(source_id)
    name, whole = str(path.relative_to(full_copy.folder / "raw")), path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[:-1000] if damage == "truncated" else whole[:-1000] + b"x" + whole[-999:])

    found = full_copy.refusal()

    if damage == "missing":
        assert re.fullmatch(rf"{name}: not found under RAW_DIR \(.*\); get “.*” from .* and put it there", found)
    else:
        assert found.startswith(f"{name}: not the registered file (SHA-256 ")
        assert found.endswith("; get it again, or register a new edition in data/curated/sources.csv")


def test_a_folder_of_reports_that_is_not_the_registered_one_stops_the_build(copy):
    path = copy.only("_reports").folder / "raw" / "ofsted_reports" / "leeds" / "new.pdf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF-1.7")
    copy.patch.setenv("RAW_DIR", str(copy.folder / "raw"))

    assert copy.refusal().startswith("ofsted_reports: not the registered folder: a file was put in, taken out or alter")


FIRST = b"2024,Reporting year,National,E92000001,England,,,,,,Children aged 0 to 17 years,12183016"


@pytest.mark.raw
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"population_estimate", b"people", f"{POPULATION}, row 1: lacks column 'population_estimate', has time"),
        (b"geographic_level", b"level", f"{POPULATION}, row 1: lacks column 'geographic_level', has time_period"),
        (
            FIRST,
            FIRST + b"\n" + FIRST,
            "population.area_code, year, row E92000001 2024: found 'E92000001 2024', expected a key that stands once; "
            f"look in ees/{POPULATION}, as published",
        ),
    ],
    ids=["column", "column of the place", "duplicate key"],
)
def test_a_new_edition_that_is_not_as_expected_stops_the_build(old, new, message, full_copy):
    full_copy.only("_reference")
    full_copy.new_edition("ons_population", lambda cells: cells.replace(old, new, 1))

    assert full_copy.refusal().startswith(message)


def in_sheets(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Change the text of an ODS file's sheets and leave its other parts as they are."""

    def apply(cells: bytes) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(BytesIO(cells)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                text = old.read(name)
                new.writestr(name, change(text.decode()).encode() if name == "content.xml" else text)
        return out.getvalue()

    return apply


@pytest.mark.raw
def test_a_new_release_of_ofsted_that_is_not_as_expected_stops_the_build(full_copy):
    full_copy.only("_inspections")
    full_copy.new_edition("ofsted_ods_2025", in_sheets(lambda text: text.replace(">Inadequate<", ">Inadequete<", 1)))

    assert re.fullmatch(
        rf"{ODS}, sheet \w+, row \d+, column [A-Z]: unknown grade 'Inadequete': expected one of adequate, .*; see "
        "whether the file is damaged or the publisher has a new word",
        full_copy.refusal(),
    )


# The whole build, once for all tests of it ----------------------------------------------------------------------------

AGAIN = """
import sys
from pathlib import Path
from childrens_services import tables
from childrens_services.normalise import build
tables.store(build.build_all(), Path(sys.argv[1]))
"""


class Built(NamedTuple):
    """The tables of one build, where they were stored, what was opened for them, and where a second one was stored."""

    frames: dict[str, pd.DataFrame]
    folder: Path
    opened: set[str]
    steps: list[str]
    again: Path


@pytest.fixture(scope="session")
def built(raw, tmp_path_factory) -> Built:
    """Build twice: here, and in another process whose hashes, and so the order of every set, are others."""
    folder, again = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    opened, steps, open_raw = set(), [], sources.raw_file
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "RAW_DIR": str(raw)}
    with (
        subprocess.Popen([sys.executable, "-c", AGAIN, str(again)], env=environment) as second,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(build, "raw_file", lambda source_id: opened.add(source_id) or open_raw(source_id))
        frames = build.build_all(steps.append)
        tables.store(frames, folder)
        assert second.wait(timeout=300) == 0
    return Built(frames, folder, opened, steps, again)


@pytest.mark.raw
def test_the_build_gives_every_table_and_tells_its_steps(built):
    assert set(built.frames) == set(tables.contracts())
    names = "cartogram, inspections, reports, compiled sheet, spending, indicators, curated facts, checks"
    assert built.steps == ["sources", "authorities", "prices, population, neighbours", *names.split(", ")]


@pytest.mark.raw
def test_the_build_opens_every_registered_file(built):
    assert built.opened == set(sources.register().query("raw_file != ''").index)


@pytest.mark.raw
@pytest.mark.parametrize("name", tables.contracts())
def test_the_committed_tables_are_what_the_published_files_give(name, built, tidy):
    pd.testing.assert_frame_equal(built.frames[name], tidy[name])
    if tables.contracts()[name]["format"] == "csv":
        assert (built.folder / f"{name}.csv").read_bytes() == (paths.TIDY / f"{name}.csv").read_bytes()


@pytest.mark.raw
def test_two_builds_give_the_same_bytes(built):
    assert contents(built.folder) == contents(built.again)
    assert len(contents(built.folder)) == len(tables.contracts())


def test_the_dictionary_and_the_package_are_written_with_the_tables(copy):
    for path in (copy.folder / "data" / "tidy" / "datapackage.json", copy.folder / "data" / "DICTIONARY.md"):
        path.write_text("old", encoding="utf-8")

    build.write_all({"themes": copy.known["themes"]})

    assert (copy.folder / "data" / "DICTIONARY.md").read_text(encoding="utf-8") == dictionary.dictionary()
    package = dictionary.data_package(sources.read_curated("sources"))
    assert (copy.folder / "data" / "tidy" / "datapackage.json").read_text(encoding="utf-8") == package


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


def test_an_amount_is_marked_only_when_the_year_after_it_was_public(tidy):
    amounts = tidy["spending"].query("collection == 'section_251'")
    key = ["area_code", "financial_year", "line", "measure"]
    year_after = tidy["implausible"]["financial_year"].map(lambda year: financial_year(int(year[:4]) + 2))
    following = tidy["implausible"].assign(financial_year=year_after)

    joined = following.merge(amounts, on=key, suffixes=("", "_next"), validate="1:1")

    assert len(joined) == len(tidy["implausible"])
    assert (joined["published"] == joined["published_next"]).all()
    assert (joined["after"] == joined["amount_gbp_next"]).all()


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


@pytest.mark.parametrize(
    ("table", "key", "quoted", "area", "indicator", "period"),
    [
        ("statements", "wf_nc_025", "17.2 per cent in September 2023", CITY, "agency_rate_fte", 2023),
        ("statements", "wf_nc_025", "15.5 in September 2024", CITY, "agency_rate_fte", 2024),
        ("statements", "wf_cc_040", "65.4 a year before", COUNTY, "agency_workers_fte", 2022),
        ("forecasts", "fc_cc_008", "993 in 2021", COUNTY, "children_looked_after", 2021),
        ("forecasts", "fc_cc_008", "901 in 2025", COUNTY, "children_looked_after", 2025),
        ("claims", "cl_nc_019", "15.3 in 2021", CITY, "caseload_fte", 2021),
        ("claims", "cl_nc_019", "(England 16.3)", tables.ENGLAND, "caseload_fte", 2021),
        ("claims", "cl_nc_042", "8.1 and England 13.4 per cent at September 2017", CITY, "turnover_rate_fte", 2017),
        ("claims", "cl_nc_042", "13.4 per cent at September 2017", tables.ENGLAND, "turnover_rate_fte", 2017),
        ("claims", "cl_nc_042", "15.0 against 15.1 at September 2018", CITY, "turnover_rate_fte", 2018),
    ],
)
def test_official_figures_quoted_in_notes_are_those_of_the_files(table, key, quoted, area, indicator, period, observed):
    row = curated(table).loc[key]

    assert quoted in " ".join(row[row.index.intersection(["note", "remark", "evidence", "compiled_check"])])
    assert observed.at[area, indicator, period] == float(re.search(r"\d+(\.\d+)?", quoted)[0])


def test_the_memorandum_item_quoted_in_a_note_is_that_of_the_workbook(tidy):
    note = curated("budgets").at["bud_nc_034", "remark"]
    rows = tidy["spending"].query("area_code == @CITY and line == 'agency_staff' and financial_year == '2022-23'")

    assert "revenue outturn 2022-23 gives 4.096m" in note
    assert (rows["measure"].tolist(), rows["amount_gbp"].tolist()) == (["running_expenses"], [4_096_000.0])


def test_a_rounded_amount_is_near_its_exact_one_and_parts_do_not_exceed_their_whole(tidy):
    facts = tidy["budgets"].set_index("fact_id")
    rounded = facts[facts["rounds_fact_id"].notna()]
    exact = facts.loc[rounded["rounds_fact_id"], "amount_gbp"].to_numpy()
    parts = facts.groupby("part_of_fact_id")["amount_gbp"].sum()

    assert len(rounded) == 9 and (rounded["amount_gbp"] / exact - 1).abs().max() < 0.025
    assert (rounded["la_code_ons"].to_numpy() == facts.loc[rounded["rounds_fact_id"], "la_code_ons"].to_numpy()).all()
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
