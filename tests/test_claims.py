"""Claims: each kind of test on small frames, the verdict rule at its edges, and every claim on the committed tables."""

import re
from functools import cache

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import claim_rows, claims
from childrens_services.analysis.claims import APPROXIMATE, CONTRADICTED, NOT_PUBLIC, NOT_TESTABLE, SUPPORTED
from childrens_services.answers import claim_exhibits, claim_story
from hypothesis import given
from hypothesis import strategies as st

TODAY = pd.Timestamp("2026-06-29")
RANK = {SUPPORTED: 2, APPROXIMATE: 1, CONTRADICTED: 0}
CITY, ENGLAND = "E06000018", "E92000001"
FIVE = ["nottstv_2022_mash", "wbw_2021_visit", "chad_2022_broken", "hucknall_2024_trust", "ofsted_cc_letter_2022"]


def observations(*values):
    rows = [(area, indicator, str(year), value, "dfe_csww") for area, indicator, year, value in values]
    frame = pd.DataFrame(rows, columns=["area_code", "indicator", "period", "value", "source_id"])
    return frame.assign(
        period=frame["period"].astype(int), status=frame["value"].notna().map({True: "value", False: "confidential"})
    )


@pytest.fixture
def known():
    """The tables that tests of claims look at, with a few rows each."""
    event = {
        "event_id": "e1",
        "la_code_ons": CITY,
        "kind": "monitoring_visit",
        "start": "2022-07-11",
        "end": "2022-07-22",
        "theme": "Front door",
        "source_id": "ofsted_nc_2022",
        "start_earliest": pd.Timestamp("2022-07-11"),
        "publication_date": pd.Timestamp("2022-09-05"),
        "published": pd.Timestamp("2022-09-05"),
    }
    judgement = {
        "event_id": "e1",
        "judgement": "overall_effectiveness",
        "grade": "inadequate",
        "framework": "ilacs",
        "la_code_ons": CITY,
        "source_id": "ofsted_nc_2022",
        "published": pd.Timestamp("2022-09-05"),
    }
    forecast = {
        "forecast_id": "f1",
        "window_start": pd.Timestamp("2022-01-01"),
        "window_end": pd.Timestamp("2022-03-31"),
        "outcome_date": "2022-07-11",
        "source_id": "wbw_2021_visit",
    }
    return {
        "observations": observations(
            (CITY, "agency", 2021, 20.0),
            (CITY, "agency", 2022, 50.0),
            (CITY, "agency", 2023, 40.0),
            (CITY, "agency", 2024, None),
            (ENGLAND, "agency", 2022, 30.0),
            ("E12000004", "agency", 2022, 60.0),
            ("E08000001", "agency", 2022, 45.0),
            ("E08000002", "agency", 2022, 47.0),
        ),
        "indicators": pd.DataFrame({"indicator": ["agency"], "unit": ["per cent"], "decimals": [1]}),
        "statements": pd.DataFrame({"fact_id": ["s1"], "value": [8.0], "source_id": ["nottstv_2022_mash"]}),
        "budgets": pd.DataFrame(
            {"fact_id": ["b1", "b2"], "amount_gbp": [684000.0, 366000.0], "source_id": ["nottstv_2022_mash"] * 2}
        ),
        "spending": pd.DataFrame(
            {
                "area_code": [CITY],
                "financial_year": ["2022-23"],
                "collection": ["revenue_outturn"],
                "line": ["total"],
                "measure": ["net"],
                "amount_gbp": [1000000.0],
                "status": ["value"],
                "source_id": ["mhclg_ro3_2223"],
            }
        ),
        "events": pd.DataFrame([event, {**event, "event_id": "e2", "start_earliest": pd.Timestamp("2023-01-01")}]),
        "judgements": pd.DataFrame([judgement]),
        "findings": pd.DataFrame(
            {"finding_id": ["x1"], "theme": ["direct_work"], "polarity": ["weakness"], "source_id": ["ofsted_nc_2022"]}
        ),
        "forecasts": pd.DataFrame([forecast, {**forecast, "forecast_id": "f2", "outcome_date": None}]),
        "authorities": pd.DataFrame(
            {
                "la_code_ons": [CITY],
                "name": ["Nottingham"],
                "region_code": ["E12000004"],
                "region": ["East Midlands"],
                "existed_from": pd.to_datetime([None]),
                "existed_to": pd.to_datetime([None]),
            }
        ),
        "neighbours": pd.DataFrame(
            {
                "model": ["2025"] * 2,
                "la_code_ons": [CITY] * 2,
                "rank": [1, 2],
                "source_id": ["dfe_neighbours_2025"] * 2,
                "neighbour_la_code_ons": ["E08000001", "E08000002"],
            }
        ),
    }


