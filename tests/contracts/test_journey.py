"""The way of a contract from its draft to its end, as the people of a point would tell it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from marketplace.audit import Tag
from marketplace.contracts import income, operations, queries
from marketplace.contracts.income import Receipt
from marketplace.contracts.models import Contract
from marketplace.contracts.proceedings import Answer, NoticeKind
from marketplace.contracts.states import Action, State
from marketplace.errors import Conflict, Forbidden, GuardFailed, IllegalMove, InvalidInput
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.transactions import transact
from tests.contracts.factories import (
    GROUNDS,
    NOW,
    TODAY,
    WAN,
    a_draft,
    a_proof,
    an_office,
    in_review,
    in_state,
    moved,
    refused,
    registered,
)


def standing(contract) -> tuple[int, int, int, int]:
    """What the ledger's entries of a contract sum to."""
    (row,) = ledger.state_as_of(ledger.size(), contract.key)
    return row.count, row.deal, row.technology, row.income


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_by_moves_of_the_table(app: Flask, state: State) -> None:
    assert in_state(an_office(), state).state == state


def test_a_contract_without_trigger_is_registered_by_one_reviewer(app: Flask) -> None:
    contract = in_review(office := an_office())
    contract.sampled = False
    moved(contract, Action.PROPOSE, office.clerk)
    assert contract.state == State.REGISTERED
    assert contract.local_no == "2026150203000001" and contract.registered_on == TODAY
    assert standing(contract) == (1, 100 * WAN, 80 * WAN, 0)


def test_a_trigger_asks_for_a_second_reviewer(app: Flask) -> None:
    contract = registered(office := an_office())
    assert contract.triggers == ["tax"] and contract.rules == "RV-2026"
    assert contract.first_reviewer_id == office.clerk.id
    assert contract.second_reviewer_id == office.reviewer.id


def test_a_change_reverses_what_stood_and_enters_what_stands(app: Flask) -> None:
    contract = registered(office := an_office())
    proof, later = a_proof(contract, office.applicant), NOW + timedelta(days=40)
    change = {"deal_amount": 90 * WAN, "deal_words": "玖拾万元整", "technology_amount": 70 * WAN}
    asked = {"reason": "补充协议", "proof": [proof], "change": change}
    moved(contract, Action.REQUEST_CHANGE, office.applicant, now=later, **asked)
    assert contract.deal_amount == 100 * WAN
    moved(contract, Action.EXAMINE, office.clerk, now=later, opinion="属实")
    moved(contract, Action.AGREE, office.reviewer, now=later)
    assert (contract.version, contract.deal_amount) == (2, 90 * WAN)
    assert standing(contract) == (1, 90 * WAN, 70 * WAN, 0)
    kinds = [entry.kind.value for entry in ledger.entries_of(contract.key)]
    assert kinds == ["registered", "reversed", "registered"]
    assert [e.facts["date"] for e in ledger.entries_of(contract.key)][1:] == ["2026-04-19"] * 2
    assert [v.deal_amount for v in queries.versions_of(contract)] == [100 * WAN, 90 * WAN]
    assert queries.has_been_told(contract, NoticeKind.BENEFIT)


def test_a_change_that_is_not_accepted_leaves_all_as_it_was(app: Flask) -> None:
    contract = in_state(office := an_office(), State.CHANGE_PENDING)
    moved(contract, Action.EXAMINE, office.clerk, opinion="证明不足")
    moved(contract, Action.REJECT, office.reviewer, reason="证明不足")
    assert (contract.state, contract.version) == (State.REGISTERED, 1)
    assert standing(contract) == (1, 100 * WAN, 80 * WAN, 0)


@pytest.mark.parametrize("state", [State.CANCELLED, State.REVOKED])
def test_what_is_cancelled_or_revoked_counts_nothing_and_keeps_its_number(
    app: Flask, state: State
) -> None:
    office = an_office()
    contract = in_state(office, state)
    assert standing(contract) == (0, 0, 0, 0)
    assert contract.local_no == "2026150203000001" and contract.ended_on == TODAY
    assert registered(office).local_no == "2026150203000002"
    assert not queries.public_facts(contract.local_no).is_valid


