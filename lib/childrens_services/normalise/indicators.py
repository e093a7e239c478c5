"""What happens to children and who does the work: official statistics as indicators and observations.

Goes in: files of Explore Education Statistics, as indicators.csv describes them, and the Local Authority Interactive
Tool (LAIT) with its own dictionary. No rate is computed here: every value is one that was published.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from childrens_services.normalise import reference
from childrens_services.normalise.refusals import refuse
from childrens_services.normalise.releases import LAYOUTS, Release
from childrens_services.ordering import first

_log = logging.getLogger(__name__)

_LAIT_DICTIONARY = "lait_data_dictionary.csv"
_LAIT = LAYOUTS["lait"]
LAIT_TOPICS, LAIT_FINANCE = _LAIT["topics"], _LAIT["finance"]
_KEY = ["area_code", "indicator", "period"]


def statistics(
    cells: pd.DataFrame,
    described: pd.DataFrame,
    known: Mapping[str, str],
    rules: pd.DataFrame,
    release: Release,
) -> pd.DataFrame:
    """Return the `observations` of one file of official statistics; `described` is its part of indicators.csv.

    A row for two authorities that make one return becomes a row for each, without the value: the figure is neither's
    own. Raises ValueError for a column or choice of rows that is not there, an unknown area or value, a key that stands
    twice.
    """
    file = release.path.name
    rows = _apart(cells, file)
    areas = reference.locate(rows["code"], known, file)
    rows = rows.assign(area_code=areas, period=rows["time_period"].astype("int64"))
    found = pd.concat([_observe(rows, row, rules, release) for row in described.to_dict("records")])
    words = "{file}, line {line}: {area_code} {indicator} {period} stands twice; expected one row an area and year"
    refuse(found[found.duplicated(_KEY)], words, file=file)
    return found.reset_index(drop=True)


def _apart(cells: pd.DataFrame, file: str) -> pd.DataFrame:
    codes = reference.printed_code(cells).str.split(" / ")
    is_joint = codes.str.len() > 1
    if is_joint.any():
        _log.info("%s: %d rows for two authorities together; their figures are left out", file, is_joint.sum())
    return cells.assign(code=codes, is_joint=is_joint).explode("code")


def _observe(rows: pd.DataFrame, described: dict[str, str], rules: pd.DataFrame, release: Release) -> pd.DataFrame:
    chosen, column, file = rows, described["column"], release.path.name
    for condition in filter(None, described["where"].split("; ")):
        name, wanted = condition.split("=")
        chosen = chosen[chosen[name] == wanted] if name in chosen else chosen.iloc[:0]
    if column not in chosen or chosen.empty:
        raise ValueError(
            f"{file}: {described['indicator']} not found: column {column!r}, rows where {described['where'] or 'any'}; "
            "the publisher may have renamed it: look, then mend indicators.csv"
        )
    read = reference.read_values(chosen[column], file)
    rule = reference.find_rule(rules, described["period_kind"], described["dataset"])
    return chosen[["area_code", "period"]].assign(
        indicator=described["indicator"],
        value=read["value"].mask(chosen["is_joint"]),
        status=read["status"].mask(chosen["is_joint"], "not_available"),
        published=reference.first_public(chosen["period"], rule, release.edition),
        source_id=release.source_id,
    )


def describe(described: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Return the `indicators` table; an indicator is public from its first observation on.

    Raises ValueError for a numerator or denominator that is no indicator, and for an indicator without observations.
    """
    ids = set(described["indicator"])
    parts = set(described[["numerator", "denominator"]].fillna("").to_numpy().ravel()) - {""}
    earliest = first(observations, "published", each="indicator").set_index("indicator")
    if lost := sorted((parts - ids) | (ids - set(earliest.index))):
        raise ValueError(f"indicators.csv: {', '.join(lost)}: named as a part but not described, or without any value")
    table = described.drop(columns=["column", "where"]).replace("", None)
    numbers = table[["decimals", "per"]].apply(pd.to_numeric)
    said = {name: table["indicator"].map(earliest[name]) for name in ("source_id", "published")}
    return table.assign(**numbers, **said).reset_index(drop=True)


