"""Coded findings: who speaks, what recurs, and what became of a recommendation by the stated rule."""

import pandas as pd
import pytest
from childrens_services import tables
from childrens_services.analysis import findings
from small_frames import frame, is_numbered

NAMES = {"E06000018": "Nottingham", "E10000024": "Nottinghamshire"}


def coded(rows, code="E06000018", name="Nottingham"):
    """Findings written as year, theme, polarity, all of one council's graded inspections unless a kind follows."""
    made = frame("year theme polarity kind", rows, la_code_ons=code, name=name, source_id="ofsted_nc_2022")
    year = made["year"].astype("str")
    return made.fillna({"kind": "inspection"}).assign(
        finding_id=[f"f{i}" for i in range(len(made))],
        event_id=name[0] + year,
        start_earliest=pd.to_datetime(year + "-03-01"),
        covers=made["theme"].str.capitalize(),
    )


@pytest.fixture(scope="module")
def found():
    loaded = (tables.load(name) for name in ("findings", "events", "sources", "themes"))
    return findings.coded(*loaded, NAMES)


@pytest.fixture(scope="module")
def own(found):
    return found[found["voice"].eq("inspectors") & found["kind"].isin(findings.CHILDRENS_SERVICES)]


def test_a_theme_has_words_of_its_own_for_a_sentence_and_for_a_table():
    rows = pd.DataFrame(
        {"theme": ["child_protection_enquiries", "care_leavers"], "covers": ["Strategy, more", "Care leavers"]}
    )

    found, every = findings.in_plain_words(rows), findings.in_plain_words(tables.load("themes"))["what"]

    assert found["what"].tolist() == ["strategy meetings", "care leavers"]
    assert found["heading"].tolist() == ["Strategy meetings", "Care leavers"]
    assert every.is_unique and not every.str.contains(r"\d").any()


def test_a_weakness_recurs_when_two_inspections_have_it():
    rows = "2014 plans weakness; 2018 plans strength; 2022 plans recommendation; 2014 leaders weakness"
    again = findings.recurring(coded(f"{rows}; 2018 leaders mixed"))

    spans = again[["theme", "times", "first_year", "last_year", "years"]].drop_duplicates()
    assert spans.values.tolist() == [["plans", 2, 2014, 2022, 8]]
    assert again[["critical", "coded"]].values.tolist() == [[1, 1], [0, 1], [1, 1]]
    assert findings.recurring(coded("2014 plans weakness; 2014 plans weakness")).empty  # in a single report


def test_a_theme_is_counted_by_inspections_before_findings():
    leaders = "2014 leaders weakness; 2018 leaders recommendation; 2022 leaders weakness"
    others = "2018 plans strength; 2022 homes weakness; 2022 care mixed"
    rows = coded(f"{'2014 plans weakness; ' * 5}{leaders}; {others}")

    found = findings.by_theme(rows)

    made = ["theme", "times", "of", "in_all", "critical", "first_year", "last_year"]
    assert findings.by_theme(coded("2014 plans weakness"))["in_all"].tolist() == [False]  # one report is not all
    assert found[made].values.tolist() == [
        ["leaders", 3, 3, True, 3, 2014, 2022],
        ["plans", 1, 3, False, 5, 2014, 2014],
        ["homes", 1, 3, False, 1, 2022, 2022],
    ]
    assert findings.themes_that_matter(rows, most=2)["theme"].tolist() == ["leaders", "plans"]
    other = coded("2015 homes weakness; 2019 homes weakness", "E10000024", "County")
    added = findings.themes_that_matter(pd.concat([coded("2014 plans weakness; 2014 homes weakness"), other]))
    assert added[["theme", "times", "critical"]].values.tolist() == [["homes", 3, 3], ["plans", 1, 1]]


def test_an_inspection_is_counted_with_its_share_of_weaknesses():
    first = "2014 b strength; 2014 b mixed; 2014 a weakness; 2014 a recommendation"
    found = findings.by_inspection(coded(f"{first}; 2018 a recommendation; 2022 a weakness")).set_index("event_id")

    made = ["strength", "mixed", "weakness", "recommendation", "judged", "critical", "coded", "weak_share"]
    assert found[made].fillna(-1).values.tolist() == [
        [1, 1, 1, 1, 3, 2, 4, 33.333333],
        [0, 0, 0, 1, 0, 1, 1, -1],
        [0, 0, 1, 0, 1, 1, 1, 100.0],
    ]
    counts = findings.tally(coded("2014 leaders weakness; 2014 leaders strength; 2014 leaders recommendation"))
    assert counts[["judged", "recommendation", "balance"]].values.tolist() == [[2, 1, 0]]


