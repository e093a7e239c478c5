"""Numbers know where they come from; sentences refuse typed numbers; English agrees."""

import pandas as pd
import pytest
from childrens_services.answers import narrative as cited
from childrens_services.answers.narrative import (
    NUMBERS_MIME,
    TypedNumberError,
    count,
    join,
    number,
    plural,
    say,
    show_table,
    tell,
)


@pytest.fixture
def rows():
    return pd.DataFrame({
        "event_id": ["a", "b"], "judgement": ["overall_effectiveness"] * 2, "grade": ["inadequate"] * 2,
        "source_id": ["ofsted_ods_2025", "ofsted_ods_2024"],
    })  # fmt: skip


def test_a_number_carries_how_rows_and_sources(rows):
    counted = count(rows, "judgements", "authorities graded inadequate")

    assert counted.text == "2"
    assert counted.rows == ("a overall_effectiveness", "b overall_effectiveness")
    assert counted.sources == ("ofsted_ods_2024", "ofsted_ods_2025")
    assert counted.record()["how"] == "authorities graded inadequate"


def test_a_number_keeps_its_id_and_other_rows_give_another(rows):
    one, same, other = (count(r, "judgements", "graded") for r in (rows, rows, rows.head(1)))

    assert one.number_id == same.number_id != other.number_id


@pytest.mark.parametrize("n", [2, 30])
def test_the_order_of_the_rows_makes_no_difference_to_a_number(n):
    many = pd.DataFrame({"event_id": [f"e{i:02}" for i in range(n)], "judgement": "overall_effectiveness"})

    assert count(many, "judgements", "graded") == count(many[::-1], "judgements", "graded")


def test_many_rows_are_counted_and_not_all_listed(rows):
    many = pd.concat([rows] * 10, ignore_index=True)

    assert count(many, "judgements", "graded").rows[-1] == "and 9 more rows"


@pytest.mark.parametrize("words", ["13 authorities", "in 2024", "{n} of 152"])
def test_a_typed_number_is_refused(words, rows):
    with pytest.raises(TypedNumberError, match="a number was typed into a sentence"):
        say(words, n=count(rows, "judgements", "graded"))


def test_a_typed_number_in_a_value_or_a_table_is_refused():
    with pytest.raises(TypedNumberError, match="compute it and cite its rows"):
        say("{who}", who="13 authorities")
    with pytest.raises(TypedNumberError, match="typed into a table"):
        show_table(say("Caption"), ["A"], [["13"]])


def test_names_with_digits_are_not_quantities():
    assert say("section 251 and RO3, children aged 0 to 17").text == "section 251 and RO3, children aged 0 to 17"


def test_a_sentence_shows_text_html_and_numbers(rows):
    shown = tell(say("There were {n} <b>.", n=count(rows, "judgements", "graded")))._repr_mimebundle_()

    assert shown["text/plain"] == "There were 2 <b>."
    assert 'class="number"' in shown["text/html"] and "&lt;b&gt;" in shown["text/html"]
    assert [row["text"] for row in shown[NUMBERS_MIME]] == ["2"]


def test_sentences_nest_and_keep_their_numbers(rows):
    inner = say("{n} visits", n=count(rows, "judgements", "graded"))

    assert [n.text for n in say("There were {what}.", what=inner).cited()] == ["2"]


@pytest.mark.parametrize(
    ("parts", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_are_joined_as_english_does(parts, text):
    assert join(parts).text == text


@pytest.mark.parametrize(("n", "word"), [(0, "visits"), (1, "visit"), (2, "visits")])
def test_plurals_agree(n, word):
    assert plural(n, "visit") == word
    assert plural(2, "authority", "authorities") == "authorities"


def test_days_and_grades_are_printed_in_english():
    event = pd.DataFrame(
        {
            "event_id": ["e"],
            "start": ["2022-07-11"],
            "end": ["2022-07-22"],
            "publication_date": pd.to_datetime(["2022-09-05"]),
            "source_id": ["ofsted_nc_2022"],
        }
    )
    graded = pd.DataFrame(
        {"event_id": ["e"], "judgement": ["x"], "grade": ["requires_improvement"], "source_id": ["s"]}
    )

    assert cited.span(event).text == "11 to 22 July 2022"
    assert cited.day(event, "publication_date", "events", "published").text == "5 September 2022"
    assert cited.grade(graded).text == "requires improvement to be good"


def test_a_number_of_two_sources_names_both(rows):
    both = rows.head(1).assign(source_id="dfe_lait ons_population")

    assert number(1.5, "1.5", "a ratio", both, "judgements").sources == ("dfe_lait", "ons_population")
