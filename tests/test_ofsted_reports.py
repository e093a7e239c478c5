"""Reading the text of Ofsted's reports and letters: titles, days, tables in every order, sentences, lists."""

import pytest
from childrens_services.vocabulary import JUDGEMENTS, SCALES
from hypothesis import given
from hypothesis import strategies as st
from ofsted_reports.judgement_tables import read_table, tidy_grade, wordings
from ofsted_reports.reader import opening, pages_to_confirm, read_pages

LEADERS = "The impact of leaders on social work practice with children and families"
HELP = "The experiences and progress of children who need help and protection"
JOINT = "The experiences and progress of children in care and care leavers"
CARE = "The experiences and progress of children in care"
LEAVERS = "The experiences and progress of care leavers"
OVERALL = "Overall effectiveness"
GOOD, BETTER = "Good", "Requires improvement to be good"
ROWS_2024 = [(LEADERS, GOOD), (HELP, BETTER), (CARE, "Outstanding"), (LEAVERS, "Inadequate"), (OVERALL, GOOD)]
READ_2024 = {
    "impact_of_leaders": "good",
    "help_and_protection": "requires_improvement",
    "children_in_care": "outstanding",
    "care_leavers": "inadequate",
    "overall_effectiveness": "good",
}


def table(rows):
    return "\n".join(["Judgement Grade", *(f"{label}\n{grade}" for label, grade in rows)])


def front(rows=ROWS_2024, dates="Inspection dates: 7 to 18 October 2024", title=None):
    head = title or "Inspection of Nottingham City local authority\nchildren’s services"
    lead = "Lead inspector: Jo Bloggs, His Majesty’s Inspector"
    return "\n".join([head, dates, lead, table(rows), "Services have changed since the last inspection."])


def sif(overall="Children’s services in Leeds are good", board="", pages=()):
    review = "and\nReview of the effectiveness of the Local Safeguarding Children\nBoard1\n"
    text = (
        "1\nLeeds City Council\nInspection of services for children in need of help and\n"
        f"protection, children looked after and care leavers\n{review}"
        f"Inspection date: 20 January 2015 – 11 February 2015\nReport published: 27 March 2015\n{overall}\n"
        "1. Children who need help and protection Good\n2. Children looked after and achieving\npermanence\n"
        "Requires improvement\n2.1 Adoption performance Outstanding\n2.2 Experiences and progress of care leavers\n"
        f"Requires\nImprovement\n3. Leadership, management and governance Good\n{board}"
    )
    return dict(enumerate([text, *pages], 1))


def grades(reading):
    return {key.split(".")[1]: found.value for key, found in reading.items() if key.startswith("judgement.")}


def values(reading, *names):
    return tuple(reading[name].value if name in reading else None for name in names)


# Titles


def test_a_report_is_read_whole():
    body = "\n".join(
        ["What needs to improve?", "◼ Supervision.", "◼ Plans that", "are clear.", f"{HELP}:", BETTER.lower(),
         "1. First.", "2. Second.", f"{CARE}: outstanding", "3. Third.", "4. Fourth."]
    )  # fmt: skip

    reading = read_pages({1: front(), 2: body})

    assert grades(reading) == READ_2024
    assert values(reading, "authority", "framework", "kind", "start", "end", "published") == (
        "Nottingham City local authority", "ilacs", "inspection", "2024-10-07", "2024-10-18", None)  # fmt: skip
    assert values(reading, "lead_inspector", "recommendations", "paragraphs") == ("Jo Bloggs", "2", "4")
    assert values(reading, "heading.help_and_protection", "heading.children_in_care") == (
        "requires_improvement", "outstanding")  # fmt: skip
    assert (reading["recommendations"].page, reading["judgement.care_leavers"].page) == (2, 1)
    assert reading["judgement.help_and_protection"].wording == f"{HELP}: {BETTER}"


@pytest.mark.parametrize(
    ("title", "authority", "kind"),
    [
        ("Inspection of Cumberland local \nauthority children’s services", "Cumberland local authority", "inspection"),
        (
            "Inspection of the Royal Borough of \nGreenwich children's services",
            "Royal Borough of Greenwich",
            "inspection",
        ),
        ("1\nLeeds City Council\nInspection of children’s social care services", "Leeds City Council", "inspection"),
        (
            "1 \nKent County\nCouncil\nInspection of local authority children’s services",
            "Kent County Council",
            "inspection",
        ),
        ("Short inspection of Bury local authority children’s services", "Bury local authority", "short_inspection"),
    ],
)
def test_every_title_of_an_ilacs_report_is_known(title, authority, kind):
    reading = read_pages({1: front(title=title)})

    assert values(reading, "authority", "framework", "kind") == (authority, "ilacs", kind)


