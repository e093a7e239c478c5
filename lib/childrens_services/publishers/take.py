"""Take what is newer or revised: the file, its row of the register and the tables, or nothing.

A release is a row more in the register, also a revised one: the old one stays, so that `as_at` still knows it.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path, PurePosixPath

from childrens_services import paths, sources
from childrens_services.publishers.findings import NEWER, NOT_UNDERSTOOD, REVISED, Finding, held_of


def take(findings: Sequence[Finding], rebuild: Callable[[], None], today: date) -> list[Finding]:
    """Return the findings after all that is newer or revised has been taken, or, of what cannot be, why not.

    All of it together first; where `rebuild` raises ValueError, one after another, so that one release that no reader
    understands keeps no other out. A revision that bears no later day counts as known from `today` on.
    """
    new = [each for each in findings if each.status in (NEWER, REVISED)]
    faults = dict.fromkeys(new, _try(new, rebuild, today) if new else "")
    if len(new) > 1 and any(faults.values()):
        faults = {each: _try([each], rebuild, today) for each in new}
    taken = {
        each: each._replace(status=NOT_UNDERSTOOD, note=fault) if fault else each._replace(taken=True)
        for each, fault in faults.items()
    }
    return [taken.get(each, each) for each in findings]


def _try(new: Sequence[Finding], rebuild: Callable[[], None], today: date) -> str:
    """Take some findings together; return what stood against it, with everything as it was, or nothing."""
    try:
        with _all_or_nothing() as placed:
            for finding in new:
                _place(finding, placed, today)
            sources.forget()
            rebuild()
    except ValueError as error:
        return str(error)
    return ""


@contextmanager
def _all_or_nothing() -> Iterator[list[Path]]:
    """Put back the register and the tables, and take away the files listed, where anything fails or is interrupted."""
    register, dictionary = paths.CURATED / "sources.csv", paths.TIDY.parent / "DICTIONARY.md"
    noted = paths.TIDY.parent.glob("digests.json")
    before = {path: path.read_bytes() for path in (register, dictionary, *noted, *paths.TIDY.iterdir())}
    placed: list[Path] = []
    try:
        yield placed
    except BaseException:
        for path in (*placed, *paths.TIDY.iterdir()):
            if path not in before:
                path.unlink(missing_ok=True)
        for path, content in before.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
        sources.forget()
        raise


def _place(finding: Finding, placed: list[Path], today: date) -> None:
    """Put a file beside the others of its family, under a name that is free, and enter it in the register."""
    held, offer = held_of(finding.source), finding.offer
    # Licence and layout are those of the last row of its own page, else of the newest page: a yearly page has its year
    # in its address, so that a late revision of an old year does not count as newest.
    like = held[held["url"] == offer.page] if offer.page in set(held["url"]) else held.sort_values("url", kind="stable")
    before, newest = like.iloc[-1].drop("day").to_dict(), held["day"].max()
    known = offer.day if offer.day > newest else today.isoformat()
    beside = paths.raw_dir() / before["raw_file"]
    path = _free(beside / offer.name if beside.is_dir() else beside.with_name(PurePosixPath(offer.name).name), known)
    placed.append(path)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(finding.file.read_bytes())
    if beside.is_dir():
        return _write_row(before | {"published_edtf": max(offer.day, newest), "sha256": sources.hash_of(beside)})
    number = str(held["release"].astype("int64").max() + 1)
    told = {"title": " ".join(offer.title.split()) or before["title"], "url": offer.page, "notes": "taken by refresh"}
    file = {"raw_file": path.relative_to(paths.raw_dir()).as_posix(), "sha256": sources.hash_of(path)}
    row = {"source_id": f"{finding.source}_{number}", "release": number, "published_edtf": known}
    _write_row(before | told | file | row)


def _free(path: Path, day: str) -> Path:
    """Return a path at which nothing is: publishers give a file last year's name, and revise under the same one."""
    names = (f"{path.stem}{end}" for end in ("", f"_{day}", *(f"_{day}_{number}" for number in range(2, 100))))
    return next(each for each in map(path.with_stem, names) if not each.exists())


def _write_row(row: Mapping[str, str]) -> None:
    """Write one row of the register, in place of the one with its id, or last; every other line stays as it is."""
    path, text = paths.CURATED / "sources.csv", io.StringIO()
    heading, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    csv.DictWriter(text, heading.split(","), lineterminator="").writerow(row)
    at = next((n for n, line in enumerate(lines) if line.startswith(f"{row['source_id']},")), len(lines))
    lines[at : at + 1] = [text.getvalue()]
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8", newline="\n")
