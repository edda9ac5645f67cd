"""What was issued: certificates, lists, and the digests of their files. No state is stored.

Whether a certificate is valid follows from its contract: the version that stands is valid, older
ones are superseded, and none is once the registration has ended. So at most one is valid, at once
with the change and not when some worker comes to it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.contracts.models import Contract
from marketplace.database import Instant
from marketplace.extensions import db
from marketplace.ledger.models import Position
from marketplace.ledger.triggers import make_append_only
from marketplace.working_days import local_day


class Certificate(db.Model):
    """登记证明 of one version of one contract; written once its file lies where it is kept."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("contract_id", "version", name="uq_certificate_of_version"),
        CheckConstraint("version >= 1", name="certificate_has_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    version: Mapped[int]
    #: The ledger entry that its receipt proves.
    position: Mapped[int] = mapped_column(Position, ForeignKey("ledger_entry.position"))
    #: The size of the signed head in its receipt.
    head_size: Mapped[int] = mapped_column(Position)
    #: 核对码, printed on it: whoever holds the certificate may ask about it.
    code: Mapped[str] = mapped_column(String(12))
    #: SHA-256 of the file.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime] = mapped_column(Instant)

    contract: Mapped[Contract] = relationship()


class RegistrationList(db.Model):
    """登记清单: several registrations of one seller; its file is made after it was asked for."""

    __tablename__ = "registration_list"
    __table_args__ = (
        CheckConstraint("(digest IS NULL) = (issued_at IS NULL)", name="issued_list_has_file"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The seller as the contracts name it.
    seller: Mapped[str] = mapped_column(String(200))
    #: Whether every contract reaches the threshold of large ones, or none does.
    large: Mapped[bool]
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    code: Mapped[str] = mapped_column(String(12))
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime | None] = mapped_column(Instant)

    lines: Mapped[list["ListLine"]] = relationship(
        lazy="selectin", order_by="ListLine.position", cascade="all, delete-orphan"
    )

    @property
    def number(self) -> str:
        """How people name it: ``QD``, the year and its own serial."""
        return f"QD{local_day(self.asked_at).year}{self.id:08d}"

    @property
    def key(self) -> str:
        """How audit and outbox name it."""
        return f"list/{self.id}"


class ListLine(db.Model):
    """One contract of a list, in the version that stood."""

    __tablename__ = "registration_list_line"

    list_id: Mapped[int] = mapped_column(ForeignKey("registration_list.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    version: Mapped[int]

    contract: Mapped[Contract] = relationship(lazy="joined")


for model in (Certificate, ListLine):
    make_append_only(model.__table__)
