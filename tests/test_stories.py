"""What the notebooks say for many authorities and days: true, cited, in good English, and never empty."""

import re

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import timeline
from childrens_services.answers import budget_story, inspection_story
from childrens_services.answers.narrative import Paragraphs
from notebook_cells import NAMES, SETS, run
from word_faults import word_faults

GLANCE, INSPECTIONS, GRADES, MONEY = NAMES[:4]
# The first four notebooks are read for all of these, the others as they stand; `test_sweep` reads all for many more.
SWEPT = ["default", "one", "began in 2023", "never like others", "four", "before the history", "mid 2019",
         "before the 2022 report", "before the 2024 report"]  # fmt: skip
RUNS = [pytest.param(name, chosen, id=f"{name[:2]} {chosen}") for chosen in SWEPT for name in NAMES[:4]] + [
    pytest.param(name, "default", id=f"{name[:2]} default") for name in NAMES[4:]
]


# All notebooks over all parameters.


@pytest.mark.parametrize(("name", "parameters"), RUNS)
def test_every_notebook_runs_and_says_something(name, parameters):
    shown = run(name, parameters)

    assert any(isinstance(value, Paragraphs) and value.sentences for value in shown.values)
    assert all(len(chart.data) for chart in shown.charts)


@pytest.mark.parametrize(("name", "parameters"), RUNS)
def test_every_word_is_sound(name, parameters):
    assert word_faults(run(name, parameters)) == []


@pytest.mark.parametrize(("name", "parameters"), RUNS)
def test_a_line_has_one_value_a_year(name, parameters):
    lines = [chart.data for chart in run(name, parameters).charts if {"panel", "name", "year"} <= set(chart.data)]

    assert [frame for frame in lines if frame.duplicated(["panel", "name", "year"]).any()] == []


@pytest.mark.parametrize("parameters", [p for p in SETS if p in SWEPT])
def test_counts_of_authorities_are_never_more_than_there_are(parameters):
    text = run(GRADES, parameters).text()

    counted = [int(n) for n in re.findall(r"\d+ of (\d+) authorities", text)]
    placed = [int(n) for n in re.findall(r"of (\d+) with a grade", text)]
    assert all(0 < n <= 153 for n in counted + placed)
    assert set(counted[:1]) >= set(placed) if counted else not placed


# What is true of our two, everything published.


@pytest.mark.parametrize("sentence", [
    "Nottingham was last graded in the inspection of 11 to 22 July 2022, published on 5 September 2022: inadequate "
    "overall.",
    "Nottinghamshire was last graded in the short inspection of 20 to 24 May 2024, published on 12 July 2024: good "
    "overall.",
    "On 14 May 2025, Nottingham was one of 19 authorities graded inadequate, of 153 with a grade; 134 stood higher.",
])  # fmt: skip
def test_the_glance_says(sentence):
    assert sentence in run(GLANCE).text().splitlines()


@pytest.mark.parametrize(
    ("notebook", "words"),
    [
        (GRADES, "19 of 153 authorities were inadequate overall on 14 May 2025"),
        (INSPECTIONS, "Nottingham has had 6 monitoring visits, the latest of 12 November 2024."),
        (INSPECTIONS, "“early 2022”) began on 11 July 2022, 102 days after the window closed."),
        (INSPECTIONS, "“towards the end of 2023”) began on 20 May 2024, 141 days after the window closed."),
        (MONEY, "Nottingham raised the staffing budget of its MASH from £684,000 to £1,050,000, by £366,000 or 53.5 "
                "per cent."),
        (MONEY, "It was to pay for 8 more social workers: £45,750 for each post."),
        (MONEY, "Nottingham's section 251 return for 2023-24 puts safeguarding and social work at £5.65 million, "
                "between £29.08 million and £30.3 million in the years around it: marked as implausible by rule"),
    ],
)  # fmt: skip
def test_the_other_notebooks_say(notebook, words):
    assert words in run(notebook).text()


def test_the_implausible_year_is_drawn_as_such_and_left_out_of_what_is_said():
    rows = next(chart.data for chart in run(MONEY).charts if chart.name == "spending-per-child-by-line")

    city = rows[(rows["name"] == "Nottingham") & (rows["line"] == "safeguarding")].set_index("year")["status"]
    assert city["2023-24"] == "implausible"
    assert city.drop("2023-24").eq("value").all()


