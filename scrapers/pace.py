"""How often a host is asked: one at a time, and some seconds apart."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from scrapers.clock import Clock


class Pace:
    """Turns per host, shared by all threads that use one client."""

    def __init__(self, clock: Clock, *, seconds: float, concurrency: int) -> None:
        """``seconds`` lie between two beginnings; ``concurrency`` requests at once per host."""
        self._clock = clock
        self._seconds = seconds
        self._slots: defaultdict[str, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(concurrency)
        )
        self._free_at: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str, delay: float = 0.0) -> Iterator[None]:
        """Wait for a turn at a host, hold it, give it back; ``delay`` is what the host asks for."""
        with self._lock:
            slot = self._slots[host]
        with slot:
            self._clock.sleep(self._reserve(host, max(self._seconds, delay)))
            yield

    def _reserve(self, host: str, seconds: float) -> float:
        with self._lock:
            now = self._clock.monotonic()
            begin = max(now, self._free_at[host])
            self._free_at[host] = begin + seconds
            return begin - now

    def put_off(self, host: str, seconds: float) -> None:
        """Leave a host alone for so many seconds, whoever wants it."""
        with self._lock:
            until = self._clock.monotonic() + seconds
            self._free_at[host] = max(self._free_at[host], until)
