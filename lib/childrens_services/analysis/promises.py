"""What was promised, by whom, due when, and what came of it; and the same by the occasion that was awaited.

Goes in: forecasts with what came of each by a day (`timeline.outcomes`), and when lists of published reports were last
read. Comes out: tidy frames that keep the columns of `forecasts`. Nothing is called missed because nobody looked: only
an inspection or visit that a list of all reports, read long enough after it was due, does not hold.
"""

import pandas as pd

from childrens_services.analysis import shares, timeline
from childrens_services.periods import english, english_day, read_edtf

__all__ = ["by_occasion", "lists_read", "promises"]

# Kinds of events that one list of reports covers: who reads it for one of them has looked for all.
LISTS = (  # none holds focused or monitoring visits: one not seen is not thereby missed
    ("inspection", "short_inspection", "expected_inspection"),
    ("send_inspection",),
    ("jtai",),
)
# A list holds reports: one read sooner may lack an inspection that was in time. Of the graded inspections since 2022
# about nineteen in twenty had their report within so many days of their first.
DAYS_TO_REPORT = 84
RESULTS = {
    "met": "met on time",
    "met_early": "met on time",
    "met_late": "met late",
    "partly_met": "met in part",
    "not_met": "missed",
    "two_readings": "depends on the day it was said",
    "not_seen": "not seen",
    "open": "due later",
}


def lists_read(events: pd.DataFrame, event_sources: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return when a list of all published reports was last read: one row an authority and kind of event.

    `la_code_ons, expects, looked, looked_source_id`; see `timeline.last_looked`. Nottingham's inspections:
    29 June 2026; Nottinghamshire's SEND inspections: 10 November 2025.
    """
    parts = [
        timeline.last_looked(events, event_sources, sources, kinds).merge(pd.DataFrame({"expects": kinds}), how="cross")
        for kinds in LISTS
    ]
    found = pd.concat(parts, ignore_index=True).rename(columns={"source_id": "looked_source_id"})
    return found[["la_code_ons", "expects", "looked", "looked_source_id"]]


def promises(came: pd.DataFrame, lists: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Return every forecast, plan, target, commitment, warning and recommendation with its result by rule.

    `came` are the rows of `timeline.outcomes`, `lists` those of `lists_read`. One row a forecast, by authority and due
    day (`window_end`): its columns and

    - `result`: `met on time` (in its window, or before), `met late`, `met in part`, `missed` (known not to have come,
      or an inspection that a list read twelve weeks or more after the window does not hold), `due later`,
      `not seen` (the window is over, and nothing shows what came of it), or `depends on the day it was said`;
    - `days_late`: days from the end of the window to the event, or for one missed to the day last looked;
    - `looked`: the day last looked: that of the list for an inspection, that of the newest source otherwise;
    - `shows`: what shows the result, in words: the evidence, the day it began, or that nothing was seen.
    """
    rows = came.merge(lists, on=["la_code_ons", "expects"], how="left", validate="m:1")
    since = (rows["looked"] - rows["window_end"]).dt.days
    listed = rows["outcome"].eq("not_seen") & since.ge(DAYS_TO_REPORT)
    slip = rows["slip_days"].astype("float64")
    sources = shares.join_sources(rows["source_id"], rows["outcome_source_id"])
    rows = rows.assign(
        result=rows["outcome"].map(RESULTS).mask(listed, "missed"),
        days_late=since.where(listed).fillna(slip.where(slip > 0)).astype("Int64"),
        looked=rows["looked"].fillna(today),
        source_id=shares.join_sources(sources, rows["looked_source_id"].where(listed)),
    )
    rows = rows.assign(shows=_shows(rows, listed)).drop(columns="looked_source_id")
    return rows.sort_values(["la_code_ons", "window_end", "forecast_id"], ignore_index=True)


def _shows(rows: pd.DataFrame, listed: pd.Series) -> pd.Series:
    """Return in words what shows the result of each promise; `listed` says which a list of reports does not hold."""
    day = rows["looked"].map(lambda day: english_day(day.date())).astype("str")  # text, also where there is no row
    began = rows["outcome_date"].map(lambda text: f"began {english(read_edtf(text))}", na_action="ignore").astype("str")
    unlisted = ("not in the list of reports read on " + day).where(listed)
    early = ("reports last looked through on " + day).where(rows["looked"] < rows["window_end"])
    none = rows["result"].map({"due later": "not due yet"}).astype("str").fillna(early).fillna("nothing seen")
    return rows["evidence"].fillna(began).fillna(unlisted).fillna(none)


def by_occasion(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the promises of `promises` by the occasion or change that they await, so that each counts once.

    One row an authority and `awaits`, in the order of the first due day: `times` (how often it was promised),
    `first_due`, `last_due`, `due_before` (how many of its windows are over), the newest promise's `forecast_id`, `who`,
    `what_expected`, `made_on`, `result`, `days_late`, `looked`, and all `source_id`. Nottingham's re-inspection was
    expected four times; on 29 June 2026 all four windows were over and it had not come.
    """
    newest = ["forecast_id", "kind", "who", "what_expected", "made_on", "window_end", "result", "days_late", "looked"]
    ordered = rows.assign(order=rows["made_on"].str.strip("[~").str[:10], over=rows["window_end"] < rows["looked"])
    by = ordered.sort_values(["la_code_ons", "awaits", "order", "forecast_id"]).groupby(["la_code_ons", "awaits"])
    counted = by.agg(
        times=("forecast_id", "size"),
        first_due=("window_end", "min"),
        last_due=("window_end", "max"),
        due_before=("over", "sum"),
        source_id=("source_id", shares.every_source),
    )
    found = counted.join(by[newest].tail(1).set_index(counted.index)).reset_index()
    return found.sort_values(["la_code_ons", "first_due", "awaits"], ignore_index=True)
