"""Sums of money as stated, to pounds, and pounds to GOV.UK style.

Goes in: a phrase of a report or an article ("up to £9m", "£57 an hour"), or a table's figure with its unit
("96,540 (£ thousand)"). Comes out: a `Money`. It will not guess: what is not wholly one sum or one range in pounds is
refused with the text. Parsers that take the first number they see read £3.8m as 3.8 pounds.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

SCALES = {
    "k": 1_000,
    "thousand": 1_000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "million": 1_000_000,
    "bn": 1_000_000_000,
    "billion": 1_000_000_000,
}
# How sure the source is of its figure, by the words it may use.
HEDGES = {
    "about": ("about", "around", "approximately", "roughly", "circa", "some"),  # "c" and "~" are read as about
    "up to": ("up to", "as high as", "as much as"),
    "more than": ("more than", "over", "exceed", "exceeds", "exceeding", "just over"),
    "almost": ("almost", "nearly", "just under"),
    "at least": ("at least", "no less than"),
}
UNITS = ("hour", "day", "night", "week", "month", "quarter", "year", "child", "person", "family", "household",
         "home", "place", "placement")  # fmt: skip


@dataclass(frozen=True)
class Money:
    """A sum in pounds as stated: per what (None where the text does not say), how sure, and a range's upper end."""

    amount: Decimal
    per: str | None
    hedge: str | None
    high: Decimal | None = None


def read_money(text: str) -> Money:
    """Read a sum or a range of sums in pounds, with its hedge and its unit.

    A sum in brackets is negative, as in accounts. Raises ValueError with the text for anything that is not wholly one
    sum or one range: no or another currency, stray digits or commas, fractions of a penny, "or so", two sums, a range
    the wrong way round or with a scale at one end only. `read_money("£57 an hour")` is 57 pounds per hour.
    """
    words = _tidy(str(text))
    match = next((found for layout in _LAYOUTS if (found := layout.fullmatch(words))), None)
    if match is None:
        raise ValueError(f"money {text!r} not read: expected a sum in £, such as £1.05m or £57 an hour, and no more")
    low, high, hedge, per = (match.groupdict().get(part) for part in ("low", "high", "hedge", "per"))
    hedge = _HEDGE_OF.get(hedge)
    try:
        if high:
            _check_range(low, high, hedge)
        return Money(_amount(low), "year" if per == "annum" else per, hedge, _amount(high) if high else None)
    except ValueError as why:
        raise ValueError(f"money {text!r} not read: {why}") from None


def english_money(amount: Decimal | int | float, style: str = "short") -> str:
    """Write pounds in GOV.UK style: `short` for prose (`£1.05 million`), `exact` for a table (`£1,050,000`).

    Short rounds half up: to two decimals of a million or billion, to pounds from £1,000, to pence below. Exact never
    rounds. Raises ValueError for another style, for what is no number (missing is not zero), and for fractions of a
    penny in the exact style.
    """
    if style not in ("short", "exact"):
        raise ValueError(f"unknown style of money {style!r}: expected short or exact")
    try:
        pounds = Decimal(str(amount))
    except InvalidOperation:
        pounds = Decimal("NaN")
    if not pounds.is_finite() or abs(pounds) >= 10**15:
        raise ValueError(f"no amount of money: {amount!r}; expected a number (what is missing has a status instead)")
    return _exact(pounds) if style == "exact" else _short(pounds)


_PENNY = Decimal("0.01")
# So few digits that even in billions a sum fits the 28 that Decimal keeps: nothing is ever rounded in reading.
_NUMBER = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}|0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?"
_ANY_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_POUNDS = f"(?:£|gbp) ?{_NUMBER}(?: ?(?:{_ANY_SCALE}))?"
_SUM = rf"(?:-?{_POUNDS}|\({_POUNDS}\))"
_HEDGE_OF = {word: hedge for hedge, words in HEDGES.items() for word in words}
_HEDGE = rf"(?:(?P<hedge>{'|'.join(_HEDGE_OF)}) )?"
_PER = rf"(?:(?: (?:an?|per|every|each) | ?/ ?)(?P<per>{'|'.join(UNITS)}|annum))?"
_LAYOUTS = tuple(
    re.compile(layout)
    for layout in (
        f"{_HEDGE}(?P<low>{_SUM}){_PER}",
        f"{_HEDGE}(?P<low>{_SUM})(?:-| - | to )(?P<high>{_SUM}){_PER}",
        f"between (?P<low>{_SUM}) and (?P<high>{_SUM}){_PER}",
        rf"(?P<low>-?{_NUMBER} \(£ ?(?:000|{_ANY_SCALE})\))",  # a table's figure with the unit of its column
    )
)


def _tidy(text: str) -> str:
    words = re.sub(r"[‐‑‒–—―−]", "-", text.lower())
    words = re.sub(r"\s+", " ", words).strip()
    return re.sub(r"^(?:ca?\b\.?|c(?=gbp)|~) ?", "about ", words)


def _read_parts(words: str) -> tuple[Decimal, int]:
    """Give the number, negative with a minus or in brackets, and the scale of a sum such as `(£4.5m)`."""
    number = re.search(_NUMBER, words)
    scale = re.search("[a-z]+|000", words[number.end() :])
    value = Decimal(number[0].replace(",", ""))
    return -value if words[0] in "-(" else value, (SCALES | {"000": 1_000})[scale[0]] if scale else 1


def _amount(words: str) -> Decimal:
    value, scale = _read_parts(words)
    amount = value * scale
    if amount % _PENNY or (scale == 1 and value.as_tuple().exponent < -2):
        raise ValueError("it has parts of a penny; if its point divides thousands, write a comma")
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.quantize(_PENNY)


def _check_range(low: str, high: str, hedge: str | None) -> None:
    """Refuse a range that is hedged twice, the wrong way round, or leaves open whether £10 to £12m starts at £10."""
    (value, scale), (_, scale_high) = _read_parts(low), _read_parts(high)
    if scale == 1 < scale_high and abs(value) < 1_000:
        raise ValueError("its ends differ in scale; write the scale at both")
    if hedge not in (None, "about"):
        raise ValueError(f"a range cannot be {hedge!r} as well")
    if _amount(high) <= _amount(low):
        raise ValueError("its second sum is not above its first")


def _exact(pounds: Decimal) -> str:
    if pounds % _PENNY:
        raise ValueError(f"{pounds} has parts of a penny: round it first, or use the short style")
    return f"{'-' if pounds < 0 else ''}£{abs(pounds):,.2f}".removesuffix(".00")


def _short(pounds: Decimal) -> str:
    near = pounds.quantize(Decimal(1) if abs(pounds) >= 1_000 else _PENNY, ROUND_HALF_UP)
    if abs(near) < 1_000_000:
        return _exact(near)
    millions, billions = ((pounds / scale).quantize(_PENNY, ROUND_HALF_UP) for scale in (10**6, 10**9))
    figure, word = (millions, "million") if abs(millions) < 1_000 else (billions, "billion")
    return f"{'-' if figure < 0 else ''}£{abs(figure):,.2f}".rstrip("0").rstrip(".") + f" {word}"
