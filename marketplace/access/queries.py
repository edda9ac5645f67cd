"""Who was refused what, for the operator; no writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from marketplace import audit
from marketplace.accounts.models import User
from marketplace.audit import Tag
from marketplace.extensions import db
from marketplace.paging import Page

#: So long back is counted how often somebody was refused.
COUNTED = timedelta(days=30)


@dataclass(frozen=True)
class Refusal:
    """One refusal: who asked, for what, when, and how many refusals that person has had lately."""

    who: User | None
    method: str
    address: str
    at: datetime
    times: int


def refusals(number: int, *, now: datetime) -> tuple[Page, Sequence[Refusal]]:
    """A page of refusals, the latest first."""
    page = audit.page_of(Tag.ACCESS_REFUSED, number)
    ids = {entry.actor_id for entry in page.items if entry.actor_id is not None}
    people = {one.id: one for one in db.session.scalars(select(User).where(User.id.in_(ids)))}
    times = audit.counts_by_actor(Tag.ACCESS_REFUSED, ids, since=now - COUNTED)
    return page, [
        Refusal(
            people.get(entry.actor_id or 0),
            entry.facts["method"],
            entry.subject,
            entry.at,
            times.get(entry.actor_id or 0, 0),
        )
        for entry in page.items
    ]
