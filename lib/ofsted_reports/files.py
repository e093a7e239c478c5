"""Read report files that nobody vouches for, each by two readers, in worker processes with limits.

Goes in: paths. Comes out: one `Readings` a file, what pypdfium2's text and pypdf's text say apart from each other, or
one line on what is wrong with the file. No PDF is opened in this process: a worker has limits on time, memory and
pages, none of our environment, and answers with lines of JSON; a file that ends its worker ends nothing else.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from ofsted_reports.judgement_tables import Found
from ofsted_reports.reader import Reading

LONGEST_ANSWER = 2_000_000  # bytes; a reading has some thousands
WAIT = 10  # seconds beyond a file's own, which count work and not waiting
WORKERS = min(os.cpu_count() or 1, 4)
_HEAD = 1_024  # bytes that are looked at here


@dataclass(frozen=True)
class Limits:
    """What one file may cost: bytes on disk, pages, seconds of work, and bytes of memory of its worker.

    A worker is replaced after `files` files, so that what the readers keep does not add up.
    """

    bytes: int = 50_000_000
    pages: int = 300
    seconds: int = 15
    memory: int = 1_000_000_000
    files: int = 100


LIMITS = Limits()


@dataclass(frozen=True)
class Readings:
    """What two readers say about one file; `problem` is why it cannot be read, `damage` why it cannot be trusted."""

    file: str
    problem: str = ""
    damage: str = ""
    first: Reading = field(default_factory=dict)
    second: Reading = field(default_factory=dict)


def list_files(names: Iterable[str]) -> list[str]:
    """Put the PDF files of a folder, by name, in the place of the folder; other names stay as they are."""
    found: list[str] = []
    for name in names:
        inside = sorted(str(path) for path in Path(name).rglob("*") if path.suffix.lower() == ".pdf")
        found += inside if inside and Path(name).is_dir() else [name]
    return found


def read_files(files: Iterable[str | Path], limits: Limits = LIMITS, workers: int = WORKERS) -> list[Readings]:
    """Read report files in worker processes; one `Readings` a file, in the order given, whatever the files are.

    `read_files(["26_november_2024.pdf"])[0].first["kind"].value` is `inspection`. A text file (.txt) is read as it is,
    by one reader. Nothing is raised for a file that is missing, broken or hostile.
    """
    names = [str(file) for file in files]
    found = {at: _read_outside(name, limits) for at, name in enumerate(names)}
    waiting: SimpleQueue[int] = SimpleQueue()
    for at in [at for at, readings in found.items() if readings is None]:
        waiting.put(at)
    count = min(workers, waiting.qsize())
    with ThreadPoolExecutor(max(1, count)) as threads:
        for share in [threads.submit(_read_share, names, waiting, limits) for _ in range(count)]:
            found |= share.result()
    return [found[at] for at in range(len(names))]


def _read_outside(name: str, limits: Limits) -> Readings | None:
    """Give what can be said of a file without reading it; None for a PDF or a text file of fair size."""
    path = Path(name)
    try:
        if not path.is_file():
            return Readings(name, "is no file, nor holds PDFs" if path.exists() else "is not there; check the path")
        size = path.stat().st_size
        if size > limits.bytes:
            return Readings(name, f"has {size:,} bytes; files over {limits.bytes:,} bytes are not opened")
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except (OSError, ValueError) as error:
        return Readings(name, f"cannot be opened ({error})")
    return None if head.startswith(b"%PDF-") or (size and path.suffix == ".txt") else Readings(name, _what_it_is(head))


def _what_it_is(head: bytes) -> str:
    if not head:
        return "is empty (0 bytes); get the file again"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "is a web page saved under this name, not a PDF; get the report that the page links to"
    return f"is not a PDF: it begins with {head[:8]!r}, expected '%PDF-'"


@dataclass
class _Worker:
    process: subprocess.Popen
    files: int = 0


def _read_share(names: Sequence[str], waiting: "SimpleQueue[int]", limits: Limits) -> dict[int, Readings]:
    """Read files until none is waiting, with one worker at a time."""
    worker: _Worker | None = None
    found: dict[int, Readings] = {}
    try:
        for at in _taken(waiting):
            if worker is None or worker.files >= limits.files:
                _stop(worker)
                worker = _start(limits)
            found[at] = _ask(worker, names[at], limits)
            if worker.process.poll() is not None:
                _stop(worker)
                worker = None
    finally:
        _stop(worker)
    return found


def _taken(waiting: "SimpleQueue[int]") -> Iterator[int]:
    while True:
        try:
            yield waiting.get_nowait()
        except Empty:
            return


def _start(limits: Limits) -> _Worker:
    library = str(Path(__file__).resolve().parents[1])
    start = "from ofsted_reports.worker import serve; serve()"
    code = f"import sys; sys.path.insert(0, {library!r}); {start}"
    command = [sys.executable, "-I", "-c", code, json.dumps(asdict(limits))]
    pipe, quiet, environment = subprocess.PIPE, subprocess.DEVNULL, {"LC_ALL": "C.UTF-8"}
    return _Worker(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=quiet, env=environment))


def _stop(worker: _Worker | None) -> None:
    if worker is not None:
        worker.process.kill()
        worker.process.wait()
        worker.process.stdin.close()
        worker.process.stdout.close()


def _ask(worker: _Worker, name: str, limits: Limits) -> Readings:
    """Have a worker read a file; a worker that does not answer in time is ended."""
    worker.files += 1
    try:
        worker.process.stdin.write(json.dumps(str(Path(name).absolute())).encode() + b"\n")
        worker.process.stdin.flush()
        answer = _listen(worker, time.monotonic() + limits.seconds + WAIT)
        return _unpack(name, json.loads(answer))
    except TimeoutError:
        problem = f"took longer than {limits.seconds} seconds to read"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        problem = f"ended its reader, which may take {limits.seconds} s and {limits.memory:,} bytes of memory"
    worker.process.kill()
    worker.process.wait()
    return Readings(name, problem)


def _listen(worker: _Worker, until: float) -> bytes:
    """Give the worker's next line; raises TimeoutError, or ValueError where it ends or talks too much."""
    answer = b""
    while not answer.endswith(b"\n"):
        if not select.select([worker.process.stdout], [], [], max(0, until - time.monotonic()))[0]:
            raise TimeoutError
        part = os.read(worker.process.stdout.fileno(), 65_536)
        answer += part
        if not part or len(answer) > LONGEST_ANSWER:
            raise ValueError("no answer")
    return answer


def _unpack(name: str, answer: dict) -> Readings:
    """Make `Readings` of a worker's answer; raises KeyError, TypeError or AttributeError for any other shape."""
    if answer["problem"]:
        return Readings(name, str(answer["problem"]))
    first, second = ({key: Found(*found) for key, found in answer[part].items()} for part in ("first", "second"))
    return Readings(name, "", str(answer["damage"]), first, second)
