"""Changes in words: one sentence, a page of Markdown, and the log `data/changes.csv` that editions are made with.

The log has the columns of `compare`, and before them the `day` of the entry, `since` what it compares, and the
`edition` whose numbers moved. It is committed, so that an edition needs no history to tell what is new.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from childrens_services import paths
from childrens_services.changes.compare import COLUMNS
from childrens_services.changes.rows import WHYS

LOG_COLUMNS = ["day", "since", "edition", *COLUMNS]
PARTS = {"number": "numbers", "sentence": "sentences", "chart": "charts", "table": "rows"}
_HEADINGS = {"where": "Where", "what": "What it is", "column": "Column", "change": "Change", "old": "Was", "new": "Is"}
SHOWN = {**_HEADINGS, "why": "Why", "count": "Rows"}  # columns of a list of changes, with their headings


def one_sentence(changes: pd.DataFrame, since: str) -> str:
    """Return all changes in a sentence: `New since 3 May 2026: 350 rows added (new release); 14 numbers changed.`"""
    counts = changes["count"].astype(int).groupby([changes[column] for column in ("part", "change", "why")]).sum()
    parts = []
    for why in WHYS:
        found = [(counts.get(("table", change, why), 0), change) for change in ("added", "revised", "gone")]
        if any(n for n, _ in found):
            parts.append(f"{_listed([_counted(n, 'row', change) for n, change in found if n])} ({why})")
    if printed := [_counted(counts[part].sum(), part) for part in PARTS if part != "table" and part in counts]:
        parts.append(f"{_listed(printed)} of the edition changed")
    return f"New since {since}: {'; '.join(parts)}." if parts else f"Nothing has changed since {since}."


def _counted(n: int, noun: str, change: str = "") -> str:
    return f"{n:,} {noun if n == 1 else f'{noun}s'} {change}".rstrip()


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def markdown(changes: pd.DataFrame, since: str) -> str:
    """Return a page of Markdown: the sentence, then what changed by part, old beside new, with why."""
    lines = [f"# What changed since {since}", "", one_sentence(changes, since)]
    for part, many in PARTS.items():
        mine = changes[changes["part"] == part]
        if columns := shown(mine):
            lines += ["", f"## {many.capitalize()}", "", _row([SHOWN[column] for column in columns])]
            lines += [_row(["---"] * len(columns)), *(_row(row) for row in mine[columns].itertuples(index=False))]
    return "\n".join(lines) + "\n"


def shown(changes: pd.DataFrame) -> list[str]:
    """Return the columns of a list of changes that say something, in order."""
    return [column for column in SHOWN if (changes[column].astype(str) != "").any()]


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def read_log(edition: str, as_at: str = "") -> pd.DataFrame:
    """Return the log, oldest entry first, as an edition tells it: rows of tables, and what moved in the edition itself.

    With `as_at`, only what was written by that day. Empty where nothing has been written yet.
    """
    if not paths.CHANGES.is_file():
        return pd.DataFrame(columns=LOG_COLUMNS)
    log = pd.read_csv(paths.CHANGES, dtype="str", keep_default_na=False)
    return log[(log["part"].eq("table") | log["edition"].eq(edition)) & (log["day"] <= (as_at or "9999"))]


def write_log(changes: pd.DataFrame, day: str, since: str, edition: str) -> Path:
    """Put an entry at the end of the log and return its path; one of the same day, edition and `since` is replaced."""
    entry = changes.assign(day=day, since=since, edition=edition)[LOG_COLUMNS].astype("str")
    before = pd.read_csv(paths.CHANGES, dtype="str", keep_default_na=False) if paths.CHANGES.is_file() else entry[:0]
    others = before[before[["day", "since", "edition"]].ne([day, since, edition]).any(axis="columns")]
    pd.concat([others, entry]).to_csv(paths.CHANGES, index=False, lineterminator="\n")
    return paths.CHANGES
