"""Announcements whose attached file holds the list: a row for each need or result."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from scrapers.documents import Document, is_whole_document, read_document
from scrapers.errors import Fault, FaultKind, ScrapeFailed
from scrapers.fetch import Client
from scrapers.kinds.articles import Articles, is_readable
from scrapers.notice import Attachment, Notice
from scrapers.source import Entry


class AttachedLists(Articles):
    """One notice for each row of the tables in an announcement's files (.xlsx, .docx, .pdf)."""

    #: Headings of the column that holds the title, as the source has written them so far.
    titles: ClassVar[tuple[str, ...]]

    def read(self, client: Client, entry: Entry) -> Iterator[Notice | Fault]:
        """The notices of each file; a file that cannot be read is a fault, the others are read."""
        page = client.get(entry.url, is_whole=self.is_whole)
        page.one(self.body)
        links = [(name, url) for name, url in self.links(page) if is_readable(name, url)]
        if not links:
            raise ScrapeFailed(FaultKind.MISSING, page.url, "no attached list")
        for name, url in links:
            try:
                yield from self.notices_in(client, name, url, entry)
            except ScrapeFailed as failed:
                yield failed.fault_of(self.name, entry.key)

    def notices_in(
        self, client: Client, name: str, url: str, entry: Entry
    ) -> Iterator[Notice | Fault]:
        """A notice for each row of a file, or the fault of that row."""
        file = client.get(url, is_whole=is_whole_document)
        attachment = Attachment(name, url, hashlib.sha256(file.body).hexdigest())
        met: Counter[str] = Counter()
        for title, record in self.records(read_document(file.body, url), url):
            key = key_of_row(entry.key, title, met)
            text = "\n".join(f"{label}：{value}" for label, value in record if value)
            try:
                yield self.notice(
                    replace(entry, key=key, title=" ".join(title.split())),
                    file,
                    text=text,
                    fields=record,
                    attachments=[attachment],
                )
            except ScrapeFailed as failed:
                yield failed.fault_of(self.name, key)

    def records(self, document: Document, url: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Title and fields of each row under a heading; ScrapeFailed(MISSING) if none is there."""
        wanted = {bare(title) for title in self.titles}
        heads: tuple[str, ...] = ()
        rows: list[list[str]] = []
        found: list[tuple[tuple[str, ...], int, list[list[str]]]] = []
        for row in (row for table in document.tables for row in table):
            names = tuple(bare(cell) for cell in row)
            if wanted & set(names):
                # The same headings again, on the next page, go on with the same list.
                heads, rows = names, []
                found.append((heads, next(i for i, n in enumerate(names) if n in wanted), rows))
            elif heads and len(row) == len(heads):
                add_row(rows, row, found[-1][1])
        if not found:
            raise ScrapeFailed(FaultKind.MISSING, url, f"no column {' / '.join(self.titles)}")
        for heads, column, rows in found:
            for cells in rows:
                yield cells[column], list(zip(heads, cells, strict=True))


def add_row(rows: list[list[str]], row: tuple[str, ...], column: int) -> None:
    """Add a row; one without a title goes on with the row above it (a page break, a merged cell)."""
    if row[column]:
        rows.append(list(row))
    elif rows and any(row):
        rows[-1] = ["\n".join(filter(None, cells)) for cells in zip(rows[-1], row, strict=True)]


def bare(heading: str) -> str:
    """A heading without blanks and line breaks."""
    return "".join(heading.split())


def key_of_row(key: str, title: str, met: Counter[str]) -> str:
    """What a row is known by: its list and its title, so that other rows may come and go."""
    met[title] += 1
    digest = hashlib.sha256(f"{title}#{met[title]}".encode()).hexdigest()[:16]
    return f"{key}#{digest}"
