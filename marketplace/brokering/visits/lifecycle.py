"""The life of a visit's record as one table."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.accounts.models import Organization
from marketplace.brokering.visits.models import Visit
from marketplace.brokering.visits.states import Action, State
from marketplace.lifecycle import Lifecycle, Move, says
from marketplace.permissions import Permission, Role


@dataclass(frozen=True)
class LinkHolder:
    """Whoever holds the link to an enterprise without an account: acts for it in this matter."""

    organization: Organization
    id: None = None
    role: Role = Role.ENTERPRISE

    @property
    def organization_id(self) -> int:
        """The enterprise."""
        return self.organization.id


@dataclass(frozen=True)
class Situation:
    """One attempt to answer one visit; ``person`` is whoever is logged in, or nobody."""

    visit: Visit
    person_id: int | None


@says(_l("走访记录须由企业自己确认，记录人不能代为确认"))
def answered_by_another(s: Situation) -> bool:
    """Who wrote it down does not confirm it."""
    return s.person_id != s.visit.user_id


VISIT: Lifecycle[State, Action, Any] = Lifecycle(
    [
        Move(
            State.WAITING,
            Action.CONFIRM,
            State.CONFIRMED,
            Permission.ANSWER_VISIT,
            guards=(answered_by_another,),
        ),
        Move(
            State.WAITING,
            Action.REFUSE,
            State.REFUSED,
            Permission.ANSWER_VISIT,
            guards=(answered_by_another,),
        ),
        Move(State.WAITING, Action.WITHDRAW, State.WITHDRAWN, Permission.SEE_VISIT),
    ]
)
