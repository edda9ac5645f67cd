"""Who is recorded as a broker, and what a broker may do whose record does not stand."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.accounts.models import Console
from marketplace.brokering.brokers import operations, queries
from marketplace.brokering.brokers.models import Broker
from marketplace.brokering.brokers.states import Action, Level, State
from marketplace.brokering.states import Action as Deal
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, GuardFailed, IllegalMove, InvalidInput
from marketplace.extensions import db
from marketplace.notices.models import Notice
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.factories import a_certificate, a_record, a_user

PDF = b"%PDF-1.7 certificate"


def decide(broker: Broker, action: Action, actor: object = None, reason: str = "") -> None:
    who = actor or Console()
    transact(lambda: operations.move(broker, action, actor=who, now=utcnow(), reason=reason))


def record_of(user: object) -> Broker:
    found = queries.of_user(user.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("action", "reason"), [(Action.SUSPEND, "投诉查实"), (Action.STRIKE, "本人申请")]
)
def test_a_broker_whose_record_does_not_stand_opens_no_deal(
    app: Flask, action: Action, reason: str
) -> None:
    pair, broker = Pair(), a_user(Role.BROKER)
    draft = pair.draft(broker)
    decide(record_of(broker), action, reason=reason)
    with pytest.raises(GuardFailed, match="备案"):
        move(draft, Deal.SEND, broker)


def test_a_certificate_that_ran_out_tonight_counts_no_more(app: Flask) -> None:
    pair, broker = Pair(), a_user(Role.BROKER)
    draft, record = pair.draft(broker), record_of(broker)
    yesterday = utcnow().date() - timedelta(days=2)
    transact(lambda: setattr(record.certificates[0], "expires_on", yesterday))
    assert record.state == State.RECORDED
    with pytest.raises(GuardFailed, match="到期"):
        move(draft, Deal.SEND, broker)
    assert transact(lambda: operations.expire(now=utcnow())) == 1
    assert record.state == State.EXPIRED
    assert transact(lambda: operations.expire(now=utcnow())) == 0


def test_a_reinstated_broker_opens_deals_again(app: Flask) -> None:
    pair, broker = Pair(), a_user(Role.BROKER)
    draft, record = pair.draft(broker), record_of(broker)
    decide(record, Action.SUSPEND, reason="核实投诉")
    decide(record, Action.REINSTATE)
    move(draft, Deal.SEND, broker)
    assert draft.sent_at is not None


def test_a_certificate_that_ran_out_during_a_suspension_is_replaced(app: Flask) -> None:
    record = record_of(a_user(Role.BROKER))
    decide(record, Action.SUSPEND, reason="核实投诉")
    past = date(2021, 1, 1)
    transact(lambda: setattr(record.certificates[0], "expires_on", past))
    transact(lambda: record.certificates.append(a_certificate(verified_at=None)))
    with pytest.raises(GuardFailed, match="证书"):
        decide(record, Action.REINSTATE)
    decide(record, Action.CONFIRM)
    assert (record.state, record.reason) == (State.SUSPENDED, "核实投诉")
    decide(record, Action.REINSTATE)
    assert record.state == State.RECORDED


def test_a_record_needs_its_parts_before_it_is_applied_for(app: Flask) -> None:
    broker = a_user(Role.BROKER)
    record = record_of(broker)
    transact(lambda: setattr(record, "state", State.DRAFT))
    transact(lambda: record.certificates.clear())
    with pytest.raises(GuardFailed, match="证书"):
        decide(record, Action.APPLY, broker)
    transact(lambda: record.certificates.append(a_certificate(verified_at=None)))
    decide(record, Action.APPLY, broker)
    decide(record, Action.APPROVE)
    assert record.level(date(2026, 3, 1)) == Level.INTERMEDIATE
    assert record.certificates[0].verified_at is not None


def test_a_return_and_a_suspension_say_why_and_the_broker_is_told(app: Flask) -> None:
    broker = a_user(Role.BROKER)
    record = record_of(broker)
    with pytest.raises(InvalidInput):
        decide(record, Action.SUSPEND)
    decide(record, Action.SUSPEND, reason="材料不实")
    told = db.session.scalars(select(Notice).where(Notice.user_id == broker.id)).all()
    assert [n.subject for n in told] == [record.key]
    assert record.reason == "材料不实"


def test_nobody_decides_on_their_own_record(app: Flask) -> None:
    broker = a_user(Role.BROKER)
    record = record_of(broker)
    with pytest.raises(Forbidden):
        decide(record, Action.SUSPEND, broker, "自行暂停")
    with pytest.raises(IllegalMove):
        decide(record, Action.APPLY, broker)


def test_a_verified_certificate_is_not_taken_off(app: Flask) -> None:
    broker = a_user(Role.BROKER)
    record = record_of(broker)
    certificate = record.certificates[0]
    with pytest.raises(Conflict):
        transact(
            lambda: operations.drop_certificate(certificate, record, actor=broker, now=utcnow())
        )


def test_the_directory_shows_those_in_good_standing_and_nothing_to_reach_them_by(
    app: Flask, client: FlaskClient
) -> None:
    shown, suspended = a_user(Role.BROKER), a_user(Role.BROKER)
    decide(record_of(suspended), Action.SUSPEND, reason="核实投诉")
    page = client.get("/brokers").text
    assert shown.display_name in page and suspended.display_name not in page
    assert "中级" in page and "新材料" in page
    assert record_of(shown).certificates[0].number not in page
    assert shown.display_name not in client.get("/brokers?field=09").text


def test_a_broker_applies_by_the_pages_and_the_operator_decides(
    app: Flask, client: FlaskClient, log_in
) -> None:
    broker, operator = a_user(Role.BROKER), a_user(Role.OPERATOR)
    newcomer = a_user(Role.ENTERPRISE)
    transact(lambda: setattr(newcomer, "role", Role.BROKER))
    log_in(newcomer)
    said = {"affiliation": "某事务所", "fields": ["05"], "regions": ["150200"], "capacity": "6"}
    assert client.post("/broker/record", data=said | {"revision": 1}).status_code == 302
    typed = {"issuer": "发证中心", "number": "ZS-1", "level": "senior"}
    typed |= {"issued_on": "2025-01-01", "expires_on": "2030-01-01"}
    refused = client.post("/broker/record/certificates", data=typed)
    assert refused.status_code == 422 and "ZS-1" in refused.text and "扫描件" in refused.text
    upload = {"file": (BytesIO(PDF), "证书.pdf")}
    assert client.post("/broker/record/certificates", data=typed | upload).status_code == 302
    client.post("/broker/record/declaration", data={"agreed": "yes", "interests": ""})
    assert client.post("/broker/record/apply").status_code == 302
    record = record_of(newcomer)
    assert record.state == State.APPLIED
    log_in(operator)
    assert newcomer.display_name in client.get("/operator/brokers").text
    address = f"/operator/brokers/{record.id}"
    assert "ZS-1" in client.get(address).text
    assert client.post(f"{address}/move", data={"action": "approve"}).status_code == 302
    db.session.expire_all()
    assert record.state == State.RECORDED
    scan = client.get(f"/broker/certificates/{record.certificates[0].id}/file")
    assert scan.data == PDF
    scan.close()
    log_in(broker)
    assert client.get(f"/broker/certificates/{record.certificates[0].id}/file").status_code == 404


def test_a_bad_number_of_cases_is_named_and_nothing_typed_is_lost(
    app: Flask, client: FlaskClient, log_in
) -> None:
    log_in(a_user(Role.BROKER))
    said = {"affiliation": "某某经纪所", "fields": ["05"], "regions": [], "capacity": "很多"}
    answer = client.post("/broker/record", data=said | {"revision": 1})
    assert answer.status_code == 422
    assert "0 至 100" in answer.text and "某某经纪所" in answer.text and "很多" in answer.text


def test_a_record_without_fields_is_in_nobodys_way(app: Flask) -> None:
    user = a_user(Role.ENTERPRISE)
    transact(lambda: setattr(user, "role", Role.BROKER))
    record = a_record(user, fields=[], regions=[])
    assert record in queries.recorded(utcnow().date())
