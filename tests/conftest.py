"""A real application on a real database: SQLite in a folder, or PostgreSQL by TEST_DATABASE_URL."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from config import Settings
from marketplace import create_app
from marketplace.extensions import db
from tests.factories import PASSWORD


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a market of its own."""
    url = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{tmp_path / 'market.db'}")
    return Settings(home=tmp_path, database_url=url, secret_key="for-tests", testing=True)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """An empty market; its index is empty and true."""
    app = create_app(settings)
    with app.test_request_context():
        db.drop_all()
        db.create_all()
        # This context outlives the requests of a test; who was logged in must not.
        app.before_request(lambda: g.pop("_login_user", None) and None)
        yield app
        db.session.remove()
        db.engine.dispose()


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
