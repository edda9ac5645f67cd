"""Look for what resembles the notices that came in, and keep the pairs for a person to decide."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from marketplace.extensions import db
from marketplace.intake.gathering import CHUNK
from marketplace.intake.lifecycle import State
from marketplace.intake.likeness import Near, Text, near
from marketplace.intake.models import CollectedNotice, CollectedPair
from marketplace.intake.sections import sections_of
from marketplace.intake.words import Words
from marketplace.listings.lifecycle import State as ListingState
from marketplace.listings.models import KINDS, Listing

#: So many of the most alike are shown for one notice.
MOST_PAIRS = 10
#: Listings that are gone do not make a notice a duplicate.
_GONE = (ListingState.WITHDRAWN, ListingState.CLOSED, ListingState.EXPIRED)


def look(words: Words) -> tuple[tuple[int, ...], tuple[Near, ...]]:
    """Compare notices that were not compared yet with everything; reads, computes, writes nothing.

    The ids of the notices that were compared, and their pairs.
    """
    waiting = select(CollectedNotice).where(CollectedNotice.state == State.WAITING)
    fresh = db.session.scalars(
        waiting.where(CollectedNotice.compared_at.is_(None)).order_by(CollectedNotice.id)
    ).all()
    if not fresh:
        return (), ()
    known = db.session.scalars(waiting.where(CollectedNotice.compared_at.is_not(None))).all()
    ids, texts = tuple(row.id for row in fresh), [_text(row, words) for row in fresh]
    others = [*(_text(row, words) for row in known), *_listings()]
    db.session.rollback()
    return ids, near(texts, others)


def keep(ids: Sequence[int], pairs: Sequence[Near], *, now: datetime) -> int:
    """Write the pairs of these notices, the most alike of each; how many there are."""
    counts: dict[str, int] = {}
    rows = []
    for pair in pairs:
        counts[pair.key] = counts.get(pair.key, 0) + 1
        if counts[pair.key] <= MOST_PAIRS:
            notice_id = int(pair.key.split("/")[1])
            facts = {"other": pair.other, "resemblance": pair.resemblance, "found_at": now}
            rows.append(CollectedPair(notice_id=notice_id, **facts))
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        unjudged = CollectedPair.notice_id.in_(part), CollectedPair.verdict.is_(None)
        db.session.execute(delete(CollectedPair).where(*unjudged))
        compared = update(CollectedNotice).where(CollectedNotice.id.in_(part))
        db.session.execute(compared.values(compared_at=now))
    db.session.add_all(rows)
    db.session.flush()
    return len(rows)


def _text(notice: CollectedNotice, words: Words) -> Text:
    same = f"{notice.source}\0{notice.source_key}"
    return Text(notice.key, f"{notice.title}\n{told(notice.text, words)}", same)


def told(text: str, words: Words) -> str:
    """A text without what it says of its writer: every need of one firm introduces the firm alike."""
    for section in sections_of(text, words.sections):
        if section.name in ("basis", "contact", "owner"):
            text = text.replace(section.body, " ")
    return text


def _listings() -> list[Text]:
    texts = []
    for model in KINDS.values():
        rows = db.session.scalars(select(model).where(model.state.not_in(_GONE)))
        texts += [
            Text(row.key, f"{row.title}\n{row.searchable_text()}", _origin(row)) for row in rows
        ]
    return texts


def _origin(listing: Listing) -> str:
    """The notice that a listing was made of: its next version is no duplicate."""
    key = (listing.source_key or "").removeprefix(f"{listing.source}:")
    return f"{listing.source}\0{key}" if listing.source and key else ""