def test_the_length_of_a_visit_says_nothing_about_its_kind():
    week, fortnight = (read_pages({1: front(dates=f"Inspection dates: 4 to {last} March 2024")}) for last in (8, 15))

    assert week["kind"].value == fortnight["kind"].value == "inspection"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Minutes of the scrutiny committee, 5 September 2022. The inspection of Leeds City Council children’s services "
        "was discussed.",
        "Inspectors made a focused visit to Leeds children’s services last spring, the council said.",
        "Annual report of the virtual school",
    ],
)
def test_what_others_write_about_an_inspection_is_not_a_report(text):
    assert read_pages({1: text}) == {}


def test_the_opening_of_a_text_is_one_short_line():
    assert opening({1: "Minutes of\x1b[31m the\nboard " + "and so on " * 20}).startswith("Minutes of[31m the board and")


# Days


@pytest.mark.parametrize(
    ("printed", "start", "end"),
    [
        ("Inspection dates: 7 to 18 October 2024", "2024-10-07", "2024-10-18"),
        (
            "Inspection date: 11\u00a0–\u00a022 July 2022",
            "2022-07-11",
            "2022-07-22",
        ),  # singular, no-break spaces, en dash
        ("Inspection dates: 19 November–30 November 2018", "2018-11-19", "2018-11-30"),
        ("Inspection dates: 5 November 2018 to 16 November 2018", "2018-11-05", "2018-11-16"),
        ("Inspection dates: 24 January \nto 4 February 2022", "2022-01-24", "2022-02-04"),
        ("Inspection dates 28 November to 9 December 2022", "2022-11-28", "2022-12-09"),
        ("Inspection dates: 12 December 2022 to 13 January 2023", "2022-12-12", "2023-01-13"),
        ("Inspection dates: 8 July 2019 to 19 July 2019 and 7 August 2019", "2019-07-08", "2019-08-07"),
        ("Inspection dates: 8, 9 and 10 July 2019", "2019-07-08", "2019-07-10"),
        ("Inspection dates: Monday 7 to Friday 18 October 2024", "2024-10-07", "2024-10-18"),
        ("Inspection dates: 1st to 5th July 2024", "2024-07-01", "2024-07-05"),
    ],
)
def test_days_of_fieldwork_are_read_however_they_are_printed(printed, start, end):
    assert values(read_pages({1: front(dates=printed)}), "start", "end") == (start, end)


@pytest.mark.parametrize(
    "printed",
    [
        "Inspection dates: October 2024",
        "Inspection dates: 18 October 2024 to 7 October 2024",
        "Inspection dates: 31 June 2024 to 4 July 2024",
        "Inspection dates: 6 July 2015 \ufffd 30 July 2015",  # the joint is lost, and with it what it meant
        "Inspection dates: 6 July 2015 through 30 July 2015",
        "Inspection dates: to be confirmed",
    ],
)
def test_days_that_are_in_doubt_are_not_read(printed):
    assert values(read_pages({1: front(dates=printed)}), "start", "end") == (None, None)


def test_days_of_earlier_visits_are_not_taken_for_the_inspection():
    reading = read_pages({1: front(dates="Published in haste") + "\nA visit on 4 and 5 February 2020 found much."})

    assert "start" not in reading


# Tables


@pytest.mark.parametrize(
    ("year", "rows", "judgements"),
    [
        (2022, [(LEADERS, GOOD), (HELP, GOOD), (JOINT, BETTER), (OVERALL, GOOD)],
         {"impact_of_leaders", "help_and_protection", "children_in_care_and_care_leavers", "overall_effectiveness"}),
        (2026, [(LEADERS, GOOD), (HELP, GOOD), (CARE, BETTER), (LEAVERS, GOOD)],
         {"impact_of_leaders", "help_and_protection", "children_in_care", "care_leavers"}),
    ],
)  # fmt: skip
def test_joint_and_split_judgements_and_none_overall(year, rows, judgements):
    reading = read_pages({1: front(rows, f"Inspection dates: 11 to 22 May {year}") + "\nGood leaders matter."})

    assert set(grades(reading)) == judgements


