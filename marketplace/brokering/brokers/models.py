"""A broker's record, its certificates and declarations."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.brokering.brokers.states import LEVELS, Level, State
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.ledger.triggers import make_append_only

#: So many deals and cases a broker works on at a time who has not said otherwise.
USUAL_CAPACITY = 8
MOST_CAPACITY = 100


class Broker(db.Model):
    """备案: one record for each person; what is public of it stands in the directory."""

    __tablename__ = "broker"
    __table_args__ = (
        CheckConstraint("capacity BETWEEN 0 AND 100", name="broker_capacity_within_bounds"),
        CheckConstraint(
            "state IN ('draft', 'applied') OR recorded_at IS NOT NULL",
            name="recorded_broker_has_instant",
        ),
        Index("ix_broker_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.DRAFT)
    revision: Mapped[int] = mapped_column(default=1)
    affiliation: Mapped[str] = mapped_column(String(200), default="")
    #: Codes of 技术领域, and of leagues; both are what cases are shared out by.
    fields: Mapped[list[str]] = mapped_column(JSON, default=list)
    regions: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity: Mapped[int] = mapped_column(default=USUAL_CAPACITY)
    #: Why it was returned, suspended or struck off, in the operator's words.
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    recorded_at: Mapped[datetime | None] = mapped_column(Instant)
    demonstration: Mapped[bool] = mapped_column(default=False)

    user: Mapped[User] = relationship()
    certificates: Mapped[list["BrokerCertificate"]] = relationship(
        cascade="all, delete-orphan", order_by="BrokerCertificate.id"
    )
    declarations: Mapped[list["BrokerDeclaration"]] = relationship(order_by="BrokerDeclaration.id")

    @property
    def key(self) -> str:
        """How notices and the audit name it."""
        return f"broker/{self.id}"

    @property
    def number(self) -> str:
        """``JJ000012``, what people say on the telephone."""
        return f"JJ{self.id:06d}"

    @property
    def declaration(self) -> "BrokerDeclaration | None":
        """The latest declaration of interests."""
        return self.declarations[-1] if self.declarations else None

    def valid_certificates(
        self, day: date, *, unverified: bool = False
    ) -> list["BrokerCertificate"]:
        """The certificates in force on ``day``: those that the operator has seen, or all."""
        return [
            one
            for one in self.certificates
            if one.issued_on <= day <= one.expires_on and (unverified or one.verified_at)
        ]

    def level(self, day: date) -> Level | None:
        """The highest grade in force on ``day``."""
        levels = [one.level for one in self.valid_certificates(day)]
        return max(levels, key=LEVELS.index, default=None)


class BrokerCertificate(db.Model):
    """One certificate; the file is kept by its digest and seen by its owner and the operator."""

    __tablename__ = "broker_certificate"
    __table_args__ = (
        UniqueConstraint("issuer", "number", name="uq_broker_certificate_number"),
        CheckConstraint("issued_on <= expires_on", name="certificate_expires_after_issue"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    broker_id: Mapped[int] = mapped_column(ForeignKey("broker.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(60))
    level: Mapped[Level] = mapped_column(enum_column(Level))
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    digest: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(Instant)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class BrokerDeclaration(db.Model):
    """利益冲突声明, as it was read and what was added to it; a new version is a new row."""

    __tablename__ = "broker_declaration"

    id: Mapped[int] = mapped_column(primary_key=True)
    broker_id: Mapped[int] = mapped_column(ForeignKey("broker.id"), index=True)
    version: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    #: Which organisations the broker has a stake in; empty: none.
    interests: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)


make_append_only(BrokerDeclaration.__table__)
