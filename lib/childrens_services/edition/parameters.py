"""The one set of notebook parameters, checked before any kernel starts.

Goes in: names and values as a person types them. Comes out: checked values. Every notebook spells the same parameters
the same way; a test holds their cells against this module.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

import pandas as pd

from childrens_services import tables
from childrens_services.analysis import compare
from childrens_services.vocabulary import did_you_mean


class ParameterError(ValueError):
    """A parameter is unknown or has a value that cannot be meant; the message names it and suggests the nearest."""


@dataclass(frozen=True)
class Parameters:
    """What a notebook is asked; the defaults are the default edition's."""

    authorities: list = field(default_factory=lambda: ["Nottingham", "Nottinghamshire"])
    comparators: str = "statistical neighbours"
    as_at: str = ""
    first_year: int = 2013
    price_year: str = "2024-25"
    edition: str = ""

    def values(self) -> dict[str, Any]:
        """Return the parameters by name."""
        return asdict(self)


def read_parameters(given: Mapping[str, str]) -> Parameters:
    """Return parameters given as text, for example `{"authorities": "Leeds, Bradford", "as_at": "2019-06-30"}`.

    Raises ParameterError with one line that names the parameter and suggests what may have been meant.
    """
    names = [f.name for f in fields(Parameters)]
    for name in given:
        if name not in names:
            raise ParameterError(f"unknown parameter {name!r}{did_you_mean(name, names)}; there are {', '.join(names)}")
    found = Parameters(**{name: _READERS[name](value) for name, value in given.items()})
    _refuse_later(found.authorities, found.as_at)
    return found


def _refuse_later(names: list[str], as_at: str) -> None:
    """Refuse an authority that did not exist yet on the day, with those that it replaced."""
    every = tables.load("authorities")
    day = tables.read_day(as_at) if as_at else pd.Timestamp.max
    later = every[every["name"].isin(names) & (every["existed_from"] > day)]
    for row in later.itertuples():
        before = every[every["la_code_ons"].isin(str(row.predecessors).split())]["name"]
        raise ParameterError(
            f"authorities: {row.name} did not exist on {as_at}: it began on {row.existed_from.date()}"
            f"{'; ask for ' + ' or '.join(before) if len(before) else ''}, or for a later day"
        )


def split_names(text: str) -> list[str]:
    """Return the names in a list that a person typed, `"Leeds, Bradford"` or `"Leeds; Bradford"`, as they stand there.

    A name can hold a comma (Bournemouth, Christchurch and Poole): semicolons part names too, and win.
    """
    whole = text.strip().casefold() in set(tables.load("spellings")["spelling"].str.casefold())
    names = [text] if whole else text.split(";" if ";" in text else ",")
    return [name.strip() for name in names if name.strip()]


def _authorities(text: str) -> list[str]:
    try:
        chosen = compare.choose(tables.load("authorities"), split_names(text), tables.load("spellings"))
        return list(chosen["name"])
    except compare.ChoiceError as error:
        hint = "; part names by semicolons where one of them holds a comma" if "," in text and ";" not in text else ""
        raise ParameterError(f"{error}{hint}") from None


def _comparators(text: str) -> str:
    if text not in compare.COMPARATORS:
        raise ParameterError(
            f"comparators: {text!r} is not one of {', '.join(compare.COMPARATORS)}"
            f"{did_you_mean(text, compare.COMPARATORS)}"
        )
    return text


def _as_at(text: str) -> str:
    if not text:
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ParameterError(f"as_at: {text!r} is not a day; write it as 2024-04-04, or leave it empty")
    if day.year < 2009:
        raise ParameterError(f"as_at: {text} is before the data begins; use 2009-01-01 or later")
    if day > date.today():
        raise ParameterError(f"as_at: {text} has not come yet; nobody knows what will be published by then")
    return text


def _first_year(text: str) -> int:
    if not re.fullmatch(r"[0-9]{4}", text) or not 2005 <= int(text) <= date.today().year:
        raise ParameterError(f"first_year: {text!r} is not a year from 2005 to {date.today().year}")
    return int(text)


def _price_year(text: str) -> str:
    known = sorted(tables.load("prices").query("series == 'gdp_deflator'")["financial_year"])
    if text != "cash" and text not in known:
        raise ParameterError(
            f"price_year: {text!r} is not a financial year with a price index ({known[0]} to {known[-1]}), nor 'cash'"
            f"{did_you_mean(text, ['cash', *known])}"
        )
    return text


def _edition(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}", text):
        raise ParameterError(
            f"edition: {text[:120]!r} is not a folder name of small letters, digits and hyphens, 100 of them at most"
        )
    return text


_READERS = {
    "authorities": _authorities,
    "comparators": _comparators,
    "as_at": _as_at,
    "first_year": _first_year,
    "price_year": _price_year,
    "edition": _edition,
}