def test_the_city_has_no_care_leavers_grade_of_its_own_in_2022():
    rows = next(chart.data for chart in run(GRADES).charts if chart.name == "grades-by-area")
    mine = rows[(rows["authority"] == "Nottingham") & (rows["start_earliest"].dt.year == 2022)]

    assert set(mine["judgement"]) == {"overall_effectiveness", "impact_of_leaders", "help_and_protection",
                                      "children_in_care_and_care_leavers"}  # fmt: skip


def test_breaks_are_drawn_where_the_framework_or_the_areas_changed():
    fig = next(chart.fig for chart in run(GRADES).charts if chart.name == "grades-by-area")

    assert [[line.get_xdata()[0] for line in ax.lines] for ax in fig.axes] == [[0.5], [0.5, 1.5]]


def test_the_timeline_shows_the_twelve_years_of_both():
    rows = next(chart.data for chart in run(INSPECTIONS).charts if chart.name == "inspection-timeline")

    kinds = rows.groupby("name")["kind"].agg(set)
    assert {
        "inspection",
        "monitoring_visit",
        "focused_visit",
        "improvement_notice",
        "commissioner",
        "best_value",
        "grant",
        "expected_inspection",
    } <= kinds["Nottingham"]
    assert {"inspection", "focused_visit", "send_inspection"} <= kinds["Nottinghamshire"]
    assert rows["start_latest"].dt.year.min() >= 2013


# What could be known on a day.


@pytest.mark.parametrize(
    ("parameters", "known", "unknown"),
    [
        ("before the history", ["published on 14 May 2014: requires improvement to be good overall"],
         ["ILACS,", "2018"]),
        ("mid 2019", ["published on 7 January 2019: requires improvement to be good overall",
                      "Nottinghamshire was last graded in the inspection of 11 May to 4 June 2015"],
         ["inadequate overall.", "MASH from", "2022"]),
        ("before the 2022 report", ["published on 7 January 2019", "published on 19 December 2019: good overall",
                                    "of 137 with a grade"], ["5 September 2022", "MASH from", "12 July 2024"]),
        ("before the 2024 report", ["published on 5 September 2022: inadequate overall", "MASH from",
                                    "published on 19 December 2019: good overall", "of 151 with a grade",
                                    "Nottingham has had 3 monitoring visits", "16 authorities graded inadequate"],
         ["12 July 2024", "20 to 24 May 2024", "141 days", "2024-25 against"]),
    ],
)  # fmt: skip
def test_the_state_of_a_day_is_rebuilt(parameters, known, unknown):
    text = "".join(run(name, parameters).text() for name in (GLANCE, INSPECTIONS, MONEY))

    assert [words for words in known if words not in text] == []
    assert [words for words in unknown if words in text] == []


@pytest.mark.parametrize("parameters", [chosen for chosen in SWEPT if "as_at" in SETS[chosen]])
def test_no_row_drawn_is_younger_than_the_day(parameters):
    day = pd.Timestamp(SETS[parameters]["as_at"])
    days = [(chart.name, chart.data["published"].max()) for name in NAMES[:4] for chart in run(name, parameters).charts
            if "published" in chart.data]  # fmt: skip

    assert [name for name, youngest in days if youngest > day] == []


@pytest.mark.parametrize("parameters", [chosen for chosen in SWEPT if "as_at" in SETS[chosen]])
def test_no_year_said_is_later_than_the_day(parameters):
    text = "".join(run(name, parameters).text() for name in (GRADES, MONEY))  # plans in the others reach further

    assert max(int(year) for year in re.findall(r"\b20\d\d\b", text)) <= int(SETS[parameters]["as_at"][:4])


def test_before_the_national_history_nothing_national_is_claimed():
    text = run(GRADES, "before the history").text() + run(GLANCE, "before the history").text()

    assert "No national history of this judgement was public on this day." in text
    assert "Grades of all authorities are known up to" not in text


# Authorities other than ours.


def test_what_the_tables_lack_for_another_authority_is_said():
    text = run(MONEY, "one").text()

    assert "No decision on the MASH of Leeds is in the tables." in text
    assert "No one-off sum of Leeds is in the tables." in text
    assert "No expectation of an inspection of Leeds is in the tables." in run(INSPECTIONS, "one").text()


def test_four_authorities_are_kept_in_the_order_asked_for():
    title = next(chart.words["finding"].text for chart in run(GLANCE, "four").charts if chart.name == "overall-grades")

    places = [title.index(name) for name in SETS["four"]["authorities"]]
    assert places == sorted(places)


