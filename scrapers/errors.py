"""What can go wrong while a site is read: one vocabulary, one value, one exception.

A fault is a *fact to be shown*, so it holds a kind and an address, not a sentence: whoever shows it
chooses the words. A fault never takes the place of a notice that was read.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """Why something could not be had; each kind asks for another answer by a person."""

    #: robots.txt refuses the address, or cannot be had for now (RFC 9309 §2.3.1.4).
    ROBOTS = "robots"
    #: Another scheme than http and https, or an address that is not public.
    ADDRESS = "address"
    #: A loop, or more redirects than the limit.
    REDIRECTS = "redirects"
    #: An answer other than 200, at the last try.
    STATUS = "status"
    #: 429 or 503 at every try, or a Retry-After beyond the limit.
    BUSY = "busy"
    #: No byte within the time of one read, or not all of them within the time of one page.
    SLOW = "slow"
    #: No connection, or one that broke off.
    CONNECTION = "connection"
    #: More bytes, pages or rows than the limit, packed or unpacked.
    TOO_LARGE = "too_large"
    #: Fewer bytes than announced, or a page without its end.
    INCOMPLETE = "incomplete"
    #: Neither the declared encoding nor any of the usual ones fits the bytes.
    ENCODING = "encoding"
    #: A document, list or feed that is not what it says it is.
    UNREADABLE = "unreadable"
    #: What every notice must have is not where the source says it is.
    MISSING = "missing"
    #: A value that no notice may have; see :class:`scrapers.notice.Notice`.
    REFUSED = "refused"


@dataclass(frozen=True)
class Fault:
    """One thing that could not be read: its kind, its address, and what was seen (technical)."""

    kind: FaultKind
    url: str
    detail: str = ""
    source: str = ""
    #: ``source_key`` of the notice that is missing for it; empty for a page of the listing.
    key: str = ""


class ScrapeFailed(Exception):
    """Raised by the client, the readers of documents and :class:`Notice`; carries its fault."""

    def __init__(self, kind: FaultKind, url: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {url} {detail}".strip())
        self.fault = Fault(kind, url, detail)

    def fault_of(self, source: str, key: str = "") -> Fault:
        """The fault, with the source and the notice it befell."""
        return replace(self.fault, source=source, key=key)
