"""Date the curated facts: budgets, statements, claims, forecasts and findings, known from the day of its source."""

from datetime import date

import pandas as pd

from childrens_services.normalise.authorities import OWN_CODING
from childrens_services.periods import Period, read_edtf
from childrens_services.sources import read_curated

# What the compiler of the claims found and said of them stays in the curated file: it would be read as ours.
_COMPILED = ["how_to_check", "compiled_check", "compiled_verdict"]


def facts(days: pd.Series) -> dict[str, pd.DataFrame]:
    """Return the curated tables, each row with the day from which it was known; `days` gives that of each source."""
    names = ("budgets", "statements", "claims", "claim_sources", "forecasts", "findings", "contradictions")
    found = {name: read_curated(name).assign(published=lambda rows: rows["source_id"].map(days)) for name in names}
    found["claims"] = found["claims"].drop(columns=_COMPILED)
    found["publication_days"] = read_curated("publication_days")
    found["themes"] = dated_by_use(read_curated("themes"), "theme", found["findings"])
    # Nobody could test what had not been said, and until both of its sources were out there was no contradiction.
    said = found["claims"].drop_duplicates("claim_id").set_index("claim_id")[["source_id", "published"]]
    found["claim_tests"] = read_curated("claim_tests").join(said, on="claim_id", validate="m:1")
    further, pairs = found["claim_sources"], found["contradictions"]
    found["claim_sources"] = not_before(further, further["claim_id"].map(said["published"]))
    found["corrections"] = read_curated("corrections").assign(published=lambda rows: rows["right_since"])
    found["contradictions"] = not_before(pairs, pairs["other_source_id"].map(days))
    return found


def dated_by_use(rows: pd.DataFrame, key: str, users: pd.DataFrame) -> pd.DataFrame:
    """Date each word of our own by the first row that uses it, so that on any day every such row has its word."""
    first = users.groupby(key)["published"].min()
    return rows.assign(source_id=OWN_CODING, published=rows[key].map(first))


def not_before(rows: pd.DataFrame, other: pd.Series) -> pd.DataFrame:
    """Date each row by the other day where that is later; a day that is not known moves nothing."""
    return rows.assign(published=pd.concat([rows["published"], other], axis="columns").max(axis="columns"))


def days_of(name: str, rows: pd.DataFrame, column: str, end: str) -> pd.Series:
    """Return the `earliest` or `latest` day that the dates of a curated table allow; none where a cell is empty."""
    cells = zip(rows.iloc[:, 0], rows[column].fillna(""), strict=True)
    days = [getattr(read_date(name, key, column, text), end) if text else None for key, text in cells]
    return pd.to_datetime(pd.Series(days, rows.index, dtype="object"))


def day_out(source_id: str, text: str) -> date:
    """Return the last day on which a source can have come out; raises ValueError for one that is still to come."""
    span = read_date("sources", source_id, "published_edtf", text)
    if span.earliest > date.today():
        raise ValueError(
            f"data/curated/sources.csv, row {source_id}: published_edtf {text} is still to come (today is "
            f"{date.today()}); mend the cell"
        )
    return span.latest


def read_date(name: str, key: str, column: str, text: str) -> Period:
    """Return the period that a cell of a curated file gives; raises ValueError naming the cell where it gives none."""
    try:
        return read_edtf(text)
    except ValueError as error:
        raise ValueError(f"data/curated/{name}.csv, row {key}, column {column}: {error}; mend the cell") from error
