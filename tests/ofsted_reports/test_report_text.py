"""Reading the text of Ofsted's reports and letters: titles, days, tables in every order, sentences, lists."""

import functools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_reports import TEXTS
from ofsted_reports.reader import pages_to_confirm, read_days, read_pages
from ofsted_reports.tables import read_table
from ofsted_reports.text import opening
from ofsted_reports.wording import read_grade, wordings

LABEL, PAGE = TEXTS["labels"], TEXTS["pages"]
LEADERS, HELP, JOINT, CARE, LEAVERS, OVERALL = LABEL.values()
GOOD, BETTER = "Good", "Requires improvement to be good"
ROWS_2024 = [(LEADERS, GOOD), (HELP, BETTER), (CARE, "Outstanding"), (LEAVERS, "Inadequate"), (OVERALL, GOOD)]
READ_2024 = (
    "impact_of_leaders good, help_and_protection requires_improvement, children_in_care outstanding, "
    "care_leavers inadequate, overall_effectiveness good"
)
NORFOLK_2013 = "Norfolk County Council\nInspection dates: 8 – 12 July 2013\nReporting inspector Jo Bloggs HMI\n"


def front(rows=ROWS_2024, dates="Inspection dates: 7 to 18 October 2024", title=None):
    table = "\n".join(["Judgement Grade", *(f"{label}\n{grade}" for label, grade in rows)])
    title = title or "Inspection of Nottingham City local authority\nchildren’s services"
    return PAGE["front"].format(title=title, dates=dates, table=table)


def sif(overall="Children’s services in Leeds are good", board="", pages=()):
    return dict(enumerate([PAGE["single"].format(overall=overall, board=board), *pages], 1))


def letter(title, line, more=""):
    return PAGE["letter"].format(title=title, line=line, more=more)


def value_of(found):
    return {key: each.value for key, each in found.items()}


def grades(reading, place="judgement."):
    """The grades of a reading in one line: `adoption good, care_leavers inadequate`."""
    return ", ".join(f"{key[len(place) :]} {each.value}" for key, each in reading.items() if key.startswith(place))


def values(reading, names):
    return [reading[name].value if name in reading else "" for name in names.split()]


# Titles


def test_a_report_is_read_whole():
    improve = "What needs to improve?\n◼ Supervision.\n◼ Plans that\nare clear."
    body = f"{improve}\n{HELP}:\n{BETTER.lower()}\n1. First.\n2. Second.\n{CARE}: outstanding\n3. Third.\n4. Fourth."

    reading = read_pages({1: front(), 2: body})

    assert grades(reading) == READ_2024
    assert values(reading, "authority framework kind") == ["Nottingham City local authority", "ilacs", "inspection"]
    assert values(reading, "start end published") == ["2024-10-07", "2024-10-18", ""]
    assert values(reading, "lead_inspector recommendations paragraphs") == ["Jo Bloggs", "2", "4"]
    assert grades(reading, "heading.") == "help_and_protection requires_improvement, children_in_care outstanding"
    assert (reading["recommendations"].page, reading["judgement.care_leavers"].page) == (2, 1)
    assert reading["judgement.help_and_protection"].wording == f"{HELP}: {BETTER}"
    short = read_table({1: "\n".join([LEADERS, GOOD, HELP, "Requires improvement", JOINT, GOOD])}, "ilacs")
    assert short["help_and_protection"].wording == f"{HELP}: Requires improvement"  # its own words


# Of each list of examples: the pages that its first cells make, and the fields that its last cells give.
EXAMPLES = {
    "titles_of_ilacs": (lambda title: {1: front(title=title)}, "authority kind framework"),
    "days": (lambda printed: {1: front(dates=printed)}, "start end"),
    "kinds": (lambda printed: {1: front(dates=printed)}, "kind"),  # the length of a visit says nothing about it
    "boards": (lambda board, pages: sif(board=board, pages=pages), "judgement.lscb"),
    "letters": (lambda title, line: {1: letter(title, line)}, "kind framework authority start end"),
    "numbered": (lambda numbered: {1: front(), 2: numbered}, "paragraphs"),
    "recommendations": (lambda listed: sif(pages=[listed]), "recommendations"),
}


@pytest.mark.parametrize(("of", "row"), [(of, row) for of in EXAMPLES for row in TEXTS[of]])
def test_what_is_printed_in_every_way_we_met_is_read_and_nothing_else(of, row):
    make, names = EXAMPLES[of]
    printed = len(row) - len(names.split())

    assert values(read_pages(make(*row[:printed])), names) == row[printed:]


