"""Everything that changed between two sides, as one frame: rows of tables, numbers, sentences and charts.

Each row says `part` (table, number, sentence, chart), `where` (the table or question), `what` in words, `column`,
`change` (added, revised, gone), `old`, `new`, `why`, and `count`, how many rows of a table it stands for.
"""

import json
import re
from collections.abc import Iterator, Mapping

import pandas as pd

from childrens_services import paths
from childrens_services.changes import numbers, rows
from childrens_services.changes.sides import Side
from childrens_services.tables import contracts
from childrens_services.vocabulary import EVENT_KINDS

COLUMNS = ["part", "where", "what", "column", "change", "old", "new", "why", "count"]
MOST = 20  # changes of one sort that are listed one by one; of more, only how many
# What a row says, the first of these that its table has; and what an id stands for, by table.
_VALUES = ("value", "grade", "amount_gbp", "children", "price_index", "summary", "statement", "claim", "what", "title")
_NAMES = {
    "areas": ("area_code", "name"),
    "indicators": ("indicator", "title"),
    "sources": ("source_id", "title"),
    "budgets": ("fact_id", "what"),
    "statements": ("fact_id", "measure"),
    "forecasts": ("forecast_id", "what_expected"),
    "claims": ("claim_id", "claim"),
    "findings": ("finding_id", "statement"),
}


def compare(old: Side, new: Side) -> pd.DataFrame:
    """Return all changes between two sides, those of one sort counted where they are more than twenty."""
    names = names_of(old) | names_of(new)
    changed = pd.concat([pd.DataFrame(columns=[*COLUMNS, "source_id", "row"]), *_of_tables(old, new, names)])
    parts = [changed]
    if old.edition and new.edition:
        moved = _of_numbers(old, new, changed, names)
        parts += [moved, *_of_words(old, new, moved)]
    return _shortened(pd.concat(parts, ignore_index=True).fillna(""), names)


def names_of(side: Side) -> dict[str, str]:
    """Return the words for ids: `names_of(side)["E06000018"]` is Nottingham; an event is its place, kind and day."""
    found: dict[str, str] = {}
    for table, (key, words) in _NAMES.items():
        frame = side.table(table)
        if frame is not None and {key, words} <= set(frame):
            found |= dict(zip(frame[key], frame[words], strict=True))
    events = side.table("events")
    for event in events.to_dict("records") if events is not None else ():
        kind = EVENT_KINDS.get(event["kind"], event["kind"])
        found[event["event_id"]] = f"{found.get(event['la_code_ons'], '')}, {kind}, {event['start']}"
    return found


def in_words(row: str, names: Mapping[str, str]) -> str:
    """Return a row's key in words: `E06000018 rereferral_percent 2025` as place, title and year."""
    return ", ".join(names.get(part) or part.replace("_", " ") for part in row.split(" "))


