"""Which need was given to whom, why, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.brokering.cases.states import State
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.listings.models import Need


class Case(db.Model):
    """One need in one broker's hands; handed back, it is another broker's next case."""

    __tablename__ = "broker_case"
    __table_args__ = (
        CheckConstraint(
            "(state IN ('offered', 'taken')) = (ended_at IS NULL)", name="ended_case_has_instant"
        ),
        Index("ix_broker_case_user_state", "user_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    state: Mapped[State] = mapped_column(enum_column(State), default=State.OFFERED)
    #: The need while the case lives, so that nobody else is given it.
    live_need_id: Mapped[int | None] = mapped_column(unique=True)
    #: Why this broker: field, region, load before it, and the weight of each.
    grounds: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    offered_at: Mapped[datetime] = mapped_column(Instant)
    #: Until when it has to be taken; then it goes to the next.
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Why it was handed back, in the broker's words.
    reason: Mapped[str] = mapped_column(Text, default="")

    need: Mapped[Need] = relationship()
    user: Mapped[User] = relationship()

    @property
    def key(self) -> str:
        """How notices and the audit name it."""
        return f"case/{self.id}"
