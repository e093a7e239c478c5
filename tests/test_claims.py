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
TYPES = {"value": "float64", "amount_gbp": "float64", "period": "int64", "decimals": "int64", "rank": "int64"}
DAYS = "start_earliest start_latest publication_date published window_start window_end existed_from existed_to"
TYPES |= dict.fromkeys(DAYS.split(), "datetime64[s]")


@cache
def small():
    return {name: read(text) for name, text in SMALL.items()}


def read(text):
    heading, *rows = (row.split() for row in text.split(";"))
    frame = pd.DataFrame(rows, columns=heading).replace("-", None)
    return frame.astype({column: TYPES[column] for column in frame if column in TYPES}).assign(
        source_id=frame.get("source_id", "mash")
    )


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


@pytest.mark.parametrize(
    ("test", "rows", "rule", "expected", "found_verdict", "found"),
    [
        ("arithmetic", "budgets b1; budgets b2", "a + b", "1050000", HOLDS, "1,050,000"),
        ("arithmetic", "budgets b2; statements s1", "a / b", ">0", HOLDS, "45,750"),
        ("arithmetic", "budgets b2; budgets b1", "b", "a", DOES_NOT_HOLD, "366,000 against 684,000"),
        ("series", f"{SHARE}2021; {SHARE}2022", "", "33", HOLDS, "20.0 % in 2021, 50.0 in 2022"),
        ("series", f"{SHARE}2021; {SHARE}2022", "", "90", DOES_NOT_HOLD, "20.0 % in 2021, 50.0 in 2022"),
        ("change", f"{SHARE}2021; {SHARE}2022", "up", "", HOLDS, "20.0 % in 2021, 50.0 in 2022"),
        ("change", f"{SHARE}2021; {SHARE}2022", "down", "", DOES_NOT_HOLD, "20.0 % in 2021, 50.0 in 2022"),
        ("change", f"{SHARE}2022; {SHARE}2022", "up", "", DOES_NOT_HOLD, "50.0 % in 2022, 50.0 in 2022"),
        ("change", f"{SHARE}2022; {SHARE}2022", "down", "", DOES_NOT_HOLD, "50.0 % in 2022, 50.0 in 2022"),
        ("change", f"{SHARE}2022; {SHARE}2023; {SHARE}2023", "down each time", "", DOES_NOT_HOLD, None),
        ("change", f"{SHARE}2021; {SHARE}2023; {SHARE}2022", "highest", "", HOLDS, None),
        ("change", f"{SHARE}2021; {SHARE}2022".replace(CITY, "every"), "up", "", DOES_NOT_HOLD, "up in 1 of 2"),
        ("group", f"{SHARE}2022", "above England", "", HOLDS, "50.0 % against 30.0 in England in 2022"),
        ("group", f"{SHARE}2022", "above region", "", DOES_NOT_HOLD, "50.0 % against 60.0 in Midlands in 2022"),
        ("group", f"{SHARE}2022", "below neighbours", "", DOES_NOT_HOLD, "50.0 % against 45.0 in the middle of"),
        ("grade_count", "", "2022-09-05 overall_effectiveness inadequate", "1", HOLDS, "1"),
        ("grade_count", "", "2022-09-04 overall_effectiveness inadequate", "1", DOES_NOT_HOLD, "none"),
        ("count", "events e1", "events kind=inspection from=2022-07-12", "0", HOLDS, "none"),
        ("count", "events e1", "judgements event_id=e1 judgement!=care_leavers", "1", HOLDS, "1"),
        ("date", "events e1 @publication_date", "", "2022-09", HOLDS, "5 September 2022"),
        ("date", "events e1 @publication_date", "", "2022-11", DOES_NOT_HOLD, "5 September 2022, not November 2022"),
        ("date", "sources mash", "", "2022-11-03", HOLDS_ROUGHLY, "November 2022"),
        ("date", "events e1 @publication_date", "", "2022-09-05", HOLDS, "5 September 2022"),
        ("date", "sources mash", "", "2022-11-01", HOLDS_ROUGHLY, "November 2022"),
        ("date", "sources mash", "", "2022-11-30", HOLDS_ROUGHLY, "November 2022"),
        ("span", "events e1", "days", "12", HOLDS, "12 days"),
        ("span", "events e1", "weeks", "4", DOES_NOT_HOLD, "12 days"),
        ("forecast", "forecasts f1", "", "", DOES_NOT_HOLD, "11 July 2022, 102 days after its window"),
        ("forecast", "forecasts f2", "", "", DOES_NOT_HOLD, "not seen by 30 November 2022; its window closed on 31"),
        ("words", "findings x1 @polarity", "", "strength", DOES_NOT_HOLD, "weakness, not strength"),
        ("words", "findings x1 @theme", "", "plans", DOES_NOT_HOLD, "visits, not plans"),
        ("words", "findings x1 @statement", "contains", "six-week", HOLDS, "six-week-waits"),
        ("words", "judgements e1 overall_effectiveness", "", "good", DOES_NOT_HOLD, "inadequate, not good"),
        ("not_testable", "", "", "", CANNOT_BE_TESTED, ""),
    ],
)
def test_each_kind_of_test(test, rows, rule, expected, found_verdict, found):
    row = run({"test": test, "rows": rows, "rule": rule, "expected": expected}).iloc[0]

    assert row["verdict"] == found_verdict
    assert found is None or row["found"].startswith(found)


