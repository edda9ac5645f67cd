"""The introduction from which a contract came, and what the contract's case says to it.

An introduction counts as led to a contract from the day on which the draft is submitted: a draft
costs nothing and proves nothing. What is refused, withdrawn, cancelled or revoked falls back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from marketplace.brokering import operations as introductions
from marketplace.brokering import queries as brokering
from marketplace.brokering.agreements import queries as agreements
from marketplace.brokering.agreements.terms import split
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import OPEN, WON, Action
from marketplace.brokering.states import State as Stage
from marketplace.contracts import queries
from marketplace.contracts.columns import Facts
from marketplace.contracts.models import Contract
from marketplace.contracts.states import State
from marketplace.errors import InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.permissions import Permission, permits

DEAD = frozenset({State.REFUSED, State.WITHDRAWN, State.CANCELLED, State.REVOKED})
ORDER = (Stage.CONTRACTED, Stage.REGISTERED, Stage.PAID)
FORWARD = (Action.CONTRACT, Action.REGISTER, Action.VERIFY_INCOME)


def load_origin(text: str, user: Any) -> Introduction | None:
    """The introduction that the address of a new contract names; InvalidInput for any other."""
    if not text.strip():
        return None
    unknown = InvalidInput({"introduction": [_("没有找到可以登记合同的对接")]})
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise unknown
    try:
        introduction = brokering.load(int(text), user)
    except NotFound as fault:
        raise unknown from fault
    if introduction.side_of(user.organization_id) is None or not introduction.is_in_talks:
        raise unknown
    return introduction


def facts_from_origin(introduction: Introduction) -> Facts:
    """What the introduction adds to a draft: itself, the matcher's recipe, and its broker."""
    facts: Facts = {"introduction_id": introduction.id, "match_recipe": introduction.match_recipe}
    broker = introduction.broker
    if broker is not None:
        house = broker.organization
        name = house.name if house else broker.display_name
        code = (house.uscc or "") if house else ""
        row = {"name": name, "uscc": code, "agent": broker.display_name}
        facts["brokers"] = [row | {"commission": _agreed_sum(introduction)}]
    return facts


def _agreed_sum(introduction: Introduction) -> int:
    """What the broker receives, where the agreement says so before any sum is known; else 0."""
    agreement = agreements.of_introduction(introduction.id)
    version = agreement.in_force if agreement else None
    if version is None or version.floor != version.cap:
        return 0
    return split(version.floor, [row["share"] for row in version.shares])[0]


def contracts_of(introduction: Introduction, user: Any) -> list[Contract]:
    """The contracts that came of an introduction, as far as ``user`` may see them, oldest first."""
    own = select(Contract).where(Contract.introduction_id == introduction.id).order_by(Contract.id)
    return [one for one in db.session.scalars(own) if permits(user, Permission.SEE_CONTRACT, one)]


def require_origin(contract: Contract, facts: Mapping[str, Any]) -> None:
    """An introduction is claimed only by an applicant who stands on one of its sides."""
    key = facts.get("introduction_id")
    if key is None:
        return
    introduction = db.session.get(Introduction, key)
    if introduction is None or introduction.side_of(contract.organization.id) is None:
        raise InvalidInput({"introduction_id": [_("没有找到可以登记合同的对接")]})


def tell_introduction(contract: Contract, *, actor: Any, now: datetime) -> None:
    """Move the introduction to where the contracts that came from it stand."""
    if contract.introduction_id is None:
        return
    db.session.flush()
    introduction = db.session.get_one(Introduction, contract.introduction_id)
    for action in _actions(introduction.state, _stage_of(introduction.id)):
        facts = {"contract_id": contract.id}
        introductions.follow(introduction, action, actor=actor, now=now, **facts)


def _stage_of(introduction_id: int) -> Stage | None:
    """The furthest stage of the contracts of an introduction; ``None`` where none stands."""
    own = select(Contract).where(Contract.introduction_id == introduction_id)
    stages = [stage for one in db.session.scalars(own) if (stage := _stage(one)) is not None]
    return max(stages, key=ORDER.index, default=None)


def _stage(contract: Contract) -> Stage | None:
    if contract.state in DEAD or contract.submitted_at is None:
        return None
    if contract.local_no is None:
        return Stage.CONTRACTED
    return Stage.PAID if queries.verified_income(contract) else Stage.REGISTERED


def _actions(now: Stage, wanted: Stage | None) -> tuple[Action, ...]:
    """The moves between; none for an introduction that has ended or stands there already.

    Where the furthest of several contracts is gone, it falls back and goes as far as the others.
    """
    if now not in OPEN | WON:
        return ()
    if wanted is None:
        return (Action.FALL_BACK,) if now in WON else ()
    done, reached = (ORDER.index(now) + 1 if now in WON else 0), ORDER.index(wanted) + 1
    if reached < done:
        return (Action.FALL_BACK, *FORWARD[:reached])
    return FORWARD[done:reached]
