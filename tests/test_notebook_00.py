"""The front page: what each council is rated now, what is expected, what changed most and where they differ most."""

import pytest
from notebook_cells import NAMES, run, run_with

FRONT, LASTING = (next(name for name in NAMES if name.startswith(number)) for number in ("00", "08"))


@pytest.mark.parametrize(
    "said",
    [
        "Nottingham is rated inadequate after nearly four years; Nottinghamshire was last rated good",
        "Nottingham was rated inadequate on 5 September 2022.",
        "Nottinghamshire was rated good on 12 July 2024.",
        "Nottingham's next inspection was expected four times, and had not been seen by 29 June 2026.",
    ],
)
def test_the_front_page_says(said):
    assert said in run(FRONT).text().splitlines()


def test_an_ended_authority_says_so_first_and_what_moved_long_ago_is_not_told():
    said = run_with(FRONT, {"authorities": ["Bristol", "Cumbria"]}).text()

    assert "Cumbria ended on 31 March 2023; Cumberland and Westmorland and Furness came in its place." in said
    assert "Bristol's share of social workers who left in the year fell from" in said
    assert "from 3.0 to 0.0" not in said  # plans of two years or more, from 2017 to 2020


def test_the_headline_of_four_counts_them_and_names_none():
    assert (
        "Of four councils, three were last rated inadequate and one was last rated outstanding"
        in run(FRONT, "four").text().splitlines()
    )


def test_what_was_expected_once_was_expected_once():
    text = run(FRONT, "before the 2022 report").text()

    assert "next inspection was expected once, and had not been seen by" in text and "one time" not in text


def test_a_few_councils_say_nothing_of_grades_and_spending():
    assert "money-and-grades" in [chart.name for chart in run(LASTING).charts]
    assert "money-and-grades" not in [chart.name for chart in run(LASTING, "mid 2019").charts]


def test_one_fact_has_one_newest_value_on_all_pages():
    said = "inadequate overall for nearly four years: since 5 September 2022, last checked on 29 June 2026"

    assert said in run(LASTING).text()
    assert "982 days" not in run(FRONT).text() + run(LASTING).text()


def test_the_short_answer_has_at_most_120_words_and_the_page_400_before_its_chart():
    texts = [value.sentences for value in run(FRONT).values if hasattr(value, "sentences")]
    short = " ".join(sentence.text for sentence in texts[1])

    assert len(short.split()) <= 120
    assert sum(len(sentence.text.split()) for said in texts for sentence in said) <= 400


def test_no_headline_is_made_of_a_few_people():
    text = run_with(FRONT, {"authorities": ["Isles of Scilly"]}).text()

    assert "agency workers among social workers fell" not in text and "rose from 0.0 to 100.0" not in text


def test_as_known_on_a_day_the_rating_of_that_day_stands():
    text = run(FRONT, "before the 2022 report").text()

    assert "Nottingham was rated requires improvement to be good on 7 January 2019." in text
    assert "inadequate" not in text
