"""Which rows of a table are new, gone or revised, and why: frames of text in, frames out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

NEW_RELEASE, REVISION, CORRECTION, CODE = (
    "new release",
    "revision by the publisher",
    "correction by us",
    "change of our code",
)
WHYS = (NEW_RELEASE, REVISION, CORRECTION, CODE)  # what weighs most comes first


class Differences(NamedTuple):
    """How one table differs from another: whole rows `added` and `gone`, and each cell of `revised` rows.

    `revised` has the key's columns, then `column, old, new, source_id, published`, the last two as they are now.
    """

    added: pd.DataFrame
    gone: pd.DataFrame
    revised: pd.DataFrame


def differences(old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str]) -> Differences:
    """Compare two states of a table row by row; rows are the same where their key is, and keys stand once.

    Where a state lacks a column of the key, its rows cannot be found again: all are gone, and all of the other added.
    Columns that only one of the two has are not compared.
    """
    columns = [column for column in new if column in old and column not in key]
    if not set(key) <= set(old) & set(new):
        return Differences(new, old, _revised(new[[]], new[[]], new[[]]))
    left, right = (frame.set_index(pd.MultiIndex.from_frame(frame[list(key)])) for frame in (old, new))
    both = right.index[right.index.isin(left.index)]
    was, now = left.loc[both, columns], right.loc[both, columns]
    added, gone = right[~right.index.isin(left.index)], left[~left.index.isin(right.index)]
    same = [frame.reset_index(drop=True) for frame in (added, gone)]
    return Differences(*same, _revised(was, now, right.loc[both]))


def _revised(was: pd.DataFrame, now: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """Return a row a cell that differs, with its key, and source and day as they are now."""
    differs = was.ne(now)
    parts = [
        whole.loc[differs[column], [*whole.index.names]].assign(
            column=column,
            old=was.loc[differs[column], column],
            new=now.loc[differs[column], column],
            **{told: whole[told][differs[column]] for told in ("source_id", "published") if told in whole},
        )
        for column in was
        if differs[column].any()
    ]
    empty = pd.DataFrame(columns=[*filter(None, whole.index.names), "column", "old", "new", "source_id", "published"])
    return pd.concat(parts, ignore_index=True) if parts else empty


@dataclass(frozen=True)
class Held:
    """What the old side held of a table: the newest day in it; and the SHA-256 of each source, then and now.

    `corrected` are the sources of changed lines of the table's curated file; None where the old file is not at hand.
    """

    newest: str
    then: Mapping[str, str]
    now: Mapping[str, str] = field(default_factory=dict)
    corrected: frozenset[str] | None = frozenset()


def why(source_ids: str, published: str, held: Held) -> str:
    """Return why a row is new, gone or other than it was, by its sources and day of publication.

    A source, or a day, that the old side did not hold is a new release; a source whose file is another now is a
    revision by the publisher; a source whose file is the same, or that has none, and whose line in a curated file
    changed is a correction by us. What else moves a row is our code.
    """
    sources = source_ids.split()
    if published > held.newest or any(source not in held.then for source in sources):
        return NEW_RELEASE
    if any(held.then[source] and held.then[source] != held.now.get(source) for source in sources):
        return REVISION
    if held.corrected is None:
        return CODE if all(held.then[source] for source in sources) else CORRECTION
    return CORRECTION if {*sources, ""} & held.corrected else CODE


def with_why(rows: pd.DataFrame, held: Held) -> pd.DataFrame:
    """Return rows with a column `why`; each pair of sources and day is judged once."""
    pairs = list(zip(*(rows.get(told, pd.Series("", rows.index)) for told in ("source_id", "published")), strict=True))
    judged = {pair: why(*pair, held) for pair in dict.fromkeys(pairs)}
    return rows.assign(why=[judged[pair] for pair in pairs])


def strongest(whys: Sequence[str]) -> str:
    """Return the reason that weighs most of some; our code where there is none."""
    return next((one for one in WHYS if one in set(whys)), CODE)
