"""What held when: grades in force on a day, shares of grades over time, expectations against what happened.

Goes in: tidy `events`, `judgements`, `authorities`, `forecasts`. Comes out: tidy frames. A grade holds from the day its
report is public to the day before the next one is; nothing is filled in for an authority without a report.
"""

__all__ = [
    "existing_on",
    "expected_and_actual",
    "grade_breaks",
    "grade_shares",
    "grades_on",
    "grades_over_time",
    "last_known_day",
    "last_looked",
    "main_grades",
    "marked",
    "outcomes",
    "places_among_all",
    "standing_grades",
    "today",
]

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np
import pandas as pd

from childrens_services import vocabulary
from childrens_services.rounding import significant
from childrens_services.tables import read_day
from childrens_services.vocabulary import check_word

INSPECTION_KINDS = ("inspection", "short_inspection", "focused_visit", "monitoring_visit", "jtai", "send_inspection")
INTERVENTION_KINDS = ("improvement_notice", "commissioner", "best_value")
MARKED_KINDS = {"inspection": "inspection", "short_inspection": "inspection", "improvement_notice": "notice"}
NOT_INSPECTED = vocabulary.NOT_INSPECTED
# The judgement that stands for a whole inspection: the first of these that it made, else the first by name.
MAIN_AREAS = ("overall_effectiveness", "help_and_protection", "safeguarding", "safeguarding_and_looked_after")


def today(sources: pd.DataFrame, as_at: str = "") -> pd.Timestamp:
    """Return the day on which the reader stands: `as_at`, or the day of the newest source."""
    return read_day(as_at) if as_at else sources["published"].max()


def last_known_day(events: pd.DataFrame, sources: pd.DataFrame, as_at: str = "") -> pd.Timestamp:
    """Return the day up to which grades of all authorities are known, or `as_at` where that is earlier.

    `events` and `sources` are all there are, whatever the day asked for. It is the day of the compiled sheet, which
    lists every authority's newest inspection (29 June 2026); without one the day of the newest report in Ofsted's own
    table (14 May 2025). Events of two councils that were read by hand are no proof that nothing happened elsewhere.
    """
    official = events.loc[events["basis"] == "official", "publication_date"].max()
    sheets = events.loc[events["basis"] == "compiled", "source_id"]
    known = pd.Series([official, *sources.loc[sources["source_id"].isin(sheets), "published"]]).max()
    return min(read_day(as_at), known) if as_at else known


def last_looked(
    events: pd.DataFrame, event_sources: pd.DataFrame, sources: pd.DataFrame, kinds: Collection[str]
) -> pd.DataFrame:
    """Return the newest day on which a list of all published reports was read for an authority.

    One row an authority for which one was read: `la_code_ons, looked, source_id`. Such a list (a source of kind
    `secondary_data`) confirms an event of one of the `kinds`: that it is the newest, or has not come. For Nottingham's
    inspections it is 29 June 2026. An authority without a row is known to the end of the official history only.
    """
    lists = sources.loc[sources["kind"] == "secondary_data", ["source_id"]]
    read = event_sources.merge(lists, on="source_id", validate="m:1")
    read = read.merge(events.loc[events["kind"].isin(list(kinds)), ["event_id", "la_code_ons"]], on="event_id")
    newest = read.sort_values(["la_code_ons", "published", "source_id"]).drop_duplicates("la_code_ons", keep="last")
    newest = newest.rename(columns={"published": "looked"})
    return newest[["la_code_ons", "looked", "source_id"]].reset_index(drop=True)


