"""Sentences, tables and numbers that know their rows; figures in the words of a newspaper."""

import pandas as pd
import pytest
from childrens_services.telling.cited import NUMBERS_MIME, Number, TypedNumberError, join, number, sentence
from childrens_services.telling.sentences import cite, count, listed, say, show, tell
from childrens_services.telling.words import about, counted, duration, figures, ordinal
from hypothesis import given
from hypothesis import strategies as st

SPENT = pd.DataFrame(
    {
        "name": ["Leeds", "Kent"],
        "area_code": ["E08000035", "E10000016"],
        "financial_year": ["2024-25", "2024-25"],
        "amount_gbp": [1699.5, None],
        "published": pd.to_datetime(["2025-12-31", "2025-12-31"]),
        "source_id": ["dfe_lait", "dfe_lait ons_population"],
    }
)


def text(shown):
    return shown._repr_mimebundle_()["text/plain"]


def test_one_sentence_a_row_with_every_number_cited():
    said = say(SPENT, "{name} spent {amount_gbp:pounds} in {financial_year}.", "spending")

    assert text(said) == "Leeds spent £1,700 in 2024-25.\nKent spent not published in 2024-25."
    first = said._repr_mimebundle_()[NUMBERS_MIME][0]
    assert (first["text"], first["value"], first["rows"]) == ("£1,700", "1699.5", "E08000035 2024-25")
    assert first["how"].startswith("The amount in pounds")
    assert said.sentences[1].cited()[0].sources == ("dfe_lait", "ons_population")  # all of its row


def test_a_place_counts_from_the_nearer_end_and_says_that_it_is_shared():
    places = pd.DataFrame({"rank": [1, 2, 13], "end": ["highest", "lowest", "highest"], "tied": [2, 1, 1]})

    said = say(places, "the {rank:place}", "observations", {"rank": "place"})
    assert text(said) == "the joint highest\nthe second lowest\nthe 13th highest"


def test_no_row_says_otherwise_or_nothing_and_rows_are_listed_for_a_title():
    assert text(say(SPENT.head(0), "{name}.", "spending", otherwise="Nobody spent.")) == "Nobody spent."
    assert text(say(SPENT.head(0), "{name}.", "spending")) == ""
    assert text(show(SPENT.head(0), {"Who": "{name}"}, "spending", "Spent", otherwise="Nobody.")) == "Nobody."
    assert listed(SPENT.head(1), "{name} {amount_gbp:pounds}", "spending").text == "Leeds £1,700"
    assert listed(SPENT, "{name}", "spending").text == "Leeds and Kent"


def test_a_column_that_nobody_describes_and_a_form_that_there_is_not_are_refused():
    rows = SPENT.assign(odd=1.0)

    with pytest.raises(KeyError, match="odd: no contract describes it; say how it was computed"):
        say(rows, "{odd:whole}", "spending")
    assert text(say(rows.head(1), "{odd:whole}", "spending", {"odd": "one"})) == "1"

    with pytest.raises(KeyError, match=r"amount_gbp:pund: no such form; there are .*pounds"):
        say(SPENT.head(1), "{amount_gbp:pund}", "spending")


@pytest.mark.parametrize("template", ["{name} has 3.", "In 2024, {name}."])
def test_a_typed_digit_is_refused_but_in_a_term_of_the_field(template):
    with pytest.raises(TypedNumberError, match="a number was typed into a sentence"):
        say(SPENT, template, "spending")
    assert text(say(SPENT.head(1), "{name}, section 251, aged 0 to 17", "spending")).startswith("Leeds, section 251")


def test_a_table_has_headings_cells_and_numbers_and_can_be_folded():
    shown = show(SPENT, {"Who": "{name}", "When": "{published:day}"}, "spending", "Who & when")
    html = shown.fold()._repr_mimebundle_()["text/html"]

    assert text(shown) == "Who | When\nLeeds | 31 December 2025\nKent | 31 December 2025"
    assert '<th scope="row">Leeds</th>' in html and "<caption>Who &amp; when</caption>" in html
    assert html.startswith("<details><summary>Who &amp; when</summary>")
    assert len(shown._repr_mimebundle_()[NUMBERS_MIME]) == 2


def test_paragraphs_can_be_added_and_put_together():
    one, other = (say(SPENT.iloc[[i]], "{name}.", "spending") for i in (0, 1))

    assert text(tell(one, [other])) == text(one + other) == "Leeds.\nKent."
    assert text((one + other).together()) == "Leeds. Kent."


def test_counts_are_words_below_ten_and_many_rows_are_listed_up_to_twelve():
    assert count(SPENT, "spending", "returns", "authority/authorities").text == "two authorities"
    assert cite(12.0, "whole", SPENT, "spending", "median").text == "12"

    many = pd.concat([SPENT] * 10, ignore_index=True)

    assert len(number(1, "1", "how", many.head(12), "spending").rows) == 12
    assert number(1, "1", "how", many, "spending").rows[-1] == "and 9 more rows"


@given(st.permutations(range(5)))
def test_the_id_of_a_number_does_not_depend_on_the_order_of_its_rows(order):
    rows = pd.DataFrame({"event_id": list("abcde"), "source_id": "ofsted_ods_2025"})

    found = {number(1, "1", "how", rows.iloc[list(one)], "events").number_id for one in (order, range(5))}

    assert len(found) == 1


def test_numbers_are_marked_in_html_and_words_are_escaped():
    said = sentence("{who} <b> {n}", who="A & B", n=Number("<1>", "1", "count", "events", (), ()))

    assert said.html.startswith("A &amp; B &lt;b&gt; <data") and ">&lt;1&gt;</data>" in said.html
    assert join(["a", "b", "c"]).text == "a, b and c"


def test_shares_lengths_of_time_places_and_counts_in_everyday_words():
    said = {1 / 3: "a third", 0.317: "about a third", 0.5: "half", 0.43: "43 per cent", 0.26: "about a quarter"}
    assert {share: about(share) for share in said} == said
    said = {1393: "nearly four years", 40: "40 days", 731: "two years", 365: "one year", 200: "seven months"}
    assert {days: duration(days) for days in said} == said
    assert [ordinal(n) for n in (1, 10, 11, 13, 21, 102)] == ["first", "tenth", "11th", "13th", "21st", "102nd"]
    assert [counted(n, "visit") for n in (0, 1, 3, 12)] == ["no visits", "one visit", "three visits", "12 visits"]
    assert figures(8.95, 1) == "9.0"


@given(st.integers(200, 20_000))
def test_a_duration_is_never_more_than_a_quarter_of_a_year_off_what_it_says(days):
    said = duration(days)

    number_words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    word = next(w for w in said.split() if w in number_words or w.isdigit())
    years = number_words.index(word) if word in number_words else int(word)
    if "month" not in said:
        assert abs(days / 365.25 - years - ("half" in said) * 0.5) <= 0.26


@pytest.mark.parametrize(
    ("template", "value", "words"),
    [
        ("{n:was}; {n:has_been}", "requires_improvement", "required improvement; has required improvement"),
        ("{n:was}; {n:has_been}", "inadequate", "was inadequate; has been inadequate"),
        ("{n:short_grade}", "requires_improvement", "requires improvement"),
        *(("{n:times}", n, said) for n, said in [(1, "once"), (2, "twice"), (4, "four times"), (12, "12 times")]),
    ],
)
def test_grades_are_verbs_where_a_sentence_needs_one_and_how_often_is_said_in_words(template, value, words):
    assert text(say(pd.DataFrame({"n": [value]}), template, "forecasts", {"n": "forecasts"})) == words
