"""A real application on a real database: SQLite in a folder, or PostgreSQL by TEST_DATABASE_URL.

On PostgreSQL only those tests run that have ``settings``, for no others know of the database.
"""

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from filelock import FileLock
from flask import Flask, g
from flask.testing import FlaskClient

from config import Settings
from marketplace import create_app
from marketplace.cli import shuangku
from marketplace.extensions import db
from tests.factories import PASSWORD
from tests.stores import PostgresStore, SqliteStore

POSTGRES = os.environ.get("TEST_DATABASE_URL", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of two runs over two databases the second need not repeat what has to do with neither."""
    if POSTGRES:
        others = [item for item in items if "settings" not in item.fixturenames]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if "settings" in item.fixturenames]


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: no search for garbage has to walk over it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore | PostgresStore]:
    """What gives each test of this process its empty tables."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    folder = tmp_path_factory.mktemp("store")
    store = PostgresStore(POSTGRES, process) if POSTGRES else SqliteStore(folder)
    yield store
    store.close()


@pytest.fixture
def settings(tmp_path: Path, store: SqliteStore | PostgresStore) -> Settings:
    """Settings of an empty market of its own."""
    url = store.empty(tmp_path)
    return Settings(home=tmp_path, database_url=url, secret_key="for-tests", testing=True)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """An empty market; its index is empty and true."""
    app = create_app(settings)
    with app.test_request_context():
        # This context outlives the requests of a test; who was logged in must not.
        app.before_request(lambda: g.pop("_login_user", None) and None)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after ``shuangku init``; copied, it saves each test the migrations."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("SHUANGKU_HOME", str(home))
        environ.delenv("SHUANGKU_DATABASE_URL", raising=False)
        assert CliRunner().invoke(shuangku, ["init"]).exit_code == 0
    return home


@pytest.fixture
def start_again(settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Make further applications over the same store, as after a restart; other settings by name."""
    started: list[Flask] = []

    def start(**changes: Any) -> Flask:
        started.append(create_app(replace(settings, **changes)))
        return started[-1]

    yield start
    for app in started:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts, whose forms carry no token."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def log_in(client: FlaskClient):
    """Log in as a user made by a factory."""

    def by_form(user) -> None:
        answer = client.post("/login", data={"username": user.username, "password": PASSWORD})
        assert answer.status_code == 302

    return by_form


@pytest.fixture
def brokers_to_oneself(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Of tests that run side by side, one at a time speaks to the message brokers.

    A wake-up call does not say whose store it means.
    """
    with FileLock(tmp_path_factory.getbasetemp().parent / "brokers.lock"):
        yield
