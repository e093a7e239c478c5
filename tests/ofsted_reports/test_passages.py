"""What needs to improve and the paragraphs of a report, as texts for whoever has the file."""

from ofsted_reports.lists import read_passages

FRONT = "Inspection of Leeds children's services\n1. A row of the table\n2. Another\n3. A third\n"
FOOT = "Inspection of Leeds\n1 to 5 July 2024 {}\n"
PAGES = {
    1: FRONT,
    2: FOOT.format(2)
    + "What needs to improve?\n■ The quality of\nplans for children.\n■ Supervision.\n1. Plans are\nclear.\n",
    3: FOOT.format(3) + "2. Visits are in time.\nThe impact of leaders: good\n3 Leaders know\ntheir services.\nDon\n",
    4: FOOT.format(4),
}


def told(pages, most=10_000):
    return [(one.kind, one.number, one.page, one.text) for one in read_passages(pages, most)]


def test_items_and_numbered_paragraphs_are_whole_and_without_heads_of_pages():
    assert told(PAGES) == [
        ("improve", "", 2, "The quality of plans for children."),
        ("improve", "", 2, "Supervision."),
        ("paragraph", "1", 2, "Plans are clear."),
        ("paragraph", "2", 3, "Visits are in time."),
        ("paragraph", "3", 3, "Leaders know their services."),
    ]


def test_a_letter_without_numbers_is_parted_where_a_short_line_ends_a_sentence():
    long = "Social workers visit children in line with what each of their plans asks for and"
    letter = {1: "Dear Sir\n", 2: f"{long}\nthey write it down.\n{long}\nthey know them well.\nYours\n"}

    assert [text for *_, text in told(letter)] == [
        f"Dear Sir {long} they write it down.",
        f"{long} they know them well.",
    ]


def test_an_empty_text_has_no_passages_and_no_more_letters_are_given_out_than_asked_for():
    assert told({}) == told({1: ""}) == []
    assert [text for *_, text in told(PAGES, 50)] == ["The quality of plans for children.", "Supervision."]
