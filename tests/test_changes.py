"""What changed: rows, numbers and sentences, why, and in which words."""

import io
import json
import subprocess

import pandas as pd
import pytest
from childrens_services import cli, paths, tables
from childrens_services.changes import compare, numbers, rows, sides, told
from childrens_services.changes.rows import CODE, CORRECTION, NEW_RELEASE, REVISION, Held, why
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

EDITION = "nottingham-and-nottinghamshire"


def frame(text):
    return pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)


# Rows of a table.

OLD = frame("area,year,value,source_id,published\nE1,2024,5,s,2025-01-01\nE2,2024,6,s,2025-01-01\n")
NEW = frame("area,year,value,source_id,published\nE1,2024,7,s,2025-01-01\nE1,2025,8,t,2026-01-01\n")


def test_rows_are_added_revised_or_gone_by_their_key():
    found = rows.differences(OLD, NEW, ["area", "year"])

    assert found[["row", "change", "column", "old", "new", "source_id", "published"]].to_numpy().tolist() == [
        ["E1 2025", "added", "value", "", "8", "t", "2026-01-01"],
        ["E2 2024", "gone", "value", "6", "", "s", "2025-01-01"],
        ["E1 2024", "revised", "value", "5", "7", "s", "2025-01-01"],
    ]
    without_key = rows.differences(OLD.drop(columns="year"), NEW, ["area", "year"])
    assert without_key["change"].tolist() == ["added", "added", "gone", "gone"]


FRAMES = st.dictionaries(st.sampled_from(["a 1", "a 2", "b 1"]), st.tuples(st.text(), st.text()))


@settings(max_examples=40)
@given(FRAMES, FRAMES)
def test_the_changes_applied_to_the_old_rows_give_the_new(before, after):
    of_rows = (
        pd.DataFrame([[*key.split(), *cells] for key, cells in each.items()], columns=[*"klxy"], dtype="str")
        for each in (before, after)
    )
    found = rows.differences(*of_rows, ["k", "l"])

    told = {(key, column): cell for key, cells in before.items() for column, cell in zip("xy", cells, strict=True)}
    for one in found.query("change == 'revised'").itertuples():
        assert told[one.row, one.column] == one.old != one.new
        told[one.row, one.column] = one.new
    assert all((told[key, "x"], told[key, "y"]) == after[key] for key in before.keys() & after)
    assert set(found.query("change == 'added'")["row"]) == after.keys() - before.keys()
    assert set(found.query("change == 'gone'")["row"]) == before.keys() - after.keys()


# Why.

DAY = "2025-01-01"
HELD = Held(DAY, {"file": "aa", "paper": ""}, {"file": "aa", "paper": "", "new": "cc"}, frozenset({"paper"}))


REASONS = [
    ("new", "2024-01-01", HELD, NEW_RELEASE),
    ("file", "2025-01-02", HELD, NEW_RELEASE),
    ("file new", DAY, HELD, NEW_RELEASE),
    ("file", DAY, HELD, CODE),
    ("file", DAY, Held(DAY, {"file": "aa"}, {"file": "bb"}), REVISION),
    ("file", DAY, Held(DAY, {"file": "aa"}, {}), REVISION),
    ("paper", DAY, HELD, CORRECTION),
    ("paper", DAY, Held(DAY, {"paper": ""}, {"paper": ""}), CODE),
    ("paper", DAY, Held(DAY, {"paper": ""}, {}, None), CORRECTION),
    ("file", DAY, Held(DAY, {"file": "aa"}, {"file": "aa"}, None), CODE),
    ("file", DAY, Held(DAY, {"file": "aa"}, {"file": "aa"}, frozenset({""})), CORRECTION),
]


def test_why_a_row_changed():
    assert [why(source, day, held) for source, day, held, _ in REASONS] == [expected for *_, expected in REASONS]


# Numbers, sentences and charts.

HEADING = "number_id,text,value,how,table,rows,sources,notebooks\n"


def printed(*lines):
    return frame(HEADING + "\n".join(lines))


RATE = "as published,observations,{} rate {},s,04"
E1, E2, E1_LATER, E2_LATER = (RATE.format(area, year) for year in (2025, 2026) for area in ("E1", "E2"))
OTHER = "other,events,{},s,01"
VISITS = "visits,events,{},s,01"


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ([f"n1,8.9,8.95,{E1}"], [f"n2,8.9,8.95,{E1}"], []),
        ([f"n1,8.9,8.95,{E1}"], [f"n2,9.0,8.95,{E1}"], [("8.9", "9.0")]),
        ([f"n1,8.9,8.95,{E1}"], [f"n2,8.9,8.951,{E1}"], []),  # in print the same
        ([f"a,5,5,{E1}", f"b,6,6,{E2}"], [f"c,7,7,{E1_LATER}", f"d,8,8,{E2_LATER}"], [("5", "7"), ("6", "8")]),
        ([f"a,two,2,{VISITS.format('e1; e2')}"], [f"a,three,3,{VISITS.format('e1; e2; e3')}"], [("two", "three")]),
        (
            [f"b,4,4,{OTHER.format('e1')}", f"c,5,5,{OTHER.format('e2')}"],
            [f"b,4,4,{OTHER.format('e9')}"],
            [("", "4"), ("4", ""), ("5", "")],
        ),
    ],
    ids=["another id", "another text", "another value", "the next year", "alone of its kind", "one of many"],
)
def test_a_number_is_followed_by_what_it_is_and_not_by_its_id(old, new, pairs):
    found = numbers.moved(printed(*old), printed(*new))

    assert sorted(zip(found["old"], found["new"], strict=True)) == pairs


