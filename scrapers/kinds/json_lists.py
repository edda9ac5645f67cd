"""Lists that a site's own pages fetch as JSON."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar

from scrapers.errors import Fault, FaultKind, ScrapeFailed
from scrapers.fetch import Client
from scrapers.notice import Notice
from scrapers.page import Page, date_in, joined, prose_of_html
from scrapers.source import Entry, Source

BEIJING = timezone(timedelta(hours=8))
#: Numbers from here on are milliseconds since 1970; below, they are no dates.
EARLIEST_MILLISECONDS = 946_684_800_000


class JsonLists(Source):
    """One notice for each object of a list; paths into the answer are written with dots."""

    #: Path of the list, and of the number of pages.
    items: ClassVar[str]
    pages_at: ClassVar[str] = ""
    #: The address of page ``{page}`` as seen from the first.
    numbered: ClassVar[str] = ""
    #: Paths inside an object.
    id: ClassVar[str] = "id"
    title: ClassVar[str]
    day: ClassVar[str] = ""
    #: Label and path of each field; the text is made of these.
    fields: ClassVar[Mapping[str, str]]
    #: The page a person reads, as seen from the listing.
    page: ClassVar[str]

    def __init__(self, address: str | None = None) -> None:
        super().__init__(address)
        self._last = 1

    def is_whole(self, body: bytes) -> bool:
        """Whether an answer closes its outermost bracket."""
        return body.rstrip().endswith((b"}", b"]"))

    def next_address(self, page: Page | None, number: int) -> str | None:
        """The next page, as long as the answers tell that there is one."""
        if page is not None and self.pages_at:
            self._last = int(at(answer_of(page), self.pages_at, page.url))
        return (
            joined(self.address, self.numbered.format(page=number))
            if number <= self._last
            else None
        )

    def entries(self, page: Page) -> Iterator[Entry | Fault]:
        """The objects of a page's list."""
        items = at(answer_of(page), self.items, page.url)
        if not isinstance(items, list):
            raise ScrapeFailed(FaultKind.MISSING, page.url, self.items)
        for item in items:
            try:
                key = said(at(item, self.id, page.url))
                url = joined(self.address, self.page.format(id=key))
                title = " ".join(said(at(item, self.title, page.url)).split())
                day = day_of(at(item, self.day, page.url)) if self.day else None
            except ScrapeFailed as failed:
                yield failed.fault_of(self.name)
            else:
                yield Entry(key, url, title, day, (page, item))

    def read(self, client: Client, entry: Entry) -> Iterator[Notice | Fault]:
        """The notice that an object is; a field whose path leads nowhere is not there."""
        page, item = entry.content
        found = ((label, said(reach(item, path))) for label, path in self.fields.items())
        fields = [(label, value) for label, value in found if value]
        text = "\n".join(f"{label}：{value}" for label, value in fields)
        yield self.notice(entry, page, text=text, fields=fields)


def answer_of(page: Page) -> Any:
    """The JSON of an answer; ScrapeFailed(UNREADABLE) if it is none."""
    try:
        return json.loads(page.text)
    except (ValueError, RecursionError) as error:
        raise ScrapeFailed(FaultKind.UNREADABLE, page.url, str(error)[:200]) from error


def reach(value: Any, path: str) -> Any:
    """What a path leads to, None if it leads nowhere."""
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def at(value: Any, path: str, url: str) -> Any:
    """What a path leads to; ScrapeFailed(MISSING) if it leads nowhere."""
    found = reach(value, path)
    if found is None:
        raise ScrapeFailed(FaultKind.MISSING, url, path)
    return found


def said(value: Any) -> str:
    """A value as text: HTML without its tags, a list with 、 between, nothing for null and objects."""
    if isinstance(value, list):
        return "、".join(filter(None, map(said, value)))
    if value is None or isinstance(value, (dict, bool)):
        return ""
    return prose_of_html(value) if isinstance(value, str) else str(value)


def day_of(value: Any) -> date | None:
    """The day a value names: a date in text, or milliseconds since 1970 as Beijing counts days."""
    if isinstance(value, int) and EARLIEST_MILLISECONDS < value < 10 * EARLIEST_MILLISECONDS:
        return datetime.fromtimestamp(value / 1000, UTC).astimezone(BEIJING).date()
    return date_in(said(value))
