"""Who stands behind the cells of a table, month by month, and whether that is too few to be shown.

统计法 Art 25 forbids giving out what identifies a single respondent. A sum is small where it has few
contracts or one respondent dominates it, be it one cell, several cells together, or several months.
Months are numbered within two years: 1 to 12 in the year of the table, -11 to 0 in the year before.
A month lies between two ends of months; month 3 between the ends 2 and 3.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from marketplace.statistics import queries
from marketplace.statistics.counting import Sorter
from marketplace.statistics.definitions import SmallCells, current_definitions
from marketplace.statistics.dimensions import Path
from marketplace.statistics.periods import Period
from marketplace.statistics.selection import Selection

WHOLE = 10_000


#: Registration number → everybody who stands on one side of the contract.
Parties = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Respondents:
    """Who is behind a contract, once for each side that is known."""

    sides: Sequence[Parties] = field(default=())


def is_small(amounts: Mapping[str, int], sides: Iterable[Parties], rule: SmallCells) -> bool:
    """Whether a sum is small: ``amounts`` by contract, ``sides`` tell who is behind each.

    What has no contracts is empty, not small. Of several parties to one side each has the whole
    amount: whoever has a part in four fifths of a sum knows it, with whomever it was shared.
    """
    if not amounts:
        return False
    if len(amounts) < rule.least_contracts:
        return True
    whole, alone = sum(map(abs, amounts.values())), {number: (number,) for number in amounts}
    weights = [_weight(amounts, parties) for parties in (alone, *sides)]
    return whole > 0 and max(weights) * WHOLE >= rule.dominance * whole


def _weight(amounts: Mapping[str, int], parties: Parties) -> int:
    """The largest amount in which one party has a part."""
    by_party: dict[str, int] = {}
    for number, amount in amounts.items():
        for party in parties.get(number, (number,)):
            by_party[party] = by_party.get(party, 0) + abs(amount)
    return max(by_party.values())


@dataclass(frozen=True)
class Behind:
    """The contracts behind each cell: month → cell → registration number → its sums.

    ``weighty`` is the place, among the sums, of the amount by which a contract may dominate.
    """

    months: Mapping[int, Mapping[Path, Mapping[str, Sequence[int]]]]
    weighty: int
    rule: SmallCells
    respondents: Respondents

    @cached_property
    def _known(self) -> dict[tuple[frozenset[Path], int, int], bool | None]:
        return {}

    def is_small(self, cells: Collection[Path], first: int, last: int) -> bool:
        """Whether what ``cells`` hold together is small, from the end of a month to that of another."""
        return self.smallness(cells, first, last) is True

    def smallness(self, cells: Collection[Path], first: int, last: int) -> bool | None:
        """Whether it is small; ``None`` where there is no contract at all."""
        key = (frozenset(cells), first, last)
        if key not in self._known:
            amounts = self.amounts(cells, first, last)
            sides = self.respondents.sides
            self._known[key] = is_small(amounts, sides, self.rule) if amounts else None
        return self._known[key]

    def amounts(self, cells: Iterable[Path], first: int, last: int) -> dict[str, int]:
        """Registration number → amount; a contract of which nothing is left does not count."""
        sums: dict[str, Sequence[int]] = {}
        for cell in cells:
            for month in range(first + 1, last + 1):
                for number, own in self.months.get(month, {}).get(cell, {}).items():
                    kept = sums.get(number)
                    sums[number] = own if kept is None else _added(kept, own)
        return {number: own[self.weighty] for number, own in sums.items() if any(own)}

    def cells(self, first: int, last: int) -> set[Path]:
        """The cells that have contracts in those months."""
        return {
            cell
            for month in range(first + 1, last + 1)
            for cell in self.months.get(month, {})
        }  # fmt: skip


def _added(some: Sequence[int], others: Sequence[int]) -> list[int]:
    return [a + b for a, b in zip(some, others, strict=True)]


def behind_months(selection: Selection, number: int, respondents: Respondents) -> Behind:
    """Behind part ``number`` in each month of the period's year, and of the year before.

    Months reach as far as the moment does, beyond the period where later ones were published.
    """
    year, last = selection.seen.year, selection.as_of.day
    first, end = date(year - 1, 1, 1), date(year, 12, 31)
    both_years = Period(selection.seen.span, year, 1, first, min(last, end))
    return _behind(selection, number, respondents, [(both_years, None)])


def behind_period(selection: Selection, number: int, respondents: Respondents) -> Behind:
    """Behind part ``number`` of one period alone, as if it were month 1; month 0 is the year before."""
    return _behind(selection, number, respondents, [(selection.seen, 1), (selection.before, 0)])


def _behind(
    selection: Selection,
    number: int,
    respondents: Respondents,
    periods: Sequence[tuple[Period, int | None]],
) -> Behind:
    sorter = Sorter(selection.table.parts[number], queries.names_for(selection))
    months: dict[int, dict[Path, dict[str, Sequence[int]]]] = {}
    year = selection.seen.year
    for period, fixed in periods:
        for one in queries.counted(selection, sorter, period, by=("number", "month")):
            month = _number(one.month, year) if fixed is None else fixed
            for cell in one.cells:
                behind = months.setdefault(month, {}).setdefault(cell, {})
                kept = behind.get(one.number)
                behind[one.number] = one.sums if kept is None else _added(kept, one.sums)
    measures = selection.table.measures
    weighty = measures.index("deal" if "deal" in measures else "income")
    rule = current_definitions().small_cells_on(selection.seen.last)
    return Behind(months, weighty, rule, respondents)


def _number(month: str, year: int) -> int:
    """The number of ``YYYY-MM`` as counted from ``year``."""
    return 12 * (int(month[:4]) - year) + int(month[5:])
