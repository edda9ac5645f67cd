"""Two hundred random walks through the table; sums, numbers and ledger hold after each."""

from collections import defaultdict
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.contracts import operations, queries
from marketplace.contracts.lifecycle import CONTRACT
from marketplace.contracts.models import Contract
from marketplace.contracts.states import LIVE, Action, State
from marketplace.errors import MarketplaceError
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.ledger.entry import Kind
from marketplace.ledger.merkle import EMPTY_ROOT
from marketplace.ledger.models import LedgerEntry
from marketplace.permissions import permits
from marketplace.transactions import transact
from tests.contracts.factories import (
    GROUNDS,
    NOW,
    WAN,
    Office,
    a_draft,
    a_proof,
    an_office,
    in_second_review,
    refused,
    registered,
    ticked,
)

STEPS = 6
BEGINNINGS = {
    "draft": a_draft,
    "second review": in_second_review,
    "registered": registered,
    "refused": refused,
}
CHANGES: list[dict[str, Any]] = [
    {"term_text": "延期一年"},
    {"deal_amount": 90 * WAN, "deal_words": "玖拾万元整", "technology_amount": 70 * WAN},
    {"technology_amount": 99 * WAN},  # the deductions no longer sum: must be refused
    {"deal_amount": 120 * WAN, "deal_words": "壹佰贰拾万元整", "technology_amount": 100 * WAN},
]
#: Actions that end a walk early are drawn less often than those that lead on.
ENDS = (Action.WITHDRAW, Action.PURGE, Action.REFUSE)


def people(office: Office) -> list[Any]:
    return [
        office.applicant, office.clerk, office.other_clerk, office.reviewer, office.other_reviewer,
        office.authority, office.other_authority, office.expert, office.tax, office.stranger,
    ]  # fmt: skip


def draw_action(data: st.DataObject, state: State) -> Action:
    known = CONTRACT.actions(state)
    leading = [action for action in known if action not in ENDS]
    return data.draw(st.sampled_from([*leading, *leading, *leading, *known, Action.AGREE]))


def draw_actor(data: st.DataObject, contract: Contract, action: Action, office: Office) -> Any:
    everybody = people(office)
    rows = [row for row in CONTRACT.rows if (row.source, row.action) == (contract.state, action)]
    able = [p for p in everybody if rows and permits(p, rows[0].permission, contract)]
    return data.draw(st.sampled_from([*able, *able, *able, *everybody]))


def step(data: st.DataObject, contract: Contract, office: Office) -> None:
    """One attempt, by somebody who may or may not, with what the action asks for."""
    action = draw_action(data, contract.state)
    actor = draw_actor(data, contract, action, office)
    if action == Action.PROPOSE:
        ticked(contract, office.clerk)
    kind = "hearing" if action == Action.PROPOSE_REVOKE else "amendment"
    wants_proof = action in (Action.REQUEST_CHANGE, Action.REQUEST_CANCEL, Action.PROPOSE_REVOKE)
    proof = [a_proof(contract, office.applicant, kind)] if wants_proof else []
    repairs = queries.repairs_of(contract) and queries.open_repairs(contract)
    facts = {
        "reason": "理由",
        "gate": "G1",
        "repairs": [{"text": "补正"}],
        "answers": {item.id: "已补" for item in repairs},
        "clerk": data.draw(st.sampled_from([office.clerk, office.other_clerk, office.reviewer])),
        "opinion": "意见",
        "grounds": GROUNDS,
        "proof": proof,
        "order": "1号",
    }
    if action == Action.REQUEST_CHANGE:
        facts["change"] = data.draw(st.sampled_from(CHANGES))
    try:
        transact(lambda: operations.advance(contract, action, actor=actor, now=NOW, **facts))
    except MarketplaceError:
        db.session.rollback()


def assert_sums_hold(contract: Contract) -> None:
    """Σ entries of the contract = what it is worth now; nothing before and after its life."""
    rows = ledger.state_as_of(ledger.size(), contract.key)
    total = (rows[0].count, rows[0].deal, rows[0].technology) if rows else (0, 0, 0)
    counts = contract.state in LIVE or (
        contract.state == State.REEXAM and contract.local_no is not None
    )
    worth = (1, contract.deal_amount, contract.technology_amount) if counts else (0, 0, 0)
    assert total == worth
    for entry in ledger.entries_of(contract.key):
        assert sum(posting["fen"] for posting in entry.facts["postings"]) == 0


def assert_versions_hold(contract: Contract) -> None:
    """A number has been given if and only if the case was once registered."""
    versions = queries.versions_of(contract)
    assert [v.version for v in versions] == list(range(1, contract.version + 1))
    assert (contract.local_no is not None) == bool(versions)
    entered = [e for e in ledger.entries_of(contract.key) if e.kind == Kind.REGISTERED]
    assert [e.position for e in entered] == [v.position for v in versions]
    if versions and contract.purged_at is None:
        assert (versions[-1].deal_amount, versions[-1].technology_amount) == (
            contract.deal_amount, contract.technology_amount,
        )  # fmt: skip
    assert contract.second_reviewer_id is None or (
        contract.second_reviewer_id != contract.first_reviewer_id
    )


def assert_numbers_hold() -> None:
    """At each point and in each year the serials count from one without a gap."""
    serials = defaultdict(list)
    for number in db.session.scalars(
        select(Contract.local_no).where(Contract.local_no.isnot(None))
    ):
        serials[number[:10]].append(int(number[10:]))
    for given_serials in serials.values():
        assert sorted(given_serials) == list(range(1, len(given_serials) + 1))


def assert_chain_holds() -> None:
    """Every entry names the one before."""
    rows = db.session.execute(
        select(LedgerEntry.position, LedgerEntry.previous, LedgerEntry.leaf_hash).order_by(
            LedgerEntry.position
        )
    )
    before = EMPTY_ROOT
    for place, (position, previous, leaf) in enumerate(rows):
        assert (position, previous) == (place, before)
        before = leaf


def test_after_every_walk_sums_numbers_and_ledger_hold(app: Flask) -> None:
    office = an_office()

    @settings(
        max_examples=200,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def walk(data: st.DataObject) -> None:
        contract = data.draw(st.sampled_from(list(BEGINNINGS.values())))(office)
        for _ in range(STEPS):
            step(data, contract, office)
        assert_sums_hold(contract)
        assert_versions_hold(contract)
        assert_numbers_hold()
        assert_chain_holds()
        reached.add(contract.state)

    reached: set[State] = set()
    walk()
    # The walks come about: most states are reached, the late ones among them.
    assert reached >= {State.REGISTERED, State.CANCEL_PENDING, State.CHANGE_PENDING, State.REEXAM}
