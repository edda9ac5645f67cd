"""The board: where cards stand, what comes first, and how they move."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.brokering import operations
from marketplace.brokering.board import queries
from marketplace.brokering.board.columns import Column
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, Reason, State
from marketplace.database import utcnow
from marketplace.errors import Forbidden, InvalidInput
from marketplace.paging import PER_PAGE
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.factories import a_user


@pytest.fixture
def broker(app: Flask) -> User:
    return a_user(Role.BROKER)


def contacted(broker: User, pair: Pair | None = None) -> Introduction:
    pair = pair or Pair()
    introduction = pair.sent(broker)
    move(introduction, Action.INTEREST, pair.seller)
    return move(introduction, Action.INTEREST, pair.buyer)


def plan(introduction: Introduction, broker: User, days: int, todo: str = "约见面") -> None:
    due = utcnow() + timedelta(days=days)
    transact(lambda: operations.plan(introduction, todo, due, actor=broker, now=utcnow()))


def test_the_overdue_come_first_then_who_lacks_a_step_then_by_deadline(broker: User) -> None:
    late, lacking, soon, later = (contacted(broker) for _ in range(4))
    plan(later, broker, 9)
    plan(soon, broker, 2)
    plan(late, broker, -1)
    cards = queries.board_of(broker, now=utcnow())[Column.CONTACTED]
    assert [card.introduction for card in cards] == [late, lacking, soon, later]
    assert [card.is_overdue for card in cards] == [True, False, False, False]
    assert [card.lacks_todo for card in cards] == [False, True, False, False]


def test_an_unanswered_proposal_is_late_by_the_answers_deadline(broker: User) -> None:
    Pair().sent(broker, now=utcnow() - timedelta(days=30))
    (card,) = queries.board_of(broker, now=utcnow())[Column.NEW]
    assert card.is_overdue


def test_every_state_has_one_column(broker: User) -> None:
    introduction = contacted(broker)
    columns = {State.CONTACTED: Column.CONTACTED}
    for action, column in (
        (Action.MEET, Column.MET),
        (Action.NEGOTIATE, Column.NEGOTIATING),
        (Action.AGREE, Column.NEGOTIATING),
    ):
        move(introduction, action, broker)
        columns[introduction.state] = column
    for action, column in (
        (Action.CONTRACT, Column.CONTRACT),
        (Action.REGISTER, Column.REGISTERED),
        (Action.VERIFY_INCOME, Column.PAID),
    ):
        transact(
            lambda step=action: operations.follow(introduction, step, actor=broker, now=utcnow())
        )
        columns[introduction.state] = column
        board = queries.board_of(broker, now=utcnow())
        assert [c.introduction for c in board[column]] == [introduction]
    assert len(columns) == 7


def test_what_was_to_be_done_is_named_anew_after_a_move(broker: User) -> None:
    introduction = contacted(broker)
    plan(introduction, broker, 3)
    move(introduction, Action.MEET, broker)
    assert (introduction.todo, introduction.todo_due_at) == ("", None)


def test_a_next_step_has_words_and_a_deadline(broker: User) -> None:
    introduction = contacted(broker)
    with pytest.raises(InvalidInput) as refused:
        transact(lambda: operations.plan(introduction, " ", None, actor=broker, now=utcnow()))
    assert set(refused.value.errors) == {"todo", "due"}


def test_the_parties_do_not_plan_the_brokers_work(broker: User) -> None:
    pair = Pair()
    introduction = contacted(broker, pair)
    with pytest.raises(Forbidden):
        plan(introduction, pair.buyer, 3)


def test_a_card_is_moved_and_planned_in_one_form(broker: User, client: FlaskClient, log_in) -> None:
    introduction = contacted(broker)
    log_in(broker)
    page = client.get("/broker/board").text
    assert introduction.need.title in page and introduction.result.title in page
    assert "缺下一步" in page
    said = {"action": "meet", "revision": introduction.revision}
    said |= {"todo": "送样到现场", "due": "2099-01-01"}
    answer = client.post(f"/broker/board/{introduction.id}/move", data=said)
    assert (
        answer.headers["Location"]
        == f"/broker/board?column=met&at={introduction.id}#card-{introduction.id}"
    )
    assert (introduction.state, introduction.todo) == (State.MET, "送样到现场")


def test_a_refused_move_shows_the_card_with_what_was_typed(
    broker: User, client: FlaskClient, log_in
) -> None:
    introduction = contacted(broker)
    log_in(broker)
    said = {"action": "lose", "revision": introduction.revision, "reason": "other", "words": ""}
    answer = client.post(f"/broker/board/{introduction.id}/move", data=said)
    assert answer.status_code == 409 and "原因" in answer.text
    assert introduction.state == State.CONTACTED
    stale = client.post(
        f"/broker/board/{introduction.id}/move", data={"action": "meet", "revision": 1}
    )
    assert stale.status_code == 409 and "已被修改" in stale.text
    bad = {"todo": "约见面谈价格", "due": "月底"}
    answer = client.post(f"/broker/board/{introduction.id}/todo", data=bad)
    assert answer.status_code == 422 and "约见面谈价格" in answer.text


def test_a_lost_card_keeps_its_reason(broker: User, client: FlaskClient, log_in) -> None:
    introduction = contacted(broker)
    log_in(broker)
    said = {"action": "lose", "revision": introduction.revision, "reason": "price"}
    client.post(f"/broker/board/{introduction.id}/move", data=said)
    assert (introduction.state, introduction.lost_reason) == (State.LOST, Reason.PRICE)


def test_another_brokers_card_is_not_there(broker: User, client: FlaskClient, log_in) -> None:
    introduction = contacted(a_user(Role.BROKER))
    log_in(broker)
    assert introduction.need_owner.name not in client.get("/broker/board").text
    said = {"action": "meet", "revision": introduction.revision}
    answer = client.post(f"/broker/board/{introduction.id}/move", data=said)
    assert answer.status_code == 404 and introduction.state == State.CONTACTED


def test_the_home_page_sums_the_board_up(broker: User, client: FlaskClient, log_in) -> None:
    late = contacted(broker)
    plan(late, broker, -2, "回电话")
    log_in(broker)
    page = client.get("/broker").text
    assert "回电话" in page and "逾期" in page
    summary = queries.summary_of(broker, now=utcnow())
    assert summary.counts[Column.CONTACTED] == 1 and summary.unread >= 1


def test_an_anonymous_owner_has_no_name_for_the_broker_before_contact(
    client: FlaskClient, log_in, broker: User
) -> None:
    pair = Pair()
    transact(lambda: setattr(pair.need, "anonymous", True))
    introduction = pair.sent(broker)
    buyer, name = pair.buyer, pair.buyer.organization.name
    pages = ("/broker/board", "/broker", f"/agreements/{introduction.id}")
    log_in(broker)
    for page in pages:
        text = client.get(page).text
        assert introduction.number in text and name not in text, page
    for user in (pair.seller, buyer):
        move(introduction, Action.INTEREST, user)
    assert name in client.get("/broker/board").text
    assert name in client.get(f"/agreements/{introduction.id}").text


def test_a_full_column_shows_the_most_urgent_and_leads_to_the_rest(
    broker: User, client: FlaskClient, log_in
) -> None:
    first = Pair()
    late = [Pair(first.buyer, first.seller).sent(broker) for _more in range(PER_PAGE + 3)]
    plan(late[-1], broker, -1)
    log_in(broker)
    page = client.get("/broker/board").text
    assert page.count("data-card") == PER_PAGE and "其余 3 件" in page
    assert page.index(late[-1].number) < page.index(late[0].number)
    rest = client.get("/broker/board?column=new&page=2").text
    assert rest.count("data-card") == 3 and late[-2].number in rest
    assert f"card-{late[-2].id}" in client.get(f"/broker/board?at={late[-2].id}").text
    bad = client.post(f"/broker/board/{late[-2].id}/todo", data={"todo": "约见面", "due": "月底"})
    assert bad.status_code == 422 and "约见面" in bad.text


def test_a_long_list_of_introductions_comes_in_pages(
    broker: User, client: FlaskClient, log_in
) -> None:
    first = Pair()
    sent = [Pair(first.buyer, first.seller).sent(broker) for _more in range(PER_PAGE + 3)]
    log_in(first.buyer)
    page, rest = (client.get(f"/introductions?page={n}").text for n in (1, 2))
    assert sent[-1].number in page and sent[0].number not in page
    assert sent[0].number in rest and f'<span class="count">{len(sent)}</span>' in rest
    assert sent[0].number in client.get("/introductions?page=99999999999999999999").text
