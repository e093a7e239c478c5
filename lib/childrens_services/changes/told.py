"""Changes in words: a sentence, a page of Markdown, and the committed log by which an edition needs no history."""

from collections.abc import Iterator, Sequence

import pandas as pd

from childrens_services import paths
from childrens_services.changes.compare import COLUMNS
from childrens_services.changes.rows import FROM_PUBLISHERS, WHYS

LOG_COLUMNS = ["day", "since", "edition", *COLUMNS]
_PARTS = {"number": "numbers", "sentence": "sentences", "chart": "charts", "table": "rows"}
# The tables whose new rows are news, and what a row is called.
_NEWS = {"judgements": "grade", "events": "event", "spending": "sum of spending", "observations": "figure"}
_HEADINGS = {"where": "Where", "what": "What it is", "column": "Column", "change": "Change", "old": "Was", "new": "Is"}
_HEADINGS |= {"why": "Why", "count": "Rows"}


def one_sentence(changes: pd.DataFrame, since: str) -> str:
    """Return all changes in a sentence: `New since 3 May 2026: 350 rows added (new release); 14 numbers changed.`"""
    counts = changes["count"].astype(int).groupby([changes[column] for column in ("part", "change", "why")]).sum()
    parts = []
    for why in WHYS:
        found = [(counts.get(("table", change, why), 0), change) for change in ("added", "revised", "gone")]
        if rows := [f"{_counted(n, 'row')} {change}" for n, change in found if n]:
            parts.append(f"{_listed(rows)} ({why})")
    if printed := [_counted(counts[part].sum(), part) for part in _PARTS if part != "table" and part in counts]:
        parts.append(f"{_listed(printed)} of the edition changed")
    return f"New since {since}: {'; '.join(parts)}." if parts else f"Nothing has changed since {since}."


def in_short(changes: pd.DataFrame, since: str) -> str:
    """Return what publishers put out anew: `New since 3 May 2026, from publishers: 44 grades and 13 events.`"""
    rows = changes[(changes["part"] == "table") & changes["why"].isin(FROM_PUBLISHERS)]
    counts = rows["count"].astype(int).groupby(rows["where"]).sum()
    if found := [_counted(counts[table], noun) for table, noun in _NEWS.items() if table in counts]:
        return f"New since {since}, from publishers: {_listed(found)}."
    return f"Since {since} publishers put out nothing new here; what changed are corrections and code of ours."


def _counted(n: int, noun: str) -> str:
    first, _, rest = noun.partition(" ")
    return f"{n:,} {first}{'' if n == 1 else 's'}{rest and ' ' + rest}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def by_part(changes: pd.DataFrame) -> Iterator[tuple[str, list[str], list[list[object]]]]:
    """Yield of numbers, sentences, charts and rows the plural, the headings of columns that say something, the rows."""
    for part, plural in _PARTS.items():
        mine = changes[changes["part"] == part]
        columns = [column for column in _HEADINGS if mine[column].astype(str).ne("").any()]
        if columns:
            yield plural, [_HEADINGS[column] for column in columns], mine[columns].to_numpy().tolist()


def markdown(changes: pd.DataFrame, since: str) -> str:
    """Return a page of Markdown: the sentence, then what changed by part, old beside new, with why."""
    lines = [f"# What changed since {since}", "", one_sentence(changes, since)]
    for part, headings, rows in by_part(changes):
        table = [headings, ["---"] * len(headings), *rows]
        plain = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells] for cells in table]
        lines += ["", f"## {part.capitalize()}", "", *(f"| {' | '.join(cells)} |" for cells in plain)]
    return "\n".join(lines) + "\n"


def read_log() -> pd.DataFrame:
    """Return the log, oldest entry first; empty where nothing has been written yet."""
    if not paths.CHANGES.is_file():
        return pd.DataFrame(columns=LOG_COLUMNS, dtype="str")
    return pd.read_csv(paths.CHANGES, dtype="str", keep_default_na=False)


def write_log(changes: pd.DataFrame, day: str, since: str, edition: str) -> None:
    """Put an entry at the end of the log; one of the same day, edition and `since` is replaced."""
    entry = changes.assign(day=day, since=since, edition=edition)[LOG_COLUMNS].astype("str")
    log = read_log()
    others = log[log[["day", "since", "edition"]].ne([day, since, edition]).any(axis="columns")]
    pd.concat([others, entry]).to_csv(paths.CHANGES, index=False, lineterminator="\n")