def test_authorities_come_as_they_came_then_what_recurs_most_often_then_longest_then_by_name():
    often = "2014 d weakness; 2018 d weakness; 2022 d weakness; 2014 c weakness; 2022 c weakness"
    county = coded(
        f"2014 b weakness; 2018 b weakness; 2014 a weakness; 2018 a weakness; {often}", "E10000024", "County"
    )
    rows = pd.concat([county, coded("2014 e weakness; 2018 e weakness")])

    again, themes = findings.recurring(rows), findings.by_theme(rows)

    in_order = again.drop_duplicates(["name", "theme"])
    assert "".join(in_order["theme"]) == "dcabe" and "".join(themes["theme"]) == "dabce"
    assert again.query("theme == 'c'")[["critical", "coded"]].values.tolist() == [[1, 1], [0, 0], [1, 1]]
    assert again.groupby(["name", "theme"])["start_earliest"].agg(lambda days: days.is_monotonic_increasing).all()
    assert "".join(findings.themes_that_matter(rows)["theme"]) == "dabce"
    assert findings.by_inspection(rows)["name"].unique().tolist() == ["County", "Nottingham"]
    assert all(map(is_numbered, (again, themes, findings.tally(rows), findings.themes_that_matter(rows))))


def test_without_findings_there_is_nothing_to_count():
    none = coded("")

    counts = (findings.tally, findings.by_inspection, findings.by_theme, findings.themes_that_matter)
    assert all(count(none).empty for count in (*counts, findings.recurring, findings.followed_up))


def test_what_the_coded_reports_say_by_theme_and_what_became_of_their_recommendations(found, own):
    themes, again = findings.by_theme(own), findings.recurring(own).drop_duplicates(["name", "theme"])
    share = findings.by_inspection(own).set_index("event_id")["weak_share"].round()
    changes = findings.followed_up(own).groupby(["event_id", "change"]).size()

    assert len(found) == 621 and found["covers"].notna().all() and is_numbered(found)
    assert found["voice"].value_counts().to_dict() == {"inspectors": 504, "press": 90, "council or inquiry": 27}
    assert themes[themes["in_all"]].groupby("name").size().to_dict() == {"Nottingham": 7, "Nottinghamshire": 1}
    assert set(themes.loc[themes["name"] == "Nottingham", "of"]) == {3}
    assert len(findings.themes_that_matter(own)) == 10
    assert share[["nc_2014_sif", "nc_2022_ilacs", "cc_2024_ilacs"]].tolist() == [51, 35, 2]
    assert again.groupby("name").size().to_dict() == {"Nottingham": 15, "Nottinghamshire": 6}
    assert again.loc[again["times"] == 3, "name"].eq("Nottingham").sum() == 7
    assert changes["nc_2018_ilacs"].to_dict() == {"better": 5, "the same": 2, "worse": 1}
    assert changes["cc_2019_ilacs"].to_dict() == {"better": 4}


@pytest.mark.parametrize(
    ("then", "later", "change"),
    [
        ("weakness", "mixed", "better"),
        ("weakness strength", "strength", "better"),
        ("weakness", "weakness weakness strength", "the same"),
        ("strength", "mixed", "worse"),
        ("weakness", "recommendation", "not coded again"),
        ("weakness", "", "not coded again"),
        ("", "strength", "without comparison"),
        ("", "", "not coded again"),
    ],
)
def test_the_rule_for_better_and_worse(then, later, change):
    rows = ["2014 plans recommendation", "2018 other strength"]
    rows += [f"2014 plans {one}" for one in then.split()] + [f"2018 plans {one}" for one in later.split()]

    assert findings.followed_up(coded("; ".join(rows)))["change"].tolist() == [change]


def test_a_visit_or_another_council_does_not_answer_a_recommendation_and_the_last_ones_wait():
    mine = "2014 plans recommendation; 2014 plans weakness; 2016 plans strength focused_visit; 2018 plans weakness"
    rows = pd.concat([coded(mine), coded("2015 plans strength", "E10000024", "County")])

    assert findings.followed_up(rows)[["event_id_next", "change"]].values.tolist() == [["N2018", "the same"]]
    assert findings.followed_up(coded("2022 plans recommendation")).empty
