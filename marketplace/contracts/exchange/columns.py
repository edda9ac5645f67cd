"""A contract as one row: ``卖方名称``, ``卖方2名称``, ``扣除金额`` and so on, or ``sellers.0.name``.

Any number of parties, rights, brokers and deductions fits: the number in the heading says which.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.contracts.columns import CONTRACT, TABLES, Column, written
from marketplace.contracts.models import Contract
from marketplace.listings.sheets import bare_heading, with_unit
from marketplace.rules import Rules

TABLE_HEADINGS = {
    "sellers": "卖方",
    "buyers": "买方",
    "rights": "知识产权",
    "brokers": "中介",
    "deductions": "扣除",
}
APPLICANT, APPLICANT_HEADING = "applicant", "登记主体"
#: How many rows of each table the template and an export show at least.
LEAST = {"sellers": 1, "buyers": 1, "rights": 1, "brokers": 0, "deductions": 2}
PATH = re.compile(r"([a-z]+)\.(\d{1,2})\.([a-z_]+)", re.ASCII)
HEADING = re.compile(rf"({'|'.join(TABLE_HEADINGS.values())})(\d{{0,2}})(.+)")
TABLE_OF = {heading: table for table, heading in TABLE_HEADINGS.items()}
NAMES = {name: c.name for c in CONTRACT for name in (c.name, c.heading)} | {
    APPLICANT: APPLICANT,
    APPLICANT_HEADING: APPLICANT,
}
CELLS = {
    table: {name: c.name for c in columns for name in (c.name, c.heading)}
    for table, columns in TABLES.items()
}


@dataclass(frozen=True)
class Place:
    """One column of a file: of the contract itself, or of the ``place``-th row of a table."""

    column: Column
    table: str = ""
    place: int = 0

    @property
    def path(self) -> str:
        """``deal_amount`` or ``sellers.0.name``."""
        return f"{self.table}.{self.place}.{self.column.name}" if self.table else self.column.name

    @property
    def heading(self) -> str:
        """``合同成交额`` or ``卖方2名称``."""
        if not self.table:
            return self.column.heading
        number = str(self.place + 1) if self.place else ""
        return f"{TABLE_HEADINGS[self.table]}{number}{_short(self.column, self.table)}"


def _short(column: Column, table: str) -> str:
    """``类别`` for ``扣除类别``: the prefix is there already."""
    return column.heading.removeprefix(TABLE_HEADINGS[table]) or column.heading


def places(rows: Mapping[str, int] = LEAST) -> Iterator[Place]:
    """The columns of a file that holds so many rows of each table."""
    yield from (Place(column) for column in CONTRACT)
    for table, columns in TABLES.items():
        for place in range(rows.get(table, 0)):
            yield from (Place(column, table, place) for column in columns)


def path_of(heading: str) -> str | None:
    """The path that a heading names, in Chinese or English; ``None`` for a heading of others."""
    whole = heading.strip().strip("*＊ ")
    return _path(whole) or _path(bare_heading(whole))  # 国别（地区） is no unit in brackets


def _path(bare: str) -> str | None:
    if bare in NAMES:
        return NAMES[bare]
    if (match := PATH.fullmatch(bare)) and match[3] in CELLS.get(match[1], {}):
        return bare
    if match := HEADING.fullmatch(bare):
        table, prefix = TABLE_OF[match[1]], match[1]
        name = CELLS[table].get(match[3]) or CELLS[table].get(prefix + match[3])
        return f"{table}.{int(match[2] or 1) - 1}.{name}" if name and match[2] != "0" else None
    return None


def known_headings() -> set[str]:
    """Headings by which the line of headings in a file is recognised."""
    plain = {place.heading for place in places()} | {place.path for place in places()}
    return plain | {APPLICANT, APPLICANT_HEADING}


def values_of(cells: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a file as the form would send it; sums under ``（万元）`` gain their unit."""
    values: dict[str, Any] = {}
    tables: dict[str, dict[int, dict[str, Any]]] = {table: {} for table in TABLES}
    for heading, cell in cells.items():
        path = path_of(heading)
        if path is None or cell in (None, ""):
            continue
        table, _dot, rest = path.partition(".")
        if rest:
            place, _dot, name = rest.partition(".")
            tables[table].setdefault(int(place), {})[name] = with_unit(heading, cell)
        else:
            values[path] = with_unit(heading, cell)
    rows = {
        table: [row for _place, row in sorted(found.items())] for table, found in tables.items()
    }
    return values | rows


def row_of(
    contract: Contract, shown: Sequence[Place], rules: Rules, *, with_persons: bool
) -> dict[str, str]:
    """The cells of a contract by heading; data of persons only for whoever has a part in it."""
    row = {}
    for place in shown:
        rows = getattr(contract, place.table) if place.table else [contract]
        if place.place < len(rows) and (with_persons or not place.column.personal):
            value = getattr(rows[place.place], place.column.name)
            row[place.heading] = written(place.column, value, rules)
    return row


def needed_rows(contracts: Iterable[Contract]) -> dict[str, int]:
    """How many rows of each table the columns must hold."""
    most = dict(LEAST)
    for contract in contracts:
        for table in TABLES:
            most[table] = max(most[table], len(getattr(contract, table)))
    return most
