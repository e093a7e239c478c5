"""The front page is short, and tells of grades and spending only where there are many to tell of."""

from notebook_cells import NAMES, run

FRONT, LASTING = (next(name for name in NAMES if name.startswith(number)) for number in ("00", "08"))


def test_a_few_councils_say_nothing_of_grades_and_spending():
    assert "money-and-grades" in run(LASTING).titles()
    assert "money-and-grades" not in run(LASTING, "mid 2019").titles()


def test_the_short_answer_has_at_most_120_words_and_the_page_400_before_its_chart():
    texts = [value.sentences for value in run(FRONT).values if hasattr(value, "sentences")]
    short = " ".join(sentence.text for sentence in texts[1])

    assert len(short.split()) <= 120
    assert len(" ".join(run(FRONT).said()).split()) <= 400
