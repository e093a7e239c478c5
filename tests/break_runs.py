"""Kill and stop commands at moments spread over them, and see what is torn, left behind or still alive: `make break`.

Everything is in temporary checkouts of small notebooks, two side by side. Two editions, and two versions of all tables,
take turns in one place, so that whatever stands there must be one of them, byte for byte. Moments are drawn from a
seed. `make data` reads a few reports where RAW_DIR has them, and stores tables that differ in every file.
"""

import argparse
import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain, cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import small_checkout
from breaking import ALIVE, LEFT, RUDE, RUNS, TORN, WHOLE, Result, report
from childrens_services import moving, paths, tables
from warm_kernels import fingerprints

sys.path.insert(0, str(Path(__file__).parent / "warm_kernels"))
from small import eventually

NOTEBOOKS = {"01-what-is-in-prices": "prices", "02-what-is-in-themes": "themes"}
VERSIONS = ("2013", "2014")
ALIVE_SECONDS = 5
FAMILIES = Path(__file__).parent / "data" / "broken_runs.csv"
# What runs in the background of a script is born deaf to Ctrl-C, and so would be what it starts.
HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
CODE = f"{HEARING}from childrens_services import cli; cli.main({{}}, prog_name='childrens-services')"
CLUSTER = """
from distributed import LocalCluster
with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
    print(cluster.scheduler_address, flush=True)
    input()
"""
# In place of the long steps of `make data`: a few reports are read, and tables have as many rows as the version says.
SHORT_BUILD = """


def build_all(say):
    import os
    from childrens_services.analysis import claims

    claims.check_tests = lambda frames: None
    read_reports(sorted(paths.raw_dir().glob("ofsted_reports/*/*.pdf"))[:6])
    mine, paths.TIDY = paths.TIDY, type(paths.TIDY)({tidy!r})
    frames = {{name: tables.load(name).head(int(os.environ["VERSION"]) % 100) for name in tables.contracts()}}
    paths.TIDY = mine
    return frames
"""


class Family(NamedTuple):
    """What is done at some moments, from 0 at the start of a command to 1 at its end: which command, how disturbed."""

    name: str
    command: str
    number: signal.Signals
    to_all: bool
    times: int
    moments: list[float]


