"""A page as it came, and what can be read off it: text, elements, addresses, dates."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import httpx2
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scrapers.encoding import decode
from scrapers.errors import FaultKind, ScrapeFailed

#: Elements that begin and end a line of text; all others run on.
BLOCKS = (
    "address,article,aside,blockquote,br,dd,div,dl,dt,figure,footer,form,h1,h2,h3,h4,h5,h6,header,hr,"
    "li,main,ol,option,p,pre,section,table,td,th,tr,ul"
)
#: Record separator: stands for the end of a line while the text still has the line breaks of its source.
BREAK = "\x1e"
UNSEEN = ["script", "style", "noscript"]
#: A line break of the source inside a Chinese sentence; a space that somebody typed stays.
BROKEN_LINE = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*[\r\n]\s*(?=[\u3000-\u9fff\uff00-\uffef])"
)
DATE = re.compile(r"(?<!\d)(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What a host answered: the address it came from at last, its bytes, and when."""

    url: str
    body: bytes
    content_type: str
    fetched_at: datetime
    #: The host said that it is still what the cache holds.
    unchanged: bool = False

    @cached_property
    def text(self) -> str:
        """The bytes as text; ScrapeFailed(ENCODING) if no encoding fits."""
        declared = CHARSET.search(self.content_type)
        return decode(self.body, declared=declared.group(1) if declared else "", url=self.url)

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The page as elements, without scripts and styles."""
        tree = LexborHTMLParser(self.text)
        tree.strip_tags(UNSEEN)
        return tree

    def all(self, selector: str) -> list[LexborNode]:
        """Every element a CSS selector names, in the order of the page."""
        return self.tree.css(selector)

    def one(self, selector: str) -> LexborNode:
        """The first element a CSS selector names; ScrapeFailed(MISSING) if there is none."""
        found = self.tree.css_first(selector)
        if found is None:
            raise ScrapeFailed(FaultKind.MISSING, self.url, selector)
        return found

    def line(self, selector: str) -> str:
        """The text of the first element a selector names, on one line; empty if there is none."""
        found = self.tree.css_first(selector) if selector else None
        return "" if found is None else line_of(found)

    def link(self, href: str) -> str:
        """An address as it is written on this page, whole; ScrapeFailed(ADDRESS) if it cannot be."""
        return joined(self.url, href)


def joined(base: str, href: str) -> str:
    """``href`` as seen from ``base``, without its fragment, percent-encoded, host in ASCII."""
    try:
        return str(httpx2.URL(base).join(href.strip()).copy_with(fragment=None))
    except (httpx2.InvalidURL, ValueError) as error:
        raise ScrapeFailed(FaultKind.ADDRESS, base, f"bad address {href[:200]!r}") from error


def prose_of(node: LexborNode) -> str:
    """The text of an element as a reader sees it: a line for each block, no line that is empty."""
    for block in node.css(BLOCKS):
        block.insert_before(BREAK)
        block.insert_after(BREAK)
    return "\n".join(lines_of(node.text()))


def lines_of(text: str) -> Iterator[str]:
    """The lines between breaks, spaces and line breaks of the source made one space or none."""
    for part in text.split(BREAK):
        line = " ".join(BROKEN_LINE.sub("", part).split())
        if line:
            yield line


def line_of(node: LexborNode) -> str:
    """The text of an element on one line."""
    return prose_of(node).replace("\n", " ")


def fragment_of(html: str) -> LexborNode:
    """A piece of HTML as an element; plain text keeps its lines."""
    plain = html if "<" in html else html.replace("\n", "<br>")
    tree = LexborHTMLParser(f"<body>{plain}</body>")
    tree.strip_tags(UNSEEN)
    assert tree.body is not None  # Lexbor makes one of any text
    return tree.body


def prose_of_html(html: str) -> str:
    """The text of a piece of HTML."""
    return prose_of(fragment_of(html))


def date_in(text: str) -> date | None:
    """The first whole date written in a text, or None; a day that does not exist is none."""
    for match in DATE.finditer(unicodedata.normalize("NFKC", text)):
        year, month, day = map(int, match.groups())
        try:
            return date(year, month, day)
        except ValueError:  # 2026-02-30: the next one may be a date
            continue
    return None


def is_whole_html(body: bytes) -> bool:
    """Whether a page has its end; pages that came in half do not."""
    return b"</html" in body[-4096:].lower()
