"""What was promised: each occasion once, one number a delay, missed apart from late, and windows that can be read."""

import contextlib
import re

import pandas as pd
import pytest
from chart_faults import faint_marks, faults
from childrens_services.telling import style
from childrens_services.telling.drawings.windows import windows
from matplotlib import pyplot as plt
from notebook_cells import NAMES, SETS, Table, run

PROMISED = NAMES[9]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def rows_of(shown, caption):
    found = next(value for value in shown.values if isinstance(value, Table) and caption in value.caption.text)
    return [[getattr(cell, "text", cell) for cell in row] for row in found.rows]


@pytest.mark.parametrize(
    "words",
    [
        "next inspection was expected four times, last by 31 March 2026, and had not come by 29 June 2026.",
        "Of 30 things that were forecast, planned or promised, each counted once, four came on time, five came late, "
        "five came in part, one did not come and what came of 15 was not seen.",
        "was at least 227 days, to Nottinghamshire's area SEND inspection of July 2025.",
        "eight extra social worker posts bring the MASH to ten; respond to every contact in one working day; the "
        "budget for MASH social workers to rise by £366,000",
        "£366,000 a year. Outcome: not seen. The headline made it £360k.",
        "Whether Nottinghamshire's area SEND inspection due by 16 May 2026 came is not known: reports were last "
        "looked through on 10 November 2025.",
    ],
)
def test_the_page_says(words):
    assert words in run(PROMISED).text()


def test_every_forecast_of_the_two_is_listed_with_who_when_due_outcome_and_evidence():
    rows = rows_of(run(PROMISED), "All 36 statements on record")

    trust = next(row for row in rows if "trust" in row[2])
    assert len(rows) == 36 and all(cell.strip() for row in rows for cell in row)
    assert trust[1:] == [
        "warning",
        "The Department for Education could appoint a children's services trust if improvement is too slow",
        "news report",
        "4 April 2024",
        "31 October 2025 (no day named)",
        "not seen",
        "nothing seen",
    ]


def test_each_delay_has_one_number_everywhere():
    shown = run(PROMISED)
    text = shown.text() + str(rows_of(shown, "All 36")) + str(rows_of(shown, "What came late"))

    assert set(re.findall(r"(\d+) days\b", text)) == {"102", "141", "227"}
    assert "257" not in text


def test_what_was_missed_is_counted_once_and_apart_from_what_came_late():
    outcomes = [row[5] for row in rows_of(run(PROMISED), "What came late")]

    assert outcomes.count("missed") == 1 and sum(outcome.startswith("met late") for outcome in outcomes) == 5


def test_the_ten_posts_and_the_working_day_are_among_the_figures():
    figures = {row[1]: row[2] for row in rows_of(run(PROMISED), "Figures stated")}

    assert figures["MASH social workers after the new posts"] == "10 posts"
    assert figures["target time to respond to all contacts"] == "1 working day"


def test_the_caveat_stands_once():
    assert run(PROMISED).text().count("not a sample") == 1


def test_an_occasion_is_one_row_of_the_drawing():
    chart = run(PROMISED).charts[0]

    labels = chart.data["label"].unique()
    assert len(chart.data) == 11 and len(labels) == 7
    assert "Nottingham: Concluding Ofsted inspection, expected 4 times" in labels
    title = chart.words["title"].text
    assert title == "Nottingham's next inspection was expected by March 2024 and had not come by June 2026"


@pytest.mark.parametrize("parameters", ["one", "began in 2023", "never like others", "long names"])
def test_where_nothing_was_promised_it_is_said_what_was_looked_through(parameters):
    shown = run(PROMISED, parameters)

    assert shown.charts == () and "papers and news were read for few councils" in shown.text()
    assert "Nottingham" not in shown.text()


@pytest.mark.parametrize(
    ("parameters", "known"),
    [
        ("before the 2022 report", "Whether Nottingham's inspection came when it was expected was not seen"),
        ("before the 2024 report", "is expected by 31 October 2025, by the newest of three forecasts."),
    ],
)
def test_the_state_of_a_day_is_rebuilt(parameters, known):
    text = run(PROMISED, parameters).text()

    assert known in text and not re.search(r"29 June 2026|227 days|141 days", text)
    assert SETS[parameters]["as_at"] < "2024-04-05"


def expected(*rows):
    frame = pd.DataFrame(rows, columns=["label", "window_start", "window_end", "came", "note"])
    days = {column: pd.to_datetime(frame[column]) for column in ("window_start", "window_end", "came")}
    return frame.assign(**days, until=pd.Timestamp("2026-04-01"))


@pytest.mark.parametrize("inches", [8, 4.4])
@pytest.mark.parametrize(
    "rows",
    [
        [("Leeds: inspection", "2024-04-04", "2024-04-05", None, "had not come by 1 April 2026")],
        [("Leeds: inspection", "2024-04-04", "2024-04-05", "2024-04-04", "on time")],
        [
            (
                f"{name}: area SEND inspection, expected 2 times",
                start,
                "2029-12-31",
                "2031-01-01",
                "at least 366 days late",
            )
            for name in SETS["long names"]["authorities"]
            for start in ("2008-01-01", "2020-01-01")
        ],
    ],
    ids=["unmet", "one day", "long"],
)
def test_windows_can_be_read(rows, inches):
    with style.narrow() if inches == style.NARROW else contextlib.nullcontext():
        fig = windows(expected(*rows))
        style.dress(fig, "A title", "A measure", "Source: Ofsted.")

    assert fig.get_figwidth() == inches and faults(fig) == [] and faint_marks(fig) == []


def test_a_broken_line_runs_to_the_day_it_came_or_the_day_last_looked():
    unmet, late = (windows(expected(("Leeds", "2024-01-01", "2024-02-01", came, ""))) for came in (None, "2024-03-01"))

    ends = [fig.axes[0].lines[0].get_xdata()[1] for fig in (unmet, late)]
    assert [str(pd.Timestamp(end).date()) for end in ends] == ["2026-04-01", "2024-03-01"]
