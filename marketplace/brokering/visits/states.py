"""Where a visit's record stands."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class State(StrEnum):
    """What became of what was written down."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What moves it."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


STATE_NAMES = {
    State.WAITING: _l("待企业确认"),
    State.CONFIRMED: _l("企业已确认"),
    State.REFUSED: _l("企业未认可"),
    State.WITHDRAWN: _l("已撤回"),
}
