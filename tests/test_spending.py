"""Revenue outturn and section 251: reading the sheets, the rule for implausible years, and published totals."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from childrens_services.normalise import spending
from childrens_services.normalise.releases import Release
from childrens_services.sources import read_curated
from childrens_services.tables import SPENDING_LINES, conform
from hypothesis import given, settings
from hypothesis import strategies as st
from small_frames import cases, days

CITY, COUNTY, ENGLAND = "E06000018", "E10000024", "E92000001"
KNOWN = {CITY: CITY, "E10000023": "E06000065", ENGLAND: ENGLAND}
HEADING = "Children's social care - Youth Justice"
STEMS = [("RO3-cscyth", "youth_justice", HEADING), ("RO3-cscsvmem", "agency_staff", f"{HEADING} - agency item")]
LAYOUT = pd.DataFrame(STEMS, columns=["code_stem", "line", "heading"])
RELEASE = Release("mhclg_ro3_2425", "headings_in_two_rows", date(2025, 12, 4), Path("ro3.ods"))
ONE_ROW = RELEASE._replace(layout="headings_in_one_row")


def body(code, name, certified="Y", amounts=(1.0, 2.0, 3.0, 0.5, 0.5, 1.0, 2.0, 4.0)):
    return ["E1", code, name, "", "UA", "UA", certified, *amounts]


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


def in_one_row(cells):
    """The same sheet as it is laid out where headings take one row: the codes below the last body."""
    title, codes, _, lower, *bodies = cells
    measures = [f"{HEADING} - {words}" for words in lower[7:-1]]
    return [title, [*lower[:7], *measures, f"{HEADING} - Agency item"], *bodies[:-2], codes]


def read(cells, release=RELEASE):
    found = spending.revenue_outturn(cells, LAYOUT, KNOWN, release)
    return found.set_index(["area_code", "line", "measure"])


def outturn(**city):
    """The rows of Nottingham from a sheet with no other authority."""
    return read(sheet(body(CITY, "Nottingham City UA", **city))).loc[CITY]


def test_thousands_become_pounds_of_every_measure():
    found = outturn(certified="N", amounts=(214654.93, 2.0, 3.0, 0.5, 0.5, 1.0, 0.0, 4.125))

    assert found["amount_gbp"].tolist() == [214654930, 2000, 3000, 500, 500, 1000, 0, 4125]
    assert found.loc["youth_justice"].index.tolist() == [measure for measure, _ in spending.MEASURES.values()]
    assert found.index[-1] == ("agency_staff", "running_expenses")
    assert not found["is_certified"].any() and outturn()["is_certified"].all()
    common = ["value", "2024-25", pd.Timestamp("2025-12-04")]
    assert found[["status", "financial_year", "published"]].drop_duplicates().to_numpy().tolist() == [common]


@settings(deadline=None, max_examples=30)
@given(st.decimals(min_value=-(10**6), max_value=10**8, places=2))
def test_pounds_are_exact(thousands):
    amounts = outturn(amounts=(float(thousands), *[0.0] * 7))["amount_gbp"]

    assert amounts["youth_justice", "employees"] == float(Decimal(thousands) * 1000)


def test_headings_in_one_row_and_codes_below_give_the_same_and_are_missed_too():
    cells = sheet(body(CITY, "Nottingham"))
    one_row = in_one_row(cells)

    pd.testing.assert_frame_equal(read(one_row, ONE_ROW), read(cells))
    one_row[1][1] = "Code"
    with pytest.raises(ValueError, match=r"ro3.ods, column 2: no heading 'ONS Code' in its place; has it moved"):
        read(one_row, ONE_ROW)


MARKERS = "[x] not_received; [n] no_estimate; [z] not_collected; [Y] not_relevant; [note&4] not_available"


@pytest.mark.parametrize("case", MARKERS.split("; "))
def test_a_marker_is_a_status_and_no_amount(case):
    marker, status = case.split()
    found = outturn(certified="[x]", amounts=[marker.replace("&", " ")] * 8)

    assert set(found["status"]) == {status} and found["amount_gbp"].isna().all() and found["is_certified"].isna().all()


def test_authorities_and_england_are_kept_and_other_bodies_left_out_and_counted(caplog):
    # The Greater London Authority carries the code of the London region, and it does print children's spending.
    bodies = [("E10000023", "North Yorkshire"), ("E07000223", "Adur"), ("E12000007", "Greater London Authority")]

    with caplog.at_level("INFO"):
        found = read(sheet(*(body(*each) for each in bodies)))

    assert set(found.index.get_level_values("area_code")) == {"E06000065", ENGLAND}
    assert "ro3.ods: left out 2 bodies without children's services duties" in caplog.messages


@pytest.mark.parametrize("cell", ["", "x", "[q]", "1,000", "n/a"])
def test_a_cell_that_is_neither_amount_nor_marker_is_refused_with_row_and_column(cell):
    with pytest.raises(ValueError, match=r"ro3.ods, row 5, column RO3-cscyth-run-exp: found .* expected an amount"):
        outturn(amounts=(1.0, cell, *[0.0] * 6))


BODIES = f"""
E06000099 Newtown Y    | ro3.ods, line 5: area 'E06000099' is not a known authority
W06000001 Somewhere Y  | ro3.ods, row 5: 'Somewhere' has code 'W06000001', which is neither
{CITY} Nottingham UA   | ro3.ods, row 5: certified is 'UA', expected one of Y, N, [x], [Y]
"""


@pytest.mark.parametrize(("mine", "message"), cases(BODIES))
def test_a_body_that_is_not_as_expected_is_refused_with_its_row(mine, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read(sheet(body(*mine.split())))


@pytest.mark.parametrize(
    ("row", "column", "text", "message"),
    [
        (0, 0, "x" * 99, f", row 1: found {'x' * 80!r}, expected a title with a year such as 2024-25"),
        (1, 7, "RO3-other-empl", ", row 2: code RO3-cscyth-empl not found; see ro3_layout.csv"),
        (3, 7, "Cost", f', column 8 (RO3-cscyth-empl): the heading reads "{HEADING.lower()} - cost", expected'),
        (3, 1, "Code", ", column 2: no heading 'ONS Code' in its place; has it moved"),
        (1, slice(None), [""] * 15, ": no row with codes such as RO3-cscyth-run-exp; is it a new layout?"),
    ],
    ids=["no year", "no code", "another heading", "no heading", "no codes"],
)
def test_a_sheet_of_another_layout_is_refused(row, column, text, message):
    cells = sheet(body(CITY, "Nottingham"))[:-2]  # without the table of classes
    cells[row][column] = text

    with pytest.raises(ValueError, match=re.escape(f"ro3.ods{message}")):
        read(cells)


def test_the_one_sheet_of_authorities_is_read(monkeypatch):
    names = ["RO3_LA_Data_2024-25"]
    monkeypatch.setattr(spending, "read_sheets", lambda path, prefix: {name: [[name]] for name in names})

    assert spending.read_outturn(Path("ro3.ods")) == [["RO3_LA_Data_2024-25"]]
    names[:] = ["RO3_LA_Data_1", "RO3_LA_Data_2"]
    with pytest.raises(ValueError, match=r"ro3.ods: sheets RO3_LA_Data_1, RO3_LA_Data_2; expected one that begins"):
        spending.read_outturn(Path("ro3.ods"))


# --- Section 251 -----------------------------------------------------------------------------------------------------


def series(amounts, line="safeguarding", first=2020):
    """Amounts of a line from 2020-21 on, a hyphen where there is none."""
    given = pd.Series(amounts.split()).replace("-", None).astype("float64")
    years = [f"{first + n}-{(first + n + 1) % 100:02d}" for n in given.index]
    frame = pd.DataFrame({"financial_year": years, "amount_gbp": given, "line": line, "measure": "gross_expenditure"})
    published = pd.to_datetime([f"{first + n + 1}-12-31" for n in given.index])
    return frame.assign(area_code=CITY, collection="section_251", status="value", published=published)


def reasons(*frames):
    found = spending.implausible(pd.concat(frames, ignore_index=True))
    return found[["line", "financial_year", "reason"]].to_numpy().tolist()


BELOW, ABOVE = (f"{words} the mean of the years beside it, which agree" for words in ("below half", "above double"))
ZERO = "zero between two years that are not"
OF_THREE_YEARS = f"""
29.1 5.6 30.3     | {BELOW}
10 4.9 10         | {BELOW}
10 21 10          | {ABOVE}
10 0 3            | {ZERO}
1 0 5             | {ZERO}
5 0 1             | {ZERO}
10 5 10           | plausible: half is not below half
10 20 10          | plausible: double is not above double
10 4 12.5         | plausible: the years beside it do not agree
9 4 11            | plausible: nor do these
10 4 -            | plausible: not published after
4 10              | plausible: the last year cannot be tested
0 0 5             | plausible: nor can one beside a zero
10 0 -            | plausible: nor can a zero that is the last
6.8 22.7 6.9 23.7 | plausible: to and fro, volatile
"""


@pytest.mark.parametrize(("amounts", "reason"), cases(OF_THREE_YEARS))
def test_an_implausible_year_is_found_with_its_reason_and_a_plausible_one_left_alone(amounts, reason):
    marked = [["safeguarding", "2021-22", reason]]

    assert reasons(series(amounts)) == ([] if reason.startswith("plausible") else marked)


def test_a_mark_is_known_only_when_the_year_after_is_published():
    found = spending.implausible(series("29.1 5.6 30.3"))

    assert found[["before", "after"]].to_numpy().tolist() == [[29.1, 30.3]]
    assert found["published"].tolist() == [pd.Timestamp("2023-12-31")]


def test_a_gap_in_the_years_is_not_bridged_and_revenue_outturn_is_not_judged_and_no_key_stands_twice():
    assert spending.implausible(series("10 1 1 10").drop(index=2)).empty
    assert spending.implausible(series("10 1 10").assign(collection="revenue_outturn")).empty
    with pytest.raises(ValueError, match=r"spending: \(.*\) stands twice"):
        spending.implausible(pd.concat([series("1 2"), series("1 2")], ignore_index=True))


OF_LINE_AND_TOTAL = """
29 5 31 | 108 90 112  | marked
18 8 18 | 100 95 100  | marked: half of what the line is out
29 5 31 | 108 111 112 | not: the money is on another line
29 5 31 | 108 100 112 | not: most of it is
2 0 2   | 108 106 112 | not: it is little
9 4 9   | 100 95 100  | not: five per cent are not more than five
"""


@pytest.mark.parametrize(("line", "total", "words"), cases(OF_LINE_AND_TOTAL))
def test_a_total_that_an_implausible_line_carries_off_is_found_too(line, total, words):
    found = reasons(series(line), series(total, line="total"))

    is_marked = words.startswith("marked")
    assert found[1:] == [["total", "2021-22", "includes an implausible line"]] * is_marked


def test_section_251_lines_get_our_names_and_years():
    rows = pd.DataFrame(
        {"period": [2025, 2000], "value": [30298633.126, None], "status": ["value", "not_available"]}
    ).assign(measure="Finance", topic="", area_code=CITY, published=pd.Timestamp("2025-12-31"), source_id="dfe_lait")
    lines = pd.DataFrame({"locator": ["Finance"], "line": "safeguarding", "measure": "gross_expenditure"})

    found = conform("spending", spending.section_251(rows, lines))

    assert found["financial_year"].tolist() == ["1999-00", "2024-25"]
    assert found["status"].tolist() == ["not_available", "value"]
    assert found["amount_gbp"].tolist()[1] == 30298633.13
    with pytest.raises(ValueError, match=r"section_251_lines.csv: Other not found .* in lait_data_dictionary\.csv"):
        spending.section_251(rows, lines.assign(locator="Other"))


def test_curated_lines_are_lines_of_the_vocabulary():
    layout = read_curated("ro3_layout")["line"]

    assert {*layout, *read_curated("section_251_lines")["line"]} == set(SPENDING_LINES) and layout.is_unique


# --- the published totals: that the committed table is what the files give is tested with the build -------------------

NET = "net_current_expenditure"
# The first two editions print whole thousands, the third pence: each of the up to nine parts may be off by half of one.
ROUNDING = {"2022-23": 4500, "2023-24": 4500, "2024-25": 0.045}
OWN = "E(?:06|08|09|10)"


@pytest.fixture(scope="module")
def ro3(tidy):
    return tidy["spending"].query("collection == 'revenue_outturn'")


@pytest.fixture(scope="module")
def gross(tidy):
    return tidy["spending"].query("collection == 'section_251' and measure == 'gross_expenditure'")


def by_measure(ro3, year, *lines):
    """Amounts of one edition, a column a measure; the memorandum item has only one and is left out."""
    rows = ro3[(ro3["financial_year"] == year) & (ro3["line"] != "agency_staff")]
    rows = rows[rows["line"].isin(lines)] if lines else rows
    return rows.pivot(index=["area_code", "line"], columns="measure", values="amount_gbp")


def test_published_net_current_expenditure_of_our_two_authorities(ro3):
    rows = ro3[(ro3["line"] == "total") & (ro3["measure"] == NET)].set_index(["area_code", "financial_year"])

    assert rows.loc[CITY, "amount_gbp"].tolist() == [96_540_000, 127_236_000, 130_930_000]
    assert rows.loc[COUNTY, "amount_gbp"].tolist() == [174_427_000, 194_656_000, 214_654_930]
    assert rows.loc[CITY, "is_certified"].tolist() == [True, False, True]
    assert rows.loc[COUNTY, "is_certified"].tolist() == [False, False, True]


def gaps(ro3, year, whole, parts, least):
    """How far the parts of a line are from it, a row an authority and a column a measure."""
    found = by_measure(ro3, year, whole, *parts)
    made = found.drop(index=whole, level="line").groupby("area_code").sum(min_count=least)
    return (made - found.xs(whole, level="line")).abs()


@pytest.mark.parametrize("year", ROUNDING)
def test_columns_and_lines_add_up_for_every_authority(year, ro3):
    found = by_measure(ro3, year)
    sums = {
        "c3": found["employees"] + found["running_expenses"] - found["total_expenditure"],
        "c6": found["sales_fees_charges"] + found["other_income"] - found["total_income"],
        "c7": found["total_expenditure"] - found["total_income"] - found[NET],
    }
    sums = pd.DataFrame(sums).dropna()
    gap = gaps(ro3, year, "total", [*spending.PARTS_OF_TOTAL, "asylum_seekers"], 8)

    assert len(sums) > 1_800 and sums.abs().max().max() <= ROUNDING[year]
    assert len(gap.dropna()) >= 140 and gap.max().max() <= ROUNDING[year]


ODD = {"2022-23": "Harrow|Kingston upon Thames|North Yorkshire|Richmond upon Thames|Sandwell|Wakefield"}
ODD |= {"2023-24": "Richmond upon Thames", "2024-25": ""}  # its total has no parts, as the publisher notes


@pytest.mark.parametrize("year", ROUNDING)
def test_parts_make_up_looked_after_children_but_for_returns_that_do_not_add(ro3, year, tidy):
    parts = ["residential_care", "fostering", "looked_after_asylum_seeking", "looked_after_other"]
    gap = gaps(ro3, year, "children_looked_after", parts, 4)
    odd = gap.index[(gap > ROUNDING[year]).any(axis="columns") & (gap.index != ENGLAND)]

    assert "|".join(sorted(tidy["areas"].set_index("area_code")["name"][odd])) == ODD[year]


def test_england_and_the_markers_of_the_three_editions(ro3):
    marked = ro3[ro3["status"] != "value"]
    found = marked.groupby(["financial_year", "status"])["area_code"].unique()
    england = ro3.query("area_code == @ENGLAND and line == 'total' and measure == @NET")

    assert england["amount_gbp"].round(-3).tolist() == [12_805_497_000, 14_454_683_000, 15_556_137_000]
    late = marked.query("status == 'not_received'").groupby("financial_year")["area_code"].nunique()
    assert late.tolist() == [4, 11, 3]
    # Gateshead could not split looked-after children.
    assert found["2024-25", "not_available"].tolist() == ["E08000037"]
    assert found["2024-25", "not_received"].tolist() == ["E06000039", "E06000063", "E08000025"]
    assert found["2023-24", "no_estimate"].tolist() == [ENGLAND]
    assert (ro3["status"].eq("value") == ro3["amount_gbp"].notna()).all()


def test_days_of_publication_of_section_251(tidy):
    rows = tidy["spending"].query("collection == 'section_251' and financial_year == '2023-24'")

    found = rows[["measure", "published"]].drop_duplicates().set_index("measure")["published"]
    assert days(found.loc[["gross_expenditure", "weekly_unit_cost"]]) == ["2024-12-31", "2025-01-31"]


def test_section_251_lines_make_up_the_total(gross):
    wide = gross.pivot(index=["area_code", "financial_year"], columns="line", values="amount_gbp").dropna()
    gap = (wide[list(spending.PARTS_OF_TOTAL)].sum(axis="columns") - wide["total"]).abs()

    # Slough's return of 2017-18, with South East and England, and the published total of East of England, with England.
    off = {"2017-18": ["E06000039", "E12000008", ENGLAND], "2022-23": ["E12000006", ENGLAND]}
    assert set(gap.index[gap > 5]) == {(area, year) for year, areas in off.items() for area in areas}
    assert len(gap) > 1_400


def test_section_251_regions_and_england_are_the_sums_of_their_parts(gross):
    totals = gross[gross["line"] == "total"].pivot(index="area_code", columns="financial_year", values="amount_gbp")
    england, london = totals.loc[ENGLAND], totals.loc["E12000007"]
    gap = totals[totals.index.str.match(OWN)].sum() - england

    assert (totals[totals.index.str.startswith("E12")].sum() - england).abs().max() <= 5
    assert (totals[totals.index.str.startswith("E13")].sum() - london).abs().max() <= 5
    assert gap.drop("2017-18").abs().max() <= 5
    assert gap["2017-18"] == -60_000_000  # England holds 60 million that no authority's row does


def test_the_rule_finds_the_misallocated_return_of_nottingham_and_marks_few_of_england(tidy):
    found = spending.implausible(tidy["spending"])
    city = found[(found["area_code"] == CITY) & (found["financial_year"] == "2023-24")].set_index("line")

    assert city[["before", "amount_gbp", "after"]].loc["safeguarding"].tolist() == [29_080_197, 5_649_133, 30_298_633]
    assert city.loc[["youth_justice", "total"], "amount_gbp"].tolist() == [0, 88_705_864]
    expected = {"safeguarding": BELOW, "social_work": BELOW, "total": "includes an implausible line"}
    assert city["reason"].to_dict() == expected | {"youth_justice": ZERO}
    assert found["area_code"].str.match(OWN).all()  # no region, and not England
    assert (len(found), (found["reason"] == "includes an implausible line").sum()) == (94, 7)
