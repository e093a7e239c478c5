"""Money as stated: every phrase of the curated budgets, every phrase we refuse, and the way back to English."""

import re
from decimal import Decimal

import pytest
from childrens_services.money import HEDGES, SCALES, UNITS, Money, english_money, read_money
from hypothesis import assume, example, given
from hypothesis import strategies as st

# The wording of the curated budgets, the pounds it means, the unit and hedge it states.
STATED = [
    ("£360k", "360000", None, None),
    ("£360,000", "360000", None, None),
    ("£366,000", "366000", None, None),
    ("£684,000", "684000", None, None),
    ("£1.050m", "1050000", None, None),
    ("£1.7m", "1700000", None, None),
    ("£57 an hour", "57", "hour", None),
    ("£93,600 a year", "93600", "year", None),
    ("£6.5m", "6500000", None, None),
    ("up to £9m", "9000000", None, "up to"),
    ("roughly £6.5m", "6500000", None, "about"),
    ("£504,285", "504285", None, None),
    ("more than £500,000", "500000", None, "more than"),
    ("around £328,000", "328000", None, "about"),
    ("nearly £350,000", "350000", None, "almost"),
    ("£4.936 million", "4936000", None, None),
    ("exceed £21,000", "21000", None, "more than"),
    ("£12.595 million", "12595000", None, None),
    ("£356.8 million", "356800000", None, None),
    ("£44,990,000", "44990000", None, None),
    ("around £3.7m every month", "3700000", "month", "about"),
    ("£8,000", "8000", None, None),
    ("£20,000 per week", "20000", "week", None),
    ("more than £18,700 per week", "18700", "week", "more than"),
    ("£15.86m", "15860000", None, None),
    ("c£23m", "23000000", None, "about"),
    ("c£57m", "57000000", None, "about"),
    ("£53m", "53000000", None, None),
    ("up to £650,000", "650000", None, "up to"),
    ("£1,200", "1200", None, None),
    ("£35 million", "35000000", None, None),
    ("more than £1.5 million", "1500000", None, "more than"),
    ("more than £1.5million", "1500000", None, "more than"),
    ("almost £90,000", "90000", None, "almost"),
    ("around £800 per week", "800", "week", "about"),
    ("£500", "500", None, None),
    ("£1,000 per week", "1000", "week", None),
    ("as high as £10,000", "10000", None, "up to"),
    ("£3.5 million", "3500000", None, None),
    ("at least £11.5 million", "11500000", None, "at least"),
    ("£32.5 million a year", "32500000", "year", None),
    ("£174,427", "174427", None, None),
    ("96,540 (£ thousand)", "96540000", None, None),
    ("174,427 (£ thousand)", "174427000", None, None),
    ("214,654.93 (£ thousand)", "214654930", None, None),
    ("132,796.51 (£ thousand)", "132796510", None, None),
    # Forms that other sources print.
    ("£1.2bn", "1200000000", None, None),
    ("-£12m", "-12000000", None, None),
    ("−£12m", "-12000000", None, None),
    ("(£4.5m)", "-4500000", None, None),
    ("GBP 504,285", "504285", None, None),
    ("£1.05\u00a0million", "1050000", None, None),
    ("c. £23m", "23000000", None, "about"),
    ("~£23m", "23000000", None, "about"),
    ("Over £5 Billion per annum", "5000000000", "year", "more than"),
    ("£380,000 per home", "380000", "home", None),
    ("£57.50/hour", "57.50", "hour", None),
    ("-1,234 (£000)", "-1234000", None, None),
    ("0 (£ thousand)", "0", None, None),
]

RANGES = [
    ("£10m to £12m", Money(Decimal(10_000_000), None, None, Decimal(12_000_000))),
    ("£10m–£12m", Money(Decimal(10_000_000), None, None, Decimal(12_000_000))),
    ("about £10m - £12m a year", Money(Decimal(10_000_000), "year", "about", Decimal(12_000_000))),
    ("between £215 and £800 per week", Money(Decimal(215), "week", None, Decimal(800))),
    ("£900,000 to £1.2m", Money(Decimal(900_000), None, None, Decimal(1_200_000))),
    ("-£12m to -£10m", Money(Decimal(-12_000_000), None, None, Decimal(-10_000_000))),
]

NO_SUM = [
    *(
        "",
        "360",
        "360k",
        "£",
        "£m",
        "$5m",
        "€5m",
        "5 pounds",
        "£1.05.3m",
        "£3,8m",
        "£12,34",
        "£1,2345",
        "£0,500",
        "£1m2",
    ),
    *("£05m", "£.5m", "£5.m", "£5m or so more", "£5m+", "£5m and £3m", "£5m, £3m", "£5m £3m", "£5mm", "£5 trillion"),
    *("£800 per child per week", "£2.4m over four years", "under £5m", "(-£4m)", "(£4m", "--£4m", "£4m -£5m"),
    *("£10m to 12m", "£ten", "£٣m", "£1e6", "96,540 (thousand)", "96,540 £ thousand", "£96,540 (£ thousand)"),
    *("£1234567890123456", "£1m a", "£93,600a year", "about about £5m"),
]

