"""Working days: weekends, the days off and the make-up days that the State Council announces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The announced days, by year; a year not yet announced is counted by weekends alone."""

    years: frozenset[int]
    off: frozenset[date]
    worked: frozenset[date]

    @classmethod
    def from_tables(cls, tables: Mapping[str, Mapping[str, Any]]) -> "Calendar":
        """Read the tables of ``calendar.toml``: year → ``off``, ``worked``."""
        return cls(
            years=frozenset(int(year) for year in tables),
            off=frozenset(day for table in tables.values() for day in table["off"]),
            worked=frozenset(day for table in tables.values() for day in table["worked"]),
        )

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)

    def is_announced(self, day: date) -> bool:
        """Whether the days of that year are known; a deadline beyond them is provisional."""
        return day.year in self.years

    def after(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``; ``day`` itself for 0 (民法典 Art 201)."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and with ``end``; negative where ``end`` is earlier."""
        if end < start:
            return -self.between(end, start)
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(self.is_working(day) for day in days)


def local_day(now: datetime) -> date:
    """The calendar day in Inner Mongolia at the instant ``now``."""
    return local_time(now).date()


def local_time(instant: datetime) -> datetime:
    """The same instant by the clocks of Inner Mongolia."""
    return instant.astimezone(SHANGHAI)


def current_calendar() -> Calendar:
    """The calendar of the running application."""
    return current_app.extensions["calendar"]
