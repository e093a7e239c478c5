"""Exhibits of inspections and grades: a chart with its finding, measure and alternative text, or a sentence instead.

Goes in: frames of `inspection_story` and `timeline`. Comes out: what a notebook shows. The words are computed from the
rows that are drawn.
"""

from collections.abc import Mapping

import pandas as pd

from childrens_services import vocabulary
from childrens_services.analysis import timeline
from childrens_services.answers import grade_story, inspection_charts
from childrens_services.answers import inspection_story as story
from childrens_services.answers import old_export as export
from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    Table,
    alt_text,
    count,
    join,
    number,
    plural,
    rows_of,
    say,
    show_table,
    span,
    tell,
)
from childrens_services.periods import english, read_edtf

Shown = export.Chart | Paragraphs


def draw_grades(
    events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str], first_year: int, edition: str
) -> Shown:
    """Show the grades of every judgement area of every inspection, with breaks drawn."""
    cells = grade_story.grade_cells(events, judgements, names, first_year)
    return _grade_table(cells, names, edition, "grades-by-area", grade_story.best_and_worst(cells, names))


def draw_overall(
    events: pd.DataFrame, judgements: pd.DataFrame, names: Mapping[str, str], first_year: int, edition: str
) -> Shown:
    """Show one grade an inspection: overall, or what stood for it where there was none."""
    cells = grade_story.overall_cells(events, judgements, names, first_year)
    return _grade_table(cells, names, edition, "overall-grades", grade_story.last_grades(cells, names))


def _grade_table(cells: pd.DataFrame, names: Mapping[str, str], edition: str, name: str, finding: Sentence) -> Shown:
    if cells.empty:
        return tell(say("No graded inspection of {who} is in the tables.", who=join(names.values())))
    parts = [
        say("{name}, {grades}", name=authority, grades=join([_area_grade(row) for row in rows_of(mine)]))
        for authority, mine in cells.groupby("authority", sort=False)
    ]
    return export.chart(
        inspection_charts.grade_table(cells, grade_story.grade_breaks(cells), grade_story.area_order(cells)),
        cells,
        name=name,
        finding=finding,
        subtitle=say(
            "Grade by judgement area and inspection, {who}. Dashed line: the framework or the areas changed",
            who=join(names.values()),
        ),
        alt=alt_text("Table of coloured grades", finding),
        description=say("A table of grades, inspections across and areas down. {parts}.", parts=join(parts)),
        edition=edition,
    )


def _area_grade(row: pd.DataFrame) -> Sentence:
    year = row["start_earliest"].iloc[0].year
    return say(
        "{area} {grade} in {year}",
        area=row["row"].iloc[0].lower(),
        grade=vocabulary.GRADE_NAMES[row["grade"].iloc[0]],
        year=number(year, str(year), "year in which the inspection began", row, "judgements"),
    )


def draw_shares(
    judgements: pd.DataFrame,
    authorities: pd.DataFrame,
    names: Mapping[str, str],
    when: pd.Timestamp,
    judgement: str,
    edition: str,
) -> Shown:
    """Show how many authorities held each grade over time, with the chosen authorities' own grade beneath."""
    known = judgements[judgements["judgement"].eq(judgement) & judgements["framework"].eq(vocabulary.Framework.ILACS)]
    first = known["published"].min()
    if pd.isna(first) or pd.isna(when) or first >= when:
        return tell(say("No national history of this judgement was public on this day."))
    days = sorted({*pd.date_range(first, when, freq="MS"), when})  # a first of the month is not counted twice
    every = timeline.grades_over_time(judgements, authorities, [d.date() for d in days], judgement)
    own = grade_story.in_order(every, list(names))
    grades = every[every["day"] == every["day"].max()]
    national = sorted({source for source in known["source_id"] if source.startswith("ofsted_ods")})
    shares = timeline.grade_shares(every).assign(source_id=" ".join(national))
    area = story.AREA_TITLES[judgement].lower()
    finding = grade_story.inadequate_count(grades, when, area)
    own_words = [_own_grade(grades, code, name) for code, name in names.items()]
    return export.chart(
        inspection_charts.shares_over_time(shares, own),
        shares,
        name=f"grades-of-all-{judgement.replace('_', '-')}",
        finding=finding,
        subtitle=say(
            "Authorities in England by latest published grade for {area}, {a} to {b}",
            area=area,
            a=_month(first, grades),
            b=_month(when, grades),
        ),
        alt=alt_text("Stacked bands over time", finding),
        description=say(
            "Stacked bands of the number of authorities by grade over time. At the end: {counts}. {own}.",
            counts=join(_grade_counts(grades)),
            own=join(own_words),
        ),
        edition=edition,
    )


def _month(when: pd.Timestamp, rows: pd.DataFrame):
    return number(when.date(), f"{when:%B %Y}", "first and last month drawn", rows.head(0), "judgements")


def _own_grade(grades: pd.DataFrame, code: str, name: str) -> Sentence:
    mine = grades[grades["la_code_ons"] == code]
    if mine.empty:
        return say("{name} did not exist", name=name)
    word = vocabulary.GRADE_NAMES.get(mine["grade"].iloc[0], "without a published grade")
    return say("{name} is {grade}", name=name, grade=word)


def _grade_counts(grades: pd.DataFrame) -> list[Sentence]:
    words = {**vocabulary.GRADE_NAMES, timeline.NOT_INSPECTED: "not yet inspected"}
    return [
        say(
            "{n} {grade}",
            n=count(mine, "judgements", f"authorities {words[str(grade)]} on the day"),
            grade=words[str(grade)],
        )
        for grade, mine in grades.groupby("grade")
    ]


def conflicts_table(conflicts: pd.DataFrame, events: pd.DataFrame, names: Mapping[str, str]) -> Table | Paragraphs:
    """Show the cells of the chosen authorities' events for which two sources disagree."""
    mine = conflicts.merge(
        events[events["la_code_ons"].isin(names)][["event_id", "la_code_ons", "start", "end", "kind"]],
        left_on="row",
        right_on="event_id",
        validate="m:1",
    )
    every = count(conflicts, "conflicts", "cells for which two sources disagree, all authorities")
    if mine.empty:
        return tell(
            say(
                "None for {who}; {n} {word} in all England.",
                who=join(names.values()),
                n=every,
                word=plural(len(conflicts), "cell"),
            )
        )
    body = [
        (
            names[row["la_code_ons"].iloc[0]],
            span(row),
            row["column"].iloc[0].replace("_", " "),
            _value(row, "kept", "value kept"),
            _value(row, "other", "value set aside"),
        )
        for row in rows_of(mine)
    ]
    return show_table(
        say("Cells for which two sources disagree; {n} in all England", n=every),
        ["Authority", "Inspection", "What", "Kept", "Set aside"],
        body,
    )


def _value(row: pd.DataFrame, column: str, how: str) -> Number:
    """Cite a disputed value in plain words: a day, a grade or a kind."""
    raw = row[column].iloc[0]
    words = vocabulary.GRADE_NAMES.get(raw) or vocabulary.EVENT_KINDS.get(raw)
    return number(raw, words or english(read_edtf(raw)), how, row, "conflicts")
