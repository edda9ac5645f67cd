"""The real server, killed with -9 twenty times under clients that register: nothing is false after.

Each start is a process that runs ``shuangku serve`` from its first line to its death.
"""

import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from flask import Flask

from config import Settings
from marketplace.certificates.models import Certificate
from marketplace.certificates.pdf import attachments_of
from marketplace.cli import shuangku
from marketplace.contracts.models import Contract
from marketplace.contracts.states import State
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.ledger import verify_proof
from marketplace.ledger.verification import verify
from tests.certificates.factories import file_of
from tests.contracts.factories import an_office
from tests.contracts.today import able_to_log_in, in_second_review_today
from tests.factories import PASSWORD
from tests.processes import begin

KILLS = 20
CLIENTS = 2
#: Each round registers one or two, and leaves as many in the air as there are clients.
CONTRACTS = KILLS * (2 + CLIENTS)
#: In one round of so many the clients go on until a certificate was taken, for making one takes long.
PATIENT = 5
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
GONE = (URLError, HTTPException, OSError)


def serve(port: int) -> None:
    """``shuangku serve``, in a process of its own."""
    with Path(os.environ["SHUANGKU_HOME"], "server.log").open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        shuangku.main(["serve", "--port", str(port)])


class Browser:
    """A person who has logged in; the session outlives the server, as its key does."""

    def __init__(self, base: str, username: str) -> None:
        self.base, self.username = base, username
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self._token = ""

    def log_in(self) -> None:
        """Log in by the form, once."""
        if not self._token:
            self._token = self._token_of("/login")
            self.post("/login", username=self.username, password=PASSWORD)
            self._token = self._token_of("/")

    def _token_of(self, path: str) -> str:
        found = TOKEN.search(self.get(path).decode())
        assert found, path
        return found[1]

    def get(self, path: str) -> bytes:
        """What a page says."""
        return self._sent(Request(self.base + path))

    def post(self, path: str, **typed: str) -> bytes:
        """The page after a form was sent."""
        body = urlencode(typed | {"csrf_token": self._token}).encode()
        return self._sent(Request(self.base + path, body, {"Referer": self.base + path}))

    def _sent(self, request: Request) -> bytes:
        with closing(self._opener.open(request, timeout=30)) as answer:
            return answer.read()


@dataclass
class Market:
    """A market whose server can be started and killed, and what its clients were told."""

    settings: Settings
    port: int
    reviewers: list[Browser]
    applicant: Browser
    waiting: SimpleQueue[int]
    registered: list[int] = field(default_factory=list)
    taken: dict[str, bytes] = field(default_factory=dict)

    def round(self, number: int) -> None:
        """Start the server, let the clients register, and kill it in the midst."""
        environ = {
            "SHUANGKU_HOME": str(self.settings.home),
            "SHUANGKU_DATABASE_URL": self.settings.database_url,
            "SHUANGKU_ENCODER": "",
        }
        server = begin(serve, self.port, **environ)
        self._wait_until_it_answers(server)
        for one in (*self.reviewers, self.applicant):
            one.log_in()
        enough = Event()
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            work = [pool.submit(self._register, one, number, enough) for one in self.reviewers]
            work.append(pool.submit(self._take, number, enough))
            for one in work:
                one.add_done_callback(lambda done: done.exception() and enough.set())
            was_enough = enough.wait(timeout=60)
            server.kill()
            server.join()
        for one in work:
            one.result()
        assert was_enough, f"nothing happened in round {number}"

    def _wait_until_it_answers(self, server: Any) -> None:
        while server.is_alive():
            try:
                self.applicant.get("/login")
            except GONE:
                continue
            return
        log = self.settings.home / "server.log"
        pytest.fail(log.read_text(encoding="utf-8"))

    def _register(self, browser: Browser, number: int, enough: Event) -> None:
        """Agree to one case after the other, until the server is gone."""
        before, is_patient = len(self.registered), number % PATIENT == 0
        while True:
            contract_id = self.waiting.get_nowait()
            try:
                browser.post(f"/contracts/{contract_id}/move/agree")
            except HTTPError as refusal:
                pytest.fail(f"{refusal.code} {refusal.read()[:500]!r}")
            except GONE:
                return  # nobody knows whether it was registered; the store does
            self.registered.append(contract_id)
            if len(self.registered) - before > number % 2:
                if is_patient:
                    return
                enough.set()

    def _take(self, number: int, enough: Event) -> None:
        """Take the certificates that there are, until the server is gone."""
        while True:
            try:
                page = self.applicant.get("/certificates").decode()
                for path in {*re.findall(r"/certificates/\d{16}/\d+\.pdf", page)} - {*self.taken}:
                    self.taken[path] = self.applicant.get(path)
                    if number % PATIENT == 0:
                        enough.set()
            except GONE:
                return


@pytest.fixture
def market(app: Flask, settings: Settings) -> Iterator[Market]:
    """A market with cases that wait for the second review; nobody serves it yet."""
    office = an_office()
    waiting: SimpleQueue[int] = SimpleQueue()
    for _ in range(CONTRACTS):
        waiting.put(in_second_review_today(office).id)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    able_to_log_in(office.reviewer), able_to_log_in(office.applicant)
    reviewers = [Browser(base, office.reviewer.username) for _ in range(CLIENTS)]
    applicant = Browser(base, office.applicant.username)
    (settings.home / "ledger.key").write_text(settings.ledger_key, encoding="ascii")
    db.session.rollback()
    yield Market(settings, port, reviewers, applicant, waiting)


def test_after_twenty_kills_all_that_was_said_is_true(market: Market) -> None:
    for number in range(KILLS):
        market.round(number)
        db.session.rollback()
        assert [*verify()] == []
    given = dict(
        db.session.execute(
            db.select(Contract.id, Contract.local_no).where(Contract.state == State.REGISTERED)
        ).all()
    )
    assert {*market.registered} <= given.keys() and len(market.registered) >= KILLS
    serials = sorted(int(one[10:]) for one in given.values())
    assert serials == [*range(1, len(given) + 1)] and ledger.size() == len(given)
    assert len(market.taken) >= KILLS // PATIENT
    for content in market.taken.values():
        assert is_in_the_ledger(content)
    issued = db.session.query(Certificate).all()
    assert len(issued) >= len(market.taken) and {one.contract_id for one in issued} <= given.keys()
    assert all(is_in_the_ledger(file_of(one)) for one in issued)


def is_in_the_ledger(content: bytes) -> bool:
    """Whether the receipt inside a certificate is sound and its entry still stands where it says."""
    proof = attachments_of(content)["proof.json"]
    said = verify_proof.read(proof)
    return (
        verify_proof.check(proof)[1]
        and ledger.receipt(
            said["position"], ledger.head_of_size(verify_proof.read_head(said["head"]).size)
        )
        == said
    )
