"""What a person was told, how they want to be told, and each mail that went out for it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.database import Instant, enum_column
from marketplace.extensions import db


class NoticeKind(StrEnum):
    """``subject:event``, what a notice speaks of; its words are chosen when it is shown."""

    INTRODUCTION_SENT = "introduction:sent"
    INTRODUCTION_ANSWERED = "introduction:answered"
    INTRODUCTION_DUE = "introduction:due"
    INTRODUCTION_MOVED = "introduction:moved"
    MESSAGE_WRITTEN = "message:written"
    MEETING_SET = "meeting:set"
    DISCLOSURE_CONFIRMED = "disclosure:confirmed"
    BROKER_DECIDED = "broker:decided"
    VISIT_TO_CONFIRM = "visit:to-confirm"
    REFINEMENT_OFFERED = "refinement:offered"
    AGREEMENT_OFFERED = "agreement:offered"
    CREDIT_NOTICED = "credit:noticed"
    CREDIT_DECIDED = "credit:decided"
    DIGEST = "digest"


class Notice(db.Model):
    """One thing that one person is told, once: ``once`` keeps a repetition from a second notice."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("user_id", "once", name="uq_notice_once"),
        Index("ix_notice_unread", "user_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[NoticeKind] = mapped_column(enum_column(NoticeKind))
    #: What it is about, ``introduction/17``: the page behind it is found from this.
    subject: Mapped[str] = mapped_column(String(60), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    once: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    read_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship()


class Cadence(StrEnum):
    """How often somebody wants a digest of what is new."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


#: Whoever has saved a search or published a listing hears of what is new, once a week.
USUAL_CADENCE = Cadence.WEEKLY


class MailPreference(db.Model):
    """What a person wants by mail; without a row everything, and the usual digest."""

    __tablename__ = "mail_preference"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    #: Kinds of notice that stay in the application; what is not named here is mailed.
    muted: Mapped[list[str]] = mapped_column(JSON, default=list)
    cadence: Mapped[Cadence] = mapped_column(enum_column(Cadence), default=USUAL_CADENCE)


class AddressRequest(db.Model):
    """An address that somebody says is theirs; theirs once the link sent there was followed."""

    __tablename__ = "address_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship()


class MailingState(StrEnum):
    """Where a mail stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Mailing(db.Model):
    """One mail: ``key`` keeps it from going out for the same thing again.

    The text is kept where no server takes it over, and is made anew from its source otherwise.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_mailing_has_instant"),
        CheckConstraint("(state = 'sending') = (claim IS NOT NULL)", name="sending_is_claimed"),
        Index("ix_mailing_user", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What it is about: ``notice/12``, ``address/3``.
    key: Mapped[str] = mapped_column(String(60), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    address: Mapped[str] = mapped_column(String(254))
    title: Mapped[str] = mapped_column(String(300))
    state: Mapped[MailingState] = mapped_column(
        enum_column(MailingState), default=MailingState.PENDING, index=True
    )
    #: The journal of the worker that is handing it over.
    claim: Mapped[str | None] = mapped_column(String(32), index=True)
    failures: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship()
