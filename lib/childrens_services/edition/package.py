"""Write `tables/`: the tidy tables that an edition stands on, as CSV and Parquet, with a data package that checks.

An extract as known on the edition's day: the rows of the areas that the edition is about, and whole tables where a row
has no place. No reference leads out of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from childrens_services import tables
from childrens_services.analysis import compare
from childrens_services.dictionary import data_package
from childrens_services.edition.headings import WORDS
from childrens_services.edition.parameters import Parameters
from childrens_services.sources import register

_PLACES = ("area_code", "la_code_ons")
_WHOLE = ("areas", "authorities", "spellings")  # every name, so that a reader can look up any code


def write_tables(folder: Path, parameters: Parameters) -> None:
    """Write `tables/<name>.csv`, `.parquet` and `tables/datapackage.json` into the folder of an edition.

    `write_tables(folder, Parameters())` holds Nottingham, Nottinghamshire, their statistical neighbours, the regions of
    all these and England. The same parameters and tidy tables give the same bytes.
    """
    place = folder / "tables"
    place.mkdir(parents=True, exist_ok=True)
    frames = extract(parameters)
    for name, frame in frames.items():
        frame.to_csv(place / f"{name}.csv", index=False, date_format="%Y-%m-%d", lineterminator="\n")
        frame.to_parquet(place / f"{name}.parquet", index=False, compression="zstd")
    text = json.dumps(package(frames, parameters, place), indent=2, ensure_ascii=False) + "\n"
    (place / "datapackage.json").write_text(text, encoding="utf-8", newline="\n")


def extract(parameters: Parameters) -> dict[str, pd.DataFrame]:
    """Return every tidy table by name, cut to the areas of an edition and to what was known on its day.

    A row whose reference leads to a row outside is left out. `sources` holds every source that a row names.
    """
    # A row can have been public before the file that it was read from: sources are not those of the day.
    days = {name: "" if name == "sources" else parameters.as_at for name in tables.contracts()}
    loaded = {name: tables.load(name, day) for name, day in days.items()}
    places = areas(parameters, loaded["authorities"], loaded["neighbours"])
    cut = {name: frame if name in _WHOLE else _in_places(frame, places) for name, frame in loaded.items()}
    kept = _without_lost_rows(cut)
    named = {one for name, frame in kept.items() if name != "sources" for one in _source_ids(frame)}
    return kept | {"sources": kept["sources"][kept["sources"]["source_id"].isin(named)].reset_index(drop=True)}


def areas(parameters: Parameters, authorities: pd.DataFrame, neighbours: pd.DataFrame) -> list[str]:
    """Return the ONS codes of the chosen authorities, those they are compared with, the regions of all, and England."""
    chosen = list(compare.choose(authorities, parameters.authorities)["la_code_ons"])
    groups = [compare.group(code, parameters.comparators, authorities, neighbours) for code in chosen]
    codes = dict.fromkeys([*chosen, *(code for group in groups if group for code in group.la_codes)])
    regions = authorities.set_index("la_code_ons")["region_code"].reindex(list(codes)).dropna()
    return [*codes, *sorted(set(regions)), tables.ENGLAND]


def _in_places(frame: pd.DataFrame, places: Sequence[str]) -> pd.DataFrame:
    column = next((column for column in _PLACES if column in frame), None)
    return frame[frame[column].isin(places)].reset_index(drop=True) if column else frame


def _without_lost_rows(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Leave out rows that refer to a row outside, again and again until none is left."""
    kept = {name: frame[~_is_lost(name, frames)].reset_index(drop=True) for name, frame in frames.items()}
    whole = all(len(kept[name]) == len(frames[name]) for name in kept)
    return kept if whole else _without_lost_rows(kept)


def _is_lost(name: str, frames: Mapping[str, pd.DataFrame]) -> pd.Series:
    frame = frames[name]
    lost = pd.Series(False, index=frame.index)
    for column, spec in tables.contracts()[name]["columns"].items():
        table, _, target = spec.get("refers", "").partition(".")
        if table:
            lost |= frame[column].notna() & ~frame[column].isin(frames[table][target])
    return lost


def _source_ids(frame: pd.DataFrame) -> set[str]:
    columns = [column for column in ("source_id", "other_source_id") if column in frame]
    return {one for column in columns for one in frame[column].dropna().unique()}


def package(frames: Mapping[str, pd.DataFrame], parameters: Parameters, place: Path) -> dict[str, Any]:
    """Describe the written files as a Data Package that says what was left out, with the digest of each."""
    used = register().loc[frames["sources"]["source_id"]]
    described = json.loads(data_package(used))
    day = f"as known on {parameters.as_at}" if parameters.as_at else "with everything published"
    names = {"authorities": ", ".join(parameters.authorities), "comparators": parameters.comparators, "day": day}
    words = {"$schema": described["$schema"], **{key: text.format(**names) for key, text in WORDS["extract"].items()}}
    rest = {key: value for key, value in described.items() if key not in words and value}
    return {**words, **rest, "resources": [_resource(one, frames[one["name"]], place) for one in rest["resources"]]}


def _resource(described: Mapping[str, Any], frame: pd.DataFrame, place: Path) -> dict[str, Any]:
    name = described["name"]
    content = (place / f"{name}.csv").read_bytes()
    kind = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    file = {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    return {**described, "path": f"{name}.csv", **kind, **file, "rows": len(frame), "parquet": f"{name}.parquet"}
