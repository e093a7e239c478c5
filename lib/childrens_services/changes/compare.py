"""Everything that changed between two sides, as one frame: rows of tables, numbers, sentences and charts.

Each row says `part` (table, number, sentence, chart), `where` (the table or question), `what` in words, `column`,
`change` (added, revised, gone), `old`, `new`, `why`, and `count`, how many rows of a table it stands for.
"""

import json
from collections.abc import Iterator, Mapping

import pandas as pd

from childrens_services import paths
from childrens_services.changes import numbers, rows
from childrens_services.changes.sides import Side
from childrens_services.tables import contracts
from childrens_services.vocabulary import EVENT_KINDS

COLUMNS = ["part", "where", "what", "column", "change", "old", "new", "why", "count"]
MOST = 20  # changes of one sort that are listed one by one; of more, only how many


def compare(old: Side, new: Side) -> pd.DataFrame:
    """Return all changes between two sides, those of one sort counted where they are more than twenty."""
    names = names_of(old) | names_of(new)
    changed = pd.concat([pd.DataFrame(columns=[*COLUMNS, "source_id", "row"]), *_of_tables(old, new, names)])
    parts = [changed]
    if old.edition and new.edition:
        parts += _of_edition(old, new, changed, names)
    return _shortened(pd.concat(parts, ignore_index=True).fillna(""), names)


def names_of(side: Side) -> dict[str, str]:
    """Return the words for ids: `names_of(side)["E06000018"]` is Nottingham; an event is its place, kind and day."""
    found: dict[str, str] = {}
    for table, contract in contracts().items():
        frame, (key, *_), words = side.tables.get(table, pd.DataFrame()), contract["key"], contract.get("called")
        if {key, words} <= set(frame):
            found |= dict(zip(frame[key], frame[words], strict=True))
    for event in side.tables.get("events", pd.DataFrame()).itertuples():
        place, kind = found.get(event.la_code_ons, ""), EVENT_KINDS.get(event.kind, event.kind)
        found[event.event_id] = f"{place}, {kind}, {event.start}"
    return found


def _in_words(row: str, names: Mapping[str, str]) -> str:
    """Return a row's key in words: `E06000018 rereferral_percent 2025` as place, title and year."""
    return ", ".join(names.get(part) or part.replace("_", " ") for part in row.split(" "))


def _of_tables(old: Side, new: Side, names: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    listed = [side.tables.get("sources", pd.DataFrame(columns=["source_id", "sha256"])) for side in (old, new)]
    then, hashes = (frame.set_index("source_id")["sha256"].to_dict() for frame in listed)
    for name, contract in contracts().items():
        was, now = old.tables.get(name), new.tables.get(name)
        if now is None or (was is not None and was.equals(now)):
            continue
        newest = "9999" if was is None else max(was.get("published", ()), default="")
        held = rows.Held(newest, {} if old.is_day else then, hashes, _corrected(name, old, new))
        found = rows.differences(now[:0] if was is None else was, now, contract["key"])
        pairs = {pair: rows.why(*pair, held) for pair in set(zip(found["source_id"], found["published"], strict=True))}
        whys = [pairs[pair] for pair in zip(found["source_id"], found["published"], strict=True)]
        told = found.assign(part="table", where=name, what=[_in_words(key, names) for key in found["row"]], why=whys)
        told["count"] = 1 - told.duplicated(["change", "row"])
        yield told[[*COLUMNS, "source_id", "row"]]


def _corrected(name: str, old: Side, new: Side) -> set[str] | None:
    """Return the sources of the lines that differ in a table's curated file; '' where lines name none."""
    if old.curated is None or new.curated is None:
        return None
    lines = [side.curated[name] for side in (old, new) if name in side.curated] or [pd.DataFrame()]
    changed = pd.concat(lines).drop_duplicates([column for column in lines[0] if column in lines[-1]], keep=False)
    return set(changed.get("source_id", pd.Series("", changed.index)).fillna(""))


def _of_edition(old: Side, new: Side, changed: pd.DataFrame, names: Mapping[str, str]) -> list[pd.DataFrame]:
    """Return the numbers that moved, and the sentences and charts that are other than they were."""
    titles = _titles()
    files = [side.edition / "numbers.csv" for side in (old, new)]
    moved = numbers.moved(*(pd.read_csv(file, dtype="str", keep_default_na=False) for file in files))
    whys = {(row.where, key): row.why for row in changed.itertuples() for key in (row.row, *row.source_id.split())}
    moved = moved.assign(
        part="number",
        where=["; ".join(titles.get(slug, slug) for slug in slugs.split()) for slugs in moved["notebooks"]],
        what=[_number(how, first, names) for how, first in zip(moved["how"], moved["rows"], strict=True)],
        why=[_why(one, whys) for one in moved.itertuples()],
    )
    told = numbers.reworded(old.edition, new.edition)
    told["where"] = told["where"].replace("", titles.get("00-at-a-glance", ""))
    told["why"] = [rows.strongest(list(numbers.within(one, moved)["why"])) for one in told.itertuples()]
    both = pd.concat([moved, told])
    change = both["old"].eq("").map({True: "added", False: "revised"}).where(both["new"].ne(""), "gone")
    return [both.assign(change=change, count=1).reindex(columns=COLUMNS)]


def _titles() -> dict[str, str]:
    read = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths.NOTEBOOKS.glob("[0-9]*.ipynb")}
    return {name: "".join(notebook["cells"][0]["source"]).splitlines()[0][2:] for name, notebook in read.items()}


def _number(how: str, keys: str, names: Mapping[str, str]) -> str:
    """Say what a number is: how it is computed, of which measure, authority and period."""
    first, *more = keys.split("; ")
    of = f": {_in_words(first, names)}" + f" and {len(more)} more" * bool(more)
    return how.rstrip(".") + of * bool(first)


def _why(number: tuple, whys: Mapping[tuple[str, str], str]) -> str:
    """Return why a number moved: why its rows changed, else why rows of its sources did, else our code."""
    keys = [number.rows.split("; "), number.sources.split() if number.old and number.new else []]
    of_rows, of_sources = ([whys[number.table, key] for key in some if (number.table, key) in whys] for some in keys)
    return rows.strongest(of_rows or of_sources)


def _shortened(changes: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return changes in order, those of one sort counted in one row where they are more than MOST."""
    sort = ["part", "where", "change", "why"]
    is_many = changes.groupby(sort)["what"].transform("size") > MOST
    many = changes[is_many].groupby(sort, as_index=False).agg({"count": "sum", "source_id": "unique"})
    from_one = [names.get(sources[0], sources[0]) if len(sources) == 1 else "" for sources in many["source_id"]]
    short = pd.concat([changes[~is_many], many.assign(what=from_one, column="", old="", new="")])
    return short.sort_values([*sort, "what", "column", "old", "new"], ignore_index=True)[COLUMNS]