@contextmanager
def small_house() -> Iterator[Path]:
    """Yield a checkout with a folder for what is temporary, of a short name: sockets go there."""
    root = Path(tempfile.mkdtemp(prefix="b-", dir="/tmp"))
    try:
        small_checkout.write(root, NOTEBOOKS)
        with (root / "lib/childrens_services/normalise/build.py").open("a", encoding="utf-8") as module:
            module.write(SHORT_BUILD.format(tidy=str(paths.TIDY)))
        (root / "tmp").mkdir()
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def workers(root: Path, command: str) -> Iterator[tuple[str, ...]]:
    """Yield the options by which a report is made by two workers; a cluster of dask has its own in the checkout."""
    if command != "dask":
        yield ("--workers", "2")
        return
    how = small_checkout.command(root, code=CLUSTER, TMPDIR=tempfile.mkdtemp(dir=root))
    with subprocess.Popen(**how, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as cluster:
        yield ("--scheduler", cluster.stdout.readline().strip())
        cluster.communicate("\n")


def begin(root: Path, command: str, version: str, given: tuple[str, ...]) -> subprocess.Popen:
    """Begin to make one of the two editions, or of the two versions of all tables."""
    names = ("--each-authority", "-p", "authorities", "Leeds, Kent") if command == "each" else ("-p", "edition", "one")
    asked = ["report", "--force", *given, *names, "-p", "first_year", version]
    code = CODE.format(["data", "--fewer"] if command == "data" else asked)
    how = small_checkout.command(root, code=code, TMPDIR=str(root / "tmp"), VERSION=version)
    return subprocess.Popen(**how, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def state(root: Path) -> dict[str, str]:
    """Return the digests of all tables and of every edition, by folder: they are what must be whole."""
    folders = [path for path in (root / "data", *(root / "reports").iterdir()) if not path.name.startswith(".")]
    return {path.name: fingerprints.of_values(fingerprints.of_files(path.rglob("*"), path)) for path in folders}


def left(root: Path) -> list[str]:
    """Return what lies about that no command needs."""
    found = [*(root / "tmp").iterdir(), *(root / "data").glob(".*"), *(root / "reports" / ".cache").glob("*.part")]
    found += [path for path in (root / "reports").glob(".*") if path.suffix not in (".lock", ".cache", "")]
    return sorted(path.name for path in found)


def living(root: Path) -> list[int]:
    """Return the processes that work in a checkout: all those that its commands start do."""
    found = []
    for path in (path for path in Path("/proc").iterdir() if path.name.isdigit()):
        try:
            found += [int(path.name)] * (path / "cwd").readlink().is_relative_to(root)
        except OSError:  # it has ended, or is another user's
            continue
    return found


def next_start(root: Path) -> None:
    """Let the next command begin, which sweeps; it then refuses its options, and has cost little."""
    how = small_checkout.command(root, code=CODE.format(["report", "--why", "--each-authority"]))
    subprocess.run(**how, capture_output=True)


def whole_runs(root: Path, begun: Iterable[subprocess.Popen]) -> tuple[dict[str, set[str]], float]:
    """Let two runs end undisturbed; return the digests that each folder may have, and the seconds that one took."""
    good: dict[str, set[str]] = {}
    for run in begun:
        since, told = time.monotonic(), run.communicate()
        if run.returncode:
            sys.exit(f"an undisturbed run failed: {told}")
        for name, found in state(root).items():
            good.setdefault(name, set()).add(found)
    return good, time.monotonic() - since


def disturbed(begun: Iterable[subprocess.Popen], after: float, family: Family) -> subprocess.Popen:
    """Begin a run and disturb it after so many seconds; one that has ended by then is begun again, and met earlier."""
    for run in begun:
        try:
            run.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            for _ in range(family.times if run.poll() is None else 0):
                os.killpg(run.pid, family.number) if family.to_all else run.send_signal(family.number)
            return run
        after *= 0.9


def broken_runs(family: Family) -> list[Result]:
    """Disturb a command at each moment, and say what came of it."""
    with small_house() as root, workers(root, family.command) as given:
        begun = (begin(root, family.command, version, given) for version in cycle(VERSIONS))
        good, seconds = whole_runs(root, islice(begun, 2))
        others = len(living(root))  # of the cluster
        found = []
        for moment in family.moments:
            run = disturbed(begun, moment * seconds, family)
            is_alive = not eventually(lambda: len(living(root)) <= others, ALIVE_SECONDS)
            said = run.communicate()[1]
            next_start(root)
            now = state(root)
            faults = {
                TORN: now.keys() != good.keys() or any(now[name] not in good[name] for name in now),
                ALIVE: is_alive,
                # Before the command hears, the system ends it.
                RUDE: run.returncode not in (0, -family.number, 128 + family.number) or "Traceback" in said,
                LEFT: (lying := left(root)),
            }
            outcome = next((name for name, is_so in faults.items() if is_so), WHOLE)
            words = f"status {run.returncode}, left {lying}, said {said[-400:]!r}"
            found.append(Result(family.name, f"at {moment:.2f}", outcome, words))
    return found


def broken_tables(family: Family) -> list[Result]:
    """Kill a process that writes two versions of all tables in turn, and look for mixtures after the next start."""
    with small_house() as root:
        folder, found = root / "data" / "tidy", []
        whole = {name: tables.load(name) for name in tables.contracts()}
        versions = [({name: frame.head(rows) for name, frame in whole.items()}, str(rows)) for rows in (80, 40)]
        good, began = set(), time.monotonic()
        for version in versions:
            store(version, folder)
            good.add(state(root)["data"])
        seconds = time.monotonic() - began
        for moment in family.moments:
            if (pid := os.fork()) == 0:
                while True:
                    for version in versions:
                        store(version, folder)
            time.sleep(moment * seconds)  # not as proof: the moment is what is tried
            os.kill(pid, family.number)
            os.waitpid(pid, 0)
            moving.finish(folder.parent, folder.name)
            is_torn = state(root)["data"] not in good
            outcome = TORN if is_torn else LEFT if left(root) else WHOLE
            found.append(Result(family.name, f"at {moment:.2f}", outcome, f"left {left(root)}"))
    return found


def store(version: tuple[dict, str], folder: Path) -> None:
    frames, text = version
    tables.store(frames, folder, texts={"DICTIONARY.md": text})


def spread(chance: random.Random, number: int) -> list[float]:
    """Return moments spread over a run, one drawn from each of as many equal parts, in no order."""
    moments = [(place + chance.random()) / number for place in range(number)]
    return chance.sample(moments, number)


def families(kills: int, stops: int, chance: random.Random) -> list[Family]:
    """Return what is done so many times in all, by its share in `data/broken_runs.csv`, and at least once."""
    with FAMILIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        number = signal.Signals[row["signal"]]
        moments = spread(chance, max(1, round(float(row["of"]) * (kills if number == signal.SIGKILL else stops))))
        found.append(Family(row["family"], row["command"], number, row["to"] == "all", int(row["times"]), moments))
    return found


def broken(family: Family) -> list[Result]:
    return broken_tables(family) if family.command == "tables" else broken_runs(family)


def main() -> int:
    """Break commands as often as asked, print a line a family, and return 1 where anything is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="kills (200)")
    parser.add_argument("--stops", type=int, default=60, help="signals (60)")
    parser.add_argument("--seed", type=int, default=15, help="from which the moments are drawn (15)")
    parser.add_argument("words", nargs="*", help="only families that hold one of these words")
    asked = parser.parse_args()
    plan = families(asked.kills, asked.stops, random.Random(asked.seed))
    plan = [family for family in plan if not asked.words or any(word in family.name for word in asked.words)]
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        return report(chain.from_iterable(pool.map(broken, plan)), RUNS)


if __name__ == "__main__":
    sys.exit(main())
