"""What all national statistics lean on: area codes, printed values, publication days, neighbours, population, prices.

Goes in: cells as published and `known`, the code in use by every code that is printed. Comes out: tidy frames, or
series that `spending` and `indicators` put into theirs. An area that is not known is refused.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import python_calamine

from childrens_services import vocabulary
from childrens_services.normalise.releases import Release
from childrens_services.periods import financial_year

# Symbols of the Department for Education's files; any other text in a column of numbers is refused.
SYMBOLS = ("c", "z", "x", "u", "low")
_NUMBER = r"-?\d+(?:\.\d+)?(?:E-?\d+)?"
_RANKS = range(1, 11)
SERIES = {"gdp_deflator": "YBGB", "cpi": "D7BT"}  # the id that the publisher prints in the file
# Where the ten pairs of code and closeness begin, by layout: after code, name, code again, number and name of the
# region in 2021; the layout of 2025 has the code once.
NEIGHBOURS = {"2021": 5, "2025": 4}


def read_cells(path: Path) -> pd.DataFrame:
    """Read a published CSV as text, every cell as printed; the index is the line in the file, the heading being 1.

    Raises ValueError naming the file where it is no such table, has a heading twice or no row.
    """
    rows = read_rows(path)
    heading = rows[0] if rows else []
    if len(set(heading)) < len(heading) or len(rows) < 2:
        found = "no row below the heading" if len(rows) < 2 else f"a heading twice ({_twice(heading)})"
        raise ValueError(f"{path.name}: found {found}; get the file again")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(heading) or row == heading:
            found = "the heading again" if row == heading else f"{len(row)} cells"
            raise ValueError(
                f"{path.name}, line {line}: found {found}, expected {len(heading)} cells; get the file again"
            )
    return pd.DataFrame(rows[1:], columns=heading, index=range(2, len(rows) + 1), dtype="str")


def _twice(names: Sequence[str]) -> str:
    return next(name for n, name in enumerate(names) if name in names[:n])


def read_rows(path: Path) -> list[list[str]]:
    """Read a published CSV whose columns have no names of their own, a list of cells for each line.

    Raises ValueError naming the file for one that is not text, or is cut within a quoted cell.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row for row in csv.reader(file, strict=True) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: cannot be read as CSV ({error}); get the file again") from error


def open_workbook(path: Path) -> python_calamine.CalamineWorkbook:
    """Open a workbook, ODS or XLSX; raises ValueError naming the file for one that is damaged."""
    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.CalamineError as error:
        raise ValueError(f"{path.name}: not a workbook that can be read ({error}); get the file again") from error


def sheet_cells(book: python_calamine.CalamineWorkbook, name: str, file: str) -> list[list[object]]:
    """Return the cells of a sheet, row by row; raises ValueError naming the file for one that is damaged."""
    try:
        return book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise ValueError(f"{file}, sheet {name}: cannot be read ({error}); get the file again") from error


def locate(codes: pd.Series, known: Mapping[str, str], file: str) -> pd.Series:
    """Return the code in use for printed codes, for example E06000065 for E10000023 and for 815 (North Yorkshire).

    The index of `codes` is the line in the file, `known` as by `authorities.known_codes`. Raises ValueError for a code
    that is not among them.
    """
    found = codes.map(known)
    if len(unknown := codes[found.isna()]):
        raise ValueError(
            f"{file}, line {unknown.index[0]}: area {unknown.iloc[0]!r} is not a known authority, region or "
            f"England ({len(unknown)} such rows); add it to the authorities, or its new code to the changes of code"
        )
    return found


def read_values(texts: pd.Series, file: str, symbols: Sequence[str] = SYMBOLS) -> pd.DataFrame:
    """Return `value` and `status` for printed cells; "12.5" is 12.5 and `value`, "c" is empty and `confidential`.

    Values are rounded to four decimals, more than anyone publishes, which removes the noise of binary fractions. The
    index of `texts` is the line in the file and its name the column. Raises ValueError for any other text.
    """
    is_number = texts.str.fullmatch(_NUMBER)
    if len(bad := texts[~is_number & ~texts.isin(symbols)]):
        raise ValueError(
            f"{file}, line {bad.index[0]}, column {texts.name}: found {bad.iloc[0]!r}, expected a number or one of "
            f"{', '.join(symbols)}; where the publisher has a new symbol, add it to the vocabulary"
        )
    status = texts.where(~is_number, "").map(vocabulary.MISSING)
    return pd.DataFrame({"value": pd.to_numeric(texts.where(is_number)).round(4), "status": status})


