"""What the statistics lean on: areas, printed values, publication days, neighbours, population and prices."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from childrens_services.normalise import authorities, reference
from childrens_services.normalise.releases import Release
from childrens_services.sources import read_curated
from childrens_services.tables import conform
from hypothesis import given
from hypothesis import strategies as st

KNOWN = {code: code for code in ("E06000018", "E06000065")} | {"E10000023": "E06000065", "815": "E06000065"}
NOVEMBER = {"applies_to": "b1", "period_kind": "year_to_31_march", "month": "11", "day": "30", "years_after": "0"}
JUNE = {"month": "6", "day": "30", "years_after": "0"}
NEXT_MARCH = {"month": "3", "day": "1", "years_after": "1"}
CLOSENESS = ["Extremely close", "Very close ", *["Close"] * 6, "Not Close", "Not close"]


def release(file, layout="", edition=date(2025, 10, 31)):
    return Release("source", layout, edition, Path(file))


def days(series):
    return series.dt.strftime("%Y-%m-%d").tolist()


def test_codes_known_are_those_in_use_those_replaced_and_the_numbers_of_the_dfe():
    areas = pd.DataFrame({"area_code": ["E06000065", "E92000001"], "la_code_dfe": ["815", ""]})

    found = authorities.known_codes(areas, {"E10000023": "E06000065", "E10000099": "E06000099"})

    assert found == dict.fromkeys(("E06000065", "815", "E10000023"), "E06000065") | {"E92000001": "E92000001"}


def test_an_old_code_and_a_dfe_number_become_the_code_in_use():
    found = reference.locate(pd.Series(["E10000023", "815", "E06000018"], index=[2, 3, 4]), KNOWN, "b1.csv")

    assert found.tolist() == ["E06000065", "E06000065", "E06000018"]


@pytest.mark.parametrize("code", ["E06000099", "999"])
def test_an_unknown_area_is_refused_with_its_place(code):
    codes = pd.Series(["E06000018", code, code], index=[2, 17, 17])

    with pytest.raises(ValueError, match=rf"b1.csv, line 17: area '{code}' is not a known .*\(2 such rows\); add it"):
        reference.locate(codes, KNOWN, "b1.csv")


@pytest.mark.parametrize(
    ("printed", "value", "status"),
    [
        ("12.5", 12.5, "value"),
        ("-0.07", -0.07, "value"),
        ("9.3699999999999992", 9.37, "value"),
        ("-7.0000000000000007E-2", -0.07, "value"),
        ("10530792576", 10530792576.0, "value"),
        ("0", 0.0, "value"),
        ("c", None, "confidential"),
        ("z", None, "not_applicable"),
        ("x", None, "not_available"),
        ("u", None, "unreliable"),
        ("low", None, "rounds_to_zero"),
    ],
)
def test_printed_values(printed, value, status):
    found = reference.read_values(pd.Series([printed], name="cases"), "csww.csv").iloc[0]

    assert found["status"] == status
    assert found["value"] == value if value is not None else pd.isna(found["value"])


@pytest.mark.parametrize("printed", ["", "q", "nan", "inf", "1,234", "12%", "-", "£3", "k", "n/a"])
def test_any_other_text_is_refused_with_file_line_and_column(printed):
    texts = pd.Series(["1", printed], index=[2, 3], name="cases")

    with pytest.raises(ValueError, match=r"csww.csv, line 3, column cases: found .* expected a number or one of c, z"):
        reference.read_values(texts, "csww.csv")


@given(st.decimals(min_value=-(10**6), max_value=10**11, places=2))
def test_a_number_comes_back_as_printed(number):
    found = reference.read_values(pd.Series([f"{number:f}"], name="n"), "f.csv")["value"].iloc[0]

    assert f"{found:.2f}" == f"{float(number):.2f}"


@pytest.mark.parametrize(
    ("rule", "years", "public"),
    [(NOVEMBER, [2019, 2025], ["2019-11-30", "2025-10-31"]), (NEXT_MARCH, [2017], ["2018-03-01"])],
    ids=["not after the edition", "in the next year"],
)
def test_figures_are_public_by_the_day_of_the_rule(rule, years, public):
    assert days(reference.first_public(pd.Series(years), rule, date(2025, 10, 31))) == public


@given(
    st.lists(st.integers(2001, 2090), min_size=1),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 2),
    st.dates(min_value=date(2001, 1, 1), max_value=date(2095, 1, 1)),
)
def test_no_figure_is_later_than_its_edition_and_none_earlier_than_its_year(years, month, day, after, edition):
    rule = {"month": str(month), "day": str(day), "years_after": str(after)}

    found = reference.first_public(pd.Series(years), rule, edition)

    assert (found <= pd.Timestamp(edition)).all()
    assert all(one.year in (year + after, edition.year) for one, year in zip(found, years, strict=True))


def test_the_most_particular_rule_wins_and_a_missing_one_is_asked_for():
    rules = pd.DataFrame([NOVEMBER, {**NOVEMBER, "applies_to": "special", "month": "6"}])

    assert reference.find_rule(rules, "year_to_31_march", "special", "b1")["month"] == "6"
    assert reference.find_rule(rules, "year_to_31_march", "other", "b1")["month"] == "11"
    with pytest.raises(ValueError, match=r"publication_rules.csv: x or b1 has not exactly one rule for calendar_year"):
        reference.find_rule(rules, "calendar_year", "x", "b1")


NEAR = [str(number) for number in range(301, 311)]


def neighbours(model, near=NEAR):
    """The ten neighbours of 892 in a file of two lines; the models print the pairs one column apart."""
    first = {"2021": 5, "2025": 4}[model]
    pairs = [cell for pair in zip(near, CLOSENESS, strict=True) for cell in pair]
    cells = [["heading"] * (first + 20), ["892", *["x"] * (first - 1), *pairs], [""] * (first + 20)]
    known = {number: f"E{number}" for number in ("892", *NEAR)}
    return reference.neighbours(cells, known, release("sn.csv", model, date(int(model), 4, 30)))


def test_neighbours_of_both_models_are_read_alike():
    old, new = neighbours("2021"), neighbours("2025")

    assert old.drop(columns=["model", "published"]).equals(new.drop(columns=["model", "published"]))
    assert (old["model"].unique(), new["model"].unique()) == (["2021"], ["2025"])
    assert old["rank"].tolist() == list(range(1, 11)) and set(old["la_code_ons"]) == {"E892"}
    assert old["neighbour_la_code_ons"].tolist() == [f"E{number}" for number in NEAR]
    assert old["closeness"].unique().tolist() == ["extremely close", "very close", "close", "not close"]


@pytest.mark.parametrize("wrong", ["892", "302"], ids=["itself", "twice"])
def test_an_authority_is_not_its_own_neighbour_and_has_none_twice(wrong):
    with pytest.raises(ValueError, match=rf"sn.csv, line 2: {wrong} is itself or stands twice among the ten of 892"):
        neighbours("2025", [wrong, *NEAR[1:]])


def test_a_short_line_of_neighbours_is_refused():
    with pytest.raises(ValueError, match=r"sn.csv, line 2: too few cells for ten neighbours"):
        reference.neighbours([["heading"] * 25, ["892", "Nottingham"]], {}, release("sn.csv", "2021"))


def prices(series="cpi", **quarters):
    head = [
        ["Title", "Index"],
        ["CDID", reference.SERIES[series]],
        ["Release date", "30-06-2025"],
        ["Important notes", ""],
        ["2023", "99.0"],
    ]
    return reference.prices([*head, *([f"{k[1:5]} {k[5:]}", v] for k, v in quarters.items())], series, JUNE, "ons")


def test_a_financial_year_is_the_mean_of_its_four_quarters():
    found = prices(_2023Q2="100.0", _2023Q3="101.0", _2023Q4="102.0", _2024Q1="103.1", _2024Q2="110.0", _2024APR="50.0")

    assert found[["financial_year", "price_index"]].to_numpy().tolist() == [["2023-24", 101.525]]
    assert days(found["published"]) == ["2024-06-30"] and days(found["edition"]) == ["2025-06-30"]


def test_the_turn_of_the_century_is_written_as_the_publishers_do():
    found = prices(_1999Q2="70", _1999Q3="70", _1999Q4="70", _2000Q1="70")

    assert found["financial_year"].tolist() == ["1999-00"]


def test_prices_without_a_release_date_are_refused():
    with pytest.raises(ValueError, match=r"ons: release date \[\] not read, expected one such as 30-06-2025"):
        reference.prices([["Title", "Index"], ["CDID", "D7BT"], ["2023 Q2", "1"]], "cpi", JUNE, "ons")


def test_a_file_of_another_series_is_refused():
    with pytest.raises(
        ValueError, match=r"^ons: the file is of series YBGB, expected D7BT \(cpi\); get the file again, or"
    ):
        reference.prices([["CDID", "YBGB"], ["Release date", "30-06-2025"]], "cpi", JUNE, "ons")


@pytest.mark.parametrize(
    ("part", "text"), [("years_after", "-20"), ("month", "13"), ("day", "31st"), ("years_after", "9")]
)
def test_a_rule_that_gives_no_day_after_its_period_is_refused(part, text):
    rules = pd.DataFrame([{"applies_to": "cpi", "period_kind": "year", "month": "6", "day": "30", "years_after": "0"}])

    with pytest.raises(
        ValueError, match=r"publication_rules.csv, row cpi year: .*; expected a day of the year, and 0 to"
    ):
        reference.find_rule(rules.assign(**{part: text}), "year", "cpi")


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ("a,b\n1,2\n3\n", "x.csv, line 3: found 1 cells, expected 2 cells; get the file again"),
        ("a,b\na,b\n1,2\n", "x.csv, line 2: found the heading again, expected 2 cells; get the file again"),
        ("a,a\n1,2\n", "x.csv: found a heading twice (a); get the file again"),
        ("a,b\n", "x.csv: found no row below the heading; get the file again"),
        ('a,b\n1,"2', "x.csv: cannot be read as CSV (unexpected end of data); get the file again"),
    ],
)
def test_a_damaged_csv_is_refused_with_its_name(cells, found, tmp_path):
    (tmp_path / "x.csv").write_text(cells, encoding="utf-8")

    with pytest.raises(ValueError) as caught:
        reference.read_cells(tmp_path / "x.csv")

    assert str(caught.value) == found


def test_a_workbook_that_is_damaged_is_refused_with_its_name(tmp_path):
    (tmp_path / "x.ods").write_bytes(b"PK\x03\x04 and no more")

    with pytest.raises(ValueError, match=r"^x.ods: not a workbook that can be read \(.*\); get the file again"):
        reference.open_workbook(tmp_path / "x.ods")


def test_population_of_other_ages_is_refused():
    cells = pd.DataFrame({"age_group": ["Children aged 0 to 15 years"]}, index=[2])

    with pytest.raises(ValueError, match=r"pop.csv, column age_group: found Children aged 0 to 15 years; expected"):
        reference.population(cells, KNOWN, NOVEMBER, release("pop.csv"))


# On the real files ----------------------------------------------------------------------------------------------------


@pytest.mark.raw
def test_published_neighbours_of_our_two_authorities(raw, known):
    names = {"2021": "New_Statistical_Neighbour_Groupings_April_2021.csv", "2025": "sn_model_2025_wide.csv"}
    files = {model: raw / "neighbours" / name for model, name in names.items()}
    table = pd.concat(
        reference.neighbours(reference.read_rows(path), known, release(path, model, date(int(model), 4, 30)))
        for model, path in files.items()
    )

    city = table[(table["la_code_ons"] == "E06000018") & (table["rank"] == 1)]
    assert city[["model", "neighbour_la_code_ons", "closeness"]].to_numpy().tolist() == [
        ["2021", "E08000003", "very close"],  # Manchester
        ["2025", "E08000025", "very close"],  # Birmingham
    ]
    assert table.groupby("model")["la_code_ons"].nunique().to_dict() == {"2021": 156, "2025": 153}
    assert (table.groupby(["model", "la_code_ons"])["neighbour_la_code_ons"].nunique() == 10).all()


@pytest.mark.raw
def test_population_of_regions_and_england_is_that_of_their_authorities(raw, known):
    cells = reference.read_cells(raw / "ees/ons_mid-year_population_estimates_2012_to_2024.csv")
    rule = {"month": "12", "day": "31", "years_after": "1"}
    table = conform("population", reference.population(cells, known, rule, release("")))

    england = table[table["area_code"] == "E92000001"].set_index("year")["children"]
    is_own = table["area_code"].str.match("E(?:06|08|09|10)")
    parts = table[is_own].groupby("year")["children"].sum()
    regions = table[table["area_code"].str.startswith("E12")].groupby("year")["children"].sum()
    assert england[2024] == 12_183_016
    assert (regions - england).abs().max() == 0
    # Up to 2018 the file has no estimates for Bournemouth, Poole and Dorset, which were reorganised in 2019.
    missing = table[table["status"] != "value"]
    assert set(missing["area_code"]) == {"E06000028", "E06000029", "E10000009"} and missing["year"].max() == 2018
    assert (parts - england).loc[2019:].abs().max() == 0
    assert (england - parts).loc[:2018].between(130_000, 145_000).all()
    assert table["published"].max() <= pd.Timestamp("2025-10-31")


@pytest.mark.raw
def test_the_mean_deflator_of_2024_25(raw):
    rows = reference.read_rows(raw / "prices/ons_ybgb_gdp_deflator.csv")
    deflator = reference.prices(rows, "gdp_deflator", JUNE, "ons").set_index("financial_year")
    cpi = reference.prices(reference.read_rows(raw / "prices/ons_d7bt_cpi.csv"), "cpi", JUNE, "ons")

    assert deflator["price_index"]["2024-25"] == pytest.approx((110.1 + 112.1 + 113.2 + 114.1) / 4)
    assert deflator.index[-1] == "2024-25" and cpi["financial_year"].iloc[-1] == "2024-25"
    assert (deflator["published"] <= pd.Timestamp("2025-06-30")).all()


@pytest.mark.raw
def test_every_publication_rule_is_used_and_says_why(raw):
    rules = read_curated("publication_rules")
    dictionary = reference.read_cells(raw / "lait/lait_data_dictionary.csv")
    datasets = set(read_curated("indicators")["dataset"])
    known = datasets | {"population", "gdp_deflator", "cpi", *dictionary["Topic"], *dictionary["Measure_short"]}

    assert set(rules["applies_to"]) <= known
    assert not rules.duplicated(["applies_to", "period_kind"]).any()
    assert (rules["evidence"].str.len() > 10).all()
