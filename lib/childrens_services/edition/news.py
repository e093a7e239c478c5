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
    """Return `entries` of the log, newest first, `corrections`, their number, and when the feed was `updated`."""
    log = told.read_log(parameters.edition, parameters.as_at)
    groups = list(log.groupby(["day", "since"], sort=False))
    entries = [_entry(at, *key, rows) for at, (key, rows) in enumerate(groups, start=1)][::-1]
    wrong = tables.load("corrections", parameters.as_at)
    known = tables.load("sources")["published"].max().date().isoformat()
    days = [entry["iso"] for entry in entries] + wrong["right_since"].dt.strftime("%Y-%m-%d").tolist()
    return {
        "entries": entries,
        "corrections": [_correction(row) for row in wrong.to_dict("records")],
        "updated": max(days, default=parameters.as_at or known),
        "id": lambda key="": uuid5(NAMESPACE_URL, f"childrens-services-compared/{parameters.edition}/{key}").urn,
        "csv": log.to_csv(index=False, lineterminator="\n"),
    }


def _entry(at: int, iso: str, since: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Return one entry of the log: its sentence, and by part the columns that say something with their rows."""
    parts = []
    for part, heading in told.PARTS.items():
        mine = rows[rows["part"] == part]
        if columns := told.shown(mine):
            headings, cells = [told.SHOWN[column] for column in columns], mine[columns].to_numpy().tolist()
            parts.append({"name": heading, "columns": headings, "rows": cells})
    day = english_day(date.fromisoformat(iso))
    return {
        "id": f"change-{at}",
        "key": f"{iso} {since}",
        "iso": iso,
        "day": day,
        "sentence": told.one_sentence(rows, since),
        "parts": parts,
    }


def _correction(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a correction in words: `{"wrong": "... (257 days)", "right": ...}`."""
    unit = "" if pd.isna(row["unit"]) else row["unit"]
    figures = {side: _figure(row[f"figure_{side}"], unit) for side in ("wrong", "right")}
    told_sides = {side: f"{row[side]} {figure}".rstrip() for side, figure in figures.items()}
    day = row["right_since"].date()
    names = {"id": row["correction_id"], "page": row["question"], "why": row["why"], "mended": row["mended_in"]}
    return names | told_sides | {"since": english_day(day), "iso": day.isoformat()}


def _figure(value: float, unit: str) -> str:
    return "" if pd.isna(value) else f"({value:,.10g} {unit})"
