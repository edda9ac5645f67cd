"""What the pages of credit show, to whom, and what they take."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.brokering.states import Action as Step
from marketplace.credit import operations
from marketplace.credit.behaviours import Subject
from marketplace.credit.models import BehaviourRecord, Sign
from marketplace.credit.signs import Suspicion
from marketplace.credit.states import Action, Behaviour, SignKind, State, Verdict
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.notices.words import place_of
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.contracts.factories import an_office, registered
from tests.credit.factories import NOW, a_proof, a_record, in_effect, moved
from tests.factories import a_user

FORM = {
    "kind": "agreement_broken",
    "day": "2026-03-02",
    "words": "未按期交付，经仲裁认定",
}


def pdf(text: str = "award") -> tuple[BytesIO, str]:
    return BytesIO(b"%PDF-1.7 " + text.encode()), "裁决书.pdf"


def subject_of(user) -> Subject:
    return Subject(organization_id=user.organization_id)


def test_the_score_is_shown_with_its_parts(app: Flask, client: FlaskClient, log_in) -> None:
    office = an_office()
    registered(office)
    transact(lambda: operations.collect(now=utcnow()))
    log_in(a_user(Role.BROKER))
    page = client.get(f"/credit/organizations/{office.buyer.id}").text
    assert "<strong>63</strong>" in page and "合同登记" in page and "+3" in page
    assert "CR-2026" in page


def test_a_record_before_effect_is_shown_to_its_subject_and_the_operator_alone(
    app: Flask, client: FlaskClient, log_in
) -> None:
    owner = a_user(Role.ENTERPRISE)
    record = a_record(subject_of(owner))
    account = f"/credit/organizations/{owner.organization_id}"
    for user, sees in ((a_user(Role.BROKER), False), (owner, True), (a_user(Role.OPERATOR), True)):
        log_in(user)
        assert (record.number in client.get(account).text) == sees
        assert client.get(f"/credit/records/{record.id}").status_code == (200 if sees else 404)


def test_in_effect_everybody_sees_that_it_is_and_not_what_was_said(
    app: Flask, client: FlaskClient, log_in
) -> None:
    owner = a_user(Role.ENTERPRISE)
    record = in_effect(subject=subject_of(owner))
    log_in(a_user())
    page = client.get(f"/credit/records/{record.id}")
    assert page.status_code == 200 and "违约" in page.text
    assert "未按期交付" not in page.text and "裁决书" not in page.text
    assert client.get(f"/credit/records/{record.id}/files/1").status_code == 403
    log_in(owner)
    page = client.get(f"/credit/records/{record.id}").text
    assert "未按期交付" in page and "裁决书" in page
    step = record.steps[0].id
    assert client.get(f"/credit/records/{record.id}/files/{step}").data.startswith(b"%PDF-")


def test_the_subject_objects_on_the_page_and_the_words_are_kept(
    app: Flask, client: FlaskClient, log_in
) -> None:
    owner = a_user(Role.ENTERPRISE)
    record = a_record(subject_of(owner), now=utcnow())
    log_in(owner)
    assert record.number in client.get("/credit").text
    said = {"action": "object", "words": "已于当日交付", "file": pdf()}
    answer = client.post(f"/credit/records/{record.id}/move", data=said)
    assert answer.status_code == 303
    db.session.expire_all()
    assert (record.state, record.steps[-1].words) == (State.OBJECTED, "已于当日交付")


def test_what_is_refused_comes_back_with_what_was_typed(
    app: Flask, client: FlaskClient, log_in
) -> None:
    owner = a_user(Role.ENTERPRISE)
    record = a_record(subject_of(owner), now=utcnow())
    log_in(owner)
    address = f"/credit/records/{record.id}/move"
    bad = {"action": "object", "words": "已交付", "file": (BytesIO(b"MZ"), "证据.exe")}
    answer = client.post(address, data=bad)
    assert answer.status_code == 422 and "格式不支持" in answer.text and "已交付" in answer.text
    answer = client.post(address, data={"action": "object", "words": " "})
    assert answer.status_code == 409 and "请写明理由" in answer.text
    assert client.post(address, data={"action": "expire"}).status_code == 422


def test_the_operator_records_with_evidence_and_every_wrong_field_is_named(
    app: Flask, client: FlaskClient, log_in
) -> None:
    owner, operator = a_user(Role.ENTERPRISE), a_user(Role.OPERATOR)
    log_in(operator)
    answer = client.post("/operator/credit/new", data={"subject": "无此单位", "words": "某事"})
    for said in ("无此单位", "请选择行为类别", "请填写行为日期", "某事"):
        assert said in answer.text
    assert answer.status_code == 422
    form = FORM | {"subject": owner.organization.uscc}
    answer = client.post("/operator/credit/new", data=form)
    assert answer.status_code == 422 and "请附上证据文件" in answer.text
    answer = client.post("/operator/credit/new", data=form | {"file": pdf()})
    assert answer.status_code == 303
    (record,) = db.session.scalars(select(BehaviourRecord)).all()
    assert (record.state, record.recorded_by_id) == (State.NOTICED, operator.id)
    waiting = client.get("/operator/credit").text
    assert record.number in waiting and "须由他人决定" in waiting


def test_a_sign_that_is_followed_up_becomes_a_record_with_notice(
    app: Flask, client: FlaskClient, log_in
) -> None:
    owner = a_user(Role.ENTERPRISE)
    found = Suspicion(
        SignKind.CIRCLE, "circle:x", "ring_of_2", ("单位甲", "单位乙"), ("contract/1", "ledger/0")
    )
    transact(lambda: operations.keep_signs([found], now=NOW))
    sign = db.session.scalars(select(Sign)).one()
    log_in(a_user(Role.OPERATOR))
    page = client.get("/operator/credit/signs").text
    assert "循环交易" in page and "单位甲、单位乙" in page and "/ledger/0" in page
    address = f"/operator/credit/signs/{sign.id}"
    assert client.post(address, data={"verdict": "followed", "words": ""}).status_code == 422
    answer = client.post(address, data={"verdict": "followed", "words": "合同标的相同"})
    assert answer.headers["Location"].endswith(f"/operator/credit/new?sign={sign.id}")
    form = FORM | {"subject": owner.organization.name, "sign": str(sign.id), "file": pdf()}
    assert client.post("/operator/credit/new", data=form).status_code == 303
    record = db.session.scalars(select(BehaviourRecord)).one()
    assert (record.source, record.state) == (sign.audit_key, State.NOTICED)
    db.session.refresh(sign)
    assert sign.verdict == Verdict.FOLLOWED


def test_a_judge_sees_the_objection_and_decides(app: Flask, client: FlaskClient, log_in) -> None:
    owner = a_user(Role.ENTERPRISE)
    record = moved(a_record(subject_of(owner)), Action.OBJECT, owner, words="裁决已撤销")
    log_in(a_user(Role.OPERATOR))
    assert "裁决已撤销" in client.get(f"/credit/records/{record.id}").text
    said = {"action": "dismiss", "words": "申辩属实"}
    assert client.post(f"/credit/records/{record.id}/move", data=said).status_code == 303
    db.session.refresh(record)
    assert record.state == State.REVOKED


def test_a_broker_has_an_account_of_their_own(app: Flask, client: FlaskClient, log_in) -> None:
    broker = a_user(Role.BROKER)
    a_record(Subject(user_id=broker.id), kind=Behaviour.BROKER_MISCONDUCT, proof=a_proof())
    log_in(broker)
    page = client.get("/credit").text
    assert broker.display_name in page and broker.organization.name in page
    assert client.get(f"/credit/brokers/{broker.id}").status_code == 200
    assert client.get(f"/credit/brokers/{a_user().id}").status_code == 404


@pytest.mark.parametrize("number", ["999999", "99999999999999999999"])
def test_numbers_that_nothing_has_are_not_found(
    app: Flask, client: FlaskClient, log_in, number: str
) -> None:
    log_in(a_user(Role.OPERATOR))
    for path in ("organizations", "brokers", "records"):
        assert client.get(f"/credit/{path}/{number}").status_code == 404
    judged = client.post(f"/operator/credit/signs/{number}", data={"verdict": "dismissed"})
    assert judged.status_code == 404
    form = FORM | {"subject": a_user().organization.name, "sign": number, "file": pdf()}
    assert client.post("/operator/credit/new", data=form).status_code == 404


def test_an_introduction_leads_to_the_credit_of_both_once_they_are_in_contact(
    app: Flask, client: FlaskClient, log_in
) -> None:
    pair = Pair()
    sent = pair.sent()
    log_in(pair.buyer)
    links = [f"/credit/organizations/{u.organization_id}" for u in (pair.buyer, pair.seller)]
    page = client.get(f"/introductions/{sent.id}").text
    assert not any(link in page for link in links)
    move(sent, Step.INTEREST, pair.buyer)
    page = client.get(f"/introductions/{sent.id}").text
    assert all(link in page for link in links)


def test_a_notice_leads_to_its_record(app: Flask, client: FlaskClient, log_in) -> None:
    owner = a_user(Role.ENTERPRISE)
    record = a_record(subject_of(owner))
    log_in(owner)
    assert place_of(record.key) == f"/credit/records/{record.id}"
    assert "信用记录生效前告知" in client.get("/notices").text