def test_the_closed_set_of_tests_is_the_contracts():
    assert list(claims.TESTS) == tables.contracts()["claim_tests"]["columns"]["test"]["words"]


def test_what_was_found_carries_its_rows_and_sources():
    row = run({"test": "count", "rows": "events e1", "rule": "judgements event_id=e1", "expected": "1"}).iloc[0]

    assert (row["table"], row["keys"], row["sources"]) == (
        "events",
        "e1; judgements e1 overall_effectiveness",
        "report",
    )


@pytest.mark.parametrize("rows", [SHARE + "2024", SHARE + "2030", f"observations {CITY} other 2022"])
def test_a_row_that_is_not_there_or_withheld_is_not_tested(rows):
    judged = verdict({"test": "series", "rows": rows, "expected": "50"})

    assert (judged["verdict"], judged["why"]) == (CANNOT_BE_TESTED, claims.NOT_PUBLIC)


def test_a_window_that_is_still_open_is_not_tested():
    early = small()["sources"].assign(published=pd.Timestamp("2022-03-31"))
    judged = verdict({"test": "forecast", "rows": "forecasts f2"}, sources=early)

    assert (judged["verdict"], judged["why"]) == (CANNOT_BE_TESTED, claims.NOT_DUE)


# What is refused.


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
        (
            {"test": "group", "rows": SHARE + "2022", "rule": "above all"},
            "found 'all', expected one of England, region",
        ),
    ],
)
def test_a_test_that_cannot_be_executed_is_refused_by_its_row(cells, words):
    with pytest.raises(ValueError, match=f"^data/curated/claim_tests.csv, row c1 1: .*{words}.*; mend the row$"):
        run({"test": "arithmetic", "rows": "budgets b1", "rule": "a", "expected": "684000", **cells})


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"precision": 0.0}, "row c1 1: found 684000.0 and precision 0.0, expected a number and a unit above zero"),
        ({"scope": None}, "row c1 1: scope '', rows 'budgets b1'; write a scope, and rows that lead to a value"),
        ({"rows": "budgets b9"}, "row c1 1: scope 'same', rows 'budgets b9'; write a scope, and rows that lead"),
        ({"claim_id": "c2"}, "row c1: none; write a scope, and rows that lead to a value"),
    ],
)
def test_every_test_is_executed_before_tables_are_written(cells, words, monkeypatch):
    right = {"test": "arithmetic", "rows": "budgets b1", "rule": "a", "expected": "684000"}
    monkeypatch.setattr(build, "build_all", lambda say: frames({**right, **cells}))
    monkeypatch.setattr(build, "write_all", lambda made: pytest.fail("tables were written"))

    result = CliRunner().invoke(cli.main, ["data", "--fewer"])

    assert result.exit_code == 1
    assert f"error: data/curated/claim_tests.csv, {words}" in result.output


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


def test_a_verdict_that_depends_on_the_day_says_so():
    soon = {"test": "forecast", "rows": "forecasts f1", "rule": "next week"}
    judged = verdict(soon, said_on="[2022-07-04..2022-07-11]")

    assert judged["verdict"] == HOLDS_ROUGHLY
    assert judged["depends_on_day"] == "said on 4 July 2022: holds; said on 11 July 2022: does not hold"
    assert "said on 11 July 2022: 11 July 2022, 7 days before its window" in judged["found"]


def test_without_a_claim_the_columns_are_there():
    none = {**frames({"test": "not_testable"})}
    none |= {name: none[name].head(0) for name in ("claims", "claim_tests")}
    judged = claims.judge(none["claims"], claims.run_tests(none))

    assert list(judged) == list(claims.judge(frames()["claims"], run({"test": "not_testable"})))
    assert judged[~judged["forecast"] & judged["weight"].notna()].empty