def run(known, test, rows="", rule="", expected="", precision=1.0, hedge="", cap="", today=TODAY):
    """Run one test on the small tables and give its row."""
    part = {"claim_id": "c1", "part": 1, "test": test, "what": "x", "rows": rows, "rule": rule, "expected": expected,
            "precision": precision, "hedge": hedge, "unit": "", "cap": cap, "note": "a survey", "difference": None,
            "weight": None}  # fmt: skip
    return claims.check_parts(pd.DataFrame([part]), known, today).iloc[0]


AGENCY = f"observations {CITY} agency "


@pytest.mark.parametrize(
    ("test", "rows", "rule", "expected", "verdict", "checked"),
    [
        ("arithmetic", "budgets b1; budgets b2", "a + b", "1050000", SUPPORTED, "1,050,000"),
        ("arithmetic", "budgets b1; statements s1", "a / b", "91200", CONTRADICTED, "85,500"),
        ("arithmetic", "budgets b1; budgets b2", "a - b", ">0", SUPPORTED, "318,000"),
        ("series", AGENCY + "2022", "", "50", SUPPORTED, "50.0 per cent in 2022"),
        ("series", f"{AGENCY}2022; {AGENCY}2023", "", "44", SUPPORTED, "50.0 per cent in 2022, 40.0 in 2023"),
        ("spending", f"spending {CITY} 2022-23 revenue_outturn total net", "", "1000", CONTRADICTED, "1,000,000"),
        ("change", f"{AGENCY}2021; {AGENCY}2022", "up", "", SUPPORTED, "20.0 per cent in 2021, 50.0 in 2022"),
        ("change", f"{AGENCY}2021; {AGENCY}2022", "down", "", CONTRADICTED, "20.0 per cent in 2021, 50.0 in 2022"),
        ("change", f"{AGENCY}2021; {AGENCY}2022; {AGENCY}2023", "down each time", "", CONTRADICTED, None),
        ("change", f"{AGENCY}2021; {AGENCY}2023; {AGENCY}2022", "highest", "", SUPPORTED, None),
        ("group", AGENCY + "2022", "above England", "", SUPPORTED, "50.0 per cent against 30.0 in England in 2022"),
        ("group", AGENCY + "2022", "above region", "", CONTRADICTED, None),
        ("group", AGENCY + "2022", "above neighbours", "", SUPPORTED, None),
        ("grade_count", "", "2022-09-05 overall_effectiveness inadequate", "1", SUPPORTED, "1"),
        ("grade_count", "", "2022-09-04 overall_effectiveness inadequate", "1", CONTRADICTED, "none"),
        ("count", "events e1", "events kind=monitoring_visit from=2022-08-01", "1", SUPPORTED, "1"),
        ("count", "events e1", "judgements event_id=e1 judgement!=overall_effectiveness", "0", SUPPORTED, "none"),
        ("grade", "judgements e1 overall_effectiveness", "", "inadequate", SUPPORTED, "inadequate"),
        ("grade", "judgements e1 overall_effectiveness", "", "good", CONTRADICTED, "inadequate, not good"),
        ("grade", "judgements e1 care_leavers", "", "good", CONTRADICTED, "no such judgement in that inspection"),
        ("date", "events e1 @publication_date", "", "2022-09", SUPPORTED, "5 September 2022"),
        ("date", "events e1 @publication_date", "", "2022-11", CONTRADICTED, "5 September 2022, not November 2022"),
        ("span", "events e1", "days", "12", SUPPORTED, "12 days"),
        ("span", "events e1", "weeks", "4", CONTRADICTED, "12 days"),
        ("weekday", "events e1 @start", "", "Monday", SUPPORTED, "11 July 2022, a Monday"),
        ("weekday", "events e1 @start", "", "Tuesday", CONTRADICTED, "11 July 2022, a Monday"),
        ("statement", "budgets b2; budgets b1", "at most", "", SUPPORTED, "366,000 against 684,000"),
        ("statement", "budgets b2; budgets b1", "equal", "", CONTRADICTED, "366,000 against 684,000"),
        ("forecast", "forecasts f1", "", "", CONTRADICTED, "11 July 2022, 102 days after its window"),
        ("forecast", "forecasts f2", "", "", CONTRADICTED, None),
        ("words", "findings x1 @theme", "", "direct_work", SUPPORTED, "direct work"),
        ("words", "findings x1 @polarity", "", "strength", CONTRADICTED, "weakness, not strength"),
        ("not_testable", "", "", "", NOT_TESTABLE, ""),
    ],
)  # fmt: skip
def test_each_kind_of_test(known, test, rows, rule, expected, verdict, checked):
    found = run(known, test, rows, rule, expected)

    assert found["verdict"] == verdict
    assert checked is None or found["checked"] == checked


