"""Ofsted's release and the curated events: readers, one row an event, grades in force, and Ofsted's own counts."""

import re
from contextlib import nullcontext
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from childrens_services import sources
from childrens_services.analysis import timeline
from childrens_services.normalise import authorities, inspections, ofsted_outcomes, reference
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from small_frames import cases, cells
from wrong_cells import refusal

NOTTINGHAM, LEEDS = "E06000018", "E08000035"
CODES = {"Nottingham": NOTTINGHAM, "Leeds": LEEDS}
CROSSWALK = pd.DataFrame({"spelling": CODES.keys(), "la_code_ons": CODES.values(), "seen_in": ""})
HELP = "The experiences and progress of children who need help and protection"
CARE, LEAVERS = (f"The experiences and progress of {who}" for who in ("children in care", "care leavers"))
GRADES = ["Overall effectiveness", "The impact of leaders on social work practice with children and families"]
GRADES += [HELP, CARE, LEAVERS]
HISTORY = [
    *("Web link", "Local authority area code", "Local authority name", "Local authority status", "Ofsted region"),
    *("Inspection date", "Publication date", "Inspection type", *GRADES),
]
LINK, TITLE = "Ofsted Local Authority Webpage", "A title"
DAYS = {"ods_2024": "2024-08-30", "ods_2025": "2025-09-25", "report": "2022-09-05", "press": "2022-10-01"}
DAYS = pd.to_datetime(pd.Series(DAYS | {"minutes": "2021-12-15"}))


def value(text: str) -> str | float | datetime:
    """A cell as a workbook has it: `2022-07-11` is a day and `45236.0` a number."""
    if re.fullmatch(r"\d+\.0", text):
        return float(text)
    return datetime.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


def history_row(name: str, start: str, published: str, kind: str, *grades: str) -> list:
    days = value(start), value(published)
    return [LINK, CODES[name], name, "Current", "East", *days, f"ILACS {kind} Inspection", *grades]


def changed(row: list, text: str) -> list:
    """A row with other cells, each under the first heading that ends with its name: `Inspection date=2023-11-07`."""
    given = {next(h for h in HISTORY if h.endswith(name)): value(cell) for name, cell in cells(text).items()}
    return [given.get(heading, old) for heading, old in zip(HISTORY, row, strict=True)]


def sheet_of(headings: list, *rows: list) -> list[list]:
    return [[text] + [""] * (len(headings) - 1) for text in (TITLE, "About")] + [headings, *rows]


IMPROVE = ["Requires improvement to be good"] * 3
OLD = history_row("Nottingham", "2022-07-11", "2022-09-05", "Standard", "Inadequate", *IMPROVE, "")
NEW = history_row("Leeds", "2023-11-06", "2024-01-12", "Short", *["Good"] * 5)
VISIT = changed([*NEW[:8], *[""] * 5], "type=LA Monitoring visit")


def read(*rows: list, headings: list = HISTORY) -> pd.DataFrame:
    return ofsted_outcomes.read_sheet(sheet_of(headings, *rows), "release.ods, sheet History")


def identified(*rows: list, source_id: str = "ods_2025") -> pd.DataFrame:
    """Rows as `read_edition` gives them, for a sheet of any edition."""
    found = read(*rows)
    locator = "History row " + found["locator"].astype("str")
    return found.assign(la_code_ons=found["name"].map(CODES), source_id=source_id, locator=locator)


# Reading the sheets -------------------------------------------------------------------------------------------------


