"""Many writers at once, and writers that are killed: no gap, no fork, nothing that was lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Barrier

import pytest
from flask import Flask

from config import Settings
from marketplace import create_app
from marketplace.database import utcnow
from marketplace.errors import Conflict
from marketplace.extensions import db
from marketplace.ledger import queries
from marketplace.ledger.entry import Kind
from marketplace.ledger.models import LedgerHead
from marketplace.ledger.operations import append, sign_head
from marketplace.ledger.verification import verify
from marketplace.transactions import transact
from tests.factories import a_head, entry_facts
from tests.processes import begin, next_word

WRITERS = 16
EACH = 6
KILLS = 3


def register(serial: int, **facts: object) -> int:
    """Append the registration of a contract; its position."""

    def work() -> int:
        values = {"version": 1, "rules": "2026", "now": utcnow()}
        said = entry_facts(serial, **facts)
        return append(Kind.REGISTERED, f"contract/{serial}", said, **values).position

    return transact(work)


def at_once(app: Flask, count: int, work) -> list:
    """What ``work`` gives to each of ``count`` threads that begin together."""
    barrier = Barrier(count)

    def one(number: int):
        with app.test_request_context():
            barrier.wait()
            outcome = work(number)
            db.session.remove()
            return outcome

    with ThreadPoolExecutor(count) as pool:
        return [*pool.map(one, range(count))]


def test_sixteen_writers_leave_no_gap_no_fork_and_nothing_out(app: Flask) -> None:
    def several(number: int) -> list[int]:
        return [register(1_000 + number * EACH + serial) for serial in range(EACH)]

    positions = [p for one in at_once(app, WRITERS, several) for p in one]
    assert sorted(positions) == [*range(WRITERS * EACH)]
    assert [*verify()] == []


def test_sixteen_times_the_same_entry_is_one_entry(app: Flask) -> None:
    assert at_once(app, WRITERS, lambda _number: register(7)) == [0] * WRITERS
    assert queries.size() == 1


def test_of_two_contradicting_entries_one_stands_and_the_others_are_told(app: Flask) -> None:
    def contradict(number: int) -> bool:
        try:
            register(7, deal=1_000_000 + number)
        except Conflict:
            return False
        return True

    assert sum(at_once(app, 8, contradict)) == 1
    assert [*verify()] == []


def test_heads_signed_while_others_write_are_consistent_with_each_other(app: Flask) -> None:
    def either(number: int) -> None:
        for serial in range(EACH):
            if number % 4:
                register(2_000 + number * EACH + serial)
            else:
                transact(lambda: sign_head(now=utcnow()).size)

    at_once(app, 8, either)
    a_head()
    sizes = [head.size for head in db.session.query(LedgerHead).order_by(LedgerHead.id)]
    assert sizes == sorted(set(sizes))
    assert [*verify()] == []


def append_until_killed(settings: Settings, first: int, acknowledge: Connection) -> None:
    """Append one entry after the other; acknowledge each once it is committed."""
    with create_app(settings).test_request_context():
        for serial in count(first):
            register(serial)
            acknowledge.send(serial)


def acknowledged_until_killed(settings: Settings, first: int, enough: int) -> Iterator[int]:
    """Kill -9 a process that appends, once it has acknowledged enough; all it acknowledged."""
    received, acknowledge = Pipe(duplex=False)
    writer = begin(append_until_killed, settings, first, acknowledge)
    for _ in range(enough + 1):
        yield next_word(writer, received)
    writer.kill()
    writer.join()
    while received.poll():
        yield received.recv()


def test_a_writer_killed_in_the_midst_loses_nothing_it_acknowledged(
    app: Flask, settings: Settings
) -> None:
    acknowledged: list[int] = []
    for kill in range(KILLS):
        first = kill * 1_000
        acknowledged += acknowledged_until_killed(settings, first, enough=5 + 7 * kill)
        assert [*verify()] == []
    keys = [(f"contract/{serial}", Kind.REGISTERED.value, 1) for serial in acknowledged]
    assert len(queries.entries_called(keys)) == len(acknowledged) > KILLS * 5
    assert queries.size() - len(acknowledged) <= KILLS
    a_head()
    assert [*verify()] == []


@pytest.fixture(autouse=True)
def _settle(app: Flask) -> Iterator[None]:
    yield
    db.session.rollback()
