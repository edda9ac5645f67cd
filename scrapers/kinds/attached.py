"""Announcements whose attached file holds the list: a row for each need or result."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from scrapers.documents import Document, Table, is_whole_document, read_document
from scrapers.errors import Fault, FaultKind, ScrapeFailed
from scrapers.fetch import Client
from scrapers.kinds.articles import Articles, is_readable
from scrapers.notice import Attachment, Notice
from scrapers.source import Entry

#: How remarks under a list begin.
NOTE = re.compile(r"备?注|说明|合计|总计|填表|联系人|以上")


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
        met: Counter[str] = Counter()
        for name, url in links:
            try:
                yield from self.notices_in(client, name, url, entry, met)
            except ScrapeFailed as failed:
                yield failed.fault_of(self.name, entry.key)

    def notices_in(
        self, client: Client, name: str, url: str, entry: Entry, met: Counter[str]
    ) -> Iterator[Notice | Fault]:
        """A notice for each row of a file, or the fault of that row.

        ``met`` counts the titles of all files of the entry: two firms may call their needs alike.
        """
        file = client.get(url, is_whole=is_whole_document)
        attachment = Attachment(name, url, hashlib.sha256(file.body).hexdigest())
        lists = list(
            lists_in(read_document(file.body, url), {bare(title) for title in self.titles})
        )
        if not lists:
            raise ScrapeFailed(FaultKind.MISSING, url, f"no column {' / '.join(self.titles)}")
        for title, record in (row for found in lists for row in found.records()):
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
        for row in (row for found in lists for row in found.strays):
            detail = f"{len(row)} cells: {' | '.join(row)}"[:200]
            yield Fault(FaultKind.REFUSED, url, detail, self.name, entry.key)


@dataclass
class ListOfRows:
    """A list found in a file: its headings, its rows, and rows that do not fit the headings."""

    heads: tuple[str, ...]
    #: Number of the column that holds the title.
    column: int
    rows: list[list[str]] = field(default_factory=list)
    strays: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, row: tuple[str, ...]) -> None:
        """Add a row; one without a title goes on with the row above it (a page break, a merged cell)."""
        if is_note(row):
            return
        if len(row) != len(self.heads):
            self.strays.append(row)
        elif row[self.column]:
            self.rows.append(list(row))
        elif self.rows:
            pairs = zip(self.rows[-1], row, strict=True)
            self.rows[-1] = ["\n".join(filter(None, cells)) for cells in pairs]
        else:
            self.strays.append(row)

    def records(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Title and fields of each row."""
        for cells in self.rows:
            yield cells[self.column], list(zip(self.heads, cells, strict=True))


def lists_in(document: Document, titles: set[str]) -> list[ListOfRows]:
    """The lists in a file: from each row that names one of the titles as a heading, to the next.

    A table without headings goes on with the list before it, if it is as wide and pages break there.
    """
    lists: list[ListOfRows] = []
    for table in document.tables:
        headed = any(titles & set(map(bare, row)) for row in table)
        goes_on = document.has_pages and lists and len(table[0]) == len(lists[-1].heads)
        if headed or goes_on:
            add_table(lists, table, titles)
    return lists


def add_table(lists: list[ListOfRows], table: Table, titles: set[str]) -> None:
    """Add a table's rows to the last list; other headings than its own begin another."""
    is_open = not any(titles & set(map(bare, row)) for row in table)
    for row in table:
        heads = tuple(map(bare, row))
        named = [number for number, head in enumerate(heads) if head in titles]
        if named and not (lists and lists[-1].heads == heads):
            lists.append(ListOfRows(heads, named[0]))
        is_open = is_open or bool(named)
        if is_open and not named:
            lists[-1].add(row)


def is_note(row: tuple[str, ...]) -> bool:
    """Whether a row is a remark across the table: the same in all its cells, or in the first alone."""
    filled = [cell for cell in row if cell]
    alone = len(filled) == 1 and len(row) > 2 and bool(row[0])
    across = len(filled) > 2 and len(set(filled)) == 1
    return across or (alone and bool(NOTE.match(row[0])))


def bare(heading: str) -> str:
    """A heading without blanks and line breaks."""
    return "".join(heading.split())


def key_of_row(key: str, title: str, met: Counter[str]) -> str:
    """What a row is known by: its list and its title, so that other rows may come and go."""
    met[title] += 1
    digest = hashlib.sha256(f"{title}#{met[title]}".encode()).hexdigest()[:16]
    return f"{key}#{digest}"
