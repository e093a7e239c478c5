"""A grammar for cited sentences and tables: a template over the rows of a frame, as a chart is a mapping over them.

`say(newest, "{name} spent {amount_per_child:pounds} per child in {financial_year}.", "spending")` gives one sentence a
row. A field is a column and, after the colon, the form that it is printed in (`telling.words.FORMS`). A text without
digits is a word; everything else is a cited number: its table, the key of its row, its sources, and how it was
computed, which is the contract's description of the column, or `how` for a column made in the notebook.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from childrens_services.tables import about, contracts
from childrens_services.telling.cited import Number, Paragraphs, Sentence, Table, absence, join, number, sentence
from childrens_services.telling.words import as_words, counted, has_digits, in_words

__all__ = ["cite", "count", "listed", "say", "show", "tell"]
NOT_PUBLISHED = "not published"
# What a number is cited by besides the key of its row, and what some forms need: see `words.as_words`.
_OF_THE_ROW = ("source_id", "decimals", "tied", "end")
_FIELD = re.compile(r"\{(\w+)(?::([^{}]*))?\}")


def say(
    rows: pd.DataFrame, template: str, table: str, how: Mapping[str, str] | None = None, otherwise: str = ""
) -> Paragraphs:
    """Return one sentence a row of a frame, or `otherwise` where there is no row.

    `table` is the tidy table that the rows are of. Raises KeyError for a column that is neither described by a contract
    nor by `how`, and TypedNumberError for a digit in the template.
    """
    return Paragraphs(tuple(_sentences(rows, template, table, how))) if len(rows) else absence(otherwise)


def listed(rows: pd.DataFrame, template: str, table: str, how: Mapping[str, str] | None = None) -> Sentence:
    """Return the rows of a frame as one list, for a title: "Nottingham £1,699 and Nottinghamshire £1,362"."""
    return join(_sentences(rows, template, table, how))


def show(
    rows: pd.DataFrame,
    columns: Mapping[str, str],
    table: str,
    caption: str | Sentence,
    how: Mapping[str, str] | None = None,
    otherwise: str = "",
) -> Table | Paragraphs:
    """Return a cited table of a frame, or `otherwise` for no rows.

    `{"Per child": "{amount_per_child:pounds}"}` is the heading of a column and the template of its cells.
    """
    if rows.empty:
        return absence(otherwise)
    cells = [_sentences(rows, template, table, how) for template in columns.values()]
    words = caption if isinstance(caption, Sentence) else sentence(caption)
    return Table(words, tuple(columns), tuple(zip(*cells, strict=True)))


def tell(*parts: Any) -> Paragraphs:
    """Return sentences, paragraphs and lists of these as paragraphs in a row."""
    return Paragraphs(tuple(_flat(parts)))


def _flat(parts: Iterable[Any]) -> list[Sentence]:
    found: list[Sentence] = []
    for part in parts:
        found += [part] if isinstance(part, Sentence) else _flat(getattr(part, "sentences", part))
    return found


def cite(value: Any, form: str, rows: pd.DataFrame, table: str, how: str) -> Number:
    """Return a number over many rows, such as a median: `cite(found, "pounds", rows, "spending", "median of ten")`."""
    return number(value, as_words({"it": value}, "it", form), how, rows, table)


def count(rows: pd.DataFrame, table: str, how: str, noun: str = "") -> Number:
    """Return the number of rows, cited; with a noun as "three visits": `count(visits, "events", "...", "visit")`."""
    return number(len(rows), counted(len(rows), noun) if noun else in_words(len(rows)), how, rows, table)


def _sentences(rows: pd.DataFrame, template: str, table: str, how: Mapping[str, str] | None = None) -> list[Sentence]:
    """Return the template filled once a row; each field spelled differently has a place of its own."""
    fields = {field[0]: (field[1], field[2] or "") for field in _FIELD.finditer(template)}
    used = {*(column for column, _ in fields.values()), *_OF_THE_ROW, *contracts()[table]["key"]}
    places = {spelled: f"f{i}" for i, spelled in enumerate(fields)}
    words = _FIELD.sub(lambda field: f"{{{places[field[0]]}}}", template)
    said = []
    for row in rows[[column for column in rows if column in used]].to_dict("records"):
        parts = {
            places[spelled]: _part(row, column, form, table, how or {}) for spelled, (column, form) in fields.items()
        }
        said.append(sentence(words, **parts))
    return said


def _part(row: Mapping[str, Any], column: str, form: str, table: str, how: Mapping[str, str]) -> Any:
    """Return what stands in the place of a field: a word, a sentence, or a cited number."""
    value = row[column]
    if isinstance(value, Number | Sentence) or (isinstance(value, str) and not form and not has_digits(value)):
        return value
    if pd.isna(value):
        return NOT_PUBLISHED
    described = how.get(column) or about(column, [table]).get("about")
    if not described:
        raise KeyError(f"{column}: no contract describes it; say how it was computed: how={{{column!r}: ...}}")
    return number(value, as_words(row, column, form), described, [row], table)
