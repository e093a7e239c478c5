"""Spells of a grade: how they begin and end, how they are censored, and how their survival is estimated."""

import numpy as np
import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import spells, timeline
from hypothesis import given
from hypothesis import strategies as st

OVERALL = "overall_effectiveness"
WHEN = pd.Timestamp("2025-05-14")
# Freireich and others 1963, remission in weeks of 21 patients on 6-mercaptopurine; + is censored. The estimates are
# those of every textbook, for example Collett, Modelling Survival Data in Medical Research.
REMISSION = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
BY_HAND = {5: 1.0, 6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448, 35: 0.448}


def followed(text):
    """Spells written as 6 (ended) and 6+ (censored)."""
    words = text.split()
    return pd.DataFrame(
        {
            "days": [int(word.rstrip("+")) for word in words],
            "state": ["lasting" if word.endswith("+") else "ended" for word in words],
        }
    )


def grades(*rows):
    """Judgements written as (authority, day, grade), optionally with another judgement."""
    frame = pd.DataFrame(
        [(*row, OVERALL)[:4] for row in rows], columns=["la_code_ons", "published", "grade", "judgement"]
    )
    return frame.assign(
        published=pd.to_datetime(frame["published"]),
        framework="ilacs",
        source_id="ofsted_ods_2025",
        event_id=frame["la_code_ons"] + "_" + frame["published"],
    )


@pytest.fixture
def authorities():
    return pd.DataFrame(
        {
            "la_code_ons": ["E1", "E2"],
            "name": ["Alpha", "Beta"],
            "existed_from": pd.NaT,
            "existed_to": pd.to_datetime([None, "2021-03-31"]),
        }
    )


def test_survival_agrees_with_the_textbook():
    curve = spells.survival(followed(REMISSION))

    assert {week: round(spells.lasting_at(curve, week), 3) for week in BY_HAND} == BY_HAND
    assert spells.median_days(curve) == 23


def test_the_band_is_greenwoods_on_the_log_log_scale():
    curve = spells.survival(followed(REMISSION)).set_index("days")

    share = 18 / 21
    error = 1.959964 * np.sqrt(3 / (21 * 18)) / np.log(share)
    assert curve.loc[6, "low"] == pytest.approx(share ** np.exp(-error), abs=1e-6)
    assert curve.loc[6, "high"] == pytest.approx(share ** np.exp(error), abs=1e-6)


def test_the_curve_counts_who_is_still_followed():
    curve = spells.survival(followed(REMISSION)).set_index("days")

    assert curve.loc[[0, 6, 10, 35], "at_risk"].tolist() == [21, 21, 15, 1]
    assert curve.loc[6, ["ended", "censored"]].tolist() == [3, 1]
    assert curve["ended"].sum() + curve["censored"].sum() == 21


def test_what_lasted_so_long_is_judged_by_the_others_that_did():
    found = spells.conditional_lasting(followed(REMISSION), 10, 13).iloc[0]

    assert found["lasting"] == pytest.approx(0.448 / 0.753, abs=1e-3)  # of the textbook's curve
    assert found[["days", "more", "spells", "ended"]].tolist() == [10, 13, 13, 4]
    assert found["low"] < found["lasting"] < found["high"]


@pytest.mark.parametrize(("days", "more"), [(40, 1), (35, 0), (10, 100)])
def test_beyond_what_was_followed_nothing_is_said(days, more):
    assert spells.conditional_lasting(followed(REMISSION), days, more)["lasting"].isna().all()


@given(
    st.lists(st.tuples(st.integers(1, 300), st.booleans()), min_size=1, max_size=30),
    st.integers(0, 300),
    st.integers(0, 300),
)
def test_to_last_both_stretches_is_to_last_the_one_and_then_the_other(rows, days, more):
    found = pd.DataFrame({"days": [d for d, _ in rows], "state": ["ended" if e else "lasting" for _, e in rows]})

    then = spells.conditional_lasting(found, days, more)["lasting"].item()

    if np.isfinite(then):
        curve = spells.survival(found)
        both, first = (spells.lasting_at(curve, d) for d in (days + more, days))
        assert both == pytest.approx(first * then, abs=1e-6)


