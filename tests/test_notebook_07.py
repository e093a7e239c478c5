"""Do the claims hold: what the page says of them, its length, and whoever and whenever is asked for."""

import re

import nbformat
import pytest
from childrens_services import paths, tables
from childrens_services.analysis import claims
from notebook_cells import Paragraphs, as_text, run, run_with
from word_faults import word_faults

NOTEBOOK = "07-do-the-claims-hold"


def in_short(shown):
    return [one.text for one in next(value for value in shown.values if isinstance(value, Paragraphs)).sentences]


def test_each_authority_is_counted_apart_and_forecasts_apart_from_statements():
    assert in_short(run(NOTEBOOK))[:3] == [
        "Of 64 statements about Nottingham, 49 could be tested: 13 hold, 14 hold roughly, nine do not hold, 10 differ "
        "in scope and three agree with themselves only. "
        "Of three forecasts about Nottingham, one came true in part and two did not come true.",
        "Of 40 statements about Nottinghamshire, 37 could be tested: 10 hold, 11 hold roughly, three do not hold, 10 "
        "differ in scope and three agree with themselves only. "
        "Of two forecasts about Nottinghamshire, two did not come true.",
        claims.NOT_A_SAMPLE,
    ]


def test_the_weightiest_that_does_not_hold_is_told_with_what_was_found():
    assert (
        "Of what does not hold about Nottingham, this weighs most: One of only 13 authorities rated inadequate "
        "(reporter, 4 April 2024). Authorities graded inadequate overall on 4 April 2024: 16."
    ) in in_short(run(NOTEBOOK))


def test_every_claim_of_the_chosen_stands_in_one_table():
    shown = run(NOTEBOOK)
    kinds = ("Statements that ", "Forecasts and ", "Claims that ", "All that ")
    whole = [table for table in shown.tables() if "differ in scope from" not in table.caption.text]  # the first ten
    rows = [row for table in whole if table.caption.text.startswith(kinds) for row in table.rows]
    told = [as_text(row[1]) for row in rows]

    assert sorted(told) == sorted(tables.load("claims")["claim"])


def test_what_has_another_scope_neither_holds_nor_fails():
    apart = {row[1] for row in run(NOTEBOOK).rows("All that differ in scope, and what those tests found")}

    assert {"16,667 referrals in 2014-15", "4,287 children in need at 31 March 2015"} <= apart
    assert not apart & {row[1] for row in run(NOTEBOOK).rows("Statements that do not hold")}


def test_what_was_found_leads_to_the_rows_of_the_test():
    table = next(one for one in run(NOTEBOOK).tables() if one.caption.text == "Statements that do not hold")
    found = table.rows[0][-1].cited()

    assert {number.table for number in found} == {"claim_tests"}
    assert {number.rows for number in found} == {("cl_nc_025 1",)}
    assert {source for number in found for source in number.sources} == {"ofsted_nc_2022", "ofsted_ods_2024"}


def test_the_page_is_short_before_it_is_folded():
    shown = run(NOTEBOOK)
    source = nbformat.read(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb", as_version=4).cells
    words = [*shown.said(), *(cell.source for cell in source if cell.cell_type == "markdown")]
    for table in shown.tables():
        rows = [] if table.is_folded else [table.columns, *table.rows]
        words += [table.caption.text, *(as_text(cell) for row in rows for cell in row)]

    assert len(" ".join(words).split()) <= 1500


@pytest.mark.parametrize("phrase", ["by our rule", "by our coding", "coded", "as published", "league"])
def test_phrases_that_must_not_return(phrase):
    cells = [as_text(cell) for table in run(NOTEBOOK).tables() for row in table.rows for cell in row]

    assert phrase not in " ".join([run(NOTEBOOK).text(), *cells])


@pytest.mark.parametrize("as_at", ["2015-01-01", "2019-06-30", "2022-08-01", "2024-04-04"])
def test_nothing_later_is_told_on_a_day(as_at):
    shown = run_with(NOTEBOOK, {"as_at": as_at})
    found = " ".join(as_text(row[-1]) for table in shown.tables() for row in table.rows)
    years = [int(year) for year in re.findall(r"\b20\d\d\b", found)]

    assert word_faults(shown) == []
    assert max(years, default=0) <= int(as_at[:4])


def test_an_authority_without_claims_gets_a_sentence():
    assert in_short(run(NOTEBOOK, "one")) == ["No claim about Leeds that could be tested was public on this day."]


def test_an_authority_with_claims_beside_three_without():
    said = in_short(run(NOTEBOOK, "four"))

    assert said[0].startswith("Of 64 statements about Nottingham, 49 could be tested: ")
    assert [one for one in said if "Bradford" in one] == [
        "No claim about Bradford that could be tested was public on this day."
    ]