def test_the_short_form_of_a_grade_is_the_same_grade_in_its_own_words():
    reading = read_pages({1: front([(LEADERS, GOOD), (HELP, "Requires improvement"), (JOINT, GOOD), (OVERALL, GOOD)])})

    assert reading["judgement.help_and_protection"].value == "requires_improvement"
    assert reading["judgement.help_and_protection"].wording.endswith(": Requires improvement")


@pytest.mark.parametrize(
    "row",
    [
        "The experiences and progress of children who\nGood\nneed help and protection",
        "The experiences and progress of children who need help and protection Good",
        "The experiences and progress of\nchildren who need help and protection \nGood  ",
        "The experiences and progress of children who need help and protection\nGOOD1",
        "The experiences and progress of children who need help and protection2\nGood.",
    ],
)
def test_a_grade_is_read_wherever_it_stands_in_its_row(row):
    text = f"Judgement Grade\n{LEADERS}\nInadequate\n{row}\n{CARE}\nOutstanding\n{OVERALL} Inadequate\nTo improve"

    assert read_table({1: text}, "ilacs")["help_and_protection"].value == "good"


def test_a_grade_that_wraps_on_both_sides_of_its_label_is_one_grade():
    row = "The impact of leaders on social work practice with children\nRequires improvement\nand families\nto be good"
    text = f"Judgement Grade\n{row}\n{HELP}\nGood\n{CARE}\nGood\n{OVERALL} Requires\nimprovement to be good\nTo do"

    read = read_table({1: text}, "ilacs")

    assert {key: found.value for key, found in read.items()} == {
        "impact_of_leaders": "requires_improvement", "help_and_protection": "good", "children_in_care": "good",
        "overall_effectiveness": "requires_improvement"}  # fmt: skip


@pytest.mark.parametrize("heading", ["Judgement Grade\n{}\n{}", "Judgement\n{}\nGrade\n{}"])
def test_labels_and_grades_in_two_columns_are_paired_in_order_and_marked(heading):
    labels, marks = ("\n".join(part) for part in zip(*ROWS_2024, strict=True))

    read = read_table({1: heading.format(labels, marks)}, "ilacs")

    assert {key: found.value for key, found in read.items()} == READ_2024
    assert all(found.as_column for found in read.values())


def test_a_column_that_lacks_a_grade_gives_none():
    labels, marks = "\n".join(label for label, _ in ROWS_2024), "\n".join([GOOD] * 4)

    assert read_table({1: f"{labels}\n{marks}\nThe council"}, "ilacs") == {}


def test_a_row_without_a_grade_does_not_take_its_neighbours():
    rows = [(LEADERS, GOOD), (HELP, ""), (CARE, "Outstanding"), (LEAVERS, GOOD), (OVERALL, GOOD)]

    read = read_table({1: table(rows)}, "ilacs")

    assert set(read) == {"impact_of_leaders", "care_leavers", "overall_effectiveness"}


def test_grades_before_their_labels_are_not_read():
    text = "\n".join(f"{grade}\n{label}" for label, grade in ROWS_2024)

    assert read_table({1: f"Judgement\n{text}"}, "ilacs") == {}


def test_a_table_may_go_on_over_the_page():
    first, second = table(ROWS_2024[:3]), "Inspection of Leeds\n7 to 18 October 2024 2\n" + table(ROWS_2024[3:])[16:]

    read = read_table({1: first, 2: second}, "ilacs")

    assert read["care_leavers"].value == "inadequate"
    assert read["care_leavers"].page == 2


def test_a_sentence_with_the_same_words_is_not_a_table():
    assert read_table({1: f"{HELP}, {CARE} and {LEAVERS} good."}, "ilacs") == {}


@given(
    st.permutations(ROWS_2024),
    st.lists(st.sampled_from([*SCALES["four_point_2013"][:2], "requires improvement", BETTER]), min_size=5, max_size=5),
    st.lists(st.sampled_from([" ", "\n", " \n", "\u00a0"]), min_size=150, max_size=150),
)
def test_no_order_of_rows_and_no_break_of_lines_moves_a_grade(rows, printed, breaks):
    rows = [(label, grade.capitalize()) for (label, _), grade in zip(rows, printed, strict=True)]
    words = " ".join(f"{label} {grade}" for label, grade in rows).split()
    text = "".join(word + gap for word, gap in zip(words, breaks, strict=False))

    read = read_table({1: "Judgement Grade\n" + text + "\nThe council"}, "ilacs")

    ids = wordings("ilacs", "table")
    assert {key: found.value for key, found in read.items()} == {ids[label]: tidy_grade(grade) for label, grade in rows}


