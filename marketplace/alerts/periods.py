"""The days and weeks of digests, each from eight in the morning by the region's clocks."""

from datetime import date, datetime, time, timedelta

from marketplace.notices.models import Cadence
from marketplace.working_days import SHANGHAI, local_time

#: When people come to work; a digest is there before the first tea.
MORNING = time(8)


def period_at(cadence: Cadence, now: datetime) -> str:
    """The period under way: ``2026-11-26`` from that morning, ``2026-W48`` from that Monday's."""
    day = (local_time(now) - timedelta(hours=MORNING.hour)).date()
    return _week(day) if cadence == Cadence.WEEKLY else day.isoformat()


def began_at(period: str) -> datetime:
    """The instant at which a period begins."""
    day = date.fromisoformat(f"{period}-1") if "W" in period else date.fromisoformat(period)
    return datetime.combine(day, MORNING, SHANGHAI)


def _week(day: date) -> str:
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"
