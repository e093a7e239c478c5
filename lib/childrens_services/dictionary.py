"""Describe the tidy tables by their contracts: the data dictionary, and the Data Package.

Goes in: `contracts.toml`, the curated units and `dictionary_notes.md`. Comes out: text that `make data` writes, and
that an edition carries with its tables.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from childrens_services.sources import read_curated
from childrens_services.tables import TYPES, contracts, words


def dictionary() -> str:
    """Return data/DICTIONARY.md: for each table its grain, key and columns; then periods, units and example joins."""
    parts = ["# Data dictionary\n\nMade from the contracts by `make data`; edit `contracts.toml`, not this file.\n"]
    for name, contract in sorted(contracts().items()):
        parts.append(
            f"\n## {name}\n\n{contract['grain']} Key: {', '.join(f'`{k}`' for k in contract['key'])}. "
            f"File: `tidy/{name}.{contract['format']}`.\n\n| Column | Type | Unit | What it is |\n|---|---|---|---|\n"
        )
        parts += [_dictionary_row(column, spec) for column, spec in contract["columns"].items()]
    notes = (Path(__file__).parent / "dictionary_notes.md").read_text(encoding="utf-8")
    return "".join([*parts, _units(), "\n", notes])


def _units() -> str:
    rows = "".join(f"| {row.unit} | {row.about} |\n" for row in read_curated("units").itertuples())
    return f"\n## Units of indicators\n\n| Unit | What it is |\n|---|---|\n{rows}"


def _dictionary_row(column: str, spec: Mapping[str, Any]) -> str:
    about = spec["about"] + (" May be empty." if spec.get("optional") else "")
    if "refers" in spec:
        about += f" Refers to `{spec['refers']}`."
    if allowed := words(spec):
        meaning = spec["words"] if isinstance(spec["words"], dict) else {}
        about += " One of: " + ", ".join(f"`{w}`" + (f" ({meaning[w]})" if w in meaning else "") for w in allowed) + "."
    return f"| `{column}` | {spec['type'].replace('_', ' ')} | {spec.get('unit', '')} | {about} |\n"


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
    fields = [_field(column, spec, contract["key"]) for column, spec in contract["columns"].items()]
    keys = [
        {"fields": column, "reference": {"resource": table, "fields": target}}
        for column, spec in contract["columns"].items()
        for table, _, target in [spec.get("refers", "").partition(".")]
        if table and table != name
    ]
    table_schema = {"fields": fields, "primaryKey": contract["key"]} | ({"foreignKeys": keys} if keys else {})
    file = {"path": f"{name}.{contract['format']}", "format": contract["format"]}
    return {"name": name, "description": contract["grain"], **file, "schema": table_schema}


def _field(column: str, spec: Mapping[str, Any], key: list[str]) -> dict[str, Any]:
    limits = {"required": True} if not spec.get("optional") else {}
    limits |= {"minimum": spec["min"]} if "min" in spec else {}
    limits |= {"maximum": spec["max"]} if "max" in spec else {}
    limits |= {"enum": allowed} if (allowed := words(spec)) else {}
    limits |= {"pattern": spec["pattern"]} if "pattern" in spec else {}
    field = {"name": column, "type": TYPES[spec["type"]]["package"], "description": spec["about"]}
    return field | ({"unit": spec["unit"]} if "unit" in spec else {}) | ({"constraints": limits} if limits else {})
