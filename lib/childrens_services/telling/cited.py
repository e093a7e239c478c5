"""Numbers that know their source, and the sentences and tables made of them.

Every number, day and grade that is printed carries how it was computed, the rows of the tidy table that it came from
and their sources. A sentence or table shown by a notebook carries its numbers as data beside its text.
"""

import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from string import Formatter
from typing import Any

import pandas as pd

from childrens_services.sources import compiled
from childrens_services.tables import contracts
from childrens_services.telling.words import has_digits

__all__ = [
    "Number",
    "Paragraphs",
    "Sentence",
    "Table",
    "TypedNumberError",
    "absence",
    "join",
    "number",
    "sentence",
    "source_ids",
]
NUMBERS_MIME = "application/vnd.childrens-services.numbers+json"
ABSENCE_MIME = "application/vnd.childrens-services.absence+json"
ROWS_LISTED = 12
Rows = Sequence[Mapping[str, Any]]
# What rests, in part or whole, on a list that others compiled carries this mark, and is said so where it is explained.
MARK = "†"
MARKED = "rests in part on a list that others compiled from Ofsted's reports"


class TypedNumberError(ValueError):
    """A sentence holds a number that was typed and not computed."""


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
        """A short id of what the number is, the same whenever and wherever it is computed."""
        parts = (self.text, self.value, self.how, self.table, *self.rows)
        return "n" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:10]

    @property
    def html(self) -> str:
        """The number as HTML that says on hover how it was computed."""
        return (
            f'<data class="number" data-number="{self.number_id}" value="{html.escape(self.value)}" '
            f'title="{html.escape(self.how)}">{html.escape(self.text)}</data>'
        )

    def cited(self) -> list["Number"]:
        """Return the number itself, so that numbers and sentences can be asked alike."""
        return [self]

    def record(self) -> dict[str, str]:
        """Return the number as one row of the edition's numbers.csv."""
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
    """Words with cited numbers, other sentences or plain words in their places."""

    template: str
    parts: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        return self.template.format(**{name: _shown(part, "text") for name, part in self.parts.items()})

    @property
    def html(self) -> str:
        """The sentence as HTML, its numbers marked."""
        marked = {name: _shown(part, "html") for name, part in self.parts.items()}
        return html.escape(self.template, quote=False).format(**marked)

    def cited(self) -> list[Number]:
        """Return the numbers in the sentence, in order."""
        return [number for part in self.parts.values() for number in _cited(part)]


def _shown(part: Any, form: str) -> str:
    """Return a part of a sentence or table as `text` or `html`."""
    if isinstance(part, Number | Sentence):
        return getattr(part, form)
    return html.escape(str(part), quote=False) if form == "html" else str(part)


def _cells(row: tuple[Any, ...], form: str) -> list[str]:
    """Return the cells of a row, the first of them with the mark where the row rests on a compiled list."""
    first, *others = [_shown(part, form) for part in row]
    return [first + _mark([number for part in row for number in _cited(part)], form), *others]


def _cited(part: Any) -> list[Number]:
    return part.cited() if isinstance(part, Number | Sentence) else []


def sentence(template: str, **parts: Any) -> Sentence:
    """Return a sentence of a template and its parts: `sentence("{who} spent {sum}.", who="Leeds", sum=number)`.

    Parts are numbers, sentences or plain words. Raises TypedNumberError for a digit that was typed.
    """
    plain = [words for words, _, _, _ in Formatter().parse(template)]
    plain += [part for part in parts.values() if isinstance(part, str)]
    for words in plain:
        if has_digits(words):
            raise TypedNumberError(f"a number was typed into a sentence: {words!r}; compute it and cite its rows")
    return Sentence(template, parts)


def join(parts: Iterable[Any], between: str = ", ", last: str = " and ") -> Sentence:
    """Return parts joined as English does: "a", "a and b", "a, b and c"."""
    listed = list(parts)
    names = [f"{{p{i}}}" for i in range(len(listed))]
    template = names[0] if len(names) == 1 else between.join(names[:-1]) + last + names[-1] if names else ""
    return Sentence(template, {f"p{i}": part for i, part in enumerate(listed)})


