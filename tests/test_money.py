"""Pounds in words: what is written, what is refused, and the way back."""

import re
from decimal import Decimal

import pytest
from childrens_services.money import english_money, stated_pounds
from hypothesis import example, given
from hypothesis import strategies as st


def pounds(text: str) -> Decimal:
    """Read back what was written, `£1.05 million`."""
    number, _, scale = text.replace("£", "").replace(",", "").partition(" ")
    return Decimal(number) * {"": 1, "million": 10**6, "billion": 10**9}[scale]


@pytest.mark.parametrize(
    ("amount", "short", "exact"),
    [
        (1_050_000, "£1.05 million", "£1,050,000"),
        (366_000, "£366,000", "£366,000"),
        (57, "£57", "£57"),
        (57.5, "£57.50", "£57.50"),
        (Decimal("1234.56"), "£1,235", "£1,234.56"),
        (Decimal("1000.50"), "£1,001", "£1,000.50"),
        (999_999, "£999,999", "£999,999"),
        (Decimal("999999.50"), "£1 million", "£999,999.50"),
        (12_595_000, "£12.6 million", "£12,595,000"),
        (356_800_000, "£356.8 million", "£356,800,000"),
        (995_000_000, "£995 million", "£995,000,000"),
        (999_995_000, "£1 billion", "£999,995,000"),
        (-12_000_000, "-£12 million", "-£12,000,000"),
        (0, "£0", "£0"),
    ],
)
def test_english_money(amount: Decimal, short: str, exact: str) -> None:
    assert (english_money(amount), english_money(amount, "exact")) == (short, exact)


@pytest.mark.parametrize(
    ("amount", "style", "words"),
    [
        *((one, "short", f"no amount of money: {one!r}; expected a number") for one in (None, float("nan"), "£5")),
        *((one, "exact", f"no amount of money: {one!r}; expected a number") for one in (float("inf"), Decimal("1e15"))),
        (Decimal("1234.567"), "exact", "1234.567 has parts of a penny: round it first, or use the short style"),
        (5, "long", "unknown style of money 'long': expected short or exact"),
    ],
)
def test_what_cannot_be_printed_is_refused(amount: object, style: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        english_money(amount, style)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("£360k", 360_000),
        ("£1.050m", 1_050_000),
        ("around £3.7m every month", 3_700_000),
        ("more than £1.5million", 1_500_000),
        ("£1.2 billion", 1_200_000_000),
        ("£366,000 a year", 366_000),
        ("214,654.93 (£ thousand)", 214_654_930),
        ("£57 an hour", 57),
        ("c£23m", 23_000_000),
        ("a lot", None),
        ("£2m or £3m", None),
        ("\u0663\u0666\u0660", None),
    ],
)
def test_the_one_sum_that_words_state_is_read(text: str, found: float | None) -> None:
    assert stated_pounds(text) == found


AMOUNTS = st.one_of(*(st.decimals(-(10**size), 10**size, places=2) for size in (1, 3, 6, 7, 9, 10, 13)))


@given(AMOUNTS)
def test_exact_money_survives_english(amount: Decimal) -> None:
    assert pounds(english_money(amount, "exact")) == amount


@given(AMOUNTS)
@example(Decimal("999994999.99"))
@example(Decimal("999999999.99"))
def test_short_money_is_within_half_its_last_place(amount: Decimal) -> None:
    text = english_money(amount)
    place = {"billion": 10**7, "million": 10**4}.get(text.split()[-1], 1 if abs(amount) >= 1_000 else Decimal("0.01"))
    assert abs(pounds(text) - amount) <= Decimal(place) / 2
