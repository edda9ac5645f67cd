"""Whose notices, whose mail, and who wants it: rows and counts, no writes."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from marketplace.accounts.models import User
from marketplace.errors import NotFound
from marketplace.extensions import db
from marketplace.notices.models import (
    USUAL_CADENCE,
    AddressRequest,
    Cadence,
    Mailing,
    MailingState,
    MailPreference,
    Notice,
    NoticeKind,
)
from marketplace.permissions import Permission, permits

PAGE_SIZE = 50
#: More is shown as so many and a plus; the count stays cheap however many there are.
MOST_COUNTED = 99
LARGEST_ID = 2**31 - 1


def unread_count(user_id: int) -> int:
    """How many notices wait to be read, one more than ``MOST_COUNTED`` at most; index only."""
    unread = select(Notice.id).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    first = unread.limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(first)) or 0


def notices_of(user_id: int, page: int) -> Sequence[Notice]:
    """A page of what one person was told, the unread first; one row more where there is more."""
    own = select(Notice).where(Notice.user_id == user_id)
    newest = own.order_by(Notice.read_at.is_not(None), Notice.at.desc(), Notice.id.desc())
    shown = newest.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)
    return db.session.scalars(shown).all()


def notice(notice_id: int, user: Any) -> Notice:
    """The notice, if it is the user's own; else NotFound."""
    found = db.session.get(Notice, notice_id) if notice_id <= LARGEST_ID else None
    if found is None or not permits(user, Permission.SEE_ADDRESSED, found):
        raise NotFound(_("没有找到这条通知"))
    return found


def preference(user_id: int) -> MailPreference:
    """What a person wants; the usual where nothing was said, not stored by asking."""
    found = db.session.get(MailPreference, user_id)
    return found or MailPreference(user_id=user_id, muted=[], cadence=USUAL_CADENCE)


def address_request(request_id: int) -> AddressRequest:
    """The request; else NotFound."""
    found = db.session.get(AddressRequest, request_id)
    if found is None:
        raise NotFound(_("没有找到"))
    return found


def latest_request(user_id: int) -> AddressRequest | None:
    """The address that a person named last, confirmed or not."""
    own = select(AddressRequest).where(AddressRequest.user_id == user_id)
    return db.session.scalar(own.order_by(AddressRequest.id.desc()).limit(1))


def addresses(user_ids: Sequence[int], kind: NoticeKind) -> dict[int, str]:
    """User id → confirmed address, of those among ``user_ids`` who want ``kind`` by mail."""
    columns = (User.id, User.email, MailPreference.muted, MailPreference.cadence)
    asked = select(*columns).outerjoin(MailPreference, MailPreference.user_id == User.id)
    rows = db.session.execute(asked.where(User.id.in_(user_ids), User.email.is_not(None)))
    return {
        user_id: email
        for user_id, email, muted, cadence in rows
        if email
        and kind not in (muted or ())
        and (kind != NoticeKind.DIGEST or cadence != Cadence.NONE)
    }


def mailings(user: Any, page: int, *, failed: bool = False) -> Sequence[Mailing]:
    """A page of mails, the newest first: one's own, or everybody's for the operator."""
    asked = select(Mailing)
    if not permits(user, Permission.MANAGE_MAIL):
        asked = asked.where(Mailing.user_id == user.id)
    if failed:
        asked = asked.where(Mailing.state == MailingState.FAILED)
    newest = asked.order_by(Mailing.id.desc())
    return db.session.scalars(newest.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)).all()


def mailing(mailing_id: int, user: Any) -> Mailing:
    """The mail, if it is the user's own or the user is the operator; else NotFound."""
    found = db.session.get(Mailing, mailing_id) if mailing_id <= LARGEST_ID else None
    allowed = found is not None and (
        permits(user, Permission.SEE_ADDRESSED, found) or permits(user, Permission.MANAGE_MAIL)
    )
    if found is None or not allowed:
        raise NotFound(_("没有找到这封邮件"))
    return found


def count_by_state() -> dict[MailingState, int]:
    """How many mails stand where."""
    counted = select(Mailing.state, func.count()).group_by(Mailing.state)
    return {state: count for state, count in db.session.execute(counted)}


def failed() -> list[int]:
    """The ids of all mails that were given up."""
    given_up = select(Mailing.id).where(Mailing.state == MailingState.FAILED)
    return list(db.session.scalars(given_up.order_by(Mailing.id)))


def claims() -> list[str]:
    """The journals that mails are being sent under."""
    sending = select(Mailing.claim).where(Mailing.state == MailingState.SENDING).distinct()
    return [name for name in db.session.scalars(sending) if name]
