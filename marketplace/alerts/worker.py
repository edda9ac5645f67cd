"""Composes digests two hundred people at a time; asked again, or killed, it makes none twice."""

from collections import defaultdict
from collections.abc import Sequence

from marketplace.alerts import letters, news, operations, queries
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.notices import worker as notices
from marketplace.notices.models import NoticeKind
from marketplace.transactions import transact

BATCH = 200
WRITERS = {NoticeKind.DIGEST: letters.of_digests}


def compose(subjects: Sequence[str]) -> None:
    """The outbox handler of ``2026-11-26/12``: the digest of a period for a user, if there is news."""
    users: dict[str, list[int]] = defaultdict(list)
    for subject in subjects:
        period, _slash, number = subject.partition("/")
        users[period].append(int(number))
    for period, ids in users.items():
        for start in range(0, len(ids), BATCH):
            _compose(period, ids[start : start + BATCH])


def deliver(subjects: Sequence[str]) -> None:
    """The outbox handler of mail, which knows what a digest says."""
    notices.deliver(subjects, WRITERS)


def ask_due() -> int:
    """Ask for the digests of a morning that has come, and take up mail that was left lying."""
    notices.resume_abandoned()
    return transact(lambda: operations.ask_due(now=utcnow()))


def _compose(period: str, ids: Sequence[int]) -> None:
    found = news.news_for(queries.without_digest(period, ids), now=utcnow())
    db.session.rollback()  # nothing is locked while many searches are answered
    if found:
        transact(lambda: operations.write_digests(period, found, now=utcnow()))