def test_half_is_an_estimate_and_what_ended_a_count():
    found = followed("3 5 7 9 11+ 13+ 15+ 17+ 19+ 21").assign(judgement=OVERALL, source_id="ofsted_ods_2025")
    found.loc[4, "state"] = "authority_ended"

    row = spells.summary(found).iloc[0]

    assert row[["spells", "ended", "lasting", "cut_off"]].tolist() == [10, 5, 4, 1]
    assert row["median_days"] == 21 and row["low"] < 21 and np.isnan(row["high"])
    few = spells.summary(found.head(9)).iloc[0]
    assert few[["spells", "ended"]].tolist() == [9, 4] and few[["median_days", "low", "high"]].isna().all()
    assert spells.summary(found.head(0)).empty


def looked(day, code="E1"):
    return pd.DataFrame({"la_code_ons": [code], "looked": [pd.Timestamp(day)], "source_id": ["d2i_ilacs_2026"]})


def test_a_spell_that_lasts_is_as_long_as_its_authority_is_known(authorities):
    rows = grades(("E1", "2024-05-14", "inadequate"), ("E2", "2020-05-14", "inadequate"))
    rows = pd.concat([rows, grades(("E3", "2025-05-04", "inadequate"))])
    authorities = pd.concat([authorities, authorities.head(1).assign(la_code_ons="E3", name="Gamma")])

    found = spells.current(rows, authorities, OVERALL, WHEN, looked("2026-05-14"))

    assert found[["name", "until", "days"]].values.tolist() == [
        ["Alpha", pd.Timestamp("2026-05-14"), 730],
        ["Gamma", WHEN, 10],  # Beta's council has ended
    ]
    assert found["source_id"].tolist() == ["ofsted_ods_2025 d2i_ilacs_2026", "ofsted_ods_2025"]


def test_a_grade_known_of_one_authority_alone_ends_its_spell(authorities):
    rows = grades(("E1", "2024-05-14", "inadequate"), ("E1", "2026-01-01", "good"))

    assert spells.current(rows, authorities, OVERALL, WHEN, looked("2026-05-14")).empty
    assert len(spells.current(rows, authorities, OVERALL, WHEN, looked("2025-12-31"))) == 1
    early = spells.current(rows, authorities, OVERALL, WHEN, looked("2020-01-01"))
    assert early["until"].tolist() == [WHEN]  # a list read before the history's end adds nothing
    assert early["source_id"].tolist() == ["ofsted_ods_2025"]


def test_who_was_inadequate_on_a_day_and_what_became_of_each(authorities):
    rows = grades(("E1", "2019-01-01", "inadequate"), ("E1", "2021-01-01", "good"), ("E2", "2020-03-31", "inadequate"))
    found = spells.inadequate_spells(rows, authorities, OVERALL, WHEN)

    held = spells.where_now(found, pd.Timestamp("2020-12-31"))

    assert held[["name", "days_after", "state", "next_grade"]].fillna("").values.tolist() == [
        ["Alpha", 1, "ended", "good"],
        ["Beta", 90, "authority_ended", ""],
    ]
    on = {
        day: spells.where_now(found, pd.Timestamp(day))["name"].tolist()
        for day in ("2018-12-31", "2019-01-01", "2021-01-01", "2021-03-31", "2021-04-01")
    }
    assert list(on.values()) == [[], ["Alpha"], ["Beta"], ["Beta"], []]


def test_where_all_are_censored_nothing_has_ended():
    curve = spells.survival(followed("3+ 5+ 8+"))

    assert curve["lasting"].tolist() == [1, 1, 1, 1]
    assert np.isnan(spells.median_days(curve))
    assert np.isnan(spells.lasting_at(curve, 9))


def test_no_spells_give_no_curve():
    with pytest.raises(ValueError, match="say so in words"):
        spells.survival(followed(""))


@given(st.lists(st.tuples(st.integers(0, 3000), st.booleans()), min_size=1, max_size=40))
def test_the_curve_never_rises_and_lies_in_its_band(rows):
    found = pd.DataFrame({"days": [d for d, _ in rows], "state": ["ended" if e else "lasting" for _, e in rows]})

    curve = spells.survival(found)

    assert curve["days"].iloc[0] == 0 and curve["days"].is_monotonic_increasing
    assert curve["lasting"].between(0, 1).all() and (curve["lasting"].diff().dropna() <= 1e-12).all()
    inside = curve["low"].isna() | (
        (curve["low"] <= curve["lasting"] + 1e-12) & (curve["lasting"] <= curve["high"] + 1e-12)
    )
    assert inside.all()


