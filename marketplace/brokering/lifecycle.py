"""The life of an introduction as one table."""

from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.brokering.situation import Situation
from marketplace.brokering.states import Action, State
from marketplace.lifecycle import Guard, Lifecycle, Move, says
from marketplace.permissions import Permission

SEND, ANSWER = Permission.SEND_INTRODUCTION, Permission.ANSWER_INTRODUCTION
ADVANCE, FOLLOW = Permission.ADVANCE_INTRODUCTION, Permission.FOLLOW_CONTRACT


@says(_l("请写明您提供什么、为什么合适和下一步"))
def proposal_is_written(s: Situation) -> bool:
    """What is offered, why it fits and what comes next are in words."""
    return all(getattr(s.introduction, box).strip() for box in ("offer", "fit", "next_step"))


@says(_l("需求或成果已不在对接期，不能再发起对接"))
def listings_are_open(s: Situation) -> bool:
    """Both listings look for a partner."""
    return s.introduction.need.is_open and s.introduction.result.is_open


@says(_l("双方不能是同一单位"))
def owners_differ(s: Situation) -> bool:
    """Nobody is introduced to themselves."""
    return s.introduction.need_owner_id != s.introduction.result_owner_id


@says(_l("经纪人尚未备案、证书到期或已暂停，不能发起新的对接"))
def broker_is_in_good_standing(s: Situation) -> bool:
    """A suspended or expired broker opens no new deal (market.md, M06)."""
    return s.introduction.broker_id is None or s.broker_is_active


@says(_l("答复期限已过"))
def answer_is_in_time(s: Situation) -> bool:
    """The deadline that the sender sees has not passed."""
    due = s.introduction.answer_due_at
    return due is None or s.now <= due


@says(_l("答复期限未到"))
def deadline_has_passed(s: Situation) -> bool:
    """Only silence past the deadline is an expiry."""
    return not answer_is_in_time.holds(s)


@says(_l("您已答复过，请等待另一方"))
def side_has_not_answered(s: Situation) -> bool:
    """One yes for each side."""
    return s.side is not None and s.side not in s.introduction.interested_sides


@says(_l("请写明需要对方补充什么"))
def words_are_given(s: Situation) -> bool:
    """A question, or an answer to one, in words."""
    return bool(s.words.strip())


@says(_l("请选择未成的原因"))
def reason_is_coded(s: Situation) -> bool:
    """One of the coded reasons; 其他 needs words."""
    return s.reason is not None and (s.reason != s.reason.OTHER or bool(s.words.strip()))


@says(_l("还有一方没有答复"))
def everybody_agrees(s: Situation) -> bool:
    """With this yes, every asked side has said yes."""
    asked = set(s.introduction.asked_sides)
    return asked <= s.introduction.interested_sides | {s.side}


others_are_awaited = Guard(
    "others_are_awaited", _l("双方都已答复"), lambda s: not everybody_agrees.holds(s)
)


def _move(
    source: State,
    action: Action,
    target: State,
    permission: Permission,
    *guards: Guard,
    when: Guard | None = None,
) -> Move[State, Action, Permission]:
    return Move(source, action, target, permission, False, when, guards)


def _rows() -> list[Move[State, Action, Permission]]:
    """The table: proposal, answer, talks, and what the contract's case says."""
    opening = (owners_differ, proposal_is_written, listings_are_open, broker_is_in_good_standing)
    yes = (answer_is_in_time, side_has_not_answered)
    rows = [
        _move(State.DRAFT, Action.SEND, State.SENT, SEND, *opening),
        _move(State.DRAFT, Action.WITHDRAW, State.WITHDRAWN, SEND),
        _move(State.SENT, Action.INTEREST, State.CONTACTED, ANSWER, *yes, when=everybody_agrees),
        _move(State.SENT, Action.INTEREST, State.SENT, ANSWER, *yes, when=others_are_awaited),
        _move(State.SENT, Action.ASK, State.QUESTIONED, ANSWER, answer_is_in_time, words_are_given),
        _move(State.QUESTIONED, Action.SUPPLY, State.SENT, SEND, words_are_given),
    ]
    for source in (State.SENT, State.QUESTIONED):
        rows += [
            _move(source, Action.DECLINE, State.DECLINED, ANSWER, reason_is_coded),
            _move(source, Action.EXPIRE, State.EXPIRED, FOLLOW, deadline_has_passed),
            _move(source, Action.WITHDRAW, State.WITHDRAWN, SEND),
        ]
    for source, action, target in TALKS:
        rows.append(_move(source, action, target, ADVANCE))
    for source in (State.CONTACTED, State.MET, State.NEGOTIATING, State.AGREED):
        rows.append(_move(source, Action.LOSE, State.LOST, ADVANCE, reason_is_coded))
        rows.append(_move(source, Action.CONTRACT, State.CONTRACTED, FOLLOW))
    return rows + [
        _move(State.CONTRACTED, Action.REGISTER, State.REGISTERED, FOLLOW),
        _move(State.REGISTERED, Action.VERIFY_INCOME, State.PAID, FOLLOW),
        _move(State.CONTRACTED, Action.FALL_BACK, State.AGREED, FOLLOW),
        _move(State.REGISTERED, Action.FALL_BACK, State.AGREED, FOLLOW),
        _move(State.PAID, Action.FALL_BACK, State.AGREED, FOLLOW),
    ]


TALKS: tuple[tuple[State, Action, State], ...] = (
    (State.CONTACTED, Action.MEET, State.MET),
    (State.MET, Action.NEGOTIATE, State.NEGOTIATING),
    (State.CONTACTED, Action.NEGOTIATE, State.NEGOTIATING),
    (State.MET, Action.AGREE, State.AGREED),
    (State.NEGOTIATING, Action.AGREE, State.AGREED),
)
INTRODUCTION: Lifecycle[State, Action, Any] = Lifecycle(_rows())
