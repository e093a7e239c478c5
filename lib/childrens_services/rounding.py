"""Rounding that gives the same digits on every machine: computed floats to significant digits, decimals for print.

The last digits of a logarithm or a sum depend on the processor, so both go by way of decimal digits.
"""

__all__ = ["half_up", "significant"]

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

DIGITS = 10  # far more than is ever printed, far fewer than the sixteen of which the last is the machine's


def significant(values: Any, digits: int = DIGITS) -> Any:
    """Return a float, an array, a Series or the float columns of a DataFrame rounded to so many significant digits.

    Whatever computes a float rounds it where it is made, so that neither a comparison nor a file sees digits that
    differ between processors. Missing stays missing. `significant(1 / 3)` is 0.3333333333.
    """
    if isinstance(values, pd.DataFrame):
        return values.assign(**{name: significant(values[name], digits) for name in values.select_dtypes("float")})
    if isinstance(values, pd.Series):
        rounded = significant(values.to_numpy(dtype=float, na_value=np.nan), digits)
        return pd.Series(rounded, index=values.index, name=values.name).astype(values.dtype)
    if isinstance(values, np.ndarray):
        return np.array([_rounded(value, digits) for value in values.ravel().tolist()]).reshape(values.shape)
    return _rounded(float(values), digits)


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")  # exact in Python, and the same on every processor


def half_up(value: Decimal | float, decimals: int = 0) -> Decimal:
    """Return a number rounded to so many decimals for print, a half away from zero: 8.95 to one decimal is 9.0.

    A float stands for the decimal of up to 15 digits that it was read from, not for the binary fraction just below it,
    which is why `f"{8.95:.1f}"` prints 8.9. Print the result as it is, or with thousands: `f"{half_up(1234.5):,}"` is
    1,235. It is never minus nought. Raises ValueError for what is no number: what is missing has a status instead.
    """
    exact = Decimal(f"{value:.15g}") if isinstance(value, float | np.floating) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"no number to print: {value!r}; what is missing is said in words, by its status")
    rounded = exact.quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_UP)
    return abs(rounded) if rounded.is_zero() else rounded
