"""A question of one's own: what an id means, counts left apart from rates, a wrong id answered with the nearest."""

import pytest
from childrens_services import tables
from childrens_services.analysis import question
from childrens_services.analysis.asked import Asked


@pytest.mark.parametrize(
    ("ask", "kind", "is_count"),
    [
        ("children_looked_after_rate", "indicator", False),
        ("referrals", "indicator", True),
        ("family_support", "spending", False),
        ("help_and_protection", "judgement", True),
    ],
)
def test_an_id_means_an_indicator_a_line_or_a_judgement(ask, kind, is_count):
    found = question.about(ask, tables.load("indicators")).iloc[0]

    assert (found["kind"], bool(found["is_count"])) == (kind, is_count)


def test_a_wrong_id_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"'rereferal_percent' is not one of the .*did you mean 'rereferral_percent'"):
        question.about("rereferal_percent", tables.load("indicators"))


def test_a_count_is_not_set_beside_england_and_a_rate_is():
    asked = Asked(["Leeds"])

    assert set(question.rows(asked, "referrals")["name"]) == {"Leeds"}
    assert set(question.rows(asked, "rereferral_percent")["name"]) == {"Leeds", "Leeds's neighbours", "England"}


def test_grades_are_those_that_stood_at_the_end_of_march():
    rows = question.rows(Asked(["Nottingham"]), "overall_effectiveness").set_index("year")["grade"]

    assert rows.loc[[2022, 2023]].to_list() == ["requires_improvement", "inadequate"]
