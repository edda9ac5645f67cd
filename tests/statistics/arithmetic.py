"""What whoever holds published tables can work out by adding and subtracting: exact, and slow.

The tests hold the quick rules of ``suppression`` and ``protection`` against it.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from marketplace.statistics.counting import constraints
from marketplace.statistics.definitions import Part
from marketplace.statistics.periods import periods_ending, sums_over_time

#: All coefficients are 1 or -1; 2**61 - 1 is prime and keeps their sums apart.
PRIME = 2**61 - 1
Equation = tuple[Hashable, Collection[Hashable]]


def determined(unknown: Collection[Any], equations: Sequence[Equation]) -> set[Any]:
    """The cells of ``unknown`` that follow from all others, by elimination modulo a prime."""
    return {cell for cell, row in solve(unknown, equations).items() if len(row) == 1}


def solve(unknown: Collection[Any], equations: Sequence[Equation]) -> dict[Any, dict[Any, int]]:
    """What is left of the equations over ``unknown``: leading cell → coefficients, fully reduced."""
    hidden, pivots = set(unknown), {}
    for total, members in equations:
        row = {cell: 1 for cell in members if cell in hidden}
        if total in hidden:
            row[total] = (row.get(total, 0) - 1) % PRIME
        row = {cell: value for cell, value in row.items() if value}
        for cell in [one for one in row if one in pivots]:
            eliminate(row, cell, pivots[cell])
        if row:
            add_pivot(row, pivots)
    return pivots


def follows(cells: Collection[Any], pivots: Mapping[Any, Mapping[Any, int]]) -> bool:
    """Whether the sum of ``cells`` is known to whoever has solved the equations."""
    row = dict.fromkeys(cells, 1)
    for cell in cells:
        if cell in pivots:
            eliminate(row, cell, pivots[cell])
    return not row


def add_pivot(row: dict[Any, int], pivots: dict[Any, dict[Any, int]]) -> None:
    cell = next(iter(row))
    inverse = pow(row[cell], -1, PRIME)
    row = {other: value * inverse % PRIME for other, value in row.items()}
    for earlier in pivots.values():
        eliminate(earlier, cell, row)
    pivots[cell] = row


def eliminate(row: dict[Any, int], cell: Any, pivot: Mapping[Any, int]) -> None:
    """Take so much of ``pivot`` from ``row`` that ``cell`` is no longer in it."""
    factor = row.get(cell, 0)
    if not factor:
        return
    for other, value in pivot.items():
        left = (row.get(other, 0) - factor * value) % PRIME
        if left:
            row[other] = left
        else:
            row.pop(other, None)


def rank_says_determined(cell: Any, unknown: Collection[Any], equations) -> bool:
    """The definition: the unit vector of ``cell`` adds nothing to the rank."""
    order = sorted(unknown, key=repr)
    rows = [
        [Fraction((one in members) - (one == total)) for one in order]
        for total, members in equations
    ]
    return rank([*rows, [Fraction(one == cell) for one in order]]) == rank(rows)


def rank(rows) -> int:
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i, row in enumerate(rows):
            if i != found and row[column]:
                factor = row[column] / rows[found][column]
                rows[i] = [a - factor * b for a, b in zip(row, rows[found], strict=True)]
        found += 1
    return found


def equations_of_year(year: int, paths: Collection[Any], part: Part) -> list[Equation]:
    """All sums of ``paths`` in a year: within each period, published or not, and between periods."""
    months = [date(year, month, 1) for month in range(1, 13)]
    found: list[Equation] = [
        ((period.key, total), [(period.key, one) for one in members])
        for month in months
        for period in periods_ending(month)
        for total, members in constraints(paths, part)
    ]
    for month in months:
        for total, members in sums_over_time(month):
            found += [((total, path), [(key, path) for key in members]) for path in paths]
    return found
