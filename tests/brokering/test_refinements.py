"""What a need leaves open, asked; the answers as changes that its owner decides on."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.brokering.refinements import operations, queries
from marketplace.brokering.refinements.differences import pieces_of
from marketplace.brokering.refinements.models import Refinement
from marketplace.brokering.refinements.questions import Question, proposed
from marketplace.brokering.refinements.states import State
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.listings import operations as listings
from marketplace.listings.lifecycle import State as ListingState
from marketplace.listings.models import Need
from marketplace.notices.models import Notice
from marketplace.outbox import OutboxRow, Topic
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_need, a_user

ANSWERS = {"goal": "清洗周期延长到两年", "budget": "50-80万元"}


def offered(need: Need, actor: object, answers: dict[str, str] | None = None) -> Refinement:
    def work() -> Refinement:
        questions = queries.asked(need)
        said = answers or ANSWERS
        return operations.offer(need, questions, said, actor=actor, now=utcnow())

    return transact(work)


def decided(refinement: Refinement, actor: object, *accepted: str) -> None:
    transact(lambda: operations.decide(refinement, accepted, actor=actor, now=utcnow()))


TEXT = st.text(alphabet="锅炉结垢 95%≥abc\n", max_size=40)


@given(TEXT, TEXT)
def test_the_pieces_say_both_texts(before: str, after: str) -> None:
    pieces = pieces_of(before, after)
    assert "".join(p.text for p in pieces if p.kind != "come") == before
    assert "".join(p.text for p in pieces if p.kind != "gone") == after


def test_a_number_is_replaced_as_a_whole() -> None:
    pieces = [(p.kind, p.text) for p in pieces_of("纯度95.5%", "纯度99.9%")]
    assert pieces == [("kept", "纯度"), ("gone", "95.5%"), ("come", "99.9%")]


def test_answers_are_added_to_texts_and_take_the_place_of_values() -> None:
    questions = [
        Question("absent-scale", "description", "规模？", "处理规模"),
        Question("budget", "budget", "多少钱？"),
        Question("goal", "goal", "目标？"),
    ]
    values = {"description": "原文", "budget": "", "goal": ""}
    answers = {"absent-scale": "50吨/时", "budget": "面议", "goal": " "}
    texts = proposed(values, questions, answers)
    assert texts == {"description": "原文\n处理规模：50吨/时", "budget": "面议"}


def test_only_what_is_open_is_asked(app: Flask) -> None:
    need = a_need(goal="两年清洗一次", keywords=["阻垢"])
    fields = {q.field for q in queries.asked(need)}
    assert {"budget", "deadline", "indicators", "problem"} <= fields
    assert "goal" not in fields and "keywords" not in fields


def test_the_owner_takes_one_answer_and_leaves_the_other(app: Flask) -> None:
    owner, broker = a_user(Role.ENTERPRISE), a_user(Role.BROKER)
    need = a_need(owner.organization)
    revision = need.revision
    refinement = offered(need, broker)
    told = db.session.scalars(select(Notice.user_id)).all()
    decided(refinement, owner, "goal")
    assert told == [owner.id]
    assert (need.goal, need.amount_most) == ("清洗周期延长到两年", None)
    assert need.revision > revision
    assert {f.name: f.accepted for f in refinement.fields} == {"goal": True, "budget": False}


def test_a_public_text_is_reviewed_again_and_the_index_looks_again(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization)
    refinement = offered(need, a_user(Role.BROKER))
    decided(refinement, owner, "goal", "budget")
    looked = select(OutboxRow.subject).where(OutboxRow.topic == Topic.INDEX)
    assert need.state == ListingState.SUBMITTED
    assert need.key in db.session.scalars(looked).all()


def test_a_draft_stays_a_draft(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=ListingState.DRAFT)
    decided(offered(need, owner), owner, "budget")
    assert (need.state, need.amount_most) == (ListingState.DRAFT, 80_000_000)


def test_nothing_changes_where_nothing_is_accepted(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization)
    revision = need.revision
    refinement = offered(need, a_user(Role.BROKER))
    decided(refinement, owner)
    assert (need.revision, need.state) == (revision, ListingState.PUBLISHED)
    with pytest.raises(IllegalMove):
        decided(refinement, owner, "goal")


def test_answers_to_a_text_that_was_changed_meanwhile_are_not_taken(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=ListingState.DRAFT)
    refinement = offered(need, owner)

    def change() -> None:
        facts = {"goal": "另一个目标"}
        listings.change(need, facts, revision=need.revision, actor=owner, now=utcnow())

    transact(change)
    with pytest.raises(Conflict, match="已被修改"):
        decided(refinement, owner, "goal")
    assert (need.goal, refinement.state) == ("另一个目标", State.OFFERED)


def test_a_need_in_talks_does_not_change_under_the_talkers(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=ListingState.IN_TALKS)
    refinement = offered(need, a_user(Role.BROKER))
    with pytest.raises(Conflict, match="对接中"):
        decided(refinement, owner, "goal")


def test_a_second_answer_by_the_same_person_overtakes_the_first(app: Flask) -> None:
    need, broker = a_need(), a_user(Role.BROKER)
    first = offered(need, broker)
    offered(need, broker, {"goal": "一年半清洗一次"})
    assert first.state == State.OVERTAKEN


def test_an_answer_that_cannot_be_read_is_named_by_its_question(app: Flask) -> None:
    with pytest.raises(InvalidInput) as refused:
        offered(a_need(), a_user(Role.BROKER), {"deadline": "越快越好", "goal": "好用"})
    assert list(refused.value.errors) == ["deadline"]
    with pytest.raises(InvalidInput):
        offered(a_need(), a_user(Role.BROKER), {"goal": "  "})


def test_strangers_neither_answer_nor_read_nor_decide(app: Flask) -> None:
    need, broker, stranger = a_need(), a_user(Role.BROKER), a_user(Role.ENTERPRISE)
    refinement = offered(need, broker)
    with pytest.raises(Forbidden):
        offered(need, stranger)
    with pytest.raises(NotFound):
        queries.load(refinement.id, stranger)
    with pytest.raises(Forbidden):
        decided(refinement, broker, "goal")


def test_the_pages_ask_show_and_decide(app: Flask, client: FlaskClient, log_in) -> None:
    owner, broker = a_user(Role.ENTERPRISE), a_user(Role.BROKER)
    need = a_need(owner.organization)
    log_in(broker)
    assert f"/needs/{need.id}/refine" in client.get(f"/needs/{need.id}").text
    address = f"/needs/{need.id}/refine"
    assert "希望达到什么目标" in client.get(address).text
    bad = client.post(address, data={"deadline": "越快越好", "goal": "用得久"})
    assert bad.status_code == 422 and "用得久" in bad.text and "越快越好" in bad.text
    sent = client.post(address, data={"goal": "用得久"})
    shown = client.get(sent.headers["Location"]).text
    assert "<ins>" in shown and "用得久" in shown and "采用这一项" not in shown
    log_in(owner)
    assert "重新提交审核" in client.get(sent.headers["Location"]).text
    client.post(sent.headers["Location"], data={"accepted": "goal"})
    assert need.goal == "用得久"
    assert need.title in client.get("/refinements").text
