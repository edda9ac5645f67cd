"""Pairs that look like the same listing, what the operator judged, and needs that are shared."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Double, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Instant, enum_column
from marketplace.extensions import db


class Verdict(StrEnum):
    """What the operator said about a pair."""

    SAME = "same"
    DIFFERENT = "different"


class LikePair(db.Model):
    """Two listings of one library that resemble each other; a verdict outlives every new search."""

    __tablename__ = "like_pair"
    __table_args__ = (
        db.UniqueConstraint("kind", "first_id", "second_id", name="uq_like_pair_pair"),
        CheckConstraint("first_id < second_id", name="like_pair_in_order"),
        CheckConstraint(
            "(verdict IS NULL) = (decided_at IS NULL)", name="like_pair_verdict_has_instant"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    first_id: Mapped[int]
    second_id: Mapped[int]
    #: The revisions that were compared: a verdict is about those texts.
    first_revision: Mapped[int]
    second_revision: Mapped[int]
    #: The share of the shorter text that the longer holds too, 0 to 1.
    resemblance: Mapped[float] = mapped_column(Double)
    found_at: Mapped[datetime] = mapped_column(Instant)
    verdict: Mapped[Verdict | None] = mapped_column(enum_column(Verdict))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class CommonNeed(db.Model):
    """A need that shares its problem with others: all of one group name the same ``lead_id``."""

    __tablename__ = "common_need"

    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), primary_key=True)
    #: The group's smallest need, by which pages name the group.
    lead_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
