"""Behaviour records with the steps they took, and the signs on the operator's list."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organization, User
from marketplace.credit.score import Standing
from marketplace.credit.states import (
    IN_EFFECT,
    POSITIVE,
    Action,
    Behaviour,
    SignKind,
    State,
    Verdict,
)
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.ledger.triggers import make_append_only


class BehaviourRecord(db.Model):
    """One verified behaviour of one organisation or one broker, with its source and its dates.

    The same behaviour from the same source is recorded once, however often it is collected.
    """

    __tablename__ = "credit_record"
    __table_args__ = (
        CheckConstraint(
            "(organization_id IS NULL) <> (user_id IS NULL)", name="record_has_one_subject"
        ),
        CheckConstraint(
            "state NOT IN ('effective', 'repairing', 'repaired', 'expired')"
            " OR (effective_on IS NOT NULL AND expires_on IS NOT NULL)",
            name="effective_record_has_days",
        ),
        CheckConstraint(
            "(state IN ('repaired', 'expired', 'revoked')) = (ended_on IS NOT NULL)",
            name="ended_record_has_day",
        ),
        CheckConstraint(
            "state NOT IN ('noticed', 'objected') OR objection_due_on IS NOT NULL",
            name="noticed_record_has_deadline",
        ),
        UniqueConstraint("organization_id", "kind", "source", name="uq_credit_of_organization"),
        UniqueConstraint("user_id", "kind", "source", name="uq_credit_of_user"),
        Index("ix_credit_record_state", "state", "objection_due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.COLLECTED)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    #: A broker, who is a person.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[Behaviour] = mapped_column(enum_column(Behaviour))
    #: ``contract/17``, ``contract/17/income/1``, ``introduction/3``; what a person recorded has its own.
    source: Mapped[str] = mapped_column(String(60), index=True)
    day: Mapped[date]
    #: What happened, where a person recorded it.
    words: Mapped[str] = mapped_column(Text, default="")
    #: Where it can be looked up: ``ledger/5``, ``step/12``, ``sign/3``.
    evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: The version of the credit rules under which it was recorded; it fixes the dates below.
    rules: Mapped[str] = mapped_column(String(16))
    #: None: derived by the system.
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    #: The last day of the objection period.
    objection_due_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    #: The first day on which it does not count any more.
    expires_on: Mapped[date | None] = mapped_column(index=True)
    ended_on: Mapped[date | None]

    organization: Mapped[Organization | None] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    recorded_by: Mapped[User | None] = relationship(foreign_keys=[recorded_by_id])
    steps: Mapped[list["RecordStep"]] = relationship(order_by="RecordStep.id")

    @property
    def key(self) -> str:
        """How notices and the audit name it."""
        return f"credit/{self.id}"

    @property
    def number(self) -> str:
        """``XY000123``, what people say on the telephone."""
        return f"XY{self.id:06d}"

    @property
    def is_positive(self) -> bool:
        """Whether it takes effect at once."""
        return self.kind in POSITIVE

    @property
    def is_effective(self) -> bool:
        """Whether everybody who is signed in may see it."""
        return self.state in IN_EFFECT

    @property
    def was_objected(self) -> bool:
        """Whether the subject has objected before."""
        return any(step.action == Action.OBJECT for step in self.steps)

    @property
    def subject_name(self) -> str:
        """Whose record it is."""
        if self.organization is not None:
            return self.organization.name
        return self.user.display_name if self.user is not None else ""

    @property
    def standing(self) -> Standing:
        """What the score needs of it."""
        return Standing(self.kind, self.day, self.effective_on, self.ended_on, self.expires_on)


class RecordStep(db.Model):
    """One move of one record: who, when, in which words, with which file."""

    __tablename__ = "credit_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("credit_record.id"), index=True)
    action: Mapped[Action] = mapped_column(enum_column(Action))
    source: Mapped[State] = mapped_column(enum_column(State, "source"))
    target: Mapped[State] = mapped_column(enum_column(State, "target"))
    at: Mapped[datetime] = mapped_column(Instant)
    #: None: the system, by a date or a source.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    words: Mapped[str] = mapped_column(Text, default="")
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_digest: Mapped[str] = mapped_column(String(64), default="")

    by: Mapped[User | None] = relationship()


class Sign(db.Model):
    """A pattern that may be gaming: a question to the operator, never a sanction by itself."""

    __tablename__ = "credit_sign"
    __table_args__ = (
        CheckConstraint(
            "(verdict = 'open') = (decided_at IS NULL)", name="judged_sign_has_instant"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What makes its repetition known: kind, parties and period.
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[SignKind] = mapped_column(enum_column(SignKind))
    #: Why within the kind: ``same_phone``, ``equal_sums`` …
    reason: Mapped[str] = mapped_column(String(40), default="")
    #: Names as they stand in the contracts.
    parties: Mapped[list[str]] = mapped_column(JSON)
    #: ``contract/17`` and ``introduction/3``.
    evidence: Mapped[list[str]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rules: Mapped[str] = mapped_column(String(16))
    found_at: Mapped[datetime] = mapped_column(Instant)
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict), default=Verdict.OPEN, index=True)
    words: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    decided_by: Mapped[User | None] = relationship()

    @property
    def audit_key(self) -> str:
        """How the audit and the evidence of records name it."""
        return f"sign/{self.id}"


make_append_only(RecordStep.__table__)
