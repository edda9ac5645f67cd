"""Ask sources: one by hand, or those whose hour has come by way of the outbox."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from filelock import FileLock, Timeout
from flask_babel import gettext as _
from sqlalchemy import select

from marketplace import outbox
from marketplace.accounts.models import Console
from marketplace.database import utcnow
from marketplace.errors import Conflict
from marketplace.extensions import db
from marketplace.intake import comparing, gathering
from marketplace.intake.catalogue import current_catalogue
from marketplace.intake.models import SourceState
from marketplace.outbox import Topic
from marketplace.transactions import transact
from marketplace.working_days import local_time
from scrapers.run import Run, run


@dataclass(frozen=True)
class Asked:
    """How a source is to be asked."""

    since: date | None = None
    #: Also what is known, to find what changed.
    again: bool = False
    scheduled: bool = False
    #: Although no person has compared it with its live site.
    by_hand: bool = False


def collect(name: str, asked: Asked, *, actor: Any) -> int:
    """Ask one source, keep what it brings and compare it; the number of the run.

    One process at a time asks a source; the lock of one that died is free.
    """
    with _alone(name):
        run_id = _collect(name, asked, actor=actor)
    compare()
    return run_id


def try_out(name: str, asked: Asked) -> Run:
    """Ask one source and write nothing but the pages' cache."""
    catalogue = current_catalogue()
    source = catalogue.source(name)
    gathering.require_confirmed(source, by_hand=asked.by_hand)
    known = frozenset() if asked.again else gathering.known_keys(name, now=utcnow())
    profile = gathering.profile_of(name)
    db.session.rollback()
    with catalogue.open_client() as client:
        return run(source, client, profile=profile, since=asked.since, known=known.__contains__)


def compare() -> int:
    """Compare what was not compared yet; how many pairs wait for a person."""
    ids, pairs = comparing.look(current_catalogue().words)
    return transact(lambda: comparing.keep(ids, pairs, now=utcnow())) if ids else 0


@contextmanager
def _alone(name: str) -> Iterator[None]:
    folder = current_catalogue().folder
    current_catalogue().source(name)  # before a lock is made under a name that is none
    try:
        with FileLock(folder / f"{name}.lock", timeout=0):
            yield
    except Timeout as taken:
        raise Conflict(_("来源“%(name)s”正在采集，请稍后再试", name=name)) from taken


def _collect(name: str, asked: Asked, *, actor: Any) -> int:
    catalogue = current_catalogue()
    source = catalogue.source(name)
    begun = transact(
        lambda: gathering.begin(
            source,
            since=asked.since,
            again=asked.again,
            scheduled=asked.scheduled,
            by_hand=asked.by_hand,
            actor=actor,
            now=utcnow(),
        )
    )
    try:
        with catalogue.open_client() as client:
            known = begun.known.__contains__
            done = run(source, client, profile=begun.profile, since=asked.since, known=known)
        prepared = gathering.prepare(done.notices, catalogue.words)
    except Exception as failure:
        message = f"{type(failure).__name__}: {failure}"
        transact(lambda: gathering.give_up(begun.run_id, message, now=utcnow()))
        raise
    transact(lambda: gathering.keep(begun, done, prepared, now=utcnow()))
    return begun.run_id


def put_due(*, now: datetime) -> list[str]:
    """Put the enabled sources whose hour has come into the outbox, each once a day; their names."""
    local = local_time(now)
    sources = current_catalogue().sources
    enabled = db.session.scalars(select(SourceState).where(SourceState.enabled)).all()
    due = [
        row
        for row in enabled
        if row.name in sources
        and sources[row.name]().confirmed_on is not None
        and row.asked_on != local.date()
        and row.hour is not None
        and local.hour >= row.hour
    ]
    for row in due:
        row.asked_on = local.date()
        outbox.put(Topic.SCRAPE, row.name, now=now)
    return [row.name for row in due]


def ask(names: Sequence[str]) -> None:
    """Handle rows of the outbox: every source is asked; one that failed alone is asked again."""
    outbox.do_each(names, lambda name: collect(name, Asked(scheduled=True), actor=Console()))


def ask_due() -> list[str]:
    """See which sources are due, and ask for these; their names."""
    return transact(lambda: put_due(now=utcnow()))
