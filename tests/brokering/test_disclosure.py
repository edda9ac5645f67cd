"""Who sees what at each stage of an introduction: a truth table, and what leaves a trace."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace import files
from marketplace.accounts.models import User
from marketplace.brokering import operations as brokering
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.brokers.states import State as BrokerState
from marketplace.brokering.disclosure import operations, queries, statements
from marketplace.brokering.disclosure.models import Confirmation, DisclosureView
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, Party, Reason, Side, State
from marketplace.brokering.threads import operations as threads
from marketplace.brokering.threads.models import ThreadFile
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.transactions import transact
from marketplace.working_days import local_day
from tests.brokering.factories import Pair, move
from tests.factories import a_user

PUBLIC, NOTE, SECRET, PHONE, SAID = (
    "公开的摘要", "登录可见的说明", "配方比例三比一", "电话13800001234", "我们周三到现场",
)  # fmt: skip


@dataclass
class Scene:
    """A need whose owner is anonymous and keeps something secret; who looks is said by name."""

    pair: Pair
    introduction: Introduction | None
    viewers: dict[str, User | None]
    file: ThreadFile | None = None


def a_scene(stage: str) -> Scene:
    pair = Pair()
    broker = a_user(Role.BROKER)

    def hide() -> None:
        need = pair.need
        need.anonymous, need.summary, need.signed_in_note = True, PUBLIC, NOTE
        need.confidential = type(need).confidential.property.mapper.class_(text=SECRET)

    transact(hide)
    viewers = {
        "visitor": None,
        "stranger": a_user(Role.ENTERPRISE),
        "counterpart": pair.seller,
        "its broker": broker,
        "another broker": a_user(Role.BROKER),
        "owner's member": a_user(Role.ENTERPRISE, pair.buyer.organization),
        "operator": a_user(Role.OPERATOR),
        "clerk": a_user(Role.CLERK),
    }
    scene = Scene(pair, None, viewers)
    for name, step in STAGES.items():
        step(scene, broker)
        if name == stage:
            break
    return scene


def _draft(scene: Scene, broker: User) -> None:
    scene.introduction = scene.pair.draft(broker)


def _send(scene: Scene, broker: User) -> None:
    move(scene.introduction, Action.SEND, broker)


def _contact(scene: Scene, broker: User) -> None:
    pair, introduction = scene.pair, scene.introduction
    for user in (pair.seller, pair.buyer):
        move(introduction, Action.INTEREST, user)

    def work() -> None:
        now, content = utcnow(), b"%PDF-1.7 quotation"
        operations.leave_contact(introduction, PHONE, actor=pair.buyer, now=now)
        threads.say(introduction, SAID, actor=pair.buyer, now=now)
        digest = files.keep(content, "报价.pdf")
        scene.file = threads.file(
            introduction, "报价.pdf", digest, len(content), actor=pair.buyer, now=now
        )

    transact(work)


def confirm(introduction: Introduction, actor: Any) -> Confirmation:
    digest = statements.in_force(local_day(utcnow())).sha256
    return transact(lambda: operations.confirm(introduction, digest, actor=actor, now=utcnow()))


def _confirm(scene: Scene, broker: User) -> None:
    confirm(scene.introduction, scene.pair.seller)
    confirm(scene.introduction, broker)

    def let_in() -> None:
        for user in (scene.pair.buyer, scene.pair.seller):
            operations.allow_broker(scene.introduction, True, actor=user, now=utcnow())

    transact(let_in)


def _contract(scene: Scene, broker: User) -> None:
    from_contract = {"actor": scene.pair.seller, "now": utcnow(), "contract_id": 1}
    transact(lambda: brokering.follow(scene.introduction, Action.CONTRACT, **from_contract))


def _lose(scene: Scene, broker: User) -> None:
    transact(
        lambda: brokering.follow(
            scene.introduction, Action.FALL_BACK, actor=scene.pair.seller, now=utcnow()
        )
    )
    move(scene.introduction, Action.LOSE, scene.pair.buyer, reason=Reason.PRICE)


STAGES = {
    "none": lambda scene, broker: None,
    "draft": _draft,
    "sent": _send,
    "contacted": _contact,
    "confirmed": _confirm,
    "contract": _contract,
    "lost": _lose,
}
ALL = {
    "visitor", "stranger", "counterpart", "its broker", "another broker", "owner's member",
    "operator", "clerk",
}  # fmt: skip
SIGNED_IN = ALL - {"visitor"}
OWNER, PARTIES = {"owner's member"}, {"owner's member", "counterpart"}
ROUND_THE_TABLE = PARTIES | {"its broker"}
#: stage → thing → who sees it. An anonymous owner is not named on the own listing's page either. The operator reviews listings, and so reads their confidential text
#: on the listing's page; the introduction, its thread and its contacts are none of the operator's.
TABLE: dict[str, dict[str, set[str]]] = {
    "none": {
        "public": ALL, "note": SIGNED_IN, "secret": OWNER | {"operator"}, "name": set(),
        "contact": set(), "thread": set(), "file": set(), "proposal": set(),
    },
    "draft": {
        "public": ALL, "note": SIGNED_IN, "secret": OWNER | {"operator"}, "name": set(),
        "contact": set(), "thread": set(), "file": set(), "proposal": {"its broker"},
    },
    "sent": {
        "public": ALL, "note": SIGNED_IN, "secret": OWNER | {"operator"}, "name": OWNER,
        "contact": set(), "thread": set(), "file": set(), "proposal": ROUND_THE_TABLE,
    },
    "contacted": {
        "public": ALL, "note": SIGNED_IN, "secret": OWNER | {"operator"}, "name": ROUND_THE_TABLE,
        "contact": OWNER, "thread": ROUND_THE_TABLE, "file": ROUND_THE_TABLE,
        "proposal": ROUND_THE_TABLE,
    },
    "confirmed": {
        "public": ALL, "note": SIGNED_IN, "secret": ROUND_THE_TABLE | {"operator"},
        "name": ROUND_THE_TABLE, "contact": ROUND_THE_TABLE, "thread": ROUND_THE_TABLE,
        "file": ROUND_THE_TABLE, "proposal": ROUND_THE_TABLE,
    },
    "contract": {
        "public": ALL, "note": SIGNED_IN, "secret": ROUND_THE_TABLE | {"operator"},
        "name": ROUND_THE_TABLE, "contact": ROUND_THE_TABLE, "thread": ROUND_THE_TABLE,
        "file": ROUND_THE_TABLE, "proposal": ROUND_THE_TABLE,
    },
    "lost": {
        "public": ALL, "note": SIGNED_IN, "secret": OWNER | {"operator"}, "name": ROUND_THE_TABLE,
        "contact": set(), "thread": ROUND_THE_TABLE, "file": ROUND_THE_TABLE,
        "proposal": ROUND_THE_TABLE,
    },
}  # fmt: skip


def seen_by(client: FlaskClient, log_in, scene: Scene, user: User | None) -> set[str]:
    """What one viewer finds on all the pages of the scene."""
    client.post("/logout")
    if user is not None:
        log_in(user)
    listing = client.get(f"/needs/{scene.pair.need.id}").text
    key = scene.introduction.id if scene.introduction else 1
    at = f"/introductions/{key}"
    pages = {name: client.get(f"{at}{name}") for name in ("", "/thread", "/confidential")}
    texts = {name: page.text if page.status_code == 200 else "" for name, page in pages.items()}
    everything = listing + "".join(texts.values())
    name = scene.pair.buyer.organization.name
    taken = client.get(f"{at}/thread/files/{scene.file.id if scene.file else 1}")
    found = {
        "public": PUBLIC in listing,
        "note": NOTE in everything,
        "secret": SECRET in everything,
        "name": name in everything,
        "contact": PHONE in everything,
        "thread": SAID in texts["/thread"],
        "file": taken.status_code == 200 and taken.data.startswith(b"%PDF"),
        "proposal": "阻垢剂中试样品" in texts[""],
    }
    taken.close()
    return {thing for thing, is_there in found.items() if is_there}


@pytest.mark.parametrize("stage", STAGES)
def test_each_viewer_sees_what_the_table_says_and_nothing_more(
    client: FlaskClient, log_in, stage: str
) -> None:
    scene = a_scene(stage)
    for name, user in scene.viewers.items():
        expected = {thing for thing, who in TABLE[stage].items() if name in who}
        assert seen_by(client, log_in, scene, user) == expected, f"{name} at {stage}"


def test_the_confirmation_keeps_text_version_person_and_time(app: Flask) -> None:
    introduction = (pair := Pair()).contacted()
    row = confirm(introduction, pair.seller)
    statement = statements.in_force(local_day(utcnow()))
    assert (row.version, row.sha256) == (statement.version, statement.sha256)
    assert (row.party, row.user_id) == (Party.RESULT, pair.seller.id)
    assert row.organization_id == pair.seller.organization_id
    again = confirm(introduction, a_user(Role.INSTITUTE, pair.seller.organization))
    assert again.id == row.id


def test_another_text_than_the_one_in_force_is_not_confirmed(app: Flask) -> None:
    introduction = (pair := Pair()).contacted()
    with pytest.raises(Conflict, match="新版本"):
        transact(
            lambda: operations.confirm(introduction, "0" * 64, actor=pair.seller, now=utcnow())
        )


def test_before_contact_there_is_nothing_to_confirm(app: Flask) -> None:
    introduction = (pair := Pair()).sent()
    with pytest.raises(Forbidden):
        confirm(introduction, pair.seller)


def test_every_look_is_written_down_and_the_owner_reads_who_looked(
    client: FlaskClient, log_in, app: Flask
) -> None:
    scene = a_scene("confirmed")
    at = f"/introductions/{scene.introduction.id}/confidential"
    log_in(scene.pair.seller)
    for _again in range(2):
        assert SECRET in client.get(at).text
    rows = db.session.scalars(select(DisclosureView)).all()
    assert [(r.side, r.user_id, r.things) for r in rows] == [
        (Side.NEED, scene.pair.seller.id, ["confidential", "contact"])
    ] * 2
    log_in(scene.pair.buyer)
    page = client.get(at).text
    assert scene.pair.seller.display_name in page and "谁在何时看过" in page
    assert len(db.session.scalars(select(DisclosureView)).all()) == 2


@pytest.mark.parametrize("missing", ["need", "result", "broker"])
def test_a_broker_needs_both_owners_and_a_word_of_ones_own(app: Flask, missing: str) -> None:
    introduction = (pair := Pair()).brokered(broker := a_user(Role.BROKER))
    owners = {"need": pair.buyer, "result": pair.seller}
    for name, user in owners.items():
        allowed = name != missing
        transact(
            lambda u=user, a=allowed: operations.allow_broker(
                introduction, a, actor=u, now=utcnow()
            )
        )
    if missing != "broker":
        confirm(introduction, broker)
    assert queries.opened_to(introduction, broker) == {}


def test_an_owner_may_shut_the_broker_out_again(app: Flask) -> None:
    scene = a_scene("confirmed")
    broker = scene.viewers["its broker"]
    assert set(queries.opened_to(scene.introduction, broker)) == set(Side)
    transact(
        lambda: operations.allow_broker(
            scene.introduction, False, actor=scene.pair.buyer, now=utcnow()
        )
    )
    assert queries.opened_to(scene.introduction, broker) == {}


def test_the_statement_of_a_day_is_the_last_one_before(app: Flask) -> None:
    rows = app.extensions["settings"].confidentiality
    known = statements.statements_from(rows)
    newest = known[-1]
    assert statements.in_force(newest.in_force) == newest
    assert statements.in_force(newest.in_force.replace(year=1999)) == known[0]


def test_the_page_asks_before_it_confirms(client: FlaskClient, log_in, app: Flask) -> None:
    introduction = (pair := Pair()).contacted()
    at = f"/introductions/{introduction.id}/confidential"
    log_in(pair.seller)
    digest = statements.in_force(local_day(utcnow())).sha256
    client.post(f"{at}/confirm", data={"sha256": digest})
    assert db.session.scalars(select(Confirmation)).all() == []
    client.post(f"{at}/confirm", data={"sha256": digest, "agreed": "1"})
    assert db.session.scalars(select(Confirmation)).one().party == Party.RESULT
    answer = client.post(f"{at}/contact", data={"contact": "长" * 301})
    assert answer.status_code == 422 and "长" * 301 in answer.text
    client.post(f"{at}/contact", data={"contact": PHONE})
    assert PHONE in client.get(at).text
    assert introduction.state == State.CONTACTED


def test_a_file_of_another_thread_is_not_reached_by_its_number(
    client: FlaskClient, log_in, app: Flask
) -> None:
    scene = a_scene("contacted")
    own = Pair()
    introduction = own.contacted()
    log_in(own.buyer)
    answer = client.get(f"/introductions/{introduction.id}/thread/files/{scene.file.id}")
    assert answer.status_code == 404
    assert BytesIO(answer.data).read(4) != b"%PDF"


def test_a_broker_who_is_suspended_is_let_in_no_more(app: Flask) -> None:
    scene = a_scene("confirmed")
    introduction, broker = scene.introduction, scene.viewers["its broker"]
    assert set(queries.opened_to(introduction, broker)) == set(Side)
    record = brokers.of_user(broker.id)
    transact(lambda: setattr(record, "state", BrokerState.SUSPENDED))
    assert queries.opened_to(introduction, broker) == {}
    assert set(queries.opened_to(introduction, scene.pair.seller)) == set(Side)
