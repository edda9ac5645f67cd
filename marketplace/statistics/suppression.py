"""Small cells of public tables, purely: which must be withheld, and which others to hide them.

统计法 Art 25 forbids giving out what identifies a single respondent. A cell is small where it has few
contracts or one respondent dominates it. Withholding it alone is not enough: a published total less
its published members would give it back. So further cells are withheld until no withheld cell follows
from the published ones by any adding and subtracting of totals. That is a question of linear algebra:
a cell is determined exactly if its unit vector lies in the span of the equations over the withheld
cells. One equation with one unknown is the plain case; a bridge between two blocks of a matrix is a
less plain one that counting unknowns by row and column overlooks.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from marketplace.statistics.definitions import SmallCells

Cell = TypeVar("Cell", bound=Hashable)
#: Equations are solved modulo this prime: all coefficients are 1 or -1, and 2**61 - 1 keeps them apart.
_PRIME = 2**61 - 1
WHOLE = 10_000


def is_small(contracts: int, respondents: Iterable[Mapping[str, int]], rule: SmallCells) -> bool:
    """Whether a cell with so many ``contracts`` is small.

    Each of ``respondents`` tells who is behind the cell: respondent → amount. A cell without contracts
    is empty, not small.
    """
    if contracts == 0:
        return False
    return contracts < rule.least_contracts or any(
        _dominance(amounts.values()) >= rule.dominance for amounts in respondents if amounts
    )


def _dominance(amounts: Collection[int]) -> int:
    """The share of the largest amount, in basis points; of nothing none is."""
    whole = sum(map(abs, amounts))
    return max(map(abs, amounts)) * WHOLE // whole if whole else 0


def determined(
    unknown: Collection[Cell], equations: Sequence[tuple[Cell, Collection[Cell]]]
) -> set[Cell]:
    """The cells of ``unknown`` that follow from all others: ``equations`` are (total, members)."""
    hidden = set(unknown)
    pivots: dict[Cell, dict[Cell, int]] = {}
    for total, members in equations:
        row = {cell: 1 for cell in members if cell in hidden}
        if total in hidden:
            row[total] = (row.get(total, 0) - 1) % _PRIME
        row = {cell: value for cell, value in row.items() if value}
        for cell in [one for one in row if one in pivots]:  # a pivot brings in no other's cell
            _eliminate(row, cell, pivots[cell])
        if row:
            _add_pivot(row, pivots)
    return {cell for cell, row in pivots.items() if len(row) == 1}


def _add_pivot(row: dict[Cell, int], pivots: dict[Cell, dict[Cell, int]]) -> None:
    cell = next(iter(row))
    inverse = pow(row[cell], -1, _PRIME)
    row = {other: value * inverse % _PRIME for other, value in row.items()}
    for earlier in pivots.values():
        _eliminate(earlier, cell, row)
    pivots[cell] = row


def _eliminate(row: dict[Cell, int], cell: Cell, pivot: Mapping[Cell, int]) -> None:
    """Take so much of ``pivot`` from ``row`` that ``cell`` is no longer in it."""
    factor = row.get(cell, 0)
    if not factor:
        return
    for other, value in pivot.items():
        left = (row.get(other, 0) - factor * value) % _PRIME
        if left:
            row[other] = left
        else:
            row.pop(other, None)


def withheld(
    small: Collection[Cell],
    equations: Sequence[tuple[Cell, Collection[Cell]]],
    cost: Mapping[Cell, tuple[int, int]],
    given: Collection[Cell] | None = None,
) -> set[Cell]:
    """The small cells and those that must go with them; none is then determined by the others.

    ``cost`` names the cells that have contracts, with what it costs to withhold each: cheaper ones go
    first. A cell without contracts hides nothing and is never taken. ``given`` are further cells that
    are withheld already and cannot be helped: with them it is enough that no small one is determined.
    """
    hidden = {*small, *(given or ())}
    while exposed := determined(hidden, equations):
        if given is not None and exposed.isdisjoint(small):
            break
        choice = _cheapest(_beside(exposed, equations) - hidden, cost)
        choice = choice or _cheapest(_beside(hidden, equations) - hidden, cost)
        if not choice:  # all that is near is empty or withheld already
            break
        hidden |= choice
    return hidden


def _cheapest(cells: Collection[Cell], cost: Mapping[Cell, tuple[int, int]]) -> set[Cell]:
    """The one that costs least; one at a time, for it may hide more than the cell it was taken for."""
    known = [cell for cell in cells if cell in cost]
    return {min(known, key=lambda cell: (cost[cell], repr(cell)))} if known else set()


def _beside(
    cells: Collection[Cell], equations: Sequence[tuple[Cell, Collection[Cell]]]
) -> set[Cell]:
    """Whatever shares an equation with one of ``cells``."""
    together = ({total, *members} for total, members in equations)
    return {other for one in together if not one.isdisjoint(cells) for other in one}
