"""Sentences and chart frames about what happens to children: shares with counts and intervals, and ranks.

Goes in: tidy `observations` and `indicators`. Comes out: cited sentences, and the frames that `indicator_charts` draws.
A share never stands without the count it is made of, and no difference is claimed where intervals overlap.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from childrens_services import ordering, vocabulary
from childrens_services.analysis import compare, shares
from childrens_services.answers.indicator_story import (
    AUTHORITY,
    COUNTED,
    DIRECTIONS,
    MAIN,
    against,
    cite,
    newest,
    year_of,
)
from childrens_services.answers.narrative import Number, Sentence, in_a_row, join, number, plural, say
from childrens_services.rounding import significant
from childrens_services.tables import ENGLAND

OVERLAP = "the intervals overlap"
MADE = ("name", "year", "count", "of", "per", "low", "high", "share", "decimals")
# Above this part of authorities without a published value a rank says little: what is withheld is what is small.
_HIDDEN = 0.1


def counted(
    observations: pd.DataFrame, indicators: pd.DataFrame, indicator: str, names: Mapping[str, str], first_year: int
) -> pd.DataFrame:
    """Give a share or rate over the years with what it is made of and its Wilson interval: the chosen, and England.

    One row a name and year: `name, year, value, status, count, of, per, low, high, share, decimals` with the keys of
    the observation; `value` as published, `share` the same unrounded, `low` and `high` in the same unit. The interval
    is empty where a count was not published.
    """
    info = indicators[indicators["indicator"] == indicator]
    if info.empty:
        return observations.head(0).assign(**dict.fromkeys(MADE))
    info, keys = info.iloc[0], ["area_code", "period"]
    who = {**names, ENGLAND: "England"}
    mine = observations[observations["area_code"].isin(list(who)) & (observations["period"] >= first_year)]
    rows = mine[mine["indicator"] == indicator]
    for part, column in ((info["numerator"], "count"), (info["denominator"], "of")):
        values = mine.loc[mine["indicator"] == part, [*keys, "value"]].rename(columns={"value": column})
        rows = rows.merge(values, on=keys, how="left", validate="1:1")
    ends = [_ends(count, of) for count, of in zip(rows["count"], rows["of"], strict=True)]
    return rows.assign(
        name=rows["area_code"].map(who), year=rows["period"].astype(str), per=float(info["per"]),
        low=[significant(low * info["per"]) for low, _ in ends],
        high=[significant(high * info["per"]) for _, high in ends],
        share=significant(rows["count"] / rows["of"] * info["per"]), decimals=int(info["decimals"]),
    )  # fmt: skip


def _ends(count: float, of: float) -> tuple[float, float]:
    if pd.isna(count) or pd.isna(of) or of < 1 or count > of:
        return float("nan"), float("nan")
    found = shares.wilson(count, of)
    return found.low, found.high


def _published(rows: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Mark the rows of these names that have value, counts and interval."""
    return rows["name"].isin(names) & (rows["status"] == "value") & rows["low"].notna()


def whole(rows: pd.DataFrame, name: str, year: int | None = None) -> pd.DataFrame:
    """Give the row of a name that has value, counts and interval, of a year or the newest; empty where none has."""
    mine = _published(rows, [name])
    asked = rows.loc[mine, "period"].max() if year is None else year
    return rows[mine & (rows["period"] == asked)].reset_index(drop=True)


def side(one: pd.DataFrame, other: pd.DataFrame) -> str:
    """Say whether one share is higher or lower than another, or overlap where their intervals do."""
    ends = [shares.Interval(row["low"].iloc[0], row["high"].iloc[0]) for row in (one, other)]
    if ends[0].overlaps(ends[1]):
        return OVERLAP
    return "higher" if one["value"].iloc[0] > other["value"].iloc[0] else "lower"


def count_words(row: pd.DataFrame) -> Sentence:
    """Cite a count and what it is of: "9 of 367"."""
    return say("{n} of {of}", n=cite(row, 0, "count as published", "count"), of=cite(row, 0, "what it is of", "of"))


