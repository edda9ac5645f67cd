"""Where a case stands."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class State(StrEnum):
    """Where a need stands that was given to a broker."""

    OFFERED = "offered"
    TAKEN = "taken"
    HANDED_BACK = "handed_back"
    LAPSED = "lapsed"
    SERVED = "served"


class Action(StrEnum):
    """What moves a case."""

    TAKE = "take"
    HAND_BACK = "hand_back"
    LAPSE = "lapse"
    SERVE = "serve"


STATE_NAMES = {
    State.OFFERED: _l("待受理"),
    State.TAKEN: _l("已受理"),
    State.HANDED_BACK: _l("已交回"),
    State.LAPSED: _l("逾期收回"),
    State.SERVED: _l("已有对接"),
}
#: With a broker; a need has at most one such case.
LIVE = frozenset({State.OFFERED, State.TAKEN})