def test_a_refused_case_comes_again_as_a_new_case_with_a_link(app: Flask) -> None:
    office = an_office()
    old = refused(office)
    assert queries.refusals_of(old)[0].code == "F07"
    again = transact(lambda: operations.apply_again(old, actor=office.applicant, now=NOW))
    assert again.previous_id == old.id and again.state == State.DRAFT
    assert {a.digest for a in again.attachments} == {a.digest for a in old.attachments}
    assert old.state == State.REFUSED


def test_an_objection_against_a_refusal_is_decided_by_others(app: Flask) -> None:
    contract = refused(office := an_office())
    moved(contract, Action.OBJECT, office.applicant, reason="权属证明已附")
    with pytest.raises(GuardFailed):
        moved(contract, Action.EXAMINE, office.clerk, opinion="再看")
    moved(contract, Action.EXAMINE, office.other_clerk, opinion="证明齐全")
    moved(contract, Action.AGREE, office.authority)
    assert contract.state == State.REGISTERED and contract.version == 1
    assert standing(contract) == (1, 100 * WAN, 80 * WAN, 0)


def test_a_tax_body_may_object_and_have_the_amount_corrected(app: Flask) -> None:
    contract = in_state(office := an_office(), State.REEXAM)
    lower = {
        "technology_amount": 60 * WAN,
        "deductions": [{"kind": "equipment", "name": "设备", "amount": 40 * WAN, "evidence": "五"}],
    }
    moved(contract, Action.EXAMINE, office.other_clerk, opinion="设备漏扣", change=lower)
    moved(contract, Action.AGREE, office.other_reviewer)
    assert standing(contract) == (1, 100 * WAN, 60 * WAN, 0)
    assert contract.version == 2 and contract.deducted == 40 * WAN


def test_an_objection_without_ground_leaves_the_registration(app: Flask) -> None:
    contract = in_state(office := an_office(), State.REEXAM)
    moved(contract, Action.EXAMINE, office.other_clerk, opinion="无误")
    moved(contract, Action.UPHOLD, office.other_reviewer, reason="原登记无误")
    assert (contract.state, contract.version) == (State.REGISTERED, 1)


def test_income_is_verified_line_by_line_up_to_the_technology_amount(app: Flask) -> None:
    contract = registered(office := an_office())

    def declared(voucher: str, wan: int):
        receipt = Receipt(TODAY, voucher, wan * WAN)
        return transact(lambda: income.declare(contract, receipt, actor=office.applicant, now=NOW))

    first, second = declared("A1", 50), declared("A2", 50)
    transact(lambda: income.verify(contract, first, 50 * WAN, actor=office.clerk, now=NOW))
    with pytest.raises(GuardFailed, match="300,000.00元"):
        transact(lambda: income.verify(contract, second, 40 * WAN, actor=office.clerk, now=NOW))
    transact(lambda: income.verify(contract, second, 30 * WAN, actor=office.clerk, now=NOW))
    assert standing(contract) == (1, 100 * WAN, 80 * WAN, 80 * WAN)


def test_a_change_below_the_verified_income_is_blocked(app: Flask) -> None:
    contract = registered(office := an_office())
    receipt = Receipt(TODAY, "B1", 80 * WAN)
    line = transact(lambda: income.declare(contract, receipt, actor=office.applicant, now=NOW))
    transact(lambda: income.verify(contract, line, 75 * WAN, actor=office.clerk, now=NOW))
    proof = a_proof(contract, office.applicant)
    change = {"deal_amount": 90 * WAN, "deal_words": "玖拾万元", "technology_amount": 70 * WAN}
    asked = {"reason": "减价", "proof": [proof], "change": change}
    moved(contract, Action.REQUEST_CHANGE, office.applicant, **asked)
    moved(contract, Action.EXAMINE, office.clerk, opinion="属实")
    with pytest.raises(GuardFailed, match="低于已核定"):
        moved(contract, Action.AGREE, office.reviewer)


