"""What the buttons of a case send."""

from collections.abc import Mapping

from flask_babel import gettext as _

from marketplace.brokering.cases.states import Action
from marketplace.errors import InvalidInput
from marketplace.listings.cells import BadCell, bounded_text

REASON_LIMIT = 500


def move_of(form: Mapping[str, str]) -> tuple[Action, str]:
    """Take it or hand it back, with the reason; :class:`InvalidInput` names what is wrong."""
    name = form.get("action", "")
    if name not in (Action.TAKE, Action.HAND_BACK):
        raise InvalidInput({"action": [_("没有这个操作")]})
    try:
        return Action(name), bounded_text(form.get("reason", ""), REASON_LIMIT)
    except BadCell as fault:
        raise InvalidInput({"reason": [str(fault)]}) from fault
