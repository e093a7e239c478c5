"""Ofsted's release and the curated events: readers, one row an event, grades in force, and Ofsted's own counts."""

import re
from contextlib import nullcontext
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from childrens_services import periods, sources
from childrens_services.analysis import timeline
from childrens_services.normalise import authorities, inspections, ofsted_outcomes
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from python_calamine import CalamineWorkbook

NOTTINGHAM, LEEDS = "E06000018", "E08000035"
CODES = {"Nottingham": NOTTINGHAM, "Leeds": LEEDS}
CROSSWALK = pd.DataFrame({"spelling": CODES.keys(), "la_code_ons": CODES.values(), "seen_in": ""})
HELP = "The experiences and progress of children who need help and protection"
CARE, LEAVERS = (f"The experiences and progress of {who}" for who in ("children in care", "care leavers"))
LEADERS = "The impact of leaders on social work practice with children and families"
GRADES = ["Overall effectiveness", LEADERS, HELP, CARE, LEAVERS]
HISTORY = [
    *("Web link", "Local authority area code", "Local authority name", "Local authority status", "Ofsted region"),
    *("Inspection date", "Publication date", "Inspection type", *GRADES),
]
LINK, TITLE = "Ofsted Local Authority Webpage", "A title"
DAYS = {"ods_2024": "2024-08-30", "ods_2025": "2025-09-25", "report": "2022-09-05", "press": "2022-10-01"}
DAYS = pd.to_datetime(pd.Series(DAYS | {"minutes": "2021-12-15"}))


def history_row(name: str, start: datetime, published: datetime, *grades: str, kind="Standard") -> list:
    return [LINK, CODES[name], name, "Current", "East", start, published, f"ILACS {kind} Inspection", *grades]


def sheet_of(headings: list, *rows: list) -> list[list]:
    width = len(headings)
    return [[text] + [""] * (width - 1) for text in (TITLE, "About")] + [headings, *rows]


IMPROVE = ["Requires improvement to be good"] * 3
OLD = history_row("Nottingham", datetime(2022, 7, 11), datetime(2022, 9, 5), "Inadequate", *IMPROVE, "")
NEW = history_row("Leeds", datetime(2023, 11, 6), datetime(2024, 1, 12), *["Good"] * 5, kind="Short")


def read(*rows: list, headings: list = HISTORY) -> pd.DataFrame:
    return ofsted_outcomes.read_sheet(sheet_of(headings, *rows), "release.ods, sheet History")


def identified(*rows: list, source_id: str = "ods_2025") -> pd.DataFrame:
    """Rows as `read_edition` gives them, for a sheet of any edition."""
    found = read(*rows)
    locator = "History row " + found["locator"].astype("str")
    return found.assign(la_code_ons=found["name"].map(CODES), source_id=source_id, locator=locator)


def changed(row: list, **cells) -> list:
    """A row with other cells, each under the first heading that ends with its name: `publication_date=...`."""
    at = {name: next(h for h in HISTORY if h.endswith(name.replace("_", " "))) for name in cells}
    return [next((cells[name] for name in cells if at[name] == h), old) for h, old in zip(HISTORY, row, strict=True)]


# Reading the sheets -------------------------------------------------------------------------------------------------


def test_a_long_sheet_gives_one_row_an_inspection():
    first, second = read(OLD, NEW).to_dict("records")

    assert (first["locator"], first["name"], first["kind"]) == (4, "Nottingham", "inspection")
    assert (first["start"], first["publication_date"]) == (pd.Timestamp("2022-07-11"), pd.Timestamp("2022-09-05"))
    assert (first["overall_effectiveness"], first["children_in_care"]) == ("inadequate", "requires_improvement")
    assert (first["care_leavers"], second["care_leavers"]) == ("", "good")
    assert second["kind"] == "short_inspection"


def test_an_in_year_sheet_without_publication_dates_gives_visits_with_their_theme():
    headings = ["Web link", "Local authority name", "Region", "Inspection/Visit date", "Inspection/Visit type"]
    visit = [LINK, "Leeds", "North", datetime(2023, 7, 25), "LA Monitoring visit", *[""] * 5, "Front door"]

    found = read(visit, headings=[*headings, *GRADES, "Visit Theme"]).iloc[0]

    assert (found["kind"], found["theme"]) == ("monitoring_visit", "Front door")
    assert pd.isna(found["publication_date"])


