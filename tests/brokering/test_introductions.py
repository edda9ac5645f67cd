"""From a proposal to an answer, and to its end."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.brokering import operations, queries
from marketplace.brokering.models import Introduction, Step
from marketplace.brokering.states import Action, Reason, Side, State
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, GuardFailed, IllegalMove, InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.notices.models import Notice, NoticeKind
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import PROPOSAL, Pair, move
from tests.factories import a_user


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def test_a_proposal_goes_to_the_other_side_and_waits_five_working_days(pair: Pair) -> None:
    introduction = pair.sent()
    told = db.session.scalars(select(Notice)).all()
    assert [(n.user_id, n.kind) for n in told] == [(pair.buyer.id, NoticeKind.INTRODUCTION_SENT)]
    assert introduction.state == State.SENT
    assert introduction.answer_due_at is not None
    assert introduction.answer_due_at - introduction.sent_at >= timedelta(days=5)


def test_a_yes_brings_both_into_contact_and_each_step_is_written_down(pair: Pair) -> None:
    introduction = pair.contacted()
    steps = db.session.scalars(select(Step).order_by(Step.id)).all()
    assert introduction.state == State.CONTACTED
    assert [(s.action, s.by_id) for s in steps] == [
        (Action.SEND, pair.seller.id),
        (Action.INTEREST, pair.buyer.id),
    ]


def test_where_a_broker_asks_both_sides_have_to_say_yes(pair: Pair) -> None:
    broker = a_user(Role.BROKER)
    introduction = pair.sent(broker)
    move(introduction, Action.INTEREST, pair.seller)
    assert introduction.state == State.SENT
    with pytest.raises(GuardFailed, match="已答复过"):
        move(introduction, Action.INTEREST, pair.seller)
    move(introduction, Action.INTEREST, pair.buyer)
    assert introduction.state == State.CONTACTED
    assert introduction.interested_sides == set(Side)


def test_a_question_is_answered_and_the_time_begins_anew(pair: Pair) -> None:
    introduction = pair.sent(now=utcnow() - timedelta(days=2))
    first_due = introduction.answer_due_at
    with pytest.raises(GuardFailed, match="补充"):
        move(introduction, Action.ASK, pair.buyer)
    move(introduction, Action.ASK, pair.buyer, words="处理量是多少？")
    move(introduction, Action.SUPPLY, pair.seller, words="每小时五十吨")
    assert introduction.state == State.SENT
    assert introduction.answer_due_at > first_due


def test_a_no_needs_a_reason_and_other_needs_words(pair: Pair) -> None:
    introduction = pair.sent()
    for said in ({}, {"reason": Reason.OTHER}):
        with pytest.raises(GuardFailed, match="原因"):
            move(introduction, Action.DECLINE, pair.buyer, **said)
    move(introduction, Action.DECLINE, pair.buyer, reason=Reason.PRICE)
    assert (introduction.state, introduction.lost_reason) == (State.DECLINED, Reason.PRICE)


def test_silence_past_the_deadline_is_an_expiry(pair: Pair) -> None:
    introduction = pair.sent(now=utcnow() - timedelta(days=30))
    with pytest.raises(GuardFailed, match="期限已过"):
        move(introduction, Action.INTEREST, pair.buyer)
    assert transact(lambda: operations.expire_unanswered(now=utcnow())) == 1
    assert (introduction.state, introduction.lost_reason) == (State.EXPIRED, Reason.NO_ANSWER)
    assert transact(lambda: operations.expire_unanswered(now=utcnow())) == 0


def test_a_pair_has_one_living_introduction(pair: Pair) -> None:
    first = pair.sent()
    second = pair.draft(pair.buyer)
    with pytest.raises(Conflict, match="已有进行中的对接"):
        move(second, Action.SEND, pair.buyer)
    move(first, Action.WITHDRAW, pair.seller)
    move(second, Action.SEND, pair.buyer)
    assert second.state == State.SENT


def test_an_empty_or_overlong_proposal_is_refused_by_its_box(pair: Pair) -> None:
    introduction = transact(
        lambda: operations.open_introduction(
            pair.need, pair.result, actor=pair.seller, now=utcnow()
        )
    )
    with pytest.raises(GuardFailed, match="下一步"):
        move(introduction, Action.SEND, pair.seller)
    boxes = PROPOSAL | {"price": "贵" * 101}
    with pytest.raises(InvalidInput) as refused:
        transact(
            lambda: operations.write(
                introduction, boxes, revision=1, actor=pair.seller, now=utcnow()
            )
        )
    assert list(refused.value.errors) == ["price"]


def test_strangers_neither_open_nor_see_nor_move(pair: Pair) -> None:
    stranger = a_user(Role.ENTERPRISE)
    introduction = pair.sent()
    with pytest.raises(NotFound):
        queries.load(introduction.id, stranger)
    with pytest.raises(Forbidden):
        move(introduction, Action.DECLINE, stranger, reason=Reason.PRICE)
    with pytest.raises(Forbidden):
        transact(
            lambda: operations.open_introduction(
                pair.need, pair.result, actor=stranger, now=utcnow()
            )
        )


def test_a_draft_is_seen_by_whoever_writes_it_alone(pair: Pair) -> None:
    draft = pair.draft(pair.seller)
    assert queries.of_user(pair.seller, 1).items == [draft]
    assert queries.of_user(pair.buyer, 1).items == []
    with pytest.raises(NotFound):
        queries.load(draft.id, pair.buyer)


def test_nobody_answers_their_own_proposal(pair: Pair) -> None:
    introduction = pair.sent()
    with pytest.raises(Forbidden):
        move(introduction, Action.INTEREST, pair.seller)


def test_talks_go_on_step_by_step_and_end_with_a_reason(pair: Pair) -> None:
    introduction = pair.contacted()
    with pytest.raises(IllegalMove):
        move(introduction, Action.AGREE, pair.seller)
    for action in (Action.MEET, Action.NEGOTIATE, Action.AGREE):
        move(introduction, action, pair.buyer)
    with pytest.raises(GuardFailed, match="原因"):
        move(introduction, Action.LOSE, pair.buyer)
    move(introduction, Action.LOSE, pair.buyer, reason=Reason.SCALE)
    assert introduction.ended_at is not None
    assert db.session.scalars(select(Introduction.live_pair)).all() == [None]


def test_the_contracts_case_alone_says_that_there_is_a_contract(pair: Pair) -> None:
    introduction = pair.contacted()
    with pytest.raises(Forbidden):
        move(introduction, Action.CONTRACT, pair.seller)

    def work() -> None:
        for action in (Action.CONTRACT, Action.REGISTER, Action.FALL_BACK):
            operations.follow(introduction, action, actor=pair.seller, now=utcnow(), contract_id=1)

    transact(work)
    assert introduction.state == State.AGREED
    assert introduction.steps[-1].facts == {"contract_id": 1}


def test_whoever_has_not_answered_is_reminded_once_a_day_before(pair: Pair) -> None:
    broker = a_user(Role.BROKER)
    introduction = pair.sent(broker)
    move(introduction, Action.INTEREST, pair.seller)
    eve = introduction.answer_due_at - timedelta(hours=20)
    assert transact(lambda: operations.remind_asked(now=eve - timedelta(days=1))) == 0
    assert transact(lambda: operations.remind_asked(now=eve)) == 1
    assert transact(lambda: operations.remind_asked(now=eve + timedelta(hours=1))) == 0
    told = select(Notice.user_id).where(Notice.kind == NoticeKind.INTRODUCTION_DUE)
    assert db.session.scalars(told).all() == [pair.buyer.id]