def test_words_said_with_a_submission_do_not_hide_what_is_wrong(app: Flask) -> None:
    draft = a_draft(office := an_office(), deal_words="壹拾万元整")
    with pytest.raises(GuardFailed):
        moved(draft, Action.SUBMIT, office.applicant, change={"deal_words": "壹佰万元整"})


def test_whoever_declares_income_does_not_verify_it(app: Flask) -> None:
    contract = registered(office := an_office())
    typist = office.other_clerk.id  # typed at the counter
    transact(lambda: setattr(contract, "typist_id", typist))
    receipt = Receipt(TODAY, "D1", WAN)
    line = transact(lambda: income.declare(contract, receipt, actor=office.other_clerk, now=NOW))
    with pytest.raises(Forbidden):
        transact(lambda: income.verify(contract, line, WAN, actor=office.other_clerk, now=NOW))


@pytest.mark.parametrize(
    ("receipt", "field"),
    [
        (Receipt(TODAY, " ", WAN), "voucher"),
        (Receipt(TODAY, "E1", 0), "received"),
        (Receipt(TODAY, "E1", WAN, non_technical=WAN), "non_technical"),
        (Receipt(TODAY + timedelta(days=1), "E1", WAN), "received_on"),
        (Receipt(TODAY - timedelta(days=60), "E1", WAN), "received_on"),
        (Receipt(TODAY, "E1", WAN, rewards=[{"name": "甲", "amount": 2 * WAN}]), "rewards"),
    ],
)
def test_a_wrong_receipt_is_refused_by_field(app: Flask, receipt: Receipt, field: str) -> None:
    contract = registered(office := an_office())
    with pytest.raises(InvalidInput) as refusal:
        transact(lambda: income.declare(contract, receipt, actor=office.applicant, now=NOW))
    assert list(refusal.value.errors) == [field]


def test_a_voucher_is_declared_once_unless_it_was_returned(app: Flask) -> None:
    contract = registered(office := an_office())
    receipt = Receipt(TODAY, "F1", WAN)

    def declare() -> Any:
        return transact(lambda: income.declare(contract, receipt, actor=office.applicant, now=NOW))

    line = declare()
    with pytest.raises(InvalidInput):
        declare()
    transact(lambda: income.return_line(contract, line, "票据不清", actor=office.clerk, now=NOW))
    assert line.status == "returned" and declare().status == "declared"


def test_the_clerk_sets_type_and_amount_and_what_stood_is_recorded(app: Flask) -> None:
    contract = in_review(office := an_office())
    lines = [{"kind": "equipment", "name": "设备", "amount": 30 * WAN, "evidence": "五"}]
    set_now = {"technology_amount": 70 * WAN, "deductions": lines}
    transact(lambda: operations.assess(contract, set_now, actor=office.clerk, now=NOW))
    assert (contract.technology_amount, contract.deducted) == (70 * WAN, 30 * WAN)
    recorded = queries.history_of(contract)[-1].facts
    assert recorded["before"]["technology_amount"] == 80 * WAN
    with pytest.raises(InvalidInput):
        transact(
            lambda: operations.assess(contract, {"deal_amount": 1}, actor=office.clerk, now=NOW)
        )
    with pytest.raises(Conflict):
        transact(lambda: operations.assess(contract, set_now, actor=office.other_clerk, now=NOW))


def test_a_change_needs_to_say_what_changes(app: Flask) -> None:
    contract = registered(office := an_office())
    proof = a_proof(contract, office.applicant)
    with pytest.raises(GuardFailed, match="变更的内容"):
        moved(contract, Action.REQUEST_CHANGE, office.applicant, reason="补充", proof=[proof])


def test_no_income_after_the_end(app: Flask) -> None:
    contract = in_state(office := an_office(), State.CANCELLED)
    receipt = Receipt(TODAY, "C1", WAN)
    with pytest.raises(GuardFailed):
        transact(lambda: income.declare(contract, receipt, actor=office.applicant, now=NOW))