def test_a_long_sheet_gives_one_row_an_inspection():
    columns = [
        "locator",
        "name",
        "kind",
        "start",
        "publication_date",
        "overall_effectiveness",
        "children_in_care",
        "care_leavers",
    ]
    days = [pd.Timestamp(day) for day in ("2022-07-11", "2022-09-05", "2023-11-06", "2024-01-12")]

    assert read(OLD, NEW)[columns].to_numpy().tolist() == [
        [4, "Nottingham", "inspection", *days[:2], "inadequate", "requires_improvement", ""],
        [5, "Leeds", "short_inspection", *days[2:], "good", "good", "good"],
    ]


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
    rows = sheet_of(
        [*place, *blocks],
        [LINK, "Leeds", "North", *first, *second],
        [LINK, "Nottingham", "East", *[""] * 14],
        ["Those that ended", *[""] * 16],
        [*place, *ended, *[""] * 8],
        [LINK, "Cumbria", "North", *first, *[""] * 7],
    )

    found = ofsted_outcomes.read_sheet(rows, "release.ods, sheet Wide")

    found = found.assign(year=found["publication_date"].dt.year)
    assert found[["name", "locator", "year", "care_leavers"]].to_numpy().tolist() == [
        ["Leeds", 4, 2019, ""],
        ["Leeds", 4, 2023, "good"],
        ["Cumbria", 8, 2019, ""],
    ]
    assert found["start"].isna().all()


def test_not_yet_inspected_is_no_grade_and_no_row():
    headings = ["Web link", "Local authority name", "Ofsted region", "Inspection date", *GRADES]

    assert len(read([LINK, "Leeds", "North", "Not yet inspected", *[""] * 5], headings=headings)) == 0
    with pytest.raises(ValueError, match=r"row 4, column E: unknown grade 'Not yet inspected': expected one of"):
        read([LINK, "Leeds", "North", datetime(2023, 7, 25), "Not yet inspected", *[""] * 4], headings=headings)


CELLS = """
protection=Requires Improvment       | , column K: unknown grade 'Requires Improvment': expected
type=JTAI                            | , column H: 'JTAI' is not one of the kinds of visit: ILACS
Publication date=12/01/2024          | , column G: found '12/01/2024', expected a date
Inspection date=45236.0              | , column F: found 45236.0, expected a date
type=LA Monitoring visit             | : a monitoring visit has a grade for overall_effectiveness, but visits are
Inspection date=, Publication date=  | : Leeds has a kind or a grade, but no date; expected a date
"""


@pytest.mark.parametrize(("change", "message"), cases(CELLS))
def test_a_cell_that_cannot_be_is_refused_with_its_place(change, message):
    assert refusal(read, changed(NEW, change)).startswith(f"release.ods, sheet History, row 4{message}")


HEADINGS = """
care leavers | The experiences of everyone | row 3, column M: unknown heading 'The experiences of everyone'; add
protection   |                             | row 3: no column for help_and_protection; if the layout is new
date         |                             | row 3: no column for a date; if the layout is new
"""


@pytest.mark.parametrize(("ending", "other", "message"), cases(HEADINGS))
def test_headings_that_are_unknown_or_lack_a_column_are_refused(ending, other, message):
    headings = [other if heading.endswith(ending) else heading for heading in HISTORY]

    with pytest.raises(ValueError, match=f"sheet History, {message}"):
        read(NEW, headings=headings)


@pytest.mark.parametrize(("field", "refused"), [("", ""), ("leaders", "row everyone: no such field 'leaders'")])
def test_a_column_that_is_listed_without_a_field_is_passed_over(field, refused, monkeypatch):
    known = sources.read_curated("outcome_headings")
    listed = pd.concat([known, pd.DataFrame({"heading": ["everyone"], "field": [field]})])
    monkeypatch.setattr(ofsted_outcomes, "read_curated", lambda name: listed)

    with pytest.raises(ValueError, match=refused) if refused else nullcontext():
        assert_frame_equal(read([*NEW, "Nobody"], headings=[*HISTORY, "Everyone"]), read(NEW))


def edition(*history: list, sheets: tuple[str, ...] = ofsted_outcomes.SHEETS["2025"]) -> list[pd.DataFrame]:
    rows = dict.fromkeys(sheets, sheet_of(HISTORY, NEW)) | {sheets[0]: sheet_of(HISTORY, *history)}
    return ofsted_outcomes.read_edition(rows, "ofsted_ods_2025", "2025", CROSSWALK, "r.ods")


