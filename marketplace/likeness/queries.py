"""Pairs for the operator, with their difference, and the groups of shared needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from marketplace.errors import NotFound
from marketplace.extensions import db
from marketplace.likeness.models import CommonNeed, LikePair
from marketplace.listings import queries as listings
from marketplace.listings.lifecycle import PUBLIC
from marketplace.listings.models import KINDS, Listing, Need
from matching.text import split_sentences

PAIRS_SHOWN = 100
LEAST_OWNERS = 2


@dataclass(frozen=True)
class Piece:
    """A sentence of one side, and whether the other side has it too."""

    text: str
    shared: bool


@dataclass(frozen=True)
class Compared:
    """A pair beside each other: both listings, and where their texts differ."""

    pair: LikePair
    first: Listing
    second: Listing
    first_text: Sequence[Piece]
    second_text: Sequence[Piece]

    @property
    def same_owner(self) -> bool:
        """Whether one organisation wrote both."""
        return self.first.organization_id == self.second.organization_id

    @property
    def changed_since(self) -> bool:
        """Whether a text is no longer the one that was compared or judged."""
        pair = self.pair
        now = (self.first.revision, self.second.revision)
        return now != (pair.first_revision, pair.second_revision)


@dataclass(frozen=True)
class Group:
    """Needs that share a problem; ``owners`` counts their organisations."""

    lead: int
    needs: Sequence[Listing]

    @property
    def owners(self) -> int:
        """How many organisations have this problem."""
        return len({need.organization_id for need in self.needs})


def waiting() -> list[Compared]:
    """Pairs without a verdict, the most alike first; those no longer public are left out."""
    undecided = select(LikePair).where(LikePair.verdict.is_(None))
    ordered = undecided.order_by(LikePair.resemblance.desc(), LikePair.id)
    return _compared(db.session.scalars(ordered.limit(PAIRS_SHOWN)).all())


def judged() -> list[Compared]:
    """Pairs with a verdict, the latest first."""
    decided = select(LikePair).where(LikePair.verdict.is_not(None))
    ordered = decided.order_by(LikePair.decided_at.desc(), LikePair.id.desc())
    return _compared(db.session.scalars(ordered.limit(PAIRS_SHOWN)).all())


def count_waiting() -> int:
    """How many pairs have no verdict."""
    undecided = select(func.count()).select_from(LikePair).where(LikePair.verdict.is_(None))
    return db.session.scalar(undecided) or 0


def load_pair(pair_id: int) -> LikePair:
    """The pair of that number; else NotFound."""
    pair = db.session.get(LikePair, pair_id) if pair_id <= listings.LARGEST_ID else None
    if pair is None:
        raise NotFound(_("这一对已不在待判之列，请刷新页面"))
    return pair


def _compared(pairs: Sequence[LikePair]) -> list[Compared]:
    rows: dict[str, dict[int, Listing]] = {}
    for kind in KINDS:
        ids = {i for pair in pairs if pair.kind == kind for i in (pair.first_id, pair.second_id)}
        rows[kind] = {row.id: row for row in listings.by_ids(kind, sorted(ids))}
    return [
        _beside(pair, rows[pair.kind][pair.first_id], rows[pair.kind][pair.second_id])
        for pair in pairs
        if {pair.first_id, pair.second_id} <= rows[pair.kind].keys()
    ]


def _beside(pair: LikePair, first: Listing, second: Listing) -> Compared:
    return Compared(pair, first, second, *differences(_text(first), _text(second)))


def _text(listing: Listing) -> str:
    return f"{listing.title}\n{listing.searchable_text()}"


def differences(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts sentence by sentence; a sentence that both have, in whatever order, is shared."""
    pieces = [[text[a:b] for a, b in split_sentences(text)] for text in (one, other)]
    held = [{_bare(piece) for piece in side} for side in pieces]
    first, second = (
        [Piece(piece, _bare(piece) in held[1 - side]) for piece in pieces[side]] for side in (0, 1)
    )
    return first, second


def _bare(sentence: str) -> str:
    """The sentence without punctuation; a changed number is a difference."""
    return "".join(character for character in sentence if character.isalnum())


def groups(most: int = 100) -> list[Group]:
    """Problems of two organisations or more, those of most organisations first."""
    rows = db.session.execute(
        select(CommonNeed.lead_id, Need)
        .join(Need, Need.id == CommonNeed.need_id)
        .where(Need.state.in_(PUBLIC))
        .order_by(CommonNeed.lead_id, Need.id)
    )
    found: dict[int, list[Listing]] = {}
    for lead, need in rows:
        found.setdefault(lead, []).append(need)
    shared = [Group(lead, needs) for lead, needs in found.items()]
    shared = [group for group in shared if group.owners >= LEAST_OWNERS]
    return sorted(shared, key=lambda group: (-group.owners, -len(group.needs), group.lead))[:most]


def group_of(listing: Listing) -> Group | None:
    """The group that a need belongs to, if two organisations or more share its problem."""
    if not isinstance(listing, Need):
        return None
    lead = select(CommonNeed.lead_id).where(CommonNeed.need_id == listing.id)
    fellows = (
        select(Need)
        .join(CommonNeed, Need.id == CommonNeed.need_id)
        .where(CommonNeed.lead_id == lead.scalar_subquery(), Need.state.in_(PUBLIC))
        .order_by(Need.id)
    )
    needs = db.session.scalars(fellows).all()
    group = Group(min((need.id for need in needs), default=0), needs)
    return group if group.owners >= LEAST_OWNERS else None
