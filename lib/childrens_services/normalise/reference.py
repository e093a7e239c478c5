"""What national statistics lean on: area codes, printed values, publication days, neighbours, population, prices."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import python_calamine

from childrens_services import vocabulary
from childrens_services.normalise.refusals import refuse
from childrens_services.normalise.releases import LAYOUTS, Release
from childrens_services.periods import financial_year
from childrens_services.sources import need, read_table

# Symbols of the Department for Education's files; any other text in a column of numbers is refused.
SYMBOLS = ("c", "z", "x", "u", "low")
_NUMBER = r"-?\d+(?:\.\d+)?(?:E-?\d+)?"
_RANKS = range(1, 11)
Cells = Sequence[Sequence[Any]]  # of a sheet, row by row
SERIES, NEIGHBOURS = LAYOUTS["prices"], LAYOUTS["neighbours"]


def read_cells(path: Path, needed: Sequence[str] = ()) -> pd.DataFrame:
    """Return a published CSV as text, with the columns `needed`; the index is the line in the file, the heading 1."""
    heading, rows = read_table(path, path.name, "get the file again")
    need(needed, heading, path.name, "the publisher may have renamed it: look, then mend the code")
    return pd.DataFrame(rows, columns=heading, index=range(2, len(rows) + 2), dtype="str")


def read_sheets(path: Path, prefix: str = "") -> dict[str, Cells]:
    """Return the cells, row by row, of each sheet of a workbook, ODS or XLSX, whose name begins with `prefix`."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        names = [name for name in book.sheet_names if name.startswith(prefix)]
        found = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except python_calamine.CalamineError as error:
        raise ValueError(f"{path.name}: not a workbook that can be read ({error}); get the file again") from error
    if not found:
        sheets = ", ".join(book.sheet_names)
        raise ValueError(
            f"{path.name}: has the sheets {sheets}, expected one that begins with {prefix}; is it renamed?"
        )
    return found


def locate(codes: pd.Series, known: Mapping[str, str], file: str) -> pd.Series:
    """Return the code in use by printed codes: E06000065 for E10000023 and for 815 (North Yorkshire)."""
    found = codes.map(known)
    words = "{file}, line {line}: area {cell!r} is not a known authority, region or England ({wrong} such rows); "
    refuse(codes[found.isna()], words + "add it to the authorities, or its new code to the changes of code", file=file)
    return found


def read_values(texts: pd.Series, file: str, symbols: Sequence[str] = SYMBOLS) -> pd.DataFrame:
    """Return `value` and `status` for printed cells; "12.5" is 12.5 and `value`, "c" is empty and `confidential`.

    Values are rounded to four decimals, more than anyone publishes, which removes the noise of binary fractions.
    """
    is_number = texts.str.fullmatch(_NUMBER)
    words = "{file}, line {line}, column {column}: found {cell!r}, expected a number or one of {symbols}; where the "
    words += "publisher has a new symbol, add it to the vocabulary"
    wrong = texts[~is_number & ~texts.isin(symbols)]
    refuse(wrong, words, file=file, column=texts.name, symbols=", ".join(symbols))
    status = texts.where(~is_number, "").map(vocabulary.MISSING)
    return pd.DataFrame({"value": pd.to_numeric(texts.where(is_number)).round(4), "status": status})


def find_rule(rules: pd.DataFrame, period_kind: str, *names: str) -> Mapping[str, Any]:
    """Return the publication rule of the first of `names` that has one for `period_kind`, the most particular first."""
    found = rules[rules["applies_to"].isin(names) & rules["period_kind"].eq(period_kind)]
    if found.empty:
        raise ValueError(
            f"publication_rules.csv: {' or '.join(names)} has no rule for {period_kind}; add a row that says by which "
            "day such figures are public"
        )
    return found.iloc[found["applies_to"].map(names.index).argmin()]


