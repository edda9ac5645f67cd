"""The embedded worker: one thread that keeps the index true and drains the outbox."""

import time
from threading import Event, Thread

from flask import Flask

from marketplace import outbox
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.listings.operations import expire_lapsed
from marketplace.matchmaking.indexing import current_library
from marketplace.outbox import Topic
from marketplace.transactions import transact

PAUSE_SECONDS = 0.5
#: Expiry is a matter of days; so often it is looked at.
EXPIRY_EVERY_SECONDS = 600.0


class Worker:
    """Drains the outbox twice a second until stopped."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the round in hand, save the index and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        expired_at = 0.0
        with self._app.test_request_context():  # messages of the audit are in a user's language
            while not self._stopping.wait(PAUSE_SECONDS):
                drain()
                if time.monotonic() - expired_at > EXPIRY_EVERY_SECONDS:
                    transact(lambda: expire_lapsed(now=utcnow()))
                    expired_at = time.monotonic()
            current_library().save(force=True)
            db.session.remove()


def drain() -> int:
    """Make the index agree with every change that is due; the number of rows done."""
    return outbox.drain({Topic.INDEX: current_library().look_again})
