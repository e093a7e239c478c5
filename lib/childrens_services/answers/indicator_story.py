"""Indicators over the years for any one to four authorities and any day: chart frames, citations, what is missing.

Goes in: tidy `observations`. Comes out: frames that `money_charts.lines_over_time` draws, and cited sentences. A value
that was not published keeps its reason.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from childrens_services import ordering, vocabulary
from childrens_services.analysis import compare
from childrens_services.answers.narrative import Number, Sentence, join, number, say
from childrens_services.rounding import half_up, significant
from childrens_services.tables import ENGLAND

AUTHORITY = r"E(?:06|07|08|09|10)\d{6}"
DEMAND = {
    "lait_cpp_total_rateper10_000": "Referrals per ten thousand children",
    "referrals_no_further_action_percent": "Referrals without further action",
    "rereferral_percent": "Re-referrals within a year", "lait_cin": "Children in need per ten thousand",
}  # fmt: skip
# One or two for each step of a child's way: contact, need, protection, care, leaving care. Where the publisher gives a
# count and a rate, the rate; the DfE's own file before its benchmarking tool (lait), where both have a measure.
MAIN = DEMAND | {
    "lait_continue_assess_comp": "Assessments done in time",
    "lait_section_47": "Section 47 enquiries per ten thousand",
    "lait_cp_conf_15days": "Child protection conferences in time",
    "lait_cpp_rate": "Protection plans per ten thousand",
    "repeat_plans_percent": "Plans that were not the first",
    "plans_two_years_or_more_percent": "Plans of two years or more",
    "children_looked_after_rate": "Looked after per ten thousand",
    "children_starting_care_rate": "Starting care per ten thousand",
    "three_placements_year_percent": "Three or more placements in a year",
    "same_carer_two_years_percent": "Same carer for two years",
    "lait_lacdistance": "Placed over twenty miles away", "lait_careleaveracc": "Care leavers suitably housed",
}  # fmt: skip
COUNTED = {
    "rereferral_percent": "referrals were re-referrals within a year",
    "repeat_plans_percent": "protection plans begun in the year were not the child's first",
    "plans_two_years_or_more_percent": "protection plans had lasted two years or more",
    "three_placements_year_percent": "looked-after children had three or more placements in the year",
    "children_looked_after_rate": "children under eighteen were looked after",
}  # fmt: skip
DIRECTIONS = {"lower_is_better": "lower is better", "higher_is_better": "higher is better", "neither": "neither"}


def series(
    observations: pd.DataFrame, labels: Mapping[str, str], names: Mapping[str, str],
    groups: Mapping[str, compare.Group | None], first_year: int,
) -> pd.DataFrame:  # fmt: skip
    """Give indicators over the years: the chosen, the median of each one's group, England as published.

    One row a name, indicator and year: `panel, name, year, value, status, authorities` with the observation's keys.
    """
    mine = observations[observations["indicator"].isin(list(labels)) & (observations["period"] >= first_year)]
    mine = mine.assign(authorities=1)
    parts = [mine[mine["area_code"].isin(list(names))].assign(name=lambda d: d["area_code"].map(names))]
    for code, members in groups.items():
        if members:
            parts.append(_median(mine, members).assign(name=group_label(members, names[code], len(names))))
    parts.append(mine[mine["area_code"] == ENGLAND].assign(name="England", authorities=pd.NA))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(panel=rows["indicator"].map(labels), year=rows["period"].astype(str))


def _median(observations: pd.DataFrame, members: compare.Group) -> pd.DataFrame:
    """Give the median of a group's published values; one row an indicator and year, with how many went in."""
    rows = observations[observations["area_code"].isin(members.la_codes) & (observations["status"] == "value")]
    found = rows.groupby(["indicator", "period"], as_index=False).agg(
        value=("value", "median"), authorities=("area_code", "nunique"), source_id=("source_id", "first"),
        published=("published", "max"),
    )  # fmt: skip
    sources = found["source_id"] + " " + members.source_id
    return significant(found).assign(area_code=members.name, status="value", source_id=sources)


def group_label(members: compare.Group, name: str, chosen: int) -> str:
    """Name a group on a chart: whose neighbours they are where several authorities are chosen, and who is left out."""
    if members.name != "statistical neighbours":
        return f"{members.name} without {name}"
    return f"{name}'s neighbours" if chosen > 1 else "statistical neighbours"


def cite(rows: pd.DataFrame, decimals: int, how: str = "as published", column: str = "value") -> Number:
    """Cite a value of one observation, or of one row computed from observations."""
    value = float(rows[column].iloc[0])
    return number(value, f"{half_up(value, decimals):,}", how, rows, "observations")


