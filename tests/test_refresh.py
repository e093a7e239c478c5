"""Refreshing: what publishers have beside what we hold, and taking it whole or not at all."""

import hashlib
import io
import json
import re
import shutil
import sys
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from string import Template
from types import SimpleNamespace

import httpx
import pytest
import xlsxwriter
from childrens_services import cli, paths, sources
from childrens_services.analysis import claims
from childrens_services.normalise import build
from childrens_services.publishers import findings, offers, take, web
from click.testing import CliRunner
from ofsted_reports import Limits, read_reports
from pretend_publishers import Answer, in_place_of_publishers
from small_frames import contents

sys.path.append(str(Path(__file__).parent / "ofsted_reports"))
import made_reports

DATA = Path(__file__).parent / "data"
OFFERS = json.loads((DATA / "offers.json").read_text(encoding="utf-8"))
HEADING = "source_id,kind,publisher,title,published_edtf,url,licence,raw_file,sha256,family,layout,release,notes"
API, PAGE = "https://www.gov.uk/api/content/stats/outcomes-{}", "https://www.gov.uk/stats/outcomes-{}"
MEDIA = "https://assets.publishing.service.gov.uk/media/{}/{}"
EES = "https://api.education.gov.uk/statistics/v1"
ONS = "https://www.ons.gov.uk/generator?format=csv&uri=/economy/timeseries/d7bt/mm23"
REPORTS = "https://reports.ofsted.gov.uk/provider/44/80533"
PRINTED = '"Title","CPI"\n"Release date","{}"\n"Important notes",\n"2024","{}"\n'
TODAY = date(2026, 11, 28)


