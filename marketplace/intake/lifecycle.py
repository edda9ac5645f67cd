"""The life of a collected notice: it waits until a person decides; nothing becomes public by itself."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from marketplace.lifecycle import Lifecycle, Move
from marketplace.permissions import Permission


class State(StrEnum):
    """Where a collected notice stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    SPLIT = "split"
    MERGED = "merged"
    REJECTED = "rejected"


class Action(StrEnum):
    """What a person decides."""

    ACCEPT = "accept"
    SPLIT = "split"
    MERGE = "merge"
    REJECT = "reject"
    REOPEN = "reopen"


_TAKE_IN = Permission.TAKE_IN

NOTICE = Lifecycle(
    [
        #    source          action         target          permission
        Move(State.WAITING, Action.ACCEPT, State.ACCEPTED, _TAKE_IN),
        Move(State.WAITING, Action.SPLIT, State.SPLIT, _TAKE_IN),
        Move(State.WAITING, Action.MERGE, State.MERGED, _TAKE_IN),
        Move(State.WAITING, Action.REJECT, State.REJECTED, _TAKE_IN, needs_reason=True),
        Move(State.MERGED, Action.REOPEN, State.WAITING, _TAKE_IN),
        Move(State.REJECTED, Action.REOPEN, State.WAITING, _TAKE_IN),
    ]
)
#: What the states, the routes and the reasons are called on pages.
STATE_NAMES = {
    State.WAITING: _l("待处理"),
    State.ACCEPTED: _l("已采纳"),
    State.SPLIT: _l("已拆分采纳"),
    State.MERGED: _l("已并入"),
    State.REJECTED: _l("未采纳"),
}
#: What a notice may be instead of a technical need or result, for the reviewer to send on or refuse.
ROUTE_NAMES = {
    "people": _l("非技术需求：人才、用工"),
    "equipment": _l("非技术需求：设备采购"),
    "money": _l("非技术需求：融资"),
    "advertising": _l("非技术需求：广告"),
    "announcement": _l("通知公告，无具体需求"),
}
REASON_NAMES = {
    **ROUTE_NAMES,
    "duplicate": _l("与已有内容重复"),
    "outdated": _l("已过期"),
    "unclear": _l("内容不清"),
    "other": _l("其他"),
}
