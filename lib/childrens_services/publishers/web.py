"""Fetch what stands at a publisher's address: politely, whole, over https and from listed hosts alone."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import httpx
import tenacity

from childrens_services import __version__

LIMIT = 50_000_000  # bytes
TRIES = 4
PATIENCE = 120  # seconds; a publisher who asks for a longer pause is asked again another night
_BUSY = {429, 500, 502, 503, 504}
_BEGINS = {".ods": b"PK", ".xlsx": b"PK", ".pdf": b"%PDF"}


class UnreachableError(ValueError):
    """A publisher did not answer, or answered with an error; the message names the address."""


class AbsentError(UnreachableError):
    """There is nothing at an address."""


class NotUnderstoodError(ValueError):
    """A publisher answered with something else than was expected; the message says what, and what to do."""


class Web(NamedTuple):
    """How to fetch: by a client that keeps to the listed hosts, into a folder, and how to wait."""

    client: httpx.Client
    folder: Path
    wait: Callable[[float], None]


@contextmanager
def open_web(
    hosts: Iterable[str],
    folder: Path,
    transport: httpx.BaseTransport | None = None,
    wait: Callable[[float], None] = time.sleep,
    timeout: float = 30,
) -> Iterator[Web]:
    """Return what `fetch` needs, for a `with` statement; every address must be https and of one of `hosts`.

    `transport` and `wait` are for tests, which carry requests to a server of their own and do not wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    headers = {"User-Agent": f"childrens-services/{__version__}", "Accept-Encoding": "identity"}
    hooks = {"request": [partial(_check_address, frozenset(hosts))]}
    ways = {"transport": transport, "timeout": timeout, "follow_redirects": True, "max_redirects": 5}
    with httpx.Client(headers=headers, event_hooks=hooks, **ways) as client:
        yield Web(client, folder, wait)


def _check_address(hosts: frozenset[str], request: httpx.Request) -> None:
    url = request.url
    if url.scheme != "https" or url.host not in hosts or url.port or url.userinfo:
        raise NotUnderstoodError(
            f"{url}: not fetched, expected https and one of {', '.join(sorted(hosts))}; if the publisher has moved "
            "there, add the host to data/curated/publishers.csv"
        )


def fetch(web: Web, address: str, limit: int = LIMIT) -> Path:
    """Return a file with what stands at an address now, its bytes all there, asking again while an answer may come.

    Raises AbsentError for an address without anything, UnreachableError for one without an answer, and
    NotUnderstoodError where the answer has more than `limit` bytes or comes from a host that is not listed.
    """
    kept = web.folder / hashlib.sha256(address.encode()).hexdigest()[:24]
    again, stop = tenacity.retry_if_exception(_may_pass), tenacity.stop_after_attempt(TRIES)
    try:
        asking = tenacity.Retrying(retry=again, stop=stop, wait=_pause, sleep=web.wait, reraise=True)
        asking(_download, web.client, address, kept, limit)
    except httpx.HTTPStatusError as error:
        answer, wished = error.response, _retry_after(error)
        kind = AbsentError if answer.status_code in (404, 410) else UnreachableError
        wish = f", to be asked again after {wished:.0f} seconds" if wished > 0 else ""
        raise kind(f"{address}: answered {answer.status_code} {answer.reason_phrase}{wish}") from None
    except httpx.RequestError as error:
        raise UnreachableError(f"{address}: no whole answer ({error or type(error).__name__})") from None
    return kept


def _download(client: httpx.Client, address: str, kept: Path, limit: int) -> None:
    part, remembered = kept.with_suffix(".part"), kept.with_suffix(".json")
    asked = json.loads(remembered.read_text(encoding="utf-8")) if kept.exists() and remembered.exists() else {}
    with client.stream("GET", address, headers=asked) as answer:
        if answer.status_code == httpx.codes.NOT_MODIFIED and asked:
            return
        answer.raise_for_status()
        with part.open("wb") as file:
            for piece in answer.iter_bytes():
                if file.tell() + len(piece) > limit:
                    raise NotUnderstoodError(f"{address}: more than {limit:,} bytes, expected fewer; look what it is")
                file.write(piece)
        told = {"If-None-Match": answer.headers.get("ETag"), "If-Modified-Since": answer.headers.get("Last-Modified")}
    part.replace(kept)  # and only then what was told of it: the other way round, an old file could pass for the new one
    remembered.write_text(json.dumps({name: text for name, text in told.items() if text}), encoding="utf-8")


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _BUSY and _retry_after(error) <= PATIENCE
    return isinstance(error, httpx.TransportError)


def _pause(state: tenacity.RetryCallState) -> float:
    return max(_retry_after(state.outcome.exception()), 2**state.attempt_number)


def _retry_after(error: httpx.HTTPError) -> float:
    """Return the seconds for which a publisher wants to be left alone, by its own clock; 0 where it does not say."""
    headers = error.response.headers if isinstance(error, httpx.HTTPStatusError) else {}
    text = headers.get("Retry-After", "")
    try:
        until = float(text) if text.isdigit() else parsedate_to_datetime(text) - parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError):
        return 0
    return until if text.isdigit() else until.total_seconds()


def check_kind(path: Path, name: str) -> None:
    """Raise NotUnderstoodError for a file that is not of the kind its name says, such as a web page in place of ODS."""
    kind = PurePosixPath(name).suffix.lower()
    with path.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(_BEGINS.get(kind, b"")) or start[:1] == b"<" or not start:
        found = "a web page" if start[:1] == b"<" else "something else" if start else "an empty file"
        raise NotUnderstoodError(f"{name}: found {found}, expected {kind.removeprefix('.').upper()}; look at its page")