def _of_tables(old: Side, new: Side, names: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    hashes = [_hashes(side) for side in (old, new)]
    for name, contract in contracts().items():
        was, now = old.table(name), new.table(name)
        if now is None or (was is not None and was.equals(now)):
            continue
        newest = "9999" if was is None else max(was.get("published", pd.Series("")), default="")
        then = {} if old.is_day else hashes[0]
        held = rows.Held(newest, then, hashes[1], _corrected(name, old, new))
        found = rows.differences(now[:0] if was is None else was, now, contract["key"])
        parts = found._replace(added=_whole(found.added, "new"), gone=_whole(found.gone, "old"))._asdict()
        for change, frame in parts.items():
            if len(frame):
                keys = [" ".join(key) for key in zip(*(frame[column] for column in contract["key"]), strict=True)]
                told = rows.with_why(frame, held).assign(part="table", where=name, change=change, row=keys)
                told = told.assign(what=[in_words(key, names) for key in keys], count=1 - told.duplicated("row"))
                yield told.reindex(columns=[*COLUMNS, "source_id", "row"])


def _hashes(side: Side) -> dict[str, str]:
    frame = side.table("sources")
    return {} if frame is None else dict(zip(frame["source_id"], frame["sha256"], strict=True))


def _whole(frame: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return rows that came or went with what they say in the column `old` or `new`."""
    value = next((column for column in _VALUES if column in frame), None)
    return frame.assign(column=value or "", **({"old": "", "new": ""} | {side: frame[value] if value else ""}))


def _corrected(name: str, old: Side, new: Side) -> frozenset[str] | None:
    """Return the sources of the lines that differ in a table's curated file; '' where lines name none."""
    if old.curated is None or new.curated is None:
        return None
    files = [side.curated / f"{name}.csv" for side in (old, new)]
    lines = [pd.read_csv(file, dtype="str", keep_default_na=False) for file in files if file.is_file()]
    if len(lines) < 2:
        return frozenset().union(*(frame.get("source_id", pd.Series([""])) for frame in lines))
    changed = pd.concat(lines).drop_duplicates([column for column in lines[0] if column in lines[1]], keep=False)
    return frozenset(changed.get("source_id", pd.Series("", changed.index)).fillna(""))


def _of_numbers(old: Side, new: Side, changed: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    held = [pd.read_csv(side.edition / "numbers.csv", dtype="str", keep_default_na=False) for side in (old, new)]
    found = numbers.moved(*held).to_dict("records")
    titles = _titles()
    by_row = {(row.where, row.row): row.why for row in changed.itertuples()}
    by_source = {(row.where, one): row.why for row in changed.itertuples() for one in str(row.source_id).split()}
    records = [
        {
            "part": "number",
            "where": "; ".join(titles.get(slug, slug) for slug in one["notebooks"].split()),
            "what": _number(one, names),
            "change": _change(one["old"], one["new"]),
            "old": one["old"],
            "new": one["new"],
            "why": _why_of(one, by_row, by_source),
            "count": 1,
        }
        for one in found
    ]
    return pd.DataFrame(records, columns=COLUMNS)


def _change(old: str, new: str) -> str:
    return "added" if not old else "gone" if not new else "revised"


def _number(one: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Say what a number is: how it is computed, of which measure, authority and period."""
    first, *more = one["rows"].split("; ")
    how = one["how"].rstrip(".")
    return f"{how}: {in_words(first, names)}" + f" and {len(more)} more" * bool(more) if first else how


def _why_of(one: Mapping[str, str], by_row: Mapping, by_source: Mapping) -> str:
    """Return why a number moved: why its rows changed, else why rows of its sources did, else our code."""
    rows_of = [by_row.get((one["table"], row)) for row in one["rows"].split("; ")]
    sources = [by_source.get((one["table"], source)) for source in one["sources"].split() if one["old"] and one["new"]]
    return rows.strongest([why for why in rows_of if why] or [why for why in sources if why])


def _titles() -> dict[str, str]:
    """Return the question of each notebook by its name."""
    read = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths.NOTEBOOKS.glob("[0-9]*.ipynb")}
    return {name: "".join(notebook["cells"][0]["source"]).splitlines()[0][2:] for name, notebook in read.items()}


def _of_words(old: Side, new: Side, moved: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the sentences and charts that are other than they were, a question at a time."""
    was, now = numbers.told(old.edition), numbers.told(new.edition)
    front = _titles().get("00-at-a-glance", "")
    for question in now | was:
        pairs = [_split(side.get(question, [])) for side in (was, now)]
        words = [("sentence", "", *pair) for pair in numbers.reworded(pairs[0][0], pairs[1][0])]
        words += [("chart", *chart) for chart in _charts(pairs[0][1], pairs[1][1], old, new)]
        where = question or front
        near = moved[moved["where"].str.split("; ").map(lambda titles, where=where: where in titles)]
        yield pd.DataFrame(
            {"part": part, "where": where, "what": what, "old": before, "new": after, "count": 1}
            | {"change": _change(before, after)}
            | {"why": rows.strongest([n.why for n in near.itertuples() if _in(n.old, before) or _in(n.new, after)])}
            for part, what, before, after in words
        )


def _in(number: str, sentence: str) -> bool:
    return bool(number) and re.search(rf"(?<!\w){re.escape(number)}(?!\w)", sentence) is not None


def _split(pairs: list[tuple[str, str]]) -> tuple[list[str], dict[str, str]]:
    return [words for chart, words in pairs if not chart], {chart: words for chart, words in pairs if chart}


def _charts(was: Mapping[str, str], now: Mapping[str, str], old: Side, new: Side) -> Iterator[tuple[str, str, str]]:
    """Yield id, old and new title of each chart whose title or data changed."""
    for chart in now | was:
        before, after = was.get(chart, ""), now.get(chart, "")
        if before != after or numbers.digest(old.edition, chart) != numbers.digest(new.edition, chart):
            yield chart, before, after


def _shortened(changes: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return changes in order, those of one sort counted in one row where they are more than MOST."""
    sort = ["part", "where", "change", "why"]
    whole = changes.assign(size=changes.groupby(sort)["what"].transform("size") if len(changes) else 0)
    many = whole[whole["size"] > MOST].groupby(sort, as_index=False).agg({"count": "sum", "source_id": "unique"})
    from_one = [names.get(sources[0], sources[0]) if len(sources) == 1 else "" for sources in many["source_id"]]
    counted = many.assign(what=from_one, column="", old="", new="")
    short = pd.concat([whole[whole["size"] <= MOST], counted], ignore_index=True)
    return short.sort_values([*sort, "what", "column", "old", "new"], kind="stable", ignore_index=True)[COLUMNS]
