"""What the columns of a chart's data are: by the contracts of the tidy tables, or by a description of our own."""

from typing import Any

import pandas as pd

from childrens_services.tables import about_column

# Columns that charts make: what is drawn where. Units stand in the title of the chart and in `unit` where one is known.
MADE = {
    "actual": "Day on which it happened; empty where it had not been seen.",
    "agency": "Agency social workers, full-time equivalents.",
    "amount_per_child": "Pounds per child aged 0 to 17.",
    "at_risk": "Grades that still stood on the day before.",
    "authorities": "Authorities counted.",
    "authority": "Authority.",
    "balance": "Strengths less weaknesses.",
    "censored": "Grades not followed beyond the day.",
    "claims": "Claims counted.",
    "coded": "Inspections and visits in which the theme was coded.",
    "column": "Place of the inspection in the chart, from the left.",
    "column_label": "Words above the column.",
    "colour": "Colour of the mark.",
    "count": "Number counted, the numerator.",
    "critical": "Inspections and visits with a weakness or recommendation in the theme.",
    "day": "Day that the row stands for.",
    "days": "Days since the grade was published.",
    "days_since_last": "Days since the first day of the inspection before.",
    "days_to_report": "Days from the first day of the inspection to publication.",
    "end_window": "Last day of the period drawn.",
    "ended": "Grades that ended on the day.",
    "exact_gbp": "Exact sum, pounds.",
    "first_year": "First year.",
    "headline_gbp": "Sum as stated, pounds.",
    "high": "Upper end of the interval at 95 per cent.",
    "judged": "Findings with a strength or a weakness.",
    "label": "Words beside the mark.",
    "last_year": "Last year.",
    "lasting": "Share of grades that last longer, by Kaplan and Meier.",
    "leavers": "Social workers who left, full-time equivalents.",
    "low": "Lower end of the interval at 95 per cent.",
    "mixed": "Findings that are both strength and weakness.",
    "name": "Authority, group or country.",
    "number": "Number counted.",
    "of": "Number counted from, the denominator.",
    "panel": "Panel of the chart.",
    "posts": "Social workers in post, full-time equivalents.",
    "published_values": "Authorities with a published value.",
    "rank_from_highest": "Place among authorities with a value; 1 is the highest value.",
    "recommendation": "Recommendations.",
    "row": "Row of the chart.",
    "share": "Share; 1 is all.",
    "slip_days": "Days outside the window expected.",
    "starters": "Social workers who started, full-time equivalents.",
    "strength": "Strengths.",
    "tied": "Authorities with the same value.",
    "times": "Times that the theme was coded.",
    "value": "Value drawn.",
    "verdict": "Verdict on the claim.",
    "weakness": "Weaknesses.",
    "withheld": "Values that the publisher withholds.",
    "year": "Year drawn.",
    "years": "Years from first to last.",
}  # fmt: skip


def describe_columns(data: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the name and description of each column, for the record of a chart."""
    return [{"name": column, "about": MADE.get(column) or about_column("", column)} for column in data]