def share_words(row: pd.DataFrame) -> Sentence:
    """Cite a share with how far chance could move it: "2.5 per cent (1.3 to 4.6)"."""
    unit, fine = ("per cent", 1) if row["per"].iloc[0] == 100 else ("per ten thousand", 0)
    how = "Wilson interval of the count and what it is of, confidence of 95 per cent"
    return say("{v} {unit} ({low} to {high})", v=_value(row), unit=unit, low=cite(row, fine, how, "low"),
               high=cite(row, fine, how, "high"))  # fmt: skip


def _value(row: pd.DataFrame) -> Number:
    return cite(row, int(row["decimals"].iloc[0]))


def share_now(rows: pd.DataFrame, indicator: str, name: str) -> Sentence:
    """Say an authority's newest share with count and interval, against England's and its own of the first year."""
    now, what = whole(rows, name), COUNTED[indicator]
    if now.empty:
        return say("For {name} no count was public on this day of how many {what}.", name=name, what=what)
    return say(
        "In {name} in {year}{newest}, {n} {what}: {share}.{england}{before}", name=name, year=year_of(now),
        n=count_words(now), newest="" if _is_newest(rows, now) else ", the newest year with both counts",
        what=what, share=share_words(now), england=_against_england(rows, now), before=_since_first(rows, now),
    )  # fmt: skip


def _is_newest(rows: pd.DataFrame, now: pd.DataFrame) -> bool:
    return now["period"].iloc[0] == rows.loc[rows["name"] == now["name"].iloc[0], "period"].max()


def _against_england(rows: pd.DataFrame, now: pd.DataFrame) -> Sentence:
    national = whole(rows, "England", int(now["period"].iloc[0]))
    if national.empty:
        return say("")
    return say(" England had {v}, {how}.", v=_value(national), how=_compared(national, now))


def _compared(one: pd.DataFrame, other: pd.DataFrame) -> str:
    found = side(one, other)
    return "and the intervals overlap" if found == OVERLAP else f"which is {found}"


def _since_first(rows: pd.DataFrame, now: pd.DataFrame) -> Sentence:
    mine = _published(rows, [now["name"].iloc[0]])
    first = rows[mine & (rows["period"] == rows.loc[mine, "period"].min())].reset_index(drop=True)
    if first["period"].iloc[0] == now["period"].iloc[0]:
        return say("")
    return say(" In {year} it was {n}, {share}, {how}.", year=year_of(first), n=count_words(first),
               share=share_words(first), how=_compared(first, now))  # fmt: skip


