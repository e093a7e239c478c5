"""The parts of a printed page: what HTML of an edition becomes in a PDF, and pictures as they are stored.

Goes in: HTML that pages are made of, and PNG files. Comes out: flowables of reportlab in the house font. Only words are
taken over: whatever stands in the HTML is escaped on its way, and links lead to other sites only.
"""

import io
import struct
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.sax.saxutils import escape, quoteattr

import font_source_sans_pro
from PIL import Image
from reportlab import platypus
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import CondPageBreak, Flowable, Spacer, Table, TableStyle

MARGIN = 20 * mm
WIDTH, HEIGHT = A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN - 6 * mm
INK, SOFT, LINE, LINK = (HexColor(one) for one in ("#1d1d1d", "#4a4a4a", "#c8c8c8", "#12436d"))
_FACES = {"House": "SourceSansPro", "House-Bold": "SourceSansProBold", "House-Italic": "SourceSansProIt",
          "House-BoldItalic": "SourceSansProBoldIt"}  # fmt: skip
_COLOURS = 128  # of a picture that comes with millions; a chart has a dozen and their shades
_VOID = ("br", "hr", "img", "input", "meta", "link", "col", "wbr")
_INLINE = {"strong": "b", "b": "b", "em": "i", "i": "i", "sup": "super", "sub": "sub"}


def _style(name: str, size: float, leading: float, **more) -> ParagraphStyle:
    plain = {
        "fontName": "House",
        "bulletFontName": "House",
        "textColor": INK,
        "spaceAfter": leading * 0.45,
        "splitLongWords": 1,
    }
    words = {"allowWidows": 0, "allowOrphans": 0}
    return ParagraphStyle(name, fontSize=size, leading=leading, **{**plain, **words, **more})


_BOLD = {"fontName": "House-Bold", "keepWithNext": 1}
STYLES = {
    "brand": _style("brand", 10, 14, textColor=SOFT),
    "title": _style("title", 27, 31, fontName="House-Bold", spaceAfter=10),
    "h1": _style("h1", 21, 25, spaceAfter=8, **_BOLD),
    "h2": _style("h2", 14.5, 18, spaceBefore=12, spaceAfter=5, **_BOLD),
    "h3": _style("h3", 12, 15, spaceBefore=8, spaceAfter=3, **_BOLD),
    "p": _style("p", 10.5, 14.5),
    "lead": _style("lead", 12, 16.5),
    "li": _style("li", 10.5, 14.5, leftIndent=12, bulletIndent=2, spaceAfter=3),
    "small": _style("small", 9, 12, textColor=SOFT),
    "cell": _style("cell", 8.5, 10.8, spaceAfter=0),
    "head": _style("head", 8.5, 10.8, spaceAfter=0, fontName="House-Bold"),
    "caption": _style("caption", 10, 13, spaceBefore=6, spaceAfter=3, fontName="House-Bold"),
}


def register_fonts() -> None:
    """Make the house font known to reportlab, to be embedded as far as it is used."""
    for name, face in _FACES.items():
        pdfmetrics.registerFont(TTFont(name, font_source_sans_pro.font_files_ttf[face]))
    pdfmetrics.registerFontFamily("House", *_FACES)


class Paragraph(platypus.Paragraph):
    """A paragraph that breaks its lines once for a width: a table asks its cells four times and more."""

    broken_for: float | None = None

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Give width and height, as they were found before where the width is the same and the lines still stand."""
        if width != self.broken_for or not hasattr(self, "blPara"):
            found = super().wrap(width, height)
            self.broken_for = width
            return found
        return self.width, self.height


class _Reader(HTMLParser):
    """Reads HTML that need not be well-formed XML into a tree."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tree, self.open = TreeBuilder(), ["all"]
        self.tree.start("all", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        self.tree.end(tag) if tag in _VOID else self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open[1:]:
            self.tree.end(last := self.open.pop())
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        self.tree.data(data)


def read_html(text: str) -> Element:
    """Read a piece of HTML into a tree whose root holds it all; what was left open is closed."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    while reader.open:
        reader.tree.end(reader.open.pop())
    return reader.tree.close()


def markup(element: Element) -> str:
    """Give the words of an element in reportlab's markup, escaped: `<b>`, `<i>` and links to other sites remain.

    `markup(read_html("<p>a &lt; <strong>b</strong></p>"))` is `a &lt; <b>b</b>`.
    """
    parts = [escape(element.text or "")]
    for child in element:
        parts += [_inline(child), escape(child.tail or "")]
    return "".join(parts)


def _inline(element: Element) -> str:
    inner = markup(element)
    if element.tag == "br":
        return "<br/>"
    if element.tag in _INLINE:
        return f"<{_INLINE[element.tag]}>{inner}</{_INLINE[element.tag]}>"
    if element.tag == "a" and element.get("href", "").startswith(("https://", "http://")):
        return link(element.get("href", ""), inner)
    return inner


def link(address: str, inner: str) -> str:
    """Give a link in reportlab's markup; `inner` is markup, the address is escaped."""
    return f'<a href={quoteattr(address)} color="#12436d">{inner}</a>'


def plain(element: Element) -> str:
    """Give the words of an element without any mark."""
    return " ".join("".join(element.itertext()).split())


def flow(element: Element, style: str = "p") -> Iterator[Flowable]:
    """Turn the children of a tree into flowables: paragraphs, lists, real tables; folded lists are only named."""
    for child in element:
        if child.tag == "table":
            yield from table(child)
        elif child.tag in ("ul", "ol"):
            yield from (Paragraph(markup(li), STYLES["li"], bulletText="•") for li in child.iter("li"))
        elif child.tag == "details":
            yield from (Paragraph(f"{markup(name)}.", STYLES["li"], bulletText="•") for name in child.iter("summary"))
        elif child.tag in ("div", "section"):
            yield from flow(child, style)
        elif plain(child):
            yield Paragraph(markup(child), STYLES[child.tag if child.tag in ("h2", "h3") else style])


def table(element: Element) -> Iterator[Flowable]:
    """Turn an HTML table into a caption and a table whose head stands again on each page that it runs over."""
    caption = element.find("caption")
    rows = [[cell for cell in row if cell.tag in ("th", "td")] for row in element.iter("tr")]
    rows = [row for row in rows if row]
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        return
    widths = _widths([[plain(cell) for cell in row] for row in rows], columns)
    cells = [
        [Paragraph(markup(cell), STYLES["head" if at == 0 or cell.tag == "th" else "cell"]) for cell in row]
        + [""] * (columns - len(row))
        for at, row in enumerate(rows)
    ]
    yield CondPageBreak(35 * mm)  # a caption, a head and some rows, or the next page
    if caption is not None:
        yield Paragraph(markup(caption), STYLES["caption"])
    yield Table(cells, colWidths=widths, repeatRows=1, splitInRow=0, hAlign="LEFT", style=_ruled())
    yield Spacer(0, 8)


def _ruled() -> TableStyle:
    return TableStyle([
        ("FONT", (0, 0), (-1, -1), "House", 8.5), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE), ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6), ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ])  # fmt: skip


