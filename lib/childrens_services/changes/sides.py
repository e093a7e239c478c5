"""The two sides of a comparison: the tables and the edition as they were, and as they are now.

Goes in: an edition's folder, a day, a commit, or nothing. Comes out: the old and the new `Side`. Git is asked
here only.
"""

import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from childrens_services import paths, tables
from childrens_services.periods import english_day

_WHICH = "give a day such as 2024-04-04, a commit, or the folder of an edition or a file in it"


class ChangesError(ValueError):
    """What was asked to be compared is not there; the message says what was looked for and what to do."""


@dataclass(frozen=True)
class Side:
    """One side: its `name` in words, and where its tables, its edition and its curated files lie; None for not held.

    `table` returns a table by name, every cell as text, or None where the side does not have it. `is_day` says that
    the tables are those of today as known on a day; `title` is the name with the commit.
    """

    name: str
    table: Callable[[str], pd.DataFrame | None]
    edition: Path | None = None
    curated: Path | None = None
    is_day: bool = False
    title: str = ""


@contextmanager
def sides(since: str, edition: str) -> Iterator[tuple[Side, Side]]:
    """Give the old and the new side for `--since`; without it, the last commit that changed the tables or numbers.

    Raises ChangesError for what is neither a day that has been, an edition nor a commit that this clone holds.
    """
    if (path := Path(since).expanduser()).exists() and since:
        yield _edition_sides(path if path.is_dir() else path.parent)
    elif day := _day(since):
        yield _of_day(day), Side("now", lambda name: as_text(tables.load(name)))
    else:
        with TemporaryDirectory() as folder:
            yield _of_commit(since or _last_commit(edition), edition, Path(folder)), _here(edition)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with every cell as a tidy CSV spells it; a number with up to ten digits, nothing as ''."""
    return pd.DataFrame({name: _cells(frame[name]) for name in frame}, index=frame.index, dtype="str")


def _cells(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    elif pd.api.types.is_float_dtype(column):
        column = column.map(lambda x: f"{x:.10g}", na_action="ignore")
    return column.astype("string").fillna("")


def in_folder(folder: Path) -> Callable[[str], pd.DataFrame | None]:
    """Return the function that reads a table of a folder as text: its CSV, else its Parquet."""

    def read(name: str) -> pd.DataFrame | None:
        if (path := folder / f"{name}.csv").is_file():
            return pd.read_csv(path, dtype="str", keep_default_na=False)
        path = folder / f"{name}.parquet"
        return as_text(pd.read_parquet(path)) if path.is_file() else None

    return read


def _day(since: str) -> date | None:
    try:
        day = date.fromisoformat(since)
    except ValueError:
        return None
    if day > date.today():
        raise ChangesError(f"--since {since}: {english_day(day)} has not come yet; give a day that has been")
    return day


def _of_day(day: date) -> Side:
    return Side(english_day(day), lambda name: as_text(tables.load(name, day)), is_day=True)


def _here(edition: str) -> Side:
    return Side("now", in_folder(paths.TIDY), _with_numbers(paths.REPORTS / edition), paths.CURATED)


def _with_numbers(edition: Path) -> Path | None:
    return edition if (edition / "numbers.csv").is_file() else None


def _edition_sides(folder: Path) -> tuple[Side, Side]:
    """Compare an edition with the one of the same name in reports/, each by the tables and numbers that it carries."""
    if not (folder / "numbers.csv").is_file():
        raise ChangesError(f"--since {folder}: holds no numbers.csv, so it is no edition; {_WHICH}")
    manifest = folder / "manifest.json"
    asked = json.loads(manifest.read_text(encoding="utf-8"))["parameters"] if manifest.is_file() else {}
    now = paths.REPORTS / asked.get("edition", folder.name)
    if not (now / "numbers.csv").is_file():
        raise ChangesError(f"reports/{now.name}: not found, so that there is nothing to compare with; make it first")
    return Side("that edition", in_folder(folder / "tables"), folder), Side("now", in_folder(now / "tables"), now)


def _git(*words: str) -> bytes | None:
    """Return what git says, None where it fails."""
    try:
        return subprocess.run(["git", "-C", str(paths.ROOT), *words], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def _last_commit(edition: str) -> str:
    """Return HEAD where tables, facts or edition differ from it, else the commit before the last to change them."""
    if _git("status", "--porcelain", "--", "data/tidy", "data/curated", f"reports/{edition}"):
        return "HEAD"
    what = ["--", "data/tidy", f"reports/{edition}/numbers.csv"]
    return f"{(_git('log', '-1', '--format=%H', *what) or b'').decode().strip() or 'HEAD'}^"


def _of_commit(commit: str, edition: str, folder: Path) -> Side:
    """Unpack what a commit held of tables, curated files and the edition."""
    found = _git("log", "-1", "--format=%h %cs", commit, "--")
    wanted = ["data/tidy", "data/curated", f"reports/{edition}"]
    listed = (_git("ls-tree", "-d", "--name-only", "--full-name", commit, *wanted) or b"").decode().split()
    archive = _git("archive", commit, *listed) if found and listed else None
    if not archive:
        raise ChangesError(
            f"--since {commit}: no such day, edition or commit with tables in this clone; {_WHICH}, or fetch the "
            "history of a shallow clone by `git fetch --unshallow`"
        )
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(folder, filter="data")
    short, day = found.decode().split()
    name = english_day(date.fromisoformat(day))
    places = _with_numbers(folder / "reports" / edition), folder / "data/curated"
    return Side(name, in_folder(folder / "data/tidy"), *places, title=f"{name} (commit {short})")