def pairs_apart(rows: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say of each two of the chosen, in the newest year of both, which is higher, or that the intervals overlap."""
    apart, alike = [], []
    for a, b in combinations(names.values(), 2):
        years = rows[_published(rows, [a, b])].groupby("period")["name"].nunique().loc[lambda n: n == 2]
        if len(years):
            one, other = (whole(rows, name, int(years.index.max())) for name in (a, b))
            words = {"a": a, "b": b, "year": year_of(one), "side": side(one, other)}
            if words["side"] == OVERLAP:
                alike.append(say("{a} and {b} ({year})", **words))
            else:
                apart.append(say("{a} was {side} than {b} ({year})", **words))
    said = [say("{parts}.", parts=in_a_row(apart, "; "))] if apart else []
    return [*said, say("The intervals overlap for {parts}.", parts=in_a_row(alike, "; "))] if alike else said


def looked_after_now(rows: pd.DataFrame, observations: pd.DataFrame, name: str, code: str) -> Sentence:
    """Say how many children an authority looked after in its newest year, at what rate, and what others had."""
    now = newest(rows, name, "children_looked_after_rate")
    if now.empty:
        return say("No rate of children looked after in {name} was public on this day.", name=name)
    mine = observations[(observations["area_code"] == code) & (observations["indicator"] == "children_looked_after")]
    own = mine[(mine["period"] == now["period"].iloc[0]) & (mine["status"] == "value")]
    every = rows[(rows["name"] == name) & (rows["indicator"] == now["indicator"].iloc[0]) & (rows["status"] == "value")]
    first = ordering.first(every, "period")
    later = first["period"].iloc[0] < now["period"].iloc[0]
    return say(
        "On 31 March {year} {name} looked after {n}{v} per ten thousand{others}{since}.", year=year_of(now), name=name,
        n=say("{n} children, ", n=cite(own, 0)) if len(own) else "", v=cite(now, 0), others=against(rows, now, 0),
        since=say("; the rate was {v} in {year}", v=cite(first, 0), year=year_of(first)) if later else "",
    )  # fmt: skip


def ranks(
    observations: pd.DataFrame, indicators: pd.DataFrame, names: Mapping[str, str],
    groups: Mapping[str, compare.Group | None], labels: Mapping[str, str] = MAIN,
) -> pd.DataFrame:  # fmt: skip
    """Give where each of the chosen stands in the newest year of each indicator, among all and among its own group.

    One row an indicator and authority: `panel, name, value, status, direction`, how many authorities had
    `published_values` in that year and how many were `withheld`, `among_all, among_group` (Rank or None) with the keys
    of the observation. An authority without a value in that year keeps the reason and gets no rank.
    """
    directions = indicators.set_index("indicator")["direction"]
    local = observations[observations["indicator"].isin(list(labels))]
    local = local[local["area_code"].str.fullmatch(AUTHORITY)]
    found = []
    for indicator, label in labels.items():
        mine = local[local["indicator"] == indicator]
        newest_year = mine.loc[mine["status"] == "value", "period"].max()
        now = mine[mine["period"] == newest_year].set_index("area_code", drop=False)
        for code in (code for code in names if code in now.index):
            more = {"panel": label, "name": names[code], "direction": directions[indicator]}
            more |= {"published_values": now["value"].count(), "withheld": now["status"].eq("confidential").sum()}
            alone = now.index.isin(list(names)).all()  # the chosen among themselves have no place
            places = NO_PLACE if alone else _places(now, code, groups.get(code))
            found.append({**now.loc[code], **more, **places})
    made = ["panel", "name", "direction", "published_values", "withheld", "among_all", "among_group"]
    return pd.DataFrame(found, columns=[*observations.columns, *made])


NO_PLACE: dict[str, shares.Rank | None] = {"among_all": None, "among_group": None}


def _places(now: pd.DataFrame, code: str, members: compare.Group | None) -> dict[str, shares.Rank | None]:
    values = now["value"].where(now["status"] == "value")
    if pd.isna(values[code]):
        return NO_PLACE
    close = values[values.index.isin([code, *members.la_codes])] if members else None
    group = None if close is None else shares.rank(close, code)
    return {"among_all": shares.rank(values, code), "among_group": group}


def rank_words(row: pd.DataFrame, column: str) -> Number | str:
    """Cite a rank in words that say from which end it counts: "14th highest of 151", "joint lowest of 11"."""
    place = row[column].iloc[0]
    if not isinstance(place, shares.Rank):
        return "no group" if column == "among_group" and row["status"].iloc[0] == "value" else "no place"
    near = "highest" if place.from_highest <= place.from_lowest else "lowest"
    at = min(place.from_highest, place.from_lowest)
    words = " ".join(filter(None, ["joint" if place.tied > 1 else "", "" if at == 1 else _ordinal(at), near]))
    how = "place among authorities with a published value in that year, itself included; ties share a place"
    return number(at, f"{words} of {place.of}", how, row, "observations")


def _ordinal(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _judged(placed: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows with a place, a better end, and few values withheld."""
    return placed[placed["among_all"].notna() & placed["direction"].ne("neither") & ~patchy(placed)]


def patchy(placed: pd.DataFrame) -> pd.Series:
    """Mark the rows of measures for which so many values are withheld that a place says little."""
    known, withheld = placed["published_values"].astype(float), placed["withheld"].astype(float)
    return withheld > _HIDDEN * (known + withheld)


def worse_half(placed: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say on how many measures with a better end each of the chosen is in the worse half of authorities, as a title."""
    judged, parts = _judged(placed), []
    for name in [n for n in names.values() if (judged["name"] == n).any()]:
        mine = judged[judged["name"] == name]
        worse = mine[[_is_worse(p, d) for p, d in zip(mine["among_all"], mine["direction"], strict=True)]]
        parts.append(say("{name} on {n} of {all}", name=name, n=_tally(worse, "in the worse half of all authorities"),
                         all=_tally(mine, "measures with a better end and a place")))  # fmt: skip
    if not parts:
        return say("Places among all authorities in the newest year")
    return say("In the worse half of all authorities: {parts} {word} with a better end", parts=join(parts),
               word=plural(len(mine), "measure"))  # fmt: skip


def ends_of_group(placed: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say on how many measures each of the chosen has the highest or lowest value of its group, as a title."""
    known, parts = placed[placed["among_group"].notna()], []
    for name in [n for n in names.values() if (known["name"] == n).any()]:
        mine = known[known["name"] == name]
        at_end = mine[[min(p.from_highest, p.from_lowest) == 1 for p in mine["among_group"]]]
        parts.append(say("{name} on {n} of {all}", name=name, n=_tally(at_end, "highest or lowest of its group"),
                         all=_tally(mine, "measures with a place in the group")))  # fmt: skip
    if placed["among_all"].isna().all():
        return say("The main measures by year")
    if not parts:
        return worse_half(placed, names)
    return say("Highest or lowest of its comparison group: {parts} main {word}", parts=join(parts),
               word=plural(len(mine), "measure"))  # fmt: skip


def _tally(rows: pd.DataFrame, how: str) -> Number:
    return number(len(rows), f"{len(rows)}" if len(rows) else "none", how, rows, "observations")


def _is_worse(place: shares.Rank, direction: str) -> bool:
    return place.position > 0.5 if direction == "lower_is_better" else place.position < 0.5


def withheld_sentences(placed: pd.DataFrame) -> list[Sentence]:
    """Say for which measures so many values are withheld that a place says little."""
    said = []
    if placed["among_all"].isna().all():
        return said
    for _, mine in placed[patchy(placed)].groupby("indicator", sort=False):
        row = mine.head(1)
        n = cite(row, 0, "authorities whose value the publisher withheld in that year", "withheld")
        said.append(say(
            "{panel}: the {values} {are} withheld for {year} because the numbers are small, so the low "
            "places are missing and a place among the rest says little.", panel=row["panel"].iloc[0],
            values=say("value of {n} authority" if n.value == "1" else "values of {n} authorities", n=n),
            are="is" if n.value == "1" else "are",
            year=year_of(row),
        ))  # fmt: skip
    return said


def rank_lines(placed: pd.DataFrame, decimals: Mapping[str, int]) -> list[tuple]:
    """Give the rows of the table of places: measure, authority, year, value, place among all and in the group, way."""
    lines = []
    for i in range(len(placed)):
        row = placed.iloc[[i]].reset_index(drop=True)
        status, indicator = row["status"].iloc[0], row["indicator"].iloc[0]
        value = cite(row, decimals[indicator]) if status == "value" else vocabulary.STATUSES[status]
        lines.append((row["panel"].iloc[0], row["name"].iloc[0], year_of(row), value, rank_words(row, "among_all"),
                      rank_words(row, "among_group"), DIRECTIONS[row["direction"].iloc[0]]))  # fmt: skip
    return lines


def demand_title(rows: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say each one's newest rate of referrals, as a title."""
    found = [(name, newest(rows, name, "lait_cpp_total_rateper10_000")) for name in names.values()]
    parts = [say("{name} {v} ({year})", name=n, v=cite(now, 0), year=year_of(now)) for n, now in found if len(now)]
    return say("Referrals per ten thousand children: {parts}" if parts else "Referrals and need", parts=join(parts))
