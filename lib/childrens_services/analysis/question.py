"""A question of one's own: any indicator, spending line or judgement by its id, as rows over the years.

Goes in: an id and what is asked (`Asked`). Comes out: what the id means, and a frame that a notebook draws. A count is
not set beside England or a group as if it were a rate.
"""

import pandas as pd

from childrens_services import tables, vocabulary
from childrens_services.analysis import compare, timeline
from childrens_services.analysis.asked import Asked

__all__ = ["about", "rows"]
# Units that already allow for the size of a place; every other one counts.
_RATES = ("per cent", "rate", "average", "days", "cases per", "pounds per")


def about(ask: str, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return what an id means, in one row: `ask, kind, title, unit, decimals, direction, is_count, table, source_id`.

    `kind` is `indicator`, `spending` (per child, real terms, section 251) or `judgement` (of the ILACS framework).
    Raises ValueError for an id that is none of these, with the nearest: `about("rereferral", ...)` asks for
    `rereferral_percent`.
    """
    known = [*indicators["indicator"], *tables.SPENDING_LINES, *vocabulary.ILACS_JUDGEMENTS]
    vocabulary.check_word("indicators, spending lines and judgements", ask, known)
    if ask in set(indicators["indicator"]):
        found = indicators[indicators["indicator"] == ask].assign(kind="indicator", table="observations")
        found = found.assign(is_count=~found["unit"].str.startswith(_RATES))
    else:
        line = ask in tables.SPENDING_LINES
        titles = {j.judgement: j.title for j in vocabulary.JUDGEMENTS if j.framework == vocabulary.Framework.ILACS}
        found = pd.DataFrame(
            {
                "kind": ["spending" if line else "judgement"],
                "title": [tables.SPENDING_LINES[ask] if line else titles[ask]],
                "unit": ["pounds per child aged 0 to 17" if line else "grade"],
                "decimals": [0],
                "direction": ["neither" if line else "higher_is_better"],
                "is_count": [not line],
                "table": ["spending" if line else "judgements"],
                "source_id": ["dfe_lait" if line else "ofsted_ods_2025"],
            }
        )
    columns = ["ask", "kind", "title", "unit", "decimals", "direction", "is_count", "table", "source_id"]
    return found.assign(ask=ask)[columns].reset_index(drop=True)


def rows(asked: Asked, ask: str) -> pd.DataFrame:
    """Return what was asked for over the years, as `Asked.beside` gives it; of a count the chosen alone.

    A judgement is given on 31 March of each year: `believed` is the place of the grade on its scale, from the worst,
    and `grade` the grade.
    """
    what = about(ask, tables.load("indicators")).iloc[0]
    if what["kind"] == "judgement":
        return _grades(asked, ask)
    if what["kind"] == "spending":
        gross = asked.load("spending").query("collection == 'section_251' and measure == 'gross_expenditure'")
        gross = gross[gross["line"] == ask].pipe(compare.mark_implausible, asked.load("implausible"))
        gross = compare.in_real_terms(gross, asked.load("prices"), asked.real_terms_year)
        england = compare.england_per_child(gross, asked.load("population"))
        each = compare.per_child(gross[gross["area_code"].str.match("E(06|08|09|10)")], asked.load("population"))
        return asked.beside(each, "amount_per_child", england).assign(value=lambda found: found["amount_per_child"])
    observed = asked.load("observations").query("indicator == @ask")
    found = asked.beside(observed)
    return found[found["name"].isin(asked.names.values())].reset_index(drop=True) if what["is_count"] else found


def _grades(asked: Asked, judgement: str) -> pd.DataFrame:
    """Return the grade of each of the chosen on 31 March of each year since the first that is asked for."""
    days = [f"{year}-03-31" for year in range(max(asked.first_year, 2019), asked.today.year + 1)]
    days = [day for day in days if pd.Timestamp(day) <= asked.today]
    held = asked.own(timeline.grades_over_time(asked.load("judgements"), asked.chosen, days, judgement))
    scale = list(reversed(vocabulary.SCALES["four_point_2013"]))
    place = held["grade"].map({grade: place for place, grade in enumerate(scale, start=1)})
    held = held.assign(year=held["day"].dt.year, value=place, believed=place, status="value", indicator=judgement)
    return held.assign(stretch=1).dropna(subset="believed").sort_values(["name", "year"], ignore_index=True)
