"""Kill and stop whole runs at moments spread over them, and count what is torn, left behind or still alive.

Run by `make break`. Everything is in a temporary checkout of small notebooks; two editions take turns in one folder, so
that whatever stands there must be one of them, byte for byte. Moments are drawn from a seed. Prints a line a family:
tried, torn, left behind after the next start, alive after five seconds, ended in a traceback or with another status,
and the seconds that the slowest took to end.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import small_checkout
from childrens_services import moving, tables
from warm_kernels import fingerprints

sys.path.insert(0, str(Path(__file__).parent / "warm_kernels"))
from small import eventually, marked

NOTEBOOKS = {"01-what-is-in-prices": "prices", "02-what-is-in-themes": "themes"}
YEARS = ("2013", "2014")
EACH = ("--each-authority", "--workers", "2")
COLUMNS = ("tried", "torn", "left", "alive", "rude", "slowest")
ALIVE_SECONDS = 5
# What runs in the background of a script is born deaf to Ctrl-C, and so would be what it starts.
HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
CODE = f"{HEARING}from childrens_services import cli; cli.main(prog_name='childrens-services')"
STOPS = {
    "an interrupt from the keyboard": (signal.SIGINT, True, 1),
    "two interrupts to the parent alone": (signal.SIGINT, False, 2),
    "a request to end, to the parent alone": (signal.SIGTERM, False, 1),
    "a request to end, to all": (signal.SIGTERM, True, 1),
}


@contextmanager
def small_house() -> Iterator[Path]:
    """Yield a checkout with a folder for what is temporary, of a short name: sockets go there."""
    root = Path(tempfile.mkdtemp(prefix="b-", dir="/tmp"))
    try:
        small_checkout.write(root, NOTEBOOKS)
        (root / "tmp").mkdir()
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def begin(root: Path, year: str, *given: str) -> subprocess.Popen:
    """Begin to make one of the two editions."""
    names = ("authorities", "Leeds, Kent") if given else ("edition", "one")
    asked = ["--force", *given, "-p", *names, "-p", "first_year", year]
    how = small_checkout.command(root, *asked, code=CODE, TMPDIR=str(root / "tmp"), BROKEN_RUN=str(root))
    return subprocess.Popen(**how, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def state(root: Path) -> dict[str, str]:
    """Return the digest of every edition that is there, by its folder: they are what must be whole."""
    folders = [path for path in (root / "reports").iterdir() if not path.name.startswith(".")]
    return {path.name: fingerprints.of_values(fingerprints.of_files(path.rglob("*"), path)) for path in folders}


def left(root: Path) -> list[str]:
    """Return what lies about that no command needs."""
    found = [*(root / "tmp").iterdir(), *(root / "data").glob(".*"), *(root / "reports" / ".cache").glob("*.part")]
    found += [path for path in (root / "reports").glob(".*") if path.suffix not in (".lock", ".cache", "")]
    return sorted(path.name for path in found)


def is_alive(root: Path) -> bool:
    return not eventually(lambda: not marked(f"BROKEN_RUN={root}"), ALIVE_SECONDS)


def next_start(root: Path) -> None:
    """Let the next command begin, which sweeps."""
    how = small_checkout.command(root, "--why", code=CODE, TMPDIR=str(root / "tmp"))
    subprocess.run(**how, capture_output=True)


def whole_runs(root: Path, *given: str) -> tuple[dict[str, set[str]], float]:
    """Make both editions undisturbed; return the digests that each folder may have, and the seconds that one took."""
    good: dict[str, set[str]] = {}
    for year in YEARS:
        begun = time.monotonic()
        told = (run := begin(root, year, *given)).communicate()
        if run.returncode:
            sys.exit(f"an undisturbed run failed: {told}")
        for name, found in state(root).items():
            good.setdefault(name, set()).add(found)
    return good, time.monotonic() - begun


def disturb(run: subprocess.Popen, number: int, to_all: bool, times: int) -> None:
    for _ in range(times if run.poll() is None else 0):
        os.killpg(run.pid, number) if to_all else run.send_signal(number)


def broken_runs(root: Path, moments: list[float], how: tuple[int, bool, int], *given: str) -> Counter:
    """Disturb a run at each moment, from 0 at its start to 1 at its end, and count what came of it."""
    good, seconds = whole_runs(root, *given)
    counts: Counter = Counter(dict.fromkeys(COLUMNS, 0))
    for turn, moment in enumerate(moments):
        run = begin(root, YEARS[turn % 2], *given)
        try:
            told = run.communicate(timeout=moment * seconds)
        except subprocess.TimeoutExpired:
            disturb(run, *how)
            since = time.monotonic()
            counts["alive"] += is_alive(root)
            counts["slowest"] = max(counts["slowest"], round(time.monotonic() - since, 1))
            told = run.communicate()
        now = state(root)
        counts["torn"] += now.keys() != good.keys() or any(now[name] not in good[name] for name in now)
        # Before the command hears, the system ends it.
        rude = run.returncode not in (0, -how[0], 128 + how[0]) or "Traceback" in told[1]
        counts["rude"] += rude
        next_start(root)
        counts["left"] += bool(lying := left(root))
        counts["tried"] += 1
        if rude or lying:
            print(f"  at {moment:.2f}: status {run.returncode}, left {lying}, said {told[1][-400:]!r}", file=sys.stderr)
    return counts


def broken_tables(root: Path, moments: list[float]) -> Counter:
    """Kill a process that writes two versions of all tables in turn, and count mixtures after the next start."""
    counts: Counter = Counter(dict.fromkeys(COLUMNS, 0))
    folder = root / "data" / "tidy"
    whole = {name: tables.load(name) for name in tables.contracts()}
    versions = [({name: frame.head(rows) for name, frame in whole.items()}, str(rows)) for rows in (80, 40)]
    good, began = set(), time.monotonic()
    for version in versions:
        store(version, folder)
        good.add(digest(root))
    seconds = time.monotonic() - began
    for moment in moments:
        if (pid := os.fork()) == 0:
            while True:
                for version in versions:
                    store(version, folder)
        time.sleep(moment * seconds)  # not as proof: the moment is what is tried
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        moving.finish(folder.parent, folder.name)
        counts["tried"] += 1
        counts["torn"] += digest(root) not in good
        counts["left"] += bool(list(folder.parent.glob(".*")))
    return counts


def store(version: tuple[dict, str], folder: Path) -> None:
    frames, text = version
    tables.store(frames, folder, texts={"DICTIONARY.md": text})


def digest(root: Path) -> str:
    return fingerprints.of_values(fingerprints.of_files((root / "data").rglob("*"), root))


def spread(chance: random.Random, number: int) -> list[float]:
    """Return moments spread over a run, one drawn from each of as many equal parts, in no order."""
    moments = [(place + chance.random()) / number for place in range(number)]
    return chance.sample(moments, number)


def families(writes: int, kills: int, stops: int) -> list[tuple[str, int, tuple, tuple]]:
    """Return what is done to runs: name of the family, how often, how a run is disturbed, and with which options."""
    alone, many = stops // 6, (stops - 4 * (stops // 6)) // 2
    plan: list[tuple] = [("killed while tables are written", writes, (), ())]
    plan += [("a run killed", kills, (signal.SIGKILL, False, 1), ())]
    plan += [(family, alone, how, ()) for family, how in STOPS.items()]
    plan += [(f"many authorities, {family}", many, STOPS[family], EACH) for family in [*STOPS][:3:2]]
    return [each for each in plan if each[1]]


def main() -> int:
    """Break runs as often as asked, print a line a family, and return 1 where anything is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, help="kills of a run (100)")
    parser.add_argument("--tables", type=int, default=100, help="kills while tables are written (100)")
    parser.add_argument("--stops", type=int, default=60, help="signals (60)")
    parser.add_argument("--seed", type=int, default=15, help="from which the moments are drawn (15)")
    asked = parser.parse_args()
    chance, wrong = random.Random(asked.seed), 0
    print(f"{'family':60}" + "".join(f"{name:>9}" for name in COLUMNS))
    for family, number, how, given in families(asked.tables, asked.kills, asked.stops):
        with small_house() as root:
            moments = spread(chance, number)
            counts = broken_runs(root, moments, how, *given) if how else broken_tables(root, moments)
        wrong += sum(counts[name] for name in COLUMNS[1:-1])
        print(f"{family:60}" + "".join(f"{counts[name]:>9}" for name in COLUMNS), flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
