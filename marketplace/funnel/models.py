"""Which pairs were put before somebody, and since when: the first step of the funnel.

Lists of recommendations are kept for a season and shown lists for a year; that a pair was shown is
kept for good.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Instant, enum_column
from marketplace.extensions import db


class Channel(StrEnum):
    """Where a pair was seen."""

    PUSH = "push"
    LIST = "list"


class ShownPair(db.Model):
    """One need and one result that were shown to one of their owners or to whoever looked."""

    __tablename__ = "shown_pair"
    __table_args__ = (Index("ix_shown_pair_first_at", "channel", "first_at"),)

    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel), primary_key=True)
    first_at: Mapped[datetime] = mapped_column(Instant)
