"""Sentences, tables and chart frames about claims, for any one to four authorities and any day.

Goes in: what `claims.judge` and `claims.check_parts` found, tidy `contradictions` and `sources`. Comes out: cited
sentences and tables. A claim is told in our words; what the tables give is cited with the rows it was read from.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from childrens_services.analysis import claims as claim_tests
from childrens_services.analysis.claims import CANNOT_BE_TESTED, DOES_NOT_HOLD, HOLDS_ROUGHLY, NOT_A_SAMPLE, VERDICTS
from childrens_services.answers.narrative import (
    Number,
    Paragraphs,
    Sentence,
    Table,
    cell,
    count,
    in_a_row,
    join,
    number,
    plural,
    rows_of,
    say,
    show_table,
    tell,
)
from childrens_services.money import english_money
from childrens_services.periods import english, read_edtf

# The documents that the project began with; every statement of theirs that can be tested is in the table of claims.
DOCUMENTS = ("nottstv_2022_mash", "wbw_2021_visit", "chad_2022_broken", "hucknall_2024_trust", "ofsted_cc_letter_2022")
_HEADLINES = 3


def no_claims(names: Mapping[str, str]) -> Sentence:
    """Say that nobody's claims about these authorities are in the tables."""
    return say("No claim about {who} is in the tables, or none was public on this day.", who=join(names.values()))


