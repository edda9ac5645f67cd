"""What a contract's ledger entries say: signed as it counts, persons and projects as commitments."""

from collections.abc import Callable
from datetime import date
from typing import Any

from marketplace.contracts.models import Contract, Party
from marketplace.contracts.proceedings import IncomeLine
from marketplace.ledger.entry import Posting
from marketplace.ledger.operations import seal

BROKERAGE = "53"
#: subject, field, value → the commitment that stands in the entry
Sealing = Callable[[str, str, str], str]


def registered_facts(contract: Contract, day: date, sealed: Sealing = seal) -> dict[str, Any]:
    """The facts of a registration on ``day``, as they stand in the contract now."""
    deal, technology = contract.deal_amount or 0, contract.technology_amount or 0
    sides = {"sellers": contract.sellers, "buyers": contract.buyers}
    return {
        "date": day.isoformat(),
        "number": contract.local_no,
        "count": 1,
        "deal": deal,
        "technology": technology,
        "income": 0,
        "type": contract.type,
        "field": contract.field,
        "goal": contract.goal,
        "industry": contract.industry,
        "ip": [right.kind for right in contract.rights],
        "plan": contract.plan,
        "payment": contract.payment,
        "point": contract.point_code,
        "trade": contract.trade,
        "related": contract.related,
        "zone": any(party.in_zone for party in contract.parties),
        "listed": any(party.listed for party in contract.parties),
        **{side: [_party(party) for party in parties] for side, parties in sides.items()},
        "parties": {
            side: [sealed(contract.key, str(p.side), p.name) for p in ps]
            for side, ps in sides.items()
        },
        "project": sealed(contract.key, "project", contract.project_name),
        "reverses": None,
        "demonstration": contract.demonstration,
        "postings": _postings(deal, technology, contract),
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "nature": party.nature,
        "region": party.region,
        "country": party.country,
        "share": party.share,
    }


def _postings(deal: int, technology: int, contract: Contract) -> list[dict[str, Any]]:
    """Of a brokerage contract the amount is the commission itself; else it is paid beside the deal."""
    if contract.type == BROKERAGE:
        return _balanced(Posting("broker:commission", deal))
    return _balanced(
        Posting("seller:technology", technology),
        Posting("seller:other", deal - technology),
        Posting("broker:commission", contract.commission),
    )


def _balanced(*received: Posting) -> list[dict[str, Any]]:
    """The buyer pays what the others receive; accounts without a sum are left out."""
    paid = Posting("buyer", -sum(posting.fen for posting in received))
    return [p.as_fact() for p in (paid, *received) if p.fen or p.account == "buyer"]


def reversed_facts(facts: dict[str, Any], position: int, day: date) -> dict[str, Any]:
    """The same with the other sign, counted on ``day``; ``position`` is what it takes back."""
    signed = {name: -facts[name] for name in ("count", "deal", "technology", "income")}
    postings = [{"account": p["account"], "fen": -p["fen"]} for p in facts["postings"]]
    own = {"date": day.isoformat(), "reverses": position, "postings": postings}
    return facts | signed | own


def income_facts(
    contract: Contract,
    line: IncomeLine,
    standing: dict[str, Any],
    day: date,
    sealed: Sealing = seal,
) -> Any:
    """The facts of a verified receipt; what it says of the contract is what ``standing`` says."""
    verified = line.verified or 0
    own = {
        "date": day.isoformat(),
        "count": 0,
        "deal": 0,
        "technology": 0,
        "income": verified,
        "voucher": sealed(contract.key, "voucher", line.voucher),
        "reverses": None,
        "postings": _balanced(
            Posting("seller:technology", verified),
            Posting("seller:other", line.received - verified),
        ),
    }
    return standing | own