def read_lait(path: Path) -> pd.DataFrame:
    """Read LAIT's long file: measure, printed year, DfE code, printed value; the index is the row, from 0."""
    try:
        return pd.read_parquet(path, columns=list(_LAIT["columns"])).rename(columns=_LAIT["columns"])
    except (OSError, ValueError, KeyError) as error:  # pyarrow's own errors are of these
        raise ValueError(f"{path.name}: cannot be read ({error}); expected LAIT's long file: get it again") from error


def read_dictionary(path: Path) -> pd.DataFrame:
    """Return LAIT's dictionary as text; raises ValueError naming the file for one that lacks a column."""
    return reference.read_cells(path, _LAIT["dictionary"])


def lait_rows(
    values: pd.DataFrame,
    dictionary: pd.DataFrame,
    topics: Sequence[str],
    known: Mapping[str, str],
    rules: pd.DataFrame,
    release: Release,
) -> pd.DataFrame:
    """Return LAIT's values for some topics: measure, topic, period, area_code, value, status, published, source_id.

    The period is the year in which it ends: 2025 for "2025" and for "2024-25 (OT)". Years that cannot be read are left
    out, and logged, when they hold no value at all. Raises ValueError for one that does, for a measure described twice,
    a row that stands twice, and an area or value that is not known.
    """
    wanted, file = _measures(dictionary, topics), release.path.name
    if not values["measure"].isin(wanted.index).any():
        raise ValueError(f"{file}: no value of {', '.join(topics)}, by lait_data_dictionary.csv; get both files again")
    rows = _in_years(values[values["measure"].isin(wanted.index)], file)
    words = "{file}, row {line}: measure {measure}, year {period}, area {code:.0f} stands twice; get the file again"
    refuse(rows[rows.duplicated(["measure", "period", "code"])], words, file=file)
    rows = rows.assign(topic=rows["measure"].map(wanted["Topic"]), kind=rows["measure"].map(wanted["Year_Type"]))
    read = reference.read_values(rows["text"], file, symbols=("-",))
    codes = rows["code"].astype("int64").astype(str)
    joint = codes.isin(_LAIT["joint_workforce"]) & (rows["topic"] == _LAIT["workforce"])
    days = [
        reference.first_public(group["period"], reference.find_rule(rules, kind, measure, topic), release.edition)
        for (measure, topic, kind), group in rows.groupby(["measure", "topic", "kind"])
    ]
    return rows[["measure", "topic", "period"]].assign(
        area_code=reference.locate(codes, {**known, **_LAIT["regions"]}, file),
        value=read["value"].mask(joint),
        status=read["status"].mask(joint, "not_available"),
        published=pd.concat(days),
        source_id=release.source_id,
    )


def _measures(dictionary: pd.DataFrame, topics: Sequence[str]) -> pd.DataFrame:
    """Return the dictionary's rows for some topics, indexed by measure, with our words for kinds of year."""
    wanted = dictionary[dictionary["Topic"].isin(topics)]
    kinds = wanted["Year_Type"].map(_LAIT["period_kinds"])
    twice = wanted["Measure_short"].duplicated()
    refuse(wanted[twice], f"{_LAIT_DICTIONARY}: {{Measure_short}}: described twice")
    refuse(wanted[kinds.isna()], f"{_LAIT_DICTIONARY}: {{Measure_short}}: unknown Year_Type {{Year_Type!r}}")
    return wanted.assign(Year_Type=kinds).set_index("Measure_short")


