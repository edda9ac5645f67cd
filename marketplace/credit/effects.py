"""What a move does beside the change of state: dates that it fixes, and who is told."""

from collections.abc import Callable

from marketplace.accounts.models import User
from marketplace.credit.models import BehaviourRecord
from marketplace.credit.rules import months_after
from marketplace.credit.situation import Situation
from marketplace.credit.states import Action, State
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import members_of, tell
from marketplace.working_days import current_calendar

Effect = Callable[[Situation, State], None]


def notice(s: Situation, target: State) -> None:
    """The objection period begins, and the subject is told of the record and of its last day."""
    s.record.objection_due_on = current_calendar().after(s.day, s.rules.objection.length)
    _tell(s, NoticeKind.CREDIT_NOTICED, "noticed")


def take_effect(s: Situation, target: State) -> None:
    """From today it counts; of a negative record, the term runs from here."""
    record = s.record
    record.effective_on = s.day
    begins = record.day if record.is_positive else s.day
    record.expires_on = months_after(begins, s.rules.kinds[record.kind].months)
    if not record.is_positive:
        _tell(s, NoticeKind.CREDIT_DECIDED, "effective")


def uphold(s: Situation, target: State) -> None:
    """The objection was heard; where its period is over, the record takes effect now."""
    if target == State.EFFECTIVE:
        take_effect(s, target)
    else:
        decide(s, target)


def end(s: Situation, target: State) -> None:
    """From today it does not count any more."""
    s.record.ended_on = s.day
    if not s.record.is_positive:
        decide(s, target)


def expire(s: Situation, target: State) -> None:
    """It ended on the day of its expiry, however late that is written down."""
    s.record.ended_on = s.record.expires_on


def decide(s: Situation, target: State) -> None:
    """The subject is told that something was decided."""
    _tell(s, NoticeKind.CREDIT_DECIDED, f"decided/{len(s.record.steps)}")


def nothing(s: Situation, target: State) -> None:
    """The step itself says all; it waits on the operator's list."""


def people_of(record: BehaviourRecord) -> list[User]:
    """Who is told of a record: the members of the organisation, or the broker."""
    if record.organization_id is not None:
        return members_of(record.organization_id)
    return [record.user] if record.user is not None else []


def _tell(s: Situation, kind: NoticeKind, event: str) -> None:
    once = f"{s.record.key}/{event}"
    tell(people_of(s.record), kind, s.record.key, once=once, now=s.now, number=s.record.number)


EFFECTS: dict[Action, Effect] = {
    Action.NOTICE: notice,
    Action.TAKE_EFFECT: take_effect,
    Action.OBJECT: nothing,
    Action.UPHOLD: uphold,
    Action.DISMISS: end,
    Action.ASK_REPAIR: nothing,
    Action.GRANT_REPAIR: end,
    Action.REFUSE_REPAIR: decide,
    Action.EXPIRE: expire,
    Action.REVOKE: end,
    Action.LOSE_GROUND: end,
}
