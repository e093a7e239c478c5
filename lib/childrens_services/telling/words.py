"""Return figures, days and grades in the words of an English sentence.

A form is the word after the colon of a field: `{amount_per_child:pounds}` prints £1,699. Figures are rounded half up.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from childrens_services.money import english_money
from childrens_services.periods import MONTHS, english, english_day, read_edtf
from childrens_services.rounding import half_up
from childrens_services.vocabulary import GRADE_NAMES

SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
# Shares that a reader knows by name; a share within two hundredths of one is "about" it.
FRACTIONS = {
    0.1: "a tenth",
    0.2: "a fifth",
    0.25: "a quarter",
    1 / 3: "a third",
    0.5: "half",
    2 / 3: "two thirds",
    0.75: "three quarters",
    0.9: "nine tenths",
}
DAYS_A_YEAR = 365.25
# Digits that are part of a name and not a quantity.
TERMS_WITH_DIGITS = ("section 251", "section 114", "section 47", "RO3", "aged 0 to 17", "31 March", "30 September")
_TERMS = re.compile("|".join(map(re.escape, TERMS_WITH_DIGITS)), re.IGNORECASE)


def figures(value: float, decimals: int = 0) -> str:
    """Return a number in figures with so many decimals, rounded half up: `figures(1234.5)` is "1,235"."""
    return f"{half_up(value, decimals):,}"


def plural(n: float, one: str, many: str | None = None) -> str:
    """Return the word that agrees with a count: `plural(1, "visit")` is visit, `plural(0, "visit")` is visits."""
    return one if n == 1 else many or one + "s"


def counted(n: int, noun: str) -> str:
    """Return a count with its noun, small counts in words: `counted(3, "visit")` is "three visits".

    A noun with an irregular plural is written `authority/authorities`.
    """
    one, _, many = noun.partition("/")
    return f"{in_words(n)} {plural(n, one, many or None)}"


def in_words(n: float) -> str:
    """Return a whole number below ten as a word and any other in figures: `in_words(12)` is "12"."""
    return SMALL_NUMBERS[int(n)] if n == int(n) and 0 <= n < len(SMALL_NUMBERS) else figures(n)


def ordinal(n: int) -> str:
    """Return a place in words up to the tenth, then in figures: `ordinal(13)` is "13th"."""
    if 0 < n < len(ORDINALS):
        return ORDINALS[n]
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def about(share: float) -> str:
    """Return a share in everyday words: `about(0.317)` is "about a third", `about(0.43)` is "43 per cent"."""
    near = min(FRACTIONS, key=lambda known: abs(known - share))
    if abs(near - share) > 0.02:
        return f"{figures(share * 100)} per cent"
    return FRACTIONS[near] if abs(near - share) < 0.001 else f"about {FRACTIONS[near]}"


def duration(days: float) -> str:
    """Return a length of time in words: `duration(1393)` is "nearly four years", `duration(40)` is "40 days"."""
    if days < 350:
        return f"{figures(days)} days" if days < 92 else counted(round(days / (DAYS_A_YEAR / 12)), "month")
    years = days / DAYS_A_YEAR
    halves = int(years * 2 + 0.5)
    apart = years - halves / 2
    word = "nearly " if apart < -0.05 else "more than " if apart > 0.05 else ""
    whole = f"{in_words(halves // 2)} and a half years" if halves % 2 else counted(halves // 2, "year")
    return word + whole


def _graded(grade: str, verb: str, required: str) -> str:
    """Return a grade as the end of a sentence about an authority: "was good", "required improvement"."""
    return required if grade == "requires_improvement" else f"{verb} {GRADE_NAMES[grade]}"


def _month(day: pd.Timestamp) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


FORMS: dict[str, Callable[[Any], str]] = {
    "": lambda value: f"{value:,.10g}" if isinstance(value, float) else str(value),
    "pounds": lambda value: "£" + figures(value),
    "money": lambda value: english_money(value, "short"),
    "exact": lambda value: english_money(value, "exact"),
    "whole": lambda value: figures(value),
    "tenth": lambda value: figures(value, 1),
    "hundredth": lambda value: figures(value, 2),
    "size": lambda value: figures(abs(value)),
    "words": in_words,
    "times": lambda value: {1: "once", 2: "twice"}.get(value, f"{in_words(value)} times"),
    "ordinal": lambda value: ordinal(int(value)),
    "about": about,
    "duration": duration,
    "day": lambda value: english_day(value.date()),
    "year": lambda value: f"{half_up(value)}",
    "month": _month,
    "when": lambda value: english(read_edtf(value)),
    "grade": lambda value: GRADE_NAMES[value],
    "short_grade": lambda value: GRADE_NAMES[value].removesuffix(" to be good"),
    "was": lambda value: _graded(value, "was", "required improvement"),
    "has_been": lambda value: _graded(value, "has been", "has required improvement"),
}


def as_words(row: Mapping[str, Any], column: str, form: str) -> str:
    """Return the value of a column in a form of FORMS, or in one that needs its row.

    `published` has the decimals of the row, `place` counts from the nearer end: "second highest", "joint lowest" (see
    `shares.places`), and `n NOUN` is a count with its noun.

    Raises KeyError for a form that there is not, with those there are.
    """
    value = row[column]
    if form.startswith("n "):
        return counted(int(value), form[2:])
    if form == "published":
        return figures(value, int(row["decimals"]))
    if form == "place":
        joint, at = "joint " if row["tied"] > 1 else "", f"{ordinal(int(value))} " if value > 1 else ""
        return f"{joint}{at}{row['end']}"
    if form not in FORMS:
        raise KeyError(f"{column}:{form}: no such form; there are {', '.join(FORMS)}, published, place and `n NOUN`")
    return FORMS[form](value)


def has_digits(text: str) -> bool:
    """Return whether a text holds a digit outside the fixed terms of the field, such as section 251."""
    return bool(re.search(r"\d", strip_terms(text)))


def strip_terms(text: str) -> str:
    """Return a text without the fixed terms that hold digits; what digits remain must be cited."""
    return _TERMS.sub("", text)
