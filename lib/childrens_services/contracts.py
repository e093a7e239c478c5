"""Check the tidy tables against their contracts, with pandera.

Goes in: frames by table name. Comes out: the same frames, conformed, or one error that lists what does not hold. Apart
from `tables` because pandera is slow to import, and whoever only loads a table does not need it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
import pandera.pandas as pa

from childrens_services import texts
from childrens_services.periods import read_edtf
from childrens_services.tables import TableError, conform, contracts, curated_file, row_key, words

_SHOWN = 5
_FAULTS = {"not_nullable": "a value", "field_uniqueness": "a value that stands once"}
Tidy = Mapping[str, pd.DataFrame]


class Fault(NamedTuple):
    """One thing that does not hold: which row, which column, what was found there, what was expected."""

    index: int
    column: str
    found: object
    expected: str


def check_all(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Conform and check every table and the references between them.

    Raises TableError, a line a fault: table, column, row key, what was found, what was expected, where to mend it.
    """
    tidy = {name: conform(name, frame) for name, frame in frames.items()}
    checks = (_schema_faults, _unfit, _twice, _alike, _lost, _of_another, _in_circles, _wrong_way, _no_share)
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


def _tell(name: str, tidy: Tidy, faults: list[Fault]) -> list[str]:
    """Put the first faults in words, a line each, and count the rest."""
    lines = [_line(name, tidy, fault) for fault in faults[:_SHOWN]]
    return lines + ([f"{name}: and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else [])


def _line(name: str, tidy: Tidy, fault: Fault) -> str:
    row = tidy[name].loc[fault.index]
    found = f"{fault.found:%Y-%m-%d}" if isinstance(fault.found, pd.Timestamp) else f"{str(fault.found)!r}"
    where = f"{name}.{fault.column}, row {row_key(name, row)}"
    return f"{where}: found {found}, expected {fault.expected}; {_remedy(name, row, tidy)}"


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
        return [_schema_fault(case) for case in cases.to_dict("records")]
    return []


def _schema_fault(case: Mapping[str, Any]) -> Fault:
    found = "" if case["check"] == "not_nullable" else case["failure_case"]
    return Fault(int(case["index"]), case["column"], found, _FAULTS.get(case["check"], case["check"]))


def _twice(name: str, tidy: Tidy) -> list[Fault]:
    """List rows whose key stood in an earlier row."""
    key = contracts()[name]["key"]
    frame = tidy[name]
    return [
        Fault(i, ", ".join(key), row_key(name, frame.loc[i]), "a key that stands once")
        for i in frame.index[frame.duplicated(key)]
    ]


def _unfit(name: str, tidy: Tidy) -> list[Fault]:
    """List texts with hidden marks, line breaks or a formula; a column with a pattern cannot hold them."""
    faults = []
    for column, spec in contracts()[name]["columns"].items():
        if spec["type"] == "text" and "pattern" not in spec:
            wrong = {text: why for text in tidy[name][column].dropna().unique() if (why := texts.fault(text))}
            rows = tidy[name].index[tidy[name][column].isin(list(wrong))]
            faults += [Fault(i, column, tidy[name].at[i, column][:60], "plain text") for i in rows]
    return faults


def _alike(name: str, tidy: Tidy) -> list[Fault]:
    """List keys that differ from another only in capitals: a reader, or a file system, would take them for one."""
    key, frame = contracts()[name]["key"], tidy[name]
    if len(key) > 1 or contracts()[name].get("capitals_count"):
        return []
    folded = frame[key[0]].astype("str").str.casefold()
    wrong = frame.index[folded.duplicated() & ~frame[key[0]].duplicated()]
    return [
        Fault(i, key[0], frame.at[i, key[0]], "a key that differs from others in more than capitals") for i in wrong
    ]


def _of_another(name: str, tidy: Tidy) -> list[Fault]:
    """List references to a row of another authority, such as a finding of one council on the other's inspection."""
    faults = []
    for column, spec in contracts()[name]["columns"].items():
        table, _, target = spec.get("refers", "").partition(".")
        if (same := spec.get("same")) and table in tidy:
            theirs = tidy[name][column].map(tidy[table].drop_duplicates(target).set_index(target)[same])
            wrong = tidy[name].index[theirs.notna() & (theirs != tidy[name][same])]
            where = curated_file(table) or table
            expected = [f"a row of {where} with {same} {tidy[name].at[i, same]}, not {theirs[i]}" for i in wrong]
            faults += [
                Fault(i, column, tidy[name].at[i, column], each) for i, each in zip(wrong, expected, strict=True)
            ]
    return faults


def _in_circles(name: str, tidy: Tidy) -> list[Fault]:
    """List rows that refer to themselves, at once or by way of other rows."""
    faults = []
    for column, spec in contracts()[name]["columns"].items():
        table, _, target = spec.get("refers", "").partition(".")
        if table == name and target != column:
            leads = tidy[name].dropna(subset=column).set_index(target)[column]
            steps = leads[~leads.index.duplicated()].to_dict()
            wrong = [i for i, start in tidy[name][target].items() if _returns(start, steps)]
            faults += [Fault(i, column, tidy[name].at[i, column], "a row that does not lead back here") for i in wrong]
    return faults


def _returns(start: str, steps: Mapping[str, str]) -> bool:
    at, seen = steps.get(start), set()
    while at is not None and at != start and at not in seen:
        seen.add(at)
        at = steps.get(at)
    return at == start


def _lost(name: str, tidy: Tidy) -> list[Fault]:
    """List references to rows that do not exist."""
    faults = []
    for column, spec in contracts()[name]["columns"].items():
        table, _, target = spec.get("refers", "").partition(".")
        if not table or table not in tidy or (table, target) == (name, column):
            continue
        values = tidy[name][column].dropna()
        lost = values[~values.isin(tidy[table][target])]
        faults += [Fault(i, column, value, f"one of {table}.{target}") for i, value in lost.items()]
    return faults


def _wrong_way(name: str, tidy: Tidy) -> list[Fault]:
    """List days before the day that they cannot be before, such as a window that ends before it starts."""
    faults = []
    for column, spec in contracts()[name]["columns"].items():
        if first := spec.get("not_before"):
            wrong = tidy[name][tidy[name][column] < tidy[name][first]]
            pairs = zip(wrong[column].items(), wrong[first], strict=True)
            faults += [Fault(i, column, day, f"{first} ({other:%Y-%m-%d}) or later") for (i, day), other in pairs]
    return faults


def _no_share(name: str, tidy: Tidy) -> list[Fault]:
    """List observations in per cent that cannot be: a column of counts in the place of a column of shares."""
    if name != "observations" or "indicators" not in tidy:
        return []
    units = tidy["indicators"].drop_duplicates("indicator").set_index("indicator")["unit"]
    shares = units.index[units.str.startswith("per cent")]
    values = tidy[name].loc[tidy[name]["indicator"].isin(shares), "value"].dropna()
    return [Fault(i, "value", value, "0 to 100, in per cent") for i, value in values[~values.between(0, 100)].items()]
