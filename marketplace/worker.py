"""The embedded worker: one thread that keeps the index true and drains the outbox."""

import time
from collections.abc import Sequence
from threading import Event, Thread

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from marketplace import outbox
from marketplace.contracts.operations import lapse_unanswered
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.ledger.operations import sign_head
from marketplace.listings.operations import expire_lapsed
from marketplace.listings.uploads import forget_old
from marketplace.matchmaking.indexing import current_library
from marketplace.outbox import Topic
from marketplace.transactions import transact

PAUSE_SECONDS = 0.5
#: While the store does not answer, rounds become rarer up to this.
LONGEST_PAUSE_SECONDS = 30.0
#: Expiry and old uploads are matters of days; so often they are looked at.
TIDY_EVERY_SECONDS = 600.0


class Worker:
    """Drains the outbox twice a second until stopped."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = Event()
        self._tidied_at = float("-inf")
        self._thread = Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the round in hand, save the index and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        pause = PAUSE_SECONDS
        with self._app.test_request_context():  # messages of the audit are in a user's language
            while not self._stopping.wait(pause):
                pause = PAUSE_SECONDS if self.run_round() else min(2 * pause, LONGEST_PAUSE_SECONDS)
            current_library().save(force=True)
            db.session.remove()

    def run_round(self) -> bool:
        """One round; false where the store did not answer, which another round may mend."""
        try:
            drain()
            current_library().save()
            if time.monotonic() - self._tidied_at > TIDY_EVERY_SECONDS:
                transact(lambda: expire_lapsed(now=utcnow()))
                transact(lambda: lapse_unanswered(now=utcnow()))
                forget_old()
                self._tidied_at = time.monotonic()
        except (SQLAlchemyError, OSError):
            self._app.logger.exception("the worker could not finish a round and will try again")
            db.session.remove()
            return False
        return True


def drain() -> int:
    """Make the index agree with every change, sign what was entered; the number of rows done."""
    return outbox.drain({Topic.INDEX: current_library().look_again, Topic.HEAD: _sign_head})


def _sign_head(_ledgers: Sequence[str]) -> None:
    transact(lambda: sign_head(now=utcnow()))