def test_every_wording_is_of_a_judgement_we_know():
    known = {(str(each.framework), each.judgement) for each in JUDGEMENTS}

    listed = {
        (name, j) for name in ("ilacs", "sif") for place in ("table", "heading") for j in wordings(name, place).values()
    }

    assert {(str(f), j) for f, j in listed if (f, j) not in known} == set()


# Single inspections


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("Children’s services in Leeds are good", "good"),
        (
            "Children’s services in the London Borough of Lewisham require\nimprovement to be good",
            "requires_improvement",
        ),
        ("Children’s services in Walsall requires improvement to be good", "requires_improvement"),
        ("Children’s services require improvement to be good", "requires_improvement"),
        ("The overall judgement is requires improvement.", "requires_improvement"),
        ("The overall judgement is that children’s services are\ninadequate", "inadequate"),
        ("The overall judgement is good\nThe local authority leads effective services.", "good"),
        ("Children’s services in St. Helens are outstanding", "outstanding"),
        ("Overall effectiveness Inadequate", "inadequate"),
    ],
)
def test_the_overall_grade_of_a_single_inspection_is_a_sentence(sentence, grade):
    reading = read_pages(sif(overall=sentence))

    assert grades(reading) == {
        "overall_effectiveness": grade, "help_and_protection": "good", "adoption": "outstanding",
        "looked_after_and_permanence": "requires_improvement", "care_leavers": "requires_improvement",
        "leadership": "good"}  # fmt: skip
    assert values(reading, "authority", "published", "board_review") == ("Leeds City Council", "2015-03-27", "yes")


@pytest.mark.parametrize(
    "sentence",
    [
        "Children’s services in Leeds are no longer inadequate",
        "The overall judgement is that children’s services are not yet good",
        "The authority is not yet delivering good protection.",
        "Children’s services in Leeds are good. The overall judgement is requires improvement",
    ],
)
def test_a_sentence_that_gives_no_grade_or_two_is_not_read(sentence):
    assert "overall_effectiveness" not in grades(read_pages(sif(overall=sentence)))


@pytest.mark.parametrize(
    ("board", "pages", "grade"),
    [
        ("The effectiveness of the Local Safeguarding Children Board (LSCB) is\ninadequate.\nIt", [], "inadequate"),
        ("The effectiveness of the Local Safeguarding Children Board (LSCB)\nrequires improvement.", [],
         "requires_improvement"),
        ("The judgement for the effectiveness of the Local Safeguarding Children\nBoard is requires improvement.", [],
         "requires_improvement"),
        ("", ["The Local Safeguarding Children Board (LSCB)\nThe Local Safeguarding Children Board is good\n"], "good"),
        ("", ["2", "The Local Safeguarding Children Board requires improvement\nto be good\n"], "requires_improvement"),
        ("", ["The effectiveness of the Swindon Safeguarding Children Board (SSCB) is \ngood.\n"], "good"),
        ("", ["Contents\nThe Local Safeguarding Children Board 40", "the Local Safeguarding Children Board is good at"],
         None),
    ],
)  # fmt: skip
def test_the_grade_of_the_safeguarding_board_is_read_beside_the_authoritys(board, pages, grade):
    assert grades(read_pages(sif(board=board, pages=pages))).get("lscb") == grade


def test_headings_of_sections_repeat_the_grades():
    pages = ["The experiences and progress of\nchildren who need help and protection Good\nSummary",
             "The graded judgement for adoption performance is that it is outstanding",
             "The graded judgement about the experiences and progress of\ncare leavers is that it requires "
             "improvement\n"
             "Leadership, management and\ngovernance Good"]  # fmt: skip

    reading = read_pages(sif(pages=pages))

    headings = {key[len("heading.") :]: each.value for key, each in reading.items() if key.startswith("heading.")}
    assert headings == {"help_and_protection": "good", "adoption": "outstanding", "leadership": "good",
                        "care_leavers": "requires_improvement"}  # fmt: skip


# Before November 2013


