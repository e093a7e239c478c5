"""Sentences about the workforce: who is in post, the sharpest turn, what one person means where few are in post.

Goes in: tidy `observations`, and frames of `indicator_story`. Comes out: cited sentences and frames. Rates are of
full-time equivalents on 30 September, as published; the rate of starters is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from childrens_services.answers.indicator_story import AUTHORITY, against, cite, newest, year_of
from childrens_services.answers.narrative import Sentence, count, join, number, plural, say
from childrens_services.rounding import half_up, significant
from childrens_services.tables import ENGLAND

# What a director and an inspector look at first: who is there, who is missing, how much each carries.
WORKFORCE = {
    "agency_rate_fte": "Agency share of social workers",
    "vacancy_rate_fte": "Vacant share of posts",
    "turnover_rate_fte": "Leavers as share of those in post", "starters_rate": "Starters as share of those in post",
    "absence_rate_fte": "Sickness as share of working days", "caseload_fte": "Cases for each social worker",
}  # fmt: skip
TURNS = ("agency_rate_fte", "vacancy_rate_fte", "turnover_rate_fte")
TURN_WORDS = {
    "agency_rate_fte": "agency rate",
    "vacancy_rate_fte": "vacancy rate",
    "turnover_rate_fte": "turnover rate",
}
_SMALL = 50  # full-time equivalents in post below which one person moves a rate by two points or more


def with_starters_rate(observations: pd.DataFrame) -> pd.DataFrame:
    """Add the indicator `starters_rate`: starters of the year for each 100 social workers in post.

    Turnover as published is the same of leavers. Made for every area and year for which both parts are published.
    """
    keys = ["area_code", "period"]
    both = [observations[observations["indicator"] == i] for i in ("starters_fte", "social_workers_fte")]
    joined = both[0].merge(both[1][[*keys, "value", "status"]], on=keys, suffixes=("", "_posts"), validate="1:1")
    good = (joined["status"] == "value") & (joined["status_posts"] == "value") & joined["value_posts"].gt(0)
    made = joined.assign(
        indicator="starters_rate", value=significant((joined["value"] / joined["value_posts"] * 100).where(good))
    )
    made["status"] = made["status"].where(good | made["status"].ne("value"), "not_available")
    return pd.concat([observations, made[observations.columns]], ignore_index=True)


def agency_now(rows: pd.DataFrame, name: str) -> Sentence:
    """Say what part of an authority's social workers were agency workers in its newest year, and what others had."""
    now = newest(rows, name, "agency_rate_fte")
    if now.empty:
        return say("No agency rate of {name} was public on this day.", name=name)
    return say("On 30 September {year} agency workers were {v} per cent of {name}'s social workers{others}.",
               year=year_of(now), v=cite(now, 1), name=name, others=against(rows, now, 1))  # fmt: skip


def caseload_now(rows: pd.DataFrame, name: str) -> list[Sentence]:
    """Say how many cases each social worker of an authority held in its newest year, and what others had."""
    now = newest(rows, name, "caseload_fte")
    return [] if now.empty else [say(
        "In {name} each social worker who holds cases had {v} cases on average in {year}{others}.",
        name=name, v=cite(now, 1), year=year_of(now), others=against(rows, now, 1))]  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """The largest change of a rate from one year to the next: whose, of which indicator, and its two rows."""

    code: str
    name: str
    indicator: str
    rows: pd.DataFrame

    @property
    def years(self) -> tuple[int, int]:
        """The year before and the year after."""
        return int(self.rows["period"].iloc[0]), int(self.rows["period"].iloc[1])


def changes(observations: pd.DataFrame, indicators: Sequence[str]) -> pd.DataFrame:
    """Give each area's change of each indicator from one year to the next; a row where both years were published."""
    good = observations[observations["indicator"].isin(indicators) & (observations["status"] == "value")]
    before = good.assign(period=good["period"] + 1)[["area_code", "indicator", "period", "value"]]
    both = good.merge(before, on=["area_code", "indicator", "period"], suffixes=("", "_before"), validate="1:1")
    return both.assign(change=(both["value"] - both["value_before"]).round(6))


def sharpest_turn(observations: pd.DataFrame, names: Mapping[str, str], first_year: int) -> Turn | None:
    """Find the largest change of the agency, vacancy or turnover rate from one year to the next among the chosen."""
    mine = observations[observations["area_code"].isin(list(names)) & (observations["period"] >= first_year)]
    found = changes(mine, TURNS)
    if found.empty:
        return None
    top = found.sort_values(["area_code", "indicator", "period"]).loc[lambda d: d["change"].abs().idxmax()]
    code, indicator, year = top["area_code"], top["indicator"], int(top["period"])
    return Turn(code, names[code], indicator, _pair(observations, code, indicator, (year - 1, year)))


