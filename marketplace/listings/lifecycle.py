"""The life of a listing, one table for needs and results."""

from enum import StrEnum

from marketplace.lifecycle import Lifecycle, Move
from marketplace.permissions import Permission


class State(StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"
    IN_TALKS = "in_talks"
    CONTRACTED = "contracted"
    SOLVED = "solved"
    CLOSED = "closed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What moves a listing."""

    SUBMIT = "submit"
    RETURN = "return"
    PUBLISH = "publish"
    START_TALKS = "start_talks"
    END_TALKS = "end_talks"
    CONTRACT = "contract"
    SOLVE = "solve"
    CLOSE = "close"
    CONFIRM = "confirm"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


#: Stands in the public library. A contracted listing stays visible so that it can be cited.
PUBLIC = frozenset({State.PUBLISHED, State.IN_TALKS, State.CONTRACTED, State.SOLVED})
#: Open to be matched: whoever looks for a partner wants partners that are free.
OPEN = frozenset({State.PUBLISHED, State.IN_TALKS})
#: The owner may change the text; a published text changes only by way of withdrawal.
EDITABLE = frozenset({State.DRAFT, State.RETURNED, State.WITHDRAWN})

_EDIT, _REVIEW = Permission.EDIT_LISTING, Permission.REVIEW_LISTING

LISTING = Lifecycle(
    [
        #    source           action               target            permission
        Move(State.DRAFT, Action.SUBMIT, State.SUBMITTED, _EDIT),
        Move(State.RETURNED, Action.SUBMIT, State.SUBMITTED, _EDIT),
        Move(State.WITHDRAWN, Action.SUBMIT, State.SUBMITTED, _EDIT),
        Move(State.SUBMITTED, Action.PUBLISH, State.PUBLISHED, _REVIEW),
        Move(State.SUBMITTED, Action.RETURN, State.RETURNED, _REVIEW, needs_reason=True),
        Move(State.SUBMITTED, Action.WITHDRAW, State.WITHDRAWN, _EDIT),
        Move(State.PUBLISHED, Action.START_TALKS, State.IN_TALKS, _EDIT),
        Move(State.PUBLISHED, Action.WITHDRAW, State.WITHDRAWN, _EDIT),
        Move(State.PUBLISHED, Action.CONFIRM, State.PUBLISHED, _EDIT),
        Move(State.PUBLISHED, Action.EXPIRE, State.EXPIRED, _REVIEW),
        Move(State.PUBLISHED, Action.CLOSE, State.CLOSED, _REVIEW, needs_reason=True),
        Move(State.IN_TALKS, Action.END_TALKS, State.PUBLISHED, _EDIT),
        Move(State.IN_TALKS, Action.CONTRACT, State.CONTRACTED, _EDIT),
        Move(State.IN_TALKS, Action.WITHDRAW, State.WITHDRAWN, _EDIT),
        Move(State.CONTRACTED, Action.SOLVE, State.SOLVED, _EDIT),
        Move(State.CONTRACTED, Action.END_TALKS, State.PUBLISHED, _EDIT),
        Move(State.EXPIRED, Action.CONFIRM, State.PUBLISHED, _EDIT),
        Move(State.EXPIRED, Action.WITHDRAW, State.WITHDRAWN, _EDIT),
        Move(State.EXPIRED, Action.CLOSE, State.CLOSED, _REVIEW, needs_reason=True),
    ]
)
