"""How far a count can swing by chance, and where a value stands among others.

Goes in: counts and values. Comes out: intervals and ranks. A published count is complete, so an interval here does not
say how well it was counted: it says how far chance alone could move the share in a place of that size.
"""

__all__ = ["Interval", "Rank", "rank", "wilson"]

from dataclasses import dataclass

import pandas as pd
from scipy.stats import binomtest


@dataclass(frozen=True)
class Interval:
    """The two ends of a confidence interval, as fractions of one."""

    low: float
    high: float

    def overlaps(self, other: "Interval") -> bool:
        """Say whether two intervals share a point; where they do, no difference may be claimed."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True)
class Rank:
    """Where a value stands among `of` values; ties share the better place, `tied` counts all that have the value."""

    from_highest: int
    from_lowest: int
    of: int
    tied: int

    @property
    def position(self) -> float:
        """The middle of its ties from the lowest value (0) to the highest (1); a half where there is no other."""
        return (self.from_lowest - 1 + (self.tied - 1) / 2) / (self.of - 1) if self.of > 1 else 0.5


def wilson(count: float, of: float, confidence: float = 0.95) -> Interval:
    """Give the Wilson score interval of a share: `wilson(9, 367)` is 0.013 to 0.046.

    Chosen because it keeps inside 0 and 1 and holds its coverage where counts are small. Formula: E. B. Wilson, Journal
    of the American Statistical Association 22 (1927), without continuity correction. Raises ValueError for a count that
    is not a whole number from 0 to `of`, and for an `of` of 0.
    """
    if of < 1 or not 0 <= count <= of or count != int(count) or of != int(of):
        raise ValueError(f"an interval of {count} of {of}: give whole numbers, the count from 0 to the number it is of")
    found = binomtest(int(count), int(of)).proportion_ci(confidence_level=confidence, method="wilson")
    return Interval(float(found.low), float(found.high))


def rank(values: pd.Series, key: str) -> Rank:
    """Rank the value of `key` among the values of a series; missing ones do not count.

    `rank(pd.Series({"a": 3, "b": 1, "c": 3}), "a")` is first from the highest of three, one of two tied. Raises
    ValueError where `key` has no value, because a missing value has no place.
    """
    known = values.dropna()
    if key not in known.index:
        raise ValueError(f"rank of {key}: it has no value; say so instead of ranking it")
    own = known[key]
    return Rank(int((known > own).sum()) + 1, int((known < own).sum()) + 1, len(known), int((known == own).sum()))