def test_what_others_write_about_an_inspection_is_not_a_report():
    assert [read_pages({1: text}) for text in TEXTS["no_reports"]] == [{}] * 4


def test_the_opening_of_a_text_is_one_short_line():
    assert opening({1: "Minutes of\x1b[31m the\nboard " + "and so on " * 20}).startswith("Minutes of[31m the board and")


# Days


@given(st.dates(date(2005, 1, 1), date(2040, 1, 1)), st.integers(0, 90), st.sampled_from([" to ", "–", " and ", " & "]))
def test_two_days_in_full_are_read_as_they_are_and_never_the_wrong_way_round(first, days, joint):
    last = date.fromordinal(first.toordinal() + days)
    printed = [f"{day:%A} {day.day} {day:%B} {day.year}" for day in (first, last)]

    assert read_days(joint.replace("–", "-").join(printed)) == (first, last)
    assert read_days(joint.replace("–", "-").join(printed[::-1])) == ((None, None) if days else (first, last))


# Tables


@pytest.mark.parametrize(
    ("year", "rows", "judgements"),
    [
        (2022, [LEADERS, HELP, JOINT, OVERALL], ["children_in_care_and_care_leavers", "overall_effectiveness"]),
        (2026, [LEADERS, HELP, CARE, LEAVERS], ["children_in_care", "care_leavers"]),
    ],
)
def test_joint_and_split_judgements_and_none_overall(year, rows, judgements):
    page = front([(row, GOOD) for row in rows], f"Inspection dates: 11 to 22 May {year}") + "\nGood leaders matter."

    read = [key for key in read_pages({1: page}) if key.startswith("judgement.")]
    assert read == [f"judgement.{area}" for area in ("impact_of_leaders", "help_and_protection", *judgements)]


@pytest.mark.parametrize(("pages", "graded", "as_column"), TEXTS["tables"])
def test_a_grade_is_read_where_its_table_allows_one_reading(pages, graded, as_column):
    named = [functools.reduce(lambda text, name: text.replace(name, LABEL[name]), LABEL, page) for page in pages]

    read = read_table(dict(enumerate(named, 1)), "ilacs")

    assert grades(read, "") == graded
    assert [found.as_column for found in read.values()] == [as_column] * len(read)
    assert all(found.page == len(pages) for area, found in read.items() if area == "care_leavers")


@given(
    st.permutations(ROWS_2024),
    st.lists(st.sampled_from([GOOD, "Outstanding", "Requires improvement", BETTER]), min_size=5, max_size=5),
    st.lists(st.sampled_from([" ", "\n", " \n", "\u00a0"]), min_size=150, max_size=150),
)
def test_no_order_of_rows_and_no_break_of_lines_moves_a_grade(rows, printed, breaks):
    rows = [(label, grade) for (label, _), grade in zip(rows, printed, strict=True)]
    words = " ".join(f"{label} {grade}" for label, grade in rows).split()
    text = "".join(word + gap for word, gap in zip(words, breaks, strict=False))

    read = read_table({1: "Judgement Grade\n" + text + "\nThe council"}, "ilacs")

    ids = wordings("ilacs", "table")
    assert value_of(read) == {ids[label]: read_grade(grade) for label, grade in rows}


# Single inspections


TABLE_2015 = (
    "help_and_protection good, looked_after_and_permanence requires_improvement, adoption outstanding, "
    "care_leavers requires_improvement, leadership good"
)


@pytest.mark.parametrize(("sentence", "grade"), TEXTS["overall"])
def test_the_overall_grade_of_a_single_inspection_is_a_sentence_that_gives_one(sentence, grade):
    reading = read_pages(sif(overall=sentence))

    assert values(reading, "judgement.overall_effectiveness") == [grade]
    assert TABLE_2015 in grades(reading)
    assert values(reading, "authority published board_review")[:2] == ["Leeds City Council", "2015-03-27"]
    assert "board_review" in reading


def test_headings_of_sections_repeat_the_grades():
    care_leavers = "The graded judgement about the experiences and progress of\ncare leavers is that it requires"
    pages = [
        "The experiences and progress of\nchildren who need help and protection Good\nSummary",
        "The graded judgement for adoption performance is that it is outstanding",
        f"{care_leavers} improvement\nLeadership, management and\ngovernance Good",
    ]

    assert grades(read_pages(sif(pages=pages)), "heading.") == (
        "help_and_protection good, adoption outstanding, care_leavers requires_improvement, leadership good"
    )


