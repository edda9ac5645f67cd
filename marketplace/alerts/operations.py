"""Save and end searches; ask for the digests of a period, and write them down once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert

from marketplace import audit, outbox
from marketplace.accounts.models import User
from marketplace.alerts import queries
from marketplace.alerts.models import Digest, DigestItem, DigestRun, SavedSearch
from marketplace.alerts.news import Line
from marketplace.alerts.periods import period_at
from marketplace.audit import Tag
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.listings.cells import text_of
from marketplace.listings.queries import Conditions
from marketplace.notices.models import Cadence, NoticeKind
from marketplace.notices.operations import tell_each
from marketplace.outbox import Topic
from marketplace.permissions import Permission, require

MOST_SEARCHES = 50
LONGEST_NAME = 100
CADENCES = (Cadence.DAILY, Cadence.WEEKLY)


def save_search(conditions: Conditions, name: str, *, actor: User, now: datetime) -> SavedSearch:
    """Keep the conditions under ``name``; the same ones are found again, an ended one begins anew."""
    fingerprint = _fingerprint(conditions)
    found = queries.same_search(actor.id, fingerprint)
    if found is not None and found.ended_at is None:
        return found
    if len(queries.searches_of(actor.id)) >= MOST_SEARCHES:
        most = MOST_SEARCHES
        raise InvalidInput({"name": [_("最多保存 %(most)d 个搜索，请先停止不需要的", most=most)]})
    if found is None:
        found = SavedSearch(user_id=actor.id, kind=conditions.kind, fingerprint=fingerprint)
        found.text, found.chosen = conditions.text, _plain(conditions)
        db.session.add(found)
    found.name, found.since, found.ended_at = name[:LONGEST_NAME], now, None
    db.session.flush()
    audit.record(actor, Tag.SEARCH_SAVED, found.key, now=now)
    return found


def rename_search(search: SavedSearch, name: str, *, actor: Any, now: datetime) -> None:
    """Call it otherwise."""
    require(actor, Permission.SEE_ADDRESSED, search)
    plain = " ".join(text_of(name).split())
    if not 0 < len(plain) <= LONGEST_NAME:
        raise InvalidInput({"name": [_("名称应为 1 至 %(most)d 个字", most=LONGEST_NAME)]})
    search.name = plain
    audit.record(actor, Tag.SEARCH_RENAMED, search.key, now=now)
    db.session.flush()


def end_search(search: SavedSearch, *, actor: Any, now: datetime) -> None:
    """Nothing more is told of it."""
    require(actor, Permission.SEE_ADDRESSED, search)
    search.ended_at = now
    audit.record(actor, Tag.SEARCH_ENDED, search.key, now=now)
    db.session.flush()


def ask_due(*, now: datetime, cadences: Sequence[Cadence] = CADENCES) -> int:
    """Ask for the digests of the day and the week under way, each once; for how many people.

    A market that slept on Monday morning asks when it wakes.
    """
    return sum(_ask(cadence, period_at(cadence, now), now=now) for cadence in cadences)


def _ask(cadence: Cadence, period: str, *, now: datetime) -> int:
    if queries.was_asked(period):
        return 0
    users = queries.subscribers(cadence)
    db.session.add(DigestRun(period=period, cadence=cadence, asked_at=now, users=len(users)))
    db.session.flush()
    outbox.put_many(Topic.DIGEST, [f"{period}/{user_id}" for user_id in users], now=now)
    return len(users)


def write_digests(period: str, news: Mapping[int, Sequence[Line]], *, now: datetime) -> int:
    """Write a digest for each of these people who has none for the period, and tell them."""
    missing = queries.without_digest(period, news.keys())
    if not missing:
        return 0
    rows = [{"user_id": i, "period": period, "composed_at": now} for i in sorted(missing)]
    made = db.session.execute(insert(Digest).returning(Digest.id, Digest.user_id), rows)
    numbers = {user_id: number for number, user_id in made}
    db.session.execute(
        insert(DigestItem),
        [
            {
                "user_id": user_id,
                "subscription": line.subscription,
                "listing": line.listing,
                "digest_id": number,
                "position": position,
            }
            for user_id, number in numbers.items()
            for position, line in enumerate(news[user_id])
        ],
    )
    said = {
        user_id: (f"digest/{number}", {"period": period, "count": len(news[user_id])})
        for user_id, number in numbers.items()
    }
    tell_each(said, NoticeKind.DIGEST, once=f"digest/{period}", now=now)
    return len(numbers)


def _plain(conditions: Conditions) -> dict[str, list[str]]:
    return {facet: sorted(values) for facet, values in sorted(conditions.chosen.items()) if values}


def _fingerprint(conditions: Conditions) -> str:
    parts = [conditions.kind, conditions.text, _plain(conditions)]
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
