"""Parameters are checked before any kernel starts: a bad one is named, with what was probably meant."""

import tomllib
from pathlib import Path

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


REFUSED = tomllib.loads((Path(__file__).parent / "data" / "refused_parameters.toml").read_text(encoding="utf-8"))


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
