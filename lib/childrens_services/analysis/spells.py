"""How long a grade lasts: spells of an inadequate grade and their survival.

Goes in: tidy `judgements`, `authorities`. Comes out: tidy frames. A spell begins when an inadequate grade is
published and ends when a better one is; where the history stops before that, the spell is censored and kept.
"""

__all__ = [
    "conditional_lasting",
    "current",
    "enough",
    "inadequate_spells",
    "lasting_at",
    "median_days",
    "next_grades",
    "survival",
    "where_now",
    "with_lists",
]

import warnings
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from childrens_services import vocabulary
from childrens_services.analysis import shares
from childrens_services.rounding import significant
from childrens_services.tables import read_day
from childrens_services.vocabulary import check_word

INADEQUATE = "inadequate"
FEWEST_SPELLS = 10  # a curve of fewer would be drawn by single councils


def next_grades(judgements: pd.DataFrame, judgement: str, when: str | date) -> pd.DataFrame:
    """Return each inadequate ILACS grade published by a day with the next grade of the same authority.

    One row an inadequate grade, oldest first by authority: the columns of `judgements`, `next_grade, next_published,
    next_event_id`, empty where no later grade in this judgement is known, and the number of its `spell`. Raises
    ValueError with the nearest for a judgement that ILACS does not have.
    """
    check_word("ILACS judgements", judgement)
    mine = judgements[(judgements["framework"] == vocabulary.Framework.ILACS) & (judgements["judgement"] == judgement)]
    grades = mine[mine["published"] <= read_day(when)].sort_values(
        ["la_code_ons", "published", "event_id"], ignore_index=True
    )
    bad, code = grades["grade"].eq(INADEQUATE), grades["la_code_ons"]
    after = grades.groupby("la_code_ons")[["grade", "event_id", "published", "source_id"]].shift(-1)
    rows = grades.join(after.add_prefix("next_")).assign(spell=(bad.ne(bad.shift()) | code.ne(code.shift())).cumsum())
    sources = shares.join_sources(rows["source_id"], rows.pop("next_source_id"))
    return rows.assign(source_id=sources)[bad].reset_index(drop=True)


def inadequate_spells(
    judgements: pd.DataFrame, authorities: pd.DataFrame, judgement: str, when: str | date
) -> pd.DataFrame:
    """Return the spells of an inadequate grade in one ILACS judgement, as known on the day `when`; one row a spell.

    `la_code_ons, event_id, begun, inspections` (inadequate grades in a row are one spell), `next_grade, next_event_id,
    until, days, state, name, judgement, source_id`. `state` is `ended` (a better grade was published on `until`), or
    how it was censored: `lasting` (on `when`), `authority_ended`, `judgement_ended` (the next inspection no longer made
    this judgement). Nottingham's overall spell is 577 days long on 4 April 2024.
    """
    when = read_day(when)
    by = next_grades(judgements, judgement, when).groupby("spell")
    found = by.agg(
        la_code_ons=("la_code_ons", "first"),
        event_id=("event_id", "first"),
        begun=("published", "first"),
        last=("published", "last"),
        inspections=("event_id", "size"),
        source_id=("source_id", shares.every_source),
    )
    better = by.tail(1).set_index("spell")[["next_grade", "next_event_id", "next_published"]]
    found = found.join(better).assign(judgement=judgement)
    known = authorities.set_index("la_code_ons")
    is_out = (judgements["framework"] == vocabulary.Framework.ILACS) & (judgements["published"] <= when)
    later = found.reset_index().merge(judgements[is_out], on="la_code_ons").query("published > last")
    ends = pd.DataFrame(index=found.index).assign(
        lasting=when,
        authority_ended=found["la_code_ons"].map(known["existed_to"]),
        judgement_ended=later.groupby("spell")["published"].min(),
    )
    cut_off = ends.min(axis="columns").clip(lower=found["last"])  # a report can come out after its council has ended
    state = ends.idxmin(axis="columns") if len(ends) else pd.Series(dtype="str")
    found["until"] = found["next_published"].fillna(cut_off)
    found["days"] = (found["until"] - found["begun"]).dt.days
    found["state"] = state.mask(found["next_published"].notna(), "ended")
    found["name"] = found["la_code_ons"].map(known["name"])
    return found.drop(columns=["last", "next_published"]).reset_index(drop=True)


def enough(spells: pd.DataFrame) -> bool:
    """Return whether there are spells enough for a curve: ten or more, one of them ended."""
    return len(spells) >= FEWEST_SPELLS and bool(spells["state"].eq("ended").any())


