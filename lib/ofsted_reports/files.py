"""Read report files that nobody vouches for, each by two readers, in worker processes with limits.

A worker has none of our environment and answers in JSON; a file that ends its worker ends nothing else.
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import repeat
from pathlib import Path
from threading import Timer

from ofsted_reports.text import Found, Passage, Reading

LONGEST_ANSWER = 2_000_000  # bytes; a reading has some thousands
WAIT = 10  # seconds beyond a file's own, which count work and not waiting
WORKERS = min(os.cpu_count() or 1, 4)


@dataclass(frozen=True)
class Limits:
    """What one file may cost: bytes on disk, pages, seconds of work, and bytes of memory of its worker.

    A worker is replaced after `files` files, so that what the readers keep does not add up. Up to so many letters of
    `passages` are given out, which is none unless asked for.
    """

    bytes: int = 50_000_000
    pages: int = 300
    seconds: int = 15
    memory: int = 1_000_000_000
    files: int = 100
    passages: int = 0


LIMITS = Limits()


@dataclass(frozen=True)
class Readings:
    """What two readers say about one file; `problem` is why it cannot be read, `damage` why it cannot be trusted."""

    file: str
    problem: str = ""
    damage: str = ""
    first: Reading = field(default_factory=dict)
    second: Reading = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()

    @property
    def both(self) -> tuple[Reading, Reading]:
        """Return the first and the second reading."""
        return self.first, self.second

    @property
    def read(self) -> Reading:
        """Return what either reader read."""
        return self.first | self.second

    def values(self, field: str) -> list[str]:
        """Return the values of a field, of one reader or both."""
        return [reading[field].value for reading in self.both if field in reading]

    @property
    def agreed(self) -> dict[str, str]:
        """Return the values that both readers read, by field."""
        both = {field: self.values(field) for field in self.read}
        return {field: values[0] for field, values in both.items() if len(values) == 2 and len({*values}) == 1}


def list_files(names: Iterable[str | Path]) -> list[str]:
    """Return file names with the PDF files of a folder, sorted, in the place of the folder; other names stay."""
    found: list[str] = []
    for name in names:
        inside = sorted(str(path) for path in Path(name).rglob("*") if path.suffix.lower() == ".pdf")
        found += inside if inside and Path(name).is_dir() else [str(name)]
    return found


def read_files(files: Iterable[str | Path], limits: Limits = LIMITS, workers: int = WORKERS) -> list[Readings]:
    """Read report files in worker processes and return one `Readings` a file, in the order given.

    `read_files(["26_november_2024.pdf"])[0].first["kind"].value` is `inspection`. A text file (.txt) is read as it is,
    by one reader. Nothing is raised for a file that is missing, broken or hostile.
    """
    names = [str(file) for file in files]
    found: dict[str, Readings] = {}
    waiting = list(dict.fromkeys(names))
    count = max(1, min(workers, len(waiting)), math.ceil(len(waiting) / limits.files))
    shares, started = [waiting[at::count] for at in range(count)], list[subprocess.Popen]()
    with ThreadPoolExecutor(workers) as threads:
        try:
            for read in threads.map(_read_share, shares, repeat(limits), repeat(started)):
                found |= read
        except BaseException:  # an interrupt: no further file is read
            for share in shares:
                share.clear()
            for worker in started:
                worker.kill()
            raise
    return [found[name] for name in names]


def _read_share(names: list[str], limits: Limits, started: list[subprocess.Popen]) -> dict[str, Readings]:
    """Read files with one worker, and those after a file that ends it with another; workers are put into `started`."""
    found: dict[str, Readings] = {}
    ended = f"ended its reader, which may take {limits.seconds} s and {limits.memory:,} bytes of memory"
    while len(found) < len(names):
        with _start(limits) as worker:
            started.append(worker)
            answers = True
            while answers and (left := names[len(found) :]):
                answers = _ask(worker, left[0], limits)
                found[left[0]] = answers or Readings(left[0], ended)
            worker.kill()
    return found


def _start(limits: Limits) -> subprocess.Popen:
    library = str(Path(__file__).resolve().parents[1])
    code = f"import sys; sys.path.insert(0, {library!r}); from ofsted_reports.worker import serve; serve()"
    command = [sys.executable, "-I", "-c", code, json.dumps(asdict(limits))]
    pipe, quiet, environment = subprocess.PIPE, subprocess.DEVNULL, {"LC_ALL": "C.UTF-8"}
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=quiet, env=environment)


def _ask(worker: subprocess.Popen, name: str, limits: Limits) -> Readings | None:
    """Return what a worker reads in a file; None where it ends, or does not answer in time or as it should."""
    too_late = Timer(limits.seconds + WAIT, worker.kill)
    too_late.start()
    try:
        os.write(worker.stdin.fileno(), json.dumps(str(Path(name).absolute())).encode() + b"\n")
        return _unpack(name, json.loads(worker.stdout.readline(LONGEST_ANSWER)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    finally:
        too_late.cancel()


def _unpack(name: str, answer: dict) -> Readings:
    """Make `Readings` of a worker's answer; raises KeyError, TypeError or AttributeError for any other shape."""
    if answer["problem"]:
        return Readings(name, str(answer["problem"]))
    first, second = ({key: Found(*found) for key, found in reading.items()} for reading in answer["readings"])
    return Readings(name, "", str(answer["damage"]), first, second, tuple(Passage(*one) for one in answer["passages"]))
