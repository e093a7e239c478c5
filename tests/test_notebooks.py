"""What the notebooks say, word for word as tests/data/said.toml has it, and what they draw and count."""

import re
import tomllib
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from childrens_services import paths, tables
from childrens_services.analysis import compare, question
from childrens_services.analysis.asked import Asked
from childrens_services.telling.records import describe_columns
from notebook_cells import NAMES, Paragraphs, as_text, run, run_with
from word_faults import word_faults

FRONT, WHAT, GRADES, MONEY, WORK, CHILDREN, FOUND, CLAIMS, _, PROMISED, _ = NAMES
PAGES = tomllib.loads((Path(__file__).parent / "data" / "said.toml").read_text(encoding="utf-8"))["page"]
# Forms of charts, one of which stands in the first sentence of an alternative text.
FORMS = re.compile(
    r"\b(bar|dot|heat map|line|map|mark|step|table|timeline|histogram|band|square|column|curve|grid)s?\b"
)


@pytest.mark.parametrize(
    ("page", "chosen"),
    [
        pytest.param(page, chosen, id=f"{page['notebook']} {chosen} {page['why']}")
        for page in PAGES
        for chosen in page.get("sets", ["default"])
    ],
)
def test_a_page_says_what_it_must_and_nothing_that_it_must_not(page, chosen):
    (name,) = (name for name in NAMES if name.startswith(page["notebook"]))
    said = (run_with(name, page["asked"]) if "asked" in page else run(name, chosen)).page()

    assert [words for words in page.get("says", []) if words not in said] == []
    assert [found[0] for pattern in page.get("lacks", []) if (found := re.search(pattern, said))] == []
    assert page.get("all", said.strip()) == said.strip()


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_says_its_form_in_a_short_alternative_text_and_what_its_columns_hold(name):
    faults = []
    for chart in run(name, "default").charts:
        alt, columns = chart.words["alt"].text, describe_columns(chart.data)
        faults += [f"{chart.name}: {len(alt)} letters"] if len(alt) > 250 else []
        faults += [] if FORMS.search(alt.partition(".")[0].lower()) else [f"{chart.name}: {alt}"]
        faults += [f"{chart.name}: {one['name']} says nothing" for one in columns if not one["description"]]

    assert faults == []


@pytest.mark.parametrize("name", NAMES)
def test_a_caption_that_counts_its_rows_is_right(name):
    said = [(re.match(r"All (\d+) ", table.caption.text), len(table.rows)) for table in run(name).tables()]

    assert [(found[1], n) for found, n in said if found and int(found[1]) != n] == []


def test_the_short_answer_has_at_most_120_words_and_the_page_400_before_its_chart():
    texts = [value.sentences for value in run(FRONT).values if isinstance(value, Paragraphs)]

    assert len(" ".join(sentence.text for sentence in texts[1]).split()) <= 120
    assert len(" ".join(run(FRONT).said()).split()) <= 400


# What happened.


def test_the_title_counts_the_visits_that_are_drawn():
    shown = run_with(WHAT, {"first_year": 2024}).charts[0]

    visits = shown.data.query("kind == 'monitoring_visit'")
    assert len(visits) == 3 and "had three monitoring visits after it was rated inadequate" in shown.words["title"].text


def test_each_mark_has_a_word_and_what_is_expected_is_not_drawn():
    rows = run(WHAT).charts[0].data.set_index("event_id")

    lane_and_label = rows.loc["nc_2022_improvement_notice", ["lane", "label"]].tolist()
    assert lane_and_label == ["Notices and interventions", "Improvement notice"]
    assert not set(rows["kind"]) & {"expected_inspection", "committee_meeting", "statement"}
    assert str(rows.loc["cc_2024_ilacs", "known"].date()) == "2026-06-29"

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


def test_what_was_found_at_visits_and_said_at_meetings_is_told_event_by_event_and_nothing_later_than_the_day():
    rows = run(WHAT).rows("found and said")
    kinds = {row[2] for row in rows}

    assert {"focused visit", "monitoring visit", "committee meeting", "public statement"} <= kinds
    assert not kinds & {"inspection", "short inspection"}  # what is behind a grade stands beside it
    assert sum("April 2022" in row[1] for row in rows) >= 40

    rows = run(WHAT, "before the 2022 report").rows("found and said")

    assert rows and not re.search("202[3-9]", str(rows))


# Grades.


