"""The passages of a report or letter: what needs to improve, and its paragraphs, as the first reader reads them.

For whoever has the file and compares it with another. Nothing here is certified, and nothing is kept.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, compress, pairwise

from ofsted_reports.lists import Line, find_improve
from ofsted_reports.text import Passage, one_line, plain_text
from ofsted_reports.wording import FORMS

_FEWEST_NUMBERED = 3  # paragraphs; fewer are no numbering
_FEWEST_LETTERS = 80  # of a paragraph without a number; less is an address or a heading
_FULL = 0.8  # of the longest line; a shorter one that ends a sentence ends a paragraph
_MOST_PAGES = 2  # a line on more pages than these is a heading or foot of pages


def read_passages(pages: Mapping[int, str], most: int) -> list[Passage]:
    """Return what needs to improve and the paragraphs, in order, up to `most` letters in all.

    Paragraphs are those of the longest numbering from 1; without one, lines up to a short line that ends a sentence.
    """
    texts = _without_feet({page: plain_text(text) for page, text in sorted(pages.items())})
    front = min(texts, default=0)
    lines = [(page, line) for page, text in texts.items() for line in text.splitlines() if line.strip()]
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
    numbers = [(at, int(n[1])) for at, (page, line) in enumerate(lines) if page > front and (n := _number(line))]
    starts = max((_run(numbers[at:]) for at, (_, number) in enumerate(numbers) if number == 1), key=len, default=[])
    if len(starts) < _FEWEST_NUMBERED:
        return []
    headings = [at for at, (_, line) in enumerate(lines) if FORMS.list_ends.match(line)]
    ends = [min([end, *(at for at in headings if at > start)]) for start, end in pairwise([*starts, len(lines)])]
    return _last_ended([lines[start:end] for start, end in zip(starts, ends, strict=True)])


def _run(numbers: Sequence[tuple[int, int]]) -> list[int]:
    places: list[int] = []
    for at, number in numbers:
        if number == len(places) + 1:
            places.append(at)
    return places


def _parted(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield paragraphs that have no number."""
    longest = max((len(line) for _, line in lines), default=0)
    paragraph: list[Line] = []
    for page, line in lines:
        paragraph.append((page, line))
        if line.rstrip().endswith((".", ":")) and len(line) < _FULL * longest:
            if sum(len(each) for _, each in paragraph) >= _FEWEST_LETTERS:
                yield paragraph
            paragraph = []
