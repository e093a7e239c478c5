"""The closed words: an unknown one is answered with the nearest, grades are ordered within a scale only."""

import pandas as pd
import pytest
from childrens_services.vocabulary import (
    GRADE_NAMES,
    NOT_INSPECTED,
    SCALES,
    WORDS,
    check_word,
    did_you_mean,
    grade_rank,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("kind", "word", "near"),
    [
        ("ILACS judgements", "leadership", "impact_of_leaders"),
        ("ILACS judgements", "overall", "overall_effectiveness"),
        ("ILACS judgements", "protection", "help_and_protection"),
        ("grades", "Requires improvement", "requires_improvement"),
        ("event_kinds", "focussed visit", "focused_visit"),
        ("frameworks", "ILACS", "ilacs"),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest_and_with_all_up_to_twenty(kind, word, near):
    with pytest.raises(ValueError) as caught:
        check_word(kind, word)

    listed = f": {', '.join(WORDS[kind])}" if len(WORDS[kind]) <= 20 else ""
    assert str(caught.value) == f"{word!r} is not one of the {kind}{listed} (did you mean {near!r}?)"


def test_a_known_word_is_given_back_and_words_of_another_kind_may_be_handed_over():
    assert check_word("scales", "four_point_2013") == "four_point_2013"
    with pytest.raises(
        ValueError, match=r"^'fosterng' is not one of the lines: fostering \(did you mean 'fostering'\?"
    ):
        check_word("lines", "fosterng", ["fostering"])


def test_nothing_is_suggested_where_nothing_is_near():
    assert did_you_mean("xyz", ["as_at", "edition"]) == ""
    assert did_you_mean("Hull", ["Leeds", "Kingston upon Hull"]) == " (did you mean 'Kingston upon Hull'?)"
    assert did_you_mean("Derbi", ["Derby", "Derbyshire", "Leeds"], 3) == " (did you mean 'Derby' or 'Derbyshire'?)"


@given(st.text(max_size=12), st.sampled_from(sorted(WORDS)))
def test_any_other_text_is_refused(text, kind):
    if text not in WORDS[kind]:
        with pytest.raises(ValueError, match="is not one of the"):
            check_word(kind, text)


def test_grades_sort_best_first_and_what_is_missing_last():
    rows = pd.DataFrame({"grade": ["inadequate", None, "good", NOT_INSPECTED, "outstanding", "requires_improvement"]})

    found = rows.sort_values("grade", key=grade_rank)["grade"].tolist()

    assert found[:5] == ["outstanding", "good", "requires_improvement", "inadequate", NOT_INSPECTED]
    assert pd.isna(found[5])


@given(st.lists(st.sampled_from(sorted(GRADE_NAMES)), max_size=5), st.sampled_from(sorted(SCALES)))
def test_grades_of_two_scales_have_no_common_order(grades, scale):
    if set(grades) <= set(SCALES[scale]):
        assert [SCALES[scale][rank] for rank in grade_rank(grades, scale)] == grades
    else:
        with pytest.raises(ValueError, match=f"is not one of the grades of {scale}"):
            grade_rank(grades, scale)
