"""Every state, action and role against what the procedure says; this table is written anew."""

from typing import Any

import pytest
from flask import Flask

from marketplace.accounts.models import Console, OrganizationKind, Visitor
from marketplace.contracts import operations, queries
from marketplace.contracts.lifecycle import CONTRACT
from marketplace.contracts.states import TERMINAL, Action, State
from marketplace.errors import Forbidden, GuardFailed, IllegalMove
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.contracts.factories import GROUNDS, NOW, Office, a_person, a_proof, an_office, in_state
from tests.factories import an_organization

S, A = State, Action
APPLICANT = {"applicant"}
CLERKS = {"clerk", "other_clerk"}
REVIEWERS = {"reviewer", "other_reviewer"}
REGION = {"authority", "other_authority"}
LEAGUE = {"league_authority"}
OFFICERS = CLERKS | REVIEWERS | REGION | LEAGUE
SECOND = REVIEWERS | REGION | LEAGUE

#: (state, action) → (who may, where it may lead)
TABLE: dict[tuple[State, Action], tuple[set[str], set[State]]] = {
    (S.DRAFT, A.SUBMIT): (APPLICANT, {S.SUBMITTED}),
    (S.SUBMITTED, A.SEND_BACK): (CLERKS, {S.DRAFT}),
    (S.SUBMITTED, A.ACCEPT): (CLERKS, {S.ACCEPTED}),
    (S.SUBMITTED, A.ASK_REPAIR): (CLERKS, {S.SUPPLEMENT}),
    (S.REVIEW1, A.ASK_REPAIR): (CLERKS, {S.SUPPLEMENT}),
    (S.SUPPLEMENT, A.RESUBMIT): (APPLICANT, {S.SUBMITTED}),
    (S.SUPPLEMENT, A.LAPSE): ({"operator"}, {S.WITHDRAWN}),
    (S.ACCEPTED, A.ASSIGN): (CLERKS, {S.REVIEW1}),
    (S.REVIEW1, A.ASSIGN): (CLERKS, {S.REVIEW1}),
    (S.EXPERT, A.ASSIGN): (CLERKS, {S.EXPERT}),
    (S.REVIEW1, A.REFER): (CLERKS, {S.EXPERT}),
    (S.EXPERT, A.ADVISE): ({"expert"}, {S.EXPERT}),
    (S.REVIEW1, A.PROPOSE): (CLERKS, {S.REVIEW2, S.REGISTERED}),
    (S.EXPERT, A.PROPOSE): (CLERKS, {S.REVIEW2, S.REGISTERED}),
    (S.REVIEW1, A.REFUSE): (OFFICERS, {S.REFUSED}),
    (S.EXPERT, A.REFUSE): (OFFICERS, {S.REFUSED}),
    (S.REVIEW2, A.REFUSE): (OFFICERS, {S.REFUSED}),
    (S.REVIEW2, A.AGREE): (SECOND, {S.REGISTERED}),
    (S.REVIEW2, A.RETURN): (SECOND, {S.REVIEW1}),
    (S.REGISTERED, A.REQUEST_CHANGE): (APPLICANT, {S.CHANGE_PENDING}),
    (S.REGISTERED, A.REQUEST_CANCEL): (APPLICANT, {S.CANCEL_PENDING}),
    (S.REGISTERED, A.COMPLETE): (APPLICANT, {S.REGISTERED}),
    (S.REGISTERED, A.PROPOSE_REVOKE): (REGION, {S.REGISTERED}),
    (S.REGISTERED, A.DROP_REVOKE): (REGION, {S.REGISTERED}),
    (S.REGISTERED, A.REVOKE): (REGION, {S.REVOKED}),
    (S.REGISTERED, A.OBJECT): (APPLICANT | {"tax"}, {S.REEXAM}),
    (S.REFUSED, A.OBJECT): (APPLICANT, {S.REEXAM}),
    (S.CHANGE_PENDING, A.EXAMINE): (OFFICERS, {S.CHANGE_PENDING}),
    (S.CHANGE_PENDING, A.ADVISE): ({"expert"}, {S.CHANGE_PENDING}),
    (S.CHANGE_PENDING, A.AGREE): (SECOND, {S.REGISTERED}),
    (S.CHANGE_PENDING, A.REJECT): (SECOND, {S.REGISTERED}),
    (S.CANCEL_PENDING, A.EXAMINE): (OFFICERS, {S.CANCEL_PENDING}),
    (S.CANCEL_PENDING, A.AGREE): (SECOND, {S.CANCELLED}),
    (S.CANCEL_PENDING, A.REJECT): (SECOND, {S.REGISTERED}),
    (S.REEXAM, A.EXAMINE): (OFFICERS, {S.REEXAM}),
    (S.REEXAM, A.ADVISE): ({"expert"}, {S.REEXAM}),
    (S.REEXAM, A.AGREE): (SECOND, {S.REGISTERED}),
    (S.REEXAM, A.UPHOLD): (SECOND, {S.REGISTERED, S.REFUSED}),
    (S.REEXAM, A.REVOKE): (REGION, {S.REVOKED}),
    **{
        (state, A.WITHDRAW): (APPLICANT, {S.WITHDRAWN})
        for state in (S.DRAFT, S.SUBMITTED, S.SUPPLEMENT, S.ACCEPTED, S.REVIEW1, S.EXPERT, S.REVIEW2)
    },
    **{
        (state, A.PURGE): (REGION | LEAGUE | REVIEWERS, {S.WITHDRAWN})
        for state in (S.DRAFT, S.SUBMITTED, S.SUPPLEMENT, S.ACCEPTED, S.REVIEW1, S.EXPERT, S.REVIEW2)
    },
}  # fmt: skip
#: Rows that nobody can take from the state as the factories leave it: first the other must act.
NEEDS_FIRST = {
    (S.SUPPLEMENT, A.LAPSE),  # the time must be over
    (S.EXPERT, A.PROPOSE),  # an expert must have written
    (S.REGISTERED, A.DROP_REVOKE),
    (S.REGISTERED, A.REVOKE),  # somebody must have proposed it
    *((state, A.ADVISE) for state in (S.CHANGE_PENDING, S.REEXAM)),  # it must be large
    *((state, A.AGREE) for state in (S.CHANGE_PENDING, S.CANCEL_PENDING, S.REEXAM)),
    *((state, A.REJECT) for state in (S.CHANGE_PENDING, S.CANCEL_PENDING)),
    (S.REEXAM, A.UPHOLD),
    (S.REEXAM, A.REVOKE),
}


