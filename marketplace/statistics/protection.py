"""What a public table must not show, beside all other periods of the same table.

Months, quarters, halves and the year up to a month overlap, and every one of them is the difference of
two sums from the start of the year: up to the end of a month, and up to the end of an earlier one.
So it is these ends that are decided upon. A cell is *closed* at an end where nobody may learn its sum
up to there; a period is withheld where its cell is closed at one of its two ends, and shown otherwise.
Then what is unknown at one end has nothing to do with what is unknown at another, and it is enough
that at each end no closed cell follows from the open ones of its own table (``suppression.closed``).

A cell is closed at an end

- if it would be small, from any other end at which it is open;
- if it is mostly small in periods as short as those that begin there: the sums of longer ones, and of
  the year above all, are worth more than its months (:func:`_too_fine`);
- if cells closed beside it are small together (:class:`_End`), or would follow (``suppression``).

What was published is taken as it is: the ends that it tells are not decided again. See record 0012.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import extract, select

from marketplace.extensions import db
from marketplace.statistics.counting import TOTAL, constraints
from marketplace.statistics.definitions import Part
from marketplace.statistics.dimensions import Path
from marketplace.statistics.documents import Withheld
from marketplace.statistics.models import PublishedTable
from marketplace.statistics.periods import Period
from marketplace.statistics.renderings import read
from marketplace.statistics.respondents import (
    Behind,
    Respondents,
    behind_months,
    behind_period,
)
from marketplace.statistics.selection import AsOf, Selection
from marketplace.statistics.suppression import closed

#: end of a month → the cells that are closed there
Closed = dict[int, set[Path]]
Equation = tuple[Path, frozenset[Path]]
#: A cell is too fine for periods of a length of which more than one in so many are small.
_ONE_IN = 4
#: Closing the total of a table costs more than closing anything else.
_TOTAL_COST = 10**9


@dataclass(frozen=True)
class Told:
    """What one published period tells: between which ends, and what it withholds."""

    first: int
    last: int
    hidden: frozenset[Path]


def cells_to_withhold(
    selection: Selection, respondents: Respondents
) -> dict[tuple[int, bool], frozenset[Path]]:
    """What the public table of one period must not show, as if no other were ever published."""
    found = {}
    for number, part in enumerate(selection.table.parts):
        behind = behind_period(selection, number, respondents)
        for earlier, first in ((False, 0), (True, -1)):
            ends: Closed = {first: set()}
            found[number, earlier] = frozenset(_decide(first + 1, ends, behind, part, set()))
    return found


def withheld_together(
    selections: Sequence[Selection], respondents: Respondents
) -> list[tuple[Selection, Withheld]]:
    """What each of ``selections``, one table in the periods that end with a month, must not show."""
    found: list[dict[tuple[int, bool], frozenset[Path]]] = [{} for _one in selections]
    if not selections:
        return []
    published = {year: _published(selections[0], year) for year in _years(selections[0])}
    reaching = _reaching(selections[0], [one for year in published.values() for one in year])
    for number, part in enumerate(selections[0].table.parts):
        behind = behind_months(reaching, number, respondents)
        for earlier in (False, True):
            periods = [_ends(one, earlier) for one in selections]
            told = [*_told(published, number, selections[0].seen.year, earlier=earlier)]
            ends = closed_ends(periods, told, behind, part, -12 if earlier else 0)
            for one, (first, last) in zip(found, periods, strict=True):
                one[number, earlier] = frozenset(ends[first] | ends[last])
    return [*zip(selections, found, strict=True)]


def _reaching(selection: Selection, published: Sequence[dict]) -> Selection:
    """As late as anything that was published: months given out before a skipped one weigh with it."""
    moments = [one["as_of"] for one in published]
    size = max([selection.as_of.size, *(moment["size"] for moment in moments)])
    days = [date.fromisoformat(moment["day"]) for moment in moments]
    return replace(selection, as_of=AsOf(size, max([selection.as_of.day, *days])))


def _years(selection: Selection) -> range:
    return range(selection.seen.year - 1, selection.seen.year + 2)


def _ends(selection: Selection, earlier: bool) -> tuple[int, int]:
    """The ends of months between which the period lies; those of the year before are not positive."""
    period: Period = selection.seen
    shift = -12 if earlier else 0
    return period.first.month - 1 + shift, period.last.month + shift


def _published(selection: Selection, year: int) -> list[dict]:
    rows = select(PublishedTable.content).where(
        PublishedTable.table == selection.table.id, extract("year", PublishedTable.first) == year
    )
    return [read(content) for content in db.session.scalars(rows)]


def _told(
    published: Mapping[int, Sequence[dict]], number: int, year: int, *, earlier: bool
) -> Iterator[Told]:
    """What was given out of a year: in its own tables, and as the year before in those of the next."""
    shift = -12 if earlier else 0
    for time, later in (("now", 0), ("before", 1)):
        for said in published[year - earlier + later]:
            first, last = (date.fromisoformat(said["period"][key]) for key in ("first", "last"))
            hidden = {
                tuple(row["cell"]) for row in said["parts"][number]["rows"] if row[time] is None
            }
            yield Told(first.month - 1 + shift, last.month + shift, frozenset(hidden))


def closed_ends(
    periods: Sequence[tuple[int, int]],
    told: Sequence[Told],
    behind: Behind,
    part: Part,
    start: int,
) -> Closed:
    """What is closed at each end of ``periods``, and at those of what was ``told`` before.

    Ends are numbered as in :class:`Behind`; ``start`` is the beginning of the year, 0 or -12.
    """
    ends = _known_from(told, start)
    for end in sorted({end for period in periods for end in period} - ends.keys()):
        fine = _too_fine(end, behind)
        ends[end] = _decide(end, ends, behind, part, fine)
    return ends


def _known_from(told: Sequence[Told], start: int) -> Closed:
    """A cell is open at an end that hangs together with the start of the year by shown periods."""
    ends: Closed = {start: set()}
    for one in told:
        ends |= {end: ends.get(end, set()) for end in (one.first, one.last)}
    for cell in {cell for one in told for cell in one.hidden}:
        shown = [{one.first, one.last} for one in told if cell not in one.hidden]
        known, more = {start}, {start}
        while more:
            more = {e for pair in shown if not pair.isdisjoint(known) for e in pair} - known
            known |= more
        for end in ends.keys() - known:
            ends[end].add(cell)
    return ends


def _too_fine(end: int, behind: Behind) -> set[Path]:
    """The cells of which the periods that can begin at ``end`` are small too often to be shown.

    Were such a cell open at the end of November, a small December would close the year.
    """
    length = next((n for n in (1, 3, 6) if end % (2 * n if n > 1 else 3)), None)
    if length is None:
        return set()
    found = set()
    spans = [(last - length, last) for last in range(-12 + length, end + 1, length)]
    for cell in behind.cells(-12, end) - {TOTAL}:
        sizes = [behind.smallness([cell], *one) for one in spans]
        if sizes.count(True) * _ONE_IN > len(sizes) - sizes.count(None):
            found.add(cell)
    return found


def _decide(
    end: int, ends: Closed, behind: Behind, part: Part, fine: Collection[Path]
) -> set[Path]:
    """The cells to close at ``end``, given what is closed at the others of its year."""
    cells = behind.cells(min(ends), min(ends) + 12)
    one = _End(end, ends, behind, constraints(cells, part))
    small = {
        cell
        for cell in one.cost
        if any(
            cell not in one.closed_at_other(first, last) and behind.is_small([cell], first, last)
            for first, last in one.spans
        )
    }
    found = one.protected(small | (one.cost.keys() & {*fine}))
    if TOTAL in found - small:  # the finer periods are not worth the total
        found = one.protected(small)
    return found


class _End:
    """The end of a month at which it is being decided what to close."""

    def __init__(
        self, end: int, ends: Closed, behind: Behind, equations: Sequence[Equation]
    ) -> None:
        self.end, self.ends, self.behind, self.equations = end, ends, behind, equations
        self.spans = [(min(end, other), max(end, other)) for other in ends]
        start = min(ends)
        self.cost = {
            cell: _TOTAL_COST if cell == TOTAL else 1 + len(behind.amounts([cell], start, end))
            for cell in behind.cells(start, end)
        }
        self.members = dict(equations)

    def closed_at_other(self, first: int, last: int) -> set[Path]:
        """What is closed at the other end of a span."""
        return self.ends[first if last == self.end else last]

    def protected(self, cells: Collection[Path]) -> set[Path]:
        """``cells`` and all that must be closed with them."""
        found, before = set(cells), None
        while found != before:
            before = set(found)
            for first, last in self.spans:
                for total, members in self.equations:
                    self._hide_sums(found, total, members, first, last)
            found = closed(found, self.equations, self.cost)
        return found

    def _hide_sums(
        self, found: set[Path], total: Path, members: Collection[Path], first: int, last: int
    ) -> None:
        """Close more members while those that are closed, summed up, are small."""
        other = self.closed_at_other(first, last)
        while total not in found | other:
            for sum_, beside in self._sums(found, other, members):
                if sum_ and self.behind.is_small(sum_, first, last):
                    choice = self._beside(sum_, beside - found, first, last)
                    if choice is not None:
                        found.add(choice)
                        break
            else:
                return

    def _sums(
        self, here: set[Path], there: set[Path], members: Collection[Path]
    ) -> Iterator[tuple[set[Path], set[Path]]]:
        """What follows as a sum, the total less the open ones; and what can be closed beside it.

        Of a closed group its closed members remain, so that these are summed up too in its place.
        Cells closed at one end and others closed at the other end follow as two sums.
        """
        own = [closed_.intersection(members) for closed_ in (here, there)]
        beneath = {one for cell in own[0] | own[1] for one in self.members.get(cell, ())}
        inner = [
            self._inner(cells, closed_) for cells, closed_ in zip(own, (here, there), strict=True)
        ]
        for (one, other), beside in ((own, {*members}), (inner, beneath.union(members))):
            if one.isdisjoint(other):
                yield one, beside - one
                yield other, other
            else:
                yield one | other, beside - one - other

    def _inner(self, cells: Collection[Path], closed_: set[Path]) -> set[Path]:
        groups = [closed_.intersection(self.members.get(cell, ())) or {cell} for cell in cells]
        return {cell for group in groups for cell in group}

    def _beside(
        self, sum_: Collection[Path], cells: Collection[Path], first: int, last: int
    ) -> Path | None:
        """The cheapest of ``cells`` with which the sum is no longer small, or else the largest."""
        order = sorted(self.cost.keys() & {*cells}, key=lambda cell: (self.cost[cell], cell))
        enough = (c for c in order if not self.behind.is_small({*sum_, c}, first, last))
        return next(enough, order[-1] if order else None)
