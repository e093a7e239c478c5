"""Every page of an edition as text: front page, charts, numbers, sources, what changed, a page a question, README.md.

Goes in: the pages read from executed notebooks, a look at the files that lie in the edition, and what changed as the
committed log tells it: no history and no clock, so that the bytes repeat. Comes out: texts by file name.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pandas as pd

from childrens_services import tables
from childrens_services.changes import told
from childrens_services.edition import gallery, pages
from childrens_services.edition.parameters import Parameters
from childrens_services.periods import english_day
from childrens_services.sources import register
from childrens_services.telling.cited import MARK, MARKED, join

_EXPLAINS = "<!-- what the mark means -->"


def page_texts(
    folder: Path, read: Sequence[pages.Page], numbers: pd.DataFrame, parameters: Parameters
) -> dict[str, str]:
    """Return the text of every page and of README.md by file name, for example `page_texts(...)["index.html"]`.

    `numbers` is that of `pages.numbers_table`. What the pages link to must be in the folder before.
    """
    shared = _shared(folder, read, parameters)
    rows = numbers.to_dict("records")
    named = {name: pages.link(f"{row.publisher}: {row.title}", row.url) for name, row in register().iterrows()}
    values: dict[str, dict[str, Any]] = {
        "index": {"page": read[0], "blocks": _front_blocks(read[0])},
        "charts": {},
        "numbers": {"numbers": rows, "named": named},
        "sources": {"sources": pages.sources_used(numbers, read)},
        "changes": {},
    }
    written = {f"{name}.html": pages.render(f"{name}.html.j2", here=name, **v, **shared) for name, v in values.items()}
    for before, page, after in zip([None, *read], read, [*read[1:], None], strict=False):
        around = {"here": page.slug, "page": page, "before": before, "after": after}
        written[f"{page.slug}.html"] = pages.render("question.html.j2", **around, **shared)
    by_id = {row["number_id"]: row for row in rows}
    told = {name: _explained(pages.tell_numbers(text, by_id)) for name, text in written.items()}
    further = {"README.md": "README.md.j2", "changes.xml": "changes.xml.j2"}
    told |= {name: _explained(pages.render(template, **shared)) for name, template in further.items()}
    return told | {"changes.csv": shared["news"]["csv"]}


def _shared(folder: Path, read: Sequence[pages.Page], parameters: Parameters) -> dict[str, Any]:
    return {
        "questions": read,
        "sentences": max(2, len(parameters.authorities)),  # of another page: one for each authority
        "parameters": shown_parameters(parameters),
        "heading": heading_of(parameters),
        "known": known_to(parameters.as_at),
        "news": news(parameters),
        "files": {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()},
        "details": {c["id"]: gallery.details(folder, c, page.title) for page in read for c in page.charts},
    }


def _front_blocks(first: pages.Page) -> list[dict[str, Any]]:
    """Return the blocks that the front page shows below the short answer: all but title, answer and preparations."""
    told = {"headline", "in-short"}
    blocks = [block for block in first.blocks[1:] if not told & set(block.get("tags", []))]
    return [block for section in pages.sections(blocks) if any(map(_says, section)) for block in section]


def _says(block: dict[str, Any]) -> bool:
    """Return whether a block shows something, or has words that are more than a heading."""
    return bool(block["outputs"]) or (block["kind"] == "words" and not block["html"].strip().endswith("</h2>"))


def heading_of(parameters: Parameters) -> str:
    """Return the title of an edition, for example "Children's services in Leeds and Bradford"."""
    return f"Children's services in {join(parameters.authorities).text}"


def _explained(page: str) -> str:
    """Say at the top of a page what the mark of a compiled list means, where the page has one."""
    return page.replace(_EXPLAINS, f" {MARK} {MARKED}." if MARK in page else "")


def news(parameters: Parameters) -> dict[str, Any]:
    """Return `entries` of the log, newest first, `corrections`, their number, and when the feed was `updated`.

    An entry tells rows of tables, and what moved in the edition itself.
    """
    log = told.read_log().query("part == 'table' or edition == @parameters.edition")
    log = log[log["day"] <= (parameters.as_at or "9999")]
    groups = log.groupby(["day", "since"], sort=False)
    entries = [_entry(at, *key, rows) for at, (key, rows) in enumerate(groups, start=1)][::-1]
    corrections = [_correction(row) for row in tables.load("corrections", parameters.as_at).to_dict("records")]
    known = parameters.as_at or tables.load("sources")["published"].max().date().isoformat()
    return {
        "entries": entries,
        "corrections": corrections,
        "updated": max((one["iso"] for one in (*entries, *corrections)), default=known),
        "id": lambda key="": uuid5(NAMESPACE_URL, f"childrens-services-compared/{parameters.edition}/{key}").urn,
        "csv": log.to_csv(index=False, lineterminator="\n"),
    }


def _entry(at: int, iso: str, since: str, rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "id": f"change-{at}",
        "key": f"{iso} {since}",
        "iso": iso,
        "day": english_day(date.fromisoformat(iso)),
        "in_short": told.in_short(rows, since),
        "sentence": told.one_sentence(rows, since),
        "parts": list(told.by_part(rows)),
    }


def _correction(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a correction in words: `{"wrong": "... (257 days)", "right": ...}`."""
    day = row["right_since"].date()
    figures = {side: row[f"figure_{side}"] for side in ("wrong", "right")}
    in_words = {side: "" if pd.isna(n) else f" ({n:,.10g} {row['unit']})" for side, n in figures.items()}
    told_sides = {side: row[side] + figure for side, figure in in_words.items()}
    return told_sides | {
        "id": row["correction_id"],
        "why": row["why"],
        "since": english_day(day),
        "iso": day.isoformat(),
    }


def known_to(as_at: str) -> dict[str, str]:
    """Return the newest day of what could be known `as_at` a day: `{"grades": "29 June 2026", ...}`.

    Grades are known to the newest report, or the day on which a list of all of them was read. What is older on the day
    of the edition than `tables.freshness` allows is called stale, with the reason.
    """
    names = ("judgements", "events", "observations", "event_sources", "sources")
    loaded = {name: tables.load(name, as_at) for name in names}
    grades = loaded["judgements"].query("scale == 'four_point_2013'")
    lists = loaded["event_sources"]["source_id"].isin(loaded["sources"].query("kind == 'secondary_data'")["source_id"])
    known = {
        "grades": pd.concat([grades, loaded["event_sources"][lists]]),
        "events": loaded["events"],
        "figures": loaded["observations"],
    }
    today = tables.read_day(as_at) if as_at else loaded["sources"]["published"].max()
    return {what: _told(rows["published"].max(), today, **tables.freshness()[what]) for what, rows in known.items()}


def _told(newest: pd.Timestamp, today: pd.Timestamp, days: int, why: str) -> str:
    """Return a day in words, with a warning where it is more than so many days before the day of the edition."""
    if pd.isna(newest):
        return "no day yet"
    return english_day(newest.date()) + (f" (stale: {why})" if (today - newest).days > days else "")


def shown_parameters(parameters: Parameters) -> dict[str, str]:
    """Return the parameters as a page prints them, in words: `{"As known on": "30 June 2019", ...}`."""
    known = english_day(date.fromisoformat(parameters.as_at)) if parameters.as_at else "the day of the newest source"
    return {
        "Authorities": ", ".join(parameters.authorities),
        "Compared with": parameters.comparators,
        "As known on": known,
        "First year drawn": str(parameters.first_year),
        "Money in": "cash" if parameters.price_year == "cash" else f"prices of {parameters.price_year}",
    }
