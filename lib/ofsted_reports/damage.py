"""Whether a PDF is as it was made: whether its parts stand where its table says and unpack to what was packed.

PDF readers mend what they can in silence, so that a mended report may lack a page, and do not look at checksums. A
change made with care is not found out.
"""

import re
import zlib
from collections.abc import Mapping

import pypdf

MOST_UNPACKED = 400_000_000  # bytes, all parts of a file together
_START = re.compile(rb"startxref\s+([0-9]+)\s+%%EOF")
_STREAM = re.compile(rb"\bstream(?:\r\n|\n)")
_LENGTH = re.compile(rb"/Length\s+([0-9]+)(?!\s+[0-9]+\s+R|[0-9])")
_FILTERS = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[^\s/\[\]<>()]+)")
_KNOWN_FILTERS = set(
    b"FlateDecode DCTDecode JPXDecode CCITTFaxDecode JBIG2Decode LZWDecode ASCII85Decode ASCIIHexDecode "
    b"RunLengthDecode Crypt".split()
)
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_HEXADECIMAL = re.compile(rb"<[0-9A-Fa-f\s]*>")
_PIECE = 1_000_000
_BADLY_BUILT = "is not put together as a part must be"


def find_damage(data: bytes, reader: pypdf.PdfReader, texts: Mapping[int, str]) -> str:
    """Return what is wrong with a file, to follow its name; empty where its parts are as they were made.

    `texts` is the text of every page. A file with one bit changed in a packed part gives
    `is damaged: part 12 does not unpack to what was packed`.
    """
    start = int(_START.findall(data)[-1])
    if not re.match(rb"\s*(?:xref\b|[0-9]+\s+[0-9]+\s+obj\b)", data[start : start + 40]):
        return "is damaged: its table of parts is not where it says"
    # Before anything is read: where that fails, pypdf makes a table of its own.
    places = sorted((at, number, of) for of, numbers in reader.xref.items() for number, at in numbers.items() if at)
    places = [place for place in places if place[2] != 65535]  # the generation of parts that are no longer used
    # What the pages show: fewer than there are pages where one shows nothing, or what another shows.
    shown = {repr(dict.get(page, "/Contents")) for page in reader.pages if "/Contents" in page}
    pages, left = 0, MOST_UNPACKED
    for (offset, number, generation), end in zip(places, [*(place[0] for place in places[1:]), len(data)], strict=True):
        part = data[offset:end]
        if not re.match(rb"\s*%d\s+%d\s+obj\b" % (number, generation), part[:40]):
            return f"is damaged: part {number} is not where its table says"
        wrong, plain, size = _check_part(part, reader.is_encrypted, left)
        if wrong:
            return f"is damaged: part {number} {wrong}"
        left -= size
        pages += len(_PAGE.findall(plain))
    if pages not in (0, len(reader.pages)) or len(shown) < len(reader.pages):
        return "is damaged: its pages do not add up"
    silent = [page for page, text in texts.items() if not text.strip()]
    return f"shows no text on page {silent[0]}, so that something may be lost" if silent else ""


def _check_part(part: bytes, encrypted: bool, most: int) -> tuple[str, bytes, int]:
    """Return what is wrong with a part, the plain text in which it may name a page, and how much it unpacked to."""
    stream = _STREAM.search(part)
    if stream is None:
        return (_BADLY_BUILT if b"endstream" in part or not _is_balanced(part) else ""), part, 0
    head, body = part[: stream.start()], part[stream.end() :]
    named = _FILTERS.search(head)
    filters = re.findall(rb"[^\s/\[\]]+", named[1]) if named else []
    if wrong := _check_stream(head, body, filters):
        return wrong, b"", 0
    if encrypted or filters[:1] != [b"FlateDecode"]:
        return "", b"", 0
    try:
        plain, size = _unpack(body, b"/ObjStm" in head, most)
    except zlib.error:
        return "does not unpack to what was packed", b"", 0
    return ("unpacks to more than a report can hold" if size > most else ""), plain, size


def _check_stream(head: bytes, body: bytes, filters: list[bytes]) -> str:
    """Return what is wrong with a packed part, as far as can be told without unpacking it."""
    length = _LENGTH.search(head)
    if not _is_balanced(head):
        return _BADLY_BUILT
    if length and not re.match(rb"\s*endstream", body[int(length[1]) : int(length[1]) + 20]):
        return "is not as long as it says"
    is_packed = body[:1] == b"\x78" and int.from_bytes(body[:2]) % 31 == 0  # the two bytes that RFC 1950 puts first
    is_named = set(filters) <= _KNOWN_FILTERS and (filters or not is_packed)
    return "" if is_named else "does not say how it is packed"


def _is_balanced(part: bytes) -> bool:
    """Return whether the brackets of a part pair up; a part with a string in it may hold any signs, and passes."""
    if b"(" in part:
        return True
    bare = _HEXADECIMAL.sub(b"", part.replace(b"<<", b"{").replace(b">>", b"}"))
    return part.count(b"<<") == part.count(b">>") and b"<" not in bare and b">" not in bare


def _unpack(body: bytes, keep: bool, most: int) -> tuple[bytes, int]:
    """Unpack a stream piece by piece; raises zlib.error where it or its checksum is broken, or its end is missing."""
    unpack, size, kept = zlib.decompressobj(), 0, []
    while not unpack.eof and size <= most:
        piece = unpack.decompress(body, _PIECE)
        body = unpack.unconsumed_tail
        if not piece and not body and not unpack.eof:
            raise zlib.error("cut short")
        size += len(piece)
        if keep:
            kept.append(piece)
    return b"".join(kept), size
