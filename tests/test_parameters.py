"""Parameters are checked before any kernel starts: a bad one is named, with what was probably meant."""

import pytest
from childrens_services.edition.parameters import ParameterError, Parameters, read_parameters
from hypothesis import given, settings
from hypothesis import strategies as st


def refusal(**values):
    """Give the one line with which the values are refused."""
    with pytest.raises(ParameterError) as caught:
        read_parameters(values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_given_is_the_default_edition():
    assert read_parameters({}) == Parameters()
    assert Parameters().values() == {
        "authorities": ["Nottingham", "Nottinghamshire"],
        "comparators": "statistical neighbours",
        "as_at": "",
        "first_year": 2013,
        "price_year": "2024-25",
        "edition": "",
    }


def test_the_defaults_given_as_text_are_the_defaults():
    given = {
        "authorities": "Nottingham, Nottinghamshire",
        "comparators": "statistical neighbours",
        "as_at": "",
        "first_year": "2013",
        "price_year": "2024-25",
    }

    assert read_parameters(given) == Parameters()


def test_an_unknown_name_suggests_the_nearest():
    assert refusal(as_to="2024-04-04").startswith("unknown parameter 'as_to' (did you mean 'as_at'?); there are autho")
    assert refusal(zzz="1").startswith("unknown parameter 'zzz'; there are authorities, comparators, as_at")


def test_an_unknown_name_is_refused_whatever_stands_beside_it():
    assert "autorities" in refusal(first_year="2015", autorities="Leeds")


def test_a_wrong_authority_suggests_the_nearest():
    words = refusal(authorities="Nottingam, Leeds")

    assert words.startswith("authorities: unknown authority 'Nottingam' (did you mean 'Nottingham' or ")
    assert "give a name as in the table `authorities`, a spelling as in `spellings`, or an ONS or DfE code" in words


@pytest.mark.parametrize(("text", "many"), [("Leeds,Bradford,Sefton,Dorset,York", 5), ("", 0), (" , ", 0)])
def test_one_to_four_authorities_can_be_chosen(text, many):
    assert refusal(authorities=text).startswith(f"authorities: {many} given; give one to four names or ONS codes")


@pytest.mark.parametrize("text", ["Leeds, leeds", "Leeds, E08000035", "E08000035, e08000035"])
def test_the_same_authority_twice_is_refused(text):
    assert "the same authority stands twice" in refusal(authorities=text)


@pytest.mark.parametrize("text", ["E06000018,E10000024", "e06000018, e10000024", "nottingham,NOTTINGHAMSHIRE"])
def test_codes_and_names_are_accepted_in_any_case(text):
    assert read_parameters({"authorities": text}).authorities == ["Nottingham", "Nottinghamshire"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bournemouth, Christchurch and Poole", ["Bournemouth, Christchurch and Poole"]),
        ("bournemouth, christchurch and poole", ["Bournemouth, Christchurch and Poole"]),
        ("Leeds; Bournemouth, Christchurch and Poole", ["Leeds", "Bournemouth, Christchurch and Poole"]),
        ("E06000058, Leeds", ["Bournemouth, Christchurch and Poole", "Leeds"]),
        ("Bristol, City of", ["Bristol"]),
        ("383, St Helens, nottingham city council", ["Leeds", "St. Helens", "Nottingham"]),
    ],
)
def test_a_name_with_a_comma_can_be_given(text, names):
    assert read_parameters({"authorities": text}).authorities == names


def test_a_name_with_a_comma_among_others_says_how_to_part_them():
    assert "part names by semicolons" in refusal(authorities="Leeds, Bournemouth, Christchurch and Poole")


@pytest.mark.parametrize(
    "text", ["2024-13-01", "4 April 2024", "20240404", "2024-W14-4", "2024-4-4", "04-04-2024", " "]
)
def test_a_day_is_written_in_one_way(text):
    assert refusal(as_at=text) == f"as_at: {text!r} is not a day; write it as 2024-04-04, or leave it empty"


def test_a_day_before_the_data_or_after_today_is_refused():
    assert refusal(as_at="2001-01-01") == "as_at: 2001-01-01 is before the data begins; use 2009-01-01 or later"
    assert refusal(as_at="2999-01-01").startswith("as_at: 2999-01-01 has not come yet")


def test_a_day_is_kept_as_it_stands():
    assert read_parameters({"as_at": "2024-04-04"}).as_at == "2024-04-04"


@pytest.mark.parametrize(
    ("text", "near"),
    [("neighbours", "statistical neighbours"), ("england", "England"), ("regions", "region"), ("non", "none")],
)
def test_bad_comparators_suggest_the_nearest(text, near):
    assert refusal(comparators=text) == (
        f"comparators: {text!r} is not one of statistical neighbours, region, England, none (did you mean {near!r}?)"
    )


@pytest.mark.parametrize("text", ["statistical neighbours", "region", "England", "none"])
def test_the_known_comparators_are_accepted(text):
    assert read_parameters({"comparators": text}).comparators == text


@pytest.mark.parametrize(("text", "near"), [("2024/25", "'2024-25'"), ("Cash", "'cash'"), ("2024-2025", "'2024-25'")])
def test_a_bad_price_year_says_which_there_are(text, near):
    words = refusal(price_year=text)

    assert words.startswith(f"price_year: {text!r} is not a financial year with a price index (1955-56 to 20")
    assert words.endswith(f"nor 'cash' (did you mean {near}?)")


@pytest.mark.parametrize("text", ["cash", "2016-17"])
def test_a_known_price_year_and_cash_are_accepted(text):
    assert read_parameters({"price_year": text}).price_year == text


@pytest.mark.parametrize("text", ["13", "2013.0", "2004", "2999", "", "two thousand", "٢٠١٣"])
def test_a_bad_first_year_is_refused(text):
    assert refusal(first_year=text).startswith(f"first_year: {text!r} is not a year from 2005 to ")


def test_a_first_year_is_a_whole_number():
    assert read_parameters({"first_year": "2018"}).first_year == 2018


@pytest.mark.parametrize("text", ["My Edition", "../away", "a/b", "", ".hidden", "-x", "/tmp"])
def test_a_bad_edition_is_refused(text):
    words = f"edition: {text!r} is not a folder name of small letters, digits and hyphens"

    assert refusal(edition=text) == words


def test_a_good_edition_is_kept():
    assert read_parameters({"edition": "for-the-post-2026"}).edition == "for-the-post-2026"


@settings(deadline=None)
@given(st.text(), st.sampled_from(["authorities", "comparators", "as_at", "first_year", "price_year", "edition"]))
def test_any_text_is_accepted_or_refused_in_words(text, name):
    try:
        value = getattr(read_parameters({name: text}), name)
    except ParameterError as error:
        assert str(error).startswith(f"{name}: ")
    else:
        assert isinstance(value, list | str | int)


def test_an_authority_that_had_not_begun_is_refused_with_those_it_replaced():
    words = "Cumberland did not exist on 2019-06-30: it began on 2023-04-01; ask for Cumbria, or for a later day"

    with pytest.raises(ParameterError, match=f"^authorities: {words}$"):
        read_parameters({"authorities": "Leeds, Cumberland", "as_at": "2019-06-30"})
