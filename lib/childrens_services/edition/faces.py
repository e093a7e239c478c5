"""The house font: the faces that an edition uses, and the part of them that pages need, so as to ask no other host."""

import io
from pathlib import Path

import font_source_sans_pro
from fontTools import subset

FACES = [Path(font_source_sans_pro.font_files_ttf[name]) for name in ("SourceSansPro", "SourceSansProBold")]
_LATIN = [*range(0x20, 0x180), *range(0x2000, 0x2070), *range(0x20A0, 0x20C0), *range(0x2190, 0x2200)]


def latin_face(path: Path) -> bytes:
    """Return the part of a face that British pages need: Latin letters, marks of punctuation, money and arrows."""
    options = subset.Options(hinting=False, recalc_timestamp=False)
    with subset.load_font(str(path), options) as face:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=_LATIN)
        cutter.subset(face)
        cut = io.BytesIO()
        face.save(cut, reorderTables=None)
    return cut.getvalue()
