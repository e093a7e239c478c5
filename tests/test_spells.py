"""Spells of a grade: how they begin and end, how they are censored, and how their survival is estimated."""

import numpy as np
import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import spells, timeline
from hypothesis import given
from hypothesis import strategies as st
from small_frames import frame, is_numbered, rows_of

OVERALL = "overall_effectiveness"
WHEN = pd.Timestamp("2025-05-14")
# Freireich and others 1963, remission in weeks of 21 patients on 6-mercaptopurine; + is censored. The estimates are
# those of every textbook, for example Collett, Modelling Survival Data in Medical Research.
REMISSION = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
BY_HAND = {5: 1.0, 6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448, 35: 0.448}


JOINT = "children_in_care_and_care_leavers"
HISTORY = "E1 2019-01-01 inadequate; E1 2021-01-01 good"  # as `grades` reads it
AGAIN = "E1 2019-01-01 inadequate; E1 2021-01-01 inadequate; E1 2022-01-01 good"
LENGTHS = st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["", "+"])), min_size=1, max_size=40).map(
    lambda rows: " ".join(f"{days}{mark}" for days, mark in rows)
)


def followed(text):
    """Spells written as 6 (ended) and 6+ (censored)."""
    words = pd.Series(text.split(), dtype="str")
    state = words.str.endswith("+").map({True: "lasting", False: "ended"})
    return pd.DataFrame({"days": words.str.rstrip("+").astype("int64"), "state": state})


def grades(rows):
    """Judgements written as authority, day, grade, and another judgement than the overall one."""
    made = frame("la_code_ons published grade judgement", rows, framework="ilacs", source_id="ofsted_ods_2025")
    return made.fillna({"judgement": OVERALL}).assign(event_id=made["la_code_ons"] + made["published"].astype("str"))


AUTHORITIES = frame("la_code_ons name existed_from existed_to", "E1 Alpha - -; E2 Beta - 2021-03-31; E3 Gamma - -")


def spells_of(rows, judgement=OVERALL, when=WHEN):
    return spells.inadequate_spells(grades(rows), AUTHORITIES, judgement, when)


def test_survival_and_its_band_on_the_log_log_scale_agree_with_the_textbook_and_greenwood():
    curve = spells.survival(followed(REMISSION))
    error = 1.959964 * np.sqrt(3 / (21 * 18)) / np.log(18 / 21)

    assert {week: round(spells.lasting_at(curve, week), 3) for week in BY_HAND} == BY_HAND
    assert spells.median_days(followed(REMISSION)) == 23
    curve = curve.set_index("days")
    band = [18 / 21, (18 / 21) ** np.exp(-error), (18 / 21) ** np.exp(error)]
    assert curve.loc[6, ["lasting", "low", "high"]].tolist() == pytest.approx(band, abs=1e-6)
    counts = curve.loc[[0, 6, 10, 35], ["at_risk", "ended", "censored"]]
    assert counts.values.tolist() == [[21, 0, 0], [21, 3, 1], [15, 1, 1], [1, 0, 1]]


def test_what_lasted_so_long_is_judged_by_the_others_that_did_and_not_beyond_what_was_followed():
    found = spells.conditional_lasting(followed(REMISSION), 10, 13).iloc[0]

    assert found["lasting"] == pytest.approx(0.448 / 0.753, abs=1e-3)  # of the textbook's curve
    assert found[["days", "more", "spells"]].tolist() == [10, 13, 13]
    for days, more in ((40, 1), (35, 0), (10, 100)):
        assert spells.conditional_lasting(followed(REMISSION), days, more)["lasting"].isna().all()


@given(LENGTHS, st.integers(0, 300), st.integers(0, 300))
def test_to_last_both_stretches_is_to_last_the_one_and_then_the_other(text, days, more):
    found = followed(text)

    then = spells.conditional_lasting(found, days, more)["lasting"].item()

    if np.isfinite(then):
        curve = spells.survival(found)
        both, first = (spells.lasting_at(curve, d) for d in (days + more, days))
        assert both == pytest.approx(first * then, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3 5 7 9 11+ 13+ 15+ 17+ 19+ 21", 21),
        ("1 2 3 4 5 6 7 8 9 10", 5),  # half of them exactly
        ("3 5 7 9 11+ 13+ 15+ 17+ 19+ 21+", np.nan),  # more than half last
        ("3 5 7 9", np.nan),  # too few
    ],
)
def test_half_is_an_estimate(text, days):
    assert spells.median_days(followed(text)) == pytest.approx(days, nan_ok=True)