def _widths(rows: Sequence[Sequence[str]], columns: int) -> list[float]:
    """Share the width of a page out: each column its longest word, what is left by how much it has to say."""
    cells = [[row[at] for row in rows if at < len(row)] for at in range(columns)]
    words, whole = zip(*(_measure(texts, bold=at == 0) for at, texts in enumerate(cells)), strict=True)
    if sum(whole) <= WIDTH:
        return list(whole)
    least = [min(word, WIDTH / columns * 1.4) for word in words]
    least = [one * min(1, WIDTH / sum(least)) for one in least]
    said = [sum(map(len, texts)) * (full > one) for texts, full, one in zip(cells, whole, least, strict=True)]
    spare = WIDTH - sum(least)
    wish = [min(one + spare * share / sum(said), full) for one, share, full in zip(least, said, whole, strict=True)]
    rest = WIDTH - sum(wish)  # of columns that need less than their share: it goes to the one that says most
    return [one + rest * (at == said.index(max(said))) for at, one in enumerate(wish)]


def _measure(texts: Sequence[str], bold: bool) -> tuple[float, float]:
    """Give the points that the longest word and the longest cell of a column need; its head is bold in any case."""
    faces = ["House-Bold", *["House-Bold" if bold else "House"] * (len(texts) - 1)]
    spoken = list(zip(texts, faces, strict=True))
    words = [_wide(word, face) for text, face in spoken for word in text.split()]
    return max(words, default=0) + 7, max(_wide(text, face) for text, face in spoken) + 7


def _wide(text: str, face: str) -> float:
    return pdfmetrics.stringWidth(text, face, STYLES["cell"].fontSize)


class StoredPng(pdfdoc.PDFImageXObject):
    """A picture that stands in the PDF with the very bytes of its PNG file: no need to unpack and pack it again."""

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name)
        content = _few_colours(path)
        chunks = list(_chunks(content))
        self.width, self.height = struct.unpack(">II", chunks[0][1][:8])
        self.depth = chunks[0][1][8]
        self.palette = next(data for kind, data in chunks if kind == b"PLTE").hex()
        self.streamContent = b"".join(data for kind, data in chunks if kind == b"IDAT")

    def format(self, document) -> bytes:
        """Give the object as it stands in the file."""
        stream = pdfdoc.PDFStream(content=self.streamContent)
        entries = {
            "Type": pdfdoc.PDFName("XObject"), "Subtype": pdfdoc.PDFName("Image"), "Width": self.width,
            "Height": self.height, "BitsPerComponent": self.depth, "Filter": pdfdoc.PDFName("FlateDecode"),
            "ColorSpace": pdfdoc.PDFArray([pdfdoc.PDFName("Indexed"), pdfdoc.PDFName("DeviceRGB"),
                                           len(self.palette) // 6 - 1, f"<{self.palette}>"]),
            "DecodeParms": pdfdoc.PDFDictionary({"Predictor": 15, "Colors": 1, "BitsPerComponent": self.depth,
                                                 "Columns": self.width}),
            "Length": len(self.streamContent),
        }  # fmt: skip
        stream.dictionary.dict.update(entries)
        return stream.format(document)


def _few_colours(path: Path) -> bytes:
    """Give a PNG with a palette: the file as it is where it has one."""
    with Image.open(path) as picture:
        if picture.mode == "P" and "transparency" not in picture.info and not picture.info.get("interlace"):
            return path.read_bytes()
        packed = io.BytesIO()
        few = picture.convert("RGB").quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(packed, "PNG")
        return packed.getvalue()


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length
