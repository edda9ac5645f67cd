"""Tell people. The notice is written with the change; its mail goes out after the commit."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select, update

from marketplace import audit, outbox
from marketplace.accounts.models import User
from marketplace.audit import Tag
from marketplace.errors import Conflict, InvalidInput
from marketplace.extensions import db
from marketplace.notices import queries
from marketplace.notices.models import (
    AddressRequest,
    Cadence,
    MailPreference,
    Notice,
    NoticeKind,
)
from marketplace.outbox import Topic
from marketplace.permissions import Permission, require


def tell(
    users: Iterable[User],
    kind: NoticeKind,
    subject: str,
    *,
    once: str,
    now: datetime,
    **facts: Any,
) -> list[Notice]:
    """Tell each of ``users`` of ``subject``; whoever was told under the same ``once`` is left out."""
    asked = {user.id: user for user in users}
    told = select(Notice.user_id).where(Notice.once == once, Notice.user_id.in_(asked))
    missing = sorted(asked.keys() - set(db.session.scalars(told)))
    common = {"kind": kind, "subject": subject, "facts": facts, "once": once, "at": now}
    notices = [Notice(user_id=key, **common) for key in missing]
    db.session.add_all(notices)
    db.session.flush()
    outbox.put_many(Topic.MAIL, [f"notice/{notice.id}" for notice in notices], now=now)
    return notices


def tell_each(
    rows: Mapping[int, tuple[str, Mapping[str, Any]]], kind: NoticeKind, *, once: str, now: datetime
) -> None:
    """Tell each user of something of their own: user id → subject and facts, in two statements.

    For many at a time; the caller knows that none was told under ``once`` before.
    """
    if not rows:
        return
    common = {"kind": kind, "once": once, "at": now}
    values = [
        common | {"user_id": user_id, "subject": subject, "facts": dict(facts)}
        for user_id, (subject, facts) in rows.items()
    ]
    ids = db.session.scalars(insert(Notice).returning(Notice.id), values)
    outbox.put_many(Topic.MAIL, [f"notice/{number}" for number in ids], now=now)


def members_of(organization_id: int) -> list[User]:
    """Everybody who logs in for an organisation."""
    members = select(User).where(User.organization_id == organization_id)
    return list(db.session.scalars(members.order_by(User.id)))


def read(notice: Notice, *, actor: Any, now: datetime) -> None:
    """The addressee has seen it."""
    require(actor, Permission.SEE_ADDRESSED, notice)
    notice.read_at = notice.read_at or now
    db.session.flush()


def read_all(*, actor: Any, now: datetime) -> None:
    """The addressee has seen all that there is."""
    unread = update(Notice).where(Notice.user_id == actor.id, Notice.read_at.is_(None))
    db.session.execute(unread.values(read_at=now))


def choose(
    by_mail: Collection[NoticeKind], cadence: Cadence, *, actor: Any, now: datetime
) -> MailPreference:
    """What comes by mail, and how often a digest."""
    preference = _preference(actor.id)
    preference.muted = [kind.value for kind in NoticeKind if kind not in by_mail]
    preference.cadence = cadence
    said = {"muted": preference.muted, "cadence": cadence}
    audit.record(actor, Tag.MAIL_CHOSEN, f"user/{actor.id}", now=now, **said)
    db.session.flush()
    return preference


def stop(user_id: int, kind: NoticeKind, *, now: datetime) -> None:
    """No more mail of ``kind`` to this person, as the signed link in such a mail asks.

    Of digests there are no more at all: a list that nobody is told of need not be made.
    """
    preference = _preference(user_id)
    if kind == NoticeKind.DIGEST:
        preference.cadence = Cadence.NONE
    else:
        preference.muted = sorted({*preference.muted, kind.value})
    audit.record(None, Tag.MAIL_STOPPED, f"user/{user_id}", now=now, kind=kind)
    db.session.flush()


def _preference(user_id: int) -> MailPreference:
    found = db.session.get(MailPreference, user_id)
    if found is None:
        found = MailPreference(user_id=user_id, muted=[])
        db.session.add(found)
    return found


def ask_address(address: str, *, actor: User, now: datetime) -> AddressRequest | None:
    """Send a link to ``address``; until it is followed mail goes where it went before.

    An empty ``address`` takes the present one away.
    """
    if not address:
        actor.email = None
        audit.record(actor, Tag.ADDRESS_REMOVED, f"user/{actor.id}", now=now)
        db.session.flush()
        return None
    if address == actor.email:
        raise InvalidInput({"address": [_("这个邮箱已经确认，无需更改")]})
    asked = AddressRequest(user_id=actor.id, address=address, asked_at=now)
    db.session.add(asked)
    db.session.flush()
    audit.record(actor, Tag.ADDRESS_ASKED, f"user/{actor.id}", now=now, request=asked.id)
    outbox.put(Topic.MAIL, f"address/{asked.id}", now=now)
    return asked


def confirm_address(request_id: int, *, now: datetime) -> AddressRequest:
    """The link was followed: mail goes there from now on. Of several requests the last one counts."""
    asked = queries.address_request(request_id)
    if queries.latest_request(asked.user_id) is not asked:
        raise Conflict(_("这个链接已被后来的更改取代，请使用最近一封邮件里的链接"))
    if asked.confirmed_at is None:
        asked.confirmed_at = now
        asked.user.email = asked.address
        said = {"request": asked.id}
        audit.record(asked.user, Tag.ADDRESS_CONFIRMED, f"user/{asked.user_id}", now=now, **said)
        db.session.flush()
    return asked
