"""Lists in Ofsted's reports: what needs to improve, and the numbered paragraphs, counted and as passages."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate, compress, pairwise

from ofsted_reports.text import Found, Passage, Reading, one_line, plain_text
from ofsted_reports.wording import FORMS

LONGEST_LIST = 5  # pages; a list of what needs to improve that runs on is a heading taken for another
MOST_STARTS = 50  # lists that begin with 1; more are no report's
_MOST_PER_PAGE = 30  # numbered paragraphs
_FEWEST_NUMBERED = 3  # paragraphs; fewer are no numbering
_FEWEST_LETTERS = 80  # of a paragraph without a number; less is an address or a heading
_FULL = 0.8  # of the longest line; a shorter one that ends a sentence ends a paragraph
_MOST_PAGES = 2  # a line on more pages than these is a heading or foot of pages
Line = tuple[int, str]  # with its page


def read_lists(texts: Mapping[int, str], front: int) -> Reading:
    """Return how many things need to improve and how many numbered paragraphs there are; `front` is the title's page.

    `recommendations` counts the first list under its heading, bullets or numbers; `paragraphs` is the last number of a
    numbering that runs on from 1. Pages left out of `texts` may hold any numbers in between.
    """
    heading, items = find_improve(texts, front)
    last = items[-1][0][0] if items else 0
    improve = Found(str(len(items)), heading[1].strip(), heading[0], last) if items else None
    found = {"recommendations": improve, "paragraphs": _read_numbering(texts, front)}
    return {field: value for field, value in found.items() if value}


def find_improve(texts: Mapping[int, str], front: int) -> tuple[Line, list[list[Line]]]:
    """Return the heading of the first list of what needs to improve, and the lines of each item, each with its page."""
    lines = _lines({page: text for page, text in texts.items() if not FORMS.contents.search(text)})
    for at, (page, line) in enumerate(lines):
        if page > front and FORMS.board_section.match(line):  # the safeguarding children board has a list of its own
            break
        if FORMS.improve.match(line):
            items = _items([later for later in lines[at + 1 :] if later[0] <= page + LONGEST_LIST])
            if items:
                return lines[at], items
    return (0, ""), []


def _lines(texts: Mapping[int, str]) -> list[Line]:
    return [(page, line) for page, text in texts.items() for line in text.splitlines() if line.strip()]


def _items(lines: list[Line]) -> list[list[Line]]:
    marks = [(FORMS.bullet.match(line), FORMS.numbered.match(line)) for _, line in lines[:6]]
    mark = next((bullet[1] if bullet else "" for bullet, number in marks if bullet or number), None)
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


def _read_numbering(texts: Mapping[int, str], front: int) -> Found | None:
    """Find the numbering that runs furthest from 1; None where another of some length follows it."""
    numbers = list(_numbers(texts, front))
    longest = _longest(numbers, texts)
    if not longest:
        return None
    (first, page), (last, until) = longest[0], longest[-1]
    later = [number for number, at in numbers[numbers.index((last, until)) + 1 :] if at >= until]
    if last < 3 or any(after == before + 1 == later[0] + 1 for before, after in pairwise(later)):
        return None
    return Found(str(last), f"{first} to {last}", page, until)


def _numbers(texts: Mapping[int, str], front: int) -> Iterator[tuple[int, int]]:
    """Return the numbers that begin a line, with their page; one without its full stop needs both its neighbours."""
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


def _longest(numbers: list[tuple[int, int]], pages: Collection[int]) -> list[tuple[int, int]]:
    """Return the numbering that runs furthest from 1, as pairs of number and page; empty for none."""
    starts = [at for at, (number, _) in enumerate(numbers) if number == 1][:MOST_STARTS]
    return max((_run(numbers[at:], pages) for at in starts), key=lambda run: run[-1][0], default=[])


def _run(numbers: list[tuple[int, int]], pages: Collection[int]) -> list[tuple[int, int]]:
    """Follow a numbering from its first number on; over pages that were left out it may have gone on."""
    run = numbers[:1]
    for number, page in numbers[1:]:
        last, before = run[-1]
        left_out = sum(1 for other in range(before + 1, page) if other not in pages)
        if number == last + 1 or (left_out and last < number <= last + _MOST_PER_PAGE * (left_out + 2)):
            run.append((number, page))
    return run


def read_passages(pages: Mapping[int, str], most: int) -> list[Passage]:
    """Return what needs to improve and the paragraphs, in order, up to `most` letters in all.

    Paragraphs are those of the longest numbering from 1; without one, lines up to a short line that ends a sentence.
    """
    if not most:
        return []
    texts = _without_feet({page: plain_text(text) for page, text in sorted(pages.items())})
    front = min(texts, default=0)
    lines = _lines(texts)
    _, items = find_improve(texts, front)
    found = [_passage("improve", item) for item in _last_ended(items)]
    found += [_passage("paragraph", paragraph) for paragraph in _numbered(lines, front) or _parted(lines)]
    letters = accumulate(len(passage.text) for passage in found)
    return [passage for passage, so_far in zip(found, letters, strict=True) if so_far <= most]


def _without_feet(texts: Mapping[int, str]) -> dict[int, str]:
    """Leave out lines that stand on many pages, whatever their page number."""
    bare = {page: [re.sub(r"\d", "", line).strip() for line in text.splitlines()] for page, text in texts.items()}
    often = Counter(line for lines in bare.values() for line in set(lines))
    kept = {page: [often[line] <= _MOST_PAGES for line in lines] for page, lines in bare.items()}
    return {page: "\n".join(compress(text.splitlines(), kept[page])) for page, text in texts.items()}


def _passage(kind: str, lines: Sequence[Line]) -> Passage:
    (page, first), text = lines[0], one_line("\n".join(line for _, line in lines))
    mark = _number(first) or FORMS.bullet.match(first)
    number = mark[1] if mark and kind == "paragraph" and mark[1].isdigit() else ""
    return Passage(kind, number, page, text[mark.end() :].strip() if mark else text)


def _number(line: str) -> re.Match[str] | None:
    return FORMS.numbered.match(line) or FORMS.numbered_without_stop.match(line)


def _last_ended(items: Sequence[Sequence[Line]]) -> list[Sequence[Line]]:
    """Cut the last of a list where it ends a sentence, or is as long as the longest of the others."""
    *others, last = items or [[]]
    longest = max(map(len, others), default=3)
    ends = (at for at, (_, line) in enumerate(last, start=1) if line.rstrip().endswith(".") or at == longest)
    return [*others, last[: next(ends, len(last))]] if last else []


def _numbered(lines: Sequence[Line], front: int) -> list[Sequence[Line]]:
    """Return the paragraphs of the longest numbering from 1 that goes up one by one; empty for a short one."""
    # The page of the title may have a numbered table.
    numbers = [(int(n[1]), at) for at, (page, line) in enumerate(lines) if page > front and (n := _number(line))]
    starts = [at for _, at in _longest(numbers, range(len(lines)))]
    if len(starts) < _FEWEST_NUMBERED:
        return []
    headings = [at for at, (_, line) in enumerate(lines) if FORMS.list_ends.match(line)]
    ends = [min([end, *(at for at in headings if at > start)]) for start, end in pairwise([*starts, len(lines)])]
    return _last_ended([lines[start:end] for start, end in zip(starts, ends, strict=True)])


def _parted(lines: Sequence[Line]) -> Iterator[list[Line]]:
    longest = max((len(line) for _, line in lines), default=0)
    paragraph: list[Line] = []
    for page, line in lines:
        paragraph.append((page, line))
        if line.rstrip().endswith((".", ":")) and len(line) < _FULL * longest:
            if sum(len(each) for _, each in paragraph) >= _FEWEST_LETTERS:
                yield paragraph
            paragraph = []
