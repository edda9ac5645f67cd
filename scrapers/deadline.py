"""A time for a whole answer: a host that drips is given up like one that is silent.

The timeout of a read says how long a host may be silent, so one byte every few seconds, of a page or of
its headers, keeps a client for hours. Here every read also looks at the time that the answer has left.
"""

import threading
from collections.abc import Iterable
from typing import Any

import httpcore2

from scrapers.clock import Clock


class Deadline(threading.local):
    """Until when (of the clock's seconds) the requests of a thread may read."""

    at = float("inf")


class Timed(httpcore2.NetworkBackend):
    """Connects as another backend does; what is read over its connections ends at the deadline."""

    def __init__(self, backend: httpcore2.NetworkBackend, deadline: Deadline, clock: Clock) -> None:
        self._backend = backend
        self._deadline = deadline
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect, and watch what is read."""
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return Watched(stream, self._deadline, self._clock)


class Watched(httpcore2.NetworkStream):
    """A connection whose reads end at the deadline of the thread that reads."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline, clock: Clock) -> None:
        self._stream = stream
        self._deadline = deadline
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What comes next; ReadTimeout after a silence, or when the answer's time is up."""
        read = self._stream.read(max_bytes, timeout)
        if self._clock.monotonic() > self._deadline.at:
            raise httpcore2.ReadTimeout("over the time of one page")
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send these bytes."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(self, *args: Any, **settings: Any) -> httpcore2.NetworkStream:
        """The same connection over TLS, watched as well."""
        secured = self._stream.start_tls(*args, **settings)
        return Watched(secured, self._deadline, self._clock)

    def get_extra_info(self, info: str) -> Any:
        """What the connection tells of itself."""
        return self._stream.get_extra_info(info)