def now(rows, looked):
    """The spells that last, the list of reports of the first authority having been read on a day."""
    read = frame("la_code_ons looked", f"E1 {looked}", source_id="d2i_ilacs_2026")
    return spells.current(grades(rows), AUTHORITIES, OVERALL, WHEN, read)


def test_a_spell_that_lasts_is_as_long_as_its_authority_is_known():
    found = now("E1 2024-05-14 inadequate; E2 2020-05-14 inadequate; E3 2025-05-04 inadequate", "2026-05-14")

    assert is_numbered(found) and found[["name", "until", "days"]].values.tolist() == [
        ["Alpha", pd.Timestamp("2026-05-14"), 730],
        ["Gamma", WHEN, 10],  # Beta's council has ended
    ]
    assert found["source_id"].tolist() == ["ofsted_ods_2025 d2i_ilacs_2026", "ofsted_ods_2025"]


def test_a_grade_known_of_one_authority_alone_ends_its_spell():
    rows = "E1 2024-05-14 inadequate; E1 2026-01-01 good"

    early = now(rows, "2020-01-01")

    assert now(rows, "2026-05-14").empty and len(now(rows, "2025-12-31")) == 1
    assert early["until"].tolist() == [WHEN]  # a list read before the history's end adds nothing
    assert early["source_id"].tolist() == ["ofsted_ods_2025"]


def test_who_was_inadequate_on_a_day_and_what_became_of_each():
    found = spells_of(f"{HISTORY}; E2 2020-03-31 inadequate")

    held = spells.where_now(found[::-1], pd.Timestamp("2020-12-31"))

    assert held[["name", "days_after", "state", "next_grade"]].fillna("").values.tolist() == [
        ["Alpha", 1, "ended", "good"],
        ["Beta", 90, "authority_ended", ""],
    ]
    assert is_numbered(held)
    days = ("2018-12-31", "2019-01-01", "2021-01-01", "2021-03-31", "2021-04-01")
    names = [spells.where_now(found, pd.Timestamp(day))["name"].tolist() for day in days]
    assert names == [[], ["Alpha"], ["Beta"], ["Beta"], []]


@pytest.mark.parametrize(
    ("text", "days"), [("1 3", [0, 1, 3]), ("0 3", [0, 3]), ("2+ 3 4", [0, 2, 3, 4]), ("3+ 5+ 8+", [0, 3, 5, 8])]
)
def test_a_curve_begins_on_day_nought_and_has_a_band_of_no_width_until_one_ends(text, days):
    curve = spells.survival(followed(text))

    assert curve["days"].tolist() == days and is_numbered(curve) and np.isnan(spells.lasting_at(curve, 9))
    assert (curve.loc[curve["lasting"] == 1, ["low", "high"]] == 1).all(axis=None)
    assert (curve["lasting"] == 1).all() == (text == "3+ 5+ 8+")  # where all are censored nothing has ended
    with pytest.raises(ValueError, match="say so in words"):
        spells.survival(followed(""))


@given(LENGTHS)
def test_the_curve_never_rises_and_lies_in_its_band(text):
    curve = spells.survival(followed(text))

    assert curve["days"].iloc[0] == 0 and curve["days"].is_monotonic_increasing
    assert curve["lasting"].between(0, 1).all() and (curve["lasting"].diff().dropna() <= 1e-12).all()
    low, high = curve["low"].fillna(0), curve["high"].fillna(1)
    assert (low <= curve["lasting"] + 1e-12).all() and (curve["lasting"] <= high + 1e-12).all()


