"""What statistics read of an entry, derived from its facts: by ``append``, and again by ``verify``."""

from collections.abc import Mapping
from datetime import date
from typing import Any

COMMISSION = "broker:commission"
_CODES = ("type", "field", "goal", "industry", "plan", "payment", "point", "trade")
_FLAGS = ("related", "zone", "listed", "demonstration")
_NUMBERS = ("number", "count", "deal", "technology", "income")
#: The parties of a side, and the columns that tell of the first of them.
_FIRST = {
    f"{side}s": tuple((f"{side}_{name}", name) for name in ("nature", "region", "country"))
    for side in ("seller", "buyer")
}


def figure_of(position: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The row of ``ledger_figure``; a code that the entry lacks is empty, a flag false."""
    row = {name: facts[name] for name in _NUMBERS}
    row["position"], row["date"] = position, date.fromisoformat(facts["date"])
    row["month"], row["ip"] = facts["date"][:7], next(iter(facts.get("ip", ())), "")
    for name in _CODES:
        row[name] = facts.get(name, "")
    for name in _FLAGS:
        row[name] = facts.get(name, False)
    for side, columns in _FIRST.items():
        first: Mapping[str, Any] = next(iter(facts.get(side, ())), {})
        for column, name in columns:
            row[column] = first.get(name, "")
    row["commission"] = 0
    for posting in facts["postings"]:
        if posting["account"] == COMMISSION:
            row["commission"] += posting["fen"]
    return row


def parts_of(position: int, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of ``ledger_figure_part``: all of a role where there is more than one."""
    roles = {
        "seller": [_party(row) for row in facts.get("sellers", ())],
        "buyer": [_party(row) for row in facts.get("buyers", ())],
        "ip": [{"code": c, "region": "", "country": "", "share": 0} for c in facts.get("ip", ())],
    }
    return [
        {"position": position, "role": role, "number": number, **row}
        for role, rows in roles.items()
        for number, row in enumerate(rows)
        if len(rows) > 1
    ]


def _party(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": row["nature"],
        "region": row["region"],
        "country": row["country"],
        "share": row["share"],
    }
