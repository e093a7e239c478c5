"""The way out of a notebook: a chart leaves with its finding, sources and alternative text, or it does not leave.

Goes in: a figure, the frame that it shows, and words. Comes out: what the notebook displays and, where an edition
folder is given, `charts/<id>.*` in it: pictures, drawings, the data with its metadata, and the record. `bundles.finish`
adds what only the edition knows. The same inputs give the same bytes.
"""

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from childrens_services import __version__
from childrens_services.sources import register, source_line
from childrens_services.telling import formats
from childrens_services.telling.cited import NUMBERS_MIME, Sentence
from childrens_services.telling.columns import describe_columns
from childrens_services.telling.style import dress, measured_once

CHART_MIME = "application/vnd.childrens-services.chart+json"
CREDIT = "Children's Services Compared. Not official statistics."


class ExportError(ValueError):
    """A chart lacks something without which it must not be published."""


@dataclass(frozen=True)
class Chart:
    """A finished chart as a notebook shows it: the picture with its alternative text, and its record as data."""

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


@measured_once()
def chart(
    fig: Figure,
    data: pd.DataFrame,
    *,
    name: str,
    finding: Sentence,
    subtitle: Sentence,
    alt: Sentence,
    description: Sentence | None = None,
    edition: str = "",
) -> Chart:
    """Finish a chart and, where `edition` is a folder, write its pictures, drawings, data and record there.

    `data` is what is drawn, with `source_id` in every row: the source line is made of these, so that it cannot be
    mistyped. `finding` is the title, `alt` what the chart is in a line, `description` its main values at length.
    Raises ExportError when a part is missing or the data is empty; for example
    `chart(fig, cells, name="grades", finding=..., subtitle=..., alt=..., edition=edition)`.
    """
    source_ids = _demand(name, data, finding, alt)
    source = f"Source: {source_line(source_ids)}. {CREDIT}"
    edges = dress(fig, finding.text.rstrip("."), subtitle.text, source)
    record = {
        "id": name,
        "finding": finding.text,
        "finding_html": finding.html,
        "subtitle": subtitle.text,
        "subtitle_html": subtitle.html,
        "alt": alt.text,
        "description": description.text if description else "",
        "description_html": description.html if description else "",
        "source": source,
        "sources": source_ids,
        "licence": _licence(source_ids),
        "version": __version__,
    }
    cited = {n.number_id: n.record() for part in (finding, subtitle, alt, description) if part for n in part.cited()}
    # Executed notebooks hold the picture at half its size, as a person who explores sees it.
    if edition:
        files = formats.draw_files(fig, record, edges)
        png = files.pop("half.png")
        tables = list(dict.fromkeys(number["table"] for number in cited.values()))
        files["csv"] = data.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode()
        _write(Path(edition) / "charts", record | {"columns": describe_columns(data, tables)}, files)
    else:
        png = _draw(fig, record)
    plt.close(fig)
    return Chart(png, record, tuple(cited.values()))


def _demand(name: str, data: pd.DataFrame, finding: Sentence, alt: Sentence) -> list[str]:
    """Refuse a chart without a name, a finding, alternative text, rows or sources."""
    faults = [] if re.fullmatch(r"[a-z0-9-]+", name) else ["a name of small letters, digits and hyphens"]
    faults += [] if finding.text.strip() else ["a finding"]
    faults += [] if alt.text.strip() else ["alternative text"]
    if data.empty or "source_id" not in data or data["source_id"].fillna("").str.strip().eq("").any():
        faults.append("rows that each carry a source_id")
    if faults:
        raise ExportError(f"chart {name!r} cannot be published: it lacks {'; '.join(faults)}")
    ids = sorted({one for cell in data["source_id"] for one in cell.split()})
    unknown = [one for one in ids if one not in register().index]
    if unknown:
        raise ExportError(f"chart {name!r}: unknown source ids {unknown}; register them in data/curated/sources.csv")
    return ids


def _licence(source_ids: list[str]) -> str:
    licences = sorted(set(register().loc[source_ids, "licence"]))
    return "; ".join(licences)


def _draw(fig: Figure, record: dict[str, Any]) -> bytes:
    """Draw what a person sees who explores: a picture of half the size and nothing else."""
    return formats.pack_png(formats.paint(fig, dpi=100), record)


def as_json(content: dict[str, Any]) -> bytes:
    """Spell JSON as the records of charts have it: indented, letters as they are, a line end at the end."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _write(folder: Path, record: dict[str, Any], files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in (files | {"json": as_json(record)}).items():
        (folder / f"{record['id']}.{suffix}").write_bytes(content)
