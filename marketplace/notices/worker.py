"""Hands mails over, two hundred between two commits, and takes up what a dead worker left.

A mail is claimed in the store, handed over, written into the journal, and two hundred later marked
as sent. Killed at any point, the next worker finds claim and journal and goes on behind the last
line of it; see ``journal`` for the one mail that may then go out again, under the same Message-ID.
"""

from collections.abc import Sequence
from pathlib import Path

from flask import current_app

from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.notices import journal, letters, mailings, queries
from marketplace.notices.journal import Journal
from marketplace.notices.letters import Letter, Writers
from marketplace.notices.mail import Blocked, Carrier, Refused, current_post
from marketplace.notices.mailings import Outcome
from marketplace.transactions import transact

BATCH = 200


def deliver(subjects: Sequence[str], writers: Writers) -> None:
    """The outbox handler: send what is wanted and not yet sent of ``notice/12``, ``address/3``."""
    resume_abandoned()
    with journal.begun(_folder()) as kept, current_post().opened() as carrier:
        for start in range(0, len(subjects), BATCH):
            _deliver(subjects[start : start + BATCH], writers, kept, carrier)


def resume_abandoned() -> None:
    """Settle the claims of workers that died; those of living ones are left alone."""
    names = queries.claims()
    db.session.rollback()
    for name in names:
        with journal.left_behind(_folder(), name) as accepted:
            if accepted is not None:
                _settle(name, accepted)
        if not journal.is_here(_folder(), name):
            _give_back_if_stale(name)


def _settle(name: str, accepted: list[str]) -> None:
    transact(lambda: mailings.settle(name, accepted, now=utcnow()))


def _give_back_if_stale(name: str) -> None:
    transact(lambda: mailings.give_back_if_stale(name, now=utcnow()))


def _deliver(subjects: Sequence[str], writers: Writers, kept: Journal, carrier: Carrier) -> None:
    written = {letter.key: letter for letter in letters.of_subjects(subjects, writers)}
    db.session.rollback()
    silent = set(subjects) - written.keys()

    def claim() -> dict[str, int]:
        mailings.drop(silent)
        return mailings.claim([*written.values()], kept.name, now=utcnow())

    ours = transact(claim)
    outcomes: list[Outcome] = []
    try:
        for key in ours:
            outcomes.append(_carry(written[key], kept, carrier))
    except Blocked as failure:
        message = str(failure)
        transact(lambda: _give_back(kept.name, outcomes, message))
        kept.clear()
        raise
    if ours:
        transact(lambda: mailings.record(kept.name, outcomes, now=utcnow()))
    kept.clear()


def _carry(letter: Letter, kept: Journal, carrier: Carrier) -> Outcome:
    try:
        body = carrier.carry(letter)
    except Refused as refusal:
        return Outcome(letter.key, refusal=str(refusal), final=refusal.final)
    if not body:  # what is kept here is sent by the commit itself
        kept.add(letter.key)
    return Outcome(letter.key, body=body)


def _give_back(name: str, outcomes: Sequence[Outcome], message: str) -> None:
    mailings.record(name, outcomes, now=utcnow())
    mailings.give_back(name, message, now=utcnow())


def _folder() -> Path:
    return current_app.extensions["settings"].home / "mail"