def test_every_council_is_counted_on_every_day_drawn_on_the_map_and_judged_in_its_own_areas():
    shares = run(GRADES).chart("grades-of-all-overall-effectiveness").data
    newest = shares[shares["day"] == "2026-06-29"].set_index("grade")["authorities"].to_dict()
    totals = shares.groupby("day")["authorities"].sum()

    assert newest == {"outstanding": 46, "good": 63, "requires_improvement": 29, "inadequate": 13, "not_inspected": 2}
    assert set(totals) <= {151, 152, 153} and totals.index.max() == pd.Timestamp("2026-06-29")

    chart = run(GRADES).chart("grades-by-area")
    newest = chart.data[(chart.data["name"] == "Nottingham") & (chart.data["column"] == 2)]

    judged = "overall_effectiveness impact_of_leaders help_and_protection children_in_care_and_care_leavers"
    assert set(newest["judgement"]) == set(judged.split())
    assert [[line.get_xdata()[0] for line in ax.lines] for ax in chart.fig.axes] == [[0.5], [0.5, 1.5]]

    rows = run(GRADES).chart("map-of-grades").data

    assert len(rows) == 153 and rows.query("is_chosen")["name"].tolist() == ["Nottingham", "Nottinghamshire"]


def test_without_a_comparison_nobody_else_is_named():
    shown = run(GRADES, "alone")
    others = tables.load("authorities")["name"].drop_duplicates()
    words = f"{shown.said()} {shown.titles()}".replace("Nottingham", "")

    assert [name for name in others if re.search(rf"\b{re.escape(name)}\b", words)] == []


# Money and work.


def test_every_authority_whose_returns_drift_apart_gets_the_caveat():
    ratio = compare.collections_ratio(
        compare.mark_implausible(tables.load("spending"), tables.load("implausible"))
    ).merge(tables.load("authorities")[["la_code_ons", "name"]], left_on="area_code", right_on="la_code_ons")
    newest = ratio[ratio["financial_year"].eq("2024-25") & ratio["flagged"] & ratio["name"].ne("Nottingham")]

    other = newest.sort_values(["area_code", "name"])["name"].iloc[0]

    assert f"{other}'s figure may be too low" in run_with(MONEY, {"authorities": [other]}).text()


def test_a_year_without_a_plausible_return_is_drawn_hollow_and_every_sum_on_record_has_a_row():
    rows = run(MONEY).chart("spending-per-child-by-line").data
    city = rows[(rows["name"] == "Nottingham") & (rows["line"] == "safeguarding")].set_index("financial_year")

    assert city.loc["2023-24", "status"] == "implausible"
    assert city["believed"].isna().to_list() == (city.index == "2023-24").tolist()
    assert len(run(MONEY).rows("Every sum on record")) == len(tables.load("budgets"))


def test_inspections_and_the_notice_stand_on_the_lines_with_their_names_in_the_key():
    fig = run(WORK).chart("workforce-rates").fig
    named = {text.get_text() for legend in fig.legends for text in legend.get_texts()}

    assert {"inspection, Nottingham", "inspection, Nottinghamshire", "notice, Nottingham"} <= named
    assert all(any(line.get_gid() == "rule" for line in ax.lines) for ax in fig.axes if ax.get_visible())


def test_a_title_names_no_council_that_had_ended_where_others_live():
    title = run_with(WORK, {"authorities": ["Cumbria", "Bristol"]}).titles()["social-workers-in-post"]

    assert "Bristol" in title and "Cumbria" not in title


# Children.


def test_titles_of_charts_of_children_are_short_and_turns_are_written_beside_the_line():
    shown = run(CHILDREN)

    assert len(shown.titles()) == 5
    assert [title for title in shown.titles().values() if ":" in title or len(title) > 115] == []
    assert max(chart.data["panel"].nunique() for chart in shown.charts) == 6
    assert not re.search(r"interval|\d\.\d to \d", str(shown.said()))

    chart = run(CHILDREN).chart("rereferral")

    assert [text.get_text() for text in chart.fig.axes[0].texts] == ["32.2", "27.2"]


# Findings, claims and promises.


def test_what_was_said_last_is_of_ten_themes_newest_report_first():
    rows = run(FOUND).rows("The newest finding on each")

    assert len({row[0] for row in rows}) == 10 and rows[-1][1:3] == ["Nottinghamshire", "October 2019"]


