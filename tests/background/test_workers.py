"""Celery workers over real brokers, killed again and again: nothing lost, nothing twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from celery import Celery
from flask import Flask
from kombu import Queue
from sqlalchemy import func, select

from config import Settings
from marketplace.certificates.models import Certificate
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.leases import Lease
from marketplace.ledger.verification import verify
from marketplace.listings import operations
from marketplace.listings.models import Need
from marketplace.matchmaking.indexing import current_library
from marketplace.outbox import OutboxRow, Topic
from marketplace.tasks import make_celery
from marketplace.transactions import transact
from tests.contracts.factories import Office, an_office, registered
from tests.factories import a_need

BROKERS = os.environ["TEST_BROKER_URLS"].split()
ROOT = Path(__file__).parents[2]
TOPICS = (Topic.INDEX, Topic.HEAD, Topic.CERTIFICATE)
#: Of the kills so many take the whole worker, the others the child that does the work.
KILLS, WHOLE = 20, 4
PATIENCE_SECONDS = 60.0
PAUSE = Event()


def until(holds: Callable[[], object], what: str) -> None:
    """Look again and again; give up with ``what`` was waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        db.session.rollback()
        assert time.monotonic() < deadline, what
        PAUSE.wait(0.05)


class Node:
    """A Celery worker as a process, which can lose its child or its life."""

    def __init__(self, settings: Settings, broker: str) -> None:
        words = ["-m", "celery", "-A", "wsgi:celery", "worker", "-n", "all@test", "-l", "error"]
        self._words = [sys.executable, *words, "-Q", ",".join(TOPICS), "--without-gossip"]
        self._environ = os.environ | {
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "SHUANGKU_HOME": str(settings.home),
            "SHUANGKU_DATABASE_URL": settings.database_url,
            "SHUANGKU_BROKER_URL": broker,
            "SHUANGKU_ENCODER": "ngrams",
            "SHUANGKU_MODE": "production",
        }
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._words, env=self._environ, cwd=ROOT)
        until(lambda: self.children(), "the worker does not start")

    def children(self) -> list[int]:
        pid = self.process.pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(child) for child in listed.split()]

    def kill_child(self) -> None:
        for child in self.children():
            os.kill(child, signal.SIGKILL)

    def kill(self) -> None:
        if self.process.poll() is not None:
            return
        doomed = self.children()
        self.process.kill()
        for child in doomed:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:  # it noticed that its parent was gone
                continue
        self.process.wait()


@pytest.fixture(params=BROKERS, ids=lambda url: url.partition(":")[0])
def broker(request: pytest.FixtureRequest, brokers_to_oneself: None) -> str:
    return str(request.param)


@pytest.fixture
def wakes(app: Flask, broker: str) -> Iterator[Celery]:
    """What beat does, at the test's own moments."""
    celery = make_celery(app, broker)
    with celery.connection_for_write() as connection:
        for topic in TOPICS:
            Queue(topic.value).bind(connection.default_channel).declare()
            Queue(topic.value).bind(connection.default_channel).purge()
    yield celery
    celery.close()


@pytest.fixture
def node(settings: Settings, app: Flask, broker: str) -> Iterator[Node]:
    (settings.home / "ledger.key").write_text(settings.ledger_key, encoding="ascii")
    (settings.home / "ledger.key").chmod(0o600)
    started = Node(settings, broker)
    yield started
    started.kill()


def wake(celery: Celery) -> None:
    for topic in TOPICS:
        celery.send_task("drain", args=(topic.value,), queue=topic.value, expires=30)


def waiting() -> int:
    counted = select(func.count()).select_from(OutboxRow).where(OutboxRow.topic.in_(TOPICS))
    return db.session.scalar(counted) or 0


def change(needs: list[Need], office: Office, serial: int) -> None:
    """Some texts change, and one contract is registered every fourth time."""

    def work() -> None:
        for need in needs:
            facts = {"title": f"锅炉结垢第{serial}次修改"}
            operations.replace_facts(need, facts, now=utcnow())

    transact(work)
    if serial % 4 == 0:
        registered(office)


def test_a_worker_that_is_killed_twenty_times_loses_nothing_and_does_nothing_twice(
    app: Flask, settings: Settings, node: Node, wakes: Celery
) -> None:
    chance = random.Random(6)
    office, needs = an_office(), [a_need() for _ in range(30)]
    for serial in range(KILLS):
        change(chance.sample(needs, 10), office, serial)
        before = waiting()
        wake(wakes)
        if chance.random() < 0.5:
            until(lambda before=before: waiting() < before, "nothing is done")
        if serial % (KILLS // WHOLE) == 0:
            node.kill()
            node.start()
        else:
            node.kill_child()

    def all_done() -> bool:
        wake(wakes)
        return waiting() == 0

    until(all_done, "the outbox is not drained")
    assert db.session.query(OutboxRow).filter(OutboxRow.failures > 0).count() == 0
    issued = db.session.scalars(select(Certificate.contract_id)).all()
    assert len(issued) == len(set(issued)) == KILLS // 4
    assert [*verify()] == []
    node.kill()
    library = current_library()
    library.open_snapshots()
    library.reconcile()
    stored = {need.key: need.revision for need in db.session.scalars(select(Need))}
    assert library.matchers["need"].revisions() == stored


def test_a_restarted_worker_has_its_lease_at_once_and_a_stranger_waits(
    app: Flask, node: Node, wakes: Celery
) -> None:
    office = an_office()
    change([a_need()], office, 1)
    wake(wakes)
    until(lambda: waiting() == 0, "the outbox is not drained")
    holders = set(db.session.scalars(select(Lease.holder)))
    assert holders == {"all@test"}
    node.kill()
    node.start()
    change([a_need()], office, 2)

    def done() -> bool:
        wake(wakes)
        return waiting() == 0

    until(done, "the lease is not taken again")