def test_the_closed_set_of_tests_is_the_contracts():
    assert list(claims.TESTS) == tables.contracts()["claim_tests"]["columns"]["test"]["words"]


def test_what_was_found_carries_its_rows_and_sources(known):
    found = run(known, "arithmetic", "budgets b1; statements s1", "a / b", "85500")

    assert (found["table"], found["keys"], found["sources"]) == ("budgets", "b1; statements s1", "nottstv_2022_mash")


def test_a_cap_lowers_a_verdict_and_never_raises_one(known):
    capped = [run(known, "series", AGENCY + "2022", "", stated, cap="another date") for stated in ("50", "51", "90")]

    assert [row["verdict"] for row in capped] == [APPROXIMATE, APPROXIMATE, CONTRADICTED]


@pytest.mark.parametrize("rows", [AGENCY + "2024", AGENCY + "2030", f"observations {CITY} other 2022"])
def test_a_row_that_is_not_there_or_withheld_is_not_tested(known, rows):
    found = run(known, "series", rows, "", "50")

    assert (found["verdict"], found["why"]) == (NOT_TESTABLE, NOT_PUBLIC)


def test_a_window_that_is_still_open_is_not_tested(known):
    assert run(known, "forecast", "forecasts f2", today=pd.Timestamp("2022-03-31"))["verdict"] == NOT_TESTABLE


def test_a_claim_that_cannot_be_tested_says_what_it_would_take(known):
    assert run(known, "not_testable")["why"] == "a survey"


def test_an_unknown_test_and_rule_are_refused(known):
    with pytest.raises(ValueError, match="row c1 1: no test 'guess'; there are arithmetic, series"):
        run(known, "guess")
    with pytest.raises(ValueError, match="rule 'a \\*\\* 2' cannot be worked out"):
        run(known, "arithmetic", "budgets b1", "a ** 2", "1")


@pytest.mark.parametrize("rule", ["__import__('os')", "b", "a if a else 1", "'a'"])
def test_a_sum_is_only_a_sum(rule):
    with pytest.raises(ValueError, match="use a, numbers and"):
        claim_rows.calculate(rule, {"a": 1.0})


@pytest.mark.parametrize(
    ("stated", "checked", "precision", "hedged", "verdict"),
    [
        (13, 13, 1, False, SUPPORTED), (13, 16, 1, False, CONTRADICTED),
        (34.4, 34.44, 0.1, False, SUPPORTED), (34.4, 34.5, 0.1, False, APPROXIMATE),
        (957, 955, 1, False, APPROXIMATE), (3.7e6, 3.749e6, 1e5, False, SUPPORTED),
        (100, 105, 1, False, APPROXIMATE), (100, 105.1, 1, False, CONTRADICTED),
        (20, 17.2, 1, True, APPROXIMATE), (25, 17.2, 1, True, CONTRADICTED), (700, 719, 1, True, SUPPORTED),
        (1, 1.4, 1, False, APPROXIMATE), (0, 0, 1, False, SUPPORTED), (0, 1, 1, False, CONTRADICTED),
    ],
)  # fmt: skip
def test_the_rule_at_its_edges(stated, checked, precision, hedged, verdict):
    assert claims.number_verdict(stated, checked, precision, hedged) == verdict


@given(
    stated=st.floats(0.1, 1e9), off=st.floats(-2, 2), shrink=st.floats(0, 1), flip=st.booleans(),
    precision=st.sampled_from([0.1, 1.0, 100.0, 1e6]), hedged=st.booleans(),
)  # fmt: skip
def test_a_closer_value_never_gets_a_worse_verdict(stated, off, shrink, flip, precision, hedged):
    far, close = stated * (1 + off), stated * (1 + off * shrink * (-1 if flip else 1))
    if abs(close - stated) > abs(far - stated):
        close, far = far, close

    verdicts = [claims.number_verdict(stated, value, precision, hedged) for value in (far, close)]

    assert RANK[verdicts[1]] >= RANK[verdicts[0]]


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(0, 1))
def test_a_figure_between_two_collections_is_supported(before, after, share):
    stated = min(max(before + (after - before) * share, min(before, after)), max(before, after))

    assert claims.between_verdict(stated, before, after, 1) == SUPPORTED


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ([SUPPORTED], SUPPORTED), ([SUPPORTED, SUPPORTED], SUPPORTED), ([CONTRADICTED, CONTRADICTED], CONTRADICTED),
        ([SUPPORTED, CONTRADICTED], APPROXIMATE), ([APPROXIMATE, SUPPORTED], APPROXIMATE),
        ([SUPPORTED, NOT_TESTABLE], NOT_TESTABLE),
    ],
)  # fmt: skip
def test_part_of_a_claim_is_approximate(parts, verdict):
    assert claims.combine(parts) == verdict


