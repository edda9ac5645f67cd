"""Write a refusal down once an hour for each address, and so many an hour for each person.

Guessing ids must leave a trace, and must not turn reads into a storm of writes: the same refusal
again within the hour is known already, and above the bound the trace is long enough.
"""

from datetime import datetime, timedelta
from typing import Any

from marketplace import audit
from marketplace.audit import Tag

WINDOW = timedelta(hours=1)
MOST_IN_WINDOW = 200


def is_news(actor: Any, subject: str, method: str, *, now: datetime) -> bool:
    """Whether this refusal says what the last hour's do not say yet; reads alone."""
    recent = audit.entries_by(actor, Tag.ACCESS_REFUSED, since=now - WINDOW)
    known = {(entry.subject, entry.facts["method"]) for entry in recent}
    return len(recent) < MOST_IN_WINDOW and (subject, method) not in known


def note_refusal(actor: Any, subject: str, method: str, *, now: datetime) -> None:
    """Record that ``actor`` was refused ``method`` of the address ``subject``."""
    audit.record(actor, Tag.ACCESS_REFUSED, subject, now=now, method=method)
