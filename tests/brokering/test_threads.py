"""What both sides and the broker do in a thread, through its pages."""

import re
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, Reason, State
from marketplace.brokering.threads import operations
from marketplace.brokering.threads.models import (
    FileDownload,
    Meeting,
    Message,
    MessageDraft,
    Paper,
    ThreadFile,
)
from marketplace.brokering.threads.operations import Plan
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.ledger.entry import BEIJING
from marketplace.notices.models import Notice, NoticeKind
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.factories import a_user

HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.7 contents"
PLAN = {
    "starts_at": "2026-12-01T14:30",
    "minutes": "90",
    "place": "包头市稀土大厦",
    "agenda": "看样",
}


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def thread_of(introduction: Introduction) -> str:
    return f"/introductions/{introduction.id}/thread"


def a_meeting(introduction: Introduction, actor, *, starts_in: timedelta) -> Meeting:
    what = Plan(utcnow() + starts_in, 60, "包头", "", "看样")
    return transact(lambda: operations.plan(introduction, what, actor=actor, now=utcnow()))


def test_a_message_reaches_everybody_else_once(client: FlaskClient, log_in, pair: Pair) -> None:
    introduction = pair.contacted()
    log_in(pair.buyer)
    answer = client.post(f"{thread_of(introduction)}/messages", data={"text": "<b>周三</b>可以"})
    assert answer.status_code == 302
    told = select(Notice.user_id).where(Notice.kind == NoticeKind.MESSAGE_WRITTEN)
    assert db.session.scalars(told).all() == [pair.seller.id]
    log_in(pair.seller)
    assert "&lt;b&gt;周三&lt;/b&gt;可以" in client.get(thread_of(introduction)).text


def test_before_contact_nobody_speaks_and_after_the_end_all_only_read(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    introduction = pair.sent()
    log_in(pair.buyer)
    assert client.get(thread_of(introduction)).status_code == 404
    move(introduction, Action.INTEREST, pair.buyer)
    assert client.get(thread_of(introduction)).status_code == 200
    move(introduction, Action.LOSE, pair.buyer, reason=Reason.PRICE)
    assert "只能查看" in client.get(thread_of(introduction)).text
    answer = client.post(f"{thread_of(introduction)}/messages", data={"text": "还在吗"})
    assert answer.status_code == 403
    assert db.session.scalars(select(Message)).all() == []


def test_what_is_typed_is_kept_until_it_is_sent(client: FlaskClient, log_in, pair: Pair) -> None:
    introduction = pair.contacted()
    log_in(pair.buyer)
    client.post(f"{thread_of(introduction)}/draft", data={"text": "写到一半"}, headers=HTMX)
    assert "写到一半" in client.get(thread_of(introduction)).text
    log_in(pair.seller)
    assert "写到一半" not in client.get(thread_of(introduction)).text
    log_in(pair.buyer)
    client.post(f"{thread_of(introduction)}/messages", data={"text": "写完了"})
    assert db.session.scalars(select(MessageDraft)).all() == []


def test_too_long_a_message_is_refused_with_every_word(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    introduction = pair.contacted()
    log_in(pair.buyer)
    long = "长" * 4_001
    answer = client.post(f"{thread_of(introduction)}/messages", data={"text": long})
    assert answer.status_code == 422 and long in answer.text and "不能超过4000字" in answer.text


def test_asking_again_brings_only_what_is_new(client: FlaskClient, log_in, pair: Pair) -> None:
    introduction = pair.contacted()
    log_in(pair.buyer)
    seen = re.search(r"seen=([0-9-]+)", client.get(thread_of(introduction)).text)[1]
    again = f"{thread_of(introduction)}?seen={seen}"
    assert client.get(again, headers=HTMX).status_code == 204
    client.post(f"{thread_of(introduction)}/messages", data={"text": "新的"})
    answer = client.get(again, headers=HTMX)
    assert "新的" in answer.text and "<html" not in answer.text


def test_a_file_is_kept_and_every_download_is_written_down(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    introduction = pair.contacted()
    log_in(pair.seller)
    for name in ("../../etc/报告.pdf", "C:/temp/报告.pdf"):
        upload = {"file": (BytesIO(PDF), name)}
        assert client.post(f"{thread_of(introduction)}/files", data=upload).status_code == 302
    files = db.session.scalars(select(ThreadFile)).all()
    assert {file.name for file in files} == {"报告.pdf"}
    log_in(pair.buyer)
    answer = client.get(f"{thread_of(introduction)}/files/{files[0].id}")
    assert answer.data == PDF and answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()
    taken = db.session.scalars(select(FileDownload)).all()
    assert [(row.file_id, row.user_id) for row in taken] == [(files[0].id, pair.buyer.id)]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"<script>alert(1)</script>", "a.html", "格式不支持"),
        (b"MZ\x90\x00", "report.pdf", "不符或为空"),
        (b"", "report.pdf", "不符或为空"),
        (PDF, "", "请先选择"),
        (PDF, "..", "格式不支持"),
    ],
)
def test_a_file_is_told_by_its_bytes(
    client: FlaskClient, log_in, pair: Pair, content: bytes, name: str, said: str
) -> None:
    introduction = pair.contacted()
    log_in(pair.seller)
    upload = {"file": (BytesIO(content), name)}
    answer = client.post(f"{thread_of(introduction)}/files", data=upload)
    assert answer.status_code == 422 and said in answer.text
    assert db.session.scalars(select(ThreadFile)).all() == []


