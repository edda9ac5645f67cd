"""Periods of statistics as values: which days, which days of the year before, and what they are called.

Documents are the same for everybody who holds the ledger, so their words do not follow the reader's
language: labels here are Chinese always.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from flask_babel import gettext as _

from marketplace.errors import InvalidInput

FIRST_YEAR, LAST_YEAR = 1990, 2199


class Span(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    TO_DATE = "to-date"
    YEAR = "year"


#: span → its months, and how many of them a year has
MONTHS = {Span.MONTH: 1, Span.QUARTER: 3, Span.HALF: 6, Span.YEAR: 12}
_LABELS = {
    Span.MONTH: "{year}年{number}月",
    Span.QUARTER: "{year}年第{number}季度",
    Span.HALF: "{year}年{half}半年",
    Span.YEAR: "{year}年",
    Span.TO_DATE: "{year}年",
}


@dataclass(frozen=True)
class Period:
    """The days from ``first`` to ``last``; ``number`` counts months, quarters or halves from 1."""

    span: Span
    year: int
    number: int
    first: date
    last: date

    @property
    def is_whole(self) -> bool:
        """Whether the period reaches its own end."""
        whole = period_of(self.span, self.year, self.number)
        return self.span != Span.TO_DATE and self.last == whole.last

    @property
    def label(self) -> str:
        """``2024年第1季度``; with its last day where it stops before its end."""
        half = "上" if self.number == 1 else "下"
        name = _LABELS[self.span].format(year=self.year, number=self.number, half=half)
        return name if self.is_whole else f"{name}（截至{self.last.month}月{self.last.day}日）"

    @property
    def key(self) -> str:
        """``2024``, ``2024-H1``, ``2024-Q2``, ``2024-05``, ``2024-to-0515``: for names of files."""
        ends = {
            Span.YEAR: "",
            Span.HALF: f"-H{self.number}",
            Span.QUARTER: f"-Q{self.number}",
            Span.MONTH: f"-{self.number:02d}",
            Span.TO_DATE: f"-to-{self.last:%m%d}",
        }
        return f"{self.year}{ends[self.span]}"

    def until(self, day: date) -> "Period":
        """The period as far as ``day``; empty, from the next day on, where it has not begun."""
        return replace(self, last=min(self.last, day))

    @property
    def year_before(self) -> "Period":
        """The same days of the year before: what 同比 compares with."""
        year = self.year - 1
        return replace(
            self, year=year, first=_in_year(self.first, year), last=_in_year(self.last, year)
        )


def _in_year(day: date, year: int) -> date:
    """The same day of another year; the end of February is the end of February."""
    is_end = day.day == calendar.monthrange(day.year, day.month)[1]
    end = calendar.monthrange(year, day.month)[1]
    return date(year, day.month, end if is_end else min(day.day, end))


def period_of(span: Span, year: int, number: int = 1) -> Period:
    """The whole period; :class:`InvalidInput` where the calendar has none."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput({"year": [_("年份应在 1990 至 2199 之间")]})
    if span == Span.TO_DATE:
        return Period(span, year, 1, date(year, 1, 1), date(year, 12, 31))
    months = MONTHS[span]
    if not 1 <= number <= 12 // months:
        raise InvalidInput({span.value: [_("没有这个统计期")]})
    last_month = number * months
    last = date(year, last_month, calendar.monthrange(year, last_month)[1])
    return Period(span, year, number, date(year, last_month - months + 1, 1), last)


def sums_over_time(month: date) -> list[tuple[str, tuple[str, ...]]]:
    """Which periods that end with the month of ``month`` are the sum of which: keys of (total, members)."""
    year, number = month.year, month.month
    keys = {one.span: one.key for one in periods_ending(month)}
    whole = keys.get(Span.YEAR) or keys[Span.TO_DATE]
    found = [(whole, (*_year_until(year, number - 1), keys[Span.MONTH]))]
    for span, inner in ((Span.QUARTER, Span.MONTH), (Span.HALF, Span.QUARTER)):
        if span in keys:
            months, last = MONTHS[inner], number // MONTHS[inner]
            parts = range(last - MONTHS[span] // months + 1, last + 1)
            found.append((keys[span], tuple(period_of(inner, year, n).key for n in parts)))
            found.append((whole, (*_year_until(year, number - MONTHS[span]), keys[span])))
    return found


def _year_until(year: int, month: int) -> tuple[str, ...]:
    """The key of the year up to the end of ``month``; none before its first."""
    if month == 0:
        return ()
    last = period_of(Span.MONTH, year, month).last
    return (period_of(Span.TO_DATE, year).until(last).key,)


def periods_ending(month: date) -> list[Period]:
    """Every whole period that ends with the month of ``month``, and the year to date, shortest first."""
    number = month.month
    found = [
        period_of(span, month.year, number // months)
        for span, months in MONTHS.items()
        if number % months == 0
    ]
    to_date = period_of(Span.TO_DATE, month.year).until(found[0].last)
    return found if number == 12 else [*found, to_date]