def year_of(rows: pd.DataFrame) -> Number:
    """Cite the year in which the period of one observation ends."""
    year = int(rows["period"].iloc[0])
    return number(year, str(year), "year in which the period ends", rows, "observations")


def newest(rows: pd.DataFrame, name: str, indicator: str) -> pd.DataFrame:
    """Give the newest published row of one name and indicator; empty where there is none."""
    mine = rows[(rows["name"] == name) & (rows["indicator"] == indicator) & (rows["status"] == "value")]
    return ordering.last(mine, "period").reset_index(drop=True)


def against(rows: pd.DataFrame, now: pd.DataFrame, decimals: int) -> Sentence:
    """Say what the authority's own group and England had in the same year: ", against 10.9 ... and 13.0 in England"."""
    name = now["name"].iloc[0]
    same = rows[(rows["indicator"] == now["indicator"].iloc[0]) & (rows["period"] == now["period"].iloc[0])]
    same = same[same["status"] == "value"]
    own = [label for label in same["name"].unique() if label in ("statistical neighbours", f"{name}'s neighbours")
           or label.endswith(f" without {name}")]  # fmt: skip
    parts = []
    for label in own:
        row = same[same["name"] == label]
        exact = round(float(row["value"].iloc[0]), decimals) == float(row["value"].iloc[0])
        how = f"median of the {half_up(row['authorities'].iloc[0])} with a published value"
        middle = cite(row, decimals if exact else max(decimals, 1), how)
        parts.append(say("{v} at the median of {who}", v=middle, who=_whose(label, name)))
    if (same["name"] == "England").any():
        parts.append(say("{v} in England", v=cite(same[same["name"] == "England"], decimals)))
    return say(", against {parts}", parts=join(parts)) if parts else say("")


def _whose(label: str, name: str) -> str:
    return "its statistical neighbours" if label in ("statistical neighbours", f"{name}'s neighbours") else label


def gaps(rows: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say which values of the chosen were not published, for which years and why; one sentence when none is missing."""
    if rows.empty:
        return []
    mine = rows[rows["name"].isin(list(names.values())) & (rows["status"] != "value")]
    years = mine.groupby(["name", "status", "panel"], sort=False)["period"].agg(lambda p: tuple(sorted(p)))
    years = years.reset_index()
    said = _late_starts(rows, names)
    for (name, status, when), found in years.groupby(["name", "status", "period"], sort=False):
        cells = mine[(mine["name"] == name) & (mine["status"] == status) & mine["panel"].isin(found["panel"])]
        said.append(say(
            "Not published for {name}: {what}, {when} ({why}).", name=name, why=vocabulary.STATUSES[status],
            when=number(when[0], _runs(when), "years without a published value", cells, "observations"),
            what=join([panel[0].lower() + panel[1:] for panel in found["panel"]]),
        ))  # fmt: skip
    return said or [say("No value of {who} is missing from what is drawn.", who=join(names.values()))]


def _late_starts(rows: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say of whom the tables hold nothing until later than of others: an authority that began later, for example."""
    said = []
    for name in names.values():
        mine = ordering.first(rows[rows["name"] == name], "period")
        if mine.empty:
            said.append(say("Nothing of {name} is in these tables.", name=name))
        elif mine["period"].iloc[0] > rows["period"].min():
            said.append(say("Nothing of {name} before {year} is in these tables.", name=name, year=year_of(mine)))
    return said


def _runs(years: Sequence[int]) -> str:
    """Write years as runs: 2017 to 2019, 2022."""
    runs: list[list[int]] = []
    for year in map(int, years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    words = [", ".join(map(str, run)) if len(run) < 3 else f"{run[0]} to {run[-1]}" for run in runs]
    return ", ".join(words)


def no_comparison(comparators: str) -> list[Sentence]:
    """Say that neither England nor others are shown where the reader asked for none; nothing otherwise."""
    words = "No comparison was asked for, so England and other authorities are left out, and so are places among them."
    return [say(words)] if comparators == "none" else []


def without_group(
    groups: Mapping[str, compare.Group | None], names: Mapping[str, str], comparators: str
) -> list[Sentence]:
    """Say for which of the chosen no comparison group was known on the day, where one was asked for."""
    lone = [names[code] for code, members in groups.items() if members is None]
    if not lone or comparators in ("England", "none"):
        return no_comparison(comparators)
    words = "No statistical neighbours of {who} were public on this day, so no line of theirs is drawn."
    return [say(words, who=join(lone))]
