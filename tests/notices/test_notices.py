"""The pages 通知 and 通知设置, and the links in mails."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.audit import Tag, entries_of
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.notices import operations, queries, tokens
from marketplace.notices.models import AddressRequest, Cadence, MailingState, NoticeKind
from marketplace.notices.words import KIND_NAMES, WORDS, words_of
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.alerts.factories import a_mailing, a_notice, a_reader, send_all
from tests.factories import a_need, a_user
from tests.notices.sink import Sink


def link_in(sink: Sink, path: str) -> str:
    """The address below ``path`` in the last mail, without its host."""
    text = sink.messages[-1].get_body(("plain",)).get_content()
    found = re.search(rf"http://127\.0\.0\.1:8000({path}/\S+)", text)
    assert found
    return found[1]


def test_unread_notices_come_first_and_are_counted_on_every_page(
    client: FlaskClient, log_in
) -> None:
    user = a_user()
    read = a_notice(user, NoticeKind.INTRODUCTION_MOVED)
    a_notice(user, NoticeKind.MEETING_SET)
    transact(lambda: operations.read(read, actor=user, now=utcnow()))
    a_notice(a_user(), NoticeKind.CREDIT_DECIDED)
    log_in(user)
    page = client.get("/notices").text
    assert page.index("约定了会面") < page.index("对接有了进展")
    assert "信用异议有了结果" not in page
    assert '<span class="unread">1<' in client.get("/results").text


def test_to_open_a_notice_is_to_read_it(client: FlaskClient, log_in) -> None:
    user = a_user()
    need = a_need(user.organization)
    notice = a_notice(user, NoticeKind.REFINEMENT_OFFERED, need.key)
    log_in(user)
    answer = client.post(f"/notices/{notice.id}/open")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/needs/{need.id}"
    assert 'class="unread"' not in client.get("/notices").text


def test_all_are_read_with_one_button(client: FlaskClient, log_in) -> None:
    user, other = a_user(), a_user()
    for _time in range(3):
        a_notice(user)
    a_notice(other)
    log_in(user)
    client.post("/notices/read")
    assert (queries.unread_count(user.id), queries.unread_count(other.id)) == (0, 1)


def test_more_than_can_be_counted_is_shown_as_such(client: FlaskClient, log_in) -> None:
    user = a_user()
    for number in range(queries.MOST_COUNTED + 5):
        transact(
            lambda once=str(number): operations.tell(
                [user], NoticeKind.MEETING_SET, "introduction/1", once=once, now=utcnow()
            )
        )
    log_in(user)
    assert '<span class="unread">99+<' in client.get("/notices").text
    assert client.get("/notices?page=3").text.count('class="notice') == 4


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_notice_has_words(app: Flask, kind: NoticeKind) -> None:
    assert kind in KIND_NAMES and kind in WORDS
    notice = a_notice(a_user(), kind)
    notice.facts = {"period": "2026-W48", "count": 3}
    assert "%" not in words_of(notice)


def test_a_notice_says_of_which_introduction_it_speaks(client: FlaskClient, log_in) -> None:
    user = a_user()
    for subject in ("introduction/7", "agreement/8"):
        transact(
            lambda about=subject: operations.tell(
                [user], NoticeKind.INTRODUCTION_MOVED, about, once=about, now=utcnow()
            )
        )
    log_in(user)
    page = client.get("/notices").text
    assert "对接有了进展 DJ000007" in page and "对接有了进展 DJ000008" in page


def test_mail_begins_only_after_the_link_in_the_first_one_was_followed(
    client: FlaskClient, log_in, sink: Sink
) -> None:
    user = a_user()
    log_in(user)
    client.post("/notices/address", data={"address": " reader@example.cn "})
    assert user.email is None and "等待确认" in client.get("/notices/settings").text
    send_all()
    link = link_in(sink, "/notices/address")
    client.post("/logout")
    assert "reader@example.cn" in client.get(link).text and user.email is None
    assert "已确认" in client.post(link).text
    assert user.email == "reader@example.cn"
    tags = [entry.tag for entry in entries_of(f"user/{user.id}")]
    assert tags[-2:] == [Tag.ADDRESS_ASKED, Tag.ADDRESS_CONFIRMED]


def test_of_two_addresses_the_later_one_counts(client: FlaskClient, log_in, sink: Sink) -> None:
    user = a_user()
    log_in(user)
    client.post("/notices/address", data={"address": "first@example.cn"})
    send_all()
    first = link_in(sink, "/notices/address")
    client.post("/notices/address", data={"address": "second@example.cn"})
    send_all()
    assert client.post(first).status_code == 409 and user.email is None
    client.post(link_in(sink, "/notices/address"))
    assert user.email == "second@example.cn"


@pytest.mark.parametrize(
    "address",
    [
        "reader", "reader@localhost", "a b@example.cn", "reader@example.cn\r\nBcc: x@example.cn",
        "reader@example.cn,other@example.cn", "<reader@example.cn>", "读者@example.cn",
        "a" * 250 + "@example.cn",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_lost(
    client: FlaskClient, log_in, address: str
) -> None:
    log_in(a_user())
    answer = client.post("/notices/address", data={"address": address})
    assert answer.status_code == 422 and "邮箱地址不正确" in answer.text
    assert address.split("\r")[0].replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert not db.session.query(AddressRequest).count()


def test_an_address_is_removed_by_leaving_it_empty(client: FlaskClient, log_in) -> None:
    reader = a_reader()
    log_in(reader)
    client.post("/notices/address", data={"address": ""})
    assert reader.email is None


def test_one_click_stops_one_kind_for_its_owner_without_logging_in(app: Flask, sink: Sink) -> None:
    app.config["WTF_CSRF_ENABLED"] = True  # a mail program has no token
    reader, other = a_reader(), a_reader()
    a_notice(reader, NoticeKind.MEETING_SET)
    send_all()
    link = link_in(sink, "/notices/stop")
    stranger = app.test_client()
    assert "约定了会面" in stranger.get(link).text
    assert queries.preference(reader.id).muted == [], "to look at a link is not to follow it"
    answer = stranger.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "已停止" in answer.text
    assert queries.addresses([reader.id, other.id], NoticeKind.MEETING_SET) == {
        other.id: other.email
    }
    assert reader.id in queries.addresses([reader.id], NoticeKind.CREDIT_NOTICED)
    assert [entry.tag for entry in entries_of(f"user/{reader.id}")][-1] == Tag.MAIL_STOPPED


def test_the_link_of_a_digest_stops_digests_altogether(client: FlaskClient) -> None:
    reader = a_reader(cadence=Cadence.DAILY)
    client.post(f"/notices/stop/{tokens.to_stop(reader.id, NoticeKind.DIGEST)}")
    assert queries.preference(reader.id).cadence == Cadence.NONE
    assert queries.addresses([reader.id], NoticeKind.DIGEST) == {}


def test_a_forged_link_stops_nothing_and_confirms_nothing(client: FlaskClient) -> None:
    reader, user = a_reader(), a_user()
    asked = transact(lambda: operations.ask_address("someone@example.cn", actor=user, now=utcnow()))
    assert asked
    stop, confirm = tokens.to_stop(reader.id, NoticeKind.DIGEST), tokens.to_confirm(asked.id)
    other = tokens.to_stop(user.id, NoticeKind.DIGEST)
    body, signature = stop.rsplit(".", 1)
    forged = [
        f"/notices/stop/{other.rsplit('.', 1)[0]}.{signature}",
        f"/notices/stop/{body}",
        f"/notices/stop/{confirm}",
        f"/notices/address/{stop}",
        f"/notices/address/{confirm[:-2]}",
    ]
    for address in forged:
        assert client.post(address).status_code == 404, address
    assert queries.preference(reader.id).cadence == Cadence.WEEKLY
    assert user.email is None


def test_the_page_of_settings_keeps_what_was_chosen(client: FlaskClient, log_in) -> None:
    user = a_user()
    log_in(user)
    client.post("/notices/settings", data={"cadence": "daily", "kind": ["meeting:set", "digest"]})
    chosen = queries.preference(user.id)
    assert chosen.cadence == Cadence.DAILY and "meeting:set" not in chosen.muted
    assert len(chosen.muted) == len(NoticeKind) - 2
    page = client.get("/notices/settings").text
    assert 'value="daily" checked' in page and 'value="credit:noticed">' in page


@pytest.mark.parametrize("data", [{}, {"cadence": "hourly"}, {"cadence": "daily", "kind": "x"}])
def test_what_no_list_knows_is_refused(client: FlaskClient, log_in, data: dict[str, str]) -> None:
    user = a_user()
    log_in(user)
    assert client.post("/notices/settings", data=data).status_code == 422
    assert queries.preference(user.id).cadence == Cadence.WEEKLY


def test_one_sees_ones_own_mail_and_the_operator_all(client: FlaskClient, log_in) -> None:
    user = a_user()
    a_mailing(user, title="给我的<b>信</b>")
    row = a_mailing(a_user(), MailingState.PENDING, title="给别人的信")
    log_in(user)
    page = client.get("/mail").text
    assert "给我的&lt;b&gt;信" in page and "给别人的信" not in page
    assert client.get(f"/mail/{row.id}").status_code == 404
    log_in(a_user(Role.OPERATOR))
    page = client.get("/mail").text
    assert "给我的" in page and "给别人的信" in page
    assert client.post(f"/mail/{row.id}/retry").status_code == 409, "it has not failed"


def test_a_market_without_a_server_shows_its_mail_on_a_page(
    app: Flask, client: FlaskClient, log_in, start_again
) -> None:
    app.extensions["post"] = start_again(smtp_url="").extensions["post"]
    user = a_user()
    log_in(user)
    client.post("/notices/address", data={"address": "reader@example.cn"})
    send_all()
    page = client.get("/mail").text
    assert "SHUANGKU_SMTP_URL" in page and "已发送" in page
    number = re.search(r'href="/mail/(\d+)"', page)
    assert number
    letter = client.get(f"/mail/{number[1]}").text
    link = re.search(r'href="http://127\.0\.0\.1:8000(/notices/address/[^"]+)"', letter)
    assert link
    client.post(link[1])
    assert user.email == "reader@example.cn"
