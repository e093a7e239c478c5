"""Cross-checks of what was compiled by hand: amounts against the words beside them, days against each other.

Goes in: the tidy tables, or curated events. Comes out: a line a fault, with the row, what was found and what to mend.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from childrens_services.money import stated_pounds
from childrens_services.periods import Period, read_date, read_edtf
from childrens_services.vocabulary import read_grade

ROUNDED = 0.05  # a rounded sum is no farther from the exact one
ANNOUNCED = pd.Timedelta(days=60)  # before an event, a source may tell of it
_DATED_UNITS = ("date", "dates", "month", "quarter", "window", "year")
Tables = Mapping[str, pd.DataFrame]


def _stated_amounts(tables: Tables) -> Iterator[str]:
    """Read each amount against the words beside it: a slip in one of the two shows."""
    for row in tables["budgets"].itertuples():
        if (said := stated_pounds(row.amount_text)) is None or abs(said - row.amount_gbp) > 0.005:
            yield (
                f"data/curated/budgets.csv, row {row.fact_id}: amount_gbp is {row.amount_gbp:.12g}, but amount_text "
                f"{row.amount_text!r} says {'no amount' if said is None else f'{said:.12g}'}; mend the wrong one"
            )


def _rounded_amounts(tables: Tables) -> Iterator[str]:
    facts = tables["budgets"].set_index("fact_id")
    exact = facts["rounds_fact_id"].map(facts["amount_gbp"])
    off = (facts["amount_gbp"] / exact - 1).abs() > ROUNDED
    for fact_id, row in facts[off].iterrows():
        yield (
            f"data/curated/budgets.csv, row {fact_id}: amount_gbp {row['amount_gbp']:,.0f} cannot be "
            f"{exact[fact_id]:,.0f} rounded, as rounds_fact_id ({row['rounds_fact_id']}) says; mend one of them"
        )


def _stated_values(tables: Tables) -> Iterator[str]:
    claims = tables["claims"].dropna(subset="stated_value")
    for row in claims.astype({"unit": "object"}).itertuples():
        if not _is_value(row.stated_value, row.unit):
            yield (
                f"data/curated/claims.csv, row {row.claim_id}: stated_value is {row.stated_value!r}, expected "
                f"{_expected(row.unit)}; mend the cell, or its unit"
            )


def _expected(unit: Any) -> str:
    return {"grade": "a grade"}.get(unit, f"a {unit}" if unit in _DATED_UNITS else "a plain number, with a unit")


def _is_value(text: str, unit: Any) -> bool:
    try:
        if unit == "grade":
            return bool(read_grade(text))
        if unit in _DATED_UNITS:
            return (unit == "quarter" and text[-3:-1] == " Q") or bool(read_edtf(text))
        return isinstance(unit, str) and (
            text == "none" or (0 <= float(text) < 1e12 and text.isascii() and "_" not in text)
        )
    except ValueError:
        return False


def _order_of_time(tables: Tables) -> Iterator[str]:
    """Find outcomes from before their forecast, and sources from before what they report."""
    events = tables["events"].set_index("event_id")
    made = _days(tables["forecasts"]["made_on"], "earliest")
    met = _days(tables["forecasts"]["outcome_date"], "latest")
    came = tables["forecasts"]["outcome_event_id"].map(events["start_latest"])
    for column, days in (("outcome_date", met), ("outcome_event_id", came)):
        for row in tables["forecasts"][days < made].itertuples():
            yield (
                f"data/curated/forecasts.csv, row {row.forecast_id}: {column} {getattr(row, column)} is before it was "
                f"made ({row.made_on}); mend one of them"
            )
    out = tables["sources"].set_index("source_id")["published"]
    for name, begun in _reported(tables, events).items():
        rows = tables[name].assign(begun=begun, out=tables[name]["source_id"].map(out))
        for row in rows[rows["out"] < rows["begun"]].to_dict("records"):
            yield (
                f"data/curated/{name}.csv, row {next(iter(row.values()))}: source {row['source_id']} is of "
                f"{row['out']:%Y-%m-%d}, before what it reports ({row['begun']:%Y-%m-%d}); mend the day of the one in "
                "sources.csv, or of the other here"
            )


def _reported(tables: Tables, events: pd.DataFrame) -> dict[str, pd.Series]:
    """Return for each row the first day on which its source can have reported it."""
    begun = tables["events"]["start_earliest"].mask(tables["events"]["kind"].eq("expected_inspection")) - ANNOUNCED
    return {
        "events": begun,
        "findings": tables["findings"]["event_id"].map(events["start_earliest"]),
        "judgements": tables["judgements"]["event_id"].map(events["start_earliest"]),
        "statements": _days(tables["statements"]["as_of"], "earliest"),
        "claims": _days(tables["claims"]["said_on"], "earliest"),
        "forecasts": _days(tables["forecasts"]["made_on"], "earliest"),
    }


def _days(texts: pd.Series, end: str) -> pd.Series:
    """Return the earliest or latest day that dates allow; not a day where there is no date."""
    days = [getattr(read_edtf(text), end) if isinstance(text, str) else None for text in texts]
    return pd.to_datetime(pd.Series(days, texts.index, dtype="object"))


def check_date_texts(events: pd.DataFrame) -> None:
    """Raise ValueError where the words of a curated event's date say other days than its `start` and `end`.

    Words without a year are read in the year of the start; words that cannot be read, or lean on another day, say
    nothing here.
    """
    for row in events.to_dict("records"):
        start, said = _period(row["start"]), _said(row["date_text"], row["start"][:4])
        if said and start and (start.latest < said.earliest or start.earliest > said.latest or _ends_apart(row, said)):
            raise ValueError(
                f"data/curated/events.csv, row {row['event_id']}: start {row['start']}, end {row['end'] or 'none'}, "
                f"but date_text {row['date_text']!r} says {said.edtf}; mend the one that is wrong"
            )


def _period(text: str) -> Period | None:
    try:
        return read_edtf(text)
    except ValueError:
        return None  # refused with its row where it is built


def _said(text: str, year: str) -> Period | None:
    if not year.isdigit() or {"last", "next", "now"} & set(text.split()):
        return None
    try:
        return read_date(text, date(int(year), 12, 31))
    except ValueError:
        return None


def _ends_apart(row: Mapping[str, str], said: Period) -> bool:
    """Tell whether words that give a first and a last day give others."""
    start = _period(row["start"])
    end = _period(row["end"]) if row["end"] else None
    ends = (start and start.earliest, end and end.latest)
    return "/" in said.edtf and ends != (said.earliest, said.latest)


CHECKS = (_stated_amounts, _rounded_amounts, _stated_values, _order_of_time)
