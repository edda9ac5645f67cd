"""Which needs nobody serves, who has which case, and how much everybody has; no writes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.brokers.models import Broker
from marketplace.brokering.cases.models import Case
from marketplace.brokering.cases.sharing import Desk, Waiting
from marketplace.brokering.cases.states import LIVE, State
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import LIVE as LIVE_INTRODUCTIONS
from marketplace.brokering.states import State as IntroductionState
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.listings.lifecycle import State as ListingState
from marketplace.listings.models import Need
from marketplace.listings.queries import LARGEST_ID
from marketplace.permissions import Permission, permits
from marketplace.working_days import local_day

#: So many needs are shared out at once; what is left waits for the next day.
MOST_AT_ONCE = 2_000


def is_served() -> Any:
    """Somebody talks to the need's owner: an introduction of the need lives."""
    return exists().where(
        Introduction.need_id == Need.id, Introduction.state.in_(LIVE_INTRODUCTIONS)
    )


def _is_in_hand() -> Any:
    return exists().where(Case.live_need_id == Need.id)


def unserved(now: datetime) -> list[Waiting]:
    """Published needs without a living introduction and in no broker's hands, the oldest first."""
    columns = (Need.id, Need.organization_id, Need.field, Need.league, Need.published_at)
    rows = select(*columns).where(
        Need.state == ListingState.PUBLISHED, ~is_served(), ~_is_in_hand()
    )
    oldest = rows.order_by(Need.published_at, Need.id).limit(MOST_AT_ONCE)
    return [
        Waiting(key, owner, field, league, (now - since).days if since else 0)
        for key, owner, field, league, since in db.session.execute(oldest)
    ]


def count_unserved() -> int:
    """How many needs wait for a broker."""
    rows = select(func.count()).select_from(Need)
    waiting = rows.where(Need.state == ListingState.PUBLISHED, ~is_served(), ~_is_in_hand())
    return db.session.scalar(waiting) or 0


def desks(now: datetime) -> list[Desk]:
    """Every broker in good standing with what lies on the desk."""
    deals, cases, declined = _deals(), _cases(), _declined()
    return [
        Desk(
            user_id=broker.user_id,
            organization_id=broker.user.organization_id,
            fields=frozenset(broker.fields),
            regions=frozenset(broker.regions),
            load=deals[broker.user_id] + cases[broker.user_id],
            capacity=broker.capacity,
            declined=declined.get(broker.user_id, frozenset()),
        )
        for broker in brokers.recorded(local_day(now))
    ]


def _deals() -> Counter[int]:
    """Introductions under way by broker; what is paid asks for nothing more."""
    live = LIVE_INTRODUCTIONS - {IntroductionState.PAID}
    rows = select(Introduction.broker_id, func.count()).where(
        Introduction.broker_id.is_not(None), Introduction.state.in_(live)
    )
    counted = db.session.execute(rows.group_by(Introduction.broker_id))
    return Counter({user_id: count for user_id, count in counted if user_id is not None})


def _cases() -> Counter[int]:
    rows = select(Case.user_id, func.count()).where(Case.state.in_(LIVE)).group_by(Case.user_id)
    return Counter({user_id: count for user_id, count in db.session.execute(rows)})


def _declined() -> dict[int, frozenset[int]]:
    rows = select(Case.user_id, Case.need_id).where(
        Case.state.in_((State.HANDED_BACK, State.LAPSED))
    )
    found: dict[int, set[int]] = {}
    for user_id, need_id in db.session.execute(rows):
        found.setdefault(user_id, set()).add(need_id)
    return {user_id: frozenset(needs) for user_id, needs in found.items()}


@dataclass(frozen=True)
class Load:
    """What one broker has to do."""

    broker: Broker
    deals: int
    cases: int

    @property
    def free(self) -> int:
        """How much more fits."""
        return max(self.broker.capacity - self.deals - self.cases, 0)


def loads(now: datetime) -> list[Load]:
    """Every broker in good standing with what they have, the fullest first."""
    deals, cases = _deals(), _cases()
    found = [
        Load(broker, deals[broker.user_id], cases[broker.user_id])
        for broker in brokers.recorded(local_day(now))
    ]
    return sorted(found, key=lambda one: (one.free, one.broker.id))


def live_of(user_id: int) -> Sequence[Case]:
    """The cases in a broker's hands, those not taken yet first, by deadline."""
    rows = select(Case).where(Case.user_id == user_id, Case.state.in_(LIVE))
    ordered = rows.options(joinedload(Case.need)).order_by(Case.state, Case.due_at, Case.id)
    return db.session.scalars(ordered).all()


def latest(count: int) -> Sequence[Case]:
    """The last cases that were shared out, for the operator."""
    rows = select(Case).options(joinedload(Case.need), joinedload(Case.user))
    return db.session.scalars(rows.order_by(Case.id.desc()).limit(count)).all()


def load(case_id: int, user: Any) -> Case:
    """A case of the user's own; others get the same answer as for none at all."""
    found = db.session.get(Case, case_id) if case_id <= LARGEST_ID else None
    if found is None:
        raise NotFound()
    if not permits(user, Permission.TAKE_CASE, found):
        raise Hidden()
    return found


def to_end(now: datetime) -> Sequence[tuple[Case, bool]]:
    """Living cases that are over, each with whether its need is served or closed.

    The others were not taken in time, or their broker is in good standing no more.
    """
    active = {broker.user_id for broker in brokers.recorded(local_day(now))}
    rows = select(Case, is_served()).join(Need, Need.id == Case.need_id)
    found = []
    for case, served in db.session.execute(rows.where(Case.state.in_(LIVE)).order_by(Case.id)):
        settled = bool(served) or not case.need.is_open
        late = case.state == State.OFFERED and case.due_at < now
        if settled or late or case.user_id not in active:
            found.append((case, settled))
    return found
