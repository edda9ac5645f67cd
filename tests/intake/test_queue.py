"""The operator's queue: what is accepted, split, merged and refused, and that nothing is public."""

import json
from functools import partial
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import Console
from marketplace.audit import AuditEntry, Tag, entries_of
from marketplace.database import utcnow
from marketplace.errors import Conflict, IllegalMove, InvalidInput
from marketplace.extensions import db
from marketplace.intake import forms, operations, queries
from marketplace.intake.lifecycle import State
from marketplace.intake.models import CollectedNotice, CollectedPair, SourceState
from marketplace.listings import exporting
from marketplace.listings.lifecycle import State as ListingState
from marketplace.listings.models import Need
from marketplace.matchmaking.indexing import current_library
from marketplace.permissions import Role
from marketplace.transactions import transact
from marketplace.worker import drain
from tests.contracts.test_concurrency import at_once
from tests.factories import a_need, a_user
from tests.intake.factories import LocalNeeds, a_row, gathered, knows, notices, serve
from tests.scrapers.site import Site

MIXED = "我公司有以下需求：1.开发马铃薯淀粉废水中蛋白回收的技术；2.解决羊绒染色色差大的难题；3.招聘硕士以上化工专业人才5名，月薪面谈。"


@pytest.fixture
def brought(app: Flask, site: Site):
    """Have the local source bring these rows."""

    def bring(*rows: dict) -> list[CollectedNotice]:
        knows(app, site)
        serve(site, rows)
        gathered()
        return notices()

    return bring


def accepted(notice: CollectedNotice, **changes) -> Need:
    """The draft that a notice became as it was read, but for changes."""
    values = forms.values_of(queries.reading_of(notice).whole) | changes
    draft, errors = forms.draft_of(values)
    assert draft is not None, errors

    def work():
        return operations.accept(queries.load(notice.id), [draft], actor=Console(), now=utcnow())

    return transact(work)[0]


def test_accepting_makes_a_draft_of_an_organisation_without_an_account(brought) -> None:
    (notice,) = brought(a_row(1))
    need = accepted(notice)
    assert (need.state, need.source, need.source_key) == (
        ListingState.DRAFT,
        "local_needs",
        "local_needs:n1",
    )
    assert (need.organization.name, need.organization.uscc) == ("包头市测试企业1厂", None)
    assert (need.region, need.field) == ("150200", "09")
    assert need.amount_most == 51 * 1_000_000
    assert "来源：本地测试发布单位，http" in need.description
    assert (notice.state, notice.became) == (State.ACCEPTED, [need.key])


def test_a_draft_is_neither_public_nor_indexed_until_a_reviewer_publishes_it(
    brought, client: FlaskClient
) -> None:
    (notice,) = brought(a_row(1))
    need = accepted(notice)
    drain()
    current_library().reconcile()
    assert client.get(f"/needs/{need.id}").status_code == 404
    assert need.key not in current_library().matchers["need"].state.documents
    transact(lambda: operations.publish([need], actor=Console(), now=utcnow()))
    drain()
    assert client.get(f"/needs/{need.id}").status_code == 200
    assert need.key in current_library().matchers["need"].state.documents


def test_contacts_reach_no_listing_no_index_and_no_export(brought, client: FlaskClient) -> None:
    content = "锅炉结垢严重，希望研发长效阻垢剂。联系人：王小明，电话（0472）5123456，手机１３９４７２１２３４５，wang@example.com"
    (notice,) = brought(a_row(1, content=content, title="锅炉阻垢13947212345"))
    need = accepted(notice)
    transact(lambda: operations.publish([need], actor=Console(), now=utcnow()))
    drain()
    document = current_library().matchers["need"].state.documents[need.key]
    stream = BytesIO()
    exporting.export("need", [need], stream, "jsonl")
    facts = json.dumps(
        {c.name: str(getattr(need, c.name)) for c in Need.__table__.columns}, ensure_ascii=False
    )
    for personal in (
        "王小明",
        "5123456",
        "１３９４７２１２３４５",
        "13947212345",
        "wang@example.com",
    ):
        assert personal not in facts
        assert personal not in document.title + document.text
        assert personal not in stream.getvalue().decode()
        assert personal not in client.get(f"/needs/{need.id}").text
    entries = db.session.query(AuditEntry).all()
    assert all("王小明" not in str(e.facts) and "13947212345" not in str(e.facts) for e in entries)


