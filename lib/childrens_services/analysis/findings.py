"""Findings of inspectors, coded by theme: counts, what recurs, what became of a recommendation.

Goes in: tidy `findings`, `events`, `sources`, `themes`. Comes out: tidy frames. Findings were coded by hand from
reports of different length, so a theme is called better or worse only by a stated rule from counts.
"""

__all__ = ["coded", "followed_up", "of_event", "own_words", "recurring", "tally"]

from collections.abc import Mapping

import pandas as pd

from childrens_services import vocabulary

JUDGED = ("strength", "mixed", "weakness")  # a recommendation repeats a weakness, so it is counted apart
INSPECTORS, PRESS, COUNCIL = "inspectors", "press", "council or inquiry"
VOICES = {
    "ofsted_report": INSPECTORS,
    "ofsted_letter": INSPECTORS,
    "news": PRESS,
    "council": COUNCIL,
    "inquiry": COUNCIL,
}
CHILDRENS_SERVICES = ("inspection", "short_inspection", "focused_visit", "monitoring_visit")
WORSE = -1  # the balance of a theme in which weaknesses outnumber strengths
CHANGES = ("better", "the same", "worse", "not coded again", "without comparison")


def coded(
    findings: pd.DataFrame, events: pd.DataFrame, sources: pd.DataFrame, themes: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """Give the findings of the chosen authorities with event, theme and voice, oldest event first; one row a finding.

    `voice` says who speaks: inspectors in their own report or letter, the press, or a council paper or an inquiry. Adds
    `name, kind, start, end, start_earliest, covers` (the theme in words) and `voice`.
    """
    mine = findings[findings["la_code_ons"].isin(names)]
    mine = mine.merge(events[["event_id", "kind", "start", "end", "start_earliest"]], on="event_id", validate="m:1")
    mine = mine.assign(
        name=mine["la_code_ons"].map(names), covers=mine["theme"].map(themes.set_index("theme")["covers"]),
        voice=mine["source_id"].map(sources.set_index("source_id")["kind"]).map(VOICES),
    )  # fmt: skip
    order = {code: i for i, code in enumerate(names)}
    return mine.sort_values(["la_code_ons", "start_earliest", "event_id", "finding_id"], ignore_index=True,
                            key=lambda c: c.map(order) if c.name == "la_code_ons" else c)  # fmt: skip


def own_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep what inspectors of children's services say in their own reports and letters; area SEND is apart."""
    return rows[(rows["voice"] == INSPECTORS) & rows["kind"].isin(CHILDRENS_SERVICES)]


def of_event(rows: pd.DataFrame, event_id: str) -> pd.DataFrame:
    """Give the findings of one event."""
    return rows[rows["event_id"] == event_id]


def tally(rows: pd.DataFrame) -> pd.DataFrame:
    """Count findings by authority, event, theme and polarity: one row an authority, event and theme, oldest first.

    `strength, mixed, weakness, recommendation, judged` (the first three added up), `balance` (better where strengths
    outnumber weaknesses, worse where the reverse, even otherwise) and `source_id`.
    """
    keys = ["la_code_ons", "name", "event_id", "kind", "start_earliest", "theme", "covers"]
    wide = rows.groupby([*keys, "polarity"], sort=False).size().unstack("polarity", fill_value=0)
    wide = wide.reindex(columns=[*JUDGED, "recommendation"], fill_value=0)
    wide = wide.join(rows.groupby(keys, sort=False)["source_id"].agg(lambda ids: " ".join(sorted(set(ids)))))
    counts = wide.reset_index().assign(judged=lambda w: w[list(JUDGED)].sum(axis=1))
    more = counts["strength"] - counts["weakness"]
    return counts.assign(balance=(more > 0).astype(int) - (more < 0).astype(int))


def recurring(rows: pd.DataFrame) -> pd.DataFrame:
    """Find themes with a weakness or recommendation in two or more inspections or visits of one authority.

    One row an authority, theme and event of that authority: `critical` (findings coded weakness or recommendation),
    `coded` (all findings), with `times` (events with a critical one), `first_year`, `last_year`, `years`; most often
    first, then longest.
    """
    rows = rows.assign(critical=rows["polarity"].isin(["weakness", "recommendation"]))
    keys = ["la_code_ons", "theme", "covers", "event_id"]
    counts = rows.groupby(keys, sort=False, as_index=False).agg(
        critical=("critical", "sum"), coded=("critical", "size"),
        source_id=("source_id", lambda ids: " ".join(sorted(set(ids))))
    )  # fmt: skip
    every = rows.drop_duplicates("event_id")[["event_id", "la_code_ons", "name", "kind", "start_earliest"]]
    critical = counts[counts["critical"] > 0].merge(every[["event_id", "start_earliest"]], on="event_id")
    spans = critical.assign(year=critical["start_earliest"].dt.year).groupby(keys[:3], sort=False, as_index=False)
    spans = spans.agg(times=("year", "size"), first_year=("year", "min"), last_year=("year", "max"))
    found = spans[spans["times"] >= 2].merge(every, on="la_code_ons").merge(counts, on=keys, how="left")
    columns = [
        "event_id", "la_code_ons", "name", "kind", "start_earliest", "critical", "coded", "source_id", "theme",
        "covers", "times", "first_year", "last_year"
    ]  # fmt: skip
    found = found[columns].fillna({"critical": 0, "coded": 0}).assign(years=found["last_year"] - found["first_year"])
    order = {code: i for i, code in enumerate(dict.fromkeys(rows["la_code_ons"]))}
    return found.assign(rank=found["la_code_ons"].map(order)).sort_values(
        ["rank", "times", "years", "covers", "start_earliest"], ascending=[True, False, False, True, True],
        ignore_index=True
    ).drop(columns="rank").astype({"critical": int, "coded": int})  # fmt: skip


def followed_up(rows: pd.DataFrame) -> pd.DataFrame:
    """Set each theme with a recommendation against what the next graded inspection of that authority coded in it.

    One row an authority, event and theme with a recommendation: the counts of `tally` and, with `_next`, those of the
    next inspection, and `change`. The rule: the balance of a theme is better, even or worse by whether strengths or
    weaknesses are more; `change` says which way it moved. Recommendations are not counted in it. `not coded again`:
    the next inspection has no such finding; `without comparison`: only the recommendation was coded. Events with no
    later graded inspection are left out.
    """
    counts = tally(rows)
    parts = []
    for _, mine in counts.groupby("la_code_ons", sort=False):
        graded = mine[mine["kind"].isin(vocabulary.GRADED_KINDS)].drop_duplicates("event_id")
        for _, asked in mine[mine["recommendation"] > 0].groupby("event_id", sort=False):
            later = graded[graded["start_earliest"] > asked["start_earliest"].iloc[0]].head(1)
            if len(later):
                after = mine[mine["event_id"] == later["event_id"].iloc[0]]
                keep = ["theme", *JUDGED, "recommendation", "judged", "balance"]
                joined = asked.merge(after[keep], on="theme", how="left", suffixes=("", "_next"))
                parts.append(joined.assign(event_id_next=later["event_id"].iloc[0]))
    if not parts:
        return counts.head(0).assign(change="", event_id_next="")
    found = pd.concat(parts, ignore_index=True)
    return found.assign(change=[_change(row) for row in found.itertuples()])


def _change(row) -> str:
    if pd.isna(row.judged_next) or row.judged_next == 0:
        return "not coded again"
    if row.judged == 0:
        return "without comparison"
    return {1: "better", 0: "the same", -1: "worse"}[
        (row.balance_next > row.balance) - (row.balance_next < row.balance)
    ]
