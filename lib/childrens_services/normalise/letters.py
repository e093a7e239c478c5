"""A new report or letter beside the last of the same authority, and drafts of its rows, never entered unread."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from ofsted_reports import Limits, Passage, Report, read_reports

from childrens_services import paths, tables
from childrens_services.normalise.reports import SOURCE, inspections_read, names_known
from childrens_services.sources import RawFileError, raw_file
from childrens_services.vocabulary import GRADE_NAMES, GRADED_KINDS, JUDGEMENT_TITLES

_LIMITS = Limits(passages=500_000)  # letters of text; a report has 150,000
_NEW = 0.16  # of the weight of its words; a paragraph that shares less with each of the last report is new


@dataclass(frozen=True)
class Pair:
    """A letter and the last report of its authority; `last` is None where its file is not at hand."""

    letter: Report
    last: Report | None


def read_pair(file: str | Path) -> Pair:
    """Read a letter, or raise ValueError for a doubtful one, and the newest inspection report before it."""
    authorities = names_known()
    [letter] = read_reports([file], authorities, _LIMITS)
    if letter.status == "unreadable":
        raise ValueError(f"{file}: {letter.problem}")
    known = {"authority": letter.la_code_ons, "kind": letter.value("kind"), "start": letter.value("start")}
    if lacking := [field for field, value in known.items() if not value]:
        raise ValueError(f"{file}: {lacking[0]} is not certain ({letter.problem}), so that nothing can be compared")
    read = inspections_read(tables.load("certificates"))
    mine = read[read["la_code_ons"].eq(letter.la_code_ons) & read["kind"].isin(GRADED_KINDS)]
    earlier = mine[mine["start"] < letter.value("start")].sort_values(["start", "file"])["file"].tail(1)
    try:
        before = [raw_file(SOURCE) / name for name in earlier]
    except RawFileError:
        before = []
    return Pair(letter, *(read_reports(before, authorities, _LIMITS) or [None]))


def grades(letter: Report, events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return grades beside those of the last graded inspection, '' for none: `judgement, then, now, event_id`."""
    mine = events[events["la_code_ons"].eq(letter.la_code_ons) & events["kind"].isin(GRADED_KINDS)]
    earlier = mine[mine["start_latest"] < pd.Timestamp(letter.value("start"))]
    graded = earlier[earlier["event_id"].isin(judgements["event_id"])]
    last = graded.sort_values(["start_latest", "event_id"]).tail(1)["event_id"]
    then = judgements[judgements["event_id"].isin(last)].set_index("judgement")["grade"].to_dict()
    now = {each.judgement: "needs review" if each.doubt else each.first for each in letter.judgements}
    order = [judgement for judgement in JUDGEMENT_TITLES if judgement in then | now]
    rows = [(judgement, then.get(judgement, ""), now.get(judgement, "")) for judgement in order]
    return pd.DataFrame(rows, columns=["judgement", "then", "now"]).assign(event_id="".join(last))


def new_passages(now: Sequence[Passage], before: Sequence[Passage]) -> list[Passage]:
    """Return the passages of which no passage of the earlier report has many of the words; rare words weigh more."""
    words = {passage: set(re.findall(r"[a-z]{4,}", passage.text.lower())) for passage in [*now, *before]}
    counts = Counter(word for found in words.values() for word in found)

    def weight(some: set[str]) -> float:
        return sum(math.log(1 + len(words) / counts[word]) for word in sorted(some))

    def most_shared(passage: Passage) -> float:
        return max((weight(words[passage] & words[other]) for other in before), default=0)

    return [one for one in now if most_shared(one) < _NEW * (weight(words[one]) or 1)]


def as_words(pair: Pair, compared: pd.DataFrame) -> str:
    """Return the comparison as lines: grades side by side, what was to improve then and now, new paragraphs."""
    found = "".join(compared["event_id"].unique()) or "none is in the tables"
    lines = [f"Grades, beside the last inspection ({found}):"]
    for one in compared.itertuples():
        then, now = (GRADE_NAMES.get(grade, grade) or "–" for grade in (one.then, one.now))
        lines.append(f"  {JUDGEMENT_TITLES[one.judgement]}: {then} → {now}")
    absent = ["  the last report is not at hand: put it into the folder of reports under RAW_DIR"]
    for title, report in (("To improve then", pair.last), ("To improve now", pair.letter)):
        listed = [_line(one) for one in _of(report, "improve")] or ["  nothing is listed"]
        lines += ["", f"{title}:", *(listed if report else absent)]
    return "\n".join([*lines, "", "Paragraphs found new:", *(_line(one) for one in _new(pair))]) + "\n"


def _new(pair: Pair) -> list[Passage]:
    return new_passages(_of(pair.letter, "paragraph"), _of(pair.last, "paragraph")) if pair.last else []


def _of(report: Report | None, kind: str) -> list[Passage]:
    return [passage for passage in report.passages if passage.kind == kind] if report else []


def _line(passage: Passage) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in passage.text)  # a terminal obeys the others
    return f"  {_place(passage)}: {text}"


def _place(passage: Passage) -> str:
    return f"para {passage.number}" if passage.number else f"page {passage.page}"


def drafts(pair: Pair) -> dict[str, pd.DataFrame]:
    """Return draft rows of `events`, `judgements` and `findings` in the columns of their curated files.

    What a person must add is empty: source, summary, and of a finding theme, polarity and statement. A finding is
    drafted for each thing to improve and each new paragraph, with its place only.
    """
    letter = pair.letter
    event = {field: letter.value(field) for field in ("kind", "framework", "start", "end", "lead_inspector")}
    event |= {"published_edtf": letter.value("published"), "scope": "childrens_services", "locator": "p.1"}
    mine = {"event_id": f"{letter.la_code_ons}_{event['start']}_{event['kind']}", "la_code_ons": letter.la_code_ons}
    graded = [
        {"judgement": one.judgement, "wording": one.wording, "grade": one.first, "locator": f"p.{one.page}"}
        for one in letter.judgements
        if not one.doubt
    ]
    findings = [
        {"locator": _place(one), "polarity": "recommendation" if one.kind == "improve" else ""}
        for one in [*_of(letter, "improve"), *_new(pair)]
    ]
    numbered = [{"finding_id": f"draft_{at:03d}"} | one for at, one in enumerate(findings, start=1)]
    rows = {"events": [event], "judgements": graded, "findings": numbered}
    return {name: _draft(name, [mine | one for one in drafted]) for name, drafted in rows.items()}


def _draft(name: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    columns = pd.read_csv(paths.CURATED / f"{name}.csv", nrows=0).columns
    return pd.DataFrame(rows, columns=columns, dtype="str").fillna("")
