"""Claims: each kind of test on small frames, the rule of verdicts at its edges, every claim on the committed tables."""

import re
from functools import cache

import pandas as pd
import pytest
from childrens_services import cli, sources, tables
from childrens_services.analysis import claim_tests, claims, timeline
from childrens_services.analysis.claims import AGREES_WITH_ITSELF_ONLY as ITSELF_ONLY
from childrens_services.analysis.claims import CANNOT_BE_TESTED, DIFFERS_IN_SCOPE, DOES_NOT_HOLD, HOLDS, HOLDS_ROUGHLY
from childrens_services.normalise import build
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from small_frames import frame, rows_of

CITY, COUNTY, LEEDS = "E06000018", "E10000024", "E08000035"
SHARE = f"observations {CITY} agency "
WORDS = ["what", "rows", "rule", "expected", "hedge", "unit", "scope_note", "note"]
EVENT = "event_id la_code_ons kind start end start_earliest start_latest publication_date source_id"
# The tables that tests of claims look at: headings, then rows; `mash` is the source of what names none, `-` is empty.
SMALL = {
    "observations": "area_code indicator period value status; E06000018 agency 2021 20 value; "
    "E06000018 agency 2022 50 value; E06000018 agency 2023 40 value; E06000018 agency 2024 - confidential; "
    "E08000035 agency 2021 30 value; E08000035 agency 2022 25 value; E92000001 agency 2022 30 value; "
    "E12000004 agency 2022 60 value; E08000001 agency 2022 45 value",
    "indicators": "indicator unit decimals; agency % 1",
    "statements": "fact_id value; s1 8",
    "budgets": "fact_id amount_gbp; b1 684000; b2 366000",
    "spending": "area_code financial_year collection line measure amount_gbp status",
    "events": f"{EVENT}; e1 E06000018 inspection 2022-07-11 2022-07-22 2022-07-11 2022-07-11 2022-09-05 report",
    "event_sources": "event_id source_id confirms; e1 minutes July",
    "judgements": "event_id judgement grade framework la_code_ons published source_id; "
    "e1 overall_effectiveness inadequate ilacs E06000018 2022-09-05 report",
    "findings": "finding_id theme polarity statement source_id; x1 direct_work weakness six-week-waits report",
    "forecasts": "forecast_id la_code_ons expects window_start window_end window_by outcome_event_id; "
    "f1 E06000018 inspection 2022-01-01 2022-03-31 rule e1; f2 E06000018 inspection 2022-01-01 2022-03-31 rule -",
    "sources": "source_id published_edtf published; mash 2022-11 2022-11-30",
    "authorities": "la_code_ons name region_code region existed_from existed_to; "
    "E06000018 Nottingham E12000004 Midlands - -; E08000035 Leeds E12000003 Yorkshire - -",
    "themes": "theme covers; direct_work Visits",
    "neighbours": "model la_code_ons rank neighbour_la_code_ons; 2025 E06000018 1 E08000001",
}


@cache
def small():
    """Every table of `SMALL`; what names no source is of `mash`."""
    made = {name: frame(*f"{text};".split(";", 1)) for name, text in SMALL.items()}
    return {name: rows.assign(source_id=rows.get("source_id", "mash")) for name, rows in made.items()}


def frames(*parts, said_on=""):
    """The small tables with one claim, `c1` of the source `mash`; a part of it is a dict of cells."""
    common = dict.fromkeys(WORDS, "") | {"claim_id": "c1", "source_id": "mash", "precision": 1.0, "scope": "same"}
    rows = [{**common, "part": i, "weight": None, **part} for i, part in enumerate(parts, 1)]
    claim = pd.DataFrame({"claim_id": ["c1"], "said_on": [said_on]})
    return {**small(), "claims": claim, "claim_tests": pd.DataFrame(rows)}


def run(*parts, said_on="", **replaced):
    return claims.run_tests({**frames(*parts, said_on=said_on), **replaced})


