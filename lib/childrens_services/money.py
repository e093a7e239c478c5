"""Pounds in words, in GOV.UK style."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_PENNY = Decimal("0.01")


def english_money(amount: Decimal | int | float, style: str = "short") -> str:
    """Return pounds in GOV.UK style: `short` for prose (`£1.05 million`), `exact` for a table (`£1,050,000`).

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


_SUM = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)? ?(k|m|million|billion|\(£ thousand\))?(?![\w.])", re.ASCII
)
_SCALES = {"": 1, "k": 1000, "m": 10**6, "million": 10**6, "billion": 10**9, "(£ thousand)": 1000}


def stated_pounds(text: str) -> float | None:
    """Return the pounds that words state, or None where they state no sum or several: `around £3.7m` is 3700000.0."""
    found = _SUM.findall(text)
    if len(found) != 1:
        return None
    whole, decimals, scale = found[0]
    return float(Decimal(whole.replace(",", "") + decimals) * _SCALES[scale])
