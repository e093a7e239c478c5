"""Wrong cells and what is said of them, written as text: the cell on a line, below it, indented, the message."""

import re
from collections.abc import Callable

import pytest


def refusal(of: Callable, *given: object) -> str:
    """Return the words with which something is refused, one line of them or several."""
    with pytest.raises(ValueError) as caught:
        of(*given)
    return str(caught.value)


def wrong_cells(text: str) -> list:
    """Return parameters for pytest: the words that name the cell, the wrong text in it, and the message.

    `budgets bud_nc_001 period = November 2022` is such a cell; the lines of its message are joined by spaces.
    """
    found = []
    for case in re.split(r"\n(?=\S)", text.strip()):
        place, *message = case.splitlines()
        cell, _, wrong = place.partition(" =")
        found.append(pytest.param(*cell.split(), wrong.strip(), " ".join(line.strip() for line in message), id=place))
    return found
