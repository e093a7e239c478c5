"""Build the tidy tables, in the order in which they need each other: every table of `contracts.toml`, or none."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

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
from childrens_services.sources import raw_file, read_curated, read_rows

Frames = dict[str, pd.DataFrame]
# The newest day on which a source was read, for sources that print no date of their own.
IN_HAND = date(2026, 6, 29)
# Families of files by the layouts that can be read.
_LAYOUTS = dict.fromkeys(releases.LAYOUTS["families"]["one_layout"], ("",)) | {
    "ofsted_outcomes": tuple(ofsted_outcomes.SHEETS),
    "revenue_outturn": tuple(releases.LAYOUTS["revenue_outturn"]["heading_rows"]),
    "neighbours": tuple(reference.NEIGHBOURS),
}
_LISTS_AUTHORITIES = "b1_children_in_need"  # the dataset whose rows name the authorities of each year
_PLACE = ("time_period", "geographic_level", "country_code", "region_code", "new_la_code")


def build_all(say: Callable[[str], None] = lambda line: None) -> Frames:
    """Build and check every tidy table, or raise ValueError for what is not right; `say` is told each step."""
    frames: Frames = {}
    steps = {
        **{"sources": _sources, "authorities": _authorities, "prices, population, neighbours": _reference},
        **{"cartogram": _cartogram, "inspections": _inspections, "reports": _reports, "compiled sheet": _compiled},
        **{"spending": _spending, "indicators": _indicators, "curated facts": _curated},
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
    releases.check_releases(rows, dict.fromkeys(read_curated("indicators")["dataset"], ("",)) | _LAYOUTS)
    return {"sources": rows.drop(columns=["family", "layout", "release"])}


def _register() -> pd.DataFrame:
    rows = read_curated("sources")
    cells = zip(rows["source_id"], rows["published_edtf"], strict=True)
    days = [facts.day_out(key, text) if text else IN_HAND for key, text in cells]
    return rows.assign(published=pd.to_datetime(pd.Series(days, index=rows.index)))


def _releases(family: str) -> list[releases.Release]:
    """Return the releases of a family, oldest first, each file being the registered one."""
    rows = releases.in_order(_register(), family).itertuples()
    return [releases.Release(r.source_id, r.layout, r.published.date(), raw_file(r.source_id)) for r in rows]


def _credited(family: str, make: Callable[[releases.Release], pd.DataFrame], key: Sequence[str]) -> pd.DataFrame:
    """Return what the releases of a family say, each row credited to the first that said it."""
    return releases.credit_first([make(each) for each in _releases(family)], key)


def _day_of_sources(frames: Frames) -> pd.Series:
    return frames["sources"].set_index("source_id")["published"]


def _authorities(_: Frames) -> Frames:
    columns, editions = ("la_name", "region_name", "old_la_code"), _releases(_LISTS_AUTHORITIES)
    listed = pd.concat([_read_cells(each, *columns).assign(source_id=each.source_id) for each in editions])
    curated = [read_curated(name) for name in ("authority_changes", "authority_codes")]
    authorities = tables.conform("authorities", authority_tables.build_authorities(listed, *curated))
    crosswalk = authority_tables.full_crosswalk(authorities, read_curated("authority_spellings"))
    spellings = authority_tables.spellings(authorities, crosswalk, authority_tables.code_changes())
    areas = tables.conform("areas", authority_tables.areas(authorities))
    return {"authorities": authorities, "areas": areas, "spellings": spellings}


def _read_cells(release: releases.Release, *further: str) -> pd.DataFrame:
    return reference.read_cells(release.path, (*_PLACE, *further))


def _known(frames: Frames) -> dict[str, str]:
    return authority_tables.known_codes(frames["areas"], authority_tables.code_changes())


def _rules() -> pd.DataFrame:
    return reference.with_days(read_curated("publication_rules"), read_curated("publication_days"))


def _reference(frames: Frames) -> Frames:
    known, rules = _known(frames), _rules()

    def people(each: releases.Release) -> pd.DataFrame:
        cells = _read_cells(each, "age_group", "population_estimate")
        return reference.population(cells, known, reference.find_rule(rules, "calendar_year", "population"), each)

    def prices(series: str, each: releases.Release) -> pd.DataFrame:
        rule = reference.find_rule(rules, "year_to_31_march", series)
        return reference.prices(read_rows(each.path), series, rule, each.source_id)

    series = [_credited(name, partial(prices, name), ["financial_year"]) for name in reference.SERIES]
    near = [reference.neighbours(read_rows(each.path), known, each) for each in _releases("neighbours")]
    return {
        "population": _credited("population", people, ["area_code", "year"]),
        "prices": pd.concat(series),
        "neighbours": releases.credit_first(near, ["model", "la_code_ons", "rank"]),
    }


def _cartogram(frames: Frames) -> Frames:
    known, read = _known(frames), cartogram.read_shapes
    maps = _credited("cartogram", lambda each: cartogram.cartogram(read(each.path), known, each), ["area_code"])
    return {"cartogram": maps}


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
    sheets = reference.read_sheets(release.path)
    return ofsted_outcomes.read_edition(sheets, release.source_id, release.layout, crosswalk, release.path.name)


def _reports(frames: Frames) -> Frames:
    """Read the folder of reports: certificates of all files, and the inspections that no other source has."""
    crosswalk = reports.crosswalk(frames["authorities"], read_curated("authority_spellings"))
    (folder,) = _releases("ofsted_reports")
    read, in_hand = read_reports([folder.path], crosswalk), folder.edition.isoformat()
    rows = reports.not_after(reports.certificates(read, in_hand), in_hand)
    known = {name: tables.conform(name, frames[name]) for name in ("events", "judgements", "conflicts")}
    new = set(reports.new_inspections(rows, known["events"]))
    entering = [each for each in read if reports.file_name(each) in new]
    events, judgements = reports.events_and_judgements(entering, in_hand)
    dated = reports.date_by_inspections(rows, known["events"])
    differing = reports.conflicts(reports.compare(dated, known["events"], known["judgements"]))
    found = {"events": ofsted_outcomes.describe(events), "judgements": judgements, "conflicts": differing}
    whole = {name: pd.concat([known[name], tables.conform(name, more)]) for name, more in found.items()}
    return whole | {"certificates": dated}


def _compiled(frames: Frames) -> Frames:
    """Set the compiled sheets, the newest first, beside all other inspections, and add those that only they have."""
    changes, days = authority_tables.code_changes(), _day_of_sources(frames)
    for each in reversed(_releases(compiled.FAMILY)):
        cells = reference.read_sheets(each.path, compiled.SHEET)[compiled.SHEET]
        rows = compiled.read_sheet(cells, frames["authorities"], changes, each)
        frames = frames | compiled.add(rows, frames, days, each)
    return {name: frames[name] for name in compiled.TABLES}


def _spending(frames: Frames) -> Frames:
    known, layout, lines = _known(frames), read_curated("ro3_layout"), read_curated("section_251_lines")
    key = ["area_code", "financial_year", "line", "measure"]

    def outturn(each: releases.Release) -> pd.DataFrame:
        return spending.revenue_outturn(spending.read_outturn(each.path), layout, known, each)

    finance = [spending.section_251(_lait(frames, each, [indicators.LAIT_FINANCE]), lines) for each in _lait_releases()]
    section_251 = releases.credit_first(finance, key)
    marked = spending.implausible(section_251)[list(tables.contracts()["implausible"]["columns"])]
    whole = pd.concat([_credited("revenue_outturn", outturn, key), section_251], ignore_index=True)
    return {"spending": whole, "implausible": marked}


def _lait_releases() -> list[tuple[releases.Release, pd.DataFrame]]:
    files, dictionaries = _releases("lait"), _releases("lait_dictionary")
    if len(files) != len(dictionaries):
        raise ValueError(
            f"data/curated/sources.csv: {len(files)} releases of lait and {len(dictionaries)} of lait_dictionary; "
            "register each with the dictionary that came with it"
        )
    return [(file, indicators.read_dictionary(each.path)) for file, each in zip(files, dictionaries, strict=True)]


def _lait(frames: Frames, release: tuple[releases.Release, pd.DataFrame], topics: Sequence[str]) -> pd.DataFrame:
    values = indicators.read_lait(release[0].path)
    return indicators.lait_rows(values, release[1], topics, _known(frames), _rules(), release[0])


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
    read, rules = [(each, _read_cells(each)) for each in _releases(dataset)], _rules()
    mine = [described[described["column"].isin(cells.columns)] for _, cells in read[:-1]] + [described]
    return [indicators.statistics(read[n][1], mine[n], known, rules, read[n][0]) for n in range(len(read))]


def _curated(frames: Frames) -> Frames:
    return facts.facts(_day_of_sources(frames))
