"""What the statistics lean on: areas, printed values, publication days, neighbours, population and prices."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from childrens_services.normalise import reference
from childrens_services.normalise.releases import Release
from childrens_services.sources import read_curated
from childrens_services.tables import conform
from hypothesis import given
from hypothesis import strategies as st
from small_frames import days, frame
from wrong_cells import refusal

KNOWN = {code: code for code in ("E06000018", "E06000065")} | {"E10000023": "E06000065", "815": "E06000065"}
NOVEMBER = {"applies_to": "b1", "period_kind": "year_to_31_march", "month": "11", "day": "30", "years_after": "0"}
JUNE = {"month": "6", "day": "30", "years_after": "0"}
NEXT_MARCH = {"month": "3", "day": "1", "years_after": "1"}
CLOSENESS = ["Extremely close", "Very close ", *["Close"] * 6, "Not Close", "Not close"]


def release(file, layout="", edition=date(2025, 10, 31)):
    return Release("source", layout, edition, Path(file))


def test_an_old_code_and_a_dfe_number_become_the_code_in_use():
    found = reference.locate(pd.Series(["E10000023", "815", "E06000018"], index=[2, 3, 4]), KNOWN, "b1.csv")

    assert found.tolist() == ["E06000065", "E06000065", "E06000018"]


@pytest.mark.parametrize("code", ["E06000099", "999"])
def test_an_unknown_area_is_refused_with_its_place(code):
    codes = pd.Series(["E06000018", code, "W06000001"], index=[2, 17, 18])

    with pytest.raises(ValueError, match=rf"b1.csv, line 17: area '{code}' is not a known .*\(2 such rows\); add it"):
        reference.locate(codes, KNOWN, "b1.csv")


PRINTED = """12.5 12.5 value; -0.07 -0.07 value; 9.3699999999999992 9.37 value; -7.0000000000000007E-2 -0.07 value
1.23456 1.2346 value; 10530792576 10530792576 value; 0 0 value; c - confidential; z - not_applicable
x - not_available; u - unreliable; low - rounds_to_zero"""


@pytest.mark.parametrize("case", PRINTED.replace("\n", "; ").split("; "))
def test_printed_values(case):
    printed, value, status = case.split()

    found = reference.read_values(pd.Series([printed], name="cases"), "csww.csv").iloc[0]

    assert found["status"] == status
    assert pd.isna(found["value"]) if value == "-" else found["value"] == float(value)


@pytest.mark.parametrize("printed", ["", "q", "nan", "inf", "1,234", "12%", "-", "£3", "k", "n/a"])
def test_any_other_text_is_refused_with_file_line_and_column(printed):
    texts = pd.Series(["1", printed], index=[2, 3], name="cases")

    with pytest.raises(ValueError, match=r"csww.csv, line 3, column cases: found .* expected a number or one of c, z"):
        reference.read_values(texts, "csww.csv")


@given(st.decimals(min_value=-(10**6), max_value=10**11, places=2))
def test_a_number_comes_back_as_printed(number):
    found = reference.read_values(pd.Series([f"{number:f}"], name="n"), "f.csv")["value"].iloc[0]

    assert f"{found:.2f}" == f"{float(number):.2f}"


OWN_DAYS = frame("applies_to period_kind period published", "b1 year_to_31_march 2020 2021-01-21").astype("str")


def test_figures_are_public_by_the_day_of_the_rule_not_after_the_edition_or_by_the_years_own_day():
    def public(rule, *years):
        return days(reference.first_public(pd.Series(years), rule, date(2025, 10, 31)))

    (rule,) = reference.with_days(pd.DataFrame([NOVEMBER]), OWN_DAYS).to_dict("records")
    assert public(NOVEMBER, 2019, 2020, 2025) == ["2019-11-30", "2020-11-30", "2025-10-31"]
    assert public(NEXT_MARCH, 2017) == ["2018-03-01"]
    assert public(rule, 2019, 2020) == ["2019-11-30", "2021-01-21"]

    wrong = pd.concat([OWN_DAYS, OWN_DAYS.assign(applies_to="b2")])
    words = r"^data/curated/publication_days.csv, row 3: b2 year_to_31_march has no rule in"
    with pytest.raises(ValueError, match=words):
        reference.with_days(pd.DataFrame([NOVEMBER]), wrong)
    words = "publication_rules.csv: b1 year_to_31_march: found day 30 of month 2, expected one that every year has"
    with pytest.raises(ValueError, match=words):
        reference.with_days(pd.DataFrame([NOVEMBER | {"month": "2"}]), OWN_DAYS)


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
    rules = pd.DataFrame([NOVEMBER, {**NOVEMBER, "applies_to": "special", "month": "6", "years_after": "2"}])

    assert reference.find_rule(rules, "year_to_31_march", "special", "b1")["month"] == "6"
    assert reference.find_rule(rules, "year_to_31_march", "other", "b1")["month"] == "11"
    with pytest.raises(ValueError, match=r"publication_rules.csv: x or b1 has no rule for calendar_year"):
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


def test_an_authority_is_not_its_own_neighbour_has_none_twice_and_ten_in_all():
    for wrong in ("892", "302"):
        with pytest.raises(
            ValueError, match=rf"sn.csv, line 2: {wrong} is itself or stands twice among the ten of 892"
        ):
            neighbours("2025", [wrong, *NEAR[1:]])
    with pytest.raises(ValueError, match=r"sn.csv, line 2: too few cells for ten neighbours"):
        reference.neighbours([["heading"] * 25, ["892", "Nottingham"]], {}, release("sn.csv", "2021"))


def prices(quarters, cdid="D7BT", day="30-06-2025"):
    """The consumer price index of quarters written as `2023Q2 100.0`."""
    head = [["Title", "Index", ""], ["CDID", cdid], ["Release date", day], [""], ["2023", "99.0"]]
    rows = [[f"{name[:4]} {name[4:]}", value] for name, value in (each.split() for each in quarters.split("; "))]
    return reference.prices([*head[: 5 if day else 2], *rows], "cpi", JUNE, "ons")


def test_a_financial_year_is_the_mean_of_its_four_quarters():
    found = conform("prices", prices("2023Q2 100; 2023Q3 101; 2023Q4 102; 2024Q1 103.1333; 2024Q2 110; 2024APR 50"))

    assert found[["financial_year", "price_index"]].to_numpy().tolist() == [["2023-24", 101.5333]]
    assert days(found["published"]) == ["2024-06-30"] and days(found["edition"]) == ["2025-06-30"]
    turn = prices("1999Q2 70; 1999Q3 70; 1999Q4 70; 2000Q1 70")
    assert turn["financial_year"].tolist() == ["1999-00"]  # as the publishers write it


def test_prices_without_a_release_date_or_of_another_series_are_refused():
    with pytest.raises(ValueError, match=r"ons: release date .* not read, expected one such as 30-06-2025"):
        prices("2023Q2 1", day="")
    with pytest.raises(
        ValueError, match=r"^ons: the file is of series YBGB, expected D7BT \(cpi\); get the file again,"
    ):
        prices("2023Q2 1", cdid="YBGB")


def test_a_csv_is_read_as_text_by_its_lines_and_a_damaged_file_is_refused_with_its_name(tmp_path):
    path, book = tmp_path / "x.csv", tmp_path / "x.ods"
    path.write_text("a,b\n1,c\n", encoding="utf-8")
    assert reference.read_cells(path).to_dict("index") == {2: {"a": "1", "b": "c"}}

    path.write_text("a,b\n1,2\n3\n", encoding="utf-8")
    assert refusal(reference.read_cells, path) == (
        "x.csv, row 3 ('3'): found 1 cells, expected 2; put a cell that holds a comma in quotes, or get the file again"
    )
    book.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ValueError, match=r"^x.ods: not a workbook that can be read \(.*\); get the file again"):
        reference.read_sheets(book)


PEOPLE = "time_period geographic_level country_code region_code new_la_code population_estimate"
PEOPLE = frame(PEOPLE, "2023 Local_authority - - E10000023 101; 2024 Local_authority - - 815 c").fillna("")
PEOPLE = PEOPLE.assign(geographic_level="Local authority", age_group="Children aged 0 to 17 years").set_axis([2, 3])


def test_population_is_of_whole_children():
    found = conform("population", reference.population(PEOPLE, KNOWN, NOVEMBER, release("pop.csv")))

    assert found[["area_code", "year", "status"]].to_numpy().tolist() == [
        ["E06000065", 2023, "value"],
        ["E06000065", 2024, "confidential"],
    ]
    assert found["children"].dropna().tolist() == [101]


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("age_group", "Children aged 0 to 15 years", "column age_group: found Children aged 0 to 15 years; expected"),
        ("population_estimate", "12.5", "line 2, column population_estimate: found 12.5, expected whole children; get"),
    ],
)
def test_population_of_other_ages_or_of_parts_of_children_is_refused(column, cell, message):
    with pytest.raises(ValueError, match=f"pop.csv, {message}"):
        reference.population(PEOPLE.assign(**{column: cell}), KNOWN, NOVEMBER, release("pop.csv"))


# The published figures: that the committed tables are what the files give is tested with the build --------------------


def test_published_neighbours_of_our_two_authorities(tidy):
    table = tidy["neighbours"]
    city = table[(table["la_code_ons"] == "E06000018") & (table["rank"] == 1)]

    assert city[["model", "neighbour_la_code_ons", "closeness"]].to_numpy().tolist() == [
        ["2021", "E08000003", "very close"],  # Manchester
        ["2025", "E08000025", "very close"],  # Birmingham
    ]
    assert table.groupby("model")["la_code_ons"].nunique().to_dict() == {"2021": 156, "2025": 153}
    assert (table.groupby(["model", "la_code_ons"])["neighbour_la_code_ons"].nunique() == 10).all()


def test_population_of_regions_and_england_is_that_of_their_authorities(tidy):
    table = tidy["population"]
    england = table[table["area_code"] == "E92000001"].set_index("year")["children"]
    parts = table[table["area_code"].str.match("E(?:06|08|09|10)")].groupby("year")["children"].sum()
    regions = table[table["area_code"].str.startswith("E12")].groupby("year")["children"].sum()

    assert england[2024] == 12_183_016
    assert (regions - england).abs().max() == 0
    # Up to 2018 the file has no estimates for Bournemouth, Poole and Dorset, which were reorganised in 2019.
    missing = table[table["status"] != "value"]
    assert set(missing["area_code"]) == {"E06000028", "E06000029", "E10000009"} and missing["year"].max() == 2018
    assert (parts - england).loc[2019:].abs().max() == 0
    assert (england - parts).loc[:2018].between(130_000, 145_000).all()


def test_the_mean_deflator_of_2024_25(tidy):
    deflator, cpi = (tidy["prices"].query("series == @name").set_index("financial_year") for name in reference.SERIES)

    assert deflator["price_index"]["2024-25"] == pytest.approx((110.1 + 112.1 + 113.2 + 114.1) / 4)
    assert deflator.index[-1] == cpi.index[-1] == "2024-25"


@pytest.mark.raw
def test_every_publication_rule_is_used_and_says_why(raw):
    rules = read_curated("publication_rules")
    dictionary = reference.read_cells(raw / "lait/lait_data_dictionary.csv")
    datasets = set(read_curated("indicators")["dataset"])
    known = datasets | {"population", "gdp_deflator", "cpi", *dictionary["Topic"], *dictionary["Measure_short"]}

    assert set(rules["applies_to"]) <= known
    assert not rules.duplicated(["applies_to", "period_kind"]).any()
    assert (rules["evidence"].str.len() > 10).all()
