"""What a host allows: robots.txt, RFC 9309.

A file that is not there (4xx) allows everything; one that cannot be had (5xx, no connection) forbids
everything for now, and is asked for again a little later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from scrapers.clock import Clock
from scrapers.errors import FaultKind, ScrapeFailed

#: RFC 9309 §2.4: not longer than a day.
KEPT_SECONDS = 24 * 3600
ASKED_AGAIN_SECONDS = 600
#: RFC 9309 §2.5: at least 500 KiB are read; what follows is left out.
MOST_BYTES = 500 * 1024


@dataclass(frozen=True)
class Rules:
    """A host's rules until they are asked for again; ``parsed`` is None while it forbids all."""

    parsed: Protego | None
    until: float
    #: Why there are none.
    reason: str = ""


class Robots:
    """The rules of the hosts met so far."""

    def __init__(self, fetch: Callable[[str], bytes], agent: str, clock: Clock) -> None:
        """``fetch`` gives the bytes of a robots.txt, or raises ScrapeFailed."""
        self._fetch = fetch
        self._agent = agent
        self._clock = clock
        self._rules: dict[str, Rules] = {}

    def delay(self, url: str) -> float:
        """Seconds between requests that the host asks for, 0 if none.

        Raises ScrapeFailed(ROBOTS) if the host does not allow the address.
        """
        kept = self._rules_of(url)
        rules = kept.parsed
        if rules is None:
            raise ScrapeFailed(FaultKind.ROBOTS, url, f"no robots.txt for now: {kept.reason}")
        if not rules.can_fetch(url, self._agent):
            raise ScrapeFailed(FaultKind.ROBOTS, url, "refused by robots.txt")
        return float(rules.crawl_delay(self._agent) or 0.0)

    def _rules_of(self, url: str) -> Rules:
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        kept = self._rules.get(root)
        if kept is None or kept.until <= self._clock.monotonic():
            kept = self._rules[root] = self._read(f"{root}/robots.txt")
        return kept

    def _read(self, url: str) -> Rules:
        now = self._clock.monotonic()
        try:
            body = self._fetch(url)
        except ScrapeFailed as failed:
            if failed.fault.kind is FaultKind.ADDRESS:
                raise
            if failed.fault.kind is FaultKind.STATUS and failed.fault.detail.startswith("4"):
                return Rules(Protego.parse(""), now + KEPT_SECONDS)
            return Rules(None, now + ASKED_AGAIN_SECONDS, str(failed))
        # A byte order mark, which editors on Windows write, is no part of the first rule.
        text = body[:MOST_BYTES].decode("utf-8-sig", "replace")
        return Rules(Protego.parse(text), now + KEPT_SECONDS)
