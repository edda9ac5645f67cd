"""Published tables: what was given out, byte for byte, never written again."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Instant
from marketplace.extensions import db
from marketplace.ledger.models import Position
from marketplace.ledger.triggers import make_append_only


class PublishedTable(db.Model):
    """One table of one period as it was published; a later revision stands beside it, not in it."""

    __tablename__ = "published_table"
    __table_args__ = (UniqueConstraint("table", "period", name="uq_published_table_period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: ``T1`` to ``T17``
    table: Mapped[str] = mapped_column(String(4))
    #: The key of its period: ``2024-05``
    period: Mapped[str] = mapped_column(String(12), index=True)
    label: Mapped[str] = mapped_column(String(60))
    first: Mapped[date]
    last: Mapped[date]
    #: How many entries the ledger had, and their root.
    size: Mapped[int] = mapped_column(Position)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    #: The document as JSON.
    content: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


make_append_only(PublishedTable.__table__)
