"""Who did what, when: one row for each change, written in the transaction of the change."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.paging import Page, paged


class Tag(StrEnum):
    """``subject:action``, the vocabulary of the audit."""

    USER_CREATED = "user:created"
    USER_PASSWORD_CHANGED = "user:password-changed"
    USER_PASSWORD_RESET = "user:password-reset"
    USER_LOGGED_OUT_EVERYWHERE = "user:logged-out-everywhere"
    ORGANIZATION_SIGNED_UP = "organization:signed-up"
    ORGANIZATION_VERIFIED = "organization:verified"
    LISTING_CREATED = "listing:created"
    LISTING_CHANGED = "listing:changed"
    LISTING_MOVED = "listing:moved"
    LIMIT_SET = "limit:set"
    LIKENESS_JUDGED = "likeness:judged"
    LISTINGS_IMPORTED = "listings:imported"
    SOURCE_ASKED = "source:asked"
    SOURCE_SCHEDULED = "source:scheduled"
    SOURCE_LAYOUT_CONFIRMED = "source:layout-confirmed"
    COLLECTED_MOVED = "collected:moved"
    COLLECTED_JUDGED = "collected:judged"
    CONTRACT_CREATED = "contract:created"
    CONTRACT_CHANGED = "contract:changed"
    CONTRACT_MOVED = "contract:moved"
    CONTRACT_EXAMINED = "contract:examined"
    CONTRACT_PURGED = "contract:purged"
    INCOME_DECLARED = "income:declared"
    INCOME_VERIFIED = "income:verified"
    INCOME_RETURNED = "income:returned"
    CERTIFICATE_ISSUED = "certificate:issued"
    LIST_ASKED = "list:asked"
    LIST_ISSUED = "list:issued"
    POINT_OPENED = "point:opened"
    POINT_CLOSED = "point:closed"
    POINT_STAFFED = "point:staffed"
    INTRODUCTION_OPENED = "introduction:opened"
    INTRODUCTION_CHANGED = "introduction:changed"
    INTRODUCTION_MOVED = "introduction:moved"
    INTRODUCTION_PLANNED = "introduction:planned"
    BROKER_CHANGED = "broker:changed"
    BROKER_CERTIFIED = "broker:certified"
    BROKER_DECLARED = "broker:declared"
    BROKER_MOVED = "broker:moved"
    CASE_SHARED = "case:shared"
    CASE_MOVED = "case:moved"
    VISIT_WRITTEN = "visit:written"
    VISIT_LINKED = "visit:linked"
    VISIT_ANSWERED = "visit:answered"
    REFINEMENT_OFFERED = "refinement:offered"
    REFINEMENT_DECIDED = "refinement:decided"
    AGREEMENT_OFFERED = "agreement:offered"
    AGREEMENT_CONFIRMED = "agreement:confirmed"
    COMMISSION_ENTERED = "commission:entered"
    ADDRESS_ASKED = "address:asked"
    ADDRESS_CONFIRMED = "address:confirmed"
    ADDRESS_REMOVED = "address:removed"
    MAIL_CHOSEN = "mail:chosen"
    MAIL_STOPPED = "mail:stopped"
    MAIL_RETRIED = "mail:retried"
    SEARCH_SAVED = "search:saved"
    SEARCH_RENAMED = "search:renamed"
    SEARCH_ENDED = "search:ended"
    INTRODUCTION_DISCLOSED = "introduction:disclosed"
    INTRODUCTION_WRITTEN = "introduction:written"
    ACCESS_REFUSED = "access:refused"
    CREDIT_RECORDED = "credit:recorded"
    CREDIT_MOVED = "credit:moved"
    CREDIT_SIGN_JUDGED = "credit:sign-judged"
    STATISTICS_PUBLISHED = "statistics:published"


class AuditEntry(db.Model):
    """One thing that somebody did; personal data is recorded by reference."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    tag: Mapped[Tag] = mapped_column(enum_column(Tag))
    subject: Mapped[str] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(actor: Any, tag: Tag, subject: str, *, now: datetime, **facts: Any) -> None:
    """Write down that ``actor`` (``None``: the system) did ``tag`` to ``subject``."""
    actor_id = getattr(actor, "id", None)
    db.session.add(AuditEntry(at=now, actor_id=actor_id, tag=tag, subject=subject, facts=facts))


def record_many(
    actor: Any, tag: Tag, subjects: Sequence[str], *, now: datetime, **facts: Any
) -> None:
    """Write the same down for each of many ``subjects``, in one statement."""
    common = {"at": now, "actor_id": getattr(actor, "id", None), "tag": tag, "facts": facts}
    if subjects:
        db.session.execute(insert(AuditEntry), [common | {"subject": s} for s in subjects])


def entries_of(subject: str) -> Sequence[AuditEntry]:
    """What was done to ``subject``, first things first."""
    written = select(AuditEntry).where(AuditEntry.subject == subject)
    return db.session.scalars(written.order_by(AuditEntry.id)).all()


def entries_by(actor: Any, tag: Tag, *, since: datetime) -> Sequence[AuditEntry]:
    """What ``actor`` did of one kind since then, first things first."""
    own = (AuditEntry.actor_id == actor.id, AuditEntry.tag == tag, AuditEntry.at >= since)
    return db.session.scalars(select(AuditEntry).where(*own).order_by(AuditEntry.id)).all()


def page_of(tag: Tag, number: int) -> Page:
    """A page of all that was done of one kind, the latest first."""
    written = select(AuditEntry).where(AuditEntry.tag == tag)
    return paged(written.order_by(AuditEntry.id.desc()), number)


def counts_by_actor(tag: Tag, actor_ids: Collection[int], *, since: datetime) -> dict[int, int]:
    """How often each of ``actor_ids`` did one kind of thing since then."""
    counted = select(AuditEntry.actor_id, func.count()).where(
        AuditEntry.tag == tag, AuditEntry.actor_id.in_(actor_ids), AuditEntry.at >= since
    )
    rows = db.session.execute(counted.group_by(AuditEntry.actor_id))
    return {actor_id: count for actor_id, count in rows if actor_id is not None}