def test_a_missed_forecast_has_words_of_its_own():
    judged = verdict({"test": "forecast", "rows": "forecasts f1"})

    assert (judged["forecast"], judged["verdict"], judged["in_words"]) == (True, DOES_NOT_HOLD, "did not come true")
    assert verdict(share("90"))["in_words"] == "does not hold"


# Every claim on the committed tables.


@cache
def committed(as_at=""):
    """Every claim on the committed tables, as known on a day."""
    found = {name: tables.load(name, as_at) for name in claims.NEEDED}
    parts = claims.run_tests(found)
    return claims.judge(found["claims"], parts).set_index("claim_id", drop=False), parts


def test_every_claim_has_a_test_or_says_what_it_would_take():
    judged, parts = committed()
    live = judged["verdict"] != CANNOT_BE_TESTED

    assert (len(judged), live.sum()) == (109, 91)
    assert judged.loc[~live, "why"].ne("").all() and not {claims.NOT_PUBLIC, claims.NOT_DUE} & set(judged["why"])
    assert parts.loc[parts["test"] != "not_testable", ["keys", "sources", "found"]].ne("").all(axis=None)
    assert set(judged["verdict"]) == set(claims.VERDICTS)


@pytest.mark.parametrize(
    ("claim_id", "expected", "found"),
    [
        ("cl_nc_025", DOES_NOT_HOLD, "16"),
        ("cl_nc_026", HOLDS, "13"),
        ("cl_cc_001", HOLDS_ROUGHLY, "£109,668"),
        ("cl_nc_032", DOES_NOT_HOLD, "not seen by 29 June 2026; its window closed on 31 October 2025"),
        ("cl_nc_037", DOES_NOT_HOLD, "5 September 2022, not 5 November 2022"),
        ("cl_nc_058", HOLDS, "6"),
        ("cl_cc_029", DOES_NOT_HOLD, "£174.43 million"),
        # Another definition can neither lower a verdict nor contradict.
        ("cl_cc_020", DIFFERS_IN_SCOPE, "7,719 referrals"),
        ("cl_cc_019", DIFFERS_IN_SCOPE, "3,793 children"),
        ("cl_nc_060", DIFFERS_IN_SCOPE, "3,422 children"),
        ("cl_nc_054", DIFFERS_IN_SCOPE, "£124,847"),
        # Rows of its own source are no test; where another source has the same, it is tested on that.
        ("cl_nc_014", ITSELF_ONLY, "none"),
        ("cl_nc_052", ITSELF_ONLY, "34.4 per cent"),
        ("cl_nc_016", HOLDS, "First day of the visit, by the board's minutes: 30 June 2021"),
        ("cl_nc_015", HOLDS, "Day of the board's own minutes: 21 September 2021"),
        # The words are tested, and not only the theme.
        ("cl_nc_006", HOLDS, "some children waiting up to six weeks"),
        ("cl_nc_007", HOLDS, "Widespread, systemic"),
        # "All" means every one, and not the average.
        ("cl_cc_010", HOLDS_ROUGHLY, "up in 108 of 148 authorities in 2022"),
    ],
)
def test_claims_that_matter_come_out_as_published(claim_id, expected, found):
    judged, _ = committed()

    assert judged.at[claim_id, "verdict"] == expected
    assert found in judged.at[claim_id, "found"]


def test_no_claim_holds_by_its_own_source():
    judged, parts = committed()
    own = judged[judged["own_source"]]
    tested_with = parts.groupby("claim_id")["sources"].agg(lambda ids: set(" ".join(ids).split()))

    assert HOLDS not in set(own["verdict"]) and len(own) == 14
    assert all(tested_with[row.claim_id] == {row.source_id} for row in own.itertuples())
    assert tested_with["cl_nc_016"] == tested_with["cl_nc_015"] == {"ncc_exec_20210921"}


def test_no_part_of_another_scope_has_another_verdict():
    live = committed()[1].query("test != 'not_testable'")

    assert (live["verdict"].eq(DIFFERS_IN_SCOPE) == live["scope"].ne("same")).all()
    assert (live["scope_note"].ne("") == live["scope"].ne("same")).all()


def test_next_week_depends_on_the_day_it_was_said():
    day = committed()[0]["depends_on_day"]

    assert day[day != ""].to_dict() == {
        "cl_nc_027": "said on 28 March 2024: holds; said on 4 April 2024: does not hold"
    }


