"""What a person sees of an introduction before opening it: whose turn it is, and who is who."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.brokering.lifecycle import INTRODUCTION
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, Side, State
from marketplace.permissions import permits

#: Moves that a person makes by a button; meetings and agreements are confirmed by both sides, and
#: the contract's case says the rest.
BY_BUTTON = (
    Action.INTEREST, Action.ASK, Action.DECLINE, Action.SUPPLY, Action.WITHDRAW, Action.NEGOTIATE,
    Action.LOSE,
)  # fmt: skip
Turn = Callable[[Introduction, Any], Any]


def moves_of(introduction: Introduction, user: Any) -> tuple[Action, ...]:
    """The buttons that ``user`` is shown."""
    rows = INTRODUCTION.moves_from(introduction.state)
    allowed = {row.action for row in rows if permits(user, row.permission, introduction)}
    if introduction.side_of(user.organization_id) in introduction.interested_sides:
        allowed -= {Action.INTEREST}
    return tuple(action for action in BY_BUTTON if action in allowed)


def name_is_open(introduction: Introduction, side: Side, user: Any) -> bool:
    """Whether ``user`` learns who stands on ``side``: an anonymous owner is named by contact.

    A yes of both sides is the acceptance after which market.md's class V2 lets the name be seen.
    """
    listing = introduction.need if side == Side.NEED else introduction.result
    own = user.organization_id is not None and user.organization_id == introduction.owner_id(side)
    return not listing.anonymous or own or introduction.contacted_at is not None


def name_of(introduction: Introduction, side: Side, user: Any) -> str:
    """The organisation on ``side`` as ``user`` may call it."""
    owner = introduction.need_owner if side == Side.NEED else introduction.result_owner
    return owner.name if name_is_open(introduction, side, user) else _("匿名单位")


def _answering(introduction: Introduction, user: Any) -> Any:
    side = introduction.side_of(user.organization_id)
    waits = side in introduction.asked_sides and side not in introduction.interested_sides
    return _l("请在期限前答复") if waits else _l("等待对方答复")


def _supplying(introduction: Introduction, user: Any) -> Any:
    mine = Action.SUPPLY in moves_of(introduction, user)
    return _l("请补充对方要的说明") if mine else _l("等待对方补充说明")


#: State → what comes next, in the words of whoever looks.
NEXT: dict[State, Turn] = {
    State.DRAFT: lambda i, u: _l("写完后发出"),
    State.SENT: _answering,
    State.QUESTIONED: _supplying,
    State.CONTACTED: lambda i, u: _l("确认保密声明，约定会面"),
    State.MET: lambda i, u: _l("确认纪要，商定意向"),
    State.NEGOTIATING: lambda i, u: _l("商定意向，双方确认"),
    State.AGREED: lambda i, u: _l("登记合同"),
    State.CONTRACTED: lambda i, u: _l("等待合同登记"),
    State.REGISTERED: lambda i, u: _l("申报技术性收入"),
}


def next_step(introduction: Introduction, user: Any) -> str:
    """What has to happen next; empty where nothing does."""
    turn = NEXT.get(introduction.state)
    return str(turn(introduction, user)) if turn else ""