def survival(spells: pd.DataFrame) -> pd.DataFrame:
    """Estimate by Kaplan and Meier which share of spells lasts longer than so many days, with a band at 95 per cent.

    One row a day on which a spell ended or was censored, and day 0: `days, lasting, low, high, at_risk, ended,
    censored`; shares from 0 to 1. The band is pointwise, Greenwood's variance on the log(-log) scale; it is missing
    where nothing lasts any more. Of the remission times of 21 leukaemia patients (Freireich 1963) 0.807 last longer
    than 7 weeks, for example. Needs `days` and `state`; raises ValueError for no spells.
    """
    if spells.empty:
        raise ValueError("survival: no spells; say so in words instead of drawing a curve")
    days, censored = spells["days"].to_numpy(dtype=float), spells["state"].ne("ended").to_numpy()
    function = stats.ecdf(stats.CensoredData.right_censored(days, censored)).sf
    curve = pd.DataFrame({"days": function.quantiles, "lasting": function.probabilities, **_band(function)})
    curve[["low", "high"]] = curve[["low", "high"]].mask(curve["lasting"] == 1, 1.0)
    if curve["days"].iloc[0] > 0:
        start = pd.DataFrame({"days": [0.0], "lasting": [1.0], "low": [1.0], "high": [1.0]})
        curve = pd.concat([start, curve], ignore_index=True)
    at = curve["days"].to_numpy()[:, None]
    return significant(curve).assign(
        at_risk=(days >= at).sum(axis=1),
        ended=((days == at) & ~censored).sum(axis=1),
        censored=((days == at) & censored).sum(axis=1),
    )


def _band(function) -> dict[str, np.ndarray]:
    if (function.probabilities == 1).all():
        return dict.fromkeys(("low", "high"), function.probabilities)
    with warnings.catch_warnings():  # the log of a log is not a number before the first end and after the last
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = function.confidence_interval(0.95, method="log-log")
    return {"low": interval.low.probabilities, "high": interval.high.probabilities}


def lasting_at(curve: pd.DataFrame, days: float) -> float:
    """Return the share of spells that lasts longer than so many days; not a number beyond the longest one followed."""
    known = curve.loc[curve["days"] <= days, "lasting"]
    return float(known.iloc[-1]) if days <= curve["days"].max() else float("nan")


def median_days(found: pd.DataFrame) -> float:
    """Return the first day by which half of the spells are estimated to have ended.

    Not a number with fewer spells than are `enough`, and where the curve stays above a half. Of 33 spells of an
    inadequate overall grade 13 had ended by 14 May 2025; that half end within 1,348 days is an estimate.
    """
    reached = survival(found).query("lasting <= 0.5")["days"] if enough(found) else ()
    return float(reached.iloc[0]) if len(reached) else float("nan")


def conditional_lasting(found: pd.DataFrame, days: float, more: float) -> pd.DataFrame:
    """Return which share of the spells that lasted longer than `days` lasts longer than `days + more`, in one row.

    `days, more, lasting` (Kaplan and Meier of the rest of the spells followed for longer than `days`; from 0 to 1,
    missing beyond the longest one followed and where no spell is left) and `spells` (how many those are). This is what
    can be said of one that has lasted so long: the whole curve at a day says how likely that was at its start. Of 21
    remissions (Freireich 1963) 0.448 / 0.753 of those that lasted ten weeks lasted 23.
    """
    longer = found[found["days"] > days]
    rest = longer.assign(days=longer["days"] - days)
    lasting = round(lasting_at(survival(rest), more), 9) if len(rest) else float("nan")
    return pd.DataFrame([{"days": days, "more": more, "lasting": lasting, "spells": len(rest)}])


def current(
    judgements: pd.DataFrame, authorities: pd.DataFrame, judgement: str, when: pd.Timestamp, looked: pd.DataFrame
) -> pd.DataFrame:
    """Return the spells that last now, each followed to the newest day to which its own authority is known.

    One row an authority that is inadequate: the columns of `inadequate_spells`, with `until` and `days` on that day:
    the day in `looked` (see `timeline.last_looked`) where it is later than `when`, the last day known of all. On 29
    June 2026 Nottingham's overall grade had lasted 1,393 days.
    """
    days = looked.set_index("la_code_ons")["looked"].clip(lower=when)
    known = pd.to_datetime(judgements["la_code_ons"].map(days.to_dict())).fillna(when)
    parts = [inadequate_spells(rows, authorities, judgement, day) for day, rows in judgements.groupby(known)]
    none = inadequate_spells(judgements.head(0), authorities, judgement, when)
    found = pd.concat(parts, ignore_index=True) if parts else none
    lasting = with_lists(found, looked).query("state == 'lasting'")
    return lasting.sort_values(["begun", "la_code_ons"], ignore_index=True)


def with_lists(found: pd.DataFrame, looked: pd.DataFrame) -> pd.DataFrame:
    """Return spells with the list that shows that a grade still lasted among the sources of those followed to its day.

    `looked` is what `timeline.last_looked` gives; one row a spell, as `found`.
    """
    rows = found[["la_code_ons"]].merge(looked, on="la_code_ons", how="left", validate="m:1").set_index(found.index)
    shown = found["state"].eq("lasting") & found["until"].eq(rows["looked"])
    return found.assign(source_id=shares.join_sources(found["source_id"], rows["source_id"].astype("str").where(shown)))


def where_now(found: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the authorities that were inadequate on a day, and what became of each; one row an authority.

    The spells of `inadequate_spells` that held on `day`, with `days_after`: from the day to the better grade, or to the
    day to which it was followed. Those whose grade was to end first come first. Of the 16 that were inadequate overall
    on 4 April 2024 one had a better grade by 14 May 2025.
    """
    held = (found["begun"] <= day) & ((found["until"] > day) | (found["until"].eq(day) & found["state"].ne("ended")))
    mine = found[held]
    mine = mine.assign(days_after=(mine["until"] - day).dt.days, over=mine["state"].ne("ended"))
    return mine.sort_values(["over", "until", "la_code_ons"], ignore_index=True).drop(columns="over")
