"""Cited numbers and the sentences made of them.

Goes in: rows of tidy tables. Comes out: numbers that know how they were computed and from which rows, and sentences
that print them. A sentence shown by a notebook carries its numbers as data beside its text.
"""

import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from string import Formatter
from typing import Any

import pandas as pd

from childrens_services import vocabulary
from childrens_services.periods import english, english_day, read_edtf
from childrens_services.tables import contracts

NUMBERS_MIME = "application/vnd.childrens-services.numbers+json"
_ROWS_LISTED = 12
ALT_LETTERS = 250


@dataclass(frozen=True)
class Number:
    """A number, day or grade as printed, with how it was computed and the rows it came from."""

    text: str
    value: str
    how: str
    table: str
    rows: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def number_id(self) -> str:
        """A short id of what the number is, its text, value, rows and how it was computed, which survives a re-run."""
        parts = (self.text, self.value, self.how, self.table, *self.rows)
        return "n" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:10]

    def html(self) -> str:
        """The number as HTML that says on hover how it was computed."""
        return (
            f'<data class="number" data-number="{self.number_id}" value="{html.escape(self.value)}" '
            f'title="{html.escape(self.how)}">{html.escape(self.text)}</data>'
        )

    def record(self) -> dict[str, str]:
        """One row of the edition's numbers.csv."""
        return {
            "number_id": self.number_id,
            "text": self.text,
            "value": self.value,
            "how": self.how,
            "table": self.table,
            "rows": "; ".join(self.rows),
            "sources": " ".join(self.sources),
        }


@dataclass(frozen=True)
class Sentence:
    """Words with cited numbers in their places."""

    template: str
    numbers: Mapping[str, Any]

    def _fill(self, show) -> str:
        parts = []
        for words, field, _, _ in Formatter().parse(self.template):
            parts.append(show(words))
            if field is not None:
                parts.append(_shown(self.numbers[field], show))
        return "".join(parts)

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        return self._fill(lambda part: part.text if isinstance(part, Number) else str(part))

    @property
    def html(self) -> str:
        """The sentence as HTML, its numbers marked."""
        return self._fill(lambda part: part.html() if isinstance(part, Number) else html.escape(str(part), quote=False))

    def cited(self) -> list[Number]:
        """The numbers in the sentence, in order."""
        found = []
        for part in self.numbers.values():
            found += [part] if isinstance(part, Number) else part.cited() if isinstance(part, Sentence) else []
        return found


def _shown(part: Any, show) -> str:
    return part._fill(show) if isinstance(part, Sentence) else show(part)


class TypedNumberError(ValueError):
    """A sentence holds a number that was typed and not computed."""


# Digits that are part of a name and not a quantity.
TERMS_WITH_DIGITS = ("section 251", "section 114", "section 47", "RO3", "aged 0 to 17", "31 March", "30 September")
_TERMS = re.compile("|".join(map(re.escape, TERMS_WITH_DIGITS)), re.IGNORECASE)


def strip_terms(text: str) -> str:
    """Remove the fixed terms that hold digits; what digits remain must be cited."""
    return _TERMS.sub("", text)


def say(template: str, **numbers: Any) -> Sentence:
    """Make a sentence: `say("{n} authorities were inadequate.", n=count(...))`.

    Values may be numbers, sentences or plain words. Raises TypedNumberError for a digit that was typed.
    """
    plain = [words for words, _, _, _ in Formatter().parse(template)]
    plain += [value for value in numbers.values() if isinstance(value, str)]
    for words in plain:
        if re.search(r"\d", strip_terms(words)):
            raise TypedNumberError(f"a number was typed into a sentence: {words!r}; compute it and cite its rows")
    return Sentence(template, numbers)


@dataclass(frozen=True)
class Paragraphs:
    """Sentences to be shown by a notebook, as paragraphs or as a list."""

    sentences: tuple[Sentence, ...]
    as_list: bool = False

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        tag, around = ("li", "<ul>{}</ul>") if self.as_list else ("p", "{}")
        body = "\n".join(f"<{tag}>{sentence.html}</{tag}>" for sentence in self.sentences)
        cited = [number.record() for sentence in self.sentences for number in sentence.cited()]
        return {
            "text/plain": "\n".join(sentence.text for sentence in self.sentences),
            "text/html": around.format(body),
            NUMBERS_MIME: cited,
        }


def tell(*sentences: Any, as_list: bool = False) -> Paragraphs:
    """Show sentences in a notebook; lists of sentences are taken apart, however deep."""
    return Paragraphs(tuple(_flat(sentences)), as_list)


def _flat(items: Iterable[Any]) -> list[Sentence]:
    return [s for item in items for s in ([item] if isinstance(item, Sentence) else _flat(item))]


def join(parts: Iterable[Any]) -> Sentence:
    """Join parts as English does: "a", "a and b", "a, b and c"."""
    listed = list(parts)
    names = [f"{{p{i}}}" for i in range(len(listed))]
    template = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""
    return Sentence(template, {f"p{i}": part for i, part in enumerate(listed)})


