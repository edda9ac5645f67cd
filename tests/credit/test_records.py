"""From notice to effect, repair and expiry; nobody decides about what they recorded."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.credit import operations, queries, states
from marketplace.credit.behaviours import Subject
from marketplace.credit.models import BehaviourRecord
from marketplace.credit.states import Action, Behaviour, State, Verdict
from marketplace.errors import Conflict, Forbidden, GuardFailed, IllegalMove, InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.notices.models import Notice, NoticeKind
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.credit.factories import NOW, TODAY, a_proof, a_record, a_report, after, in_effect, moved
from tests.factories import a_user


@pytest.fixture
def owner(app: Flask):
    return a_user(Role.ENTERPRISE)


@pytest.fixture
def record(owner) -> BehaviourRecord:
    return a_record(Subject(organization_id=owner.organization_id))


def points(record: BehaviourRecord, day: date) -> int:
    return queries.score_of(Subject(organization_id=record.organization_id), day).total


def test_a_negative_record_is_noticed_first_and_counts_after_the_period(record, owner) -> None:
    told = db.session.scalars(select(Notice)).all()
    assert [(n.user_id, n.kind, n.subject) for n in told] == [
        (owner.id, NoticeKind.CREDIT_NOTICED, record.key)
    ]
    assert (record.state, record.objection_due_on) == (State.NOTICED, date(2026, 3, 26))
    assert transact(lambda: operations.tidy(now=after(14))) == 0
    assert points(record, date(2026, 3, 26)) == 60
    assert transact(lambda: operations.tidy(now=after(15))) == 1
    assert (record.state, record.expires_on) == (State.EFFECTIVE, date(2029, 3, 27))
    assert (points(record, date(2026, 3, 26)), points(record, date(2026, 3, 27))) == (60, 45)


def test_an_objection_that_is_right_ends_it_before_it_ever_counted(record, owner) -> None:
    moved(record, Action.OBJECT, owner, words="仲裁裁决已被撤销")
    moved(record, Action.DISMISS, a_user(Role.OPERATOR))
    assert (record.state, record.effective_on) == (State.REVOKED, None)
    assert points(record, date(2026, 12, 31)) == 60
    kinds = db.session.scalars(select(Notice.kind).order_by(Notice.id)).all()
    assert kinds == [NoticeKind.CREDIT_NOTICED, NoticeKind.CREDIT_DECIDED]


def test_an_objection_without_ground_lets_the_period_run_out(record, owner) -> None:
    judge = a_user(Role.OPERATOR)
    moved(record, Action.OBJECT, owner)
    moved(record, Action.UPHOLD, judge, words="裁决书有效")
    assert record.state == State.NOTICED
    with pytest.raises(GuardFailed, match="已经申辩过"):
        moved(record, Action.OBJECT, owner)
    transact(lambda: operations.tidy(now=after(15)))
    assert record.state == State.EFFECTIVE


def test_while_an_objection_waits_nothing_takes_effect(record, owner) -> None:
    moved(record, Action.OBJECT, owner)
    assert transact(lambda: operations.tidy(now=after(60))) == 0
    moved(record, Action.UPHOLD, a_user(Role.OPERATOR), now=after(60))
    assert (record.state, record.effective_on) == (State.EFFECTIVE, date(2026, 5, 11))


def test_an_objection_comes_in_words_and_in_time(record, owner) -> None:
    with pytest.raises(GuardFailed, match="理由"):
        moved(record, Action.OBJECT, owner, words="  ")
    with pytest.raises(GuardFailed, match="申辩期已过"):
        moved(record, Action.OBJECT, owner, now=after(15))
    with pytest.raises(InvalidInput):
        moved(record, Action.OBJECT, owner, words="长" * 2001)
    assert record.state == State.NOTICED


def test_whoever_recorded_it_does_not_decide(app: Flask) -> None:
    recorder = a_user(Role.OPERATOR)
    owner = a_user(Role.ENTERPRISE)
    record = a_record(Subject(organization_id=owner.organization_id), recorder=recorder)
    moved(record, Action.OBJECT, owner)
    for action in (Action.UPHOLD, Action.DISMISS):
        with pytest.raises(GuardFailed, match="以外的人"):
            moved(record, action, recorder)
    assert record.state == State.OBJECTED


def test_strangers_neither_see_nor_object_before_it_takes_effect(record) -> None:
    stranger = a_user(Role.INSTITUTE)
    with pytest.raises(NotFound):
        queries.load(record.id, stranger)
    with pytest.raises(Forbidden):
        moved(record, Action.OBJECT, stranger)
    with pytest.raises(Forbidden):
        moved(record, Action.REVOKE, stranger)
    transact(lambda: operations.tidy(now=after(15)))
    assert queries.load(record.id, stranger) is record


def test_repair_takes_time_proof_and_a_decision(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    record = in_effect(subject=Subject(organization_id=owner.organization_id))
    with pytest.raises(GuardFailed, match="未满"):
        moved(record, Action.ASK_REPAIR, owner, now=after(60), proof=a_proof())
    with pytest.raises(GuardFailed, match="证明材料"):
        moved(record, Action.ASK_REPAIR, owner, now=after(120))
    moved(record, Action.ASK_REPAIR, owner, now=after(120), proof=a_proof())
    assert points(record, date(2026, 7, 10)) == 45
    moved(record, Action.GRANT_REPAIR, a_user(Role.OPERATOR), now=after(121))
    assert record.state == State.REPAIRED
    assert (points(record, date(2026, 7, 10)), points(record, date(2026, 7, 11))) == (45, 60)


def test_a_repair_that_is_refused_may_be_asked_for_again(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    record = in_effect(subject=Subject(organization_id=owner.organization_id))
    for days in (120, 150):
        moved(record, Action.ASK_REPAIR, owner, now=after(days), proof=a_proof())
        moved(record, Action.REFUSE_REPAIR, a_user(Role.OPERATOR), now=after(days + 1))
    assert record.state == State.EFFECTIVE
    decided = select(Notice).where(Notice.kind == NoticeKind.CREDIT_DECIDED)
    assert len(db.session.scalars(decided).all()) == 3  # in effect, and refused twice


def test_false_material_cannot_be_repaired_and_expires(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    subject = Subject(organization_id=owner.organization_id)
    record = in_effect(subject=subject, kind=Behaviour.FALSE_MATERIAL)
    with pytest.raises(GuardFailed, match="不能修复"):
        moved(record, Action.ASK_REPAIR, owner, now=after(400), proof=a_proof())
    late = after(365 * 6)
    assert transact(lambda: operations.tidy(now=late)) == 1
    assert (record.state, record.ended_on) == (State.EXPIRED, record.expires_on)
    assert transact(lambda: operations.tidy(now=late)) == 0
    assert points(record, date(2031, 3, 26)) == 35
    assert points(record, date(2031, 3, 27)) == 60


def test_what_has_ended_moves_no_more(record, owner) -> None:
    moved(record, Action.OBJECT, owner)
    moved(record, Action.DISMISS, a_user(Role.OPERATOR))
    with pytest.raises(IllegalMove):
        moved(record, Action.REVOKE, a_user(Role.OPERATOR))


def test_a_report_names_every_field_that_is_wrong(app: Flask) -> None:
    subject = Subject(organization_id=a_user().organization_id)
    report = a_report(
        subject, kind=Behaviour.CONTRACT_REGISTERED, day=date(2026, 3, 13), words="", proof=None
    )
    with pytest.raises(InvalidInput) as refused:
        transact(lambda: operations.record_behaviour(report, actor=a_user(Role.OPERATOR), now=NOW))
    assert set(refused.value.errors) == {"kind", "day", "words", "file"}


def test_the_same_evidence_is_recorded_once_for_one_behaviour(app: Flask) -> None:
    subject, operator = Subject(organization_id=a_user().organization_id), a_user(Role.OPERATOR)
    report = a_report(subject)
    transact(lambda: operations.record_behaviour(report, actor=operator, now=NOW))
    with pytest.raises(Conflict, match="已按同一来源记录过"):
        transact(lambda: operations.record_behaviour(report, actor=operator, now=NOW))


def test_only_the_operator_records_and_judges(app: Flask) -> None:
    subject = Subject(organization_id=a_user().organization_id)
    for role in (Role.ENTERPRISE, Role.BROKER, Role.CLERK, Role.AUTHORITY):
        with pytest.raises(Forbidden):
            transact(
                lambda r=role: operations.record_behaviour(
                    a_report(subject), actor=a_user(r), now=NOW
                )
            )


def test_the_history_cannot_be_rewritten(record) -> None:
    step = record.steps[0]
    with pytest.raises(Exception, match="append-only"):
        transact(lambda: setattr(step, "words", "改写"))


def test_a_brokers_record_is_the_brokers_own(app: Flask) -> None:
    broker, other = a_user(Role.BROKER), a_user(Role.BROKER)
    record = a_record(Subject(user_id=broker.id), kind=Behaviour.BROKER_MISCONDUCT)
    with pytest.raises(Forbidden):
        moved(record, Action.OBJECT, other)
    moved(record, Action.OBJECT, broker)
    assert record.state == State.OBJECTED
    assert queries.score_of(Subject(user_id=broker.id), TODAY).total == 60


def test_names_of_verdicts_and_states_are_complete() -> None:
    from_states = {member for kind in (State, Action, Behaviour, Verdict) for member in kind}
    tables = (
        states.STATE_NAMES,
        states.ACTION_NAMES,
        states.BEHAVIOUR_NAMES,
        states.VERDICT_NAMES,
    )
    assert from_states == {member for table in tables for member in table}
