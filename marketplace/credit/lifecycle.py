"""The life of a behaviour record as one table (market.md, M05)."""

from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.credit.rules import months_after
from marketplace.credit.situation import Situation
from marketplace.credit.states import Action, State
from marketplace.lifecycle import Guard, Lifecycle, Move, says
from marketplace.permissions import Permission

DECIDE, OBJECT, AGE = (
    Permission.DECIDE_CREDIT,
    Permission.OBJECT_TO_CREDIT,
    Permission.AGE_CREDIT,
)


@says(_l("正面记录无须告知"))
def is_negative(s: Situation) -> bool:
    """What lowers the score is noticed first."""
    return not s.record.is_positive


@says(_l("负面记录须先告知，申辩期满后生效"))
def is_positive(s: Situation) -> bool:
    """What raises the score takes effect at once."""
    return s.record.is_positive


@says(_l("申辩期未满"))
def objection_period_has_passed(s: Situation) -> bool:
    """The last day of the objection period is over."""
    due = s.record.objection_due_on
    return due is not None and s.day > due


objection_period_runs = Guard(
    "objection_period_runs",
    _l("申辩期已过"),
    lambda s: not objection_period_has_passed.holds(s),
)


@says(_l("已经申辩过，决定见处理过程"))
def did_not_object_before(s: Situation) -> bool:
    """One objection for each record."""
    return not s.record.was_objected


@says(_l("请写明理由"))
def words_are_given(s: Situation) -> bool:
    """An objection, a request or a decision says why."""
    return bool(s.words.strip())


@says(_l("须由记录人以外的人决定"))
def decider_did_not_record_it(s: Situation) -> bool:
    """Whoever recorded a behaviour does not decide about it."""
    recorder = s.record.recorded_by_id
    return recorder is None or s.actor.id != recorder


@says(_l("这类记录不能修复，到期后不再计入"))
def kind_can_be_repaired(s: Situation) -> bool:
    """Some kinds only expire."""
    return s.rules.kinds[s.record.kind].repairable


@says(_l("生效未满规定的时间，还不能申请修复"))
def least_time_has_passed(s: Situation) -> bool:
    """Repair is asked for after the least time in effect."""
    since = s.record.effective_on
    return since is not None and s.day >= months_after(since, s.rules.repair.length)


@says(_l("请附上已经纠正的证明材料"))
def proof_is_handed_in(s: Situation) -> bool:
    """Repair is shown, not asserted."""
    return s.proof is not None


@says(_l("尚未到期"))
def term_has_passed(s: Situation) -> bool:
    """The day of expiry has come."""
    return s.record.expires_on is not None and s.day >= s.record.expires_on


def _move(
    source: State,
    action: Action,
    target: State,
    permission: Permission,
    *guards: Guard,
    when: Guard | None = None,
) -> Move[State, Action, Permission]:
    return Move(source, action, target, permission, False, when, guards)


_DECIDED = (words_are_given, decider_did_not_record_it)
_REPAIR = (is_negative, kind_can_be_repaired, least_time_has_passed, words_are_given)


def _rows() -> list[Move[State, Action, Permission]]:
    """The table: notice, objection, effect, repair, expiry; withdrawal from wherever it stands."""
    rows = [
        _move(State.COLLECTED, Action.TAKE_EFFECT, State.EFFECTIVE, AGE, is_positive),
        _move(State.COLLECTED, Action.NOTICE, State.NOTICED, AGE, is_negative),
        _move(
            State.NOTICED,
            Action.OBJECT,
            State.OBJECTED,
            OBJECT,
            objection_period_runs,
            did_not_object_before,
            words_are_given,
        ),
        _move(State.NOTICED, Action.TAKE_EFFECT, State.EFFECTIVE, AGE, objection_period_has_passed),
        _move(
            State.OBJECTED,
            Action.UPHOLD,
            State.EFFECTIVE,
            DECIDE,
            *_DECIDED,
            when=objection_period_has_passed,
        ),
        _move(
            State.OBJECTED,
            Action.UPHOLD,
            State.NOTICED,
            DECIDE,
            *_DECIDED,
            when=objection_period_runs,
        ),
        _move(State.OBJECTED, Action.DISMISS, State.REVOKED, DECIDE, *_DECIDED),
        _move(
            State.EFFECTIVE,
            Action.ASK_REPAIR,
            State.REPAIRING,
            OBJECT,
            *_REPAIR,
            proof_is_handed_in,
        ),
        _move(State.REPAIRING, Action.GRANT_REPAIR, State.REPAIRED, DECIDE, *_DECIDED),
        _move(State.REPAIRING, Action.REFUSE_REPAIR, State.EFFECTIVE, DECIDE, *_DECIDED),
        _move(State.EFFECTIVE, Action.EXPIRE, State.EXPIRED, AGE, term_has_passed),
        _move(State.REPAIRING, Action.EXPIRE, State.EXPIRED, AGE, term_has_passed),
    ]
    for source in (State.NOTICED, State.EFFECTIVE, State.REPAIRING):
        rows.append(_move(source, Action.REVOKE, State.REVOKED, DECIDE, *_DECIDED))
    for source in (State.NOTICED, State.OBJECTED, State.EFFECTIVE, State.REPAIRING):
        rows.append(_move(source, Action.LOSE_GROUND, State.REVOKED, AGE))
    return rows


RECORD: Lifecycle[State, Action, Any] = Lifecycle(_rows())
