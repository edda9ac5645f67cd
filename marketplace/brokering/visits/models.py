"""What was written down during a visit."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organization, User
from marketplace.brokering.visits.states import State
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.listings.models import Need


class Visit(db.Model):
    """One visit of one broker: a need that waits until the enterprise has said that it is theirs."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint(
            "(state = 'confirmed') = (need_id IS NOT NULL)", name="confirmed_visit_has_need"
        ),
        CheckConstraint(
            "(state = 'waiting') = (answered_at IS NULL)", name="answered_visit_has_instant"
        ),
        Index("ix_visit_user_state", "user_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    state: Mapped[State] = mapped_column(enum_column(State), default=State.WAITING)
    #: As it was typed; and the member of the market that it names, where there is one.
    company: Mapped[str] = mapped_column(String(200))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    visited_on: Mapped[date]
    region: Mapped[str] = mapped_column(String(6), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    photo: Mapped[str] = mapped_column(String(64), default="")
    photo_name: Mapped[str] = mapped_column(String(200), default="")
    #: In the link at hand; a new link has another, and the old one opens nothing any more.
    nonce: Mapped[str] = mapped_column(String(32))
    linked_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    #: None: whoever held the link.
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: What the enterprise confirmed, where it is not what was written down; or why it refused.
    answer: Mapped[str] = mapped_column(Text, default="")
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"))
    demonstration: Mapped[bool] = mapped_column(default=False)

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    organization: Mapped[Organization | None] = relationship()
    need: Mapped[Need | None] = relationship()

    @property
    def key(self) -> str:
        """How notices and the audit name it."""
        return f"visit/{self.id}"

    @property
    def needs_account(self) -> bool:
        """Whether the enterprise has members here: then one of them answers, not the link alone."""
        return self.organization is not None and bool(self.organization.users)
