"""Cards whose details are in the same page, in a window that opens at a click."""

import hashlib
from collections.abc import Iterator
from typing import ClassVar

from selectolax.lexbor import LexborNode

from scrapers.errors import Fault, FaultKind, ScrapeFailed
from scrapers.fetch import Client
from scrapers.kinds.html import HtmlListing, inside, text_inside
from scrapers.notice import Notice
from scrapers.page import Page, date_in, line_of, prose_of
from scrapers.source import Entry, key_of


class Cards(HtmlListing):
    """One notice for each card; a card names the window that belongs to it."""

    #: Attribute of the card's link that holds ``#`` and the identifier of its window.
    target: ClassVar[str] = "data-bs-target"
    #: Whether windows are only counted through on each page, so that titles have to tell them apart.
    counted: ClassVar[bool] = False
    #: CSS of labels and values inside the window, as many of the one as of the other.
    label: ClassVar[str] = "dt"
    value: ClassVar[str] = "dd"
    #: CSS of the text inside the window; all of it by default.
    text: ClassVar[str] = ""

    def entry_of(self, page: Page, node: LexborNode) -> Entry:
        """The entry that a card is, with its window."""
        name = (inside(node, self.link, page).attributes.get(self.target) or "").removeprefix("#")
        if not name or '"' in name:
            raise ScrapeFailed(FaultKind.MISSING, page.url, self.target)
        window = page.one(f'[id="{name}"]')
        title = line_of(inside(node, self.title, page))
        mark = hashlib.sha256(title.encode()).hexdigest()[:16] if self.counted else name
        key = f"{key_of(self.address)}#{mark}"
        return Entry(key, page.url, title, date_in(text_inside(node, self.day)), (page, window))

    def read(self, client: Client, entry: Entry) -> Iterator[Notice | Fault]:
        """The notice in a card's window."""
        page, window = entry.content
        labels = [line_of(node) for node in window.css(self.label)]
        values = [prose_of(node) for node in window.css(self.value)]
        if len(labels) != len(values):
            detail = f"{len(labels)} labels, {len(values)} values"
            raise ScrapeFailed(FaultKind.MISSING, page.url, detail)
        body = inside(window, self.text, page)
        fields = zip(labels, values, strict=True)
        yield self.notice(entry, page, text=prose_of(body), fields=fields)
