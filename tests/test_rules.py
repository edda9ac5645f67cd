"""The registration rules as dated data, and the working days."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from config import registration_data
from marketplace.errors import NotFound
from marketplace.rules import Rules, rules_from
from marketplace.working_days import Calendar, current_calendar, local_day

DATA = registration_data()
CALENDAR = Calendar.from_tables(DATA.calendar)
DAYS = st.dates(date(2022, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2000, 2, 16), "RV-2001"),
        (date(2026, 1, 22), "RV-2001"),
        (date(2026, 1, 23), "RV-2026"),
        (date(2030, 1, 1), "RV-2026"),
    ],
)
def test_the_version_of_a_day_is_the_one_in_force(app: Flask, day: date, name: str) -> None:
    assert Rules.in_force(day).name == name


def test_before_the_first_rules_there_are_none(app: Flask) -> None:
    with pytest.raises(NotFound):
        Rules.in_force(date(1999, 12, 31))
    with pytest.raises(NotFound):
        Rules.called("RV-1985")


def test_versions_that_overlap_or_leave_a_gap_are_refused() -> None:
    late = [dict(DATA.rules[0]), dict(DATA.rules[1]) | {"valid_from": date(2026, 3, 1)}]
    with pytest.raises(ValueError, match="RV-2001"):
        rules_from(late, DATA.code_lists)


def test_the_old_rules_know_four_types_and_nine_grounds_the_new_five_and_seven() -> None:
    old, new = rules_from(DATA.rules, DATA.code_lists)
    assert list(old.groups) == ["10", "20", "40", "50"]
    assert list(new.groups) == ["10", "20", "30", "40", "50"]
    assert len({code[:3] for code in old.grounds}) == 9 and "F06b" not in old.grounds
    assert list(new.grounds) == ["F03a", "F03b", "F03c", "F06a", "F06b", "F07", "F08"]
    assert (old.clock.unit, old.clock.review_days) == ("calendar_days", 30)
    assert (new.clock.unit, new.clock.review_days) == ("working_days", 15)


def test_every_type_has_a_checklist_that_the_version_knows() -> None:
    for version in rules_from(DATA.rules, DATA.code_lists):
        for leaf in version.types.values():
            assert leaf.group in version.groups and leaf.tests
            assert set(leaf.tests) <= set(version.tests)
        asked = {test for leaf in version.types.values() for test in leaf.tests} | {"X1", "X2"}
        assert asked == set(version.tests)
        assert all(test.article for test in version.tests.values())


def test_both_versions_name_the_gates_the_triggers_and_whether_they_were_checked() -> None:
    for version in rules_from(DATA.rules, DATA.code_lists):
        assert list(version.gates) == ["G1", "G2", "G3", "G4", "G5", "G6"]
        assert len(version.triggers) == 8 and not version.verified
        assert version.authority["regional"] == "内蒙古自治区科学技术厅"
        assert len([c for c in version.lists["industry"].names if len(c) == 3]) == 97
        assert all(not one.verified for one in version.lists.values())


@given(DAYS)
def test_a_day_is_worked_as_an_independent_calendar_says(day: date) -> None:
    assert CALENDAR.is_working(day) == chinese_calendar.is_workday(day)


@given(DAYS, st.integers(0, 40))
def test_the_deadline_is_so_many_working_days_later(day: date, count: int) -> None:
    due = CALENDAR.after(day, count)
    assert CALENDAR.between(day, due) == count
    assert count == 0 or CALENDAR.is_working(due)


def test_a_make_up_sunday_counts_and_a_holiday_monday_does_not() -> None:
    assert CALENDAR.is_working(date(2026, 9, 20)) and not CALENDAR.is_working(date(2026, 2, 16))
    assert CALENDAR.after(date(2026, 9, 30), 1) == date(2026, 10, 8)


def test_a_year_that_is_not_announced_is_counted_by_weekends(app: Flask) -> None:
    monday = date(2031, 1, 6)
    assert not current_calendar().is_announced(monday)
    assert current_calendar().after(monday, 5) == monday + timedelta(days=7)


def test_the_day_begins_at_midnight_in_china() -> None:
    assert local_day(datetime(2026, 3, 9, 16, 0, tzinfo=UTC)) == date(2026, 3, 10)
    assert local_day(datetime(2026, 3, 9, 15, 59, tzinfo=UTC)) == date(2026, 3, 9)
