"""Many writers at once, and writers that are killed: no gap, no fork, nothing that was lost."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask

from config import Settings
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

ROOT = Path(__file__).parents[2]
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


APPEND_UNTIL_KILLED = """
    import sys
    from itertools import count
    from pathlib import Path
    from config import Settings
    from marketplace import create_app
    from tests.ledger.test_concurrency import register

    settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], secret_key="for-tests")
    with create_app(settings).test_request_context():
        for serial in count(int(sys.argv[3])):
            register(serial)
            print(serial, flush=True)  # committed, and only then acknowledged
"""


def acknowledged_until_killed(settings: Settings, first: int, enough: int) -> Iterator[int]:
    """Kill -9 a process that appends, once it has acknowledged enough; all it acknowledged."""
    words = [sys.executable, "-c", textwrap.dedent(APPEND_UNTIL_KILLED)]
    words += [str(settings.home), settings.database_url, str(first)]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environ) as writer:
        for number, line in enumerate(writer.stdout):
            if number == enough:
                writer.send_signal(signal.SIGKILL)
            if line.endswith("\n"):
                yield int(line)


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
