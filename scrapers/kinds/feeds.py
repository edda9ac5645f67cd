"""Feeds: RSS and Atom."""

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import feedparser

from scrapers.errors import Fault, FaultKind, ScrapeFailed
from scrapers.fetch import Client
from scrapers.kinds.articles import Articles
from scrapers.kinds.json_lists import BEIJING
from scrapers.notice import Notice
from scrapers.page import Page, fragment_of, prose_of_html
from scrapers.source import Entry, key_of

#: A feed that was decoded must not be decoded again by what it declares.
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
ENDS = (b"</rss>", b"</feed>", b"</rdf:rdf>")


class Feeds(Articles):
    """One notice for each item: its page if ``body`` says where the text is, or else its summary."""

    container: ClassVar[str] = ""
    body: ClassVar[str] = ""

    def is_whole(self, body: bytes) -> bool:
        """Whether a feed, or a page, closes its outermost element."""
        return super().is_whole(body) or body[-1024:].lower().rstrip().endswith(ENDS)

    def entries(self, page: Page) -> Iterator[Entry | Fault]:
        """The items of a feed; ScrapeFailed(UNREADABLE) if it is none."""
        feed = feedparser.parse(DECLARATION.sub("", page.text).encode(), sanitize_html=False)
        if not feed.version:
            raise ScrapeFailed(FaultKind.UNREADABLE, page.url, "neither RSS nor Atom")
        for item in feed.entries:
            url = page.link(item.get("link", ""))
            title = " ".join(prose_of_html(item.get("title", "")).split())
            key = key_of(url)
            if not item.get("link") or not title:
                yield Fault(FaultKind.MISSING, page.url, "link or title", self.name)
            else:
                yield Entry(key, url, title, day_of(item), (page, html_of(item)))

    def read(self, client: Client, entry: Entry) -> Iterator[Notice | Fault]:
        """The notice of an item."""
        if self.body:
            yield from super().read(client, entry)
            return
        page, html = entry.content
        yield self.notice_on(page, fragment_of(html), entry)


def html_of(item: Any) -> str:
    """The longest text of an item: its content, or its summary."""
    texts = [content.get("value", "") for content in item.get("content", ())]
    return str(max([*texts, item.get("summary", "")], key=len))


def day_of(item: Any) -> date | None:
    """The day an item was published, as Beijing counts days; None if it does not say."""
    said = item.get("published_parsed") or item.get("updated_parsed")
    return said and datetime.fromtimestamp(calendar.timegm(said), UTC).astimezone(BEIJING).date()
