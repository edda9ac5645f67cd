"""What the pages of a contract send, and what they show again.

Fields of a table are named ``sellers-0-name``; a row whose cells are all empty is left out.
"""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from marketplace.contracts.columns import CONTRACT, TABLES, Facts, Kind, read_row, written
from marketplace.contracts.models import Contract
from marketplace.money import format_both
from marketplace.rules import Rules

Errors = dict[str, list[str]]
CELL = re.compile(r"(?P<table>[a-z]+)-(?P<place>\d{1,3})-(?P<name>[a-z_]+)", re.ASCII)
MOST_ROWS = 100


def values_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, field by field and row by row, ready to be checked and shown again."""
    values: dict[str, Any] = {c.name: form[c.name] for c in CONTRACT if c.name in form}
    for column in CONTRACT:  # a box that is not ticked is not sent
        if column.kind == Kind.FLAG:
            values.setdefault(column.name, "")
    for table in TABLES:
        values[table] = _rows_of(form, table)
    return values


def _rows_of(form: MultiDict[str, str], table: str) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for key, value in form.items():
        match = CELL.fullmatch(key)
        if match and match["table"] == table:
            rows.setdefault(int(match["place"]), {})[match["name"]] = value
    return [row for _place, row in sorted(rows.items()) if any(map(str.strip, row.values()))]


def read(values: Mapping[str, Any], rules: Rules) -> tuple[Facts, Errors]:
    """``(facts, errors)``: facts as operations take them; errors by ``field`` or ``sellers.0.name``.

    The shape alone is judged here; whether a contract may be registered is judged by ``checks``.
    """
    facts, errors = read_row(CONTRACT, values, rules)
    for table, columns in TABLES.items():
        if table not in values:
            continue
        rows = values[table]
        if len(rows) > MOST_ROWS:
            errors[table] = [_("最多%(most)d行", most=MOST_ROWS)]
            continue
        facts[table] = []
        for place, row in enumerate(rows):
            cells = {column.name: row.get(column.name, "") for column in columns}
            found, wrong = read_row(columns, cells, rules, path=f"{table}.{place}.")
            facts[table].append(found)
            errors |= wrong
    _settle_single_shares(facts)
    return facts, errors


def _settle_single_shares(facts: Facts) -> None:
    """Whoever stands alone on a side has all of it, whatever was left over in the box."""
    for side in ("sellers", "buyers"):
        if len(facts.get(side, ())) == 1:
            facts[side][0]["share"] = 10_000


def shown(contract: Contract, rules: Rules) -> dict[str, Any]:
    """The values of a stored contract as :func:`values_of` would give them; codes as codes."""
    values: dict[str, Any] = {c.name: _cell(c, contract, rules) for c in CONTRACT}
    for table, columns in TABLES.items():
        values[table] = [
            {column.name: _cell(column, row, rules) for column in columns}
            for row in getattr(contract, table)
        ]
    return values


def _cell(column: Any, row: Any, rules: Rules) -> str:
    value = getattr(row, column.name)
    if column.kind in (Kind.CODE, Kind.COUNTRY, Kind.REGION, Kind.VISIBILITY):
        return str(value or "")
    return written(column, value, rules)


def readable(contract: Contract, rules: Rules) -> dict[str, str]:
    """Heading → value of the contract's own fields for reading: names for codes, both units."""
    rows = {}
    for column in CONTRACT:
        value = getattr(contract, column.name)
        is_money = column.kind == Kind.MONEY and value is not None
        rows[column.heading] = format_both(value) if is_money else written(column, value, rules)
    return rows
