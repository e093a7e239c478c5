"""Exhibits of how Ofsted's own reports were read, and whether other sources say the same of the same inspections.

Goes in: tidy `certificates`, `events` and `judgements` as known on a day. Comes out: what a notebook shows, a table or
sentences. Where no report is in hand a sentence says so.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    Table,
    count,
    join,
    plural,
    say,
    show_table,
    span,
    tell,
)
from childrens_services.normalise import reports
from childrens_services.normalise.reports import DIFFERS, NOT_PRINTED, REVIEW, SAME
from childrens_services.vocabulary import GRADED_KINDS

COLUMNS = {SAME: "Same", REVIEW: "Needs review", DIFFERS: "Differs", NOT_PRINTED: "Not printed in the report"}
_HOW = {
    SAME: "cells of the report that another source states alike",
    REVIEW: "cells of the report that the two readers are not certain of",
    DIFFERS: "cells of the report that another source states otherwise",
    NOT_PRINTED: "cells of another source that the report does not print",
}


def tell_reading(
    certificates: pd.DataFrame, events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str]
) -> Paragraphs:
    """Say how many reports were read with certainty, how they compare with other sources, and which none is of."""
    if certificates.empty:
        return tell(say("No report that is in hand was public on this day."))
    cells = reports.compare(certificates, events, judgements)
    alone = events[events["source_id"].eq(reports.SOURCE) & events["kind"].isin(GRADED_KINDS)]
    return tell(_certain(certificates), _compared(cells), _alone(alone, names), _none_in_hand(certificates, names))


def _certain(certificates: pd.DataFrame) -> Sentence:
    files = certificates.drop_duplicates("file")
    shut = files[files["field"] == "file"]  # the one row of a file that cannot be read
    doubtful = certificates.loc[certificates["certainty"] == REVIEW, "file"]
    review = files[files["file"].isin(doubtful) & ~files["file"].isin(shut["file"])]
    sure = files[~files["file"].isin(doubtful)]
    return say(
        "Of {n} {files} in hand, {sure} {was} read with certainty in every field, {review} {has} a field that needs "
        "review and {shut} cannot be read.",
        n=count(files, "certificates", "files of reports in hand"),
        files=plural(len(files), "file"),
        sure=count(sure, "certificates", "files of which every field is certain", "none"),
        was=plural(len(sure), "was", "were"),
        review=count(review, "certificates", "files with a field that needs review", "none"),
        has=plural(len(review), "has", "have") if len(review) else "has",
        shut=count(shut, "certificates", "files that cannot be read", "none"),
    )


def _compared(cells: pd.DataFrame) -> Sentence:
    if cells.empty:
        return say("No other source has an inspection that they report.")
    stated = cells[cells["outcome"] != NOT_PRINTED]
    return say(
        "{inspections} of their inspections {are} in another source too: of {n} {cells} that both state, {same} agree, "
        "{review} {need} review and {differ} {differs}.",
        inspections=count(cells.drop_duplicates("event_id"), "certificates", "inspections that another source has too"),
        are=plural(cells["event_id"].nunique(), "is", "are"),
        n=count(stated, "certificates", "cells that a report and another source state"),
        cells=plural(len(stated), "cell"),
        same=_counted(cells, SAME),
        review=_counted(cells, REVIEW, "none"),
        need=plural((cells["outcome"] == REVIEW).sum(), "needs", "need"),
        differ=_counted(cells, DIFFERS, "none"),
        differs=plural((cells["outcome"] == DIFFERS).sum(), "differs", "differ"),
    )


def _counted(cells: pd.DataFrame, outcome: str, zero: str = "0") -> Number:
    return count(cells[cells["outcome"] == outcome], "certificates", _HOW[outcome], zero)


def _alone(alone: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say for how many inspections the report is the only source, in all and of the chosen authorities."""
    if alone.empty:
        return []
    said = say(
        "The grades of {n} {inspections} are in the tables from the report alone",
        n=count(alone, "events", "inspections that no other source in hand has"),
        inspections=plural(len(alone), "inspection"),
    )
    own = [
        say("{n} of {name}", name=name, n=count(mine, "events", "inspections that no other source in hand has"))
        for code, name in names.items()
        if len(mine := alone[alone["la_code_ons"] == code])
    ]
    return [say("{said}, {own} among them.", said=said, own=join(own)) if own else say("{said}.", said=said)]


def _none_in_hand(certificates: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    without = [name for code, name in names.items() if code not in set(certificates["la_code_ons"])]
    if not without:
        return []
    return [say("No report in hand of {who} is known to have been public on the day.", who=join(without))]


def compared_table(
    certificates: pd.DataFrame, events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str]
) -> Table | Paragraphs:
    """Show the chosen authorities' reports beside the same inspections in another source: a row an inspection."""
    cells = reports.compare(certificates, events, judgements)
    mine = cells[cells["la_code_ons"].isin(names)]
    if mine.empty:
        return tell(say("There is no report of {who} to compare with another source.", who=join(names.values())))
    reported = events[events["event_id"].isin(mine["event_id"])]
    order = {code: place for place, code in enumerate(names)}
    reported = reported.sort_values(["start_earliest", "event_id"]).sort_values(
        "la_code_ons", key=lambda codes: codes.map(order), kind="stable", ignore_index=True
    )
    rows = [_row(reported.iloc[[at]], mine, names) for at in range(len(reported))]
    caption = say("Reports as read beside the same inspections in another source: number of cells")
    return show_table(caption, ["Authority", "Inspection", *COLUMNS.values()], rows)


def _row(event: pd.DataFrame, cells: pd.DataFrame, names: Mapping[str, str]) -> tuple[str | Number, ...]:
    mine = cells[cells["event_id"] == event["event_id"].iloc[0]]
    return (names[event["la_code_ons"].iloc[0]], span(event), *(_counted(mine, outcome) for outcome in COLUMNS))
