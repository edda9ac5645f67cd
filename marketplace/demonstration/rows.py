"""Rows that many at a time are written with one statement, and read like the models until then."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, insert, update

from marketplace.contracts.models import Contract, Party
from marketplace.contracts.snapshot import ROWS, defaults_of
from marketplace.extensions import db

PARTS: dict[str, type[Any]] = {"parties": Party, **ROWS}


class Row(SimpleNamespace):
    """What was said of a row, and for the rest what the columns of its model say."""

    def __init__(self, model: Any, **said: Any) -> None:
        super().__init__(**{**defaults_of(model), **said})


class Case(Row):
    """A contract with its parts, counted and named as :class:`Contract` counts and names."""

    key, commission = Contract.key, Contract.commission
    sellers, buyers = Contract.sellers, Contract.buyers

    def __init__(self, **said: Any) -> None:
        super().__init__(Contract, attachments=[], **said)


def write(model: type[Any], rows: Sequence[Row]) -> None:
    """Write all ``rows`` of one model; a key that is not said is the database's."""
    if rows:
        db.session.execute(insert(model.__table__), _values(model, rows))


def write_cases(cases: Sequence[Case]) -> None:
    """Write contracts and their parts, and tell each its key: no two invented projects share a name."""
    if not cases:
        return
    columns = Contract.__table__.c
    named = insert(Contract.__table__).returning(columns.project_name, columns.id)
    ids = {name: key for name, key in db.session.execute(named, _values(Contract, cases))}
    for case in cases:
        case.id = ids[case.project_name]
        for name in PARTS:
            for part in getattr(case, name):
                part.contract_id = case.id
    for name, model in PARTS.items():
        write(model, [part for case in cases for part in getattr(case, name)])


def rewrite(cases: Sequence[Case], *names: str) -> None:
    """Write some columns of contracts anew."""
    if cases:
        key = Contract.__table__.c.id == bindparam("key")
        values = [{"key": case.id, **{n: getattr(case, n) for n in names}} for case in cases]
        db.session.connection().execute(update(Contract.__table__).where(key), values)


def _values(model: type[Any], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The columns that at least one row fills: the database leaves the others empty."""
    columns = model.__table__.columns.keys()
    said = [vars(row) for row in rows]
    names = [name for name in columns if any(row.get(name) is not None for row in said)]
    return [{name: row[name] for name in names} for row in said]