GRADE = "n1,{0},{0},grade,judgements,e1 leadership,ods,04"
README = "# Two councils\n\n**Headline**\n\nA fell to {n}.\n\n## What happened?\n\nB stands.\n\n### Fell to {n}\n\n"


def write_edition(folder, n, *lines):
    (folder / "charts").mkdir(parents=True)
    (folder / "numbers.csv").write_text(HEADING + "\n".join(lines), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"parameters": {"edition": EDITION}}))
    text = README.format(n=n) + "![Line.](charts/rates.png)\n"
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / "charts" / "rates.csv").write_text(f"year,value\n2025,{n}\n", encoding="utf-8")


# Sides: a checkout in small, with two commits.

SOURCES = "source_id,title,sha256,published\nods,Outcomes,{sha},2025-01-01\npaper,A paper,,2025-01-01\n"
AREAS = "area_code,name,source_id,published\nE06000018,Nottingham,ods,2020-01-01\n"
EVENTS = "event_id,la_code_ons,kind,start,summary,source_id,published\n"
GRADES = "event_id,judgement,grade,source_id,published\n"


def git(*words):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, "-C", paths.ROOT, *words], check=True, capture_output=True)


def commit():
    git("add", ".")
    git("commit", "-q", "-m", "one")


def write_tables(sha="aa", grade="good", summary="It began.", more=""):
    files = {"sources": SOURCES.format(sha=sha) + more, "areas": AREAS}
    files["events"] = f"{EVENTS}e1,E06000018,inspection,2022-07-11,{summary},paper,2025-01-01\n"
    files["judgements"] = f"{GRADES}e1,leadership,{grade},ods,2025-01-01\n"
    for name, text in files.items():
        (paths.TIDY / f"{name}.csv").write_text(text, encoding="utf-8")
    (paths.CURATED / "events.csv").write_text(f"event_id,summary,source_id\ne1,{summary},paper\n", encoding="utf-8")


@pytest.fixture
def checkout(own_data, monkeypatch):
    """A checkout with one commit: four tables, a curated file, an edition."""
    root = own_data.parent
    places = {"ROOT": "", "REPORTS": "reports", "NOTEBOOKS": "notebooks", "CHANGES": "data/changes.csv"}
    for name, place in places.items():
        monkeypatch.setattr(paths, name, root / place)
    write_tables()
    write_edition(paths.REPORTS / EDITION, 5, GRADE.format("good"), "n2,5,5,it,x,,paper,04")
    git("init", "-q")
    commit()
    return root


def changes_since(since=""):
    with sides.sides(since, EDITION) as (old, new):
        return compare.compare(old, new)


def test_changes_since_the_last_commit_are_told_with_what_they_are_and_why(checkout):
    (paths.REPORTS / EDITION / "numbers.csv").write_text(
        f"{HEADING}{GRADE.format('outstanding')}\nn2,5,5,it,x,,paper,04\n"
    )
    write_tables(sha="bb", grade="outstanding", summary="It began again.")

    found = changes_since().set_index(["part", "where", "column"])[["what", "old", "new", "why"]]

    grade = ["Nottingham, inspection, 2022-07-11, leadership", "good", "outstanding"]
    assert found.loc[("table", "judgements", "grade")].tolist() == [*grade, REVISION]
    assert found.loc[("table", "events", "summary")].tolist()[1:] == ["It began.", "It began again.", CORRECTION]
    assert found.loc[("number", "04", "")].tolist() == [f"grade: {grade[0]}", *grade[1:], REVISION]


def test_an_edition_that_did_not_exist_yet_is_not_compared(checkout):
    write_tables(grade="outstanding")
    with sides.sides("HEAD", "leeds") as (old, new):
        assert old.edition is None and set(compare.compare(old, new)["part"]) == {"table"}
        assert old.commit


def test_without_a_difference_the_last_commit_that_made_one_is_told_and_nothing_written(checkout):
    write_tables(more="late,A later paper,,2026-01-01\n")
    commit()
    (checkout / "other.txt").write_text("")
    commit()

    assert changes_since()[["where", "what", "why"]].values.tolist() == [["sources", "A later paper", NEW_RELEASE]]
    said = CliRunner().invoke(cli.main, ["changes", "--sentence", "--write"])
    assert said.output.startswith("Nothing has changed") and not paths.CHANGES.exists()


