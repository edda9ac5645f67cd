"""A contract tells the introduction from which it came how far it has got."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.brokering.agreements import operations as agreements
from marketplace.brokering.agreements.operations import Offer
from marketplace.brokering.agreements.queries import of_introduction
from marketplace.brokering.agreements.states import Condition, Payer
from marketplace.brokering.agreements.terms import Terms
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action as Move
from marketplace.brokering.states import Reason
from marketplace.brokering.states import State as Stage
from marketplace.contracts import income, operations
from marketplace.contracts.checks import Colour, Light, lights_of
from marketplace.contracts.income import Receipt
from marketplace.contracts.models import Contract
from marketplace.contracts.states import Action, State
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.rules import Rules
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.contracts.factories import (
    GROUNDS,
    NOW,
    TODAY,
    WAN,
    a_draft,
    a_proof,
    an_office,
    in_second_review,
    moved,
    registered,
)
from tests.factories import a_user


def agreed_with(office) -> Introduction:
    """An introduction whose result belongs to the applicant of the office."""
    pair = Pair()
    transact(lambda: setattr(pair.result, "organization_id", office.applicant.organization_id))
    introduction = move(pair.sent(office.applicant), Move.INTEREST, pair.buyer)
    for action in (Move.MEET, Move.AGREE):
        move(introduction, action, pair.buyer)
    return introduction


def test_from_submission_to_verified_income_each_step_is_followed(app: Flask) -> None:
    introduction = agreed_with(office := an_office())
    contract = a_draft(office, introduction_id=introduction.id)
    assert introduction.state == Stage.AGREED
    contract = registered(office, introduction_id=introduction.id)
    assert introduction.state == Stage.REGISTERED
    receipt = Receipt(TODAY, "FP-1", 30 * WAN)
    line = transact(lambda: income.declare(contract, receipt, actor=office.applicant, now=NOW))
    transact(lambda: income.verify(contract, line, 20 * WAN, actor=office.reviewer, now=NOW))
    assert introduction.state == Stage.PAID
    followed = [s for s in introduction.steps if s.facts.get("contract_id") == contract.id]
    assert [s.action for s in followed] == [Move.CONTRACT, Move.REGISTER, Move.VERIFY_INCOME]
    assert followed[0].by_id == office.applicant.id and followed[1].by_id == office.reviewer.id


def test_what_is_withdrawn_falls_back_and_may_be_applied_for_again(app: Flask) -> None:
    introduction = agreed_with(office := an_office())
    contract = a_draft(office, introduction_id=introduction.id)
    moved(contract, Action.SUBMIT, office.applicant)
    assert introduction.state == Stage.CONTRACTED
    moved(contract, Action.WITHDRAW, office.applicant, reason="双方改期")
    assert introduction.state == Stage.AGREED
    again = transact(lambda: operations.apply_again(contract, actor=office.applicant, now=NOW))
    moved(again, Action.SUBMIT, office.applicant)
    assert again.introduction_id == introduction.id
    assert introduction.state == Stage.CONTRACTED


def test_a_refusal_falls_back(app: Flask) -> None:
    introduction = agreed_with(office := an_office())
    contract = in_second_review(office, introduction_id=introduction.id)
    moved(contract, Action.REFUSE, office.reviewer, grounds=GROUNDS)
    assert contract.state == State.REFUSED
    assert introduction.state == Stage.AGREED


def test_a_cancelled_registration_falls_back(app: Flask) -> None:
    introduction = agreed_with(office := an_office())
    contract = registered(office, introduction_id=introduction.id)
    proof = [a_proof(contract, office.applicant)]
    later = NOW + timedelta(days=1)
    moved(contract, Action.REQUEST_CANCEL, office.applicant, reason="解除", proof=proof, now=later)
    moved(contract, Action.EXAMINE, office.clerk, opinion="属实", now=later)
    moved(contract, Action.AGREE, office.reviewer, now=later)
    assert contract.state == State.CANCELLED
    assert introduction.state == Stage.AGREED


def test_while_one_of_two_contracts_stands_nothing_falls_back(app: Flask) -> None:
    introduction = agreed_with(office := an_office())
    registered(office, introduction_id=introduction.id)
    second = a_draft(office, introduction_id=introduction.id)
    moved(second, Action.SUBMIT, office.applicant)
    moved(second, Action.WITHDRAW, office.applicant, reason="重复")
    assert introduction.state == Stage.REGISTERED


def test_an_introduction_that_was_lost_stays_lost(app: Flask) -> None:
    introduction = agreed_with(office := an_office())
    contract = a_draft(office, introduction_id=introduction.id)
    move(introduction, Move.LOSE, office.applicant, reason=Reason.PRICE)
    moved(contract, Action.SUBMIT, office.applicant)
    assert introduction.state == Stage.LOST


def test_nobody_claims_an_introduction_of_others(app: Flask) -> None:
    theirs = Pair().contacted()
    with pytest.raises(InvalidInput):
        a_draft(an_office(), introduction_id=theirs.id)


def test_the_button_brings_parties_subject_and_broker(client: FlaskClient, log_in) -> None:
    office = an_office()
    pair = Pair()
    transact(lambda: setattr(pair.need, "anonymous", True))
    introduction = pair.brokered(broker := a_user(Role.BROKER))
    log_in(pair.seller)
    assert "登记合同" in client.get(f"/introductions/{introduction.id}").text
    address = f"/contracts/new?introduction={introduction.id}"
    assert introduction.number in client.get(address).text
    data = {"introduction": introduction.id, "point": office.point.code}
    answer = client.post("/contracts/new", data=data)
    assert answer.status_code == 302, answer.text
    contract = db.session.scalars(select(Contract)).one()
    assert contract.introduction_id == introduction.id
    assert [party.name for party in contract.buyers] == [pair.buyer.organization.name]
    assert [(b.name, b.agent) for b in contract.brokers] == [
        (broker.organization.name, broker.display_name)
    ]
    log_in(stranger_of(office))
    answer = client.post("/contracts/new", data=data)
    assert answer.status_code == 422 and "没有找到可以登记合同的对接" in answer.text


def stranger_of(office) -> User:
    return a_user(Role.ENTERPRISE)


def test_when_the_furthest_contract_is_gone_the_others_say_where_it_stands(app: Flask) -> None:
    introduction = agreed_with(office := an_office())
    first = registered(office, introduction_id=introduction.id)
    second = a_draft(office, introduction_id=introduction.id)
    moved(second, Action.SUBMIT, office.applicant)
    assert introduction.state == Stage.REGISTERED
    proof = [a_proof(first, office.applicant)]
    moved(first, Action.REQUEST_CANCEL, office.applicant, reason="解除", proof=proof)
    moved(first, Action.EXAMINE, office.clerk, opinion="属实")
    moved(first, Action.AGREE, office.reviewer)
    assert introduction.state == Stage.CONTRACTED
    assert [s.action for s in introduction.steps][-2:] == [Move.FALL_BACK, Move.CONTRACT]


def test_introduction_and_contract_lead_to_each_other_for_the_applicant_alone(
    client: FlaskClient, log_in
) -> None:
    pair = Pair()
    introduction, office = pair.contacted(), an_office()
    data = {"introduction": str(introduction.id), "point": office.point.code}
    log_in(pair.seller)
    made = client.post("/contracts/new", data=data).headers["Location"].removesuffix("/edit")
    deal = f"/introductions/{introduction.id}"
    assert f'href="{made}"' in client.get(deal).text
    assert f'href="{deal}"' in client.get(made).text
    log_in(pair.buyer)
    assert f'href="{made}"' not in client.get(deal).text


def test_a_contract_with_somebody_who_was_not_introduced_gets_an_amber_light(app: Flask) -> None:
    introduction = agreed_with(office := an_office())
    between_others = a_draft(office, introduction_id=introduction.id)
    (light,) = introduction_lights(between_others)
    assert (light.colour, light.field) == (Colour.AMBER, "buyers")
    assert introduction.number in light.message and "需求方" in light.message
    assert introduction.need_owner.name not in light.message
    buyer = between_others.buyers[0]
    transact(lambda: setattr(buyer, "name", introduction.need_owner.name))
    assert introduction_lights(between_others) == []
    assert introduction_lights(a_draft(office)) == []


def introduction_lights(contract: Contract) -> list[Light]:
    rules = Rules.in_force(TODAY)
    found = lights_of(contract, rules, TODAY)
    return [light for light in found if light.rule == "parties_were_introduced"]


@pytest.mark.parametrize(
    ("terms", "due"), [(None, ""), (Terms(300), ""), (Terms(0, 5 * WAN, 5 * WAN), "5")]
)
def test_a_brokers_pay_is_empty_until_it_is_known(
    client: FlaskClient, log_in, terms: Terms | None, due: str
) -> None:
    pair, broker, office = Pair(), a_user(Role.BROKER), an_office()
    introduction = pair.brokered(broker)
    if terms is not None:
        agree(introduction, terms, broker, pair)
    log_in(pair.seller)
    said = {"introduction": introduction.id, "point": office.point.code}
    made = client.post("/contracts/new", data=said).headers["Location"]
    page = client.get(made).text
    value, *_template = re.findall(r'name="brokers[^"]*commission"[^>]*value="([^"]*)"', page)
    assert value.startswith(due) and bool(value) == bool(due)


def agree(introduction: Introduction, terms: Terms, broker: User, pair: Pair) -> None:
    said, own = Offer(terms, Payer.NEED, Condition.INCOME), {"now": NOW}
    transact(lambda: agreements.offer(introduction, said, after=0, actor=broker, **own))
    agreement = of_introduction(introduction.id)
    for who in (pair.buyer, pair.seller):
        transact(lambda who=who: agreements.confirm(agreement, 1, actor=who, **own))
