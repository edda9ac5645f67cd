"""What the office writes in the course of a case: ticks, repairs, opinions, versions, receipts."""

from datetime import date, datetime
from enum import StrEnum
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
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from marketplace.contracts.states import State
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.ledger.models import Position


class Answer(StrEnum):
    """What a clerk ticks."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


class RequestKind(StrEnum):
    """What is asked of a registered or refused case."""

    CHANGE = "change"
    CANCEL = "cancel"
    REVOKE = "revoke"
    OBJECTION = "objection"


class NoticeKind(StrEnum):
    """Why somebody is written to."""

    RETURNED = "returned"
    SUPPLEMENT = "supplement"
    REFUSED = "refused"
    BENEFIT = "benefit"
    TAX = "tax"
    CREDIT = "credit"


class Record:
    """A row of the file that is written once."""

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)

    @declared_attr
    def contract_id(self) -> Mapped[int]:
        """The case."""
        return mapped_column(ForeignKey("contract.id", ondelete="CASCADE"), index=True)

    @declared_attr
    def by_id(self) -> Mapped[int | None]:
        """Who wrote it; none: the system."""
        return mapped_column(ForeignKey("user.id"))


class TypeTest(Record, db.Model):
    """One tick of the checklist, with the clause of the contract that proves it."""

    __tablename__ = "contract_type_test"
    __table_args__ = (UniqueConstraint("contract_id", "code", name="uq_contract_test"),)

    code: Mapped[str] = mapped_column(String(4))
    answer: Mapped[Answer] = mapped_column(enum_column(Answer))
    clause: Mapped[str] = mapped_column(Text, default="")
    rules: Mapped[str] = mapped_column(String(16))


class Repair(Record, db.Model):
    """One item of a list of repairs, and what the applicant answered."""

    __tablename__ = "contract_repair"

    round: Mapped[int]
    field: Mapped[str] = mapped_column(String(60), default="")
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")


class Refusal(Record, db.Model):
    """A coded ground, the words, and the place in the contract that shows it (L12)."""

    __tablename__ = "contract_refusal"

    code: Mapped[str] = mapped_column(String(4))
    text: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(String(300))


class Opinion(Record, db.Model):
    """An expert's opinion in writing."""

    __tablename__ = "contract_opinion"

    text: Mapped[str] = mapped_column(Text)
    in_favour: Mapped[bool]


class Request(Record, db.Model):
    """A change, cancellation, revocation or objection: asked, examined, decided by two persons."""

    __tablename__ = "contract_request"
    __table_args__ = (
        CheckConstraint(
            "decided_by_id IS NULL OR examined_by_id IS NULL OR decided_by_id <> examined_by_id",
            name="decided_by_another_than_examined",
        ),
        CheckConstraint(
            "(decided_at IS NULL) = (outcome = '')", name="decided_request_has_outcome"
        ),
    )

    kind: Mapped[RequestKind] = mapped_column(enum_column(RequestKind))
    #: The state to which the case returns where nothing changes.
    came_from: Mapped[State] = mapped_column(enum_column(State))
    reason: Mapped[str] = mapped_column(Text)
    #: The facts that shall hold instead, as ``snapshot.facts_of`` writes them.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    proof: Mapped[list[str]] = mapped_column(JSON, default=list)
    benefit_used: Mapped[bool] = mapped_column(default=False)
    examined_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    examined_at: Mapped[datetime | None] = mapped_column(Instant)
    opinion: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(16), default="")


class ContractVersion(Record, db.Model):
    """The registration as it stood: never changed, the next version stands beside it."""

    __tablename__ = "contract_version"
    __table_args__ = (
        UniqueConstraint("contract_id", "version", name="uq_contract_version"),
        CheckConstraint(
            "technology_amount >= 0 AND technology_amount <= deal_amount",
            name="version_technology_amount_within_deal_amount",
        ),
    )

    version: Mapped[int]
    rules: Mapped[str] = mapped_column(String(16))
    registered_on: Mapped[date]
    deal_amount: Mapped[int] = mapped_column(BigInteger)
    technology_amount: Mapped[int] = mapped_column(BigInteger)
    first_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    second_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The facts of its ledger entry, so that its reversal says the same with the other sign.
    entry: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Where its entry stands in the ledger.
    position: Mapped[int] = mapped_column(Position, ForeignKey("ledger_entry.position"))


class Notice(Record, db.Model):
    """What was written to whom, by reference to the case."""

    __tablename__ = "contract_notice"

    kind: Mapped[NoticeKind] = mapped_column(enum_column(NoticeKind))
    recipient: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)


class Flag(Record, db.Model):
    """A mark that an officer set on a case, with a word on why; one for each case."""

    __tablename__ = "contract_flag"
    __table_args__ = (UniqueConstraint("contract_id", name="uq_contract_flag"),)

    note: Mapped[str] = mapped_column(String(200))


class IncomeLine(db.Model):
    """技术性收入: one receipt, declared, then verified or returned; its state follows from those."""

    __tablename__ = "contract_income"
    __table_args__ = (
        UniqueConstraint("contract_id", "line", name="uq_income_line"),
        CheckConstraint("received > 0", name="receipt_is_positive"),
        CheckConstraint(
            "non_technical >= 0 AND non_technical <= received",
            name="non_technical_part_within_receipt",
        ),
        CheckConstraint(
            "verified_at IS NULL OR returned_at IS NULL", name="income_verified_or_returned"
        ),
        CheckConstraint(
            "(verified_at IS NULL) = (verified IS NULL)", name="verified_income_has_amount"
        ),
        CheckConstraint(
            "verified_by_id IS NULL OR verified_by_id <> declared_by_id",
            name="income_verified_by_another",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(
        ForeignKey("contract.id", ondelete="CASCADE"), index=True
    )
    line: Mapped[int]
    version: Mapped[int]
    received_on: Mapped[date]
    #: The invoice or voucher; unique as long as the line was not returned.
    voucher: Mapped[str] = mapped_column(String(60))
    live_voucher: Mapped[str | None] = mapped_column(String(60), unique=True)
    received: Mapped[int] = mapped_column(BigInteger)
    non_technical: Mapped[int] = mapped_column(BigInteger, default=0)
    verified: Mapped[int | None] = mapped_column(BigInteger)
    settlement: Mapped[str] = mapped_column(String(64), default="")
    reward_total: Mapped[int] = mapped_column(BigInteger, default=0)
    #: ``[{"name", "amount"}]``; names show to the applicant and the point alone.
    rewards: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    declared_at: Mapped[datetime] = mapped_column(Instant)
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    returned_at: Mapped[datetime | None] = mapped_column(Instant)
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    return_reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def status(self) -> str:
        """``declared``, ``verified`` or ``returned``."""
        if self.verified_at is not None:
            return "verified"
        return "returned" if self.returned_at is not None else "declared"