def verdict(*parts, **kwargs):
    return claims.judge(pd.DataFrame({"claim_id": ["c1"]}), run(*parts, **kwargs)).iloc[0]


# Each kind of test.


@pytest.mark.parametrize(("test", "rows", "rule", "expected", "judged", "found"), rows_of("claim_kinds"))
def test_each_kind_of_test(test, rows, rule, expected, judged, found):
    row = run({"test": test, "rows": rows, "rule": rule, "expected": expected}).iloc[0]

    assert row["verdict"] == judged and row["found"].startswith(found)


def test_kinds_of_tests_are_the_contracts_and_what_was_found_carries_its_rows_and_sources():
    row = run({"test": "count", "rows": "events e1", "rule": "judgements event_id=e1", "expected": "1"}).iloc[0]

    told = row[["table", "sources", "keys"]].tolist()
    assert told == ["events", "report", "e1; judgements e1 overall_effectiveness"]
    assert list(claims.TESTS) == tables.contracts()["claim_tests"]["columns"]["test"]["words"]


@pytest.mark.parametrize(
    ("rows", "test", "why"),
    [
        (SHARE + "2024", "series", claims.NOT_PUBLIC),
        (SHARE + "2030", "series", claims.NOT_PUBLIC),
        (f"observations {CITY} other 2022", "series", claims.NOT_PUBLIC),
        ("forecasts f2", "forecast", claims.NOT_DUE),
    ],
)
def test_a_row_that_is_not_there_or_withheld_or_not_due_is_not_tested(rows, test, why):
    early = small()["sources"].assign(published=pd.Timestamp("2022-03-31"))  # the last day of the window
    judged = verdict({"test": test, "rows": rows, "expected": "50"}, sources=early)

    assert (judged["verdict"], judged["why"]) == (CANNOT_BE_TESTED, why)


# What is refused.


RIGHT = {"test": "arithmetic", "rows": "budgets b1", "rule": "a", "expected": "684000"}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"test": "guess"}, "found 'guess', expected one of arithmetic, series"),
        ({"rule": "a ** a ** a"}, r"rule 'a \*\* a \*\* a' cannot be worked out; use a, numbers and"),
        ({"rule": "__import__('os')"}, "cannot be worked out"),
        ({"rule": "b"}, "rule 'b' cannot be worked out"),
        ({"rule": "a +"}, "invalid syntax"),
        ({"rule": "a / 0"}, "division by zero"),
        ({"rule": "a * 1e308"}, "found inf and precision 1.0, expected a number and a unit above zero"),
        ({"precision": 0.0}, "found 684000.0 and precision 0.0, expected a number and a unit above zero"),
        ({"precision": None}, "precision nan"),
        ({"expected": "many"}, "rule 'many' cannot be worked out"),
        ({"rows": "budget b1"}, "rows 'budget b1' names no table; begin with one of observations, "),
        ({"test": "change", "rule": "up"}, "not enough values"),
        ({"test": "group", "rows": f"{SHARE}2022", "rule": "above all"}, "found 'all', expected one of England, r"),
    ],
)
def test_a_test_that_cannot_be_executed_is_refused_by_its_row(cells, words):
    with pytest.raises(ValueError, match=f"^data/curated/claim_tests.csv, row c1 1: .*{words}.*; mend the row$"):
        claims.check_tests(frames(RIGHT | cells))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"scope": None}, "row c1 1: scope '', rows 'budgets b1'; write a scope, and rows that lead to a value"),
        ({"rows": "budgets b9"}, "row c1 1: scope 'same', rows 'budgets b9'; write a scope, and rows that lead"),
        ({"claim_id": "c2"}, "row c1: none; write a scope, and rows that lead to a value"),
    ],
)
def test_a_test_that_leads_to_nothing_is_refused(cells, words):
    with pytest.raises(ValueError, match=f"^data/curated/claim_tests.csv, {words}"):
        claims.check_tests(frames(RIGHT | cells))


