"""Messages, files, meetings, papers and the assents to them. What was said is never edited."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.brokering.states import Party
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.ledger.triggers import make_append_only


class PaperKind(StrEnum):
    """What both sides confirm in writing."""

    MINUTES = "minutes"
    AGREEMENT = "agreement"


class Message(db.Model):
    """One message, plain text."""

    __tablename__ = "thread_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    party: Mapped[Party] = mapped_column(enum_column(Party))
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    text: Mapped[str] = mapped_column(Text)

    by: Mapped[User] = relationship()


class MessageDraft(db.Model):
    """What one person has typed and not sent."""

    __tablename__ = "thread_draft"

    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class ThreadFile(db.Model):
    """A file that was put into the thread; its bytes are stored by digest."""

    __tablename__ = "thread_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    party: Mapped[Party] = mapped_column(enum_column(Party))
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]

    by: Mapped[User] = relationship()


class FileDownload(db.Model):
    """Who took a file, when."""

    __tablename__ = "thread_download"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("thread_file.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    user: Mapped[User] = relationship()


class Meeting(db.Model):
    """会面: planned, moved or called off; ``sequence`` counts, as calendars ask (RFC 5545)."""

    __tablename__ = "thread_meeting"
    __table_args__ = (CheckConstraint("minutes > 0", name="meeting_takes_time"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    #: Stays the same through every change, so that a calendar moves the meeting it knows.
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime] = mapped_column(Instant, index=True)
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(200), default="")
    link: Mapped[str] = mapped_column(String(300), default="")
    agenda: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def key(self) -> str:
        """How assents name it."""
        return f"meeting/{self.id}"

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)


class Paper(db.Model):
    """One version of minutes or of a draft agreement; a newer one leaves the older unconfirmed."""

    __tablename__ = "thread_paper"
    __table_args__ = (
        UniqueConstraint("introduction_id", "kind", "version", name="uq_paper_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    kind: Mapped[PaperKind] = mapped_column(enum_column(PaperKind))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("thread_file.id"))
    party: Mapped[Party] = mapped_column(enum_column(Party))
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    by: Mapped[User] = relationship()
    file: Mapped[ThreadFile | None] = relationship()

    @property
    def key(self) -> str:
        """How assents name it."""
        return f"paper/{self.id}"


class Assent(db.Model):
    """One side's yes to a meeting that was held, or to one version of a paper."""

    __tablename__ = "thread_assent"
    __table_args__ = (UniqueConstraint("subject", "party", name="uq_assent_party"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    #: ``meeting/3``, ``paper/5``
    subject: Mapped[str] = mapped_column(String(40))
    party: Mapped[Party] = mapped_column(enum_column(Party))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant)


for model in (Message, ThreadFile, FileDownload, Paper, Assent):
    make_append_only(model.__table__)
