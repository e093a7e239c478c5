"""Whose services a report is about: printed names, by a crosswalk that the caller hands in."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from ofsted_reports.wording import FORMS

# From a printed name and the first day of fieldwork to the code and the name of an authority; both empty for none.
Names = Callable[[str, date | None], tuple[str, str]]
Crosswalk = str | Path | Iterable[Mapping[str, str]]
_EXISTED = {"existed_from": "0001-01-01", "existed_to": "9999-12-31"}  # where a cell is empty


def as_printed(printed: str, day: date | None) -> tuple[str, str]:
    """Return no code and the name as it is printed, for want of a crosswalk."""
    return "", " ".join(printed.split())


def authority_names(crosswalk: Crosswalk) -> Names:
    """Return a look-up of printed names; civic words such as "London Borough of" or "Council" make no difference.

    `crosswalk` is a CSV file or its rows: `la_code_ons`, `name` (the first of a code is given out) and, if known,
    the days `existed_from` and `existed_to`, which tell authorities of one name apart. A name that begins or ends
    only one authority's is that authority's: "Hull". Raises ValueError for a file or a row that is not as it should
    be.
    """
    names: dict[str, str] = {}
    existed: dict[str, tuple[date, date]] = {}
    codes_of: dict[str, set[str]] = {}
    for code, name, first, last in _rows(crosswalk):
        names.setdefault(code, name)
        existed.setdefault(code, (first, last))
        codes_of.setdefault(_key(name), set()).add(code)

    def look_up(printed: str, day: date | None) -> tuple[str, str]:
        key = _key(printed)
        longer = [known for known in codes_of if key and (known.startswith(f"{key} ") or known.endswith(f" {key}"))]
        codes = codes_of.get(key) or set().union(*(codes_of[known] for known in longer))
        there = [code for code in codes if day is None or existed[code][0] <= day <= existed[code][1]]
        return (there[0], names[there[0]]) if len(there) == 1 else ("", "")

    return look_up


def _key(name: str) -> str:
    plain = re.sub(r"\(.*?\)|&|[^a-z' ]", " ", name.lower().replace("_", " "))
    city = "london" if "london" in plain else ""  # the City of London
    return " ".join(FORMS.civic.sub(" ", plain).split()) or city


def _rows(crosswalk: Crosswalk) -> Iterator[tuple[str, str, date, date]]:
    """Return code, name, first and last day of each row, after looking at them."""
    file, rows = "", crosswalk
    if isinstance(crosswalk, str | Path):
        file = f"{crosswalk}, "
        try:
            rows = [*csv.DictReader(io.StringIO(Path(crosswalk).read_text(encoding="utf-8-sig")))]
        except (OSError, ValueError, csv.Error) as error:
            raise ValueError(f"{crosswalk}: cannot be read ({error}); expected a CSV file in UTF-8") from error
    for number, row in enumerate(rows, start=2):
        if not (row.get("la_code_ons") and row.get("name")):
            raise ValueError(f"{file}row {number}: expected la_code_ons and name, found {dict(row)}; fill in both")
        try:
            first, last = (date.fromisoformat(row.get(column) or empty) for column, empty in _EXISTED.items())
        except ValueError as error:
            raise ValueError(f"{file}row {number}: {error}; expected a day such as 2019-04-01, or nothing") from None
        yield row["la_code_ons"], row["name"], first, last