def test_inspections_before_2013_say_so_themselves():
    front_page = (
        "Inspection of safeguarding and looked after children services\nLondon Borough of Bromley\n"
        "Inspection dates: 2 – 13 July 2012\nReporting inspector Jo Bloggs HMI\nPublished: 17 August 2012"
    )
    record = "Record\nSafeguarding services\nOverall effectiveness Good\nServices for looked after children\n"

    reading = read_pages({1: front_page, 2: record + "Overall effectiveness Adequate"})

    assert values(reading, "framework", "authority", "start", "published", "lead_inspector") == (
        "pre_2013", "London Borough of Bromley", "2012-07-02", "2012-08-17", "Jo Bloggs")  # fmt: skip
    assert grades(reading) == {"safeguarding": "good", "looked_after_children": "adequate"}


@pytest.mark.parametrize(
    ("printed", "grade"), [("Grade 4 (inadequate)", "inadequate"), ("Grade 4 (good)", None), ("Grade 3", None)]
)
def test_a_numbered_grade_must_be_the_grade_of_its_number(printed, grade):
    front_page = (
        "Inspection of looked after children \nservices\nNorfolk County Council\nInspection dates: 8 – 12 July 2013\n"
        "Reporting inspector Jo Bloggs HMI\nPublished: 16 August 2013"
    )

    reading = read_pages(
        {1: front_page, 5: f"Overall effectiveness of services for looked\nafter children\n{printed}\n8. Text"}
    )

    assert grades(reading).get("looked_after_children") == grade


def test_grades_that_are_not_ours_are_not_forced_into_our_areas():
    text = (
        "Inspection of local authority arrangements for the protection of children\nNorfolk County Council\n"
        "Inspection dates: 28 January – 6 February 2013\nLead inspector Jo Bloggs HMI\nPublished: 15 February 2013\n"
    )

    reading = read_pages({1: text, 2: "Overall effectiveness Inadequate\nThe quality of practice Adequate"})

    assert values(reading, "framework", "kind") == ("pre_2013", "inspection")
    assert grades(reading) == {}


# Letters


def letter(title, opening_line, more=""):
    return (
        f"Piccadilly Gate\n\n4 April 2023\n\nAnne Other\nDirector of Children’s Services\n\nDear Anne\n{title}\n"
        f"{opening_line}\n{more}\nYours sincerely\n\nJo Bloggs\nHis Majesty’s Inspector"
    )


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("on 28 February and 1 March 2023", "2023-02-28", "2023-03-01"),
        ("on 26 to 27 April 2022", "2022-04-26", "2022-04-27"),
        ("on 3 and 4 July 2018", "2018-07-03", "2018-07-04"),
        ("on Tuesday 14 March and Wednesday 15 March 2017", "2017-03-14", "2017-03-15"),
        ("on 12 November 2024", "2024-11-12", "2024-11-12"),
        ("on 14 & 15 March 2023", "2023-03-14", "2023-03-15"),
        ("on 14 and 15 March", "2023-03-14", "2023-03-15"),  # the year is the letter's
    ],
)
def test_letters_of_monitoring_visits_give_no_grade_and_days_in_a_sentence(said, start, end):
    line = f"This letter summarises the findings of the monitoring visit to Nottingham City children’s services {said}."
    inspectors = (
        "It was judged inadequate in July 2022. His Majesty’s Inspectors for this visit were Jo Bloggs and Al Smith."
    )

    reading = read_pages({1: letter("Monitoring visit to Nottingham City children’s services", line, inspectors)})

    assert values(reading, "kind", "authority", "start", "end", "published", "lead_inspector", "framework") == (
        "monitoring_visit", "Nottingham City", start, end, "2023-04-04", "Jo Bloggs", None)  # fmt: skip
    assert grades(reading) == {}


def test_a_letters_framework_is_the_one_it_names():
    named = "This was in line with the inspection of local authority children’s services (ILACS) framework."
    line = "This letter summarises the findings of the monitoring visit on 3 and 4 July 2018."

    reading = read_pages({1: letter("Monitoring visit of Bury’s children’s services", line, named)})

    assert values(reading, "framework", "authority") == ("ilacs", "Bury")


