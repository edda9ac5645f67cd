"""A maker of certificates that is killed in its midst: nothing lost, nothing twice, nothing false."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from flask import Flask

from config import Settings
from marketplace.certificates.models import Certificate
from marketplace.extensions import db
from marketplace.ledger.verification import verify
from marketplace.outbox import OutboxRow, Topic
from tests.certificates.factories import file_of, worked_off
from tests.contracts.factories import an_office, registered

ROOT = Path(__file__).parents[2]
ISSUE_UNTIL_KILLED = """
    import sys
    from pathlib import Path
    from config import Settings
    from marketplace import create_app
    from marketplace.certificates.worker import issue

    home, url, key, *subjects = sys.argv[1:]
    settings = Settings(home=Path(home), database_url=url, secret_key="for-tests", ledger_key=key)
    with create_app(settings).test_request_context():
        for subject in subjects:
            issue([subject])
            print(subject, flush=True)
"""


def killed_after_the_first(settings: Settings, subjects: list[str]) -> None:
    """Kill -9 a process that issues certificates, while it makes the second."""
    words = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(ISSUE_UNTIL_KILLED)]
    words += [str(settings.home), settings.database_url, settings.ledger_key, *subjects]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environ) as maker:
        assert maker.stdout is not None and maker.stdout.readline().strip() == subjects[0]
        maker.send_signal(signal.SIGKILL)


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
