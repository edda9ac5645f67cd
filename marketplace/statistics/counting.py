"""From entries to cells, purely: which cells an entry is counted in, and with which part of its sums.

Of several sellers (or buyers) each takes its share of the money; fen that do not divide stay with the
first, and so does the contract itself: 项数 is counted where the first stands. Columns therefore sum
to their totals exactly, and a reversal takes back what its registration gave, to the fen.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from marketplace.statistics.definitions import MONEY, Part
from marketplace.statistics.dimensions import DIMENSIONS, Dimension, Names, Path

TOTAL: Path = ()
ALL = "*"
Cells = dict[Path, list[int]]


class Sharer(NamedTuple):
    """One of several sellers, buyers or kinds of intellectual property; ``share`` in any whole."""

    code: str
    region: str
    country: str
    share: int


class Share(NamedTuple):
    """One way to read an entry: its columns, and the sums that belong to it."""

    values: Mapping[str, Any]
    sums: list[int]


@dataclass(frozen=True)
class Sorter:
    """Which cells of a part an entry belongs to, by the columns that the part reads."""

    part: Part
    names: Names

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Of the rows, and of the columns where there are any."""
        keys = (self.part.rows, self.part.columns) if self.part.columns else (self.part.rows,)
        return tuple(DIMENSIONS[key] for key in keys)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of ``ledger_figure`` that are read, in their order."""
        return tuple(column for one in self.dimensions for column in one.columns)

    @property
    def roles(self) -> frozenset[str]:
        """What may stand several times in an entry and makes a difference here."""
        return frozenset(role for one in self.dimensions for role in one.role.split())

    def cells(self, values: Sequence[Any]) -> frozenset[Path]:
        """The cells for one reading of :attr:`columns`; none where the part does not count it."""
        rest, paths = tuple(values), []
        for one in self.dimensions:
            own, rest = rest[: len(one.columns)], rest[len(one.columns) :]
            path = one.path(self.names, *own)
            if path is None:
                return frozenset()
            paths.append(path[: self.part.level])
        if len(paths) == 1:
            return frozenset(paths[0][:depth] for depth in range(len(paths[0]) + 1))
        row, column = paths[0][-1], paths[1][-1]
        return frozenset({TOTAL, (row, ALL), (ALL, column), (row, column)})


def allocate(
    sums: Sequence[int], measures: Sequence[str], weights: Sequence[int]
) -> list[list[int]]:
    """``sums`` divided by ``weights``: money in proportion, all else and what is left to the first."""
    whole = sum(weights)
    taken = [
        [
            _part_of(amount, weight, whole) if name in MONEY and whole else 0
            for name, amount in zip(measures, sums, strict=True)
        ]
        for weight in weights[1:]
    ]
    first = [amount - sum(row[i] for row in taken) for i, amount in enumerate(sums)]
    return [first, *taken]


def _part_of(amount: int, weight: int, whole: int) -> int:
    """Towards zero, so that a sum and its reversal divide alike."""
    share = abs(amount) * weight // whole
    return share if amount >= 0 else -share


def shares(
    values: Mapping[str, Any],
    sums: list[int],
    measures: Sequence[str],
    sharers: Mapping[str, Sequence[Sharer]],
) -> Iterator[Share]:
    """The entry once for each seller and buyer among ``sharers``, with what belongs to each."""
    readings: list[tuple[Mapping[str, Any], int]] = [(values, 1)]
    for side in ("seller", "buyer"):
        if side in sharers:
            readings = [
                ({**reading, **_columns_of(side, one)}, weight * one.share)
                for reading, weight in readings
                for one in sharers[side]
            ]
    divided = allocate(sums, measures, [weight for _reading, weight in readings])
    for (reading, _weight), own in zip(readings, divided, strict=True):
        yield Share(reading, own)


def _columns_of(side: str, one: Sharer) -> dict[str, str]:
    return {
        f"{side}_nature": one.code,
        f"{side}_region": one.region,
        f"{side}_country": one.country,
    }


def cells_of_kinds(
    sorter: Sorter, values: tuple[Any, ...], kinds: tuple[str, ...]
) -> frozenset[Path]:
    """The cells of an entry with several kinds of intellectual property: each once."""
    if "ip" not in sorter.columns or not kinds:
        return sorter.cells(values)
    place = sorter.columns.index("ip")
    found = (sorter.cells((*values[:place], kind, *values[place + 1 :])) for kind in kinds)
    return frozenset(cell for cells in found for cell in cells)


def add_to(cells: Cells, keys: Iterable[Path], sums: Sequence[int]) -> None:
    """Count ``sums`` in every cell of ``keys``."""
    for key in keys:
        kept = cells.setdefault(key, [0] * len(sums))
        for i, amount in enumerate(sums):
            kept[i] += amount


def constraints(cells: Iterable[Path], part: Part) -> list[tuple[Path, frozenset[Path]]]:
    """Which cells sum to which: ``(total, members)``; none where members overlap, as kinds of IP do."""
    known = frozenset(cells)
    if part.columns:
        return [*_of_matrix(known)]
    if not DIMENSIONS[part.rows].is_additive:
        return []
    groups: dict[Path, set[Path]] = {}
    for cell in known - {TOTAL}:
        groups.setdefault(cell[:-1], set()).add(cell)
    return [(total, frozenset(members)) for total, members in sorted(groups.items())]


def _of_matrix(known: frozenset[Path]) -> Iterator[tuple[Path, frozenset[Path]]]:
    for place in (0, 1):
        margins = {cell for cell in known if cell and cell[1 - place] == ALL}
        yield TOTAL, frozenset(margins)
        for margin in sorted(margins):
            inner = {c for c in known if c and ALL not in c and c[place] == margin[place]}
            yield margin, frozenset(inner)
