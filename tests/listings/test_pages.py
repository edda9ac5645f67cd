"""Writing, reviewing and importing through the pages."""

from io import BytesIO
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from marketplace.extensions import db
from marketplace.listings import exporting
from marketplace.listings.lifecycle import State
from marketplace.listings.models import Need
from marketplace.permissions import Role
from tests.factories import a_need, a_user, an_organization

HTMX = {"HX-Request": "true"}


def a_file(text: str, name: str = "needs.jsonl") -> dict[str, tuple[BytesIO, str]]:
    return {"file": (BytesIO(text.encode()), name)}


def test_a_need_begins_with_one_sentence(client: FlaskClient, log_in) -> None:
    log_in(a_user(Role.ENTERPRISE))
    answer = client.post("/needs/new", data={"description": "皮带老跑偏。换了三家都不行。"})
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/edit")
    assert db.session.query(Need).one().title == "皮带老跑偏"


def test_a_form_with_a_fault_keeps_everything_typed(client: FlaskClient, log_in) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=State.DRAFT)
    log_in(owner)
    typed = {
        "title": "新名称",
        "budget": "50",
        "revision": need.revision,
        "problem": "写了很久的问题",
    }
    answer = client.post(f"/needs/{need.id}/edit", data=typed)
    assert answer.status_code == 422
    assert "写了很久的问题" in answer.text and "写明单位" in answer.text
    db.session.expire_all()
    assert db.session.get(Need, need.id).title == "锅炉结垢怎么治"


def test_while_typing_what_is_right_is_saved_and_what_is_not_is_named(
    client: FlaskClient, log_in
) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=State.DRAFT)
    log_in(owner)
    typed = {"title": "新名称", "budget": "50", "revision": need.revision}
    answer = client.post(f"/needs/{need.id}/edit", data=typed, headers=HTMX)
    assert answer.status_code == 200 and "写明单位" in answer.text
    db.session.expire_all()
    stored = db.session.get(Need, need.id)
    assert stored.title == "新名称" and f'value="{stored.revision}"' in answer.text


def test_whoever_saves_an_old_picture_is_told_and_nothing_is_overwritten(
    client: FlaskClient, log_in
) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=State.DRAFT)
    log_in(owner)
    old = need.revision
    client.post(f"/needs/{need.id}/edit", data={"title": "第一次", "revision": old})
    answer = client.post(f"/needs/{need.id}/edit", data={"title": "第二次", "revision": old})
    assert answer.status_code == 409 and "第二次" in answer.text and "他人修改" in answer.text
    db.session.expire_all()
    assert db.session.get(Need, need.id).title == "第一次"


def test_indicators_are_a_small_table(client: FlaskClient, log_in) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=State.DRAFT)
    log_in(owner)
    typed = {
        "title": "锅炉", "revision": need.revision, "indicator_name": ["周期", ""],
        "indicator_unit": ["天", ""], "indicator_now": ["90", ""], "indicator_wanted": ["365", ""],
    }  # fmt: skip
    client.post(f"/needs/{need.id}/edit", data=typed)
    assert "365" in client.get(f"/needs/{need.id}").text


def test_the_operator_publishes_what_was_ticked(client: FlaskClient, log_in) -> None:
    first, second = a_need(state=State.SUBMITTED), a_need(state=State.SUBMITTED)
    log_in(a_user(Role.OPERATOR))
    assert "共 2 条" in client.get("/review").text
    client.post("/review/publish", data={"key": [first.key, "need/x", "ghost/1"]})
    db.session.expire_all()
    assert (first.state, second.state) == (State.PUBLISHED, State.SUBMITTED)


def test_a_file_is_checked_then_imported_and_its_bad_rows_come_back(
    client: FlaskClient, log_in, tmp_path: Path
) -> None:
    log_in(a_user(Role.ENTERPRISE))
    text = '{"title": "皮带跑偏"}\n{"title": "锅炉结垢", "field": "没有的"}\n'
    page = client.post("/needs/import", data=a_file(text)).text
    assert "还没有写入" in page and "没有的" in page and db.session.query(Need).count() == 0
    action = page.split('action="/needs/import/')[1].split('"')[0]
    assert "导入完成" in client.post(f"/needs/import/{action}").text
    assert db.session.query(Need).one().state == State.DRAFT
    back = client.get(f"/needs/import/{action}/errors")
    assert "锅炉结垢" in back.get_data(as_text=True) and "错误信息" in back.get_data(as_text=True)
    client.post("/needs/submit")
    db.session.expire_all()
    assert db.session.query(Need).one().state == State.SUBMITTED


def test_an_upload_belongs_to_the_uploader(app: Flask, client: FlaskClient, log_in) -> None:
    log_in(a_user(Role.ENTERPRISE))
    page = client.post("/needs/import", data=a_file('{"title": "皮带跑偏"}')).text
    action = page.split('action="/needs/import/')[1].split('"')[0]
    log_in(a_user(Role.ENTERPRISE))
    assert client.post(f"/needs/import/{action}").status_code == 404


def test_a_wrong_file_is_refused_in_words_on_the_same_page(client: FlaskClient, log_in) -> None:
    log_in(a_user(Role.ENTERPRISE))
    for data in ({}, a_file("x", "needs.exe"), a_file("PK", "needs.xlsx")):
        answer = client.post("/needs/import", data=data)
        assert answer.status_code == 422 and 'type="file"' in answer.text


def test_the_templates_are_workbooks(client: FlaskClient) -> None:
    for library in ("needs", "results"):
        assert client.get(f"/{library}/template").data.startswith(b"PK")
    assert exporting.template("need").startswith(b"PK")


def test_the_own_workbench_shows_the_own_listings_alone(client: FlaskClient, log_in) -> None:
    owner = a_user(Role.ENTERPRISE)
    a_need(owner.organization, title="我们的需求")
    a_need(an_organization(), title="别人的需求")
    log_in(owner)
    page = client.get("/my").text
    assert "我们的需求" in page and "别人的需求" not in page
