"""Needs that nobody serves: shared out by field, region and load, taken, handed back."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.models import Console
from marketplace.brokering.cases import operations, pairs, queries
from marketplace.brokering.cases.models import Case
from marketplace.brokering.cases.sharing import Desk, Waiting, share_out
from marketplace.brokering.cases.states import Action, State
from marketplace.database import utcnow
from marketplace.errors import Forbidden, InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.listings.models import Need, Result
from marketplace.matchmaking.models import Match, PushRun
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import Pair
from tests.factories import a_need, a_result, a_user


def need(number: int, field: str = "05", league: str = "150200", days: int = 0) -> Waiting:
    return Waiting(number, 1000 + number, field, league, days)


def desk(user: int, fields: str = "05", regions: str = "150200", **facts: object) -> Desk:
    values = {"load": 0, "capacity": 3} | facts
    return Desk(user, None, fields.split(), regions.split(), **values)


def test_field_counts_more_than_region() -> None:
    shares = share_out([need(1)], [desk(7, fields="09"), desk(8, regions="150100")])
    assert [(share.need_id, share.user_id) for share in shares] == [(1, 8)]
    assert shares[0].grounds["field"] == 6 and shares[0].grounds["region"] == 0


def test_the_only_broker_of_a_rare_field_is_kept_for_it() -> None:
    rare = desk(7, fields="05 08", capacity=1)
    shares = share_out([need(1), need(2, field="08", league="150700")], [rare, desk(8)])
    assert {share.need_id: share.user_id for share in shares} == {1: 8, 2: 7}


def test_load_is_even_and_never_above_capacity() -> None:
    needs = [need(n) for n in range(1, 7)]
    shares = share_out(needs, [desk(7, load=2, capacity=4), desk(8, load=0, capacity=4)])
    given_to = [share.user_id for share in shares]
    assert (given_to.count(7), given_to.count(8)) == (2, 4)


def test_nobody_is_given_what_they_declined_or_what_fits_nowhere() -> None:
    declined = desk(7, declined=frozenset({1}))
    assert share_out([need(1), need(2, field="09", league="150700")], [declined]) == []
    own = Desk(7, 1001, ["05"], ["150200"], 0, 3)
    assert share_out([need(1)], [own]) == []


def test_with_too_little_room_the_longest_waiting_goes_first() -> None:
    shares = share_out([need(1, days=2), need(2, days=40)], [desk(7, capacity=1)])
    assert [share.need_id for share in shares] == [2]


CODES = st.sampled_from(["01", "05", "07"])
LEAGUES = st.sampled_from(["150100", "150200"])


@given(
    st.lists(st.tuples(CODES, LEAGUES), max_size=8),
    st.lists(
        st.tuples(st.sets(CODES), st.sets(LEAGUES), st.integers(0, 4), st.integers(0, 4)),
        max_size=4,
    ),
)
def test_no_need_twice_nobody_over_capacity_everything_fits(needs: list, brokers: list) -> None:
    waiting = [need(n, field, league) for n, (field, league) in enumerate(needs)]
    desks = [Desk(n, None, f, r, load, most) for n, (f, r, load, most) in enumerate(brokers)]
    shares = share_out(waiting, desks)
    by_id = {one.need_id: one for one in waiting}
    assert len({share.need_id for share in shares}) == len(shares)
    for one in desks:
        assert sum(share.user_id == one.user_id for share in shares) <= one.room
    for share in shares:
        one, where = by_id[share.need_id], desks[share.user_id]
        assert one.field in where.fields or one.league in where.regions


def share() -> list[Case]:
    return transact(lambda: operations.share(actor=Console(), now=utcnow()))


def moved(case: Case, action: Action, actor: object, reason: str = "") -> None:
    transact(lambda: operations.move(case, action, actor=actor, now=utcnow(), reason=reason))


def test_an_unserved_need_goes_to_a_broker_and_not_to_a_second(app: Flask) -> None:
    broker = a_user(Role.BROKER)
    waiting = a_need(field="05", region="150200")
    (case,) = share()
    assert (case.need_id, case.user_id, case.state) == (waiting.id, broker.id, State.OFFERED)
    assert share() == []
    assert queries.count_unserved() == 0


def test_what_is_handed_back_goes_to_another(app: Flask) -> None:
    first, second = a_user(Role.BROKER), a_user(Role.BROKER)
    a_need(field="05", region="150200")
    (case,) = share()
    holder, other = (first, second) if case.user_id == first.id else (second, first)
    with pytest.raises(InvalidInput):
        moved(case, Action.HAND_BACK, holder)
    moved(case, Action.HAND_BACK, holder, "没有这方面的成果")
    (again,) = share()
    assert again.user_id == other.id
    moved(again, Action.HAND_BACK, other, "也没有")
    assert share() == []


def test_what_nobody_takes_in_time_is_taken_back(app: Flask) -> None:
    a_user(Role.BROKER)
    a_need(field="05", region="150200")
    (case,) = share()
    transact(lambda: setattr(case, "due_at", utcnow() - timedelta(days=1)))
    assert transact(lambda: operations.end_what_is_over(now=utcnow())) == 1
    assert case.state == State.LAPSED


def test_a_case_is_served_once_its_need_is_talked_about(app: Flask) -> None:
    broker, pair = a_user(Role.BROKER), Pair()
    transact(lambda: setattr(pair.need, "field", "05"))
    (case,) = share()
    moved(case, Action.TAKE, broker)
    pair.sent(broker)
    transact(lambda: operations.end_what_is_over(now=utcnow()))
    assert case.state == State.SERVED


def test_a_case_is_the_brokers_own(app: Flask) -> None:
    a_user(Role.BROKER)
    stranger = a_user(Role.ENTERPRISE)
    a_need(field="05", region="150200")
    (case,) = share()
    with pytest.raises(NotFound):
        queries.load(case.id, stranger)
    with pytest.raises(Forbidden):
        moved(case, Action.TAKE, stranger)


def test_the_pages_take_and_hand_back(app: Flask, client: FlaskClient, log_in) -> None:
    broker = a_user(Role.BROKER)
    a_need(field="05", region="150200", title="高温窑炉耐材开裂")
    (case,) = share()
    log_in(broker)
    assert "高温窑炉耐材开裂" in client.get("/broker/cases").text
    client.post(f"/broker/cases/{case.id}/move", data={"action": "take"})
    assert case.state == State.TAKEN
    answer = client.post(f"/broker/cases/{case.id}/move", data={"action": "hand_back"})
    assert answer.status_code == 422 and "交回的原因" in answer.text
    client.post(f"/broker/cases/{case.id}/move", data={"action": "hand_back", "reason": "太远"})
    assert case.state == State.HANDED_BACK


def a_run(*listed: tuple[Need, Result, float]) -> None:
    def work() -> None:
        run = PushRun(
            day=utcnow().date(), made_at=utcnow(), digest="0" * 64, recipe="", need_index="",
            result_index="", limits="", figures={},
        )  # fmt: skip
        run.matches = [
            Match(need=n, result=r, need_revision=1, result_revision=1, score=score)
            for n, r, score in listed
        ]
        db.session.add(run)

    transact(work)


def test_the_days_pairs_are_of_ones_fields_and_regions_and_not_tried(
    app: Flask, client: FlaskClient, log_in
) -> None:
    broker = a_user(Role.BROKER)
    mine = a_need(field="05", region="150200", title="本领域的需求"), a_result()
    far = a_need(field="05", region="150700"), a_result(region="150700")
    other = a_need(field="09", region="150200"), a_result()
    served = Pair()
    transact(lambda: setattr(served.need, "field", "05"))
    served.sent(broker)
    a_run((*mine, 0.8), (*far, 0.9), (*other, 0.9), (served.need, served.result, 0.95))
    from_record = queries.brokers.of_user(broker.id)
    assert from_record is not None
    assert [(m.need, m.result) for m in pairs.todays_for(from_record)] == [mine]
    log_in(broker)
    page = client.get("/broker/pairs").text
    assert "本领域的需求" in page
    assert f"/introductions/new?need={mine[0].id}&amp;result={mine[1].id}" in page


def test_the_operator_sees_the_load_and_shares_out(app: Flask, client: FlaskClient, log_in) -> None:
    broker = a_user(Role.BROKER)
    a_need(field="05", region="150200")
    log_in(a_user(Role.OPERATOR))
    assert client.post("/operator/cases/share").status_code == 302
    assert broker.display_name in client.get("/operator/cases").text
    (load,) = queries.loads(utcnow())
    assert (load.cases, load.free) == (1, 7)
