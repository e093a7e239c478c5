"""Lists in Ofsted's reports: what needs to improve, and the numbered paragraphs.

Both are counted from the plain text of pages, some of which may be left out. A numbering that breaks off or begins
again has no count.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from ofsted_reports.text import Found, Reading
from ofsted_reports.wording import FORMS

LONGEST_LIST = 5  # pages; a list of what needs to improve that runs on is a heading taken for another
MOST_STARTS = 50  # lists that begin with 1; more are no report's
_MOST_PER_PAGE = 30  # numbered paragraphs
Line = tuple[int, str]  # with its page


def read_lists(texts: Mapping[int, str], front: int) -> Reading:
    """Return how many things need to improve and how many numbered paragraphs there are; `front` is the title's page.

    `recommendations` counts the first list under its heading, bullets or numbers; `paragraphs` is the last number of a
    numbering that runs on from 1. Pages left out of `texts` may hold any numbers in between.
    """
    found = {"recommendations": _read_improve(texts, front), "paragraphs": _read_numbering(texts, front)}
    return {field: value for field, value in found.items() if value}


def _read_improve(texts: Mapping[int, str], front: int) -> Found | None:
    heading, items = find_improve(texts, front)
    return Found(str(len(items)), heading[1].strip(), heading[0], items[-1][0][0]) if items else None


def find_improve(texts: Mapping[int, str], front: int) -> tuple[Line, list[list[Line]]]:
    """Return the heading of the first list of what needs to improve, and the lines of each item, each with its page.

    Without a list there are no items.
    """
    listed = [(page, text) for page, text in texts.items() if not FORMS.contents.search(text)]
    lines = [(page, line) for page, text in listed for line in text.splitlines() if line.strip()]
    for at, (page, line) in enumerate(lines):
        if page > front and FORMS.board_section.match(line):  # the safeguarding children board has a list of its own
            break
        if FORMS.improve.match(line):
            items = _items([later for later in lines[at + 1 :] if later[0] <= page + LONGEST_LIST])
            if items:
                return lines[at], items
    return (0, ""), []


def _items(lines: list[Line]) -> list[list[Line]]:
    """Return the lines of each item of the list that these lines begin with."""
    mark = _first_mark(lines)
    items: list[list[Line]] = []
    due = None  # the number of the next item
    for page, line in lines if mark is not None else []:
        number, bullet = FORMS.numbered.match(line), FORMS.bullet.match(line)
        if FORMS.list_ends.match(line) or (mark and number):
            break
        is_next = not mark and number and due in (None, int(number[1]))
        due = int(number[1]) + 1 if is_next else due
        if (is_next and not FORMS.nothing_found.search(line)) or (mark and bullet and bullet[1] == mark):
            items.append([(page, line)])
        elif items:
            items[-1].append((page, line))
    return items


def _first_mark(lines: list[tuple[int, str]]) -> str | None:
    """Return the bullet that the list uses, empty where it is numbered, None where neither comes soon."""
    for _, line in lines[:6]:
        if bullet := FORMS.bullet.match(line):
            return bullet[1]
        if FORMS.numbered.match(line):
            return ""
    return None


def _read_numbering(texts: Mapping[int, str], front: int) -> Found | None:
    """Find the numbering that runs furthest from 1; None where another of some length follows it."""
    numbers = list(_numbers(texts, front))
    starts = [at for at, (number, _) in enumerate(numbers) if number == 1][:MOST_STARTS]
    longest = max((_run(numbers[at:], texts) for at in starts), key=lambda run: run[-1][0], default=None)
    if longest is None:
        return None
    (first, page), (last, until) = longest[0], longest[-1]
    later = [number for number, at in numbers[numbers.index((last, until)) + 1 :] if at >= until]
    if last < 3 or any(after == before + 1 == later[0] + 1 for before, after in pairwise(later)):
        return None
    return Found(str(last), f"{first} to {last}", page, until)


def _numbers(texts: Mapping[int, str], front: int) -> Iterator[tuple[int, int]]:
    """Return the numbers that begin a line, with their page; those of the front page number its table.

    A number without its full stop counts where the one before and the one after stand on either side of it.
    """
    before, doubtful = 0, None
    for page, line in ((page, line) for page, text in texts.items() if page > front for line in text.split("\n")):
        if not line[:1].isdigit():
            continue
        if match := FORMS.numbered.match(line):
            number = int(match[1])
            if doubtful and (before + 1, number) == (doubtful[0], doubtful[0] + 1):
                yield doubtful
            yield number, page
            before, doubtful = number, None
        elif (match := FORMS.numbered_without_stop.match(line)) and int(match[1]) == before + 1:
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
