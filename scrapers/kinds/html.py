"""Listings in HTML: a container, its entries, and the way to the next page."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from selectolax.lexbor import LexborNode

from scrapers.errors import Fault, FaultKind, ScrapeFailed
from scrapers.page import Page, date_in, is_whole_html, joined, line_of
from scrapers.source import Entry, Source, key_of


class HtmlListing(Source):
    """Entries of a page of HTML; the pages are numbered, or each links to the next."""

    #: CSS of what is there on every page of the listing, also on one without entries.
    container: ClassVar[str]
    #: CSS of one entry, inside the container.
    entry: ClassVar[str] = "li"
    #: CSS inside the entry: its link, its title (the link's own by default), its date.
    link: ClassVar[str] = "a"
    title: ClassVar[str] = ""
    day: ClassVar[str] = ""
    #: CSS of the link to the next page; or else
    next_link: ClassVar[str] = ""
    #: the address of page ``{page}`` as seen from the first,
    numbered: ClassVar[str] = ""
    #: how much smaller than the page its number in that address is,
    offset: ClassVar[int] = 0
    #: and a pattern whose group is the number of pages. Without it the pages end with a 404.
    total: ClassVar[str] = ""
    #: False for sites whose pages never close.
    closes: ClassVar[bool] = True

    def __init__(self, address: str | None = None) -> None:
        super().__init__(address)
        self._last: int | None = None

    def is_whole(self, body: bytes) -> bool:
        """Whether a page closes its html."""
        return is_whole_html(body) or not self.closes

    def is_end(self, fault: Fault, number: int) -> bool:
        """Whether the numbers have run out: a 404 where nobody said how many pages there are."""
        gone = fault.kind is FaultKind.STATUS and fault.detail == "404"
        return gone and number > 1 and bool(self.numbered) and self._last is None

    def next_address(self, page: Page | None, number: int) -> str | None:
        """The next page, by its number or its link; after a page that is missing, by number only."""
        if self.numbered:
            if page is not None and self.total:
                said = re.search(self.total, page.text)
                self._last = int(said.group(1)) if said else None
            shown = self.numbered.format(page=number - self.offset)
            return None if self._last and number > self._last else joined(self.address, shown)
        found = page.tree.css_first(self.next_link) if page and self.next_link else None
        href = found.attributes.get("href") if found is not None else None
        return joined(page.url, href) if page and href else None

    def entries(self, page: Page) -> Iterator[Entry | Fault]:
        """The entries of a page; a fault for one that has no link or title."""
        for node in page.one(self.container).css(self.entry):
            try:
                entry = self.entry_of(page, node)
            except ScrapeFailed as failed:
                yield failed.fault_of(self.name)
            else:
                yield entry

    def entry_of(self, page: Page, node: LexborNode) -> Entry:
        """The entry that an element is; ScrapeFailed(MISSING) without link or title."""
        link = inside(node, self.link, page)
        url = page.link(link.attributes.get("href") or "")
        # The text of a link is often cut short; its title attribute is not.
        title = link.attributes.get("title") or line_of(link)
        title = line_of(inside(node, self.title, page)) if self.title else " ".join(title.split())
        return Entry(key_of(url), url, title, date_in(text_inside(node, self.day)))


def inside(node: LexborNode, selector: str, page: Page) -> LexborNode:
    """The first element inside another; the other itself for no selector; else ScrapeFailed."""
    found: Any = node.css_first(selector) if selector else node
    if found is None:
        raise ScrapeFailed(FaultKind.MISSING, page.url, selector)
    return found


def text_inside(node: LexborNode, selector: str) -> str:
    """The text of an element inside another, on one line; empty if it is not there."""
    found = node.css_first(selector) if selector else None
    return "" if found is None else line_of(found)
