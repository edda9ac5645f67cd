"""Publish the tables of a month: close it, count, withhold what is small, keep the bytes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from marketplace import audit, outbox
from marketplace.audit import Tag
from marketplace.extensions import db
from marketplace.ledger.operations import close_period
from marketplace.outbox import Topic
from marketplace.permissions import Permission, require
from marketplace.statistics.asking import select_table
from marketplace.statistics.definitions import current_definitions
from marketplace.statistics.documents import Withheld, document
from marketplace.statistics.models import PublishedTable
from marketplace.statistics.periods import Period, periods_ending
from marketplace.statistics.protection import withheld_together
from marketplace.statistics.renderings import as_json
from marketplace.statistics.respondents import Respondents
from marketplace.statistics.selection import AsOf, Selection


def publish_month(
    month: str, *, respondents: Respondents, actor: Any, now: datetime
) -> list[PublishedTable]:
    """Publish every table of the month ``YYYY-MM`` and of the quarter, half and year that it ends.

    From then on the month is closed: a later correction counts in the month in which it is made.
    What was published before stays as it is, and nothing is published twice. A month that was passed
    over can be published later: it is closed already, and its tables withhold what the others need.
    """
    require(actor, Permission.PUBLISH_STATISTICS)
    closed = close_period(month, now=now)
    periods = periods_ending(date.fromisoformat(f"{month}-01"))
    made = [
        _publish(selection, hide, actor, now)
        for key in current_definitions().tables
        for selection, hide in withheld_together(
            [
                _selection(key, period, closed.size)
                for period in periods
                if not is_published(key, period)
            ],
            respondents,
        )
    ]
    db.session.add_all(made)
    db.session.flush()
    if made:
        facts = {"size": closed.size, "tables": len(made), "root": made[0].root.hex()}
        audit.record(actor, Tag.STATISTICS_PUBLISHED, f"statistics/{month}", now=now, **facts)
        outbox.put(Topic.HEAD, f"statistics/{month}", now=now)
    return made


def is_published(key: str, period: Period) -> bool:
    """Whether that table was given out for that period."""
    known = select(PublishedTable.id).where(
        PublishedTable.table == key, PublishedTable.period == period.key
    )
    return db.session.scalar(known) is not None


def _selection(key: str, period: Period, size: int) -> Selection:
    return select_table(key, period, AsOf(size, period.last))


def _publish(selection: Selection, hide: Withheld, actor: Any, now: datetime) -> PublishedTable:
    made = document(selection, hide)
    period = selection.period
    return PublishedTable(
        table=selection.table.id,
        period=period.key,
        label=made["period"]["label"],
        first=period.first,
        last=period.last,
        size=selection.as_of.size,
        root=bytes.fromhex(made["root"]),
        content=as_json(made),
        published_at=now,
        published_by_id=getattr(actor, "id", None),
    )
