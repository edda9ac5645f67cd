"""Answers to what a need left open, field by field, and what its owner said to each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.brokering.refinements.states import State
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.listings.models import Need


class Refinement(db.Model):
    """One set of answers by one person."""

    __tablename__ = "refinement"
    __table_args__ = (
        CheckConstraint(
            "(state = 'decided') = (decided_at IS NOT NULL)", name="decided_refinement_has_instant"
        ),
        Index("ix_refinement_need_state", "need_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.OFFERED)
    #: The revision of the need that was asked about.
    need_revision: Mapped[int]
    #: What was asked and answered, as it was read.
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    offered_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    need: Mapped[Need] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    fields: Mapped[list["RefinedField"]] = relationship(
        cascade="all, delete-orphan", order_by="RefinedField.id"
    )

    @property
    def key(self) -> str:
        """How notices and the audit name it."""
        return f"refinement/{self.id}"

    @property
    def organization_id(self) -> int:
        """Whose need it is."""
        return self.need.organization_id


class RefinedField(db.Model):
    """One field of the need: its text, the text proposed, and what was decided."""

    __tablename__ = "refined_field"

    id: Mapped[int] = mapped_column(primary_key=True)
    refinement_id: Mapped[int] = mapped_column(ForeignKey("refinement.id"), index=True)
    name: Mapped[str] = mapped_column(String(30))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    #: None: not decided.
    accepted: Mapped[bool | None]
