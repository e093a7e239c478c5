"""Read a map on which each authority is as large as its population: the House of Commons Library's cartogram.

Goes in: its GeoPackage, an SQLite file with shapes as well-known binary. Comes out: the table `cartogram`, shapes as
well-known text. Every shape is made of small hexagons, so a corner is two whole numbers of steps in their grid.
"""

import io
import sqlite3
import struct
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

from childrens_services.normalise.reference import locate
from childrens_services.normalise.releases import Release
from childrens_services.rounding import half_up

LAYER = "LocalAuthorities-uppertier 2023 version — 7 UTLA-2023"
STEP = (0.15, 0.15 / 3**0.5)  # half the width of a hexagon, and half its side, in the units of the file
NEAR = 0.1  # of a step; a corner further from the grid is not of this map
_ENVELOPES = (0, 32, 48, 48, 64)  # bytes before the shape, by the kind of envelope that the flags of its head give
_POLYGON, _MULTIPOLYGON = 3, 6


def read_shapes(path: Path) -> pd.DataFrame:
    """Return the English shapes as printed, one row an authority: `code`, and `rings`, a list of arrays of corners.

    The index counts the rows of the layer from 1. Raises ValueError for a file without it, and a shape in several
    parts.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            rows = file.execute(f'SELECT "cua-code", geom FROM "{LAYER}" ORDER BY fid').fetchall()
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{path.name}: {error}; expected a GeoPackage with the layer {LAYER!r}") from error
    found = pd.DataFrame(rows, columns=["code", "shape"], index=range(1, len(rows) + 1))
    english = found[found["code"].str.startswith("E")]
    return pd.DataFrame({"code": english["code"], "rings": [_rings(shape) for shape in english["shape"]]})


def _rings(shape: bytes) -> list[np.ndarray]:
    """Return the rings of a polygon, the outer one first; a GeoPackage puts a head of its own before the shape."""
    binary = io.BytesIO(shape[8 + _ENVELOPES[shape[3] >> 1 & 7] :])
    order, kind, parts = _head(binary)
    if kind == _MULTIPOLYGON and parts == 1:
        order, kind, parts = _head(binary)
    if kind != _POLYGON:
        raise ValueError(f"a shape of kind {kind} in {parts} parts, expected one polygon; look whether the map is new")
    return [_ring(binary, order) for _ in range(parts)]


def _head(binary: io.BytesIO) -> tuple[str, int, int]:
    order = "<" if binary.read(1) == b"\x01" else ">"
    return order, *struct.unpack(f"{order}II", binary.read(8))


def _ring(binary: io.BytesIO, order: str) -> np.ndarray:
    (corners,) = struct.unpack(f"{order}I", binary.read(4))
    return np.frombuffer(binary.read(16 * corners), f"{order}f8").reshape(-1, 2)


def cartogram(shapes: pd.DataFrame, known: Mapping[str, str], release: Release) -> pd.DataFrame:
    """Return the `cartogram` table: one row an authority, with the code in use, and its outline.

    The grid begins at the lower left corner of England. Raises ValueError for a corner that is not on the grid.
    """
    file = release.path.name
    corner = np.min([ring.min(axis=0) for rings in shapes["rings"] for ring in rings], axis=0)
    outlines = [
        _outline([(ring - corner) / STEP for ring in rings], f"{file}, row {row}")
        for row, rings in shapes["rings"].items()
    ]
    found = pd.DataFrame({"area_code": locate(shapes["code"], known, file), "outline": outlines})
    return found.assign(published=pd.Timestamp(release.edition), source_id=release.source_id)


def _outline(rings: list[np.ndarray], where: str) -> str:
    """Return rings, in steps of the grid, as well-known text: "POLYGON ((0 2, 1 1, 2 2, 2 4, 1 5, 0 4, 0 2))"."""
    if (off := max(np.abs(ring - ring.round()).max() for ring in rings)) > NEAR:
        raise ValueError(f"{where}: a corner {half_up(off, 2)} steps off the grid; look whether the map is new")
    return f"POLYGON ({', '.join(_ring_text(ring.round().astype(int)) for ring in rings)})"


def _ring_text(corners: np.ndarray) -> str:
    """Return a ring with each corner once; the file repeats some at a distance nobody sees."""
    moved = np.r_[True, (corners[1:] != corners[:-1]).any(axis=1)]
    return f"({', '.join(f'{x} {y}' for x, y in corners[moved])})"