def test_a_claim_without_a_test_is_not_testable_and_says_so(known):
    made = pd.DataFrame({"claim_id": ["c1", "c2"], "compiled_verdict": ["supported", "untestable"]})

    judged = claims.judge(made, claims.check_parts(_part_frame(), known, TODAY))

    assert list(judged["verdict"]) == [SUPPORTED, NOT_TESTABLE]
    assert judged["why"].iloc[1] == "no test is written yet"
    assert not judged["differs"].any()


def _part_frame():
    return pd.DataFrame(
        [
            {
                "claim_id": "c1",
                "part": 1,
                "test": "weekday",
                "what": "x",
                "rows": "events e1 @start",
                "rule": "",
                "expected": "Monday",
                "precision": 1.0,
                "hedge": "",
                "unit": "",
                "cap": "",
                "note": "",
                "difference": None,
                "weight": None,
            }
        ]
    )


@cache
def committed(as_at=""):
    """Every claim on the committed tables, as known on a day."""
    found = {name: tables.load(name, as_at) for name in claims.NEEDED}
    today = pd.Timestamp(as_at) if as_at else TODAY
    codes = sorted(set(found["claims"]["la_code_ons"]))
    return claim_story.judged_claims(found, today, codes)


def test_every_claim_has_a_live_test_or_says_what_it_would_take():
    judged, _ = committed()
    live = judged["verdict"] != NOT_TESTABLE

    assert len(judged) == 109
    assert live.sum() >= 90
    assert judged.loc[~live, "why"].ne("").all() and "no test is written yet" not in set(judged["why"])


def test_every_selector_leads_to_rows():
    judged, parts = committed()

    assert NOT_PUBLIC not in set(judged["why"])
    assert parts.loc[parts["test"] != "not_testable", ["keys", "sources", "checked"]].ne("").all(axis=None)


def test_a_verdict_other_than_the_compiled_one_is_explained():
    judged, _ = committed()

    assert judged.loc[judged["differs"], "difference"].notna().all()
    assert judged.loc[~judged["differs"], "difference"].isna().all()
    assert judged["differs"].sum() <= 10


def test_stated_numbers_stand_in_the_tests():
    judged, parts = committed()
    numbers = judged[judged["stated_value"].fillna("").str.fullmatch(r"[\d.]+") & judged["verdict"].ne(NOT_TESTABLE)]
    numbers = numbers[~numbers["unit"].isin(["year", "weeks", "months"])]
    said = parts.groupby("claim_id")["expected"].agg(set)

    missing = [
        row.claim_id for row in numbers.itertuples()
        if float(row.stated_value) not in {float(x) for x in said[row.claim_id] if re.fullmatch(r"[\d.]+", x)}
    ]  # fmt: skip

    # Stated against another row, and there read from the tables.
    assert missing == ["cl_cc_022", "cl_cc_040", "cl_nc_002", "cl_nc_055", "cl_nc_061"]


@pytest.mark.parametrize(
    ("claim_id", "verdict", "checked"),
    [
        ("cl_nc_025", CONTRADICTED, "16"), ("cl_nc_026", SUPPORTED, "13"),
        ("cl_cc_001", APPROXIMATE, "£109,668"), ("cl_nc_001", SUPPORTED, "£1.05 million"),
        ("cl_nc_032", CONTRADICTED, "not seen by 29 June 2026; its window closed on 31 October 2025"),
        ("cl_nc_037", CONTRADICTED, "5 September 2022, not 5 November 2022"),
        ("cl_cc_008", CONTRADICTED, "20 May 2024, 141 days after its window"),
        ("cl_nc_015", SUPPORTED, "21 September 2021, a Tuesday"), ("cl_nc_058", SUPPORTED, "6"),
        ("cl_nc_052", SUPPORTED, "34.4 per cent"), ("cl_cc_029", CONTRADICTED, "£174.43 million"),
    ],
)  # fmt: skip
def test_claims_that_matter_come_out_as_published(claim_id, verdict, checked):
    judged, parts = committed()

    assert judged.set_index("claim_id").loc[claim_id, "verdict"] == verdict
    assert parts[parts["claim_id"] == claim_id]["checked"].iloc[0] == checked


