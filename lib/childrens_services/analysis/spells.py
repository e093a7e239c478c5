"""How long a grade lasts: spells of an inadequate grade, their survival, waits between inspections.

Goes in: tidy `judgements`, `authorities`, `events`. Comes out: tidy frames. A spell begins when an inadequate grade is
published and ends when a better one is; where the history stops before that, the spell is censored and kept.
"""

__all__ = [
    "conditional_lasting",
    "current",
    "enough",
    "ilacs_grades",
    "inadequate_spells",
    "lasting_at",
    "median_days",
    "next_grades",
    "spending_by_grade",
    "summary",
    "survival",
    "waits",
    "where_now",
    "year_end",
]

import warnings
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from childrens_services import vocabulary
from childrens_services.analysis import shares
from childrens_services.rounding import significant
from childrens_services.tables import ENGLAND, read_day
from childrens_services.vocabulary import check_word

INADEQUATE = "inadequate"
FEWEST_SPELLS = 10  # a curve of fewer would be drawn by single councils


def ilacs_grades(judgements: pd.DataFrame, judgement: str, when: str | date) -> pd.DataFrame:
    """Return the ILACS grades in one judgement area published by a day, oldest first by authority; one row a grade.

    Raises ValueError with the nearest for a judgement that ILACS does not have.
    """
    check_word("ILACS judgements", judgement)
    mine = judgements[(judgements["framework"] == vocabulary.Framework.ILACS) & (judgements["judgement"] == judgement)]
    return mine[mine["published"] <= read_day(when)].sort_values(
        ["la_code_ons", "published", "event_id"], ignore_index=True
    )


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
    by = _inadequate(ilacs_grades(judgements, judgement, when)).groupby("spell")
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


def _inadequate(grades: pd.DataFrame) -> pd.DataFrame:
    """Return the inadequate grades with the number of their `spell` and the grade that followed each."""
    bad, code = grades["grade"].eq(INADEQUATE), grades["la_code_ons"]
    after = grades.groupby("la_code_ons")[["grade", "event_id", "published", "source_id"]].shift(-1)
    rows = grades.join(after.add_prefix("next_")).assign(spell=(bad.ne(bad.shift()) | code.ne(code.shift())).cumsum())
    return rows.assign(source_id=shares.join_sources(rows["source_id"], rows.pop("next_source_id")))[bad]


def enough(spells: pd.DataFrame) -> bool:
    """Return whether there are spells enough for a curve: ten or more, one of them ended."""
    return len(spells) >= FEWEST_SPELLS and bool(spells["state"].eq("ended").any())


