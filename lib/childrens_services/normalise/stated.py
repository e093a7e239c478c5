"""Cross-checks of what was compiled by hand: amounts against the words beside them, days against each other."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import pandas as pd

from childrens_services.money import stated_pounds
from childrens_services.normalise.facts import days_of
from childrens_services.normalise.refusals import Tables, Wrong
from childrens_services.periods import Period, read_date, read_edtf
from childrens_services.vocabulary import read_grade

ROUNDED = 0.05  # a rounded sum is no farther from the exact one
ANNOUNCED = pd.Timedelta(days=60)  # before an event, a source may tell of it
_DATED_UNITS = ("date", "dates", "month", "quarter", "window", "year")


def _stated_amounts(tables: Tables) -> Wrong:
    """Read each amount against the words beside it: a slip in one of the two shows."""
    said = tables["budgets"]["amount_text"].map(stated_pounds).astype("float64")
    rows = tables["budgets"].assign(said=said.map("{:.12g}".format).mask(said.isna(), "no amount"))
    words = "data/curated/budgets.csv, row {fact_id}: amount_gbp is {amount_gbp:.12g}, but amount_text {amount_text!r} "
    yield rows[~((said - rows["amount_gbp"]).abs() <= 0.005)], words + "says {said}; mend the wrong one"


def _rounded_amounts(tables: Tables) -> Wrong:
    facts = tables["budgets"]
    exact = facts["rounds_fact_id"].map(facts.set_index("fact_id")["amount_gbp"])
    words = "data/curated/budgets.csv, row {fact_id}: amount_gbp {amount_gbp:,.0f} cannot be {exact:,.0f} rounded, as "
    words += "rounds_fact_id ({rounds_fact_id}) says; mend one of them"
    yield facts.assign(exact=exact)[(facts["amount_gbp"] / exact - 1).abs() > ROUNDED], words


def _stated_values(tables: Tables) -> Wrong:
    claims = tables["claims"].dropna(subset="stated_value").astype({"unit": "object"})
    holds = [_is_value(*cells) for cells in zip(claims["stated_value"], claims["unit"], strict=True)]
    known = {unit: f"a {unit}" for unit in (*_DATED_UNITS, "grade")}
    claims = claims.assign(expected=[known.get(unit, "a plain number, with a unit") for unit in claims["unit"]])
    words = "data/curated/claims.csv, row {claim_id}: stated_value is {stated_value!r}, expected {expected}; mend the "
    yield claims[~pd.Series(holds, claims.index, dtype="bool")], words + "cell, or its unit"


def _is_value(text: str, unit: Any) -> bool:
    with suppress(ValueError):
        if unit == "grade":
            return bool(read_grade(text))
        if unit in _DATED_UNITS:
            return (unit == "quarter" and text[-3:-1] == " Q") or bool(read_edtf(text))
        is_number = text == "none" or (0 <= float(text) < 1e12 and text.isascii() and "_" not in text)
        return isinstance(unit, str) and is_number
    return False


def _order_of_time(tables: Tables) -> Wrong:
    """Find outcomes from before their forecast, and sources from before what they report."""
    events, forecasts = tables["events"].set_index("event_id"), tables["forecasts"]
    made, met = (days_of("forecasts", forecasts, *end) for end in (("made_on", "earliest"), ("outcome_date", "latest")))
    came = forecasts["outcome_event_id"].map(events["start_latest"])
    for column, days in (("outcome_date", met), ("outcome_event_id", came)):
        words = f"data/curated/forecasts.csv, row {{forecast_id}}: {column} {{{column}}} is before it was made "
        yield forecasts[days < made], words + "({made_on}); mend one of them"
    out = tables["sources"].set_index("source_id")["published"]
    for name, begun in _reported(tables, events["start_earliest"]).items():
        rows = tables[name].assign(begun=begun, out=tables[name]["source_id"].map(out))
        at = f"data/curated/{name}.csv, row {{{rows.columns[0]}}}: "
        words = "source {source_id} is of {out:%Y-%m-%d}, before what it reports ({begun:%Y-%m-%d}); mend the day of "
        yield rows[rows["out"] < rows["begun"]], at + words + "the one in sources.csv, or of the other here"


def _reported(tables: Tables, starts: pd.Series) -> dict[str, pd.Series]:
    """Return for each row the first day on which its source can have reported it."""
    events = tables["events"]
    days = {"statements": "as_of", "claims": "said_on", "forecasts": "made_on"}
    return {
        "events": events["start_earliest"].mask(events["kind"].eq("expected_inspection")) - ANNOUNCED,
        **{name: tables[name]["event_id"].map(starts) for name in ("findings", "judgements")},
        **{name: days_of(name, tables[name], column, "earliest") for name, column in days.items()},
    }


def check_date_texts(events: pd.DataFrame) -> None:
    """Raise ValueError where the words of a curated event's date say other days than its `start` and `end`.

    Words without a year are read in the year of the start; words that cannot be read say nothing here.
    """
    for row in events.to_dict("records"):
        start, end, said = _read(row) or (None,) * 3
        if said and (
            start.latest < said.earliest
            or start.earliest > said.latest
            or ("/" in said.edtf and (start.earliest, end and end.latest) != (said.earliest, said.latest))
        ):
            raise ValueError(
                f"data/curated/events.csv, row {row['event_id']}: start {row['start']}, end {row['end'] or 'none'}, "
                f"but date_text {row['date_text']!r} says {said.edtf}; mend the one that is wrong"
            )


def _read(row: Mapping[str, str]) -> tuple[Period, Period | None, Period] | None:
    """Return start, end and what the words say; None where one cannot be read, or the words lean on another day."""
    if not {"last", "next", "now"} & set(row["date_text"].split()):
        with suppress(ValueError):
            ends = read_edtf(row["start"]), read_edtf(row["end"]) if row["end"] else None
            return *ends, read_date(row["date_text"], date(int(row["start"][:4]), 12, 31))
    return None


CHECKS = (_stated_amounts, _rounded_amounts, _stated_values, _order_of_time)
