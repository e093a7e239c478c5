"""The map: a GeoPackage read, corners on their grid, codes in use; and the committed outlines."""

import re
import sqlite3
import struct
from datetime import date

import numpy as np
import pytest
from childrens_services import tables
from childrens_services.normalise import cartogram
from childrens_services.normalise.releases import Release
from childrens_services.telling.drawings.cartogram import _rings

HEXAGON = [(1, 0), (2, 1), (2, 3), (1, 4), (0, 3), (0, 1), (1, 0)]
KNOWN = {"E06000018": "E06000018", "E08000019": "E08000039"}


def blob(*rings, envelope=0, order="<", multi=True, parts=1):
    """A shape as a GeoPackage has it: a head, room for an envelope, then well-known binary; corners in steps."""
    head = b"GP\x00" + bytes([envelope << 1]) + b"\x00" * (4 + (0, 32, 48, 48, 64)[envelope])
    mark = b"\x01" if order == "<" else b"\x00"
    shape = mark + struct.pack(f"{order}II", 3, len(rings))
    for ring in rings:
        corners = [at * step for corner in ring for at, step in zip(corner, cartogram.STEP, strict=True)]
        shape += struct.pack(f"{order}I{len(corners)}d", len(ring), *corners)
    return head + (mark + struct.pack(f"{order}II", 6, parts) + shape * parts if multi else shape)


def geopackage(folder, *rows, layer=cartogram.LAYER):
    path = folder / "map.gpkg"
    with sqlite3.connect(path) as file:
        file.execute(f'CREATE TABLE "{layer}" (fid INTEGER PRIMARY KEY, geom BLOB, "cua-code" TEXT)')
        file.executemany(f'INSERT INTO "{layer}" (geom, "cua-code") VALUES (?, ?)', rows)
    file.close()
    return path


def outlines(path):
    return cartogram.cartogram(cartogram.read_shapes(path), KNOWN, Release("map", "", date(2023, 3, 31), path))


@pytest.mark.parametrize(("envelope", "order", "multi"), [(0, "<", True), (1, "<", False), (4, ">", True)])
def test_a_shape_is_read_whatever_its_head(envelope, order, multi, tmp_path):
    path = geopackage(tmp_path, (blob(HEXAGON, envelope=envelope, order=order, multi=multi), "E06000018"))

    assert outlines(path)["outline"].tolist() == ["POLYGON ((1 0, 2 1, 2 3, 1 4, 0 3, 0 1, 1 0))"]


def test_england_alone_is_taken_with_codes_in_use_and_whole_corners_each_once(tmp_path):
    wide = [(3 * x, 3 * y) for x, y in HEXAGON]
    near = [(x + 10.01, y + 0.02) for x, y in HEXAGON]
    rows = [(blob(HEXAGON), "W06000001"), (blob(near[:2] + near[1:]), "E08000019"), (blob(wide, HEXAGON), "E06000018")]

    found = outlines(geopackage(tmp_path, *rows))

    assert found["area_code"].tolist() == ["E08000039", "E06000018"]
    assert found["outline"].tolist()[0] == "POLYGON ((11 0, 12 1, 12 3, 11 4, 10 3, 10 1, 11 0))"
    assert [len(ring) for ring in _rings(found["outline"].iloc[1])] == [7, 7]  # a hole is kept


@pytest.mark.parametrize(
    ("code", "shape", "words"),
    [
        ("E06000018", blob(HEXAGON, parts=2), "a shape of kind 6 in 2 parts, expected one polygon"),
        ("E06000018", blob([(0, 0), (1.5, 1), (0, 2), (0, 0)]), "map.gpkg, row 1: a corner 0.50 steps off the grid"),
        ("E06000099", blob(HEXAGON), "map.gpkg, line 1: area 'E06000099' is not a known authority"),
    ],
)
def test_a_map_that_is_another_is_refused(code, shape, words, tmp_path):
    with pytest.raises(ValueError, match=re.escape(words)):
        outlines(geopackage(tmp_path, (shape, code)))


def test_a_file_without_the_layer_or_that_is_no_geopackage_is_named(tmp_path):
    path = geopackage(tmp_path, (blob(HEXAGON), "E06000018"), layer="another")
    words = r"^map.gpkg: .*; expected a GeoPackage with the layer 'LocalAuthorities"
    with pytest.raises(ValueError, match=words):
        outlines(path)
    path.write_bytes(b"a web page" * 200)
    with pytest.raises(ValueError, match=words):
        outlines(path)


def test_every_authority_since_april_2023_has_an_outline_as_large_as_its_population():
    rows = tables.load("cartogram").set_index("area_code")
    living = tables.load("authorities").query("existed_to.isna()")["la_code_ons"]
    children = tables.load("population").query("year == 2022").set_index("area_code")["children"]

    rings = rows["outline"].map(_rings)
    hexagons = rings.map(lambda found: (area(found[0]) - sum(map(area, found[1:]))) / (6 * 3**0.5)).round(6)

    assert set(rows.index) == set(living)
    assert (hexagons == hexagons.round()).all() and hexagons["E09000001"] == 1 and hexagons.sum() == 6818
    assert hexagons.corr(children.reindex(rows.index).astype(float)) > 0.98
    assert set(rows["source_id"]) == {"commons_cartogram_2023"}


def area(ring):
    x, y = ring.T
    return abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
