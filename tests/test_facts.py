"""Curated facts: who pays, what begins or ends, who said it when, what was promised; nothing told before its day."""

import re
from datetime import date

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from childrens_services import dictionary, paths, sources, tables, vocabulary
from childrens_services.analysis import timeline
from childrens_services.normalise import facts
from childrens_services.periods import read_date, read_edtf
from editions import edition

CITY, COUNTY = "E06000018", "E10000024"
DOCUMENTS = ["chad_2022_broken", "wbw_2021_visit", "ofsted_cc_letter_2022", "nottstv_2022_mash", "hucknall_2024_trust"]
NOTED = ("budgets", "events", "statements", "forecasts")
DATA = paths.ROOT / "tests" / "data"


@pytest.fixture(scope="module")
def tidy() -> dict[str, pd.DataFrame]:
    """The committed tables, each by its key, for reading only."""
    keyed = {
        name: tables.load(name).set_index(tables.contracts()[name]["key"][0], drop=False)
        for name in (*NOTED, "findings", "claims")
    }
    came = timeline.outcomes(tables.load("forecasts"), tables.load("events"), [CITY, COUNTY], "2026-06-29")
    return keyed | {"outcomes": came.set_index("forecast_id", drop=False)}


def years(text: object) -> list[int]:
    return [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", text if isinstance(text, str) else "")]


def test_rows_read_by_hand_say_what_their_source_means(tidy):
    """Cells that were once read wrongly, or that a reader would take for something else."""
    wrong = []
    for row in pd.read_csv(DATA / "curated_cells.csv").itertuples():
        rows = tidy[row.table]
        if row.row not in rows.index:  # an occasion, of which the first promise tells
            rows = rows.drop_duplicates("awaits").set_index("awaits")
        for column, wanted in (cell.split() for cell in row.cells.split("; ")):
            if (found := str(rows.at[row.row, column])) != wanted:
                wrong.append(f"{row.row} {column}: found {found}, expected {wanted}, because {row.why}")

    assert wrong == []


# From curated files to tables ----------------------------------------------------------------------------------------


def test_the_committed_facts_are_those_of_the_curated_files():
    for name, rows in facts.facts(tables.load("sources").set_index("source_id")["published"]).items():
        pd.testing.assert_frame_equal(tables.conform(name, rows), tables.load(name))


def test_the_days_of_a_column_are_those_that_its_dates_allow_and_none_where_a_cell_is_empty():
    rows = pd.DataFrame({"event_id": ["a", "b"], "start": ["2022-07", None]})
    latest = facts.days_of("events", rows, "start", "latest")

    assert latest[0] == pd.Timestamp("2022-07-31") and pd.isna(latest[1])


def test_a_source_comes_out_by_today(monkeypatch):
    class Day(date):
        today = classmethod(lambda cls: cls(2026, 6, 29))

    monkeypatch.setattr(facts, "date", Day)

    assert [facts.day_out("nc", text) for text in ("2026-06-29", "2022-09")] == [date(2026, 6, 29), date(2022, 9, 30)]
    with pytest.raises(ValueError, match=r"sources.csv, row nc: published_edtf 2026-06-30 is still to come \(today is"):
        facts.day_out("nc", "2026-06-30")
    with pytest.raises(ValueError, match=r"row nc, column published_edtf: .*; mend the cell"):
        facts.day_out("nc", "30 June")


# Money ---------------------------------------------------------------------------------------------------------------

NOT_ADDED = ["rounds_fact_id", "part_of_fact_id", "overlaps_fact_id"]


def test_the_largest_cost_of_each_is_its_programme_none_is_the_health_services_and_grants_are_granted(tidy):
    budgets = tidy["budgets"]
    once = budgets[NOT_ADDED].isna().all(axis="columns")
    costs = budgets[(budgets["ledger"] != "none") & (budgets["state"] != "rate") & once]

    largest = costs.sort_values("amount_gbp", kind="stable").groupby("la_code_ons").tail(1)

    assert largest[["fact_id", "measure", "ledger", "amount_gbp"]].to_numpy().tolist() == [
        ["bud_nc_009", "programme", "programme", 9_000_000],
        ["bud_cc_003", "programme", "programme", 35_000_000],
    ]
    assert set(costs["paid_by"]) == {"council", "government", "unknown"}
    assert budgets.query("part_of_fact_id == 'bud_nc_009'")["amount_gbp"].sum() == 8_900_000
    assert "`nhs` (the health service)" in dictionary.dictionary()
    grants = budgets[budgets["measure"] == "grant"]
    assert (grants[["paid_by", "state", "ledger"]] == ["government", "granted", "grant"]).all(axis=None)
    assert set(grants["fact_id"]) == set(budgets.index[budgets["state"] == "granted"])


def test_money_that_is_not_added_up_leads_to_other_money_of_the_same_authority(tidy):
    for column in NOT_ADDED:
        rows = tidy["budgets"].dropna(subset=column)
        other = tidy["budgets"].loc[rows[column]]

        assert (rows["la_code_ons"].to_numpy() == other["la_code_ons"].to_numpy()).all(), column
        assert (rows["fact_id"] != rows[column]).all(), column


# Events --------------------------------------------------------------------------------------------------------------


def test_what_intervenes_says_of_what_it_is_and_whether_it_begins_changes_or_ends(tidy):
    rows = tidy["events"]
    mine = rows.query("la_code_ons == @CITY").groupby("kind")

    assert set(rows.loc[rows["kind"].isin(timeline.INTERVENTION_KINDS), "direction"]) == {"begins", "changes", "ends"}
    assert set(rows.loc[rows["kind"] == "send_inspection", "scope"]) == {"area"}
    assert mine.size()[["grant", "improvement_notice", "commissioner", "best_value"]].tolist() == [2, 1, 2, 3]
    assert set(mine["scope"].agg(set)[["section_114", "commissioner", "best_value"]].explode()) == {"council"}


def test_every_event_has_a_sentence_that_was_true_on_its_day(tidy):
    rows = tidy["events"]
    said = rows[~rows["summary"].str.contains("expected")]
    later = [row.event_id for row in said.itertuples() if max(years(row.summary), default=0) > row.published.year]
    visit = rows.query("source_id == 'ofsted_ods_2025' and theme == 'Front door'").iloc[0]

    assert rows["summary"].str.fullmatch(r"[A-Z].*\.").all()
    assert rows["summary"].str.split().str.len().between(4, 20).all()
    assert later == []
    assert visit["summary"] == (
        f"{vocabulary.EVENT_KINDS[visit['kind']].capitalize()} under the ILACS framework; theme: Front door."
    )


# Who said it, when and where -----------------------------------------------------------------------------------------


def test_what_was_said_hangs_on_the_meeting_that_heard_it(tidy):
    foster = tidy["findings"].filter(like="f_nc_2024_scrutiny_0328", axis="index")
    there = foster["said_at"] == "nc_2024_scrutiny_0328"
    hub = tidy["findings"].query("source_id == 'nottstv_2022_mash' and statement.str.contains('Portfolio holder')")

    assert (len(foster), set(foster.loc[there, "theme"])) == (12, {"fostering_kinship"})
    assert set(foster.loc[~there, "said_on"]) == {"[2024-03-28..2024-04-04]"}
    assert set(foster.loc[~there, "event_id"]) == {"nc_2024_statement_0404"}
    assert len(hub) == 4 and set(hub["said_at"]) == set(hub["event_id"]) == {"nc_2022_scrutiny_1103"}
    assert "f_cc_2022_focused_038" not in tidy["findings"].index  # a closing line is no finding


@pytest.mark.parametrize("name", ["findings", "statements"])
def test_what_was_said_at_a_meeting_was_said_that_day_and_not_after_it_was_published(name, tidy):
    rows = tidy[name].dropna(subset="said_on")
    days = rows["said_on"].map(read_edtf)
    held = rows["said_at"].map(tidy["events"]["start"]).map(read_edtf, na_action="ignore")

    assert [key for key in held.dropna().index if held[key].earliest != days[key].earliest] == []
    assert [key for key in rows.index if days[key].earliest > rows.at[key, "published"].date()] == []
    assert rows["said_on"].notna().sum() >= rows["said_at"].notna().sum() > 0


# Forecasts and promises ----------------------------------------------------------------------------------------------


def test_what_came_of_each_promise_is_told_with_who_what_and_when(tidy):
    rows = tidy["outcomes"]
    missing = rows.query("expects.notna() and outcome == 'not_seen'")

    assert missing.groupby("awaits").size().to_dict() == {"nc_reinspection_after_2022": 4, "cc_next_send_inspection": 1}
    assert rows[["who", "what_expected", "window_end", "outcome", "source_id", "locator"]].notna().all(axis=None)
    assert set(rows["outcome"]) <= set(vocabulary.OUTCOMES)


def test_next_week_depends_on_the_day_it_was_said(tidy):
    forecast = tidy["forecasts"].loc["fc_nc_003"]
    said = read_edtf(forecast["made_on"])
    windows = [read_date("next week", day) for day in (said.earliest, said.latest)]
    visit = read_edtf(tidy["events"].at["nc_2024_mv4", "start"]).earliest

    assert [window.earliest <= visit <= window.latest for window in windows] == [True, False]
    assert forecast["window_start"] == pd.Timestamp(windows[0].earliest)
    assert forecast["window_end"] == pd.Timestamp(windows[1].latest)


def test_an_outcome_read_by_hand_has_its_evidence_and_no_other(tidy):
    rows = tidy["forecasts"]
    given = rows[["outcome", "outcome_source_id", "evidence"]].notna()

    assert (given.all(axis="columns") == given.any(axis="columns")).all() and given["outcome"].sum() == 11
    assert rows.loc[given["outcome"], "expects"].isna().all()
    assert (rows["outcome_source_id"].dropna().map(sources.register()["published_edtf"]) != "").all()


def test_a_planned_or_promised_figure_is_that_of_a_promise(tidy):
    rows = tidy["statements"]
    promised = rows[rows["kind"].isin(["plan", "target", "commitment"])]

    assert set(promised.index) == set(rows.index[rows["forecast_id"].notna()])
    assert set(promised["measure"]) >= {"new MASH social worker posts", "target time to respond to all contacts"}


# Nothing told before its day -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOTED)
def test_a_note_tells_of_no_later_year(name, tidy):
    rows = tidy[name]
    due = rows["window_end"] if name == "forecasts" else rows["published"]
    last = pd.concat([rows["published"], due], axis="columns").max(axis="columns").dt.year

    assert [key for key in rows.index if max(years(rows.at[key, "note"]), default=0) > last[key]] == []
    early = tables.load("events", "2024-04-04").set_index("event_id")["note"]
    assert pd.isna(early["nc_expected_2025"])
    assert "remark" not in rows and "remark" not in sources.read_curated(name)  # it stays in the curated file


def test_a_window_of_our_choice_does_not_end_on_the_day_of_a_later_report(tidy):
    ours = tidy["forecasts"].query("window_by == 'ours'")

    assert len(ours) > 10
    assert not set(ours["window_end"]) & set(tidy["events"]["publication_date"].dropna())
    assert not set(ours["window_end"]) & set(tidy["events"]["start_earliest"])


# The five documents --------------------------------------------------------------------------------------------------


def test_every_fact_of_the_five_documents_is_listed_by_document(tidy):
    listed = pd.read_csv(DATA / "facts_by_document.csv")
    names = (*NOTED, "findings", "claims")
    found = [tidy[name].reset_index(names="id").assign(table=name)[["source_id", "table", "id"]] for name in names]
    found = pd.concat(found).query("source_id in @DOCUMENTS")

    assert sorted(listed[["document", "table", "id"]].to_numpy().tolist()) == sorted(found.to_numpy().tolist())
    assert len(listed) == 184 and set(listed["document"]) == set(DOCUMENTS)


def words_of(path):
    """Return the words of a page, folded ones included, without the code."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for part in soup.select(".code, script, .unseen"):
        part.decompose()
    return " ".join(soup.main.get_text(" ").split())


def test_at_least_150_of_them_stand_on_pages_where_a_reader_looks_for_them(tmp_path_factory):
    """A fact is there where the page has its words and cites its row alone, open or folded; 06 and 07 do not count."""
    folder = edition(tmp_path_factory, "default")
    cited = pd.read_csv(folder / "numbers.csv", dtype=str, keep_default_na=False)
    pages = {path.stem: words_of(path) for path in folder.glob("[0-9]*.html") if path.name[:2] not in ("06", "07")}
    on = {
        page: set(cited[cited["notebooks"].str.contains(page)][["table", "rows"]].itertuples(index=False, name=None))
        for page in pages
    }
    listed = pd.read_csv(DATA / "facts_by_document.csv")
    said = listed["fact"].where(~listed["table"].isin(["budgets", "statements"]), listed["fact"].str.split(": ").str[0])

    there = [
        any((table, key) in on[page] and words in pages[page] for page in pages)
        for table, key, words in zip(listed["table"], listed["id"], said, strict=True)
    ]
    missing = listed[~pd.Series(there)].groupby("document")["id"].agg(list).to_dict()

    assert sum(there) >= 150 and sum(map(len, missing.values())) <= 10, missing
