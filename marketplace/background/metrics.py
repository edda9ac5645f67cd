"""The figures of an installation in the text form that Prometheus reads.

They are read from the store when they are asked for, so every process gives the same answer and
none has to be the one that counts.
"""

from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from marketplace import leases, outbox
from marketplace.ledger import queries as ledger
from marketplace.listings import queries as listings


def exposition(*, now: datetime) -> bytes:
    """The present figures: what waits by topic, who works, and how much there is."""
    registry = CollectorRegistry()
    _add_backlogs(registry, now)
    held = Gauge("shuangku_lease_seconds", "Time left to a holder", ["name"], registry=registry)
    for lease in leases.held():
        held.labels(lease.name).set((lease.until - now) / timedelta(seconds=1))
    public = Gauge("shuangku_listings_public", "Public listings", ["kind"], registry=registry)
    for kind, count in listings.count_public().items():
        public.labels(kind).set(count)
    Gauge("shuangku_ledger_entries", "Entries of the ledger", registry=registry).set(ledger.size())
    return generate_latest(registry)


def _add_backlogs(registry: CollectorRegistry, now: datetime) -> None:
    gauges = {
        name: Gauge(f"shuangku_outbox_{name}", text, ["topic"], registry=registry)
        for name, text in (
            ("rows", "Rows that wait"),
            ("oldest_seconds", "Age of the oldest row"),
            ("failed", "Rows that failed at least once"),
        )
    }
    for backlog in outbox.backlogs(now=now):
        gauges["rows"].labels(backlog.topic.value).set(backlog.rows)
        gauges["oldest_seconds"].labels(backlog.topic.value).set(backlog.oldest.total_seconds())
        gauges["failed"].labels(backlog.topic.value).set(backlog.failed)
