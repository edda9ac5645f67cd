"""An introduction between the owner of a need and the owner of a result, and each step it took."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organization, User
from marketplace.brokering.states import OPEN, WON, Action, Party, Reason, Side, State
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.ledger.triggers import make_append_only
from marketplace.listings.models import Need, Result

#: The boxes of a proposal; together about 1,000 characters.
BOXES = {"offer": 300, "fit": 300, "evidence": 200, "price": 100, "next_step": 100}


class Introduction(db.Model):
    """对接: one need, one result, who brought them together, and where it stands.

    The owners are written down when it is opened: a listing may change hands, who was introduced
    does not.
    """

    __tablename__ = "introduction"
    __table_args__ = (
        CheckConstraint(
            "(broker_id IS NULL) = (opened_side IS NOT NULL)", name="opened_by_a_side_or_a_broker"
        ),
        CheckConstraint(
            "state = 'draft' OR sent_at IS NOT NULL OR state = 'withdrawn'",
            name="sent_introduction_has_instant",
        ),
        Index("ix_introduction_need_owner", "need_owner_id", "state"),
        Index("ix_introduction_result_owner", "result_owner_id", "state"),
        Index("ix_introduction_broker_state", "broker_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.DRAFT, index=True)
    revision: Mapped[int] = mapped_column(default=1)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), index=True)
    need_owner_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    result_owner_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    #: The side that opened it; none: a broker did, and both sides are asked.
    opened_side: Mapped[Side | None] = mapped_column(enum_column(Side))
    #: Who brokers it: whoever opened it as a broker.
    broker_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: ``need/result`` while it lives, so that one pair has one introduction at a time.
    live_pair: Mapped[str | None] = mapped_column(String(40), unique=True)

    offer: Mapped[str] = mapped_column(Text, default="")
    fit: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[str] = mapped_column(Text, default="")
    next_step: Mapped[str] = mapped_column(Text, default="")

    #: The list in which the pair was shown, and how: empty where nothing was shown before.
    shown_digest: Mapped[str | None] = mapped_column(ForeignKey("shown_list.digest"))
    match_recipe: Mapped[str] = mapped_column(String(64), default="")
    match_rank: Mapped[int | None]
    match_score: Mapped[float | None] = mapped_column(Double)
    #: The matcher's reasons as codes and concepts, kept to see which of them went with success.
    match_reasons: Mapped[list[str]] = mapped_column(JSON, default=list)

    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    #: Until when the asked side may answer; the sender sees it.
    answer_due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    contacted_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    lost_reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    #: 下一步: what has to happen next, by when; a broker's card may not lack it.
    todo: Mapped[str] = mapped_column(String(200), default="")
    todo_due_at: Mapped[datetime | None] = mapped_column(Instant)
    demonstration: Mapped[bool] = mapped_column(default=False)

    need: Mapped[Need] = relationship()
    result: Mapped[Result] = relationship()
    need_owner: Mapped[Organization] = relationship(foreign_keys=[need_owner_id])
    result_owner: Mapped[Organization] = relationship(foreign_keys=[result_owner_id])
    opened_by: Mapped[User] = relationship(foreign_keys=[opened_by_id])
    broker: Mapped[User | None] = relationship(foreign_keys=[broker_id])
    answers: Mapped[list["Answer"]] = relationship(order_by="Answer.id")
    steps: Mapped[list["Step"]] = relationship(order_by="Step.id")

    @property
    def key(self) -> str:
        """How notices, the audit and the outbox name it."""
        return f"introduction/{self.id}"

    @property
    def number(self) -> str:
        """``DJ000123``, what people say on the telephone."""
        return f"DJ{self.id:06d}"

    def owner_id(self, side: Side) -> int:
        """The organisation on ``side``."""
        return self.need_owner_id if side == Side.NEED else self.result_owner_id

    def side_of(self, organization_id: int | None) -> Side | None:
        """On which side an organisation stands; ``None`` for strangers."""
        return next((s for s in Side if self.owner_id(s) == organization_id), None)

    @property
    def is_in_talks(self) -> bool:
        """Both have said yes, and neither has ended it."""
        return self.state in OPEN | WON

    def party_of(self, user: Any) -> Party:
        """As whom ``user`` speaks; whoever works for a side speaks for it, also as its broker."""
        side = self.side_of(user.organization_id)
        return Party(side.value) if side else Party.BROKER

    @property
    def opening_side(self) -> Side:
        """The side that wrote the proposal; only where no broker did."""
        if self.opened_side is None:
            raise ValueError("a broker opened it")
        return self.opened_side

    @property
    def asked_sides(self) -> tuple[Side, ...]:
        """Who has to answer: the other side, or both where a broker asks."""
        return tuple(side for side in Side if side != self.opened_side)

    @property
    def interested_sides(self) -> frozenset[Side]:
        """Who has said yes to this proposal."""
        return frozenset(a.side for a in self.answers if a.side and a.action == Action.INTEREST)


class Answer(db.Model):
    """What one side said to a proposal, once for each time it was asked."""

    __tablename__ = "introduction_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    #: None: the broker
    side: Mapped[Side | None] = mapped_column(enum_column(Side))
    #: interest, ask, decline; or supply, by whoever opened it
    action: Mapped[Action] = mapped_column(enum_column(Action))
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    by: Mapped[User] = relationship()


class Step(db.Model):
    """One move of one introduction, with its time and its actor: what the funnel counts."""

    __tablename__ = "introduction_step"
    __table_args__ = (Index("ix_introduction_step_target", "target", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    action: Mapped[Action] = mapped_column(enum_column(Action))
    source: Mapped[State] = mapped_column(enum_column(State, "source"))
    target: Mapped[State] = mapped_column(enum_column(State, "target"))
    at: Mapped[datetime] = mapped_column(Instant)
    #: None: the system, by a deadline.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: The contract, the meeting or the ledger position that stands behind it.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    by: Mapped[User | None] = relationship()


for model in (Answer, Step):
    make_append_only(model.__table__)
