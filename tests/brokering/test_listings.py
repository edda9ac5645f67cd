"""A listing stands where the furthest of its introductions stands."""

import pytest
from flask import Flask

from marketplace import audit
from marketplace.brokering import operations
from marketplace.brokering.states import Action, Reason
from marketplace.database import utcnow
from marketplace.listings.lifecycle import State
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.factories import a_result


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def states(pair: Pair) -> tuple[State, State]:
    return pair.need.state, pair.result.state


def follow(introduction, *actions: Action) -> None:
    def work() -> None:
        for action in actions:
            operations.follow(introduction, action, actor=introduction.opened_by, now=utcnow())

    transact(work)


def test_contact_puts_both_in_talks_and_the_last_end_takes_them_out(pair: Pair) -> None:
    first = pair.sent()
    assert states(pair) == (State.PUBLISHED, State.PUBLISHED)
    move(first, Action.INTEREST, pair.buyer)
    assert states(pair) == (State.IN_TALKS, State.IN_TALKS)
    former, pair.result = pair.result, a_result(pair.seller.organization)
    pair.contacted()
    move(first, Action.LOSE, pair.buyer, reason=Reason.PRICE)
    assert former.state == State.PUBLISHED
    assert states(pair) == (State.IN_TALKS, State.IN_TALKS)


def test_a_contract_settles_both_and_a_cancelled_one_opens_them_again(pair: Pair) -> None:
    introduction = pair.contacted()
    follow(introduction, Action.CONTRACT)
    assert states(pair) == (State.CONTRACTED, State.CONTRACTED)
    follow(introduction, Action.REGISTER, Action.FALL_BACK)
    assert states(pair) == (State.IN_TALKS, State.IN_TALKS)
    moves = [e for e in audit.entries_of(pair.need.key) if e.tag == audit.Tag.LISTING_MOVED]
    assert [e.facts["to"] for e in moves] == ["in_talks", "contracted", "published", "in_talks"]


def test_what_was_withdrawn_meanwhile_stays_withdrawn(pair: Pair) -> None:
    introduction = pair.contacted()
    transact(lambda: setattr(pair.need, "state", State.WITHDRAWN))
    move(introduction, Action.LOSE, pair.buyer, reason=Reason.PRICE)
    assert states(pair) == (State.WITHDRAWN, State.PUBLISHED)


def test_a_deal_by_hand_is_not_taken_back_by_another_introductions_end(pair: Pair) -> None:
    introduction = pair.contacted()
    transact(lambda: setattr(pair.result, "state", State.CONTRACTED))
    move(introduction, Action.LOSE, pair.buyer, reason=Reason.PRICE)
    assert states(pair) == (State.PUBLISHED, State.CONTRACTED)
