"""Do the claims hold: what the page says of them, its length, and whoever and whenever is asked for."""

import re
from functools import cache

import nbformat
import pytest
from childrens_services import paths, tables
from childrens_services.analysis import claims
from childrens_services.telling.cited import Paragraphs, Table
from notebook_cells import run, run_with
from word_faults import word_faults

NOTEBOOK = "07-do-the-claims-hold"


@cache
def on_day(as_at):
    return run_with(NOTEBOOK, {"as_at": as_at})


def in_short(shown):
    return [one.text for one in next(value for value in shown.values if isinstance(value, Paragraphs)).sentences]


def table(shown, caption):
    return next(value for value in shown.values if isinstance(value, Table) and value.caption.text == caption)


def cells(shown, caption):
    """The words of a table: a list a row."""
    return [[getattr(cell, "text", cell) for cell in row] for row in table(shown, caption).rows]


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
    captions = [
        "Statements that do not hold",
        "Forecasts and what came of them",
        "Claims that hold",
        "Claims that hold roughly",
        "All that differ in scope, and what those tests found",
        "Claims that agree with themselves only",
        "Claims that cannot be tested, and what it would take",
    ]
    told = [row[1] for caption in captions for row in cells(shown, caption)]

    assert sorted(told) == sorted(tables.load("claims")["claim"])


def test_what_has_another_scope_neither_holds_nor_fails():
    apart = {row[1] for row in cells(run(NOTEBOOK), "All that differ in scope, and what those tests found")}

    assert {"16,667 referrals in 2014-15", "4,287 children in need at 31 March 2015"} <= apart
    assert not apart & {row[1] for row in cells(run(NOTEBOOK), "Statements that do not hold")}


def test_a_verdict_that_depends_on_the_day_says_so():
    assert (
        "Inspectors come next week for children in care: said on 28 March 2024: holds; "
        "said on 4 April 2024: does not hold."
    ) in run(NOTEBOOK).text()


def test_what_was_found_leads_to_the_rows_of_the_test():
    row = table(run(NOTEBOOK), "Statements that do not hold").rows[0]
    found = row[-1].cited()

    assert {number.table for number in found} == {"claim_tests"}
    assert {number.rows for number in found} == {("cl_nc_025 1",)}
    assert {source for number in found for source in number.sources} == {"ofsted_nc_2022", "ofsted_ods_2024"}


def test_the_page_is_short_before_it_is_folded():
    shown = run(NOTEBOOK)
    source = nbformat.read(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb", as_version=4).cells
    words = [cell.source for cell in source if cell.cell_type == "markdown"]
    for value in shown.values:
        if isinstance(value, Paragraphs):
            words += [one.text for one in value.sentences]
        elif isinstance(value, Table):
            rows = [] if value.is_folded else [value.columns, *value.rows]
            words += [value.caption.text, *(getattr(cell, "text", cell) for row in rows for cell in row)]

    assert len(" ".join(words).split()) <= 1500


@pytest.mark.parametrize("phrase", ["by our rule", "by our coding", "coded", "as published", "league"])
def test_phrases_that_must_not_return(phrase):
    rows = [row for value in run(NOTEBOOK).values if isinstance(value, Table) for row in value.rows]
    text = " ".join([run(NOTEBOOK).text(), *(getattr(cell, "text", cell) for row in rows for cell in row)])

    assert phrase not in text


@pytest.mark.parametrize("as_at", ["2015-01-01", "2019-06-30", "2022-08-01", "2024-04-04"])
def test_nothing_later_is_told_on_a_day(as_at):
    shown = on_day(as_at)
    found = [row[-1] for value in shown.values if isinstance(value, Table) for row in value.rows]
    years = [int(year) for cell in found for year in re.findall(r"\b20\d\d\b", getattr(cell, "text", cell))]

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