def test_an_edition_names_authority_source_and_row():
    assert edition(OLD, NEW)[0][["la_code_ons", "locator", "source_id"]].to_numpy().tolist() == [
        [NOTTINGHAM, "ILACS_inspection_history row 4", "ofsted_ods_2025"],
        [LEEDS, "ILACS_inspection_history row 5", "ofsted_ods_2025"],
    ]


def test_an_edition_that_is_another_or_names_an_authority_wrongly_is_refused():
    lost = "r.ods: no sheet 'ILACS_inspection_history' among Cover; is it of the layout"
    with pytest.raises(ValueError, match=lost):
        edition(NEW, sheets=("Cover",))
    with pytest.raises(ValueError, match="sheet History: no row of headings that starts with 'Web link'"):
        ofsted_outcomes.read_sheet([[TITLE]], "release.ods, sheet History")
    with pytest.raises(ValueError, match=r"authority name, row 4: unknown authority 'Leedz' \(did you mean 'Leeds'\?"):
        edition(changed(NEW, "name=Leedz"))
    with pytest.raises(ValueError, match="row 4: 'Leeds' stands beside E06000018, expected E08000035; mend the source"):
        edition(changed(NEW, f"code={NOTTINGHAM}"))


# Official events and grades -----------------------------------------------------------------------------------------


def official(*editions) -> inspections.Inspections:
    return inspections.official([[one] for one in editions])


FIRST, SECOND = f"{NOTTINGHAM}_2022-07-11_inspection", f"{LEEDS}_2023-11-06_short_inspection"


def test_a_row_from_before_2023_has_the_joint_judgement_and_no_care_leavers():
    found = official(identified(OLD, NEW))

    assert list(found.events["event_id"]) == [FIRST, SECOND]
    judged = found.judgements.groupby("event_id")["judgement"].agg(set)
    assert judged[FIRST] == {*inspections.AREAS[:3], "children_in_care_and_care_leavers"}
    assert judged[SECOND] == set(inspections.AREAS)


def test_a_column_means_the_judgement_that_was_in_force():
    last_of_2022, first_of_2023 = date(2022, 12, 31), date(2023, 1, 1)
    joint, overall = "children_in_care_and_care_leavers", "overall_effectiveness"

    assert inspections.judgement_id("children_in_care", last_of_2022) == joint
    assert inspections.judgement_id("children_in_care", first_of_2023) == "children_in_care"
    assert inspections.judgement_id("care_leavers", last_of_2022) == ""
    assert inspections.judgement_id(overall, date(2026, 3, 31)) == overall
    assert inspections.judgement_id(overall, date(2026, 4, 1)) == ""


def test_a_grade_of_no_judgement_and_a_judgement_of_no_grade_are_refused():
    words = "ods_2025, History row 4: found {}.*; mend the source"
    with pytest.raises(ValueError, match=words.format("'inadequate' for care_leavers, expected no grade, ")):
        official(identified(changed(OLD, "leavers=Inadequate")))
    with pytest.raises(ValueError, match=words.format("'' for care_leavers, expected a grade for care_leavers")):
        official(identified(changed(NEW, "leavers=")))


def test_where_editions_disagree_the_later_is_kept_and_the_cell_is_listed():
    other = changed(NEW, "leavers=Outstanding, Inspection date=2023-11-07")
    early = identified(changed(OLD, "Publication date=2022-11-05"), other, source_id="ods_2024")

    found = official(identified(OLD, NEW), early)

    assert len(found.events) == 2
    columns = ["row", "column", "kept", "other", "source_id", "other_source_id"]
    assert sorted(found.conflicts[columns].itertuples(index=False, name=None)) == [
        (FIRST, "publication_date", "2022-09-05", "2022-11-05", "ods_2025", "ods_2024"),
        (SECOND, "care_leavers", "good", "outstanding", "ods_2025", "ods_2024"),
        (SECOND, "start", "2023-11-06", "2023-11-07", "ods_2025", "ods_2024"),
    ]


