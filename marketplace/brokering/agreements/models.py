"""The agreement of an introduction: versions and consents are appended, never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.brokering.agreements.states import Condition, Payer
from marketplace.brokering.agreements.terms import Terms
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Side
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.ledger.triggers import make_append_only


class Agreement(db.Model):
    """What an introduction's parties agreed with its broker, version by version."""

    __tablename__ = "agreement"

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)

    introduction: Mapped[Introduction] = relationship()
    versions: Mapped[list["AgreementVersion"]] = relationship(
        back_populates="agreement", order_by="AgreementVersion.version"
    )
    commissions: Mapped[list["Commission"]] = relationship(order_by="Commission.id")

    @property
    def key(self) -> str:
        """How notices, the audit and the ledger name it."""
        return f"agreement/{self.id}"

    @property
    def latest(self) -> "AgreementVersion":
        """The last version that was offered."""
        return self.versions[-1]

    @property
    def in_force(self) -> "AgreementVersion | None":
        """The last version that everybody has confirmed."""
        return next((one for one in reversed(self.versions) if not one.missing), None)

    @property
    def need_owner_id(self) -> int:
        """The organisation on the need's side."""
        return self.introduction.need_owner_id

    @property
    def result_owner_id(self) -> int:
        """The organisation on the result's side."""
        return self.introduction.result_owner_id

    @property
    def sent_at(self) -> datetime | None:
        """Since when both sides know of the introduction."""
        return self.introduction.sent_at

    @property
    def broker_id(self) -> int | None:
        """Who brokers the introduction."""
        return self.introduction.broker_id

    @property
    def broker_ids(self) -> frozenset[int]:
        """Everybody among whom some version splits the commission."""
        return frozenset(row["user_id"] for one in self.versions for row in one.shares)


class AgreementVersion(db.Model):
    """One version: terms, payer, condition, and the split between brokers in basis points."""

    __tablename__ = "agreement_version"
    __table_args__ = (
        UniqueConstraint("agreement_id", "version", name="uq_agreement_version"),
        CheckConstraint("rate BETWEEN 0 AND 10000", name="commission_rate_within_whole"),
        CheckConstraint("floor >= 0", name="commission_floor_is_not_negative"),
        CheckConstraint("cap IS NULL OR cap >= floor", name="commission_cap_above_floor"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    version: Mapped[int]
    rate: Mapped[int]
    floor: Mapped[int] = mapped_column(BigInteger, default=0)
    cap: Mapped[int | None] = mapped_column(BigInteger)
    payer: Mapped[Payer] = mapped_column(enum_column(Payer))
    condition: Mapped[Condition] = mapped_column(enum_column(Condition))
    #: Rows of ``user_id``, ``name`` and ``share``; the introduction's broker first.
    shares: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text, default="")
    offered_at: Mapped[datetime] = mapped_column(Instant)
    offered_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    agreement: Mapped[Agreement] = relationship(back_populates="versions")
    offered_by: Mapped[User] = relationship()
    consents: Mapped[list["AgreementConsent"]] = relationship(order_by="AgreementConsent.id")

    @property
    def terms(self) -> Terms:
        """What the arithmetic takes."""
        return Terms(self.rate, self.floor, self.cap)

    @property
    def parties(self) -> tuple[str, ...]:
        """Who has to confirm: both sides, and every broker of the split."""
        return (*Side, *(f"broker/{row['user_id']}" for row in self.shares))

    @property
    def missing(self) -> tuple[str, ...]:
        """Who has not confirmed yet."""
        given = {consent.party for consent in self.consents}
        return tuple(party for party in self.parties if party not in given)


class AgreementConsent(db.Model):
    """One party's yes to one version."""

    __tablename__ = "agreement_consent"
    __table_args__ = (UniqueConstraint("version_id", "party", name="uq_agreement_consent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"))
    #: ``need``, ``result`` or ``broker/17``
    party: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    by: Mapped[User] = relationship()


class Commission(db.Model):
    """What fell due on one occasion of one contract, and where it stands in the ledger; in fen."""

    __tablename__ = "commission"
    __table_args__ = (
        UniqueConstraint(
            "agreement_id", "contract_id", "occasion", "number", name="uq_commission_occasion"
        ),
        CheckConstraint("fen >= 0 AND base >= 0", name="commission_fen_is_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    occasion: Mapped[Condition] = mapped_column(enum_column(Condition))
    #: The line of the income, or the version of the registration.
    number: Mapped[int]
    #: 登记编号 of the contract.
    local_no: Mapped[str] = mapped_column(String(16))
    base: Mapped[int] = mapped_column(BigInteger)
    fen: Mapped[int] = mapped_column(BigInteger)
    #: None where nothing fell due: the cap was reached before.
    position: Mapped[int | None] = mapped_column(BigInteger)
    reversed_position: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    reversed_at: Mapped[datetime | None] = mapped_column(Instant)

    version: Mapped[AgreementVersion] = relationship()


for model in (AgreementVersion, AgreementConsent):
    make_append_only(model.__table__)
