"""Sentences and chart frames about grades, for any one to four authorities and any day.

Goes in: tidy tables as known on a day, and `timeline`'s frames. Comes out: cited sentences, and the frames that
`inspection_charts` draws. Grades of another framework or another area are never counted as the same judgement.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from childrens_services import ordering, vocabulary
from childrens_services.analysis import timeline
from childrens_services.answers.inspection_story import AREA_TITLES, MAIN_AREAS
from childrens_services.answers.narrative import Number, Sentence, count, grade, in_a_row, join, number, plural, say
from childrens_services.periods import english_day


def grade_cells(
    events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str], first_year: int
) -> pd.DataFrame:
    """Give the cells of the grade table: one row an authority, inspection and area, with the column it stands in."""
    parts = []
    for code, name in names.items():
        graded = timeline.graded_inspections(events, judgements, code)
        graded = graded[graded["kind"].isin(vocabulary.GRADED_KINDS) & (graded["start_earliest"].dt.year >= first_year)]
        order = {event: i for i, event in enumerate(dict.fromkeys(graded["event_id"]))}
        label = [_column_label(row) for row in graded.itertuples()]
        parts.append(
            graded.assign(
                authority=name,
                column=graded["event_id"].map(order),
                column_label=label,
                row=graded["judgement"].map(AREA_TITLES),
            )
        )
    return pd.concat(parts, ignore_index=True)


def _column_label(row) -> str:
    framework = {"sif": "SIF", "ilacs": "ILACS"}.get(row.framework, "before SIF")
    return f"{row.start_earliest:%b %Y}\n{framework}" + (", short" if row.kind == "short_inspection" else "")


def overall_cells(
    events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str], first_year: int
) -> pd.DataFrame:
    """Give one cell an inspection: the judgement that stands for the whole, named by its own area."""
    cells = grade_cells(events, judgements, names, first_year)
    if cells.empty:
        return cells
    rank = cells["judgement"].map({judgement: i for i, judgement in enumerate(MAIN_AREAS)}).fillna(len(MAIN_AREAS))
    return (
        cells.assign(rank=rank)
        .sort_values(["authority", "column", "rank"])
        .drop_duplicates(["authority", "column"])
        .drop(columns="rank")
        .sort_values(
            "authority",
            key=lambda a: a.map({n: i for i, n in enumerate(names.values())}),
            kind="stable",
            ignore_index=True,
        )
    )


def last_grades(cells: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say each authority's last grade for the whole with its year, as a title."""
    last = ordering.last(cells, "start_earliest", each="authority")
    parts = []
    for name in names.values():
        row = last[last["authority"] == name].reset_index(drop=True)
        if len(row):
            year = row["start_earliest"].iloc[0].year
            parts.append(
                say(
                    "{name} {grade} in {year}",
                    name=name,
                    grade=grade(row),
                    year=number(year, str(year), "year in which the inspection began", row, "judgements"),
                )
            )
    return say("Last graded: {parts}", parts=join(parts))