def test_a_spell_ends_with_the_next_better_grade(authorities):
    found = spells.inadequate_spells(
        grades(("E1", "2019-01-01", "inadequate"), ("E1", "2021-01-01", "good")), authorities, OVERALL, WHEN
    )

    row = found.iloc[0]
    assert (len(found), row["days"], row["state"], row["next_grade"]) == (1, 731, "ended", "good")


def test_two_inadequate_grades_in_a_row_are_one_spell(authorities):
    rows = grades(("E1", "2019-01-01", "inadequate"), ("E1", "2021-01-01", "inadequate"), ("E1", "2022-01-01", "good"))

    found = spells.inadequate_spells(rows, authorities, OVERALL, WHEN)

    assert found[["days", "inspections", "state"]].values.tolist() == [[1096, 2, "ended"]]
    assert spells.next_grades(rows, OVERALL, WHEN)["next_grade"].tolist() == ["inadequate", "good"]


def test_a_day_may_be_text_and_an_unknown_judgement_is_refused(authorities):
    rows = grades(("E1", "2019-01-01", "inadequate"), ("E1", "2020-01-01", "good"))

    by_text = spells.inadequate_spells(rows, authorities, OVERALL, "2020-12-31")

    pd.testing.assert_frame_equal(
        by_text, spells.inadequate_spells(rows, authorities, OVERALL, pd.Timestamp("2020-12-31"))
    )
    for step in (spells.next_grades, spells.ilacs_grades):
        with pytest.raises(ValueError, match=r"did you mean 'overall_effectiveness'\?"):
            step(rows, "overall", "2020-12-31")


def test_a_relapse_is_a_second_spell(authorities):
    rows = grades(("E1", "2019-01-01", "inadequate"), ("E1", "2020-01-01", "good"), ("E1", "2025-01-01", "inadequate"))

    found = spells.inadequate_spells(rows, authorities, OVERALL, WHEN)

    assert found["state"].tolist() == ["ended", "lasting"]


def test_what_came_later_is_not_known(authorities):
    rows = grades(("E1", "2019-01-01", "inadequate"), ("E1", "2021-01-01", "good"))

    found = spells.inadequate_spells(rows, authorities, OVERALL, pd.Timestamp("2020-12-31"))

    assert found[["days", "state"]].values.tolist() == [[730, "lasting"]]
    assert spells.inadequate_spells(rows, authorities, OVERALL, pd.Timestamp("2018-12-31")).empty


def test_a_spell_is_followed_until_its_authority_ends(authorities):
    found = spells.inadequate_spells(grades(("E2", "2020-03-31", "inadequate")), authorities, OVERALL, WHEN)

    assert found[["days", "state"]].values.tolist() == [[365, "authority_ended"]]


def test_a_spell_is_followed_until_its_judgement_is_no_longer_made(authorities):
    joint = "children_in_care_and_care_leavers"
    rows = grades(("E1", "2020-01-01", "inadequate", joint), ("E1", "2023-06-01", "good", "children_in_care"))

    found = spells.inadequate_spells(rows, authorities, joint, WHEN)

    assert found[["until", "state"]].values.tolist() == [[pd.Timestamp("2023-06-01"), "judgement_ended"]]
    assert spells.inadequate_spells(rows, authorities, "children_in_care", WHEN).empty


def test_grades_of_another_framework_are_not_in_the_history(authorities):
    rows = grades(("E1", "2019-01-01", "inadequate")).assign(framework="sif")

    assert spells.inadequate_spells(rows, authorities, OVERALL, WHEN).empty


def test_waits_are_counted_from_first_day_to_first_day():
    rows = grades(("E1", "2019-02-10", "good"), ("E1", "2022-03-01", "good"))
    events = pd.DataFrame(
        {
            "event_id": rows["event_id"],
            "la_code_ons": "E1",
            "kind": ["inspection", "short_inspection"],
            "start": ["2019-01-01", "2022-01-01"],
            "start_earliest": pd.to_datetime(["2019-01-01", "2022-01-01"]),
            "publication_date": rows["published"],
            "source_id": "ofsted_ods_2025",
        }
    )

    found = spells.waits(events, rows, WHEN)

    assert found["days_to_report"].tolist() == [40, 59]
    assert found["days_since_last"].tolist()[1] == 1096 and np.isnan(found["days_since_last"].iloc[0])


