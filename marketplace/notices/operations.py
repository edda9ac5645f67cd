"""Tell people. The notice is written with the change; its mail goes out after the commit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from marketplace import outbox
from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.notices.models import Notice, NoticeKind
from marketplace.outbox import Topic


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


def members_of(organization_id: int) -> list[User]:
    """Everybody who logs in for an organisation."""
    members = select(User).where(User.organization_id == organization_id)
    return list(db.session.scalars(members.order_by(User.id)))
