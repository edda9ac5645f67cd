"""What is asked about introductions; no writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from marketplace.brokering.models import Introduction
from marketplace.brokering.states import AWAITING, OPEN, WON, State
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.listings.lifecycle import State as ListingState
from marketplace.listings.models import Listing, Need
from marketplace.listings.queries import LARGEST_ID
from marketplace.paging import Page, paged
from marketplace.permissions import Permission, permits


def load(introduction_id: int, user: Any) -> Introduction:
    """An introduction that ``user`` may see; others get the same answer as for none at all."""
    known = introduction_id <= LARGEST_ID
    found = db.session.get(Introduction, introduction_id) if known else None
    if found is None:
        raise NotFound(_("没有找到这次对接"))
    if not permits(user, Permission.SEE_INTRODUCTION, found):
        raise Hidden(_("没有找到这次对接"))
    return found


def visible_to(user: Any) -> Select[Any]:
    """The introductions that ``user`` may see: their side's, once sent, and their own drafts."""
    organization = user.organization_id or 0
    side = or_(
        Introduction.need_owner_id == organization, Introduction.result_owner_id == organization
    )
    own = Introduction.opened_side.is_not(None) & (
        ((Introduction.opened_side == "need") & (Introduction.need_owner_id == organization))
        | ((Introduction.opened_side == "result") & (Introduction.result_owner_id == organization))
    )
    sent = side & Introduction.sent_at.is_not(None)
    return select(Introduction).where(or_(Introduction.broker_id == (user.id or 0), own, sent))


def of_user(user: Any, number: int) -> Page:
    """A page of all that ``user`` may see, the latest change first."""
    whole = visible_to(user).options(
        selectinload(Introduction.need),
        selectinload(Introduction.result),
        selectinload(Introduction.need_owner),
        selectinload(Introduction.result_owner),
        selectinload(Introduction.answers),
    )
    latest = whole.order_by(Introduction.updated_at.desc(), Introduction.id.desc())
    return paged(latest, number)


def overdue(now: datetime) -> Sequence[Introduction]:
    """Waiting for an answer past the deadline."""
    late = select(Introduction).where(
        Introduction.state.in_(AWAITING), Introduction.answer_due_at < now
    )
    # Held, so that an answer of this instant is seen before silence is written down.
    return db.session.scalars(late.order_by(Introduction.id).with_for_update(of=Introduction)).all()


def nearly_due(now: datetime, until: datetime) -> Sequence[Introduction]:
    """Waiting for an answer whose deadline lies between the two instants."""
    near = select(Introduction).where(
        Introduction.state == State.SENT, Introduction.answer_due_at.between(now, until)
    )
    return db.session.scalars(near.order_by(Introduction.id)).all()


def live_of_pair(need_id: int, result_id: int) -> Introduction | None:
    """The one introduction of a pair that lives."""
    pair = f"{need_id}/{result_id}"
    return db.session.scalar(select(Introduction).where(Introduction.live_pair == pair))


def draft_of(user: Any, need_id: int, result_id: int) -> Introduction | None:
    """The draft for a pair that ``user`` has begun."""
    begun = select(Introduction).where(
        Introduction.need_id == need_id,
        Introduction.result_id == result_id,
        Introduction.state == State.DRAFT,
        Introduction.opened_by_id == user.id,
    )
    return db.session.scalars(begun.order_by(Introduction.id)).first()


def standing_of(listing: Listing) -> ListingState:
    """Where the introductions of a listing say that it stands: the furthest of them decides."""
    column = Introduction.need_id if listing.kind == Need.kind else Introduction.result_id
    states = set(db.session.scalars(select(Introduction.state).where(column == listing.id)))
    if states & WON:
        return ListingState.CONTRACTED
    return ListingState.IN_TALKS if states & OPEN else ListingState.PUBLISHED