def test_tables_are_not_written_where_a_test_cannot_be_executed(monkeypatch):
    monkeypatch.setattr(build, "build_all", lambda say: frames({"test": "series", "rows": "budgets b9"}))
    monkeypatch.setattr(build, "write_all", lambda made: pytest.fail("tables were written"))

    assert CliRunner().invoke(cli.main, ["data", "--fewer"]).exit_code == 1


# The rule.


@pytest.mark.parametrize(
    ("stated", "found", "precision", "hedged", "expected"),
    [
        (13, 13, 1, False, HOLDS),
        (13, 16, 1, False, DOES_NOT_HOLD),
        (34.4, 34.44, 0.1, False, HOLDS),
        (34.4, 34.5, 0.1, False, HOLDS_ROUGHLY),
        (957, 955, 1, False, HOLDS_ROUGHLY),
        (3.7e6, 3.749e6, 1e5, False, HOLDS),
        (100, 105, 1, False, HOLDS_ROUGHLY),
        (100, 105.1, 1, False, DOES_NOT_HOLD),
        (20, 17.2, 1, True, HOLDS_ROUGHLY),
        (25, 17.2, 1, True, DOES_NOT_HOLD),
        (700, 719, 1, True, HOLDS),
        (1, 1.4, 1, False, HOLDS_ROUGHLY),
        (0, 0, 1, False, HOLDS),
    ],
)
def test_the_rule_at_its_edges(stated, found, precision, hedged, expected):
    assert claim_tests.number_verdict(stated, found, precision, hedged) == expected


@given(st.floats(0.1, 1e9), st.floats(-2, 2), st.floats(-1, 1), st.sampled_from([0.1, 1.0, 1e6]), st.booleans())
def test_a_closer_value_never_gets_a_worse_verdict(stated, off, shrink, precision, hedged):
    values = sorted((stated * (1 + off), stated * (1 + off * shrink)), key=lambda value: abs(value - stated))
    close, far = (claim_tests.number_verdict(stated, value, precision, hedged) for value in values)

    worst_first = [DOES_NOT_HOLD, HOLDS_ROUGHLY, HOLDS]
    assert worst_first.index(close) >= worst_first.index(far)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([HOLDS, HOLDS], HOLDS),
        ([DOES_NOT_HOLD, DOES_NOT_HOLD], DOES_NOT_HOLD),
        ([HOLDS, DOES_NOT_HOLD], HOLDS_ROUGHLY),
        ([HOLDS_ROUGHLY, HOLDS], HOLDS_ROUGHLY),
        ([HOLDS, CANNOT_BE_TESTED], CANNOT_BE_TESTED),
        ([], CANNOT_BE_TESTED),
    ],
)
def test_parts_that_differ_hold_roughly(parts, expected):
    assert claims.combine(parts) == claims.combine(parts[::-1]) == expected


def share(stated, scope="same"):
    return {"test": "series", "rows": SHARE + "2023", "expected": stated, "scope": scope, "source_id": "other"}


@pytest.mark.parametrize("mine", ["40", "41", "90"])
@pytest.mark.parametrize("other", ["40", "41", "90"])
def test_a_part_of_another_scope_neither_lowers_nor_contradicts(mine, other):
    assert verdict(share(mine), share(other, "wider"))["verdict"] == verdict(share(mine))["verdict"]
    assert verdict(share(mine, "other"), share(other, "narrower"))["verdict"] == DIFFERS_IN_SCOPE


def test_what_is_tested_on_its_own_source_agrees_with_itself_only():
    own = {"test": "arithmetic", "rows": "budgets b1; budgets b2", "rule": "a + b", "expected": "1050000"}
    report = {"test": "date", "rows": "events e1 @start", "expected": "2022-07"}
    alone, wrong, both = verdict(own), verdict({**own, "expected": "9"}), verdict(own, report)

    assert (alone["verdict"], alone["own_source"]) == (ITSELF_ONLY, True)
    assert (wrong["verdict"], wrong["own_source"]) == (DOES_NOT_HOLD, True)
    assert (both["verdict"], both["own_source"]) == (HOLDS, False)