def test_a_contact_that_was_typed_back_in_is_refused_and_named(brought) -> None:
    (notice,) = brought(a_row(1))
    with pytest.raises(InvalidInput) as refusal:
        accepted(notice, description="有意者请电13947212345")
    assert "13947212345" in refusal.value.errors["description"][0]
    assert db.session.query(Need).count() == 0


def test_a_record_of_several_needs_becomes_drafts_and_stays_as_their_parent(
    brought, client: FlaskClient, log_in
) -> None:
    (notice,) = brought(a_row(1, content=MIXED))
    log_in(a_user(Role.OPERATOR))
    page = client.get(f"/operator/intake/{notice.id}?do=split").text
    assert "拆分为3条需求" in page and "非技术需求：人才、用工" in page
    data = {"then": "queue"}
    for number in (1, 2):
        data |= {
            f"p{number}-keep": "1",
            f"p{number}-kind": "need",
            f"p{number}-title": f"需求{number}",
        }
        data |= {f"p{number}-description": "研发一种办法"}
    assert client.post(f"/operator/intake/{notice.id}/split", data=data).status_code == 302
    db.session.expire_all()
    needs = db.session.query(Need).order_by(Need.id).all()
    assert [need.source_key for need in needs] == ["local_needs:n1#1", "local_needs:n1#2"]
    assert (notice.state, len(notice.became)) == (State.SPLIT, 2)
    assert "招聘" in notice.text


def test_a_new_version_changes_the_draft_and_never_what_is_public(brought, site: Site) -> None:
    (notice,) = brought(a_row(1))
    need = accepted(notice)
    serve(site, [a_row(1, goal="指标提高77%以上。")])
    gathered(again=True)
    newer = notices()[1]
    assert accepted(newer).id == need.id and "77%" in need.goal
    transact(lambda: operations.publish([need], actor=Console(), now=utcnow()))
    serve(site, [a_row(1, goal="指标提高88%以上。")])
    gathered(again=True)
    with pytest.raises(Conflict, match=need.number):
        accepted(notices()[2])
    assert "77%" in need.goal


def test_a_notice_is_put_beside_what_it_resembles_and_merged_by_a_person(
    brought, client: FlaskClient, log_in
) -> None:
    row = a_row(1)
    text = f"需求单位：{row['owner']}\n需求内容：{row['content']}\n预期目标：{row['goal']}\n拟投入资金：{row['money']}"
    need = a_need(title=row["title"], description=text)
    (notice,) = brought(row)
    pair = db.session.query(CollectedPair).one()
    assert (pair.other, pair.resemblance > 0.8) == (need.key, True)
    log_in(a_user(Role.OPERATOR))
    page = client.get(f"/operator/intake/{notice.id}").text
    assert "疑似重复" in page and need.number in page
    answer = client.post(f"/operator/intake/{notice.id}/pairs/{pair.id}", data={"verdict": "same"})
    assert answer.status_code == 302
    db.session.expire_all()
    assert (notice.state, notice.became, pair.verdict) == (State.MERGED, [need.key], "same")
    tags = [entry.tag for entry in entries_of(notice.key)]
    assert tags == [Tag.COLLECTED_JUDGED, Tag.COLLECTED_MOVED]


def test_two_operators_at_once_decide_once_and_no_draft_is_left_of_what_was_refused(
    app: Flask, brought
) -> None:
    (notice,) = brought(a_row(1))
    key = notice.id
    draft, _errors = forms.draft_of(forms.values_of(queries.reading_of(notice).whole))
    db.session.rollback()

    def accept() -> None:
        operations.accept(queries.load(key), [draft], actor=Console(), now=utcnow())

    def reject() -> None:
        operations.reject(queries.load(key), "other", actor=Console(), now=utcnow())

    outcomes = at_once(app, [accept, reject] * 3)
    assert outcomes.count(IllegalMove) == 5
    accepted_first = queries.load(key).state == State.ACCEPTED
    assert db.session.query(Need).count() == accepted_first


