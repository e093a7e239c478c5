"""Measure the reading of Ofsted's reports: `make bench` (RAW_DIR with a folder ofsted_reports is needed).

Prints milliseconds a file of plain text extraction by pypdfium2 and of the first reader on the same pages in the same
run, the seconds of work that certificates of all files take each of two workers, and the memory of a worker by number
of files.
"""

import os
import resource
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path

import pypdfium2
from ofsted_reports.files import Limits, read_files
from ofsted_reports.reader import read_pages
from ofsted_reports.worker import read_text

ROUNDS, WORKERS = 5, 2
MOST_RATIO, MOST_SECONDS, MOST_GROWTH = 1.5, 20.0, 1.1


def extract_plainly(data: bytes) -> None:
    """Extract the text of every page and do nothing with it."""
    with closing(pypdfium2.PdfDocument(data)) as document:
        for page in document:
            page.get_textpage().get_text_range()


def seconds(task, files: list[bytes]) -> float:
    """Return the processor time that a task takes for all files: the time of others on the machine is not ours."""
    start = time.process_time()
    list(map(task, files))
    return time.process_time() - start


def of_workers() -> resource.struct_rusage:
    """Return what workers that have ended took."""
    return resource.getrusage(resource.RUSAGE_CHILDREN)


def worker_memory(files: list[Path]) -> int:
    """Return the most memory in MiB that a worker has had so far, after reading these files too; recycling is off."""
    read_files(files, Limits(files=10**6), workers=1)
    return of_workers().ru_maxrss // 1024


def main() -> int:
    """Print the measures; the status is 1 where one is not met."""
    folder = Path(os.environ.get("RAW_DIR") or Path(__file__).parents[2] / "data" / "raw") / "ofsted_reports"
    files = sorted(folder.rglob("*.pdf"))
    if not files:
        print(f"no PDF files in {folder}; set RAW_DIR")
        return 1
    texts = [data for path in files if (data := path.read_bytes()).startswith(b"%PDF-")]
    tasks = extract_plainly, lambda data: read_pages(read_text(data))  # as the first reader does
    pairs = [tuple(seconds(task, texts) for task in tasks) for _ in range(ROUNDS)]
    ratio = statistics.median(ours / plain for plain, ours in pairs)
    plain, ours = (1000 * statistics.median(column) / len(texts) for column in zip(*pairs, strict=True))
    print(f"plain extraction  {plain:6.1f} ms a file ({len(texts)} files, median of {ROUNDS} rounds)")
    print(f"first reader      {ours:6.1f} ms a file, {ratio:.2f} times plain extraction (at most {MOST_RATIO})")

    start, before = time.perf_counter(), of_workers()
    read_files(files, workers=WORKERS)
    wall, after = time.perf_counter() - start, of_workers()
    each = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / WORKERS
    print(
        f"both readers      {each:6.1f} s of work for each of {WORKERS} workers, {len(files)} files (at most "
        f"{MOST_SECONDS:.0f}); {wall:.1f} s passed, which is as much on a machine with nothing else to do"
    )

    memory = {count: worker_memory((files * 2)[:count]) for count in (20, len(files), 2 * len(files))}
    growth = memory[2 * len(files)] / memory[len(files)]
    listed = ", ".join(f"{count} files {size} MiB" for count, size in memory.items())
    print(f"memory            {listed}: {growth:.2f} times (at most {MOST_GROWTH})")
    return int(ratio > MOST_RATIO or each > MOST_SECONDS or growth > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