@dataclass(frozen=True)
class Paragraphs:
    """Sentences to be shown by a notebook, each as a paragraph or as an item of a list.

    Where they only say that there is nothing to show (`is_absence`), an edition gathers them under what is not known.
    """

    sentences: tuple[Sentence, ...]
    is_absence: bool = False

    def __add__(self, other: "Paragraphs") -> "Paragraphs":
        absent = self.is_absence and other.is_absence
        return replace(self, sentences=self.sentences + other.sentences, is_absence=absent)

    def joined(self, between: str) -> "Paragraphs":
        """Return the same sentences as one, with a space or such between them: `joined("; ")`."""
        return replace(self, sentences=(join(self.sentences, between, between),) if self.sentences else ())

    def together(self) -> "Paragraphs":
        """Return the same sentences as one paragraph."""
        return self.joined(" ")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            "text/plain": "\n".join(one.text + _mark(one.cited(), "text") for one in self.sentences),
            "text/html": "\n".join(f"<p>{one.html}{_mark(one.cited(), 'html')}</p>" for one in self.sentences),
            NUMBERS_MIME: [number.record() for one in self.sentences for number in one.cited()],
        } | ({ABSENCE_MIME: True} if self.is_absence else {})


def _mark(numbers: Iterable[Number], form: str) -> str:
    """Return the mark of what rests on a compiled list, with a space before it, as `text` or `html`; else nothing."""
    if not any(compiled(number.sources) for number in numbers):
        return ""
    return f' <abbr class="mark" title="{html.escape(MARKED)}">{MARK}</abbr>' if form == "html" else f" {MARK}"


def absence(words: str) -> Paragraphs:
    """Return what is said where there is no row: a sentence of its own, or nothing for no words."""
    return Paragraphs((sentence(words),) if words else (), is_absence=True)


@dataclass(frozen=True)
class Table:
    """A table to be shown by a notebook, its cells words, numbers or sentences; open, or folded under its caption."""

    caption: Sentence
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_folded: bool = False

    def fold(self) -> "Table":
        """Return the same table folded under its caption, for what few readers want."""
        return replace(self, is_folded=True)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        lines = [self.columns, *(_cells(row, "text") for row in self.rows)]
        numbers = [number for row in self.rows for part in row for number in _cited(part)] + self.caption.cited()
        return {
            "text/plain": "\n".join(" | ".join(line) for line in lines),
            "text/html": self._html(),
            NUMBERS_MIME: [number.record() for number in numbers],
        }

    def _html(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in self.columns)
        body = "\n".join(self._row(row) for row in self.rows)
        label = html.escape(self.caption.text)
        table = (
            f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table><caption>'
            f"{self.caption.html}</caption><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
        )
        return f"<details><summary>{label}</summary>{table}</details>" if self.is_folded else table

    @staticmethod
    def _row(row: tuple[Any, ...]) -> str:
        first, *others = _cells(row, "html")
        return f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{part}</td>" for part in others) + "</tr>"


def number(value: Any, text: str, how: str, rows: pd.DataFrame | Rows, table: str) -> Number:
    """Return a number computed from `rows` of a tidy table, or those as records; `how` says how it was computed.

    Up to twelve rows are listed by the table's key, in its order; of more, the first eleven and the number of the rest.
    """
    if isinstance(rows, pd.DataFrame):
        used = [name for name in dict.fromkeys([*contracts()[table]["key"], "source_id"]) if name in rows]
        rows = rows[used].to_dict("records")
    keys = sorted(_row_key(row, table) for row in rows)
    if (more := len(keys) - ROWS_LISTED + 1) > 1:
        keys = [*keys[: ROWS_LISTED - 1], f"and {more} more rows"]
    return Number(text, _plain(value), how, table, tuple(keys), tuple(_named(row.get("source_id") for row in rows)))


def _row_key(row: Mapping[str, Any], table: str) -> str:
    return " ".join(str(row[key]) for key in contracts()[table]["key"] if key in row)


def source_ids(rows: pd.DataFrame) -> list[str]:
    """Return the ids of all sources that rows name, sorted; a cell can name several, separated by spaces."""
    return _named(rows["source_id"].unique() if "source_id" in rows else ())


def _named(cells: Iterable[Any]) -> list[str]:
    return sorted({one for cell in cells if isinstance(cell, str) for one in cell.split()})


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return value.isoformat()[:10] if isinstance(value, date) else str(value)