def test_two_operators_at_once_do_not_merge_two_copies_into_each_other(app: Flask, brought) -> None:
    keys = [row.id for row in brought(a_row(1), a_row(1, id="copy"))]
    pair_id = db.session.query(CollectedPair).one().id
    db.session.rollback()

    def say_same(key: int) -> None:
        notice = queries.load(key)
        pair = queries.load_pair(notice, pair_id)
        operations.judge(pair, notice, "same", actor=Console(), now=utcnow())

    at_once(app, [partial(say_same, key) for key in keys * 2])
    states = sorted(queries.load(key).state for key in keys)
    assert states == [State.MERGED, State.WAITING]


def test_nothing_is_merged_into_what_left_the_queue_itself(brought) -> None:
    rows = brought(a_row(1), a_row(1, id="copy"))
    pair = db.session.query(CollectedPair).one()
    operations.reject(rows[0], "outdated", actor=Console(), now=utcnow())
    with pytest.raises(Conflict, match="未采纳"):
        operations.judge(pair, rows[1], "same", actor=Console(), now=utcnow())


def test_a_draft_that_a_notice_was_merged_into_is_published_by_its_owner_alone(
    brought, client: FlaskClient, log_in
) -> None:
    row = a_row(1)
    text = f"需求单位：{row['owner']}\n需求内容：{row['content']}\n预期目标：{row['goal']}\n拟投入资金：{row['money']}"
    need = a_need(state=ListingState.DRAFT, title=row["title"], description=text)
    (notice,) = brought(row)
    pair = db.session.query(CollectedPair).one()
    transact(lambda: operations.judge(pair, notice, "same", actor=Console(), now=utcnow()))
    log_in(a_user(Role.OPERATOR))
    data = {"notice": [notice.id], "count": "1"}
    assert client.post("/operator/intake/publish", data=data).status_code == 409
    db.session.expire_all()
    assert need.state == ListingState.DRAFT


def test_copies_within_the_queue_are_found_and_different_needs_are_not(brought) -> None:
    rows = brought(a_row(1), a_row(2), a_row(1, id="copy"))
    pairs = db.session.query(CollectedPair).all()
    assert [(pair.notice_id, pair.other) for pair in pairs] == [(rows[2].id, rows[0].key)]


def test_a_pair_judged_different_is_not_asked_about_again(brought) -> None:
    rows = brought(a_row(1), a_row(1, id="copy"))
    pair = db.session.query(CollectedPair).one()
    transact(lambda: operations.judge(pair, rows[1], "different", actor=Console(), now=utcnow()))
    assert queries.beside(rows[1]) == [] and rows[1].state == State.WAITING


def test_results_of_one_patent_family_are_shown_together(app: Flask, brought) -> None:
    one = a_row(1, content="发明专利ZL201510123456.1，公开号CN104567890A，研发抑尘剂。")
    two = a_row(2, content="相关成果（CN104567890A，申请号201510123456.1）可检测乳房炎。")
    first, second = brought(one, two)
    assert queries.relatives(first).notices == [second]
    assert queries.relatives(second).notices == [first]


def test_what_is_no_technical_need_is_routed_and_refused_with_a_reason(
    brought, client: FlaskClient, log_in
) -> None:
    (notice,) = brought(
        a_row(1, title="诚聘工程师", content="招聘机械工程师2名，月薪8000元，五险一金。", goal="")
    )
    assert notice.route == "people"
    log_in(a_user(Role.OPERATOR))
    page = client.get("/operator/intake?route=people").text
    assert "诚聘工程师" in page and "非技术需求：人才、用工" in page
    assert "诚聘工程师" not in client.get("/operator/intake?route=technical").text
    client.post(f"/operator/intake/{notice.id}/reject", data={"reason": ""})
    db.session.expire_all()
    assert notice.state == State.WAITING
    client.post(f"/operator/intake/{notice.id}/reject", data={"reason": "people"})
    db.session.expire_all()
    assert (notice.state, notice.reason) == (State.REJECTED, "people")
    client.post(f"/operator/intake/{notice.id}/reopen")
    db.session.expire_all()
    assert (notice.state, notice.decided_at) == (State.WAITING, None)


