"""Describe a chart's CSV by the W3C's model for tabular data: CSVW, which the UK government recommends.

Goes in: the frame that is drawn and the chart's record. Comes out: `<id>.csv-metadata.json`. A column that a tidy table
has is described by its contract; one that the chart made for itself is described here, where its name says enough.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from childrens_services.sources import register
from childrens_services.tables import contracts

PUBLISHER = "Children's Services Compared"
# Columns that charts make: what is drawn where. Units stand in the title of the chart and in `unit` where one is known.
MADE = {
    "actual": "Day on which it happened; empty where it had not been seen.",
    "agency": "Agency social workers, full-time equivalents.",
    "amount_per_child": "Pounds per child aged 0 to 17.",
    "at_risk": "Grades that still stood on the day before.",
    "authorities": "Authorities counted.",
    "authority": "Authority.",
    "balance": "Strengths less weaknesses.",
    "censored": "Grades not followed beyond the day.",
    "claims": "Claims counted.",
    "coded": "Inspections and visits in which the theme was coded.",
    "column": "Place of the inspection in the chart, from the left.",
    "column_label": "Words above the column.",
    "colour": "Colour of the mark.",
    "count": "Number counted, the numerator.",
    "critical": "Inspections and visits with a weakness or recommendation in the theme.",
    "day": "Day that the row stands for.",
    "days": "Days since the grade was published.",
    "days_since_last": "Days since the first day of the inspection before.",
    "days_to_report": "Days from the first day of the inspection to publication.",
    "end_window": "Last day of the period drawn.",
    "ended": "Grades that ended on the day.",
    "exact_gbp": "Exact sum, pounds.",
    "first_year": "First year.",
    "headline_gbp": "Sum as stated, pounds.",
    "high": "Upper end of the interval at 95 per cent.",
    "judged": "Findings with a strength or a weakness.",
    "label": "Words beside the mark.",
    "last_year": "Last year.",
    "lasting": "Share of grades that last longer, by Kaplan and Meier.",
    "leavers": "Social workers who left, full-time equivalents.",
    "low": "Lower end of the interval at 95 per cent.",
    "mixed": "Findings that are both strength and weakness.",
    "name": "Authority, group or country.",
    "number": "Number counted.",
    "of": "Number counted from, the denominator.",
    "panel": "Panel of the chart.",
    "posts": "Social workers in post, full-time equivalents.",
    "published_values": "Authorities with a published value.",
    "rank_from_highest": "Place among authorities with a value; 1 is the highest value.",
    "recommendation": "Recommendations.",
    "row": "Row of the chart.",
    "share": "Share; 1 is all.",
    "slip_days": "Days outside the window expected.",
    "starters": "Social workers who started, full-time equivalents.",
    "strength": "Strengths.",
    "tied": "Authorities with the same value.",
    "times": "Times that the theme was coded.",
    "value": "Value drawn.",
    "verdict": "Verdict on the claim.",
    "weakness": "Weaknesses.",
    "withheld": "Values that the publisher withholds.",
    "year": "Year drawn.",
    "years": "Years from first to last.",
}  # fmt: skip


def describe_csv(data: pd.DataFrame, record: Mapping[str, Any], tables: Sequence[str] = ()) -> dict[str, Any]:
    """Give the CSVW metadata of a chart's CSV: what it is, licence, publisher, sources, and each column with its type.

    `tables` are the tidy tables behind the chart: where two tables have a column of one name, theirs describes it. For
    example `describe_csv(rows, record, ["observations"])["tableSchema"]["columns"][0]["titles"]`.
    """
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en-GB"}],
        "url": f"{record['id']}.csv",
        "dc:title": record["finding"],
        "dc:description": f"{record['subtitle']}. {record['description']}".strip(),
        "dc:license": record["licence"],
        "dc:publisher": PUBLISHER,
        "dc:source": [source_of(one) for one in record["sources"]],
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": ["\n"]},
        "tableSchema": {"columns": [_column(data[name], tables) for name in data.columns]},
    }


def source_of(source_id: str) -> str:
    """Name a source in a line: `source_of("ofsted_ods_2025")` starts with `Ofsted, `."""
    row = register().loc[source_id]
    return ", ".join(part for part in (row["publisher"], row["title"], row["published_edtf"]) if part)


def _column(values: pd.Series, tables: Sequence[str]) -> dict[str, Any]:
    name = str(values.name)
    spec = _contract(name, tables)
    about = spec.get("about") or MADE.get(name, "")
    column = {"name": name, "titles": _titles(name), "datatype": _datatype(values),
              "required": not (values.isna() | values.astype("str").eq("")).any()}  # fmt: skip
    column |= {"dc:description": about} if about else {}
    return column | ({"schema:unitText": spec["unit"]} if "unit" in spec else {})


def _titles(name: str) -> list[str]:
    """Give the heading as it stands in the file, by which a reader of CSVW knows the column, and then in words."""
    return list(dict.fromkeys([name, name.replace("_", " ").capitalize()]))


def _contract(name: str, tables: Sequence[str]) -> Mapping[str, Any]:
    """Give the contract of a column: in the chart's own tables first, then where all tables that have it agree.

    A suffix of ours, such as `_exact`, leads to the column that it was made of.
    """
    known = {table: contract["columns"] for table, contract in contracts().items()}
    own = [known[table][name] for table in tables if table in known and name in known[table]]
    found = own or ([] if name in MADE else [columns[name] for columns in known.values() if name in columns])
    if not found and name.endswith("_exact"):
        return _contract(name.removesuffix("_exact"), tables)
    agree = own or len({spec["about"] for spec in found}) == 1
    return found[0] if found and agree else {}


def _datatype(values: pd.Series) -> dict[str, str] | str:
    """Give the CSVW name of a column's type: days are days, never times."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return {"base": "date", "format": "yyyy-MM-dd"}
    if pd.api.types.is_bool_dtype(values):
        return {"base": "boolean", "format": "True|False"}
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(values) else "string"
