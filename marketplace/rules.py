"""The registration rules as dated data: ``Rules.in_force(day)``, frozen values from ``config/rules``.

Every decision stores the name of the version it was made under and is never judged again under
another; so a version, once used, is not edited: a change is a further file with its own dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from marketplace.errors import NotFound
from marketplace.working_days import Calendar


@dataclass(frozen=True)
class CodeList:
    """One code list of the form, by code in the order of the form."""

    key: str
    title: str
    source: str
    verified: bool
    names: Mapping[str, str]


@dataclass(frozen=True)
class ContractType:
    """A leaf of L1: its group and the tests that it must pass, in order."""

    code: str
    group: str
    name: str
    tests: tuple[str, ...]
    verified: bool


@dataclass(frozen=True)
class TypeTest:
    """One line of a checklist, with the article that asks it."""

    code: str
    text: str
    article: str
    verified: bool


@dataclass(frozen=True)
class Clock:
    """Deadlines; ``unit`` tells whether the review runs in working or in calendar days."""

    unit: str
    review_days: int
    expert_days: int
    restarts_after_supplement: bool
    expert_review: bool
    supplement_days: int
    objection_days: int
    list_days: int

    def due(self, start: date, days: int, calendar: Calendar) -> date:
        """The last day of a period of ``days`` that began with ``start``."""
        if self.unit == "working_days":
            return calendar.after(start, days)
        return start + timedelta(days=days)

    def used(self, start: date, end: date, calendar: Calendar) -> int:
        """How many days of the period had run when it stopped on ``end``."""
        if self.unit == "working_days":
            return calendar.between(start, end)
        return (end - start).days


@dataclass(frozen=True)
class Thresholds:
    """Money in fen, shares in basis points, ``similar_text`` of 100."""

    large_fen: int
    random_share: int
    split_window_days: int
    split_reach: int
    similar_text: int
    carrier_sets: int
    ratio_hint: int
    ratio_hint_source: str


@dataclass(frozen=True)
class Trigger:
    """A reason for a second review (L13); switched off where the region does not use it."""

    code: str
    name: str
    on: bool


@dataclass(frozen=True)
class Rules:
    """One version of the registration rules, with everything that it fixes."""

    name: str
    title: str
    valid_from: date
    valid_to: date | None
    verified: bool
    source: str
    authority: Mapping[str, str]
    wording: Mapping[str, str]
    clock: Clock
    thresholds: Thresholds
    lists: Mapping[str, CodeList]
    groups: Mapping[str, str]
    types: Mapping[str, ContractType]
    tests: Mapping[str, TypeTest]
    gates: Mapping[str, str]
    grounds: Mapping[str, str]
    triggers: Mapping[str, Trigger]

    @classmethod
    def in_force(cls, day: date) -> "Rules":
        """The version in force on ``day``; :class:`NotFound` before the first one."""
        for version in current_rules():
            if version.valid_from <= day and (version.valid_to is None or day <= version.valid_to):
                return version
        raise NotFound(_("%(day)s没有生效的认定登记规则", day=day.isoformat()))

    def asks_experts(self, technology_amount: int | None, *, disputed: bool = False) -> bool:
        """Whether a contract of that sum, or a disputed one, goes before the experts."""
        is_large = (technology_amount or 0) >= self.thresholds.large_fen
        return self.clock.expert_review and (is_large or disputed)

    @classmethod
    def called(cls, name: str) -> "Rules":
        """The version of that name, whether or not it is in force."""
        for version in current_rules():
            if version.name == name:
                return version
        raise NotFound(_("没有名为“%(name)s”的认定登记规则", name=name))

    @classmethod
    def from_tables(cls, table: Mapping[str, Any], lists: Mapping[str, Any]) -> "Rules":
        """Read one file of rules; ``lists`` are the code lists from which it chooses."""
        plain = ("name", "title", "verified", "source", "valid_from", "authority", "wording")
        return cls(
            **{key: table[key] for key in plain},
            valid_to=table.get("valid_to"),
            clock=Clock(**table["clock"]),
            thresholds=Thresholds(**table["thresholds"]),
            lists={kind: _code_list(key, lists[key]) for kind, key in table["lists"].items()},
            groups=table["groups"],
            types={code: _type(code, row) for code, row in table["types"].items()},
            tests={code: _test(code, row) for code, row in table["tests"].items()},
            gates=table["gates"],
            grounds=table["grounds"],
            triggers={code: Trigger(code, **row) for code, row in table["triggers"].items()},
        )

    def name_of(self, kind: str, code: str) -> str:
        """The Chinese name of ``code`` in the list ``kind``; the code where the list lacks it."""
        if kind == "type":
            return self.types[code].name if code in self.types else self.groups.get(code, code)
        return self.lists[kind].names.get(code, code)

    def codes_of(self, kind: str) -> Mapping[str, str]:
        """Code → name of a list, for choosing."""
        if kind == "type":
            return {code: leaf.name for code, leaf in self.types.items()}
        return self.lists[kind].names

    def is_leaf(self, kind: str, code: str) -> bool:
        """Whether ``code`` stands in the list and nothing stands below it."""
        names = self.codes_of(kind)
        return code in names and not any(
            other != code and other.startswith(code) for other in names
        )


def _code_list(key: str, table: Mapping[str, Any]) -> CodeList:
    return CodeList(key, table["title"], table["source"], table["verified"], table["names"])


def _type(code: str, row: Mapping[str, Any]) -> ContractType:
    tests = tuple(row["tests"])
    return ContractType(code, row["group"], row["name"], tests, row.get("verified", True))


def _test(code: str, row: Mapping[str, Any]) -> TypeTest:
    return TypeTest(code, row["text"], row["article"], row.get("verified", True))


def rules_from(tables: Sequence[Mapping[str, Any]], lists: Mapping[str, Any]) -> tuple[Rules, ...]:
    """Every version in the order of their dates; :class:`ValueError` where two overlap or leave a gap."""
    versions = sorted((Rules.from_tables(t, lists) for t in tables), key=lambda r: r.valid_from)
    for earlier, later in zip(versions, versions[1:], strict=False):
        if earlier.valid_to != later.valid_from - timedelta(days=1):
            raise ValueError(f"{earlier.name} does not end on the day before {later.name}")
    return tuple(versions)


def current_rules() -> tuple[Rules, ...]:
    """All versions that the running application knows."""
    return current_app.extensions["rules"]
