"""What was recommended to whom, and every list that was shown."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.database import Instant
from marketplace.extensions import db
from marketplace.listings.models import Need, Result


class PushRun(db.Model):
    """One day's recommendations for everybody, made together; the latest run is the one shown."""

    __tablename__ = "push_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The day in the region's time; a day that is done again has a second run.
    day: Mapped[date] = mapped_column(index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    #: SHA-256 over the lists and all that decided them; see ``operations.Proposal.as_bytes``.
    digest: Mapped[str] = mapped_column(String(64))
    recipe: Mapped[str] = mapped_column(String(64))
    need_index: Mapped[str] = mapped_column(String(64))
    result_index: Mapped[str] = mapped_column(String(64))
    limits: Mapped[str] = mapped_column(String(64))
    #: How even and how good the lists are, ``before`` and ``after`` the limits were kept.
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)

    matches: Mapped[list["Match"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, back_populates="run"
    )


class Match(db.Model):
    """One need and one result put before both owners; the revisions are those that were matched."""

    __tablename__ = "match"
    __table_args__ = (
        db.UniqueConstraint("run_id", "need_id", "result_id", name="uq_match_run_pair"),
        db.Index("ix_match_run_result", "run_id", "result_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("push_run.id", ondelete="CASCADE"))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"))
    need_revision: Mapped[int]
    result_revision: Mapped[int]
    #: The calibrated probability that the pair is worth a contact, to six decimals.
    score: Mapped[float] = mapped_column(Double)

    run: Mapped[PushRun] = relationship(back_populates="matches")
    need: Mapped[Need] = relationship()
    result: Mapped[Result] = relationship()


class ShownList(db.Model):
    """A list as it was shown, once however often: the same list again is counted alone."""

    __tablename__ = "shown_list"

    #: SHA-256 over ``body``; what people call the list by begins with it.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: The key of the listing that asked, or ``text``: a visitor's own words are not kept.
    subject: Mapped[str] = mapped_column(String(40), index=True)
    against: Mapped[str] = mapped_column(String(16))
    recipe: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    first_shown_at: Mapped[datetime] = mapped_column(Instant)
    last_shown_at: Mapped[datetime] = mapped_column(Instant, index=True)
    times: Mapped[int] = mapped_column(default=1)
    #: When somebody first acted on a pair of it; such a list is kept for good.
    acted_on_at: Mapped[datetime | None] = mapped_column(Instant)
