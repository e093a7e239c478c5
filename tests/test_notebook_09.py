"""What was promised: each occasion once, one number a delay, missed apart from late, and windows that can be read."""

import contextlib
import re

import pandas as pd
import pytest
from chart_faults import faint_marks, faults
from childrens_services.telling import style
from childrens_services.telling.drawings.windows import windows
from matplotlib import pyplot as plt
from notebook_cells import NAMES, SETS, run

PROMISED = NAMES[9]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def test_every_forecast_of_the_two_is_listed_with_who_when_due_outcome_and_evidence():
    rows = run(PROMISED).rows("All 36 statements on record")

    trust = next(row for row in rows if "trust" in row[2])
    assert len(rows) == 36 and all(cell.strip() for row in rows for cell in row)
    assert trust[2].startswith("The Department for Education could appoint a children's services trust if")
    assert [trust[1], *trust[3:5]] == ["warning", "news report", "4 April 2024"]
    assert trust[5:] == ["31 October 2025 (no day named)", "not seen", "nothing seen"]


def test_each_delay_has_one_number_everywhere():
    shown = run(PROMISED)
    text = shown.text() + str(shown.rows("All 36")) + str(shown.rows("What came late"))

    assert set(re.findall(r"(\d+) days\b", text)) == {"102", "141", "227"}
    assert "257" not in text


def test_what_was_missed_is_counted_once_and_apart_from_what_came_late():
    outcomes = [row[5] for row in run(PROMISED).rows("What came late")]

    assert outcomes.count("missed") == 1 and sum(outcome.startswith("met late") for outcome in outcomes) == 5


def test_the_ten_posts_and_the_working_day_are_among_the_figures():
    figures = {row[1]: row[2] for row in run(PROMISED).rows("Figures stated")}

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
            (f"{name}: area SEND, expected 2 times", start, "2029-12-31", "2031-01-01", "at least 366 days late")
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
