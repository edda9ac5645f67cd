"""Who does a piece of the background work: one holder at a time, for a limited time.

A holder that dies costs the rest of its time and nothing else: its work is done again from the
outbox by whoever takes the lease next. A worker that starts again under its old name has the
lease at once.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Instant
from marketplace.extensions import db


class Lease(db.Model):
    """That ``holder`` does ``name`` until ``until``."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    #: Since when this holder has it without a break.
    taken_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)


class Hold(StrEnum):
    """What comes of asking for a lease."""

    REFUSED = "refused"
    PROLONGED = "prolonged"
    NEW = "new"


def take(name: str, holder: str, *, now: datetime, lasts: timedelta) -> Hold:
    """Take or prolong the lease, unless another holds it."""
    until = now + lasts
    held = update(Lease).where(Lease.name == name).returning(Lease.name)
    if db.session.scalar(held.where(Lease.holder == holder).values(until=until)) is not None:
        return Hold.PROLONGED
    fresh = {"holder": holder, "taken_at": now, "until": until}
    if db.session.scalar(held.where(Lease.until < now).values(**fresh)) is not None:
        return Hold.NEW
    if db.session.get(Lease, name, populate_existing=True) is not None:
        return Hold.REFUSED
    try:
        with db.session.begin_nested():
            db.session.add(Lease(name=name, **fresh))
    except IntegrityError:  # of two that begin together one was first
        return Hold.REFUSED
    return Hold.NEW


def give_back(name: str, holder: str) -> None:
    """Let others begin at once."""
    db.session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))


def held() -> list[Lease]:
    """Every lease, by name."""
    return list(db.session.scalars(select(Lease).order_by(Lease.name)))
