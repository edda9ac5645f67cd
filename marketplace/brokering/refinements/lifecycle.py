"""The life of a set of answers as one table."""

from typing import Any

from marketplace.brokering.refinements.states import Action, State
from marketplace.lifecycle import Lifecycle, Move
from marketplace.permissions import Permission

REFINEMENT: Lifecycle[State, Action, Any] = Lifecycle(
    [
        Move(State.OFFERED, Action.DECIDE, State.DECIDED, Permission.EDIT_LISTING),
        Move(State.OFFERED, Action.OVERTAKE, State.OVERTAKEN, Permission.REFINE_NEED),
    ]
)
