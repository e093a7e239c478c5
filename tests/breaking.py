"""What every family of breakage shares: what came of a case, the list of what may be believed, the table printed.

A module of families (`break_inputs` for one) makes results and ends with `sys.exit(report(results))`. `make break` runs
them all. A result that is not as it should be, and does not stand in `data/believed.csv` with a reason, is a failure; a
traceback always is.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

BELIEVED_LIST = Path(__file__).parent / "data" / "believed.csv"
WELL, BADLY, NO_CHANGE, BELIEVED, TRACEBACK = "refused well", "refused badly", "no change", "believed", "traceback"
GOOD = (WELL, NO_CHANGE)


class Result(NamedTuple):
    """One thing that was broken: its family, its name, what came of it, and the words that say so."""

    family: str
    name: str
    outcome: str
    words: str


def listed() -> dict[tuple[str, str], str]:
    """Return the reasons of what is believed, by family and name; a name may end in `*`."""
    with BELIEVED_LIST.open(encoding="utf-8", newline="") as file:
        return {(row["family"], row["name"]): row["reason"] for row in csv.DictReader(file)}


def failures(results: Iterable[Result]) -> list[Result]:
    """Return what is not as it should be and is not listed with a reason."""
    reasons = listed()
    return [each for each in results if each.outcome not in GOOD and not _excused(each, reasons)]


def _excused(result: Result, reasons: dict[tuple[str, str], str]) -> bool:
    names = [name for family, name in reasons if family == result.family]
    return result.outcome in (BELIEVED, BADLY) and any(
        result.name == name or (name.endswith("*") and result.name.startswith(name[:-1])) for name in names
    )


def report(results: Sequence[Result], outcomes: Sequence[str] = (WELL, BADLY, NO_CHANGE, BELIEVED, TRACEBACK)) -> int:
    """Print one line a family, then what failed; return the status to end with."""
    families = list(dict.fromkeys(each.family for each in results))
    print(f"{'family':34} {'tried':>6} " + " ".join(f"{word:>13}" for word in outcomes))
    for family in [*families, "all"]:
        mine = [each for each in results if family in (each.family, "all")]
        counts = Counter(each.outcome for each in mine)
        print(f"{family:34} {len(mine):>6} " + " ".join(f"{counts[word]:>13}" for word in outcomes))
    wrong = failures(results)
    excused = sum(each.outcome not in GOOD for each in results) - len(wrong)
    print(f"{excused} let pass for a reason that tests/data/believed.csv gives; {len(wrong)} not as they should be")
    for each in wrong:
        print(f"  {each.outcome}: {each.family}, {each.name}: {each.words[:300]}")
    return 1 if wrong else 0
