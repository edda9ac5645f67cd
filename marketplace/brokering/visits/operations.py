"""Write a visit down, send its link, and answer it. ``_enter`` is the only writer of ``state``."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from marketplace import audit, files
from marketplace.accounts.models import Organization, OrganizationKind
from marketplace.accounts.queries import organization_called
from marketplace.audit import Tag
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.visits.lifecycle import VISIT, LinkHolder, Situation
from marketplace.brokering.visits.models import Visit
from marketplace.brokering.visits.states import Action
from marketplace.errors import GuardFailed
from marketplace.extensions import db
from marketplace.listings import operations as listings
from marketplace.listings.lifecycle import Action as ListingAction
from marketplace.listings.models import Listing, Need
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import members_of, tell
from marketplace.permissions import Permission, require
from marketplace.transactions import lock

#: How a need that came from a visit says where it came from.
SOURCE = "走访"


def write_down(
    facts: Mapping[str, Any], photo: tuple[str, bytes] | None, *, actor: Any, now: datetime
) -> Visit:
    """Keep what was captured; a member of the market is told and answers after logging in."""
    require(actor, Permission.WORK_AS_BROKER)
    if not brokers.is_active(actor.id, now=now):
        raise GuardFailed(_("您的备案不在有效状态，不能登记走访"))
    visit = Visit(user_id=actor.id, nonce=_nonce(), linked_at=now, created_at=now, **facts)
    visit.organization = organization_called(visit.company)
    if photo is not None:
        visit.photo_name, content = photo
        visit.photo = files.keep(content, visit.photo_name)
    db.session.add(visit)
    db.session.flush()
    audit.record(actor, Tag.VISIT_WRITTEN, visit.key, now=now)
    _tell_members(visit, now)
    return visit


def _nonce() -> str:
    return secrets.token_hex(8)


def _tell_members(visit: Visit, now: datetime) -> None:
    if visit.organization_id is not None:
        once = f"{visit.key}/{visit.nonce}"
        users = members_of(visit.organization_id)
        tell(users, NoticeKind.VISIT_TO_CONFIRM, visit.key, once=once, now=now)


def renew_link(visit: Visit, *, actor: Any, now: datetime) -> None:
    """Another link, for fourteen days from now; the one before opens nothing any more."""
    require(actor, Permission.SEE_VISIT, visit)
    lock(visit)  # a link works once, also where it is used twice in one instant
    VISIT.choose(visit.state, Action.WITHDRAW)  # only what still waits has a link
    visit.nonce, visit.linked_at = _nonce(), now
    db.session.flush()
    audit.record(actor, Tag.VISIT_LINKED, visit.key, now=now)
    _tell_members(visit, now)


def withdraw(visit: Visit, *, actor: Any, now: datetime) -> None:
    """Take back what was written down by mistake."""
    lock(visit)
    _enter(visit, Action.WITHDRAW, actor, actor, now)


def refuse(visit: Visit, reason: str, *, person: Any, now: datetime) -> None:
    """It is not the enterprise's need, or it does not want it written down."""
    lock(visit)
    _enter(visit, Action.REFUSE, person if visit.needs_account else None, person, now)
    visit.answer = reason.strip()
    db.session.flush()


def confirm(visit: Visit, facts: Mapping[str, Any], *, person: Any, now: datetime) -> Listing:
    """The enterprise says that it is its need, in ``facts``'s words: it becomes a need of its own.

    A verified enterprise's need goes to review where a member confirms it. By a link alone it stays a
    draft: who held the link is not known.
    """
    lock(visit)
    actor = _answerer(visit, person, now)
    _require_open(visit, Action.CONFIRM, actor, person)
    said = {**facts, "source": SOURCE, "source_key": visit.key}
    need = listings.create(Need, said, actor=actor, now=now)
    visit.need_id = need.id
    visit.answer = facts["description"] if facts["description"] != visit.words else ""
    _enter(visit, Action.CONFIRM, actor, person, now)
    if not isinstance(actor, LinkHolder) and need.organization.verified_at is not None:
        listings.move(need, ListingAction.SUBMIT, actor=actor, now=now)
    return need


def _answerer(visit: Visit, person: Any, now: datetime) -> Any:
    """A member of the enterprise; whoever holds the link only where it has none."""
    if visit.needs_account:
        return person
    if visit.organization is None:
        visit.organization = organization_called(visit.company) or _unknown(visit, now)
        db.session.flush()
    return LinkHolder(visit.organization)


def _unknown(visit: Visit, now: datetime) -> Organization:
    """An enterprise that nobody has signed up for, as an import would make it."""
    organization = Organization(
        name=visit.company,
        kind=OrganizationKind.ENTERPRISE,
        region=visit.region,
        created_at=now,
    )
    db.session.add(organization)
    return organization


def _require_open(visit: Visit, action: Action, actor: Any, person: Any) -> Any:
    """Without an ``actor`` the link itself is the permission: it was checked where it came in."""
    step = VISIT.choose(visit.state, action)
    if actor is not None:
        require(actor, step.permission, visit)
    return VISIT.decide(visit.state, action, Situation(visit, person.id))


def _enter(visit: Visit, action: Action, actor: Any, person: Any, now: datetime) -> None:
    """``person`` is logged in, or a visitor; ``actor`` is who they stand for."""
    move = _require_open(visit, action, actor, person)
    visit.state = move.target
    visit.answered_at, visit.answered_by_id = now, person.id
    db.session.flush()
    said = {"action": action, "by_link": actor is not person}
    audit.record(person, Tag.VISIT_ANSWERED, visit.key, now=now, **said)
