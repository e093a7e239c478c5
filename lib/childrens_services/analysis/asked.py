"""Who is asked about, against whom, on which day and in whose prices: what every notebook begins with, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from childrens_services import tables
from childrens_services.analysis import compare, timeline

__all__ = ["Asked"]
_OF_GROUPS = ["authorities", "of", "low", "high"]  # what a group's median has besides: see compare.group_median


@dataclass(frozen=True)
class Asked:
    """The parameters of a notebook, and what follows from them.

    `Asked(["Leeds"], as_at="2024-04-04").load("judgements")` holds what was public on that day, of every authority.
    Raises ChoiceError for authorities or comparators that there are not, with the nearest.
    """

    authorities: Sequence[str]
    comparators: str = "statistical neighbours"
    as_at: str = ""
    first_year: int = 2013
    price_year: str = "2024-25"

    def load(self, name: str) -> pd.DataFrame:
        """Return a tidy table as it was known on the day."""
        return tables.load(name, self.as_at)

    @cached_property
    def chosen(self) -> pd.DataFrame:
        """The rows of the chosen in `authorities`, in the order asked for."""
        return compare.choose(self.load("authorities"), self.authorities, tables.load("spellings"))

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the chosen by ONS code, in the order asked for."""
        return dict(zip(self.chosen["la_code_ons"], self.chosen["name"], strict=True))

    @cached_property
    def ended(self) -> pd.DataFrame:
        """The chosen that have ended by the day: their rows with `successors`, the names of those in their place."""
        every = self.load("authorities").sort_values("name", kind="stable")
        heirs = every.assign(code=every["predecessors"].str.split()).explode("code").groupby("code")["name"]
        gone = self.chosen.dropna(subset="existed_to")
        return gone.assign(successors=gone["la_code_ons"].map(heirs.agg(" and ".join)))

    @property
    def codes(self) -> list[str]:
        """The ONS codes of the chosen."""
        return list(self.names)

    @cached_property
    def groups(self) -> dict[str, compare.Group]:
        """The comparison group of each of the chosen, for at most two: more lines than five nobody can tell apart."""
        every, neighbours = self.load("authorities"), self.load("neighbours")
        found = {code: compare.group(code, self.comparators, every, neighbours) for code in self.names}
        return {code: group for code, group in found.items() if group} if len(self.names) <= 2 else {}

    @property
    def labels(self) -> dict[str, str]:
        """The label of each comparison group, by the name of its authority: "Nottingham's neighbours"."""
        return {self.names[code]: self._label(code) for code in self.groups}

    def _label(self, code: str) -> str:
        group, name = self.groups[code], self.names[code]
        return f"{name}'s neighbours" if group.name == "statistical neighbours" else f"{group.name} without {name}"

    @cached_property
    def real_terms_year(self) -> str:
        """The financial year whose prices are used: the one asked for, or the newest known before it."""
        return compare.price_year(self.load("prices"), self.price_year)

    @cached_property
    def today(self) -> pd.Timestamp:
        """The day on which the reader stands: the one asked for, or that of the newest source."""
        return timeline.today(tables.load("sources"), self.as_at)

    def own(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the chosen with their `name`, the first asked for first."""
        code = "area_code" if "area_code" in rows else "la_code_ons"
        mine = rows[rows[code].isin(self.codes)]
        order = mine[code].map({one: place for place, one in enumerate(self.codes)})
        return mine.assign(name=mine[code].map(self.names)).iloc[order.argsort(kind="stable")].reset_index(drop=True)

    def beside(self, rows: pd.DataFrame, value: str = "value", england: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the chosen, the median of each one's group, and England, in one long frame with a `name` a row.

        `rows` are those of `observations`, or amounts per child (`value="amount_per_child"`) with England's apart. One
        row a name, measure and period. `year` is the number that a chart puts on its axis; `believed` is the value
        where it was published and is plausible; `stretch` counts the gaps, so that a line can be broken at them;
        `authorities, of, low, high` say what a group's median stands on.
        """
        national = rows[rows["area_code"] == tables.ENGLAND] if england is None else england
        parts = [self.own(rows)]
        parts += [
            compare.group_median(rows, group, value).assign(name=self._label(c)) for c, group in self.groups.items()
        ]
        parts += [national.assign(name="England")] if self.comparators != "none" else []
        found = pd.concat([*parts, pd.DataFrame(columns=_OF_GROUPS, dtype=float)], ignore_index=True)
        period = found["period"] if "period" in found else found["financial_year"].str[:4]
        found = found.assign(year=period.astype(int), believed=found[value].where(found["status"] == "value"))
        return found[found["year"] >= self.first_year].pipe(_with_stretches)


def _with_stretches(rows: pd.DataFrame) -> pd.DataFrame:
    """Number the stretches of years without a gap in each series."""
    keys = ["name", *(column for column in ("indicator", "collection", "line", "measure") if column in rows)]
    ordered = rows.sort_values([*keys, "year"], kind="stable", ignore_index=True)
    gap = ordered["believed"].isna() | ordered.groupby(keys)["year"].diff().ne(1)
    return ordered.assign(stretch=gap.groupby([ordered[key] for key in keys]).cumsum())
