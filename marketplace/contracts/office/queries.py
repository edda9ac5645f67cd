"""What waits for an officer, and what an officer finds. No writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from marketplace.contracts import queries
from marketplace.contracts.models import Contract, Party
from marketplace.contracts.points import RegistrationPoint
from marketplace.contracts.proceedings import Flag, IncomeLine
from marketplace.contracts.queries import Waiting
from marketplace.contracts.states import State
from marketplace.extensions import db
from marketplace.permissions import Permission, Role, permits

MOST_FOUND = 100
#: States in which a point inside an institution needs second eyes from outside.
NEEDS_OUTSIDERS = (
    State.REVIEW2,
    State.CHANGE_PENDING,
    State.CANCEL_PENDING,
    State.REEXAM,
)


def queue_for(user: Any, *, now: datetime) -> list[Waiting]:
    """What waits for that officer, or for the offices that they supervise, in order of urgency."""
    rows = queries.waiting(_scope(user), now=now)
    return [row for row in rows if permits(user, Permission.SEE_CONTRACT, row.contract)]


def declared(user: Any) -> list[tuple[Contract, IncomeLine]]:
    """What was declared as received and waits to be verified by that officer, the oldest first."""
    waits = IncomeLine.verified_at.is_(None) & IncomeLine.returned_at.is_(None)
    lines = (
        select(Contract, IncomeLine)
        .join(IncomeLine, IncomeLine.contract_id == Contract.id)
        .where(_scope(user), waits, Contract.state == State.REGISTERED)
        .order_by(IncomeLine.declared_at, IncomeLine.id)
    )
    return [
        (contract, line)
        for contract, line in db.session.execute(lines)
        if permits(user, Permission.EXAMINE_CONTRACT, contract) and line.declared_by_id != user.id
    ]


def found(user: Any, text: str) -> Sequence[Contract]:
    """Cases in any state by number, project, party or code, as far as the user may see them."""
    text = text.strip()
    parties = select(Party.contract_id).where(
        or_(Party.name.contains(text, autoescape=True), Party.uscc == text.upper())
    )
    named = or_(
        Contract.local_no == text,
        Contract.national_no == text,
        Contract.project_name.contains(text, autoescape=True),
        Contract.id.in_(parties),
    )
    wanted = (
        select(Contract).where(_scope(user), named) if text else select(Contract).where(false())
    )
    rows = db.session.scalars(wanted.order_by(Contract.id.desc()).limit(MOST_FOUND))
    return [row for row in rows if permits(user, Permission.SEE_CONTRACT, row)]


def _scope(user: Any) -> ColumnElement[bool]:
    """The cases that may concern the user; ``permits`` has the last word on each."""
    home = select(RegistrationPoint.code).where(
        RegistrationPoint.organization_id == user.organization_id
    )
    inside = select(RegistrationPoint.code).where(RegistrationPoint.host_id.is_not(None))
    own = Contract.point_code.in_(home)
    match user.role:
        case Role.CLERK:
            return own
        case Role.REVIEWER:
            outside = and_(Contract.point_code.in_(inside), Contract.state.in_(NEEDS_OUTSIDERS))
            return or_(own, outside)
        case Role.AUTHORITY:
            region = user.organization.region if user.organization else ""
            return Contract.point_code.startswith(region.removesuffix("0000").removesuffix("00"))
        case Role.EXPERT:
            return Contract.state.in_((State.EXPERT, State.CHANGE_PENDING, State.REEXAM))
        case Role.TAX:
            return Contract.registered_on.is_not(None)
    return Contract.organization_id == user.organization_id


def flags_of(ids: Sequence[int]) -> dict[int, Flag]:
    """Case → the mark on it."""
    rows = db.session.scalars(select(Flag).where(Flag.contract_id.in_(ids)))
    return {row.contract_id: row for row in rows}


def following(user: Any, contract_id: int, *, now: datetime) -> Contract | None:
    """The most urgent case other than ``contract_id``."""
    rows = (row.contract for row in queue_for(user, now=now))
    return next((contract for contract in rows if contract.id != contract_id), None)


def chosen(user: Any, ids: Sequence[int]) -> list[Contract]:
    """The cases with those numbers that the user may see, in the order of the numbers."""
    known = [one for one in ids if 0 < one <= queries.LARGEST_ID]
    rows = db.session.scalars(select(Contract).where(Contract.id.in_(known)).order_by(Contract.id))
    return [row for row in rows if permits(user, Permission.SEE_CONTRACT, row)]


def everything(user: Any) -> list[Contract]:
    """All cases that the user may see, the newest first, for a file."""
    rows = db.session.scalars(select(Contract).where(_scope(user)).order_by(Contract.id.desc()))
    return [row for row in rows if permits(user, Permission.SEE_CONTRACT, row)]
