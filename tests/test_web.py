"""Fetching from publishers: whole, polite, from the listed hosts alone; against a server that misbehaves."""

import pytest
from childrens_services.publishers import web
from pretend_publishers import Answer, serve

FILE = "https://www.gov.uk/media/1/outcomes.ods"
BODY = b"PK and the rest of the workbook"
CUT_SHORT, SILENT = Answer(BODY[:9], missing=22), Answer(silent=True)


def sent_on(address):
    return Answer(status=302, headers=(("Location", address),))


def busy(status, until):
    return Answer(status=status, headers=(("Retry-After", until),))


@pytest.fixture
def server(tmp_path):
    """The pretend publishers, and a function that fetches from them."""
    with serve() as (publishers, transport):

        def fetch(address=FILE, timeout=30, **options):
            waits = publishers.waits.append
            hosts = ["www.gov.uk", "assets.publishing.service.gov.uk"]
            with web.open_web(hosts, tmp_path / "fetched", transport, waits, timeout) as opened:
                return web.fetch(opened, address, **options).read_bytes()

        publishers.fetch = fetch
        yield publishers


def test_a_file_is_sent_again_only_where_it_changed(server):
    server.put(FILE, Answer(BODY, headers=(("ETag", '"1"'),)))

    assert [server.fetch(), server.fetch()] == [BODY, BODY]
    assert server.asked == [(FILE, ""), (FILE, '"1"')]

    server.put(FILE, Answer(b"PK new", headers=(("ETag", '"2"'),)))
    assert server.fetch() == b"PK new"


PASSES = {
    "too many, wait 7 seconds": ([busy(429, "7")] * 2, [7, 7]),
    "wait until": ([busy(503, "Fri, 27 Nov 2026 03:18:30 GMT")], [90]),
    "an error at the publisher": ([Answer(status=500)] * 3, [2, 4, 8]),
    "cut short": ([CUT_SHORT], [2]),
    "slow": ([SILENT], [2]),
}


@pytest.mark.parametrize(("answers", "waits"), PASSES.values(), ids=PASSES)
def test_what_passes_is_waited_for(answers, waits, server):
    server.put(FILE, *answers, BODY)

    assert server.fetch(timeout=3 if answers[0].silent else 30) == BODY
    assert server.waits == waits


STAYS = {
    "nothing there": (Answer(status=404), "answered 404 Not Found", 1),
    "forbidden": (Answer(status=403), "answered 403 Forbidden", 1),
    "an error": (Answer(status=500), "answered 500 Internal Server Error", 4),
    "for an hour": (busy(429, "3600"), "answered 429 Too Many Requests, to be asked again after 3600 seconds", 1),
    "cut short": (CUT_SHORT, "no whole answer (peer closed", 4),
    "slow": (SILENT, "no whole answer (timed out)", 4),
    "in circles": (sent_on(FILE), "no whole answer (Exceeded maximum", 1),
}


@pytest.mark.parametrize(("answer", "words", "tries"), STAYS.values(), ids=STAYS)
def test_what_does_not_pass_is_said_and_the_file_of_before_stays(answer, words, tries, server, tmp_path):
    server.put(FILE, BODY)
    server.fetch()
    server.asked.clear()
    server.put(FILE, answer)

    with pytest.raises(web.UnreachableError) as caught:
        server.fetch(timeout=0.1 if answer.silent else 30)

    assert str(caught.value).startswith(f"{FILE}: {words}")
    assert isinstance(caught.value, web.AbsentError) == (answer.status == 404)
    assert len(server.asked) <= 6 and len(server.waits) == tries - 1
    assert BODY in [path.read_bytes() for path in (tmp_path / "fetched").iterdir()]


ELSEWHERE = ["example.org", "www.gov.uk:8443", "name@www.gov.uk", "www.gov.uk.example.org"]


@pytest.mark.parametrize("address", ["http://www.gov.uk/x", *(f"https://{host}/x" for host in ELSEWHERE)])
def test_only_listed_hosts_are_asked_and_only_over_https(address, server):
    server.put(FILE, sent_on(address))

    for asked in (address, FILE):
        with pytest.raises(web.NotUnderstoodError) as caught:
            server.fetch(asked)
        assert str(caught.value) == (
            f"{address}: not fetched, expected https and one of assets.publishing.service.gov.uk, www.gov.uk; if the "
            "publisher has moved there, add the host to data/curated/publishers.csv"
        )
    assert server.asked == [(FILE, "")]


def test_a_publisher_may_send_us_on_to_another_listed_host(server):
    there = FILE.replace("www", "assets.publishing.service")
    server.put(FILE, sent_on(there))
    server.put(there, BODY)

    assert server.fetch() == BODY


def test_more_than_the_limit_is_not_read_to_its_end(server):
    server.put(FILE, BODY)
    with pytest.raises(web.NotUnderstoodError, match=r"outcomes\.ods: more than 9 bytes, expected fewer"):
        server.fetch(limit=9)


def test_a_file_must_be_of_the_kind_that_its_name_says(tmp_path):
    wrong = {
        ("a.ods", b"<!doctype html>"): "found a web page, expected ODS",
        ("a.csv", b"\xef\xbb\xbf\n <html>"): "found a web page, expected CSV",
        ("a.pdf", b"PK"): "found something else, expected PDF",
        ("a.XLSX", b""): "found an empty file, expected XLSX",
    }
    for (name, content), words in wrong.items():
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(web.NotUnderstoodError, match=f"^{name}: {words}; look at its page$"):
            web.check_kind(tmp_path / "file", name)
    for name, content in {"a.ods": b"PK\x03", "a.csv": b"Title,Index", "a.pdf": b"%PDF-1.4"}.items():
        (tmp_path / "file").write_bytes(content)
        web.check_kind(tmp_path / "file", name)
