"""A web server on this machine in place of publishers: it answers what a test says, and misbehaves as told."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import httpx
import pytest
from childrens_services.publishers import web

DAY = "Fri, 27 Nov 2026 03:17:00 GMT"


class Answer(NamedTuple):
    """What the server says; `missing` bytes are promised and not sent, and with `silent` it says nothing at all."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    missing: int = 0
    silent: bool = False


class Publishers:
    """Answers by address, in order, the last of them for ever; and what was asked, with the condition it came with."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.asked: list[tuple[str, str]] = []
        self.waits: list[float] = []
        self.over = threading.Event()

    def put(self, address: str, *answers: Answer | bytes | object) -> None:
        """Say what stands at an address: an answer, bytes, or what becomes JSON."""
        self.answers[address] = [
            each if isinstance(each, Answer) else Answer(each if isinstance(each, bytes) else json.dumps(each).encode())
            for each in answers
        ]

    def answer(self, address: str, condition: str) -> Answer:
        self.asked.append((address, condition))
        mine = self.answers.get(address) or [Answer(b"not here", 404)]
        found = mine.pop(0) if len(mine) > 1 else mine[0]
        return Answer(b"", 304) if condition and ("ETag", condition) in found.headers else found


class _Carrier(httpx.BaseTransport):
    """Carry https requests for any host to the server, in plain http: the rules for addresses stay as they are."""

    def __init__(self, port: int):
        self.port, self.inner = port, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        address = f"http://127.0.0.1:{self.port}/{request.url.host}{path}"
        carried = httpx.Request(request.method, address, headers=request.headers, extensions=request.extensions)
        return self.inner.handle_request(carried)

    def close(self) -> None:
        self.inner.close()


@contextmanager
def serve() -> Iterator[tuple[Publishers, httpx.BaseTransport]]:
    """Run the server for as long as the `with` statement."""
    publishers = Publishers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = publishers.answer(f"https:/{self.path}", self.headers.get("If-None-Match", ""))
            if said.silent:
                publishers.over.wait()
                return
            self.send_response(said.status)
            self.send_header("Content-Length", str(len(said.body) + said.missing))
            for header in said.headers:
                self.send_header(*header)
            self.end_headers()
            self.wfile.write(said.body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return DAY

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield publishers, _Carrier(server.server_port)
    finally:
        publishers.over.set()
        server.shutdown()
        server.server_close()


@contextmanager
def in_place_of_publishers(patch: pytest.MonkeyPatch) -> Iterator[Publishers]:
    """Run the server, and let whatever is fetched come from it, without a wait."""
    with serve() as (publishers, transport):
        patch.setattr(web, "open_web", partial(web.open_web, transport=transport, wait=publishers.waits.append))
        yield publishers
