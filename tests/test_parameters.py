"""Parameters are checked before any kernel starts: a bad one is named, with what was probably meant."""

import pytest
from childrens_services.edition.parameters import ParameterError, Parameters, read_parameters
from hypothesis import given
from hypothesis import strategies as st

DEFAULTS = {
    "authorities": "Nottingham, Nottinghamshire",
    "comparators": "statistical neighbours",
    "as_at": "",
    "first_year": "2013",
    "price_year": "2024-25",
}
BOURNEMOUTH = "Bournemouth, Christchurch and Poole"
BOTH = ["Nottingham", "Nottinghamshire"]


@pytest.mark.parametrize("texts", [{}, DEFAULTS])
def test_nothing_given_and_the_defaults_as_text_are_the_default_edition(texts):
    assert read_parameters(texts) == Parameters()
    assert Parameters().values() == {**DEFAULTS, "authorities": BOTH, "first_year": 2013, "edition": ""}


AUTHORITIES = {
    "E06000018,E10000024": BOTH,
    "e06000018, e10000024": BOTH,
    "nottingham,NOTTINGHAMSHIRE": BOTH,
    BOURNEMOUTH: [BOURNEMOUTH],
    BOURNEMOUTH.lower(): [BOURNEMOUTH],
    f"Leeds; {BOURNEMOUTH}": ["Leeds", BOURNEMOUTH],
    "E06000058, Leeds": [BOURNEMOUTH, "Leeds"],
    "Bristol, City of": ["Bristol"],
    "383, St Helens, nottingham city council": ["Leeds", "St. Helens", "Nottingham"],
}
AS_IT_STANDS = {
    "comparators": ("statistical neighbours", "region", "England", "none"),
    "as_at": ("2024-04-04",),
    "price_year": ("cash", "2016-17"),
    "edition": ("for-the-post-2026",),
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *(("authorities", *each) for each in AUTHORITIES.items()),
        *((name, text, text) for name, texts in AS_IT_STANDS.items() for text in texts),
        ("first_year", "2018", 2018),
    ],
)
def test_what_can_be_meant_is_read(name, text, value):
    assert getattr(read_parameters({name: text}), name) == value


NO_DAY = ("2024-13-01", "4 April 2024", "20240404", "2024-W14-4", "2024-4-4", "04-04-2024", " ")
NO_YEAR = ("13", "2013.0", "2004", "2999", "", "two thousand", "٢٠١٣")
NO_FOLDER = ("My Edition", "../away", "a/b", "", ".hidden", "-x", "/tmp")
MEANT = {"neighbours": "statistical neighbours", "england": "England", "regions": "region", "non": "none"}
YEAR_MEANT = {"2024/25": "2024-25", "Cash": "cash", "2024-2025": "2024-25"}
KNOWN = "statistical neighbours, region, England, none"
# What is given, and how the refusal begins; what follows … stands further on in it.
REFUSED = {
    "as_to=2024-04-04": "unknown parameter 'as_to' (did you mean 'as_at'?); there are authorities, ",
    "zzz=1": "unknown parameter 'zzz'; there are authorities, comparators, as_at",
    "first_year=2015 & autorities=Leeds": "unknown parameter 'autorities'",
    "authorities=Nottingam, Leeds": "authorities: unknown authority 'Nottingam' (did you mean 'Nottingham' or …"
    "give a name as in the table `authorities`, a spelling as in `spellings`, or an ONS or DfE code",
    "authorities=Leeds,Bradford,Sefton,Dorset,York": "authorities: 5 given; give one to four names or ONS codes",
    "authorities=": "authorities: 0 given; give one to four names or ONS codes",
    "authorities= , ": "authorities: 0 given; give one to four names or ONS codes",
    "authorities=Leeds, leeds": "authorities: …the same authority stands twice",
    "authorities=Leeds, E08000035": "authorities: …the same authority stands twice",
    "authorities=E08000035, e08000035": "authorities: …the same authority stands twice",
    f"authorities=Leeds, {BOURNEMOUTH}": "authorities: …part names by semicolons",
    "authorities=Leeds, Cumberland & as_at=2019-06-30": "authorities: Cumberland did not exist on 2019-06-30: it began "
    "on 2023-04-01; ask for Cumbria, or for a later day",
    "as_at=2001-01-01": "as_at: 2001-01-01 is before the data begins; use 2009-01-01 or later",
    "as_at=2999-01-01": "as_at: 2999-01-01 has not come yet",
    **{f"as_at={text}": f"as_at: {text!r} is not a day; write it as 2024-04-04, or leave it empty" for text in NO_DAY},
    **{
        f"comparators={text}": f"comparators: {text!r} is not one of {KNOWN} (did you mean {near!r}?)"
        for text, near in MEANT.items()
    },
    **{
        f"price_year={text}": f"price_year: {text!r} is not a financial year with a price index (1955-56 to 20…"
        f"nor 'cash' (did you mean {near!r}?)"
        for text, near in YEAR_MEANT.items()
    },
    **{f"first_year={text}": f"first_year: {text!r} is not a year from 2005 to " for text in NO_YEAR},
    **{
        f"edition={text}": f"edition: {text!r} is not a folder name of small letters, digits and hyphens"
        for text in NO_FOLDER
    },
}


@pytest.mark.parametrize("given", REFUSED)
def test_what_cannot_be_meant_is_refused_in_one_line_that_suggests_the_nearest(given):
    begins, _, further = REFUSED[given].partition("…")

    with pytest.raises(ParameterError) as refused:
        read_parameters(dict(each.split("=") for each in given.split(" & ")))

    assert str(refused.value).startswith(begins) and further in str(refused.value) and "\n" not in str(refused.value)


@given(st.text(), st.sampled_from([*DEFAULTS, "edition"]))
def test_any_text_is_accepted_or_refused_in_words(text, name):
    try:
        value = getattr(read_parameters({name: text}), name)
    except ParameterError as error:
        assert str(error).startswith(f"{name}: ")
    else:
        assert isinstance(value, list | str | int)
