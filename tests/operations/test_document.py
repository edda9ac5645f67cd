"""Every command of ``docs/operations.md``, in its order, on PostgreSQL and a real broker."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
import pytest
from sqlalchemy import make_url

from config import Settings
from marketplace import create_app
from marketplace.certificates.models import Certificate
from marketplace.extensions import db
from tests.contracts.factories import an_office, registered

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = BLOCK.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))
PAUSE = Event()
PATIENCE_SECONDS = 90.0
NAMES = ("shuangku_operations", "shuangku_operations_restored")


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Machine:
    """The environment of an installation, and what runs in its background."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = make_url(url)
        self.port = a_free_port()
        self.running: list[subprocess.Popen[bytes]] = []
        (folder / "backup").mkdir()
        self.environ = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "PGHOST": self.url.host or "127.0.0.1",
            "PGUSER": self.url.username or "postgres",
            "PGDATABASE": NAMES[0],
            "RESTORED_DATABASE": NAMES[1],
            "BACKUP": str(folder / "backup"),
            "SHUANGKU_HOME": str(folder / "home"),
            "RESTORED_HOME": str(folder / "restored"),
            "SHUANGKU_MODE": "production",
            "SHUANGKU_BROKER_URL": os.environ["TEST_BROKER_URLS"].split()[0],
            "SHUANGKU_DATABASE_URL": self.address(NAMES[0]),
        }

    def address(self, database: str) -> str:
        return self.url.set(database=database).render_as_string(hide_password=False)

    def run(self, note: str, text: str) -> str:
        """One block; its output, or nothing where it goes on in the background."""
        text = text.replace(":8000", f":{self.port}")
        words = ["bash", "-euo", "pipefail", "-c", text]
        if note.startswith("background="):
            # The newest session leader, so that its children end with it.
            started = subprocess.Popen(words, env=self.environ, cwd=ROOT, start_new_session=True)
            self.running.append(started)
            return ""
        environ = dict(self.environ)
        if note == "restored":
            environ["SHUANGKU_HOME"] = environ["RESTORED_HOME"]
            environ["SHUANGKU_DATABASE_URL"] = self.address(NAMES[1])
        done = subprocess.run(words, env=environ, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def wait_for_web(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                urlopen(f"http://127.0.0.1:{self.port}/healthz").close()
                return
            except (URLError, ConnectionError):
                assert time.monotonic() < deadline, "the web processes do not answer"
                PAUSE.wait(0.2)

    def wait_for_workers(self) -> None:
        """Until beat has woken the workers and each topic has its holder."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with psycopg.connect(self.address(NAMES[0]).replace("+psycopg", "")) as connection:
            while True:
                held = {row[0] for row in connection.execute("SELECT name FROM lease")}
                connection.rollback()
                if {"index", "head", "certificate"} <= held:
                    return
                assert time.monotonic() < deadline, f"only {held} have a worker"
                PAUSE.wait(0.2)

    def register_a_contract(self) -> None:
        """The market at work: an entry of the ledger, and a certificate by the workers."""
        app = create_app(Settings.from_environ(self.environ))
        with app.test_request_context():
            registered(an_office())
            db.session.remove()
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not db.session.query(Certificate).count():
                db.session.rollback()
                assert time.monotonic() < deadline, "no worker issues the certificate"
                PAUSE.wait(0.2)
            db.session.remove()
            db.engine.dispose()

    def stop(self) -> None:
        for process in self.running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.running:
            process.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture
def machine(tmp_path: Path, brokers_to_oneself: None) -> Iterator[Machine]:
    made = Machine(tmp_path, os.environ["TEST_DATABASE_URL"])
    maintenance = made.address("postgres").replace("+psycopg", "")

    def drop() -> None:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            for name in NAMES:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    drop()
    yield made
    made.stop()
    drop()


def test_the_document_installs_runs_backs_up_restores_and_verifies(machine: Machine) -> None:
    said = []
    for note, text in BLOCKS:
        if "curl" in text:
            machine.wait_for_web()
        if "pg_dump" in text:
            machine.wait_for_workers()
            machine.register_a_contract()
        said.append(machine.run(note, text))
    output = "\n".join(said)
    assert "shuangku_outbox_rows" in output
    assert output.count("✓") == 3
