"""What a commission's entries say: who pays whom as commitments, the sums balanced.

They count nothing: 项数, 成交额, 技术交易额 and 核定收入 are 0, so that the statistics stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.brokering.agreements.models import Agreement, AgreementVersion
from marketplace.brokering.agreements.states import Condition, Payer
from marketplace.brokering.agreements.terms import halves, split
from marketplace.ledger.entry import Posting
from marketplace.ledger.operations import seal
from marketplace.ledger.projection import COMMISSION

NOTHING = {"count": 0, "deal": 0, "technology": 0, "income": 0}


@dataclass(frozen=True)
class Occasion:
    """What a contract's case says: its ``number``-th income or version, of ``base`` fen."""

    contract_id: int
    local_no: str
    kind: Condition
    number: int
    base: int
    rules: str
    demonstration: bool


def due_facts(
    agreement: Agreement, version: AgreementVersion, occasion: Occasion, fen: int, day: date
) -> dict[str, Any]:
    """The facts of a commission of ``fen`` that falls due on ``day``."""
    names = [row["name"] for row in version.shares]
    parts = split(fen, [row["share"] for row in version.shares])
    return {
        **NOTHING,
        "date": day.isoformat(),
        "number": occasion.local_no,
        "occasion": occasion.kind.value,
        "line": occasion.number,
        "base": occasion.base,
        "agreement": version.version,
        "payers": [seal(agreement.key, "payer", name) for name in _payers(agreement, version)],
        "brokers": [
            {"broker": seal(agreement.key, "broker", name), "fen": part}
            for name, part in zip(names, parts, strict=True)
        ],
        "reverses": None,
        "demonstration": occasion.demonstration,
        "postings": _postings(version.payer, fen),
    }


def _payers(agreement: Agreement, version: AgreementVersion) -> Sequence[str]:
    introduction = agreement.introduction
    names = {Payer.NEED: introduction.need_owner.name, Payer.RESULT: introduction.result_owner.name}
    return list(names.values()) if version.payer == Payer.BOTH else [names[version.payer]]


def _postings(payer: Payer, fen: int) -> list[dict[str, Any]]:
    sums = dict(zip((Payer.NEED, Payer.RESULT), halves(fen), strict=True))
    paid = sums if payer == Payer.BOTH else {payer: fen}
    rows = [Posting(f"payer:{side.value}", -part) for side, part in paid.items() if part]
    return [posting.as_fact() for posting in (*rows, Posting(COMMISSION, fen))]


def taken_back_facts(facts: dict[str, Any], position: int, day: date) -> dict[str, Any]:
    """The same with the other sign, counted on ``day``; ``position`` is what it takes back."""
    postings = [{"account": p["account"], "fen": -p["fen"]} for p in facts["postings"]]
    brokers = [{**row, "fen": -row["fen"]} for row in facts["brokers"]]
    own = {"date": day.isoformat(), "reverses": position}
    return {**facts, **own, "postings": postings, "brokers": brokers}
