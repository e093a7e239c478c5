"""Read what a notebook shows as an editor does: nothing typed, nothing missing, no empty or broken sentence."""

import re

from childrens_services import tables
from childrens_services.sources import register
from childrens_services.telling.words import strip_terms
from notebook_cells import Number, Sentence, Shown, as_text

MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
COUNTED = "visit|authority|cell|day|post|area|inspection|finding|theme|claim|year|spell|grade|report|measure|pair"
COUNTED_MANY = COUNTED.replace("|", "s|").replace("authoritys", "authorities") + "s"
BROKEN = re.compile(
    r"\b(nan|NaT|None(?! for| of)|inf)\b|<NA>|[{}]|[a-z]_[a-z]|  |\s[,.;:]|\bof \.|: \.|\b(?:and|against) ?\.|£-"
)


def word_faults(shown: Shown) -> list[str]:
    """List every fault of the words; an empty list where there is none."""
    checks = {
        "typed": typed_digits,
        "broken": broken_words,
        "number": disagreements,
        "uncited": unfounded,
        "empty": empty,
    }
    return [f"{kind}: {fault}" for kind, check in checks.items() for fault in check(shown)]


def cells(shown: Shown) -> list[object]:
    """Give every cell of every table shown."""
    return [cell for table in shown.tables() for row in table.rows for cell in row]


def cited(shown: Shown) -> list[Number]:
    """Give every number that is cited, in sentences and in the cells of tables."""
    own = [cell for cell in cells(shown) if isinstance(cell, Number)]
    inner = [n for cell in cells(shown) if isinstance(cell, Sentence) for n in cell.cited()]
    return [n for s in shown.sentences() for n in s.cited()] + own + inner


def without_numbers(html: str) -> str:
    """Give the words of a sentence with its cited numbers and the names that hold digits taken out."""
    return strip_terms(re.sub(r"<data .*?</data>", "", html, flags=re.DOTALL))


def typed_digits(shown: Shown) -> list[str]:
    """List sentences with a digit that is not cited."""
    return [s.text for s in shown.sentences() if re.search(r"\d", without_numbers(s.html))]


def broken_words(shown: Shown) -> list[str]:
    """List sentences and cells with a missing value, an open place or a gap in them."""
    texts = [s.text for s in shown.sentences()] + [as_text(cell) for cell in cells(shown)]
    return [text for text in texts if BROKEN.search(text)]


def empty(shown: Shown) -> list[str]:
    """List what is shown without words: sentences, cells, tables without a row, charts without one."""
    found = ["a sentence" for s in shown.sentences() if not s.text.strip()]
    found += ["a cell" for cell in cells(shown) if not as_text(cell).strip()]
    found += [f"table {table.caption.text!r}" for table in shown.tables() if not table.rows]
    return found + [f"chart {chart.name}" for chart in shown.charts if chart.data.empty]


def disagreements(shown: Shown) -> list[str]:
    """List counts that do not agree with their word: "1 visits", "2 visit"."""
    text = re.sub(rf"(\d+ )?{MONTH} \d{{4}}", "", strip_terms(shown.text()))
    text = re.sub(r"\b(?:19|20)\d\d\b", "", text)  # a year is no count
    many = re.findall(rf"(?<![\d,.£])1 (?:\w+ )?(?:{COUNTED_MANY})\b", text)
    return many + re.findall(rf"(?<![\d,.£])(?:0|[2-9]|\d\d+) (?:\w+ )?(?:{COUNTED})\b(?!-)", text)


def unfounded(shown: Shown) -> list[str]:
    """List numbers that do not say how they were computed, from which table, or name a source nobody knows."""
    known = set(register().index)
    return [n.text for n in cited(shown) if not n.how or n.table not in tables.contracts() or set(n.sources) - known]
