"""Digests to ten thousand subscribers over a real SMTP server, with the worker killed five times.

``python benchmarks/digests.py [SUBSCRIBERS] [KILLS]`` (SQLite in a temporary folder, or an empty
database by BENCHMARK_DATABASE_URL) prints how many were told, how many twice, and the seconds it
took. Each worker is killed at a random instant after its share, as by a failing machine. The server
for mail runs in this process, the workers in processes of their own; each start of a worker loads
the application anew.
"""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from time import perf_counter, sleep

from config import Settings
from marketplace import create_app
from marketplace.alerts.operations import ask_due
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.matchmaking.indexing import current_library
from marketplace.transactions import transact
from tests.alerts.test_killed import killed_on_the_way, some_subscribers
from tests.factories import a_result
from tests.notices.sink import Sink, listening


def main(subscribers: int, kills: int) -> None:
    """Fill a market, send everything, count."""
    with tempfile.TemporaryDirectory() as home:
        url = os.environ.get("BENCHMARK_DATABASE_URL", f"sqlite:///{home}/market.db")
        settings = Settings(home=Path(home), database_url=url, secret_key="for-tests")
        with create_app(settings).test_request_context():
            db.create_all()
            some_subscribers(subscribers)
            a_result()
            current_library().reconcile()
            transact(lambda: ask_due(now=utcnow()))
            db.session.remove()
        random = Random(1)
        part = subscribers // (kills + 1)
        began = perf_counter()
        with listening(Sink()) as sink:
            marks = iter(range(part, subscribers, part)[:kills])
            killed_on_the_way(settings, sink, marks, linger=lambda: sleep(random.random() / 10))
            seconds = perf_counter() - began
        told = Counter(sink.message_ids)
        doubles = sum(told.values()) - len(told)
        print(f"{len(told)} of {subscribers} told, {doubles} twice, {kills} kills, {seconds:.1f} s")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(10_000, 5)[len(given) :])
