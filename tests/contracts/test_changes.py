"""What a registered contract must pass again when its sums are changed."""

from datetime import timedelta

import pytest
from flask import Flask

from marketplace.contracts.models import Contract
from marketplace.contracts.states import Action, State
from marketplace.errors import GuardFailed
from marketplace.permissions import Permission, permits
from tests.contracts.factories import (
    NOW,
    WAN,
    Office,
    a_proof,
    an_office,
    in_review,
    moved,
    refused,
    registered,
)

RAISED = {"deal_amount": 620 * WAN, "deal_words": "陆佰贰拾万元整", "technology_amount": 600 * WAN}
LARGE = RAISED | {"deductions": [{"kind": "equipment", "name": "装置", "amount": 20 * WAN}]}


def raised(office: Office) -> Contract:
    """A small contract of which a change to 600 万元 is asked and examined."""
    contract = registered(office)
    told = {"reason": "追加研究内容", "proof": [a_proof(contract, office.applicant)]}
    moved(contract, Action.REQUEST_CHANGE, office.applicant, change=RAISED, **told)
    return moved(contract, Action.EXAMINE, office.clerk, opinion="属实")


def test_a_change_over_the_threshold_goes_before_experts(app: Flask) -> None:
    contract = raised(office := an_office())
    with pytest.raises(GuardFailed, match="专家审核"):
        moved(contract, Action.AGREE, office.reviewer)
    assert permits(office.expert, Permission.SEE_CONTRACT, contract)
    moved(contract, Action.ADVISE, office.expert, opinion="追加内容属技术开发", in_favour=True)
    moved(contract, Action.AGREE, office.reviewer)
    assert (contract.technology_amount, contract.version) == (600 * WAN, 2)


def test_a_change_under_the_threshold_asks_no_expert(app: Flask) -> None:
    contract = registered(office := an_office())
    told = {"reason": "延期", "proof": [a_proof(contract, office.applicant)]}
    moved(contract, Action.REQUEST_CHANGE, office.applicant, change={"term_text": "延期"}, **told)
    assert not permits(office.expert, Permission.SEE_CONTRACT, contract)
    with pytest.raises(GuardFailed, match="无须专家审核"):
        moved(contract, Action.ADVISE, office.expert, opinion="同意")


def test_an_opinion_on_an_earlier_change_does_not_serve_the_next(app: Flask) -> None:
    contract, later = raised(office := an_office()), NOW + timedelta(hours=1)
    moved(contract, Action.ADVISE, office.expert, opinion="同意", in_favour=True)
    moved(contract, Action.REJECT, office.reviewer, reason="补充协议未盖章")
    told = {"reason": "再次申请", "proof": [a_proof(contract, office.applicant)]}
    moved(contract, Action.REQUEST_CHANGE, office.applicant, now=later, change=RAISED, **told)
    moved(contract, Action.EXAMINE, office.clerk, now=later, opinion="属实")
    with pytest.raises(GuardFailed, match="专家审核"):
        moved(contract, Action.AGREE, office.reviewer, now=later)


def test_a_contract_that_experts_passed_is_changed_without_asking_them_again(app: Flask) -> None:
    contract = in_review(office := an_office(), **LARGE)
    moved(contract, Action.REFER, office.clerk)
    moved(contract, Action.ADVISE, office.expert, opinion="属技术开发", in_favour=True)
    moved(contract, Action.PROPOSE, office.clerk)
    moved(contract, Action.AGREE, office.reviewer)
    told = {"reason": "延期", "proof": [a_proof(contract, office.applicant)]}
    moved(contract, Action.REQUEST_CHANGE, office.applicant, change={"term_text": "延期"}, **told)
    moved(contract, Action.EXAMINE, office.clerk, opinion="属实")
    assert moved(contract, Action.AGREE, office.reviewer).version == 2


def test_a_large_case_refused_unheard_is_heard_before_an_objection_registers_it(app: Flask) -> None:
    contract = refused(office := an_office(), **LARGE)
    moved(contract, Action.OBJECT, office.applicant, reason="权属证明已补")
    moved(contract, Action.EXAMINE, office.other_clerk, opinion="理由成立")
    with pytest.raises(GuardFailed, match="专家审核"):
        moved(contract, Action.AGREE, office.reviewer)
    moved(contract, Action.ADVISE, office.expert, opinion="属技术开发", in_favour=True)
    assert moved(contract, Action.AGREE, office.reviewer).state == State.REGISTERED


def test_a_change_beyond_the_points_delegation_is_decided_by_the_authority(app: Flask) -> None:
    contract = raised(office := an_office(limit_fen=500 * WAN))
    moved(contract, Action.ADVISE, office.expert, opinion="同意", in_favour=True)
    with pytest.raises(GuardFailed, match="权限"):
        moved(contract, Action.AGREE, office.reviewer)
    assert moved(contract, Action.AGREE, office.authority).version == 2
