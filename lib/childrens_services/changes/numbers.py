"""Which printed numbers, sentences and charts of an edition moved: pairs of old and new, by what they are."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import pandas as pd

_YEAR = r"(?<![\w-])(?:19|20)\d\d(?:-\d\d)?(?![\w-])"
_IS = ["how", "table", "rows", "notebooks"]
_IMAGE = re.compile(r"\]\(charts/(.+)\.png\)$")


def moved(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Pair the numbers of two `numbers.csv` that are no longer the same; a row a pair, or a number new or gone.

    Two numbers are one where how they are computed, their rows and their notebooks are the same; next where only the
    years of their rows differ, as after a release; last where a notebook has one of its kind. A changed id tells
    nothing. Columns: `how, table, rows, notebooks, sources, old, new`, as they are now; `old` or `new` may be ''.
    """
    keys = [*_IS, "value", "text"]
    before, after = (frame[[*keys, "sources"]].drop_duplicates(keys) for frame in (old, new))
    both = before.merge(after, on=keys, how="inner")[keys]
    before, after = (_without(frame, both, keys) for frame in (before, after))
    parts = []
    for step in (_same, _but_for_years, _only_one):
        pairs = _paired(before.assign(**step(before)), after.assign(**step(after)))
        before, after = before.drop(pairs["old_at"]), after.drop(pairs["new_at"])
        parts.append(pairs)
    ends = [after.assign(old="", new=after["text"]), before.assign(old=before["text"], new="")]
    rows = pd.concat([*parts, *ends], ignore_index=True)
    return (
        rows[[*_IS, "sources", "old", "new"]].query("old != new").sort_values([*_IS, "old", "new"], ignore_index=True)
    )


def _without(frame: pd.DataFrame, gone: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    marked = frame.merge(gone.assign(is_same=True), on=list(keys), how="left")
    return frame.reset_index(drop=True)[marked["is_same"].isna()].sort_values(["value", "text"])


def _same(rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {"kind": rows["rows"], "nth": rows.groupby(_IS).cumcount()}


def _but_for_years(rows: pd.DataFrame) -> dict[str, pd.Series]:
    kind = rows["rows"].str.replace(_YEAR, "", regex=True)
    return {"kind": kind, "nth": rows.groupby([*_IS[:2], kind, "notebooks"]).cumcount()}


def _only_one(rows: pd.DataFrame) -> dict[str, pd.Series]:
    alike = ["how", "table", "notebooks"]
    many = rows.groupby(alike)["text"].transform("size") > 1
    return {"kind": rows["rows"].where(many, ""), "nth": rows.groupby(alike).cumcount()}


def _paired(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Pair rows with the same kind and place within it; what the number is now is kept."""
    by = ["how", "table", "notebooks", "kind", "nth"]
    left = before.assign(old=before["text"], old_at=before.index)[[*by, "old", "old_at"]]
    right = after.assign(new=after["text"], new_at=after.index)
    return left.merge(right, on=by, how="inner")


def told(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the sentences and titles of charts of an edition's README.md: pairs by question, a title with its chart.

    A sentence is `("", words)`, a chart `(id, title)`; the question of the first page is ''.
    """
    path = folder / "README.md"
    found: dict[str, list[tuple[str, str]]] = {}
    question, title = "", ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        if line.startswith("## "):
            question = line[3:]
        elif line.startswith("### "):
            title = line[4:]
        elif image := _IMAGE.search(line):
            found.setdefault(question, []).append((image[1], title))
        elif line and not line.startswith("# "):
            found.setdefault(question, []).append(("", line.strip("*")))
    return found


def reworded(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each sentence that is not as it was, old beside new; one of the two is '' where a sentence came or went."""
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from zip_longest(old[a:b], new[c:d], fillvalue="")


def digest(folder: Path, chart: str) -> str:
    """Return the SHA-256 of a chart's data; '' where it has none."""
    path = folder / "charts" / f"{chart}.csv"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
