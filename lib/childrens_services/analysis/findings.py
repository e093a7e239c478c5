"""Findings of inspectors, coded by theme: counts, what recurs, what became of a recommendation.

Goes in: tidy `findings`, `events`, `sources`, `themes`. Comes out: tidy frames. Findings were coded by hand from
reports of different length, so a theme is called better or worse only by a stated rule from counts.
"""

__all__ = [
    "by_inspection",
    "by_theme",
    "coded",
    "followed_up",
    "in_plain_words",
    "recurring",
    "tally",
    "themes_that_matter",
]

from collections.abc import Mapping

import numpy as np
import pandas as pd

from childrens_services import vocabulary
from childrens_services.analysis.shares import every_source

JUDGED = ("strength", "mixed", "weakness")  # a recommendation repeats a weakness, so it is counted apart
INSPECTORS, PRESS, COUNCIL = "inspectors", "press", "council or inquiry"
VOICES = {
    **dict.fromkeys(("ofsted_report", "ofsted_letter"), INSPECTORS),
    **dict.fromkeys(("council", "inquiry"), COUNCIL),
    "news": PRESS,
}
CHILDRENS_SERVICES = ("inspection", "short_inspection", "focused_visit", "monitoring_visit")
# Themes that the first words of `covers` do not name for a general reader.
PLAIN = {
    "audit_quality_assurance": "audit and performance data",
    "child_protection_enquiries": "strategy meetings",
    "children_in_care": "entry to care and reviews",
    "direct_work": "visits and direct work",
    "edge_of_care": "support to avoid care",
    "education_of_children_in_care": "schooling of children in care",
    "front_door_mash": "first contact",
    "homelessness_16_17": "homeless teenagers",
    "leadership": "leadership",
    "management_oversight_supervision": "supervision",
    "neglect_drift_delay": "neglect and delay",
    "partnership_working": "work with partners",
    "placement_sufficiency": "homes for children in care",
    "plans_quality": "children's plans",
    "recruitment_retention_agency": "recruitment and agency staff",
}


