"""What one version of a contract says otherwise than another, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from marketplace.contracts.columns import CONTRACT, TABLES, Column, Facts, written
from marketplace.contracts.forms import heading_of
from marketplace.contracts.models import Contract
from marketplace.contracts.snapshot import facts_of, plain_facts, typed
from marketplace.rules import Rules


@dataclass(frozen=True)
class Difference:
    """A field with what it said before and after, as people read it; empty: nothing stood there."""

    heading: str
    before: str
    after: str


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], rules: Rules
) -> list[Difference]:
    """Every field of ``after`` that differs; both as ``snapshot.facts_of`` writes them."""
    rows = [
        row for c in CONTRACT if c.name in after for row in _cell(c.name, c, before, after, rules)
    ]
    for table, columns in TABLES.items():
        pairs = zip_longest(before.get(table, ()), after.get(table, before.get(table, ())))
        for place, (old, new) in enumerate(pairs):
            for column in columns:
                path = f"{table}.{place}.{column.name}"
                rows += _cell(path, column, old or {}, new or {}, rules)
    return rows


def _cell(
    path: str, column: Column, before: Mapping[str, Any], after: Mapping[str, Any], rules: Rules
) -> Iterator[Difference]:
    old, new = before.get(column.name), after.get(column.name)
    if old != new:
        said = [written(column, typed(column, value), rules) for value in (old, new)]
        if said[0] != said[1]:
            yield Difference(heading_of(path), *said)


def changed(contract: Contract, facts: Facts) -> Facts:
    """Of a form's facts those that differ from ``contract``; members stay known by their code."""
    stood, said = facts_of(contract), plain_facts(facts)
    members = {party.uscc: party.organization_id for party in contract.parties if party.uscc}
    for side in ("sellers", "buyers"):
        for row in said.get(side, ()):
            row["organization_id"] = members.get(row["uscc"])
    return {name: value for name, value in said.items() if value != stood[name]}
