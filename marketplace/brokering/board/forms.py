"""What the board's cards send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from flask_babel import gettext as _

from marketplace.brokering.board.queries import MOVES
from marketplace.brokering.forms import said
from marketplace.brokering.states import Action, Reason
from marketplace.errors import InvalidInput
from marketplace.ledger.entry import BEIJING
from marketplace.listings.cells import BadCell, day_of, text_of


@dataclass(frozen=True)
class Step:
    """What comes next, and until when."""

    todo: str
    due_at: datetime | None


@dataclass(frozen=True)
class CardMove:
    """A move of a card; ``step`` where the next one was named with it."""

    action: Action
    revision: int
    reason: Reason | None
    words: str
    step: Step | None


def step_of(form: Mapping[str, str]) -> Step:
    """The next step; its deadline is the end of a day in the region."""
    try:
        day = day_of(form.get("due", ""))
    except BadCell as fault:
        raise InvalidInput({"due": [str(fault)]}) from fault
    due = datetime.combine(day, time(23, 59, 59), BEIJING) if day else None
    return Step(text_of(form.get("todo", "")), due)


def move_of(form: Mapping[str, str]) -> CardMove:
    """The move that a card's button stands for."""
    name = form.get("action", "")
    if name not in MOVES:
        raise InvalidInput({"action": [_("没有这个操作")]})
    words, reason = said(form)
    revision = form.get("revision", "")
    return CardMove(
        Action(name),
        int(revision) if revision.isdecimal() and len(revision) < 10 else 0,
        reason,
        words,
        step_of(form) if form.get("todo", "").strip() else None,
    )
