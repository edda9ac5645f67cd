"""A market whose mail goes to a real server."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from config import Settings
from tests.notices.sink import Sink, listening


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A server for mail."""
    with listening(Sink()) as server:
        yield server


@pytest.fixture
def settings(settings: Settings, sink: Sink) -> Settings:
    """Mail goes to the sink."""
    return replace(settings, smtp_url=sink.url, mail_from="notice@market.example")
