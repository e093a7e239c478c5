"""The text of pages, made plain, and what is found in it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Found:
    """A value that a report states, its words and page; `until` ends a list, `as_column` is apart from its label."""

    value: str
    wording: str
    page: int
    until: int = 0
    as_column: bool = False


class Passage(NamedTuple):
    """A part of a report's text: an item of what needs to `improve`, or a `paragraph`, whose number may be ''."""

    kind: str
    number: str
    page: int
    text: str


# What is found, by field: authority, framework, kind, start, end, published, lead_inspector, recommendations,
# paragraphs, `judgement.<id>`, and two that only confirm others: `heading.<id>` is the grade that the heading of a
# section repeats, `board_review` a title that announces a review of the safeguarding children board.
Reading = dict[str, Found]

_GONE = [*range(9), *range(11, 32), *range(0x200B, 0x2010), *range(0x2028, 0x2065), 0xAD, 0xFEFF]
# pypdfium2 marks a hyphen at the end of a line by U+FFFE or U+0002.
_PLAIN = (
    dict.fromkeys(map(chr, _GONE), "")
    | dict.fromkeys("\t\u00a0\u2002\u2003\u2009\u202f\u205f\u3000", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufffe\x02", "-")
    | dict.fromkeys("\u2018\u2019\u02bc`", "'")
)
_PRINTED = re.compile(f"[{re.escape(''.join(_PLAIN))}]")  # half the time of str.translate


def plain_text(text: str) -> str:
    """Return a page's text with plain spaces, hyphens, apostrophes and letters (no ligatures), line by line."""
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _PRINTED.sub(lambda sign: _PLAIN[sign[0]], text)
    return re.sub(" {2,}", " ", text).replace("\n ", "\n")


def one_line(text: str) -> str:
    """Return a text as one line; a word broken after its hyphen is put together: `well-established`."""
    return re.sub(r"(?<=[A-Za-z])- (?=[a-z])", "-", " ".join(text.split()))


def opening(pages: Mapping[int, str]) -> str:
    """Return the first words of a text, to show what it is: `Minutes of the scrutiny committee`."""
    return " ".join(plain_text(" ".join(list(pages.values())[:2])).split())[:60]