def best_and_worst(cells: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say of each authority's last inspection how many areas reached which grade, as a title."""
    parts = []
    for name in names.values():
        mine = cells[cells["authority"] == name]
        last = mine[(mine["column"] == mine["column"].max()) & (mine["judgement"] != "overall_effectiveness")]
        by_grade = [
            say(
                "{n} {grade}",
                n=count(rows, "judgements", "areas with that grade in the last inspection"),
                grade=vocabulary.GRADE_NAMES[key],
            )
            for key in vocabulary.GRADE_NAMES
            for rows in [last[last["grade"] == key]]
            if len(rows)
        ]
        if by_grade:
            parts.append(say("{name} {grades}", name=name, grades=join(by_grade)))
    return say("Areas at the last inspection: {parts}", parts=in_a_row(parts, "; "))


def area_order(cells: pd.DataFrame) -> list[str]:
    """Order the judgement areas that occur as the vocabulary does, ILACS first."""
    order = [j.title for j in vocabulary.JUDGEMENTS if j.framework == "ilacs"] + list(AREA_TITLES.values())
    return [title for title in dict.fromkeys(order) if title in set(cells["row"])]


def grade_breaks(cells: pd.DataFrame) -> list[tuple[str, float]]:
    """Find where two neighbouring inspections are under other frameworks or other judgement areas."""
    found = []
    for authority, mine in cells.groupby("authority"):
        areas = mine.groupby("column").agg(framework=("framework", "first"), areas=("judgement", frozenset))
        for left, right in zip(areas.index[:-1], areas.index[1:], strict=True):
            if areas.loc[left, "framework"] != areas.loc[right, "framework"] or _split(areas, left, right):
                found.append((str(authority), left + 0.5))
    return found


def _split(areas: pd.DataFrame, left: int, right: int) -> bool:
    joint = "children_in_care_and_care_leavers"
    return (joint in areas.loc[left, "areas"]) != (joint in areas.loc[right, "areas"])


def place_among_all(grades: pd.DataFrame, code: str, name: str, when: pd.Timestamp) -> Sentence:
    """Say where one authority's grade stands among all authorities on a day."""
    mine = grades[grades["la_code_ons"] == code]
    table = grades.rename(columns={"name": "authority"})
    if mine.empty or mine["grade"].iloc[0] == timeline.NOT_INSPECTED:
        return say("{name} had no published ILACS grade in this area on {day}.", name=name, day=_when(when, table))
    own = mine["grade"].iloc[0]
    same = table[table["grade"] == own]
    graded = table[table["grade"] != timeline.NOT_INSPECTED]
    order = vocabulary.SCALES["four_point_2013"]
    better = graded[graded["grade"].map(order.index) < order.index(own)]
    words = {
        "day": _when(when, table),
        "name": name,
        "word": plural(len(same), "authority", "authorities"),
        "same": count(same, "judgements", f"authorities graded {own} on the day"),
        "grade": grade(mine),
        "all": count(graded, "judgements", "authorities with a published ILACS grade on the day"),
    }
    said = "On {day}, {name} was one of {same} {word} graded {grade}, of {all} with a grade; "
    if better.empty:
        return say(said + "no grade stands higher.", **words)
    stood = count(better, "judgements", "authorities with a better grade on the day")
    return say(said + "{better} stood higher.", better=stood, **words)


def inadequate_count(grades: pd.DataFrame, when: pd.Timestamp, area: str) -> Sentence:
    """Say how many authorities were inadequate in an area on a day, of how many with a grade."""
    graded = grades[grades["grade"] != timeline.NOT_INSPECTED]
    worst = graded[graded["grade"] == "inadequate"]
    return say(
        "{n} of {all} authorities were inadequate {area} on {day}",
        n=count(worst, "judgements", "authorities whose latest published grade is inadequate"),
        all=count(graded, "judgements", "authorities with a published ILACS grade on the day"),
        area="overall" if area == "overall effectiveness" else f"for {area}",
        day=_when(when, grades),
    )


def in_order(grades: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Keep the chosen authorities of `timeline.grades_over_time`, in the order asked for."""
    order = {code: i for i, code in enumerate(codes)}
    mine = grades[grades["la_code_ons"].isin(order)]
    return mine.sort_values("la_code_ons", key=lambda c: c.map(order), kind="stable", ignore_index=True)


def not_known(
    events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str], when: pd.Timestamp
) -> list[Sentence]:
    """Say what the tables do not hold: the time after the national release, and inspections without a seen report."""
    ilacs = judgements[judgements["framework"] == vocabulary.Framework.ILACS]
    if pd.isna(when) or ilacs.empty:
        return [say("No national release of grades was public on this day.")]
    said = [
        say(
            "Grades of all authorities are known up to {day}; what was published later is in the tables only where "
            "a source was read by hand.",
            day=_when(when, judgements),
        )
    ]
    for code, name in names.items():
        mine = events[(events["la_code_ons"] == code) & events["kind"].isin(timeline.INSPECTION_KINDS)]
        unseen = mine[mine["publication_date"].isna()]
        if len(unseen):
            said.append(
                say(
                    "For {n} of {name}'s {all} inspections and visits the day of publication was not seen.",
                    n=count(unseen, "events", "inspections and visits without a stated day of publication"),
                    name=name,
                    all=count(mine, "events", "inspections and visits in the tables"),
                )
            )
    return said


def _when(when: pd.Timestamp, rows: pd.DataFrame) -> Number:
    return number(
        when.date(), english_day(when.date()), "day on which the grades are counted", rows.head(0), "judgements"
    )
