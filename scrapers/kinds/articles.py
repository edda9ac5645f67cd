"""A listing whose entries each have a page of their own."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from selectolax.lexbor import LexborNode

from scrapers.documents import is_whole_document, read_document
from scrapers.errors import Fault, ScrapeFailed
from scrapers.fetch import Client
from scrapers.kinds.html import HtmlListing
from scrapers.notice import Attachment, Notice
from scrapers.page import Page, date_in, line_of, prose_of
from scrapers.source import Entry

FILES = re.compile(r"\.(?:xlsx?|docx?|pdf|wps|et|zip|rar|7z)$", re.IGNORECASE)
READABLE = re.compile(r"\.(?:xlsx?|docx|pdf)$", re.IGNORECASE)


class Articles(HtmlListing):
    """One notice for each entry's page; its fields are what a subclass finds in the body."""

    #: CSS of the text, and of what is not part of it though it stands inside.
    body: ClassVar[str]
    beside: ClassVar[str] = ""
    #: CSS of the title and of the line with the date; the entry's own if there is none.
    heading: ClassVar[str] = ""
    dateline: ClassVar[str] = ""
    #: CSS of links to attached files.
    files: ClassVar[str] = ""

    def read(self, client: Client, entry: Entry) -> Iterator[Notice | Fault]:
        """The notice on an entry's page, then a fault for each attachment that could not be read."""
        page = client.get(entry.url, is_whole=self.is_whole)
        attachments, faults = self.attachments(client, page, entry)
        yield self.notice_on(page, page.one(self.body), entry, attachments)
        yield from faults

    def notice_on(
        self, page: Page, body: LexborNode, entry: Entry, attachments: Iterable[Attachment] = ()
    ) -> Notice:
        """The notice whose text an element is."""
        for node in body.css(self.beside) if self.beside else ():
            node.decompose()
        return self.notice(
            entry,
            page,
            title=page.line(self.heading),
            fields=self.fields_of(body),
            text=prose_of(body),
            published_on=date_in(page.line(self.dateline)),
            attachments=tuple(attachments),
        )

    def fields_of(self, body: LexborNode) -> Iterable[tuple[str, str]]:
        """Labels and values that the body marks; none, if it is running text."""
        return ()

    def attachments(
        self, client: Client, page: Page, entry: Entry
    ) -> tuple[list[Attachment], list[Fault]]:
        """The files an entry's page links to, and faults of those that cannot be read."""
        kept, faults = [], []
        for name, url in self.links(page):
            try:
                kept.append(attachment(client, name, url))
            except ScrapeFailed as failed:
                kept.append(Attachment(name, url))
                faults.append(failed.fault_of(self.name, entry.key))
        return kept, faults

    def links(self, page: Page) -> Iterator[tuple[str, str]]:
        """Names and addresses of the files a page links to."""
        for node in page.all(self.files) if self.files else ():
            href = node.attributes.get("href") or ""
            name = line_of(node) or href.rsplit("/", 1)[-1]
            if FILES.search(href.split("?")[0]) or FILES.search(name):
                yield name, page.link(href)


def is_readable(name: str, url: str) -> bool:
    """Whether a file's name or address ends like one of the kinds that are read."""
    return any(READABLE.search(text) for text in (name, url.split("?")[0]))


def attachment(client: Client, name: str, url: str) -> Attachment:
    """A file with its text and tables; one of a kind that is not read is not fetched."""
    if not is_readable(name, url):
        return Attachment(name, url)
    file = client.get(url, is_whole=is_whole_document)
    document = read_document(file.body, url)
    rows = tuple(row for table in document.tables for row in table)
    return Attachment(name, url, hashlib.sha256(file.body).hexdigest(), document.text, rows)