def test_two_starts_of_one_authority_and_sort_are_one_inspection_within_two_weeks():
    for day, events in {"20": 1, "21": 2}.items():
        later = identified(changed(NEW, f"Inspection date=2023-11-{day}"), source_id="ods_2024")

        assert len(official(identified(NEW), later).events) == events


@pytest.mark.parametrize(("day", "is_lost"), [("2022-11-05", False), ("2022-12-14", False), ("2022-12-15", True)])
def test_a_sheet_without_start_dates_is_matched_by_the_publication(day, is_lost):
    early = identified(changed(OLD, f"Publication date={day}"), VISIT, source_id="ods_2024")

    lost = "ods_2024, History row 4: Nottingham has an inspection that no sheet lists with start and kind; register"
    with pytest.raises(ValueError, match=lost) if is_lost else nullcontext():
        found = official(identified(OLD, VISIT), early.assign(start=pd.NaT))
        assert list(found.conflicts["column"]) == ["publication_date"]


def test_an_inspection_without_a_kind_or_one_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match="ods_2025, History row 5: Leeds has an inspection that no sheet lists with"):
        official(identified(OLD, changed(NEW, "type=")))
    for before in ([], [identified(NEW, source_id="ods_2024")]):
        with pytest.raises(ValueError, match="ods_2025, History row 5: Leeds, an inspection that stands twice"):
            official(*before, identified(NEW, NEW))


FIRST_DAYS = st.lists(st.integers(0, 180), min_size=1, max_size=6, unique=True)


@settings(deadline=None, max_examples=30)
@given(FIRST_DAYS, st.sampled_from(["Standard", "Short"]))
def test_reading_an_edition_again_adds_nothing(steps, kind):
    starts = [date(2018, 1, 1) + timedelta(days=15 * step) for step in steps]
    dated = [(day, day + timedelta(60), "Good" if day.year >= 2023 else "") for day in starts]
    rows = [history_row("Leeds", str(start), str(out), kind, *["Good"] * 4, last) for start, out, last in dated]

    first = identified(*rows, source_id="ods_2024")
    once, again = official(first), official(identified(*rows), first)

    assert len(once.events) == len(rows)
    assert_frame_equal(once.events, again.events)
    assert_frame_equal(once.judgements, again.judgements)
    assert again.conflicts.empty
    assert {*again.events["source_id"], *again.judgements["source_id"]} == {"ods_2024"}  # that said so first
    assert set(again.event_sources.query("source_id == 'ods_2025'")["event_id"]) == set(once.events["event_id"])


# Curated events, and both together ----------------------------------------------------------------------------------

EVENT = f"event_id=nc_2022, la_code_ons={NOTTINGHAM}, kind=inspection, framework=ilacs, theme=, start=2022-07-11, "
EVENT += "end=2022-07-22, published_edtf=2022-09, date_text=11 – 22 July 2022, summary=Inspection., confidence=high, "
EVENT = cells(EVENT + "source_id=report, locator=p.1, note=")
GRADE = "event_id=nc_2022, judgement=help_and_protection, grade=requires_improvement, wording=Help, source_id=report"
GRADE = cells(GRADE + ", locator=p.1")
FURTHER = cells("event_id=nc_2022, source_id=press, confirms=grades")


def curated(events=("",), grades=("",), further=("",)) -> inspections.Inspections:
    """The curated frames read, a row for each text of changed cells; each may be empty."""
    frames = ((events, EVENT), (grades, GRADE), (further, FURTHER))
    rows = [pd.DataFrame([row | cells(each) for each in given], columns=list(row)) for given, row in frames]
    return inspections.curated(*rows)


