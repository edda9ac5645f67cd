"""Confirm the statement, let the broker in, leave a contact card, and look."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from marketplace import audit
from marketplace.audit import Tag
from marketplace.brokering.disclosure import queries, statements
from marketplace.brokering.disclosure.models import (
    BrokerAllowance,
    Confirmation,
    ContactCard,
    DisclosureView,
)
from marketplace.brokering.disclosure.queries import Part
from marketplace.brokering.effects import people_of
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Side
from marketplace.errors import Conflict, Forbidden
from marketplace.extensions import db
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import tell
from marketplace.permissions import Permission, require
from marketplace.transactions import lock
from marketplace.working_days import local_day


def confirm(introduction: Introduction, sha256: str, *, actor: Any, now: datetime) -> Confirmation:
    """Keep the party's word; the text that was read must be the one in force.

    One member speaks for the organisation, as with every other declaration here; each person's
    looks are logged by name all the same. A second word of the same party changes nothing.
    """
    require(actor, Permission.WRITE_THREAD, introduction)
    lock(introduction)
    party = introduction.party_of(actor)
    known = queries.confirmations_of(introduction).get(party)
    if known is not None:
        return known
    statement = statements.in_force(local_day(now))
    if sha256 != statement.sha256:
        raise Conflict(_("保密声明已有新版本，请刷新页面阅读后再确认"))
    confirmation = Confirmation(
        introduction_id=introduction.id,
        party=party,
        version=statement.version,
        sha256=statement.sha256,
        user_id=actor.id,
        organization_id=actor.organization_id,
        at=now,
    )
    db.session.add(confirmation)
    said = {"what": "confirmed", "party": party, "version": statement.version}
    audit.record(actor, Tag.INTRODUCTION_DISCLOSED, introduction.key, now=now, **said)
    _tell_others(introduction, f"confirmed-{party}", actor, now)
    db.session.flush()
    return confirmation


def allow_broker(introduction: Introduction, allowed: bool, *, actor: Any, now: datetime) -> None:
    """One owner lets the broker in, or shuts the broker out again."""
    require(actor, Permission.WRITE_THREAD, introduction)
    side = introduction.side_of(actor.organization_id)
    if side is None or introduction.broker_id is None:
        raise Forbidden(_("只有需求方和成果方可以决定是否向经纪人公开"))
    row = {"side": side, "allowed": allowed, "user_id": actor.id, "at": now}
    db.session.add(BrokerAllowance(introduction_id=introduction.id, **row))
    said = {"what": "broker", "side": side, "allowed": allowed}
    audit.record(actor, Tag.INTRODUCTION_DISCLOSED, introduction.key, now=now, **said)
    db.session.flush()


def leave_contact(introduction: Introduction, text: str, *, actor: Any, now: datetime) -> None:
    """Write down whom to call on the actor's side; empty takes it back."""
    require(actor, Permission.WRITE_THREAD, introduction)
    side = introduction.side_of(actor.organization_id)
    if side is None:
        raise Forbidden(_("只有需求方和成果方可以填写联系方式"))
    lock(introduction)
    card = db.session.get(ContactCard, (introduction.id, side))
    if card is None:
        card = ContactCard(introduction_id=introduction.id, side=side)
        db.session.add(card)
    card.text, card.at = text, now
    audit.record(
        actor, Tag.INTRODUCTION_DISCLOSED, introduction.key, now=now, what="contact", side=side
    )
    db.session.flush()


def look(introduction: Introduction, side: Side, *, actor: Any, now: datetime) -> Part:
    """One side's part, and the row that says who looked; an owner's look at its own leaves none."""
    part = queries.load_part(introduction, side, actor)
    if actor.organization_id != part.organization_id:
        things = [name for name in ("confidential", "contact") if getattr(part, name)]
        who = {"user_id": actor.id, "organization_id": actor.organization_id, "at": now}
        row = {"introduction_id": introduction.id, "side": side, "things": things}
        db.session.add(DisclosureView(**row, **who))
        db.session.flush()
    return part


def _tell_others(introduction: Introduction, event: str, actor: Any, now: datetime) -> None:
    users = [user for user in people_of(introduction) if user.id != actor.id]
    once = f"{introduction.key}/{event}"
    tell(users, NoticeKind.DISCLOSURE_CONFIRMED, introduction.key, once=once, now=now)