def test_a_missed_forecast_has_words_of_its_own_and_a_verdict_that_depends_on_the_day_says_so():
    missed = verdict({"test": "forecast", "rows": "forecasts f1"})
    soon = {"test": "forecast", "rows": "forecasts f1", "rule": "next week"}
    judged = verdict(soon, said_on="[2022-07-04..2022-07-11]")

    told = missed[["forecast", "verdict", "in_words"]].tolist()
    assert told == [True, DOES_NOT_HOLD, "did not come true"] and verdict(share("90"))["in_words"] == "does not hold"
    assert judged["verdict"] == HOLDS_ROUGHLY
    assert judged["depends_on_day"] == "said on 4 July 2022: holds; said on 11 July 2022: does not hold"
    assert "said on 11 July 2022: 11 July 2022, 7 days before its window" in judged["found"]


def test_without_a_claim_the_columns_are_there():
    made = frames({"test": "not_testable"})
    none = made | {name: made[name].head(0) for name in ("claims", "claim_tests")}
    judged, one = (claims.judge(each["claims"], claims.run_tests(each)) for each in (none, made))

    assert list(judged) == list(one) and judged[~judged["forecast"] & judged["weight"].notna()].empty


# Every claim on the committed tables.


@cache
def committed(as_at=""):
    """Every claim on the committed tables, as known on a day."""
    found = {name: tables.load(name, as_at) for name in claims.NEEDED}
    parts = claims.run_tests(found)
    return claims.judge(found["claims"], parts).set_index("claim_id", drop=False), parts


def test_every_claim_has_a_test_or_says_what_it_would_take_and_forecasts_are_counted_apart():
    judged, parts = committed()
    live = judged["verdict"] != CANNOT_BE_TESTED
    forecasts, by_day = judged[judged["forecast"]], judged["depends_on_day"].loc[lambda words: words != ""]

    assert (len(judged), live.sum()) == (109, 91)
    assert judged.loc[~live, "why"].ne("").all() and not {claims.NOT_PUBLIC, claims.NOT_DUE} & set(judged["why"])
    assert parts.loc[parts["test"] != "not_testable", ["keys", "sources", "found"]].ne("").all(axis=None)
    assert set(judged["verdict"]) == set(claims.VERDICTS)
    assert list(forecasts.index) == ["cl_cc_008", "cl_cc_036", "cl_nc_023", "cl_nc_027", "cl_nc_032"]
    assert forecasts["in_words"].value_counts().to_dict() == {"did not come true": 4, "came true in part": 1}
    assert by_day.to_dict() == {"cl_nc_027": "said on 28 March 2024: holds; said on 4 April 2024: does not hold"}


def test_no_verdict_is_the_opposite_of_the_compiled_one_and_stated_numbers_stand_in_the_tests():
    judged, parts = committed()
    compiled = sources.read_curated("claims").set_index("claim_id")["compiled_verdict"]
    pairs = set(zip(judged["verdict"], compiled[judged.index], strict=True))
    told = judged[judged["verdict"].ne(CANNOT_BE_TESTED) & ~judged["unit"].isin(["year", "weeks", "months"])]
    stated = told["stated_value"][told["stated_value"].fillna("").str.fullmatch(r"[\d.]+")].astype("float64")
    tested = parts[parts["expected"].str.fullmatch(r"[\d.]+")].astype({"expected": "float64"})
    tested = set(zip(tested["claim_id"], tested["expected"], strict=True))

    assert not pairs & {(HOLDS, "contradicted"), (DOES_NOT_HOLD, "supported"), (HOLDS, "untestable")}
    assert not {"compiled_check", "compiled_verdict", "how_to_check"} & set(judged)
    # Stated against another row, and there read from the tables.
    missing = [claim for claim, value in stated.items() if (claim, value) not in tested]
    assert missing == ["cl_cc_022", "cl_cc_040", "cl_nc_002", "cl_nc_055", "cl_nc_061"]