def test_a_wide_sheet_with_two_tables_gives_a_row_for_every_filled_block():
    tail = ["publication date", "inspection type", "overall effectiveness", "impact of leaders"]
    experiences = [heading[4:] for heading in (HELP, CARE, LEAVERS)]
    blocks = [f"{word} ILACS {text}" for word in ("First", "Second") for text in (*tail, *experiences)]
    place = ["Web link", "Local authority name", "LA region"]
    ended = [f"ILACS framework {text}" for text in (*tail, experiences[0], f"{experiences[1]} and care leavers")]
    first = [datetime(2019, 1, 7), "ILACS Standard Inspection", *["Good"] * 4, ""]
    second = [datetime(2023, 9, 5), "ILACS Short Inspection", *["Good"] * 5]
    cells = sheet_of(
        [*place, *blocks],
        [LINK, "Leeds", "North", *first, *second],
        [LINK, "Nottingham", "East", *[""] * 14],
        ["Those that ended", *[""] * 16],
        [*place, *ended, *[""] * 8],
        [LINK, "Cumbria", "North", *first, *[""] * 7],
    )

    found = ofsted_outcomes.read_sheet(cells, "release.ods, sheet Wide")

    assert list(found["name"]) == ["Leeds", "Leeds", "Cumbria"]
    assert list(found["locator"]) == [4, 4, 8]
    assert list(found["publication_date"].dt.year) == [2019, 2023, 2019]
    assert list(found["care_leavers"]) == ["", "good", ""]
    assert found["start"].isna().all()


def test_not_yet_inspected_is_no_grade_and_no_row():
    headings = ["Web link", "Local authority name", "Ofsted region", "Inspection date", *GRADES]

    assert len(read([LINK, "Leeds", "North", "Not yet inspected", *[""] * 5], headings=headings)) == 0
    with pytest.raises(ValueError, match=r"row 4, column E: unknown grade 'Not yet inspected': expected one of"):
        read([LINK, "Leeds", "North", datetime(2023, 7, 25), "Not yet inspected", *[""] * 4], headings=headings)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"protection": "Requires Improvment"}, ", column K: unknown grade 'Requires Improvment': expected"),
        ({"type": "JTAI"}, ", column H: unknown kind of visit 'JTAI': expected one of ILACS"),
        ({"Publication_date": "12/01/2024"}, ", column G: found '12/01/2024', expected a date"),
        ({"Inspection_date": 45236.0}, ", column F: found 45236.0, expected a date"),
        ({"type": "LA Monitoring visit"}, ": a monitoring visit has a grade for overall_effectiveness, but visits are"),
        (
            {"Inspection_date": "", "Publication_date": ""},
            ": Leeds has a kind or a grade, but no date; expected a date",
        ),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_place(cells, message):
    with pytest.raises(ValueError, match=re.escape(f"release.ods, sheet History, row 4{message}")):
        read(changed(NEW, **cells))


@pytest.mark.parametrize(
    ("ending", "other", "message"),
    [
        ("care leavers", "The experiences of everyone", "column M: unknown heading 'The experiences of everyone'; add"),
        ("protection", "", r"row 3: no column for help_and_protection; if the layout is new"),
        ("date", "", "row 3: no column for a date; if the layout is new"),
    ],
)
def test_headings_that_are_unknown_or_lack_a_column_are_refused(ending, other, message):
    headings = [other if heading.endswith(ending) else heading for heading in HISTORY]

    with pytest.raises(ValueError, match=f"sheet History, .*{message}"):
        read(NEW, headings=headings)


def test_an_edition_lacking_a_sheet_and_a_sheet_without_headings_are_refused():
    lacking = "r.ods: no sheet 'ILACS_inspection_history' among Cover; is it of the layout"

    with pytest.raises(ValueError, match=lacking):
        ofsted_outcomes.read_edition({"Cover": []}, "ofsted_ods_2025", "2025", CROSSWALK, "r.ods")
    with pytest.raises(ValueError, match="sheet History: no row of headings that starts with 'Web link'"):
        ofsted_outcomes.read_sheet([[TITLE]], "release.ods, sheet History")


