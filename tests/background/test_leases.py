"""A lease lasts as long as the work under it, and no longer than its holder."""

import threading
from datetime import datetime, timedelta
from threading import Event

from flask import Flask

from marketplace import leases
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.tasks import kept
from marketplace.transactions import transact

LASTS = timedelta(seconds=6)
PAUSE = Event()


def until() -> datetime:
    db.session.rollback()  # somebody else has written since
    (lease,) = leases.held()
    assert lease.holder == "slow@one"
    return lease.until


def test_work_that_takes_longer_than_a_lease_keeps_it(app: Flask) -> None:
    transact(lambda: leases.take("scrape", "slow@one", now=utcnow(), lasts=LASTS))
    began = until()
    with kept("scrape", "slow@one", lasts=LASTS):
        while until() == began:
            assert utcnow() < began, "the lease lapses"
            PAUSE.wait(0.1)
    working = [thread.name for thread in threading.enumerate()]
    assert "lease of scrape" not in working, "nobody prolongs it when the work is done"
