"""The embedded worker: a thread keeps the index true, one does the day's work, one sends mail."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event, Thread

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from marketplace import outbox
from marketplace.accounts.models import Console
from marketplace.alerts import worker as alerts
from marketplace.brokering.brokers import operations as brokers
from marketplace.brokering.cases import operations as cases
from marketplace.brokering.operations import expire_unanswered, remind_asked
from marketplace.certificates.worker import issue
from marketplace.contracts.operations import lapse_unanswered
from marketplace.credit import operations as credit
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.funnel.operations import remember_shown
from marketplace.intake import worker as intake
from marketplace.ledger.operations import sign_head
from marketplace.likeness import operations as likeness
from marketplace.listings.operations import expire_lapsed
from marketplace.listings.uploads import forget_old
from marketplace.matchmaking import operations as matchmaking
from marketplace.matchmaking.indexing import current_library
from marketplace.matchmaking.sightings import current_sightings
from marketplace.outbox import Handler, Topic
from marketplace.transactions import transact

PAUSE_SECONDS = 0.5
#: While the store does not answer, rounds become rarer up to this.
LONGEST_PAUSE_SECONDS = 30.0
#: So often a web process in production stores what it has shown.
KEEP_SECONDS = 2.0
#: Expiry and old uploads are matters of days; so often they are looked at.
TIDY_EVERY_SECONDS = 600.0
#: So soon after the start, and then so often, the day's work is looked for.
FIRST_DAILY_SECONDS = 5.0
#: Whether a digest is due is a matter of minutes.
ASK_EVERY_SECONDS = 60.0
#: The day's work is given up at the next need, but comparing a large library ends when it ends.
LONGEST_FAREWELL_SECONDS = 10.0
#: So many behaviour records are written in one transaction.
CREDIT_PORTION = 200


class Worker:
    """Drains the outbox twice a second until stopped; the day's work has a thread of its own.

    Recommending for everybody takes minutes in a large market, and the index may not wait for it.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = Event()
        self._tidied_at = float("-inf")
        self._thread = Thread(target=self._run, name="worker", daemon=True)
        self._asked_at = float("-inf")
        self._daily = Thread(target=self._run_daily, name="daily", daemon=True)
        self._post = Thread(target=self._run_post, name="post", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()
        self._daily.start()
        self._post.start()

    def stop(self) -> None:
        """Finish the round in hand, save the index and end."""
        self._stopping.set()
        self._thread.join()
        self._daily.join(timeout=LONGEST_FAREWELL_SECONDS)  # what it has not written is lost
        self._post.join(timeout=LONGEST_FAREWELL_SECONDS)  # what it has begun is taken up again

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

    def _run_post(self) -> None:
        pause = PAUSE_SECONDS
        with self._app.test_request_context():
            while not self._stopping.wait(pause):
                pause = PAUSE_SECONDS if self.run_post() else min(2 * pause, LONGEST_PAUSE_SECONDS)
            db.session.remove()

    def run_post(self) -> bool:
        """Compose what is due and send what waits; false where the store did not answer.

        A slow server for mail keeps nobody's listing out of the index.
        """
        try:
            if time.monotonic() - self._asked_at > ASK_EVERY_SECONDS:
                alerts.ask_due()
                self._asked_at = time.monotonic()
            drain_post()
        except (SQLAlchemyError, OSError):
            self._app.logger.exception("mail could not be seen to and will be tried again")
            db.session.remove()
            return False
        return True

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
            intake.ask_due()
            outbox.drain(gathering_handlers())
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
                tidy()
                self._tidied_at = time.monotonic()
        except (SQLAlchemyError, OSError):
            self._app.logger.exception("the worker could not finish a round and will try again")
            db.session.remove()
            return False
        return True


class Keeper:
    """In production: the thread of each web process that stores the lists it has shown."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Store what was shown last and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        with self._app.test_request_context():
            while not self._stopping.wait(KEEP_SECONDS):
                self._keep()
            self._keep()

    def _keep(self) -> None:
        try:
            keep_shown()
        except (SQLAlchemyError, OSError):
            self._app.logger.exception("what was shown could not be stored and waits")
        db.session.remove()


def handlers() -> dict[Topic, Handler]:
    """Who makes the outside agree, topic by topic."""
    return {
        Topic.INDEX: current_library().look_again,
        Topic.HEAD: _sign_head,
        Topic.CERTIFICATE: issue,
    }


def post_handlers() -> dict[Topic, Handler]:
    """Who writes to people."""
    return {Topic.DIGEST: alerts.compose, Topic.MAIL: alerts.deliver}


def gathering_handlers() -> dict[Topic, Handler]:
    """Who asks sources: slow, since it keeps their pace, and so apart from the rest."""
    return {Topic.SCRAPE: intake.ask}


def drain() -> int:
    """Make the index agree, sign what was entered, issue certificates; the number of rows done."""
    return outbox.drain(handlers())


def tidy() -> None:
    """What is a matter of days: expiry, answers that never came, old uploads."""
    transact(lambda: expire_lapsed(now=utcnow()))
    transact(lambda: lapse_unanswered(now=utcnow()))
    transact(lambda: expire_unanswered(now=utcnow()))
    transact(lambda: remind_asked(now=utcnow()))
    transact(lambda: credit.tidy(now=utcnow()))
    transact(remember_shown)
    forget_old()


def drain_post() -> int:
    """Compose the digests that were asked for, and send mail; the number of rows done."""
    return outbox.drain(post_handlers())


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


def collect_credit() -> int:
    """Record the behaviour that is new, in portions that keep nobody waiting; how many records."""
    harvest, signs = credit.gather(now=utcnow()), credit.find_signs(now=utcnow())
    db.session.rollback()
    for start in range(0, len(harvest.fresh), CREDIT_PORTION):
        portion = harvest.fresh[start : start + CREDIT_PORTION]
        transact(partial(credit.keep, portion, now=utcnow()))
    transact(lambda: credit.withdraw(harvest.gone, now=utcnow()))
    transact(lambda: credit.keep_signs(signs, now=utcnow()))
    return len(harvest.fresh)


def do_daily(go_on: Callable[[], bool]) -> bool:
    """Look for listings that are alike, recommend for everybody, end the standing of brokers whose
    certificates ran out, share unserved needs out; once a day. Whether it was due.

    The recommendations are written last: their being there says that the day's work is done.
    """
    now = utcnow()
    due = matchmaking.is_due(now=now)
    db.session.rollback()
    if not due:
        return False
    collect_credit()
    found = likeness.find()
    transact(lambda: likeness.keep(found, now=utcnow()))
    proposal = matchmaking.weigh(day=matchmaking.local_day(now), go_on=go_on)
    transact(lambda: brokers.expire(now=utcnow()))
    transact(lambda: cases.share(actor=Console(), now=utcnow()))
    if proposal is not None:
        transact(lambda: matchmaking.propose(proposal, now=utcnow()))
    return True