@pytest.mark.parametrize(("field", "refused"), [("", ""), ("leaders", "row everyone: no such field 'leaders'")])
def test_a_column_that_is_listed_without_a_field_is_passed_over(field, refused, monkeypatch):
    known = sources.read_curated("outcome_headings")
    listed = pd.concat([known, pd.DataFrame({"heading": ["everyone"], "field": [field]})])
    monkeypatch.setattr(ofsted_outcomes, "read_curated", lambda name: listed)

    with pytest.raises(ValueError, match=refused) if refused else nullcontext():
        assert_frame_equal(read([*NEW, "Nobody"], headings=[*HISTORY, "Everyone"]), read(NEW))


def edition(*history: list) -> list[pd.DataFrame]:
    sheets = dict.fromkeys(ofsted_outcomes.SHEETS["2025"], sheet_of(HISTORY, NEW))
    sheets["ILACS_inspection_history"] = sheet_of(HISTORY, *history)
    return ofsted_outcomes.read_edition(sheets, "ofsted_ods_2025", "2025", CROSSWALK, "r.ods")


def test_an_edition_names_authority_source_and_row():
    found = edition(OLD, NEW)[0]

    assert list(found["la_code_ons"]) == [NOTTINGHAM, LEEDS]
    assert list(found["locator"]) == ["ILACS_inspection_history row 4", "ILACS_inspection_history row 5"]
    assert set(found["source_id"]) == {"ofsted_ods_2025"}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"name": "Leedz"}, r"local authority name, row 4: unknown authority 'Leedz' \(did you mean 'Leeds'\?"),
        ({"code": NOTTINGHAM}, "row 4: 'Leeds' stands beside E06000018, expected E08000035; mend the source"),
    ],
)
def test_a_name_that_is_unknown_or_beside_the_wrong_code_is_refused(cells, message):
    with pytest.raises(ValueError, match=message):
        edition(changed(NEW, **cells))


# Official events and grades -----------------------------------------------------------------------------------------


def official(*editions) -> inspections.Inspections:
    return inspections.official([[one] for one in editions])


FIRST, SECOND = f"{NOTTINGHAM}_2022-07-11_inspection", f"{LEEDS}_2023-11-06_short_inspection"
VISIT = changed([*NEW[:8], *[""] * 5], type="LA Monitoring visit")


def test_a_row_from_before_2023_has_the_joint_judgement_and_no_care_leavers():
    found = official(identified(OLD, NEW))

    assert list(found.events["event_id"]) == [FIRST, SECOND]
    judged = found.judgements.groupby("event_id")["judgement"].agg(set)
    assert judged[FIRST] == {*inspections.AREAS[:3], "children_in_care_and_care_leavers"}
    assert judged[SECOND] == set(inspections.AREAS)


@pytest.mark.parametrize(
    ("area", "start", "judgement"),
    [
        ("children_in_care", date(2022, 12, 31), "children_in_care_and_care_leavers"),
        ("children_in_care", date(2023, 1, 1), "children_in_care"),
        ("care_leavers", date(2022, 12, 31), ""),
        ("overall_effectiveness", date(2026, 3, 31), "overall_effectiveness"),
        ("overall_effectiveness", date(2026, 4, 1), ""),
    ],
)
def test_a_column_means_the_judgement_that_was_in_force(area, start, judgement):
    assert inspections.judgement_id(area, start) == judgement


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (changed(OLD, leavers="Inadequate"), "found 'inadequate' for care_leavers, expected no grade, "),
        (changed(NEW, leavers=""), "found '' for care_leavers, expected a grade for care_leavers"),
    ],
)
def test_a_grade_of_no_judgement_and_a_judgement_of_no_grade_are_refused(row, message):
    with pytest.raises(ValueError, match=f"ods_2025, History row 4: {message}.*; mend the source"):
        official(identified(row))


def test_where_editions_disagree_the_later_is_kept_and_the_cell_is_listed():
    early = identified(
        changed(OLD, Publication_date=datetime(2022, 11, 5)),
        changed(NEW, leavers="Outstanding", Inspection_date=datetime(2023, 11, 7)),
        source_id="ods_2024",
    )

    found = official(identified(OLD, NEW), early)

    assert len(found.events) == 2
    columns = ["row", "column", "kept", "other", "source_id", "other_source_id"]
    assert sorted(found.conflicts[columns].itertuples(index=False, name=None)) == [
        (FIRST, "publication_date", "2022-09-05", "2022-11-05", "ods_2025", "ods_2024"),
        (SECOND, "care_leavers", "good", "outstanding", "ods_2025", "ods_2024"),
        (SECOND, "start", "2023-11-06", "2023-11-07", "ods_2025", "ods_2024"),
    ]


