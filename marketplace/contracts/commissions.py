"""What a contract's case means for the broker who brought its parties together."""

from typing import Any

from marketplace.brokering.agreements.entries import Occasion
from marketplace.brokering.agreements.operations import enter_due, take_back
from marketplace.brokering.agreements.states import Condition
from marketplace.contracts.models import Contract
from marketplace.contracts.proceedings import IncomeLine
from marketplace.contracts.situation import Situation


def fall_due_on_registration(s: Situation) -> None:
    """A commission on registration is of 技术交易额; a changed registration replaces it."""
    contract, actor = s.contract, s.actor
    own = {"rules": contract.rules, "actor": actor, "now": s.now}
    take_back(contract.id, [Condition.REGISTRATION], **own)
    base = contract.technology_amount or 0
    _fall_due(contract, Condition.REGISTRATION, contract.version, base, actor=actor, now=s.now)


def fall_due_on_income(contract: Contract, line: IncomeLine, *, actor: Any, now: Any) -> None:
    """A commission on income is of what was verified, line by line."""
    base = line.verified or 0
    _fall_due(contract, Condition.INCOME, line.line, base, actor=actor, now=now)


def _fall_due(
    contract: Contract, kind: Condition, number: int, base: int, *, actor: Any, now: Any
) -> None:
    if contract.introduction_id is None:
        return
    occasion = Occasion(
        contract_id=contract.id,
        local_no=contract.local_no or "",
        kind=kind,
        number=number,
        base=base,
        rules=contract.rules,
        demonstration=contract.demonstration,
    )
    enter_due(contract.introduction_id, occasion, actor=actor, now=now)


def are_taken_back(s: Situation) -> None:
    """What is cancelled or revoked earns nobody a commission."""
    own = {"rules": s.contract.rules, "actor": s.actor, "now": s.now}
    take_back(s.contract.id, list(Condition), **own)
