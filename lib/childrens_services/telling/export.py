"""The way out of a notebook: a chart leaves with its title, sources and alternative text, or it does not leave.

While a person explores, a chart is a picture with `.figure` and `.data`, and a plain string will do for a title. Where
an edition's folder is given, six files are written to `charts/` in it: the picture, the drawing for screens and the one
for phones, the PDF, the data, and a record of all that belongs to them.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from childrens_services import __version__
from childrens_services.rounding import significant
from childrens_services.sources import compiled, register, source_line
from childrens_services.telling import pictures, style
from childrens_services.telling.cited import (
    MARK,
    MARKED,
    NUMBERS_MIME,
    Paragraphs,
    Sentence,
    absence,
    join,
    sentence,
    source_ids,
)
from childrens_services.telling.records import CHART_MIME, as_json, describe_columns

__all__ = ["Chart", "ExportError", "Words", "chart"]
CREDIT = "Children's Services Compared. Not official statistics."


class ExportError(ValueError):
    """A chart lacks something without which it must not be published."""


@dataclass(frozen=True)
class Chart:
    """A finished chart as a notebook shows it: the picture with its alternative text, and its record as data."""

    figure: Figure
    data: pd.DataFrame
    png: bytes
    record: dict[str, Any]
    numbers: tuple[dict[str, str], ...]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        data = {
            "image/png": base64.b64encode(self.png).decode(),
            "text/plain": f"{self.record['finding']}\n{self.record['alt']}",
            CHART_MIME: self.record,
            NUMBERS_MIME: list(self.numbers),
        }
        return data, {"image/png": {"alt": self.record["alt"], "width": 800}}


class Words(NamedTuple):
    """What is said with a chart: plain strings, or sentences with cited numbers.

    `alt` is the form of the chart and its trend, to which the title is added; `otherwise` is for no rows.
    """

    title: str | Sentence | Paragraphs
    measure: str | Sentence
    alt: str | Sentence | Paragraphs = ""
    otherwise: str = ""


def chart(
    data: pd.DataFrame, draw: Callable[[pd.DataFrame], Figure], *, name: str, edition: str = "", **words: Any
) -> Chart | Paragraphs:
    """Return a finished chart of `data`, or the words `otherwise` where there is no row: nothing is drawn of nothing.

    `draw` makes the figure of the rows; it is called again for phones. `data` has a `source_id` in every row: the
    source line is made of these, so that it cannot be mistyped. `words` are those of `Words`, by name. Raises
    ExportError where an edition would lack a part; for example
    `chart(rows, lambda rows: house.bars(sns.barplot(rows, x="amount", y="who")), name="sums", title=..., measure=...)`.
    """
    said = Words(**words)
    if data.empty:
        return absence(said.otherwise)
    heading, sub, form = (_as_sentence(one, edition) for one in (said.title, said.measure, said.alt))
    _demand(name, data, heading, form, edition)
    record = _record(name, data, heading, sub, form)
    numbers = {n.number_id: n.record() for part in (heading, sub, form) for n in part.cited()}
    with plt.rc_context({"text.parse_math": False}):
        fig = _dressed(draw, data, record)
        svg = pictures.draw_svg(fig, record)
        png = pictures.to_png(svg, record, pictures.PIXELS if edition else pictures.PIXELS // 2)
        if edition:
            with style.narrow():
                phone = pictures.draw_svg(_dressed(draw, data, record), record)
            write_files(Path(edition) / "charts", data, record, {"svg": svg, "narrow.svg": phone}, png)
    return Chart(fig, data, png, record, tuple(numbers.values()))


def _as_sentence(words: str | Sentence | Paragraphs, edition: str) -> Sentence:
    """Return words as a sentence; a plain string with digits is for a person who explores, and for no edition."""
    if isinstance(words, Paragraphs):
        return join(words.sentences, "; ", "; ")
    if isinstance(words, str):
        return sentence(words) if edition else Sentence("{words}", {"words": words})
    return words


def _demand(name: str, data: pd.DataFrame, title: Sentence, alt: Sentence, edition: str) -> None:
    """Refuse a chart without a name, a title, alternative text or sources."""
    faults = [] if re.fullmatch(r"[a-z0-9-]+", name) else ["a name of small letters, digits and hyphens"]
    faults += [] if title.text.strip() else ["a title"]
    faults += [] if alt.text.strip() or not edition else ["alternative text"]
    if "source_id" not in data or data["source_id"].fillna("").str.strip().eq("").any():
        faults.append("rows that each carry a source_id")
    if faults:
        raise ExportError(f"chart {name!r} cannot be published: it lacks {'; '.join(faults)}")
    if unknown := [one for one in source_ids(data) if one not in register().index]:
        raise ExportError(f"chart {name!r}: unknown source ids {unknown}; register them in data/curated/sources.csv")


def _record(name: str, data: pd.DataFrame, title: Sentence, measure: Sentence, form: Sentence) -> dict[str, Any]:
    ids = source_ids(data)
    mark = f" {MARK}" if compiled(ids) else ""
    alt = f"{form.text.rstrip('.')}. {title.text.rstrip('.')}." if form.text else title.text
    return {
        "id": name,
        "finding": title.text.rstrip("."),
        "finding_html": title.html.rstrip("."),
        "subtitle": measure.text + mark,
        "subtitle_html": measure.html + mark,
        "alt": alt,
        "source": f"Source: {source_line(ids)}. {CREDIT}"
        + (f" {MARK} {MARKED[:1].upper() + MARKED[1:]}." if mark else ""),
        "sources": ids,
        "licence": "; ".join(sorted(set(register().loc[ids, "licence"]))),
        "version": __version__,
        "columns": describe_columns(data, sorted({number.table for number in title.cited()})),
    }


def _dressed(draw: Callable[[pd.DataFrame], Figure], data: pd.DataFrame, record: dict[str, Any]) -> Figure:
    """Draw the figure, put the words around it, and note the shape, in points, of what lies below title and measure."""
    fig = draw(data)
    head = style.dress(fig, record["finding"], record["subtitle"], record["source"])
    width, height = fig.get_size_inches() * 72
    below = height - max(0, head * 72 - 7)  # a little paper above the key
    record.setdefault("shapes", []).append([round(float(width), 2), round(float(below), 2)])
    plt.close(fig)
    return fig


def write_files(folder: Path, data: pd.DataFrame, record: dict[str, Any], drawings: dict[str, str], png: bytes) -> None:
    """Write the six files of a chart: `drawings` has `svg` for screens and `narrow.svg` for phones."""
    files = {suffix: text.encode() for suffix, text in drawings.items()} | {
        "png": png,
        "pdf": pictures.to_pdf(drawings["svg"], record),
        "csv": significant(data).to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode(),
        "json": as_json(record),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in files.items():
        (folder / f"{record['id']}.{suffix}").write_bytes(content)
