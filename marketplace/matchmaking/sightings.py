"""The lists that were shown since the worker last looked, kept in memory until it does.

A page view writes nothing: a list that was just shown is put here, and the worker stores it half
a second later, once, with how often it was seen. A kill loses that half second's; a process
without a worker keeps no more than :data:`MOST_WAITING` and forgets the oldest.
"""

from threading import Lock

from flask import Flask, current_app

from matching.shown import Listed

MOST_WAITING = 10_000


class Sightings:
    """Lists by digest with the number of times each was seen; safe to share between threads."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[Listed, int]] = {}
        self._changing = Lock()

    def add(self, listed: Listed, times: int = 1) -> None:
        """Count that a list was shown."""
        with self._changing:
            _, before = self._seen.get(listed.digest, (listed, 0))
            self._seen[listed.digest] = listed, before + times
            if len(self._seen) > MOST_WAITING:
                del self._seen[next(iter(self._seen))]

    def take(self) -> list[tuple[Listed, int]]:
        """Take out all lists, ordered by digest, so that two writers cannot wait for each other."""
        with self._changing:
            seen, self._seen = self._seen, {}
        return [seen[digest] for digest in sorted(seen)]

    def give_back(self, taken: list[tuple[Listed, int]]) -> None:
        """Put back what could not be stored."""
        for listed, times in taken:
            self.add(listed, times)


def current_sightings() -> Sightings:
    """The sightings of the running application."""
    return current_app.extensions["sightings"]


def init_app(app: Flask) -> None:
    """Give ``app`` its sightings."""
    app.extensions["sightings"] = Sightings()
