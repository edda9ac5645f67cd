"""Where a set of answers stands."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class State(StrEnum):
    """What became of it."""

    OFFERED = "offered"
    DECIDED = "decided"
    OVERTAKEN = "overtaken"


class Action(StrEnum):
    """What moves it."""

    DECIDE = "decide"
    OVERTAKE = "overtake"


STATE_NAMES = {
    State.OFFERED: _l("待需求方决定"),
    State.DECIDED: _l("需求方已决定"),
    State.OVERTAKEN: _l("已被新的补充代替"),
}
