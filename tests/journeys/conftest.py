"""A real server and a real Chromium; the journeys do what people do."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from waitress import create_server, wasyncore

from marketplace.accounts.models import User
from marketplace.matchmaking.indexing import current_library
from marketplace.worker import Worker
from tests.factories import PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI may not skip the journeys")
        pytest.skip("Chromium is not installed: the journeys are skipped")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def market(app: Flask) -> Iterator[str]:
    """The address of a running market with its worker."""
    current_library().reconcile()
    worker = Worker(app)
    worker.start()
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    worker.stop()
    # By the server's own thread: closed from here, it would wait on what is no longer there.
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
    thread.join()
    server.task_dispatcher.shutdown()


@dataclass
class Visitor:
    """A person at a browser, who complains about errors in the console and for axe-core."""

    page: Page
    base: str

    def goes_to(self, path: str) -> Page:
        """Open a page of the market."""
        self.page.goto(self.base + path)
        return self.page

    def logs_in(self, username: str) -> None:
        """Log in by the form."""
        self.goes_to("/login")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")

    def finds_no_barrier(self) -> None:
        """axe-core finds no serious or critical violation on the page at hand."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        answer = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        grave = [
            f"{violation['id']}: {[node['html'][:120] for node in violation['nodes'][:3]]}"
            for violation in answer["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
        assert not grave, f"{self.page.url}: {grave}"


@pytest.fixture(params=[1440, 390], ids=["desk", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    """The width of a screen, in CSS pixels."""
    return request.param


def a_visitor(
    browser: Browser, base: str, width: int = 1440, **options: object
) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    # Playwright tells Chromium of the first listener without waiting for an answer: a key pressed
    # right after it may still open the system's own dialog. This one listens from the start.
    page.on("filechooser", lambda chooser: None)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security" in message.text else None,
    )
    yield Visitor(page, base)
    context.close()
    assert not faults


@pytest.fixture
def visitor(browser: Browser, market: str) -> Iterator[Visitor]:
    """A visitor at a desk."""
    yield from a_visitor(browser, market)


@pytest.fixture
def visitor_of_width(browser: Browser, market: str, width: int) -> Iterator[Visitor]:
    """A visitor at a desk, then one with a phone."""
    yield from a_visitor(browser, market, width)


@pytest.fixture
def visitor_without_scripts(browser: Browser, market: str) -> Iterator[Visitor]:
    """A visitor whose browser runs no scripts."""
    yield from a_visitor(browser, market, java_script_enabled=False)


@pytest.fixture
def beside(browser: Browser, market: str) -> Iterator[Callable[..., Visitor]]:
    """More visitors at the same time, each with a browser of their own, logged in by name."""
    with ExitStack() as browsers:

        def come(user: User, width: int = 1440) -> Visitor:
            enter = contextmanager(a_visitor)
            visitor = browsers.enter_context(enter(browser, market, width))
            visitor.logs_in(user.username)
            return visitor

        yield come