@pytest.mark.parametrize(("days", "events"), [(14, 1), (15, 2)])
def test_two_starts_of_one_authority_and_sort_are_one_inspection_within_two_weeks(days, events):
    later = changed(NEW, Inspection_date=datetime(2023, 11, 6) + timedelta(days))

    assert len(official(identified(NEW), identified(later, source_id="ods_2024")).events) == events


@pytest.mark.parametrize(("days", "conflicts"), [(61, ["publication_date"]), (100, ["publication_date"]), (101, None)])
def test_a_sheet_without_start_dates_is_matched_by_the_publication(days, conflicts):
    early = identified(
        changed(OLD, Publication_date=datetime(2022, 9, 5) + timedelta(days)), VISIT, source_id="ods_2024"
    )
    undated = early.assign(start=pd.NaT)

    lost = "ods_2024, History row 4: Nottingham has an inspection that no sheet lists with start and kind; register"
    with nullcontext() if conflicts else pytest.raises(ValueError, match=lost):
        assert list(official(identified(OLD, VISIT), undated).conflicts["column"]) == conflicts


def test_an_inspection_without_a_kind_that_no_sheet_lists_is_refused():
    with pytest.raises(ValueError, match="ods_2025, History row 5: Leeds has an inspection that no sheet lists with"):
        official(identified(OLD, changed(NEW, type="")))


@pytest.mark.parametrize("before", [[], [identified(NEW, source_id="ods_2024")]], ids=["new", "known"])
def test_an_inspection_that_stands_twice_is_refused(before):
    with pytest.raises(ValueError, match="ods_2025, History row 5: Leeds, an inspection that stands twice"):
        official(*before, identified(NEW, NEW))


FIRST_DAYS = st.lists(st.integers(0, 180), min_size=1, max_size=6, unique=True)


@settings(deadline=None, max_examples=30)
@given(FIRST_DAYS, st.sampled_from(["Standard", "Short"]))
def test_reading_an_edition_again_adds_nothing(steps, kind):
    starts = [datetime(2018, 1, 1) + timedelta(days=15 * step) for step in steps]
    dated = [(day, day + timedelta(60), "Good" if day.year >= 2023 else "") for day in starts]
    rows = [history_row("Leeds", start, out, *["Good"] * 4, last, kind=kind) for start, out, last in dated]

    first = identified(*rows, source_id="ods_2024")
    once, again = official(first), official(identified(*rows), first)

    assert len(once.events) == len(rows)
    assert_frame_equal(once.events, again.events)
    assert_frame_equal(once.judgements, again.judgements)
    assert again.conflicts.empty
    assert set(again.event_sources.query("source_id == 'ods_2025'")["event_id"]) == set(once.events["event_id"])


# Curated events, and both together ----------------------------------------------------------------------------------

EVENT = {"event_id": "nc_2022", "la_code_ons": NOTTINGHAM, "kind": "inspection", "framework": "ilacs", "theme": ""}
EVENT |= {"start": "2022-07-11", "end": "2022-07-22", "published_edtf": "2022-09", "date_text": "11 – 22 July 2022"}
EVENT |= {"summary": "Inspection.", "confidence": "high", "source_id": "report", "locator": "p.1", "note": ""}
GRADE = {"event_id": "nc_2022", "judgement": "help_and_protection", "grade": "requires_improvement"}
GRADE |= {"wording": "Help", "source_id": "report", "locator": "p.1"}
FURTHER = {"event_id": "nc_2022", "source_id": "press", "confirms": "grades"}


def curated(events=(EVENT,), judgements=(GRADE,), further=(FURTHER,)) -> inspections.Inspections:
    """The curated frames read; each may be empty."""
    frames = ((events, EVENT), (judgements, GRADE), (further, FURTHER))
    return inspections.curated(*(pd.DataFrame(list(rows), columns=list(columns)) for rows, columns in frames))