def _in_years(rows: pd.DataFrame, file: str) -> pd.DataFrame:
    """Add the period and leave out years that cannot be read and hold nothing (one measure has a year "0")."""
    period = rows["year"].map({text: _period(text) for text in rows["year"].unique()})
    empty = period.isna() & (rows["text"] == "-")
    words = "{file}, line {line}: year {year!r} of {measure} is not one such as 2025 or 2024-25, and there is a value "
    refuse(rows[period.isna() & ~empty], words + "({text}); look what it belongs to", file=file)
    if empty.any():
        _log.info("%s: %d rows of unreadable years left out; none holds a value", file, empty.sum())
    return rows[~empty].assign(period=period[~empty].astype("int64"))


def _period(text: str) -> int | None:
    match = re.fullmatch(r"(20\d\d)(?:-(\d\d))?(?: \(OT\))?", text)
    if not match or not match[2]:
        return int(match[1]) if match else None
    end = int(match[1]) + 1
    return end if end % 100 == int(match[2]) else None


def lait_observations(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the `observations` of LAIT from `lait_rows`; `CPPlans2yrsActive` is `lait_cpplans2yrsactive`."""
    indicator = rows["measure"].map({measure: lait_id(measure) for measure in rows["measure"].unique()})
    return rows.assign(indicator=indicator).drop(columns=["measure", "topic"]).reset_index(drop=True)


def lait_id(measure: str) -> str:
    """Return the id of a LAIT measure."""
    return "lait_" + re.sub(r"[^a-z0-9]+", "_", measure.lower().replace("%", " percent ")).strip("_")


def describe_lait(dictionary: pd.DataFrame, rows: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the `indicators` table for LAIT's measures in `rows`, in the words of the publisher's dictionary.

    Units are ours, by `units.csv`. Where the dictionary gives no decimals, they are those that nine values in ten need.
    Raises ValueError for two measures with one id, an unknown polarity and an unknown unit.
    """
    table = _measures(dictionary, rows["topic"].unique().tolist()).reset_index()
    by_measure = rows.groupby("measure")
    needed = by_measure["value"].agg(_decimals)
    title = table["Chart_title"].str.split().str.join(" ")
    frame = pd.DataFrame(
        {
            "indicator": table["Measure_short"].map(lait_id),
            "title": title,
            "topic": table["Topic"].str.capitalize(),
            "unit": _units(table, units),
            "direction": table["Polarity"].map(_LAIT["directions"]),
            "period_kind": table["Year_Type"],
            "decimals": pd.to_numeric(table["dps"].replace("NA", None)).fillna(table["Measure_short"].map(needed)),
            **dict.fromkeys(("numerator", "denominator", "per")),
            "definition": title,
            "dataset": "lait",
            "source_id": rows["source_id"].iloc[0],
            "published": table["Measure_short"].map(by_measure["published"].min()),
        }
    )
    wrong = frame[frame["indicator"].duplicated() | frame["direction"].isna()]
    refuse(wrong, f"{_LAIT_DICTIONARY}: {{indicator}}: id taken or Polarity unknown")
    return frame


def _units(table: pd.DataFrame, units: pd.DataFrame) -> pd.Series:
    """Return each measure's unit: by the measure where `units` names it, else by what LAIT prints beside the axis."""
    listed = units.assign(printed=units["printed"].str.split("; ")).explode("printed").query("printed != ''")
    twice = listed[listed.duplicated("printed")]
    refuse(twice, "data/curated/units.csv, row {unit}: {printed!r} stands beside another unit too; leave it beside one")
    ours = listed.set_index("printed")["unit"]
    found = table["Measure_short"].map(ours).fillna(table["y_axis_name"].map(ours))
    words = f"{_LAIT_DICTIONARY}: {{Measure_short}}: unknown unit {{y_axis_name!r}}; put it in the column `printed` of "
    refuse(table[found.isna()], words + "data/curated/units.csv, beside the unit that it means")
    return found


def _decimals(values: pd.Series) -> int:
    needed = [next(n for n in range(5) if round(value, n) == value) for value in values.dropna()]
    return sorted(needed)[int(0.9 * (len(needed) - 1))] if needed else 0