def _pair(observations: pd.DataFrame, code: str, indicator: str, years: tuple[int, int]) -> pd.DataFrame:
    """Give the rows of two years, oldest first; fewer where one was not published."""
    mine = observations[(observations["area_code"] == code) & (observations["indicator"] == indicator)]
    mine = mine[mine["period"].isin(years) & (mine["status"] == "value")]
    return mine.sort_values("period", kind="stable", ignore_index=True)


def from_to(pair: pd.DataFrame, unit: str = "") -> Sentence:
    """Say how a value went from one year to the next: "rose from 11.4 to 26.6 per cent"."""
    before, after = pair["value"]
    verb = "rose" if after > before else "fell" if after < before else "stayed"
    words = {"verb": verb, "a": cite(pair.head(1), 1), "b": cite(pair.tail(1), 1), "unit": unit}
    return say("stayed at {b}{unit}" if verb == "stayed" else "{verb} from {a} to {b}{unit}", **words)


def turn_sentences(turn: Turn | None, observations: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Tell the sharpest turn: the rate before and after, England's, how many changed more, and the people behind it."""
    if turn is None:
        return [say("No agency, vacancy or turnover rate of two years running was public for {who}.",
                    who=join(names.values()))]  # fmt: skip
    near = observations[observations["area_code"].isin([turn.code, ENGLAND])]
    said = [_turn_line(turn, near), *_changed_more(turn, observations, names)]
    others = [(i, _pair(near, turn.code, i, turn.years)) for i in TURNS if i != turn.indicator]
    parts = [
        say("its {what} {went}", what=TURN_WORDS[i], went=from_to(p, " per cent")) for i, p in others if len(p) == 2
    ]
    if parts:
        said.append(say("In the same year {parts}.", parts=join(parts)))
    return said + _people(turn, near)


def _turn_line(turn: Turn, observations: pd.DataFrame) -> Sentence:
    national = _pair(observations, ENGLAND, turn.indicator, turn.years)
    step = number(
        abs(_step(turn.rows)),
        f"{half_up(abs(_step(turn.rows)), 1)}",
        "difference of the two rates",
        turn.rows,
        "observations",
    )
    england = say("; England's {went}", went=from_to(national)) if len(national) == 2 else say("")
    return say(
        "{name}'s sharpest turn was from September {a} to September {b}, when its {what} {went}, by {step} percentage "
        "points{england}.", name=turn.name, a=year_of(turn.rows.head(1)), b=year_of(turn.rows.tail(1)),
        what=TURN_WORDS[turn.indicator], went=from_to(turn.rows, " per cent"), step=step, england=england,
    )  # fmt: skip


def _step(pair: pd.DataFrame) -> float:
    return round(float(pair["value"].iloc[1] - pair["value"].iloc[0]), 6)


def _changed_more(turn: Turn, observations: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say how many authorities changed by more; nothing where no other is there to compare with."""
    every = changes(observations[observations["indicator"] == turn.indicator], [turn.indicator])
    every = every[every["area_code"].str.fullmatch(AUTHORITY) & (every["period"] == turn.years[1])]
    more = every[every["change"].abs() > abs(_step(turn.rows))]
    return [] if every["area_code"].isin(list(names)).all() else [say(
        "Of the {n} {word} whose {what} was published for both years, {more} changed by more.",
        what=TURN_WORDS[turn.indicator],
        n=count(every, "observations", "authorities with both years published"),
        word=plural(len(every), "authority", "authorities"),
        more=count(more, "observations", "authorities with a larger change, up or down", zero="none"),
    )]  # fmt: skip


def _people(turn: Turn, observations: pd.DataFrame) -> list[Sentence]:
    """Say what the turn was in people, and how far one person moves a rate where few are in post."""
    posts, agency, starters, leavers = (
        _pair(observations, turn.code, i, turn.years)
        for i in ("social_workers_fte", "agency_workers_fte", "starters_fte", "leavers_fte")
    )
    said = []
    if len(posts) == 2 and len(agency) == 2:
        said.append(say("In full-time equivalents, social workers in post {posts} and agency workers {agency}.",
                        posts=from_to(posts), agency=from_to(agency)))  # fmt: skip
    if len(leavers) == 2 and len(starters) == 2:
        said.append(say("In the year to September {year}, {l} left and {s} started.", year=year_of(leavers.tail(1)),
                        l=cite(leavers.tail(1), 1), s=cite(starters.tail(1), 1)))  # fmt: skip
    if len(posts) == 2 and 0 < posts["value"].iloc[1] < _SMALL:
        one = 100 / posts["value"].iloc[1]
        each = number(one, f"{half_up(one)}", "100 / social workers in post", posts.tail(1), "observations")
        said.append(
            say("With so few in post, one person more or less moves a rate by about {n} percentage points.", n=each)
        )
    return said
