"""What has no business in a cell, refused where a table is made: hidden marks, formulas, line breaks, endless text."""

import re
import unicodedata

LONGEST = 1000  # letters; the longest cell that anybody wrote has a third of them
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
# Control characters and line breaks, marks of direction and other letters without a shape, private and unpaired ones.
_HIDDEN = ("Cc", "Cf", "Zl", "Zp", "Co", "Cs")


def fault(text: str) -> str:
    """Return what is wrong with a cell's text, '' for nothing: `=1+1` begins with '=', which a spreadsheet computes."""
    if text.isascii() and text.isprintable() and text[:1] not in ("=", "+", "-", "@") and len(text) <= LONGEST:
        return "spaces alone" if text and not text.strip() else ""
    for letter in text:
        if unicodedata.category(letter) in _HIDDEN:
            return f"holds U+{ord(letter):04X} ({unicodedata.name(letter, 'a control character').lower()})"
    if text and not text.strip():
        return f"holds U+{ord(text[0]):04X} alone, which looks empty"
    if text[:1] in ("=", "+", "-", "@") and not _NUMBER.fullmatch(text):
        return f"begins with {text[0]!r}, which a spreadsheet computes"
    return f"is {len(text):,} letters long, {LONGEST:,} at most" if len(text) > LONGEST else ""
