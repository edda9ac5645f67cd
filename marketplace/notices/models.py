"""What a person was told."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
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
