"""One organisation reaches for what is another's: everything is refused, and leaves a trace."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace import audit, files
from marketplace.access import operations as access
from marketplace.accounts.models import User
from marketplace.audit import AuditEntry, Tag
from marketplace.brokering.models import Answer, Introduction, Step
from marketplace.brokering.threads import operations as threads
from marketplace.brokering.threads.models import Assent, Meeting, Message, Paper, ThreadFile
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.listings.lifecycle import State
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import Pair
from tests.brokering.test_threads import a_meeting
from tests.factories import a_head, a_need, a_result, a_user

PDF = b"%PDF-1.7 secret"
GET_OWN = (
    "/introductions/{i}", "/introductions/{i}/edit", "/introductions/{i}/thread",
    "/introductions/{i}/thread?seen=0", "/introductions/{i}/thread/files/{f}",
    "/introductions/{i}/thread/meetings/{m}", "/introductions/{i}/thread/meetings/{m}.ics",
    "/introductions/{i}/confidential", "/introductions/{i}/receipt",
    "/introductions/{i}/receipt/proof.json", "/introductions/{i}/receipt/opened.json",
    "/introductions/{d}", "/introductions/{d}/edit", "/introductions/{d}/thread",
    "/introductions/{d}/receipt", "/introductions/{d}/confidential",
    # one's own thread, another's row
    "/introductions/{own}/thread/files/{f}", "/introductions/{own}/thread/meetings/{m}",
    "/introductions/{own}/thread/meetings/{m}.ics",
    "/needs/{n}", "/needs/{n}/edit", "/results/{r}", "/results/{r}/edit",
    "/introductions/new?need={n}&result={r}", "/introductions/new?need={p}&result={q}",
)  # fmt: skip
POST_OWN = (
    ("/introductions/{i}/edit", {"offer": "改", "revision": "2"}),
    ("/introductions/{d}/edit", {"offer": "改", "revision": "2"}),
    ("/introductions/{d}/edit", {"then": "send", "revision": "2"}),
    ("/introductions/{d}/move", {"action": "withdraw"}),
    ("/introductions/{d}/move", {"action": "send"}),
    *(("/introductions/{i}/move", {"action": a, "words": "x", "reason": "price"})
      for a in ("interest", "decline", "withdraw", "lose", "agree", "contract", "verify_income")),
    ("/introductions/{i}/thread/messages", {"text": "插话"}),
    ("/introductions/{i}/thread/draft", {"text": "插话"}),
    ("/introductions/{i}/thread/files", {"file": PDF}),
    ("/introductions/{i}/thread/meetings", {"starts_at": "2027-01-01T09:00", "minutes": "5"}),
    ("/introductions/{i}/thread/meetings/{m}", {"starts_at": "2027-01-01T09:00", "minutes": "5"}),
    ("/introductions/{i}/thread/meetings/{m}/cancel", {}),
    ("/introductions/{i}/thread/meetings/{m}/held", {}),
    ("/introductions/{own}/thread/meetings/{m}/cancel", {}),
    ("/introductions/{own}/thread/meetings/{m}/held", {}),
    ("/introductions/{i}/thread/papers", {"kind": "agreement", "paper": "x"}),
    ("/introductions/{i}/thread/papers/{w}/confirm", {}),
    ("/introductions/{own}/thread/papers/{w}/confirm", {}),
    ("/introductions/{i}/confidential/confirm", {"agreed": "1", "sha256": "0"}),
    ("/introductions/{i}/confidential/broker", {"allowed": "1"}),
    ("/introductions/{i}/confidential/contact", {"contact": "x"}),
    ("/introductions/new", {"need": "{p}", "result": "{q}", "offer": "x", "revision": "1"}),
    ("/needs/{n}/edit", {"title": "x", "revision": "1"}),
    ("/needs/{n}/move", {"action": "submit"}),
    ("/needs/{n}/copy", {}),
)  # fmt: skip


@dataclass
class Scene:
    """Two who talk, with everything in their thread; and a stranger with a thread of its own."""

    stranger: User
    keys: dict[str, int]


@pytest.fixture
def scene(app: Flask) -> Scene:
    pair, own = Pair(), Pair()
    introduction = pair.contacted()
    elsewhere = Pair()
    draft = elsewhere.draft(elsewhere.seller)
    meeting = a_meeting(introduction, pair.buyer, starts_in=-timedelta(hours=1))

    def work() -> tuple[ThreadFile, Paper]:
        now, digest = utcnow(), files.keep(PDF, "a.pdf")
        file = threads.file(introduction, "a.pdf", digest, len(PDF), actor=pair.buyer, now=now)
        paper = threads.write_paper(
            introduction, threads.PaperKind.AGREEMENT, "三年许可", actor=pair.buyer, now=now
        )
        threads.say(introduction, "只给你看", actor=pair.buyer, now=now)
        return file, paper

    file, paper = transact(work)
    a_head()
    hidden = a_need(pair.buyer.organization, state=State.DRAFT)
    secret = a_result(pair.seller.organization, state=State.DRAFT)
    keys = {
        "i": introduction.id, "d": draft.id, "own": own.contacted().id, "f": file.id,
        "m": meeting.id, "w": paper.id, "n": hidden.id, "r": secret.id,
        "p": elsewhere.need.id, "q": elsewhere.result.id,
    }  # fmt: skip
    return Scene(own.buyer, keys)


def counts() -> list[int]:
    """How many rows there are of all that an intruder could have made."""
    tables = (Introduction, Answer, Step, Message, ThreadFile, Meeting, Paper, Assent)
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_fifty_attempts_are_refused_and_each_is_in_the_audit(
    client: FlaskClient, log_in, scene: Scene
) -> None:
    log_in(scene.stranger)
    before, asked = counts(), set()
    for path in GET_OWN:
        address = path.format(**scene.keys)
        asked.add((address.partition("?")[0], "GET"))
        assert client.get(address).status_code in (403, 404), address
    for path, data in POST_OWN:
        address = path.format(**scene.keys)
        asked.add((address, "POST"))
        said = {k: _filled(v, scene) for k, v in data.items()}
        assert client.post(address, data=said).status_code in (403, 404), address
    attempts = len(GET_OWN) + len(POST_OWN)
    traces = audit.entries_by(scene.stranger, Tag.ACCESS_REFUSED, since=utcnow() - access.WINDOW)
    assert attempts >= 50
    assert {(t.subject, t.facts["method"]) for t in traces} == asked
    assert counts() == before


def _filled(value: str | bytes, scene: Scene):
    if isinstance(value, bytes):
        return (BytesIO(value), "a.pdf")
    return value.format(**scene.keys)


@pytest.mark.parametrize(
    "number", ["0", "999999", "2147483648", "99999999999999999999", "-1", "1e3"]
)
def test_numbers_that_nothing_has_are_plainly_not_found(
    client: FlaskClient, log_in, scene: Scene, number: str
) -> None:
    log_in(scene.stranger)
    for path in ("", "/thread", "/receipt", "/thread/files/1"):
        assert client.get(f"/introductions/{number}{path}").status_code == 404
    own = scene.keys["own"]
    for path in ("files", "meetings"):
        assert client.get(f"/introductions/{own}/thread/{path}/{number}").status_code == 404
    assert (
        audit.entries_by(scene.stranger, Tag.ACCESS_REFUSED, since=utcnow() - access.WINDOW) == []
    )


def test_the_same_refusal_again_writes_nothing(client: FlaskClient, log_in, scene: Scene) -> None:
    log_in(scene.stranger)
    for _again in range(5):
        client.get(f"/introductions/{scene.keys['i']}")
    assert refusals() == 1


def test_a_storm_of_guesses_writes_so_many_rows_and_no_more(
    client: FlaskClient, log_in, scene: Scene
) -> None:
    stranger = scene.stranger

    def work() -> None:
        now = utcnow()
        for serial in range(access.MOST_IN_WINDOW):
            access.note_refusal(stranger, f"/guess/{serial}", "GET", now=now)

    transact(work)
    log_in(stranger)
    assert client.get(f"/introductions/{scene.keys['i']}").status_code == 404
    assert refusals() == access.MOST_IN_WINDOW


def test_a_visitor_is_sent_to_log_in_and_leaves_no_trace(client: FlaskClient, scene: Scene) -> None:
    for path in GET_OWN[:11]:
        answer = client.get(path.format(**scene.keys))
        assert answer.status_code == 302 and "/login?" in answer.headers["Location"]
    assert refusals() == 0


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.BROKER, Role.AUTHORITY, Role.CLERK])
def test_no_office_reads_a_thread(client: FlaskClient, log_in, scene: Scene, role: Role) -> None:
    log_in(a_user(role))
    for path in ("", "/thread", "/confidential", "/receipt/opened.json"):
        assert client.get(f"/introductions/{scene.keys['i']}{path}").status_code == 404


def refusals() -> int:
    refused = select(func.count()).where(AuditEntry.tag == Tag.ACCESS_REFUSED)
    return db.session.scalar(refused) or 0