def test_the_five_documents_are_covered():
    judged, _ = committed()
    mine = judged[judged["source_id"].isin(FIVE)]

    assert set(mine["source_id"]) == set(claim_story.DOCUMENTS) == set(FIVE)
    assert (mine["verdict"].ne(NOT_TESTABLE) | mine["why"].ne("")).all()


@pytest.mark.parametrize("as_at", ["2015-01-01", "2019-06-30", "2021-10-01", "2022-08-01", "2024-04-04", "2025-06-30"])
def test_nothing_is_tested_with_what_was_not_public(as_at):
    judged, parts = committed(as_at)
    days = tables.load("claim_tests").set_index("claim_id")["published"]
    later = {name: set(claim_keys(name, as_at)) for name in ("budgets", "statements", "events", "findings")}

    assert days[parts["claim_id"]].max() <= pd.Timestamp(as_at)
    used = {(row.table, key) for row in parts.itertuples() for key in row.keys.split("; ")}
    assert not {(table, key) for table, keys in later.items() for key in keys} & used
    assert set(judged["verdict"]) <= set(claims.VERDICTS)


def claim_keys(name, as_at):
    """Keys of the rows of a table that were not public on a day."""
    frame = tables.load(name)
    return [tables.row_key(name, row) for _, row in frame[frame["published"] > as_at].iterrows()]


def test_a_claim_on_a_later_figure_waits_for_it():
    judged, _ = committed("2021-10-01")

    waiting = judged.set_index("claim_id").loc["cl_nc_017"]

    assert (waiting["verdict"], waiting["why"], waiting["differs"]) == (NOT_TESTABLE, NOT_PUBLIC, False)


def test_all_contradictions_have_both_sides():
    found = tables.load("contradictions")

    assert sorted(set(found["contradiction"])) == list(range(1, 19))
    assert (found["value"] != found["other_value"]).all()
    assert not ((found["source_id"] == found["other_source_id"]) & (found["locator"] == found["other_locator"])
                & ~found["contradiction"].isin([1, 8, 17])).any()  # fmt: skip


def test_the_hours_for_which_rate_and_salary_agree():
    budgets = tables.load("budgets").set_index("fact_id")["amount_gbp"]
    reading = tables.load("contradictions").query("contradiction == 8")["reading"].iloc[0]

    assert f"{budgets['bud_cc_002'] / budgets['bud_cc_001']:,.0f} paid hours" in reading
    assert round(budgets["bud_cc_002"] / budgets["bud_cc_001"] / 37) == 44


def test_when_thirteen_was_right():
    _, parts = committed()

    (said,) = claim_exhibits.when_right(parts, tables.load("judgements"), tables.load("authorities"))

    assert said.text == "A count of 13 was last right from 4 September 2023 to 29 January 2024."


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("1050000", "GBP", "£1.05 million"), ("93600", "GBP a year", "£93,600 a year"),
        ("2022-07", "month", "July 2022"),
        ("2024-04-08/2024-04-14", "week", "8 to 14 April 2024"), ("2018", "year", "2018"),
        ("16667", "referrals", "16,667 referrals"),
        ("none", "inspections", "none"), ("34.4", "per cent", "34.4 per cent"),
    ],
)  # fmt: skip
def test_stated_values_are_printed_in_plain_words(value, unit, text):
    assert claim_story.stated_text(value, unit) == text


def test_a_claim_is_told_with_cited_numbers():
    judged, parts = committed()
    row = judged[judged["claim_id"] == "cl_nc_025"].reset_index(drop=True)

    said = claim_story.claim_sentence(row, parts)

    assert said.text == (
        "One of only 13 authorities rated inadequate (reporter, 4 April 2024): does not hold. "
        "Authorities graded inadequate overall on 4 April 2024: 16."
    )
    assert [n.table for n in said.cited()] == ["claims", "claims", "claim_tests", "judgements"]


def test_authorities_without_claims_get_a_sentence():
    found = {name: tables.load(name) for name in claims.NEEDED}
    judged, parts = claim_story.judged_claims(found, TODAY, ["E08000035"])

    (said,) = claim_story.in_short(judged, parts, {"E08000035": "Leeds"})

    assert said.text == "No claim about Leeds is in the tables, or none was public on this day."


def test_every_speaker_has_a_group():
    roles = set(tables.load("claims")["speaker_role"])
    others = {role for role in roles if claim_exhibits.speaker_group(role) == claim_exhibits.OTHER_SPEAKERS}

    assert others == {"our reading of a scrape", "Data to Insight spreadsheet"}
    assert set(claims.TESTS) == set(claim_exhibits.KINDS)
