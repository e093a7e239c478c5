"""Build the tidy tables: raw and curated files in, checked tables out, in the order in which they need each other.

Goes in: the registered files under RAW_DIR and `data/curated`. Comes out: every table of `contracts.toml`, written all
or none. Nothing is written when a file, a spelling, a word, a key or a reference is not as it should be.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pandas as pd
from ofsted_reports import read_reports

from childrens_services import contracts, dictionary, digests, paths, tables
from childrens_services.normalise import authorities as authority_tables
from childrens_services.normalise import (
    cartogram,
    checks,
    compiled,
    facts,
    indicators,
    inspections,
    ofsted_outcomes,
    reference,
    releases,
    reports,
    spending,
    stated,
)
from childrens_services.sources import raw_file, read_curated

Frames = dict[str, pd.DataFrame]
# The newest day on which a source was read, for sources that print no date of their own.
IN_HAND = date(2026, 6, 29)
# Families of files with more than one layout; the others have none to name.
_LAYOUTS = {
    "ofsted_outcomes": tuple(ofsted_outcomes.SHEETS),
    "revenue_outturn": tuple(spending.LAYOUTS),
    "neighbours": tuple(reference.NEIGHBOURS),
}
_ONE_LAYOUT = (
    "population",
    "gdp_deflator",
    "cpi",
    "cartogram",
    "ofsted_reports",
    "lait",
    "lait_dictionary",
    compiled.FAMILY,
)
_LISTS_AUTHORITIES = "b1_children_in_need"  # the dataset whose rows name the authorities of each year
_PLACE = ("time_period", "geographic_level", "country_code", "region_code", "new_la_code")


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
        "compiled sheet": _compiled,
        "spending": _spending,
        "indicators": _indicators,
        "curated facts": _curated,
    }
    for name, step in steps.items():
        say(name)
        frames |= step(frames)
    say("checks")
    first_days = frames["areas"].set_index("area_code")["published"]
    for name, frame in frames.items():
        if "area_code" in frame:  # figures of years before the area was there were made afterwards
            frames[name] = facts.not_before(frame, frame["area_code"].map(first_days))
    tidy = contracts.check_all(frames)
    checks.check_all(tidy)
    return tidy


def refuse_lost_rows(frames: Mapping[str, pd.DataFrame] | None = None) -> None:
    """Raise ValueError for a curated file, or one of the tables, with fewer rows than when they were written last."""
    digests.refuse_fewer(paths.TIDY, tables.count_rows(frames or {}), _curated_rows())


def _curated_rows() -> dict[str, int]:
    return {path.stem: len(read_curated(path.stem)) for path in sorted(paths.CURATED.glob("*.csv"))}


def write_all(frames: Mapping[str, pd.DataFrame]) -> None:
    """Write checked tables with their data package and dictionary."""
    package = dictionary.data_package(read_curated("sources"))
    texts = {f"{paths.TIDY.name}/datapackage.json": package, "DICTIONARY.md": dictionary.dictionary()}
    tables.store(frames, curated=_curated_rows(), texts=texts)


def _sources(_: Frames) -> Frames:
    rows = _register()
    datasets = dict.fromkeys([*_ONE_LAYOUT, *read_curated("indicators")["dataset"]], ("",))
    releases.check_releases(rows, datasets | _LAYOUTS)
    return {"sources": rows.drop(columns=["family", "layout", "release"])}


def _register() -> pd.DataFrame:
    """Return the register of sources with the day of each."""
    rows = read_curated("sources")
    texts = rows.set_index("source_id")["published_edtf"].items()
    days = [facts.day_out(key, text) if text else IN_HAND for key, text in texts]
    return rows.assign(published=pd.to_datetime(pd.Series(days, index=rows.index)))


def _releases(family: str) -> list[releases.Release]:
    """Return the releases of a family, oldest first, each file being the registered one."""
    rows = releases.in_order(_register(), family)
    return [
        releases.Release(row.source_id, row.layout, row.published.date(), raw_file(row.source_id))
        for row in rows.itertuples()
    ]


def _day_of_sources(frames: Frames) -> pd.Series:
    return frames["sources"].set_index("source_id")["published"]


def _authorities(_: Frames) -> Frames:
    editions = {
        each.source_id: _read_cells(each, "la_name", "region_name", "old_la_code")
        for each in _releases(_LISTS_AUTHORITIES)
    }
    listed = pd.concat([cells.assign(source_id=source_id) for source_id, cells in editions.items()])
    table = authority_tables.build_authorities(
        listed, read_curated("authority_changes"), read_curated("authority_codes")
    )
    authorities = tables.conform("authorities", table)
    crosswalk = authority_tables.full_crosswalk(authorities, read_curated("authority_spellings"))
    spellings = authority_tables.spellings(authorities, crosswalk, authority_tables.code_changes())
    areas = tables.conform("areas", authority_tables.areas(authorities))
    return {"authorities": authorities, "areas": areas, "spellings": spellings}


def _read_cells(release: releases.Release, *further: str) -> pd.DataFrame:
    """Read a published CSV after its heading has been looked at; `further` are columns beside those of the place."""
    cells = reference.read_cells(release.path)
    if lacking := [column for column in (*_PLACE, *further) if column not in cells]:
        raise ValueError(
            f"{release.path.name}, row 1: lacks column {lacking[0]!r}, has {', '.join(cells.columns[:12])} and so on; "
            "the publisher may have renamed it: look, then mend build.py"
        )
    return cells


def _known(frames: Frames) -> dict[str, str]:
    return authority_tables.known_codes(frames["areas"], authority_tables.code_changes())


def _rules() -> pd.DataFrame:
    return reference.with_days(read_curated("publication_rules"), read_curated("publication_days"))


def _reference(frames: Frames) -> Frames:
    known = _known(frames)
    people = [_population(each, known) for each in _releases("population")]
    series = {name: [_prices(name, each) for each in _releases(name)] for name in ("gdp_deflator", "cpi")}
    near = [reference.neighbours(reference.read_rows(each.path), known, each) for each in _releases("neighbours")]
    return {
        "population": releases.credit_first(people, ["area_code", "year"]),
        "prices": pd.concat(releases.credit_first(each, ["financial_year"]) for each in series.values()),
        "neighbours": releases.credit_first(near, ["model", "la_code_ons", "rank"]),
    }


def _population(release: releases.Release, known: Mapping[str, str]) -> pd.DataFrame:
    cells = _read_cells(release, "age_group", "population_estimate")
    rule = reference.find_rule(_rules(), "calendar_year", "population")
    return reference.population(cells, known, rule, release)


def _prices(series: str, release: releases.Release) -> pd.DataFrame:
    rule = reference.find_rule(_rules(), "year_to_31_march", series)
    return reference.prices(reference.read_rows(release.path), series, rule, release.source_id)


def _cartogram(frames: Frames) -> Frames:
    known = _known(frames)
    maps = [cartogram.cartogram(cartogram.read_shapes(each.path), known, each) for each in _releases("cartogram")]
    return {"cartogram": releases.credit_first(maps, ["area_code"])}


def _inspections(frames: Frames) -> Frames:
    crosswalk = authority_tables.full_crosswalk(frames["authorities"], read_curated("authority_spellings"))
    editions = [_edition_sheets(each, crosswalk) for each in reversed(_releases("ofsted_outcomes"))]
    stated.check_date_texts(read_curated("events"))
    ours = inspections.curated(read_curated("events"), read_curated("judgements"), read_curated("event_sources"))
    whole = inspections.combine(inspections.official(editions), ours, _day_of_sources(frames))
    frameworks = whole.events.set_index("event_id")["framework"]
    judgements = whole.judgements.assign(framework=whole.judgements["event_id"].map(frameworks))
    return whole._asdict() | {"judgements": judgements}


def _edition_sheets(release: releases.Release, crosswalk: pd.DataFrame) -> list[pd.DataFrame]:
    book = reference.open_workbook(release.path)
    sheets = {name: reference.sheet_cells(book, name, release.path.name) for name in book.sheet_names}
    return ofsted_outcomes.read_edition(sheets, release.source_id, release.layout, crosswalk, release.path.name)


def _reports(frames: Frames) -> Frames:
    """Read the folder of reports: certificates of all files, and the inspections that no other source has."""
    crosswalk = reports.crosswalk(frames["authorities"], read_curated("authority_spellings"))
    (folder,) = _releases("ofsted_reports")
    read, in_hand = read_reports([folder.path], crosswalk), folder.edition.isoformat()
    rows = reports.not_after(reports.certificates(read, in_hand), in_hand)
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


def _compiled(frames: Frames) -> Frames:
    """Set the compiled sheets, the newest first, beside all other inspections, and add those that only they have."""
    changes, days = authority_tables.code_changes(), _day_of_sources(frames)
    for each in reversed(_releases(compiled.FAMILY)):
        rows = compiled.read_sheet(compiled.read_cells(each.path), frames["authorities"], changes, each)
        frames = frames | compiled.add(rows, frames, days, each)
    return {name: frames[name] for name in compiled.TABLES}


def _spending(frames: Frames) -> Frames:
    known, layout = _known(frames), read_curated("ro3_layout")
    key, lines = ["area_code", "financial_year", "line", "measure"], read_curated("section_251_lines")
    finance = [spending.section_251(_lait(frames, each, [indicators.LAIT_FINANCE]), lines) for each in _lait_releases()]
    outturn = [
        spending.revenue_outturn(spending.read_outturn(each.path), layout, known, each)
        for each in _releases("revenue_outturn")
    ]
    section_251 = releases.credit_first(finance, key)
    whole = pd.concat([releases.credit_first(outturn, key), section_251], ignore_index=True)
    marked = spending.implausible(section_251)[list(tables.contracts()["implausible"]["columns"])]
    return {"spending": whole, "implausible": marked}


def _lait_releases() -> list[tuple[releases.Release, pd.DataFrame]]:
    """Return each release of LAIT with its own dictionary."""
    files, dictionaries = _releases("lait"), _releases("lait_dictionary")
    if len(files) != len(dictionaries):
        raise ValueError(
            f"data/curated/sources.csv: {len(files)} releases of lait and {len(dictionaries)} of lait_dictionary; "
            "register each with the dictionary that came with it"
        )
    read = [indicators.read_dictionary(each.path) for each in dictionaries]
    return list(zip(files, read, strict=True))


def _lait(frames: Frames, release: tuple[releases.Release, pd.DataFrame], topics: Sequence[str]) -> pd.DataFrame:
    file, described = release
    rules = _rules()
    return indicators.lait_rows(indicators.read_lait(file.path), described, topics, _known(frames), rules, file)


def _indicators(frames: Frames) -> Frames:
    described, units = read_curated("indicators"), read_curated("units")
    key = ["area_code", "indicator", "period"]
    official = [
        releases.credit_first(_statistics(_known(frames), mine, dataset), key)
        for dataset, mine in described.groupby("dataset")
    ]
    long = [(words, _lait(frames, (file, words), indicators.LAIT_TOPICS)) for file, words in _lait_releases()]
    values = releases.credit_first([indicators.lait_observations(rows) for _, rows in long], key)
    listed = releases.credit_first([indicators.describe_lait(*each, units) for each in long], ["indicator"])
    first = values.groupby("indicator")["published"].min()
    observations = pd.concat([*official, values], ignore_index=True)
    ours = indicators.describe(described, pd.concat(official))
    every = pd.concat([ours, listed.assign(published=listed["indicator"].map(first))], ignore_index=True)
    return {
        "observations": observations,
        "indicators": every,
        "units": facts.dated_by_use(units.drop(columns="printed"), "unit", every),
    }


def _statistics(known: Mapping[str, str], described: pd.DataFrame, dataset: str) -> list[pd.DataFrame]:
    """Return the observations of every release of a dataset; an indicator of the newest may be lacking in others."""
    *older, newest = [(each, _read_cells(each)) for each in _releases(dataset)]
    rules = _rules()
    parts = [(each, cells, described[described["column"].isin(cells.columns)]) for each, cells in older]
    return [
        indicators.statistics(cells, mine, known, rules, each) for each, cells, mine in [*parts, (*newest, described)]
    ]


def _curated(frames: Frames) -> Frames:
    return facts.facts(_day_of_sources(frames))
