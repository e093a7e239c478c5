"""Who the authorities are over time: codes, names, regions, predecessors, and every spelling that publishers use."""

from collections.abc import Iterable, Mapping

import pandas as pd

from childrens_services.normalise.refusals import refuse
from childrens_services.ordering import first, last
from childrens_services.sources import read_curated
from childrens_services.tables import ENGLAND
from childrens_services.vocabulary import did_you_mean

LONDON = "E12000007"
LONDON_PARTS = {"E13000001": "Inner London", "E13000002": "Outer London"}
# Who the authorities are is public from their first day. Those without one were there before the first event we hold,
# so a table "as known on" any day of the data still has its authorities.
BEFORE_THE_DATA = "2008-01-01"
OWN_CODING = "project_coding"  # the source of what was put together by hand from several files
_CURATED = ("publisher_spelling", "former_la_code_ons")


def build_authorities(listed: pd.DataFrame, changes: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Return the authorities, current and former, from a DfE file's rows (text) and the curated changes and codes.

    `listed` has the rows of every release, oldest first: the first that lists an authority is its source. A council
    that keeps its DfE number under a new ONS code (Buckinghamshire in 2020) is one authority, with its newest code,
    because both publishers carry its history on. Dorset got a new number in 2019, with Christchurch gone to another
    authority, so it is two. Raises ValueError for a DfE number of two authorities, and for a change or a code of none.
    """
    recoded, newest_source = code_changes(changes), listed["source_id"].iloc[-1]
    newest = _newest_rows(listed, recoded)
    for frame in (changes, codes):
        _refuse(set(frame["la_code_ons"]) - set(newest.index), f"not among the authorities of {newest_source}")
    table = _described(newest, changes, codes, listed)
    _refuse(set(" ".join(table["predecessors"]).split()) - set(table.index), "predecessors not in the table")
    sources = listed.assign(code=current_code(listed["new_la_code"], recoded)).drop_duplicates("code").set_index("code")
    table = table.assign(source_id=sources["source_id"], published=table["existed_from"].replace("", BEFORE_THE_DATA))
    return table.sort_index(kind="stable").reset_index()


def _newest_rows(listed: pd.DataFrame, recoded: Mapping[str, str]) -> pd.DataFrame:
    """Keep the newest row of each authority, indexed by its newest ONS code."""
    local = listed[listed["geographic_level"] == "Local authority"]
    local = local.assign(la_code_ons=current_code(local["new_la_code"], recoded))
    newest = last(local, "time_period", each="la_code_ons").set_index("la_code_ons")
    _refuse(newest.index[newest["old_la_code"].duplicated(keep=False)], "share a DfE number; add a row `recoded`")
    return newest


def _described(newest: pd.DataFrame, changes: pd.DataFrame, codes: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    regions = listed[listed["geographic_level"] == "Regional"].drop_duplicates("region_code").set_index("region_code")
    region_code = newest["region_code"].where(~newest["region_code"].isin(list(LONDON_PARTS)), LONDON)
    parts = (codes, *(changes[changes["change"] == word] for word in ("began", "ended")))
    known, began, ended = (rows.set_index("la_code_ons").reindex(newest.index).fillna("") for rows in parts)
    return pd.DataFrame(
        {
            "la_code_dfe": newest["old_la_code"],
            "urn_ofsted": known["urn_ofsted"],
            "name": known["name"].where(known["name"] != "", newest["la_name"]),
            "region_code": region_code,
            "region": region_code.map(regions["region_name"]),
            "existed_from": began["day"],
            "existed_to": ended["day"],
            "predecessors": began["codes"],
        }
    )


def _refuse(codes: Iterable[str], reason: str) -> None:
    if found := sorted(codes):
        raise ValueError(
            f"authorities {', '.join(found)}: {reason}; mend authority_changes.csv or authority_codes.csv in "
            "data/curated"
        )


def code_changes(changes: pd.DataFrame | None = None) -> dict[str, str]:
    """Return the newest ONS code for each that was replaced: `code_changes()["E10000002"]` is `E06000060`."""
    rows = read_curated("authority_changes") if changes is None else changes
    recoded = rows[rows["change"] == "recoded"]
    direct = dict(zip(recoded["codes"], recoded["la_code_ons"], strict=True))
    for _ in direct:  # a code can have been replaced more than once
        direct = {old: direct.get(new, new) for old, new in direct.items()}
    return direct


def known_codes(areas: pd.DataFrame, changes: Mapping[str, str]) -> dict[str, str]:
    """Return the code in use by every code that publishers print: ONS codes, those replaced, and numbers of the DfE.

    `areas` is the table, `changes` as by `code_changes`; 892, the DfE's number of Nottingham, leads to E06000018.
    """
    numbered = areas[areas["la_code_dfe"].fillna("") != ""]
    own = dict(zip(areas["area_code"], areas["area_code"], strict=True))
    numbers = dict(zip(numbered["la_code_dfe"], numbered["area_code"], strict=True))
    return own | numbers | {old: new for old, new in changes.items() if new in own}


def current_code(codes: pd.Series, changes: Mapping[str, str]) -> pd.Series:
    """Replace old ONS codes by the newest ones and leave all others as they are; `changes` as by `code_changes`."""
    return codes.map(lambda code: changes.get(code, code))


def full_crosswalk(authorities: pd.DataFrame, spellings: pd.DataFrame) -> pd.DataFrame:
    """Return one row a spelling, the names of the table before the curated ones: `spelling, la_code_ons, seen_in`.

    `seen_in` is empty for the table's own names. Raises ValueError for a curated row that repeats one or leads nowhere.
    """
    names = authorities[["name", "la_code_ons"]].set_axis(["spelling", "la_code_ons"], axis="columns")
    both = pd.concat([names.assign(seen_in=""), spellings], ignore_index=True)
    twice = both["spelling"].duplicated()
    lost = ~both["la_code_ons"].isin(authorities["la_code_ons"])
    words = "data/curated/authority_spellings.csv: {spelling!r} "
    refuse(both[twice], words + "stands twice, or is the table's own name; take the row out")
    refuse(both[lost], words + "leads to no authority; take the row out")
    return both


def resolve(spellings: pd.Series, crosswalk: pd.DataFrame, where: str) -> pd.Series:
    """Return the ONS code for each spelling, by exact name or curated spelling; only runs of spaces are made one.

    `where` names the file and column, the index of `spellings` the rows, both for the message. Raises
    ValueError with the nearest names for the first that is not known, for example "Nottingham Cty UA".
    """
    tidy = spellings.map(lambda text: " ".join(str(text).split()))
    codes = tidy.map(dict(zip(crosswalk["spelling"], crosswalk["la_code_ons"], strict=True)))
    if codes.isna().any():
        row = codes.index[codes.isna()][0]
        more = int(tidy[codes.isna()].nunique()) - 1
        raise ValueError(
            f"{where}, row {row}: unknown authority {tidy[row]!r}{f' (and {more} more)' if more else ''}"
            f"{did_you_mean(tidy[row], crosswalk['spelling'], 3)}; mend the cell, or add the spelling to "
            "data/curated/authority_spellings.csv"
        )
    return codes


def areas(authorities: pd.DataFrame) -> pd.DataFrame:
    """Return the `areas` table: the authorities, the nine regions, the two parts of London, and England.

    Inner and Outer London have a level of their own, so that a sum over regions counts London once.
    """
    columns = {"la_code_ons": "area_code", "region_code": "part_of_area_code"}
    own = authorities.rename(columns=columns).drop(columns=["urn_ofsted", "region", "predecessors"])
    regions = first(authorities, "region_code", each="region_code")[["region_code", "region"]].itertuples(index=False)
    others = pd.DataFrame(
        [(code, name, "region", ENGLAND) for code, name in regions]
        + [(code, name, "part_of_region", LONDON) for code, name in LONDON_PARTS.items()]
        + [(ENGLAND, "England", "country", "")],
        columns=["area_code", "name", "level", "part_of_area_code"],
    ).assign(source_id=authorities["source_id"].iloc[0], published=pd.Timestamp(BEFORE_THE_DATA))
    return pd.concat([own.assign(level="authority"), others], ignore_index=True)


def spellings(authorities: pd.DataFrame, crosswalk: pd.DataFrame, changes: Mapping[str, str]) -> pd.DataFrame:
    """Return the `spellings` table: every name and code by which an authority is found, one row each."""
    parts = [
        crosswalk.assign(kind=crosswalk["seen_in"].eq("").map({True: "name", False: "publisher_spelling"})),
        *(authorities.assign(spelling=authorities[code], kind=code) for code in ("la_code_dfe", "la_code_ons")),
        pd.DataFrame({"spelling": changes.keys(), "la_code_ons": changes.values(), "kind": "former_la_code_ons"}),
    ]
    every = pd.concat([part[["spelling", "la_code_ons", "kind"]] for part in parts], ignore_index=True)
    known = authorities[["la_code_ons", "source_id", "published", "existed_to"]]
    every = every.merge(known, on="la_code_ons", validate="m:1")
    told = every["spelling"].str.contains(" (to ", regex=False)  # a name that tells the end is known from then on
    every = every.assign(published=every["published"].mask(told, every["existed_to"])).drop(columns="existed_to")
    return every.assign(source_id=every["source_id"].mask(every["kind"].isin(_CURATED), OWN_CODING))