@pytest.mark.parametrize("parameters", ["one", "began in 2023", "never like others", "four", "long names"])
def test_every_chosen_authority_is_named_in_short(parameters):
    text = run(GLANCE, parameters).text()

    assert [name for name in SETS[parameters]["authorities"] if f"{name} was last graded in the" not in text] == []
    assert [name for name in SETS[parameters]["authorities"] if f"{name} spent £" not in text] == []


def test_no_authority_but_the_chosen_is_named_beside_england():
    assert "Nottingham" not in run(GLANCE, "one").text() + run(INSPECTIONS, "one").text() + run(GRADES, "one").text()


@pytest.mark.parametrize("name", NAMES[3:6])
def test_who_asks_for_no_comparison_is_told_of_nobody_else(name):
    said = [sentence.text for sentence in run(name, "alone").sentences()]
    drawn = {who for chart in run(name, "alone").charts if "name" in chart.data for who in chart.data["name"]}

    assert [text for text in said if "No comparison was asked for" in text] != []
    assert [text for text in said if "England" in text and "No comparison was asked for" not in text] == []
    assert drawn <= {"Nottingham"}


# Small frames.


def event(**columns):
    frame = pd.DataFrame({"event_id": ["e"], "la_code_ons": ["a"], "kind": ["focused_visit"], "start": ["2022-04-26"],
                          "end": ["2022-04-27"], "source_id": ["ofsted_ods_2025"]})  # fmt: skip
    day = pd.to_datetime(["2022-04-26"])
    return frame.assign(start_earliest=day, start_latest=day, publication_date=pd.NaT, **columns)


def no_judgements():
    return pd.DataFrame(columns=["event_id", "la_code_ons", "judgement", "grade", "source_id", "published"])


def test_one_visit_is_one_visit():
    said = inspection_story.visits_since("Leeds", event(), no_judgements(), "a")

    assert said.text.endswith(" 1 focused visit, the latest of 26 to 27 April 2022.")


def test_an_authority_that_nobody_graded_is_said_to_be_so():
    said = inspection_story.latest_grade("Leeds", event(), no_judgements(), "a")

    assert said.text == "No graded inspection of Leeds is in the tables."


def forecast(**columns):
    frame = pd.DataFrame({"forecast_id": ["f"], "who": ["council officers"], "expected_text": ["next couple of months"],
                          "what_expected": ["First monitoring visit"], "source_id": ["ofsted_ods_2025"]})  # fmt: skip
    window = {"window_start": pd.to_datetime(["2023-01-26"]), "window_end": pd.to_datetime(["2023-03-26"])}
    return frame.assign(**window, **columns)


@pytest.mark.parametrize(
    ("stated", "slip", "came"),
    [
        ("2023-03-27", 1, "began on 27 March 2023, 1 day after the window closed."),
        ("2023-01-24", -2, "began on 24 January 2023, 2 days before the window opened."),
        ("2023-04", 35, "began in April 2023, at least 35 days after the window closed."),
        ("2023-02-28", 0, "began on 28 February 2023, inside its window."),
    ],
)
def test_what_came_of_an_expectation(stated, slip, came):
    row = forecast(
        actual=pd.to_datetime(["2023-04-30"]), actual_edtf=[stated], slip_days=pd.array([slip], dtype="Int64")
    )

    said = inspection_story.expectation_sentences(row, pd.Timestamp("2024-01-01"))[0].text

    assert said == f"First monitoring visit (council officers: “next couple of months”) {came}"


@pytest.mark.parametrize(("today", "words"), [("2023-03-01", "its window is open until 26 March 2023"),
                                             ("2023-03-26", "its window closed on 26 March 2023")])  # fmt: skip
def test_an_expectation_that_is_still_awaited(today, words):
    row = forecast(actual=pd.to_datetime([None]), actual_edtf=[None], slip_days=pd.array([None], dtype="Int64"))

    assert words in inspection_story.expectation_sentences(row, pd.Timestamp(today))[0].text


def test_a_grade_of_another_framework_does_not_stand_in():
    judgements = tables.load("judgements", "2018-01-01")
    placed = timeline.grades_on(judgements, tables.load("authorities"), "2018-01-01", "overall_effectiveness")

    assert set(placed["grade"]) == {timeline.NOT_INSPECTED}


def test_the_budget_change_is_none_where_a_part_is_missing():
    budgets = tables.load("budgets")

    assert budget_story.budget_change(budgets, "E06000018", "MASH") is not None
    assert budget_story.budget_change(budgets[budgets["measure"] != "budget_before"], "E06000018", "MASH") is None
    assert budget_story.budget_change(budgets, "E10000024", "MASH") is None
