"""Judgement tables and section headings of Ofsted's reports: which grade stands beside which area.

Goes in: the text of pages, in the order a PDF reader gives it. Comes out: one `Found` a judgement. A row is read by
its words, not by its lines, because a cell's grade may stand after its label, in the middle of it, or in a column of
its own; a row that allows two readings gives none. The areas' wordings are in data/curated/report_wordings.csv.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from childrens_services import paths
from childrens_services.vocabulary import read_grade

GRADE = r"(?:outstanding|good|adequate|inadequate|requires?\s+improvement(?:\s+to\s+be\s+good)?)"
# Words that may stand between two rows of one table: a footnote's mark, a running foot where the page turns.
GAP, GAP_OVER_PAGES = 3, 30
FEWEST_ROWS = 3  # fewer areas than that, one after another, are a sentence or a list of contents
_SPELLINGS = tuple(
    tuple(spelling.split())
    for spelling in ("outstanding", "good", "adequate", "inadequate", "requires improvement to be good")
)
_SHORT = ("requires", "improvement")


@dataclass(frozen=True)
class Found:
    """A value as a report states it: the value in our terms, the words that state it, and the page they are on.

    `until` is the last page of a list; `as_column` marks a grade that was read from a column apart from its labels.
    """

    value: str
    wording: str
    page: int
    until: int = 0
    as_column: bool = False


@cache
def wordings(framework: str, place: str) -> dict[str, str]:
    """Give judgement ids by the wording of their area in the reports of a framework, longest wording first.

    `place` is `table` or `heading`; `wordings("sif", "table")["Adoption performance"]` is `adoption`.
    """
    with (paths.CURATED / "report_wordings.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["framework"], row["place"]) == (framework, place)]
    return {row["wording"]: row["judgement"] for row in sorted(rows, key=lambda row: -len(row["wording"]))}


def tidy_grade(text: str) -> str:
    """Give the id of a printed grade, also where the verb is a plural's: `tidy_grade("require improvement")`.

    Raises ValueError with the text for any other word, for example "met".
    """
    return read_grade(re.sub(r"(?i)^require\b", "requires", " ".join(text.split())))


def read_table(pages: Mapping[int, str], framework: str) -> dict[str, Found]:
    """Read the judgement table that stands first on `pages`; one `Found` a row whose grade allows one reading.

    Where labels and grades stand in two columns, they are paired in order if they are equally many, and marked
    `as_column`. An empty dictionary where there is no table.
    """
    words = [(word, page) for page, text in sorted(pages.items()) for word in text.split()]
    rows = _block(words, wordings(framework, "table"))
    return {} if not rows or _follows_grade(words, rows[0].start) else dict(_graded(rows, words))


@dataclass(frozen=True)
class _Row:
    judgement: str
    start: int
    end: int
    grade: tuple[str, ...]  # the grade's words where they stand within or right after the label


def _plain(word: str) -> str:
    """Give a word's letters, small: without a stop, a comma or a footnote's number."""
    plain = word.strip(".,:;*†‡()").lower()
    return plain.rstrip("0123456789") or plain if plain[:1].isalpha() else plain


def _block(words: Sequence[tuple[str, int]], labels: Mapping[str, str]) -> list[_Row]:
    """Give the rows of the first table: at least three different labels, none far from the one before."""
    rows: list[_Row] = []
    for row in _labels(words, labels):
        if rows and (_is_far(words, rows[-1].end, row.start) or row.judgement in {known.judgement for known in rows}):
            if len(rows) >= FEWEST_ROWS:
                break
            rows = []
        rows.append(row)
    return rows if len(rows) >= FEWEST_ROWS else []


def _is_far(words: Sequence[tuple[str, int]], end: int, start: int) -> bool:
    return start - end > (GAP if words[end - 1][1] == words[start][1] else GAP_OVER_PAGES)


def _labels(words: Sequence[tuple[str, int]], labels: Mapping[str, str]) -> Iterator[_Row]:
    """Give every label that stands in the words, with a grade or without; labels are printed with a capital."""
    plain = [_plain(word) for word, _ in words]
    split = {tuple(_plain(word) for word in label.split()): judgement for label, judgement in labels.items()}
    firsts = {label[0] for label in split}
    at = 0
    while at < len(words):
        row = _row_at(plain, at, split) if plain[at] in firsts and words[at][0][0].isupper() else None
        if row:
            yield row
        at = row.end if row else at + 1


def _row_at(plain: Sequence[str], start: int, labels: Mapping[tuple[str, ...], str]) -> _Row | None:
    for label, judgement in labels.items():
        if (walked := _walk(plain, start, label)) is not None:
            end, grade = walked
            return _Row(judgement, start, end, grade)
    return None


def _walk(plain: Sequence[str], start: int, label: tuple[str, ...]) -> tuple[int, tuple[str, ...]] | None:
    """Walk over a label whose grade may stand anywhere in it or after it; None where the words are not that label."""
    at, known, grade = start, 0, []
    while at < len(plain):
        word = plain[at]
        if known < len(label) and word == label[known]:
            known += 1
        elif _begins_grade((*grade, word)):
            grade.append(word)
        elif not _is_mark(plain, at, known < len(label), not grade):
            break
        at += 1
    while grade and not _is_grade(tuple(grade)):  # "requires improvement" and then a sentence that begins with "To"
        grade.pop()
        at -= 1
    return None if known < len(label) else (at, tuple(grade))


def _is_mark(plain: Sequence[str], at: int, in_label: bool, before_grade: bool) -> bool:
    """Tell whether a word belongs to no row: a footnote's number, or the heading of a column of grades."""
    grade_follows = before_grade and at + 1 < len(plain) and _begins_grade((plain[at + 1],))
    is_number = bool(re.fullmatch(r"[0-9.]*", plain[at]))
    return (is_number and (in_label or grade_follows)) or (plain[at] == "grade" and grade_follows)


