"""Releases as data: which registered files make a series, how each is laid out, and which of them said a row first."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from childrens_services.normalise.refusals import refuse

LAYOUTS = tomllib.loads((Path(__file__).parents[1] / "layouts.toml").read_text(encoding="utf-8"))
_FILE = "data/curated/sources.csv"
_CREDIT = ("source_id", "published", "edition")  # what tells who said a row and when, and nothing of what it says


class Release(NamedTuple):
    """One file of a family: its source, its layout, the day it came out and its path."""

    source_id: str
    layout: str
    edition: date
    path: Path


def check_releases(sources: pd.DataFrame, layouts: Mapping[str, Collection[str]]) -> None:
    """Refuse a registered file in no layout that can be read, and families whose releases are not in order."""
    at, filed, known = f"{_FILE}, row {{source_id}}: ", sources[sources["raw_file"] != ""], ", ".join(sorted(layouts))
    bare = sources[sources["raw_file"].eq("") & sources["family"].ne("")]
    refuse(bare, at + "family {family!r} without a raw_file; name the file, or empty the cell")
    words = at + "no reader for {raw_file}: family is {family!r}, expected one of {known}; mend the cell, or the "
    refuse(filed[~filed["family"].isin(layouts)], words + "datasets in indicators.csv", known=known)
    rows = filed.assign(known=filed["family"].map(lambda name: ", ".join(one or "none" for one in layouts[name])))
    is_known = [layout in layouts[name] for name, layout in zip(filed["family"], filed["layout"], strict=True)]
    unknown = rows[~pd.Series(is_known, rows.index)]
    refuse(unknown, at + "no reader for {raw_file}: layout is {layout!r}, expected {known}")
    numbered = filed["release"].str.fullmatch("[0-9]+")
    refuse(filed[~numbered], at + "release is {release!r}, expected its number in {family}, 1 for the first")
    if lost := sorted(set(layouts) - set(filed["family"])):
        raise ValueError(
            f"{_FILE}: no file of family {lost[0]!r}, expected at least one; restore its row from git, or mend the "
            "dataset in indicators.csv"
        )
    ordered = filed.assign(release=filed["release"].astype("int64")).sort_values(["family", "release", "source_id"])
    earlier = ordered.groupby("family")["published"].diff() < pd.Timedelta(0)
    words = at + "its release number in {family} is taken, or an earlier number came out later; number the releases of "
    refuse(ordered[ordered.duplicated(["family", "release"]) | earlier], words + "a family from 1 by their day")


def in_order(sources: pd.DataFrame, family: str) -> pd.DataFrame:
    """Return the registered files of a family, the first release first."""
    rows = sources[(sources["family"] == family) & (sources["raw_file"] != "")]
    return rows.sort_values("release", key=lambda numbers: numbers.astype("int64"), kind="stable")


def credit_first(releases: Sequence[pd.DataFrame], key: Sequence[str]) -> pd.DataFrame:
    """Return what the newest release says of each key, credited to the first release that said the same.

    `releases` are frames with the same columns, oldest first. A row that only an older one has stays.
    """
    if len(releases) == 1:
        return releases[0]
    whole = pd.concat(releases, ignore_index=True)
    said = [column for column in whole if column not in _CREDIT]
    kept = whole.drop_duplicates(list(key), keep="last")[said]
    return kept.merge(whole.drop_duplicates(said), on=said, how="left", validate="1:1")[list(whole.columns)]


def credit_places(kept: pd.DataFrame, told: Sequence[pd.DataFrame], key: list[str], cells: list[str]) -> pd.DataFrame:
    """Return rows with the source and locator of the first release that says all of their `cells` in one place.

    `told` holds what each sheet says of them, the newest release first and the fullest of its sheets first.
    """
    rows = kept.set_index(key)
    mine, place = rows[cells].astype("object").replace("", None), ["source_id", "locator"]
    for sheet in told:
        theirs = sheet.set_index(key).reindex(rows.index)
        is_said = (mine.isna() | (mine == theirs[cells])).all(axis="columns")
        is_older = is_said & (theirs["source_id"] != rows["source_id"])  # of the sheets of one release the first stays
        rows.loc[is_older, place] = theirs.loc[is_older, place]
    return rows.reset_index()[list(kept.columns)]
