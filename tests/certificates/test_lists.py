"""登记清单: of one seller, of one size, in time, and void with the first contract that falls."""

from datetime import date, timedelta

import pytest
from flask import Flask

from marketplace.certificates import operations, queries
from marketplace.certificates.pdf import attachments_of, fonts_of
from marketplace.certificates.queries import Standing
from marketplace.contracts.states import State as ContractState
from marketplace.errors import InvalidInput, NotFound
from marketplace.ledger import verify_proof
from tests.certificates.factories import (
    LATER,
    a_large_contract,
    a_list,
    cancelled,
    changed,
    file_of,
    revoked,
    text_of,
    worked_off,
)
from tests.contracts.factories import (
    NOW,
    TODAY,
    a_person,
    an_office,
    in_state,
    party_facts,
    registered,
)
from tests.factories import an_organization


def refusal(office, *contracts, now=LATER, actor=None) -> str:
    with pytest.raises(InvalidInput) as refused:
        numbers = [contract.local_no for contract in contracts]
        operations.ask_list(numbers, actor=actor or office.applicant, now=now)
    return "".join(map(str, refused.value.errors["numbers"]))


def test_a_list_names_every_contract_and_says_what_it_is_not_for(app: Flask) -> None:
    office = an_office()
    contracts = [registered(office) for _ in range(3)]
    asked = a_list(office, *contracts)
    worked_off()
    content = file_of(asked)
    said = text_of(content)
    for contract in contracts:
        assert contract.local_no in said and contract.project_name in said
    for fact in (
        "技术合同登记清单", asked.number, "不用于税收减免", "不作为享受税收优惠的凭证",
        "3,000,000.00元", "人民币叁佰万元整", "2,400,000.00元", "500万元以下", "2026年03月13日",
    ):  # fmt: skip
        assert fact in said, fact
    assert all(fonts_of(content).values())


def test_a_list_carries_the_proof_of_each_contract(app: Flask) -> None:
    office = an_office()
    contracts = [registered(office), registered(office)]
    asked = a_list(office, *contracts)
    worked_off()
    attached = attachments_of(file_of(asked))
    for contract in contracts:
        assert verify_proof.check(attached[f"proof-{contract.local_no}.json"])[1]


def test_a_contract_may_be_listed_two_working_days_after_its_approval(app: Flask) -> None:
    office = an_office()
    contract = registered(office)
    assert date(2026, 3, 10) == TODAY and queries.listable_on(contract) == date(2026, 3, 12)
    assert "自2026-03-12起才可列入" in refusal(office, contract, now=NOW + timedelta(days=1))
    assert a_list(office, contract, now=NOW + timedelta(days=2)).lines[0].version == 1


def test_large_and_ordinary_contracts_are_never_mixed(app: Flask) -> None:
    office = an_office()
    large, ordinary = a_large_contract(office), registered(office)
    assert "不能混列" in refusal(office, large, ordinary)
    assert a_list(office, large).large and not a_list(office, ordinary).large


def test_a_list_is_of_one_seller(app: Flask) -> None:
    office = an_office()
    other = a_person(office.applicant.role, an_organization())
    mine = registered(office)
    own = party_facts(office.applicant.organization, nature="0211", scale="", share=4_000)
    sellers = [party_facts(other.organization, share=6_000), own]
    theirs = registered(office, sellers=sellers)
    assert "只列同一卖方" in refusal(office, mine, theirs)


@pytest.mark.parametrize(
    "state", [ContractState.CANCELLED, ContractState.REVOKED, ContractState.REEXAM]
)
def test_what_does_not_stand_undoubted_is_not_listed(app: Flask, state) -> None:
    office = an_office()
    assert "不是有效状态" in refusal(office, in_state(office, state))


def test_what_one_may_not_take_is_as_if_it_did_not_exist(app: Flask) -> None:
    office = an_office()
    contract = registered(office)
    assert "没有登记编号为" in refusal(office, contract, actor=office.stranger)
    asked = a_list(office, contract)
    with pytest.raises(NotFound):
        queries.load_list(asked.number, office.stranger)
    assert queries.load_list(asked.number, office.clerk).id == asked.id


def test_nothing_chosen_is_said(app: Flask) -> None:
    with pytest.raises(InvalidInput) as refused:
        operations.ask_list(["  "], actor=an_office().applicant, now=LATER)
    assert "至少选择一份" in str(refused.value.errors)


@pytest.mark.parametrize(
    ("happens", "standing"),
    [(revoked, Standing.REVOKED), (cancelled, Standing.CANCELLED), (changed, Standing.SUPERSEDED)],
)
def test_a_list_is_void_once_a_listed_contract_no_longer_stands(
    app: Flask, happens, standing
) -> None:
    office = an_office()
    contracts = [registered(office), registered(office)]
    asked = a_list(office, *contracts)
    assert queries.standing_of_list(asked) == Standing.VALID
    happens(contracts[1], office)
    assert queries.standing_of_list(asked) == standing
