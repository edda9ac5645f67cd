"""The life of a broker's record as one table."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.brokering.brokers.models import Broker
from marketplace.brokering.brokers.states import Action, State
from marketplace.lifecycle import Lifecycle, Move, says
from marketplace.permissions import Permission

#: The statement that a broker signs. Another text is another version, and is signed anew.
DECLARATION_VERSION = "2026-1"
DECLARATION = _l(
    "本人从事技术经纪，不隐瞒与委托方、受托方的投资、任职、亲属等利害关系；"
    "有利害关系的单位已如实列明，遇有新情况及时补充；不在同一交易中向双方隐瞒收费，不泄露双方的技术秘密。"
)


@dataclass(frozen=True)
class Situation:
    """One attempt to move one record."""

    broker: Broker
    actor: Any
    now: datetime
    day: date


@says(_l("请先填写所属机构、服务领域和服务地区"))
def record_is_complete(s: Situation) -> bool:
    """What the directory shows and what cases are shared out by is written down."""
    return bool(s.broker.affiliation and s.broker.fields and s.broker.regions)


@says(_l("请先添加一份在有效期内的证书"))
def has_certificate(s: Situation) -> bool:
    """One certificate in force, seen by the operator or not."""
    return bool(s.broker.valid_certificates(s.day, unverified=True))


@says(_l("请先签署现行版本的利益冲突声明"))
def has_declared(s: Situation) -> bool:
    """The declaration of the present version is signed."""
    declared = s.broker.declaration
    return declared is not None and declared.version == DECLARATION_VERSION


@says(_l("没有在有效期内的证书，不能恢复"))
def certificate_is_verified(s: Situation) -> bool:
    """One certificate in force that the operator has seen."""
    return bool(s.broker.valid_certificates(s.day))


@says(_l("证书仍在有效期内"))
def certificates_have_expired(s: Situation) -> bool:
    """None of the certificates is in force any more."""
    return not certificate_is_verified.holds(s)


_KEEP, _DECIDE = Permission.KEEP_BROKER_RECORD, Permission.DECIDE_BROKER
_COMPLETE = (record_is_complete, has_certificate, has_declared)


def _move(
    source: State, action: Action, target: State, *guards: Any, reason: bool = False
) -> Move[State, Action, Permission]:
    permission = _KEEP if action == Action.APPLY else _DECIDE
    return Move(source, action, target, permission, reason, None, guards)


BROKER: Lifecycle[State, Action, Any] = Lifecycle(
    [
        _move(State.DRAFT, Action.APPLY, State.APPLIED, *_COMPLETE),
        _move(State.EXPIRED, Action.APPLY, State.APPLIED, *_COMPLETE),
        _move(State.APPLIED, Action.APPROVE, State.RECORDED, *_COMPLETE),
        _move(State.APPLIED, Action.RETURN, State.DRAFT, reason=True),
        _move(State.RECORDED, Action.CONFIRM, State.RECORDED),
        _move(State.RECORDED, Action.SUSPEND, State.SUSPENDED, reason=True),
        # A certificate may run out meanwhile: without a new one there is no way back.
        _move(State.SUSPENDED, Action.CONFIRM, State.SUSPENDED),
        _move(State.SUSPENDED, Action.REINSTATE, State.RECORDED, certificate_is_verified),
        _move(State.RECORDED, Action.EXPIRE, State.EXPIRED, certificates_have_expired),
        _move(State.RECORDED, Action.STRIKE, State.STRUCK, reason=True),
        _move(State.SUSPENDED, Action.STRIKE, State.STRUCK, reason=True),
        _move(State.EXPIRED, Action.STRIKE, State.STRUCK, reason=True),
    ]
)
