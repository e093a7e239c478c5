"""How long improvement takes: estimates called so, chances conditional, one newest day."""

import pytest
from notebook_cells import NAMES, run

LASTING = next(name for name in NAMES if name.startswith("08"))


@pytest.mark.parametrize(
    "said",
    [
        "An estimated half of inadequate grades in England last more than three and a half years.",
        "Of 33 such spells 13 have ended.",
        "Of grades that have lasted as long as Nottingham's, a third are estimated to last another year.",
        "Nottinghamshire has not been graded inadequate overall under this framework.",
        "Of 15 inadequate grades with a known successor, 13 were followed by a better grade and two by another "
        "inadequate one.",
        "Half of all reports in England came out within 52 days of the first day of the inspection.",
    ],
)
def test_the_page_says(said):
    assert said in run(LASTING).text()


def test_the_sixteen_of_a_day_are_listed_with_what_became_of_each():
    table = next(value for value in run(LASTING, "before the 2024 report").values if hasattr(value, "rows"))

    assert table.columns[:2] == ("Council", "Inadequate since")
    assert "still inadequate when last known" in {row[2].text for row in table.rows}


def test_without_comparison_no_other_council_is_named():
    assert "Luton" not in run(LASTING, "alone").text() and "Bradford" not in run(LASTING, "alone").text()