def test_every_move_is_recorded_with_role_version_and_file_hashes(app: Flask) -> None:
    contract = registered(an_office())
    moves = [e for e in queries.history_of(contract) if e.tag == Tag.CONTRACT_MOVED]
    assert [e.facts["action"] for e in moves] == ["submit", "accept", "assign", "propose", "agree"]
    assert {e.facts["rules"] for e in moves} == {"RV-2026"}
    assert [e.facts["role"] for e in moves] == [
        "institute", "clerk", "clerk", "clerk", "reviewer",
    ]  # fmt: skip
    assert all(len(e.facts["files"]) == 2 and e.actor_id for e in moves)


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN, State.CANCELLED, State.REVOKED])
def test_what_has_ended_is_never_edited(app: Flask, state: State) -> None:
    contract = in_state(office := an_office(), state)
    with pytest.raises(Exception, match="不能|不能直接修改|没有"):
        transact(
            lambda: operations.change(
                contract,
                {"project_name": "改"},
                revision=contract.revision,
                actor=office.applicant,
                now=NOW,
            )
        )
    with pytest.raises(IllegalMove):
        moved(contract, Action.SUBMIT, office.applicant)


def test_a_supplement_restarts_the_clock_from_the_day_it_is_handed_in(app: Flask) -> None:
    contract = in_review(office := an_office())
    assert contract.due_on.isoformat() == "2026-03-31"
    repairs = [{"text": "补验收标准"}, {"text": "补印章"}]
    moved(contract, Action.ASK_REPAIR, office.clerk, repairs=repairs)
    assert contract.due_on is None
    one, two = queries.open_repairs(contract)
    with pytest.raises(GuardFailed, match="逐项"):
        moved(contract, Action.RESUBMIT, office.applicant, answers={one.id: "已补"})
    later = NOW + timedelta(days=20)
    answers = {one.id: "已补", two.id: "已补"}
    moved(contract, Action.RESUBMIT, office.applicant, now=later, answers=answers)
    moved(contract, Action.ACCEPT, office.clerk, now=later + timedelta(days=2))
    assert contract.accepted_on.isoformat() == "2026-03-30"
    assert contract.due_on.isoformat() == "2026-04-21"  # three days of 清明 lie between


def test_a_list_of_repairs_that_nobody_answers_lapses_after_notice(app: Flask) -> None:
    contract = in_state(an_office(), State.SUPPLEMENT)
    assert transact(lambda: operations.lapse_unanswered(now=NOW + timedelta(days=30))) == 0
    assert transact(lambda: operations.lapse_unanswered(now=NOW + timedelta(days=31))) == 1
    assert contract.state == State.WITHDRAWN


def test_a_large_contract_is_heard_by_experts_and_decided_by_two(app: Flask) -> None:
    office = an_office()
    facts = {
        "deal_amount": 500 * WAN,
        "deal_words": "伍佰万元整",
        "technology_amount": 500 * WAN,
        "deductions": [],
    }
    contract = in_review(office, **facts)
    with pytest.raises(GuardFailed, match="专家"):
        moved(contract, Action.PROPOSE, office.clerk)
    moved(contract, Action.REFER, office.clerk)
    assert contract.due_on.isoformat() == "2026-04-22"
    moved(contract, Action.ADVISE, office.expert, opinion="属于技术开发", in_favour=True)
    moved(contract, Action.PROPOSE, office.clerk)
    assert contract.state == State.REVIEW2 and contract.triggers == ["large"]


def test_classified_content_leaves_a_stub_and_no_file(app: Flask) -> None:
    contract = in_review(office := an_office())
    digest = contract.attachments[0].digest
    told = {"reason": "含涉密内容", "order": "内科密〔2026〕1号"}
    moved(contract, Action.PURGE, office.authority, **told)
    assert contract.state == State.WITHDRAWN and not contract.attachments
    assert contract.project_name == contract.content == "" and not contract.parties
    assert not (
        app.extensions["settings"].home / "files/attachments" / digest[:2] / digest
    ).exists()


