"""Ofsted's reports as tidy rows, and beside the inspections that other sources give, never beside themselves."""

from collections.abc import Iterable
from pathlib import PurePath

import pandas as pd
from ofsted_reports import Certificate, Report

from childrens_services import tables
from childrens_services.normalise.ofsted_outcomes import sort_of
from childrens_services.normalise.refusals import refuse
from childrens_services.vocabulary import JUDGEMENTS, Framework

SOURCE = "ofsted_reports"
SAME, REVIEW, DIFFERS, NOT_PRINTED = "same", "needs_review", "differs", "not_printed"
NEAR = pd.Timedelta(days=31)  # between the first days of one inspection in two sources
_SCALES = {(each.framework, each.judgement): each.scale for each in JUDGEMENTS}
_NOT_SAID = "The report does not say whether the inspection was a standard or a short one."
_CELLS = ["file", "event_id", "field", "report", "other", "outcome", "source_id", "published"]


def crosswalk(authorities: pd.DataFrame, spellings: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows by which `ofsted_reports` finds an authority: the tables' names, then the curated spellings."""
    spelt = spellings.rename(columns={"spelling": "name"})
    rows = pd.concat([authorities, spelt])[["la_code_ons", "name", "existed_from", "existed_to"]]
    days = {name: rows[name].dt.strftime("%Y-%m-%d") for name in ("existed_from", "existed_to")}
    return rows.assign(**days).fillna("").to_dict("records")


def names_known() -> list[dict[str, str]]:
    """Return the crosswalk of the tables as they are."""
    return crosswalk(tables.load("authorities"), tables.load("spellings").query("kind == 'publisher_spelling'"))


def certificates(reports: Iterable[Report], in_hand: str) -> pd.DataFrame:
    """Return the table `certificates`: a row a field of a file, as two readers read it, or `file` with its problem."""
    rows = [
        {
            **{"file": file_name(report), "la_code_ons": report.la_code_ons},
            **{field: report.value(field) for field in ("framework", "kind")},
            **{"field": each.field, "first_reading": each.first, "second_reading": each.second},
            **{"certainty": each.certainty, "doubt": each.doubt, "page": each.page},
            **_known(report, in_hand),
        }
        for report in reports
        for each in report.certificates or [Certificate("file", "", "", report.problem, "", None)]
    ]
    return fitted("certificates", rows)


def not_after(rows: pd.DataFrame, in_hand: str) -> pd.DataFrame:
    """Refuse a report that is newer than its folder: by `as_at` it would be known before it was written."""
    days = rows[rows["field"].isin(["start", "end", "published"]) & rows["certainty"].eq("certain")]
    words = f"data/curated/sources.csv, row {SOURCE}: published_edtf gives {in_hand}, but {{file}} prints "
    words += "{first_reading} ({field}); write the day the newest report came out"
    refuse(days[days["first_reading"] > in_hand], words)
    return rows


def events_and_judgements(reports: Iterable[Report], in_hand: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of `events` and `judgements` of reports whose authority, kind and first day are certain.

    Rows that two copies of a report give alike are one; rows that disagree all stay, for the contracts to refuse.
    """
    read = [report for report in reports if report.la_code_ons and report.value("kind") and report.value("start")]
    events = [_event(report) | _known(report, in_hand) for report in read]
    judgements = [
        {
            **event,
            **{"judgement": each.judgement, "wording": each.wording, "grade": each.first},
            **{
                "scale": _SCALES[event["framework"], each.judgement],
                "locator": f"{file_name(report)}, page {each.page}",
            },
        }
        for report, event in zip(read, events, strict=True)
        for each in report.judgements
        if not each.doubt
    ]
    found = (fitted(name, rows) for name, rows in (("events", events), ("judgements", judgements)))
    return tuple(one.drop_duplicates(one.columns.drop("locator"), ignore_index=True) for one in found)


def fitted(name: str, rows: pd.DataFrame | list[dict[str, object]]) -> pd.DataFrame:
    """Return rows, conformed, with the columns of a table; those that they lack are empty, further ones left out."""
    return tables.conform(name, pd.DataFrame(rows, columns=list(tables.contracts()[name]["columns"])))


def file_name(report: Report) -> str:
    """Return a report's folder and name, which tell it from all others: `80533_nottingham/14_may_2014.pdf`."""
    return "/".join(PurePath(report.file).parts[-2:])


def _known(report: Report, in_hand: str) -> dict[str, str]:
    return {"basis": "report", "source_id": SOURCE, "published": report.value("published") or in_hand}


def _event(report: Report) -> dict[str, str]:
    framework, kind, start = (report.value(field) for field in ("framework", "kind", "start"))
    return {
        "event_id": f"{report.la_code_ons}_{start}_{kind}",
        **{"la_code_ons": report.la_code_ons, "kind": kind, "framework": framework},
        **dict.fromkeys(("start", "start_earliest", "start_latest"), start),
        **dict.fromkeys(("end", "end_latest"), report.value("end")),
        "lead_inspector": report.value("lead_inspector"),
        "publication_date": report.value("published"),
        "locator": f"{file_name(report)}, page 1",
        "note": _NOT_SAID * ((framework, kind) == (Framework.ILACS, "inspection")),
    }


def inspections_read(certificates: pd.DataFrame) -> pd.DataFrame:
    """Return the files whose authority, kind and first day are certain: `file, la_code_ons, framework, kind, start`."""
    sure = certificates[certificates["certainty"] == "certain"]
    starts = sure[sure["field"] == "start"].set_index("file")["first_reading"]
    files = sure.drop_duplicates("file")[["file", "la_code_ons", "framework", "kind"]]
    read = files.assign(start=pd.to_datetime(files["file"].map(starts), format="%Y-%m-%d"))
    return read.dropna(subset=["la_code_ons", "kind", "start"]).reset_index(drop=True)


def match(certificates: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return the inspection of another source that each file reports: `file, event_id`, one row a file that has one.

    It is the one of the same authority and sort whose first day is nearest, within a month; short inspections and
    others are one sort. A first day that is known vaguely is as near as it can be.
    """
    columns = ["event_id", "la_code_ons", "kind", "start_earliest", "start_latest"]
    others = events.loc[events["source_id"] != SOURCE, columns]
    pairs = inspections_read(certificates).merge(others, on="la_code_ons", suffixes=("", "_of_event"))
    pairs = pairs[sort_of(pairs["kind"]) == sort_of(pairs["kind_of_event"])]
    sides = [pairs["start_earliest"] - pairs["start"], pairs["start"] - pairs["start_latest"]]
    apart = pd.concat(sides, axis="columns").max(axis="columns").clip(lower=pd.Timedelta(0))
    near = pairs.assign(apart=apart)[apart <= NEAR].sort_values(["file", "apart", "event_id"])
    return near.drop_duplicates("file")[["file", "event_id"]].reset_index(drop=True)


def compare(certificates: pd.DataFrame, events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return one row a cell of an inspection that both a report and another source have, with how they agree.

    `outcome` is `same`, `differs`, `needs_review`, or `not_printed` where the report does not state it: a day of
    publication, or that an inspection was a short one.
    """
    pairs = match(certificates, events)
    if pairs.empty:
        return pd.DataFrame(columns=_CELLS)
    stated = pairs.merge(_stated(events, judgements), on="event_id")
    read = certificates.merge(pairs, on="file")
    graded = read["field"].str.startswith("judgement.")
    printed = graded | read["field"].isin(stated["field"])
    columns = ["file", "event_id", "field", "first_reading", "certainty"]
    cells = stated.merge(read.loc[printed, columns], on=["file", "event_id", "field"], how="outer", validate="1:1")
    cells = cells[cells["other"].notna() | cells["field"].str.startswith("judgement.")]
    by_file = read.drop_duplicates("file").set_index("file")
    theirs = events.set_index("event_id")["source_id"]
    cells = cells.assign(
        outcome=_outcomes(cells),
        report=cells["first_reading"].where(cells["certainty"] == "certain"),
        source_id=cells["file"].map(by_file["source_id"]) + " " + cells["event_id"].map(theirs),
        published=cells["file"].map(by_file["published"]),
    )
    return cells[_CELLS].sort_values(["file", "field"], ignore_index=True)


def _stated(events: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return what other sources state of their inspections, one row a cell: `event_id, field, other`."""
    exact = events["start"].where(events["start_earliest"] == events["start_latest"])
    days = events["publication_date"].dt.strftime("%Y-%m-%d")
    told, columns = events.assign(start=exact, published=days), ["kind", "start", "published"]
    cells = told.melt("event_id", columns, "field", "other")
    grades = judgements.assign(field="judgement." + judgements["judgement"])
    grades = grades.rename(columns={"grade": "other"})[["event_id", "field", "other"]]
    return pd.concat([cells.dropna(subset="other"), grades], ignore_index=True)


def _outcomes(cells: pd.DataFrame) -> pd.Series:
    short = (cells["field"] == "kind") & cells["first_reading"].eq("inspection") & cells["other"].eq("short_inspection")
    found = pd.Series(DIFFERS, cells.index).mask(cells["first_reading"].eq(cells["other"]), SAME)
    found = found.mask(cells["certainty"].eq("needs_review"), REVIEW)
    return found.mask(cells["certainty"].isna() | short, NOT_PRINTED)


def conflicts(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of `compare` in which a report differs as rows of `conflicts`; the other source's are kept."""
    differs = cells[(cells["outcome"] == DIFFERS) & cells["other"].notna()]
    judged = differs["field"].str.startswith("judgement.")
    ours = {"event_id": "row", "other": "kept", "report": "other"}
    return differs.rename(columns=ours)[["row", "kept", "other", "published"]].assign(
        table=judged.map({True: "judgements", False: "events"}),
        column=differs["field"].str.removeprefix("judgement.").replace("published", "publication_date"),
        other_source_id=SOURCE,
        source_id=differs["source_id"].str.removeprefix(f"{SOURCE} "),
    )


def new_inspections(certificates: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Return the files, sorted, that report an inspection or visit which no other source has.

    Left out are files of which a part needs review, because with some of its grades an inspection would look as if the
    others had not been judged; and those from before the single inspection framework, whose judgements are read in
    part.
    """
    is_part = certificates["field"].str.match("framework$|end$|judgement")
    doubtful = certificates[certificates["certainty"].eq("needs_review") & is_part]
    read = inspections_read(certificates)
    known = match(certificates, events)["file"]
    new = read[~read["file"].isin([*known, *doubtful["file"]]) & read["framework"].ne(Framework.PRE_2013)]
    return new["file"].sort_values(kind="stable", ignore_index=True)


def date_by_inspections(certificates: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Date certificates of reports that print no day of publication by when the inspection was known, if earlier."""
    days = match(certificates, events).set_index("file")["event_id"].map(events.set_index("event_id")["published"])
    known = pd.concat([certificates["published"], certificates["file"].map(days)], axis="columns").min(axis="columns")
    sure = certificates["certainty"].eq("certain") & certificates["field"].eq("published")
    printed = certificates["file"].isin(certificates.loc[sure, "file"])
    return certificates.assign(published=certificates["published"].where(printed, known))