def combined(*rows: list, **ours) -> inspections.Inspections:
    """Official rows and the curated ones together."""
    return inspections.combine(official(identified(*rows)), curated(**ours), DAYS)


REFUSED = """
events | start=11 July             | events.csv, row nc_2022, column start: date '11 July' not read
events | start=                    | events.csv, nc_2022: no start; mend the row
events | published_edtf=2022-06    | events.csv, nc_2022: published 2022-06, before its start; mend the row
events | framework=sif             | judgements.csv, nc_2022 help_and_protection: not in force then; expected one of
events | event_id=nc_2023          | judgements.csv, nc_2022 help_and_protection: no such event; add it to data
grades | grade=adequate            | grade 'adequate' is not on its scale; expected one of outstanding, good, requires
grades | judgement=adoption        | adoption: not in force then; expected one of overall_effectiveness, impact_of
"""


@pytest.mark.parametrize(("table", "change", "message"), cases(REFUSED))
def test_a_curated_row_that_cannot_be_is_refused(table, change, message):
    with pytest.raises(ValueError, match=f"data/curated/.*{re.escape(message)}"):
        curated(**{table: [change]})


def test_an_event_in_both_is_one_row_with_the_curated_id_and_both_sources():
    whole = combined(OLD, NEW)

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
    whole = combined(OLD, events=["kind=short_inspection"], grades=["grade=good"])

    assert list(whole.events["kind"]) == ["short_inspection"]
    columns = ["table", "row", "column", "kept", "other", "source_id", "other_source_id", "published"]
    late = pd.Timestamp("2025-09-25")
    assert sorted(whole.conflicts[columns].itertuples(index=False, name=None)) == [
        ("events", "nc_2022", "kind", "short_inspection", "inspection", "report", "ods_2025", late),
        ("judgements", "nc_2022", "help_and_protection", "good", "requires_improvement", "report", "ods_2025", late),
    ]


def test_another_sort_day_or_authority_is_another_event():
    for change in ("kind=focused_visit", "start=2022-07-12", f"la_code_ons={LEEDS}"):
        assert len(combined(OLD, events=[change], grades=[]).events) == 2, change


PUBLISHED = """
2022-09-04 |                                      | press   | 2022-09-04 | the stated day
2022-07-11 |                                      | press   | 2022-07-11 | that of the start is not before it
2022-09    |                                      | press   | 2022-09-30 | the last day of the stated month
           |                                      | press   | 2022-09-05 | the first of its sources
           | source_id=press                      | report  | 2022-09-05 | whichever of them it is
           | start=2022-09-05, end=               | press   | 2022-09-05 | a source of the first day
           |                                      | minutes | 2022-09-05 | one from before it cannot tell of it
           | source_id=minutes                    | minutes | 2022-07-11 | announced: known when it began
           | source_id=minutes, kind=expected_inspection | press | 2021-12-15 | expected: known from its source
"""


@pytest.mark.parametrize(("stated", "change", "further", "day", "_"), cases(PUBLISHED))
def test_published_is_the_stated_day_or_the_first_day_it_is_known_to_have_been_public(stated, change, further, day, _):
    event = f"published_edtf={stated}, {change}"
    whole = combined(NEW, events=[event], grades=[], further=[f"source_id={further}"])

    event = whole.events.set_index("event_id").loc["nc_2022"]
    assert event["published"] == pd.Timestamp(day)
    assert event["publication_date"] is pd.NaT or len(stated) == len("2022-09-04")


def test_a_grade_waits_for_its_own_source_and_a_visit_for_its_edition_where_no_day_is_stated():
    whole = combined(NEW, events=["published_edtf="], grades=["source_id=press"])
    rows = identified(changed(VISIT, "Publication date="), source_id="ods_2024")
    visit = inspections.combine(official(rows), curated(), DAYS).events.set_index("la_code_ons").loc[LEEDS]

    assert whole.events.set_index("event_id").loc["nc_2022", "published"] == pd.Timestamp("2022-09-05")
    assert whole.judgements.set_index("event_id").loc["nc_2022", "published"] == pd.Timestamp("2022-10-01")
    assert pd.isna(visit["publication_date"]) and visit["published"] == pd.Timestamp("2024-08-30")