def in_short(judged: pd.DataFrame, parts: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say how many claims hold, which that do not matter most, and what cannot be tested."""
    if judged.empty:
        return [no_claims(names)]
    said = [*counted(judged, names), *[claim_sentence(row, parts) for row in rows_of(worst(judged).head(_HEADLINES))]]
    absent = [name for code, name in names.items() if code not in set(judged["la_code_ons"])]
    return said + ([no_claims({name: name for name in absent})] if absent else [])


def counted(judged: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say how many statements hold and, apart from them, how many forecasts came true, with what the counts are not."""
    if judged.empty:
        return [no_claims(names)]
    said = [how_many(judged[~judged["forecast"]], names)] if (~judged["forecast"]).any() else []
    if judged["forecast"].any():
        forecasts = judged[judged["forecast"]]
        said.append(say("Of {n} {word}, {parts}.", n=count(forecasts, "claims", "forecasts in the tables"),
                        word=plural(len(forecasts), "forecast"), parts=join(_verdict_counts(forecasts))))  # fmt: skip
    return [*said, say(NOT_A_SAMPLE)]


def how_many(judged: pd.DataFrame, names: Mapping[str, str]) -> Sentence:
    """Say how many of the claims have each verdict, and how many cannot be tested."""
    who = [name for code, name in names.items() if code in set(judged["la_code_ons"])]
    tested = judged[judged["verdict"] != CANNOT_BE_TESTED]
    if tested.empty:
        return say("Of {claims} about {who}, none can be tested on this day.", who=join(who),
                   claims=_claims(judged, "statements in the tables"))  # fmt: skip
    return say(
        "Of {claims} about {who}, which are not a sample, {tested} can be tested: {parts}.", who=join(who),
        claims=_claims(judged, "statements in the tables"), parts=join(_verdict_counts(tested)),
        tested=count(tested, "claims", "statements with a test on this day"),
    )  # fmt: skip


def _claims(rows: pd.DataFrame, how: str) -> Sentence:
    return say("{n} {word}", n=count(rows, "claims", how), word=plural(len(rows), "claim"))


def _verdict_counts(judged: pd.DataFrame) -> list[Sentence]:
    found = [judged[judged["verdict"] == verdict] for verdict in VERDICTS]
    return [
        say("{n} {word}", n=count(mine, "claims", "claims with this verdict"),
            word=_plural_words(mine["in_words"].iloc[0], len(mine)))
        for mine in found if len(mine)
    ]  # fmt: skip


def verdict_words(verdict: str, n: int) -> str:
    """Give the words of a verdict that agree with a count: `verdict_words("does_not_hold", 2)` is do not hold."""
    return _plural_words(VERDICTS[verdict], n)


def _plural_words(words: str, n: int) -> str:
    if n < 2:
        return words
    many = (("does", "do"), ("holds", "hold"), ("differs", "differ"), ("agrees with itself", "agree with themselves"))
    for one, more in many:
        words = words.replace(one, more)
    return words


def worst(judged: pd.DataFrame) -> pd.DataFrame:
    """Give the claims that do not hold fully and matter most, in the order that `weight` gives."""
    wrong = judged["verdict"].isin([DOES_NOT_HOLD, HOLDS_ROUGHLY]) & judged["weight"].notna()
    return judged[wrong].sort_values(["weight", "claim_id"])


def contradicted(judged: pd.DataFrame, parts: pd.DataFrame, names: Mapping[str, str]) -> list[Sentence]:
    """Say of each claim that does not hold what the tables give, those that matter most first."""
    if judged.empty:
        return [no_claims(names)]
    wrong = judged[judged["verdict"] == DOES_NOT_HOLD].sort_values(["weight", "claim_id"], na_position="last")
    if wrong.empty:
        return [say("Of the claims about {who} that can be tested, none fails.", who=join(names.values()))]
    return [claim_sentence(row, parts) for row in rows_of(wrong)]


def claim_sentence(row: pd.DataFrame, parts: pd.DataFrame) -> Sentence:
    """Say of a claim who made it, whether it holds and what the tables give."""
    mine = parts[parts["claim_id"] == row["claim_id"].iloc[0]]
    return say(
        "{claim} ({who}, {when}): {verdict}. {found}.", claim=claim_cell(row), who=_role(row),
        when=_edtf(row, "as_of", "when the claim is said to hold"),
        verdict=row["in_words"].iloc[0], found=found_words(mine),
    )  # fmt: skip


def claim_cell(row: pd.DataFrame) -> Number:
    """Cite a claim in our words."""
    return cell(row, "claim", "claims", "the claim in our words")


def _role(row: pd.DataFrame) -> str:
    """Give who made a claim without brackets, since it may stand in some."""
    return row["speaker_role"].iloc[0].replace(" (", ", ").replace(")", "")


def _edtf(row: pd.DataFrame, column: str, how: str, table: str = "claims") -> Number:
    text = row[column].iloc[0]
    return number(text, english(read_edtf(text)), how, row, table)


def found_words(mine: pd.DataFrame) -> Sentence | str:
    """Say what the tables give for each part of one claim; each value is cited with the rows it was read from."""
    said = [_part_words(row) for row in rows_of(mine) if row["found"].iloc[0]]
    return in_a_row(said, ". ") if said else "no data"


def _part_words(row: pd.DataFrame) -> Sentence:
    return say("{what}: {found}", what=sentence_case(row, "what", "claim_tests", "what is tested"), found=found(row))


def sentence_case(row: pd.DataFrame, column: str, table: str, how: str) -> Number:
    """Cite the text of a cell with a capital, as a sentence begins."""
    text = str(row[column].iloc[0])
    return number(text, text[:1].upper() + text[1:], how, row, table)


def found(row: pd.DataFrame) -> Number:
    """Cite what one test found, with how it was computed and the rows of whatever table it was read from."""
    part = row.iloc[0]
    how = f"{part['what']}: {part['test'].replace('_', ' ')}" + (f", {part['rule']}" if part["rule"] else "")
    keys, sources = part["keys"].split("; "), part["sources"].split()
    if len(keys) > 12:
        keys = [*keys[:11], f"and {len(keys) - 11} more rows"]
    return Number(part["found"], part["found"], how, part["table"], tuple(keys), tuple(sources))


def stated(row: pd.DataFrame) -> Number | str:
    """Cite the value as stated, in plain words; a claim in words has none."""
    value, unit = row["stated_value"].iloc[0], row["unit"].iloc[0]
    if pd.isna(value):
        return "in words"
    return number(value, stated_text(value, "" if pd.isna(unit) else unit), "value as stated", row, "claims")


def stated_text(value: str, unit: str) -> str:
    """Print a stated value: `stated_text("1050000", "GBP")` is `£1.05 million`, days and months in English."""
    if unit.startswith("GBP"):
        return english_money(float(value), "short") + unit.removeprefix("GBP")
    if unit in ("date", "month", "week", "dates", "window"):
        return english(read_edtf(value))
    if unit in ("year", "quarter", "grade") or value == "none":
        return value
    figure = f"{float(value):,g}" if value.replace(".", "").isdigit() else value
    return f"{figure} {unit.removesuffix('s') if figure == '1' else unit}"


def claims_table(judged: pd.DataFrame, parts: pd.DataFrame, names: Mapping[str, str]) -> Table | Paragraphs:
    """Show every claim with its stated value, what the tables give and the verdict."""
    if judged.empty:
        return tell(no_claims(names))
    none, tests = parts.head(0), dict(list(parts.groupby("claim_id")))
    body = [
        (claim_cell(row), names[row["la_code_ons"].iloc[0]], _role(row),
         _edtf(row, "as_of", "when the claim is said to hold"), stated(row),
         found_words(tests.get(row["claim_id"].iloc[0], none)), row["in_words"].iloc[0])
        for row in rows_of(judged.sort_values("claim_id", kind="stable"))
    ]  # fmt: skip
    caption = say("{n}, each with its test", n=_claims(judged, "claims in the tables"))
    return show_table(caption, ["Claim", "About", "Said by", "For", "Stated", "The tables give", "Verdict"], body)


def not_testable_table(judged: pd.DataFrame, names: Mapping[str, str]) -> Table | Paragraphs:
    """Show the claims that cannot be tested and what data it would take."""
    mine = judged[judged["verdict"] == CANNOT_BE_TESTED]
    if mine.empty:
        return tell(say("Every claim about {who} in the tables can be tested.", who=join(names.values()))
                    if len(judged) else no_claims(names))  # fmt: skip
    body = [
        (claim_cell(row), _role(row), sentence_case(row, "why", "claims", "what data it would take"))
        for row in rows_of(mine)
    ]
    caption = say("{n} that cannot be tested", n=_claims(mine, "claims without data to test them"))
    return show_table(caption, ["Claim", "Said by", "What it would take"], body)


def coverage_table(judged: pd.DataFrame, sources: pd.DataFrame, names: Mapping[str, str]) -> Table | Paragraphs:
    """Show of each document that the project began with how many claims are tested, and why others are not."""
    body = [row for document in DOCUMENTS if (row := _coverage(judged, sources, document))]
    if not body:
        return tell(say("None of these documents is about {who}, or none was public on this day.",
                        who=join(names.values())))  # fmt: skip
    caption = say("Claims of the documents that the project began with")
    return show_table(caption, ["Document", "Claims", "Tested", "Not testable", "Why not"], body)


def _coverage(judged: pd.DataFrame, sources: pd.DataFrame, document: str) -> tuple | None:
    mine = judged[judged["source_id"] == document]
    if mine.empty:
        return None
    rest = mine[mine["verdict"] == CANNOT_BE_TESTED].drop_duplicates("why")
    why = [sentence_case(row, "why", "claims", "what data it would take") for row in rows_of(rest)]
    title = cell(sources[sources["source_id"] == document], "title", "sources", "title of the document")
    tested = mine[mine["verdict"] != CANNOT_BE_TESTED]
    return (
        title, count(mine, "claims", "claims of the document"),
        count(tested, "claims", "claims with a test", zero="none"),
        count(mine[mine["verdict"] == CANNOT_BE_TESTED], "claims", "claims that cannot be tested", zero="none"),
        in_a_row(why, ". ") if why else "all are tested",
    )  # fmt: skip


def contradictions_table(contradictions: pd.DataFrame, names: Mapping[str, str]) -> Table | Paragraphs:
    """Show values that sources state for the same thing, side by side."""
    mine = contradictions[contradictions["la_code_ons"].isin(list(names))]
    if mine.empty:
        return tell(say("No contradiction between sources about {who} is in the tables.", who=join(names.values())))
    body = [
        (_con(row, "subject"), _side(row, "value", "said_by", "locator"),
         _side(row, "other_value", "other_said_by", "other_locator"), _con(row, "reading"))
        for row in rows_of(mine)
    ]  # fmt: skip
    subjects = mine["contradiction"].nunique()
    caption = say("{n} {word} between sources, side by side", word=plural(subjects, "contradiction"), n=number(
        subjects, str(subjects), "contradictions about the chosen authorities", mine, "contradictions"))  # fmt: skip
    return show_table(caption, ["On", "One source", "Another", "How we read it"], body)


def _con(row: pd.DataFrame, column: str) -> Number:
    return cell(row, column, "contradictions", column.replace("_", " "))


def _side(row: pd.DataFrame, value: str, who: str, where: str) -> Sentence:
    return say("{value} ({who}, {where})", value=_con(row, value), who=_con(row, who), where=_con(row, where))


def judged_claims(tables: Mapping[str, pd.DataFrame], codes: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Test the claims about the chosen authorities: claims with verdicts, and parts with what was found."""
    claims = tables["claims"][tables["claims"]["la_code_ons"].isin(list(codes))].reset_index(drop=True)
    mine = tables["claim_tests"][tables["claim_tests"]["claim_id"].isin(claims["claim_id"])]
    parts = claim_tests.run_tests({**tables, "claims": claims, "claim_tests": mine})
    kinds = claims["claim_id"].map(parts.groupby("claim_id")["test"].first())
    return claim_tests.judge(claims, parts).assign(kind=kinds), parts