def combined(row: list = OLD, **ours) -> inspections.Inspections:
    """One official row and the curated ones together."""
    return inspections.combine(official(identified(row)), curated(**ours), DAYS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([{"start": "11 July"}], "events.csv, row nc_2022, column start: date '11 July' not read"),
        ([{"start": ""}], "events.csv, nc_2022: no start; mend the row"),
        ([{"published_edtf": "2022-06"}], "events.csv, nc_2022: published 2022-06, before its start; mend the row"),
        (
            [{"framework": "sif"}],
            "judgements.csv, nc_2022 help_and_protection: not in force then; expected one of none",
        ),
        ([{"event_id": "nc_2023"}], "judgements.csv, nc_2022 help_and_protection: no such event; add it to data"),
    ],
)
def test_a_curated_event_that_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        curated(events=[EVENT | change for change in changes])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grade": "adequate"}, "grade 'adequate' is not on its scale; expected one of outstanding, good, requires"),
        ({"judgement": "adoption"}, "adoption: not in force then; expected one of overall_effectiveness, impact_of"),
    ],
)
def test_a_judgement_or_grade_that_its_framework_does_not_have_is_refused(change, message):
    with pytest.raises(ValueError, match=f"judgements.csv, nc_2022 .*{message}"):
        curated(judgements=[GRADE | change])


def test_an_event_in_both_is_one_row_with_the_curated_id_and_both_sources():
    whole = inspections.combine(official(identified(OLD, NEW)), curated(), DAYS)

    event = whole.events.set_index("event_id").loc["nc_2022"]
    assert len(whole.events) == 2
    assert (event["end"], event["summary"], event["source_id"]) == ("2022-07-22", "Inspection.", "report")
    assert event["end_latest"] == pd.Timestamp("2022-07-22")
    assert event["publication_date"] == event["published"] == pd.Timestamp("2022-09-05")
    judged = whole.judgements[whole.judgements["event_id"] == "nc_2022"].set_index("judgement")
    assert len(judged) == 4
    assert judged.loc["help_and_protection", "wording"] == "Help"
    assert judged.loc["overall_effectiveness", "source_id"] == "ods_2025"
    assert set(whole.event_sources["source_id"]) == {"press", "ods_2025"}
    assert whole.conflicts.empty


def test_a_cell_on_which_release_and_report_differ_is_listed_and_the_report_is_kept():
    whole = combined(events=[EVENT | {"kind": "short_inspection"}], judgements=[GRADE | {"grade": "good"}])

    assert list(whole.events["kind"]) == ["short_inspection"]
    columns = ["table", "row", "column", "kept", "other", "source_id", "other_source_id", "published"]
    late = pd.Timestamp("2025-09-25")
    assert sorted(whole.conflicts[columns].itertuples(index=False, name=None)) == [
        ("events", "nc_2022", "kind", "short_inspection", "inspection", "report", "ods_2025", late),
        ("judgements", "nc_2022", "help_and_protection", "good", "requires_improvement", "report", "ods_2025", late),
    ]


@pytest.mark.parametrize("change", [{"kind": "focused_visit"}, {"start": "2022-07-12"}, {"la_code_ons": LEEDS}])
def test_another_sort_day_or_authority_is_another_event(change):
    assert len(combined(events=[EVENT | change], judgements=[]).events) == 2


@pytest.mark.parametrize(
    ("change", "further", "day"),
    [
        ({"published_edtf": "2022-09-04"}, "press", "2022-09-04"),  # the stated day
        ({"published_edtf": "2022-07-11"}, "press", "2022-07-11"),  # that of the start is not before it
        ({"published_edtf": "2022-09"}, "press", "2022-09-30"),  # the last day of the stated month
        ({"published_edtf": ""}, "press", "2022-09-05"),  # the first of its sources
        ({"published_edtf": "", "source_id": "press"}, "report", "2022-09-05"),
        ({"published_edtf": "", "start": "2022-09-05", "end": ""}, "press", "2022-09-05"),  # a source of the first day
        ({"published_edtf": ""}, "minutes", "2022-09-05"),  # a source from before the event cannot tell of it
        ({"published_edtf": "", "source_id": "minutes"}, "minutes", "2022-07-11"),  # announced: known when it began
        ({"published_edtf": "", "source_id": "minutes", "kind": "expected_inspection"}, "press", "2021-12-15"),
    ],
)
def test_published_is_the_stated_day_or_the_first_day_it_is_known_to_have_been_public(change, further, day):
    whole = combined(NEW, events=[EVENT | change], judgements=[], further=[FURTHER | {"source_id": further}])

    event = whole.events.set_index("event_id").loc["nc_2022"]
    assert event["published"] == pd.Timestamp(day)
    assert event["publication_date"] is pd.NaT or len(change["published_edtf"]) == len("2022-09-04")


