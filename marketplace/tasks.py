"""Celery tasks for production: each only wakes what the outbox already knows.

A message says *look*, nothing more, so one that is lost, doubled or late costs a delay and never
a fact; beat sends the next. A topic is drained by one worker at a time, the holder of its lease;
the holder of ``index`` is the only process that writes the index, and the web processes follow
the snapshot on disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_init
from flask import Flask, current_app

from marketplace import leases, outbox
from marketplace.alerts import worker as alerts
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.intake import worker as intake
from marketplace.leases import Hold
from marketplace.matchmaking.indexing import current_library
from marketplace.outbox import Topic
from marketplace.transactions import transact
from marketplace.worker import do_daily, gathering_handlers, handlers, post_handlers, tidy

#: How often beat wakes each topic.
WAKE_SECONDS = 1.0
#: A message that nobody has read by then is dropped: others have come since.
WORTHLESS_AFTER_SECONDS = 30.0
TIDY_SECONDS = 600.0
#: So often it is looked whether a morning's digests are due.
ASK_SECONDS = 60.0
DAILY = "daily"
#: Nobody drains what waits for the national system, so a queue of wake-up calls would only grow.
UNDRAINED = {Topic.EXPORT}
#: The queue of each topic: the index has one of its own, since one process alone may write it.
QUEUES = {topic: topic.value for topic in Topic if topic not in UNDRAINED}


def make_celery(app: Flask, broker_url: str) -> Celery:
    """The Celery application of ``app``; its tasks run inside the application's context."""

    class InApp(Task):
        """A task that finds the application around it."""

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.test_request_context():  # the audit's messages are in a user's language
                try:
                    return self.run(*args, **kwargs)
                finally:
                    db.session.remove()

    celery = Celery("shuangku", broker=broker_url, task_cls=InApp)
    celery.conf.update(_configuration())
    app.extensions["celery"] = celery

    def forget_connections(**_signal: Any) -> None:
        """A forked child may not speak through its parent's connections."""
        with app.app_context():
            db.engine.dispose(close=False)

    worker_process_init.connect(forget_connections, weak=False)
    celery.task(name="drain", bind=True)(_drain)
    celery.task(name="tidy", bind=True)(_tidy)
    celery.task(name="ask", bind=True)(_ask)
    celery.task(name=DAILY, bind=True)(_daily)
    return celery


def _configuration() -> dict[str, Any]:
    return {
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        # One at a time: the lease is the node's. A child that dies is replaced in no time.
        "worker_concurrency": 1,
        "broker_connection_retry_on_startup": True,
        "worker_hijack_root_logger": False,
        "timezone": "Asia/Shanghai",
        "beat_schedule": _schedule(),
    }


def _schedule() -> dict[str, Any]:
    wakes = {
        f"drain-{topic}": {
            "task": "drain",
            "schedule": WAKE_SECONDS,
            "args": (topic.value,),
            "options": {"queue": queue, "expires": WORTHLESS_AFTER_SECONDS},
        }
        for topic, queue in QUEUES.items()
    }
    asks = {
        "schedule": ASK_SECONDS,
        "options": {"queue": Topic.DIGEST.value, "expires": ASK_SECONDS},
    }
    rare = {"schedule": TIDY_SECONDS, "options": {"queue": DAILY, "expires": TIDY_SECONDS}}
    return (
        wakes
        | {"ask": {"task": "ask", **asks}}
        | {name: {"task": name, **rare} for name in ("tidy", DAILY)}
    )


def _drain(task: Task, topic: str) -> int:
    """Drain one topic while there is something due; the number of rows done."""
    name, holder = Topic(topic), str(task.request.hostname)
    handler = (handlers() | post_handlers() | gathering_handlers()).get(name)
    if handler is None:
        return 0
    done = 0
    while _begin(topic, holder):
        with kept(topic, holder, lasts=_lasts()):
            rows = outbox.drain_topic(name, handler)
            if name == Topic.INDEX:
                current_library().save()
        if not rows:
            return done
        done += rows
    return done


def _begin(name: str, holder: str) -> bool:
    """Take or prolong the lease; whoever comes to the index's agrees with the store first."""
    hold = transact(lambda: leases.take(name, holder, now=utcnow(), lasts=_lasts()))
    if name == Topic.INDEX and hold != Hold.REFUSED:
        current_library().take_over(anew=hold == Hold.NEW)
    elif name == Topic.DIGEST:
        current_library().follow()  # what is new is looked for in the index
    return hold != Hold.REFUSED


@contextmanager
def kept(name: str, holder: str, *, lasts: timedelta) -> Iterator[None]:
    """Prolong a lease that was taken, again and again, until the work under it is done.

    A source or a day's recommendations take longer than a lease lasts; a process that is killed
    takes its thread along, and the lease lapses as before.
    """
    app, over = current_app._get_current_object(), Event()  # type: ignore[attr-defined]

    def prolong() -> None:
        with app.app_context():
            while not over.wait(lasts / timedelta(seconds=3)):
                transact(lambda: leases.take(name, holder, now=utcnow(), lasts=lasts))
                db.session.remove()

    thread = Thread(target=prolong, name=f"lease of {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _lasts() -> timedelta:
    return timedelta(seconds=current_app.extensions["settings"].lease_seconds)


def _tidy(task: Task) -> None:
    """Expire, lapse and forget what is due."""
    if _begin("tidy", str(task.request.hostname)):
        tidy()


def _ask(task: Task) -> None:
    """Ask for the digests of a morning that has come, and for the sources whose hour has."""
    if _begin("ask", str(task.request.hostname)):
        alerts.ask_due()
        intake.ask_due()


def _daily(task: Task) -> None:
    """Recommend for everybody and look for doubles, once a day."""
    holder = str(task.request.hostname)
    if _begin(DAILY, holder):
        with kept(DAILY, holder, lasts=_lasts()):
            current_library().follow()
            do_daily(lambda: True)
