"""Reports as words, JSON or CSV; a value that is not certain is given out nowhere."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from ofsted_reports.certificates import CERTAIN, REVIEW, Certificate, Report
from ofsted_reports.wording import GRADES

PRINTED = ("framework", "kind", "start", "end", "published", "lead_inspector")
COUNTED = ("recommendations", "paragraphs")
_COLUMNS = ["file", "status", "problem", "la_code_ons", "authority", *PRINTED, *COUNTED]
_COLUMNS += ["judgement", "grade", "wording", "page", "certainty"]


def as_words(reports: Iterable[Report]) -> str:
    """Return reports as lines to read: a line a file, with what is certain, and below it a line a judgement."""
    return "".join(f"{_printable(line)}\n" for report in reports for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.file}: {report.status}" + f"; {report.problem}" * bool(report.problem)
    known = {"authority": report.authority} | {field: report.value(field) for field in (*PRINTED, *COUNTED)}
    if any(known.values()):
        yield "  " + ", ".join(f"{field} {value}" for field, value in known.items() if value)
    for each in report.certificates:
        if each.certainty == REVIEW:
            yield f"  {each.field}: needs review, read {each.first!r} and {each.second!r}"
        elif each.judgement:
            yield f"  {each.judgement}: {GRADES[each.first]} (page {each.page})"


def _printable(text: str) -> str:
    """Return a text without line ends and other signs that a terminal obeys: names of files are not ours."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def as_json(reports: Iterable[Report]) -> str:
    """Return reports as a JSON array, one object a file."""
    return json.dumps([as_object(report) for report in reports], ensure_ascii=False, indent=2) + "\n"


def as_csv(reports: Iterable[Report]) -> str:
    """Return reports as CSV: each row is a judgement, or a file that has none, with the event's columns beside it."""
    out = io.StringIO()
    table = csv.DictWriter(out, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for report in map(as_object, reports):
        counts = {field: report[field] and report[field]["count"] for field in COUNTED}
        # A path that no spreadsheet takes for a formula, and that is still a path to the same file.
        path = f"./{report['file']}" if report["file"].startswith(("=", "+", "-", "@")) else report["file"]
        event = report | counts | {"file": path}
        table.writerows(event | judgement for judgement in report["judgements"] or [{}])
    return out.getvalue()


def as_object(report: Report) -> dict[str, Any]:
    """Return a report as a dictionary for JSON; a value that is not certain is None, with both readings beside it."""
    others = [each for each in report.certificates if not each.judgement]
    pages = {each.field: each.page for each in others if each.page}
    counts = {field: int(report.value(field)) for field in COUNTED if report.value(field)}
    stated = {"problem": report.problem, "la_code_ons": report.la_code_ons, "authority": report.authority}
    return {
        **{"file": report.file, "status": report.status},
        **{field: value or None for field, value in stated.items()},
        **{field: report.value(field) or None for field in PRINTED},
        "judgements": [_judgement(each) for each in report.judgements],
        **{f: {"count": counts[f], "page": pages[f]} if f in counts else None for f in COUNTED},
        "pages": pages,
        "uncertain": {each.field: [each.first, each.second] for each in others if each.certainty == REVIEW},
    }


def _judgement(each: Certificate) -> dict[str, Any]:
    certain = each.certainty == CERTAIN
    shown = {"judgement": each.judgement, "grade": each.first if certain else None, "wording": each.wording or None}
    readings = {} if certain else {"readings": [each.first or None, each.second or None]}
    return shown | {"page": each.page, "certainty": each.certainty} | readings
