"""The two sides of a comparison: tables and edition as they were, and as they are now. Git is asked here only."""

import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from childrens_services import paths, tables
from childrens_services.periods import english_day

_WHICH = "give a day such as 2024-04-04, a commit, or the folder of an edition or a file in it"


@dataclass(frozen=True)
class Side:
    """One side: its `name` in words, its tables by name, and where they are at hand its curated files and its edition.

    Every cell is text. `is_day` says that the tables are those of today as known on a day; `commit` names one.
    """

    name: str
    tables: dict[str, pd.DataFrame]
    curated: dict[str, pd.DataFrame] | None = None
    edition: Path | None = None
    is_day: bool = False
    commit: str = ""


@contextmanager
def sides(since: str, edition: str) -> Iterator[tuple[Side, Side]]:
    """Give the old and the new side for `--since`; without it, the last commit that changed the tables or numbers.

    Raises ValueError for what is neither a day that has been, an edition nor a commit that this clone holds.
    """
    if (path := Path(since).expanduser()).exists() and since:
        yield _editions(path if path.is_dir() else path.parent)
    elif day := _day(since):
        yield Side(english_day(day), _known(day), is_day=True), Side("now", _known(None))
    else:
        with TemporaryDirectory() as folder:
            commit, day = _unpack(since, edition, Path(folder))
            old = _checkout(english_day(date.fromisoformat(day)), Path(folder), edition, commit)
            yield old, _checkout("now", paths.ROOT, edition)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with every cell as a tidy CSV spells it; a number with up to ten digits, nothing as ''."""
    lines = frame.to_csv(index=False, float_format="%.10g", date_format="%Y-%m-%d")
    return pd.read_csv(io.StringIO(lines), dtype="str", keep_default_na=False)


def _frames(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder by name; of one that is there twice, the CSV."""
    found = {path.stem: as_text(pd.read_parquet(path)) for path in folder.glob("*.parquet")}
    return found | {p.stem: pd.read_csv(p, dtype="str", keep_default_na=False) for p in folder.glob("*.csv")}


def _known(day: date | None) -> dict[str, pd.DataFrame]:
    return {name: as_text(tables.load(name, day or "")) for name in tables.contracts()}


def _checkout(name: str, root: Path, edition: str, commit: str = "") -> Side:
    held, made = [_frames(root / "data" / room) for room in ("tidy", "curated")], root / "reports" / edition
    return Side(name, *held, made if (made / "numbers.csv").is_file() else None, commit=commit)


def _day(since: str) -> date | None:
    try:
        day = date.fromisoformat(since)
    except ValueError:
        return None
    if day > date.today():
        raise ValueError(f"--since {since}: {english_day(day)} has not come yet; give a day that has been")
    return day


def _editions(folder: Path) -> tuple[Side, Side]:
    """Compare an edition with the one of the same name in reports/, each by the tables and numbers that it carries."""
    if not (folder / "numbers.csv").is_file():
        raise ValueError(f"--since {folder}: holds no numbers.csv, so it is no edition; {_WHICH}")
    manifest = folder / "manifest.json"
    asked = json.loads(manifest.read_text(encoding="utf-8"))["parameters"] if manifest.is_file() else {}
    now = paths.REPORTS / asked.get("edition", folder.name)
    if not (now / "numbers.csv").is_file():
        raise ValueError(f"reports/{now.name}: not found, so that there is nothing to compare with; make it first")
    named = ("that edition", folder), ("now", now)
    that, this = (Side(name, _frames(edition / "tables"), edition=edition) for name, edition in named)
    return that, this


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(paths.ROOT), *words], capture_output=True, text=True, check=True).stdout


def _last_commit(edition: str) -> str:
    """Return HEAD where tables, facts or edition differ from it, else the commit before the last to change them."""
    if _git("status", "--porcelain", "--", "data/tidy", "data/curated", f"reports/{edition}"):
        return "HEAD"
    last = _git("log", "-1", "--format=%H", "--", "data/tidy", f"reports/{edition}/numbers.csv")
    return f"{last.strip() or 'HEAD'}^"


def _unpack(commit: str, edition: str, folder: Path) -> tuple[str, str]:
    """Unpack the tables, curated files and editions of a commit; return its short hash and its day."""
    try:
        found = _git("log", "-1", "--format=%h %cs", "--end-of-options", commit or _last_commit(edition), "--")
        short, day = found.split()
        _git("archive", f"--output={folder / 'commit.tar'}", short, "data", "reports")
    except (OSError, subprocess.CalledProcessError, ValueError):
        raise ValueError(
            f"--since {commit or 'the last commit'}: no such day, edition or commit with tables in this clone; {_WHICH}"
            ", or fetch the history of a shallow clone by `git fetch --unshallow`"
        ) from None
    shutil.unpack_archive(folder / "commit.tar", folder, filter="data")
    return short, day
