"""Remember which pairs were shown, before the lists that say so are forgotten."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import func, insert, select, tuple_

from marketplace.extensions import db
from marketplace.funnel.models import Channel, ShownPair
from marketplace.listings.models import Need, Result
from marketplace.matchmaking.indexing import id_of
from marketplace.matchmaking.models import Match, PushRun, ShownList
from matching.shown import Listed

Pair = tuple[int, int]
BATCH = 500


def remember_shown() -> int:
    """Keep every pair of the lists that came since the last time; how many were new."""
    return _keep(Channel.PUSH, _pushed()) + _keep(Channel.LIST, _listed())


def _since(channel: Channel) -> datetime | None:
    latest = select(func.max(ShownPair.first_at)).where(ShownPair.channel == channel)
    return db.session.scalar(latest)


def _pushed() -> Iterator[tuple[Pair, datetime]]:
    since = _since(Channel.PUSH)
    made = select(Match.need_id, Match.result_id, PushRun.made_at).join(PushRun)
    if since is not None:
        made = made.where(PushRun.made_at >= since)
    for need_id, result_id, at in db.session.execute(made.order_by(PushRun.made_at)):
        yield (need_id, result_id), at


def _listed() -> Iterator[tuple[Pair, datetime]]:
    """Pairs of the lists under a listing; a list for somebody's own words has but one side."""
    since = _since(Channel.LIST)
    shown = select(ShownList.subject, ShownList.body, ShownList.first_shown_at).where(
        ShownList.subject != "text"
    )
    if since is not None:
        shown = shown.where(ShownList.first_shown_at >= since)
    for subject, body, at in db.session.execute(shown.order_by(ShownList.first_shown_at)):
        for entry in Listed.from_bytes(body.encode()).entries:
            pair = pair_of(subject, entry.key)
            if pair is not None:
                yield pair, at


def pair_of(one: str, other: str) -> Pair | None:
    """``(need, result)`` of two keys; ``None`` where both are of one library."""
    keys = {key.partition("/")[0]: id_of(key) for key in (one, other)}
    if keys.keys() != {Need.kind, Result.kind}:
        return None
    return keys[Need.kind], keys[Result.kind]


def _keep(channel: Channel, shown: Iterable[tuple[Pair, datetime]]) -> int:
    first: dict[Pair, datetime] = {}
    for pair, at in shown:
        first.setdefault(pair, at)
    pairs = sorted(first)
    fresh = [
        pair for i in range(0, len(pairs), BATCH) for pair in _new(channel, pairs[i : i + BATCH])
    ]
    rows = [
        {"need_id": need, "result_id": result, "channel": channel, "first_at": first[need, result]}
        for need, result in fresh
    ]
    if rows:
        db.session.execute(insert(ShownPair), rows)
    return len(rows)


def _new(channel: Channel, pairs: list[Pair]) -> list[Pair]:
    """Those of ``pairs`` that are not known and whose listings still exist."""
    key = tuple_(ShownPair.need_id, ShownPair.result_id)
    kept = select(ShownPair.need_id, ShownPair.result_id)
    known = {
        (need, result)
        for need, result in db.session.execute(
            kept.where(ShownPair.channel == channel, key.in_(pairs))
        )
    }
    needs = set(db.session.scalars(select(Need.id).where(Need.id.in_({n for n, _ in pairs}))))
    results = set(db.session.scalars(select(Result.id).where(Result.id.in_({r for _, r in pairs}))))
    return [p for p in pairs if p not in known and p[0] in needs and p[1] in results]