# Before November 2013


def test_inspections_before_2013_say_so_themselves():
    record = "Record\nSafeguarding services\nOverall effectiveness Good\nServices for looked after children\n"

    reading = read_pages({1: PAGE["before_2013"], 2: record + "Overall effectiveness Adequate"})

    assert values(reading, "framework authority start") == ["pre_2013", "London Borough of Bromley", "2012-07-02"]
    assert values(reading, "published lead_inspector") == ["2012-08-17", "Jo Bloggs"]
    assert grades(reading) == "safeguarding good, looked_after_children adequate"


@pytest.mark.parametrize(("area", "printed", "graded"), TEXTS["before_2013"])
def test_a_grade_before_2013_is_that_of_its_number_and_of_an_area_of_ours(area, printed, graded):
    reading = read_pages({1: f"Inspection of {area}\n{NORFOLK_2013}", 5: printed})

    assert values(reading, "framework kind") == ["pre_2013", "inspection"]
    assert grades(reading) == graded


# Letters


@pytest.mark.parametrize(("said", "start", "end"), TEXTS["days_of_letters"])
def test_letters_of_monitoring_visits_give_no_grade_and_days_in_a_sentence(said, start, end):
    line = f"This letter summarises the findings of the monitoring visit to Nottingham City children’s services {said}."
    inspectors = "It was judged inadequate in July 2022. His Majesty’s Inspectors were Jo Bloggs and Al Smith."

    reading = read_pages({1: letter("Monitoring visit to Nottingham City children’s services", line, inspectors)})

    assert values(reading, "kind authority framework") == ["monitoring_visit", "Nottingham City", ""]
    assert values(reading, "start end published lead_inspector") == [start, end, "2023-04-04", "Jo Bloggs"]
    assert grades(reading) == ""


@pytest.mark.parametrize("bullet", ["-", "•", "◼", "\uf06e", "–", "n"])
def test_letters_of_focused_visits_list_what_needs_to_improve(bullet):
    title = "Focused visit to Kent County Council children’s services"
    line = "This letter summarises the focused visit to Kent children’s services on 26 to 27 April 2022."
    listed = f"{bullet} Audits.\n{bullet} Better\nsupervision.\nMain findings"

    reading = read_pages(
        {1: letter(title, line, f"What needs to improve in this area of social work practice?\n{listed}")}
    )

    assert values(reading, "kind framework authority") == ["focused_visit", "ilacs", "Kent County Council"]
    assert reading["recommendations"].value == "2"


# Lists


def test_a_list_may_go_on_over_the_page():
    second, third = "What needs to improve\n◼ One", "Inspection of Leeds 3\n◼ Two\n1. First\n◼ Not of the list"

    found = read_pages({1: front(), 2: second, 3: third})["recommendations"]

    assert (found.value, found.page, found.until) == ("2", 2, 3)


# The second reader


def test_a_reading_is_confirmed_from_the_pages_that_bear_on_it():
    pages = {page: "\n".join(f"{n}. B" for n in range(page * 10 - 19, page * 10 - 9)) for page in range(2, 8)}
    pages |= {1: front(), 2: "What needs to improve?\n◼ One\n" + pages[2], 9: "The end"}

    first = read_pages(pages)
    asked = pages_to_confirm(first)

    assert asked == [1, 2, 7, 8]
    assert value_of(read_pages({page: pages[page] for page in asked if page in pages})) == value_of(first)


def test_headings_are_asked_for_where_the_table_was_two_columns():
    labels, marks = ("\n".join(column) for column in zip(*ROWS_2024, strict=True))
    two_columns = front(rows=[(labels, marks)])

    assert 5 in pages_to_confirm(read_pages({1: two_columns, 5: f"{HELP}: good\n"}))


PRINT = {" ": "\u00a0", "ff": "\ufb00", "fi": "\ufb01", "’": "'", "\n": "\r\n", "ldr": "l\u00addr"}


@pytest.mark.parametrize(("plain", "printed"), [*PRINT.items(), ("\n", " \n\n ")])
def test_print_makes_no_difference(plain, printed):
    assert value_of(read_pages({1: front().replace(plain, printed)})) == value_of(read_pages({1: front()}))