def survival(spells: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate by Kaplan and Meier which share of spells lasts longer than so many days, with a confidence band.

    One row a day on which a spell ended or was censored, and day 0: `days, lasting, low, high, at_risk, ended,
    censored`; shares from 0 to 1. The band is pointwise, Greenwood's variance on the log(-log) scale; it is missing
    where nothing lasts any more. Of the remission times of 21 leukaemia patients (Freireich 1963) 0.807 last longer
    than 7 weeks, for example. Needs `days` and `state`; raises ValueError for no spells.
    """
    if spells.empty:
        raise ValueError("survival: no spells; say so in words instead of drawing a curve")
    days, censored = spells["days"].to_numpy(dtype=float), spells["state"].ne("ended").to_numpy()
    function = stats.ecdf(stats.CensoredData.right_censored(days, censored)).sf
    curve = pd.DataFrame({"days": function.quantiles, "lasting": function.probabilities, **_band(function, confidence)})
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


def _band(function, confidence: float) -> dict[str, np.ndarray]:
    if (function.probabilities == 1).all():
        return dict.fromkeys(("low", "high"), function.probabilities)
    with warnings.catch_warnings():  # the log of a log is not a number before the first end and after the last
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = function.confidence_interval(confidence, method="log-log")
    return {"low": interval.low.probabilities, "high": interval.high.probabilities}


def lasting_at(curve: pd.DataFrame, days: float, column: str = "lasting") -> float:
    """Return the share of spells that lasts longer than so many days; not a number beyond the longest one followed."""
    if days > curve["days"].max():
        return float("nan")
    return float(curve.loc[curve["days"] <= days, column].iloc[-1])


def median_days(curve: pd.DataFrame, column: str = "lasting") -> float:
    """Return the first day by which half of the spells had ended; not a number where the curve stays above a half.

    With `low` or `high` it gives the end of the median's confidence interval (Brookmeyer and Crowley 1982).
    """
    reached = curve.loc[curve[column] <= 0.5, "days"]
    return float(reached.iloc[0]) if len(reached) else float("nan")


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Return how many spells there are, how many ended, and the estimated median, in one row.

    `judgement, spells, ended` (counted: by a better grade), `cut_off` (by the end of the authority or the judgement),
    `lasting`, `median_days, low, high` (estimated, with the confidence interval of the median; missing with fewer than
    ten spells, and where the curve stays above a half) and `source_id`. Of 33 spells of an inadequate overall grade 13
    had ended by 14 May 2025; that half end within 1,348 days is an estimate. No row for no spell.
    """
    if found.empty:
        return pd.DataFrame(columns=["judgement", "spells", *_ESTIMATES, "source_id"])
    curve = survival(found) if enough(found) else None
    middle = {} if curve is None else {name: median_days(curve, column) for name, column in _MEDIANS.items()}
    ended, lasting = (int(found["state"].eq(state).sum()) for state in ("ended", "lasting"))
    row = {"judgement": found["judgement"].iloc[0], "spells": len(found), "ended": ended, "lasting": lasting}
    sources = shares.every_source(found["source_id"])
    made = pd.DataFrame([{**row, "cut_off": len(found) - ended - lasting, **middle, "source_id": sources}])
    return made.reindex(columns=["judgement", "spells", *_ESTIMATES, "source_id"])


_MEDIANS = {"median_days": "lasting", "low": "low", "high": "high"}
_ESTIMATES = ["ended", "lasting", "cut_off", *_MEDIANS]


def conditional_lasting(found: pd.DataFrame, days: float, more: float) -> pd.DataFrame:
    """Return which share of the spells that lasted longer than `days` lasts longer than `days + more`, in one row.

    `days, more, lasting, low, high` (Kaplan and Meier of the rest of the spells followed for longer than `days`, with
    its band at 95 per cent), `spells` (how many those are) and `ended` (how many of them had ended by then); shares
    from 0 to 1, missing beyond the longest one followed and where no spell is left. This is what can be said of one
    that has lasted so long: the whole curve at a day says how likely that was at its start. Of 21 remissions
    (Freireich 1963) 0.448 / 0.753 of those that lasted ten weeks lasted 23.
    """
    longer = found[found["days"] > days]
    rest = longer.assign(days=longer["days"] - days)
    found_shares = dict.fromkeys(("lasting", "low", "high"), float("nan"))
    if len(rest):
        curve = survival(rest)
        found_shares = {column: round(lasting_at(curve, more, column), 9) for column in found_shares}
    ended = int((rest["state"].eq("ended") & (rest["days"] <= more)).sum())
    return pd.DataFrame([{"days": days, "more": more, **found_shares, "spells": len(rest), "ended": ended}])


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
    read = looked.set_index("la_code_ons")["source_id"].to_dict()
    lists = found["la_code_ons"].map(read).where(found["until"] > when)
    found = found.assign(source_id=shares.join_sources(found["source_id"], lists.astype("str")))
    return found[found["state"] == "lasting"].sort_values(["begun", "la_code_ons"], ignore_index=True)


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


def next_grades(judgements: pd.DataFrame, judgement: str, when: str | date) -> pd.DataFrame:
    """Return each inadequate ILACS grade with the grade of the same authority's next inspection.

    One row an inadequate grade: the columns of `judgements` and `next_grade`, `next_published`, `next_event_id`, empty
    where no later grade in this judgement is known. Two inadequate grades in a row are two rows here.
    """
    found = _inadequate(ilacs_grades(judgements, judgement, when))
    return found.drop(columns="spell").reset_index(drop=True)


def waits(events: pd.DataFrame, judgements: pd.DataFrame, when: str | date) -> pd.DataFrame:
    """Return how long each graded ILACS inspection's report took, and how long since the inspection before.

    One row an inspection with a stated day of publication by `when`: `event_id, la_code_ons, start, publication_date,
    days_to_report` (first day to publication), `days_since_last` (from first day to first day of the same authority's
    inspections; empty for its first), `source_id`.
    """
    graded = judgements.loc[judgements["framework"] == vocabulary.Framework.ILACS, "event_id"]
    mine = events[events["event_id"].isin(graded) & events["kind"].isin(vocabulary.GRADED_KINDS)]
    mine = mine[mine["publication_date"] <= read_day(when)]
    mine = mine.sort_values(["la_code_ons", "start_earliest", "event_id"], ignore_index=True)
    kept = mine[["event_id", "la_code_ons", "start", "start_earliest", "publication_date", "source_id"]]
    return kept.assign(
        days_to_report=(mine["publication_date"] - mine["start_earliest"]).dt.days,
        days_since_last=mine.groupby("la_code_ons")["start_earliest"].diff().dt.days,
    )


def year_end(financial_year: str) -> pd.Timestamp:
    """Return the last day of a financial year: 31 March 2025 for 2024-25."""
    return pd.Timestamp(int(financial_year[:4]) + 1, 3, 31)


def spending_by_grade(per_child: pd.DataFrame, grades: pd.DataFrame) -> pd.DataFrame:
    """Join what each authority spent per child in a year with the grade that it held on a day; one row an authority.

    `per_child` is one year and line of `compare.per_child`, plausible rows only; `grades` as `timeline.grades_on` gives
    them. Authorities without a grade on the day are left out. `source_id` names both sources.
    """
    kept = ["la_code_ons", "name", "grade", "event_id", "judgement", "source_id"]
    held = grades.loc[grades["event_id"].notna(), kept].rename(columns={"source_id": "source_grade"})
    mine = per_child[(per_child["status"] == "value") & per_child["area_code"].ne(ENGLAND)]
    joined = mine.merge(held, left_on="area_code", right_on="la_code_ons", how="inner", validate="1:1")
    joined["source_id"] = joined["source_id"] + " " + joined.pop("source_grade")
    return joined
