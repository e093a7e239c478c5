"""A figure that is already drawn, on the way out: for the exhibits here, until each notebook draws its own."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from childrens_services.answers.narrative import Sentence
from childrens_services.telling import export, pictures, style
from childrens_services.telling.export import Chart


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
    """Finish a chart and, where `edition` is a folder, write its files there; the drawing for phones is the same."""
    export._demand(name, data, finding, alt, edition)
    record = export._record(name, data, finding, subtitle, alt)
    head = style.dress(fig, record["finding"], record["subtitle"], record["source"])
    record["heads"] = [round(head * 72, 2)] * 2
    svg = pictures.draw_svg(fig, record)
    plt.close(fig)
    if edition:
        _write(Path(edition) / "charts", data, record, svg)
    parts = (part for part in (finding, subtitle, alt, description) if part)
    numbers = {number.number_id: number.record() for part in parts for number in part.cited()}
    png = pictures.to_png(svg, record, pictures.PIXELS // 2)
    return Chart(fig, data, png, record, tuple(numbers.values()))


def _write(folder: Path, data: pd.DataFrame, record: dict, svg: str) -> None:
    export.write_files(folder, data, record, {"svg": svg, "narrow.svg": svg})