def find_rule(rules: pd.DataFrame, period_kind: str, *names: str) -> Mapping[str, str]:
    """Return the publication rule of the first of `names` that has one for `period_kind`, the most particular first.

    Raises ValueError where there is none.
    """
    for name in names:
        found = rules[(rules["applies_to"] == name) & (rules["period_kind"] == period_kind)]
        if len(found) == 1:
            return _sound_rule(found.iloc[0])
    raise ValueError(
        f"publication_rules.csv: {' or '.join(names)} has not exactly one rule for {period_kind}; add a row that says "
        "by which day such figures are public"
    )


def with_days(rules: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the rules with `days`: by year the publisher's own day, where publication_days.csv (`known`) has it.

    Raises ValueError for a day of something that has no rule, and for a year or a day that is not one.
    """
    names = ["applies_to", "period_kind"]
    days: dict[tuple[str, str], dict[int, pd.Timestamp]] = {
        key: {} for key in rules[names].itertuples(index=False, name=None)
    }
    for number, row in enumerate(known.to_dict("records"), start=2):
        at, key = f"data/curated/publication_days.csv, row {number}", (row["applies_to"], row["period_kind"])
        if key not in days:
            raise ValueError(f"{at}: {' '.join(key)} has no rule in publication_rules.csv; mend the name or add a rule")
        try:
            days[key][int(row["period"])] = pd.Timestamp(date.fromisoformat(row["published"]))
        except ValueError as why:
            raise ValueError(f"{at}: {why}; expected a year and a day such as 2021-01-21") from None
    return rules.assign(days=[days[key] for key in rules[names].itertuples(index=False, name=None)])


def _sound_rule(rule: Mapping[str, str]) -> Mapping[str, str]:
    """Return a rule whose day there is, in the year of the period or at most two later: no figure is out before it."""
    try:
        date(2001, int(rule["month"]), int(rule["day"]))
        is_sound = int(rule["years_after"]) in (0, 1, 2)
    except ValueError:
        is_sound = False
    if not is_sound:
        raise ValueError(
            f"data/curated/publication_rules.csv, row {rule['applies_to']} {rule['period_kind']}: day {rule['day']}, "
            f"month {rule['month']}, years_after {rule['years_after']}; expected a day of the year, and 0 to 2 years"
        )
    return rule


def first_public(period: pd.Series, rule: Mapping[str, str], edition: date) -> pd.Series:
    """Return the day by which figures of a year were public: its own, else the rule's, but no later than the edition's.

    `period` is the year in which the period ends. For children in need (30 November of the same year) the year 2019
    gives 2019-11-30; section 251 of 2019-20, by rule out by 31 December 2020, came on 21 January 2021. An edition in
    hand is proof in itself, so no row is later than its edition.
    """
    after, month, day = (int(rule[part]) for part in ("years_after", "month", "day"))
    known = rule.get("days", {})
    days = {
        year: min(known.get(year, pd.Timestamp(year + after, month, day)), pd.Timestamp(edition))
        for year in period.unique()
    }
    return period.map(days).astype("datetime64[s]")


def population(
    cells: pd.DataFrame, known: Mapping[str, str], rule: Mapping[str, str], release: Release
) -> pd.DataFrame:
    """Return the `population` table from the mid-year estimates: children aged 0 to 17 by area and year."""
    file = release.path.name
    if set(cells["age_group"]) != {"Children aged 0 to 17 years"}:
        found = ", ".join(sorted(set(cells["age_group"])))
        raise ValueError(f"{file}, column age_group: found {found}; expected children aged 0 to 17 alone")
    values = read_values(cells["population_estimate"], file)
    if len(odd := values["value"][values["value"] % 1 > 0]):
        raise ValueError(
            f"{file}, line {odd.index[0]}, column population_estimate: found {odd.iloc[0]}, expected whole children; "
            "get the file again"
        )
    year = cells["time_period"].astype("int64")
    return pd.DataFrame(
        {
            "area_code": locate(printed_code(cells), known, file),
            "year": year,
            "children": values["value"].astype("Int64"),
            "status": values["status"],
            "published": first_public(year, rule, release.edition),
            "source_id": release.source_id,
        }
    )


def printed_code(cells: pd.DataFrame) -> pd.Series:
    """Return the ONS code that each row of a Department for Education file is about: authority, region or England."""
    by_level = {"National": "country_code", "Regional": "region_code", "Local authority": "new_la_code"}
    codes = pd.Series("", index=cells.index, dtype="str")
    for level, column in by_level.items():
        codes = codes.mask(cells["geographic_level"] == level, cells[column])
    return codes


def neighbours(cells: Sequence[Sequence[str]], known: Mapping[str, str], release: Release) -> pd.DataFrame:
    """Return the `neighbours` of one model, named for its year: ten rows an authority.

    `cells` as from `read_rows`; the release's layout is one of `NEIGHBOURS`. Raises ValueError for a line without ten
    pairs, an authority that is its own neighbour or has one twice, and a DfE code that is not known.
    """
    first, file = NEIGHBOURS[release.layout], release.path.name
    if short := [line for line, row in enumerate(cells, start=1) if len(row) < first + 2 * len(_RANKS)]:
        raise ValueError(f"{file}, line {short[0]}: too few cells for ten neighbours; get the file again")
    pairs = [
        (line, row[0], rank, row[first + 2 * rank - 2], " ".join(row[first + 2 * rank - 1].lower().split()))
        for line, row in enumerate(cells[1:], start=2)
        if row[0].strip()  # the 2021 file parts former authorities from the rest by empty lines
        for rank in _RANKS
    ]
    frame = pd.DataFrame(pairs, columns=["line", "code", "rank", "neighbour", "closeness"]).set_index("line")
    faulty = frame[frame["code"].eq(frame["neighbour"]) | frame.duplicated(["code", "neighbour"])]
    if len(faulty):
        raise ValueError(
            f"{file}, line {faulty.index[0]}: {faulty['neighbour'].iloc[0]} is itself or stands twice among the ten of "
            f"{faulty['code'].iloc[0]}; get the file again"
        )
    ours = {"la_code_ons": "code", "neighbour_la_code_ons": "neighbour"}
    located = {name: locate(frame[column], known, file) for name, column in ours.items()}
    return frame[["rank", "closeness"]].assign(
        model=str(release.edition.year),
        **located,
        published=pd.Timestamp(release.edition),
        source_id=release.source_id,
    )


def prices(rows: Sequence[Sequence[str]], series: str, rule: Mapping[str, str], source_id: str) -> pd.DataFrame:
    """Return the `prices` rows of one ONS series, one of `SERIES`: the mean of a financial year's four quarters.

    2024-25 is the mean of "2024 Q2", "2024 Q3", "2024 Q4" and "2025 Q1"; a year without all four gives no row. Raises
    ValueError for a file of another series.
    """
    printed = [row[1] for row in rows if len(row) > 1 and row[0] == "CDID"]
    if printed != [SERIES[series]]:
        raise ValueError(
            f"{source_id}: the file is of series {', '.join(printed) or 'no CDID'}, expected {SERIES[series]} "
            f"({series}); get the file again, or mend its family in data/curated/sources.csv"
        )
    edition = _release_date(rows, source_id)
    cells = pd.DataFrame([row[:2] for row in rows if len(row) > 1], columns=["period", "value"]).set_index("period")
    quarters = cells[cells.index.str.fullmatch(r"\d{4} Q[1-4]")]
    values = read_values(quarters["value"], series, symbols=())["value"]
    ends = quarters.index.str[:4].astype("int64") + (quarters.index.str[-1] != "1")
    means = values.groupby(ends).agg(["mean", "size"]).query("size == 4")
    year = means.index.to_series()
    return pd.DataFrame(
        {
            "series": series,
            "financial_year": year.map(financial_year),
            "price_index": means["mean"].round(4),
            "edition": pd.Timestamp(edition),
            "published": first_public(year, rule, edition),
            "source_id": source_id,
        }
    ).reset_index(drop=True)


def _release_date(rows: Sequence[Sequence[str]], source_id: str) -> date:
    printed = [row[1] for row in rows if len(row) > 1 and row[0] == "Release date"]
    try:
        day, month, year = printed[0].split("-")
        return date(int(year), int(month), int(day))
    except (IndexError, ValueError):
        raise ValueError(
            f"{source_id}: release date {printed} not read, expected one such as 30-06-2025; get the file again"
        ) from None
