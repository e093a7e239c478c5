"""Curated facts: who pays, what begins or ends, who said it when, what was promised; nothing told before its day."""

import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from childrens_services import dictionary, paths, sources, tables, vocabulary
from childrens_services.analysis import timeline
from childrens_services.periods import read_date, read_edtf
from editions import edition

CITY, COUNTY = "E06000018", "E10000024"
DOCUMENTS = {
    "chad_2022_broken",
    "wbw_2021_visit",
    "ofsted_cc_letter_2022",
    "nottstv_2022_mash",
    "hucknall_2024_trust",
}
NOTED = ("budgets", "events", "statements", "forecasts")


@pytest.fixture(scope="module")
def tidy() -> dict[str, pd.DataFrame]:
    """The committed tables, each by its key, for reading only."""
    return {
        name: tables.load(name).set_index(tables.contracts()[name]["key"][0], drop=False)
        for name in (*NOTED, "findings", "claims", "authorities")
    }


def years(text: object) -> list[int]:
    return [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", text if isinstance(text, str) else "")]


# Money ---------------------------------------------------------------------------------------------------------------


def costs(budgets: pd.DataFrame) -> pd.DataFrame:
    """Sums that improvement cost, each once: no rates, no parts, nothing that rounds or overlaps another."""
    once = budgets[["rounds_fact_id", "part_of_fact_id", "overlaps_fact_id"]].isna().all(axis="columns")
    return budgets[(budgets["ledger"] != "none") & (budgets["state"] != "rate") & once]


def test_money_of_the_health_service_is_no_cost_of_the_county(tidy):
    assert tidy["budgets"].loc["bud_cc_005", ["paid_by", "ledger"]].tolist() == ["nhs", "none"]
    assert set(costs(tidy["budgets"])["paid_by"]) == {"council", "government", "unknown"}


def test_the_largest_cost_of_each_is_its_programme(tidy):
    largest = costs(tidy["budgets"]).sort_values("amount_gbp", kind="stable").groupby("la_code_ons").tail(1)

    assert largest["fact_id"].tolist() == ["bud_nc_009", "bud_cc_003"]
    assert largest[["measure", "ledger", "amount_gbp"]].to_numpy().tolist() == [
        ["programme", "programme", 9_000_000],
        ["programme", "programme", 35_000_000],
    ]


def test_the_citys_programme_has_its_two_parts(tidy):
    parts = tidy["budgets"].query("part_of_fact_id == 'bud_nc_009'")

    assert parts["ledger"].to_dict() == {"bud_nc_007": "external_help", "bud_nc_008": "programme"}
    assert parts["amount_gbp"].sum() == 8_900_000
    assert tidy["budgets"].at["bud_nc_010", "rounds_fact_id"] == "bud_nc_007"


def test_a_grant_is_granted_by_the_government(tidy):
    rows = tidy["budgets"]
    grants = rows[rows["measure"] == "grant"]

    assert (grants[["paid_by", "state", "ledger"]] == ["government", "granted", "grant"]).all(axis=None)
    assert set(grants["fact_id"]) == set(rows.index[rows["state"] == "granted"])


def test_the_dictionary_says_what_each_word_means():
    assert "`nhs` (the health service)" in dictionary.dictionary()


@pytest.mark.parametrize("column", ["rounds_fact_id", "part_of_fact_id", "overlaps_fact_id"])
def test_money_that_is_not_added_up_leads_to_other_money_of_the_same_authority(column, tidy):
    rows = tidy["budgets"].dropna(subset=column)
    other = tidy["budgets"].loc[rows[column]]

    assert (rows["la_code_ons"].to_numpy() == other["la_code_ons"].to_numpy()).all()
    assert (rows["fact_id"] != rows[column]).all()


# Events --------------------------------------------------------------------------------------------------------------


def test_ministers_minded_to_end_an_intervention_do_not_begin_one(tidy):
    event = tidy["events"].loc["nc_2026_minded_end"]

    assert event[["kind", "direction", "scope"]].tolist() == ["best_value", "ends", "council"]
    assert "minded to end" in event["summary"]


def test_grants_notices_commissioners_and_best_value_steps_are_different_kinds(tidy):
    mine = tidy["events"].query("la_code_ons == @CITY")
    ids = mine.groupby("kind")["event_id"].agg(list)

    assert ids["grant"] == ["nc_2023_dfe_grant", "nc_2024_dfe_grant"]
    assert ids["improvement_notice"] == ["nc_2022_improvement_notice"]
    assert ids["commissioner"] == ["nc_2024_commissioners", "nc_2025_lead_commissioner"]
    assert ids["best_value"] == ["nc_2022_iab_directions", "nc_2023_minded", "nc_2026_minded_end"]


def test_the_notice_of_24_october_2022_is_on_the_timeline_and_is_of_childrens_services(tidy):
    rows = tidy["events"].query("la_code_ons == @CITY").set_index("event_id")

    assert rows.loc["nc_2022_improvement_notice", ["start", "scope", "direction"]].tolist() == [
        "2022-10-24",
        "childrens_services",
        "begins",
    ]
    wide = rows.loc[rows["kind"].isin(["section_114", "commissioner", "best_value"]), "scope"]
    assert len(wide) == 7 and set(wide) == {"council"}


def test_what_intervenes_says_whether_it_begins_changes_or_ends(tidy):
    rows = tidy["events"]
    steps = rows[rows["kind"].isin(timeline.INTERVENTION_KINDS)]

    assert steps["direction"].notna().all() and set(steps["direction"]) == {"begins", "changes", "ends"}
    assert set(rows.loc[rows["kind"] == "send_inspection", "scope"]) == {"area"}


def test_every_event_has_a_sentence_that_was_true_on_its_day(tidy):
    rows = tidy["events"]
    said = rows[~rows["summary"].str.contains("expected")]
    later = [row.event_id for row in said.itertuples() if max(years(row.summary), default=0) > row.published.year]

    assert rows["summary"].str.fullmatch(r"[A-Z].*\.").all()
    assert rows["summary"].str.split().str.len().between(4, 20).all()
    assert later == []


def test_an_official_visit_has_a_scope_and_a_summary_by_rule(tidy):
    visit = tidy["events"].query("source_id == 'ofsted_ods_2025' and theme == 'Front door'").iloc[0]

    assert visit["summary"] == f"{vocabulary.EVENT_KINDS[visit['kind']].capitalize()} under the ILACS framework; " + (
        "theme: Front door."
    )
    assert visit["scope"] == "childrens_services"


# Who said it, when and where -----------------------------------------------------------------------------------------


def test_the_meeting_of_28_march_2024_heard_the_foster_figures_alone(tidy):
    rows = tidy["findings"].filter(like="f_nc_2024_scrutiny_0328", axis="index")
    there = rows["said_at"] == "nc_2024_scrutiny_0328"

    assert (len(rows), set(rows.loc[there, "theme"])) == (12, {"fostering_kinship"})
    assert set(rows.loc[~there, "said_on"]) == {"[2024-03-28..2024-04-04]"}
    assert set(rows.loc[~there, "event_id"]) == {"nc_2024_statement_0404"}


def test_what_the_portfolio_holder_said_of_the_hub_hangs_on_the_meeting(tidy):
    rows = tidy["findings"].query("source_id == 'nottstv_2022_mash' and statement.str.contains('Portfolio holder')")

    assert len(rows) == 4
    assert set(rows["said_at"]) == set(rows["event_id"]) == {"nc_2022_scrutiny_1103"}


@pytest.mark.parametrize("name", ["findings", "statements"])
def test_what_was_said_at_a_meeting_was_said_that_day_and_not_after_it_was_published(name, tidy):
    rows = tidy[name].dropna(subset="said_on")
    days = rows["said_on"].map(read_edtf)
    held = rows["said_at"].map(tidy["events"]["start"]).map(read_edtf, na_action="ignore")
    apart = [key for key in held.dropna().index if held[key].earliest != days[key].earliest]

    assert apart == []
    assert [key for key in rows.index if days[key].earliest > rows.at[key, "published"].date()] == []
    assert rows["said_on"].notna().sum() >= rows["said_at"].notna().sum() > 0


def test_a_closing_line_is_no_finding_and_systemic_failure_is_not_of_plans(tidy):
    assert "f_cc_2022_focused_038" not in tidy["findings"].index
    assert tidy["findings"].at["f_nc_2020_focused_002", "theme"] == "leadership"


# Forecasts and promises ----------------------------------------------------------------------------------------------


def came() -> pd.DataFrame:
    rows = timeline.outcomes(tables.load("forecasts"), tables.load("events"), [CITY, COUNTY], "2026-06-29")
    return rows.set_index("forecast_id")


def test_the_inspections_that_were_not_seen_are_two_occasions():
    missing = came().query("expects.notna() and outcome == 'not_seen'")

    assert missing.groupby("awaits").size().to_dict() == {
        "nc_reinspection_after_2022": 4,
        "cc_next_send_inspection": 1,
    }


def test_next_week_depends_on_the_day_it_was_said(tidy):
    said = read_edtf(tidy["forecasts"].at["fc_nc_003", "made_on"])
    windows = [read_date("next week", day) for day in (said.earliest, said.latest)]
    visit = read_edtf(tidy["events"].at["nc_2024_mv4", "start"]).earliest

    assert [window.earliest <= visit <= window.latest for window in windows] == [True, False]
    assert came().at["fc_nc_003", "outcome"] == "two_readings"
    assert tidy["forecasts"].loc["fc_nc_003", ["window_start", "window_end"]].tolist() == [
        pd.Timestamp(windows[0].earliest),
        pd.Timestamp(windows[1].latest),
    ]


def test_one_delay_has_one_number_the_least_that_is_certain():
    assert came().loc["fc_cc_002", ["slip_days", "outcome"]].tolist() == [227, "met_late"]


def test_a_window_is_open_until_its_last_day_is_over():
    rows = tables.load("forecasts").query("forecast_id == 'fc_nc_016'")
    found = [timeline.outcomes(rows, tables.load("events"), [CITY], day) for day in ("2024-01-31", "2024-02-01")]

    assert [frame["outcome"].item() for frame in found] == ["open", "not_seen"]


def test_an_outcome_read_by_hand_has_its_evidence_and_no_other(tidy):
    rows = tidy["forecasts"]
    given = rows[["outcome", "outcome_source_id", "evidence"]].notna()

    assert (given.all(axis="columns") == given.any(axis="columns")).all() and given["outcome"].sum() == 11
    assert rows.loc[given["outcome"], "expects"].isna().all()
    known = rows["outcome_source_id"].dropna().map(sources.register()["published_edtf"])
    assert (known != "").all()


def test_the_known_promises_are_listed_with_who_what_and_when(tidy):
    rows = came()
    known = {
        "nc_ten_mash_social_workers": "plan",
        "nc_mash_one_working_day": "target",
        "nc_mash_budget_rise": "plan",
        "nc_childrens_trust": "warning",
        "nc_reinspection_after_2022": "forecast",
    }

    assert rows.drop_duplicates("awaits").set_index("awaits")["kind"].loc[list(known)].to_dict() == known
    assert rows[["who", "what_expected", "window_end", "outcome", "source_id", "locator"]].notna().all(axis=None)
    assert set(rows["outcome"]) <= set(vocabulary.OUTCOMES)


def test_a_planned_or_promised_figure_is_that_of_a_promise(tidy):
    rows = tidy["statements"]
    promised = rows[rows["kind"].isin(["plan", "target", "commitment"])]

    assert set(promised.index) == set(rows.index[rows["forecast_id"].notna()])
    assert set(promised["measure"]) >= {"new MASH social worker posts", "target time to respond to all contacts"}
    assert tidy["budgets"].at["bud_nc_003", "forecast_id"] == "fc_nc_023"


# Nothing told before its day -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOTED)
def test_a_note_tells_of_no_later_year(name, tidy):
    rows = tidy[name]
    due = rows["window_end"] if name == "forecasts" else rows["published"]
    last = pd.concat([rows["published"], due], axis="columns").max(axis="columns").dt.year

    assert [key for key in rows.index if max(years(rows.at[key, "note"]), default=0) > last[key]] == []
    assert "remark" not in rows


def test_a_window_of_our_choice_does_not_end_on_the_day_of_a_later_report(tidy):
    ours = tidy["forecasts"].query("window_by == 'ours'")

    assert len(ours) > 10
    assert not set(ours["window_end"]) & set(tidy["events"]["publication_date"].dropna())
    assert not set(ours["window_end"]) & set(tidy["events"]["start_earliest"])


def test_remarks_stay_in_the_curated_files(tidy):
    assert "remark" not in sources.read_curated("events")
    assert "remark" in pd.read_csv(paths.CURATED / "events.csv", nrows=0)
    notes = tables.load("events", "2024-04-04").set_index("event_id")["note"]
    assert pd.isna(notes["nc_expected_2025"])


def test_an_end_that_was_to_come_is_not_told():
    ended = tables.load("authorities", "2019-06-30").set_index("name")["existed_to"]

    assert pd.isna(ended["Cumbria"]) and ended["Poole"] == pd.Timestamp("2019-03-31")


# The five documents --------------------------------------------------------------------------------------------------


def test_every_fact_of_the_five_documents_is_listed_by_document(tidy):
    listed = pd.read_csv(paths.ROOT / "tests" / "data" / "facts_by_document.csv")
    names = ("budgets", "statements", "findings", "forecasts", "events", "claims")
    found = {(name, key) for name in names for key in tidy[name].index[tidy[name]["source_id"].isin(DOCUMENTS)]}

    assert set(listed[["table", "id"]].itertuples(index=False, name=None)) == found
    assert len(listed) == len(found) == 184 and set(listed["document"]) == DOCUMENTS
    for row in listed.itertuples():
        assert tidy[row.table].at[row.id, "source_id"] == row.document


def test_at_least_150_of_them_stand_on_pages_where_a_reader_looks_for_them(tmp_path_factory):
    """A fact is there where the page has its words and cites its row alone, open or folded; 06 and 07 do not count."""
    folder = edition(tmp_path_factory, "default")
    cited = pd.read_csv(folder / "numbers.csv", dtype=str, keep_default_na=False)
    pages = {path.stem: words_of(path) for path in sorted(folder.glob("[0-9]*.html")) if path.name[:2] not in OTHERS}
    on = {
        page: set(cited[cited["notebooks"].str.contains(page)][["table", "rows"]].apply(tuple, axis=1))
        for page in pages
    }
    listed = pd.read_csv(paths.ROOT / "tests" / "data" / "facts_by_document.csv")
    said = listed["fact"].where(~listed["table"].isin(["budgets", "statements"]), listed["fact"].str.split(": ").str[0])

    there = [
        any((table, key) in on[page] and words in pages[page] for page in pages)
        for table, key, words in zip(listed["table"], listed["id"], said, strict=True)
    ]
    missing = listed[~pd.Series(there)].groupby("document")["id"].agg(list).to_dict()

    assert sum(there) >= 150, missing
    assert sum(map(len, missing.values())) == 184 - sum(there) <= 10, missing


OTHERS = ("06", "07")


def words_of(path):
    """Return the words of a page, folded ones included, without the code."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for part in soup.select(".code, script, .unseen"):
        part.decompose()
    return " ".join(soup.main.get_text(" ").split())
