"""A broker's visits; no writes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from marketplace.brokering.visits.models import Visit
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.listings.queries import LARGEST_ID
from marketplace.permissions import Permission, permits

MOST = 200


def of_user(user_id: int) -> Sequence[Visit]:
    """What a broker has written down, the latest first."""
    rows = select(Visit).where(Visit.user_id == user_id)
    return db.session.scalars(rows.order_by(Visit.id.desc()).limit(MOST)).all()


def load(visit_id: int, user: Any) -> Visit:
    """A visit that ``user`` may see; others get the same answer as for none at all."""
    found = db.session.get(Visit, visit_id) if visit_id <= LARGEST_ID else None
    if found is None:
        raise NotFound()
    if not permits(user, Permission.SEE_VISIT, found):
        raise Hidden()
    return found


def to_answer(visit_id: int, user: Any) -> Visit:
    """A visit to the user's own enterprise, as a notice names it."""
    found = db.session.get(Visit, visit_id) if visit_id <= LARGEST_ID else None
    if found is None:
        raise NotFound()
    if not permits(user, Permission.ANSWER_VISIT, found):
        raise Hidden()
    return found
