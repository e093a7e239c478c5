"""Check the tidy tables against their contracts, with pandera, which is slow to import: hence apart from `tables`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pa

from childrens_services import texts
from childrens_services.periods import read_edtf
from childrens_services.tables import TableError, conform, contracts, curated_file, row_key, words

_SHOWN = 5
_EXPECTED = {"not_nullable": "a value", "field_uniqueness": "a value that stands once"}
Tidy = Mapping[str, pd.DataFrame]
# What does not hold: a column, the rows that are wrong in it, and what was expected there, the same of all or by row.
Fault = tuple[str, Iterable[int], str | pd.Series]


def check_all(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Conform and check every table and the references between them.

    Raises TableError, a line a fault: table, column, row key, what was found, what was expected, where to mend it.
    """
    tidy = {name: conform(name, frame) for name, frame in frames.items()}
    checks = (_lost, _schema_faults, _unfit, _twice, _alike, _of_another, _in_circles, _wrong_way)
    lines = [line for name in tidy for check in checks for line in _tell(name, tidy, check(name, tidy))]
    if lines:
        raise TableError("\n".join(lines))
    return tidy


def schema(name: str) -> pa.DataFrameSchema:
    """Return pandera's schema of one table, for example `schema("judgements")`."""
    contract = contracts()[name]
    columns = {column: _column(spec) for column, spec in contract["columns"].items()}
    return pa.DataFrameSchema(columns, unique=contract["key"], strict=True, ordered=True, name=name)


def _column(spec: Mapping[str, Any]) -> pa.Column:
    checks = []
    if allowed := words(spec):
        checks.append(pa.Check.isin(allowed, error=f"one of {', '.join(allowed)}"))
    if spec["type"] == "edtf":
        checks.append(pa.Check(_is_edtf, element_wise=True, error="a date such as 2022-07 or 2022-07-11 (EDTF)"))
    if "pattern" in spec:
        checks.append(pa.Check.str_matches(f"^(?:{spec['pattern']})$", error=f"text like {spec['pattern']}"))
    if "min" in spec:
        checks.append(pa.Check.ge(spec["min"], error=f"{spec['min']} or more"))
    if "max" in spec:
        checks.append(pa.Check.le(spec["max"], error=f"{spec['max']} or less"))
    return pa.Column(None, checks, nullable=spec.get("optional", False), unique=spec.get("unique", False))


def _is_edtf(text: str) -> bool:
    try:
        return bool(read_edtf(text))
    except ValueError:
        return False


def _tell(name: str, tidy: Tidy, faults: Iterable[Fault]) -> list[str]:
    """Put the first faults in words, a line each, and count the rest."""
    cells = [(i, column, expected) for column, wrong, expected in faults for i in wrong]
    more = [f"{name}: and {len(cells) - _SHOWN} more"] if len(cells) > _SHOWN else []
    return [_line(name, tidy, *cell) for cell in cells[:_SHOWN]] + more


def _line(name: str, tidy: Tidy, index: int, column: str, expected: str | pd.Series) -> str:
    row = tidy[name].loc[index]
    key = row_key(name, row)
    cell = row.get(column, key)  # of several columns, the key is found
    found = f"{cell:%Y-%m-%d}" if isinstance(cell, pd.Timestamp) else repr("" if pd.isna(cell) else str(cell)[:60])
    wanted = expected if isinstance(expected, str) else expected[index]
    return f"{name}.{column}, row {key}: found {found}, expected {wanted}; {_remedy(name, row, tidy)}"


def _remedy(name: str, row: pd.Series, tidy: Tidy) -> str:
    """Name the files that a row can come from: the curated one of the table, and the published one of its source."""
    places = [f"mend {curated_file(name)}"] if curated_file(name) else []
    if "sources" in tidy and name != "sources":
        mine = tidy["sources"][tidy["sources"]["source_id"] == row["source_id"]]
        places += [f"look in {file}, as published" for file in mine["raw_file"].dropna()[:1]]
    return ", or ".join(places) or f"look in the file of source {row['source_id']}"