def test_a_grade_waits_for_its_own_source_where_no_day_is_stated():
    whole = combined(NEW, events=[EVENT | {"published_edtf": ""}], judgements=[GRADE | {"source_id": "press"}])

    assert whole.events.set_index("event_id").loc["nc_2022", "published"] == pd.Timestamp("2022-09-05")
    assert whole.judgements.set_index("event_id").loc["nc_2022", "published"] == pd.Timestamp("2022-10-01")


def test_a_visit_without_publication_is_known_from_the_day_of_its_edition():
    rows = identified(changed(VISIT, Publication_date=""), source_id="ods_2024")

    whole = inspections.combine(official(rows), curated(), DAYS)

    event = whole.events.set_index("event_id").loc[f"{LEEDS}_2023-11-06_monitoring_visit"]
    assert pd.isna(event["publication_date"])
    assert event["published"] == pd.Timestamp("2024-08-30")


def test_two_curated_rows_of_one_official_event_are_refused():
    with pytest.raises(ValueError, match=r"events.csv: nc_2022 and again are one event in the release; make them one"):
        combined(events=[EVENT, EVENT | {"event_id": "again"}])


# The curated files --------------------------------------------------------------------------------------------------

# Wording that does not say by itself what the row says: the note of the event gives the reason.
MORE_THAN_WORDING = {
    *("nc_2021_focused", "nc_2021_send", "nc_2022_mash_budget", "nc_2023_mv3", "nc_2024_commissioners"),
    *("nc_2024_statement_0404", "nc_2025_dcs_change", "nc_2025_expert_help", "cc_2023_cabinet_0525"),
}


def test_the_dates_of_the_curated_events_are_what_their_wording_says(tidy):
    days, apart = tidy["sources"].set_index("source_id")["published"], set()
    for event in sources.read_curated("events").query("date_text != ''").to_dict("records"):
        stated = event["start"] + (f"/{event['end']}" if event["end"] else "")
        try:
            found = periods.read_date(event["date_text"], days[event["source_id"]]).edtf
        except ValueError:
            found = ""
        apart |= {event["event_id"]} if found != stated else set()

    assert apart == MORE_THAN_WORDING


# Ofsted's own tables, beside ours -----------------------------------------------------------------------------------


def test_no_row_of_the_sheets_is_lost_or_counted_twice(tidy):
    """Four grades in each of the 271 rows of the history, and a fifth in the 103 from 2023 on."""
    events, key = tidy["events"], ["event_id", "source_id"]
    listed = pd.concat([events[key], tidy["event_sources"][key]]).query("source_id.str.startswith('ofsted_ods')")
    visits = events[
        (events["start"].str.len() == len("2022-07-11")) & events["kind"].isin(ofsted_outcomes.KINDS.values())
    ]

    assert not visits.duplicated(["la_code_ons", "start"]).any()
    assert listed["event_id"].nunique() == 396
    assert tidy["judgements"]["event_id"].isin(listed["event_id"]).sum() == 271 * 4 + 103


def test_the_two_editions_disagree_in_four_cells(tidy):
    found = tidy["conflicts"].query("other_source_id == 'ofsted_ods_2024'")

    assert set(found[["row", "column", "kept", "other"]].itertuples(index=False, name=None)) == {
        ("E06000053_2023-07-11_short_inspection", "start", "2023-07-11", "2023-07-10"),
        ("E09000024_2022-02-28_short_inspection", "kind", "short_inspection", "inspection"),
        ("E10000028_2023-11-06_short_inspection", "care_leavers", "requires_improvement", "good"),
        ("nc_2022_ilacs", "publication_date", "2022-09-05", "2022-11-05"),
    }