def test_of_claims_each_stands_in_one_table_and_what_has_another_scope_neither_holds_nor_fails():
    kinds = ("Statements that ", "Forecasts and ", "Claims that ", "All that ")
    listed = [table for table in run(CLAIMS).tables() if table.caption.text.startswith(kinds)]
    whole = [table for table in listed if "differ in scope from" not in table.caption.text]  # the first ten

    assert sorted(as_text(row[1]) for table in whole for row in table.rows) == sorted(tables.load("claims")["claim"])

    apart = {row[1] for row in run(CLAIMS).rows("All that differ in scope, and what those tests found")}

    assert {"16,667 referrals in 2014-15", "4,287 children in need at 31 March 2015"} <= apart
    assert not apart & {row[1] for row in run(CLAIMS).rows("Statements that do not hold")}

    table = next(one for one in run(CLAIMS).tables() if one.caption.text == "Statements that do not hold")
    found = table.rows[0][-1].cited()

    assert {(number.table, number.rows) for number in found} == {("claim_tests", ("cl_nc_025 1",))}
    assert {source for number in found for source in number.sources} == {"ofsted_nc_2022", "ofsted_ods_2024"}


def test_no_name_of_a_variable_stands_among_the_words():
    cells = [
        (path.stem, cell)
        for path in sorted(paths.NOTEBOOKS.glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
    ]
    words = [(name, re.sub(r"`[^`]*`", "", cell.source)) for name, cell in cells if cell.cell_type == "markdown"]

    assert [(name, text) for name, text in words if re.search("[a-z]_[a-z]", text)] == []


def test_the_page_of_claims_is_short_before_it_is_folded():
    shown = run(CLAIMS)
    source = nbformat.read(paths.NOTEBOOKS / f"{CLAIMS}.ipynb", as_version=4).cells
    words = [*shown.said(), *(cell.source for cell in source if cell.cell_type == "markdown")]
    for table in shown.tables():
        rows = [] if table.is_folded else [table.columns, *table.rows]
        words += [table.caption.text, *(as_text(cell) for row in rows for cell in row)]

    assert len(" ".join(words).split()) <= 1500


@pytest.mark.parametrize(
    "parameters", ["before the history", "mid 2019", "before the 2022 report", "before the 2024 report"]
)
def test_nothing_is_found_of_a_claim_later_than_the_day(parameters):
    shown = run(CLAIMS, parameters)
    found = " ".join(as_text(row[-1]) for table in shown.tables() for row in table.rows)
    years = [int(year) for year in re.findall(r"\b20\d\d\b", found)]
    last = {"before the history": 2015, "mid 2019": 2019, "before the 2022 report": 2022}.get(parameters, 2024)

    assert word_faults(shown) == [] and max(years, default=0) <= last


def test_a_delay_has_one_number_and_an_occasion_is_one_row_of_the_drawing_and_counted_once():
    outcomes = [row[5] for row in run(PROMISED).rows("What came late")]

    assert set(re.findall(r"(\d+) days\b", run(PROMISED).page())) == {"102", "141", "227"}
    assert outcomes.count("missed") == 1 and sum(outcome.startswith("met late") for outcome in outcomes) == 5

    labels = run(PROMISED).charts[0].data["label"]

    assert len(labels) == 11 and labels.nunique() == 7
    assert "Nottingham: Concluding Ofsted inspection, expected 4 times" in set(labels)


# A question of one's own.


def test_an_id_means_an_indicator_a_line_or_a_judgement_and_a_wrong_one_is_answered_with_the_nearest():
    indicators = tables.load("indicators")
    asked = ("children_looked_after_rate", "referrals", "family_support", "help_and_protection")

    found = [question.about(ask, indicators).iloc[0][["kind", "is_count"]].tolist() for ask in asked]

    assert found == [["indicator", False], ["indicator", True], ["spending", False], ["judgement", True]]
    with pytest.raises(ValueError, match=r"'rereferal_percent' is not one of the .*did you mean 'rereferral_percent'"):
        question.about("rereferal_percent", indicators)


def test_a_count_is_not_set_beside_england_and_grades_are_those_that_stood_at_the_end_of_march():
    asked = Asked(["Leeds"])

    assert set(question.rows(asked, "referrals")["name"]) == {"Leeds"}
    assert set(question.rows(asked, "rereferral_percent")["name"]) == {"Leeds", "Leeds's neighbours", "England"}

    rows = question.rows(Asked(["Nottingham"]), "overall_effectiveness").set_index("year")["grade"]

    assert rows.loc[[2022, 2023]].to_list() == ["requires_improvement", "inadequate"]


def test_spending_that_hardly_changed_is_about_as_much_and_the_title_is_of_what_changed():
    asked = {"authorities": ["Leeds", "Bradford", "Kent", "Dorset"], "as_at": "2019-06-30"}
    said = run_with(MONEY, asked).page()

    assert "Bradford spent £659 gross per child on children's services in 2017-18, about as much as in 2016-17" in said
    assert " 0 per cent" not in said
