"""Headings that say what a column holds in words that a reader of a spreadsheet understands.

A heading is the first words of the column's description in `contracts.toml`, with its unit.
"""

import re
from collections.abc import Mapping, Sequence

from childrens_services.tables import about, nearest

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
    """Return a heading for each column, every one different, with its unit in brackets where there is one.

    `units` adds units that the contracts do not know: `headings(["year", "value"], {"value": "per cent"})` is
    `["Year", "Value (per cent)"]`.
    """
    table = [nearest(columns)]
    found: list[str] = []
    for column in columns:
        spec = about(column, table)
        words = _OWN.get(column) or _words(column, spec.get("about", ""))
        unit = (units or {}).get(column) or spec.get("unit", "")
        if unit and "(" not in words and not words.lower().startswith(unit):
            words = f"{words} ({unit})"
        found.append(words if words not in found else f"{words} ({column})")
    return found


def _words(column: str, description: str) -> str:
    first = re.split(r"[.;:(]", description)[0].strip()
    spelled = column.removesuffix("_gbp").replace("_", " ")
    return first if first and len(first) <= _LONGEST else spelled[:1].upper() + spelled[1:]