class Undone(Exception):
    """Raised after a move, so that the next is tried on the same state."""


def actors_of(office: Office) -> dict[str, Any]:
    """Everybody who might try."""
    league = an_organization(OrganizationKind.AUTHORITY, region="150200")
    names = (
        "applicant", "stranger", "clerk", "other_clerk", "reviewer", "other_reviewer", "outsider",
        "authority", "other_authority", "expert", "tax",
    )  # fmt: skip
    return {name: getattr(office, name) for name in names} | {
        "league_authority": a_person(Role.AUTHORITY, league),
        "broker": a_person(Role.BROKER),
        "operator": Console(),
        "visitor": Visitor(),
    }


def facts_for(contract: Any, office: Office) -> dict[str, Any]:
    """What every action might ask for, so that only state and actor decide."""
    kinds = ("amendment", "hearing") if contract.state not in TERMINAL else ()
    proofs = {kind: a_proof(contract, office.applicant, kind) for kind in kinds}
    repairs = queries.repairs_of(contract) and queries.open_repairs(contract)
    return {
        "reason": "理由",
        "gate": "G1",
        "repairs": [{"text": "补正"}],
        "answers": {item.id: "已补" for item in repairs},
        "clerk": office.clerk,
        "opinion": "意见",
        "disputed": True,
        "grounds": GROUNDS,
        "proof": list(proofs.values())[-1:],
        "order": "1号",
        "change": {"term_text": "延期一年"},
    }


def outcome(contract: Any, action: Action, actor: Any, facts: dict[str, Any]) -> State | type:
    """Where the move leads, or which error it raises; nothing is kept."""
    reached: list[State] = []

    def work() -> None:
        operations.advance(contract, action, actor=actor, now=NOW, **facts)
        reached.append(contract.state)
        raise Undone

    try:
        transact(work)
    except Undone:
        return reached[0]
    except (IllegalMove, Forbidden, GuardFailed) as fault:
        return type(fault)
    raise AssertionError("unreachable")


def test_the_table_has_the_rows_of_the_procedure_and_no_other() -> None:
    rows: dict[tuple[State, Action], set[State]] = {}
    for row in CONTRACT.rows:
        rows.setdefault((row.source, row.action), set()).add(row.target)
    assert rows == {key: targets for key, (_who, targets) in TABLE.items()}


@pytest.mark.parametrize("state", State)
def test_each_role_can_do_in_each_state_what_the_table_says(app: Flask, state: State) -> None:
    office = an_office()
    contract = in_state(office, state)
    actors, facts = actors_of(office), facts_for(contract, office)
    for action in Action:
        allowed, targets = TABLE.get((state, action), (None, set()))
        if allowed is None:
            for actor in actors.values():
                with pytest.raises(IllegalMove):
                    operations.advance(contract, action, actor=actor, now=NOW, **facts)
            continue
        found = {name: outcome(contract, action, actor, facts) for name, actor in actors.items()}
        forbidden = {name for name, result in found.items() if result is Forbidden}
        assert forbidden == set(actors) - allowed, (state, action)
        reached = {result for result in found.values() if isinstance(result, State)}
        assert reached <= targets and bool(reached) == ((state, action) not in NEEDS_FIRST), (
            state, action, found,
        )  # fmt: skip
    db.session.rollback()
    assert contract.state == state
