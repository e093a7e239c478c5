"""Headings that say what a column holds in words that a reader of a spreadsheet understands.

A heading is the first words of the column's description in `contracts.toml`, with its unit.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files

from childrens_services.tables import about, nearest

WORDS = tomllib.loads((files("childrens_services.edition") / "templates" / "words.toml").read_text(encoding="utf-8"))
_LONGEST = 70  # letters of a heading; a longer description is not one


def headings(columns: Sequence[str], units: Mapping[str, str] | None = None) -> list[str]:
    """Return a heading for each column, every one different, with its unit in brackets where there is one.

    `units` adds units that the contracts do not know: `headings(["year", "value"], {"value": "per cent"})` is
    `["Year", "Value (per cent)"]`.
    """
    table = [nearest(columns)]
    found: list[str] = []
    for column in columns:
        spec = about(column, table)
        words = WORDS["headings"].get(column) or _words(column, spec.get("about", ""))
        unit = (units or {}).get(column) or spec.get("unit", "")
        if unit and "(" not in words and not words.lower().startswith(unit):
            words = f"{words} ({unit})"
        found.append(words if words not in found else f"{words} ({column})")
    return found


def _words(column: str, description: str) -> str:
    first = re.split(r"[.;:(]", description)[0].strip()
    spelled = column.removesuffix("_gbp").replace("_", " ")
    return first if first and len(first) <= _LONGEST else spelled[:1].upper() + spelled[1:]