def _begins_grade(words: tuple[str, ...]) -> bool:
    return any(spelling[: len(words)] == words for spelling in _SPELLINGS)


def _is_grade(words: tuple[str, ...]) -> bool:
    return words in _SPELLINGS or words == _SHORT


def _follows_grade(words: Sequence[tuple[str, int]], start: int) -> bool:
    """Tell whether a grade stands right before the first label: then grades come first, and a row cannot be told."""
    return start > 0 and _plain(words[start - 1][0]) in {spelling[-1] for spelling in _SPELLINGS} | {_SHORT[-1]}


def _graded(rows: Sequence[_Row], words: Sequence[tuple[str, int]]) -> Iterator[tuple[str, Found]]:
    """Give the rows that have a grade; labels without one, together with the next that has one, are a column."""
    waiting: list[_Row] = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        waiting.append(row)
        if not row.grade:
            continue
        run = _grades_from(words, _after_label(row), following.start if following else len(words))
        if len(waiting) == 1 and (following is None or len(run) <= 1):
            yield row.judgement, _found(row, words, row.grade, False)
        elif len(waiting) == len(run):
            for label, grade in zip(waiting, run, strict=True):
                yield label.judgement, _found(label, words, grade, True)
        waiting = []


def _after_label(row: _Row) -> int:
    return row.end - len(row.grade)


def _grades_from(words: Sequence[tuple[str, int]], start: int, stop: int) -> list[tuple[str, ...]]:
    """Give the grades that stand one after another from `start`."""
    run, at = [], start
    while at < stop:
        grade: tuple[str, ...] = ()
        for size in (5, 2, 1):
            part = tuple(_plain(word) for word, _ in words[at : at + size])
            if at + size <= stop and _is_grade(part):
                grade = part
                break
        if not grade:
            break
        run.append(grade)
        at += len(grade)
    return run


def _found(row: _Row, words: Sequence[tuple[str, int]], grade: tuple[str, ...], as_column: bool) -> Found:
    """Put label and grade together again as they are printed, whatever the order of their words on the page."""
    left, label = list(row.grade), []
    for word, _ in words[row.start : row.end]:
        if left and _plain(word) == left[0]:
            left.pop(0)
        else:
            label.append(word)
    printed = " ".join(grade).capitalize()
    return Found(read_grade(printed), f"{' '.join(label)}: {printed}", words[row.start][1], as_column=as_column)


def read_headings(pages: Mapping[int, str], framework: str) -> dict[str, Found]:
    """Read the grades that the headings of a report's sections repeat; one `Found` a judgement, the first of each."""
    found: dict[str, Found] = {}
    for page, text in sorted(pages.items()):
        lines = f"\n{text}"
        forms = _heading_forms(framework) if any(f"\n{first}" in lines for first in _first_words(framework)) else ()
        for heading, judgement in forms:
            match = heading.search(text)
            if match and judgement not in found:
                found[judgement] = Found(tidy_grade(match[1]), " ".join(match[0].split()), page)
    return found


@cache
def _first_words(framework: str) -> set[str]:
    return {wording.split()[0] + " " + wording.split()[1][:6] for wording in wordings(framework, "heading")}


@cache
def _heading_forms(framework: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give a pattern a wording: the label, perhaps "is" or a colon, and a grade that ends its line."""
    return tuple(
        (re.compile(rf"(?i){_spaced(wording)}(?:\s|:|-|\bis\b|\bare\b)*\b({GRADE})[ .]*$", re.MULTILINE), judgement)
        for wording, judgement in wordings(framework, "heading").items()
    )


def _spaced(wording: str) -> str:
    return r"\s+".join(re.escape(word) for word in wording.split())
