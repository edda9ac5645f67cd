"""What comes out at a real server for mail, and what happens when it does not take it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from marketplace.audit import Tag, entries_of
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.notices import journal, mailings, operations, worker
from marketplace.notices.letters import Letter, one_line
from marketplace.notices.mail import Sender, Server, current_post
from marketplace.notices.models import Mailing, MailingState, Notice, NoticeKind
from marketplace.outbox import OutboxRow
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.alerts.factories import a_mailing, a_notice, a_reader, send_all
from tests.factories import a_user
from tests.notices.sink import Sink, listening


def only_mailing() -> Mailing:
    return db.session.query(Mailing).one()


def due_again() -> None:
    """As if the time of every postponed row had come."""
    transact(lambda: db.session.query(OutboxRow).update({"due_at": utcnow() - timedelta(hours=1)}))


def test_a_notice_comes_by_mail_in_chinese_with_a_way_to_stop_it(app: Flask, sink: Sink) -> None:
    reader = a_reader()
    notice = a_notice(reader, NoticeKind.INTRODUCTION_SENT)
    send_all()
    (message,) = sink.messages
    assert message["To"] == reader.email and message["Subject"] == "收到对接提议 DJ000001"
    assert message["From"] == "双库科技大市场 <notice@market.example>"
    assert message["Message-ID"] == current_post().sender.message_id(f"notice/{notice.id}")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = sink.contents[0].decode("ascii")
    assert "\r\nList-Unsubscribe: <http://127.0.0.1:8000/notices/stop/" in raw
    parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
    assert "收到对接提议" in parts["text/plain"] and "收到对接提议" in parts["text/html"]
    assert only_mailing().state == MailingState.SENT and only_mailing().body == ""


def test_a_mail_goes_out_once_however_often_it_is_asked_for(app: Flask, sink: Sink) -> None:
    key = f"notice/{a_notice(a_reader()).id}"
    for _time in range(3):
        worker.deliver([key], {})
    assert len(sink.contents) == 1


def test_nobody_is_written_to_at_an_address_that_they_have_not_confirmed(
    app: Flask, sink: Sink
) -> None:
    user = a_user()
    transact(lambda: operations.ask_address("someone@example.cn", actor=user, now=utcnow()))
    a_notice(user)
    send_all()
    assert [message["Subject"] for message in sink.messages] == ["请确认您的通知邮箱"]


def test_what_is_muted_stays_in_the_application(app: Flask, sink: Sink) -> None:
    reader = a_reader()
    transact(lambda: operations.stop(reader.id, NoticeKind.MEETING_SET, now=utcnow()))
    a_notice(reader, NoticeKind.MEETING_SET)
    a_notice(reader, NoticeKind.CREDIT_NOTICED)
    send_all()
    assert [message["Subject"] for message in sink.messages] == ["信用记录生效前告知 DJ000001"]
    assert db.session.query(Notice).count() == 2


def test_an_address_that_does_not_exist_is_given_up_and_the_operator_tries_again(
    app: Flask, sink: Sink, client: FlaskClient, log_in
) -> None:
    reader, other = a_reader(), a_reader()
    sink.answers[str(reader.email)] = "550 no such mailbox"
    failed, fine = a_notice(reader), a_notice(other)
    send_all()
    assert [message["To"] for message in sink.messages] == [other.email]
    row = db.session.query(Mailing).filter_by(key=f"notice/{failed.id}").one()
    assert (row.state, row.message) == (MailingState.FAILED, "550 no such mailbox")
    log_in(a_user(Role.OPERATOR))
    assert "550 no such mailbox" in client.get("/mail?state=failed").text
    sink.answers.clear()
    assert client.post(f"/mail/{row.id}/retry").status_code == 303
    send_all()
    assert len(sink.contents) == 2 and row.state == MailingState.SENT
    assert [entry.tag for entry in entries_of(f"mailing/{row.id}")] == [Tag.MAIL_RETRIED]
    assert fine.id != failed.id


def test_a_mail_that_the_server_puts_off_comes_later_and_later_and_then_no_more(
    app: Flask, sink: Sink
) -> None:
    reader = a_reader()
    sink.answers[str(reader.email)] = "451 try later"
    a_notice(reader)
    for failures in range(1, mailings.MOST_FAILURES + 1):
        send_all()
        row = only_mailing()
        assert row.failures == failures
        due = db.session.query(OutboxRow).all()
        assert all(one.due_at > utcnow() for one in due)
        due_again()
    assert row.state == MailingState.FAILED and not due


def test_a_server_that_is_away_holds_mail_up_and_loses_none(app: Flask, settings: Settings) -> None:
    gone = Sink()
    with listening(gone):
        pass
    away = settings.smtp_url.rpartition(":")[0] + f":{gone.port}"
    app.extensions["post"] = type(current_post())(current_post().sender, Server.from_url(away))
    a_notice(a_reader())
    send_all()
    row = only_mailing()
    assert row.state == MailingState.PENDING and "ConnectionRefusedError" in row.message
    assert not list((settings.home / "mail").glob("*"))
    due_again()
    with listening(gone):
        send_all()
    assert len(gone.contents) == 1 and row.state == MailingState.SENT


def test_what_a_dead_worker_had_handed_over_is_not_sent_again(
    app: Flask, settings: Settings, sink: Sink
) -> None:
    first, second = a_notice(a_reader()), a_notice(a_reader())
    keys = [f"notice/{first.id}", f"notice/{second.id}"]
    folder = settings.home / "mail"
    written = worker.letters.of_subjects(keys, {})
    with pytest.raises(KeyboardInterrupt), journal.begun(folder) as kept:
        transact(lambda: mailings.claim(written, kept.name, now=utcnow()))
        kept.add(keys[0])
        worker.deliver(keys, {})
        assert not sink.contents, "the claim of a living worker is left alone"
        raise KeyboardInterrupt
    send_all()
    assert [message["Message-ID"] for message in sink.messages] == [
        current_post().sender.message_id(keys[1])
    ]
    assert not db.session.query(Mailing).filter(Mailing.state != MailingState.SENT).count()
    assert not list(folder.glob("*"))


def test_what_another_machine_left_is_taken_up_after_an_hour(app: Flask, sink: Sink) -> None:
    reader = a_reader()
    notice = a_notice(reader)
    claimed = {"key": f"notice/{notice.id}", "claim": "elsewhere", "state": MailingState.SENDING}
    row = a_mailing(reader, **claimed, claimed_at=utcnow())
    send_all()
    assert not sink.contents
    transact(lambda: setattr(row, "claimed_at", utcnow() - mailings.LEASE * 2))
    worker.resume_abandoned()
    send_all()
    assert len(sink.contents) == 1


def test_mail_that_nobody_wants_any_more_is_not_tried_again(app: Flask, sink: Sink) -> None:
    reader = a_reader()
    notice = a_notice(reader)
    row = a_mailing(reader, MailingState.PENDING, key=f"notice/{notice.id}")
    transact(lambda: operations.stop(reader.id, notice.kind, now=utcnow()))
    send_all()
    assert row.state == MailingState.DROPPED and not sink.contents


def test_a_message_has_one_identifier_that_only_this_market_gives() -> None:
    ours, theirs = Sender("a@market.example", "ours"), Sender("a@market.example", "theirs")
    assert ours.message_id("notice/1") == ours.message_id("notice/1")
    assert (
        len(
            {
                ours.message_id("notice/1"),
                ours.message_id("notice/2"),
                theirs.message_id("notice/1"),
            }
        )
        == 3
    )


def test_a_line_break_in_a_title_begins_no_head_of_a_mail(app: Flask) -> None:
    title = one_line("阻垢剂\r\nBcc: everybody@example.cn\x00" + "长" * 300)
    letter = Letter("notice/1", 1, "reader@example.cn", title, "文", "<p>文</p>")
    message = current_post().sender.message(letter)
    assert message["Bcc"] is None and len(title) == 60
    assert message["Subject"].startswith("阻垢剂 Bcc: everybody")
    with pytest.raises(ValueError, match="CR or LF"):
        current_post().sender.message(
            Letter("notice/1", 1, "reader@example.cn\r\nBcc: x@example.cn", "题", "文", "文")
        )


@pytest.mark.parametrize(
    "url",
    ["imap://host", "smtp://", "mail.example:25", "smtp://user:secret@mail.example"],
)
def test_a_wrong_server_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Server.from_url(url)
    assert "SHUANGKU_SMTP_URL" in refusal.value.errors["smtp"][0]


def test_the_address_of_the_server_may_hold_any_password() -> None:
    server = Server.from_url("smtps://notice%40market.example:p%40ss%2Fword@mail.example")
    assert (server.user, server.password) == ("notice@market.example", "p@ss/word")
    assert (server.port, server.tls, server.starttls) == (465, True, False)
    assert Server.from_url("smtp+tls://mail.example").port == 587


def test_a_server_without_the_promised_encryption_gets_no_mail(app: Flask, sink: Sink) -> None:
    secure = Server.from_url(sink.url.replace("smtp://", "smtp+tls://"))
    app.extensions["post"] = type(current_post())(current_post().sender, secure)
    a_notice(a_reader())
    send_all()
    assert not sink.contents and "STARTTLS" in only_mailing().message