@pytest.mark.parametrize("bullet", ["-", "•", "◼", "\uf06e", "–", "n"])
def test_letters_of_focused_visits_list_what_needs_to_improve(bullet):
    line = (
        "This letter summarises the findings of the focused visit to Kent children’s services on 26 to 27 April 2022."
    )
    more = (
        f"What needs to improve in this area of social work practice?\n{bullet} Audits.\n{bullet} Better\nsupervision."
    )

    reading = read_pages(
        {1: letter("Focused visit to Kent County Council children’s services", line, more + "\nMain findings")}
    )

    assert values(reading, "kind", "framework", "authority", "recommendations") == (
        "focused_visit", "ilacs", "Kent County Council", "2")  # fmt: skip


def test_joint_targeted_area_inspections_are_told_apart():
    title = "Joint targeted area inspection of the multi-agency response to abuse and neglect in Dorset"
    line = "Between 11 and 15 December 2017, Ofsted and others undertook a joint inspection."

    reading = read_pages({1: letter(title, line)})

    assert values(reading, "kind", "framework", "authority", "start", "end") == (
        "jtai", None, "Dorset", "2017-12-11", "2017-12-15")  # fmt: skip


# Lists


@pytest.mark.parametrize(
    ("numbered", "count"),
    [
        ("1. One\n2. Two\n3. Three\n4. Four", "4"),
        ("1.One\n2 . Two\n3. Three", "3"),
        ("1. One\n2 Two without a stop\n3. Three", "3"),
        ("1. One\n2. Two\nin 2019\n3. Three\n16. Years is an age", "3"),
        ("1. One\n2. Two\n7. Seven", None),
        ("1. One\n2. Two\n3. Three\n1. Again\n2. Again\n3. Again\n", None),
    ],
)
def test_numbered_paragraphs_are_counted_where_the_numbering_runs_on(numbered, count):
    assert values(read_pages({1: front(), 2: numbered}), "paragraphs") == (count,)


@pytest.mark.parametrize(
    ("listed", "count"),
    [
        ("Recommendations\n1. One\n2. Two\n12. Of another list\nSummary for children and young people\n3. Three", "2"),
        ("What does the local authority need to improve?\nPriority and immediate action\n"
         "9. The inspection did not find any areas for priority and immediate action.\nAreas for improvement\n"
         "10. Ten\n11. Eleven\nInformation about this inspection\n12. Twelve", "2"),
        ("Recommendations 8\nSummary 9", None),
        ("The Local Safeguarding Children Board (LSCB)\nRecommendations\n1. One\n2. Two", None),
    ],
)  # fmt: skip
def test_recommendations_are_counted_in_the_authoritys_own_list(listed, count):
    assert values(read_pages(sif(pages=[listed])), "recommendations") == (count,)


def test_a_list_may_go_on_over_the_page():
    pages = {
        1: front(),
        2: "What needs to improve\n◼ One",
        3: "Inspection of Leeds 3\n◼ Two\n1. First\n◼ Not of the list",
    }

    found = read_pages(pages)["recommendations"]

    assert (found.value, found.page, found.until) == ("2", 2, 3)


# The second reader


def test_a_reading_is_confirmed_from_the_pages_that_bear_on_it():
    body = {
        page: f"{page * 10 - 19}. A\n" + "\n".join(f"{n}. B" for n in range(page * 10 - 18, page * 10 - 9))
        for page in range(2, 8)
    }
    pages = {1: front(), **body, 9: "The end"}
    pages[2] = "What needs to improve?\n◼ One\n" + pages[2]

    first = read_pages(pages)
    asked = pages_to_confirm(first)
    second = read_pages({page: pages[page] for page in asked if page in pages})

    assert asked == [1, 2, 7, 8]
    assert {key: found.value for key, found in second.items()} == {key: found.value for key, found in first.items()}


def test_headings_are_asked_for_where_the_table_was_two_columns():
    labels, marks = ("\n".join(part) for part in zip(*ROWS_2024, strict=True))
    head = front().split("Judgement Grade")[0]

    reading = read_pages({1: f"{head}{labels}\n{marks}\nThe council", 5: f"{HELP}: good\n"})

    assert 5 in pages_to_confirm(reading)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace("ff", "\ufb00").replace("fi", "\ufb01"),
        lambda text: text.replace("’", "'"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("children", "chil\u00addren"),
        lambda text: text.replace("\n", "  \n\n "),
    ],
)  # fmt: skip
def test_print_makes_no_difference(change):
    plain, printed = read_pages({1: front()}), read_pages({1: change(front())})

    assert {key: found.value for key, found in printed.items()} == {key: found.value for key, found in plain.items()}
