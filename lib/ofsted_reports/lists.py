"""Lists in Ofsted's reports: what needs to improve, and the numbered paragraphs.

Goes in: tidy text of pages by number, some pages perhaps left out. Comes out: how many there are and where they stand.
A numbering that breaks off or begins again has no count.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from childrens_services.periods import MONTHS

from ofsted_reports.judgement_tables import Found

_IMPROVE = re.compile(
    r"(?i)^\s*(?:what (?:needs to improve|does the local authority need to improve)"
    r"(?: in this area of(?: social work(?: practice)?)?)?|recommendations)\s*[?:]?\s*$"
)
_CONTENTS = re.compile(r"(?m)^\s*Contents\s*$")
_BOARD = re.compile(
    r"(?i)^\s*(?:section 2:? )?the (?:effectiveness of the )?local safeguarding(?: children)?(?: board)?"
    r"(?: \(LSCB\))?\s*$"
)
_ENDS = re.compile(
    r"^\s*(?:The experiences? and progress of|The impact of leaders|(?:Main |Headline |Inspection )?[Ff]indings\b|"
    r"Summary for children|The local authority'?s? strengths|Progress since|Information about|Inspection judgements?\b|"
    r"Executive summary|Section [0-9]|The Local Safeguarding|Ofsted will (?:take|be|share)|"
    r"Yours sincerely)"
)
_NUMBERED = re.compile(r"^\s*([0-9]{1,3}) ?\.(?![0-9])")
_STOPLESS = re.compile(rf"^\s*([0-9]{{1,3}}) (?=[A-Z])(?!{'|'.join(MONTHS)})")  # a number whose full stop was forgotten
# A bullet is a sign of its own at the head of a line; some fonts give it as a letter of a symbol font.
_BULLET = re.compile(r"^\s*([^\w\s\"'“‘£$(\[<.,:;&]|[nlvoqø](?= [A-Z]))(?=\s|\w)")
_NOTHING = re.compile(r"(?i)\b(?:did not (?:find|identify)|(?:are|were) no)\b")  # an item that says there is none
LONGEST_LIST = 5  # pages; a list of what needs to improve that runs on is a heading taken for another
MOST_STARTS = 50  # lists that begin with 1; more are no report's
_MOST_PER_PAGE = 30  # numbered paragraphs


def read_lists(texts: Mapping[int, str], front: int) -> dict[str, Found]:
    """Read how many things need to improve and how many numbered paragraphs there are; `front` is the title's page.

    `recommendations` counts the first list under its heading, bullets or numbers; `paragraphs` is the last number of a
    numbering that runs on from 1. Pages left out of `texts` may hold any numbers in between.
    """
    found = {"recommendations": _read_improve(texts, front), "paragraphs": _read_numbering(texts, front)}
    return {field: value for field, value in found.items() if value}


def _read_improve(texts: Mapping[int, str], front: int) -> Found | None:
    listed = {page: text for page, text in texts.items() if not _CONTENTS.search(text)}
    lines = [(page, line) for page, text in listed.items() for line in text.splitlines() if line.strip()]
    for at, (page, line) in enumerate(lines):
        if page > front and _BOARD.match(line):  # the safeguarding children board has a list of its own
            return None
        if _IMPROVE.match(line):
            items = _items([later for later in lines[at + 1 :] if later[0] <= page + LONGEST_LIST])
            if items:
                return Found(str(len(items)), line.strip(), page, items[-1])
    return None


def _items(lines: list[tuple[int, str]]) -> list[int]:
    """Give the page of each item of the list that these lines begin with."""
    marks = _first_mark(lines)
    if marks is None:
        return []
    pages: list[int] = []
    due = None
    for page, line in lines:
        number, bullet = _NUMBERED.match(line), _BULLET.match(line)
        if _ENDS.match(line) or (marks and number):
            break
        if not marks and number and due in (None, int(number[1])):
            due = int(number[1]) + 1
            pages += [] if _NOTHING.search(line) else [page]
        elif marks and bullet and bullet[1] == marks:
            pages.append(page)
    return pages


def _first_mark(lines: list[tuple[int, str]]) -> str | None:
    """Give the bullet that the list uses, empty where it is numbered, None where neither comes soon."""
    for _, line in lines[:6]:
        if bullet := _BULLET.match(line):
            return bullet[1]
        if _NUMBERED.match(line):
            return ""
    return None


def _read_numbering(texts: Mapping[int, str], front: int) -> Found | None:
    """Find the numbering that runs furthest from 1; None where another of some length follows it."""
    numbers = list(_numbers(texts, front))
    starts = [at for at, (number, _) in enumerate(numbers) if number == 1][:MOST_STARTS]
    runs = [_run(numbers[at:], texts) for at in starts]
    if not runs:
        return None
    longest = max(runs, key=lambda run: run[-1][0])
    (first, page), (last, until) = longest[0], longest[-1]
    later = [number for number, at in numbers[numbers.index((last, until)) + 1 :] if at >= until]
    if last < 3 or any(after == before + 1 == later[0] + 1 for before, after in pairwise(later)):
        return None
    return Found(str(last), f"{first} to {last}", page, until)


def _numbers(texts: Mapping[int, str], front: int) -> Iterator[tuple[int, int]]:
    """Give the numbers that begin a line, with their page; those of the front page number its table.

    A number without its full stop counts where the one before and the one after stand on either side of it.
    """
    before, doubtful = 0, None
    for page, line in ((page, line) for page, text in texts.items() if page > front for line in text.split("\n")):
        if not line[:1].isdigit():
            continue
        if match := _NUMBERED.match(line):
            number = int(match[1])
            if doubtful and (before + 1, number) == (doubtful[0], doubtful[0] + 1):
                yield doubtful
            yield number, page
            before, doubtful = number, None
        elif (match := _STOPLESS.match(line)) and int(match[1]) == before + 1:
            doubtful = (int(match[1]), page)


def _run(numbers: list[tuple[int, int]], texts: Mapping[int, str]) -> list[tuple[int, int]]:
    """Follow a numbering from its first number on; over pages that were left out it may have gone on."""
    run = numbers[:1]
    for number, page in numbers[1:]:
        last, before = run[-1]
        left_out = sum(1 for other in range(before + 1, page) if other not in texts)
        if number == last + 1 or (left_out and last < number <= last + _MOST_PER_PAGE * (left_out + 2)):
            run.append((number, page))
    return run
