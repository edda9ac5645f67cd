"""Which days a period has, and which it is compared with."""

from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import InvalidInput
from marketplace.statistics.asking import period_called, periods_within
from marketplace.statistics.periods import Span, period_of, periods_ending


def test_a_quarter_has_three_months() -> None:
    period = period_of(Span.QUARTER, 2024, 1)
    assert (period.first, period.last, period.label) == (
        date(2024, 1, 1),
        date(2024, 3, 31),
        "2024年第1季度",
    )


def test_a_period_is_compared_with_the_same_days_of_the_year_before() -> None:
    seen = period_of(Span.YEAR, 2024).until(date(2024, 5, 15))
    assert (seen.year_before.first, seen.year_before.last) == (date(2023, 1, 1), date(2023, 5, 15))
    assert seen.label == "2024年（截至5月15日）"


def test_the_leap_day_is_compared_with_the_end_of_february() -> None:
    assert period_of(Span.MONTH, 2024, 2).year_before.last == date(2023, 2, 28)
    assert period_of(Span.MONTH, 2025, 2).year_before.last == date(2024, 2, 29)


def test_december_ends_a_month_a_quarter_a_half_and_a_year() -> None:
    assert [p.key for p in periods_ending(date(2024, 12, 1))] == [
        "2024-12", "2024-Q4", "2024-H2", "2024",
    ]  # fmt: skip
    assert [p.key for p in periods_ending(date(2024, 5, 1))] == ["2024-05", "2024-to-0531"]


@pytest.mark.parametrize(("span", "number"), [("month", 13), ("quarter", 5), ("half", 0)])
def test_a_period_that_no_calendar_has_is_refused(app: Flask, span: str, number: int) -> None:
    with pytest.raises(InvalidInput):
        period_of(Span(span), 2024, number)


@pytest.mark.parametrize(
    "key", ["", "24", "2024-13", "2024-Q5", "2024-to-0230", "2024-05-01", "٢٠٢٤"]
)
def test_what_is_no_period_is_refused(app: Flask, key: str) -> None:
    with pytest.raises(InvalidInput):
        period_called(key)


@given(st.integers(1990, 2199))
def test_a_period_is_found_by_its_key(year: int) -> None:
    to_date = period_of(Span.TO_DATE, year).until(date(year, 5, 31))
    for period in [*periods_within(year), to_date]:
        assert period_called(period.key) == period
