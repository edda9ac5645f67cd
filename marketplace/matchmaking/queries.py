"""Ranked matches with their listings, and what the typed search finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.listings import queries as listings
from marketplace.listings.models import OTHER, Listing, Result
from marketplace.matchmaking.indexing import current_library, document_of, id_of
from matching import Asks, Document, Hit

Where = Mapping[str, Sequence[str]]
SHOWN = 10
SIMILAR = 4
#: So many of what a typed search finds are ranked; a page says when there may be more.
MOST_FOUND = 1_000


@dataclass(frozen=True)
class Ranked:
    """One match: the listing found, and the hit that says why."""

    listing: Listing
    hit: Hit


@dataclass(frozen=True)
class Matching:
    """The answer to a match: suitable ones, best first, then those below the threshold."""

    ranked: Sequence[Ranked]
    enough_text: bool
    lower: Sequence[Ranked] = ()
    #: What the text says nothing of, where it is one that asks.
    absent: Sequence[str] = ()


def matches_of(listing: Listing, where: Where | None = None, k: int = SHOWN) -> Matching:
    """The other library, ranked for ``listing``; only what is open and good enough."""
    other = OTHER[listing.kind]
    vector = current_library().matchers[listing.kind].vector(listing.key)
    return _matching(document_of(listing), other, where, k, vector)


def matches_of_text(
    text: str, against: str, where: Where | None = None, k: int = SHOWN
) -> Matching:
    """One library, ranked for any text; a first line of several counts as title."""
    title, _, body = text.strip().partition("\n")
    if len(title) > 60 or not body:
        title, body = "", text
    return _matching(Document("", title, body), against, where, k, None)


def similar_to(listing: Listing) -> list[Listing]:
    """Listings of the same library that resemble this one."""
    matcher = current_library().matchers[listing.kind]
    found = matcher.match(
        document_of(listing),
        k=SIMILAR,
        exclude=[listing.key],
        vector=matcher.vector(listing.key),
        asks="neither",
    )
    near = [hit for hit in found.hits if hit.score >= matcher.recipe.threshold]
    return listings.by_ids(listing.kind, [id_of(hit.key) for hit in near])


def search(kind: str, text: str) -> tuple[list[int], bool]:
    """Ids that ``text`` finds, best first; false if none holds all of its words.

    An owner's or a region's name finds what is theirs; other words are looked up in the texts.
    """
    theirs = listings.named(kind, text)
    found = current_library().matchers[kind].search(text, k=MOST_FOUND)
    if theirs and not found.complete:
        return theirs, True
    ids = [id_of(key) for key in found.keys]
    return list(dict.fromkeys([*theirs, *ids])), found.complete


def words_of(text: str) -> list[str]:
    """The words of a typed search, for marking."""
    return current_library().segmenter.words(text)


def _matching(document: Document, kind: str, where: Where | None, k: int, vector) -> Matching:
    library = current_library()
    wanted = {"open": ("yes",), **(where or {})}
    matcher = library.matchers[kind]
    # Needs ask and results offer, whichever of them is looked up.
    asks: Asks = "query" if kind == Result.kind else "document"
    found = matcher.match(document, k=k, where=wanted, vector=vector, asks=asks)
    rows = {row.key: row for row in listings.by_ids(kind, [id_of(hit.key) for hit in found.hits])}
    ranked = [Ranked(rows[hit.key], hit) for hit in found.hits if hit.key in rows]
    suitable = [one for one in ranked if one.hit.score >= matcher.recipe.threshold]
    return Matching(suitable, found.enough_text, ranked[len(suitable) :], found.absent)
