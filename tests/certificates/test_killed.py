"""A maker of certificates that is killed in its midst: nothing lost, nothing twice, nothing false."""

from multiprocessing import Pipe
from multiprocessing.connection import Connection

from flask import Flask

from config import Settings
from marketplace import create_app
from marketplace.certificates.models import Certificate
from marketplace.certificates.worker import issue
from marketplace.extensions import db
from marketplace.ledger.verification import verify
from marketplace.outbox import OutboxRow, Topic
from tests.certificates.factories import file_of, worked_off
from tests.contracts.factories import an_office, registered
from tests.processes import begin, next_word


def issue_each(settings: Settings, subjects: list[str], issued: Connection) -> None:
    """Issue one certificate after the other, and say so."""
    with create_app(settings).test_request_context():
        for subject in subjects:
            issue([subject])
            issued.send(subject)


def killed_after_the_first(settings: Settings, subjects: list[str]) -> None:
    """Kill -9 a process that issues certificates, while it makes the second."""
    said, issued = Pipe(duplex=False)
    maker = begin(issue_each, settings, subjects, issued)
    assert next_word(maker, said) == subjects[0]
    maker.kill()
    maker.join()


def test_after_a_kill_the_next_round_makes_what_is_missing_and_only_that(
    app: Flask, settings: Settings
) -> None:
    office = an_office()
    contracts = [registered(office) for _ in range(3)]
    subjects = [contract.key for contract in contracts]
    db.session.rollback()
    killed_after_the_first(settings, subjects)
    made = db.session.query(Certificate).count()
    assert 1 <= made < 3
    worked_off()
    issued = db.session.query(Certificate).all()
    assert sorted(one.contract.key for one in issued) == sorted(subjects)
    for one in issued:
        assert file_of(one).startswith(b"%PDF-")
    assert not db.session.query(OutboxRow).filter_by(topic=Topic.CERTIFICATE).count()
    assert [*verify()] == []
