"""As known on eight days: no page and no file of an edition holds a day, year or word from later."""

import re
from datetime import date

import pytest
from notebook_cells import NAMES, SETS, run_with
from test_as_at import DAYS, days_in

# What looks ahead on purpose: pages of claims and promises, and lines that say what was expected, planned or agreed.
LOOKS_AHEAD = ("07", "09")
AHEAD = re.compile(r"expected|for two years|programme|ceiling|\bgap\b|overspend|annual cost|agreed", re.IGNORECASE)
# A year that had begun is told with its end: only its first day is looked at.
YEAR = re.compile(r"(April \d{4}) to March \d{4}")


def said_by(name: str, day: str) -> list[str]:
    """Everything that a notebook says on a day: sentences, cells of tables, titles and measures of charts."""
    shown = run_with(name, SETS["default"] | {"as_at": day})
    bundles = [value._repr_mimebundle_() for value in shown.values if hasattr(value, "_repr_mimebundle_")]
    texts = [(bundle[0] if isinstance(bundle, tuple) else bundle).get("text/plain", "") for bundle in bundles]
    return [line for text in texts for line in text.splitlines()]


@pytest.mark.sweep
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(LOOKS_AHEAD)])
def test_no_notebook_says_what_came_later(name, day):
    until = date.fromisoformat(day)

    lines = [line for line in said_by(name, day) if not AHEAD.search(line)]
    late = {told: line for line in lines for told, when in days_in(YEAR.sub(r"\1", line)) if when > until}

    assert late == {}
