"""Lines of an indicator table, as listings put them into their text: name unit present wanted.

``单支连续使用时间 天 50～60 ≥100``: the last value is the wanted one (of an offer: the reached
one), the one before it the present one. A line is a row only if its last cells are values and the
cell before them is a unit or, where the last value has a comparator, could be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from matching.evidence import Passage
from matching.quantities import Quantity, values
from matching.units import Unit, unit_of

_CELL = re.compile(
    r"(?P<sign>[≤≥<>≦≧±≈]|<=|>=|不超过|不低于|不小于|不大于)?\s*"
    r"(?P<value>-?[0-9][0-9.,]*(?:[×x*]10\^[+-]?[0-9]{1,2})?[万亿]?"
    r"(?:\s*(?:~|-|–|—|至)\s*-?[0-9][0-9.,]*[万亿]?)?)\s*%?"
    r"(?P<after>以上|以下|以内|左右|及以上|及以下)?(?:\([^()]{0,12}\))?"
)
_EMPTY = frozenset({"—", "–", "-", "/", "无", "--", "——", "－"})
_COUNTED = re.compile(r"[^\W\d]{1,6}(?:/[^\W]{1,8})?")
_COLUMN_UNITS = {"月": "个月", "日": "d"}
"""Units that stand alone in a column and are words or dates in prose."""
MOST_CELLS = 8
LONGEST_ROW = 80
_SENTENCE = re.compile(r"[。;,!?]")


@dataclass(frozen=True)
class _Row:
    name: str
    unit: Unit
    cells: tuple[tuple[str, int, int], ...]


def indicator(passage: Passage, text: str) -> list[Quantity] | None:
    """Return the values of a row, the present one first; None where the line is no row.

    ``text`` is the passage's cased normal form.
    """
    if len(text) > LONGEST_ROW or _SENTENCE.search(text):
        return None
    row = _row(text)
    if row is None:
        return None
    last = len(row.cells) - 1
    found = [_quantity(passage, row, place, before=place < last) for place in range(len(row.cells))]
    return [one for one in found if one is not None]


def _row(text: str) -> _Row | None:
    cells = [(cell.group(), cell.start(), cell.end()) for cell in re.finditer(r"\S+", text)]
    if not 3 <= len(cells) <= MOST_CELLS:
        return None
    given = len(cells)
    while given > 1 and (_CELL.fullmatch(cells[given - 1][0]) or cells[given - 1][0] in _EMPTY):
        given -= 1
    stated = [cell for cell in cells[given:] if cell[0] not in _EMPTY]
    if not 1 <= len(cells) - given <= 2 or not stated or cells[-1][0] in _EMPTY:
        return None
    place, unit = _unit(cells, given, stated[-1][0])
    if unit is None or place < 1:
        return None
    name = text[: cells[place - 1][2]].strip()
    return _Row(name, unit, tuple(stated)) if re.search(r"[^\W\d_]", name) else None


def _unit(cells: list[tuple[str, int, int]], given: int, last: str) -> tuple[int, Unit | None]:
    """Return where the unit stands; one of two cells, such as ``kg/t REO``, is cut to the first."""
    for place in (given - 1, given - 2):
        written = cells[place][0]
        unit = unit_of(_COLUMN_UNITS.get(written, written)) if place > 0 else None
        if unit is not None:
            return place, unit
    word = cells[given - 1][0]
    if last[0] in "≤≥<>" and _COUNTED.fullmatch(word) and given > 1:
        return given - 1, Unit(word, f"as written: {word.lower()}", Fraction(1))
    return 0, None


def _quantity(passage: Passage, row: _Row, place: int, *, before: bool) -> Quantity | None:
    cell, start, end = row.cells[place]
    bounds = _bounds(cell, row.unit)
    if bounds is None:
        return None
    first, last = passage.form.original_span(start, end)
    return Quantity(
        side=passage.side,
        start=passage.start + first,
        end=passage.start + last,
        text=passage.text[first:last],
        name=row.name,
        low=bounds[0],
        high=bounds[1],
        unit=row.unit.text,
        dimension=row.unit.dimension,
        before=before,
        asked=not before and (len(row.cells) > 1 or cell[0] in "≤≥<>±不"),
        in_table=True,
    )


def _bounds(cell: str, unit: Unit) -> tuple[Fraction | None, Fraction | None] | None:
    """Return the bounds of a cell in base units: it is read with its unit written behind it."""
    found = _CELL.fullmatch(cell)
    assert found is not None, cell
    written = f"{found['sign'] or ''}{found['value']}g{found['after'] or ''}"
    read = next(values(written), None)
    if read is None:
        return None
    ratio = unit.factor / read.unit.factor
    low, high = (None if end is None else end * ratio for end in (read.low, read.high))
    return low, high
