"""How long improvement takes: what became of the sixteen."""

from notebook_cells import NAMES, run

LASTING = next(name for name in NAMES if name.startswith("08"))


def test_the_sixteen_of_a_day_are_listed_with_what_became_of_each():
    table = run(LASTING, "before the 2024 report").tables()[0]

    assert table.columns[:2] == ("Council", "Inadequate since")
    assert "still inadequate" in {row[2].text for row in table.rows}
