"""How long a grade lasts: spells of an inadequate grade, their survival, waits between inspections.

Goes in: tidy `judgements`, `authorities`, `events`. Comes out: tidy frames. A spell begins when an inadequate grade is
published and ends when a better one is; where the history stops before that, the spell is censored and kept.
"""

__all__ = [
    "enough",
    "ilacs_grades",
    "inadequate_spells",
    "lasting_at",
    "median_days",
    "next_grades",
    "spending_by_grade",
    "survival",
    "waits",
    "year_end",
]

import warnings
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

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
_SPELL_COLUMNS = [
    "la_code_ons",
    "name",
    "judgement",
    "event_id",
    "begun",
    "until",
    "days",
    "state",
    "next_grade",
    "next_event_id",
    "inspections",
    "source_id",
]


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

    `la_code_ons, name, judgement, event_id, begun, until, days, state, next_grade, next_event_id, inspections,
    source_id`. Inadequate grades in a row are one spell (`inspections` counts them). `state` is `ended` (a better grade
    was published on `until`), or how it was censored: `lasting` (on `when`), `authority_ended`, `judgement_ended` (the
    next inspection no longer made this judgement). Nottingham's overall spell is 577 days long on 4 April 2024.
    """
    when = read_day(when)
    inspected = judgements[(judgements["framework"] == vocabulary.Framework.ILACS) & (judgements["published"] <= when)]
    reports = list(inspected[["la_code_ons", "event_id", "published"]].itertuples())
    names, ended = (authorities.set_index("la_code_ons")[column] for column in ("name", "existed_to"))
    found = [
        {**spell, "name": names[code], "judgement": judgement}
        for code, mine in groupby(ilacs_grades(judgements, judgement, when).itertuples(), attrgetter("la_code_ons"))
        for spell in _spells(mine, reports, ended, when)
    ]
    frame = pd.DataFrame(found, columns=_SPELL_COLUMNS)
    return frame.astype({"days": "int64", "inspections": "int64", "begun": "datetime64[s]", "until": "datetime64[s]"})


def _spells(mine: Iterable[Any], reports: list[Any], existed_to: pd.Series, when: pd.Timestamp) -> Iterator[dict]:
    """Return one authority's spells from its grades, oldest first."""
    runs = [list(run) for _, run in groupby(mine, lambda row: row.grade == INADEQUATE)]
    for run, after in zip(runs, [*runs[1:], []], strict=True):
        first, better = run[0], next(iter(after), None)
        if first.grade != INADEQUATE:
            continue
        until, state = (better.published, "ended") if better else _end(run, reports, existed_to, when)
        yield {
            "la_code_ons": first.la_code_ons,
            "event_id": first.event_id,
            "begun": first.published,
            "until": until,
            "days": (until - first.published).days,
            "state": state,
            "inspections": len(run),
            "next_grade": better.grade if better else None,
            "next_event_id": better.event_id if better else None,
            "source_id": " ".join(sorted({row.source_id for row in [*run, *after[:1]]})),
        }


def _end(run: list[Any], reports: list[Any], existed_to: pd.Series, when: pd.Timestamp) -> tuple[pd.Timestamp, str]:
    """Find the day up to which a spell without a better grade was followed, and why it was not followed further."""
    code, last = run[-1].la_code_ons, run[-1].published
    own = {row.event_id for row in run}
    later = (
        row.published for row in reports if row.la_code_ons == code and row.published > last and row.event_id not in own
    )
    ends = [(when, "lasting"), (existed_to[code], "authority_ended"), (min(later, default=pd.NaT), "judgement_ended")]
    until, state = min((end for end in ends if pd.notna(end[0])), key=lambda end: end[0])
    return max(until, last), state  # a report can come out after its council has ended


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
    sources = " ".join(sorted({one for ids in found["source_id"] for one in ids.split()}))
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
    grades = ilacs_grades(judgements, judgement, when)
    later = grades.groupby("la_code_ons")[["grade", "published", "event_id", "source_id"]].shift(-1)
    both = [
        " ".join(sorted({a, b} if isinstance(b, str) else {a}))
        for a, b in zip(grades["source_id"], later["source_id"], strict=True)
    ]
    joined = grades.assign(
        next_grade=later["grade"], next_published=later["published"], next_event_id=later["event_id"], source_id=both
    )
    return joined[joined["grade"] == INADEQUATE].reset_index(drop=True)


def waits(events: pd.DataFrame, judgements: pd.DataFrame, when: str | date) -> pd.DataFrame:
    """Return how long each graded ILACS inspection's report took, and how long since the inspection before.

    One row an inspection with a stated day of publication by `when`: `event_id, la_code_ons, start, publication_date,
    days_to_report` (first day to publication), `days_since_last` (from first day to first day of the same authority's
    inspections; empty for its first), `source_id`.
    """
    graded = judgements.loc[judgements["framework"] == vocabulary.Framework.ILACS, "event_id"]
    mine = events[events["event_id"].isin(graded) & events["kind"].isin(vocabulary.GRADED_KINDS)]
    mine = mine[mine["publication_date"] <= read_day(when)].sort_values(
        ["la_code_ons", "start_earliest", "event_id"], ignore_index=True
    )
    return mine.assign(
        days_to_report=(mine["publication_date"] - mine["start_earliest"]).dt.days,
        days_since_last=mine.groupby("la_code_ons")["start_earliest"].diff().dt.days,
    )[
        [
            "event_id",
            "la_code_ons",
            "start",
            "start_earliest",
            "publication_date",
            "days_to_report",
            "days_since_last",
            "source_id",
        ]
    ]


def year_end(financial_year: str) -> pd.Timestamp:
    """Return the last day of a financial year: 31 March 2025 for 2024-25."""
    return pd.Timestamp(int(financial_year[:4]) + 1, 3, 31)


def spending_by_grade(per_child: pd.DataFrame, grades: pd.DataFrame) -> pd.DataFrame:
    """Join what each authority spent per child in a year with the grade that it held on a day; one row an authority.

    `per_child` is one year and line of `compare.per_child`, plausible rows only; `grades` as `timeline.grades_on` gives
    them. Authorities without a grade on the day are left out. `source_id` names both sources.
    """
    held = grades.loc[
        grades["event_id"].notna(), ["la_code_ons", "name", "grade", "event_id", "judgement", "source_id"]
    ]
    held = held.rename(columns={"source_id": "source_grade"})
    mine = per_child[(per_child["status"] == "value") & per_child["area_code"].ne(ENGLAND)]
    joined = mine.merge(held, left_on="area_code", right_on="la_code_ons", how="inner", validate="1:1")
    joined["source_id"] = joined["source_id"] + " " + joined.pop("source_grade")
    return joined
