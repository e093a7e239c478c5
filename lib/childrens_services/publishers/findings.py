"""Set what publishers have now beside what we hold: a finding a file, and nothing is changed here."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import python_calamine
from ofsted_reports import read_reports

from childrens_services import paths, sources, vocabulary
from childrens_services.normalise.releases import in_order
from childrens_services.normalise.reports import names_known
from childrens_services.periods import read_edtf
from childrens_services.publishers.offers import FETCHERS, Offer
from childrens_services.publishers.web import NotUnderstoodError, UnreachableError, Web, check_kind, fetch

CURRENT, NEWER, REVISED = "current", "newer", "revised"
UNREACHABLE, NOT_UNDERSTOOD = "unreachable", "not understood"
NOTHING_NEW, SOMETHING_NEW, PERSON_NEEDED = 0, 10, 20  # exit statuses
_FAULTS = (ValueError, LookupError, TypeError, AttributeError)  # what an answer of another shape makes of a fetcher


class Finding(NamedTuple):
    """What we hold of a source, what its publisher has now, how the two differ, and what a person should know."""

    source: str
    held: str = ""
    held_day: str = ""
    status: str = CURRENT
    offered: str = ""
    offered_day: str = ""
    address: str = ""
    taken: bool = False
    note: str = ""
    offer: Offer | None = None
    file: Path | None = None


def listed(names: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return the rows of publishers.csv for some sources, or for all; raises ValueError for a name or api not known."""
    rows = sources.read_curated("publishers").to_dict("records")
    for at, api in enumerate((row["api"] for row in rows), start=2):
        if api not in FETCHERS:
            known = ", ".join(FETCHERS)
            raise ValueError(f"data/curated/publishers.csv, row {at}: no such api {api!r}; expected one of {known}")
    known = list(dict.fromkeys(row["family"] for row in rows))
    if lost := [name for name in names if name not in known]:
        hint = vocabulary.did_you_mean(lost[0], known)
        raise ValueError(f"{lost[0]}: no such source{hint}; there are {', '.join(known)}")
    return [row for row in rows if not names or row["family"] in names]


def hosts(rows: Sequence[Mapping[str, str]]) -> set[str]:
    """Return the hosts from which the files of some sources may come."""
    return {host for row in rows for host in row["hosts"].split()}


def look(web: Web, rows: Sequence[Mapping[str, str]]) -> list[Finding]:
    """Return a finding for each file that the publishers of some sources have, or why they could not be asked."""
    return [finding for row in rows for finding in _look_at(web, row)]


def _look_at(web: Web, row: Mapping[str, str]) -> list[Finding]:
    blank = Finding(row["family"], address=row["address"])
    try:
        held = held_of(row["family"])
        blank = blank._replace(held=held["source_id"].iloc[-1], held_day=held["day"].iloc[-1])
        for source, file in zip(held["source_id"], held["raw_file"], strict=True):
            if (paths.raw_dir() / file).exists():  # one that is not here is for whoever rebuilds the tables to miss
                sources.raw_file(source)  # refuses one that somebody altered
        offers = list(FETCHERS[row["api"]](row, held, partial(fetch, web)))
    except _FAULTS as error:
        return [_fault(blank, error)]
    return [_compare(web, held, blank, offer) for offer in offers] or [blank]


def held_of(family: str) -> pd.DataFrame:
    """Return the rows of the register of a family, the first release first, each with the `day` it was known.

    Raises NotUnderstoodError where there is none.
    """
    rows = in_order(sources.read_curated("sources"), family)
    if rows.empty:
        raise NotUnderstoodError(f"data/curated/sources.csv: no file of family {family!r}; register one by hand")
    days = [read_edtf(text).latest.isoformat() for text in rows["published_edtf"]]
    return rows.assign(day=days)


def _fault(finding: Finding, error: Exception) -> Finding:
    status = UNREACHABLE if isinstance(error, UnreachableError) else NOT_UNDERSTOOD
    if isinstance(error, (UnreachableError, NotUnderstoodError, sources.RawFileError)):
        return finding._replace(status=status, note=str(error))
    words = f"{finding.address}: found another shape than is documented ({error!r}); look, then mend its fetcher"
    return finding._replace(status=status, note=words)


def _compare(web: Web, held: pd.DataFrame, blank: Finding, offer: Offer) -> Finding:
    """Fetch an offered file and set it beside all that we hold of its family, by bytes and then by cells."""
    finding = blank._replace(offered=offer.name, offered_day=offer.day, address=offer.address, offer=offer)
    try:
        file = fetch(web, offer.address)
        check_kind(file, offer.name)
        if _is_held(file, _cells(file, offer.name), held):
            return finding
        note = _doubts(file) if offer.name.endswith(".pdf") else ""
    except _FAULTS as error:
        return _fault(finding, error)
    revised = offer.page in set(held["url"]) or offer.day <= blank.held_day
    return finding._replace(status=REVISED if revised else NEWER, file=file, note=note)


def _is_held(file: Path, cells: Mapping[str, list], held: pd.DataFrame) -> bool:
    mine = [paths.raw_dir() / name for name in held["raw_file"]]
    inside = {sources.hash_of(each) for folder in mine if folder.is_dir() for each in folder.rglob("*.*")}
    if sources.hash_of(file) in inside | set(held["sha256"]):
        return True
    # A script makes the compiled workbook anew each night, with the minute in its bytes.
    books = (each for each in mine if cells and each.is_file() and each.suffix == ".xlsx")
    return any(_cells(each, each.name) == cells for each in books)


def _cells(path: Path, name: str) -> dict[str, list]:
    """Return the cells of a workbook by sheet; nothing of a file that is none by its name."""
    if not name.endswith((".ods", ".xlsx")):
        return {}
    try:
        with path.open("rb") as file:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            return {sheet: book.get_sheet_by_name(sheet).to_python() for sheet in book.sheet_names}
    except python_calamine.CalamineError as error:
        raise NotUnderstoodError(f"{name}: cannot be opened ({error}); look at its page") from None


def _doubts(file: Path) -> str:
    """Return what a person must read in a report of Ofsted's; only what two readers agree on enters the tables."""
    [report] = read_reports([file], names_known())
    if report.status == "unreadable":
        raise NotUnderstoodError(f"a report that cannot be read: {report.problem}")
    return report.problem


def exit_status(findings: Sequence[Finding]) -> int:
    """Return 20 where something is left for a person, else 10 where there is something new, else 0."""
    if any(finding.note for finding in findings):
        return PERSON_NEEDED
    return SOMETHING_NEW if {finding.status for finding in findings} & {NEWER, REVISED} else NOTHING_NEW


def as_text(findings: Sequence[Finding]) -> str:
    """Return the findings as a table for people, the notes below it."""
    heading = ("source", "what we hold", "published", "what there is", "published", "state")
    told = [(*each[:3], each.offered, each.offered_day, each.status + ", taken" * each.taken) for each in findings]
    widths = [max(map(len, column)) for column in zip(heading, *told, strict=True)]
    lines = ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in (heading, *told)]
    return "\n".join([*lines, *(f"{each.source}: {each.note}" for each in findings if each.note)])


def as_records(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Return the findings for machines, one dict a file, days as 2026-09-24."""
    told = [name for name in Finding._fields if name not in ("offer", "file")]
    return [{name: getattr(each, name) for name in told} for each in findings]
