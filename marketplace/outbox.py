"""The change table: a row says *look at this again*, in the transaction of the change.

A handler compares what the store says with what the outside has and makes them agree, so it may
run twice, and a lost signal costs a delay, not a fact.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Instant, enum_column, utcnow
from marketplace.extensions import db
from marketplace.transactions import transact

BATCH = 1000


class Topic(StrEnum):
    """What has to be looked at again."""

    INDEX = "index"
    HEAD = "head"
    CERTIFICATE = "certificate"
    EXPORT = "export"
    MAIL = "mail"
    SCRAPE = "scrape"


class OutboxRow(db.Model):
    """One thing to look at again; deleted once the outside agrees with the store."""

    __tablename__ = "outbox_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[Topic] = mapped_column(enum_column(Topic), index=True)
    subject: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)
    failures: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")


Handler = Callable[[Sequence[str]], None]


def put(topic: Topic, subject: str, *, now: datetime) -> None:
    """Ask that ``subject`` be looked at again."""
    db.session.add(OutboxRow(topic=topic, subject=subject, due_at=now))


def put_many(topic: Topic, subjects: Sequence[str], *, now: datetime) -> None:
    """Ask that each of ``subjects`` be looked at again, in one statement."""
    if subjects:
        rows = [{"topic": topic, "subject": s, "due_at": now} for s in subjects]
        db.session.execute(insert(OutboxRow), rows)


def stuck() -> int:
    """How many rows have failed at least once."""
    failed = select(func.count()).select_from(OutboxRow).where(OutboxRow.failures > 0)
    return db.session.scalar(failed) or 0


def last_failure() -> str:
    """What the last failure said."""
    failed = select(OutboxRow.message).where(OutboxRow.failures > 0)
    return db.session.scalar(failed.order_by(OutboxRow.id.desc()).limit(1)) or ""


def drain(handlers: Mapping[Topic, Handler]) -> int:
    """Hand due rows to their handlers and delete them; the number of rows done.

    No transaction is open while a handler computes. A failure is counted, put off and kept with
    its message; the row stays.
    """
    return sum(_drain_topic(topic, handler) for topic, handler in handlers.items())


def _drain_topic(topic: Topic, handler: Handler) -> int:
    due = (
        select(OutboxRow.id, OutboxRow.subject)
        .where(OutboxRow.topic == topic, OutboxRow.due_at <= utcnow())
        .order_by(OutboxRow.id)
        .limit(BATCH)
    )
    rows = db.session.execute(due).all()
    db.session.rollback()
    if not rows:
        return 0
    ids = [row.id for row in rows]
    try:
        handler(sorted({row.subject for row in rows}))
    except Exception as failure:  # noqa: BLE001 - whatever went wrong is kept with the row
        message = f"{type(failure).__name__}: {failure}"
        transact(lambda: _put_off(ids, message))
        return 0
    transact(lambda: db.session.execute(delete(OutboxRow).where(OutboxRow.id.in_(ids))))
    return len(ids)


def _put_off(ids: list[int], message: str) -> None:
    for row in db.session.scalars(select(OutboxRow).where(OutboxRow.id.in_(ids))):
        row.failures += 1
        row.message = message[:2000]
        row.due_at = utcnow() + timedelta(seconds=min(2**row.failures, 600))
