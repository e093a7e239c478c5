"""Sentences about agency pay and posts as they were stated by councils, reports and the press.

Goes in: tidy `budgets` and `statements`. Comes out: cited sentences and a table. What is stated is shown as stated;
what follows from it by arithmetic says which assumption it takes.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    Table,
    cell,
    day,
    join,
    number,
    rows_of,
    say,
    show_table,
    tell,
)
from childrens_services.money import english_money
from childrens_services.periods import english, read_edtf
from childrens_services.rounding import half_up

# Ours, not the article's: hours of a full-time week in the national agreement for council staff, weeks of a year.
FULL_WEEK, WEEKS = 37.0, 52.0
# Words of stated facts about the workforce; the official series among the statements is left to `observations`.
_ABOUT = "agency|social work|caseload|turnover|MASH social|vacanc"
_NOT_ABOUT = "official series|wait|distance|newly qualified"


def pay_pair(budgets: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame | None:
    """Find an hourly rate of agency social workers and the yearly sum stated with it; None where there is none.

    The two must be of one authority, source and month.
    """
    mine = budgets[budgets["la_code_ons"].isin(list(names)) & (budgets["service"] == "agency social workers")]
    for _, rows in mine.groupby(["la_code_ons", "source_id", "period"]):
        found = [rows[rows["measure"] == measure].head(1) for measure in ("hourly_rate", "annual_cost")]
        if all(len(one) for one in found):
            return pd.concat(found, ignore_index=True)
    return None


def agreement(pair: pd.DataFrame) -> Sentence:
    """Say how much work the sum stated pays for at the rate stated, as a title."""
    rate, quoted = pair["amount_gbp"]
    return say(
        "{sum} at {rate} an hour is {weeks} full-time weeks, not {all}", sum=_pounds(pair, quoted, "sum as stated"),
        rate=_pounds(pair, rate, "rate as stated"), all=_made(pair, WEEKS, f"{half_up(WEEKS)}", "weeks of a year"),
        weeks=_weeks(pair),
    )  # fmt: skip


def pay_sentences(budgets: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say what an hourly agency rate comes to, and for which paid hours the yearly sum stated with it is right."""
    pair = pay_pair(budgets, names)
    if pair is None:
        return []
    (rate, quoted), name = pair["amount_gbp"], names[pair["la_code_ons"].iloc[0]]
    hours, full = quoted / rate, rate * FULL_WEEK * WEEKS
    off, more = WEEKS - hours / FULL_WEEK, (full / quoted - 1) * 100
    words = {
        "rate": _pounds(pair, rate, "rate as stated"), "sum": _pounds(pair, quoted, "sum as stated"), "name": name,
        "hours": _made(pair, hours, f"{half_up(hours, 1):,}", "sum stated / rate stated"), "when": month_of(pair),
        "h": week_of(pair), "weeks": _weeks(pair),
        "off": _made(pair, off, f"{half_up(off, 1)}", "52 weeks less the weeks paid"),
        "full": _pounds(pair, int(half_up(full)), "rate x 37 hours x 52 weeks"),
        "all": _made(pair, WEEKS, f"{half_up(WEEKS)}", "weeks of a year"),
        "short": _made(pair, hours / WEEKS, f"{half_up(hours / WEEKS, 1)}", "sum stated / rate stated / 52 weeks"),
        "more": _made(pair, more, f"{half_up(more)}", "full-time pay of a year / sum stated - 1, as a percentage"),
    }  # fmt: skip
    return [
        say("An article of {when} about {name} quotes {rate} an hour, or about {sum} a year, as the top agency rate "
            "that another authority advertised.", **words),
        say("The two agree for {hours} paid hours: {weeks} weeks of {h} hours, which leaves {off} weeks of the year "
            "without pay, or {short} hours a week all year.", **words),
        say("For {h} hours in each of {all} weeks the rate comes to {full}, {more} per cent more than that.", **words),
        say("The week of {h} hours is our assumption: full time in the national agreement for council staff.", **words),
    ]  # fmt: skip


def week_of(pair: pd.DataFrame) -> Number:
    """Cite the hours of a full-time week, which are an assumption."""
    how = "assumption: hours of a full-time week in the national agreement for council staff"
    return _made(pair.head(0), FULL_WEEK, f"{half_up(FULL_WEEK)}", how)


def month_of(pair: pd.DataFrame) -> Number:
    """Cite the month for which the rate was stated."""
    period = pair["period"].iloc[0]
    return _made(pair, period, english(read_edtf(period)), "month of the rate as stated")


def _weeks(pair: pd.DataFrame) -> Number:
    weeks = pair["amount_gbp"].iloc[1] / pair["amount_gbp"].iloc[0] / FULL_WEEK
    return _made(pair, weeks, f"{half_up(weeks, 1)}", "sum stated / rate stated / 37 hours")


def _made(pair: pd.DataFrame, value: float | str, text: str, how: str) -> Number:
    return number(value, text, how, pair, "budgets")


def _pounds(pair: pd.DataFrame, value: float, how: str) -> Number:
    return _made(pair, float(value), english_money(value, "exact"), how)


def stated_table(statements: pd.DataFrame, names: Mapping[str, str], caption: Sentence) -> Table | Paragraphs:
    """Show what councils, inspectors and the press stated about posts, agency work and caseloads, oldest first."""
    mine = statements[statements["la_code_ons"].isin(list(names))]
    about = mine["measure"].str.contains(_ABOUT, regex=True) & ~mine["measure"].str.contains(_NOT_ABOUT, regex=True)
    mine = mine[about].sort_values(["as_of", "fact_id"])
    if mine.empty:
        return tell(say("No such statement about {who} is in the tables.", who=join(names.values())))
    body = [
        (names[row["la_code_ons"].iloc[0]], _when_stated(row), cell(row, "measure", "statements", "what is stated"),
         _as_stated(row), day(row, "published", "statements", "day on which the source was public"))
        for row in rows_of(mine)
    ]  # fmt: skip
    return show_table(caption, ["Authority", "When", "What", "As stated", "Public since"], body)


def _when_stated(row: pd.DataFrame) -> Number:
    stated = row["as_of"].iloc[0]
    return number(stated, english(read_edtf(stated)), "when it holds, as stated", row, "statements")


def _as_stated(row: pd.DataFrame) -> Number:
    value, unit = row["value"].iloc[0], row["unit"].iloc[0]
    text = f"£{value:,.10g} an hour" if unit == "GBP an hour" else f"{value:,.10g} {unit}"
    return number(value, text, "as stated", row, "statements")
