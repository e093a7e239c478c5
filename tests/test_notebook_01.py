"""What happened: ratings and since when, no word of what nobody looked through, and a timeline that can be read."""

import contextlib
import re

import pandas as pd
import pytest
from chart_faults import faint_marks, faults
from childrens_services.telling import style
from childrens_services.telling.drawings.timeline import heap, timeline
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from notebook_cells import NAMES, SETS, as_text, run, run_with

WHAT = NAMES[1]
LANES = ["Inspections and visits", "Notices and interventions", "Money and decisions"]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def test_every_event_of_the_two_is_in_the_dossier_with_its_summary_and_publisher():
    newest, whole = run(WHAT).tables()[-4:-2]

    assert len(newest.rows) == 10 and whole.is_folded and len(whole.rows) == 80
    assert whole.columns == ("Authority", "When", "What", "Who", "Concerns", "What happened", "Source")
    assert all(as_text(cell).strip() for row in whole.rows for cell in row)
    assert any("Andy Waugh" in as_text(row[3]) for row in whole.rows)


def test_steps_of_government_say_whom_they_concern_and_which_ends_one():
    steps = {as_text(row[1]): [as_text(cell) for cell in row[2:4]] for row in run(WHAT).tables()[0].rows}

    assert steps["February 2026"] == ["best value step: ending", "the whole council"]
    assert steps["24 October 2022"] == ["improvement notice", "children's services"]
    assert steps["10 May 2023"] == ["government grant", "children's services"]
    assert steps["2011"][0] == "improvement notice: ending"


@pytest.mark.parametrize("parameters", ["one", "began in 2023", "never like others", "long names"])
def test_of_who_has_national_rows_only_it_is_said_what_was_not_looked_through(parameters):
    text = run(WHAT, parameters).text()

    assert "No newer rating was out by 29 June 2026" in text and "14 May 2025" not in text
    assert "were read: notices, decisions and money are missing." in text and "Nottingham" not in text
    assert not re.search(r"[Nn]o (monitoring |focused )?visit\b", text)


def test_the_title_counts_the_visits_that_are_drawn():
    shown = run_with(WHAT, {"first_year": 2024}).charts[0]

    visits = shown.data.query("kind == 'monitoring_visit'")
    assert len(visits) == 3 and "had three monitoring visits after it was rated inadequate" in shown.words["title"].text


def test_the_improvement_notice_is_drawn_and_what_is_expected_is_not():
    rows = run(WHAT).charts[0].data.set_index("event_id")

    assert rows.loc["nc_2022_improvement_notice", ["lane", "label"]].tolist() == [LANES[1], "Improvement notice"]
    assert not set(rows["kind"]) & {"expected_inspection", "committee_meeting", "statement"}
    assert str(rows.loc["cc_2024_ilacs", "known"].date()) == "2026-06-29"


def test_each_mark_has_a_word_and_a_council_is_not_graded_by_a_send_inspection():
    rows = run(WHAT).charts[0].data.set_index("event_id")
    words = {
        "nc_2017_pilot": "Inspection, no grade",
        "nc_2022_ilacs": "Inadequate",
        "nc_2022_mash_budget": "MASH staffing",
        "cc_2025_send": "SEND: effective action",
        "nc_2023_mv1": "Monitoring visit",
        "nc_2025_dcs_change": "Change of director",
        "nc_2025_lead_commissioner": "Commissioners: change",
    }

    assert rows.loc[list(words), "label"].to_dict() == words
    assert rows.loc[list(words), "noun"].notna().tolist() == [True, False, False, False, True, True, False]
    assert rows.loc[rows["kind"] == "send_inspection", "grade"].isna().all()


def events(rows):
    made = pd.DataFrame(rows, columns=["name", "lane", "day", "label", "noun", "grade"])
    day = pd.to_datetime(made["day"])
    return made.assign(day=day, scope="council", is_main=made["grade"].notna(), known=day.max())


GRADED, GRANT = ("Requires improvement", None, "requires_improvement"), ("Grant", "grant", None)
CROWD = events(
    [
        (name, lane, f"20{20 + i // 12}-{i % 12 + 1:02}-03", *(GRADED if i % 3 else GRANT))
        for name in SETS["long names"]["authorities"]
        for lane in LANES
        for i in range(16)
    ]
)


@pytest.mark.parametrize("rows", [CROWD, CROWD.head(1)], ids=["crowded", "one event"])
@pytest.mark.parametrize("inches", [8, 4.4])
def test_no_label_of_a_timeline_lies_on_another(rows, inches):
    with style.narrow() if inches == style.NARROW else contextlib.nullcontext():
        fig = timeline(rows, LANES, pd.Timestamp("2021-06-30"))
        style.dress(fig, "A title", "A measure", "Source: Ofsted.")

    assert fig.get_figwidth() == inches and faults(fig) == [] and faint_marks(fig) == []


def test_visits_in_a_row_are_counted_in_one_label():
    days = ("2023-01-02", "2023-06-02", "2024-01-02")
    rows = events([("Leeds", LANES[0], day, "Monitoring visit", "monitoring visit", None) for day in days])

    fig = timeline(rows, LANES, pd.Timestamp("2024-06-30"))

    assert [text.get_text() for text in fig.axes[0].texts][1:] == ["Three monitoring visits"]


@given(st.lists(st.tuples(st.floats(0, 7), st.floats(0.1, 1.3), st.sampled_from([0.15, 0.3])), max_size=8), st.data())
def test_labels_stand_apart_or_above_each_other_within_the_axis(labels, data):
    at, wide, high = ([label[i] for label in sorted(labels)] for i in range(3))
    left, foot, _ = heap(at, wide, high, 7, data.draw(st.integers(0, len(at))))

    boxes = list(zip(left, foot, wide, high, strict=True))
    assert all(x >= 0 and x + w <= 7 + 1e-9 for x, _, w, _ in boxes)
    assert not any(
        x < u + w - 1e-9 and u < x + v - 1e-9 and y < z + g - 1e-9 and z < y + h - 1e-9
        for i, (x, y, v, h) in enumerate(boxes)
        for u, z, w, g in boxes[:i]
    )


def folded(shown, caption):
    """The words of folded tables: a list a row."""
    found = [table for table in shown.tables() if table.is_folded and caption in table.caption.text]
    return [[as_text(cell) for cell in row] for table in found for row in table.rows]


def test_what_was_found_at_visits_and_said_at_meetings_is_told_event_by_event():
    rows = folded(run(WHAT), "found and said")
    kinds = {row[2] for row in rows}

    assert {"focused visit", "monitoring visit", "committee meeting", "public statement"} <= kinds
    assert not kinds & {"inspection", "short inspection"}  # what is behind a grade stands beside it
    assert sum("April 2022" in row[1] for row in rows) >= 40
    assert folded(run(WHAT, "one"), "found and said") == []


def test_what_was_said_has_the_verdict_of_the_record():
    rows = {row[3]: row[4] for row in folded(run(WHAT), "record bears it out")}

    assert rows["One of only 13 authorities rated inadequate"] == "does not hold"
    assert rows["Inspectors visited in April"] == "holds"


def test_nothing_found_or_said_later_than_the_day_is_told():
    rows = folded(run(WHAT, "before the 2022 report"), "found and said")

    assert rows and not re.search("202[3-9]", str(rows))
