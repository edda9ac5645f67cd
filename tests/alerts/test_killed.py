"""Workers that are killed in the midst of digests and mail: everybody is told, and once."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.process import BaseProcess
from time import sleep

from flask import Flask
from sqlalchemy import insert

from config import Settings
from marketplace import create_app, outbox
from marketplace.accounts.models import User
from marketplace.alerts import operations, worker
from marketplace.alerts.models import Digest, SavedSearch
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.matchmaking.indexing import current_library
from marketplace.notices.models import Cadence, Mailing, MailingState
from marketplace.outbox import OutboxRow, Topic
from marketplace.permissions import Role
from marketplace.transactions import transact
from marketplace.worker import drain_post
from tests.alerts.factories import a_search
from tests.factories import a_result, a_user
from tests.notices.sink import Sink, listening
from tests.processes import begin

SUBSCRIBERS = 2_000
KILLS = 5
#: A worker that has not sent the next part by then never will.
PATIENCE_SECONDS = 300.0


def work_until_done(settings: Settings) -> None:
    """Compose and send until nothing is left."""
    with create_app(settings).test_request_context():
        current_library().open_snapshots()
        current_library().reconcile()
        worker.ask_due()
        while outbox.waiting(Topic.DIGEST, Topic.MAIL):
            if not drain_post():
                sleep(0.2)  # what failed was put off


def some_subscribers(count: int) -> None:
    """So many people with a confirmed address, one saved search each, fifty different ones."""
    pattern, now = a_user(), utcnow()
    ask = a_search(pattern)
    common = {"password_hash": "", "role": Role.ENTERPRISE, "created_at": now}
    common |= {"must_change_password": False}
    users = [
        common
        | {
            "username": f"subscriber{n}",
            "display_name": "订阅者",
            "session_token": f"token-{n}",
            "email": f"subscriber{n}@example.cn",
        }
        for n in range(count)
    ]
    searches = {"kind": "result", "since": ask.since}

    def work() -> None:
        operations.end_search(ask, actor=pattern, now=now)
        ids = db.session.scalars(insert(User).returning(User.id), users)
        rows = [
            searches
            | {
                "user_id": user_id,
                "name": f"搜索{n % 50}",
                "text": "锅炉" if n % 50 < 25 else "",
                "chosen": {},
                "fingerprint": f"{n % 50:064d}",
            }
            for n, user_id in enumerate(ids)
        ]
        db.session.execute(insert(SavedSearch), rows)

    transact(work)


def a_worker(settings: Settings, sink: Sink) -> BaseProcess:
    """A process that composes and sends until nothing is left."""
    return begin(
        work_until_done, replace(settings, smtp_url=sink.url, mail_from="m@market.example")
    )


def killed_on_the_way(
    settings: Settings,
    sink: Sink,
    marks: Iterator[int],
    linger: Callable[[], None] = lambda: None,
) -> None:
    """One worker after another, each killed -9 when so many mails have come; the last one ends.

    Without ``linger`` a kill follows the arrival of a mail, before its sender hears of it: the one
    moment of which nobody can know the outcome.
    """
    for mark in marks:
        doomed = a_worker(settings, sink)
        assert sink.wait_for(mark, PATIENCE_SECONDS), (
            f"{len(sink.contents)} of {mark}; the worker: {doomed.exitcode}"
        )
        linger()
        doomed.kill()
        doomed.join()
    last = a_worker(settings, sink)
    last.join(PATIENCE_SECONDS)
    assert last.exitcode == 0


def test_two_thousand_are_told_once_each_though_the_worker_is_killed_five_times(
    app: Flask, settings: Settings
) -> None:
    some_subscribers(SUBSCRIBERS)
    a_result()
    current_library().reconcile()
    now = utcnow()
    transact(lambda: operations.ask_due(now=now, cadences=(Cadence.WEEKLY,)))
    db.session.rollback()
    part = SUBSCRIBERS // (KILLS + 1)
    with listening(Sink()) as sink:
        killed_on_the_way(settings, sink, iter(range(part, SUBSCRIBERS, part)[:KILLS]))
    told = Counter(sink.message_ids)
    doubles = sum(told.values()) - len(told)
    print(f"{len(told)} of {SUBSCRIBERS} told, {doubles} twice, {KILLS} kills")
    assert len(told) == SUBSCRIBERS, "nobody is forgotten"
    # Of each kill at most the one mail that was on the wire, under the same Message-ID.
    assert doubles <= KILLS and max(told.values()) == 1 + bool(doubles)
    assert db.session.query(Digest).count() == SUBSCRIBERS
    sent = db.session.query(Mailing).filter_by(state=MailingState.SENT).count()
    assert sent == SUBSCRIBERS == db.session.query(Mailing).count()
    waiting = db.session.query(OutboxRow).filter(OutboxRow.topic.in_([Topic.MAIL, Topic.DIGEST]))
    assert waiting.count() == 0
    assert not list((settings.home / "mail").glob("*"))