@pytest.mark.parametrize(("case", "rows", "judgement", "when", "found"), rows_of("spells"))
def test_a_spell_lasts_until_a_better_grade_or_the_end_of_what_is_known(case, rows, judgement, when, found):
    made = spells_of(rows, judgement, when)
    told = made[["days", "state", "next_grade", "inspections"]].astype("str").fillna("-")
    older = grades(rows).assign(framework="sif")

    assert "; ".join(map(" ".join, told.to_numpy())) == found and is_numbered(made)
    assert spells.inadequate_spells(older, AUTHORITIES, judgement, when).empty


def test_grades_are_followed_one_by_one_and_a_judgement_that_there_is_not_is_refused():
    after = spells.next_grades(grades(AGAIN)[::-1], OVERALL, WHEN)

    assert after["next_grade"].tolist() == ["inadequate", "good"] and is_numbered(after)
    with pytest.raises(ValueError, match=r"did you mean 'overall_effectiveness'\?"):
        spells.next_grades(grades(HISTORY), "overall", "2020-12-31")


@pytest.mark.parametrize(
    ("text", "enough"), [("1 2 3 4 5 6 7 8 9 10+", True), ("1 2 3 4 5 6 7 8 9+", False), ("1+ " * 10, False)]
)
def test_ten_spells_are_enough_where_one_has_ended(text, enough):
    assert spells.enough(followed(text)) is enough


@pytest.fixture(scope="module")
def history():
    return tables.load("judgements"), tables.load("authorities")


def spells_on(history, judgement, when=WHEN):
    return spells.inadequate_spells(*history, judgement, pd.Timestamp(when))


@pytest.mark.parametrize(
    ("judgement", "number", "ended"),
    [
        (OVERALL, 33, 13),
        ("help_and_protection", 26, 10),
        ("impact_of_leaders", 28, 12),
        (JOINT, 14, 3),
        ("children_in_care", 5, 0),
        ("care_leavers", 7, 0),
    ],
)
def test_the_history_holds_so_many_spells(history, judgement, number, ended):
    found = spells_on(history, judgement)

    assert (len(found), found["state"].eq("ended").sum()) == (number, ended)


def test_half_of_the_spells_is_an_estimate_and_given_982_days_the_chance_of_1393_is_another(history):
    found, early = (spells_on(history, OVERALL, day) for day in (WHEN, "2024-04-04"))

    row = spells.conditional_lasting(found, 982, 1393 - 982).iloc[0]

    assert found["state"].value_counts().to_dict() == {"lasting": 19, "ended": 13, "authority_ended": 1}
    assert spells.median_days(found) == 1348
    assert round(spells.lasting_at(spells.survival(found), 1393), 2) == 0.42
    assert (round(row["lasting"], 2), row["spells"]) == (0.44, 17)
    assert early.set_index("name").loc["Nottingham", "days"] == 577
    assert (early["state"] == "lasting").sum() == 16  # as many as were inadequate on that day


def test_all_are_followed_to_the_day_of_the_compiled_sheet(history):
    events, read, sources = (tables.load(name) for name in ("events", "event_sources", "sources"))
    lists = timeline.last_looked(events, read, sources, ("inspection", "short_inspection", "expected_inspection"))

    found = spells.current(*history, OVERALL, timeline.last_known_day(events, sources), lists).set_index("name")

    assert len(found) == 13 and found.loc["Nottingham", "days"] == 1393
    assert set(found["until"]) == {timeline.today(sources)}
    assert found["source_id"].str.contains("d2i_ilacs_2026").all()  # that it still lasts, the sheet alone shows


SIX = {"Bradford", "Bury", "Herefordshire", "North East Lincolnshire", "Sefton", "Solihull"}


@pytest.mark.parametrize(("known", "more"), [("2025-05-14", set()), ("2026-06-29", SIX)])
def test_of_the_sixteen_inadequate_in_april_2024_some_had_a_better_grade_later(history, known, more):
    held = spells.where_now(spells_on(history, OVERALL, known), pd.Timestamp("2024-04-04"))

    first = held[["name", "next_grade", "days_after"]].iloc[0]
    assert first.tolist() == ["Bournemouth, Christchurch and Poole", "good", 300]
    assert len(held) == 16 and set(held.query("state != 'ended'")["state"]) == {"lasting"}
    assert set(held.query("state == 'ended'")["name"]) == more | {first["name"]}
