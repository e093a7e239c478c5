"""Finish the charts of an edition: parameters, citation and checksums in each record, one zip a chart and one for all.

Goes in: a folder with `charts/` as `export` leaves it. Comes out: the same folder, its records complete, with
`charts/<id>.zip` and `charts.zip`. Bytes are the same on every night: no time, files by name, one way of packing.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from childrens_services.periods import english, read_edtf
from childrens_services.sources import register
from childrens_services.telling.records import as_json

PACKED = ("png", "svg", "narrow.svg", "pdf", "csv", "json")
KEPT = PACKED[:-1]
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold; a real one would differ every night
PUBLISHER = "Children's Services Compared"


class BundleError(ValueError):
    """A chart of an edition lacks one of its files; the message names the chart and the file."""


def finish(folder: Path, parameters: Mapping[str, Any]) -> None:
    """Complete the record of every chart of an edition and pack the charts; BundleError where a file is missing."""
    charts = folder / "charts"
    packed: dict[str, bytes] = {}
    for name in sorted(path.stem for path in charts.glob("*.json")):
        record = json.loads((charts / f"{name}.json").read_text(encoding="utf-8"))
        beside = {f"{name}.{suffix}": _described(charts / f"{name}.{suffix}") for suffix in KEPT}
        record |= {"parameters": dict(parameters), "citation": cite(record), "files": beside}
        (charts / f"{name}.json").write_bytes(as_json(record))
        own = {f"{name}.{suffix}": (charts / f"{name}.{suffix}").read_bytes() for suffix in PACKED}
        (charts / f"{name}.zip").write_bytes(pack(own))
        packed |= own
    (folder / "charts.zip").write_bytes(pack(packed))


def _described(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise BundleError(f"charts/{path.name}: not there, though its record is; make the edition again")
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def cite(record: Mapping[str, Any]) -> str:
    """Return how to cite a chart: who, what, which version, from which sources up to when, under which licence.

    The newest source dates a chart, and not the day on which it was drawn, so that a citation stays true.
    """
    rows = register().loc[list(record["sources"]), ["publisher", "title", "published_edtf"]]
    days = [(read_edtf(text).latest, text) for text in rows["published_edtf"] if text]
    newest = f" Newest source published {english(read_edtf(max(days)[1]))}." if days else ""
    each = [", ".join(filter(None, row)) for row in rows.to_numpy()]
    named = each if len(each) <= 3 else sorted(set(rows["publisher"]))
    return (
        f"{PUBLISHER}, version {record['version']}. “{record['finding']}” (chart {record['id']}). "
        f"Data: {'; '.join(named)}.{newest} Licence: {record['licence']}."
    )


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip of stable bytes: sorted by name, without times; pictures as they are, the rest deflated."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=6)
    return packed.getvalue()
