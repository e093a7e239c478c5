"""Reports as tables: certificates, events and judgements, JSON, words.

Goes in: reports with their certificates. Comes out: frames with the columns of the contracts, and
plain dictionaries. Only what is certain enters events and judgements; doubts stay in the certificates.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

import pandas as pd
from childrens_services.vocabulary import GRADE_NAMES, JUDGEMENTS, Framework

from ofsted_reports.certificates import CERTAIN, REVIEW, UNREADABLE, Certificate, Report

PRINTED = ("framework", "kind", "start", "end", "published", "lead_inspector")
COUNTED = ("recommendations", "paragraphs")
_READ = ("judgement", "grade", "wording", "page", "certainty")
_CERTIFICATES = ["file", "la_code_ons", "framework", "kind", "field", "first_reading", "second_reading", "certainty",
                 "doubt", "page"]  # fmt: skip


def exit_status(reports: Iterable[Report]) -> int:
    """Give 0 where all reports are certain, 1 where some need review, 2 where some cannot be read."""
    return max(({CERTAIN: 0, REVIEW: 1, UNREADABLE: 2}[report.status] for report in reports), default=0)


def as_words(reports: Iterable[Report]) -> str:
    """Give reports as lines to read: a line a file, with what is certain, and below it a line a judgement."""
    return "".join(f"{line}\n" for report in reports for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield _one_line(f"{report.file}: {report.status}" + f"; {report.problem}" * bool(report.problem))
    known = {"authority": report.authority} | {name: report.value(name) for name in (*PRINTED, *COUNTED)}
    if any(known.values()):
        yield _one_line("  " + ", ".join(f"{name} {value}" for name, value in known.items() if value))
    for each in report.certificates:
        if each.field.startswith("judgement.") and each.certainty == CERTAIN:
            yield f"  {each.field.removeprefix('judgement.')}: {GRADE_NAMES[each.first]} (page {each.page})"
        elif each.certainty == REVIEW:
            yield _one_line(f"  {each.field}: needs review, read {each.first!r} and {each.second!r}")


def _one_line(text: str) -> str:
    """Give a text without line ends and other signs that a terminal obeys: names of files are not ours."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def as_json_text(reports: Iterable[Report]) -> str:
    """Give reports as a JSON array, one object a file."""
    return json.dumps([as_json(report) for report in reports], ensure_ascii=False, indent=2) + "\n"


def as_csv_text(reports: Iterable[Report]) -> str:
    """Give reports as CSV: each row is a judgement, or a file that has none, with the event's columns beside it."""
    rows = [
        _row(report, each)
        for report in reports
        for each in [each for each in report.certificates if each.field.startswith("judgement.")] or [None]
    ]
    return pd.DataFrame(rows).astype({"page": "Int64"}).to_csv(index=False, lineterminator="\n")


def _row(report: Report, certificate: Certificate | None) -> dict[str, Any]:
    read = _as_judgement(certificate) if certificate else dict.fromkeys(_READ)
    return {
        "file": report.file, "status": report.status, "problem": report.problem, "la_code_ons": report.la_code_ons,
        "authority": report.authority, **{name: report.value(name) for name in PRINTED},
        **{name: report.value(name) for name in COUNTED}, **{name: read[name] for name in _READ},
    }  # fmt: skip


def as_json(report: Report) -> dict[str, Any]:
    """Give a report as the JSON that `read-report --json` prints; a value that is not certain is None.

    What the two readers read where it is not certain is in `readings` of a judgement, and in `uncertain` by field.
    """
    fields = {name: report.value(name) or None for name in PRINTED}
    lists = {name: _as_count(report, name) for name in COUNTED}
    others = [each for each in report.certificates if not each.field.startswith("judgement.")]
    return {
        "file": report.file, "status": report.status, "problem": report.problem or None,
        "la_code_ons": report.la_code_ons or None, "authority": report.authority or None, **fields,
        "judgements": [_as_judgement(each) for each in report.certificates if each.field.startswith("judgement.")],
        **lists,
        "pages": {each.field: each.page for each in others if each.page},
        "uncertain": {each.field: [each.first, each.second] for each in others if each.certainty == REVIEW},
    }  # fmt: skip


def _as_judgement(certificate: Certificate) -> dict[str, Any]:
    grade = certificate.first if certificate.certainty == CERTAIN else None
    shown = {
        "judgement": certificate.field.removeprefix("judgement."), "grade": grade,
        "wording": certificate.wording or None, "page": certificate.page, "certainty": certificate.certainty,
    }  # fmt: skip
    return shown if grade else {**shown, "readings": [certificate.first or None, certificate.second or None]}


