"""The life of a case as one table."""

from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.brokering.cases.states import Action, State
from marketplace.lifecycle import Lifecycle, Move, says
from marketplace.permissions import Permission


@says(_l("您的备案不在有效状态，不能受理"))
def broker_is_in_good_standing(situation: Any) -> bool:
    """A suspended or expired broker takes nothing new (market.md, M06)."""
    return bool(situation.is_active)


_TAKE, _SHARE = Permission.TAKE_CASE, Permission.SHARE_OUT_CASES
CASE: Lifecycle[State, Action, Any] = Lifecycle(
    [
        Move(State.OFFERED, Action.TAKE, State.TAKEN, _TAKE, guards=(broker_is_in_good_standing,)),
        Move(State.OFFERED, Action.HAND_BACK, State.HANDED_BACK, _TAKE, needs_reason=True),
        Move(State.TAKEN, Action.HAND_BACK, State.HANDED_BACK, _TAKE, needs_reason=True),
        Move(State.OFFERED, Action.LAPSE, State.LAPSED, _SHARE),
        Move(State.TAKEN, Action.LAPSE, State.LAPSED, _SHARE),
        Move(State.OFFERED, Action.SERVE, State.SERVED, _SHARE),
        Move(State.TAKEN, Action.SERVE, State.SERVED, _SHARE),
    ]
)