@pytest.mark.parametrize(("claim_id", "expected", "found"), rows_of("claims"))
def test_claims_that_matter_come_out_as_published(claim_id, expected, found):
    judged = committed()[0].loc[claim_id]

    assert judged["verdict"] == expected and found in judged["found"]


def test_no_claim_holds_by_its_own_source_or_by_a_part_of_another_scope():
    judged, parts = committed()
    own, live = judged[judged["own_source"]], parts[parts["test"] != "not_testable"]
    tested_with = parts.groupby("claim_id")["sources"].agg(lambda ids: set(" ".join(ids).split()))

    assert HOLDS not in set(own["verdict"]) and len(own) == 14
    assert all(tested_with[row.claim_id] == {row.source_id} for row in own.itertuples())
    assert tested_with["cl_nc_016"] == tested_with["cl_nc_015"] == {"ncc_exec_20210921"}
    assert (live["verdict"].eq(DIFFERS_IN_SCOPE) == live["scope"].ne("same")).all()
    assert (live["scope_note"].ne("") == live["scope"].ne("same")).all()


@pytest.mark.parametrize("as_at", ["2015-01-01", "2019-06-30", "2021-10-01", "2022-08-01", "2024-04-04", "2025-06-30"])
def test_nothing_is_tested_with_what_was_not_public(as_at):
    judged, parts = committed(as_at)
    used = {(row.table, key) for row in parts.itertuples() for key in row.keys.split("; ")}
    every = {name: tables.load(name) for name in ("budgets", "statements", "events", "findings")}
    every = {name: rows[rows["published"] > as_at] for name, rows in every.items()}
    later = {(name, tables.row_key(name, row)) for name, rows in every.items() for _, row in rows.iterrows()}
    years = re.findall(r"\b20\d\d\b", " ".join([*judged["found"], *judged["why"]]))

    assert judged["published"].max() <= pd.Timestamp(as_at)
    assert not later & used and max(years, default="") <= as_at[:4]


# Contradictions between sources.


def test_all_contradictions_have_both_sides_and_rate_and_salary_agree_for_as_many_hours_as_is_said():
    found, budgets = tables.load("contradictions"), tables.load("budgets").set_index("fact_id")["amount_gbp"]
    one_place = (found["source_id"] == found["other_source_id"]) & (found["locator"] == found["other_locator"])
    hours = budgets["bud_cc_002"] / budgets["bud_cc_001"]

    assert sorted(set(found["contradiction"])) == list(range(1, 19))
    assert (found["value"] != found["other_value"]).all()
    assert set(found.loc[one_place, "contradiction"]) <= {1, 8, 17}
    assert f"{hours:,.0f} paid hours" in found.query("contradiction == 8")["reading"].iloc[0]
    assert round(hours / 37) == 44


@pytest.mark.parametrize(
    ("day", "is_thirteen"),
    [("2023-09-03", False), ("2023-09-04", True), ("2024-01-29", True), ("2024-01-30", False), ("2024-04-04", False)],
)
def test_when_thirteen_was_right(day, is_thirteen):
    held = timeline.grades_on(tables.load("judgements"), tables.load("authorities"), day, "overall_effectiveness")

    assert (held["grade"].eq("inadequate").sum() == 13) == is_thirteen
    assert "September 2023 to 29 January 2024" in tables.load("contradictions")["reading"].iloc[0]


def test_claims_checked_come_newest_first_with_what_they_were_tested_on():
    found = claims.checked(tables.load)
    by = found.set_index("claim_id")["subjects"]

    assert found["published"].is_monotonic_decreasing and len(found) == len(tables.load("claims"))
    assert by["cl_nc_017"] == "observations; Children's services workforce"
    assert "judgements" in by["cl_nc_025"] and by["cl_nc_008"] == ""
