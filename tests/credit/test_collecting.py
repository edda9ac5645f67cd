"""Records are derived from ledger and introductions, and deriving them again adds nothing."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.brokering import operations as brokering
from marketplace.brokering.states import Action as Step
from marketplace.brokering.states import Reason
from marketplace.contracts import income
from marketplace.contracts import operations as contracts
from marketplace.contracts.income import Receipt
from marketplace.contracts.states import Action as Move
from marketplace.contracts.states import State as Case
from marketplace.credit import operations, queries
from marketplace.credit.behaviours import Subject
from marketplace.credit.models import BehaviourRecord
from marketplace.credit.states import Behaviour, State
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.transactions import transact
from marketplace.worker import collect_credit
from marketplace.working_days import local_day
from tests.brokering.factories import Pair, move
from tests.contracts.factories import (
    NOW,
    TODAY,
    WAN,
    Office,
    a_proof,
    an_office,
    in_state,
    moved,
    registered,
)
from tests.factories import a_need, a_result, a_user


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def collect(now=NOW) -> int:
    return transact(lambda: operations.collect(now=now))


def kept() -> set[tuple[int | None, int | None, Behaviour, str, State]]:
    rows = db.session.scalars(select(BehaviourRecord)).all()
    return {(r.organization_id, r.user_id, r.kind, r.source, r.state) for r in rows}


def test_a_registration_counts_for_both_parties_once(office: Office) -> None:
    contract = registered(office)
    assert (collect(), collect()) == (2, 0)
    homes = office.applicant.organization_id, office.buyer.id
    kind, state = Behaviour.CONTRACT_REGISTERED, State.EFFECTIVE
    assert kept() == {(home, None, kind, contract.key, state) for home in homes}
    for home in homes:
        assert queries.score_of(Subject(organization_id=home), TODAY).total == 63


def test_each_verified_income_counts_and_a_declared_one_does_not(office: Office) -> None:
    contract = registered(office)

    def declared(voucher: str):
        receipt = Receipt(TODAY, voucher, 20 * WAN)
        return transact(lambda: income.declare(contract, receipt, actor=office.applicant, now=NOW))

    first, _second = declared("A1"), declared("A2")
    transact(lambda: income.verify(contract, first, 20 * WAN, actor=office.clerk, now=NOW))
    assert collect() == 4
    sources = {source for _o, _u, kind, source, _s in kept() if kind == Behaviour.INCOME_VERIFIED}
    assert sources == {f"{contract.key}/income/1"}
    subject = Subject(organization_id=office.applicant.organization_id)
    assert queries.score_of(subject, TODAY).total == 60 + 3 + 4


def test_a_revocation_takes_the_credit_back_and_is_noticed_to_the_applicant(
    office: Office,
) -> None:
    contract = registered(office)
    collect()
    told = {"reason": "虚假合同", "proof": [a_proof(contract, office.authority, "hearing")]}
    moved(contract, Move.PROPOSE_REVOKE, office.authority, **told)
    moved(contract, Move.REVOKE, office.other_authority)
    assert (collect(), collect()) == (1, 0)
    home = office.applicant.organization_id
    assert kept() == {
        (home, None, Behaviour.CONTRACT_REGISTERED, contract.key, State.REVOKED),
        (office.buyer.id, None, Behaviour.CONTRACT_REGISTERED, contract.key, State.REVOKED),
        (home, None, Behaviour.REGISTRATION_REVOKED, contract.key, State.NOTICED),
    }


def test_a_cancelled_contract_gives_nothing_and_blames_nobody(office: Office) -> None:
    in_state(office, Case.CANCELLED)
    assert (collect(), kept()) == (0, set())


def test_a_change_of_the_contract_does_not_count_it_twice(office: Office) -> None:
    contract = registered(office)
    collect()
    asked = {"reason": "延期", "proof": [a_proof(contract, office.applicant)]}
    moved(contract, Move.REQUEST_CHANGE, office.applicant, **asked, change={"term_text": "延期"})
    moved(contract, Move.EXAMINE, office.clerk, opinion="属实")
    moved(contract, Move.AGREE, office.reviewer)
    assert contract.version == 2
    assert collect() == 0


def test_an_answer_in_time_counts_whatever_it_says(pair: Pair) -> None:
    first = pair.sent()
    move(first, Step.DECLINE, pair.buyer, reason=Reason.PRICE)
    now = utcnow()
    assert (collect(now), collect(now)) == (1, 0)
    home, kind = pair.buyer.organization_id, Behaviour.ANSWERED_IN_TIME
    assert kept() == {(home, None, kind, first.key, State.EFFECTIVE)}


def test_silence_is_noticed_before_it_counts(pair: Pair) -> None:
    now = utcnow()
    introduction = pair.sent(now=now - timedelta(days=30))
    transact(lambda: brokering.expire_unanswered(now=now))
    assert (collect(now), collect(now)) == (1, 0)
    home, kind = pair.buyer.organization_id, Behaviour.ANSWER_MISSED
    assert kept() == {(home, None, kind, introduction.key, State.NOTICED)}
    assert queries.score_of(Subject(organization_id=home), local_day(now)).total == 60


def test_a_question_that_nobody_answers_is_the_silence_of_whoever_asked_first(pair: Pair) -> None:
    now = utcnow()
    introduction = pair.sent(now=now - timedelta(days=30))
    move(introduction, Step.ASK, pair.buyer, now - timedelta(days=29), words="处理量是多少？")
    transact(lambda: brokering.expire_unanswered(now=now))
    collect(now)
    assert {(o, kind) for o, _u, kind, _s, _state in kept()} == {
        (pair.buyer.organization_id, Behaviour.ANSWERED_IN_TIME),
        (pair.seller.organization_id, Behaviour.ANSWER_MISSED),
    }


def test_a_late_no_is_no_answer_in_time(pair: Pair) -> None:
    now = utcnow()
    introduction = pair.sent(now=now - timedelta(days=30))
    move(introduction, Step.DECLINE, pair.buyer, now, reason=Reason.PRICE)
    assert collect(now) == 0


def test_a_meeting_counts_for_both_sides_and_the_broker(pair: Pair) -> None:
    broker = a_user(Role.BROKER)
    introduction = pair.sent(broker)
    for user in (pair.seller, pair.buyer):
        move(introduction, Step.INTEREST, user)
    move(introduction, Step.MEET, broker)
    now = utcnow()
    collect(now)
    met = {(o, u) for o, u, kind, _s, _state in kept() if kind == Behaviour.MEETING_CONFIRMED}
    sides = {(user.organization_id, None) for user in (pair.buyer, pair.seller)}
    assert met == {*sides, (None, broker.id)}
    assert queries.score_of(Subject(user_id=broker.id), local_day(now)).total == 61


def test_the_broker_of_the_introduction_gets_the_registration_too(office: Office) -> None:
    broker = a_user(Role.BROKER)
    need, result = a_need(office.buyer), a_result(office.applicant.organization)
    introduction = transact(
        lambda: brokering.open_introduction(need, result, actor=broker, now=NOW)
    )
    contract = registered(office)
    transact(lambda: setattr(contract, "introduction_id", introduction.id))
    assert collect() == 3
    assert queries.score_of(Subject(user_id=broker.id), TODAY).total == 63


def test_what_would_no_longer_count_is_not_recorded(office: Office) -> None:
    registered(office)
    assert collect(NOW + timedelta(days=365 * 4)) == 0


def test_the_days_work_collects_and_says_how_much(office: Office) -> None:
    registered(office)
    assert (collect_credit(), collect_credit()) == (2, 0)


def test_a_draft_and_a_refused_case_give_nothing(office: Office) -> None:
    for case in (Case.DRAFT, Case.REVIEW1, Case.REFUSED):
        in_state(office, case)
    transact(lambda: contracts.lapse_unanswered(now=NOW))
    assert collect() == 0