def test_a_meeting_is_set_in_beijing_time_and_calendars_follow_it(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    introduction = pair.contacted()
    log_in(pair.buyer)
    client.post(f"{thread_of(introduction)}/meetings", data=PLAN)
    meeting = db.session.scalars(select(Meeting)).one()
    at = f"{thread_of(introduction)}/meetings/{meeting.id}"
    first = event_of(client.get(f"{at}.ics").data)
    assert first["DTSTART"].dt == datetime(2026, 12, 1, 14, 30, tzinfo=BEIJING)
    client.post(at, data=PLAN | {"starts_at": "2026-12-02 09:00"})
    second = event_of(client.get(f"{at}.ics").data)
    client.post(f"{at}/cancel")
    third = event_of(client.get(f"{at}.ics").data)
    assert first["UID"] == second["UID"] == third["UID"]
    assert [event["SEQUENCE"] for event in (first, second, third)] == [0, 1, 2]
    assert (second["STATUS"], third["STATUS"]) == ("CONFIRMED", "CANCELLED")
    told = select(Notice).where(Notice.kind == NoticeKind.MEETING_SET)
    assert [n.user_id for n in db.session.scalars(told)] == [pair.seller.id] * 3


def event_of(content: bytes):
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"starts_at": "下周三"}, "北京时间"),
        ({"starts_at": "9999-12-31T23:59"}, "北京时间"),
        ({"minutes": "0"}, "时长"),
        ({"minutes": "一小时"}, "时长"),
        ({"place": ""}, "地点或线上会议链接"),
        ({"link": "javascript:alert(1)"}, "https://"),
        ({"agenda": "议" * 2001}, "不能超过2000字"),
    ],
)
def test_a_plan_that_cannot_be_is_named_and_kept(
    client: FlaskClient, log_in, pair: Pair, wrong: dict[str, str], said: str
) -> None:
    introduction = pair.contacted()
    log_in(pair.buyer)
    typed = PLAN | {"agenda": "写了很久的议程"} | wrong
    answer = client.post(f"{thread_of(introduction)}/meetings", data=typed)
    assert answer.status_code == 422 and said in answer.text and typed["agenda"] in answer.text
    assert db.session.scalars(select(Meeting)).all() == []


def test_two_have_met_when_both_say_so(client: FlaskClient, log_in, pair: Pair) -> None:
    introduction = pair.contacted()
    meeting = a_meeting(introduction, pair.buyer, starts_in=-timedelta(hours=2))
    held = f"{thread_of(introduction)}/meetings/{meeting.id}/held"
    log_in(pair.buyer)
    client.post(held)
    client.post(held)
    assert introduction.state == State.CONTACTED
    log_in(pair.seller)
    client.post(held)
    assert introduction.state == State.MET
    assert introduction.steps[-1].facts == {"meeting": meeting.id}
    answer = client.post(f"{thread_of(introduction)}/meetings/{meeting.id}/cancel")
    assert answer.status_code == 409 and "已有一方确认" in answer.text


def test_nobody_has_met_before_the_hour(client: FlaskClient, log_in, pair: Pair) -> None:
    introduction = pair.contacted()
    meeting = a_meeting(introduction, pair.buyer, starts_in=timedelta(hours=2))
    log_in(pair.buyer)
    answer = client.post(f"{thread_of(introduction)}/meetings/{meeting.id}/held")
    assert answer.status_code == 409 and "还没有开始" in answer.text


def test_a_broker_confirms_for_nobody(client: FlaskClient, log_in, pair: Pair) -> None:
    introduction = pair.brokered(broker := a_user(Role.BROKER))
    meeting = a_meeting(introduction, broker, starts_in=-timedelta(hours=2))
    log_in(broker)
    answer = client.post(f"{thread_of(introduction)}/meetings/{meeting.id}/held")
    assert answer.status_code == 403


def test_an_agreement_is_what_both_confirm_of_the_same_version(
    client: FlaskClient, log_in, pair: Pair
) -> None:
    introduction = pair.contacted()
    papers = f"{thread_of(introduction)}/papers"
    log_in(pair.seller)
    for text in ("独占许可三年", "普通许可三年"):
        client.post(papers, data={"kind": "agreement", "paper": text})
    first, second = db.session.scalars(select(Paper).order_by(Paper.id)).all()
    assert (first.version, second.version) == (1, 2)
    log_in(pair.buyer)
    answer = client.post(f"{papers}/{first.id}/confirm")
    assert answer.status_code == 409 and "已有新的版本" in answer.text
    client.post(f"{papers}/{second.id}/confirm")
    assert introduction.state == State.AGREED
    assert introduction.steps[-1].facts == {"paper": second.id}


def test_minutes_that_both_confirm_move_nothing(client: FlaskClient, log_in, pair: Pair) -> None:
    introduction = pair.contacted()
    papers = f"{thread_of(introduction)}/papers"
    log_in(pair.seller)
    upload = {"kind": "minutes", "paper": "双方看了样品", "file": (BytesIO(PDF), "纪要.pdf")}
    client.post(papers, data=upload)
    paper = db.session.scalars(select(Paper)).one()
    log_in(pair.buyer)
    client.post(f"{papers}/{paper.id}/confirm")
    page = client.get(thread_of(introduction)).text
    assert introduction.state == State.CONTACTED
    assert "双方已确认" in page and "纪要.pdf" in page
