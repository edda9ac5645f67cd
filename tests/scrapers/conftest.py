"""A site, a clock whose hands are moved, and clients that reach that site and no other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scrapers.cache import MemoryCache
from scrapers.fetch import Client
from tests.scrapers.clock import Hands
from tests.scrapers.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    with Site() as site:
        yield site


@pytest.fixture
def clock() -> Hands:
    """A clock whose hands are moved."""
    return Hands()


@pytest.fixture
def a_client(site: Site, clock: Hands) -> Iterator[Callable[..., Client]]:
    """Make clients that may reach the site; settings by name."""
    made: list[Client] = []

    def make(**settings: Any) -> Client:
        settings = {"contact": "webmaster@example.org", "cache": MemoryCache(), **settings}
        made.append(Client(clock=clock, **({"allowed": frozenset({site.host})} | settings)))
        return made[-1]

    yield make
    for client in made:
        client.__exit__()


@pytest.fixture
def client(a_client: Callable[..., Client]) -> Client:
    """A client with the usual limits."""
    return a_client()
