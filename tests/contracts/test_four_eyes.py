"""Who may be the second pair of eyes, as a truth table."""

from typing import Any

import pytest
from flask import Flask

from marketplace.accounts.models import OrganizationKind
from marketplace.contracts import operations
from marketplace.contracts.points import HostKind
from marketplace.contracts.states import Action, State
from marketplace.errors import Forbidden, GuardFailed
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.contracts.factories import (
    NOW,
    a_person,
    a_proof,
    an_office,
    contract_facts,
    in_second_review,
    in_state,
    moved,
    registered,
)
from tests.factories import an_organization

ASKED = (State.CHANGE_PENDING, State.CANCEL_PENDING, State.REEXAM)


def may(contract: Any, action: Action, actor: Any, **facts: Any) -> bool:
    """Whether the actor is let through; nothing is kept."""
    try:
        operations.advance(contract, action, actor=actor, now=NOW, **facts)
        return True
    except (Forbidden, GuardFailed):
        return False
    finally:
        db.session.rollback()


@pytest.mark.parametrize(
    ("who", "lets"),
    [
        ("clerk", False),  # the first reviewer
        ("other_clerk", False),  # clerks do first reviews
        ("reviewer", True),
        ("other_reviewer", True),
        ("outsider", False),  # of another point
        ("authority", True),
        ("applicant", False),
        ("stranger", False),
        ("expert", False),
        ("tax", False),
    ],
)
def test_the_second_review_is_another_persons(app: Flask, who: str, lets: bool) -> None:
    contract = in_second_review(office := an_office())
    assert may(contract, Action.AGREE, getattr(office, who)) is lets


@pytest.mark.parametrize("state", ASKED)
@pytest.mark.parametrize(
    ("examiner", "decider", "lets"),
    [
        ("other_clerk", "other_reviewer", True),
        ("other_reviewer", "authority", True),
        ("authority", "other_authority", True),
        ("other_reviewer", "other_reviewer", False),
        ("authority", "authority", False),
        (None, "other_reviewer", False),
    ],
)
def test_change_cancellation_and_objection_take_two(
    app: Flask, state: State, examiner: str | None, decider: str, lets: bool
) -> None:
    contract = in_state(office := an_office(), state)
    if examiner:
        moved(contract, Action.EXAMINE, getattr(office, examiner), opinion="属实")
    assert may(contract, Action.AGREE, getattr(office, decider)) is lets


@pytest.mark.parametrize(("second", "lets"), [("authority", False), ("other_authority", True)])
def test_a_revocation_takes_two_of_the_authority(app: Flask, second: str, lets: bool) -> None:
    office = an_office()
    contract = registered(office)
    hearing = transact(
        lambda: operations.attach(
            contract, "hearing", "h.pdf", b"%PDF-h", actor=office.authority, now=NOW
        )
    ).digest
    told = {"reason": "虚假合同", "proof": [hearing]}
    moved(contract, Action.PROPOSE_REVOKE, office.authority, **told)
    assert may(contract, Action.REVOKE, getattr(office, second)) is lets


@pytest.mark.parametrize("who", ["authority", "other_authority"])
def test_a_proposal_to_revoke_is_taken_back_and_can_be_made_again(app: Flask, who: str) -> None:
    contract = registered(office := an_office())
    told = {"reason": "疑为虚假", "proof": [a_proof(contract, office.authority, "hearing")]}
    moved(contract, Action.PROPOSE_REVOKE, office.authority, **told)
    moved(contract, Action.DROP_REVOKE, getattr(office, who), reason="核查属实，不予撤销")
    with pytest.raises(GuardFailed, match="先由一人提出"):
        moved(contract, Action.REVOKE, office.other_authority)
    moved(contract, Action.PROPOSE_REVOKE, office.authority, **told)
    assert moved(contract, Action.REVOKE, office.other_authority).state == State.REVOKED


def test_without_a_proposal_there_is_nothing_to_take_back(app: Flask) -> None:
    contract = registered(office := an_office())
    with pytest.raises(GuardFailed, match="没有待决定的撤销提议"):
        moved(contract, Action.DROP_REVOKE, office.authority, reason="无")


@pytest.mark.parametrize(("who", "lets"), [("clerk", False), ("other_clerk", True)])
def test_whoever_typed_a_case_does_not_decide_it(app: Flask, who: str, lets: bool) -> None:
    office = an_office()
    typed = transact(
        lambda: operations.create(
            contract_facts(office),
            point=office.point,
            actor=office.clerk,
            applicant=office.applicant.organization,
            now=NOW,
        )
    )
    content = b"%PDF-typed"
    for kind in ("contract", "cost"):
        transact(
            lambda kind=kind: operations.attach(
                typed, kind, "a.pdf", content, actor=office.clerk, now=NOW
            )
        )
    moved(typed, Action.SUBMIT, office.clerk)
    assert may(typed, Action.ACCEPT, getattr(office, who)) is lets


def test_nobody_reviews_a_contract_of_their_own_organisation(app: Flask) -> None:
    office = an_office()
    contract = in_second_review(office)
    home = office.applicant.organization
    for role in (Role.REVIEWER, Role.AUTHORITY, Role.EXPERT, Role.CLERK):
        insider = a_person(role, home)
        assert not may(contract, Action.AGREE, insider)
        assert not may(contract, Action.REFUSE, insider, grounds=[])


@pytest.mark.parametrize(
    ("who", "lets"), [("reviewer", False), ("outsider", True), ("authority", True)]
)
def test_a_universitys_point_has_its_own_contracts_reviewed_from_outside(
    app: Flask, who: str, lets: bool
) -> None:
    university = an_organization(OrganizationKind.INSTITUTE)
    office = an_office("150205", host_kind=HostKind.UNIVERSITY, region="150200", host=university)
    office.applicant = a_person(Role.INSTITUTE, university)
    contract = in_second_review(office, tax_relief=False)
    assert contract.triggers == ["own"]
    assert may(contract, Action.AGREE, getattr(office, who)) is lets
