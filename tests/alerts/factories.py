"""Notices, mails, searches and digests; each a person's own."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from marketplace import outbox
from marketplace.accounts.models import User
from marketplace.alerts import operations, worker
from marketplace.alerts.models import Digest, SavedSearch
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.listings.queries import Conditions
from marketplace.matchmaking.indexing import current_library
from marketplace.notices import operations as notices
from marketplace.notices.models import Cadence, Mailing, MailingState, Notice, NoticeKind
from marketplace.outbox import Topic
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_user

_serial = count(1)


def a_reader(role: Role = Role.ENTERPRISE, *, cadence: Cadence | None = None, **facts: Any) -> User:
    """A user with a confirmed address; with a cadence of their own where it is said."""
    user = a_user(role)

    def work() -> None:
        user.email = facts.get("email", f"reader{next(_serial)}@example.cn")
        if cadence:
            notices.choose([*NoticeKind], cadence, actor=user, now=utcnow())

    transact(work)
    return user


def a_search(
    user: User,
    text: str = "锅炉",
    kind: str = "result",
    *,
    since: datetime | None = None,
    **chosen: tuple[str, ...],
) -> SavedSearch:
    """A search that was saved an hour ago."""
    conditions = Conditions(kind, text, chosen)
    began = since or utcnow() - timedelta(hours=1)
    name = text or "全部"
    return transact(lambda: operations.save_search(conditions, name, actor=user, now=began))


def a_notice(
    user: User, kind: NoticeKind = NoticeKind.MEETING_SET, subject: str = "introduction/1"
) -> Notice:
    """Something that one person is told."""
    once = f"test/{next(_serial)}"
    return transact(lambda: notices.tell([user], kind, subject, once=once, now=utcnow())[0])


def a_mailing(user: User, state: MailingState = MailingState.FAILED, **facts: Any) -> Mailing:
    """A mail that went wrong."""
    key = f"notice/{90_000 + next(_serial)}"
    values = {"key": key, "address": "reader@example.cn", "title": "约定了会面"} | facts

    def work() -> Mailing:
        row = Mailing(user_id=user.id, state=state, created_at=utcnow(), **values)
        db.session.add(row)
        return row

    return transact(work)


def a_digest(user: User, period: str = "2026-W01") -> Digest:
    """A digest of which nothing is left."""

    def work() -> Digest:
        row = Digest(user_id=user.id, period=period, composed_at=utcnow())
        db.session.add(row)
        return row

    return transact(work)


def compose(period: str, *users: User) -> None:
    """The digests of a period for these people, as the worker makes them, with a true index."""
    current_library().reconcile()
    worker.compose([f"{period}/{user.id}" for user in users])


def digest_of(user: User, period: str) -> Digest | None:
    """What a person was told for a period."""
    return db.session.query(Digest).filter_by(user_id=user.id, period=period).one_or_none()


def told_to(user: User, period: str) -> list[tuple[str, str]]:
    """Subscription and listing of each line of a digest; none where there is no digest."""
    digest = digest_of(user, period)
    return [(item.subscription, item.listing) for item in digest.items] if digest else []


def send_all() -> None:
    """Send what waits, until nothing does."""
    while outbox.drain({Topic.DIGEST: worker.compose, Topic.MAIL: worker.deliver}):
        pass
