"""Judgement tables and section headings of Ofsted's reports: which grade stands beside which area.

A row is read by its words and not by its lines; a row that allows two readings gives none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ofsted_reports.text import Found
from ofsted_reports.wording import GRADE_IDS, form, read_grade, wordings

# Words that may stand between two rows of one table: a footnote's mark, a running foot where the page turns.
GAP, GAP_OVER_PAGES = 3, 30
FEWEST_ROWS = 3  # fewer areas than that, one after another, are a sentence or a list of contents
_GRADES = {tuple(printed.split()) for printed in GRADE_IDS}
_BEGINNINGS = {grade[:size] for grade in _GRADES for size in range(1, len(grade) + 1)}
_ENDINGS = {grade[-1] for grade in _GRADES}


@dataclass(frozen=True)
class _Word:
    printed: str
    page: int
    plain: str  # its letters, small: without a stop, a comma or a footnote's number


@dataclass(frozen=True)
class _Row:
    judgement: str
    start: int
    end: int
    grade: tuple[str, ...]  # the grade's words where they stand within or right after the label


def read_table(pages: Mapping[int, str], framework: str) -> dict[str, Found]:
    """Return the judgement table that stands first on `pages`: one `Found` a row whose grade allows one reading.

    Where labels and grades stand in two columns, they are paired in order if they are equally many, and marked
    `as_column`. An empty dictionary where there is no table.
    """
    words = [_Word(word, page, _plain(word)) for page, text in sorted(pages.items()) for word in text.split()]
    rows = _first_table(words, wordings(framework, "table"))
    if not rows or (rows[0].start and words[rows[0].start - 1].plain in _ENDINGS):
        return {}  # where a grade stands before the first label, grades come first, and rows cannot be told apart
    return dict(_graded(rows, words))


def _plain(word: str) -> str:
    plain = word.strip(".,:;*†‡()").lower()
    return plain.rstrip("0123456789") or plain if plain[:1].isalpha() else plain


def _first_table(words: Sequence[_Word], labels: Mapping[str, str]) -> list[_Row]:
    """Return the rows of the first table: at least three different labels, none far from the one before."""
    rows: list[_Row] = []
    for row in _labels(words, labels):
        if rows and (_is_far(words, rows[-1].end, row.start) or row.judgement in {known.judgement for known in rows}):
            if len(rows) >= FEWEST_ROWS:
                break
            rows = []
        rows.append(row)
    return rows if len(rows) >= FEWEST_ROWS else []


def _is_far(words: Sequence[_Word], end: int, start: int) -> bool:
    return start - end > (GAP if words[end - 1].page == words[start].page else GAP_OVER_PAGES)


def _labels(words: Sequence[_Word], labels: Mapping[str, str]) -> Iterator[_Row]:
    """Return every label that stands in the words, with a grade or without; labels are printed with a capital."""
    split = [(tuple(_plain(word) for word in label.split()), judgement) for label, judgement in labels.items()]
    plain, firsts = [word.plain for word in words], {label[0] for label, _ in split}
    at = 0
    while at < len(words):
        row = None
        if plain[at] in firsts and words[at].printed[0].isupper():
            row = next((row for each in split if (row := _row_at(plain, at, *each))), None)
        if row:
            yield row
        at = row.end if row else at + 1


def _row_at(plain: Sequence[str], start: int, label: tuple[str, ...], judgement: str) -> _Row | None:
    """Return the row whose label begins at `start`; its grade may stand anywhere in the label or after it."""
    at, known, grade = start, 0, ()
    while at < len(plain):
        if known < len(label) and plain[at] == label[known]:
            known += 1
        elif (*grade, plain[at]) in _BEGINNINGS:
            grade = (*grade, plain[at])
        elif not _is_mark(plain, at, known < len(label), not grade):
            break
        at += 1
    while grade and grade not in _GRADES:  # "requires improvement" and then a sentence that begins with "To"
        grade, at = grade[:-1], at - 1
    return _Row(judgement, start, at, grade) if known == len(label) else None


def _is_mark(plain: Sequence[str], at: int, in_label: bool, before_grade: bool) -> bool:
    """Return whether a word belongs to no row: a footnote's number, or the heading of a column of grades."""
    grade_follows = before_grade and tuple(plain[at + 1 : at + 2]) in _BEGINNINGS
    is_number = bool(re.fullmatch(r"[0-9.]*", plain[at]))
    return (is_number and (in_label or grade_follows)) or (plain[at] == "grade" and grade_follows)


def _graded(rows: Sequence[_Row], words: Sequence[_Word]) -> Iterator[tuple[str, Found]]:
    """Return the rows that have a grade; labels without one, together with the next that has one, are a column."""
    waiting: list[_Row] = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        waiting.append(row)
        if not row.grade:
            continue
        run = _grades([word.plain for word in words[row.end - len(row.grade) : following and following.start]])
        if len(waiting) == 1 and (following is None or len(run) <= 1):
            yield row.judgement, _found(row, words, row.grade)
        elif len(waiting) == len(run):
            for label, grade in zip(waiting, run, strict=True):
                yield label.judgement, replace(_found(label, words, grade), as_column=True)
        waiting = []


def _grades(plain: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the grades that stand one after another at the head of the words."""
    run: list[tuple[str, ...]] = []
    while grade := next((tuple(plain[:size]) for size in (5, 2, 1) if tuple(plain[:size]) in _GRADES), None):
        run.append(grade)
        plain = plain[len(grade) :]
    return run


def _found(row: _Row, words: Sequence[_Word], grade: tuple[str, ...]) -> Found:
    """Put label and grade together again as they are printed, whatever the order of their words on the page."""
    left, label = list(row.grade), []
    for word in words[row.start : row.end]:
        if left and word.plain == left[0]:
            left.pop(0)
        else:
            label.append(word.printed)
    printed = " ".join(grade).capitalize()
    return Found(read_grade(printed), f"{' '.join(label)}: {printed}", words[row.start].page)


def read_headings(pages: Mapping[int, str], framework: str) -> dict[str, Found]:
    """Return the grades that the headings of a report's sections repeat: one `Found` a judgement, the first of each."""
    found: dict[str, Found] = {}
    beginnings = {f"\n{wording[:10]}" for wording in wordings(framework, "heading")}
    for page, text in sorted(pages.items()):
        lines = f"\n{text}"
        if any(beginning in lines for beginning in beginnings):  # pages without one need no search
            for heading, judgement in _heading_forms(framework):
                if judgement not in found and (match := heading.search(text)):
                    found[judgement] = Found(read_grade(match[1]), " ".join(match[0].split()), page)
    return found


@cache
def _heading_forms(framework: str) -> list[tuple[re.Pattern[str], str]]:
    known = wordings(framework, "heading").items()
    spaced = [(r"\s+".join(map(re.escape, words.split())), judgement) for words, judgement in known]
    return [(form(f"(?im){words}<REPEATED>"), judgement) for words, judgement in spaced]
