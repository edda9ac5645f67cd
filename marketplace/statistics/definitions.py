"""What the tables count, read from ``config/statistics.toml`` into frozen rows.

A table is a row, not a function: the dimension of its rows (and of its columns), how many levels,
the scope, the measures, what is said beneath it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _

from marketplace.errors import NotFound

USUAL_MEASURES = ("count", "deal", "technology")
MONEY = frozenset({"deal", "technology", "income"})


class Basis(StrEnum):
    """Which contracts a table counts: all registered, those sold from, those bought in a place."""

    REGISTERED = "registered"
    OUTPUT = "output"
    ABSORBED = "absorbed"


@dataclass(frozen=True)
class Part:
    """One list or matrix of a table; a matrix has ``columns``."""

    rows: str
    columns: str
    level: int
    title: str


@dataclass(frozen=True)
class Table:
    """One table of the statistics; ``basis`` is ``None`` where it may be chosen."""

    id: str
    title: str
    basis: Basis | None
    measures: tuple[str, ...]
    parts: tuple[Part, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """What a :class:`Basis` means, in the words that stand on each table."""

    name: str
    meaning: str
    note: str = ""


@dataclass(frozen=True)
class Measure:
    """What is counted, and in what unit it is shown; money is kept in fen."""

    name: str
    unit: str


@dataclass(frozen=True)
class SmallCells:
    """Below ``least_contracts``, or with a respondent of ``dominance`` basis points, a cell is small."""

    valid_from: date
    least_contracts: int
    dominance: int
    source: str


@dataclass(frozen=True)
class Target:
    """What a plan wants for a year, in fen, with the scope that it means and its source."""

    year: int
    deal_fen: int
    wording: str
    basis: Basis
    source: str


@dataclass(frozen=True)
class Definitions:
    """All that defines the figures; ``version`` stands on every table."""

    version: str
    region: str
    region_name: str
    scopes: Mapping[Basis, Scope]
    measures: Mapping[str, Measure]
    tables: Mapping[str, Table]
    units: Mapping[str, str]
    partners: Mapping[str, str]
    bands: tuple[tuple[str, str, int], ...]
    natures: tuple[tuple[str, str, tuple[str, ...]], ...]
    small_cells: tuple[SmallCells, ...]
    targets: tuple[Target, ...]

    @classmethod
    def from_tables(cls, data: Mapping[str, Any]) -> "Definitions":
        """Read ``statistics.toml``; ``ValueError`` for a scope or measure that it does not define."""
        natures = [(n["key"], n["name"], tuple(n.get("prefixes", ()))) for n in data["nature"]]
        return cls(
            version=data["definitions"],
            region=data["region"],
            region_name=data["region_name"],
            scopes={Basis(key): Scope(**row) for key, row in data["basis"].items()},
            measures={key: Measure(**row) for key, row in data["measure"].items()},
            tables={row["id"]: _table(row, data["measure"]) for row in data["table"]},
            units={row["code"]: row["name"] for row in data["unit"]},
            partners={row["code"]: row["name"] for row in data["partner"]},
            bands=tuple((b["key"], b["name"], b["least_fen"]) for b in data["band"]),
            natures=tuple(natures),
            small_cells=tuple(SmallCells(**row) for row in data["small_cells"]),
            targets=tuple(
                Target(**(row | {"basis": Basis(row["basis"])})) for row in data["target"]
            ),
        )

    def table(self, key: str) -> Table:
        """The table called ``T1`` to ``T17``; :class:`NotFound` for another."""
        found = self.tables.get(key.upper())
        if found is None:
            raise NotFound(_("没有统计表 %(key)s；可选 T1 至 T17", key=key[:10]))
        return found

    def small_cells_on(self, day: date) -> SmallCells:
        """The rule for small cells that was in force on ``day``."""
        known = [rule for rule in self.small_cells if rule.valid_from <= day]
        return max(known or self.small_cells[:1], key=lambda rule: rule.valid_from)


def _table(row: Mapping[str, Any], measures: Mapping[str, Any]) -> Table:
    asked = tuple(row.get("measures", USUAL_MEASURES))
    if odd := set(asked) - set(measures):
        raise ValueError(f"{row['id']} has measures that are not defined: {sorted(odd)}")
    basis = Basis(row["basis"]) if "basis" in row else None
    parts = tuple(
        Part(p["rows"], p.get("columns", ""), p["level"], p.get("title", "")) for p in row["parts"]
    )
    return Table(row["id"], row["title"], basis, asked, parts, tuple(row.get("notes", ())))


def init_app(app: Flask, data: Mapping[str, Any]) -> None:
    """Let the application know what its tables count."""
    app.extensions["statistics"] = Definitions.from_tables(data)


def current_definitions() -> Definitions:
    """The definitions of the running application."""
    return current_app.extensions["statistics"]


def targets_of(years: Sequence[int]) -> list[Target]:
    """The plan's targets for those years."""
    return [target for target in current_definitions().targets if target.year in years]
