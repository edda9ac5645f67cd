"""A clock whose hands are moved: waiting takes no time, and is remembered."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class Hands:
    """A clock for tests; ``slept`` holds every wait that was longer than nothing."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._seconds = 0.0

    def now(self) -> datetime:
        """The instant its hands show."""
        return START + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        """Seconds its hands have moved."""
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Move the hands."""
        if seconds > 0:
            self.slept.append(seconds)
            self._seconds += seconds

    advance = sleep
