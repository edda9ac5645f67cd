"""The credit rules as dated data, read from ``config/credit.toml`` into frozen values.

Each record keeps the name of the version under which it was made; a score names the version by
which it was counted.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _

from marketplace.credit.states import POSITIVE, Behaviour
from marketplace.errors import NotFound


@dataclass(frozen=True)
class KindRule:
    """What one kind counts for: ``points`` each, at most ``cap`` in a calendar year, 0 for no cap."""

    points: int
    cap: int
    months: int
    source: str
    verified: bool
    repairable: bool = False


@dataclass(frozen=True)
class Thresholds:
    """From where on deals look odd; days, counts, fen, ``repeat_share`` of 10,000."""

    circle_days: int
    burst_days: int
    burst_least: int
    burst_times: int
    repeat_days: int
    repeat_least: int
    repeat_share: int
    round_fen: int
    source: str
    verified: bool


@dataclass(frozen=True)
class Term:
    """A length of time with where it comes from; working days or months, as its user says."""

    length: int
    source: str
    verified: bool


@dataclass(frozen=True)
class CreditRules:
    """One version, in force from ``valid_from`` to ``valid_to``, which may be open."""

    name: str
    title: str
    valid_from: date
    valid_to: date | None
    verified: bool
    source: str
    base: int
    lowest: int
    highest: int
    objection: Term
    repair: Term
    kinds: Mapping[Behaviour, KindRule]
    signs: Thresholds

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "CreditRules":
        """One ``[[version]]``; :class:`ValueError` where a kind is missing or has the wrong sign."""
        plain = ("name", "title", "valid_from", "verified", "source", "base", "lowest", "highest")
        kinds = {Behaviour(key): KindRule(**row) for key, row in table["kinds"].items()}
        for kind in Behaviour:
            if (kinds[kind].points > 0) != (kind in POSITIVE):
                raise ValueError(f"{table['name']}: {kind} counts with the wrong sign")
        return cls(
            **{key: table[key] for key in plain},
            valid_to=table.get("valid_to"),
            objection=_term(table["objection"], "days"),
            repair=_term(table["repair"], "months"),
            kinds=kinds,
            signs=Thresholds(**table["signs"]),
        )

    @classmethod
    def in_force(cls, day: date) -> "CreditRules":
        """The version in force on ``day``; :class:`NotFound` before the first one."""
        for version in current_versions():
            if version.valid_from <= day and (version.valid_to is None or day <= version.valid_to):
                return version
        raise NotFound(_("%(day)s没有生效的信用规则", day=day.isoformat()))

    @classmethod
    def called(cls, name: str) -> "CreditRules":
        """The version of that name, whether or not it is in force."""
        for version in current_versions():
            if version.name == name:
                return version
        raise NotFound(_("没有名为“%(name)s”的信用规则", name=name))


def _term(table: Mapping[str, Any], unit: str) -> Term:
    return Term(table[unit], table["source"], table["verified"])


def months_after(day: date, count: int) -> date:
    """The same day ``count`` months on; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def versions_from(table: Mapping[str, Any]) -> tuple[CreditRules, ...]:
    """Every version by date; :class:`ValueError` where two overlap or leave a gap."""
    rows = (CreditRules.from_table(row) for row in table["version"])
    versions = sorted(rows, key=lambda version: version.valid_from)
    for earlier, later in zip(versions, versions[1:], strict=False):
        if earlier.valid_to != later.valid_from - timedelta(days=1):
            raise ValueError(f"{earlier.name} does not end on the day before {later.name}")
    return tuple(versions)


def init_app(app: Flask, table: Mapping[str, Any]) -> None:
    """Bind the versions of ``config/credit.toml`` to the application."""
    app.extensions["credit"] = versions_from(table)


def current_versions() -> tuple[CreditRules, ...]:
    """All versions that the running application knows."""
    return current_app.extensions["credit"]
