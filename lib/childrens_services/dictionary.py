"""Describe the tidy tables by their contracts: the data dictionary, and the Data Package."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from childrens_services.sources import read_curated
from childrens_services.tables import TYPES, contracts, words


def dictionary() -> str:
    """Return data/DICTIONARY.md: for each table its grain, key and columns; then periods, units and example joins."""
    page = (Path(__file__).parent / "dictionary.md").read_text(encoding="utf-8")
    template = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True).from_string(page)
    units = read_curated("units").to_dict("records")
    return template.render(tables=sorted(contracts().items()), units=units, words=words)


def data_package(sources: pd.DataFrame) -> str:
    """Return data/tidy/datapackage.json (Data Package standard), with the licences of the sources."""
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "childrens-services-compared",
        "title": "Children's services in England compared: tidy tables",
        "licenses": [{"name": licence} for licence in sorted(sources["licence"].unique()) if " " not in licence],
        "sources": [
            {"title": f"{row.publisher}: {row.title}", "version": row.published_edtf}
            for row in sources.query("raw_file != ''").itertuples()
        ],
        "resources": [_resource(name, contract) for name, contract in sorted(contracts().items())],
    }
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _resource(name: str, contract: Mapping[str, Any]) -> dict[str, Any]:
    fields = [_field(column, spec) for column, spec in contract["columns"].items()]
    refers = {column: spec["refers"].split(".") for column, spec in contract["columns"].items() if "refers" in spec}
    keys = [
        {"fields": column, "reference": {"resource": table, "fields": target}}
        for column, (table, target) in refers.items()
        if table != name
    ]
    table_schema = {"fields": fields, "primaryKey": contract["key"]} | ({"foreignKeys": keys} if keys else {})
    file = {"path": f"{name}.{contract['format']}", "format": contract["format"]}
    return {"name": name, "description": contract["grain"], **file, "schema": table_schema}


def _field(column: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    limits = {
        "required": not spec.get("optional") or None,
        **{"minimum": spec.get("min"), "maximum": spec.get("max")},
        **{"enum": words(spec) or None, "pattern": spec.get("pattern")},
    }
    field = {"name": column, "type": TYPES[spec["type"]]["package"], "description": spec["about"]}
    field |= {"unit": spec.get("unit"), "constraints": _given(limits) or None}
    return _given(field)


def _given(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {name: cell for name, cell in cells.items() if cell is not None}
