"""Revenue outturn and section 251: reading the sheets, the rule for implausible years, and published totals."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from childrens_services.normalise import indicators, reference, spending
from childrens_services.normalise.releases import Release
from childrens_services.sources import read_curated
from childrens_services.tables import SPENDING_LINES, conform
from hypothesis import given, settings
from hypothesis import strategies as st

CITY, ENGLAND = "E06000018", "E92000001"
KNOWN = {CITY: CITY, "E10000023": "E06000065", ENGLAND: ENGLAND}
HEADING = "Children's social care - Youth Justice"
STEMS = [("RO3-cscyth", "youth_justice", HEADING), ("RO3-cscsvmem", "agency_staff", f"{HEADING} - agency item")]
LAYOUT = pd.DataFrame(STEMS, columns=["code_stem", "line", "heading"])
RELEASE = Release("mhclg_ro3_2425", "headings_in_two_rows", date(2025, 12, 4), Path("ro3.ods"))


def sheet(*bodies):
    """An RO3 sheet with one line of seven measures and the memorandum item, headings in two rows."""
    blank = [""] * 7
    title = ["Worksheet 2: Revenue Outturn (RO) 2024-25", *[""] * 14]
    codes = [*blank, *[f"RO3-cscyth-{end}" for end in spending.MEASURES], "RO3-cscsvmem-run-exp"]
    upper = [*blank, HEADING + " [note 3]", *[""] * 7]
    words = [f"{words.title()}{n}" for n, (_, words) in enumerate(spending.MEASURES.values())]
    lower = ["E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed", "Certified", *words, "Agency item"]
    below = [body("E92000001", "ENGLAND", "[Y]"), lower, body("E06", "Unitary", 9.0)]
    return [title, codes, upper, lower, *bodies, *below]


def body(code, name, certified="Y", amounts=(1.0, 2.0, 3.0, 0.5, 0.5, 1.0, 2.0, 4.0)):
    return ["E1", code, name, "", "UA", "UA", certified, *amounts]


def read(cells):
    found = spending.revenue_outturn(cells, LAYOUT, KNOWN, RELEASE)
    return found.set_index(["area_code", "line", "measure"])


def outturn(**city):
    """The rows of Nottingham from a sheet with no other authority."""
    return read(sheet(body(CITY, "Nottingham City UA", **city))).loc[CITY]


def test_thousands_become_pounds_of_every_measure():
    found = outturn(certified="N", amounts=(214654.93, 2.0, 3.0, 0.5, 0.5, 1.0, 0.0, 4.125))

    assert found["amount_gbp"].tolist() == [214654930, 2000, 3000, 500, 500, 1000, 0, 4125]
    assert found.loc["youth_justice"].index.tolist() == [measure for measure, _ in spending.MEASURES.values()]
    assert found.index[-1] == ("agency_staff", "running_expenses")
    assert not found["is_certified"].any() and set(found["status"]) == {"value"}
    assert set(found["published"]) == {pd.Timestamp("2025-12-04")}


@settings(deadline=None)  # the first example imports; no test here times a clock
@given(st.decimals(min_value=-(10**6), max_value=10**8, places=2))
def test_pounds_are_exact(thousands):
    amounts = outturn(amounts=(float(thousands), *[0.0] * 7))["amount_gbp"]

    assert amounts["youth_justice", "employees"] == float(Decimal(thousands) * 1000)


@pytest.mark.parametrize(
    ("marker", "status"),
    [
        ("[x]", "not_received"),
        ("[n]", "no_estimate"),
        ("[z]", "not_collected"),
        ("[Y]", "not_relevant"),
        ("[note 4]", "not_available"),
    ],
)
def test_a_marker_is_a_status_and_no_amount(marker, status):
    found = outturn(certified="[x]", amounts=[marker] * 8)

    assert set(found["status"]) == {status} and found["amount_gbp"].isna().all() and found["is_certified"].isna().all()


def test_old_codes_are_brought_up_to_date_and_england_is_kept():
    found = read(sheet(body("E10000023", "North Yorkshire")))

    assert set(found.index.get_level_values("area_code")) == {"E06000065", ENGLAND}


def test_districts_and_the_greater_london_authority_are_left_out_and_counted(caplog):
    # The Greater London Authority carries the code of the London region, and it does print children's spending.
    bodies = [body(CITY, "Nottingham"), body("E07000223", "Adur"), body("E12000007", "Greater London Authority")]

    with caplog.at_level("INFO"):
        found = read(sheet(*bodies))

    assert set(found.index.get_level_values("area_code")) == {CITY, ENGLAND}
    assert "ro3.ods: left out 2 bodies without children's services duties" in caplog.messages


@pytest.mark.parametrize("cell", ["", "x", "[q]", "1,000", "n/a"])
def test_a_cell_that_is_neither_amount_nor_marker_is_refused_with_row_and_column(cell):
    with pytest.raises(ValueError, match=r"ro3.ods, row 5, column RO3-cscyth-run-exp: found .* expected an amount"):
        outturn(amounts=(1.0, cell, *[0.0] * 6))


@pytest.mark.parametrize(
    ("mine", "message"),
    [
        (("E06000099", "Newtown"), "ro3.ods, line 5: area 'E06000099' is not a known authority"),
        (("W06000001", "Somewhere"), "ro3.ods, row 5: 'Somewhere' has code 'W06000001', which is neither"),
        ((CITY, "Nottingham", "UA"), "ro3.ods, row 5: certified is 'UA', expected one of Y, N, [x], [Y]"),
    ],
    ids=["unknown authority", "unknown kind of body", "certification moved"],
)
def test_a_body_that_is_not_as_expected_is_refused_with_its_row(mine, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read(sheet(body(*mine)))


def test_a_missing_heading_is_refused():
    cells = [row if row[1] != "ONS Code" else ["", "Code", *row[2:]] for row in sheet(body(CITY, "Nottingham"))]

    with pytest.raises(ValueError, match=r"ro3.ods, column 2: no heading 'ONS Code' in its place; has it moved"):
        read(cells)


MOVED = 'reads "children\'s social care - youth justice - running expenses (c2)"'


@pytest.mark.parametrize(
    ("row", "columns", "texts", "message"),
    [
        (
            0,
            [7, 8],
            ["RO3-cscyth-run-exp", "RO3-cscyth-empl"],
            "column 9 (RO3-cscyth-empl): the heading " + MOVED,
        ),
        (1, [7], ["RO3-other-empl"], "row 2: code RO3-cscyth-empl not found; see ro3_layout.csv"),
    ],
    ids=["columns moved", "code missing"],
)
def test_a_sheet_of_another_layout_is_refused(row, columns, texts, message):
    cells = sheet(body(CITY, "Nottingham"))
    for column, text in zip(columns, texts, strict=True):
        cells[row][column] = text

    with pytest.raises(ValueError, match=re.escape(f"ro3.ods, {message}")):
        read(cells)


def series(*amounts, line="safeguarding", measure="gross_expenditure", first=2020):
    years = [f"{first + n}-{(first + n + 1) % 100:02d}" for n in range(len(amounts))]
    frame = pd.DataFrame({"financial_year": years, "amount_gbp": amounts, "line": line, "measure": measure})
    published = pd.to_datetime([f"{first + n + 1}-12-31" for n in range(len(amounts))])
    return frame.assign(area_code=CITY, collection="section_251", status="value", published=published)


def reasons(*frames):
    found = spending.implausible(pd.concat(frames, ignore_index=True))
    return found[["line", "financial_year", "reason"]].to_numpy().tolist()


BELOW, ABOVE = (f"{words} the mean of the years beside it, which agree" for words in ("below half", "above double"))


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ((29.1, 5.6, 30.3), BELOW),
        ((10.0, 4.9, 10.0), BELOW),
        ((10.0, 21.0, 10.0), ABOVE),
        ((10.0, 0.0, 3.0), "zero between two years that are not"),
    ],
)
def test_an_implausible_year_is_found_with_its_reason(amounts, reason):
    assert reasons(series(*amounts)) == [["safeguarding", "2021-22", reason]]


@pytest.mark.parametrize(
    "amounts",
    [
        (10.0, 5.0, 10.0),  # half is not below half
        (10.0, 20.0, 10.0),
        (10.0, 4.0, 12.5),  # the years beside it do not agree
        (10.0, 4.0, None),  # not published after
        (4.0, 10.0),  # the last year cannot be tested
        (0.0, 0.0, 5.0),
        (10.0, 0.0, None),
        (6.8, 22.7, 6.9, 23.7, 8.4),  # to and fro: volatile
    ],
)
def test_a_plausible_year_is_left_alone(amounts):
    assert reasons(series(*amounts)) == []


def test_a_mark_is_known_only_when_the_year_after_is_published():
    found = spending.implausible(series(29.1, 5.6, 30.3))

    assert found[["before", "after"]].to_numpy().tolist() == [[29.1, 30.3]]
    assert found["published"].tolist() == [pd.Timestamp("2023-12-31")]


def test_a_gap_in_the_years_is_not_bridged_and_revenue_outturn_is_not_judged():
    assert spending.implausible(series(10.0, 1.0, 1.0, 10.0).drop(index=2)).empty
    assert spending.implausible(series(10.0, 1.0, 10.0).assign(collection="revenue_outturn")).empty


def test_a_total_that_an_implausible_line_carries_off_is_found_too():
    found = reasons(series(29.0, 5.0, 31.0), series(108.0, 90.0, 112.0, line="total"))

    assert found[1] == ["total", "2021-22", "includes an implausible line"]


def test_a_total_stands_when_the_money_is_on_another_line_or_is_little():
    assert len(reasons(series(29.0, 5.0, 31.0), series(108.0, 111.0, 112.0, line="total"))) == 1
    assert len(reasons(series(2.0, 0.0, 2.0), series(108.0, 106.0, 112.0, line="total"))) == 1


def test_a_key_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match=r"an area, line, measure and year, or the index, stands twice"):
        spending.implausible(pd.concat([series(1.0, 2.0), series(1.0, 2.0)], ignore_index=True))


def test_section_251_lines_get_our_names_and_years():
    rows = pd.DataFrame(
        {"period": [2025, 2000], "value": [30298633.0, None], "status": ["value", "not_available"]}
    ).assign(measure="Finance", topic="", area_code=CITY, published=pd.Timestamp("2025-12-31"), source_id="dfe_lait")
    lines = pd.DataFrame({"locator": ["Finance"], "line": "safeguarding", "measure": "gross_expenditure"})

    found = conform("spending", spending.section_251(rows, lines))

    assert found["financial_year"].tolist() == ["1999-00", "2024-25"]
    assert found["status"].tolist() == ["not_available", "value"]
    assert found["amount_gbp"].tolist()[1] == 30298633
    with pytest.raises(ValueError, match=r"section_251_lines.csv: Other not found in the data"):
        spending.section_251(rows, lines.assign(locator="Other"))


def test_curated_lines_are_lines_of_the_vocabulary():
    lines = {*read_curated("ro3_layout")["line"], *read_curated("section_251_lines")["line"]}

    assert lines == set(SPENDING_LINES)
    assert read_curated("ro3_layout")["line"].is_unique


# --- the published files -------------------------------------------------------------------------------------------

EDITIONS = {
    "2022-23": ("RO3_2022-23_data_by_LA.ods", date(2023, 12, 14)),
    "2023-24": ("RO3_2023-24_data_by_LA.ods", date(2024, 8, 29)),
    "2024-25": ("RO3_LA_Data_2024-25_data_by_LA.ods", date(2025, 12, 4)),
}
NET = "net_current_expenditure"
LAIT = Release("dfe_lait", "", date(2026, 4, 30), Path("bds_long_0.parquet"))
# The first two editions print whole thousands, the third pence: each of the up to nine parts may be off by half of one.
ROUNDING = {"2022-23": 4500, "2023-24": 4500, "2024-25": 0.045}


@pytest.fixture(scope="module")
def sheets(raw):
    return {year: spending.read_outturn(raw / "revenue_outturn" / file) for year, (file, _) in EDITIONS.items()}


@pytest.fixture(scope="module")
def ro3(sheets, known):
    found = []
    for year, cells in sheets.items():
        layout = "headings_in_one_row" if year == "2024-25" else "headings_in_two_rows"
        release = Release(f"mhclg_ro3_{year}", layout, EDITIONS[year][1], Path(EDITIONS[year][0]))
        found.append(spending.revenue_outturn(cells, read_curated("ro3_layout"), known, release))
    return conform("spending", pd.concat(found, ignore_index=True))


@pytest.fixture(scope="module")
def section_251(raw, known):
    values = indicators.read_lait(raw / "lait/bds_long_0.parquet")
    words, rules = reference.read_cells(raw / "lait/lait_data_dictionary.csv"), read_curated("publication_rules")
    rows = indicators.lait_rows(values, words, [indicators.LAIT_FINANCE], known, rules, LAIT)
    return conform("spending", spending.section_251(rows, read_curated("section_251_lines")))


def by_measure(ro3, year, *lines):
    """Amounts of one edition, a column a measure; the memorandum item has only one and is left out."""
    rows = ro3[(ro3["financial_year"] == year) & (ro3["line"] != "agency_staff")]
    rows = rows[rows["line"].isin(lines)] if lines else rows
    return rows.pivot(index=["area_code", "line"], columns="measure", values="amount_gbp")


@pytest.mark.raw
def test_published_net_current_expenditure_of_our_two_authorities(ro3):
    rows = ro3[(ro3["line"] == "total") & (ro3["measure"] == NET)].set_index(["area_code", "financial_year"])

    assert rows.loc["E06000018", "amount_gbp"].tolist() == [96_540_000, 127_236_000, 130_930_000]
    assert rows.loc["E10000024", "amount_gbp"].tolist() == [174_427_000, 194_656_000, 214_654_930]
    assert rows.loc["E06000018", "is_certified"].tolist() == [True, False, True]
    assert rows.loc["E10000024", "is_certified"].tolist() == [False, False, True]


@pytest.mark.raw
@pytest.mark.parametrize("year", EDITIONS)
def test_income_and_expenditure_add_up_for_every_authority_and_line(ro3, year):
    found = by_measure(ro3, year)
    sums = pd.DataFrame(
        {
            "c3": found["employees"] + found["running_expenses"] - found["total_expenditure"],
            "c6": found["sales_fees_charges"] + found["other_income"] - found["total_income"],
            "c7": found["total_expenditure"] - found["total_income"] - found[NET],
        }
    ).dropna()

    assert len(sums) > 1_800
    assert sums.abs().max().max() <= ROUNDING[year]


@pytest.mark.raw
@pytest.mark.parametrize("year", EDITIONS)
def test_lines_make_up_the_total_for_every_authority(ro3, year):
    top = [*spending.PARTS_OF_TOTAL, "asylum_seekers"]
    found = by_measure(ro3, year, "total", *top)
    parts = found.drop(index="total", level="line").groupby("area_code").sum(min_count=8)
    gap = parts - found.xs("total", level="line")

    assert len(gap.dropna()) >= 140
    assert gap.abs().max().max() <= ROUNDING[year]


@pytest.mark.raw
def test_parts_make_up_looked_after_children_but_for_returns_that_do_not_add(ro3, tidy):
    parts = ["residential_care", "fostering", "looked_after_asylum_seeking", "looked_after_other"]
    names = tidy["areas"].set_index("area_code")["name"]
    odd = {}
    for year in EDITIONS:
        found = by_measure(ro3, year, "children_looked_after", *parts)
        whole = found.xs("children_looked_after", level="line")
        gap = found.drop(index="children_looked_after", level="line").groupby("area_code").sum(min_count=4) - whole
        wrong = (gap.abs() > ROUNDING[year]).any(axis="columns") & (gap.index != "E92000001")
        odd[year] = sorted(names[gap.index[wrong]])

    assert odd == {
        "2022-23": [
            "Harrow",
            "Kingston upon Thames",
            "North Yorkshire",
            "Richmond upon Thames",
            "Sandwell",
            "Wakefield",
        ],
        "2023-24": ["Richmond upon Thames"],  # its total has no parts, as the publisher notes
        "2024-25": [],
    }


@pytest.mark.raw
@pytest.mark.parametrize("year", EDITIONS)
def test_england_is_the_authorities_and_other_bodies_and_an_estimate_for_late_returns(sheets, ro3, year):
    """England = returns + estimate. A class of authority with every return in has no estimate and must add up."""
    bodies = spending.find_bodies(sheets[year], EDITIONS[year][0])
    total = "RO3-csctot-net-cur-exp"
    column = next(row.index(total) for row in sheets[year] if total in row)
    printed = [sheets[year][row - 1][column] for row in bodies.index]
    bodies = bodies.assign(net=pd.to_numeric(pd.Series(printed, index=bodies.index), errors="coerce"))
    classes = bodies[bodies["kind"] == "class"].set_index("code")["net"]
    england = bodies.loc[bodies["kind"] == "england", "net"].iloc[0]
    own = bodies[bodies["kind"].isin(["authority", "other"])]
    own = own.assign(code=own["code"].where(own["code"] == "E12000007", own["code"].str[:3]))
    late = own[own["net"].isna() & own["code"].str.match("E(?:06|08|09|10)")]
    complete = sorted(set(own["code"]) & set(classes.index) - set(own.loc[own["net"].isna(), "code"]))

    assert classes.sum() == pytest.approx(england)
    assert len(late) == {"2022-23": 4, "2023-24": 11, "2024-25": 3}[year]
    assert {"2022-23": {"E09", "E10"}, "2023-24": {"E10"}, "2024-25": {"E09", "E10"}}[year] <= set(complete)
    for code in complete:
        members = own.loc[own["code"] == code, "net"]
        assert members.sum() == pytest.approx(classes[code], abs=0.5 * len(members))  # each is rounded to a thousand
    assert 0.02 < (england - own["net"].sum()) / england < 0.09
    kept = ro3[(ro3["financial_year"] == year) & (ro3["line"] == "total") & (ro3["measure"] == NET)]
    assert kept["status"].value_counts()["not_received"] == len(late)
    assert kept.set_index("area_code")["amount_gbp"]["E92000001"] == pytest.approx(england * 1000, abs=0.01)


@pytest.mark.raw
def test_markers_of_the_three_editions(ro3):
    found = ro3[ro3["status"] != "value"].groupby(["financial_year", "status"])["area_code"].unique()

    gateshead = "E08000037"  # could not split looked-after children
    assert found["2024-25", "not_available"].tolist() == [gateshead]
    assert found["2024-25", "not_received"].tolist() == ["E06000039", "E06000063", "E08000025"]
    assert found["2023-24", "no_estimate"].tolist() == ["E92000001"]
    assert ro3.loc[ro3["status"] != "value", "amount_gbp"].isna().all()
    assert ro3.loc[ro3["status"] == "value", "amount_gbp"].notna().all()


@pytest.mark.raw
def test_section_251_lines_make_up_the_total(section_251):
    gross = section_251[section_251["measure"] == "gross_expenditure"]
    wide = gross.pivot(index=["area_code", "financial_year"], columns="line", values="amount_gbp").dropna()
    gap = (wide[list(spending.PARTS_OF_TOTAL)].sum(axis="columns") - wide["total"]).abs()

    # Slough's return of 2017-18, with South East and England, and the published total of East of England, with England.
    off = {"2017-18": ["E06000039", "E12000008", ENGLAND], "2022-23": ["E12000006", ENGLAND]}
    assert set(gap.index[gap > 5]) == {(area, year) for year, areas in off.items() for area in areas}
    assert len(gap) > 1_400


@pytest.mark.raw
def test_section_251_regions_and_england_are_the_sums_of_their_parts(section_251):
    gross = section_251[section_251["measure"] == "gross_expenditure"]
    totals = gross[gross["line"] == "total"].pivot(index="area_code", columns="financial_year", values="amount_gbp")
    own = totals[totals.index.str.match("E(?:06|08|09|10)")].sum()
    england, london = totals.loc["E92000001"], totals.loc["E12000007"]

    assert (totals[totals.index.str.startswith("E12")].sum() - england).abs().max() <= 5
    assert (totals[totals.index.str.startswith("E13")].sum() - london).abs().max() <= 5
    gap = own - england
    assert gap.drop("2017-18").abs().max() <= 5
    assert gap["2017-18"] == -60_000_000  # England holds 60 million that no authority's row does


@pytest.mark.raw
def test_days_of_publication_of_section_251(section_251):
    days = section_251[section_251["financial_year"] == "2023-24"].groupby("measure")["published"].unique()

    assert days["gross_expenditure"].tolist() == [pd.Timestamp("2024-12-31")]
    assert days["weekly_unit_cost"].tolist() == [pd.Timestamp("2025-01-31")]


@pytest.mark.raw
def test_the_rule_finds_the_misallocated_return_of_nottingham(section_251):
    found = spending.implausible(section_251)
    city = found[(found["area_code"] == "E06000018") & (found["financial_year"] == "2023-24")].set_index("line")

    assert city[["before", "amount_gbp", "after"]].loc["safeguarding"].tolist() == [29_080_197, 5_649_133, 30_298_633]
    assert city.loc["youth_justice", "amount_gbp"] == 0
    assert city.loc["total", "amount_gbp"] == 88_705_864
    assert city["reason"].to_dict() == {
        "safeguarding": BELOW,
        "social_work": BELOW,
        "total": "includes an implausible line",
        "youth_justice": "zero between two years that are not",
    }


@pytest.mark.raw
def test_the_rule_marks_few_of_the_amounts_of_england(section_251):
    found = spending.implausible(section_251)

    assert len(found) == 94
    assert found["area_code"].str.match("E(?:06|08|09|10)").all()  # no region, and not England
    assert (found["reason"] == "includes an implausible line").sum() == 7