def workbook(cell, made):
    """A workbook with one cell, made on some day, which its bytes tell."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    book.set_properties({"created": made})
    book.add_worksheet("sheet").write(0, 0, cell)
    book.close()
    return file.getvalue()


YEARS = {year: workbook(year, date(2026, 1, 1)) for year in (2024, 2025, 2026)}
HELD = {
    "outcomes_2024": ("outcomes/Outcomes_2024.ods", YEARS[2024], "2024-08-30", "outcomes", "1"),
    "outcomes_2025": ("outcomes/Outcomes_2025.ods", YEARS[2025], "2025-09-25", "outcomes", "2"),
    "need": ("ees/b1.csv", b"time_period,At31\n2025,1\n", "2025-10", "need", "1"),
    "cpi": ("prices/cpi.csv", PRINTED.format("25-03-2026", "130.1").encode(), "2026-03-25", "cpi", "1"),
    "compiled": ("d2i/sheet.xlsx", workbook("good", date(2026, 6, 29)), "2026-06-29", "compiled", "1"),
    "reports": ("reports", made_reports.report_pdf(), "2025-01-13", "reports", "1"),
}


OTHER_SHEET = workbook("outstanding", date(2026, 7, 3))
REPORT = "80533_nottingham/2025-07-14_50300001.pdf"


@pytest.fixture
def held(own_data, monkeypatch):
    """Curated, tidy and published files of our own, and publishers that have just what we hold."""
    lines = [HEADING]
    for source_id, (name, content, day, family, release) in HELD.items():
        path = own_data / "raw" / name / ("80533_nottingham/1.pdf" * (name == "reports"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        url = PAGE.format(source_id[-4:]) if family == "outcomes" else ""
        whole = sources.hash_of(own_data / "raw" / name)
        told = f'stats,Office,"A title, {day}",{day},{url},OGL-3.0,{name},{whole},{family},layout {release},{release},'
        lines.append(f"{source_id},{told}")
    (own_data / "curated/sources.csv").write_text("\n".join(lines) + "\n")
    shutil.copy(DATA / "pretend_publishers.csv", own_data / "curated/publishers.csv")
    (own_data / "DICTIONARY.md").write_text("As it was.")
    for name in ("authorities.csv", "spellings.csv"):
        (own_data / "tidy" / name).write_bytes((paths.ROOT / "data/tidy" / name).read_bytes())
    # However busy the machine is, a report is read to its end.
    monkeypatch.setattr(findings, "read_reports", partial(read_reports, limits=Limits(seconds=600)))
    with in_place_of_publishers(monkeypatch) as publishers:
        copy = SimpleNamespace(folder=own_data, put=publishers.put)
        for year, day in {2024: "2024-08-30", 2025: "2025-09-25"}.items():
            offer(copy, "year", YEARS[year], year=year, name=f"Outcomes_{year}.ods", day=day)
        offer(copy, "data set", HELD["need"][1])
        copy.put(ONS, HELD["cpi"][1])
        offer(copy, "commit", workbook("good", date(2026, 7, 3)))  # the same cells, made anew
        offer(copy, "report", HELD["reports"][1], day="13 January 2025")
        yield copy


def offer(copy, kind, content, **given):
    """Publish a file, and what that kind of publisher says of it: of what day it is, under which name."""
    offered = OFFERS[kind]
    told = Template(json.dumps(offered)).substitute(offered["usual"] | given)
    for address, answer in json.loads(told)["answers"].items():
        copy.put(address, answer.encode() if isinstance(answer, str) else answer)
    copy.put(json.loads(told)["file"], content)


def look(*names):
    rows = findings.listed(names)
    with web.open_web(findings.hosts(rows), paths.FETCHED) as opened:
        return findings.look(opened, rows)


LONGER = made_reports.report_pdf(head=[*made_reports.HEAD, "More"])
NEW_YEAR = partial(offer, kind="year", content=YEARS[2026], year=2026, name="Outcomes_2026.ods")
OLD_YEAR = partial(NEW_YEAR, content=OTHER_SHEET, year=2024, name="Outcomes_2024.ods", day="2024-08-30")
NEW_VERSION = partial(offer, kind="data set", content=b"a,b\n", version="1.1", day="2026-10-29")
NEW_COMMIT, NEW_REPORT = partial(offer, kind="commit"), partial(offer, kind="report")


def new_prices(copy, day="22-04-2026"):
    copy.put(ONS, PRINTED.format(day, "131").encode())


# Looking --------------------------------------------------------------------------------------------------------------


def test_where_publishers_have_what_we_hold_all_is_current(held):
    found = look()

    newest = ["outcomes_2025", "outcomes_2025", "need", "cpi", "compiled", "reports"]
    assert [(each.held, each.status, each.note) for each in found] == [(name, "current", "") for name in newest]
    assert findings.exit_status(found) == 0


NEW = {
    "a year more": ("outcomes", NEW_YEAR, "newer Outcomes_2026.ods 2026-09-24"),
    "last year's name": ("outcomes", partial(NEW_YEAR, name="Outcomes_2025.ods"), "newer Outcomes_2025.ods 2026-09-24"),
    "an old year altered": ("outcomes", OLD_YEAR, "revised Outcomes_2024.ods 2024-08-30"),
    "a version of a data set": ("need", NEW_VERSION, "newer need_1.1.csv 2026-10-29"),
    "a release of a series": ("cpi", new_prices, "newer cpi.csv 2026-04-22"),
    "other values, same day": ("cpi", partial(new_prices, day="25-03-2026"), "revised cpi.csv 2026-03-25"),
    "another cell": ("compiled", partial(NEW_COMMIT, content=OTHER_SHEET), "newer sheet.xlsx 2026-07-03"),
    "a report": ("reports", partial(NEW_REPORT, content=LONGER), f"newer {REPORT} 2025-07-14"),
}


@pytest.mark.parametrize(("source", "publish", "told"), NEW.values(), ids=NEW)
def test_what_is_new_is_told_from_what_is_revised(source, publish, told, held):
    publish(held)

    [new] = [each for each in look(source) if each.status != "current"]

    assert f"{new.status} {new.offered} {new.offered_day}" == told


def at(address, answer):
    """Publish something at one address."""
    return lambda copy: copy.put(address, answer)


RENAMED = partial(NEW_YEAR, name="LA outcomes 2026.ods")
SEARCH, SETS = f"{EES}/publications?search=need", f"{EES}/publications/p1/data-sets?pageSize=20"
SHAPE, UNREADABLE = "found another shape than is documented", partial(NEW_REPORT, content=b"%PDF-1.4 and no more")
FAULTS = {
    "a renamed attachment": (
        RENAMED,
        f"not understood: {PAGE.format(2026)}: 0 of Pre-release.ods, LA outcomes 2026.ods match 'Outcomes.*\\\\.ods', "
        "expected one; if the publisher renamed it, mend data/curated/publishers.csv",
    ),
    "no workbook": (partial(NEW_YEAR, content=b"PK more"), "not understood: Outcomes_2026.ods: cannot be opened ("),
    "HTML, not JSON": (at(API.format(2026), b"<"), f"not understood: {API.format(2026)}: found no JSON ("),
    "JSON of another shape": (at(f"{SEARCH}&page=1", {}), f"not understood: {SEARCH}: {SHAPE} (KeyError('results'))"),
    "a data set that ended": (
        partial(NEW_VERSION, status="Deprecated"),
        f"not understood: {SETS}: 'B1 Children in need' is Deprecated; look what stands in its place",
    ),
    "a page that is gone": (at(API.format(2025), Answer(status=410)), f"unreachable: {API.format(2025)}: answered 410"),
    "a series without its day": (at(ONS, b"a,b"), f"not understood: {ONS}: {SHAPE} (KeyError('Release date'))"),
    "a held file altered": (
        lambda copy: (copy.folder / "raw/prices/cpi.csv").write_bytes(b"mine"),
        "not understood: prices/cpi.csv: not the registered file (SHA-256 ",
    ),
    "a page without reports": (at(REPORTS, b"Moved"), f"not understood: {REPORTS}: no link to a report; look"),
    "a report that is none": (UNREADABLE, "not understood: a report that cannot be read: "),
}


@pytest.mark.parametrize(("publish", "words"), FAULTS.values(), ids=FAULTS)
def test_what_is_not_as_expected_is_one_line_and_needs_a_person(publish, words, held):
    publish(held)

    found = look()

    [fault] = [each for each in found if each.note]
    assert f"{fault.status}: {fault.note}".startswith(words) and "\n" not in fault.note
    assert findings.exit_status(found) == 20


def test_an_api_that_no_fetcher_knows_is_refused_with_its_row(own_data):
    heading = "family,api,address,within,item,first_year,hosts"
    (own_data / "curated/publishers.csv").write_text(f"{heading}\ncpi,odds,https://x.uk,,,,x.uk\n")

    with pytest.raises(ValueError, match=r"^data/curated/publishers\.csv, row 2: no such api 'odds'; expected one of"):
        findings.listed()


def test_every_publisher_is_one_that_a_fetcher_knows_and_has_its_own_host_listed():
    for row in findings.listed():
        url = httpx.URL(row["address"])
        assert row["api"] in offers.FETCHERS and url.scheme == "https" and url.host in row["hosts"].split()
        re.compile(row["item"])
    families = set(sources.register()["family"]) | {"ilacs_overview"}  # registered with what will read it
    assert {row["family"] for row in findings.listed()} <= families


# Taking ---------------------------------------------------------------------------------------------------------------


def register(copy):
    return (copy.folder / "curated/sources.csv").read_text().splitlines()


def test_what_is_new_is_put_beside_the_old_and_registered_in_a_row_of_its_own(held):
    NEW_YEAR(held, name="Outcomes_2025.ods")
    before, built = register(held), []

    found = take.take(look(), lambda: built.append(register(held)), TODAY)

    assert [each.taken for each in found] == [False, False, True, False, False, False, False]
    assert register(held) == [
        *before,
        f"outcomes_3,stats,Office,Outcomes 2026,2026-09-24,{PAGE.format(2026)},OGL-3.0,outcomes/Outcomes_2025_"
        f"2026-09-24.ods,{hashlib.sha256(YEARS[2026]).hexdigest()},outcomes,layout 2,3,taken by refresh",
    ]
    assert built == [register(held)]  # once, with the row in its place
    assert sources.raw_file("outcomes_3").read_bytes() == YEARS[2026]
    assert sources.raw_file("outcomes_2025").read_bytes() == YEARS[2025]
    assert {each.status for each in look()} == {"current"}


def test_a_revision_has_the_layout_of_its_own_year_and_without_a_later_day_is_known_from_today(held):
    OLD_YEAR(held)

    take.take(look(), lambda: None, TODAY)
    NEW_YEAR(held, day="2026-12-01")
    take.take(look(), lambda: None, TODAY)

    told = sources.register().loc[["outcomes_3", "outcomes_4"], ["published_edtf", "layout", "raw_file"]]
    assert told.to_numpy().tolist() == [
        ["2026-11-28", "layout 1", "outcomes/Outcomes_2024_2026-11-28.ods"],
        ["2026-12-01", "layout 2", "outcomes/Outcomes_2026.ods"],
    ]


def test_a_report_goes_into_the_folder_whose_row_follows_and_is_left_to_a_person_where_the_readers_differ(held):
    rows = [("The experiences and progress of care leavers", "Splendid"), *made_reports.ROWS[:3], made_reports.ROWS[4]]
    disputed, before = made_reports.report_pdf(rows), register(held)
    NEW_REPORT(held, content=disputed)

    [found] = take.take(look("reports"), lambda: None, TODAY)

    assert found.taken and "care_leavers" in found.note
    assert len(register(held)) == len(before) and sources.register().at["reports", "published_edtf"] == "2025-07-14"
    assert (sources.raw_file("reports") / REPORT).read_bytes() == disputed
    assert findings.exit_status([found]) == 20


UNKNOWN = ValueError("Outcomes_2026.ods, sheet History, row 4, column C: unknown heading 'Grade'; add it")


@pytest.mark.parametrize("error", [UNKNOWN, KeyboardInterrupt(), SystemExit(143), OSError("disk full")])
def test_what_no_reader_understands_is_said_and_whatever_fails_everything_stays_as_it_was(error, held):
    NEW_YEAR(held)
    NEW_REPORT(held, content=LONGER)
    looked, before = look(), contents(held.folder)

    def rebuild():
        for name in ("tidy/spellings.csv", "tidy/more.csv", "DICTIONARY.md"):
            (held.folder / name).write_text("half")
        raise error

    with nullcontext() if error is UNKNOWN else pytest.raises(type(error)):
        faults = [each for each in take.take(looked, rebuild, TODAY) if each.note]
        assert [(each.status, each.note) for each in faults] == [("not understood", str(UNKNOWN))] * 2
        assert findings.exit_status(faults) == 20

    assert contents(held.folder) == before


def test_one_release_that_is_not_understood_keeps_no_other_out(held):
    NEW_YEAR(held)
    new_prices(held)

    def rebuild():
        if "outcomes_3" in sources.register().index:
            raise UNKNOWN

    found = take.take(look(), rebuild, TODAY)

    assert [each.source for each in found if each.taken] == ["cpi"]
    assert {"cpi_2"} == set(sources.register().index) - set(HELD)
    assert findings.exit_status(found) == 20


def test_a_name_that_leads_out_of_the_folder_stays_in_it(held):
    address = MEDIA.format(2026, "x")
    attachments = {"details": {"attachments": [{"filename": "../../Outcomes.ods", "url": address}]}}
    held.put(API.format(2026), attachments | {"title": "Outcomes 2026", "public_updated_at": "2026-09-24T09:30:00Z"})
    held.put(address, YEARS[2026])
    path = held.folder / "curated/publishers.csv"
    path.write_text(path.read_text().replace("Outcomes.*", ".*Outcomes.*"))

    take.take(look("outcomes"), lambda: None, TODAY)

    assert sources.register().at["outcomes_3", "raw_file"] == "outcomes/Outcomes.ods"


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_takes_what_is_new_and_says_so_by_its_status(held, monkeypatch):
    monkeypatch.setattr(cli, "_rebuild", lambda test: None)
    NEW_YEAR(held)
    before = contents(held.folder)

    seen = CliRunner().invoke(cli.main, ["refresh", "--check", "outcomes"])
    assert (seen.exit_code, contents(held.folder)) == (10, before)
    assert seen.output.splitlines()[3] == ("outcomes  outcomes_2025  2025-09-25  Outcomes_2026.ods  2026-09-24  newer")

    taken = CliRunner().invoke(cli.main, ["refresh", "--json", "outcomes"])
    assert taken.exit_code == 10
    address = MEDIA.format(2026, "Outcomes_2026.ods")
    assert json.loads(taken.output)[2] == (
        {"source": "outcomes", "held": "outcomes_2025", "held_day": "2025-09-25", "status": "newer", "taken": True}
        | {"offered": "Outcomes_2026.ods", "offered_day": "2026-09-24", "address": address, "note": ""}
    )

    again = CliRunner().invoke(cli.main, ["refresh"])
    assert again.exit_code == 0 and "newer" not in again.output


@pytest.mark.parametrize(("command", "status", "left"), [("true", 10, ""), ("exit 3", 20, "outcomes: `exit 3` does")])
def test_the_command_takes_only_what_a_test_of_the_new_tables_allows(command, status, left, held, monkeypatch):
    for module, name in ((build, "build_all"), (claims, "check_tests"), (build, "write_all")):
        monkeypatch.setattr(module, name, lambda *_: None)
    NEW_YEAR(held)
    before = contents(held.folder)

    seen = CliRunner().invoke(cli.main, ["refresh", "--test", command])

    assert seen.exit_code == status and left in seen.output
    assert (contents(held.folder) == before) == (status == 20)


def test_the_command_ends_with_20_where_a_person_is_needed_and_with_1_where_it_cannot_begin(held):
    RENAMED(held)

    left, lost = (CliRunner().invoke(cli.main, ["refresh", *words]) for words in (["--check"], ["outcome"]))

    assert (left.exit_code, lost.exit_code) == (20, 1)
    assert left.output.splitlines()[-1].startswith(f"outcomes: {PAGE.format(2026)}: 0 of Pre-release.ods, LA outcomes")
    assert lost.output.startswith("error: outcome: no such source (did you mean 'outcomes'?); there are outcomes, need")
