"""A need's texts and questions, and the answers that were offered; no writes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from marketplace.brokering.refinements.models import Refinement
from marketplace.brokering.refinements.questions import Question, questions_of
from marketplace.brokering.refinements.states import State
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.listings.columns import COLUMNS
from marketplace.listings.models import Need
from marketplace.listings.queries import LARGEST_ID
from marketplace.matchmaking.queries import matches_of
from marketplace.permissions import Permission, permits

MOST = 100


def texts_of(need: Need) -> dict[str, str]:
    """The text of every field, as the forms write it."""
    return {column.name: column.write(need) for column in COLUMNS[Need.kind]}


def asked(need: Need) -> list[Question]:
    """What the need leaves open now."""
    return questions_of(need, texts_of(need), matches_of(need))


def load(refinement_id: int, user: Any) -> Refinement:
    """Answers that ``user`` may see; others get the same answer as for none at all."""
    found = db.session.get(Refinement, refinement_id) if refinement_id <= LARGEST_ID else None
    if found is None:
        raise NotFound()
    if not permits(user, Permission.SEE_REFINEMENT, found):
        raise Hidden()
    return found


def open_of(need_id: int, user_id: int) -> Sequence[Refinement]:
    """What a person offered for a need and nobody decided yet."""
    rows = select(Refinement).where(
        Refinement.need_id == need_id,
        Refinement.user_id == user_id,
        Refinement.state == State.OFFERED,
    )
    return db.session.scalars(rows.order_by(Refinement.id)).all()


def concerning(user: Any) -> Sequence[Refinement]:
    """What one wrote, and what was offered to one's organisation, the latest first."""
    own = Refinement.user_id == user.id
    if user.organization_id is not None:
        own = own | (Need.organization_id == user.organization_id)
    rows = select(Refinement).join(Need, Need.id == Refinement.need_id).where(own)
    return db.session.scalars(rows.order_by(Refinement.id.desc()).limit(MOST)).all()
