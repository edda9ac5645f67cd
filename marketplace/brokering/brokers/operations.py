"""Keep a broker's record and decide on it. ``move`` is the only writer of ``state``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from marketplace import audit, files
from marketplace.accounts.models import Console
from marketplace.audit import Tag
from marketplace.brokering.brokers import queries
from marketplace.brokering.brokers.lifecycle import (
    BROKER,
    DECLARATION,
    DECLARATION_VERSION,
    Situation,
)
from marketplace.brokering.brokers.models import Broker, BrokerCertificate, BrokerDeclaration
from marketplace.brokering.brokers.states import Action, Level
from marketplace.errors import Conflict, InvalidInput
from marketplace.extensions import db
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import tell
from marketplace.permissions import Permission, require
from marketplace.transactions import lock
from marketplace.working_days import local_day


@dataclass(frozen=True)
class NewCertificate:
    """A certificate as it was typed, with the bytes of its scan."""

    issuer: str
    number: str
    level: Level
    issued_on: date
    expires_on: date
    file_name: str
    content: bytes


def record_of(actor: Any, *, now: datetime) -> Broker:
    """The actor's own record; an empty one is begun where there is none."""
    require(actor, Permission.WORK_AS_BROKER)
    found = queries.of_user(actor.id)
    if found is None:
        found = Broker(user_id=actor.id, created_at=now, updated_at=now)
        db.session.add(found)
        db.session.flush()
    return found


def keep(
    broker: Broker, facts: Mapping[str, Any], *, revision: int, actor: Any, now: datetime
) -> None:
    """Set affiliation, fields, regions and capacity; refused where somebody else changed it."""
    require(actor, Permission.KEEP_BROKER_RECORD, broker)
    if broker.revision != revision:
        raise Conflict(_("内容已被他人修改。请复制您的文字，刷新页面后再改"))
    for name in ("affiliation", "fields", "regions", "capacity"):
        setattr(broker, name, facts[name])
    _touch(broker, now)
    audit.record(actor, Tag.BROKER_CHANGED, broker.key, now=now)


def certify(broker: Broker, new: NewCertificate, *, actor: Any, now: datetime) -> BrokerCertificate:
    """Add a certificate with its scan; it counts once the operator has seen it."""
    require(actor, Permission.KEEP_BROKER_RECORD, broker)
    if queries.number_is_taken(new.issuer, new.number):
        raise InvalidInput({"number": [_("该证书编号已有人登记，请核对；有疑问请联系运营方")]})
    certificate = BrokerCertificate(
        issuer=new.issuer,
        number=new.number,
        level=new.level,
        issued_on=new.issued_on,
        expires_on=new.expires_on,
        digest=files.keep(new.content, new.file_name),
        file_name=new.file_name[-200:],
        added_at=now,
    )
    broker.certificates.append(certificate)
    _touch(broker, now)
    audit.record(actor, Tag.BROKER_CERTIFIED, broker.key, now=now, number=new.number)
    return certificate


def drop_certificate(
    certificate: BrokerCertificate, broker: Broker, *, actor: Any, now: datetime
) -> None:
    """Take back a certificate that nobody has verified yet."""
    require(actor, Permission.KEEP_BROKER_RECORD, broker)
    if certificate.verified_at is not None:
        raise Conflict(_("已核验的证书不能删除"))
    broker.certificates.remove(certificate)
    _touch(broker, now)
    audit.record(actor, Tag.BROKER_CHANGED, broker.key, now=now)


def declare(broker: Broker, interests: str, *, actor: Any, now: datetime) -> None:
    """Sign the declaration of the present version, with the stakes that there are."""
    require(actor, Permission.KEEP_BROKER_RECORD, broker)
    row = BrokerDeclaration(
        broker_id=broker.id,
        version=DECLARATION_VERSION,
        text=str(DECLARATION),
        interests=interests.strip(),
        at=now,
    )
    broker.declarations.append(row)
    _touch(broker, now)
    audit.record(actor, Tag.BROKER_DECLARED, broker.key, now=now, version=DECLARATION_VERSION)


def _touch(broker: Broker, now: datetime) -> None:
    broker.revision += 1
    broker.updated_at = now
    db.session.flush()


def move(broker: Broker, action: Action, *, actor: Any, now: datetime, reason: str = "") -> None:
    """Choose the row, ask permission and guards, then change and tell."""
    lock(broker)
    step = BROKER.choose(broker.state, action)
    require(actor, step.permission, broker)
    if step.needs_reason and not reason.strip():
        raise InvalidInput({"reason": [_("请写明原因，便于对方修改")]})
    situation = Situation(broker, actor, now, local_day(now))
    move_ = BROKER.decide(broker.state, action, situation)
    source, broker.state = broker.state, move_.target
    if broker.state != source:  # what is confirmed in between leaves the reason as it was
        broker.reason = reason.strip()
    _set_instants(broker, action, actor, now)
    _touch(broker, now)
    said = {"from": source, "to": move_.target, "action": action, "reason": reason.strip()}
    audit.record(actor, Tag.BROKER_MOVED, broker.key, now=now, **said)
    _tell(broker, action, now)


def _set_instants(broker: Broker, action: Action, actor: Any, now: datetime) -> None:
    if action == Action.APPLY:
        broker.applied_at = now
    if action == Action.APPROVE:
        broker.recorded_at = now
    if action in (Action.APPROVE, Action.CONFIRM):
        for certificate in broker.certificates:
            if certificate.verified_at is None:
                certificate.verified_at, certificate.verified_by_id = now, actor.id


def _tell(broker: Broker, action: Action, now: datetime) -> None:
    """The broker learns what was decided; who applies stands first on the operator's list."""
    if action != Action.APPLY:
        once = f"{broker.key}/{action}/{broker.revision}"
        kind = NoticeKind.BROKER_DECIDED
        tell([broker.user], kind, broker.key, once=once, now=now, action=action)


def expire(*, now: datetime) -> int:
    """Move every recorded broker whose certificates have run out; how many there were."""
    late = queries.expired(local_day(now))
    for broker in late:
        move(broker, Action.EXPIRE, actor=Console(), now=now)
    return len(late)