def as_at(tidy: dict[str, pd.DataFrame], year: int) -> pd.DataFrame:
    """Ofsted's own table: of each authority the latest inspection begun by the end of March and out by June."""
    ilacs = tidy["events"].query("framework == 'ilacs' and kind in ['inspection', 'short_inspection']")
    in_time = ilacs[(ilacs["start_latest"] <= f"{year}-03-31") & (ilacs["published"] <= f"{year}-06-30")]
    latest = in_time.sort_values("start_latest", kind="stable").groupby("la_code_ons").tail(1)
    grades = tidy["judgements"].pivot(index="event_id", columns="judgement", values="grade")
    joint = grades.pop("children_in_care_and_care_leavers")
    grades["children_in_care"] = grades["children_in_care"].fillna(joint)  # as Ofsted prints it
    found = latest[["la_code_ons", "event_id", "start"]].join(grades[list(inspections.AREAS)], on="event_id")
    current = tidy["authorities"].query("existed_to.isna()")["la_code_ons"]
    return found.set_index("la_code_ons").drop(columns="event_id").fillna("").reindex(current).dropna()


# Authorities by judgement at 31 March: outstanding, good, requires improvement, inadequate, not judged.
COUNTS = {
    (2025, "overall_effectiveness"): [36, 67, 31, 19, 0],
    (2025, "impact_of_leaders"): [45, 60, 33, 15, 0],
    (2025, "help_and_protection"): [22, 71, 45, 15, 0],
    (2025, "children_in_care"): [37, 75, 30, 11, 0],
    (2025, "care_leavers"): [27, 43, 26, 7, 50],
    (2024, "overall_effectiveness"): [30, 61, 43, 17, 0],
}


@pytest.mark.parametrize(("year", "area"), COUNTS)
def test_published_counts_of_grades(year, area, tidy):
    counts = as_at(tidy, year)[area].value_counts()

    grades = ("outstanding", "good", "requires_improvement", "inadequate", "")
    assert [counts.get(grade, 0) for grade in grades] == COUNTS[year, area]


# In the table of 2024: the Isles of Scilly, and Staffordshire, which its notes correct.
CORRECTED = {("E06000053", "start", "2023-07-11", "2023-07-10")}
CORRECTED |= {("E10000028", "care_leavers", "requires_improvement", "good")}


@pytest.mark.raw
@pytest.mark.parametrize(("year", "file", "apart"), [(2025, "31_March_2025", set()), (2024, "March_2024", CORRECTED)])
def test_the_table_as_at_31_march_is_ofsteds_cell_by_cell(year, file, apart, raw, raw_authorities, tidy):
    book = CalamineWorkbook.from_path(raw / f"ofsted_outcomes/LA_Inspection_Outcomes_as_at_{file}.ods")
    cells = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    crosswalk = authorities.full_crosswalk(raw_authorities, sources.read_curated("authority_spellings"))
    sheets = ofsted_outcomes.read_edition(cells, f"ofsted_ods_{year}", str(year), crosswalk, book.path)
    names = [name for name in ofsted_outcomes.SHEETS[str(year)] if "31_March" in name]
    sheet = sheets[ofsted_outcomes.SHEETS[str(year)].index(names[0])]
    ours = as_at(tidy, year)
    theirs = sheet.assign(start=sheet["start"].dt.strftime("%Y-%m-%d")).set_index("la_code_ons")[list(ours.columns)]
    at = (ours != theirs.reindex(ours.index)).stack()

    assert set(theirs.index) == set(ours.index) and len(ours) == {2025: 153, 2024: 151}[year]
    assert {(*key, ours.at[key], theirs.at[key]) for key in at.index[at]} == apart


@pytest.mark.parametrize(
    ("day", "inadequate"), [("2023-08-31", 14), ("2023-09-30", 13), ("2024-01-29", 13), ("2024-01-30", 14)]
)
def test_how_many_authorities_were_inadequate_overall_on_a_day(day, inadequate, tidy):
    held = timeline.grades_on(tidy["judgements"], tidy["authorities"], day, "overall_effectiveness")

    assert (held["grade"] == "inadequate").sum() == inadequate


@pytest.mark.raw
def test_authorities_that_ofsted_marks_as_ended_are_those_of_the_table(raw, tidy):
    book = CalamineWorkbook.from_path(raw / "ofsted_outcomes/LA_Inspection_Outcomes_as_at_31_March_2025.ods")
    rows = book.get_sheet_by_name("ILACS_inspection_history").to_python(skip_empty_area=False)
    marked = {row[1] for row in rows if row[3] == "No longer exists"}

    assert marked <= set(tidy["authorities"].query("existed_to.notna()")["la_code_ons"])
    assert marked == {"E06000028", "E10000006", "E10000021"}
