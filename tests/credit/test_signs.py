"""Signs of gaming in plain facts: what is odd is found once, what is ordinary is left alone."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from marketplace.credit import operations, queries
from marketplace.credit.behaviours import Subject
from marketplace.credit.facts import Contact
from marketplace.credit.rules import versions_from
from marketplace.credit.signs import (
    Suspicion,
    bursts,
    circles,
    confirmed_by_one,
    look,
    repeats,
    same_on_both_sides,
)
from marketplace.credit.states import SignKind, Verdict
from marketplace.errors import Conflict, Forbidden, InvalidInput
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.contracts.factories import an_office, party_facts, registered
from tests.credit.factories import NOW, TODAY, WAN, a_deal, a_side
from tests.factories import a_user

LIMITS = versions_from(Settings(home=Path(), database_url="", secret_key="").credit)[0].signs
DAY = date(2026, 1, 5)


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def test_a_ring_of_two_and_a_ring_of_three_are_found_wherever_they_begin() -> None:
    two = [a_deal("B", "A", DAY), a_deal("A", "B", later(300))]
    (found,) = circles(two, LIMITS)
    assert (found.reason, set(found.evidence)) == ("ring_of_2", {d.source for d in two})
    three = [a_deal("C", "A", DAY), a_deal("A", "B", later(100)), a_deal("B", "C", later(200))]
    assert [s.reason for s in circles(three, LIMITS)] == ["ring_of_3"]
    assert [s.reason for s in circles(three[::-1], LIMITS)] == ["ring_of_3"]


def test_deals_that_do_not_come_back_or_come_back_late_are_no_circle() -> None:
    chain = [a_deal("A", "B", DAY), a_deal("B", "C", DAY), a_deal("A", "C", DAY)]
    assert [*circles(chain, LIMITS)] == []
    assert [*circles([a_deal("A", "B", DAY), a_deal("B", "A", later(366))], LIMITS)] == []


def test_a_ring_of_four_is_beyond_what_is_looked_for() -> None:
    ring = [a_deal(*pair, DAY) for pair in ("AB", "BC", "CD", "DA")]
    assert [*circles(ring, LIMITS)] == []


def test_a_burst_is_out_of_proportion_to_the_year_before() -> None:
    sudden = [a_deal("A", f"B{n}", later(n)) for n in range(8)]
    assert [(s.kind, s.facts["deals"]) for s in bursts(sudden, LIMITS)] == [(SignKind.BURST, 8)]
    assert [*bursts(sudden[:7], LIMITS)] == []


def test_who_always_registers_much_has_no_burst() -> None:
    steady = [a_deal("A", f"B{n}", later(4 * n - 360)) for n in range(90)]
    more = [a_deal("A", f"C{n}", later(n)) for n in range(8)]
    begins = {s.evidence[0] for s in bursts([*steady, *more], LIMITS)}
    assert begins & {deal.source for deal in more} == set()


def test_the_same_two_with_equal_or_round_sums_are_found_and_others_not() -> None:
    equal = [a_deal("A", "B", later(60 * n), 1_234_567) for n in range(4)]
    assert [s.reason for s in repeats(equal, LIMITS)] == ["equal_sums"]
    rounded = [a_deal("A", "B", later(60 * n), (n + 1) * 10 * WAN) for n in range(4)]
    assert [s.reason for s in repeats(rounded, LIMITS)] == ["round_sums"]
    ordinary = [a_deal("A", "B", later(60 * n), 1_234_567 * (n + 1)) for n in range(4)]
    assert [*repeats(ordinary, LIMITS)] == []
    rare = [a_deal("A", "B", later(200 * n), 1_234_567) for n in range(4)]
    assert [*repeats(rare, LIMITS)] == []


@pytest.mark.parametrize(
    ("buyer", "reason"),
    [
        (a_side("A", representative="甲", contact="乙", phone="1"), "same_key"),
        (a_side("B", representative="代表A"), "same_representative"),
        (a_side("B", contact="联系A "), "same_contact"),
        (a_side("B", phone="(0472) 5550001"), "same_phone"),
    ],
)
def test_one_person_or_number_on_both_sides_is_found(buyer, reason: str) -> None:
    deal = a_deal(a_side("A", phone="0472-5550001"), buyer)
    assert [s.reason for s in same_on_both_sides([deal])] == [reason]


def test_two_parties_with_one_telephone_are_one_question_however_many_deals_they_have() -> None:
    other = a_side("B", phone="0472-5550001")
    deals = [a_deal(a_side("A", phone="0472-5550001"), other, later(n)) for n in range(5)]
    (found,) = same_on_both_sides(deals)
    assert (found.facts["deals"], set(found.evidence)) == (5, {d.source for d in deals})


def test_a_broker_of_one_of_the_parties_is_found() -> None:
    assert [s.reason for s in same_on_both_sides([a_deal("A", "B", broker="B")])] == ["same_broker"]
    assert [*same_on_both_sides([a_deal("A", "B", broker="C")])] == []


def test_one_person_who_asks_and_answers_is_found() -> None:
    def contact(*answered: tuple[int, str]) -> Contact:
        return Contact("introduction/1", (1, "张三"), answered, ("单位A", "单位B"))

    assert [*confirmed_by_one([contact((2, "李四"))])] == []
    for answered in ([(1, "张三")], [(9, "张三")], [(2, "李四"), (3, "李四")]):
        assert [s.reason for s in confirmed_by_one([contact(*answered)])] == ["same_person"]


def test_each_sign_has_one_key_in_whatever_order_the_facts_come() -> None:
    deals = [a_deal("A", "B", later(n), 10 * WAN) for n in range(9)]
    deals += [a_deal("B", "A", later(40), 10 * WAN)]
    found: list[Suspicion] = look(deals, [], LIMITS)
    assert len({s.key for s in found}) == len(found) > 3
    assert [s.key for s in look(deals[::-1], [], LIMITS)] == [s.key for s in found]


def test_a_sign_is_put_on_the_list_once_and_judged_once(app: Flask) -> None:
    office = an_office()
    same = party_facts(office.buyer, phone=f"0472-{office.applicant.organization_id:07d}")
    contract = registered(office, buyers=[same])

    def search() -> int:
        return operations.keep_signs(operations.find_signs(now=NOW), now=NOW)

    assert (transact(search), transact(search)) == (1, 0)
    (sign,) = queries.signs()
    assert sign.reason == "same_phone" and contract.key in sign.evidence
    assert any(one.startswith("ledger/") for one in sign.evidence)

    def judge(verdict: Verdict, words: str, actor) -> None:
        transact(lambda: operations.judge(sign, verdict, words, actor=actor, now=NOW))

    operator = a_user(Role.OPERATOR)
    with pytest.raises(Forbidden):
        judge(Verdict.DISMISSED, "看错", office.applicant)
    with pytest.raises(InvalidInput):
        judge(Verdict.DISMISSED, " ", operator)
    judge(Verdict.DISMISSED, "集团总机", operator)
    with pytest.raises(Conflict):
        judge(Verdict.FOLLOWED, "再看", operator)
    assert queries.score_of(Subject(organization_id=office.buyer.id), TODAY).total == 60
