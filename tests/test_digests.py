"""Tables that were torn, cut or altered are not read, and rows do not go missing in silence."""

import json

import pandas as pd
import pytest
from childrens_services import digests, paths, tables

DAY = "2022-09-05"


def themes(*names: str) -> pd.DataFrame:
    rows = [{"theme": name, "covers": "x", "source_id": "report", "published": DAY} for name in names]
    return pd.DataFrame(rows)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "TIDY", tmp_path / "tidy")
    tables.store({"themes": themes("a", "b", "c")}, curated={"themes": 3})
    return tmp_path / "tidy"


def test_what_was_written_is_noted_and_loaded(folder):
    noted = json.loads((folder.parent / "digests.json").read_text(encoding="utf-8"))

    assert noted["curated"] == {"themes": 3}
    assert noted["tidy"]["themes.csv"]["rows"] == {"report": len(tables.load("themes"))} == {"report": 3}
    assert noted["tidy"]["themes.csv"]["bytes"] == (folder / "themes.csv").stat().st_size


def test_a_table_cut_at_a_line_end_or_altered_is_not_loaded(folder):
    path = folder / "themes.csv"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[: whole.rstrip().rfind("\n") + 1], encoding="utf-8")

    with pytest.raises(tables.TableError, match=r"^themes.csv: not the table that was written \(\d+ bytes, \d+ were "):
        tables.load("themes")
    path.write_text(whole.replace("a,x", "z,x"), encoding="utf-8")
    with pytest.raises(
        tables.TableError, match=r"\(its SHA-256 is another\): it was altered, or `make data` was stopped"
    ):
        tables.load("themes")


def test_digests_that_cannot_be_read_are_told(folder):
    (folder.parent / "digests.json").write_text("{", encoding="utf-8")

    with pytest.raises(tables.TableError, match=r"^data/digests.json: cannot be read .*; run `make data`, or restore"):
        tables.load("themes")


def test_a_folder_without_digests_is_loaded(folder):
    (folder.parent / "digests.json").unlink()

    assert len(tables.load("themes")) == 3


def test_what_is_noted_of_other_tables_stays(folder):
    units = pd.DataFrame([{"unit": "cases", "about": "x", "source_id": "report", "published": DAY}])

    tables.store({"units": units})

    assert set(digests.read(folder)["tidy"]) == {"themes.csv", "units.csv"}
    assert digests.read(folder)["curated"] == {"themes": 3}


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

    assert sorted(path.name for path in folder.parent.iterdir()) == ["digests.json", "tidy"]
