"""Reports of our own making: PDF files with enough of the format for both readers."""

import re
import tomllib
import zlib
from pathlib import Path

ROWS = [
    ("The impact of leaders on social work practice with children and families", "Good"),
    ("The experiences and progress of children who need help and protection", "Requires improvement to be good"),
    ("The experiences and progress of children in care", "Outstanding"),
    ("The experiences and progress of care leavers", "Good"),
    ("Overall effectiveness", "Good"),
]
HEAD = """\
Inspection of Nottingham City local authority
children’s services
Inspection dates: 7 – 18 October 2024
Lead inspector: Jo Bloggs, His Majesty’s Inspector
Judgement Grade""".splitlines()
IMPROVE = ["What needs to improve?", "• Supervision.", "• Plans."]
BODY = f"""\
{ROWS[1][0]}:
requires improvement to be good
1. One.
2. Two.
{ROWS[0][0]}: good
3. Three.
{ROWS[2][0]}: outstanding
{ROWS[3][0]}: good""".splitlines()
BODY = IMPROVE + BODY
DATA = Path(__file__).parent / "data"
TEXTS = tomllib.loads((DATA / "texts.toml").read_text(encoding="utf-8"))
CROSSWALK = DATA / "crosswalk.csv"


def make_pdf(contents):
    """A PDF with one page for each piece of page content, packed."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(contents)))
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(contents), kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
    for i, content in enumerate(contents):
        packed = zlib.compress(content, 9)
        stream = b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed)
        parts += [page % (5 + 2 * i), stream]
    return put_together(parts)


def put_together(parts):
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(out))
    return out + table + end


def show(cells):
    """Page content that shows text, in the order given: (x, y, text) each."""
    quoted = ((x, y, re.sub(rb"([()\\])", rb"\\\1", text.encode("cp1252"))) for x, y, text in cells)
    return b"\n".join(b"BT /F1 9 Tf %d %d Td (%s) Tj ET" % cell for cell in quoted)


def lines(*texts):
    return show([(40, 800 - 13 * n, text) for n, text in enumerate(texts)])


def front(rows=ROWS, head=HEAD):
    return lines(*head, *(cell for row in rows for cell in row), "Services have changed.")


def report_pdf(rows=ROWS, head=HEAD, body=BODY):
    return make_pdf([front(rows, head), lines(*body)])


def damage_packed(data):
    """The same file with one bit changed in its first packed part."""
    at = data.index(b"stream\n") + 40
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def grades(report):
    return {each.judgement: each.first for each in report.judgements}
