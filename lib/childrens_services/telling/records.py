"""The record of a chart: how it travels in a notebook and in a file, and what the columns of its data are."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from childrens_services.tables import about, nearest

CHART_MIME = "application/vnd.childrens-services.chart+json"


def as_json(record: Mapping[str, Any]) -> bytes:
    """Return a record as its file has it: indented, letters as they are, a line end at the end."""
    return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()


def describe_columns(data: pd.DataFrame, tables: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return for each column its `name`, `description` and `unit`, in the order of the chart's CSV.

    `tables` are the tidy tables behind the chart, whose words come first where two tables have a column of one name;
    those of the table that the data resemble most come last. Empty text stands where nothing is known; for example
    `describe_columns(rows, ["observations"])[0]["description"]`.
    """
    last = [nearest(list(data))]
    known = {str(column): about(str(column), tables) or about(str(column), last) for column in data}
    return [
        {"name": column, "description": spec.get("about", ""), "unit": spec.get("unit", "")}
        for column, spec in known.items()
    ]