def test_the_same_contract_is_not_registered_twice_anywhere(app: Flask) -> None:
    office, other = an_office(), an_office("150204")
    first = registered(office)
    facts = {name: getattr(first, name) for name in ("project_name", "content", "signed_on")}
    other.applicant, other.buyer = office.applicant, office.buyer
    twin = a_draft(other, **facts)
    text = first.attachments[0]
    content = app.extensions["settings"].home / "files/attachments" / text.digest[:2] / text.digest

    def use_same_text() -> None:
        operations.detach(twin, twin.attachments[0].id, actor=office.applicant, now=NOW)
        operations.attach(
            twin, "contract", "c.pdf", content.read_bytes(), actor=office.applicant, now=NOW
        )

    transact(use_same_text)
    moved(twin, Action.SUBMIT, office.applicant)
    with pytest.raises(GuardFailed, match="重复登记"):
        moved(twin, Action.ACCEPT, other.clerk)


def test_a_refusal_needs_a_ground_of_the_version_with_words_and_evidence(app: Flask) -> None:
    contract = in_review(office := an_office())
    for grounds in ([], [GROUNDS[0] | {"code": "F02"}], [GROUNDS[0] | {"evidence": " "}]):
        with pytest.raises(GuardFailed, match="法定情形"):
            moved(contract, Action.REFUSE, office.clerk, grounds=grounds)


def test_a_case_that_was_sent_back_is_applied_for_anew(app: Flask) -> None:
    office, later = an_office(), NOW + timedelta(days=40)
    contract = in_state(office, State.SUPPLEMENT)
    (item,) = queries.open_repairs(contract)
    moved(contract, Action.RESUBMIT, office.applicant, answers={item.id: "已补"})
    moved(contract, Action.SEND_BACK, office.clerk, gate="G1", reason="请转他处")
    assert contract.submitted_at is None and contract.rules == ""
    moved(contract, Action.SUBMIT, office.applicant, now=later)
    moved(contract, Action.ACCEPT, office.clerk, now=later)
    assert contract.accepted_on == TODAY + timedelta(days=40)


def test_an_expired_contract_does_not_pass_on_an_earlier_application(app: Flask) -> None:
    contract = in_state(office := an_office(), State.SUBMITTED)
    moved(contract, Action.SEND_BACK, office.clerk, gate="G1", reason="请转他处")
    with pytest.raises(GuardFailed):
        moved(contract, Action.SUBMIT, office.applicant, now=NOW + timedelta(days=600))


def test_a_change_of_type_passes_the_tests_of_the_new_type(app: Flask) -> None:
    contract = registered(office := an_office())
    told = {"reason": "类别有误", "proof": [a_proof(contract, office.applicant)]}
    moved(contract, Action.REQUEST_CHANGE, office.applicant, change={"type": "51"}, **told)
    moved(contract, Action.EXAMINE, office.other_clerk, opinion="属实")
    with pytest.raises(GuardFailed) as refusal:
        moved(contract, Action.AGREE, office.reviewer)
    assert set(refusal.value.errors) == {"tests.E1", "tests.E2", "tests.E3", "tests.E4"}

    def tick() -> None:
        for code in ("E1", "E2", "E3", "E4"):
            facts = {"actor": office.other_clerk, "now": NOW}
            operations.tick(contract, code, Answer.YES, "第三条", **facts)

    transact(tick)
    assert moved(contract, Action.AGREE, office.reviewer).type == "51"


def test_files_and_ticks_go_by_the_state_that_is_stored(app: Flask) -> None:
    """Somebody else submitted, or registered, since the case was read."""
    office = an_office()
    draft, reviewed = a_draft(office), in_review(office)

    def elsewhere(contract: Contract, state: State) -> None:
        stale = {"synchronize_session": False}
        moved_on = update(Contract).where(Contract.id == contract.id).values(state=state)
        db.session.execute(moved_on, execution_options=stale)

    def detach() -> None:
        elsewhere(draft, State.SUBMITTED)
        key = draft.attachments[0].id
        operations.detach(draft, key, actor=office.applicant, now=NOW)

    def attach() -> None:
        elsewhere(draft, State.SUBMITTED)
        operations.attach(draft, "contract", "a.pdf", b"%PDF-x", actor=office.applicant, now=NOW)

    def tick() -> None:
        elsewhere(reviewed, State.REFUSED)
        operations.tick(reviewed, "A1", Answer.NO, "第三条", actor=office.clerk, now=NOW)

    for work in (detach, attach, tick):
        with pytest.raises(Conflict):
            transact(work)
