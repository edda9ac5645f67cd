"""The change table: a row says *look at this again*, in the transaction of the change.

A handler compares what the store says with what the outside has and makes them agree, so it may
run twice, and a lost signal costs a delay, not a fact.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import case, delete, func, insert, select, update
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
    DIGEST = "digest"


class OutboxRow(db.Model):
    """One thing to look at again; deleted once the outside agrees with the store."""

    __tablename__ = "outbox_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[Topic] = mapped_column(enum_column(Topic), index=True)
    subject: Mapped[str]
    #: When it was asked for; ``due_at`` moves on with each failure.
    put_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)
    failures: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")


Handler = Callable[[Sequence[str]], None]


class SomeFailed(Exception):
    """Raised by a handler that did the others: each subject that failed, with its failure."""

    def __init__(self, failures: Mapping[str, Exception]) -> None:
        super().__init__("; ".join(f"{name}: {told(one)}" for name, one in failures.items()))
        self.failures = failures


def do_each(subjects: Sequence[str], work: Callable[[str], object]) -> None:
    """Do the work of every subject, whatever befalls another; SomeFailed at the end names who failed."""
    failures: dict[str, Exception] = {}
    for subject in subjects:
        try:
            work(subject)
        except Exception as failure:  # noqa: BLE001 - whatever went wrong is kept with the row
            db.session.rollback()
            failures[subject] = failure
    if failures:
        raise SomeFailed(failures)


def put(topic: Topic, subject: str, *, now: datetime) -> None:
    """Ask that ``subject`` be looked at again."""
    db.session.add(OutboxRow(topic=topic, subject=subject, put_at=now, due_at=now))


def put_many(topic: Topic, subjects: Sequence[str], *, now: datetime) -> None:
    """Ask that each of ``subjects`` be looked at again, in one statement."""
    if subjects:
        rows = [{"topic": topic, "subject": s, "put_at": now, "due_at": now} for s in subjects]
        db.session.execute(insert(OutboxRow), rows)


def put_missing(topic: Topic, subjects: Sequence[str], *, now: datetime) -> None:
    """Ask for those of ``subjects`` for which no row stands, so that asking again adds nothing."""
    asked = select(OutboxRow.subject).where(
        OutboxRow.topic == topic, OutboxRow.subject.in_(subjects)
    )
    standing = set(db.session.scalars(asked))
    put_many(topic, [subject for subject in subjects if subject not in standing], now=now)


def waiting(*topics: Topic) -> int:
    """How many rows of ``topics`` wait, due or put off."""
    rows = select(func.count()).select_from(OutboxRow).where(OutboxRow.topic.in_(topics))
    return db.session.scalar(rows) or 0


def stuck() -> int:
    """How many rows have failed at least once."""
    failed = select(func.count()).select_from(OutboxRow).where(OutboxRow.failures > 0)
    return db.session.scalar(failed) or 0


def last_failure(*topics: Topic) -> str:
    """What the last failure said, under one of ``topics`` or under any."""
    failed = select(OutboxRow.message).where(
        OutboxRow.failures > 0, OutboxRow.topic.in_(topics or Topic)
    )
    return db.session.scalar(failed.order_by(OutboxRow.id.desc()).limit(1)) or ""


@dataclass(frozen=True)
class Backlog:
    """What waits under one topic: rows, the age of the oldest, rows that failed, and why."""

    topic: Topic
    rows: int
    oldest: timedelta
    failed: int
    message: str


def backlogs(*, now: datetime) -> list[Backlog]:
    """The backlog of every topic, the empty ones too."""
    failed = func.sum(case((OutboxRow.failures > 0, 1), else_=0))
    counted = select(OutboxRow.topic, func.count(), func.min(OutboxRow.put_at), failed).group_by(
        OutboxRow.topic
    )
    found = {topic: facts for topic, *facts in db.session.execute(counted)}
    return [_backlog(topic, found.get(topic, (0, now, 0)), now) for topic in Topic]


def _backlog(topic: Topic, facts: Sequence[Any], now: datetime) -> Backlog:
    rows, oldest, failed = facts
    message = last_failure(topic) if failed else ""
    return Backlog(topic, rows, max(now - oldest, timedelta(0)), failed, message)


def try_again(topic: Topic, *, now: datetime) -> int:
    """Make every row of ``topic`` that has failed due at once; how many there were."""
    failed = update(OutboxRow).where(OutboxRow.topic == topic, OutboxRow.failures > 0)
    made_due = failed.values(due_at=now).returning(OutboxRow.id)
    return len(db.session.scalars(made_due).all())


def drain(handlers: Mapping[Topic, Handler]) -> int:
    """Hand due rows to their handlers and delete them; the number of rows done.

    No transaction is open while a handler computes. A failure is counted, put off and kept with
    its message; the row stays. Where a handler says which subjects failed, the other rows are done.
    """
    return sum(drain_topic(topic, handler) for topic, handler in handlers.items())


def drain_topic(topic: Topic, handler: Handler) -> int:
    """The same for one topic, at most :data:`BATCH` rows."""
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
    failures = _failures(handler, sorted({row.subject for row in rows}))
    failed = [row.id for row in rows if row.subject in failures]
    done = [row.id for row in rows if row.subject not in failures]

    def record() -> None:
        _put_off(failed, failures)
        db.session.execute(delete(OutboxRow).where(OutboxRow.id.in_(done)))

    transact(record)
    return len(done)


def _failures(handler: Handler, subjects: list[str]) -> Mapping[str, Exception]:
    try:
        handler(subjects)
    except SomeFailed as some:
        return some.failures
    except Exception as failure:  # noqa: BLE001 - whatever went wrong is kept with the row
        return dict.fromkeys(subjects, failure)
    return {}


def _put_off(ids: list[int], failures: Mapping[str, Exception]) -> None:
    for row in db.session.scalars(select(OutboxRow).where(OutboxRow.id.in_(ids))):
        row.failures += 1
        row.message = told(failures[row.subject])[:2000]
        row.due_at = utcnow() + timedelta(seconds=min(2**row.failures, 600))


def told(failure: Exception) -> str:
    """A failure as it is kept with its row."""
    return f"{type(failure).__name__}: {failure}"
