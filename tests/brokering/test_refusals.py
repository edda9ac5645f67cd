"""What is refused keeps its words, what is guessed leaves a trace, and nothing makes it stumble."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select

from marketplace.audit import AuditEntry, Tag
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.brokers.states import State as BrokerState
from marketplace.brokering.states import Action
from marketplace.brokering.threads import operations as threads
from marketplace.brokering.visits import operations as visits
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.brokering.test_threads import a_meeting
from tests.factories import a_need, a_user

HUGE = 3_000_000_000


@pytest.mark.parametrize(
    "path",
    [
        f"/agreements/{HUGE}", f"/broker/visits/{HUGE}", f"/visits/{HUGE}", f"/refinements/{HUGE}",
        f"/broker/certificates/{HUGE}/file", f"/introductions/{HUGE}",
    ],
)  # fmt: skip
def test_a_number_that_no_row_has_is_not_found(client: FlaskClient, log_in, path: str) -> None:
    log_in(a_user(Role.BROKER))
    assert client.get(path).status_code == 404


def test_guessing_agreements_and_visits_leaves_a_trace(client: FlaskClient, log_in) -> None:
    pair, broker = Pair(), a_user(Role.BROKER)
    introduction = pair.brokered(broker)
    facts = {"company": "某厂", "words": "结垢", "visited_on": utcnow().date()}
    visit = transact(lambda: visits.write_down(facts, None, actor=broker, now=utcnow()))
    log_in(a_user(Role.BROKER))
    for path in (f"/agreements/{introduction.id}", f"/broker/visits/{visit.id}"):
        assert client.get(path).status_code == 404
        refused = select(func.count()).where(
            AuditEntry.tag == Tag.ACCESS_REFUSED, AuditEntry.subject == path
        )
        assert db.session.scalar(refused) == 1


@pytest.mark.parametrize("rate", ["1e999999", "Infinity", "-1", "sNaN", "9" * 5_000])
def test_no_rate_makes_the_agreement_stumble(client: FlaskClient, log_in, rate: str) -> None:
    broker = a_user(Role.BROKER)
    introduction = Pair().brokered(broker)
    log_in(broker)
    data = {"after": 0, "rate": rate, "payer": "need", "condition": "income", "words": "另付差旅"}
    page = client.post(f"/agreements/{introduction.id}", data=data)
    assert page.status_code == 422 and "百分数" in page.text and "另付差旅" in page.text


def test_digits_without_end_are_no_number(client: FlaskClient, log_in) -> None:
    broker = a_user(Role.BROKER)
    introduction = Pair().brokered(broker)
    log_in(broker)
    data = {"revision": "9" * 5_000, "action": "meet", "capacity": "9" * 5_000}
    assert client.post(f"/broker/board/{introduction.id}/move", data=data).status_code == 409
    assert client.post("/broker/record", data=data).status_code == 422


def test_an_answer_that_comes_too_late_keeps_its_words(client: FlaskClient, log_in) -> None:
    introduction = (pair := Pair()).sent()
    move(introduction, Action.WITHDRAW, pair.seller)
    log_in(pair.buyer)
    said = {"action": "ask", "words": "请补充水质报告"}
    page = client.post(f"/introductions/{introduction.id}/move", data=said)
    assert page.status_code == 409 and "请补充水质报告" in page.text


def test_a_change_to_a_cancelled_meeting_keeps_what_was_typed(client: FlaskClient, log_in) -> None:
    introduction = (pair := Pair()).contacted()
    meeting = a_meeting(introduction, pair.buyer, starts_in=timedelta(days=3))
    transact(lambda: threads.call_off(introduction, meeting, actor=pair.buyer, now=utcnow()))
    log_in(pair.seller)
    said = {"starts_at": "2026-12-24T09:30", "minutes": "60", "place": "改到二号楼"}
    page = client.post(f"/introductions/{introduction.id}/thread/meetings/{meeting.id}", data=said)
    assert page.status_code == 409 and "会面已取消" in page.text and "改到二号楼" in page.text


def test_what_an_unrecorded_broker_types_stays(client: FlaskClient, log_in) -> None:
    broker, need = a_user(Role.BROKER), a_need()
    record = brokers.of_user(broker.id)
    transact(lambda: setattr(record, "state", BrokerState.SUSPENDED))
    log_in(broker)
    visit = client.post("/broker/visits/new", data={"company": "某厂", "words": "锅炉结垢严重"})
    assert visit.status_code == 409 and "锅炉结垢严重" in visit.text and "备案" in visit.text
    answers = client.post(f"/needs/{need.id}/refine", data={"more": "每天两百吨水"})
    assert answers.status_code == 409 and "每天两百吨水" in answers.text


def test_a_record_changed_in_another_tab_keeps_what_was_typed(client: FlaskClient, log_in) -> None:
    broker = a_user(Role.BROKER)
    log_in(broker)
    said = {"revision": "7", "affiliation": "另一家事务所", "capacity": "5"}
    page = client.post("/broker/record", data=said)
    assert page.status_code == 409 and "另一家事务所" in page.text and "已被他人修改" in page.text


@pytest.mark.parametrize("path", ["/introductions", "/broker/board", "/funnel"])
def test_more_introductions_ask_no_more_questions(client: FlaskClient, log_in, path: str) -> None:
    broker = a_user(Role.BROKER)
    log_in(broker)
    counts = []
    for _more in range(2):
        Pair().brokered(broker)
        Pair().sent(broker)
        counts.append(statements_of(client, path))
    assert counts[0] == counts[1]


def statements_of(client: FlaskClient, path: str) -> int:
    """How many statements the page takes."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def test_the_operator_reads_who_reached_for_what_when_and_how_often(
    client: FlaskClient, log_in
) -> None:
    introduction, curious = Pair().contacted(), a_user(Role.ENTERPRISE)
    log_in(curious)
    for path in ("", "/thread", "/confidential"):
        assert client.get(f"/introductions/{introduction.id}{path}").status_code == 404
    assert client.get("/operator/refusals").status_code == 403
    log_in(a_user(Role.OPERATOR))
    page = client.get("/operator/refusals").text
    row = re.search(
        rf"<tr>(?:(?!</tr>).)*/introductions/{introduction.id}/thread.*?</tr>", page, re.S
    )
    assert row is not None and curious.username in row[0] and "GET" in row[0]
    assert curious.organization.name in row[0] and ">4</td>" in row[0]
    assert "/operator/refusals" in client.get("/").text
