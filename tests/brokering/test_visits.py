"""A need written down on the spot, and confirmed by the enterprise itself."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace.accounts.models import Organization, User, Visitor
from marketplace.brokering.visits import links, operations
from marketplace.brokering.visits.models import Visit
from marketplace.brokering.visits.states import State
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, GuardFailed, IllegalMove, NotFound
from marketplace.extensions import db
from marketplace.listings.lifecycle import State as ListingState
from marketplace.listings.models import Need
from marketplace.notices.models import Notice
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_record, a_user, an_organization

PNG = b"\x89PNG\r\n\x1a\n picture"
WORDS = "回转窑托轮瓦温度高，一个月烧两次瓦，想找能连续测温报警的办法。"


def a_visit(broker: User, company: str = "某某耐火材料厂") -> Visit:
    facts = {"company": company, "words": WORDS, "visited_on": utcnow().date()}
    facts |= {"region": "150200", "place": "二号窑"}
    return transact(lambda: operations.write_down(facts, None, actor=broker, now=utcnow()))


def confirm(visit: Visit, person: object, **facts: str) -> Need:
    said = {"title": "托轮瓦测温", "description": WORDS, "region": "150200"} | facts
    return transact(lambda: operations.confirm(visit, said, person=person, now=utcnow()))


@pytest.fixture
def broker(app: Flask) -> User:
    return a_user(Role.BROKER)


def test_a_member_confirms_and_the_need_goes_to_review(broker: User) -> None:
    member = a_user(Role.ENTERPRISE)
    visit = a_visit(broker, member.organization.name)
    told = db.session.scalars(select(Notice.user_id)).all()
    need = confirm(visit, member, description="改正过的文字：每周烧一次瓦。")
    assert told == [member.id]
    assert (need.state, need.organization_id) == (ListingState.SUBMITTED, member.organization_id)
    assert (visit.state, visit.answer) == (State.CONFIRMED, "改正过的文字：每周烧一次瓦。")
    assert visit.answered_by_id == member.id


def test_by_a_link_alone_the_need_stays_a_draft_of_an_unverified_enterprise(broker: User) -> None:
    visit = a_visit(broker)
    need = confirm(visit, Visitor())
    assert need.state == ListingState.DRAFT
    assert need.organization.name == "某某耐火材料厂"
    assert need.organization.verified_at is None
    assert visit.answered_by_id is None


def test_where_the_enterprise_has_an_account_the_link_is_not_enough(broker: User) -> None:
    member, stranger = a_user(Role.ENTERPRISE), a_user(Role.ENTERPRISE)
    visit = a_visit(broker, member.organization.name)
    for person in (stranger, Visitor()):
        with pytest.raises(Forbidden):
            confirm(visit, person)
    assert visit.state == State.WAITING


def test_who_wrote_it_down_does_not_confirm_it(broker: User) -> None:
    visit = a_visit(broker)
    with pytest.raises(GuardFailed, match="不能代为确认"):
        confirm(visit, broker)
    assert db.session.scalar(select(func.count()).select_from(Need)) == 0


def test_what_was_answered_is_answered_once(broker: User) -> None:
    visit = a_visit(broker)
    confirm(visit, Visitor())
    with pytest.raises(IllegalMove):
        confirm(visit, Visitor())
    with pytest.raises(IllegalMove):
        transact(lambda: operations.refuse(visit, "", person=Visitor(), now=utcnow()))


def test_a_refusal_makes_neither_need_nor_enterprise(broker: User) -> None:
    visit = a_visit(broker)
    transact(lambda: operations.refuse(visit, "不愿公开", person=Visitor(), now=utcnow()))
    assert (visit.state, visit.answer, visit.need_id) == (State.REFUSED, "不愿公开", None)
    named = select(Organization.id).where(Organization.name == visit.company)
    assert db.session.scalars(named).all() == []


def test_a_link_is_signed_and_grows_old_and_a_new_one_kills_it(broker: User) -> None:
    visit = a_visit(broker)
    token = links.token_of(visit)
    assert links.visit_of(token, now=utcnow()) == visit
    with pytest.raises(NotFound):
        links.visit_of(token[:-2] + "xx", now=utcnow())
    with pytest.raises(Conflict, match="过期"):
        links.visit_of(token, now=utcnow() + links.VALIDITY + timedelta(minutes=1))
    transact(lambda: operations.renew_link(visit, actor=broker, now=utcnow()))
    with pytest.raises(NotFound, match="最近"):
        links.visit_of(token, now=utcnow())


def test_a_suspended_broker_writes_nothing_down(app: Flask) -> None:
    user = a_user(Role.ENTERPRISE)
    transact(lambda: setattr(user, "role", Role.BROKER))
    a_record(user, state="suspended")
    with pytest.raises(GuardFailed, match="备案"):
        a_visit(user)


def test_the_form_keeps_what_was_typed_and_the_enterprise_answers_by_its_link(
    broker: User, client: FlaskClient, log_in, app: Flask
) -> None:
    log_in(broker)
    bad = client.post("/broker/visits/new", data={"company": "", "words": WORDS})
    assert bad.status_code == 422 and WORDS in bad.text and "请填写企业名称" in bad.text
    said = {"company": "某某耐火材料厂", "words": WORDS, "region": "150200", "place": "二号窑"}
    wrong = said | {"photo": (BytesIO(b"GIF89a"), "窑.gif")}
    answer = client.post("/broker/visits/new", data=wrong)
    assert answer.status_code == 422 and "JPG" in answer.text and WORDS in answer.text
    saved = client.post("/broker/visits/new", data=said | {"photo": (BytesIO(PNG), "窑.png")})
    page = client.get(saved.headers["Location"]).text
    token = re.search(r"value=\"http://localhost/visits/([^\"]+)\"", page)[1]
    enterprise = app.test_client()
    shown = enterprise.get(f"/visits/{token}")
    assert WORDS in shown.text and "二号窑" in shown.text and broker.display_name in shown.text
    picture = enterprise.get(f"/visits/{token}/photo")
    assert picture.data == PNG and picture.mimetype == "image/png"
    picture.close()
    empty = enterprise.post(f"/visits/{token}", data={"answer": "confirm", "description": " "})
    assert empty.status_code == 422
    right = {"answer": "confirm", "title": "托轮瓦测温", "description": WORDS, "region": "150200"}
    assert enterprise.post(f"/visits/{token}", data=right).status_code == 302
    after = enterprise.get(f"/visits/{token}").text
    assert "已答复" in after and WORDS not in after
    assert enterprise.get(f"/visits/{token}/photo").status_code == 404
    need = db.session.scalars(select(Need)).one()
    assert (need.title, need.source) == ("托轮瓦测温", "走访")


def test_a_member_comes_from_the_notice_and_strangers_do_not(
    broker: User, client: FlaskClient, log_in
) -> None:
    member = a_user(Role.ENTERPRISE)
    visit = a_visit(broker, member.organization.name)
    token = links.token_of(visit)
    assert "/login" in client.get(f"/visits/{token}").headers["Location"]
    log_in(a_user(Role.ENTERPRISE))
    assert client.get(f"/visits/{token}").status_code == 404
    assert client.get(f"/visits/{visit.id}").status_code == 404
    log_in(member)
    assert client.get(f"/visits/{visit.id}").status_code == 302
    assert WORDS in client.get(f"/visits/{token}").text


def test_a_visit_is_seen_by_its_broker_alone(broker: User, client: FlaskClient, log_in) -> None:
    visit = a_visit(broker)
    log_in(a_user(Role.BROKER))
    assert client.get(f"/broker/visits/{visit.id}").status_code == 404
    assert visit.company not in client.get("/broker/visits").text
    log_in(broker)
    assert visit.company in client.get("/broker/visits").text


def test_a_verified_enterprise_without_members_gets_a_draft(broker: User) -> None:
    organization = an_organization()
    visit = a_visit(broker, organization.name)
    need = confirm(visit, Visitor())
    assert (need.organization, need.state) == (organization, ListingState.DRAFT)
