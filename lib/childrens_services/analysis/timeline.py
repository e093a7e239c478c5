"""What held when: grades in force on a day, shares of grades over time, expectations against what happened.

Goes in: tidy `events`, `judgements`, `authorities`, `forecasts`. Comes out: tidy frames. A grade holds from the day its
report is public to the day before the next one is; nothing is filled in for an authority without a report.
"""

__all__ = [
    "existing_on",
    "expected_and_actual",
    "grade_shares",
    "graded_inspections",
    "grades_on",
    "grades_over_time",
    "inspections_and_notices",
]

from collections.abc import Sequence
from datetime import date

import pandas as pd

from childrens_services import vocabulary
from childrens_services.tables import read_day
from childrens_services.vocabulary import check_word

INSPECTION_KINDS = ("inspection", "short_inspection", "focused_visit", "monitoring_visit", "jtai", "send_inspection")
NOT_INSPECTED = vocabulary.NOT_INSPECTED
# Whole-council steps are shown with the services' own, because the reports name them as context; meetings and
# decisions are not, because they would bury the inspections.
TIMELINE_KINDS = (*INSPECTION_KINDS, "improvement_notice", "intervention", "section_114", "expected_inspection")


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
    published, source_id`; grade `not_inspected` and the rest empty where nothing was published yet. The joint and the
    split care judgements are different ones and never stand in for each other, nor does a grade of an older framework.
    Raises ValueError with the nearest for a judgement that ILACS does not have.
    """
    check_word("ILACS judgements", judgement)
    every = pd.DataFrame({"day": [read_day(when) for when in days]}).merge(authorities, how="cross")
    asked = existing_on(every, every["day"])
    known = judgements[(judgements["judgement"] == judgement) & (judgements["framework"] == vocabulary.Framework.ILACS)]
    columns = ["la_code_ons", "judgement", "grade", "event_id", "published", "source_id"]
    asked = asked.astype({"day": known["published"].dtype})  # the merge wants days of one resolution
    joined = pd.merge_asof(
        asked[["day", "la_code_ons", "name", "region"]].sort_values("day", kind="stable"),
        known[columns].sort_values(["published", "event_id"]),
        left_on="day",
        right_on="published",
        by="la_code_ons",
    )
    return joined.fillna({"grade": NOT_INSPECTED, "judgement": judgement})


def grades_on(judgements: pd.DataFrame, authorities: pd.DataFrame, day: str | date, judgement: str) -> pd.DataFrame:
    """Return `grades_over_time` for one day: 16 authorities were inadequate overall on 4 April 2024, for example."""
    return grades_over_time(judgements, authorities, [day], judgement)


def grade_shares(grades: pd.DataFrame) -> pd.DataFrame:
    """Return how many authorities have each grade on each day, from `grades_over_time`.

    One row a day and grade, best first and those not inspected last: `day, grade, authorities, share`. `share` is a
    fraction of all authorities that existed on the day, those not yet inspected included.
    """
    order = [*vocabulary.SCALES["four_point_2013"], NOT_INSPECTED]
    counts = pd.crosstab(grades["day"], grades["grade"]).reindex(columns=order, fill_value=0)
    long = counts.stack().rename("authorities").reset_index()
    return long.assign(share=long["authorities"] / long["day"].map(counts.sum(axis=1)))


def graded_inspections(events: pd.DataFrame, judgements: pd.DataFrame, la_code_ons: str) -> pd.DataFrame:
    """Give one authority's grades with the dates of their inspections, oldest first; one row a judgement."""
    mine = judgements[judgements["la_code_ons"] == la_code_ons]
    columns = ["event_id", "kind", "start", "end", "start_earliest", "publication_date"]
    joined = mine.merge(events[columns], on="event_id", how="inner", validate="m:1")
    return joined.sort_values(["start_earliest", "event_id", "judgement"], ignore_index=True)


def inspections_and_notices(events: pd.DataFrame, la_codes: Sequence[str], first_year: int) -> pd.DataFrame:
    """Give what a timeline shows for the chosen authorities since `first_year`, oldest first; one row an event."""
    mine = events[events["la_code_ons"].isin(list(la_codes)) & events["kind"].isin(TIMELINE_KINDS)]
    # By id too: how equal days are ordered must not depend on the machine.
    return mine[mine["start_latest"].dt.year >= first_year].sort_values(
        ["start_earliest", "event_id"], ignore_index=True
    )


def expected_and_actual(forecasts: pd.DataFrame, events: pd.DataFrame, la_codes: Sequence[str]) -> pd.DataFrame:
    """Give each expectation of an inspection or visit with the event that met it and the slip.

    One row a forecast: its columns and `actual` (latest first day that is possible, empty while nothing is known),
    `actual_edtf` (as exactly as it is known) and `slip_days`: days from the end of the window to the event; 0 inside
    the window, negative before it.
    """
    mine = forecasts[forecasts["la_code_ons"].isin(list(la_codes))]
    met = events.loc[events["kind"].isin(INSPECTION_KINDS), ["event_id", "start", "start_latest", "kind"]]
    joined = mine[mine["expects"].notna()].merge(
        met, left_on="outcome_event_id", right_on="event_id", how="left", validate="m:1"
    )
    joined = joined.rename(columns={"start_latest": "actual", "start": "actual_edtf"})
    early = (joined["actual"] - joined["window_start"]).dt.days.clip(upper=0)
    late = (joined["actual"] - joined["window_end"]).dt.days.clip(lower=0)
    joined["slip_days"] = (early + late).astype("Int64")
    return joined.sort_values(["window_start", "forecast_id"], ignore_index=True)