def main_grades(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the judgement that stands for each whole inspection: overall where it was made, else by `MAIN_AREAS`.

    One row an event of `judgements`, with its columns.
    """
    order = judgements["judgement"].map({area: i for i, area in enumerate(MAIN_AREAS)}).fillna(len(MAIN_AREAS))
    ordered = judgements.assign(order=order).sort_values(["event_id", "order", "judgement"])
    return ordered.drop_duplicates("event_id").drop(columns="order").reset_index(drop=True)


def standing_grades(inspections: pd.DataFrame) -> pd.DataFrame:
    """Return the grade that stands for each authority, since when, and what its inspection before that had given.

    `inspections` is one row an inspection, as `main_grades` gives it, with `start_earliest`. One row an authority: its
    newest inspection with `since`, the day on which the first of its equal grades in a row was published (of one
    framework and judgement), and `grade_before, judgement_before, framework_before, start_before`, empty where nothing
    came before.
    Nottingham's stands since 5 September 2022; before, it required improvement.
    """
    rows = inspections.sort_values(["la_code_ons", "start_earliest", "event_id"], ignore_index=True)
    kept = ["la_code_ons", "framework", "judgement", "grade"]
    run = rows[kept].ne(rows[kept].shift()).any(axis="columns").cumsum()
    rows = rows.assign(since=rows["published"].groupby(run).transform("first"), run=run)
    names = {one: f"{one}_before" for one in ("grade", "judgement", "framework")} | {"start_earliest": "start_before"}
    before = rows.assign(run=run + 1).drop_duplicates("run", keep="last").rename(columns=names)
    before = before[["la_code_ons", "run", *names.values()]]
    newest = rows.drop_duplicates("la_code_ons", keep="last")
    return newest.merge(before, on=["la_code_ons", "run"], how="left", validate="1:1").drop(columns="run")


def grade_breaks(graded: pd.DataFrame) -> pd.DataFrame:
    """Return where two inspections of an authority in a row cannot be read across: one row a break, by authority.

    `graded` is one row a judgement, oldest first, with `name`, `column` (place of the inspection) and `start_earliest`.
    `column` is that of the later inspection, `start_before` the day of the other, and `what` changed: `framework`, or
    `areas`, where care leavers came to be judged apart from children in care.
    """
    areas = graded.assign(joint=graded["judgement"] == "children_in_care_and_care_leavers")
    taken = ("event_id", "framework", "start_earliest", "source_id")
    seen = areas.groupby(["name", "column"], sort=False, as_index=False).agg(
        joint=("joint", "any"), **{one: (one, "first") for one in taken}
    )
    other = seen.groupby("name")[["framework", "joint", "start_earliest"]].shift()
    what = pd.Series("framework", seen.index).mask(seen["framework"] == other["framework"], "areas")
    found = seen.assign(start_before=other["start_earliest"], what=what)
    changed = (what == "framework") | (seen["joint"] != other["joint"])
    return found[changed & other["framework"].notna()].drop(columns="joint").reset_index(drop=True)


def marked(events: pd.DataFrame, last_month: int) -> pd.DataFrame:
    """Return the graded inspections and improvement notices that a chart over years marks; one row a name, year, kind.

    To the columns of `events`, with `name`, come `what` and `year`: that of the count that follows the first day, so
    that no figure from before an event stands behind it. `last_month` ends the year counted: 3 for 31 March, 9 for 30
    September. Nottingham's notice of 24 October 2022 is marked at 2023 with either, its inspection of July 2022 at 2023
    and 2022.
    """
    begun = events[events["kind"].isin(MARKED_KINDS) & events["direction"].ne("ends").fillna(True)]
    year = begun["start_latest"].dt.year + (begun["start_latest"].dt.month > last_month) * 1.0
    return begun.assign(what=begun["kind"].map(MARKED_KINDS), year=year).drop_duplicates(["name", "year", "what"])


def existing_on(authorities: pd.DataFrame, day: str | date | pd.Series) -> pd.DataFrame:
    """Return the authorities that existed on a day, or each on its own; 153 since April 2023."""
    when = day if isinstance(day, pd.Series) else read_day(day)
    began = authorities["existed_from"].isna() | (authorities["existed_from"] <= when)
    ended = authorities["existed_to"].notna() & (authorities["existed_to"] < when)
    return authorities[began & ~ended]


def grades_over_time(
    judgements: pd.DataFrame, authorities: pd.DataFrame, days: Sequence[str | date], judgement: str
) -> pd.DataFrame:
    """Return each authority's latest published grade in one ILACS judgement on each of the days.

    One row a day and authority that existed on it: `day, la_code_ons, name, region, judgement, grade, event_id,
    published, basis, source_id`; grade `not_inspected` and the rest empty where nothing was published yet, or the
    newest inspection no longer made this judgement, as overall effectiveness from April 2026. The joint and the split
    care judgements are different ones and never stand in for each other, nor does a grade of an older framework.
    Raises ValueError with the nearest for a judgement that ILACS does not have.
    """
    check_word("ILACS judgements", judgement)
    every = pd.DataFrame({"day": [read_day(when) for when in days]}).merge(authorities, how="cross")
    asked = existing_on(every, every["day"])
    known = judgements[(judgements["judgement"] == judgement) & (judgements["framework"] == vocabulary.Framework.ILACS)]
    columns = ["la_code_ons", "judgement", "grade", "event_id", "published", "basis", "source_id"]
    known = known.reindex(columns=columns)
    asked = asked.astype({"day": known["published"].dtype})  # the merge wants days of one resolution
    joined = pd.merge_asof(
        asked[["day", "la_code_ons", "name", "region"]].sort_values("day", kind="stable"),
        known[columns].sort_values(["published", "event_id"]),
        left_on="day",
        right_on="published",
        by="la_code_ons",
    )
    newest = _newest_reports(joined[["day", "la_code_ons"]], judgements)
    made = joined["event_id"] == newest
    joined[columns[1:]] = joined[columns[1:]].where(made)
    return joined.fillna({"grade": NOT_INSPECTED, "judgement": judgement})


def _newest_reports(asked: pd.DataFrame, judgements: pd.DataFrame) -> pd.Series:
    """Return the id of the ILACS inspection of each authority whose report was the newest on a day; `asked` by day."""
    reports = judgements.loc[
        judgements["framework"] == vocabulary.Framework.ILACS, ["la_code_ons", "event_id", "published"]
    ]
    reports = reports.drop_duplicates("event_id").sort_values(["published", "event_id"])
    return pd.merge_asof(asked, reports, left_on="day", right_on="published", by="la_code_ons")["event_id"]


def grades_on(judgements: pd.DataFrame, authorities: pd.DataFrame, day: str | date, judgement: str) -> pd.DataFrame:
    """Return `grades_over_time` for one day: 16 authorities were inadequate overall on 4 April 2024, for example."""
    return grades_over_time(judgements, authorities, [day], judgement)


def places_among_all(grades: pd.DataFrame) -> pd.DataFrame:
    """Return where each authority with a grade stands among all of them, from `grades_on`.

    Its rows without those not inspected, with `rank` (0 is the best grade), `same` (authorities with this grade),
    `higher` (authorities with a better one) and `of` (authorities with a grade): Nottingham is one of 19 in the lowest
    grade, of 153, on 14 May 2025.
    """
    held = grades[grades["grade"] != NOT_INSPECTED].reset_index(drop=True)
    rank = pd.Series(vocabulary.grade_rank(held["grade"]), held.index, dtype="int64")
    higher = rank.rank(method="min").astype("int64") - 1
    return held.assign(rank=rank, same=rank.groupby(rank).transform("size"), higher=higher, of=len(held))


def grade_shares(grades: pd.DataFrame) -> pd.DataFrame:
    """Return how many authorities have each grade on each day, from `grades_over_time`.

    One row a day and grade, best first and those not inspected last: `day, grade, authorities, share`. `share` is a
    fraction of all authorities that existed on the day, those not yet inspected included.
    """
    order = [*vocabulary.SCALES["four_point_2013"], NOT_INSPECTED]
    counts = pd.crosstab(grades["day"], grades["grade"]).reindex(columns=order, fill_value=0)
    long = counts.stack().rename("authorities").reset_index()
    return long.assign(share=significant(long["authorities"] / long["day"].map(counts.sum(axis=1))))


def expected_and_actual(forecasts: pd.DataFrame, events: pd.DataFrame, la_codes: Sequence[str]) -> pd.DataFrame:
    """Return each expectation of an inspection or visit with the event that met it and the slip in days.

    One row a forecast: its columns, `actual_edtf` (first day of the event, as exactly as it is known), `actual` (the
    day nearest to the window that it allows; empty while nothing is known) and `slip_days`: days from the window to
    `actual`, 0 inside the window and negative before it. Of an event known by its month the slip is thus the least that
    is certain: 227 days for July 2025 after a window that closed on 16 November 2024. Where the window itself depends
    on the day something was said there is no slip. Group by `awaits` to count each occasion once.
    """
    mine = forecasts[forecasts["la_code_ons"].isin(list(la_codes)) & forecasts["expects"].notna()]
    met = events.loc[events["kind"].isin(INSPECTION_KINDS), ["event_id", "start", "start_earliest", "start_latest"]]
    joined = mine.merge(met, left_on="outcome_event_id", right_on="event_id", how="left", validate="m:1")
    nearest = joined[["window_start", "start_earliest"]].max(axis="columns")
    actual = nearest.mask(nearest > joined["start_latest"], joined["start_latest"]).where(joined["event_id"].notna())
    early = (actual - joined["window_start"]).dt.days.clip(upper=0)
    slip = early + (actual - joined["window_end"]).dt.days.clip(lower=0)
    slip = slip.mask(joined["window_by"] == "two_readings").astype("Int64")
    joined = joined.drop(columns=["start_earliest", "start_latest"]).rename(columns={"start": "actual_edtf"})
    return joined.assign(actual=actual, slip_days=slip).sort_values(["window_start", "forecast_id"], ignore_index=True)


def outcomes(
    forecasts: pd.DataFrame, events: pd.DataFrame, la_codes: Sequence[str], day: str | date | pd.Timestamp
) -> pd.DataFrame:
    """Return what came of every forecast, plan, target, commitment, warning and recommendation by a day.

    One row a forecast, by window: its columns, `slip_days` and `outcome`, one of `vocabulary.OUTCOMES`. Of an
    inspection or visit its day decides; of the rest what was read by hand with its evidence; where neither is known,
    `not_seen` once the window has closed and `open` before.
    """
    mine = forecasts[forecasts["la_code_ons"].isin(list(la_codes))]
    came = expected_and_actual(forecasts, events, la_codes)[["forecast_id", "actual", "slip_days"]]
    rows = mine.merge(came, on="forecast_id", how="left", validate="1:1")
    by_day = np.sign(rows["slip_days"].astype("float64")).map({-1: "met_early", 0: "met", 1: "met_late"})
    unclear = (rows["window_by"] == "two_readings") & rows["actual"].notna()
    unseen = (rows["window_end"] < pd.Timestamp(day)).map({True: "not_seen", False: "open"})
    outcome = by_day.fillna(rows["outcome"]).mask(unclear, "two_readings").fillna(unseen)
    return rows.assign(outcome=outcome).sort_values(["window_end", "forecast_id"], ignore_index=True)
