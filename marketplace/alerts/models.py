"""What somebody wants to hear of, and each digest with what it told."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.notices.models import Cadence


class SavedSearch(db.Model):
    """Conditions over one library, kept: what is published under them from then on is told.

    It is ended and not deleted, so that its number never stands for another search.
    """

    __tablename__ = "saved_search"
    __table_args__ = (
        UniqueConstraint("user_id", "fingerprint", name="uq_saved_search_conditions"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(100))
    #: ``need`` or ``result``
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(String(200), default="")
    #: facet → chosen values
    chosen: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    #: SHA-256 over kind, text and facets: the same conditions are one search.
    fingerprint: Mapped[str] = mapped_column(String(64))
    #: What was published before was there to be seen.
    since: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship()

    @property
    def key(self) -> str:
        """How a digest names this subscription."""
        return f"search/{self.id}"


class DigestRun(db.Model):
    """A period was begun: its digests have been asked for, once."""

    __tablename__ = "digest_run"

    #: ``2026-11-26``, or ``2026-W48`` by ISO 8601
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    cadence: Mapped[Cadence] = mapped_column(enum_column(Cadence))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    #: How many people were asked about; those without news get none.
    users: Mapped[int]


class Digest(db.Model):
    """What one person was told for one period."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("user_id", "period", name="uq_digest_period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    period: Mapped[str] = mapped_column(String(10))
    composed_at: Mapped[datetime] = mapped_column(Instant)

    items: Mapped[list["DigestItem"]] = relationship(order_by="DigestItem.position")


class DigestItem(db.Model):
    """One listing told under one subscription; the key keeps it from being told there again."""

    __tablename__ = "digest_item"
    __table_args__ = (Index("ix_digest_item_digest", "digest_id", "position"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    #: ``search/3``, or one's own listing: ``need/5``
    subscription: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: What was found: ``result/33``
    listing: Mapped[str] = mapped_column(String(40), primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"))
    position: Mapped[int]
