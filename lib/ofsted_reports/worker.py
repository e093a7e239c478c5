"""The worker that opens PDFs, each twice: with pypdfium2 and with pypdf. It is run by `files`, not by hand.

It sets its own limits before it opens anything; what a file does to it beyond them ends this process and no other.
"""

import io
import json
import logging
import os
import re
import resource
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2

from ofsted_reports.damage import find_damage
from ofsted_reports.lists import read_passages
from ofsted_reports.reader import pages_to_confirm, read_pages
from ofsted_reports.text import Reading, opening

FEWEST_LETTERS = 200  # in the whole file; a file with fewer is pictures of pages
MOST_LETTERS = 4_000_000  # a report has 150,000
_SHUT = {  # what pdfium says, and what it means
    "password": "is encrypted: it opens with a password only",
    "security": "is encrypted in a way that pypdfium2 does not know",
    "": "is broken: no PDF reader can make out its pages; get the file again",
}
_TEXT_COPY = "is a text copy, so there is one reading of it only"
_END = re.compile(rb"startxref\s+[0-9]+\s+%%EOF")
_WEB_PAGE = re.compile(rb"(?is)(?:\xef\xbb\xbf|\s)*<!doctype html|.{0,1000}<html")
_END_WITHIN = 2_048  # bytes; Acrobat looks for the end mark in the last 1,024


class _RefusedError(Exception):
    """The file cannot be read; the text says why, to follow its name."""


def serve() -> None:
    """Answer every path that comes in with a line of JSON, until the input ends."""
    limits = json.loads(sys.argv[1])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    logging.disable(logging.CRITICAL)
    for kind, most in ((resource.RLIMIT_AS, limits["memory"]), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(kind, (most, most))
    for line in sys.stdin:
        _allow_time(limits["seconds"])
        print(json.dumps(read_file(json.loads(line), limits)), file=out, flush=True)


def _allow_time(seconds: int) -> None:
    """Let the process work for so many seconds more; then the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def read_file(path: str, limits: Mapping[str, int]) -> dict[str, Any]:
    """Return `problem`, `damage` and both readings of a file, as JSON holds them; raises nothing, whatever it holds."""
    try:
        return _read(_open(Path(path), limits["bytes"]), limits)
    except _RefusedError as why:
        return {"problem": str(why)}
    except MemoryError:
        return {"problem": f"needs more than {limits['memory']:,} bytes of memory to read"}
    except Exception as error:  # whatever a reader raises for a hostile file is this file's problem
        return {"problem": f"is broken ({_in_words(error)})"}


def _open(path: Path, most: int) -> bytes:
    try:
        if not path.is_file():
            raise _RefusedError("is no file, nor holds PDFs" if path.exists() else "is not there; check the path")
        if (size := path.stat().st_size) > most:
            raise _RefusedError(f"has {size:,} bytes; files over {most:,} bytes are not opened")
        data = path.read_bytes()
    except OSError as error:
        raise _RefusedError(f"cannot be opened ({error})") from None
    if not data:
        raise _RefusedError("is empty (0 bytes); get the file again")
    if data.startswith(b"%PDF-") or path.suffix == ".txt":
        return data
    if _WEB_PAGE.match(data):
        raise _RefusedError("is a web page saved under this name, not a PDF; get the report that the page links to")
    raise _RefusedError(f"is not a PDF: it begins with {data[:8]!r}, expected '%PDF-'")


def _read(data: bytes, limits: Mapping[str, int]) -> dict[str, Any]:
    is_pdf = data.startswith(b"%PDF-")
    pages = read_text(data, limits["pages"]) if is_pdf else _read_copy(data)
    first = read_pages(pages)
    if not first:
        raise _RefusedError(f"names itself no report or letter on children's services; it begins {opening(pages)!r}")
    damage, second = _confirm(data, pages, first) if is_pdf else (_TEXT_COPY, {})
    shown = [{key: astuple(found) for key, found in reading.items()} for reading in (first, second)]
    passages = read_passages(pages, limits["passages"])
    return {"problem": "", "damage": damage, "passages": passages, "readings": shown}


def _confirm(data: bytes, pages: Mapping[int, str], first: Reading) -> tuple[str, Reading]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        damage = find_damage(data, reader, pages)
        return damage, read_pages(read_text_again(reader, pages_to_confirm(first)))
    except MemoryError:
        raise
    except Exception as error:
        return f"is read by one of the two readers only ({_in_words(error)})", {}


def _read_copy(data: bytes) -> dict[int, str]:
    try:
        return dict(enumerate(data.decode("utf-8").split("\f"), 1))
    except UnicodeDecodeError:
        raise _RefusedError("is not text in UTF-8") from None


def read_text(data: bytes, most_pages: int = 300) -> dict[int, str]:
    """Return the text of every page of a PDF by pypdfium2, by page number from 1: the first reader.

    Raises an error that says why for a file with a password, with too many pages or too much text, or with none.
    """
    if not _END.search(data[-_END_WITHIN:]):
        raise _RefusedError("is cut short: its end mark is missing; get the file again")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _RefusedError(next(why for word, why in _SHUT.items() if word in str(error).lower())) from None
    with closing(document):
        if len(document) > most_pages:
            raise _RefusedError(f"has {len(document):,} pages; files over {most_pages} pages are not read")
        texts, letters = {}, 0
        for number, page in enumerate(document, 1):
            texts[number] = page.get_textpage().get_text_range()
            letters += len(texts[number])
            if letters > MOST_LETTERS:
                raise _RefusedError(f"has more than {MOST_LETTERS:,} letters; no report is that long")
    if letters < FEWEST_LETTERS:
        raise _RefusedError(f"holds pictures of {len(texts)} pages and no text; it needs text recognition first")
    return texts


def read_text_again(reader: pypdf.PdfReader, pages: Iterable[int]) -> dict[int, str]:
    """Return the text of some pages by pypdf, by page number from 1: the second reader, ten times slower."""
    if reader.is_encrypted:
        reader.decrypt("")  # a file without a password may still be encrypted, against copying
    return {number: reader.pages[number - 1].extract_text() for number in pages if number <= len(reader.pages)}


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:120].rstrip(": ")