def with_days(rules: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the rules with `days`: by year the publisher's own day, where publication_days.csv (`known`) has it."""
    names = ["applies_to", "period_kind"]
    ends = pd.to_datetime(rules[["month", "day"]].astype("int64").assign(year=2023), errors="coerce")
    words = "data/curated/publication_rules.csv: {applies_to} {period_kind}: found day {day} of month {month}, "
    refuse(rules[ends.isna()], words + "expected one that every year has; mend the row")
    lost = known.assign(row=range(2, len(known) + 2)).merge(rules[names], on=names, how="left_anti")
    words = "data/curated/publication_days.csv, row {row}: {applies_to} {period_kind} has no rule in "
    refuse(lost, words + "publication_rules.csv; mend the name or add a rule")
    rows = known.assign(period=known["period"].astype("int64"), published=pd.to_datetime(known["published"]))
    days = {key: mine.set_index("period")["published"].to_dict() for key, mine in rows.groupby(names)}
    return rules.assign(days=[days.get(key, {}) for key in rules[names].itertuples(index=False, name=None)])


def first_public(period: pd.Series, rule: Mapping[str, str], edition: date) -> pd.Series:
    """Return the day by which figures of a year were public: its own, else the rule's, but no later than the edition's.

    `period` is the year in which the period ends. Section 251 of 2019-20, by rule out by 31 December 2020, came on 21
    January 2021. An edition in hand is proof in itself.
    """
    after, month, day = (int(rule[part]) for part in ("years_after", "month", "day"))
    known = rule.get("days", {})
    days = {
        year: min(known.get(year, pd.Timestamp(year + after, month, day)), pd.Timestamp(edition))
        for year in period.unique()
    }
    return period.map(days).astype("datetime64[s]")


def population(
    cells: pd.DataFrame, known: Mapping[str, str], rule: Mapping[str, str], release: Release
) -> pd.DataFrame:
    """Return the `population` table from the mid-year estimates: children aged 0 to 17 by area and year."""
    file, ages = release.path.name, cells["age_group"]
    words = "{file}, column age_group: found {cell}; expected children aged 0 to 17 alone"
    refuse(ages[ages != "Children aged 0 to 17 years"], words, file=file)
    values = read_values(cells["population_estimate"], file)
    words = "{file}, line {line}, column population_estimate: found {value}, expected whole children; "
    refuse(values[values["value"] % 1 > 0], words + "get the file again", file=file)
    year = cells["time_period"].astype("int64")
    return values.assign(
        area_code=locate(printed_code(cells), known, file),
        year=year,
        children=values["value"].astype("Int64"),
        published=first_public(year, rule, release.edition),
        source_id=release.source_id,
    ).drop(columns="value")


def printed_code(cells: pd.DataFrame) -> pd.Series:
    """Return the ONS code that each row of a Department for Education file is about: authority, region or England."""
    by_level = {"National": "country_code", "Regional": "region_code", "Local authority": "new_la_code"}
    codes = pd.Series("", index=cells.index, dtype="str")
    for level, column in by_level.items():
        codes = codes.mask(cells["geographic_level"] == level, cells[column])
    return codes


def neighbours(cells: Sequence[Sequence[str]], known: Mapping[str, str], release: Release) -> pd.DataFrame:
    """Return the `neighbours` of one model, named for its year: ten rows an authority.

    Raises ValueError for a line without ten pairs, and an authority that is its own neighbour or has one twice.
    """
    first, file = NEIGHBOURS[release.layout], release.path.name
    lengths = pd.Series([len(row) for row in cells], range(1, len(cells) + 1))
    words = "{file}, line {line}: too few cells for ten neighbours; get the file again"
    refuse(lengths[lengths < first + 2 * len(_RANKS)], words, file=file)
    pairs = [
        (line, row[0], rank, row[first + 2 * rank - 2], " ".join(row[first + 2 * rank - 1].lower().split()))
        for line, row in enumerate(cells[1:], start=2)
        if row[0].strip()  # the 2021 file parts former authorities from the rest by empty lines
        for rank in _RANKS
    ]
    frame = pd.DataFrame(pairs, columns=["line", "code", "rank", "neighbour", "closeness"]).set_index("line")
    words = "{file}, line {line}: {neighbour} is itself or stands twice among the ten of {code}; get the file again"
    refuse(frame[frame["code"].eq(frame["neighbour"]) | frame.duplicated(["code", "neighbour"])], words, file=file)
    ours = {"la_code_ons": "code", "neighbour_la_code_ons": "neighbour"}
    located = {name: locate(frame[column], known, file) for name, column in ours.items()}
    return frame[["rank", "closeness"]].assign(
        model=str(release.edition.year),
        **located,
        published=pd.Timestamp(release.edition),
        source_id=release.source_id,
    )


def prices(rows: Sequence[Sequence[str]], series: str, rule: Mapping[str, str], source_id: str) -> pd.DataFrame:
    """Return the `prices` rows of one ONS series: the mean of a financial year's four quarters, none without all four.

    Raises ValueError for a file of another series.
    """
    printed = {row[0]: row[1] for row in reversed(rows) if len(row) > 1}
    if printed.get("CDID") != SERIES[series]:
        raise ValueError(
            f"{source_id}: the file is of series {printed.get('CDID')}, expected {SERIES[series]} ({series}); get the "
            "file again, or mend its family in data/curated/sources.csv"
        )
    edition = pd.to_datetime(printed.get("Release date"), format="%d-%m-%Y", errors="coerce")
    if pd.isna(edition):
        found = f"{source_id}: release date {printed.get('Release date')} not read"
        raise ValueError(f"{found}, expected one such as 30-06-2025; get the file again")
    cells = pd.DataFrame([row[:2] for row in rows if len(row) > 1], columns=["period", "value"]).set_index("period")
    quarters = cells[cells.index.str.fullmatch(r"\d{4} Q[1-4]")]
    values = read_values(quarters["value"], series, symbols=())["value"]
    ends = quarters.index.str[:4].astype("int64") + (quarters.index.str[-1] != "1")
    means = values.groupby(ends).agg(["mean", "size"]).query("size == 4")
    year = means.index.to_series()
    return pd.DataFrame(
        {
            "series": series,
            "financial_year": year.map(financial_year),
            "price_index": means["mean"].round(4),
            "edition": edition,
            "published": first_public(year, rule, edition.date()),
            "source_id": source_id,
        }
    ).reset_index(drop=True)
