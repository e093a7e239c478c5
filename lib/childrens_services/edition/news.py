"""What is new in an edition: the page of changes and corrections, the same as CSV, and an Atom feed.

Goes in: the committed log `data/changes.csv` and the table `corrections`, as known on the edition's day. Comes out:
entries for the templates, and texts by file name. No history and no clock is asked, so that the bytes repeat.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pandas as pd

from childrens_services import tables
from childrens_services.changes import told
from childrens_services.edition.parameters import Parameters
from childrens_services.periods import english_day


def read(parameters: Parameters) -> dict[str, Any]:
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