def test_money_is_joined_to_the_grade_held_and_ungraded_councils_left_out():
    per_child = pd.DataFrame(
        {
            "area_code": ["E1", "E2", "E3"],
            "amount_per_child": [900.0, 800.0, 700.0],
            "status": ["value", "value", "implausible"],
            "source_id": "dfe_s251",
        }
    )
    held = pd.DataFrame(
        {
            "la_code_ons": ["E1", "E2", "E3"],
            "name": list("abc"),
            "grade": ["good", "not_inspected", "good"],
            "event_id": ["e1", None, "e3"],
            "judgement": OVERALL,
            "source_id": "ofsted_ods_2025",
        }
    )

    joined = spells.spending_by_grade(per_child, held)

    assert joined[["area_code", "grade", "source_id"]].values.tolist() == [["E1", "good", "dfe_s251 ofsted_ods_2025"]]


@pytest.fixture(scope="module")
def history():
    return tables.load("judgements"), tables.load("authorities")


def spells_on(history, judgement, when=WHEN):
    return spells.inadequate_spells(*history, judgement, pd.Timestamp(when))


def test_nottinghams_spell_on_a_day(history):
    found = spells_on(history, OVERALL, "2024-04-04").set_index("name")

    assert found.loc["Nottingham", "days"] == 577
    assert (found["state"] == "lasting").sum() == 16  # as many as were inadequate on that day


def test_the_history_holds_so_many_spells(history):
    counts = {
        j: (len(found := spells_on(history, j)), int(found["state"].eq("ended").sum()))
        for j in (
            OVERALL,
            "help_and_protection",
            "impact_of_leaders",
            "children_in_care_and_care_leavers",
            "children_in_care",
            "care_leavers",
        )
    }

    assert timeline.last_known_day(tables.load("events"), "") == WHEN
    assert counts == {
        OVERALL: (33, 13),
        "help_and_protection": (26, 10),
        "impact_of_leaders": (28, 12),
        "children_in_care_and_care_leavers": (14, 3),
        "children_in_care": (5, 0),
        "care_leavers": (7, 0),
    }


def test_the_history_gives_a_median_with_its_interval(history):
    curve = spells.survival(spells_on(history, OVERALL))

    assert [spells.median_days(curve, end) for end in ("low", "lasting", "high")] == [1268, 1348, 1476]
    assert len(spells.waits(tables.load("events"), history[0], WHEN)) == 271


def test_too_few_spells_and_none_ended_are_not_enough(history):
    early, later = (spells_on(history, OVERALL, day) for day in ("2019-06-30", "2020-03-30"))

    assert (len(early), spells.enough(early)) == (8, False)
    assert (len(later), spells.enough(later)) == (15, False)
    assert spells.enough(spells_on(history, OVERALL))


def test_of_thirty_three_spells_thirteen_had_ended_and_half_is_an_estimate(history):
    row = spells.summary(spells_on(history, OVERALL)).iloc[0]

    assert row[["spells", "ended", "lasting", "cut_off"]].tolist() == [33, 13, 19, 1]
    assert row[["median_days", "low", "high"]].tolist() == [1348, 1268, 1476]


def test_nottingham_is_followed_to_the_newest_list_and_all_others_to_the_releases_end(history):
    events, read, sources = (tables.load(name) for name in ("events", "event_sources", "sources"))
    lists = timeline.last_looked(events, read, sources, ("inspection", "expected_inspection"))

    found = spells.current(*history, OVERALL, timeline.last_known_day(events), lists).set_index("name")

    assert len(found) == 19 and timeline.last_known_day(events) == WHEN
    assert found.loc["Nottingham", ["days", "until"]].tolist() == [1393, timeline.today(sources)]
    assert set(found.drop("Nottingham")["until"]) == {WHEN}


def test_given_982_days_the_chance_of_1393_is_another(history):
    found = spells_on(history, OVERALL)

    row = spells.conditional_lasting(found, 982, 1393 - 982).iloc[0]

    assert round(spells.lasting_at(spells.survival(found), 1393), 2) == 0.42
    assert (round(row["lasting"], 2), row["spells"], row["ended"]) == (0.44, 17, 8)


def test_of_the_sixteen_inadequate_in_april_2024_one_had_a_better_grade_a_year_on(history):
    held = spells.where_now(spells_on(history, OVERALL), pd.Timestamp("2024-04-04"))

    assert len(held) == 16 and held["state"].eq("ended").sum() == 1
    assert held[["name", "next_grade", "days_after"]].iloc[0].tolist() == [
        "Bournemouth, Christchurch and Poole",
        "good",
        300,
    ]
