"""The embedded worker: one thread keeps the index true, another does what is done once a day."""

import time
from collections.abc import Callable, Sequence
from threading import Event, Thread

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from marketplace import outbox
from marketplace.brokering.operations import expire_unanswered
from marketplace.certificates.worker import issue
from marketplace.contracts.operations import lapse_unanswered
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.intake import worker as intake
from marketplace.ledger.operations import sign_head
from marketplace.likeness import operations as likeness
from marketplace.listings.operations import expire_lapsed
from marketplace.listings.uploads import forget_old
from marketplace.matchmaking import operations as matchmaking
from marketplace.matchmaking.indexing import current_library
from marketplace.matchmaking.sightings import current_sightings
from marketplace.outbox import Topic
from marketplace.transactions import transact

PAUSE_SECONDS = 0.5
#: While the store does not answer, rounds become rarer up to this.
LONGEST_PAUSE_SECONDS = 30.0
#: Expiry and old uploads are matters of days; so often they are looked at.
TIDY_EVERY_SECONDS = 600.0
#: So soon after the start, and then so often, the day's work is looked for.
FIRST_DAILY_SECONDS = 5.0
#: The day's work is given up at the next need, but comparing a large library ends when it ends.
LONGEST_FAREWELL_SECONDS = 10.0


class Worker:
    """Drains the outbox twice a second until stopped; the day's work has a thread of its own.

    Recommending for everybody takes minutes in a large market, and the index may not wait for it.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = Event()
        self._tidied_at = float("-inf")
        self._thread = Thread(target=self._run, name="worker", daemon=True)
        self._daily = Thread(target=self._run_daily, name="daily", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()
        self._daily.start()

    def stop(self) -> None:
        """Finish the round in hand, save the index and end."""
        self._stopping.set()
        self._thread.join()
        self._daily.join(timeout=LONGEST_FAREWELL_SECONDS)  # what it has not written is lost

    def _run(self) -> None:
        pause = PAUSE_SECONDS
        with self._app.test_request_context():  # messages of the audit are in a user's language
            while not self._stopping.wait(pause):
                pause = PAUSE_SECONDS if self.run_round() else min(2 * pause, LONGEST_PAUSE_SECONDS)
            keep_shown()
            current_library().save(force=True)
            db.session.remove()

    def _run_daily(self) -> None:
        pause = FIRST_DAILY_SECONDS
        with self._app.test_request_context():
            while not self._stopping.wait(pause):
                self.run_daily()
                self.gather()
                pause = TIDY_EVERY_SECONDS
            db.session.remove()

    def run_daily(self) -> bool:
        """The day's work if it is due; false where it failed, which another time may mend."""
        try:
            do_daily(lambda: not self._stopping.is_set())
        except (SQLAlchemyError, OSError, RuntimeError):
            self._app.logger.exception("the day's work could not be done and will be tried again")
            db.session.remove()
            return False
        return True

    def gather(self) -> bool:
        """Ask the sources whose hour has come; false where the store did not answer."""
        try:
            intake.gather()
        except (SQLAlchemyError, OSError):
            self._app.logger.exception("sources could not be asked and will be tried again")
            db.session.remove()
            return False
        return True

    def run_round(self) -> bool:
        """One round; false where the store did not answer, which another round may mend."""
        try:
            drain()
            current_library().save()
            keep_shown()
            if time.monotonic() - self._tidied_at > TIDY_EVERY_SECONDS:
                transact(lambda: expire_lapsed(now=utcnow()))
                transact(lambda: lapse_unanswered(now=utcnow()))
                transact(lambda: expire_unanswered(now=utcnow()))
                forget_old()
                self._tidied_at = time.monotonic()
        except (SQLAlchemyError, OSError):
            self._app.logger.exception("the worker could not finish a round and will try again")
            db.session.remove()
            return False
        return True


def drain() -> int:
    """Make the index agree, sign what was entered, issue certificates; the number of rows done."""
    handlers = {
        Topic.INDEX: current_library().look_again,
        Topic.HEAD: _sign_head,
        Topic.CERTIFICATE: issue,
    }
    return outbox.drain(handlers)


def _sign_head(_ledgers: Sequence[str]) -> None:
    transact(lambda: sign_head(now=utcnow()))


def keep_shown() -> int:
    """Store the lists that were shown since the last time; how many different ones."""
    sightings = current_sightings()
    taken = sightings.take()
    if not taken:
        return 0
    try:
        transact(lambda: matchmaking.keep_shown(taken, now=utcnow()))
    except BaseException:
        sightings.give_back(taken)
        raise
    return len(taken)


def do_daily(go_on: Callable[[], bool]) -> bool:
    """Look for listings that are alike and recommend for everybody, once a day; whether it was due.

    The recommendations are written last: their being there says that the day's work is done.
    """
    now = utcnow()
    due = matchmaking.is_due(now=now)
    db.session.rollback()
    if not due:
        return False
    found = likeness.find()
    transact(lambda: likeness.keep(found, now=utcnow()))
    proposal = matchmaking.weigh(day=matchmaking.local_day(now), go_on=go_on)
    if proposal is not None:
        transact(lambda: matchmaking.propose(proposal, now=utcnow()))
    return True
