"""The passages of a report or letter: what needs to improve, and its paragraphs, as the first reader reads them.

For whoever has the file and compares it with another. Nothing here is certified, and nothing is kept.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

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
    found = [_passage("improve", _ended(item, items)) for item in items]
    found += [_passage("paragraph", paragraph) for paragraph in _numbered(lines) or _parted(lines)]
    kept, letters = [], 0
    for passage in found:
        letters += len(passage.text)
        kept += [passage] if letters <= most else []
    return kept


def _without_feet(texts: Mapping[int, str]) -> dict[int, str]:
    """Leave out lines that stand on many pages, whatever their page number."""
    bare = {page: [re.sub(r"\d", "", line).strip() for line in text.splitlines()] for page, text in texts.items()}
    often = Counter(line for lines in bare.values() for line in set(lines))
    return {
        page: "\n".join(
            line for line, plain in zip(text.splitlines(), bare[page], strict=True) if often[plain] <= _MOST_PAGES
        )
        for page, text in texts.items()
    }


def _passage(kind: str, lines: Sequence[Line]) -> Passage:
    (page, first), text = lines[0], one_line("\n".join(line for _, line in lines))
    mark = _number(first) or FORMS.bullet.match(first)
    number = mark[1] if mark and kind == "paragraph" and mark[1].isdigit() else ""
    return Passage(kind, number, page, text[mark.end() :].strip() if mark else text)


def _number(line: str) -> re.Match[str] | None:
    return FORMS.numbered.match(line) or FORMS.numbered_without_stop.match(line)


def _ended(lines: Sequence[Line], others: Sequence[Sequence[Line]]) -> Sequence[Line]:
    """Cut the last of a list where it ends a sentence, or is as long as the longest of the others."""
    if lines is not others[-1]:
        return lines
    longest = max((len(other) for other in others[:-1]), default=3)
    ends = (at for at, (_, line) in enumerate(lines, start=1) if line.rstrip().endswith(".") or at == longest)
    return lines[: next(ends, len(lines))]


def _numbered(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the paragraphs of the longest numbering from 1 that goes up one by one; empty for a short one."""
    front = lines[0][0] if lines else 0  # whose table may be numbered
    numbers = [(at, int(n[1])) for at, (page, line) in enumerate(lines) if page > front and (n := _number(line))]
    runs = [_run(numbers[at:]) for at, (_, number) in enumerate(numbers) if number == 1]
    starts = max(runs, key=len, default=[])
    ends = [*starts[1:], len(lines)]
    paragraphs = [_before_heading(lines[start:end]) for start, end in zip(starts, ends, strict=bool(starts))]
    whole = [_ended(one, paragraphs) for one in paragraphs]
    return [list(one) for one in whole] if len(starts) >= _FEWEST_NUMBERED else []


def _run(numbers: Sequence[tuple[int, int]]) -> list[int]:
    places: list[int] = []
    for at, number in numbers:
        if number == len(places) + 1:
            places.append(at)
    return places


def _before_heading(lines: Sequence[Line]) -> Sequence[Line]:
    heading = next((at for at, (_, line) in enumerate(lines) if at and FORMS.list_ends.match(line)), len(lines))
    return lines[:heading]


def _parted(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield paragraphs that have no number."""
    longest = max((len(line) for _, line in lines), default=0)
    open_lines: list[Line] = []
    for page, line in lines:
        open_lines.append((page, line))
        ends = line.rstrip().endswith((".", ":"))
        if ends and len(line) < _FULL * longest:
            if sum(len(each) for _, each in open_lines) >= _FEWEST_LETTERS:
                yield open_lines
            open_lines = []
