"""What statistics read of an entry, derived from its facts: by ``append``, and again by ``verify``."""

from collections.abc import Mapping
from datetime import date
from typing import Any

COMMISSION = "broker:commission"
_CODES = ("type", "field", "goal", "industry", "plan", "payment", "point", "trade")
_FLAGS = ("related", "zone", "listed", "demonstration")
_PARTY = ("nature", "region", "country")


def figure_of(position: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The row of ``ledger_figure``; a code that the entry lacks is empty, a flag false."""
    row: dict[str, Any] = {name: facts.get(name, "") for name in _CODES}
    row |= {name: facts.get(name, False) for name in _FLAGS}
    row |= {name: facts[name] for name in ("number", "count", "deal", "technology", "income")}
    row |= {"position": position, "date": date.fromisoformat(facts["date"])}
    row |= {"month": facts["date"][:7], "ip": next(iter(facts.get("ip", ())), "")}
    row["commission"] = sum(p["fen"] for p in facts["postings"] if p["account"] == COMMISSION)
    for side in ("seller", "buyer"):
        first: Mapping[str, Any] = next(iter(facts.get(f"{side}s", ())), {})
        row |= {f"{side}_{name}": first.get(name, "") for name in _PARTY}
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
    return {"code": row["nature"], **{name: row[name] for name in ("region", "country", "share")}}
