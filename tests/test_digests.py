"""Tables that were torn, cut or altered are not read, and rows do not go missing in silence."""

import pandas as pd
import pytest
from childrens_services import digests, tables

DAY = "2022-09-05"


def themes(*names: str) -> pd.DataFrame:
    rows = [{"theme": name, "covers": "x", "source_id": "report", "published": DAY} for name in names]
    return pd.DataFrame(rows)


@pytest.fixture
def folder(own_data):
    tables.store({"themes": themes("a", "b", "c")}, curated={"themes": 3})
    return own_data / "tidy"


def test_what_was_written_is_noted_and_what_is_noted_of_other_tables_stays(folder):
    assert digests.read(folder)["tidy"]["themes.csv"]["rows"] == {"report": len(tables.load("themes"))}

    tables.store({"units": pd.DataFrame([{"unit": "cases", "about": "x", "source_id": "report", "published": DAY}])})

    assert set(digests.read(folder)["tidy"]) == {"themes.csv", "units.csv"}
    assert digests.read(folder)["curated"] == {"themes": 3}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda text: text[: text.rstrip().rfind("\n") + 1],
            r"themes.csv: not the table that was written \(\d+ bytes, ",
        ),
        (lambda text: text.replace("a,x", "z,x"), r".* \(its SHA-256 is another\): it was altered, or `make data` was"),
    ],
    ids=["cut at a line end", "altered"],
)
def test_a_table_that_is_not_the_one_that_was_written_is_not_loaded(change, words, folder):
    path = folder / "themes.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(tables.TableError, match=f"^{words}"):
        tables.load("themes")


def test_digests_that_cannot_be_read_are_told_and_without_any_a_table_is_loaded(folder):
    noted = folder.parent / "digests.json"
    noted.write_text("{", encoding="utf-8")
    with pytest.raises(tables.TableError, match=r"^data/digests.json: cannot be read .*; run `make data`, or restore"):
        tables.load("themes")

    noted.unlink()
    assert len(tables.load("themes")) == 3


def test_fewer_rows_than_last_time_are_refused_and_more_are_not(folder):
    digests.refuse_fewer(folder, {"themes.csv": {"report": 1, "letter": 3}}, {"themes": 3, "units": 1})

    with pytest.raises(digests.DigestError) as caught:
        digests.refuse_fewer(folder, {"themes.csv": {"report": 1, "letter": 1}}, {"themes": 2})

    assert str(caught.value).splitlines() == [
        f"data/{name}.csv: found 2 rows, expected 3 or more, as at the last `make data`; restore what is "
        f"lost{what}, or run `childrens-services data --fewer` where the rows are meant to go"
        for name, what in (("curated/themes", ""), ("tidy/themes", " of report"))
    ]


def test_what_a_killed_run_left_is_swept(folder):
    (folder.parent / ".tidy.part").mkdir()

    tables.store({"themes": themes("a", "b", "c")})

    assert [path.name for path in folder.parent.glob(".*")] == []
