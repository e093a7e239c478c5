"""Which rows of a table are new, gone or revised, and why: frames of text in, frames out."""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

import pandas as pd

NEW_RELEASE, REVISION, CORRECTION, CODE = (
    "new release",
    "revision by the publisher",
    "correction by us",
    "change of our code",
)
FROM_PUBLISHERS = (NEW_RELEASE, REVISION)
WHYS = (NEW_RELEASE, REVISION, CORRECTION, CODE)  # what weighs most comes first
# What a whole row says: the first of these that its table has.
_VALUES = ("value", "grade", "amount_gbp", "children", "price_index", "summary", "statement", "claim", "what", "title")


def differences(old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Return each row `added` or `gone`, and each cell `revised`: `row` (its key), `change, column, old, new`.

    Rows are the same where their key is, and keys stand once. With `source_id` and `published`, of what is revised as
    they are now. Columns that only one of the two has are not compared; a key that the old rows lack is ''.
    """
    old = old.reindex(columns=list(dict.fromkeys([*old, *key])), fill_value="")
    was, now = (one.set_axis([" ".join(row) for row in one[list(key)].itertuples(index=False)]) for one in (old, new))
    both, shared = now.index.intersection(was.index), [name for name in new if name in old and name not in key]
    cells = pd.DataFrame({side: of.loc[both, shared].stack() for side, of in (("old", was), ("new", now))})
    cells = cells.query("old != new").rename_axis(["row", "column"]).reset_index("column")
    parts = {
        "added": _whole(now[~now.index.isin(was.index)], "new"),
        "gone": _whole(was[~was.index.isin(now.index)], "old"),
        "revised": cells.join(now[[name for name in ("source_id", "published") if name in now]]),
    }
    columns = ["column", "old", "new", "source_id", "published"]
    found = pd.concat(parts, names=["change", "row"]).reindex(columns=columns)
    return found.astype("str").fillna("").reset_index()


def _whole(rows: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return rows that came or went, with what they say in the column `old` or `new`."""
    value = next((column for column in _VALUES if column in rows), "")
    return rows.assign(column=value, **({"old": "", "new": ""} | {side: rows[value] if value else ""}))


class Held(NamedTuple):
    """What the old side held of a table: the newest day in it; and the SHA-256 of each source, then and now.

    `corrected` are the sources of changed lines of the table's curated file; None where the old file is not at hand.
    """

    newest: str
    then: Mapping[str, str]
    now: Mapping[str, str]
    corrected: Set[str] | None = frozenset()


def why(source_ids: str, published: str, held: Held) -> str:
    """Return why a row is new, gone or other than it was, by its sources and day of publication.

    A source or day that the old side lacked is a new release; a source with another file, a revision by the
    publisher; one whose line in a curated file changed, a correction by us. What else moves a row is our code.
    """
    sources = source_ids.split()
    if published > held.newest or any(source not in held.then for source in sources):
        return NEW_RELEASE
    if any(held.then[source] and held.then[source] != held.now.get(source) for source in sources):
        return REVISION
    if held.corrected is None:
        return CODE if all(held.then[source] for source in sources) else CORRECTION
    return CORRECTION if {*sources, ""} & held.corrected else CODE


def strongest(whys: Sequence[str]) -> str:
    """Return the reason that weighs most of some; our code where there is none."""
    return next((one for one in WHYS if one in whys), CODE)
