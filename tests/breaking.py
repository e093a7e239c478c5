"""What the parts of `make break` share: what came of a case, the list of what may be believed, the table printed.

Each part (`break_inputs`, `break_runs`, `break_words`) makes results and ends with `sys.exit(report(results))`. The
first of its outcomes is as it should be; any other is a failure where it does not stand in `data/believed.csv` with a
reason, and a traceback always is.
"""

import csv
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

BELIEVED_LIST = Path(__file__).parent / "data" / "believed.csv"
INPUTS = WELL, BADLY, NO_CHANGE, BELIEVED, TRACEBACK = (
    "refused well",
    "refused badly",
    "no change",
    "believed",
    "traceback",
)
RUNS = WHOLE, TORN, LEFT, ALIVE, RUDE = "whole", "torn", "left behind", "alive", "rude"
WORDS = SHOWN, ACTIVE, COMPUTED = "as words", "active", "computed"


class Result(NamedTuple):
    """One thing that was broken: its family, its name, what came of it, and the words that say so."""

    family: str
    name: str
    outcome: str
    words: str = ""


def listed() -> list[tuple[str, str]]:
    """Return what is believed for a reason, as family and name; `*` in a name stands for anything."""
    with BELIEVED_LIST.open(encoding="utf-8", newline="") as file:
        return [(row["family"], row["name"]) for row in csv.DictReader(file) if row["reason"]]


def failures(results: Iterable[Result], good: str = WELL) -> list[Result]:
    """Return what is not as it should be and is not listed with a reason."""
    known = listed()
    return [each for each in results if each.outcome != good and not _excused(each, known)]


def _excused(result: Result, known: Iterable[tuple[str, str]]) -> bool:
    names = [name for family, name in known if family == result.family]
    return result.outcome != TRACEBACK and any(fnmatchcase(result.name, name) for name in names)


def report(results: Iterable[Result], outcomes: Sequence[str] = INPUTS) -> int:
    """Print one line a family once it is done, then what failed; return the status to end with."""
    begun, every = time.monotonic(), list[Result]()
    print(f"{'family':44} {'tried':>6} " + " ".join(f"{word:>13}" for word in outcomes), flush=True)
    for family, found in groupby(results, lambda each: each.family):
        every += (mine := list(found))
        _print_line(family, mine, outcomes)
    _print_line("all", every, outcomes)
    wrong = failures(every, outcomes[0])
    excused = sum(each.outcome != outcomes[0] for each in every) - len(wrong)
    print(
        f"{excused} let pass for a reason that tests/data/believed.csv gives, {len(wrong)} not as they should be; "
        f"{(time.monotonic() - begun) / 60:.1f} minutes"
    )
    for each in wrong:
        print(f"  {each.outcome}: {each.family}, {each.name}: {each.words[:300]}")
    return 1 if wrong else 0


def _print_line(family: str, mine: Sequence[Result], outcomes: Sequence[str]) -> None:
    counts = Counter(each.outcome for each in mine)
    print(f"{family:44} {len(mine):>6} " + " ".join(f"{counts[word]:>13}" for word in outcomes), flush=True)