REFUSED = [
    ("£1.050", "it has parts of a penny; if its point divides thousands, write a comma"),
    ("£1.005", "it has parts of a penny"),
    ("£1.000001k", "it has parts of a penny"),
    ("£10 to £12m", "its ends differ in scale; write the scale at both"),
    ("£800 to £1.2m", "its ends differ in scale; write the scale at both"),
    ("£12m to £10m", "its second sum is not above its first"),
    ("£10m to £10m", "its second sum is not above its first"),
    ("£10m to £12", "its second sum is not above its first"),
    ("up to £10m to £12m", "a range cannot be 'up to' as well"),
]


@pytest.mark.parametrize(("text", "pounds", "per", "hedge"), STATED)
def test_stated_money(text: str, pounds: str, per: str | None, hedge: str | None) -> None:
    assert read_money(text) == Money(Decimal(pounds), per, hedge)


@pytest.mark.parametrize(("text", "expected"), RANGES)
def test_ranges_give_both_ends(text: str, expected: Money) -> None:
    assert read_money(text) == expected


@pytest.mark.parametrize("text", NO_SUM)
def test_what_is_not_one_sum_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"money {text!r} not read: expected a sum in £")):
        read_money(text)


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_a_doubtful_sum_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"money {text!r} not read: {reason}")):
        read_money(text)


def test_a_blank_cell_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="money nan not read"):
        read_money(float("nan"))


def test_pounds_are_whole_decimals_as_a_table_prints_them() -> None:
    assert str(read_money("£1.050m").amount) == "1050000"
    assert str(read_money("£57.5").amount) == "57.50"


@pytest.mark.parametrize("word", [word for words in HEDGES.values() for word in words])
def test_every_hedge_and_unit_is_read(word: str) -> None:
    for unit in UNITS:
        found = read_money(f"{word} £5m per {unit}")
        assert (word in HEDGES[found.hedge], found.per) == (True, unit)


@pytest.mark.parametrize(
    ("amount", "short", "exact"),
    [
        (1_050_000, "£1.05 million", "£1,050,000"),
        (366_000, "£366,000", "£366,000"),
        (57, "£57", "£57"),
        (57.5, "£57.50", "£57.50"),
        (Decimal("1234.56"), "£1,235", "£1,234.56"),
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


@pytest.mark.parametrize("amount", [None, float("nan"), float("inf"), Decimal("1e40"), "£5"])
def test_what_is_no_amount_is_not_printed(amount: object) -> None:
    with pytest.raises(ValueError, match=re.escape(f"no amount of money: {amount!r}; expected a number")):
        english_money(amount)


def test_the_exact_style_does_not_round() -> None:
    with pytest.raises(ValueError, match=r"1234\.567 has parts of a penny: round it first, or use the short style"):
        english_money(Decimal("1234.567"), "exact")


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown style of money 'long': expected short or exact"):
        english_money(5, "long")


AMOUNTS = st.one_of(*(st.decimals(-(10**size), 10**size, places=2) for size in (1, 3, 6, 7, 9, 10, 13)))


@given(AMOUNTS)
def test_exact_money_survives_english(amount: Decimal) -> None:
    assert read_money(english_money(amount, "exact")).amount == amount


@given(AMOUNTS)
@example(Decimal("999994999.99"))
@example(Decimal("999999999.99"))
def test_short_money_is_within_half_its_last_place(amount: Decimal) -> None:
    text = english_money(amount)
    place = {"billion": 10**7, "million": 10**4}.get(text.split()[-1], 1 if abs(amount) >= 1_000 else Decimal("0.01"))
    assert abs(read_money(text).amount - amount) <= Decimal(place) / 2


@given(st.decimals(Decimal("0.1"), 999, places=1))
def test_scale_words_grow_and_agree(number: Decimal) -> None:
    found = {word: read_money(f"£{number}{gap}{word}").amount for word in SCALES for gap in ("", " ")}
    assert number < found["k"] == found["thousand"] < found["m"] == found["mn"] == found["million"]
    assert found["million"] < found["bn"] == found["billion"] == number * 10**9


@given(AMOUNTS, AMOUNTS, st.sampled_from([" to ", "-", "–", " – ", " — "]))
def test_a_range_reads_back(one: Decimal, other: Decimal, joint: str) -> None:
    assume(one != other)
    low, high = sorted((one, other))
    found = read_money(english_money(low, "exact") + joint + english_money(high, "exact"))
    assert (found.amount, found.high) == (low, high)


WORDS = """
£ £5 £3,8 £12.5 £1.050 360 m k bn million thousand to and between about up c ( ) (£ - – , . a an per hour year
GBP $ 000 1,000 (£4m) £10m (£000) 999999999999999 0.000001
"""
PIECES = st.lists(st.sampled_from(WORDS.split()), max_size=6)


@given(st.text() | PIECES.map(" ".join) | PIECES.map("".join))
def test_any_text_is_read_or_refused_with_the_text(text: str) -> None:
    try:
        found = read_money(text)
    except ValueError as refusal:
        assert repr(text) in str(refusal)
    else:
        assert found.amount == round(found.amount, 2)
        assert found.high is None or found.high > found.amount