def test_forecasts_are_counted_apart():
    judged, _ = committed()

    assert list(judged.index[judged["forecast"]]) == ["cl_cc_008", "cl_cc_036", "cl_nc_023", "cl_nc_027", "cl_nc_032"]
    assert judged.loc[judged["forecast"], "in_words"].value_counts().to_dict() == {
        "did not come true": 4,
        "came true in part": 1,
    }


def test_no_verdict_is_the_opposite_of_the_compiled_one():
    judged, _ = committed()
    compiled = sources.read_curated("claims").set_index("claim_id")["compiled_verdict"]
    pairs = set(zip(judged["verdict"], compiled[judged.index], strict=True))

    assert not pairs & {(HOLDS, "contradicted"), (DOES_NOT_HOLD, "supported"), (HOLDS, "untestable")}
    assert not {"compiled_check", "compiled_verdict", "how_to_check"} & set(judged)


def test_stated_numbers_stand_in_the_tests():
    judged, parts = committed()
    judged = judged[judged["verdict"].ne(CANNOT_BE_TESTED) & ~judged["unit"].isin(["year", "weeks", "months"])]
    numbers = judged[judged["stated_value"].fillna("").str.fullmatch(r"[\d.]+")]
    stated = parts[parts["expected"].str.fullmatch(r"[\d.]+")].astype({"expected": "float64"})
    tested = set(zip(stated["claim_id"], stated["expected"], strict=True))

    # Stated against another row, and there read from the tables.
    missing = [row.claim_id for row in numbers.itertuples() if (row.claim_id, float(row.stated_value)) not in tested]
    assert missing == ["cl_cc_022", "cl_cc_040", "cl_nc_002", "cl_nc_055", "cl_nc_061"]


@pytest.mark.parametrize("as_at", ["2015-01-01", "2019-06-30", "2021-10-01", "2022-08-01", "2024-04-04", "2025-06-30"])
def test_nothing_is_tested_with_what_was_not_public(as_at):
    judged, parts = committed(as_at)
    used = {(row.table, key) for row in parts.itertuples() for key in row.keys.split("; ")}
    later = set()
    for name in ("budgets", "statements", "events", "findings"):
        rows = tables.load(name)
        later |= {(name, tables.row_key(name, row)) for _, row in rows[rows["published"] > as_at].iterrows()}
    years = [int(year) for year in re.findall(r"\b20\d\d\b", " ".join([*judged["found"], *judged["why"]]))]

    assert judged["published"].max() <= pd.Timestamp(as_at)
    assert not later & used
    assert max(years, default=0) <= int(as_at[:4])


# Contradictions between sources.


def test_all_contradictions_have_both_sides():
    found = tables.load("contradictions")
    one_place = (found["source_id"] == found["other_source_id"]) & (found["locator"] == found["other_locator"])

    assert sorted(set(found["contradiction"])) == list(range(1, 19))
    assert (found["value"] != found["other_value"]).all()
    assert set(found.loc[one_place, "contradiction"]) <= {1, 8, 17}


def test_the_hours_for_which_rate_and_salary_agree():
    budgets = tables.load("budgets").set_index("fact_id")["amount_gbp"]
    hours = budgets["bud_cc_002"] / budgets["bud_cc_001"]

    assert f"{hours:,.0f} paid hours" in tables.load("contradictions").query("contradiction == 8")["reading"].iloc[0]
    assert round(hours / 37) == 44


def test_when_thirteen_was_right():
    days = pd.to_datetime(["2023-09-03", "2023-09-04", "2024-01-29", "2024-01-30", "2024-04-04"]).date
    every = timeline.grades_over_time(
        tables.load("judgements"), tables.load("authorities"), list(days), "overall_effectiveness"
    )
    inadequate = every["grade"].eq("inadequate").groupby(every["day"]).sum()

    assert inadequate.eq(13).tolist() == [False, True, True, False, False]
    assert "September 2023 to 29 January 2024" in tables.load("contradictions")["reading"].iloc[0]


def test_claims_checked_come_newest_first_with_what_they_were_tested_on():
    found = claims.checked(tables.load)
    by = found.set_index("claim_id")["subjects"]

    assert found["published"].is_monotonic_decreasing and len(found) == len(tables.load("claims"))
    assert by["cl_nc_017"] == "observations; Children's services workforce"
    assert "judgements" in by["cl_nc_025"] and by["cl_nc_008"] == ""
