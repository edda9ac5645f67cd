"""What the tables of a month withhold together, beside what was given out of the same year before.

A month is the year up to it less the year up to the month before, a quarter is three months: so a cell
that one table withholds could follow from others of the same table. The periods are therefore protected
as one table with a further direction, time. What was given out stays as it is; only the new tables can
withhold more. See record 0012 for what is not covered.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import extract, select

from marketplace.extensions import db
from marketplace.statistics.asking import selection_of
from marketplace.statistics.counting import constraints
from marketplace.statistics.dimensions import Path
from marketplace.statistics.documents import Respondents, Withheld, cells_to_withhold, small_cells
from marketplace.statistics.models import PublishedTable
from marketplace.statistics.periods import sums_over_time
from marketplace.statistics.renderings import read
from marketplace.statistics.selection import Selection
from marketplace.statistics.suppression import determined, withheld

#: A cell of a period: the period's key and the path of the cell.
Cell = tuple[str, Path]
Equation = tuple[Cell, Collection[Cell]]


@dataclass
class Given:
    """One part of one table as it stood in public: by period, its cells and those withheld."""

    cells: dict[str, set[Path]] = field(default_factory=dict)
    hidden: dict[str, set[Path]] = field(default_factory=dict)
    small: dict[str, set[Path]] = field(default_factory=dict)

    def add(self, period: str, paths: Mapping[Path, bool], small: set[Path]) -> None:
        """What a document withholds of a period; what was shown once is known for ever."""
        hidden = {path for path, is_hidden in paths.items() if is_hidden}
        self.small[period] = small
        self.hidden[period] = hidden & self.hidden.get(period, hidden)
        self.cells[period] = self.cells.get(period, set()) | paths.keys()


def withheld_together(
    selections: Sequence[Selection], respondents: Respondents
) -> list[tuple[Selection, Withheld]]:
    """What each of ``selections``, one table in the periods that end with a month, must not show."""
    found = [cells_to_withhold(selection, respondents) for selection in selections]
    for number, part in enumerate(selections[0].table.parts) if selections else ():
        if part.columns:  # a matrix over all periods has too many unknowns to solve for each cell
            continue
        for earlier in (False, True):
            hidden = _of_part(selections, number, earlier, respondents)
            for one, selection in zip(found, selections, strict=True):
                one[number, earlier] = frozenset(hidden[_key(selection, earlier)])
    return [*zip(selections, found, strict=True)]


def _key(selection: Selection, earlier: bool) -> str:
    return (selection.before if earlier else selection.seen).key


def _of_part(
    selections: Sequence[Selection], number: int, earlier: bool, respondents: Respondents
) -> dict[str, set[Path]]:
    """Period → the cells to withhold; of a period that was given out before, the same again."""
    part, given = (
        selections[0].table.parts[number],
        _given(selections[0], number, earlier, respondents),
    )
    sums = _sums_of(selections[0].seen.year - earlier)
    cells = dict(given.cells)
    old = [e for key, paths in cells.items() for e in _within(key, constraints(paths, part))]
    kept = {(key, path) for key, paths in given.hidden.items() for path in paths}
    known = determined(kept, [*old, *_over_time(sums, cells)])  # and cannot be hidden again
    small = {(key, path) for key, paths in given.small.items() for path in paths} & (kept - known)
    cost, equations = dict[Cell, tuple[int, int]](), old
    for selection in selections:
        key = _key(selection, earlier)
        if key not in given.cells:
            few, costs = small_cells(selection, number, earlier, respondents)
            small |= {(key, path) for path in few}
            cost |= {(key, path): weight for path, weight in costs.items()}
            equations = [*equations, *_within(key, constraints(costs, part))]
            cells[key] = {*costs}
    hidden = withheld(small, [*equations, *_over_time(sums, cells)], cost, kept - known)
    fresh = {key: {path for one, path in hidden if one == key} for key in cells}
    return fresh | given.hidden


def _sums_of(year: int) -> list[tuple[str, tuple[str, ...]]]:
    return [one for month in range(1, 13) for one in sums_over_time(date(year, month, 1))]


def _within(period: str, equations: Sequence[tuple[Path, Collection[Path]]]) -> list[Equation]:
    return [((period, total), [(period, one) for one in members]) for total, members in equations]


def _over_time(
    sums: Sequence[tuple[str, tuple[str, ...]]], cells: Mapping[str, Collection[Path]]
) -> list[Equation]:
    """For each cell, the sums of periods that are all known or about to be."""
    return [
        ((total, path), [(member, path) for member in members])
        for total, members in sums
        if cells.keys() >= {total, *members}
        for path in sorted({path for key in (total, *members) for path in cells[key]})
    ]


def _given(selection: Selection, number: int, earlier: bool, respondents: Respondents) -> Given:
    """What was given out of the year: in its own tables, and as the year before in those of the next."""
    given, year = Given(), selection.seen.year - earlier
    for time, published in (("now", year), ("before", year + 1)):
        rows = select(PublishedTable).where(
            PublishedTable.table == selection.table.id,
            extract("year", PublishedTable.first) == published,
        )
        for row in db.session.scalars(rows):
            said = read(row.content)
            paths = {tuple(one["cell"]): one[time] is None for one in said["parts"][number]["rows"]}
            small = set[Path]()
            if any(paths.values()):
                small, _cost = small_cells(
                    selection_of(said), number, time == "before", respondents
                )
            given.add(f"{year}{row.period[4:]}", paths, small)
    return given