def test_sentences_and_charts_that_moved_stand_old_beside_new(checkout):
    (paths.REPORTS / EDITION).rename(checkout / "before")
    write_edition(paths.REPORTS / EDITION, 6, "n2,6,6,it,x,,paper,04")

    found = changes_since(str(checkout / "before" / "numbers.csv")).query("part in ['sentence', 'chart']")

    assert found[["part", "where", "old", "new"]].values.tolist() == [
        ["chart", "What happened?", "Fell to 5", "Fell to 6"],
        ["sentence", "", "A fell to 5.", "A fell to 6."],
    ]
    assert "B stands." in numbers.told(checkout / "before")["words"].tolist()


def test_many_changes_of_one_sort_are_counted(checkout):
    write_tables(more="".join(f"s{i},Paper,,2026-01-01\n" for i in range(21)))

    assert changes_since()[["part", "change", "old", "count"]].values.tolist() == [["table", "added", "", 21]]


def test_since_a_day_everything_published_later_is_a_new_release(monkeypatch):
    held = frame("event_id,judgement,grade,source_id,published\ne1,leadership,good,s,2024-05-01\n")
    none = held[:0].assign(sha256="")
    of_day = {"judgements": lambda day: held if not day or str(day) >= "2024-05-01" else none}
    monkeypatch.setattr(tables, "load", lambda name, day="": of_day.get(name, lambda day: none)(day))

    assert changes_since("2024-04-04")[["new", "why"]].values.tolist() == [["good", NEW_RELEASE]]
    assert changes_since("2024-05-01").empty


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2999-01-01", "--since 2999-01-01: 1 January 2999 has not come yet; give a day that has been"),
        ("abc123", "--since abc123: no such day, edition or commit with tables in this clone; give a day such as"),
        ("-x", "--since -x: no such day, edition or commit with tables"),
        (".", "--since .: holds no numbers.csv, so it is no edition; give a day such as 2024-04-04, a commit, or"),
    ],
)
def test_what_cannot_be_compared_is_named(checkout, monkeypatch, since, words):
    monkeypatch.chdir(checkout)
    done = CliRunner().invoke(cli.main, ["changes", f"--since={since}"])

    assert done.exit_code == 1 and done.output.startswith(f"error: {words}")


# In words.

SOME = pd.DataFrame(
    [
        ["table", "observations", "Rates", "", "added", "", "", NEW_RELEASE, 350],
        ["table", "events", "Nottingham, visit", "start", "revised", "2024-01", "2024-02", CORRECTION, 1],
        ["number", "Who | what?", "as published", "", "revised", "5", "6", NEW_RELEASE, 1],
    ],
    columns=compare.COLUMNS,
)


def test_changes_in_one_sentence():
    assert told.one_sentence(SOME, "3 May 2026") == (
        "New since 3 May 2026: 350 rows added (new release); 1 row revised (correction by us); "
        "1 number of the edition changed."
    )
    assert told.one_sentence(SOME[:0], "3 May 2026") == "Nothing has changed since 3 May 2026."


def test_the_front_page_tells_what_publishers_put_out():
    put_out = [told.in_short(SOME[:1].assign(where=where), "3 May 2026") for where in ("judgements", "spending")]

    assert put_out == [f"New since 3 May 2026, from publishers: 350 {of}." for of in ("grades", "sums of spending")]
    assert told.in_short(SOME[1:2], "3 May 2026").startswith("Since 3 May 2026 publishers put out nothing new")


def test_markdown_shows_old_beside_new_and_leaves_out_empty_columns():
    text = told.markdown(SOME, "3 May 2026")

    assert "## Numbers\n\n| Where | What it is | Change | Was | Is | Why | Rows |" in text
    assert "| Who \\| what? | as published | revised | 5 | 6 | new release | 1 |" in text


def test_the_log_keeps_one_entry_for_each_state(checkout):
    told.write_log(SOME[:1], "2026-05-03", "1 May 2026", EDITION)
    for since in ("3 May 2026", "3 May 2026", "4 May 2026"):
        told.write_log(SOME, "2026-05-04", since, "leeds")

    assert told.read_log()["since"].tolist() == ["1 May 2026", *["3 May 2026"] * 3, *["4 May 2026"] * 3]


def test_the_command_writes_the_log_and_says_one_sentence(checkout):
    write_tables(grade="outstanding")
    done = CliRunner().invoke(cli.main, ["changes", "--sentence", "--write"])

    assert done.output.endswith("1 row revised (change of our code).\n") and done.exit_code == 0, done.output
    assert told.read_log()["new"].tolist() == ["outstanding"]
