"""Which printed numbers, sentences and charts of an edition moved: pairs of old and new, by what they are."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import pandas as pd

_YEAR = r"(?<![\w-])(?:19|20)\d\d(?:-\d\d)?(?![\w-])"
_KIND = ["how", "table", "notebooks"]
_IMAGE = re.compile(r"\]\(charts/(.+)\.png\)$")


def moved(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Pair the numbers of two `numbers.csv` that are no longer the same; a row a pair, or a number new or gone.

    Two numbers are one where how they are computed, their rows and their notebooks are the same; next where only the
    years of their rows differ, as after a release; last where a notebook has one of its kind. A changed id tells
    nothing. Columns: `how, table, rows, notebooks, sources, old, new`, as they are now; `old` or `new` may be ''.
    """
    keys = [*_KIND, "rows", "value", "text"]
    before, after = (frame[[*keys, "sources"]].drop_duplicates(keys) for frame in (old, new))
    before, after = (
        one.merge(other[keys], on=keys, how="left_anti").sort_values(["value", "text"], ignore_index=True)
        for one, other in ((before, after), (after, before))
    )
    parts = []
    for alike in (
        lambda numbers: numbers["rows"],
        lambda numbers: numbers["rows"].str.replace(_YEAR, "", regex=True),
        lambda numbers: numbers["rows"].mask(~numbers.duplicated(_KIND, keep=False), ""),
    ):
        left, right = (frame.assign(at=frame.index, like=alike) for frame in (before, after))
        left, right = (frame.assign(nth=frame.groupby([*_KIND, "like"]).cumcount()) for frame in (left, right))
        pairs = left.merge(right, on=[*_KIND, "like", "nth"], suffixes=("_old", ""))
        before, after = before.drop(pairs["at_old"]), after.drop(pairs["at"])
        parts.append(pairs.rename(columns={"text_old": "old", "text": "new"}))
    ends = [after.rename(columns={"text": "new"}), before.rename(columns={"text": "old"})]
    columns = ["how", "table", "rows", "notebooks", "sources", "old", "new"]
    found = pd.concat([*parts, *ends], ignore_index=True)[columns].fillna("")
    return found.query("old != new").sort_values(columns, kind="stable", ignore_index=True)


def told(folder: Path) -> pd.DataFrame:
    """Return the sentences and charts of an edition's README.md: `where` (the question), `what`, `words`, `data`.

    Of a chart these are its id, title and CSV; `what` is '' for a sentence, `where` on the first page.
    """
    rows, question, title = [], "", ""
    for line in (folder / "README.md").read_text(encoding="utf-8").splitlines():
        mark, _, words = line.partition(" ")
        if mark == "##":
            question = words
        elif mark == "###":
            title = words
        elif image := _IMAGE.search(line):
            data = folder / "charts" / f"{image[1]}.csv"
            rows.append((question, image[1], title, data.read_text(encoding="utf-8") if data.is_file() else ""))
        elif line and mark != "#":
            rows.append((question, "", line.strip("*"), ""))
    return pd.DataFrame(rows, columns=["where", "what", "words", "data"])


def reworded(old: Path, new: Path) -> pd.DataFrame:
    """Return the sentences, and charts by title or data, that changed: `part, where, what, old, new` ('' for none)."""
    was, now = told(old), told(new)
    charts = was[was["what"].ne("")].merge(now[now["what"].ne("")], on=["where", "what"], how="outer").fillna("")
    charts = charts.query("words_x != words_y or data_x != data_y").rename(columns={"words_x": "old", "words_y": "new"})
    was, now = (side[side["what"].eq("")].groupby("where")["words"].agg(list).to_dict() for side in (was, now))
    pairs = [(where, *pair) for where in now | was for pair in _pairs(was.get(where, []), now.get(where, []))]
    sentences = pd.DataFrame(pairs, columns=["where", "old", "new"]).assign(part="sentence", what="")
    return pd.concat([charts.assign(part="chart"), sentences])[["part", "where", "what", "old", "new"]]


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        pair for kind, a, b, c, d in blocks if kind != "equal" for pair in zip_longest(old[a:b], new[c:d], fillvalue="")
    ]


def within(sentence: tuple, numbers: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of the sentence's question that stand in it, as they were or as they are."""
    near = [
        sentence.where in one.where.split("; ") and (_in(one.old, sentence.old) or _in(one.new, sentence.new))
        for one in numbers.itertuples()
    ]
    return numbers[near]


def _in(number: str, sentence: str) -> bool:
    return bool(number) and re.search(rf"(?<!\w){re.escape(number)}(?!\w)", sentence) is not None
