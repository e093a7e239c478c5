"""Say what a column holds in words that a reader of a spreadsheet understands.

Goes in: names of columns of tidy tables or of the data behind a chart. Comes out: headings. A tidy column is headed by
the first words of its description in `contracts.toml`, one that a chart made by those of `csvw`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from childrens_services.tables import contracts
from childrens_services.telling.columns import MADE

_LONGEST = 70  # letters of a heading; a longer description is not one
# Where a description is too long for a heading, or says of a table what does not hold of a chart.
_OWN = {
    "how": "How it was computed",
    "indicator": "Indicator",
    "la_code_ons": "ONS code of the authority",
    "line": "Line of spending",
    "notebooks": "Printed by",
    "number_id": "Id of the number",
    "of": "Out of",
    "per": "For each",
    "rank": "Rank, the nearest first",
    "rows": "Rows that it comes from",
    "sources": "Sources",
    "table": "Table",
    "text": "As printed",
    "value": "Value",
    "year": "Year",
}


def headings(columns: Sequence[str], units: Mapping[str, str] | None = None) -> list[str]:
    """Give a heading for each column, every one different, with its unit in brackets where there is one.

    `units` adds units that the contracts do not know: `headings(["year", "value"], {"value": "per cent"})` is
    `["Year", "Value (per cent)"]`.
    """
    table = _nearest_table(columns)
    found: list[str] = []
    for column in columns:
        spec = table["columns"].get(column, {})
        words = _with_unit(_words(column, spec), (units or {}).get(column) or spec.get("unit", ""))
        found.append(words if words not in found else f"{words} ({column})")
    return found


def _nearest_table(columns: Sequence[str]) -> Mapping[str, Any]:
    """Give the contract that shares most columns with these, as what the chart was most likely drawn from."""
    return max(contracts().values(), key=lambda contract: len(set(columns) & set(contract["columns"])))


def _words(column: str, spec: Mapping[str, Any]) -> str:
    if column in _OWN:
        return _OWN[column]
    described = re.split(r"[.;:(]", MADE.get(column) or spec.get("about", ""))[0].strip()
    return described if described and len(described) <= _LONGEST else _spelled(column)


def _spelled(column: str) -> str:
    words = column.removesuffix("_gbp").replace("_", " ")
    return words[:1].upper() + words[1:]


def _with_unit(words: str, unit: str) -> str:
    return f"{words} ({unit})" if unit and "(" not in words and not words.lower().startswith(unit) else words
