"""Build the tidy tables: raw and curated files in, checked tables out, in the order in which they need each other.

Goes in: the registered files under RAW_DIR and `data/curated`. Comes out: every table of `contracts.toml`, written all
or none. Nothing is written when a file, a spelling, a word, a key or a reference is not as it should be.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pandas as pd
import python_calamine
from ofsted_reports import read_reports

from childrens_services import contracts, dictionary, paths, tables
from childrens_services.normalise import authorities as authority_tables
from childrens_services.normalise import (
    cartogram,
    indicators,
    inspections,
    ofsted_outcomes,
    reference,
    reports,
    spending,
)
from childrens_services.periods import Period, read_edtf
from childrens_services.sources import raw_file, read_curated

Frames = dict[str, pd.DataFrame]
# The newest day on which a source was read, for sources that print no date of their own.
IN_HAND = date(2026, 6, 29)
_PLACE = ("time_period", "geographic_level", "country_code", "region_code", "new_la_code")
# What the compiler of the claims found and said of them stays in the curated file: it would be read as ours.
_COMPILED = ["how_to_check", "compiled_check", "compiled_verdict"]
_DATED = {
    "budgets": ["period"],
    "statements": ["as_of", "said_on"],
    "findings": ["said_on"],
    "claims": ["as_of", "said_on"],
    "forecasts": ["made_on", "outcome_date"],
}


def build_all(say: Callable[[str], None] = lambda line: None) -> Frames:
    """Build and check every tidy table; `say` is told each step.

    Raises ValueError for the first file that is not right, or for all rows that do not hold together.
    """
    frames: Frames = {}
    steps = {
        "sources": _sources,
        "authorities": _authorities,
        "prices, population, neighbours": _reference,
        "cartogram": _cartogram,
        "inspections": _inspections,
        "reports": _reports,
        "spending": _spending,
        "indicators": _indicators,
        "curated facts": _curated,
    }
    for name, step in steps.items():
        say(name)
        frames |= step(frames)
    say("checks")
    first_days = frames["areas"].set_index("area_code")["published"]
    dated = {name: _not_before_areas(frame, first_days) for name, frame in frames.items()}
    return contracts.check_all(dated)


def _not_before_areas(rows: pd.DataFrame, first_days: pd.Series) -> pd.DataFrame:
    """Date rows by the first day of their area where that is later: figures of years before it were made afterwards."""
    if "area_code" not in rows:
        return rows
    return rows.assign(published=rows["published"].clip(lower=rows["area_code"].map(first_days)))


def write_all(frames: Mapping[str, pd.DataFrame]) -> None:
    """Write checked tables with their data package and dictionary."""
    package = dictionary.data_package(read_curated("sources"))
    tables.store(frames)
    (paths.TIDY / "datapackage.json").write_text(package, encoding="utf-8", newline="\n")
    (paths.TIDY.parent / "DICTIONARY.md").write_text(dictionary.dictionary(), encoding="utf-8", newline="\n")


def _sources(_: Frames) -> Frames:
    rows = read_curated("sources")
    texts = rows.set_index("source_id")["published_edtf"].items()
    days = [_read_date("sources", key, "published_edtf", text).latest if text else IN_HAND for key, text in texts]
    return {"sources": rows.assign(published=pd.to_datetime(pd.Series(days, index=rows.index)))}


def _day_of_sources(frames: Frames) -> pd.Series:
    return frames["sources"].set_index("source_id")["published"]


def _edition(frames: Frames, source_id: str) -> date:
    return _day_of_sources(frames)[source_id].date()


def _authorities(_: Frames) -> Frames:
    listed = _read_cells("dfe_b1", "la_name", "region_name", "old_la_code")
    table = authority_tables.build_authorities(
        listed, read_curated("authority_changes"), read_curated("authority_codes"), source_id="dfe_b1"
    )
    authorities = tables.conform("authorities", table)
    crosswalk = authority_tables.full_crosswalk(authorities, read_curated("authority_spellings"))
    spellings = authority_tables.spellings(authorities, crosswalk, authority_tables.code_changes())
    areas = tables.conform("areas", authority_tables.areas(authorities))
    return {"authorities": authorities, "areas": areas, "spellings": spellings}


def _read_cells(source_id: str, *further: str) -> pd.DataFrame:
    """Read a published CSV after its heading has been looked at; `further` are columns beside those of the place."""
    path = raw_file(source_id)
    cells = reference.read_cells(path)
    if lacking := [column for column in (*_PLACE, *further) if column not in cells]:
        raise ValueError(
            f"{path.name}, row 1: lacks column {lacking[0]!r}, has {', '.join(cells.columns[:12])} and so on; the "
            "publisher may have renamed it: look, then mend build.py"
        )
    return cells


def _reference(frames: Frames) -> Frames:
    areas, changes = frames["areas"], authority_tables.code_changes()
    rules = read_curated("publication_rules")
    cells, file = _read_cells("ons_population", "age_group", "population_estimate"), raw_file("ons_population").name
    rule, edition = reference.find_rule(rules, "calendar_year", "population"), _edition(frames, "ons_population")
    people = reference.population(cells, areas, changes, rule, edition, "ons_population", file)
    series = [
        reference.prices(
            reference.read_rows(raw_file(source)), name, reference.find_rule(rules, "year_to_31_march", name), source
        )
        for name, source in (("gdp_deflator", "ons_deflator"), ("cpi", "ons_cpi"))
    ]
    near = [
        reference.place_neighbours(
            read(reference.read_rows(raw_file(source))), areas, model, _edition(frames, source), source
        )
        for model, source, read in (
            ("2021", "dfe_neighbours_2021", reference.read_neighbours_2021),
            ("2025", "dfe_neighbours_2025", reference.read_neighbours_2025),
        )
    ]
    return {"population": people, "prices": pd.concat(series), "neighbours": pd.concat(near)}


def _cartogram(frames: Frames) -> Frames:
    source_id, path = "commons_cartogram_2023", raw_file("commons_cartogram_2023")
    shapes, changes = cartogram.read_shapes(path), authority_tables.code_changes()
    edition = _edition(frames, source_id)
    return {"cartogram": cartogram.cartogram(shapes, frames["areas"], changes, edition, source_id, path.name)}


def _inspections(frames: Frames) -> Frames:
    crosswalk = authority_tables.full_crosswalk(frames["authorities"], read_curated("authority_spellings"))
    editions = [_edition_sheets(source, crosswalk) for source in ("ofsted_ods_2025", "ofsted_ods_2024")]
    ours = inspections.curated(read_curated("events"), read_curated("judgements"), read_curated("event_sources"))
    whole = inspections.combine(inspections.official(editions), ours, _day_of_sources(frames))
    frameworks = whole.events.set_index("event_id")["framework"]
    judgements = whole.judgements.assign(framework=whole.judgements["event_id"].map(frameworks))
    return whole._asdict() | {"judgements": judgements}


def _edition_sheets(source_id: str, crosswalk: pd.DataFrame) -> list[pd.DataFrame]:
    path = raw_file(source_id)
    book = python_calamine.CalamineWorkbook.from_path(path)
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return ofsted_outcomes.read_edition(sheets, source_id, crosswalk, path.name)


def _reports(frames: Frames) -> Frames:
    """Read the folder of reports: certificates of all files, and the inspections that no other source has."""
    crosswalk = reports.crosswalk(frames["authorities"], read_curated("authority_spellings"))
    read = read_reports([raw_file(reports.SOURCE)], crosswalk)
    in_hand = _edition(frames, reports.SOURCE).isoformat()
    rows = _not_after(reports.certificates(read, in_hand), in_hand)
    known = {name: tables.conform(name, frames[name]) for name in ("events", "judgements", "conflicts")}
    new = set(reports.new_inspections(rows, known["events"]))
    events, judgements = reports.events_and_judgements(
        [each for each in read if reports.file_name(each) in new], in_hand
    )
    dated = reports.date_by_inspections(rows, known["events"])
    differing = reports.conflicts(reports.compare(dated, known["events"], known["judgements"]))
    found = {"events": ofsted_outcomes.describe(events), "judgements": judgements, "conflicts": differing}
    whole = {name: pd.concat([known[name], tables.conform(name, more)]) for name, more in found.items()}
    return whole | {"certificates": dated}


def _not_after(rows: pd.DataFrame, in_hand: str) -> pd.DataFrame:
    """Refuse a report that is newer than its folder: by `as_at` it would be known before it was written."""
    days = rows[rows["field"].isin(["start", "end", "published"]) & rows["certainty"].eq("certain")]
    later = days[days["first_reading"] > in_hand]
    if len(later):
        row = later.iloc[0]
        raise ValueError(
            f"data/curated/sources.csv, row {reports.SOURCE}: published_edtf gives {in_hand}, but "
            f"{row['file']} prints {row['first_reading']} ({row['field']}); write the day the newest report came out"
        )
    return rows


def _spending(frames: Frames) -> Frames:
    areas, changes = frames["areas"], authority_tables.code_changes()
    layout = read_curated("ro3_layout")
    parts = []
    for source_id, mine in layout.groupby("source_id"):
        path = raw_file(source_id)
        cells = spending.read_outturn(path, mine["sheet"].iloc[0])
        parts.append(spending.revenue_outturn(cells, mine, areas, changes, _edition(frames, source_id), path.name))
    finance = _lait(frames, [indicators.LAIT_FINANCE])
    section_251 = spending.section_251(finance, read_curated("section_251_lines"))
    marked = spending.implausible(section_251)
    return {"spending": pd.concat([*parts, section_251], ignore_index=True), "implausible": _marks(marked, section_251)}


def _marks(marked: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Date each mark by the year after: only with its publication could anybody have found the year implausible."""
    next_year = marked["financial_year"].map(_year_after)
    key = ["area_code", "line", "measure"]
    known = rows.rename(columns={"published": "found"})[[*key, "financial_year", "found"]]
    dated = marked.assign(next_year=next_year).merge(
        known, left_on=[*key, "next_year"], right_on=[*key, "financial_year"], suffixes=("", "_after"), validate="1:1"
    )
    columns = list(tables.contracts()["implausible"]["columns"])
    return dated.assign(published=dated["found"])[columns]


