"""What a move does beside the change of state: one function for each action, all in view."""

from collections.abc import Callable
from datetime import datetime, time

from flask_babel import gettext as _

from marketplace.accounts.models import User
from marketplace.brokering import queries
from marketplace.brokering.models import Answer, Introduction
from marketplace.brokering.receipts.entries import enter
from marketplace.brokering.situation import Situation
from marketplace.brokering.states import Action, Reason, Side, State
from marketplace.errors import Conflict
from marketplace.ledger.entry import BEIJING
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import members_of, tell
from marketplace.working_days import current_calendar, local_day

Effect = Callable[[Situation, State], None]
#: Working days within which the asked side answers.
ANSWER_DAYS = 5


def answer_due(now: datetime) -> datetime:
    """The end of the fifth working day after ``now``, in the region's time."""
    day = current_calendar().after(local_day(now), ANSWER_DAYS)
    return datetime.combine(day, time(23, 59, 59), BEIJING)


def send(s: Situation, target: State) -> None:
    """The deadline begins; the asked sides are told."""
    introduction = s.introduction
    if queries.live_of_pair(introduction.need_id, introduction.result_id) is not None:
        raise Conflict(_("这一对需求与成果已有进行中的对接"))
    introduction.sent_at, introduction.answer_due_at = s.now, answer_due(s.now)
    tell_sides(s, NoticeKind.INTRODUCTION_SENT, introduction.asked_sides)


def answer(s: Situation, target: State) -> None:
    """What a side said is kept; a full yes is contact, which the ledger keeps for both and broker."""
    _keep(s, Action.INTEREST)
    if target == State.CONTACTED:
        s.introduction.contacted_at = s.now
        s.introduction.answer_due_at = None
        enter(s.introduction, now=s.now)
    _tell_opener(s)


def ask(s: Situation, target: State) -> None:
    """The question goes to whoever opened it; the time for the answer begins anew."""
    _keep(s, Action.ASK)
    s.introduction.answer_due_at = answer_due(s.now)
    _tell_opener(s)


def supply(s: Situation, target: State) -> None:
    """The words go to the asked sides, whose time begins anew."""
    _keep(s, Action.SUPPLY)
    s.introduction.answer_due_at = answer_due(s.now)
    tell_sides(s, NoticeKind.INTRODUCTION_ANSWERED, s.introduction.asked_sides)


def decline(s: Situation, target: State) -> None:
    """No, with a reason that counts."""
    _keep(s, Action.DECLINE)
    s.introduction.lost_reason = s.reason
    s.introduction.answer_due_at = None
    _tell_opener(s)


def expire(s: Situation, target: State) -> None:
    """Silence is a reason, too."""
    s.introduction.lost_reason = Reason.NO_ANSWER
    _tell_all(s)


def withdraw(s: Situation, target: State) -> None:
    """Whoever was asked learns that nothing is asked any more."""
    if s.introduction.sent_at is not None:
        _tell_all(s)


def move_on(s: Situation, target: State) -> None:
    """Everybody concerned but the actor is told."""
    _tell_all(s)


def lose(s: Situation, target: State) -> None:
    """Why it came to nothing."""
    s.introduction.lost_reason = s.reason
    _tell_all(s)


def _keep(s: Situation, action: Action) -> None:
    said = {"side": s.side, "action": action, "reason": s.reason, "words": s.words}
    row = Answer(introduction_id=s.introduction.id, at=s.now, by_id=s.actor.id, **said)
    s.introduction.answers.append(row)


def people_of(introduction: Introduction) -> list[User]:
    """The members of both sides and the broker."""
    sides = [u for side in Side for u in members_of(introduction.owner_id(side))]
    return sides + ([introduction.broker] if introduction.broker else [])


def tell_sides(s: Situation, kind: NoticeKind, sides: tuple[Side, ...]) -> None:
    """Tell the members of ``sides``."""
    users = [u for side in sides for u in members_of(s.introduction.owner_id(side))]
    _tell(s, kind, users)


def _tell_opener(s: Situation) -> None:
    opened = s.introduction.opened_side
    owner = s.introduction.owner_id(opened) if opened else None
    users = members_of(owner) if owner else [s.introduction.opened_by]
    _tell(s, NoticeKind.INTRODUCTION_ANSWERED, users)


def _tell_all(s: Situation) -> None:
    actor_id = getattr(s.actor, "id", None)
    users = [user for user in people_of(s.introduction) if user.id != actor_id]
    _tell(s, NoticeKind.INTRODUCTION_MOVED, users)


def _tell(s: Situation, kind: NoticeKind, users: list[User]) -> None:
    once = f"{s.introduction.key}/{kind}/{s.introduction.revision}"
    tell(users, kind, s.introduction.key, once=once, now=s.now)


EFFECTS: dict[Action, Effect] = {
    Action.SEND: send,
    Action.INTEREST: answer,
    Action.ASK: ask,
    Action.SUPPLY: supply,
    Action.DECLINE: decline,
    Action.EXPIRE: expire,
    Action.WITHDRAW: withdraw,
    Action.MEET: move_on,
    Action.NEGOTIATE: move_on,
    Action.AGREE: move_on,
    Action.CONTRACT: move_on,
    Action.REGISTER: move_on,
    Action.VERIFY_INCOME: move_on,
    Action.LOSE: lose,
    Action.FALL_BACK: move_on,
}