def test_what_was_decided_is_not_decided_twice(brought) -> None:
    (notice,) = brought(a_row(1))
    accepted(notice)
    with pytest.raises(IllegalMove):
        operations.reject(notice, "other", actor=Console(), now=utcnow())


def test_many_are_decided_by_typing_their_number_each_with_an_entry(
    brought, client: FlaskClient, log_in
) -> None:
    rows = brought(*(a_row(n) for n in range(5)))
    log_in(a_user(Role.OPERATOR))
    data = {"notice": [row.id for row in rows[:4]], "action": "accept"}
    page = client.post("/operator/intake/together", data=data).text
    assert "请输入件数以确认" in page and all(row.title in page for row in rows[:4])
    assert db.session.query(Need).count() == 0
    wrong = client.post("/operator/intake/together", data=data | {"confirmed": "1", "count": "3"})
    assert wrong.status_code == 422 and "件数不符" in wrong.text
    assert db.session.query(Need).count() == 0
    client.post("/operator/intake/together", data=data | {"confirmed": "1", "count": "4"})
    moved = db.session.query(AuditEntry).filter_by(tag=Tag.COLLECTED_MOVED).all()
    assert db.session.query(Need).count() == len(moved) == 4
    assert len({entry.facts["batch"] for entry in moved}) == 1
    assert len({entry.subject for entry in moved}) == 4


def test_of_many_either_all_are_decided_or_none(brought, client: FlaskClient, log_in) -> None:
    rows = brought(*(a_row(n) for n in range(3)))
    published = accepted(rows[0])
    transact(lambda: operations.publish([published], actor=Console(), now=utcnow()))
    transact(lambda: setattr(queries.load(rows[1].id), "source_key", "n0"))
    log_in(a_user(Role.OPERATOR))
    data = {"notice": [rows[1].id, rows[2].id], "action": "accept", "confirmed": "1", "count": "2"}
    answer = client.post("/operator/intake/together", data=data)
    assert answer.status_code == 409 and published.number in answer.text
    db.session.expire_all()
    assert [row.state for row in rows[1:]] == [State.WAITING, State.WAITING]


def test_a_form_with_a_fault_names_the_field_and_keeps_what_was_typed(
    brought, client: FlaskClient, log_in
) -> None:
    (notice,) = brought(a_row(1))
    log_in(a_user(Role.OPERATOR))
    data = {"kind": "need", "title": "改过的名称", "description": "改过的描述", "budget": "300"}
    answer = client.post(f"/operator/intake/{notice.id}/accept", data=data)
    assert answer.status_code == 422
    assert "金额应写成" in answer.text and "改过的描述" in answer.text
    data |= {"budget": "300万元"}
    client.post(f"/operator/intake/{notice.id}/accept", data=data)
    assert db.session.query(Need).one().title == "改过的名称"


def test_the_page_shows_the_words_behind_each_guess(brought, client: FlaskClient, log_in) -> None:
    (notice,) = brought(a_row(1))
    log_in(a_user(Role.OPERATOR))
    page = client.get(f"/operator/intake/{notice.id}").text
    assert "页面标明" in page and "推断" in page and "<mark>拟投入资金</mark>" in page
    assert "没有足够依据，留空" in page


def test_a_source_page_shows_health_and_refuses_to_schedule_what_is_unconfirmed(
    brought, client: FlaskClient, log_in
) -> None:
    brought(a_row(1))
    log_in(a_user(Role.OPERATOR))
    page = client.get("/operator/intake/sources").text
    assert "本地测试发布单位" in page and "未核对" in page and "完成" in page
    client.post("/operator/intake/sources/local_needs", data={"enabled": "1", "hour": "4"})
    state = db.session.get(SourceState, LocalNeeds.name)
    assert (state.enabled, state.hour) == (True, 4)
    answer = client.post(
        "/operator/intake/sources/nmg_kjt_needs",
        data={"enabled": "1", "hour": "4"},
        follow_redirects=True,
    )
    assert "尚未有人与实际网站核对" in answer.text
    client.post("/operator/intake/sources/local_needs/ask")
    assert client.get("/operator/intake/sources/local_needs").status_code == 200
    assert client.get("/operator/intake/sources/none").status_code == 404
