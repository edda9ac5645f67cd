"""Mornings and Mondays by the region's clocks."""

from datetime import UTC, datetime

import pytest

from marketplace.alerts.periods import began_at, period_at
from marketplace.notices.models import Cadence

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "minute", "day", "week"),
    [
        (0, 0, "2026-11-23", "2026-W48"),  # eight o'clock in Hohhot
        (23, 59, "2026-11-23", "2026-W48"),
    ],
)
def test_the_day_and_the_week_begin_at_eight(hour: int, minute: int, day: str, week: str) -> None:
    now = MONDAY.replace(hour=hour, minute=minute)
    assert period_at(Cadence.DAILY, now) == day
    assert period_at(Cadence.WEEKLY, now) == week


def test_until_eight_it_is_still_yesterday_and_last_week() -> None:
    now = MONDAY.replace(day=22, hour=23, minute=59)  # 07:59 on Monday
    assert period_at(Cadence.DAILY, now) == "2026-11-22"
    assert period_at(Cadence.WEEKLY, now) == "2026-W47"


def test_the_week_at_the_turn_of_the_year_is_the_calendars() -> None:
    assert period_at(Cadence.WEEKLY, datetime(2027, 1, 1, 6, tzinfo=UTC)) == "2026-W53"


def test_a_period_knows_when_it_began() -> None:
    for cadence in (Cadence.DAILY, Cadence.WEEKLY):
        assert began_at(period_at(cadence, MONDAY)) == MONDAY
