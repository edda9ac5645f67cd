"""The life of a mail: pending → sending → sent; back to pending, failed or dropped.

``claim`` and ``record`` are two transactions with the handing over between them. Every step is one
statement that names the state it expects, so that two workers never hold the same mail.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select, update

from marketplace import audit, outbox
from marketplace.audit import Tag
from marketplace.errors import Conflict
from marketplace.extensions import db
from marketplace.notices.letters import Letter
from marketplace.notices.models import Mailing, MailingState
from marketplace.outbox import Topic
from marketplace.permissions import Permission, require

#: A mail that the server puts off so many times is given up; the operator may try again.
MOST_FAILURES = 8
LONGEST_PAUSE = timedelta(hours=6)
#: What a worker on another machine has claimed is taken up after so long.
LEASE = timedelta(hours=1)


@dataclass(frozen=True)
class Outcome:
    """What became of one mail: accepted, or refused with what the server said."""

    key: str
    refusal: str = ""
    final: bool = False
    #: The text, where no server took it over.
    body: str = ""


def claim(letters: Sequence[Letter], name: str, *, now: datetime) -> dict[str, int]:
    """Take those of ``letters`` that nobody sends or has sent; key → id of what is now ours."""
    keys = [letter.key for letter in letters]
    known = set(db.session.scalars(select(Mailing.key).where(Mailing.key.in_(keys))))
    sending = {"state": MailingState.SENDING, "claim": name, "claimed_at": now}
    new = [
        {
            "key": letter.key,
            "user_id": letter.user_id,
            "address": letter.address,
            "title": letter.title,
            "created_at": now,
            **sending,
        }
        for letter in letters
        if letter.key not in known
    ]
    if new:
        db.session.execute(insert(Mailing), new)
    waiting = update(Mailing).where(Mailing.key.in_(known), Mailing.state == MailingState.PENDING)
    db.session.execute(waiting.values(sending))
    ours = select(Mailing.key, Mailing.id).where(Mailing.claim == name)
    return {key: number for key, number in db.session.execute(ours)}


def drop(keys: Collection[str]) -> None:
    """What is not wanted any more, or says nothing any more, is not tried again."""
    waiting = update(Mailing).where(Mailing.key.in_(keys), Mailing.state == MailingState.PENDING)
    db.session.execute(waiting.values(state=MailingState.DROPPED))


def record(name: str, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write down what became of the mails of a claim."""
    sent = [one.key for one in outcomes if not one.refusal]
    _set_sent(name, sent, now=now)
    bodies = {one.key: one.body for one in outcomes if one.body}
    if bodies:
        rows = db.session.execute(select(Mailing.key, Mailing.id).where(Mailing.key.in_(bodies)))
        values = [{"id": number, "body": bodies[key]} for key, number in rows]
        db.session.execute(update(Mailing), values)
    for one in outcomes:
        if one.refusal:
            _refused(one, now=now)
    db.session.flush()


def give_back(name: str, message: str, *, now: datetime) -> None:
    """What was claimed and not handed over waits again; ``message`` says what stood in the way."""
    keys = list(db.session.scalars(select(Mailing.key).where(Mailing.claim == name)))
    claimed = update(Mailing).where(Mailing.claim == name)
    waiting = {"state": MailingState.PENDING, "claim": None, "message": message[:2000]}
    db.session.execute(claimed.values(waiting))
    outbox.put_missing(Topic.MAIL, keys, now=now)


def settle(name: str, accepted: Sequence[str], *, now: datetime) -> None:
    """A worker died: what its journal says was accepted is sent, the rest waits again."""
    _set_sent(name, accepted, now=now)
    give_back(name, "", now=now)


def give_back_if_stale(name: str, *, now: datetime) -> None:
    """The claim of a worker of which this machine knows nothing, if it is an old one."""
    began = select(Mailing.claimed_at).where(Mailing.claim == name).limit(1)
    claimed_at = db.session.scalar(began)
    if claimed_at is not None and claimed_at < now - LEASE:
        give_back(name, "", now=now)


def retry(mailing: Mailing, *, actor: Any, now: datetime) -> None:
    """The operator has what was given up tried again."""
    require(actor, Permission.MANAGE_MAIL)
    again = update(Mailing).where(Mailing.id == mailing.id, Mailing.state == MailingState.FAILED)
    waiting = {"state": MailingState.PENDING, "failures": 0}
    if not db.session.execute(again.values(waiting)).rowcount:  # type: ignore[attr-defined]
        raise Conflict(_("这封邮件没有失败，无需重试"))
    outbox.put_missing(Topic.MAIL, [mailing.key], now=now)
    audit.record(actor, Tag.MAIL_RETRIED, f"mailing/{mailing.id}", now=now)
    db.session.flush()


def _set_sent(name: str, keys: Sequence[str], *, now: datetime) -> None:
    ours = update(Mailing).where(Mailing.claim == name, Mailing.key.in_(keys))
    sent = {"state": MailingState.SENT, "sent_at": now, "claim": None, "message": ""}
    db.session.execute(ours.values(sent))


def _refused(outcome: Outcome, *, now: datetime) -> None:
    """Given up where the server meant it for good; otherwise once more, later and later."""
    failures = select(Mailing.failures).where(Mailing.key == outcome.key)
    count = (db.session.scalar(failures) or 0) + 1
    given_up = outcome.final or count >= MOST_FAILURES
    state = MailingState.FAILED if given_up else MailingState.PENDING
    values = {"state": state, "failures": count, "claim": None, "message": outcome.refusal[:2000]}
    db.session.execute(update(Mailing).where(Mailing.key == outcome.key).values(values))
    if not given_up:
        pause = min(timedelta(minutes=2**count), LONGEST_PAUSE)
        outbox.put(Topic.MAIL, outcome.key, now=now + pause)
