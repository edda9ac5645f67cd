"""The one client: the only code here that talks to a network.

It says who it is, asks robots.txt, keeps its pace, asks only for what changed, waits and tries again
when a host is busy, follows few redirects and checks each, and stops at its limits of time and size.
Every failure is a :class:`ScrapeFailed`; a page that comes back is whole.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from scrapers.addresses import PublicOnly, Resolve, host_and_port, resolve
from scrapers.cache import Cache, Stored
from scrapers.clock import Clock, SystemClock
from scrapers.deadline import Deadline, Timed
from scrapers.errors import FaultKind, ScrapeFailed
from scrapers.pace import Pace
from scrapers.page import Page, joined
from scrapers.robots import Robots

AGENT = "Shuangku"
REDIRECTS = {301, 302, 303, 307, 308}
BUSY = {429, 503}
#: Answers of a host in trouble, which may be over in a moment.
TROUBLED = {500, 502, 504}
#: zlib: find out by yourself whether it is gzip or zlib.
GZIP_OR_ZLIB = 47

IsWhole = Callable[[bytes], bool]


@dataclass(frozen=True)
class Limits:
    """How much of everything; sizes in bytes after unpacking, times in seconds."""

    size: int = 20 * 1024 * 1024
    #: For one page, from its request to its last byte.
    seconds: float = 60.0
    #: For one read: the longest silence.
    silence: float = 20.0
    redirects: int = 5
    attempts: int = 4
    #: A host that asks for a longer pause, by Retry-After or Crawl-delay, is left for another day.
    longest_wait: float = 300.0


class Passing(ScrapeFailed):
    """Raised inside the client for what may be over at the next try, after ``pause`` seconds."""

    pause: float | None = None


@dataclass(frozen=True)
class Answer:
    """One answer of a host, before redirects are followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """One client for all sources of a run; may be used by several threads."""

    def __init__(
        self,
        *,
        contact: str,
        cache: Cache,
        limits: Limits | None = None,
        seconds_apart: float = 3.0,
        concurrency: int = 1,
        clock: Clock | None = None,
        resolve: Resolve = resolve,
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        """Open no connection yet.

        ``contact`` is an address (mail or page) that a host's operator can turn to. ``allowed`` holds
        ``host:port`` of hosts that may be reached although they are not public: a test site.
        """
        if not re.fullmatch(r"[\x21-\x7e]*(@|://)[\x21-\x7e]+", contact):
            raise ValueError(f"contact {contact!r} is neither a mail address nor a page")
        self._limits = limits or Limits()
        self.clock = clock or SystemClock()
        self._cache = cache
        self._agent = f"{AGENT}/1.0 (+{contact})"
        self._pace = Pace(self.clock, seconds=seconds_apart, concurrency=concurrency)
        self._robots = Robots(self._robots_txt, AGENT, self.clock)
        self._deadline = Deadline()
        backend = Timed(PublicOnly(resolve, allowed), self._deadline, self.clock)
        self._pool = httpcore2.ConnectionPool(network_backend=backend)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def get(self, url: str, *, is_whole: IsWhole = bool) -> Page:
        """The page at an address, after at most ``limits.redirects`` redirects.

        ``is_whole`` tells of a body whether it has its end; half a page is asked for again. Raises
        ScrapeFailed with the kind of the fault.
        """
        return self._follow(joined(url, ""), is_whole, self._allowed_delay)

    def _robots_txt(self, url: str) -> bytes:
        # Rules for robots.txt itself would need a robots.txt; an empty one is whole.
        return self._follow(url, lambda body: True, lambda url: 0.0).body

    def _allowed_delay(self, url: str) -> float:
        delay = self._robots.delay(url)
        if delay > self._limits.longest_wait:
            raise ScrapeFailed(FaultKind.ROBOTS, url, f"Crawl-delay of {delay:g} seconds")
        return delay

    def _follow(self, url: str, is_whole: IsWhole, delay_of: Callable[[str], float]) -> Page:
        seen: list[str] = []
        while True:
            host_and_port(url)
            answer = self._try(url, is_whole, delay_of(url))
            if answer.status not in REDIRECTS:
                return self._page(url, answer)
            seen.append(url)
            # Header bytes are Latin-1 by the book; an address in Chinese is UTF-8 all the same.
            target = answer.headers.get("location", "").encode("latin-1").decode("utf-8", "replace")
            url = joined(url, target)
            if url in seen or len(seen) > self._limits.redirects:
                raise ScrapeFailed(FaultKind.REDIRECTS, seen[0], f"{len(seen)}, at last to {url}")

    def _try(self, url: str, is_whole: IsWhole, delay: float) -> Answer:
        tries = Retrying(
            stop=stop_after_attempt(self._limits.attempts),
            wait=self._pause,
            retry=retry_if_exception_type(Passing),
            sleep=self.clock.sleep,
            reraise=True,
        )
        return tries(self._ask, url, is_whole, delay)

    def _pause(self, state: RetryCallState) -> float:
        failed = state.outcome.exception() if state.outcome else None
        pause = failed.pause if isinstance(failed, Passing) else None
        backoff = wait_random_exponential(multiplier=1, max=60)(state)
        return backoff if pause is None else pause

    def _ask(self, url: str, is_whole: IsWhole, delay: float) -> Answer:
        host = ":".join(map(str, host_and_port(url)))
        stored = self._cache.get(url)
        with self._pace.turn(host, delay), self._connection_faults(url):
            answer = self._read(url, {} if stored is None else stored.conditions())
        if answer.status in BUSY:
            raise self._busy(host, url, answer)
        if answer.status in TROUBLED:
            raise Passing(FaultKind.STATUS, url, str(answer.status))
        if answer.status == 200 and not is_whole(answer.body):
            raise Passing(FaultKind.INCOMPLETE, url, f"no end after {len(answer.body)} bytes")
        return answer

    def _read(self, url: str, conditions: Mapping[str, str]) -> Answer:
        silence = self._limits.silence
        self._deadline.at = self.clock.monotonic() + self._limits.seconds
        said = {"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate", **conditions}
        timeout = {"connect": silence, "read": silence, "write": silence, "pool": silence}
        with self._pool.stream(
            "GET", url, headers=list(said.items()), extensions={"timeout": timeout}
        ) as response:
            named = {k.decode().lower(): v.decode("latin-1") for k, v in response.headers}
            parts = whole(response.iter_stream(), url)
            body = unpacked(parts, named.get("content-encoding", ""), self._limits.size, url)
            return Answer(response.status, named, body)

    @contextmanager
    def _connection_faults(self, url: str) -> Iterator[None]:
        try:
            yield
        except httpcore2.TimeoutException as error:
            raise Passing(FaultKind.SLOW, url, type(error).__name__) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise Passing(FaultKind.CONNECTION, url, str(error)) from error

    def _busy(self, host: str, url: str, answer: Answer) -> ScrapeFailed:
        """What to raise for a busy host: try again after its pause, or not today."""
        pause = seconds_of(answer.headers.get("retry-after", ""), self.clock.now())
        if pause is not None and pause > self._limits.longest_wait:
            return ScrapeFailed(FaultKind.BUSY, url, f"{answer.status}, again in {pause:g} seconds")
        passing = Passing(FaultKind.BUSY, url, str(answer.status))
        passing.pause = pause
        self._pace.put_off(host, pause or 0.0)
        return passing

    def _page(self, url: str, answer: Answer) -> Page:
        kept = self._cache.get(url)
        if answer.status == 304 and kept is not None:
            return Page(url, kept.body, kept.content_type, self.clock.now(), unchanged=True)
        if answer.status != 200:
            raise ScrapeFailed(FaultKind.STATUS, url, str(answer.status))
        marks = (answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
        content_type = answer.headers.get("content-type", "")
        if any(marks):
            self._cache.put(url, Stored(answer.body, *marks, content_type))
        return Page(url, answer.body, content_type, self.clock.now())


def whole(parts: Iterator[bytes], url: str) -> Iterator[bytes]:
    """The parts of a body; Passing(INCOMPLETE) where the connection breaks off between them."""
    try:
        yield from parts
    except (httpcore2.RemoteProtocolError, httpcore2.ReadError) as error:
        raise Passing(FaultKind.INCOMPLETE, url, str(error)) from error


def unpacked(parts: Iterator[bytes], encoding: str, size: int, url: str) -> bytes:
    """A body from its parts, never more than ``size`` bytes of it at a time.

    Raises ScrapeFailed: TOO_LARGE, INCOMPLETE for a packed body without its end, UNREADABLE for an
    encoding that was not asked for.
    """
    name = encoding.strip().lower()
    if name not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise ScrapeFailed(FaultKind.UNREADABLE, url, f"Content-Encoding {encoding!r}")
    packing = zlib.decompressobj(GZIP_OR_ZLIB) if name not in {"", "identity"} else None
    body = bytearray()
    for part in parts:
        try:
            body += packing.decompress(part, size + 1 - len(body)) if packing else part
        except zlib.error as error:
            raise ScrapeFailed(FaultKind.UNREADABLE, url, str(error)) from error
        if len(body) > size:
            raise ScrapeFailed(FaultKind.TOO_LARGE, url, f"over {size} bytes")
    if packing and body and not packing.eof:
        raise Passing(FaultKind.INCOMPLETE, url, "packed body without its end")
    return bytes(body)


def seconds_of(retry_after: str, now: datetime) -> float | None:
    """A Retry-After in seconds from ``now`` (a number or an HTTP date); None if it says nothing."""
    if retry_after.strip().isdecimal():  # ² is a digit and no number
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
