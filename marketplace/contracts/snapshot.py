"""A contract's facts as plain values, and back: for versions, changes, copies and fingerprints."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from marketplace.contracts.columns import CONTRACT, PARTY, TABLES, Column, Kind
from marketplace.contracts.models import (
    Attachment,
    Broker,
    Contract,
    Deduction,
    Party,
    Right,
    Side,
    Visibility,
)

ROWS: dict[str, type[Any]] = {"rights": Right, "brokers": Broker, "deductions": Deduction}
SIDES = {"sellers": Side.SELLER, "buyers": Side.BUYER}
#: What an amended contract keeps from the one it would replace.
KEPT = (
    "organization_id", "organization", "point_code", "point", "rules", "submitted_at", "local_no",
)  # fmt: skip
#: Facts that the data dictionary does not ask, because the market knows them.
LINKS = ("need_id", "result_id", "introduction_id", "match_recipe")
#: How JSON writes what it has no form for.
_PLAIN: dict[type[Any], Callable[[Any], str]] = {
    date: date.isoformat,
    Decimal: lambda value: f"{value.normalize():f}",
    Visibility: str,
}


def facts_of(contract: Contract) -> dict[str, Any]:
    """All that was submitted, JSON alone: days as ISO 8601, money as fen, rates as text."""
    facts = {column.name: _plain(getattr(contract, column.name)) for column in CONTRACT}
    for name, columns in TABLES.items():
        facts[name] = [_row(row, columns) for row in getattr(contract, name)]
    return facts | {name: getattr(contract, name) for name in LINKS}


def _row(row: Any, columns: tuple[Column, ...]) -> dict[str, Any]:
    facts = {column.name: _plain(getattr(row, column.name)) for column in columns}
    return facts | ({"organization_id": row.organization_id} if columns is PARTY else {})


def _plain(value: Any) -> Any:
    make = _PLAIN.get(type(value))
    return make(value) if make else value


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as a form gives them, in the form that :func:`facts_of` gives."""
    return {
        name: [{key: _plain(cell) for key, cell in row.items()} for row in value]
        if name in TABLES
        else _plain(value)
        for name, value in facts.items()
    }


def set_facts(contract: Contract, facts: Mapping[str, Any]) -> None:
    """Set the facts given; tables are replaced as wholes, what is not named stays."""
    for column in CONTRACT:
        if column.name in facts:
            setattr(contract, column.name, typed(column, facts[column.name]))
    for name in LINKS:
        if name in facts:
            setattr(contract, name, facts[name])
    if "sellers" in facts or "buyers" in facts:
        _set_parties(contract, facts)
    for name, model in ROWS.items():
        if name in facts:
            _set_rows(contract, name, model, facts[name])


def _set_parties(contract: Contract, facts: Mapping[str, Any]) -> None:
    rows = []
    for name, side in SIDES.items():
        given = facts.get(name)
        if given is None:
            given = [_row(party, TABLES[name]) for party in getattr(contract, name)]
        rows += [(side, row) for row in given]
    known = {party.uscc: party.organization_id for party in contract.parties}
    typed = [_typed_row(TABLES["sellers"], row) | {"side": side} for side, row in rows]
    for (_side, row), party in zip(rows, typed, strict=True):
        # a form does not say who is a member of the market; whoever was one still is
        party["organization_id"] = row.get("organization_id") or known.get(row.get("uscc"))
    _replace(contract, "parties", Party, typed)


def _set_rows(contract: Contract, name: str, model: type[Any], rows: list[Any]) -> None:
    _replace(contract, name, model, [_typed_row(TABLES[name], row) for row in rows])


def _replace(contract: Contract, name: str, model: Any, rows: list[dict[str, Any]]) -> None:
    """Rows keep their place as key: what stands at a place is changed, not deleted and made anew."""
    kept = {row.position: row for row in getattr(contract, name)}
    result = []
    for position, facts in enumerate(rows):
        row = kept.get(position) or model(position=position)
        for key, value in {**defaults_of(model), **facts}.items():
            setattr(row, key, value)
        result.append(row)
    setattr(contract, name, result)


@cache
def defaults_of(model: Any) -> Mapping[str, Any]:
    """What a field left out of a row means, so that nothing of an earlier row shows through."""
    columns = model.__table__.columns
    return {column.name: _default(column) for column in columns if not column.primary_key}


def _default(column: Any) -> Any:
    if column.default is None:
        return None
    return column.default.arg(None) if column.default.is_callable else column.default.arg


def _typed_row(columns: tuple[Column, ...], row: Mapping[str, Any]) -> dict[str, Any]:
    return {c.name: typed(c, row[c.name]) for c in columns if c.name in row}


def typed(column: Column, value: Any) -> Any:
    """A plain value as the model holds it: days and rates from their text."""
    if value is None or not isinstance(value, str):
        return value
    if column.kind == Kind.DAY:
        return date.fromisoformat(value)
    if column.kind == Kind.RATE:
        return Decimal(value)
    return Visibility(value) if column.kind == Kind.VISIBILITY else value


def amended(contract: Contract, facts: Mapping[str, Any]) -> Contract:
    """What ``contract`` would be with ``facts``: a value for checks, never added to a session."""
    draft = Contract(**{name: getattr(contract, name) for name in KEPT})
    draft.attachments = [Attachment(kind=a.kind, digest=a.digest) for a in contract.attachments]
    set_facts(draft, facts_of(contract))
    set_facts(draft, facts)
    return draft


def fingerprint(contract: Contract) -> str:
    """SHA-256 over the text's digests, the parties and the signing date: what makes it the same."""
    texts = sorted(a.digest for a in contract.attachments if a.kind == "contract")
    parties = sorted(f"{party.side}:{party.uscc or party.name}" for party in contract.parties)
    signed = contract.signed_on.isoformat() if contract.signed_on else ""
    return hashlib.sha256("\n".join([*texts, *parties, signed]).encode()).hexdigest()
