"""Fit a chart's picture into a square and into 16:9, whole and with white around it: for posts, slides and screens.

Goes in: the picture of a chart as painted, 1,600 pixels wide. Comes out: pictures of 1080 x 1080 and 1600 x 900.
Nothing is cut off. A tall chart would be a thin strip in 16:9, so there its drawing stands on the right and its words,
in larger letters, on the left.
"""

from functools import cache
from typing import NamedTuple

import font_source_sans_pro
from PIL import Image, ImageDraw, ImageFont

SQUARE, WIDE = (1080, 1080), (1600, 900)
MARGIN = 32
COLUMN = 460  # the least that words beside a drawing need, in pixels
INK, SOFT, GREY = "#262626", "#404040", "#6b6b6b"
_SHRUNK = 0.66  # a picture that would be smaller than this in 16:9 gets its words beside it
_FACES = {"bold": "SourceSansProBold", "normal": "SourceSansPro"}


class Words(NamedTuple):
    """The words around a chart: its finding, what is shown, and where from."""

    finding: str
    subtitle: str
    source: str


def square(picture: Image.Image) -> Image.Image:
    """Fit a whole picture into 1080 x 1080."""
    return _middle(picture, SQUARE)


def wide(picture: Image.Image, words: Words, head: int, foot: int) -> Image.Image:
    """Fit a whole picture into 1600 x 900; `head` and `foot` are the pixels that its own words take."""
    if min(1, WIDE[1] / picture.height) >= _SHRUNK:
        return _middle(picture, WIDE)
    return beside(picture.crop((0, head, picture.width, picture.height - foot)), words)


def beside(body: Image.Image, words: Words) -> Image.Image:
    """Put a drawing without words on the right of 1600 x 900, and its words on the left."""
    body = _scaled(body, min((WIDE[0] - COLUMN - 2 * MARGIN) / body.width, (WIDE[1] - 2 * MARGIN) / body.height))
    card = Image.new("RGB", WIDE, "white")
    card.paste(body, (WIDE[0] - MARGIN - body.width, (WIDE[1] - body.height) // 2))
    _write(card, words, WIDE[0] - body.width - 3 * MARGIN, WIDE[1] - 2 * MARGIN)
    return card


def below(body: Image.Image, words: Words) -> Image.Image:
    """Put a drawing without words into 1080 x 1080 with its words above and its source below."""
    width = SQUARE[0] - 2 * MARGIN
    body = _scaled(body, min(width / body.width, 0.72 * SQUARE[1] / body.height))
    card = Image.new("RGB", SQUARE, "white")
    foot = _write(card, words, width, SQUARE[1] - 2 * MARGIN - body.height)
    card.paste(body, (MARGIN, foot - MARGIN // 2 - body.height))
    return card


def _middle(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    small = _scaled(picture, min(1, size[0] / picture.width, size[1] / picture.height))
    card = Image.new("RGB", size, "white")
    card.paste(small, ((size[0] - small.width) // 2, (size[1] - small.height) // 2))
    return card


def _scaled(picture: Image.Image, scale: float) -> Image.Image:
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.HAMMING)


def _write(card: Image.Image, words: Words, width: int, height: int) -> int:
    """Write the words at the top left, as large as they fit, and the source at the foot; give where the source begins.

    `height` is what is left for words in all.
    """
    for size in (58, 52, 46, 41, 36, 32, 28):
        parts = [(words.finding.rstrip("."), "bold", size, INK), (words.subtitle, "normal", round(size * 0.66), SOFT),
                 (words.source, "normal", max(19, round(size * 0.4)), GREY)]  # fmt: skip
        lines = [_fold(text, _face(face, points), width) for text, face, points, _ in parts]
        heights = [round(len(broken) * points * 1.25) for broken, (_, _, points, _) in zip(lines, parts, strict=True)]
        if sum(heights) + MARGIN <= height:
            break
    tops = (MARGIN, MARGIN + heights[0] + MARGIN // 2, card.height - MARGIN - heights[2])
    pen = ImageDraw.Draw(card)
    for broken, top, (_, face, points, colour) in zip(lines, tops, parts, strict=True):
        for i, line in enumerate(broken):
            pen.text((MARGIN, top + round(i * points * 1.25)), line, fill=colour, font=_face(face, points))
    return tops[2]


@cache
def _face(face: str, points: int) -> ImageFont.FreeTypeFont:
    path = font_source_sans_pro.font_files_ttf[_FACES[face]]
    return ImageFont.truetype(path, points, layout_engine=ImageFont.Layout.BASIC)


def _fold(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break words into lines no wider than so many pixels."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