def test_two_curated_rows_of_one_official_event_are_refused():
    with pytest.raises(ValueError, match=r"events.csv: nc_2022 and again are one event in the release; make them one"):
        combined(OLD, events=["", "event_id=again"])


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
COUNTS = """
2025 | overall_effectiveness | 36 67 31 19 0
2025 | impact_of_leaders     | 45 60 33 15 0
2025 | help_and_protection   | 22 71 45 15 0
2025 | children_in_care      | 37 75 30 11 0
2025 | care_leavers          | 27 43 26 7 50
2024 | overall_effectiveness | 30 61 43 17 0
"""


@pytest.mark.parametrize(("year", "area", "printed"), cases(COUNTS))
def test_published_counts_of_grades(year, area, printed, tidy):
    counts = as_at(tidy, int(year))[area].value_counts()

    grades = ("outstanding", "good", "requires_improvement", "inadequate", "")
    assert [counts.get(grade, 0) for grade in grades] == list(map(int, printed.split()))


# In the table of 2024: the Isles of Scilly, and Staffordshire, which its notes correct.
CORRECTED = {("E06000053", "start", "2023-07-11", "2023-07-10")}
CORRECTED |= {("E10000028", "care_leavers", "requires_improvement", "good")}


@pytest.mark.raw
@pytest.mark.parametrize(("year", "file", "apart"), [(2025, "31_March_2025", set()), (2024, "March_2024", CORRECTED)])
def test_the_table_as_at_31_march_is_ofsteds_cell_by_cell(year, file, apart, raw, raw_authorities, tidy):
    path = raw / f"ofsted_outcomes/LA_Inspection_Outcomes_as_at_{file}.ods"
    crosswalk = authorities.full_crosswalk(raw_authorities, sources.read_curated("authority_spellings"))
    rows = reference.read_sheets(path)
    sheets = ofsted_outcomes.read_edition(rows, f"ofsted_ods_{year}", str(year), crosswalk, path.name)
    names = [name for name in ofsted_outcomes.SHEETS[str(year)] if "31_March" in name]
    sheet = sheets[ofsted_outcomes.SHEETS[str(year)].index(names[0])]
    ours = as_at(tidy, year)
    theirs = sheet.assign(start=sheet["start"].dt.strftime("%Y-%m-%d")).set_index("la_code_ons")[list(ours.columns)]
    at = (ours != theirs.reindex(ours.index)).stack()

    assert set(theirs.index) == set(ours.index) and len(ours) == {2025: 153, 2024: 151}[year]
    assert {(*key, ours.at[key], theirs.at[key]) for key in at.index[at]} == apart


def test_how_many_authorities_were_inadequate_overall_on_a_day(tidy):
    for day, inadequate in {"2023-08-31": 14, "2023-09-30": 13, "2024-01-29": 13, "2024-01-30": 14}.items():
        held = timeline.grades_on(tidy["judgements"], tidy["authorities"], day, "overall_effectiveness")

        assert (held["grade"] == "inadequate").sum() == inadequate, day


@pytest.mark.raw
def test_authorities_that_ofsted_marks_as_ended_are_those_of_the_table(raw, tidy):
    path = raw / "ofsted_outcomes/LA_Inspection_Outcomes_as_at_31_March_2025.ods"
    [history] = reference.read_sheets(path, "ILACS_inspection_history").values()
    marked = {row[1] for row in history if row[3] == "No longer exists"}

    assert marked <= set(tidy["authorities"].query("existed_to.notna()")["la_code_ons"])
    assert marked == {"E06000028", "E10000006", "E10000021"}
