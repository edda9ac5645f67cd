"""Confirmations, what the owners say of the broker, contact cards, and every look."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organization, User
from marketplace.brokering.states import Party, Side
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.ledger.triggers import make_append_only


class Confirmation(db.Model):
    """One party's word to keep what it learns to itself, for one introduction, once."""

    __tablename__ = "confidentiality_confirmation"
    __table_args__ = (UniqueConstraint("introduction_id", "party", name="uq_confirmation_party"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"))
    party: Mapped[Party] = mapped_column(enum_column(Party))
    version: Mapped[str] = mapped_column(String(20))
    #: Of the text as it was shown.
    sha256: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    user: Mapped[User] = relationship()


class BrokerAllowance(db.Model):
    """What one owner says of the broker: let in, or shut out again. The last word counts."""

    __tablename__ = "broker_allowance"

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    side: Mapped[Side] = mapped_column(enum_column(Side))
    allowed: Mapped[bool]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class ContactCard(db.Model):
    """Whom to call on one side; personal data, so that it can be changed and emptied."""

    __tablename__ = "contact_card"

    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(enum_column(Side), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)


class DisclosureView(db.Model):
    """One look of one person at what one side keeps confidential; its owner sees the list."""

    __tablename__ = "disclosure_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    side: Mapped[Side] = mapped_column(enum_column(Side))
    #: What was shown: ``confidential``, ``contact``.
    things: Mapped[list[str]] = mapped_column(JSON)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    user: Mapped[User] = relationship()
    organization: Mapped[Organization | None] = relationship()


for model in (Confirmation, BrokerAllowance, DisclosureView):
    make_append_only(model.__table__)
