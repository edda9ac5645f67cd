"""A source: one publisher's list of needs or results, described by class attributes.

What all sources do is here: page after page of the listing, entry after entry, each with an outcome.
How a listing or an entry is read is the business of the kinds (:mod:`scrapers.kinds`); where things
stand on a page is that of the sources (:mod:`scrapers.sources`).

A run goes on after a fault, and yields it in place of what is missing, so that what comes after it is
not lost; it ends early after :data:`PATIENCE` faults without a notice between them.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapers.errors import Fault, FaultKind, ScrapeFailed
from scrapers.fetch import Client
from scrapers.notice import Attachment, Kind, Notice
from scrapers.page import Page

#: Faults in a row after which a host is left alone.
PATIENCE = 10

Known = Callable[[str], bool]


@dataclass(frozen=True)
class Entry:
    """One line of a listing: what it calls a notice, and where that is."""

    key: str
    url: str
    title: str
    published_on: date | None = None
    #: What the kind found beside it in the listing.
    content: Any = None


@dataclass(frozen=True)
class Listed:
    """A page of the listing was read, and had so many entries."""

    url: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class PassedOver:
    """An entry that was not read: known, older than asked for, or about something else."""

    key: str


Outcome = Notice | Fault | Listed | PassedOver


def none_known(key: str) -> bool:
    """Know no notice."""
    return False


class Source(ABC):
    """One publisher's list; a subclass with a ``name`` in :mod:`scrapers.sources` is registered."""

    #: Its key in :func:`scrapers.sources.registered` and in every notice; never changed, never reused.
    name: ClassVar[str] = ""
    #: Who publishes, in Chinese.
    publisher: ClassVar[str]
    #: Where the listing begins.
    address: str
    kind: ClassVar[Kind]
    #: The day on which a person compared address, terms and layout with the live page; until then the
    #: source is a model, and no schedule should run it.
    confirmed_on: ClassVar[date | None] = None
    #: Only entries whose title matches are read.
    wanted: ClassVar[str] = ""
    most_pages: ClassVar[int] = 2_000

    def __init__(self, address: str | None = None) -> None:
        """``address`` replaces the listing's own: a mirror, or a test site."""
        self.address = address or type(self).address

    def notices(
        self, client: Client, *, since: date | None = None, known: Known = none_known
    ) -> Iterator[Notice | Fault]:
        """Every notice of the listing, and a fault for each that could not be had.

        Entries dated before ``since``, and those whose key is ``known``, are not asked for.
        """
        for outcome in self.outcomes(client, since=since, known=known):
            if isinstance(outcome, (Notice, Fault)):
                yield outcome

    def outcomes(
        self, client: Client, *, since: date | None = None, known: Known = none_known
    ) -> Iterator[Outcome]:
        """Like :meth:`notices`, with the pages of the listing and the entries passed over."""
        trouble = 0
        for outcome in self._outcomes(client, since, known):
            yield outcome
            if isinstance(outcome, Fault):
                trouble += 1
            elif isinstance(outcome, Notice):
                trouble = 0
            if trouble == PATIENCE:
                return

    def _outcomes(self, client: Client, since: date | None, known: Known) -> Iterator[Outcome]:
        met: dict[str, str] = {}
        for part in self.listing(client):
            yield part
            if isinstance(part, Listed):
                for entry in part.entries:
                    if entry.key not in met:
                        met[entry.key] = entry.title
                        yield from self._outcomes_of(client, entry, since, known)
                    # While pages are read, new entries push old ones onto the next page; but another
                    # title under the same key is another notice, and must not vanish.
                    elif met[entry.key] != entry.title:
                        yield Fault(FaultKind.REFUSED, entry.url, "key twice", self.name, entry.key)
                if since and all(is_older(entry, since) for entry in part.entries):
                    return

    def _outcomes_of(
        self, client: Client, entry: Entry, since: date | None, known: Known
    ) -> Iterator[Outcome]:
        old = since is not None and is_older(entry, since)
        if old or known(entry.key) or not re.search(self.wanted, entry.title):
            yield PassedOver(entry.key)
            return
        try:
            for outcome in self.read(client, entry):
                if isinstance(outcome, Notice) and known(outcome.source_key):
                    yield PassedOver(outcome.source_key)
                else:
                    yield outcome
        except ScrapeFailed as failed:
            yield failed.fault_of(self.name, entry.key)

    def listing(self, client: Client) -> Iterator[Listed | Fault]:
        """The pages of the listing in order; a fault for a page, or an entry, that is not readable."""
        for number, page in enumerate(self.pages(client), 1):
            if isinstance(page, Fault):
                yield page
                continue
            try:
                entries = list(self.entries(page))
            except ScrapeFailed as failed:
                yield failed.fault_of(self.name)
                continue
            if not entries:
                if number == 1:
                    yield Fault(FaultKind.MISSING, page.url, "no entry", self.name)
                return
            yield Listed(page.url, tuple(e for e in entries if isinstance(e, Entry)))
            yield from (e for e in entries if isinstance(e, Fault))

    def pages(self, client: Client) -> Iterator[Page | Fault]:
        """The pages of the listing as they come; after a fault on the first there are no others."""
        address: str | None = self.address
        asked: set[str] = set()
        while address and address not in asked:
            if len(asked) == self.most_pages:
                yield Fault(FaultKind.TOO_LARGE, address, f"{self.most_pages} pages", self.name)
                return
            asked.add(address)
            page: Page | None = None
            try:
                page = client.get(address, is_whole=self.is_whole)
                yield page
            except ScrapeFailed as failed:
                if self.is_end(failed.fault, len(asked)):
                    return
                yield failed.fault_of(self.name)
                if len(asked) == 1:
                    return
            address = self._address_after(page, len(asked) + 1)

    def _address_after(self, page: Page | None, number: int) -> str | None:
        try:
            return self.next_address(page, number)
        except ScrapeFailed:  # the page cannot be read, which its entries have said already
            return self.next_address(None, number)

    def is_end(self, fault: Fault, number: int) -> bool:
        """Whether a fault on this page of the listing only means that there are no more."""
        return False

    def next_address(self, page: Page | None, number: int) -> str | None:
        """The address of page ``number``; ``page`` is the one before, None if it could not be had."""
        return None

    def is_whole(self, body: bytes) -> bool:
        """Whether a page of the listing has its end."""
        return bool(body)

    @abstractmethod
    def entries(self, page: Page) -> Iterable[Entry | Fault]:
        """The entries of a page of the listing; ScrapeFailed(MISSING) if it is no such page."""

    @abstractmethod
    def read(self, client: Client, entry: Entry) -> Iterator[Notice | Fault]:
        """The notices of an entry: one, or those of the list attached to it."""

    def fault(self, failed: ScrapeFailed, key: str = "") -> Fault:
        """A failure as a fault of this source."""
        return failed.fault_of(self.name, key)

    def notice(
        self,
        entry: Entry,
        page: Page,
        *,
        text: str,
        title: str = "",
        fields: Iterable[tuple[str, str]] = (),
        published_on: date | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> Notice:
        """A notice of this source; what the page does not say is taken from its entry."""
        return Notice(
            source=self.name,
            source_key=entry.key,
            kind=self.kind,
            url=entry.url,
            fetched_at=page.fetched_at,
            title=title or entry.title,
            text=text,
            fields=merged(fields),
            published_on=published_on or entry.published_on,
            attachments=tuple(attachments),
        )


def is_older(entry: Entry, since: date) -> bool:
    """Whether an entry is dated before a day; one without a date is not."""
    return entry.published_on is not None and entry.published_on < since


def key_of(url: str) -> str:
    """What an address is known by: path and query, the same over http and https."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def merged(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Labels without blanks and colon, each once, with all its values; empty ones are left out."""
    found: dict[str, list[str]] = {}
    for label, value in fields:
        name = "".join(label.split()).rstrip(":：")
        if name and value.strip():
            found.setdefault(name, []).append(value.strip())
    return tuple((name, "\n".join(values)) for name, values in found.items())