def coded(
    findings: pd.DataFrame, events: pd.DataFrame, sources: pd.DataFrame, themes: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """Return the findings of the chosen authorities with event, theme and voice; one row a finding, oldest event first.

    Adds `name, kind, start, end, start_earliest, covers` (the theme in words) and `voice`: inspectors in their own
    report or letter, the press, or a council paper or an inquiry.
    """
    mine = findings[findings["la_code_ons"].isin(names)]
    mine = mine.merge(events[["event_id", "kind", "start", "end", "start_earliest"]], on="event_id", validate="m:1")
    mine = mine.assign(
        name=mine["la_code_ons"].map(names),
        covers=mine["theme"].map(themes.set_index("theme")["covers"]),
        voice=mine["source_id"].map(sources.set_index("source_id")["kind"]).map(VOICES),
    )
    mine = mine.assign(order=mine["la_code_ons"].map({code: i for i, code in enumerate(names)}))
    ordered = mine.sort_values(["order", "start_earliest", "event_id", "finding_id"], ignore_index=True)
    return ordered.drop(columns="order")


def in_plain_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their theme in few words, for a sentence and for a table; they need `theme` and `covers`.

    `what` is "strategy meetings" and `heading` "Strategy meetings" where `covers` has "Strategy discussions, section
    47 enquiries, conferences".
    """
    first_words = rows["covers"].str.split(",").str[0].str.lower()
    what = rows["theme"].map(PLAIN).fillna(first_words)
    return rows.assign(what=what, heading=what.str.capitalize())


def tally(rows: pd.DataFrame) -> pd.DataFrame:
    """Return findings counted by polarity: one row an authority, event and theme, oldest first.

    `strength, mixed, weakness, recommendation`, `judged` (the first three added up), `coded` (all four), `critical`
    (weaknesses and recommendations), `balance` (1 where strengths outnumber weaknesses, -1 where the reverse, 0
    otherwise) and `source_id`.
    """
    keys = ["la_code_ons", "name", "event_id", "kind", "start_earliest", "theme", "covers"]
    wide = rows.groupby([*keys, "polarity"], sort=False).size().unstack("polarity", fill_value=0)
    wide = wide.reindex(columns=[*JUDGED, "recommendation"], fill_value=0)
    wide = wide.join(rows.groupby(keys, sort=False)["source_id"].agg(every_source))
    counts = wide.reset_index().assign(judged=lambda w: w[list(JUDGED)].sum(axis=1))
    critical, coded = (counts[one] + counts["recommendation"] for one in ("weakness", "judged"))
    return counts.assign(critical=critical, coded=coded, balance=np.sign(counts["strength"] - counts["weakness"]))


def by_inspection(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of each inspection and visit counted: one row an event, oldest first by authority.

    The counts of `tally` added up, and `weak_share`, the percentage of what was judged (no recommendation) that is a
    weakness; missing where nothing was. Of 68 findings judged in Nottingham's inspection of 2022, 24 were: 35 per cent.
    """
    keys = ["la_code_ons", "name", "event_id", "kind", "start_earliest"]
    sums = dict.fromkeys([*JUDGED, "recommendation", "judged", "critical", "coded"], "sum")
    found = tally(rows).groupby(keys, sort=False, as_index=False).agg({**sums, "source_id": every_source})
    return found.assign(weak_share=(found["weakness"] / found["judged"].where(found["judged"] > 0) * 100).round(6))


def by_theme(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often each theme was a weakness or recommendation of each authority, most often first.

    One row an authority and theme with such a finding: `times` (inspections and visits that have one), `of` (those of
    the authority in the rows), `in_all` (it came up in every one of two or more), `critical` (findings), `first_year`,
    `last_year` and `source_id`. Seven themes came up in all three of Nottingham's coded reports, of 2014, 2018 and
    2022.
    """
    counts = tally(rows)
    critical = counts[counts["critical"] > 0].assign(year=lambda c: c["start_earliest"].dt.year)
    found = critical.groupby(["la_code_ons", "name", "theme", "covers"], sort=False, as_index=False).agg(
        times=("event_id", "nunique"),
        critical=("critical", "sum"),
        first_year=("year", "min"),
        last_year=("year", "max"),
        source_id=("source_id", every_source),
    )
    of = found["la_code_ons"].map(counts.groupby("la_code_ons")["event_id"].nunique())
    found = found.assign(of=of, in_all=found["times"].eq(of) & of.gt(1), order=_order(found, rows))
    return found.sort_values(
        ["order", "times", "critical", "covers"], ascending=[True, False, False, True], ignore_index=True
    ).drop(columns="order")


def _order(found: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Return the place of each row's authority in the order in which the authorities were asked for."""
    return found["la_code_ons"].map({code: i for i, code in enumerate(rows["la_code_ons"].unique())})


def themes_that_matter(rows: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """Return the themes that most inspections and visits found fault with, then those with most such findings.

    One row a theme, weightiest first, at most so many: `theme, covers, times, critical, source_id`, over all the
    authorities in the rows. The rule counts weaknesses and recommendations, because strengths are praised in passing.
    """
    found = (
        by_theme(rows)
        .groupby(["theme", "covers"], as_index=False)
        .agg(times=("times", "sum"), critical=("critical", "sum"), source_id=("source_id", every_source))
    )
    return found.sort_values(["times", "critical", "covers"], ascending=[False, False, True], ignore_index=True).head(
        most
    )


def recurring(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the themes with a weakness or recommendation in two or more inspections or visits of one authority.

    One row an authority, theme and event of that authority: `critical` (weaknesses and recommendations) and `coded`
    (all findings; 0 where the event has none), with `times`, `first_year`, `last_year` of `by_theme` and `years`
    between; most often first, then longest.
    """
    counts = tally(rows)
    events = counts.drop_duplicates("event_id")[["event_id", "la_code_ons", "name", "kind", "start_earliest"]]
    spans = by_theme(rows)[["la_code_ons", "theme", "covers", "times", "first_year", "last_year"]]
    found = spans[spans["times"] >= 2].merge(events, on="la_code_ons")
    cells = counts[["event_id", "theme", "critical", "coded", "source_id"]]
    found = found.merge(cells, on=["event_id", "theme"], how="left", validate="1:1")
    found = found.fillna({"critical": 0, "coded": 0}).astype({"critical": int, "coded": int})
    found = found.assign(years=found["last_year"] - found["first_year"], order=_order(found, rows))
    return found.sort_values(
        ["order", "times", "years", "covers", "start_earliest"],
        ascending=[True, False, False, True, True],
        ignore_index=True,
    ).drop(columns="order")


def followed_up(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each theme with a recommendation beside what the next graded inspection of that authority found in it.

    One row an authority, event and theme with a recommendation: the counts of `tally` and, with `_next`, those of the
    next inspection, and `change`: `better`, `the same` or `worse` by which way the balance of the theme moved
    (recommendations are not counted in it), `not coded again` where the next inspection has no such finding, and
    `without comparison` where only the recommendation was coded. Events with no later graded inspection are left out.
    """
    counts = tally(rows)
    events = counts.drop_duplicates("event_id")[["la_code_ons", "event_id", "kind", "start_earliest"]]
    graded = events[events["kind"].isin(vocabulary.GRADED_KINDS)].drop(columns="kind")
    pairs = events.merge(graded, on="la_code_ons", suffixes=("", "_next"))
    pairs = pairs[pairs["start_earliest_next"] > pairs["start_earliest"]].drop_duplicates("event_id")
    asked = counts[counts["recommendation"] > 0].merge(pairs[["event_id", "event_id_next"]], on="event_id")
    kept = ["event_id", "theme", *JUDGED, "recommendation", "judged", "balance"]
    after = counts[kept].rename(columns=lambda column: column if column == "theme" else f"{column}_next")
    found = asked.merge(after, on=["event_id_next", "theme"], how="left", validate="m:1")
    moved = np.sign(found["balance_next"] - found["balance"]).map({1: "better", 0: "the same", -1: "worse"})
    change = moved.mask(found["judged"].eq(0), "without comparison")
    return found.assign(change=change.mask(~found["judged_next"].gt(0), "not coded again"))
