"""A long list, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from marketplace.extensions import db

PER_PAGE = 20


@dataclass(frozen=True)
class Page:
    """The rows of one page, which it is, and of how many rows in all."""

    items: Sequence[Any]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return pages_of(self.total)


def pages_of(total: int) -> int:
    """How many pages ``total`` rows take, at least one."""
    return max(1, -(-total // PER_PAGE))


def paged(asked: Select[Any], number: int) -> Page:
    """Page ``number`` of an ordered selection; the last one where there are not so many."""
    whole = asked.order_by(None).subquery()
    total = db.session.scalar(select(func.count()).select_from(whole)) or 0
    shown = min(number, pages_of(total))
    rows = db.session.scalars(asked.offset((shown - 1) * PER_PAGE).limit(PER_PAGE))
    return Page(rows.all(), total, shown)