def _schema_faults(name: str, tidy: Tidy) -> list[Fault]:
    try:
        schema(name).validate(tidy[name], lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases.drop_duplicates(["column", "check", "index"])
        cases = cases[cases["check"] != "multiple_fields_uniqueness"]  # `_twice` tells of these by row
        wrong = zip(cases["column"], cases["index"], cases["check"], strict=True)
        return [(column, [int(index)], _EXPECTED.get(check, check)) for column, index, check in wrong]
    return []


def _unfit(name: str, tidy: Tidy) -> Iterator[Fault]:
    """Find texts with hidden marks, line breaks or a formula; a column with a pattern cannot hold them."""
    for column, spec in contracts()[name]["columns"].items():
        if spec["type"] == "text" and "pattern" not in spec:
            wrong = [text for text in tidy[name][column].dropna().unique() if texts.fault(text)]
            yield column, tidy[name].index[tidy[name][column].isin(wrong)], "plain text"


def _twice(name: str, tidy: Tidy) -> Iterator[Fault]:
    key = contracts()[name]["key"]
    yield ", ".join(key), tidy[name].index[tidy[name].duplicated(key)], "a key that stands once"


def _alike(name: str, tidy: Tidy) -> Iterator[Fault]:
    """Find keys that differ from another only in capitals: a reader, or a file system, would take them for one."""
    key, *more = contracts()[name]["key"]
    if not more and not contracts()[name].get("capitals_count"):
        keys = tidy[name][key].astype("str")
        wrong = keys.index[keys.str.casefold().duplicated() & ~keys.duplicated()]
        yield key, wrong, "a key that differs from others in more than capitals"


def _references(name: str, tidy: Tidy) -> Iterator[tuple[str, Mapping[str, Any], str, str]]:
    """Yield each column that refers to another one, with its specification, and the table and column referred to."""
    for column, spec in contracts()[name]["columns"].items():
        table, _, target = spec.get("refers", "").partition(".")
        if table in tidy and (table, target) != (name, column):
            yield column, spec, table, target


def _lost(name: str, tidy: Tidy) -> Iterator[Fault]:
    for column, _, table, target in _references(name, tidy):
        values = tidy[name][column].dropna()
        yield column, values.index[~values.isin(tidy[table][target])], f"one of {table}.{target}"


def _of_another(name: str, tidy: Tidy) -> Iterator[Fault]:
    """Find references to a row of another authority, such as a finding of one council on the other's inspection."""
    for column, spec, table, target in _references(name, tidy):
        if same := spec.get("same"):
            ours = tidy[name][same]
            theirs = tidy[name][column].map(tidy[table].drop_duplicates(target).set_index(target)[same])
            expected = f"a row of {curated_file(table) or table} with {same} " + ours + ", not " + theirs
            yield column, ours.index[theirs.notna() & (theirs != ours)], expected


def _in_circles(name: str, tidy: Tidy) -> Iterator[Fault]:
    """Find rows that refer to themselves, at once or by way of other rows."""
    for column, _, table, target in _references(name, tidy):
        if table == name:
            start, at = tidy[name][target], tidy[name][column]
            leads, returns = tidy[name].drop_duplicates(target).set_index(target)[column], at.eq(start)
            for _ in start:  # no chain is longer
                at = at.map(leads)
                returns |= at.eq(start)
                if at.isna().all():
                    break
            yield column, start.index[returns], "a row that does not lead back here"


def _wrong_way(name: str, tidy: Tidy) -> Iterator[Fault]:
    """Find days before the day that they cannot be before, such as a window that ends before it starts."""
    for column, spec in contracts()[name]["columns"].items():
        if first := spec.get("not_before"):
            days, bound = tidy[name][column], tidy[name][first]
            yield column, days.index[days < bound], f"{first} (" + bound.dt.strftime("%Y-%m-%d") + ") or later"