def in_a_row(parts: Iterable[Any], between: str = " ") -> Sentence:
    """Put parts one after the other as they are, with a space or such between: `in_a_row([a, b], "; ")`."""
    listed = list(parts)
    return Sentence(between.join(f"{{p{i}}}" for i in range(len(listed))), {f"p{i}": p for i, p in enumerate(listed)})


def alt_text(kind: str, finding: Sentence) -> Sentence:
    """Give a chart's alternative text in a line: its kind and what it shows; the description has the values.

    A finding too long to be read out in one breath, with four long names in it, is left to the title.
    """
    whole = say("{kind}. {finding}", kind=kind, finding=finding)
    return whole if len(whole.text) <= ALT_LETTERS else say("{kind}. What it shows is its title.", kind=kind)


def rows_of(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Take a frame apart into frames of one row, as citing wants them."""
    return [frame.iloc[i : i + 1] for i in range(len(frame))]


def number(value: float | str | date, text: str, how: str, rows: pd.DataFrame, table: str) -> Number:
    """Cite a number computed from `rows` of `table`; `how` says in words how it was computed.

    The rows are listed in the order of their keys, so that the number's id is the same whichever order they come in.
    """
    named = len(rows) if len(rows) <= _ROWS_LISTED else _ROWS_LISTED - 1
    keys = [rows[key].tolist() for key in contracts()[table]["key"] if key in rows]
    every = (" ".join(map(str, row)) for row in zip(*keys, strict=True)) if keys else [""] * len(rows)
    listed = nsmallest(named, every)
    if len(rows) > named:
        listed.append(f"and {len(rows) - named} more rows")
    cited = rows["source_id"].unique() if "source_id" in rows else ()
    sources = sorted({one for cell in cited if isinstance(cell, str) for one in cell.split()})
    return Number(text, _plain(value), how, table, tuple(listed), tuple(sources))


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def count(rows: pd.DataFrame, table: str, how: str, zero: str = "0") -> Number:
    """Cite a count of rows: `count(inadequate, "judgements", "authorities graded inadequate overall on the day")`.

    `zero` is the word printed for no rows, where a sentence wants "none" or "no".
    """
    return number(len(rows), f"{len(rows):,}" if len(rows) else zero, how, rows, table)


def day(rows: pd.DataFrame, column: str, table: str, how: str) -> Number:
    """Cite the day in a column of a single row, printed as 5 September 2022."""
    value = rows[column].iloc[0].date()
    return number(value, english_day(value), how, rows, table)


def cell(rows: pd.DataFrame, column: str, table: str, how: str) -> Number:
    """Cite the text in a column of a single row as it stands, for example the words that give a window."""
    value = rows[column].iloc[0]
    return number(value, str(value), how, rows, table)


def span(rows: pd.DataFrame, how: str = "days of the inspection or visit") -> Number:
    """Cite the days of a single event, printed as 11 to 22 July 2022, or as exactly as they are known."""
    start, end = rows["start"].iloc[0], rows["end"].iloc[0]
    text = start if pd.isna(end) else f"{start}/{end}"
    return number(text, english(read_edtf(text)), how, rows, "events")


def grade(rows: pd.DataFrame, how: str = "grade as published") -> Number:
    """Cite the grade of a single judgement, in words."""
    value = rows["grade"].iloc[0]
    return number(value, vocabulary.GRADE_NAMES[value], how, rows, "judgements")


def plural(n: float, one: str, many: str | None = None) -> str:
    """Give the word that agrees with a count: `plural(1, "visit")` is visit, `plural(0, "visit")` is visits."""
    return one if n == 1 else many or one + "s"


@dataclass(frozen=True)
class Table:
    """A small table to be shown by a notebook, its cells words, numbers or sentences."""

    caption: Sentence
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in self.columns)
        body = "\n".join(self._row(row) for row in self.rows)
        label = html.escape(self.caption.text)
        cited = [n.record() for row in self.rows for part in row for n in _cited(part)]
        return {
            "text/plain": "\n".join(
                " | ".join(_plain_text(part) for part in row) for row in (self.columns, *self.rows)
            ),
            "text/html": f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table><caption>'
            f"{self.caption.html}</caption><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>",
            NUMBERS_MIME: cited + [n.record() for n in self.caption.cited()],
        }

    def _row(self, row: tuple[Any, ...]) -> str:
        first, *others = [
            part.html
            if isinstance(part, Sentence)
            else part.html()
            if isinstance(part, Number)
            else html.escape(str(part), quote=False)
            for part in row
        ]
        return f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{part}</td>" for part in others) + "</tr>"


def _cited(part: Any) -> list[Number]:
    return [part] if isinstance(part, Number) else part.cited() if isinstance(part, Sentence) else []


def _plain_text(part: Any) -> str:
    return part.text if isinstance(part, Number | Sentence) else str(part)


def show_table(caption: Sentence, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Show a table whose plain cells hold no typed number; raises TypedNumberError where one does."""
    listed = tuple(tuple(row) for row in rows)
    for part in (part for row in listed for part in row if isinstance(part, str)):
        if re.search(r"\d", strip_terms(part)):
            raise TypedNumberError(f"a number was typed into a table: {part!r}; compute it and cite its rows")
    return Table(caption, tuple(columns), listed)
