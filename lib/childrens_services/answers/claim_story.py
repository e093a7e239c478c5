"""What the notebook at a glance says of claims, until it is written in the new grammar: how many hold."""

from collections.abc import Mapping, Sequence

import pandas as pd

from childrens_services.analysis import claims as claim_tests
from childrens_services.analysis.claims import CANNOT_BE_TESTED, NOT_A_SAMPLE, VERDICTS
from childrens_services.answers.narrative import Sentence, count, join, plural, say


def no_claims(names: Mapping[str, str]) -> Sentence:
    """Say that nobody's claims about these authorities are in the tables."""
    return say("No claim about {who} is in the tables, or none was public on this day.", who=join(names.values()))


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


def _plural_words(words: str, n: int) -> str:
    if n < 2:
        return words
    many = (("does", "do"), ("holds", "hold"), ("differs", "differ"), ("agrees with itself", "agree with themselves"))
    for one, more in many:
        words = words.replace(one, more)
    return words


def judged_claims(tables: Mapping[str, pd.DataFrame], codes: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Test the claims about the chosen authorities: claims with verdicts, and parts with what was found."""
    claims = tables["claims"][tables["claims"]["la_code_ons"].isin(list(codes))].reset_index(drop=True)
    mine = tables["claim_tests"][tables["claim_tests"]["claim_id"].isin(claims["claim_id"])]
    parts = claim_tests.run_tests({**tables, "claims": claims, "claim_tests": mine})
    kinds = claims["claim_id"].map(parts.groupby("claim_id")["test"].first())
    return claim_tests.judge(claims, parts).assign(kind=kinds), parts