def _as_count(report: Report, name: str) -> dict[str, int] | None:
    page = next((each.page for each in report.certificates if each.field == name), None)
    return {"count": int(report.value(name)), "page": page} if report.value(name) else None


def certificates(reports: Iterable[Report], source_id: str = "", in_hand: str = "") -> pd.DataFrame:
    """Give the table of certificates: each row is one field of one file, as two readers read it.

    Columns `file, la_code_ons, framework, kind, field, first_reading, second_reading, certainty, doubt, page`, and
    `source_id` and `published`: the printed day of publication, else the day `in_hand`. A file that cannot be read has
    one row, with field `file` and the problem as its doubt.
    """
    rows = [
        (file_name(report), report.la_code_ons, report.value("framework"), report.value("kind"), each.field, each.first,
         each.second, each.certainty, each.doubt, each.page, source_id, report.value("published") or in_hand)
        for report in reports
        for each in report.certificates or [Certificate("file", "", "", report.problem, "", None)]
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[*_CERTIFICATES, "source_id", "published"])
    return frame.assign(page=frame["page"].astype("Int64"))


def file_name(report: Report) -> str:
    """Give a report's folder and name, which tell it from all others: `80533_nottingham/14_may_2014.pdf`."""
    return "/".join(PurePath(report.file).parts[-2:])


def events_and_judgements(
    reports: Iterable[Report], source_id: str = "", in_hand: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the frames of the `events` and `judgements` contracts: one row an inspection or visit, one row a grade.

    Only reports whose authority, kind and first day are certain give an event, with its certain fields; an id is
    `<la_code_ons>_<start>_<kind>`, as for Ofsted's own release. `published` is the printed day, else `in_hand`.
    """
    known = [report for report in reports if report.la_code_ons and report.value("kind") and report.value("start")]
    events = [_event(report) | _source(report, source_id, in_hand) for report in known]
    judgements = [row | _source(report, source_id, in_hand) for report in known for row in _judgements(report)]
    return _once(pd.DataFrame(events, columns=_EVENTS)), _once(pd.DataFrame(judgements, columns=_JUDGEMENTS))


def _once(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep one row of those that say the same in two copies of a report; rows that disagree all stay, to be refused."""
    return frame.drop_duplicates([column for column in frame if column != "locator"], ignore_index=True)


_NOT_SAID = "The report does not say whether the inspection was a standard or a short one."
_EVENTS = ["event_id", "la_code_ons", "kind", "framework", "start", "end", "start_earliest", "start_latest",
           "end_latest", "theme", "lead_inspector", "summary", "publication_date", "confidence", "locator", "note",
           "source_id", "published"]  # fmt: skip
_JUDGEMENTS = ["event_id", "la_code_ons", "framework", "judgement", "wording", "scale", "grade", "locator", "source_id",
               "published"]  # fmt: skip


def _event_id(report: Report) -> str:
    return f"{report.la_code_ons}_{report.value('start')}_{report.value('kind')}"


def _source(report: Report, source_id: str, in_hand: str) -> dict[str, str]:
    return {"source_id": source_id, "published": report.value("published") or in_hand}


def _event(report: Report) -> dict[str, str]:
    start, end = report.value("start"), report.value("end")
    return {
        "event_id": _event_id(report), "la_code_ons": report.la_code_ons, "kind": report.value("kind"),
        "framework": report.value("framework"), "start": start, "end": end, "start_earliest": start,
        "start_latest": start, "end_latest": end, "theme": "", "lead_inspector": report.value("lead_inspector"),
        "summary": "", "publication_date": report.value("published"), "confidence": "",
        "locator": f"{file_name(report)}, page 1", "note": _NOT_SAID * _may_be_short(report),
    }  # fmt: skip


def _may_be_short(report: Report) -> bool:
    return (report.value("framework"), report.value("kind")) == (Framework.ILACS, "inspection")


def _judgements(report: Report) -> list[dict[str, str]]:
    return [
        {
            "event_id": _event_id(report), "la_code_ons": report.la_code_ons, "framework": report.value("framework"),
            "judgement": each.field.removeprefix("judgement."), "wording": each.wording,
            "scale": _scale(report, each), "grade": each.first, "locator": f"{file_name(report)}, page {each.page}",
        }
        for each in report.certificates
        if each.field.startswith("judgement.") and each.certainty == CERTAIN
    ]  # fmt: skip


def _scale(report: Report, certificate: Certificate) -> str:
    framework, area = report.value("framework"), certificate.field.removeprefix("judgement.")
    return next(each.scale for each in JUDGEMENTS if (each.framework, each.judgement) == (framework, area))