def _year_after(financial_year: str) -> str:
    first = int(financial_year[:4]) + 1
    return f"{first}-{(first + 1) % 100:02d}"


def _lait(frames: Frames, topics: Sequence[str]) -> pd.DataFrame:
    values, rules = indicators.read_lait(raw_file("dfe_lait")), read_curated("publication_rules")
    described, edition = _lait_dictionary(), _edition(frames, "dfe_lait")
    return indicators.lait_rows(values, described, topics, frames["areas"], rules, edition, "dfe_lait")


def _lait_dictionary() -> pd.DataFrame:
    return pd.read_csv(raw_file("dfe_lait_dictionary"), dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _indicators(frames: Frames) -> Frames:
    areas, changes = frames["areas"], authority_tables.code_changes()
    described, rules = read_curated("indicators"), read_curated("publication_rules")
    parts = []
    for source_id, mine in described.groupby("source_id"):
        cells, file = _read_cells(source_id), raw_file(source_id).name
        parts.append(indicators.statistics(cells, mine, areas, changes, rules, _edition(frames, source_id), file))
    official = pd.concat(parts, ignore_index=True)
    long = _lait(frames, indicators.LAIT_TOPICS)
    units = read_curated("units")
    listed = [indicators.describe(described, official), indicators.describe_lait(_lait_dictionary(), long, units)]
    every = pd.concat(listed, ignore_index=True)
    return {
        "observations": pd.concat([official, indicators.lait_observations(long)], ignore_index=True),
        "indicators": every,
        "units": _dated_by_use(units.drop(columns="printed"), "unit", every),
    }


def _curated(frames: Frames) -> Frames:
    days = _day_of_sources(frames)
    facts = ("budgets", "statements", "claims", "claim_sources", "forecasts", "findings")
    found = {name: _with_source_day(name, days) for name in facts}
    found["claims"] = found["claims"].drop(columns=_COMPILED)
    found["themes"] = _dated_by_use(read_curated("themes"), "theme", found["findings"])
    found["claim_sources"] = _not_before_claims(found["claim_sources"], found["claims"])
    found["claim_tests"] = _with_claim_day(read_curated("claim_tests"), found["claims"])
    found["contradictions"] = _with_both_days(_with_source_day("contradictions", days), days)
    return found


def _dated_by_use(rows: pd.DataFrame, key: str, users: pd.DataFrame) -> pd.DataFrame:
    """Date each word of our own by the first row that uses it, so that on any day every such row has its word."""
    first = users.groupby(key)["published"].min()
    return rows.assign(source_id=authority_tables.OWN_CODING, published=rows[key].map(first))


def _not_before_claims(further: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Date each further source by its claim where that is later: nobody could test what had not been said."""
    said = further["claim_id"].map(claims.groupby("claim_id")["published"].min())
    return further.assign(published=pd.concat([further["published"], said], axis="columns").max(axis="columns"))


def _with_claim_day(tests: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return the tests of claims the source and day of the claim: nobody could test what had not been said."""
    told = claims.drop_duplicates("claim_id").set_index("claim_id")[["source_id", "published"]]
    return tests.join(told, on="claim_id", validate="m:1")


def _with_both_days(pairs: pd.DataFrame, days: pd.Series) -> pd.DataFrame:
    """Date each contradiction by the later of its two sources: until then there was none."""
    later = pd.concat([pairs["published"], pairs["other_source_id"].map(days)], axis="columns").max(axis="columns")
    return pairs.assign(published=later)


def _with_source_day(name: str, days: pd.Series) -> pd.DataFrame:
    """Return curated rows with the day of their source, after every date in them has been read."""
    rows = read_curated(name)
    key = rows.columns[0]
    lost = rows[~rows["source_id"].isin(days.index)]
    if len(lost):
        raise ValueError(
            f"data/curated/{name}.csv, row {lost[key].iloc[0]}: unknown source_id {lost['source_id'].iloc[0]!r}; "
            "register it in sources.csv, or mend the row"
        )
    for column in _DATED.get(name, []):
        for row in rows[rows[column] != ""].to_dict("records"):
            _read_date(name, row[key], column, row[column])
    return rows.assign(published=rows["source_id"].map(days))


def _read_date(name: str, key: str, column: str, text: str) -> Period:
    try:
        return read_edtf(text)
    except ValueError as error:
        raise ValueError(f"data/curated/{name}.csv, row {key}, column {column}: {error}; mend the cell") from error
