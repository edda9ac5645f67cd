"""Whose searches, who is due a digest, and what a digest says today."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from marketplace.accounts.models import User
from marketplace.alerts.models import Digest, DigestItem, DigestRun, SavedSearch
from marketplace.errors import NotFound
from marketplace.extensions import db
from marketplace.listings import queries as listings
from marketplace.listings.lifecycle import OPEN
from marketplace.listings.models import KINDS, Listing
from marketplace.notices.models import USUAL_CADENCE, Cadence, MailPreference
from marketplace.permissions import Permission, permits

LARGEST_ID = 2**31 - 1
#: So many values go into one statement.
PART = 5_000


@dataclass(frozen=True)
class Told:
    """What a digest says under one subscription: its name, and the listings that are still public."""

    heading: str
    is_own: bool
    listings: Sequence[Listing]


def searches_of(user_id: int) -> Sequence[SavedSearch]:
    """One person's saved searches, the latest first."""
    own = select(SavedSearch).where(SavedSearch.user_id == user_id, SavedSearch.ended_at.is_(None))
    return db.session.scalars(own.order_by(SavedSearch.id.desc())).all()


def search(search_id: int, user: Any) -> SavedSearch:
    """The saved search, if it is the user's own and stands; else NotFound."""
    found = db.session.get(SavedSearch, search_id) if search_id <= LARGEST_ID else None
    gone = found is None or found.ended_at is not None
    if found is None or gone or not permits(user, Permission.SEE_ADDRESSED, found):
        raise NotFound(_("没有找到这个保存的搜索"))
    return found


def same_search(user_id: int, fingerprint: str) -> SavedSearch | None:
    """The search with these conditions that a person has, or once had."""
    same = (SavedSearch.user_id == user_id, SavedSearch.fingerprint == fingerprint)
    return db.session.scalar(select(SavedSearch).where(*same))


def was_asked(period: str) -> bool:
    """Whether the digests of a period were asked for."""
    return db.session.get(DigestRun, period) is not None


def subscribers(cadence: Cadence) -> list[int]:
    """Whoever wants a digest so often and has a saved search, or whose organisation has open
    listings."""
    chosen = func.coalesce(MailPreference.cadence, USUAL_CADENCE.value) == cadence.value
    searching = select(SavedSearch.user_id).where(SavedSearch.ended_at.is_(None))
    owning = [select(m.organization_id).where(m.state.in_(OPEN)) for m in KINDS.values()]
    has_any = or_(User.id.in_(searching), *(User.organization_id.in_(owner) for owner in owning))
    asked = select(User.id).outerjoin(MailPreference, MailPreference.user_id == User.id)
    return list(db.session.scalars(asked.where(chosen, has_any).order_by(User.id)))


def without_digest(period: str, user_ids: Collection[int]) -> set[int]:
    """Those among ``user_ids`` for whom none was composed, and who still want one."""
    made = select(Digest.user_id).where(Digest.period == period, Digest.user_id.in_(user_ids))
    stopped = select(MailPreference.user_id).where(
        MailPreference.user_id.in_(user_ids), MailPreference.cadence == Cadence.NONE
    )
    return set(user_ids) - set(db.session.scalars(made)) - set(db.session.scalars(stopped))


def told(user_ids: Collection[int], keys: Sequence[str]) -> set[tuple[int, str, str]]:
    """``(user, subscription, listing)`` of what these people were told of these listings."""
    columns = (DigestItem.user_id, DigestItem.subscription, DigestItem.listing)
    theirs = select(*columns).where(DigestItem.user_id.in_(user_ids))
    parts = (keys[start : start + PART] for start in range(0, len(keys), PART))
    rows = (db.session.execute(theirs.where(DigestItem.listing.in_(part))) for part in parts)
    return {(user_id, name, key) for part in rows for user_id, name, key in part}


def digest(digest_id: int, user: Any) -> Digest:
    """The digest, if it is the user's own; else NotFound."""
    found = db.session.get(Digest, digest_id) if digest_id <= LARGEST_ID else None
    if found is None or not permits(user, Permission.SEE_ADDRESSED, found):
        raise NotFound(_("没有找到这份汇总"))
    return found


def contents(digest_ids: Collection[int]) -> dict[int, list[Told]]:
    """What each digest says now: a listing that is not public any more is not in it."""
    asked = select(DigestItem).where(DigestItem.digest_id.in_(digest_ids))
    items = db.session.scalars(asked.order_by(DigestItem.digest_id, DigestItem.position)).all()
    keys = {item.listing for item in items} | {item.subscription for item in items}
    public = _public(keys)
    names = _names(keys)
    grouped: dict[int, dict[str, list[Listing]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if item.listing in public and (item.subscription in public or item.subscription in names):
            grouped[item.digest_id][item.subscription].append(public[item.listing])
    return {
        number: [
            Told(names[key] if key in names else public[key].title, key in public, rows)
            for key, rows in found.items()
        ]
        for number, found in grouped.items()
    }


def _public(keys: Iterable[str]) -> dict[str, Listing]:
    ids = _ids_by_kind(keys)
    return {row.key: row for kind in KINDS for row in listings.by_ids(kind, ids[kind])}


def _names(keys: Iterable[str]) -> dict[str, str]:
    ids = _ids_by_kind(keys)["search"]
    rows = db.session.execute(
        select(SavedSearch.id, SavedSearch.name).where(SavedSearch.id.in_(ids))
    )
    return {f"search/{number}": name for number, name in rows}


def _ids_by_kind(keys: Iterable[str]) -> Mapping[str, list[int]]:
    ids: dict[str, list[int]] = defaultdict(list)
    for key in keys:
        kind, _slash, number = key.partition("/")
        ids[kind].append(int(number))
    return ids
