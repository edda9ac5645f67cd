"""From 我要对接 to the other side's answer, through the pages."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, Reason, State
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.matchmaking import operations as matchmaking
from marketplace.matchmaking.indexing import current_library
from marketplace.matchmaking.models import ShownList
from marketplace.matchmaking.sightings import current_sightings
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import PROPOSAL, Pair, move
from tests.factories import a_need, a_user

HTMX = {"HX-Request": "true"}


@pytest.fixture
def pair(app: Flask) -> Pair:
    made = Pair()
    current_library().rebuild()
    return made


def new_of(pair: Pair, **more: object) -> dict[str, object]:
    return {"need": pair.need.id, "result": pair.result.id, **more}


def test_a_match_can_be_acted_on_by_either_owner_and_by_a_broker(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    for user in (pair.buyer, pair.seller, a_user(Role.BROKER)):
        log_in(user)
        page = client.get(f"/needs/{pair.need.id}").text
        assert f"/introductions/new?need={pair.need.id}&amp;result={pair.result.id}" in page


def test_strangers_have_no_button_and_visitors_come_back_from_the_login_page(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    assert "我要对接" in client.get(f"/results/{pair.result.id}").text
    answer = client.get("/introductions/new", query_string=new_of(pair))
    assert answer.status_code == 302 and "next=/introductions/new" in answer.headers["Location"]
    log_in(a_user(Role.ENTERPRISE))
    assert "我要对接" not in client.get(f"/results/{pair.result.id}").text
    assert client.get("/introductions/new", query_string=new_of(pair)).status_code == 403


def test_the_page_says_why_it_fits_and_looking_writes_nothing(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    log_in(pair.seller)
    page = client.get("/introductions/new", query_string=new_of(pair)).text
    assert "成果写明：" in page and pair.need.title in page and pair.result.title in page
    assert db.session.scalars(select(Introduction)).all() == []


def test_what_is_typed_is_kept_and_the_list_is_remembered(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    log_in(pair.buyer)
    page = client.get(f"/needs/{pair.need.id}").text
    transact(lambda: matchmaking.keep_shown(current_sightings().take(), now=utcnow()))
    number = re.search(r"list=([0-9a-f]{12})", page)[1]
    typed = new_of(pair, list=number, revision=1, offer="一半")
    answer = client.post("/introductions/new", data=typed, headers=HTMX)
    assert answer.status_code == 200 and 'value="2"' in answer.text
    answer = client.post(
        "/introductions/new", data=typed | {"revision": 2, "offer": "全部"}, headers=HTMX
    )
    (draft,) = db.session.scalars(select(Introduction)).all()
    assert (draft.offer, draft.revision, draft.state) == ("全部", 3, State.DRAFT)
    row = db.session.get(ShownList, draft.shown_digest)
    assert row.subject == pair.need.key and row.acted_on_at is not None
    assert draft.match_rank == 1 and draft.match_score and draft.match_recipe
    assert any(code.startswith("part:") for code in draft.match_reasons)


def test_a_forged_list_says_nothing_of_the_pair(client: FlaskClient, log_in, pair: Pair) -> None:
    log_in(pair.seller)
    for number in ("f" * 12, "%", "x'--"):
        client.post("/introductions/new", data=new_of(pair, list=number, revision=1), headers=HTMX)
    draft = db.session.scalars(select(Introduction)).one()
    assert (draft.shown_digest, draft.match_rank) == (None, None)


def test_another_tab_cannot_overwrite_and_the_typed_text_stays(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    draft = pair.draft(pair.seller)
    log_in(pair.seller)
    typed = PROPOSAL | {"offer": "旧标签页里的话", "revision": draft.revision - 1}
    answer = client.post(f"/introductions/{draft.id}/edit", data=typed)
    assert answer.status_code == 409 and "旧标签页里的话" in answer.text
    answer = client.post(f"/introductions/{draft.id}/edit", data=typed, headers=HTMX)
    assert "已被他人修改" in answer.text
    assert draft.offer == PROPOSAL["offer"]


def test_too_much_is_refused_by_its_box_with_all_that_was_typed(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    log_in(pair.seller)
    typed = new_of(pair, revision=1, price="贵" * 101, offer="写了很久")
    answer = client.post("/introductions/new", data=typed)
    assert answer.status_code == 422
    assert "贵" * 101 in answer.text and "写了很久" in answer.text and "不超过100字" in answer.text


def test_a_proposal_is_sent_and_answered(client: FlaskClient, log_in, pair: Pair) -> None:
    log_in(pair.seller)
    typed = new_of(pair, revision=1, then="send", **PROPOSAL)
    answer = client.post("/introductions/new", data=typed)
    introduction = db.session.scalars(select(Introduction)).one()
    assert answer.headers["Location"] == f"/introductions/{introduction.id}"
    assert "答复期限" in client.get(f"/introductions/{introduction.id}").text
    log_in(pair.buyer)
    assert "请在期限前答复" in client.get("/introductions").text
    answer = client.post(
        f"/introductions/{introduction.id}/move", data={"action": "interest", "words": "请来现场"}
    )
    assert answer.status_code == 302
    assert introduction.state == State.CONTACTED
    assert "请来现场" in client.get(f"/introductions/{introduction.id}").text


def test_an_unfinished_proposal_is_not_sent_and_keeps_its_words(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    log_in(pair.seller)
    answer = client.post(
        "/introductions/new", data=new_of(pair, revision=1, then="send", offer="只写了这些")
    )
    assert answer.status_code == 409
    assert "只写了这些" in answer.text and "下一步" in answer.text


def test_a_no_without_its_reason_is_asked_again_with_the_words(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    introduction = pair.sent()
    log_in(pair.buyer)
    said = {"action": "decline", "words": "我们再考虑考虑"}
    answer = client.post(f"/introductions/{introduction.id}/move", data=said)
    assert answer.status_code == 409
    assert "我们再考虑考虑" in answer.text and "请选择未成的原因" in answer.text
    client.post(f"/introductions/{introduction.id}/move", data=said | {"reason": "price"})
    assert (introduction.state, introduction.lost_reason) == (State.DECLINED, Reason.PRICE)


@pytest.mark.parametrize("said", [{"action": "fly"}, {"action": "decline", "reason": "moon"}])
def test_what_no_form_sends_is_refused_in_words(
    client: FlaskClient, log_in, pair: Pair, said: dict[str, str]
) -> None:
    introduction = pair.sent()
    log_in(pair.buyer)
    answer = client.post(f"/introductions/{introduction.id}/move", data=said)
    assert answer.status_code == 422 and "没有这个" in answer.text
    assert introduction.state == State.SENT


def test_an_anonymous_owner_is_named_by_contact(client: FlaskClient, log_in, pair: Pair) -> None:
    transact(lambda: setattr(pair.need, "anonymous", True))
    name = pair.buyer.organization.name
    introduction = pair.sent()
    log_in(pair.seller)
    for address in ("/introductions", f"/introductions/{introduction.id}"):
        assert name not in client.get(address).text
    move(introduction, Action.INTEREST, pair.buyer)
    for address in ("/introductions", f"/introductions/{introduction.id}"):
        assert name in client.get(address).text


def test_to_a_broker_an_anonymous_owner_is_named_by_contact(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    transact(lambda: setattr(pair.need, "anonymous", True))
    broker, name = a_user(Role.BROKER), pair.buyer.organization.name
    introduction = pair.draft(broker)
    pages = ("/broker/board", f"/introductions/{introduction.id}", f"/agreements/{introduction.id}")
    log_in(broker)
    for address in pages:
        assert name not in client.get(address).text
    move(introduction, Action.SEND, broker)
    for address in pages:
        assert name not in client.get(address).text
    move(introduction, Action.INTEREST, pair.seller)
    move(introduction, Action.INTEREST, pair.buyer)
    for address in pages:
        assert name in client.get(address).text


def test_every_page_of_a_brokered_introduction_leads_to_the_agreement(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    introduction, alone = pair.brokered(a_user(Role.BROKER)), Pair().contacted()
    log_in(pair.buyer)
    link = f'href="/agreements/{introduction.id}"'
    for page in ("", "/thread", "/confidential", "/receipt"):
        assert link in client.get(f"/introductions/{introduction.id}{page}").text
    assert f'href="/introductions/{introduction.id}"' in client.get(link[6:-1]).text
    log_in(a_user(Role.ENTERPRISE, alone.need_owner))
    assert "/agreements/" not in client.get(f"/introductions/{alone.id}").text


def test_a_need_that_is_not_public_is_no_ones_to_propose_for(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    hidden = a_need(title="未公开的需求", state="draft")
    log_in(pair.seller)
    asked = {"need": hidden.id, "result": pair.result.id}
    assert client.get("/introductions/new", query_string=asked).status_code == 404
    assert client.post("/introductions/new", data=asked).status_code == 404


def test_a_pair_that_talks_already_leads_to_its_talks(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    introduction = pair.sent()
    log_in(pair.buyer)
    answer = client.get("/introductions/new", query_string=new_of(pair))
    assert answer.headers["Location"] == f"/introductions/{introduction.id}"


def test_a_list_that_led_to_an_introduction_outlives_the_others(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    log_in(pair.buyer)
    page = client.get(f"/needs/{pair.need.id}").text
    client.get(f"/results/{pair.result.id}")
    transact(lambda: matchmaking.keep_shown(current_sightings().take(), now=utcnow()))
    number = re.search(r"list=([0-9a-f]{12})", page)[1]
    client.post("/introductions/new", data=new_of(pair, list=number, revision=1))
    later = utcnow() + timedelta(days=4_000)
    proposal = matchmaking.weigh(day=matchmaking.local_day(later))
    transact(lambda: matchmaking.propose(proposal, now=later))
    kept = db.session.scalars(select(ShownList.digest)).all()
    assert [digest[:12] for digest in kept] == [number]
